"""Step 5: the virtual machines of the Service Engines, Controller and vCenter side by side."""

from intent import Drift, Drifted, ServiceEngineGroup, ServiceEngineVm, Vcenter
from live.avi.snapshot import Live
from live.facts import placement
from live.vcenter.inventory import Vsphere


def test_exists(group: ServiceEngineGroup, vcenter: Vcenter, live: Live, vsphere: Vsphere) -> None:
    """Every Service Engine of {group} has its VM in vCenter.

    Reads: serviceengine
    Where: serviceengine, and VirtualMachine.config.hardware.device[].macAddress
    Severity: critical
    Why: an engine without its VM carries nothing, and the Controller still counts it.
    Do: delete the Service Engine on the Controller, or find out who removed its VM.
    """
    missing = [engine.name for engine in placement.engines(live, vsphere, group) if engine.machine is None]
    assert not missing, f"the Controller lists {', '.join(missing)}; vCenter has no such VM"


def test_folder(group: ServiceEngineGroup, vcenter: Vcenter, live: Live, vsphere: Vsphere) -> None:
    """The Service Engine VMs of {group} are in its folder.

    Field: folder
    Reads: serviceengine
    Where: VirtualMachine.parent
    Why: permissions and backups follow the folder; a change of the group's folder moves no VM that is already there.
    Do: move the VMs into the group's folder in vCenter.
    """
    machines = [engine.present() for engine in placement.engines(live, vsphere, group)]
    drifts = [
        Drift(ServiceEngineVm(name=machine.name).key, "folder", group.folder, folder)
        for machine in machines
        if (folder := machine.known("folder")) != group.folder
    ]
    if drifts:
        raise Drifted(drifts)


def test_name(group: ServiceEngineGroup, vcenter: Vcenter, live: Live, vsphere: Vsphere) -> None:
    """The Service Engine VMs of {group} bear its prefix and the names the Controller gave them.

    Field: name_prefix
    Reads: serviceengine
    Where: serviceengine.name, and VirtualMachine.name
    Severity: minor
    Why: the name is how people tell whose VM it is, in vCenter as on the Controller.
    Do: rename the VM back in vCenter; an engine made under another prefix has to be made anew.
    """
    wrong = []
    for engine in placement.engines(live, vsphere, group):
        name = engine.present().name
        if name != engine.name:
            wrong.append(f"the Controller's {engine.name} is {name} in vCenter")
        elif f"_{name}".rpartition("-se-")[0].rpartition("_")[2] != group.name_prefix:
            wrong.append(f"{name} does not begin with {group.name_prefix}-se-")
    assert not wrong, "; ".join(wrong)


def test_powered_on(group: ServiceEngineGroup, vcenter: Vcenter, live: Live, vsphere: Vsphere) -> None:
    """The Service Engine VMs of {group} are powered on.

    Reads: serviceengine
    Where: VirtualMachine.runtime.powerState
    Severity: critical
    Why: what an engine carried is down, or runs without its redundancy.
    Do: power the VM on in vCenter.
    """
    drifts = [
        Drift(ServiceEngineVm(name=machine.name).key, "power", "poweredOn", machine.power)
        for engine in placement.engines(live, vsphere, group)
        if not (machine := engine.present()).powered_on
    ]
    if drifts:
        raise Drifted(drifts)


def test_management_network(
    group: ServiceEngineGroup, vcenter: Vcenter, live: Live, vsphere: Vsphere
) -> None:
    """The Service Engine VMs of {group} are on the management network.

    Reads: serviceengine
    Where: serviceengine.mgmt_vnic, and VirtualMachine.config.hardware.device[].backing
    Severity: critical
    Why: an engine that cannot reach the Controller gets no configuration and reports nothing.
    Do: edit the VM's first network adapter in vCenter.
    """
    wrong = [
        text
        for engine in placement.engines(live, vsphere, group)
        if engine.management is not None
        for text in placement.misplugged(engine, vsphere, (engine.management,))
    ]
    assert not wrong, "; ".join(wrong)


def test_data_networks(group: ServiceEngineGroup, vcenter: Vcenter, live: Live, vsphere: Vsphere) -> None:
    """The Service Engine VMs of {group} are on the networks that their virtual services need.

    Reads: serviceengine, virtualservice-inventory, vsvip
    Where: serviceengine.data_vnics, and VirtualMachine.config.hardware.device[].backing
    Severity: critical
    Why: an adapter on another port group answers for a VIP where nobody asks.
    Do: edit the VM's network adapters in vCenter, or let the Controller place the virtual service anew.
    """
    needed = placement.needed_networks(live)
    wrong = [
        text
        for engine in placement.engines(live, vsphere, group)
        for text in placement.off_its_networks(engine, vsphere, needed.get(engine.uuid, {}))
    ]
    assert not wrong, "; ".join(wrong)


def test_no_orphans(group: ServiceEngineGroup, vcenter: Vcenter, live: Live, vsphere: Vsphere) -> None:
    """No VM of {group} is left that the Controller does not know.

    Field: folder
    If: names its machines
    Reads: serviceengine
    Where: VirtualMachine.parent, and serviceengine
    Why: it holds addresses that the Controller gives to others, and may still answer for an old VIP.
    Do: power the VM off in vCenter and delete it, once nobody claims it.
    """
    left = [machine.name for machine in placement.orphans(live, vsphere, group)]
    assert not left, f"vCenter has {', '.join(left)}, which the Controller does not know"
