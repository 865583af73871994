"""Fill a vCenter through its own API, as pyVmomi's users do: the same on every peer."""

from __future__ import annotations

import ssl
import time

from pyVim.connect import Connect, Disconnect
from pyVmomi import SoapAdapter, vim

NEWEST = "vim.version.v8_0_3_0"
VMW = vim.dvs.VmwareDistributedVirtualSwitch
GROUPS = {"AVI_FRONTEND_3025": 3025, "REGIONB_VMS_3024": 3024, "REGIONB_MGMT_3020": 3020, "untagged": 0}


def connect(peer, user=None, password=None, version="vim.version.version11"):
    trust = ssl.create_default_context(cafile=str(peer.ca_file))
    # Not SmartConnect: it leaves the connection of its version probe open, which is a warning here.
    return Connect(
        host=peer.address,
        port=peer.port,
        user=user or peer.user,
        pwd=password or peer.password,
        version=version,
        sslContext=trust,
    )


def same_session(stub):
    """Another connection in the same session, for calls while the first one waits."""
    host, _, port = stub.host.rpartition(":")
    other = SoapAdapter.SoapStubAdapter(
        host=host, port=int(port), path="/sdk", version=stub.version, sslContext=stub.schemeArgs["context"]
    )
    other.cookie = stub.cookie
    return other


def wait(task):
    """Poll: pyVim's own WaitForTask races with some servers."""
    for _ in range(200):
        info = task.info
        if info.state == "success":
            return info.result
        if info.state == "error":
            raise info.error
        time.sleep(0.02)
    raise TimeoutError


def disconnect(si):
    Disconnect(si)
    si._stub.DropConnections()


def switch(content):
    return next(
        e
        for e in datacenter(content).networkFolder.childEntity
        if isinstance(e, vim.DistributedVirtualSwitch)
    )


def datacenter(content):
    return content.searchIndex.FindByInventoryPath("DC0")


def group_spec(name, vlan):
    config = VMW.VmwarePortConfigPolicy(vlan=vlan)
    return vim.dvs.DistributedVirtualPortgroup.ConfigSpec(
        name=name, type="earlyBinding", numPorts=8, defaultPortConfig=config
    )


def vlan_id(number):
    return VMW.VlanIdSpec(inherited=False, vlanId=number)


def trunk(*ranges):
    return VMW.TrunkVlanSpec(inherited=False, vlanId=[vim.NumericRange(start=a, end=b) for a, b in ranges])


def groups_by_name(content):
    return {e.name: e for e in datacenter(content).networkFolder.childEntity if isinstance(e, vim.Network)}


def edit(group, vlan=None, **members):
    """Reconfigure a distributed port group from what it is now; `vlan` is a number."""
    if vlan is not None:
        members["defaultPortConfig"] = VMW.VmwarePortConfigPolicy(vlan=vlan_id(vlan))
    spec = vim.dvs.DistributedVirtualPortgroup.ConfigSpec(configVersion=group.config.configVersion, **members)
    wait(group.ReconfigureDVPortgroup_Task(spec))


def card(group, switch_uuid=""):
    backing = vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo(
        port=vim.dvs.PortConnection(portgroupKey=group.key, switchUuid=switch_uuid)
    )
    device = vim.vm.device.VirtualVmxnet3(key=-1, backing=backing)
    return vim.vm.device.VirtualDeviceSpec(operation="add", device=device)


def standard_card(name):
    backing = vim.vm.device.VirtualEthernetCard.NetworkBackingInfo(deviceName=name)
    return vim.vm.device.VirtualDeviceSpec(
        operation="add", device=vim.vm.device.VirtualE1000(key=-1, backing=backing)
    )


def vm_spec(name, cards, cpus=2, memory=4096, disk=20):
    scsi = vim.vm.device.VirtualDeviceSpec(
        operation="add",
        device=vim.vm.device.ParaVirtualSCSIController(key=-101, busNumber=0, sharedBus="noSharing"),
    )
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
        diskMode="persistent", thinProvisioned=True, fileName=""
    )
    made = vim.vm.device.VirtualDeviceSpec(
        operation="add",
        fileOperation="create",
        device=vim.vm.device.VirtualDisk(
            key=-102, controllerKey=-101, unitNumber=0, capacityInKB=disk << 20, backing=backing
        ),
    )
    return vim.vm.ConfigSpec(
        name=name,
        numCPUs=cpus,
        memoryMB=memory,
        guestId="otherGuest64",
        files=vim.vm.FileInfo(vmPathName="[LocalDS_0]"),
        deviceChange=[scsi, made, *cards],
    )


def cluster(content):
    return next(
        e for e in datacenter(content).hostFolder.childEntity if isinstance(e, vim.ClusterComputeResource)
    )


def pool(content):
    return cluster(content).resourcePool


def seed(content):
    """Folders, port groups of every kind, and machines."""
    dvs, uuid = switch(content), switch(content).uuid
    specs = [group_spec(name, vlan_id(number)) for name, number in GROUPS.items()]
    specs += [group_spec("trunk", trunk((100, 199), (3000, 3000))), group_spec("odd/name", vlan_id(7))]
    wait(dvs.AddDVPortgroup_Task(specs))
    host = cluster(content).host[0]
    host.configManager.networkSystem.AddPortGroup(
        vim.host.PortGroup.Specification(
            name="STANDARD_77", vlanId=77, vswitchName="vSwitch0", policy=vim.host.NetworkPolicy()
        )
    )
    root = datacenter(content).vmFolder
    avi = root.CreateFolder("AVI K8S")
    zone = avi.CreateFolder("Site1 AZ1")
    avi.CreateFolder("Site1 AZ2")
    groups = groups_by_name(content)
    cards = [card(groups[name], uuid) for name in ("REGIONB_MGMT_3020", "AVI_FRONTEND_3025")]
    engine = wait(zone.CreateVM_Task(vm_spec("dns-se-abcde", cards), pool(content)))
    wait(engine.PowerOn())
    wait(avi.CreateVM_Task(vm_spec("avi-controller-1", cards[:1], 8, 24576, 128), pool(content)))
    wait(root.CreateVM_Task(vm_spec("on-standard", [standard_card("STANDARD_77")]), pool(content), host))
