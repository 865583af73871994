"""Faults planted in vCenter's inventory, as data: `{"do": "set", "kind": "PortGroup", "name": ..., ...}`.

Names are patterns (`dns-se-*`), since the Controller draws its Service Engines' names; exactly one must match.
`"vcenter": ADDRESS` means another vCenter than the site's first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from lab.datacenter.inventory import Inventory, inventory_of, vcenter_at, vcenters
from lab.datacenter.model import (
    Cluster,
    Datacenter,
    Datastore,
    Entity,
    Folder,
    Host,
    Nic,
    Pool,
    PortGroup,
    StandardNetwork,
    Switch,
    Vm,
    VmSize,
)
from lab.objects import Json

if TYPE_CHECKING:
    from lab.site import Site

E = TypeVar("E", bound=Entity)
Plant = Callable[..., None]

KINDS: dict[str, type[Entity]] = {
    kind.__name__: kind
    for kind in (Cluster, Datacenter, Datastore, Folder, Host, Pool, PortGroup, StandardNetwork, Switch, Vm)
}
PLANTS: dict[str, Plant] = {}
SIZES = ("cpus", "memory", "disk")
FIXED = frozenset({"moid", "parent"})


def plant(site: Site, fault: Json) -> Json:
    """Plant one fault; what was planted. Raises ValueError for what is none, LookupError for what is not there."""
    given = dict(fault)
    do = PLANTS.get(str(given.pop("do", "")))
    if do is None:
        raise ValueError(f"do is one of {', '.join(sorted(PLANTS))}")
    address = given.pop("vcenter", inventory_of(site).address)
    model = vcenter_at(site, address)
    if model is None:
        raise LookupError(f"no vCenter {address!r}; known: {', '.join(vcenters(site))}")
    try:
        do(model, **given)
    except TypeError as error:
        raise ValueError(str(error)) from None
    model.revision += 1
    return fault


def _plant(function: Plant) -> Plant:
    PLANTS[function.__name__] = function
    return function


def _one(model: Inventory, kind: type[E], pattern: str) -> E:
    found = [entity for entity in model.of(kind) if fnmatchcase(entity.name, pattern)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} {kind.__name__} are named {pattern!r}")
    return found[0]


def _nic(model: Inventory, vm: str, number: int) -> Nic:
    machine = _one(model, Vm, vm)
    if not isinstance(number, int) or not 0 <= number < len(machine.nics):
        raise LookupError(f"{machine.name} has no vNIC {number!r}; it has {len(machine.nics)}")
    return machine.nics[number]


def _folder(model: Inventory, path: str) -> Folder:
    for folder in model.of(Folder):
        above = model.path(folder)
        if folder.kind == "vm" and f"{above}/{folder.name}".strip("/") == path:
            return folder
    raise LookupError(f"no VM folder {path!r}")


@_plant
def set(model: Inventory, kind: str, name: str, member: str, value: Any) -> None:  # noqa: A001 -- the fault's own word
    """Another value of a member: `vlan`, `powered`, `name` ...; `cpus`, `memory`, `disk` for a machine."""
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    entity: Any = _one(model, KINDS[kind], name)
    known = get_type_hints(type(entity)) | (get_type_hints(VmSize) if isinstance(entity, Vm) else {})
    if member not in known or member in FIXED:
        raise ValueError(f"{kind} has no member {member!r}; it has {', '.join(sorted(known.keys() - FIXED))}")
    value, hint = _tuples(value), known[member]
    if not _fits(value, hint):
        raise ValueError(
            f"{member} of {kind} is {hint if get_origin(hint) else hint.__name__}, not {value!r}"
        )
    if isinstance(entity, Vm) and member in SIZES:
        entity.size = replace(entity.size, **{member: value})
    else:
        setattr(entity, member, value)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a member's type; of lists, and of what may be nothing, none is."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is dict:
        return type(value) is dict and all(_fits(each, inside[1]) for each in value.values())
    if origin is tuple and type(value) is tuple:
        kinds = inside[:1] * len(value) if Ellipsis in inside else inside
        return len(value) == len(kinds) and all(map(_fits, value, kinds))
    return type(value) is hint


def _tuples(value: Any) -> Any:
    """Lists of JSON as the inventory's tuples."""
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


@_plant
def move(model: Inventory, vm: str, folder: str) -> None:
    """A machine in another folder, which must exist ("" is the datacenter's own)."""
    machine = _one(model, Vm, vm)
    own = model.datacenter_of(machine).vm_folder
    model.move(machine, _folder(model, folder) if folder else model.get(Folder, own))


@_plant
def plug(model: Inventory, vm: str, nic: int, portgroup: str) -> None:
    """A vNIC, by its number from 0, on another port group."""
    _nic(model, vm, nic).portgroup = _one(model, PortGroup, portgroup).moid


@_plant
def unplug(model: Inventory, vm: str, nic: int) -> None:
    """A vNIC, by its number from 0, disconnected."""
    _nic(model, vm, nic).connected = False


@_plant
def replug(model: Inventory, vm: str, nic: int) -> None:
    """A vNIC, by its number from 0, connected again."""
    _nic(model, vm, nic).connected = True


@_plant
def vmotion(model: Inventory, vm: str, host: str) -> None:
    """A machine on another host: no fault at all."""
    _one(model, Vm, vm).host = _one(model, Host, host).moid


@_plant
def remove(model: Inventory, kind: str, name: str) -> None:
    """An entity gone; a VM folder by its path."""
    entity = _folder(model, name) if kind == "Folder" else _one(model, KINDS.get(kind, Entity), name)
    model.remove(entity.moid)


@_plant
def add_vm(model: Inventory, name: str, folder: str, *, powered: bool = True) -> None:
    """A machine that nobody knows."""
    model.add_vm(name, _folder(model, folder), next(model.of(Host)), VmSize(1, 2048, 15), powered=powered)


@_plant
def twin(model: Inventory, vm: str, name: str) -> None:
    """A replica as backup programs keep them: off, under another name, with the same MAC addresses."""
    original = _one(model, Vm, vm)
    folder, host = model.get(Folder, original.parent), model.get(Host, original.host)
    made = model.add_vm(name, folder, host, original.size, powered=False)
    made.nics = [replace(nic) for nic in original.nics]


@_plant
def add_portgroup(model: Inventory, name: str, vlan: int = 0) -> None:
    """A port group on the first switch; a name may be there twice on a site, in two folders."""
    model.add_portgroup(next(model.of(Switch)), name, vlan)


@_plant
def standard(model: Inventory, name: str) -> None:
    """A distributed port group as one of the hosts' standard switches instead, with its VLAN."""
    group = _one(model, PortGroup, name)
    datacenter = model.datacenter_of(group)
    hosts = {host.moid: group.vlan for host in model.below(Host, datacenter)}
    made = model.add_standard_network(datacenter, name, hosts)
    for nic in (nic for vm in model.of(Vm) for nic in vm.nics if nic.portgroup == group.moid):
        nic.portgroup = made.moid
    model.remove(group.moid)


@_plant
def revoke(model: Inventory, account: str, privilege: str) -> None:
    """One privilege less for an account, which has it."""
    roles = {p.role: model.roles[p.role] for p in model.permissions if p.principal == account}
    if not roles:
        raise LookupError(f"no permission of account {account!r}")
    given = [role for role in roles.values() if role.privileges is not None and privilege in role.privileges]
    if not given:
        raise LookupError(f"account {account!r} has no privilege {privilege!r}")
    for role in given:
        model.roles[role.number] = replace(role, privileges=(role.privileges or frozenset()) - {privilege})


@_plant
def password(model: Inventory, account: str, password: str) -> None:
    """Another password of an account: who has the old one can no longer log in, as where it expired or was locked."""
    if account not in model.accounts:
        raise LookupError(f"no account {account!r}; known: {', '.join(model.accounts)}")
    model.accounts[account] = password


@_plant
def library(model: Inventory, id: str, name: str = "") -> None:  # noqa: A002 -- as vCenter calls it
    """A content library of this id and name; without a name it is gone."""
    model.libraries[id] = name
    model.revision += 1


@_plant
def clock(model: Inventory, seconds: float) -> None:
    """VCenter's clock ahead of the real time."""
    model.clock = float(seconds)
