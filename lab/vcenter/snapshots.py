"""Snapshots of virtual machines: taken, listed, reverted to and removed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pyVmomi import vim

from lab.datacenter.model import Snapshot, Vm
from lab.vcenter.soap import escaped, typed_name
from lab.vcenter.world import World, method, prop, utc

RESTORED = ("size", "annotation", "guest", "disks", "nics")
"""What going back to a snapshot brings back of a machine, beside its power."""


def _of(world: World, vm: Vm) -> list[Snapshot]:
    return [each for each in world.model.of(Snapshot) if each.parent == vm.moid]


def _inside(world: World, snapshot: Snapshot) -> list[Snapshot]:
    siblings = [each for each in world.model.of(Snapshot) if each.parent == snapshot.parent]
    return [each for each in siblings if each.after == snapshot.moid]


@prop(vim.VirtualMachine, "snapshot")
def _tree(world: World, vm: Vm) -> Any:
    found = _of(world, vm)
    if not found:
        return None
    roots = [_branch(world, each) for each in found if not each.after]
    return vim.vm.SnapshotInfo(currentSnapshot=world.at(vm.snapshot), rootSnapshotList=roots)


def _branch(world: World, snapshot: Snapshot) -> Any:
    powered = snapshot.was.powered and snapshot.memory
    return vim.vm.SnapshotTree(
        snapshot=world.ref(snapshot),
        vm=world.at(snapshot.parent),
        name=escaped(snapshot.name),
        description=snapshot.note,
        id=int(snapshot.moid.rpartition("-")[2]),
        createTime=utc(snapshot.made),
        state="poweredOn" if powered else "poweredOff",
        quiesced=False,
        replaySupported=False,
        childSnapshotList=[_branch(world, each) for each in _inside(world, snapshot)],
    )


@prop(vim.VirtualMachine, "rootSnapshot")
def _roots(world: World, vm: Vm) -> list[Any]:
    return [world.ref(each) for each in _of(world, vm) if not each.after]


@prop(vim.vm.Snapshot, "childSnapshot")
def _children(world: World, snapshot: Snapshot) -> list[Any]:
    return [world.ref(each) for each in _inside(world, snapshot)]


@prop(vim.vm.Snapshot, "vm")
def _machine(world: World, snapshot: Snapshot) -> Any:
    return world.at(snapshot.parent)


@prop(vim.vm.Snapshot, "config")
def _config(world: World, snapshot: Snapshot) -> Any:
    return world.read(world.ref(world.model.get(Vm, snapshot.parent)), "config")


@method("CreateSnapshot_Task", "CreateSnapshotEx_Task")
def create(world: World, vm: Vm, arguments: Any) -> Any:
    """A snapshot of a machine as it is, which further ones stand on. Raises InvalidName."""
    name = typed_name(arguments.name or "")
    if not name:
        raise vim.fault.InvalidName(name=name, msg="A snapshot needs a name.")
    made = world.now().timestamp()
    moid = world.model.add_snapshot(
        vm, name, arguments.description or "", made, memory=bool(arguments.memory)
    )
    return world.at(moid)


@method("RemoveSnapshot_Task")
def remove(world: World, snapshot: Snapshot, arguments: Any) -> None:
    """A snapshot away, and with `removeChildren` those that stand on it; else they stand on the one before."""
    vm, children = world.model.get(Vm, snapshot.parent), _inside(world, snapshot)
    for child in children:
        if arguments.removeChildren:
            remove(world, child, arguments)
        else:
            child.after = snapshot.after
    if vm.snapshot == snapshot.moid:
        vm.snapshot = snapshot.after
    world.model.remove(snapshot.moid)


@method("RemoveAllSnapshots_Task")
def remove_all(world: World, vm: Vm, _arguments: Any) -> None:
    """All snapshots of a machine away."""
    for each in _of(world, vm):
        world.model.remove(each.moid)
    vm.snapshot = ""


@method("RevertToSnapshot_Task")
def revert(world: World, snapshot: Snapshot, _arguments: Any) -> None:
    """A machine as it was; it runs again only where its memory was kept."""
    vm = world.model.get(Vm, snapshot.parent)
    for member in RESTORED:
        setattr(vm, member, deepcopy(getattr(snapshot.was, member)))
    vm.powered = snapshot.was.powered and snapshot.memory
    vm.snapshot = snapshot.moid
    vm.edits += 1
    world.model.revision += 1


@method("RevertToCurrentSnapshot_Task")
def revert_to_current(world: World, vm: Vm, arguments: Any) -> None:
    """The same, to the latest one. Raises NotFound where there is none."""
    if not vm.snapshot:
        raise vim.fault.NotFound(msg="The virtual machine has no snapshot.")
    revert(world, world.model.get(Snapshot, vm.snapshot), arguments)


@method("RenameSnapshot")
def rename(world: World, snapshot: Snapshot, arguments: Any) -> None:
    """Another name or description."""
    snapshot.name = typed_name(arguments.name) if arguments.name else snapshot.name
    snapshot.note = snapshot.note if arguments.description is None else arguments.description
    world.model.revision += 1
