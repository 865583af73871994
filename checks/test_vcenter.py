"""Prerequisite: vCenter, its port groups and folders, the Controller's machines and account."""

from intent import (
    Cloud,
    ControllerVm,
    Drift,
    Drifted,
    PortGroup,
    Vcenter,
    VcenterAccount,
    VmFolder,
    require,
    require_once,
)
from intent.words import roughly
from live.avi.clock import ClockOffset
from live.avi.snapshot import Live
from live.facts import placement
from live.vcenter.inventory import Inventory, Vsphere


def test_datacenter(vcenter: Vcenter, inventory: Inventory) -> None:
    """The datacenter of {vcenter} exists.

    Where: Datacenter.name
    Severity: blocker
    Why: port groups, folders and Service Engines are looked for in this datacenter and in no other.
    Do: compare vcenter.datacenter with vCenter, and see whether this run's account may view the datacenter.
    """
    shown = ", ".join(sorted(inventory.datacenters)) or "none"
    assert inventory.shows(vcenter.datacenter), (
        f"vCenter shows {inventory.user} no datacenter {vcenter.datacenter} (it shows: {shown})"
    )


def test_clock(vcenter: Vcenter, inventory: Inventory) -> None:
    """The clock of {vcenter} agrees with this machine's.

    Where: ServiceInstance.CurrentTime
    Why: certificates, sessions and logs of both planes are compared by time.
    Do: set NTP on vCenter and on this machine.
    """
    assert abs(inventory.skew) - inventory.slack <= vcenter.max_skew, (
        f"vCenter's clock is {roughly(inventory.skew)} s from this machine's"
    )


def test_controller_clock(vcenter: Vcenter, inventory: Inventory, controller_time: ClockOffset) -> None:
    """The clocks of the Controller and of {vcenter} agree.

    Where: the Date of the Controller's answers, ServiceInstance.CurrentTime
    Why: certificates, sessions and logs of both planes are compared by time.
    Do: set the same NTP servers under Administration > Settings > DNS/NTP and on vCenter.
    """
    apart = controller_time.skew - inventory.skew
    slack = controller_time.slack + inventory.slack
    assert abs(apart) - slack <= vcenter.max_skew, (
        f"the Controller's clock is {roughly(apart)} s from vCenter's "
        f"(the Controller is {roughly(controller_time.skew)} s, vCenter {roughly(inventory.skew)} s from this machine)"
    )


def test_cloud_datacenter(cloud: Cloud, vcenter: Vcenter, live: Live, inventory: Inventory) -> None:
    """The datacenter that {cloud} is bound to exists in vCenter.

    Field: vcenter
    Reads: cloud
    Severity: blocker
    Why: the Controller discovers nothing from a datacenter that is gone or was renamed.
    Do: compare the cloud's datacenter with vCenter; a bound cloud cannot be bound to another one.
    """
    bound = placement.datacenter_name(live, cloud)
    assert inventory.shows(bound), f"the Controller is bound to {bound}, which vCenter does not show"


def test_management_port_group(cloud: Cloud, vcenter: Vcenter, live: Live, vsphere: Vsphere) -> None:
    """The management network of {cloud} is its port group in vCenter.

    Field: management
    Reads: cloud
    Severity: blocker
    Why: Service Engines get their management vNIC there; without it none can report to the Controller.
    Do: choose the management network in the cloud anew once its port group is back in vCenter.
    """
    moid = placement.management_moid(live, cloud)
    group = vsphere.group(moid)
    wanted = cloud.management.network if cloud.management else None
    assert group is not None, f"the Controller's management network is {moid}, which vCenter does not have"
    assert wanted in (None, group.name), f"the Controller's management network is {group.name} in vCenter"


def test_port_group_exists(port_group: PortGroup, vsphere: Vsphere) -> None:
    """Port group {port_group} exists exactly once in the datacenter.

    Where: Network.name
    Severity: blocker
    Why: the Controller finds networks by name; with none there is no network, with two the wrong one may be taken.
    Do: create the port group in vCenter, or rename the other one.
    """
    require_once(port_group, vsphere.found(port_group))


def test_vlan(port_group: PortGroup, vsphere: Vsphere) -> None:
    """Port group {port_group} has its VLAN.

    Field: vlan
    Where: DistributedVirtualPortgroup.config.defaultPortConfig.vlan
    Severity: critical
    Why: on another VLAN the Service Engines reach neither their gateway nor the cluster.
    Do: edit the port group's VLAN in vCenter; every VM on it is moved at once.
    """
    require(port_group, vsphere[port_group], "vlan")


def test_switch(port_group: PortGroup, vsphere: Vsphere) -> None:
    """Port group {port_group} is on the declared kind of switch.

    Field: switch
    Where: Network
    Why: a standard port group is there only on hosts that have it; Service Engines on others cannot be plugged.
    Do: create the port group on a switch of the declared kind.
    """
    require(port_group, vsphere[port_group], "switch")


def test_discovered(port_group: PortGroup, live: Live, vsphere: Vsphere) -> None:
    """The Controller's network {port_group} is this very port group.

    Reads: network, vrfcontext, cloud
    Severity: critical
    Why: a port group that was made anew bears the old name and is another object; the Controller's is then a ghost.
    Do: remove the Controller's network that has lost its port group, and let it discover the new one.
    """
    there, known = vsphere.raw(port_group).moid, placement.discovered_from(live, port_group)
    assert any(known), (
        f"the Controller's network is a ghost that has lost its port group; vCenter's is {there}"
    )
    assert there in known, f"the Controller's network is port group {', '.join(known)}; vCenter's is {there}"


def test_folder(folder: VmFolder, vsphere: Vsphere) -> None:
    """VM folder {folder} exists.

    Where: Folder
    Severity: critical
    Why: the Controller puts its Service Engines there, and permissions follow the folder.
    Do: create the folder in vCenter under VMs and Templates.
    """
    require_once(folder, vsphere.found(folder))


def test_controller_vm(machine: ControllerVm, vsphere: Vsphere) -> None:
    """Controller VM {machine} is there and powered on.

    Where: VirtualMachine.runtime.powerState
    Severity: critical
    Why: a cluster with a node that is off has lost its redundancy.
    Do: power the VM on, or correct vcenter.controllers.
    """
    require_once(machine, vsphere.found(machine))
    if not (there := vsphere.raw(machine)).powered_on:
        raise Drifted([Drift(machine.key, "power", "poweredOn", there.power)])


def test_controller_cpus(machine: ControllerVm, vsphere: Vsphere) -> None:
    """Controller VM {machine} has enough CPUs.

    Field: cpus
    Where: VirtualMachine.config.hardware.numCPU
    Severity: critical
    Why: below the minimum of 8 a Controller is slow, and is not supported.
    Do: power the VM off and give it more CPUs.
    """
    have = vsphere.raw(machine).known("cpus")
    if machine.cpus is not None and have < machine.cpus:
        raise Drifted([Drift(machine.key, "cpus", machine.cpus, have)])


def test_controller_memory(machine: ControllerVm, vsphere: Vsphere) -> None:
    """Controller VM {machine} has enough memory.

    Field: memory_gb
    Where: VirtualMachine.config.hardware.memoryMB
    Severity: critical
    Why: below the minimum of 24 GiB the Controller's processes are killed when they grow.
    Do: power the VM off and give it more memory.
    """
    have = vsphere.raw(machine).known("memory") / 1024
    if machine.memory_gb is not None and have < machine.memory_gb:
        raise Drifted([Drift(machine.key, "memory_gb", machine.memory_gb, have)])


def test_controller_disk(machine: ControllerVm, vsphere: Vsphere) -> None:
    """Controller VM {machine} has enough disk.

    Field: disk_gb
    Where: VirtualMachine.config.hardware.device[VirtualDisk].capacityInKB
    Severity: critical
    Why: logs and upgrades fill a smaller disk, and a Controller with a full disk stops.
    Do: enlarge the VM's disk.
    """
    have = vsphere.raw(machine).known("disk")
    if machine.disk_gb is not None and have < machine.disk_gb:
        raise Drifted([Drift(machine.key, "disk_gb", machine.disk_gb, have)])


def test_privileges(account: VcenterAccount, vsphere: Vsphere) -> None:
    """{account} has every privilege that the Controller needs, where it needs it.

    Field: privileges
    Where: AuthorizationManager.FetchUserPrivilegeOnEntities
    Severity: critical
    Why: a Service Engine is made in many steps, and the first one that is refused leaves it half made.
    Do: add the missing privileges to the account's role on the entity that is named, or above it and propagating.
    """
    drifts = [
        Drift(
            account.key, f"privileges[{entity}]", list(wanted), [name for name in wanted if name in granted]
        )
        for entity, wanted, granted in vsphere.granted(account)
        if not granted.issuperset(wanted)
    ]
    if drifts:
        raise Drifted(drifts)
