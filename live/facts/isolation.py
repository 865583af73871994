"""Isolation of VRF contexts: which networks are live in one, which of them do not belong there, which pools overlap."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from intent import Environment, IpRange, Network, VrfContext
from intent.graph import referred
from live.avi.identity import uuid_of
from live.avi.snapshot import Live


def members(live: Live, vrf: VrfContext) -> list[Network]:
    """The live networks in a VRF context. Raises Unknown."""
    uuid = str(live.raw(vrf).get("uuid"))
    return live.once(_by_vrf).get(uuid, [])


def _by_vrf(live: Live) -> dict[str, list[Network]]:
    """The live networks by the uuid of the VRF context that each is in."""
    networks: dict[str, list[Network]] = {}
    for row in live.rows("network"):
        networks.setdefault(uuid_of(str(row.get("vrf_context_ref") or "")), []).append(
            live.decode(Network, row)
        )
    return networks


def undeclared(live: Live, vrf: VrfContext, environment: Environment) -> list[str]:
    """The names of live networks in a VRF context that the environment does not declare for it, sorted."""
    return sorted(n.name for n in members(live, vrf) if not _may_be_in(n, vrf, environment))


def _may_be_in(network: Network, vrf: VrfContext, environment: Environment) -> bool:
    """Whether it is declared for this VRF context, or without saying for which."""
    declared = environment.find(network.key)
    if not isinstance(declared, Network):
        return False
    meant = referred(environment, declared, "vrf")
    return declared.vrf is None or (meant is not None and meant.key == vrf.key)


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
