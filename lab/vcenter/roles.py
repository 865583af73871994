"""Authorization manager of vCenter: roles, permissions, and who holds which privilege."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyVmomi import vim, vmodl

from lab.datacenter.model import Permission, Role
from lab.vcenter.authority import ANONYMOUS, READ, VIEW, every_privilege, privileges
from lab.vcenter.soap import canonical, complete, no_longer, spelled
from lab.vcenter.world import World, method, prop

Manager = vim.AuthorizationManager


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
        principal=spelled(found.principal),
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
    """Another name and other privileges for a role. Raises NotFound, AlreadyExists; InvalidArgument for vCenter's."""
    number = _changeable(world, arguments.roleId)
    if any(r.name == arguments.newName and r.number != number for r in world.model.roles.values()):
        raise vim.fault.AlreadyExists(name=arguments.newName, msg=f"Role {arguments.newName} exists")
    world.model.roles[number] = Role(number, arguments.newName, _known(arguments.privIds))


@method("RemoveAuthorizationRole")
def remove_role(world: World, _this: Any, arguments: Any) -> None:
    """Take a role away. Raises NotFound, InvalidArgument for vCenter's own, RemoveFailed while it is in use."""
    number = _changeable(world, arguments.roleId)
    left = [p for p in world.model.permissions if p.role != number]
    if arguments.failIfUsed and len(left) < len(world.model.permissions):
        raise vim.fault.RemoveFailed(msg=f"Role {world.model.roles[number].name} is in use.")
    world.model.permissions = left
    del world.model.roles[number]


@method("MergePermissions")
def merge_permissions(world: World, _this: Any, arguments: Any) -> None:
    """Every permission of one role becomes one of another. Raises NotFound."""
    for number in (arguments.srcRoleId, arguments.dstRoleId):
        _known_role(world, number)
    world.model.permissions = [
        replace(p, role=arguments.dstRoleId) if p.role == arguments.srcRoleId else p
        for p in world.model.permissions
    ]


def _known_role(world: World, number: int) -> int:
    if number not in world.model.roles:
        raise vim.fault.NotFound(msg=f"no role {number}")
    return number


def _changeable(world: World, number: int) -> int:
    if _known_role(world, number) < 0:
        raise vmodl.fault.InvalidArgument(invalidProperty="roleId", msg="A system role cannot be changed.")
    return number


@method("SetEntityPermissions")
def set_permissions(world: World, _this: Any, arguments: Any) -> None:
    """Permissions on an entity, each in place of the one the same principal has there."""
    moid = world.behind(arguments.entity).moid
    made = [
        Permission(moid, found.principal, _known_role(world, found.roleId), found.propagate, found.group)
        for found in arguments.permission
    ]
    for one in made:
        kept = _without(world, moid, one.principal, group=one.group)
        world.model.permissions = [*kept, one]


@method("ResetEntityPermissions")
def reset_permissions(world: World, this: Any, arguments: Any) -> None:
    """These permissions on an entity, and no others."""
    moid = world.behind(arguments.entity).moid
    world.model.permissions = [p for p in world.model.permissions if p.entity != moid]
    set_permissions(world, this, arguments)


@method("RemoveEntityPermission")
def remove_permission(world: World, _this: Any, arguments: Any) -> None:
    """Take a principal's permission on an entity away. Raises NotFound when it has none."""
    entity = world.behind(arguments.entity)
    kept = _without(world, entity.moid, arguments.user, group=bool(arguments.isGroup))
    if len(kept) == len(world.model.permissions):
        raise vim.fault.NotFound(msg=f"{arguments.user} has no permission there")
    world.model.permissions = kept


def _without(world: World, moid: str, principal: str, *, group: bool) -> list[Permission]:
    one = moid, canonical(principal), group
    return [p for p in world.model.permissions if (p.entity, canonical(p.principal), p.group) != one]


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


def held(world: World, ref: Any, user: str) -> frozenset[str]:
    """Every privilege a user has on an entity. Raises ManagedObjectNotFound."""
    entity = world.entity(ref)
    if entity is None:
        raise no_longer(ref)
    granted = privileges(world, entity, user)
    return every_privilege() if granted is None else granted


def _granted(world: World, ref: Any, user: str, wanted: list[str]) -> Any:
    if not wanted:
        raise vmodl.fault.InvalidArgument(invalidProperty="privId", msg="no privilege is named")
    has = held(world, ref, user)
    return Manager.EntityPrivilege(
        entity=ref,
        privAvailability=[Manager.PrivilegeAvailability(privId=p, isGranted=p in has) for p in wanted],
    )


@method("FetchUserPrivilegeOnEntities")
def fetch_privileges(world: World, _this: Any, arguments: Any) -> list[Any]:
    """Every privilege a user has, entity by entity."""
    user = arguments.userName
    return [
        Manager.UserPrivilegeResult(entity=ref, privileges=sorted(held(world, ref, user)))
        for ref in arguments.entities
    ]


@method("HasUserPrivilegeOnEntities")
def has_privileges(world: World, _this: Any, arguments: Any) -> list[Any]:
    """Whether a user has these privileges, entity by entity."""
    user = arguments.userName
    return [_granted(world, ref, user, list(arguments.privId)) for ref in arguments.entities]


def _user_of(world: World, session: str) -> str:
    if session not in world.sessions:
        raise vmodl.fault.InvalidArgument(invalidProperty="sessionId", msg=f"no session {session}")
    return world.sessions[session].user


@method("HasPrivilegeOnEntities")
def session_has_privileges(world: World, _this: Any, arguments: Any) -> list[Any]:
    """Whether a session's user has these privileges, entity by entity. Raises InvalidArgument for no session."""
    user = _user_of(world, arguments.sessionId)
    return [_granted(world, ref, user, list(arguments.privId)) for ref in arguments.entity]


@method("HasPrivilegeOnEntity")
def session_has_privilege(world: World, _this: Any, arguments: Any) -> list[Any]:
    """The same for one entity, in the order of the privileges asked for."""
    has = held(world, arguments.entity, _user_of(world, arguments.sessionId))
    return [wanted in has for wanted in arguments.privId]


@prop(Manager, "description")
def _description(_world: World, _subject: Any) -> Any:
    groups = sorted({found.rpartition(".")[0] for found in every_privilege()})
    return vim.AuthorizationDescription(
        privilegeGroup=[vim.ElementDescription(key=g, label=g, summary=g) for g in groups],
        privilege=[
            vim.ElementDescription(key=p, label=p.rpartition(".")[2], summary=p)
            for p in sorted(every_privilege())
        ],
    )


@prop(vim.ManagedEntity, "permission")
def _permissions(world: World, entity: Any) -> list[Any]:
    return [_permission(world, p) for p in world.model.permissions if p.entity == entity.moid]


@prop(vim.ManagedEntity, "effectiveRole")
def _effective(world: World, entity: Any) -> list[int]:
    """The caller's roles there: the one that gives just what the caller has [INF where permissions add up]."""
    granted = privileges(world, entity, world.caller.user if world.caller else "")
    return [n for n, role in world.model.roles.items() if role.privileges == granted][:1]
