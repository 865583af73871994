"""Changes by hand in an NSX-T manager, as data: `{"do": "rename", "segment": "/infra/segments/web", "name": "www"}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.datacenter.inventory import vcenters
from lab.datacenter.model import PortGroup, Switch
from lab.datacenter.nsx import NsxManager, managers
from lab.objects import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.site import Site

PARTS = {"segment": "segments", "tier1": "tier1s", "zone": "zones"}


def plant(site: Site, fault: Json) -> Json:
    """Change a manager (`nsxt`, its address; the first). Raises ValueError for no change, LookupError for no part."""
    given = dict(fault)
    known = managers(site)
    address = str(given.pop("nsxt", next(iter(known), "")))
    if address not in known:
        raise LookupError(f"no NSX-T manager {address!r}; known: {', '.join(known) or 'none'}")
    do = PLANTS.get(str(given.pop("do", "")))
    if do is None:
        raise ValueError(f"do is one of {', '.join(sorted(PLANTS))}")
    do(site, known[address], given)
    known[address].revision += 1
    return fault


def _part(manager: NsxManager, given: Json) -> tuple[dict[str, Any], str]:
    for word, member in PARTS.items():
        if word in given:
            parts: dict[str, Any] = getattr(manager, member)
            if given[word] not in parts:
                raise LookupError(f"no {word} {given[word]!r}; known: {', '.join(parts)}")
            return parts, str(given[word])
    raise ValueError(f"name one of {', '.join(PARTS)} by its path")


def _remove(site: Site, manager: NsxManager, given: Json) -> None:
    """A transport zone, T1 gateway or segment gone; a segment's port groups too, where no machine is on them."""
    parts, path = _part(manager, given)
    del parts[path]
    for vcenter in vcenters(site).values():
        for group in [g for g in vcenter.of(PortGroup) if g.segment == path]:
            vcenter.remove(group.moid)


def _rename(site: Site, manager: NsxManager, given: Json) -> None:
    """Another name; the path stays."""
    parts, path = _part(manager, given)
    parts[path].name = str(given["name"])
    for vcenter in vcenters(site).values():
        for group in [g for g in vcenter.of(PortGroup) if g.segment == path]:
            vcenter.rename(group, str(given["name"]))


def _add(site: Site, manager: NsxManager, given: Json) -> None:
    """A segment more: name, and the path of its zone; of its T1 gateway, `gateway` and `vlans` where it has them."""
    zone = manager.zones.get(str(given.get("in_zone")))
    if zone is None:
        raise LookupError(f"in_zone is one of {', '.join(manager.zones)}")
    tier1 = manager.tier1s.get(str(given.get("behind"))) if given.get("behind") else None
    vlans = tuple(int(vlan) for vlan in given.get("vlans", ()))
    manager.segment(str(given["name"]), zone, tier1=tier1, gateway=str(given.get("gateway", "")), vlans=vlans)
    for vcenter in vcenters(site).values():
        switches = {g.switch for g in vcenter.of(PortGroup) if g.segment}
        for switch in switches:
            manager.realize(vcenter, vcenter.get(Switch, switch))


def _account(_site: Site, manager: NsxManager, given: Json) -> None:
    """Another password of an account: `{"do": "account", "name": "svc-avi-nsx", "password": "new"}`."""
    if given.get("name") not in manager.accounts:
        raise LookupError(f"no account {given.get('name')!r}; known: {', '.join(manager.accounts)}")
    manager.accounts[str(given["name"])] = str(given["password"])


def _reachable(_site: Site, manager: NsxManager, given: Json) -> None:
    """Whether the Controller can reach it."""
    manager.reachable = given.get("value") is True


PLANTS: dict[str, Callable[[Site, NsxManager, Json], None]] = {
    "account": _account,
    "add": _add,
    "reachable": _reachable,
    "remove": _remove,
    "rename": _rename,
}
