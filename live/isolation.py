"""Isolation of VRF contexts, read from the networks that are live in them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from intent import Environment, IpRange, Network, VrfContext
from live.snapshot import Live


def members(live: Live, vrf: VrfContext) -> list[Network]:
    """The live networks in a VRF context. Raises Unknown."""
    return [
        n for n in live.all(Network) if n.vrf == vrf.name and (n.cloud, n.tenant) == (vrf.cloud, vrf.tenant)
    ]


def strangers(live: Live, vrf: VrfContext, environment: Environment) -> list[str]:
    """The names of live networks in a VRF context that the environment does not declare for it, sorted."""
    declared = {n.name for n in environment.networks if n.vrf == vrf.name and n.cloud == vrf.cloud}
    undecided = {n.name for n in environment.networks if n.vrf is None and n.cloud == vrf.cloud}
    return sorted(n.name for n in members(live, vrf) if n.name not in declared | undecided)


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
