"""Mapping of VRF contexts: a declared VRF context <-> the Controller's `vrfcontext` with its routes and its BGP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from intent import Blocked, VrfContext
from intent.kinds.routes import BgpPeer, GatewayMonitor, StaticRoute
from live.avi.identity import Json, Names
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import (
    address,
    address_message,
    dig,
    flag,
    number,
    prefix,
    prefix_message,
    put_prefix,
    unset,
)
from live.kinds.labels import clusters_of
from live.kinds.messages import merge_by, put_members
from live.kinds.nsxt import TIER1_PATH, attribute

_OF_A_NODE = re.compile(r".+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d+")
"""An id that AKO gives to the route of a node: cluster, a random uuid, number [CLIENT]."""


def routes_of(obj: Json, names: Names) -> Iterator[Json]:
    """The static routes of a VRF context without those of AKO, which its label or their ids tell."""
    if not (routes := obj.get("static_routes", [])):
        return
    groups = names.objects("serviceenginegroup") if names.read("serviceenginegroup") else ()
    clusters = set().union(*map(clusters_of, (*routes, *groups)))
    of_cluster = re.compile(rf"({'|'.join(map(re.escape, sorted(clusters)))})-\d+") if clusters else None
    for route in routes:
        ident = str(route.get("route_id", ""))
        numbered = of_cluster is not None and of_cluster.fullmatch(ident)
        if not (clusters_of(route) or numbered or _OF_A_NODE.fullmatch(ident)):
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


_PEER = {
    "remote_as": number("remote_as"),
    "bfd": flag("bfd", default=True),
    "advertise_vip": flag("advertise_vip", default=True),
    "advertise_snat": flag("advertise_snat_ip", default=True),
}
_MONITOR = {
    "interval": number("gateway_monitor_interval", default=1000),
    "failures": number("gateway_monitor_fail_threshold", default=10),
    "successes": number("gateway_monitor_success_threshold", default=15),
}
"""Members of a peer and of a gateway monitor that have a value of their own; defaults [SCHEMA]."""


def _peer_address(message: Json) -> Any:
    return address(message.get("peer_ip")) or address(message.get("peer_ip6"))


def get_peers(obj: Json, names: Names) -> tuple[BgpPeer, ...]:
    """The BGP peers."""
    return tuple(
        BgpPeer.model_construct(**_peer(message, obj, names))
        for message in dig(obj, "bgp_profile", "peers") or ()
    )


def _peer(message: Json, owner: Json, names: Names) -> Json:
    return {
        "address": _peer_address(message),
        "network": names.name(message.get("network_ref"), "network", names.home(owner)),
        "label": message.get("label") or None,
        **{name: leaf.get(message, names) for name, leaf in _PEER.items()},
    }


def put_peers(obj: Json, value: tuple[BgpPeer, ...], names: Names) -> None:
    """Write the BGP peers; what a peer holds besides, such as its secret, stays."""
    profile = obj.setdefault("bgp_profile", {})
    wanted = [(str(peer.address), partial(_put_peer, peer=peer, owner=obj, names=names)) for peer in value]
    profile["peers"] = merge_by(profile.get("peers", []), lambda m: str(_peer_address(m)), wanted)


def _put_peer(message: Json, peer: BgpPeer, owner: Json, names: Names) -> None:
    if peer.address and not _peer_address(message):
        message["peer_ip" if peer.address.version == 4 else "peer_ip6"] = address_message(peer.address)
    if peer.label is not None:
        message["label"] = peer.label
    if peer.network is not None:
        _put_network(message, peer, owner, names)
    put_members(message, peer, _PEER, names)


def _put_network(message: Json, peer: BgpPeer, owner: Json, names: Names) -> None:
    """The network of a peer, and of its subnets the one that holds the peer's address."""
    if peer.network == names.name(message.get("network_ref"), "network", names.home(owner)):
        return
    ref = names.ref("network", peer.network, names.home(owner)) if peer.network else ""
    message["network_ref"] = ref
    subnets = (names.resolve(ref) or {}).get("configured_subnets", [])
    known = (prefix(each.get("prefix")) for each in subnets)
    around = (net for net in known if isinstance(net, IPv4Network | IPv6Network) and peer.address in net)
    if (net := next(around, None)) is not None:
        put_prefix(message, "subnet" if net.version == 4 else "subnet6", net)


def get_monitors(obj: Json, names: Names) -> tuple[GatewayMonitor, ...]:
    """The gateways that are watched."""
    return tuple(
        GatewayMonitor.model_construct(
            **{
                "gateway": address(message.get("gateway_ip")),
                **{name: leaf.get(message, names) for name, leaf in _MONITOR.items()},
            }
        )
        for message in obj.get("gateway_mon", [])
    )


def put_monitors(obj: Json, value: tuple[GatewayMonitor, ...], names: Names) -> None:
    """Write the gateways that are watched."""
    wanted = [(str(each.gateway), partial(_put_monitor, each=each, names=names)) for each in value]
    obj["gateway_mon"] = merge_by(
        obj.get("gateway_mon", []), lambda m: str(address(m.get("gateway_ip"))), wanted
    )


def _put_monitor(message: Json, each: GatewayMonitor, names: Names) -> None:
    if each.gateway:
        message.setdefault("gateway_ip", address_message(each.gateway))
    put_members(message, each, _MONITOR, names)


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
        "bgp.peers": Leaf("bgp_profile.peers[] and bgp_profile.peers[].network_ref", get_peers, put_peers),
        "bfd.min_tx": unset(number("bfd_profile", "mintx"), 1000),
        "bfd.min_rx": unset(number("bfd_profile", "minrx"), 1000),
        "bfd.multiplier": unset(number("bfd_profile", "multi"), 3),
        "gateway_monitors": Leaf("gateway_mon[]", get_monitors, put_monitors),
    },
    built_in=lambda obj: bool(obj.get("system_default")),
)
