"""The graph of references between declared objects, and what follows from it.

Every edge is a `Refers` on a field of a model. From the edges follow what an object needs, what depends on it, the
order of writes, what a write that was not carried out holds back, and references to what is not declared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from intent.base import KINDS, Declared, Intent, Key, LivesIn, Refers, cloud_of
from intent.environment import Environment
from intent.kinds.objects import ConfigObject, kind_of_type
from intent.objects import references as members
from intent.paths import marked
from intent.source import Place
from intent.values import ScopedName, scoped_name

DRIVEN = {"virtualservice": ("serviceenginegroup", "pool", "poolgroup"), "poolgroup": ("pool",)}
"""By type, the types of what an object of any type names and changes the state of: its engines come, its servers are
asked."""


@dataclass(frozen=True)
class Reference:
    """One name of another object that a declared object holds, and where in it: `("vip", "network")`.

    `key`: the object that is meant first; its cloud is "" where it may live in any. `tenants`: the tenants in which it
    is looked for, the first that has it; empty for any, after admin.
    """

    place: Place
    refers: Refers
    kind: type[Intent]
    key: Key
    tenants: tuple[str, ...] = ()


def scoped_names(want: Intent) -> Iterator[tuple[Place, Refers, ScopedName]]:
    """Every name in an object that says where its object lives, and what it refers to."""
    for place, refers, value in _values(want, ()):
        if isinstance(value, ScopedName):
            yield place, refers, value


def tenants(environment: Environment) -> frozenset[str]:
    """The tenants that declared objects live in or refer to, but admin, whose objects are seen from every tenant."""
    named = {value.tenant for want in environment for _, _, value in scoped_names(want) if value.tenant}
    for want in environment.each(ConfigObject):
        named |= {reference.key.tenant for reference in _of_members(want) if len(reference.tenants) == 1}
    return frozenset(named.union(*(want.tenants for want in environment))) - {"admin"}


def kind_of(refers: Refers) -> type[Intent] | None:
    """The kind of what a field names; None where nothing declares such objects."""
    return KINDS.get(refers.to) if isinstance(refers.to, str) else refers.to


@cache
def fields(kind: type[Declared]) -> dict[str, Refers]:
    """Every field of a model that refers to something, by its path: `{"vip.network": Refers(Network)}`."""
    return dict(marked(kind, Refers))


def references(want: Intent) -> Iterator[Reference]:
    """Every reference of an object to objects that can be declared, in the order of its fields.

    A bare name means an object of the same cloud and tenant, else of tenant admin, whose objects serve all [DOC]; a
    cloud's own means one that lives in it.
    """
    if isinstance(want, ConfigObject) and want.schema_type is not None:
        yield from _of_members(want)
    yield from of_fields(want)


def of_fields(want: Intent) -> Iterator[Reference]:
    """The same without those in the declared members of an object of any type."""
    for place, refers, value in _values(want, ()):
        kind = kind_of(refers)
        if kind is None:
            continue
        if isinstance(value, Intent):
            yield Reference(place, refers, kind, value.key, (value.key.tenant,))
        elif isinstance(value, str | ScopedName):
            yield _reference(want, place, refers, kind, value)


def _of_members(want: ConfigObject) -> Iterator[Reference]:
    """The references in the declared members of an object of any type, to objects of any type."""
    assert want.schema_type is not None
    for place, api, value in members.references(want.schema_type.model, want.fields):
        if (name := members.named(value)) is not None:
            refers = Refers(api, drives=api in DRIVEN.get(want.api, ()))
            yield _reference(want, ("fields", *place), refers, kind_of_type(api), name)


def _reference(
    want: Intent, place: Place, refers: Refers, kind: type[Intent], value: str | ScopedName
) -> Reference:
    named = scoped_name(value)
    cloud = (named.cloud or cloud_of(want)) if kind.scoped else ""
    tenants = (named.tenant,) if named.tenant else want.bare_tenants
    first = tenants[0] if tenants else "admin"
    return Reference(place, refers, kind, Key(kind.kind, named.name, cloud, first), tenants)


def needed(environment: Environment, want: Intent) -> Iterator[Intent]:
    """The declared objects that must exist before this one; what lives in it comes after it."""
    for reference in references(want):
        if not (_is_cloud(want) and reference.kind.scoped):
            yield from meant(environment, want, reference)[:1]


def meant(environment: Environment, want: Intent, reference: Reference) -> list[Intent]:
    """The declared objects that a reference of an object may mean: one where the declaration is clear, none or more."""
    named = environment.named(reference.key.kind, reference.key.name)
    if reference.key.cloud:
        named = [other for other in named if other.key.cloud == reference.key.cloud]
    for tenant in reference.tenants or ("admin",):
        if hits := [other for other in named if other.key.tenant == tenant]:
            return hits if len(hits) == 1 else _served(environment, want, hits)
    return [] if reference.tenants else list(named)


def referred(environment: Environment, want: Intent, *place: str) -> Intent | None:
    """The declared object that an object's field refers to, such as `"vip", "network"`; None where there is none."""
    at = (reference for reference in references(want) if reference.place == place)
    return next((other for reference in at for other in meant(environment, want, reference)), None)


def _served(environment: Environment, want: Intent, objects: list[Intent]) -> list[Intent]:
    """Of objects in several clouds, those of the clouds that refer to this object, as to their IPAM profile."""
    clouds = {
        cloud.name
        for cloud in environment
        if _is_cloud(cloud)
        for reference in references(cloud)
        if type(want) is reference.kind and want.name == reference.key.name
    }
    return [other for other in objects if other.key.cloud in clouds] or objects


def stands_on(environment: Environment, key: Key) -> Iterator[Key]:
    """Every declared object that this one needs, and what those need in turn."""

    def under(above: Key) -> Iterable[Key]:
        want = environment.find(above)
        return (other.key for other in needed(environment, want)) if want else ()

    return _reached([key], under)


def dependents(environment: Environment, keys: Iterable[Key]) -> set[Key]:
    """These objects and everything that stands on them, names that hosts must resolve included."""
    users: dict[Key, list[Key]] = {}
    for want in environment.every():
        for under in needed(environment, want):
            users.setdefault(under.key, []).append(want.key)
    starts = set(keys)
    return starts.union(_reached(starts, lambda key: users.get(key, ())))


def _reached(starts: Iterable[Key], next_to: Callable[[Key], Iterable[Key]]) -> Iterator[Key]:
    """Every key that is reached from these over one or more edges, each once; the starts themselves are left out."""
    queue = list(starts)
    reached = set(queue)
    while queue:
        for key in next_to(queue.pop()):
            if key not in reached:
                reached.add(key)
                queue.append(key)
                yield key


def driven(environment: Environment, keys: Iterable[Key]) -> set[Key]:
    """The objects whose state changes with what is done to these, as a cloud's with what is done in it."""

    def next_to(key: Key) -> Iterator[Key]:
        if (want := environment.find(key)) is not None:
            for reference in references(want):
                if reference.refers.drives:
                    objects = meant(environment, want, reference)
                    yield from (other.key for other in objects) if objects else (reference.key,)

    direct = {on for key in keys for on in next_to(key)}
    return direct.union(_reached(direct, next_to))


def in_order(environment: Environment, absent: Iterable[Key] = ()) -> list[Key]:
    """Every declared object after those it needs.

    Where objects need each other in a circle, what exists already gives way: only what is absent must come first.
    """
    graph = {want.key: [under.key for under in needed(environment, want)] for want in environment}
    missing = set(absent)
    while True:
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle: list[Key] = error.args[1]
            edges = list(pairwise(circle))  # each is needed by the one after it
            first, by = next((edge for edge in edges if edge[0] not in missing), edges[0])
            graph[by].remove(first)


def depends(word: str, changed: Collection[str] | None, on: str, amended: Collection[str]) -> bool:
    """Whether a change of an object depends on a change of one that it refers to and that is there.

    `word`, `on`: the words of the two kinds. `changed`: the fields that change on the first; None where it is made.
    `amended`: the fields that change on the second. Kinds that do not refer to each other are not known to be apart.
    """
    kinds = {kind.kind: kind for kind in KINDS.values()}
    if word not in kinds:
        return True
    edges = [
        (refers.through or (path.partition(".")[0],), refers.takes)
        for path, refers in fields(kinds[word]).items()
        if (kind := kind_of(refers)) is not None and kind.kind == on
    ]
    return not edges or any(
        (changed is None or not set(changed).isdisjoint(through))
        and (takes is None or not set(amended).isdisjoint(takes))
        for through, takes in edges
    )


def _is_cloud(want: Intent) -> bool:
    return type(want) is kind_of(LivesIn())


def _values(part: Declared, place: Place) -> Iterator[tuple[Place, Refers, Any]]:
    """(place, what it refers to, name or object) of everything that a part of an object refers to."""
    for field in _referring(type(part)):
        value = getattr(part, field, None)
        refers = type(part).refers(field)
        several = isinstance(value, tuple)
        for at, element in enumerate(value) if isinstance(value, tuple) else ((0, value),):
            inner = (*place, field, at) if several else (*place, field)
            if refers is not None:
                yield inner, refers, element
            elif isinstance(element, Declared):
                yield from _values(element, inner)


@cache
def _referring(kind: type[Declared]) -> tuple[str, ...]:
    """The fields of a model in which a reference stands, be it deep inside."""
    return tuple(dict.fromkeys(path.partition(".")[0] for path in fields(kind)))
