"""Datacenters and folders of vCenter, properties that all entities have, and renaming, moving and destroying them."""

from __future__ import annotations

from typing import Any

from pyVmomi import VmomiSupport, vim, vmodl

from lab.datacenter.model import (
    Cluster,
    Datacenter,
    Datastore,
    Entity,
    Folder,
    Pool,
    PortGroup,
    StandardNetwork,
    Switch,
    Vm,
)
from lab.vcenter.authority import demand
from lab.vcenter.soap import escaped, typed_name
from lab.vcenter.world import World, method, prop

HOLDS = {
    "root": ["Folder", "Datacenter"],
    "vm": ["Folder", "VirtualMachine", "VirtualApp"],
    "host": ["Folder", "ComputeResource"],
    "datastore": ["Folder", "Datastore"],
    "network": ["Folder", "Network", "DistributedVirtualSwitch"],
}
"""What each kind of folder may hold."""
NEEDED: dict[str, dict[type[Entity], str]] = {
    "move": {
        Vm: "VirtualMachine.Inventory.Move",
        Folder: "Folder.Move",
        Datacenter: "Datacenter.Move",
        PortGroup: "Network.Move",
    },
    "rename": {
        Vm: "VirtualMachine.Config.Rename",
        Folder: "Folder.Rename",
        Datacenter: "Datacenter.Rename",
        PortGroup: "DVPortgroup.Modify",
        StandardNetwork: "Network.Config",
    },
    "destroy": {
        Vm: "VirtualMachine.Inventory.Delete",
        Folder: "Folder.Delete",
        Datacenter: "Datacenter.Delete",
        PortGroup: "DVPortgroup.Delete",
        StandardNetwork: "Network.Delete",
        Switch: "DVSwitch.Delete",
        Cluster: "Host.Inventory.DeleteCluster",
        Pool: "Resource.DeletePool",
    },
}
"""The privilege that a change takes, by what is changed: no table of pyVmomi has these [DOC]."""
IS_A = {Vm: "VirtualMachine", Folder: "Folder", Cluster: "ComputeResource", Datacenter: "Datacenter"}


@prop(vim.ManagedEntity, "name")
def _name(_world: World, entity: Any) -> str:
    return escaped(entity.name)


@prop(vim.ManagedEntity, "parent")
def _parent(world: World, entity: Any) -> Any:
    return world.at(entity.parent)


@prop(vim.ManagedEntity, "overallStatus", "configStatus")
def _green(_world: World, _entity: Any) -> str:
    return "green"


@prop(vim.ManagedEntity, "alarmActionsEnabled")
def _alarms(_world: World, _entity: Any) -> bool:
    return True


@prop(vim.Folder, "childEntity")
def _children(world: World, folder: Folder) -> list[Any]:
    return [world.ref(child) for child in world.children(folder.moid)]


@prop(vim.Folder, "childType")
def _child_types(_world: World, folder: Folder) -> list[Any]:
    return [VmomiSupport.GetWsdlType("urn:vim25", name) for name in HOLDS[folder.kind]]


def _own_folder(kind: str) -> Any:
    def read(world: World, datacenter: Datacenter) -> Any:
        return world.at(getattr(datacenter, f"{kind}_folder"))

    return read


for _kind in ("vm", "host", "datastore", "network"):
    prop(vim.Datacenter, f"{_kind}Folder")(_own_folder(_kind))


@prop(vim.Datacenter, "network")
def _networks(world: World, datacenter: Datacenter) -> list[Any]:
    below = world.below(datacenter.moid)
    return [world.ref(e) for e in below if isinstance(e, PortGroup | StandardNetwork)]


@prop(vim.Datacenter, "datastore")
def _datastores(world: World, datacenter: Datacenter) -> list[Any]:
    return [world.ref(e) for e in world.below(datacenter.moid) if isinstance(e, Datastore)]


@prop(vim.Datacenter, "configuration")
def _configuration(_world: World, _datacenter: Datacenter) -> Any:
    return vim.Datacenter.ConfigInfo(defaultHardwareVersionKey="vmx-19")


# -- changes -----------------------------------------------------------------------------------------------------------


def unique(world: World, parent: str, name: str, but: Entity | None = None) -> str:
    """A client's name as it is kept. Raises InvalidName for none, DuplicateName when the parent has another alike."""
    kept = typed_name(name or "")
    if not kept or len(kept) > 80:
        raise vim.fault.InvalidName(
            name=name or "", entity=world.at(parent), msg=f"The name '{name}' is invalid."
        )
    for child in world.children(parent):
        if child.name == kept and child is not but:
            text = f"The name '{name}' already exists."
            raise vim.fault.DuplicateName(name=escaped(kept), object=world.ref(child), msg=text)
    return kept


def allow(world: World, ref: Any, what: str, entity: Entity) -> None:
    """Raises NoPermission unless the caller may do this to such an entity at a place."""
    if (needed := NEEDED[what].get(type(entity))) is not None:
        demand(world, ref, needed)


@method("CreateFolder")
def create_folder(world: World, folder: Any, arguments: Any) -> Any:
    """A folder in a folder."""
    return world.ref(world.model.add_folder(folder, unique(world, folder.moid, arguments.name)))


@method("CreateDatacenter")
def create_datacenter(world: World, folder: Any, arguments: Any) -> Any:
    """A datacenter with its own four folders. Raises DuplicateName, NotSupported below another datacenter."""
    if folder.kind != "root":
        raise vmodl.fault.NotSupported(msg="Datacenters stand in folders of datacenters.")
    name = unique(world, folder.moid, arguments.name)
    made = world.model.add_datacenter(name)
    made.parent = folder.moid
    world.model.revision += 1
    return world.ref(made)


@method("MoveIntoFolder_Task")
def move(world: World, folder: Any, arguments: Any) -> None:
    """Put entities into a folder.

    Raises NotSupported for what it cannot hold, InvalidFolder for itself or what it stands in, DuplicateName.
    """
    above, here = set(), folder
    while here is not None:
        above.add(here.moid)
        here = world.model.entities.get(here.parent)
    for ref in arguments.list:
        entity = world.behind(ref)
        for place in (ref, world.ref(folder)):
            allow(world, place, "move", entity)
        fits = IS_A.get(type(entity), "Network") in HOLDS[folder.kind]
        if not fits or (isinstance(entity, Folder) and entity.kind != folder.kind):
            raise vmodl.fault.NotSupported(msg=f"{entity.name} cannot stand in that folder.")
        if entity.moid in above:
            raise vim.fault.InvalidFolder(
                target=world.ref(folder), msg=f"{entity.name} cannot stand in itself."
            )
        if entity.parent != folder.moid:
            unique(world, folder.moid, entity.name)
    for ref in arguments.list:
        world.behind(ref).parent = folder.moid
        world.model.revision += 1


@method("Rename_Task")
def rename(world: World, entity: Any, arguments: Any) -> None:
    """Another name for an entity."""
    allow(world, world.ref(entity), "rename", entity)
    world.model.rename(entity, unique(world, entity.parent, arguments.newName, entity))


@method("Destroy_Task", "UnregisterAndDestroy_Task")
def destroy(world: World, entity: Any, _arguments: Any) -> None:
    """Remove an entity, what stands in it, and a switch's port groups. Raises InvalidPowerState, ResourceInUse."""
    allow(world, world.ref(entity), "destroy", entity)
    doomed = [entity, *world.below(entity.moid)]
    if isinstance(entity, Switch):
        doomed += [group for group in world.model.of(PortGroup) if group.switch == entity.moid]
    for found in doomed:
        if isinstance(found, Vm) and found.powered:
            text = "The operation is not allowed in the current state."
            raise vim.fault.InvalidPowerState(
                requestedState="poweredOff", existingState="poweredOn", msg=text
            )
        if isinstance(found, PortGroup | StandardNetwork) and (users := users_of(world, found.moid)):
            text = f"The resource '{found.name}' is in use by {', '.join(vm.name for vm in users)}."
            raise vim.fault.ResourceInUse(type=vim.Network, name=found.name, msg=text)
    for found in reversed(doomed):
        world.model.remove(found.moid)


def users_of(world: World, portgroup: str) -> list[Vm]:
    """The machines with a vNIC on a port group."""
    return [vm for vm in world.model.of(Vm) if any(nic.portgroup == portgroup for nic in vm.nics)]
