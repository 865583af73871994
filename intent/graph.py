"""The graph of references between declared objects, and what follows from it.

Every edge is a `Refers` on a field of a model. From the edges follow what an object needs, what depends on it, the
order of writes, what a write that was not carried out holds back, and what a file refers to in vain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from intent.base import KINDS, Declared, Intent, Key, LivesIn, Refers
from intent.drift import part_of
from intent.environment import Environment
from intent.source import Place


@dataclass(frozen=True)
class Reference:
    """One name of another object that a declared object holds, and where in it: `("vip", "network")`."""

    place: Place
    refers: Refers
    kind: type[Intent]
    key: Key


def kind_of(refers: Refers) -> type[Intent] | None:
    """The kind of what a field names; None where nothing declares such objects."""
    return KINDS.get(refers.to) if isinstance(refers.to, str) else refers.to


@cache
def fields(kind: type[Declared]) -> dict[str, Refers]:
    """Every field of a model that refers to something, by its path: `{"vip.network": Refers(Network)}`."""
    by_path: dict[str, Refers] = {}
    for name, field in kind.model_fields.items():
        if (refers := kind.refers(name)) is not None:
            by_path[name] = refers
        elif (inner := _part(field.annotation)) is not None:
            by_path |= {f"{name}.{path}": nested for path, nested in fields(inner).items()}
    return by_path


def references(want: Intent) -> Iterator[Reference]:
    """Every reference of an object to objects that can be declared, in the order of its fields.

    A name means an object of the same cloud; a cloud's own means one that lives in it.
    """
    for place, refers, value in _values(want, ()):
        kind = kind_of(refers)
        if kind is None:
            continue
        if isinstance(value, Intent):
            yield Reference(place, refers, kind, value.key)
        elif isinstance(value, str):
            cloud = _cloud_of(want) if kind.scoped else ""
            yield Reference(place, refers, kind, Key(kind.kind, value, cloud, want.key.tenant))


def needs(want: Intent) -> Iterator[Key]:
    """The keys of the objects that must exist before this one; what lives in it comes after it."""
    for reference in references(want):
        if not (_is_cloud(want) and reference.kind.scoped):
            yield reference.key


def needed(environment: Environment, want: Intent) -> Iterator[Intent]:
    """The declared objects that must exist before this one."""
    for key in needs(want):
        if (named := resolve(environment, key)) is not None:
            yield named


def resolve(environment: Environment, key: Key) -> Intent | None:
    """The declared object that a reference means: of its own tenant, else of admin, whose objects serve all [DOC]."""
    own = environment.find(key)
    return own if own is not None else environment.find(key._replace(tenant="admin"))


def stands_on(environment: Environment, key: Key) -> Iterator[Key]:
    """Every declared object that this one needs, and what those need in turn."""
    seen, todo = {key}, [key]
    while todo:
        want = environment.find(todo.pop())
        for under in needed(environment, want) if want else ():
            if under.key not in seen:
                seen.add(under.key)
                todo.append(under.key)
                yield under.key


def dependents(environment: Environment, keys: Iterable[Key]) -> set[Key]:
    """These objects and everything that stands on them, names that hosts must resolve included."""
    users: dict[Key, list[Key]] = {}
    for want in environment.every():
        for under in needed(environment, want):
            users.setdefault(under.key, []).append(want.key)
    reached, todo = set(keys), list(keys)
    while todo:
        new = set(users.get(todo.pop(), ())) - reached
        reached |= new
        todo += new
    return reached


def driven(environment: Environment, keys: Iterable[Key]) -> set[Key]:
    """The objects whose state changes with what is done to these, as a cloud's with what is done in it."""
    wants = (environment.find(key) for key in keys)
    every = (reference for want in wants if want for reference in references(want))
    return {reference.key for reference in every if reference.refers.drives}


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


def _cloud_of(want: Intent) -> str:
    """The name of the cloud in which an object means the objects that it names; "" where it may be any."""
    return want.name if _is_cloud(want) else getattr(want, "cloud", None) or ""


def _part(annotation: Any) -> type[Declared] | None:
    """The nested model of a field, unless it is an object of its own."""
    inner = part_of(annotation)
    return None if inner is None or issubclass(inner, Intent) else inner


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
