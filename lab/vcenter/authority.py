"""Permissions in vCenter: evaluated from roles and inheritance for every call and every property.

Which privilege a method, a parameter or a property takes stands in pyVmomi's own tables, so one rule serves all.
The nearest permission on the way to the root decides, a user's own before a group's [DOC].
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pyVmomi import VmomiSupport, vim

from lab.datacenter.model import Entity
from lab.vcenter.soap import canonical, property_info
from lab.vcenter.world import World

READ, VIEW, ANONYMOUS = "System.Read", "System.View", "System.Anonymous"


@cache
def every_privilege() -> frozenset[str]:
    """Every privilege id that pyVmomi's tables of methods, parameters and properties name."""
    found: set[str] = {ANONYMOUS, READ, VIEW}
    for defined in VmomiSupport._managedDefMap.values():  # noqa: SLF001 -- the only list there is
        for entry in defined[5] or ():
            found.update(filter(None, [entry[5], *(parameter[4] for parameter in entry[3] or ())]))
    return frozenset(found | FURTHER)


FURTHER = frozenset(
    {
        "ContentLibrary.AddLibraryItem",
        "ContentLibrary.DeleteLibraryItem",
        "ContentLibrary.UpdateLibraryItem",
        "ContentLibrary.UpdateSession",
        "DVPortgroup.Delete",
        "DVPortgroup.Modify",
        "Datacenter.Delete",
        "Datacenter.Move",
        "Datacenter.Rename",
        "Datastore.DeleteFile",
        "Folder.Delete",
        "Folder.Move",
        "Folder.Rename",
        "Network.Assign",
        "Network.Config",
        "Network.Delete",
        "Network.Move",
        "Task.Create",
        "Task.Update",
        "VApp.Import",
        "VirtualMachine.Config.AddExistingDisk",
        "VirtualMachine.Config.AddNewDisk",
        "VirtualMachine.Config.AddRemoveDevice",
        "VirtualMachine.Config.AdvancedConfig",
        "VirtualMachine.Config.CPUCount",
        "VirtualMachine.Config.EditDevice",
        "VirtualMachine.Config.Memory",
        "VirtualMachine.Config.RemoveDisk",
        "VirtualMachine.Config.Rename",
        "VirtualMachine.Config.Resource",
        "VirtualMachine.Config.Settings",
        "VirtualMachine.Inventory.Delete",
        "VirtualMachine.Inventory.Move",
    }
)
"""Privileges that depend on what a method is given, or belong to APIs that pyVmomi's tables do not cover [DOC]."""


def principals(world: World, user: str) -> tuple[str, frozenset[str]]:
    """A user and the groups it is in, as they are compared."""
    groups = next((g for name, g in world.model.groups.items() if canonical(name) == canonical(user)), ())
    return canonical(user), frozenset(map(canonical, groups))


def privileges(world: World, entity: Entity | None, user: str) -> frozenset[str] | None:
    """What a user may do on an entity; None is everything. What stands in no entity is judged at the root.

    Whoever may view something may view what it stands in, up to the root [INF].
    """
    here = entity or world.model.entities["group-d1"]
    granted = _granted(world, here, user)
    if granted is not None and VIEW not in granted and here.moid in _above_viewed(world, user):
        return granted | {VIEW}
    return granted


def _granted(world: World, entity: Entity, user: str) -> frozenset[str] | None:
    """What the nearest permissions give."""
    principal, groups = principals(world, user)
    here: Entity | None = entity
    while here is not None:
        stands = [
            p for p in world.model.permissions if p.entity == here.moid and (p.propagate or here is entity)
        ]
        own = [p for p in stands if not p.group and canonical(p.principal) == principal]
        own = own or [p for p in stands if p.group and canonical(p.principal) in groups]
        if own:
            sets = [world.model.roles[p.role].privileges for p in own]
            return None if None in sets else frozenset().union(*(s for s in sets if s is not None))
        here = world.model.entities.get(here.parent)
    return frozenset()


def may_view_anything(world: World, user: str) -> bool:
    """Whether a user has any access at all."""
    return any(True for _ in _viewed(world, user))


def _viewed(world: World, user: str) -> Iterator[Entity]:
    """What a user's own permissions, and those of its groups, let it view."""
    principal, groups = principals(world, user)
    for found in world.model.permissions:
        named = canonical(found.principal)
        held = world.model.roles[found.role].privileges
        if (named in groups if found.group else named == principal) and (held is None or VIEW in held):
            entity = world.model.entities.get(found.entity)
            if entity is not None:
                yield entity


def _above_viewed(world: World, user: str) -> frozenset[str]:
    """The ids of everything that what a user may view stands in."""
    above = set()
    for entity in _viewed(world, user):
        here = world.model.entities.get(entity.parent)
        while here is not None:
            above.add(here.moid)
            here = world.model.entities.get(here.parent)
    return frozenset(above)


def holds(world: World, entity: Entity | None, privilege: str) -> bool:
    """Whether the caller has a privilege on an entity."""
    if world.caller is None:
        return False
    granted = privileges(world, entity, world.caller.user)
    return granted is None or privilege in granted


def demand(world: World, ref: Any, privilege: str) -> None:
    """Raises NoPermission unless the caller has a privilege on what a reference names."""
    if not holds(world, world.entity(ref), privilege):
        text = "Permission to perform this operation was denied."
        raise vim.fault.NoPermission(object=ref, privilegeId=privilege, msg=text)


def privilege_of(kind: Any, name: str) -> str:
    """The privilege that reading a property takes."""
    return str(property_info(kind, name).privId or READ)
