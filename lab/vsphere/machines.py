"""Virtual machines: hardware, power, guest, creation and reconfiguration."""

from __future__ import annotations

from ipaddress import ip_interface
from typing import Any

from pyVmomi import vim, vmodl

from lab.cloud.vsphere import Cluster, Datastore, Host, Nic, PortGroup, StandardNetwork, Vm, VmSize
from lab.vsphere.authority import demand
from lab.vsphere.entities import unique
from lab.vsphere.soap import escaped
from lab.vsphere.world import World, method, prop

Device = vim.vm.device
Card = Device.VirtualEthernetCard


def _hardware(world: World, vm: Vm) -> Any:
    scsi = Device.ParaVirtualSCSIController(
        key=1000,
        busNumber=0,
        sharedBus="noSharing",
        deviceInfo=vim.Description(label="SCSI controller 0", summary="VMware paravirtual SCSI"),
    )
    disk = Device.VirtualDisk(
        key=2000,
        controllerKey=1000,
        unitNumber=0,
        capacityInKB=vm.size.disk << 20,
        capacityInBytes=vm.size.disk << 30,
        deviceInfo=vim.Description(label="Hard disk 1", summary=f"{vm.size.disk << 20:,} KB"),
        backing=Device.VirtualDisk.FlatVer2BackingInfo(
            fileName=_file(world, vm, "vmdk"), diskMode="persistent", thinProvisioned=True
        ),
    )
    cards = [_card(world, vm, number, nic) for number, nic in enumerate(vm.nics, 1)]
    return vim.vm.VirtualHardware(
        numCPU=vm.size.cpus,
        numCoresPerSocket=1,
        memoryMB=vm.size.memory,
        device=[scsi, *([disk] if vm.size.disk else []), *cards],
    )


def _card(world: World, vm: Vm, number: int, nic: Nic) -> Any:
    group = world.model.entities.get(nic.portgroup)
    backing: Any
    if isinstance(group, StandardNetwork):
        backing = Card.NetworkBackingInfo(deviceName=escaped(group.name), network=world.ref(group))
    else:
        switch = str(world.stable_uuid(group.switch)) if isinstance(group, PortGroup) else ""
        port = vim.dvs.PortConnection(portgroupKey=nic.portgroup, switchUuid=switch)
        backing = Card.DistributedVirtualPortBackingInfo(port=port)
    return Device.VirtualVmxnet3(
        key=nic.key,
        macAddress=nic.mac,
        addressType="assigned",
        deviceInfo=vim.Description(label=f"Network adapter {number}", summary=""),
        connectable=Device.VirtualDevice.ConnectInfo(
            startConnected=True, allowGuestControl=True, connected=nic.connected and vm.powered
        ),
        backing=backing,
    )


def _file(world: World, vm: Vm, suffix: str) -> str:
    stores = world.model.below(Datastore, world.model.datacenter_of(vm))
    return f"[{next((store.name for store in stores), 'datastore')}] {vm.name}/{vm.name}.{suffix}"


@prop(vim.VirtualMachine, "config")
def _config(world: World, vm: Vm) -> Any:
    if not vm.accessible:
        return None
    uuid = str(world.stable_uuid(vm.moid))
    return vim.vm.ConfigInfo(
        changeVersion="1",
        modified=world.now(),
        name=escaped(vm.name),
        guestFullName="Other 3.x or later Linux (64-bit)",
        version="vmx-19",
        uuid=uuid,
        instanceUuid=uuid,
        template=False,
        guestId="other3xLinux64Guest",
        alternateGuestName="",
        files=vim.vm.FileInfo(vmPathName=_file(world, vm, "vmx")),
        hardware=_hardware(world, vm),
    )


@prop(vim.VirtualMachine, "runtime")
def _runtime(world: World, vm: Vm) -> Any:
    return vim.vm.RuntimeInfo(
        host=world.at(vm.host),
        connectionState="connected" if vm.accessible else "inaccessible",
        powerState="poweredOn" if vm.powered else "poweredOff",
        toolsInstallerMounted=False,
        numMksConnections=0,
        recordReplayState="inactive",
        faultToleranceState="notConfigured",
        consolidationNeeded=False,
    )


@prop(vim.VirtualMachine, "summary")
def _summary(world: World, vm: Vm) -> Any:
    return vim.vm.Summary(
        vm=world.ref(vm),
        runtime=_runtime(world, vm),
        overallStatus="green",
        quickStats=vim.vm.Summary.QuickStats(),
        config=vim.vm.Summary.ConfigSummary(
            name=escaped(vm.name),
            template=False,
            vmPathName=_file(world, vm, "vmx"),
            memorySizeMB=vm.size.memory,
            numCpu=vm.size.cpus,
            numEthernetCards=len(vm.nics),
            numVirtualDisks=int(bool(vm.size.disk)),
        ),
    )


@prop(vim.VirtualMachine, "guest")
def _guest(world: World, vm: Vm) -> Any:
    if not vm.accessible or not vm.powered:
        return vim.vm.GuestInfo(toolsStatus="toolsNotRunning", guestState="notRunning", toolsRunningStatus="")
    nets = []
    for nic in vm.nics:
        group = world.model.entities.get(nic.portgroup)
        nets.append(
            vim.vm.GuestInfo.NicInfo(
                network=escaped(group.name) if group else None,
                macAddress=nic.mac,
                connected=nic.connected,
                deviceConfigId=nic.key,
                ipAddress=[str(ip_interface(text).ip) for text in nic.addresses],
            )
        )
    return vim.vm.GuestInfo(toolsStatus="toolsOk", guestState="running", net=nets)


@prop(vim.VirtualMachine, "network")
def _networks(world: World, vm: Vm) -> list[Any]:
    return [found for key in dict.fromkeys(nic.portgroup for nic in vm.nics) if (found := world.at(key))]


@prop(vim.VirtualMachine, "resourcePool")
def _pool(world: World, vm: Vm) -> Any:
    host = world.model.entities.get(vm.host)
    return vim.ResourcePool(host.parent.replace("domain-c", "resgroup-")) if host else None


# -- changes -----------------------------------------------------------------------------------------------------------


@method("CreateVM_Task")
def create(world: World, folder: Any, arguments: Any) -> Any:
    """A virtual machine, powered off. Raises DuplicateName, InvalidArgument for a port group that is not there."""
    spec = arguments.config
    name = unique(world, folder.moid, spec.name)
    if arguments.pool is None:
        raise vmodl.fault.InvalidArgument(invalidProperty="pool", msg="a resource pool is needed")
    cluster = world.entity(arguments.pool)
    hosts = (
        [e for e in world.children(cluster.moid) if isinstance(e, Host)]
        if isinstance(cluster, Cluster)
        else []
    )
    if not hosts:
        raise vmodl.fault.InvalidArgument(invalidProperty="pool", msg="its cluster has no host")
    changes = [change for change in spec.deviceChange if change.operation == "add"]
    cards = [_group_of(world, c.device) for c in changes if isinstance(c.device, Card)]
    disks = [c.device.capacityInKB >> 20 for c in changes if isinstance(c.device, Device.VirtualDisk)]
    size = VmSize(spec.numCPUs or 1, int(spec.memoryMB or 32), sum(disks))
    host = world.behind(arguments.host) if arguments.host is not None else hosts[0]
    vm = world.model.add_vm(name, folder, host, size, powered=False)
    for group in cards:
        world.model.add_nic(vm, group)
    return world.ref(vm)


def _group_of(world: World, card: Any) -> str:
    """The id of the port group a card's backing names. Raises InvalidArgument, NoPermission."""
    backing = card.backing
    if isinstance(backing, Card.DistributedVirtualPortBackingInfo):
        group = world.model.entities.get(backing.port.portgroupKey or "")
        if isinstance(group, PortGroup):
            demand(world, world.ref(group), "Network.Assign")
            return group.moid
    elif isinstance(backing, Card.NetworkBackingInfo):
        for network in world.model.of(StandardNetwork):
            if escaped(network.name) == backing.deviceName:
                demand(world, world.ref(network), "Network.Assign")
                return network.moid
    raise vmodl.fault.InvalidArgument(invalidProperty="configSpec.deviceChange.device.backing")


@method("ReconfigVM_Task")
def reconfigure(world: World, vm: Any, arguments: Any) -> None:
    """Edit a machine: CPUs and memory while it is off, its vNICs at any time."""
    spec = arguments.spec
    for given, needed in ((spec.numCPUs, "CPUCount"), (spec.memoryMB, "Memory")):
        if given:
            demand(world, world.ref(vm), f"VirtualMachine.Config.{needed}")
    if (spec.numCPUs or spec.memoryMB) and vm.powered:
        text = "The operation is not allowed in the current state."
        raise vim.fault.InvalidPowerState(requestedState="poweredOff", existingState="poweredOn", msg=text)
    edits = [_edit(world, vm, change) for change in spec.deviceChange if isinstance(change.device, Card)]
    for operation, nic, group in edits:
        if operation == "add":
            world.model.add_nic(vm, group)
        elif operation == "remove":
            vm.nics.remove(nic)
        elif nic is not None:
            nic.portgroup = group
    vm.size = VmSize(spec.numCPUs or vm.size.cpus, int(spec.memoryMB or vm.size.memory), vm.size.disk)
    world.model.revision += 1


def _edit(world: World, vm: Vm, change: Any) -> tuple[str, Nic | None, str]:
    needed = "EditDevice" if change.operation == "edit" else "AddRemoveDevice"
    demand(world, world.ref(vm), f"VirtualMachine.Config.{needed}")
    if change.operation == "add":
        return "add", None, _group_of(world, change.device)
    nic = next((nic for nic in vm.nics if nic.key == change.device.key), None)
    if nic is None:
        raise vmodl.fault.InvalidArgument(invalidProperty="spec.deviceChange.device.key")
    return change.operation, nic, "" if change.operation == "remove" else _group_of(world, change.device)


@method("PowerOnVM_Task")
def power_on(world: World, vm: Any, _arguments: Any) -> None:
    """Power a machine on. Raises InvalidPowerState."""
    _power(world, vm, wanted=True)


@method("PowerOffVM_Task")
def power_off(world: World, vm: Any, _arguments: Any) -> None:
    """Power a machine off. Raises InvalidPowerState."""
    _power(world, vm, wanted=False)


def _power(world: World, vm: Vm, *, wanted: bool) -> None:
    if vm.powered == wanted:
        state = "poweredOn" if wanted else "poweredOff"
        text = "The attempted operation cannot be performed in the current state."
        raise vim.fault.InvalidPowerState(requestedState=state, existingState=state, msg=text)
    vm.powered = wanted
    world.model.revision += 1
