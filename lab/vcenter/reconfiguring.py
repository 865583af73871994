"""Writes to virtual machines: create, clone, reconfigure, migrate, and switch on and off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pyVmomi import vim, vmodl

from lab.datacenter.model import Cluster, Folder, Host, Pool, PortGroup, StandardNetwork, Vm, VmSize
from lab.vcenter.authority import demand
from lab.vcenter.compute import cluster_of, hosts_of, root_pool
from lab.vcenter.entities import unique
from lab.vcenter.machines import Card, Device, disk_key
from lab.vcenter.soap import escaped
from lab.vcenter.world import World, method

MEBIBYTE = 1 << 20


def _invalid(member: str) -> Any:
    return vmodl.fault.InvalidArgument(
        invalidProperty=member, msg=f"A specified parameter was not correct: {member}"
    )


# -- making and copying ------------------------------------------------------------------------------------------------


@method("CreateVM_Task")
def create(world: World, folder: Any, arguments: Any) -> Any:
    """A virtual machine, powered off. Raises DuplicateName, InvalidArgument for a port group that is not there."""
    spec = arguments.config
    name = unique(world, folder.moid, spec.name)
    pool, host = _place(world, arguments.pool, arguments.host)
    changes = [change for change in spec.deviceChange if change.operation == "add"]
    cards = [_group_of(world, c.device) for c in changes if isinstance(c.device, Card)]
    size = VmSize(spec.numCPUs or 1, int(spec.memoryMB or 32), 0)
    vm = world.model.add_vm(name, folder, host, size, powered=False)
    vm.pool, vm.guest, vm.annotation = pool.moid, spec.guestId or "otherGuest", spec.annotation or ""
    for change in changes:
        if isinstance(change.device, Device.VirtualDisk):
            _add_disk(vm, _gib(change.device))
    for group in cards:
        world.model.add_nic(vm, group)
    return world.ref(vm)


def _place(world: World, pool: Any, host: Any) -> tuple[Pool, Host]:
    """The resource pool and host that a machine is to be in. Raises InvalidArgument."""
    if pool is None:
        raise _invalid("pool")
    found = world.behind(pool)
    hosts = hosts_of(world, cluster_of(world, found))
    chosen = world.behind(host) if host is not None else next((h for h in hosts if h.connected), None)
    if chosen not in hosts:
        raise _invalid("host" if hosts else "pool")
    return found, chosen


@method("CloneVM_Task")
def clone(world: World, vm: Vm, arguments: Any) -> Any:
    """A copy of a machine or template in a folder, with adapters of its own. Raises DuplicateName, InvalidArgument."""
    folder, spec = world.behind(arguments.folder), arguments.spec
    needed = "DeployTemplate" if vm.template else "Clone"
    demand(world, world.ref(vm), f"VirtualMachine.Provisioning.{needed}")
    demand(world, world.ref(folder), "VirtualMachine.Inventory.CreateFromExisting")
    name = unique(world, folder.moid, arguments.name)
    own = world.model.get(Host, vm.host)
    place = spec.location.pool or world.ref(root_pool(world, world.model.get(Cluster, own.parent)))
    pool, host = _place(world, place, spec.location.host)
    made = world.model.add_vm(name, folder, host, vm.size, powered=bool(spec.powerOn) and not spec.template)
    made.pool, made.guest, made.annotation, made.disks = pool.moid, vm.guest, vm.annotation, list(vm.disks)
    made.template = bool(spec.template)
    for nic in vm.nics:
        world.model.add_nic(made, nic.portgroup)
    if spec.config is not None:
        _edit_all(world, made, spec.config)
    return world.ref(made)


# -- editing -----------------------------------------------------------------------------------------------------------


@method("ReconfigVM_Task")
def reconfigure(world: World, vm: Vm, arguments: Any) -> None:
    """Edit a machine: CPUs and memory while it is off, the rest at any time. Nothing is done where anything fails.

    Raises InvalidPowerState, InvalidArgument, ConcurrentAccess, DuplicateName, NoPermission.
    """
    spec = arguments.spec
    if spec.changeVersion and spec.changeVersion != str(vm.edits):
        raise vim.fault.ConcurrentAccess(msg="The object was changed by another session.")
    for member, needed in (("numCPUs", "CPUCount"), ("memoryMB", "Memory"), ("name", "Rename"),
                           ("annotation", "Settings"), ("guestId", "Settings")):  # fmt: skip
        if getattr(spec, member) is not None:
            demand(world, world.ref(vm), f"VirtualMachine.Config.{needed}")
    if (spec.numCPUs or spec.memoryMB) and vm.powered:
        raise _power_state("poweredOff", "poweredOn")
    _edit_all(world, vm, spec)


def _edit_all(world: World, vm: Vm, spec: Any) -> None:
    edits = [_edit(world, vm, change) for change in spec.deviceChange or ()]
    name = unique(world, vm.parent, spec.name, vm) if spec.name else vm.name
    for edit in edits:
        edit()
    vm.name = name
    vm.size = replace(vm.size, cpus=spec.numCPUs or vm.size.cpus, memory=int(spec.memoryMB or vm.size.memory))
    vm.annotation = vm.annotation if spec.annotation is None else spec.annotation
    vm.guest = spec.guestId or vm.guest
    vm.edits += 1
    world.model.revision += 1


def _edit(world: World, vm: Vm, change: Any) -> Callable[[], Any]:
    """What one change of a device will do. Raises InvalidArgument, NoPermission."""
    device = change.device
    if isinstance(device, Card):
        return _edit_card(world, vm, change.operation, device)
    if isinstance(device, Device.VirtualDisk):
        return _edit_disk(world, vm, change.operation, device)
    return lambda: None


def _edit_card(world: World, vm: Vm, operation: str, device: Any) -> Callable[[], Any]:
    needed = "EditDevice" if operation == "edit" else "AddRemoveDevice"
    demand(world, world.ref(vm), f"VirtualMachine.Config.{needed}")
    plug = device.connectable
    if operation == "add":
        group = _group_of(world, device)
        connected = plug is None or bool(plug.startConnected)

        def add() -> None:
            mac = device.macAddress if device.addressType == "manual" else ""
            world.model.add_nic(vm, group, mac=mac or "").connected = connected

        return add
    nic = next((nic for nic in vm.nics if nic.key == device.key), None)
    if nic is None:
        raise _invalid("configSpec.deviceChange.device.key")
    if operation == "remove":
        return lambda: vm.nics.remove(nic)
    group = _group_of(world, device)

    def edit() -> None:
        nic.portgroup = group
        if plug is not None:
            nic.connected = bool(plug.connected if vm.powered else plug.startConnected)

    return edit


def _edit_disk(world: World, vm: Vm, operation: str, device: Any) -> Callable[[], Any]:
    needed = {"add": "AddNewDisk", "remove": "RemoveDisk"}.get(operation, "DiskExtend")
    demand(world, world.ref(vm), f"VirtualMachine.Config.{needed}")
    if operation == "add":
        return lambda: _add_disk(vm, _gib(device))
    sizes = [vm.size.disk, *vm.disks]
    number = next((n for n, size in enumerate(sizes) if size and disk_key(n) == device.key), None)
    if number is None:
        raise _invalid("configSpec.deviceChange.device.key")
    wanted = 0 if operation == "remove" else _gib(device)
    if operation == "edit" and wanted < sizes[number]:
        raise _invalid("configSpec.deviceChange.device.capacityInKB")
    return lambda: _resize(vm, number, wanted)


def _gib(device: Any) -> int:
    """A disk's size, rounded up to whole GiB: the only ones that are kept."""
    return max(1, -(-(device.capacityInKB or (device.capacityInBytes or 0) >> 10) // MEBIBYTE))


def _add_disk(vm: Vm, gib: int) -> None:
    if vm.size.disk:
        vm.disks.append(gib)
    else:
        vm.size = replace(vm.size, disk=gib)


def _resize(vm: Vm, number: int, gib: int) -> None:
    """Another size for the nth disk; one of 0 is no longer there, and its number stays free."""
    if number:
        vm.disks[number - 1] = gib
    else:
        vm.size = replace(vm.size, disk=gib)


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
    raise _invalid("configSpec.deviceChange.device.backing")


# -- moving ------------------------------------------------------------------------------------------------------------


@method("RelocateVM_Task")
def relocate(world: World, vm: Vm, arguments: Any) -> None:
    """Another host, resource pool or folder for a machine. Raises InvalidArgument, InvalidHostState."""
    spec = arguments.spec
    if spec.folder is not None:
        folder = world.behind(spec.folder)
        if not isinstance(folder, Folder) or folder.kind != "vm":
            raise _invalid("spec.folder")
        vm.parent = folder.moid
    _migrate(world, vm, spec.pool, spec.host)


@method("MigrateVM_Task")
def migrate(world: World, vm: Vm, arguments: Any) -> None:
    """VMotion: another host or resource pool. Raises as `relocate` does."""
    needed = "HotMigrate" if vm.powered else "ColdMigrate"
    demand(world, world.ref(vm), f"Resource.{needed}")
    _migrate(world, vm, arguments.pool, arguments.host)


def _migrate(world: World, vm: Vm, pool: Any, host: Any) -> None:
    chosen = world.behind(host) if host is not None else world.model.entities.get(vm.host)
    if not isinstance(chosen, Host):
        raise _invalid("host")
    if not chosen.connected or chosen.maintenance:
        text = "The operation is not allowed in the current state of the host."
        raise vim.fault.InvalidHostState(host=world.ref(chosen), msg=text)
    found = world.behind(pool) if pool is not None else None
    if found is not None and cluster_of(world, found).moid != chosen.parent:
        raise _invalid("pool")
    stays = world.model.entities[vm.host].parent == chosen.parent
    vm.pool = found.moid if found is not None else vm.pool if stays else ""
    vm.host = chosen.moid
    world.model.revision += 1


# -- power, templates, and the end -------------------------------------------------------------------------------------


def _power_state(wanted: str, state: str) -> Any:
    text = "The attempted operation cannot be performed in the current state."
    return vim.fault.InvalidPowerState(requestedState=wanted, existingState=state, msg=text)


def _demand_power(vm: Vm, *, powered: bool, wanted: str) -> None:
    """Raises InvalidPowerState, InvalidState for what is not connected, NotSupported for a template."""
    if vm.template:
        raise vmodl.fault.NotSupported(msg="A template cannot be powered.")
    if vm.state != "connected":
        raise vim.fault.InvalidState(msg=f"The virtual machine is {vm.state}.")
    if vm.powered != powered:
        raise _power_state(wanted, "poweredOn" if vm.powered else "poweredOff")


@method("PowerOnVM_Task")
def power_on(world: World, vm: Vm, _arguments: Any) -> None:
    """Power a machine on. Raises InvalidPowerState."""
    _demand_power(vm, powered=False, wanted="poweredOn")
    _power(world, vm, on=True)


@method("PowerOffVM_Task", "ShutdownGuest")
def power_off(world: World, vm: Vm, _arguments: Any) -> None:
    """Power a machine off, or ask its guest to. Raises InvalidPowerState."""
    _demand_power(vm, powered=True, wanted="poweredOff")
    _power(world, vm, on=False)


@method("ResetVM_Task", "RebootGuest")
def restart(world: World, vm: Vm, _arguments: Any) -> None:
    """Off and on again. Raises InvalidPowerState."""
    _demand_power(vm, powered=True, wanted="poweredOn")
    world.model.revision += 1


def _power(world: World, vm: Vm, *, on: bool) -> None:
    vm.powered = on
    world.model.revision += 1


@method("MarkAsTemplate")
def to_template(world: World, vm: Vm, _arguments: Any) -> None:
    """A machine that is off becomes a template. Raises InvalidPowerState, NotSupported."""
    _demand_power(vm, powered=False, wanted="poweredOff")
    vm.template, vm.pool = True, ""
    world.model.revision += 1


@method("MarkAsVirtualMachine")
def from_template(world: World, vm: Vm, arguments: Any) -> None:
    """A template becomes a machine again, in a resource pool. Raises NotSupported, InvalidArgument."""
    if not vm.template:
        raise vmodl.fault.NotSupported(msg="It is no template.")
    pool, host = _place(world, arguments.pool, arguments.host or world.at(vm.host))
    vm.template, vm.pool, vm.host = False, pool.moid, host.moid
    world.model.revision += 1


@method("UnregisterVM")
def unregister(world: World, vm: Vm, _arguments: Any) -> None:
    """A machine out of the inventory. Raises InvalidPowerState."""
    if vm.powered:
        raise _power_state("poweredOff", "poweredOn")
    world.model.remove(vm.moid)
