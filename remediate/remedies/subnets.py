"""Remedies of a network's subnets and of their pools."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from intent import IpRange, Network, Unknown
from live.kinds.routing import TYPED_RANGES
from remediate.registry import Case, Verdict, remedy

Prefix = IPv4Network | IPv6Network


_SERVES = {"vip-and-se": ("vsvip-", "se-"), "vip": ("vsvip-",), "se": ("se-",)}


@remedy(Network, "exclude_discovered_subnets", risk="guarded")
def set_subnets_that_count(case: Case) -> Verdict:
    """Say whether only configured subnets count; whoever has an address of another one would be placed no more."""
    if not case.want.exclude_discovered_subnets:
        return Verdict()
    there = [subnet.prefix for subnet in case.have.subnets or ()]
    engines = case.view.users("network", str(case.raw["uuid"]), "serviceengine") if not there else ()
    return Verdict(hit=engines, effect="no subnet of the network would count any more")


@remedy(Network, "subnets", risk="safe")
def add_subnets(case: Case) -> Verdict:
    """Add the missing subnets with their pools; subnets that others configured stay.

    Only an undo takes a subnet away, and with it the addresses given out of it.
    """
    there = [subnet.prefix for subnet in case.have.subnets or ()]
    for drift in case.drifts:
        if not drift.removes and (other := _overlapping(drift.want["prefix"], there)):
            return Verdict(
                withdrawn=f"{other} is configured on it and overlaps {drift.want['prefix']}; nothing here deletes, so "
                "remove it under Infrastructure > Networks when no address of it is in use, and run again"
            )
    gone = [_network(drift.have["prefix"]) for drift in case.drifts if drift.removes]
    hit = [
        str(given)
        for given in (case.view.allocations(case.raw, case.read) if gone else ())
        if _inside(given.address, gone)
    ]
    return Verdict(hit=tuple(hit), effect="they have addresses of a subnet that would go")


def _network(prefix: Any) -> Prefix:
    """A configured prefix, which may have host bits; the subnet around it is meant. Raises Unknown for none."""
    try:
        return ip_network(str(prefix), strict=False)
    except ValueError:
        raise Unknown(f"{prefix} is no subnet, so who has an address of it cannot be told") from None


def _overlapping(wanted: str, there: list[Any]) -> Any:
    """A configured prefix that shares addresses with one to be added; None where there is none."""
    new = _network(wanted)
    known = (prefix for prefix in there if isinstance(prefix, Prefix) and prefix.version == new.version)
    return next((prefix for prefix in known if new.overlaps(prefix)), None)


@remedy(Network, "subnets.pools", risk="guarded")
def set_pools(case: Case) -> Verdict:
    """Set a subnet's pools. New ranges hit nobody; an address that lies in none of them any more does."""
    touched = {drift.path.partition("[")[2].partition("]")[0] for drift in case.drifts}
    kept = [
        pool.range
        for subnet in case.want.subnets or ()
        if str(subnet.prefix) in touched
        for pool in subnet.pools or ()
    ]
    left = [
        pool.range
        for subnet in case.have.subnets or ()
        if str(subnet.prefix) in touched
        for pool in subnet.pools or ()
    ]
    hit = [
        str(given)
        for given in case.view.allocations(case.raw, case.read)
        if _inside(given.address, left) and not _inside(given.address, kept)
    ]
    return Verdict(hit=tuple(hit), effect="their addresses lie outside the declared pools")


@remedy(Network, "subnets.pools.use", risk="guarded")
def set_use(case: Case) -> Verdict:
    """Say who may take addresses from a pool; addresses already taken by others are hit."""
    if case.view.names.version < TYPED_RANGES:
        first = ".".join(str(part) for part in TYPED_RANGES)
        return Verdict(
            withdrawn=f"up to version {first} a pool serves VIPs and Service Engines alike; declare vip-and-se until "
            "the Controller is upgraded"
        )
    serves = {
        str(pool.range): (pool.range, pool.use)
        for subnet in case.want.subnets or ()
        for pool in subnet.pools or ()
        if pool.use
    }
    drifted = [serves[drift.element] for drift in case.drifts if drift.element in serves]
    hit = [
        str(given)
        for given in case.view.allocations(case.raw, case.read)
        if any(
            _inside(given.address, [within]) and not given.uuid.startswith(_SERVES.get(use, ()))
            for within, use in drifted
        )
    ]
    return Verdict(hit=tuple(hit), effect="they hold addresses of a pool that would no longer serve them")


def _inside(address: str, ranges: Iterable[IpRange | Prefix]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in within for within in ranges)
