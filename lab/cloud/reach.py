"""Reach of the data path: servers behind a VRF context's routes, VIP addresses that others use, VIPs told over BGP.

A server is reached on a network of its VRF context, or through the route of the longest prefix whose next hop is on
one; of two routes of one prefix the first counts, so that of two clusters with the same pod networks one loses [PUBLIC;
INF which, and the words]. Nothing is concluded where the VRF context has a network whose subnets nobody has configured,
and behind a T1 gateway, which routes by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.cloud.common import (
    Address,
    Subnet,
    each_remembered,
    followed,
    note_event,
    parse_ip,
    parse_prefix,
    remembered,
    subnets_of,
    uuid_of,
)
from lab.cloud.nsxt import is_overlay, nsxt_of
from lab.cloud.subnets import networks_with
from lab.datacenter.inventory import vcenters
from lab.datacenter.model import Vm
from lab.hooks import Change, Moment, on
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site


@dataclass(frozen=True, slots=True)
class Route:
    """A static route: where to, over which address, and the Kubernetes cluster that wrote it ("" for none)."""

    prefix: Subnet
    hop: Address
    cluster: str


@dataclass(frozen=True, slots=True)
class Table:
    """The routes of a VRF context in their order; `whole` where the subnets of all its networks are known."""

    routes: tuple[Route, ...]
    whole: bool

    def fitting(self, address: Address) -> list[Route]:
        """The routes to an address, the one that counts first: of the longest prefixes the first."""
        fitting = [
            each for each in self.routes if each.prefix.version == address.version and address in each.prefix
        ]
        return sorted(fitting, key=lambda each: -each.prefix.prefixlen)


def unreached(site: Site, pool: Object, address: Address) -> str:
    """Why a server of a pool cannot be reached; "" where it can, or where that cannot be told."""
    vrf = followed(site, pool.body, "vrf_ref")
    cloud = site.store.get("cloud", pool.cloud)
    if vrf is None or cloud is None or ((nsxt := nsxt_of(cloud)) and is_overlay(nsxt)):
        return ""
    table = _table(site, cloud, vrf)
    if not table.whole or next(networks_with(site, cloud.uuid, vrf.uuid, address), None):
        return ""
    fitting = table.fitting(address)
    if not fitting:
        return f"No route to {address} in VRF context {vrf.name}"
    best = fitting[0]
    if next(networks_with(site, cloud.uuid, vrf.uuid, best.hop), None) is None:
        return f"Next hop {best.hop} of {best.prefix} is on no network of VRF context {vrf.name}"
    owner = str(pool.body.get("created_by", "")).removeprefix("ako-")
    if owner and best.cluster and best.cluster != owner and any(r.cluster == owner for r in fitting):
        return f"Route {best.prefix} leads to the nodes of cluster {best.cluster}"
    return ""


def way_to(site: Site, pool: Object, address: Address) -> Object | None:
    """The network on which a server of a pool, or the next hop towards it, is; None where that cannot be told."""
    vrf = followed(site, pool.body, "vrf_ref")
    cloud = site.store.get("cloud", pool.cloud)
    if vrf is None or cloud is None:
        return None
    hops = [route.hop for route in _table(site, cloud, vrf).fitting(address)[:1]]
    networks = (
        network for at in (address, *hops) for network, _ in networks_with(site, cloud.uuid, vrf.uuid, at)
    )
    return next(networks, None)


@on(Moment.CHECK, "vrfcontext")
def next_hop_in_subnet(change: Change) -> None:
    """Refuse (400) a new route whose next hop is in no subnet of the VRF context's networks [PUBLIC; INF words].

    Nothing is concluded where a network of it has no configured subnet, or there is none, nor but in vCenter clouds.
    """
    site, vrf = change.site, change.new
    cloud = site.store.get("cloud", vrf.cloud)
    if cloud is None or cloud.body.get("vtype") != "CLOUD_VCENTER" or not _whole(site, cloud, vrf):
        return
    before = {(each.prefix, each.hop) for each in _routes(change.old.body if change.old else {})}
    for route in _routes(vrf.body):
        if (route.prefix, route.hop) not in before and not any(
            networks_with(site, cloud.uuid, vrf.uuid, route.hop)
        ):
            raise Refused(
                400, f"Next hop {route.hop} of route {route.prefix} is in no subnet of VRF context {vrf.name}"
            )


def _table(site: Site, cloud: Object, vrf: Object) -> Table:
    """The routing table of a VRF context, kept until a network or a VRF context changes."""
    now = site.store.changed(("network", "vrfcontext"))
    tables = remembered(site, "routing", now, dict[str, Table])
    if vrf.uuid not in tables:
        tables[vrf.uuid] = Table(tuple(_routes(vrf.body)), _whole(site, cloud, vrf))
    return tables[vrf.uuid]


def _routes(vrf: Json) -> list[Route]:
    routes = []
    for each in vrf.get("static_routes", []):
        prefix, hop = parse_prefix(each.get("prefix")), parse_ip(each.get("next_hop"))
        marks = [m.get("value", "") for m in each.get("labels", []) if m.get("key") == "clustername"]
        if prefix is not None and hop is not None:
            routes.append(Route(prefix, hop, str(marks[0]) if marks else ""))
    return routes


def _whole(site: Site, cloud: Object, vrf: Object) -> bool:
    networks = [
        each for each in site.store.referrers(vrf) if each.type == "network" and each.cloud == cloud.uuid
    ]
    return bool(networks) and all(any(True for _ in subnets_of(each.body)) for each in networks)


def conflict(site: Site, vsvip: Object) -> str:
    """Who else uses an address of a VIP: an older VIP of its VRF context, or a machine on the wire; "" for nobody."""
    shared, addresses = _claimed(site, vsvip), _addresses(vsvip)
    if shared:
        return f"Duplicate IP address {min(shared)}: another VIP of the VRF context has it"
    if wired := addresses & on_the_wire(site).keys():
        address = min(wired)
        return f"Duplicate IP address {address} detected: {on_the_wire(site)[address]} answers for it"
    return ""


def _claimed(site: Site, vsvip: Object) -> set[str]:
    """The addresses of a VIP that an older one has, which a service uses too, in the same cloud and VRF context."""
    holders = _holders(site)
    taken = set()
    for where in _places(vsvip):
        sharing = holders.get(where, ())
        if (
            len(sharing) > 1
            and next((uuid for uuid in sharing if _used(site, uuid)), vsvip.uuid) != vsvip.uuid
        ):
            taken.add(where[2])
    return taken


def contested(site: Site) -> set[str]:
    """The vsvips (uuids) with an address that others of their VRF context have too."""
    return {uuid for sharing in _holders(site).values() if len(sharing) > 1 for uuid in sharing}


def _used(site: Site, vsvip: str) -> bool:
    holder = site.store.get("vsvip", vsvip)
    return holder is not None and any(user.type == "virtualservice" for user in site.store.referrers(holder))


def _holders(site: Site) -> dict[tuple[str, str, str], list[str]]:
    """The VIPs that have an address, oldest first, by cloud, VRF context and address."""

    def holders() -> dict[tuple[str, str, str], list[str]]:
        places = each_remembered(site, "vip_places", "vsvip", _places)
        index: dict[tuple[str, str, str], list[str]] = {}
        for uuid, known in places.items():
            for where in known:
                index.setdefault(where, []).append(uuid)
        return index

    return remembered(site, "vip_holders", site.store.changed(("vsvip",)), holders)


def _places(vsvip: Object) -> list[tuple[str, str, str]]:
    """Where a VIP's addresses are: cloud, VRF context, address."""
    vrf = uuid_of(vsvip.body.get("vrf_context_ref"))
    return [(vsvip.cloud, vrf, address) for address in sorted(_addresses(vsvip))]


def _addresses(vsvip: Object) -> set[str]:
    return {
        given["addr"] if address.version == 4 else str(address)  # an IPv4 address has one spelling
        for vip in vsvip.body.get("vip", [])
        for member in ("ip_address", "ip6_address")
        if (given := vip.get(member)) and (address := parse_ip(given)) is not None
    }


def on_the_wire(site: Site) -> dict[str, str]:
    """The addresses that running guests report, by the machine; those of Service Engines are the Controller's own."""

    def wire() -> dict[str, str]:
        own = {engine.name for engine in site.store.all("serviceengine")}
        return {
            address.partition("/")[0]: vm.name
            for vcenter in vcenters(site).values()
            for vm in vcenter.of(Vm)
            if vm.powered and vm.name not in own
            for nic in vm.nics
            if nic.connected
            for address in nic.addresses
        }

    now = [vcenter.revision for vcenter in vcenters(site).values()], site.store.changed(("serviceengine",))
    return remembered(site, "wire", now, wire)


def unadvertised(site: Site, service: Object, vsvip: Object) -> str:
    """Why no BGP peer hears of the VIP of a service with RHI; "" where one does, or none is to [SCHEMA; INF words]."""
    if not service.body.get("enable_rhi"):
        return ""
    vrf = followed(site, vsvip.body, "vrf_context_ref")
    profile = (vrf.body.get("bgp_profile") or {}) if vrf is not None else {}
    peers = [p for p in profile.get("peers", []) if p.get("advertise_vip", True) and not p.get("shutdown")]
    labels = {*vsvip.body.get("bgp_peer_labels", [])}
    peers = [peer for peer in peers if not labels or peer.get("label") in labels]
    if profile.get("shutdown") or not peers:
        which = f" with label {', '.join(sorted(labels))}" if labels else ""
        return f"No BGP peer{which} advertises the VIP in VRF context {vrf.name if vrf else ''}"
    down = site.memory.get("bgp_down", {})
    addresses = {str(parse_ip(peer.get("peer_ip")) or parse_ip(peer.get("peer_ip6"))) for peer in peers}
    return f"BGP peers {', '.join(sorted(addresses))} are down" if addresses <= down.keys() else ""


def turn_peer(site: Site, *, peer: Any = "", up: Any = None) -> Json:
    """Take a BGP peer down, or bring it back. Raises Refused (400) for an address that no VRF context has as a peer."""
    down: dict[str, float] = site.memory.setdefault("bgp_down", {})
    known = {
        str(parse_ip(each.get(member)))
        for vrf in site.store.all("vrfcontext")
        for each in (vrf.body.get("bgp_profile") or {}).get("peers", [])
        for member in ("peer_ip", "peer_ip6")
        if each.get(member)
    }
    if peer not in known:
        raise Refused(400, f"no BGP peer {peer!r}; there are {', '.join(sorted(known)) or 'none'}")
    if not isinstance(up, bool):
        raise Refused(400, "up is true or false")
    if up:
        down.pop(peer, None)
    elif peer not in down:
        down[peer] = site.clock.now()
        for vrf in site.store.all("vrfcontext"):
            peers = (vrf.body.get("bgp_profile") or {}).get("peers", [])
            if any(
                peer in (str(parse_ip(p.get("peer_ip"))), str(parse_ip(p.get("peer_ip6")))) for p in peers
            ):
                note_event(site, "SE_BGP_PEER_DOWN", "vrfcontext", vrf.uuid, f"BGP peer {peer} is down")
    return {"down": sorted(down)}
