"""Who may do what: roles, permissions and their inheritance, evaluated for every call and every property.

Which privilege a method, a parameter or a property takes stands in pyVmomi's own tables, so one rule serves all.
The nearest permission on the way to the root decides, a user's own before a group's [DOC].
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pyVmomi import VmomiSupport, vim, vmodl

from lab.cloud.inventory import ADMIN
from lab.cloud.vsphere import Entity, Permission, Role
from lab.vsphere.soap import canonical, complete, no_longer, property_info
from lab.vsphere.world import World, method, prop

READ, VIEW, ANONYMOUS = "System.Read", "System.View", "System.Anonymous"
Manager = vim.AuthorizationManager


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


def privileges(world: World, entity: Entity | None, user: str) -> frozenset[str] | None:
    """What a user may do on an entity; None is everything. What stands in no entity is judged at the root."""
    principal = canonical(user)
    groups = {canonical(group) for group in world.model.groups.get(user, ())}
    entities = world.model.entities
    here: Entity | None = entity or entities["group-d1"]
    first = here
    while here is not None:
        stands = [
            p for p in world.model.permissions if p.entity == here.moid and (p.propagate or here is first)
        ]
        own = [p for p in stands if not p.group and canonical(p.principal) == principal]
        own = own or [p for p in stands if p.group and canonical(p.principal) in groups]
        if own:
            sets = [world.model.roles[p.role].privileges for p in own]
            return None if None in sets else frozenset().union(*(s for s in sets if s is not None))
        here = entities.get(here.parent)
    return frozenset()


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


@prop(Manager, "roleList")
def _roles(world: World, _subject: Any) -> list[Any]:
    return [_role(role) for role in world.model.roles.values()]


@prop(Manager, "privilegeList")
def _privileges(_world: World, _subject: Any) -> list[Any]:
    return [
        complete(
            Manager.Privilege(
                privId=found,
                name=found.rpartition(".")[2],
                privGroupName=found.rpartition(".")[0],
                onParent=False,
            )
        )
        for found in sorted(every_privilege())
    ]


def _role(role: Role) -> Any:
    return Manager.Role(
        roleId=role.number,
        system=role.number < 0,
        name=role.name,
        info=vim.Description(label=role.name, summary=role.name),
        privilege=sorted(every_privilege() if role.privileges is None else role.privileges),
    )


def _permission(world: World, found: Permission) -> Any:
    return Manager.Permission(
        entity=world.at(found.entity),
        principal=found.principal,
        group=found.group,
        roleId=found.role,
        propagate=found.propagate,
    )


def _known(names: list[str]) -> frozenset[str]:
    for name in names:
        if name not in every_privilege():
            raise vmodl.fault.InvalidArgument(invalidProperty="privIds", msg=f"no privilege {name}")
    return frozenset(names) | {ANONYMOUS, READ, VIEW}


@method("AddAuthorizationRole")
def add_role(world: World, _this: Any, arguments: Any) -> int:
    """A new role; its number. Raises AlreadyExists for a name in use, InvalidArgument for an unknown privilege."""
    if any(role.name == arguments.name for role in world.model.roles.values()):
        raise vim.fault.AlreadyExists(name=arguments.name, msg=f"Role {arguments.name} exists")
    number = max(100, *world.model.roles) + 1
    world.model.roles[number] = Role(number, arguments.name, _known(arguments.privIds))
    return number


@method("UpdateAuthorizationRole")
def update_role(world: World, _this: Any, arguments: Any) -> None:
    """Another name and other privileges for a role. Raises NotFound for an unknown one."""
    if arguments.roleId not in world.model.roles:
        raise vim.fault.NotFound(msg=f"no role {arguments.roleId}")
    made = Role(arguments.roleId, arguments.newName, _known(arguments.privIds))
    world.model.roles[made.number] = made


@method("SetEntityPermissions")
def set_permissions(world: World, _this: Any, arguments: Any) -> None:
    """Permissions on an entity, each in place of the one the same principal has there."""
    entity = world.behind(arguments.entity)
    for found in arguments.permission:
        if found.roleId not in world.model.roles:
            raise vim.fault.NotFound(msg=f"no role {found.roleId}")
        made = Permission(entity.moid, found.principal, found.roleId, found.propagate, found.group)
        world.model.permissions = [*_without(world, entity.moid, found.principal), made]


@method("RemoveEntityPermission")
def remove_permission(world: World, _this: Any, arguments: Any) -> None:
    """Take a principal's permission on an entity away. Raises NotFound when it has none."""
    entity = world.behind(arguments.entity)
    kept = _without(world, entity.moid, arguments.user)
    if len(kept) == len(world.model.permissions):
        raise vim.fault.NotFound(msg=f"{arguments.user} has no permission there")
    world.model.permissions = kept


def _without(world: World, moid: str, principal: str) -> list[Permission]:
    return [
        p
        for p in world.model.permissions
        if (p.entity, canonical(p.principal)) != (moid, canonical(principal))
    ]


@method("RetrieveEntityPermissions")
def entity_permissions(world: World, _this: Any, arguments: Any) -> list[Any]:
    """The permissions on an entity, and with `inherited` those that reach it from above."""
    entity = world.behind(arguments.entity)
    found = [p for p in world.model.permissions if p.entity == entity.moid]
    above = world.model.entities.get(entity.parent)
    while arguments.inherited and above is not None:
        found += [p for p in world.model.permissions if p.entity == above.moid and p.propagate]
        above = world.model.entities.get(above.parent)
    return [_permission(world, p) for p in found]


@method("RetrieveAllPermissions")
def all_permissions(world: World, _this: Any, _arguments: Any) -> list[Any]:
    """Every permission."""
    return [_permission(world, p) for p in world.model.permissions]


@method("RetrieveRolePermissions")
def role_permissions(world: World, _this: Any, arguments: Any) -> list[Any]:
    """Every permission that gives a role."""
    return [_permission(world, p) for p in world.model.permissions if p.role == arguments.roleId]


def _of_user(world: World, ref: Any, user: str) -> frozenset[str]:
    entity = world.entity(ref)
    if entity is None:
        raise no_longer(ref)
    granted = privileges(world, entity, user)
    return every_privilege() if granted is None else granted


@method("FetchUserPrivilegeOnEntities")
def fetch_privileges(world: World, _this: Any, arguments: Any) -> list[Any]:
    """Every privilege a user has, entity by entity."""
    user = arguments.userName
    return [
        Manager.UserPrivilegeResult(entity=ref, privileges=sorted(_of_user(world, ref, user)))
        for ref in arguments.entities
    ]


@method("HasUserPrivilegeOnEntities")
def has_privileges(world: World, _this: Any, arguments: Any) -> list[Any]:
    """Whether a user has these privileges, entity by entity."""
    return [
        Manager.EntityPrivilege(
            entity=ref,
            privAvailability=[
                Manager.PrivilegeAvailability(
                    privId=p, isGranted=p in _of_user(world, ref, arguments.userName)
                )
                for p in arguments.privId
            ],
        )
        for ref in arguments.entities
    ]


__all__ = [
    "ADMIN",
    "ANONYMOUS",
    "READ",
    "VIEW",
    "demand",
    "every_privilege",
    "holds",
    "privilege_of",
    "privileges",
]
