"""Usage of IP addresses, read out of the Controller's inventories: what is left of pools, and VIPs outside of them.

Pure functions over one Live. Each gives a fact or raises Blocked (what it is about is absent) or Unknown (not read, or
the Controller does not say). The shapes are [SCHEMA]; none was ever recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import avi_schema
from intent import Blocked, DnsService, IpamProfile, IpRange, Network, Unknown
from live.avi.identity import Home, Json, split_ref, uuid_of
from live.avi.snapshot import Live
from live.facts.runtime import messages, with_vip
from live.kinds import KINDS
from live.kinds.codecs import address, prefix
from live.kinds.dns import network_ref, vsvip_of
from live.kinds.routing import USES


@dataclass(frozen=True)
class PoolUsage:
    """What is left of a subnet's static addresses for one use (`vip-and-se`, `vip`, `se`)."""

    subnet: str
    use: str
    total: int
    free: int


REFERRING = (
    *(
        "cloud",
        "ipamdnsproviderprofile",
        "network",
        "pool",
        "poolgroup",
        "serviceengine",
        "serviceenginegroup",
    ),
    *("systemconfiguration", "virtualservice", "vrfcontext", "vsvip"),
)
"""Types whose objects stand on others in a way that people ask for."""


def referrers(live: Live, rows: Iterable[Json]) -> Iterator[str]:
    """What of the configured objects that were read refers to these, `virtualservice shop`, each once."""
    uuids = {str(row.get("uuid")) for row in rows}
    types = avi_schema.load().types
    for api, others in live.snapshot.objects.items():
        if (kind := types.get(api)) is None or not kind.configurable:
            continue
        for other in others:
            with suppress(Unknown):
                if str(other.get("uuid")) not in uuids and _refers(dict(other), uuids):
                    yield f"{api} {other.get('name') or ''}".rstrip()


def _refers(part: Any, uuids: Collection[str]) -> bool:
    if isinstance(part, str):
        return "/api/" in part and uuid_of(part) in uuids
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return any(_refers(each, uuids) for each in inner)


def pool_usage(live: Live, network: Network) -> tuple[PoolUsage, ...]:
    """How many static addresses of a network there are and are left, per subnet and use.

    From 22.1 the Controller counts by use; before, by subnet (20.1.3 to 21.1 may do both; the finer count is
    taken). Raises Blocked when the network is absent, Unknown when the Controller counts nothing for it.
    """
    row = live.row("network-inventory", live.raw(network)["uuid"])
    runtime = row.get("runtime")
    if not isinstance(runtime, dict):
        raise Unknown(f"the Controller reports no address counts of {network.key}")
    return tuple(subnet_usages(runtime, network.key))


def subnet_usages(runtime: Json, network: object) -> Iterator[PoolUsage]:
    """The counts in a network's runtime, per subnet and use. Raises Unknown where one is not of its shape."""
    for subnet in messages(runtime.get("subnet_runtime")):
        yield from _subnet(subnet, network)


def free_for(use: str, row: Json) -> int | None:
    """The free addresses of a network for a use (`vip`, `se`), by its inventory; None where they are not counted."""
    runtime = row.get("runtime")
    if not isinstance(runtime, dict):
        return None
    try:
        usages = list(subnet_usages(runtime, row.get("name")))
    except Unknown:
        return None
    return sum(usage.free for usage in usages if use in usage.use.split("-")) if usages else None


def _subnet(subnet: Json, network: object) -> Iterable[PoolUsage]:
    name = str(prefix(subnet.get("prefix")) or "?")
    ranges = messages(subnet.get("ip_range_runtimes"))
    for message, use in [
        (entry, USES.get(str(entry.get("type", "STATIC_IPS_FOR_VIP_AND_SE")), str(entry.get("type"))))
        for entry in ranges
    ] or [(subnet, "vip-and-se")]:
        total, free = message.get("total_ip_count"), message.get("free_ip_count")
        used = message.get("used_ip_count")
        if free is None and isinstance(total, int) and isinstance(used, int):
            free = total - used
        if not isinstance(total, int) or not isinstance(free, int):
            if not ranges and not {"total_ip_count", "free_ip_count", "used_ip_count"} & message.keys():
                return  # a subnet without a static pool is not counted
            raise Unknown(f"the Controller gives no address counts of {network} in {name}")
        yield PoolUsage(name, use, total, free)


def vips_outside_pools(live: Live, service: DnsService) -> list[str]:
    """The VIP addresses of a virtual service that lie in no pool for VIPs of the network they are from.

    Raises Blocked when there is no VIP address, Unknown when a VIP's network is not known.
    """
    with_vip(live, service)
    raw = live.raw(service)
    live.rows("network")
    addresses: list[tuple[str, bool]] = []
    for vip in messages(vsvip_of(raw, live.names).get("vip")):
        for member in ("ip_address", "ip6_address"):
            if (ip := address(vip.get(member))) is not None:
                pools = _vip_pools(live, service, vip)
                addresses.append((str(ip), any(ip in pool for pool in pools)))
    if not addresses:
        raise Blocked(f"{service.key} has no VIP address", on=service.key)
    return [ip for ip, inside in addresses if not inside]


def _vip_pools(live: Live, service: DnsService, vip: Json) -> list[IpRange]:
    """The pools for VIPs of the network a VIP was asked from, else of the one it was found in."""
    ref = network_ref(vip)
    network = live.names.resolve(ref) if split_ref(ref).api == "network" else None
    if network is None:
        raise Unknown(f"the Controller does not say which network the VIP of {service.key} is from")
    subnets = live.decode(Network, network).subnets or ()
    return [
        pool.range
        for subnet in subnets
        for pool in subnet.pools or ()
        if "vip" in str(pool.use).split("-and-")
    ]


def offered_networks(live: Live, service: DnsService) -> dict[str, str]:
    """The networks that the IPAM profile of a service's cloud offers: names by uuid. Raises Blocked, Unknown."""
    names = live.names
    clouds = names.find("cloud", service.cloud)
    profile = names.resolve(clouds[0].get("ipam_provider_ref")) if len(clouds) == 1 else None
    if profile is None:
        raise Blocked(f"cloud {service.cloud} has no IPAM profile", on=service.key)
    naming = KINDS[IpamProfile].leaves["usable_networks"].names
    assert naming is not None
    rows = (names.resolve(ref) for ref in naming.refs(profile, names))
    return {str(row["uuid"]): str(row.get("name")) for row in rows if row is not None}


def vip_network(live: Live, service: DnsService) -> str:
    """The uuid of the network that a service's declaration means for its VIP. Raises Blocked, Unknown."""
    assert service.vip is not None
    name = service.vip.network
    assert name is not None
    return split_ref(live.names.ref("network", name, Home((service.cloud,), service.bare_tenants))).uuid
