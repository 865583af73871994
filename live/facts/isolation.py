"""Isolation of VRF contexts, read from the networks that are live in them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from intent import Environment, IpRange, Network, VrfContext
from live.avi.snapshot import Live


def members(live: Live, vrf: VrfContext) -> list[Network]:
    """The live networks in a VRF context. Raises Unknown."""
    found: list[Network] = live.once(_by_vrf).get((vrf.name, vrf.cloud, vrf.tenant), [])
    return found


def _by_vrf(live: Live) -> dict[tuple[str | None, str, str], list[Network]]:
    found: dict[tuple[str | None, str, str], list[Network]] = {}
    for network in live.all(Network):
        found.setdefault((network.vrf, network.cloud, network.tenant), []).append(network)
    return found


def strangers(live: Live, vrf: VrfContext, environment: Environment) -> list[str]:
    """The names of live networks in a VRF context that the environment does not declare for it, sorted."""
    return sorted(n.name for n in members(live, vrf) if not _may_be_in(n, vrf, environment))


def _may_be_in(network: Network, vrf: VrfContext, environment: Environment) -> bool:
    """Whether it is declared for this VRF context, or without saying for which."""
    declared = environment.find(network.key)
    return isinstance(declared, Network) and declared.vrf in (vrf.name, None)


def overlaps(live: Live, vrf: VrfContext) -> list[str]:
    """Each pair of overlapping pools in a VRF context, as a phrase. Raises Unknown."""
    pools = [(pool, network.name) for network in members(live, vrf) for pool in _pools(network)]
    return [
        f"{one} of {its} and {other} of {others}"
        for (one, its), (other, others) in combinations(pools, 2)
        if one.overlaps(other)
    ]


def _pools(network: Network) -> Iterator[IpRange]:
    for subnet in network.subnets or ():
        for pool in subnet.pools or ():
            yield pool.range
