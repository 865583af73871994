"""Mapping of VRF contexts: a declared VRF context <-> the Controller's `vrfcontext` with its routes and its BGP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from intent import Blocked, VrfContext
from intent.kinds.routes import BgpPeer, GatewayMonitor, StaticRoute
from live.avi.identity import Json, Names, NotResolved
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import (
    address,
    address_message,
    flag,
    ip,
    number,
    or_none,
    plain,
    prefix,
    prefix_message,
    put_prefix,
    reference,
    unset,
)
from live.kinds.labels import clusters_of
from live.kinds.messages import elements
from live.kinds.nsxt import TIER1_PATH, attribute

_OF_A_NODE = re.compile(r".+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d+")
"""An id that AKO gives to the route of a node: cluster, a random uuid, number [CLIENT]."""


_NUMBERED = re.compile(r".+-\d+")
"""An id that may be of AKO's older form: cluster, number [CLIENT]."""


def routes_of(obj: Json, names: Names) -> Iterator[Json]:
    """The static routes of a VRF context without those of AKO, which its label or their ids tell.

    Raises NotResolved where the SE groups were not read, whose labels tell whether an id is one of AKO's.
    """
    if not (routes := obj.get("static_routes", [])):
        return
    groups = names.objects("serviceenginegroup")
    clusters = set().union(*map(clusters_of, (*routes, *groups)))
    of_cluster = re.compile(rf"({'|'.join(map(re.escape, sorted(clusters)))})-\d+") if clusters else None
    for route in routes:
        ident = str(route.get("route_id", ""))
        numbered = of_cluster is not None and of_cluster.fullmatch(ident)
        if clusters_of(route) or numbered or _OF_A_NODE.fullmatch(ident):
            continue
        if _NUMBERED.fullmatch(ident) and not names.read("serviceenginegroup"):
            raise NotResolved(f"whether static route {ident} is AKO's was not read: SE groups tell it")
        yield route


def _route(message: Json) -> StaticRoute:
    next_hop: Any = address(message.get("next_hop"))
    return StaticRoute.model_construct(prefix=prefix(message.get("prefix")), next_hop=next_hop)


def get_routes(obj: Json, names: Names) -> tuple[StaticRoute, ...]:
    """The static routes that are not AKO's, each once."""
    return tuple({(each := _route(message)).label: each for message in routes_of(obj, names)}.values())


def put_routes(obj: Json, value: tuple[StaticRoute, ...], names: Names) -> None:
    """Write the static routes; AKO's stay in their places, and a route that stays keeps its id."""
    wanted = {route.label: route for route in value}
    ours = {id(message): _route(message).label for message in routes_of(obj, names)}
    kept = [m for m in obj.get("static_routes", []) if ours.get(id(m), "") in {"", *wanted}]
    for label, route in wanted.items():
        if label not in ours.values():
            message = {"prefix": prefix_message(route.prefix), "next_hop": address_message(route.next_hop)}
            kept.append({"route_id": _free_id(kept), **message})
    obj["static_routes"] = kept


def _free_id(routes: list[Json]) -> str:
    """The first number that is no route's id yet: ids must be unique in a VRF context [CLIENT]."""
    taken = {str(route.get("route_id")) for route in routes}
    return next(str(at) for at in range(1, len(taken) + 2) if str(at) not in taken)


def _defaults(obj: Json, names: Names) -> list[Json]:
    return [m for m in routes_of(obj, names) if getattr(prefix(m.get("prefix")), "prefixlen", None) == 0]


def get_default(obj: Json, names: Names) -> Any:
    """The next hop of the default route; all of them where there are several."""
    hops = tuple(dict.fromkeys(address(message.get("next_hop")) for message in _defaults(obj, names)))
    return hops[0] if len(hops) == 1 else hops or None


def put_default(obj: Json, value: Any, names: Names) -> None:
    """Write the default route of the gateway's address family. Raises Blocked where there are several."""
    there = [m for m in _defaults(obj, names) if prefix(m.get("prefix")).version == value.version]
    if len(there) > 1:
        raise Blocked(f"it has {len(there)} default routes; remove those that are not meant")
    if there:
        there[0].setdefault("next_hop", {}).update(address_message(value))
        return
    everywhere = ip_network("0.0.0.0/0" if value.version == 4 else "::/0")
    put_routes(obj, (*get_routes(obj, names), StaticRoute(prefix=everywhere, next_hop=value)), names)


def _peer_address(message: Json) -> Any:
    return address(message.get("peer_ip")) or address(message.get("peer_ip6"))


def _put_peer_address(message: Json, value: Any, names: Names) -> None:
    message["peer_ip" if value.version == 4 else "peer_ip6"] = address_message(value)


def _put_network(message: Json, value: Any, names: Names) -> None:
    """The network of a peer, and of its subnets the one that holds the peer's address."""
    message["network_ref"] = ref = names.ref("network", value, names.home(message))
    subnets = (names.resolve(ref) or {}).get("configured_subnets", [])
    known = (prefix(each.get("prefix")) for each in subnets)
    peer = _peer_address(message)
    around = (net for net in known if isinstance(net, IPv4Network | IPv6Network) and peer in net)
    if (net := next(around, None)) is not None:
        put_prefix(message, "subnet" if net.version == 4 else "subnet6", net)


_PEER = {
    "address": Leaf("peer_ip", lambda message, _names: _peer_address(message), _put_peer_address),
    "network": replace(reference("network", "network_ref"), put=_put_network),
    "label": or_none(plain("label")),
    "remote_as": number("remote_as"),
    "bfd": flag("bfd", default=True),
    "advertise_vip": flag("advertise_vip", default=True),
    "advertise_snat": flag("advertise_snat_ip", default=True),
}
_MONITOR = {
    "gateway": ip("gateway_ip"),
    "interval": number("gateway_monitor_interval", default=1000),
    "failures": number("gateway_monitor_fail_threshold", default=10),
    "successes": number("gateway_monitor_success_threshold", default=15),
}
"""Members of a peer and of a gateway monitor; defaults [SCHEMA]. What a peer holds besides, as its secret, stays."""
_PEERS = elements(BgpPeer, "address", _PEER, "bgp_profile", "peers")


VRF = Kind(
    VrfContext,
    "vrfcontext",
    {
        "tier1": attribute(TIER1_PATH),
        "static_routes": Leaf("static_routes[]", get_routes, put_routes),
        # After the routes: it is one of them, and they are written as they were read.
        "default_gateway": Leaf("static_routes[]", get_default, put_default),
        "bgp.local_as": number("bgp_profile", "local_as"),
        "bgp.ibgp": flag("bgp_profile", "ibgp"),
        "bgp.hold_time": number("bgp_profile", "hold_time", default=180),
        "bgp.keepalive": number("bgp_profile", "keepalive_interval", default=60),
        "bgp.peers": replace(_PEERS, api=f"{_PEERS.api} and {_PEERS.api}.network_ref"),
        "bfd.min_tx": unset(number("bfd_profile", "mintx"), 1000),
        "bfd.min_rx": unset(number("bfd_profile", "minrx"), 1000),
        "bfd.multiplier": unset(number("bfd_profile", "multi"), 3),
        "gateway_monitors": elements(GatewayMonitor, "gateway", _MONITOR, "gateway_mon"),
    },
    looks_into=dict.fromkeys(("static_routes", "default_gateway"), "serviceenginegroup"),
    built_in=lambda obj: bool(obj.get("system_default")),
)
