"""Merging: the live object with only its drifted paths replaced by what is declared.

What drifted is decided by the checks that ran, so a narrow selection never writes more than it looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from intent import ConfigObject, Declared, Drift, Intent, Keyed, Unordered, field_of
from intent.drift import plain
from live.avi.identity import Json, Names
from live.kinds import Kind
from live.kinds.objects import ObjectKind
from remediate.plan.payload import copied

Part = tuple[str, str | None]
"""A field, and the key of the element in it that is meant; None for the whole field."""


class NoCounterpart(LookupError):
    """A drifted field is not a member of this object, so nothing can be merged onto it."""


def parts(path: str) -> tuple[Part, ...]:
    """`subnets[10.10.25.0/24].pools` -> (("subnets", "10.10.25.0/24"), ("pools", None))."""
    parted: list[Part] = []
    rest = path
    while rest:
        head = rest[: min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))]
        rest = rest[len(head) :]
        key: str | None = None
        if rest.startswith("["):
            end = _closing(rest)
            key, rest = rest[1:end], rest[end + 1 :]
        parted.append((head, key))
        rest = rest.removeprefix(".")
    return tuple(parted)


def _closing(text: str) -> int:
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if not depth:
            return at
    raise ValueError(f"unbalanced brackets in {text!r}")


def merged(kind: Kind, raw: Json, want: Intent, drifts: Iterable[Drift], names: Names) -> Json:
    """A copy of the raw object with only the drifted paths as declared.

    Raises Blocked when a name it must refer to is absent or ambiguous, Unknown when it was not read, and
    NoCounterpart when a path is not stored in this object.
    """
    if isinstance(kind, ObjectKind) and isinstance(want, ConfigObject):
        return kind.merged(want, raw, drifts, names)
    target: Json = copied(raw)
    names = kind.around(want, names)
    have = kind.counterpart(want, raw, names)
    for root, paths in _by_leaf(kind, drifts).items():
        leaf = kind.leaves[root]
        if leaf.put is None:
            raise NoCounterpart(root)
        merged: Any = have
        for path in paths:
            merged = _merge(merged, want, parts(path))
        leaf.put(target, member_of(merged, root), names)
    return target


def _by_leaf(kind: Kind, drifts: Iterable[Drift]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for drift in drifts:
        try:
            root, _ = kind.leaf(field_of(drift.path))
        except KeyError:
            raise NoCounterpart(drift.path) from None
        paths.setdefault(root, []).append(drift.path)
    # The table's order, so that one leaf may build on another (the services on the network profile).
    return {root: paths[root] for root in kind.leaves if root in paths}


def member_of(part: Any, path: str) -> Any:
    """A member at a path of nested models; None when any of them is unset."""
    for name in path.split("."):
        part = None if part is None else getattr(part, name, None)
    return part


def _merge(have: Declared | None, want: Declared, path: Sequence[Part]) -> Declared:
    """The live part with one path of the declared part in it."""
    (name, key), rest = path[0], path[1:]
    declared, live = getattr(want, name), getattr(have, name, None)
    marker = want.marker(name)
    value: Any
    if key is not None and isinstance(marker, Keyed):
        value = _element(live or (), declared, marker, key, rest)
    elif key is not None:  # one that a list which means a set must not have
        value = tuple(element for element in live or () if str(element) != key or element in declared)
    elif rest:
        value = _merge(live, declared, rest)
    elif isinstance(marker, Keyed):
        value = tuple(_exactly(live or (), declared, marker))
    elif isinstance(marker, Unordered) and not marker.exact:
        value = tuple(with_declared(live or (), declared))
    else:
        value = declared
    if have is None:
        return type(want).model_construct(**{name: value})
    return have.model_copy(update={name: value})


def with_declared(live: Sequence[Any], declared: Sequence[Any]) -> list[Any]:
    """A list that means a set and may hold what others added: each declared element once, all others as they are."""
    kept = [element for at, element in enumerate(live) if element not in declared or element not in live[:at]]
    return [*kept, *(element for element in declared if element not in live)]


def _key_of(element: Any, marker: Keyed) -> str:
    return str(plain(getattr(element, marker.by)))


def _element(
    elements: Sequence[Any], wanted: Sequence[Any], marker: Keyed, key: str, rest: Sequence[Part]
) -> tuple[Any, ...]:
    """A keyed list in which one element is as declared, or one path of it; one that is not declared goes."""
    declared = next((element for element in wanted if _key_of(element, marker) == key), None)
    if declared is None:
        return tuple(element for element in elements if _key_of(element, marker) != key)
    if not any(_key_of(element, marker) == key for element in elements):
        return (*elements, declared)
    return tuple(
        element if _key_of(element, marker) != key else _merge(element, declared, rest) if rest else declared
        for element in elements
    )


def _exactly(elements: Sequence[Any], wanted: Sequence[Any], marker: Keyed) -> Iterator[Any]:
    """The elements of an exact list: those that are there keep their members, the rest come and go."""
    there = {_key_of(element, marker): element for element in elements}
    declared = {_key_of(element, marker): element for element in wanted}
    yield from (element for key, element in there.items() if key in declared or not marker.exact)
    yield from (element for key, element in declared.items() if key not in there)
