"""Mapping of networks: a declared network <-> the Controller's `network`."""

from __future__ import annotations

import re
from functools import partial

from intent import Network, Pool, Subnet
from live.avi.identity import Json, Names
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import address, flag, ip_range, prefix, prefix_message, range_message, reference
from live.kinds.labels import MARKERS
from live.kinds.messages import merge_by
from live.kinds.nsxt import SEGMENT_ID, attribute

_API_USES = {
    "vip-and-se": "STATIC_IPS_FOR_VIP_AND_SE",
    "vip": "STATIC_IPS_FOR_VIP",
    "se": "STATIC_IPS_FOR_SE",
}
USES = {theirs: ours for ours, theirs in _API_USES.items()}
"""Our words for what a range of addresses is for."""

TYPED_RANGES = (20, 1, 3)
"""The first model with `static_ip_ranges`; before it, `static_ranges` served VIPs and SEs alike [SCHEMA]."""


def _pools(subnet: Json) -> tuple[Pool, ...]:
    """A subnet's pools in either spelling; while both exist (20.1.3 to 21.1.7), the same range counts once.

    One that stands there twice, for VIPs and for SEs, serves both.
    """
    pools: dict[str, Pool] = {}
    for entry in subnet.get("static_ip_ranges", []):
        if value := ip_range(entry.get("range", {})):
            use = USES.get(entry.get("type", "STATIC_IPS_FOR_VIP_AND_SE"), entry.get("type"))
            if (other := pools.get(text := str(value))) and other.use != use:
                use = "vip-and-se"
            pools[text] = Pool.model_construct(range=value, use=use)
    for entry in subnet.get("static_ranges", []):
        if value := ip_range(entry):
            pools.setdefault(str(value), Pool.model_construct(range=value, use="vip-and-se"))
    for entry in subnet.get("static_ips", []):
        if (single := address(entry)) and (value := ip_range({"begin": entry, "end": entry})):
            pools.setdefault(str(single), Pool.model_construct(range=value, use="vip-and-se"))
    return tuple(pools.values())


def get_subnets(obj: Json, names: Names) -> tuple[Subnet, ...]:
    """A network's configured subnets with their pools."""
    return tuple(
        Subnet.model_construct(prefix=prefix(entry.get("prefix")), pools=_pools(entry))
        for entry in obj.get("configured_subnets", [])
    )


def put_subnets(obj: Json, value: tuple[Subnet, ...], names: Names) -> None:
    """Write a network's configured subnets, keeping what a subnet holds besides prefix and pools."""
    wanted = [(str(subnet.prefix), partial(_put_subnet, subnet=subnet, names=names)) for subnet in value]
    have = obj.get("configured_subnets", [])
    obj["configured_subnets"] = merge_by(have, lambda message: str(prefix(message.get("prefix"))), wanted)


def _put_subnet(message: Json, subnet: Subnet, names: Names) -> None:
    if "prefix" not in message and subnet.prefix is not None:
        message["prefix"] = prefix_message(subnet.prefix)
    if subnet.pools is None or _as_sets(subnet.pools) == _as_sets(_pools(message)):
        return
    message.pop("static_ips", None)
    if names.version < TYPED_RANGES:
        message["static_ranges"] = [range_message(pool.range) for pool in subnet.pools]
        return
    message.pop("static_ranges", None)
    wanted = [(str(pool.range), partial(_put_pool, pool=pool)) for pool in subnet.pools]
    have = message.get("static_ip_ranges", [])
    message["static_ip_ranges"] = merge_by(have, lambda entry: str(ip_range(entry.get("range", {}))), wanted)


def _put_pool(entry: Json, pool: Pool) -> None:
    if "range" not in entry:
        entry["range"] = range_message(pool.range)
    if pool.use or "type" not in entry:
        entry["type"] = _API_USES.get(pool.use or "vip-and-se", pool.use)


def _as_sets(pools: tuple[Pool, ...]) -> set[tuple[str, str | None]]:
    return {(str(pool.range), pool.use) for pool in pools}


_SEGMENT = attribute(SEGMENT_ID)


def get_vip_only(obj: Json, names: Names) -> object:
    """Whether a network of an NSX-T cloud is no segment."""
    return None if _SEGMENT.get(obj, names) else True


_OF_VCENTER = re.compile(r"(.+)-cloud-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def get_moref(obj: Json, names: Names) -> str | None:
    """The managed object id in vCenter: a discovered network's uuid begins with it [REC]."""
    match = _OF_VCENTER.fullmatch(str(obj.get("uuid", "")))
    return match[1] if match else None


NETWORK = Kind(
    Network,
    "network",
    {
        "vrf": reference("vrfcontext", "vrf_context_ref"),
        "dhcp": flag("dhcp_enabled", default=True),
        "uuid": Leaf("uuid", lambda obj, _names: obj.get("uuid")),
        "moref": Leaf("uuid", get_moref),
        "exclude_discovered_subnets": flag("exclude_discovered_subnets", default=False),
        "markers": MARKERS,
        "segment": _SEGMENT,
        "vip_only": Leaf(_SEGMENT.api, get_vip_only),
        "subnets": Leaf("configured_subnets[].static_ip_ranges[]", get_subnets, put_subnets),
    },
    pins=("uuid", "moref"),
)
