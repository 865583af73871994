"""Relations between declared objects: names given twice, references to nothing, pools where they cannot be. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from intent import graph
from intent.base import Declared, Intent, LivesIn
from intent.environment import DECLARED, SECTIONS, Environment
from intent.kinds import hosts
from intent.kinds.routing import Network, Subnet
from intent.source import Place
from intent.values import IpRange
from intent.words import nearest

Lost = Mapping[str, AbstractSet[str] | None]


class _Placed(NamedTuple):
    """A pool and where it stands: sorted by its first address, then by the file's order."""

    begin: int
    order: tuple[int, int, int]
    range: IpRange
    network: Network
    place: Place


def relations(environment: Environment, lost: Lost | None = None) -> Iterator[tuple[Place, str]]:
    """What is wrong between objects: names twice, references to nothing, pools where they cannot be.

    `lost`: by section, the names of objects that stand in the file but are not in the environment, because their form
    is wrong; None for a section that is lost as a whole. What refers to them does not dangle.
    """
    yield from _names(environment)
    yield from _references(environment, lost or {})
    for index, network in enumerate(environment.networks):
        yield from _pools(network, ("networks", index))
    yield from _overlaps(environment)
    if "dns_services" not in (lost or {}):
        for place, what, word, known in hosts.problems(environment):
            yield place, f"no {what} {word!r} is declared{nearest(word, known)}"


def _names(environment: Environment) -> Iterator[tuple[Place, str]]:
    for section in SECTIONS:
        seen: dict[Any, int] = {}
        for index, want in enumerate(getattr(environment, section)):
            if want.key in seen:
                yield (
                    (section, index, "name"),
                    f"{want.key} is declared a second time; give each object one entry",
                )
            seen[want.key] = index
            yield from _twice_in_lists(want, (section, index))


def _twice_in_lists(part: Declared, place: Place) -> Iterator[tuple[Place, str]]:
    for name in type(part).model_fields:
        value, marker = getattr(part, name), part.marker(name)
        by = getattr(marker, "by", None)
        if by is None or not value:
            continue
        seen = set()
        for index, element in enumerate(value):
            if (key := str(getattr(element, by))) in seen:
                yield (*place, name, index), f"{key} is declared a second time in {name}; keep one"
            seen.add(key)
            yield from _twice_in_lists(element, (*place, name, index))


def _references(environment: Environment, lost: Lost) -> Iterator[tuple[Place, str]]:
    """References to nothing. In a file without clouds, the one that its objects live in is taken for granted."""
    known: dict[tuple[str, str], dict[str, None]] = {}
    for at, want in _placed(environment):
        for reference in graph.references(want):
            refers, kind, name, cloud = (
                reference.refers,
                reference.kind,
                reference.key.name,
                reference.key.cloud,
            )
            gone = lost.get(kind.section, frozenset())
            if name in refers.builtin or gone is None or name in gone:
                continue
            if isinstance(refers, LivesIn) and not environment.clouds:
                continue
            if (kind.section, cloud) not in known:
                declared = getattr(environment, kind.section)
                names = (other.name for other in declared if not cloud or other.key.cloud == cloud)
                known[kind.section, cloud] = dict.fromkeys(names)
            if name not in known[kind.section, cloud]:
                where = f" in cloud {cloud}" if cloud else ""
                close = nearest(name, known[kind.section, cloud])
                yield (*at, *reference.place), f"no {kind.kind} {name!r} is declared{where}{close}"


def _placed(environment: Environment) -> Iterator[tuple[Place, Intent]]:
    """Every object that stands in the file, and where."""
    for kind in DECLARED:
        for index, want in enumerate(environment.each(kind)):
            yield ((kind.section,) if kind.singleton else (kind.section, index)), want


def _pools(network: Network, at: Place) -> Iterator[tuple[Place, str]]:
    for i, subnet in enumerate(network.subnets or ()):
        for j, pool in enumerate(subnet.pools or ()):
            place = (*at, "subnets", i, "pools", j, "range")
            if not pool.range.within(subnet.prefix):
                yield place, f"pool {pool.range} lies outside its subnet {subnet.prefix}"
            elif reserved := _reserved(subnet, pool.range):
                yield place, f"pool {pool.range} holds {reserved}, which no host can use"


def _reserved(subnet: Subnet, pool: IpRange) -> str:
    if subnet.prefix.version == 6 or subnet.prefix.prefixlen >= 31:
        return ""
    named = {"network": subnet.prefix.network_address, "broadcast": subnet.prefix.broadcast_address}
    return " and ".join(f"the {what} address {address}" for what, address in named.items() if address in pool)


def _overlaps(environment: Environment) -> Iterator[tuple[Place, str]]:
    """Pools of one VRF context must not share an address, be they of one network or of several."""
    pools: defaultdict[tuple[str, str | None, int], list[_Placed]] = defaultdict(list)
    for i, network in enumerate(environment.networks):
        for j, subnet in enumerate(network.subnets or ()):
            for k, pool in enumerate(subnet.pools or ()):
                place = ("networks", i, "subnets", j, "pools", k, "range")
                scope = (network.cloud, network.vrf, pool.range.begin.version)
                pools[scope].append(_Placed(int(pool.range.begin), (i, j, k), pool.range, network, place))
    for among in pools.values():
        yield from _sweep(sorted(among))


def _sweep(pools: list[_Placed]) -> Iterator[tuple[Place, str]]:
    """Each pool that begins before an earlier one has ended; the one that stands later in the file is told."""
    widest: _Placed | None = None
    for pool in pools:
        if widest is not None and widest.range.overlaps(pool.range):
            first, second = sorted((widest, pool), key=lambda placed: placed.order)
            whose = "" if first.network is second.network else f" of {first.network} in the same VRF context"
            yield second.place, f"pool {second.range} overlaps {first.range}{whose}"
        if widest is None or int(pool.range.end) > int(widest.range.end):
            widest = pool
