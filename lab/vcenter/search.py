"""Search index of vCenter: entities by path, uuid, address or name, of those the caller may view [DOC]."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_interface
from typing import Any

from lab.datacenter.model import Entity, Host, Vm
from lab.vcenter.authority import VIEW, holds
from lab.vcenter.machines import path_of_file
from lab.vcenter.soap import escaped
from lab.vcenter.world import World, method

Hit = Callable[[Entity], bool]


@method("FindByInventoryPath")
def find_by_path(world: World, _this: Any, arguments: Any) -> Any:
    """The entity at a path such as `REGIONB/vm/AVI K8S`, with names as the API writes them; None when absent."""
    here: Entity | None = world.model.entities["group-d1"]
    for part in filter(None, arguments.inventoryPath.split("/")):
        inside = world.children(here.moid) if here else []
        here = next((e for e in inside if escaped(e.name) == part), None)
    return _shown(world, here)


@method("FindChild")
def find_child(world: World, _this: Any, arguments: Any) -> Any:
    """The child of that name; None when absent."""
    inside = world.children(world.behind(arguments.entity).moid)
    return _shown(world, next((e for e in inside if escaped(e.name) == arguments.name), None))


def _shown(world: World, found: Entity | None) -> Any:
    return world.ref(found) if found is not None and holds(world, found, VIEW) else None


def _all(world: World, arguments: Any, hit: Hit) -> Iterator[Any]:
    """Machines or hosts, in one datacenter or in all."""
    kind: type[Entity] = Vm if arguments.vmSearch else Host
    within = world.behind(arguments.datacenter).moid if arguments.datacenter is not None else "group-d1"
    for entity in world.below(within):
        if isinstance(entity, kind) and hit(entity) and holds(world, entity, VIEW):
            yield world.ref(entity)


def _by_uuid(world: World, arguments: Any) -> Hit:
    """Both of a machine's uuids are the same here."""
    wanted = str(arguments.uuid).lower()
    return lambda entity: str(world.stable_uuid(entity.moid)) == wanted


def _by_ip(_world: World, arguments: Any) -> Hit:
    """The addresses that a running machine's guest reports; a host's name may be its address."""

    def hit(entity: Entity) -> bool:
        if isinstance(entity, Vm):
            texts = [text for nic in entity.nics for text in nic.addresses] if entity.powered else []
            return arguments.ip in {str(ip_interface(text).ip) for text in texts}
        return bool(entity.name == arguments.ip)

    return hit


def _by_dns(_world: World, arguments: Any) -> Hit:
    """A running guest calls itself what its machine is called; a host bears its DNS name."""
    wanted = str(arguments.dnsName).lower()
    return lambda entity: (not isinstance(entity, Vm) or entity.powered) and entity.name.lower() == wanted


WAYS = {"Uuid": _by_uuid, "Ip": _by_ip, "DnsName": _by_dns}


def _register(way: str, find: Callable[[World, Any], Hit]) -> None:
    @method(f"FindBy{way}")
    def first(world: World, _this: Any, arguments: Any) -> Any:
        return next(_all(world, arguments, find(world, arguments)), None)

    @method(f"FindAllBy{way}")
    def every(world: World, _this: Any, arguments: Any) -> list[Any]:
        return list(_all(world, arguments, find(world, arguments)))


for _way, _find in WAYS.items():
    _register(_way, _find)


@method("FindByDatastorePath")
def find_by_file(world: World, _this: Any, arguments: Any) -> Any:
    """The machine whose configuration file that is (`[datastore] vm/vm.vmx`); None when absent."""
    datacenter = world.behind(arguments.datacenter)
    for vm in world.model.below(Vm, datacenter):
        if path_of_file(world, vm, "vmx") == arguments.path:
            return _shown(world, vm)
    return None
