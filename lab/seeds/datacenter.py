"""vCenter of the blog's site: datacenter REGIONB, its port groups, hosts and virtual machines."""

from __future__ import annotations

from lab.datacenter.inventory import Inventory
from lab.datacenter.model import Datacenter, Host, PortGroup, VmSize

DATACENTER = "REGIONB"
CONTROLLER = "10.10.20.10"
"""The Controller's address."""

BLOG = {
    "REGIONB_MGMT_3020": 3020,
    "REGIONB_VMS_3023": 3023,
    "REGIONB_VMS_3024": 3024,
    "AVI_FRONTEND_3025": 3025,
    "AVI_FRONTEND_3026": 3026,
}
"""The port groups of the blog and their VLAN ids."""

OTHERS = {
    "REGIONB_VMOTION_3010": 3010,
    "REGIONB_VSAN_3011": 3011,
    "REGIONB_NFS_3012": 3012,
    "REGIONB_BACKUP_3013": 3013,
    "REGIONB_OOB_3014": 3014,
    "NSX_EDGE_UPLINK1_3031": 3031,
    "NSX_EDGE_UPLINK2_3032": 3032,
    "NSX_HOST_TEP_3033": 3033,
    "NSX_EDGE_TEP_3034": 3034,
    **{f"DEV_WEB_{vlan}": vlan for vlan in range(3101, 3107)},
    **{f"DEV_APP_{vlan}": vlan for vlan in range(3111, 3117)},
    **{f"DEV_DB_{vlan}": vlan for vlan in range(3121, 3127)},
}
"""Port groups that have nothing to do with the load balancer: with the blog's, more than one page of 25."""

ACCOUNT = "svc-avi@vsphere.local"
"""With which the Controller works in vCenter."""

PRIVILEGES = frozenset(
    {
        "Datastore.AllocateSpace",
        "Datastore.DeleteFile",
        "Folder.Create",
        "Network.Assign",
        "Network.Delete",
        "Resource.AssignVMToPool",
        "Task.Create",
        "Task.Update",
        *(f"VApp.{name}" for name in ["AssignVM", "Create", "Delete", "Import", "PowerOff", "PowerOn"]),
        *(
            f"VirtualMachine.Config.{name}"
            for name in [
                "AddExistingDisk",
                "AddNewDisk",
                "AddRemoveDevice",
                "AdvancedConfig",
                "CPUCount",
                "EditDevice",
                "Memory",
                "RemoveDisk",
                "Rename",
                "Resource",
                "Settings",
            ]
        ),
        *(f"VirtualMachine.Interact.{name}" for name in ["DeviceConnection", "PowerOff", "PowerOn", "Reset"]),
        *(
            f"VirtualMachine.Inventory.{name}"
            for name in ["Create", "CreateFromExisting", "Delete", "Move", "Register"]
        ),
        "VirtualMachine.Provisioning.DeployTemplate",
        "VirtualMachine.Provisioning.ModifyCustSpecs",
    }
)
"""What the role AviRole gives it [DOC]."""

MACHINES = (
    # name, folder, size, ((port group, address) ...)
    ("vcenter", "Infrastructure", VmSize(4, 19456, 579), (("REGIONB_MGMT_3020", "10.10.20.5/24"),)),
    (
        "avi-controller-1",
        "Infrastructure",
        VmSize(8, 24576, 128),
        (("REGIONB_MGMT_3020", f"{CONTROLLER}/24"),),
    ),
    ("k8sopsbox", "Infrastructure", VmSize(2, 4096, 40), (("REGIONB_VMS_3024", "10.10.24.9/24"),)),
    ("s1az1-k8s-master", "K8S/Site1 AZ1", VmSize(4, 8192, 60), (("REGIONB_VMS_3024", "10.10.24.160/24"),)),
    ("s1az1-k8s-worker1", "K8S/Site1 AZ1", VmSize(4, 8192, 60), (("REGIONB_VMS_3024", "10.10.24.161/24"),)),
    ("s1az1-k8s-worker2", "K8S/Site1 AZ1", VmSize(4, 8192, 60), (("REGIONB_VMS_3024", "10.10.24.162/24"),)),
    ("s1az2-k8s-master", "K8S/Site1 AZ2", VmSize(4, 8192, 60), (("REGIONB_VMS_3023", "10.10.23.160/24"),)),
    ("s1az2-k8s-worker1", "K8S/Site1 AZ2", VmSize(4, 8192, 60), (("REGIONB_VMS_3023", "10.10.23.161/24"),)),
    ("s1az2-k8s-worker2", "K8S/Site1 AZ2", VmSize(4, 8192, 60), (("REGIONB_VMS_3023", "10.10.23.162/24"),)),
)


def build() -> Inventory:
    """The vCenter before the Controller has touched it."""
    model = Inventory(address="vcenter.iberia.local")
    datacenter = model.add_datacenter(DATACENTER)
    cluster = model.add_cluster(datacenter, "REGIONB-COMPUTE")
    hosts = [model.add_host(cluster, f"esxi{n}.iberia.local") for n in (1, 2, 3)]
    model.add_datastore(datacenter, "vsanDatastore", 12000)
    switch = model.add_switch(datacenter, "REGIONB-VDS")
    for name, vlan in {**BLOG, **OTHERS}.items():
        model.add_portgroup(switch, name, vlan)
    _machines(model, datacenter, hosts)
    for folder in ("Site1 AZ1", "Site1 AZ2"):
        model.vm_folder(datacenter, f"AVI K8S/{folder}")
    model.accounts[ACCOUNT] = "never-shown"
    model.allow(ACCOUNT, PRIVILEGES, role="AviRole")
    return model


def _machines(model: Inventory, datacenter: Datacenter, hosts: list[Host]) -> None:
    groups = {group.name: group.moid for group in model.of(PortGroup)}
    for place, (name, folder, size, nics) in enumerate(MACHINES):
        vm = model.add_vm(name, model.vm_folder(datacenter, folder), hosts[place % len(hosts)], size)
        for group, address in nics:
            model.add_nic(vm, groups[group], address)
