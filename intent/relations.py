"""Relations between the declared objects of a file, and what is wrong with them. Pure.

Duplicate names, references to nothing, overlapping pools, and keys that mean nothing where they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from avi_schema import load
from intent import cloud_types, graph
from intent.base import Declared, Intent, LivesIn, Refers
from intent.environment import DECLARED, SECTIONS, Environment
from intent.kinds import hosts, objects, vcenter
from intent.kinds.routing import Network, Subnet
from intent.kinds.service_engines import folder_problems
from intent.objects import overlap
from intent.source import Place
from intent.values import IpRange, ScopedName
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
    yield from pool_problems(environment)
    for index, group in enumerate(environment.se_groups):
        yield from folder_problems(group, ("se_groups", index))
    yield from vcenter.problems(environment.vcenter, environment.vcenters, environment.clouds)
    yield from cloud_types.problems(environment.clouds, _placed(environment))
    yield from objects.problems(environment.objects, environment.controller.api_version)
    yield from overlap.problems(environment)
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
    for at, want in _placed(environment):
        misplaced = dict(_misplaced(environment, want, lost))
        for place, text in misplaced.items():
            yield (*at, *place), text
        for reference in graph.of_fields(
            want
        ):  # what the members of an object of any type name need not be declared
            if reference.place in misplaced:
                continue
            refers, kind, name = reference.refers, reference.kind, reference.key.name
            gone = lost.get(kind.section, frozenset())
            if name in refers.builtin or gone is None or name in gone:
                continue
            if isinstance(refers, LivesIn) and not environment.clouds:
                continue
            objects = graph.meant(environment, want, reference)
            if len(objects) != 1:
                text = _ambiguous(reference, objects) if objects else _dangling(environment, reference)
                yield (*at, *reference.place), text


def _misplaced(environment: Environment, want: Intent, lost: Lost) -> Iterator[tuple[Place, str]]:
    """Names that say of their object that it lives where it cannot."""
    clouds = [cloud.name for cloud in environment.clouds]
    for place, refers, value in graph.scoped_names(want):
        if value.cloud and not _has_cloud(refers):
            yield place, f"{value.name} is of a kind that lives in no cloud; leave `cloud` out of its name"
        elif value.cloud and clouds and "clouds" not in lost and value.cloud not in clouds:
            yield place, f"no cloud {value.cloud!r} is declared{nearest(value.cloud, clouds)}"


def _has_cloud(refers: Refers) -> bool:
    kind = graph.kind_of(refers)
    return load().types[str(refers.to)].has_cloud if kind is None else kind.scoped


def _ambiguous(reference: graph.Reference, objects: Sequence[Intent]) -> str:
    kind, name = reference.kind.kind, reference.key.name
    return f"{len(objects)} declared objects are a {kind} {name!r}; write {_spellings(reference, objects)}"


def _dangling(environment: Environment, reference: graph.Reference) -> str:
    """A reference to nothing, in a sentence: where it is looked for, and what may have been meant."""
    kind, key = reference.kind, reference.key
    where = f" in cloud {key.cloud}" if key.cloud else ""
    if set(reference.tenants) - {"admin"}:
        where += f" in tenant {' or '.join(dict.fromkeys(reference.tenants))}"
    declared = f"no {kind.kind} {key.name!r} is declared{where}"
    elsewhere = environment.named(kind.kind, key.name)
    if elsewhere and not isinstance(reference.refers, LivesIn):
        return f"{declared}; one is declared elsewhere: write {_spellings(reference, elsewhere)}"
    known = (other.name for other in environment.each(kind) if not key.cloud or other.key.cloud == key.cloud)
    return f"{declared}{nearest(key.name, dict.fromkeys(known))}"


def _spellings(reference: graph.Reference, objects: Iterable[Intent]) -> str:
    """How each of these objects is named there: `{name: vrf-blue, cloud: west, tenant: blue}`."""
    spellings = []
    for key in (other.key for other in objects):
        cloud = f", cloud: {key.cloud}" if key.cloud != reference.key.cloud else ""
        tenant = f", tenant: {key.tenant}" if key.tenant != reference.key.tenant else ""
        spellings.append(f"{{name: {key.name}{cloud}{tenant}}}")
    return " or ".join(spellings)


def _placed(environment: Environment) -> Iterator[tuple[Place, Intent]]:
    """Every object that stands in the file, and where."""
    for kind in DECLARED:
        for index, want in enumerate(environment.each(kind)):
            yield ((kind.section,) if kind.singleton else (kind.section, index)), want


def _every_pool(environment: Environment) -> Iterator[tuple[_Placed, Subnet]]:
    """Every pool, and the subnet that it is of."""
    for i, network in enumerate(environment.networks):
        for j, subnet in enumerate(network.subnets or ()):
            for k, pool in enumerate(subnet.pools or ()):
                place = ("networks", i, "subnets", j, "pools", k, "range")
                yield _Placed(int(pool.range.begin), (i, j, k), pool.range, network, place), subnet


def pool_problems(environment: Environment) -> Iterator[tuple[Place, str]]:
    """Pools where they cannot be: the place of each one's range, and what is wrong."""
    yield from _pools(environment)
    yield from _overlaps(environment)


def _pools(environment: Environment) -> Iterator[tuple[Place, str]]:
    for pool, subnet in _every_pool(environment):
        if not pool.range.within(subnet.prefix):
            yield pool.place, f"pool {pool.range} lies outside its subnet {subnet.prefix}"
        elif reserved := _reserved(subnet, pool.range):
            yield pool.place, f"pool {pool.range} holds {reserved}, which no host can use"


def _reserved(subnet: Subnet, pool: IpRange) -> str:
    if subnet.prefix.version == 6 or subnet.prefix.prefixlen >= 31:
        return ""
    named = {"network": subnet.prefix.network_address, "broadcast": subnet.prefix.broadcast_address}
    return " and ".join(f"the {what} address {address}" for what, address in named.items() if address in pool)


def _overlaps(environment: Environment) -> Iterator[tuple[Place, str]]:
    """Pools of one VRF context must not share an address, be they of one network or of several."""
    pools: defaultdict[tuple[str, str | ScopedName | None, int], list[_Placed]] = defaultdict(list)
    for pool, _ in _every_pool(environment):
        pools[pool.network.cloud, pool.network.vrf, pool.range.begin.version].append(pool)
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
