"""Isolation of VRF contexts: which networks are live in one, which of them do not belong there, which pools overlap."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from intent import Environment, IpRange, Network, VrfContext, compare
from live.avi.identity import Json, uuid_of
from live.avi.snapshot import Live


def members(live: Live, vrf: VrfContext) -> list[Network]:
    """The live networks in a VRF context, whatever tenant each is of. Raises Blocked, Unknown."""
    rows = live.once(_by_vrf).get(str(live.raw(vrf)["uuid"]), [])
    return [live.decode(Network, row) for row in rows]


def _by_vrf(live: Live) -> dict[str, list[Json]]:
    """The live networks by the uuid of their VRF context."""
    networks: dict[str, list[Json]] = {}
    for row in live.rows("network"):
        networks.setdefault(uuid_of(str(row.get("vrf_context_ref") or "")), []).append(row)
    return networks


def undeclared(live: Live, vrf: VrfContext, environment: Environment) -> list[str]:
    """The names of live networks in a VRF context that the environment does not declare for it, sorted."""
    return sorted(n.name for n in members(live, vrf) if not _may_be_in(n, live, environment))


def _may_be_in(network: Network, live: Live, environment: Environment) -> bool:
    """Whether a live network is declared for the VRF context that it is in, or without saying for which."""
    for tenant in (network.tenant, "admin"):  # one that the file gives no tenant may be of its default one
        declared = environment.find(network.key._replace(tenant=tenant))
        if isinstance(declared, Network) and network.tenant in declared.tenants:
            meant = any(live.decode(Network, row) is network for row in live.found(declared))
            return meant and not compare(declared, live[declared], "vrf")
    return False


def overlaps(live: Live, vrf: VrfContext) -> list[str]:
    """Each pair of overlapping pools in a VRF context, as a phrase. Raises Unknown."""
    pools = [(pool, network.name) for network in members(live, vrf) for pool in _pools(network)]
    return [
        f"{first} of {network} and {second} of {other}"
        for (first, network), (second, other) in combinations(pools, 2)
        if first.overlaps(second)
    ]


def _pools(network: Network) -> Iterator[IpRange]:
    for subnet in network.subnets or ():
        for pool in subnet.pools or ():
            yield pool.range
