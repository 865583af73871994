"""Changes of one object between two runs, member by member, each list by what its elements mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from avi_schema import Field, Version, load
from avi_schema.semantics import Meaning, meaning
from intent.drift import Unknown
from intent.fingerprint import WHOLE, ExactList
from intent.notice import AKO, CLOUD_CONNECTOR
from intent.objects.canonical import Members, canonical, default_of, meant, text
from intent.objects.elements import (
    TwoLists,
    anyone_adds,
    element_text,
    owned_by_ako,
    paired,
    without_index,
)

NameOf = Callable[[str, str], str]
"""(type, uuid) -> what people call the object that a reference leads to."""
MOST_SHOWN = 300
"""Letters of a value that a change shows; of a longer one, its size."""


@dataclass(frozen=True)
class MemberChange:
    """One member that has changed. `owner`: whose it is, None for the owner of the object. `grave`: AKO stops by it."""

    path: str
    was: Any
    now: Any
    owner: str | None = None
    grave: bool = False


@dataclass(frozen=True)
class Around:
    """What a comparison needs besides the object. `want`: what is declared of it; None for nothing, or `WHOLE`.

    `clusters`: those that have objects of AKO's.
    """

    want: Any
    version: Version
    name_of: NameOf
    clusters: frozenset[str] = frozenset()

    def owned_by_ako(self, element: Any) -> bool:
        """Whether AKO has written an element: its label says so, or, of AKO up to 1.13.1, the number of a route."""
        if owned_by_ako(element):
            return True
        number = element.get("route_id") if isinstance(element, Mapping) else None
        cluster, _, digits = str(number or "").rpartition("-")
        return cluster in self.clusters and digits.isdecimal()


@dataclass(frozen=True)
class _Place(Around):
    """A message that is compared, and where it stands."""

    message: str = ""
    path: str = ""
    scopes: tuple[Members, ...] = ()
    of_ako: bool = False

    def declares(self, name: str) -> Any:
        """What is declared of a member: None for nothing."""
        if self.want is WHOLE:
            return WHOLE
        if not isinstance(self.want, Mapping):
            return None
        return next((self.want[each] for each in (name, f"{name}_ref") if each in self.want), None)


def member_changes(message: str, before: Members, now: Members, around: Around) -> Iterator[MemberChange]:
    """Every member that is not as it was, but what is declared: that is a check's to tell."""
    yield from _message(
        _Place(around.want, around.version, around.name_of, around.clusters, message), before, now
    )


def _message(place: _Place, before: Members, now: Members) -> Iterator[MemberChange]:
    fields = load().message(place.message).fields
    scopes = (now, *place.scopes)
    for name in dict.fromkeys((*before, *now)):
        was, there = before.get(name), now.get(name)
        if was == there or name not in fields or (place.of_ako and name == "route_id"):
            continue
        means = meaning(place.message, name, scopes)
        if means.mode in ("server", "secret"):
            continue
        path = f"{place.path}.{name}" if place.path else name
        field = fields[name]
        inner = replace(
            place, message=field.message or "", path=path, want=place.declares(name), scopes=scopes
        )
        if inner.want is WHOLE:
            continue
        compared = _list if field.many else _single
        yield from compared(_Member(inner, field, means), was, there)


@dataclass(frozen=True)
class _Member:
    """A member that is compared: where it stands, what it is, and what it means."""

    place: _Place
    field: Field
    means: Meaning

    def shown(self, value: Any) -> Any:
        """A value for people and for drift.json; of one that is too long, its size."""
        named = _named(self.place, self.field, value)
        if named in ([], {}):
            return None
        size = len(json.dumps(named, default=str))
        return named if size <= MOST_SHOWN else f"a value of {size:,} characters"

    def path_of(self, element: Any) -> str:
        """The path of an element of a list."""
        return f"{self.place.path}[{self._text(_named(self.place, self.field, element))}]"

    def is_akos(self, element: Any) -> bool:
        """Whether an element is AKO's, in a list to which it adds."""
        return self.means.owner == "ako" and self.place.owned_by_ako(element)

    def declared(self, element: Any) -> Any:
        """What is declared of an element of a list: None where nothing of it is."""
        want = self.place.want
        if want is None:
            return None
        key = self._text(element)
        added_by_right = anyone_adds(self.field, self.means) or self.is_akos(element)
        if isinstance(want, ExactList) and not added_by_right:
            return next((each for each in want if self._text(each) == key), WHOLE)
        wanted = want if isinstance(want, list | tuple) else [want]
        keys = [self._text(each) for each in wanted]
        if (self.field.kind == "ref" or _has_reference_key(self.field, self.means)) and any(
            "/api/" in each for each in keys
        ):
            return WHOLE  # it may be what is declared: where that lives is not known
        return next((each for each, of in zip(wanted, keys, strict=True) if of == key), None)

    def _text(self, element: Any) -> str:
        return element_text(self.field, self.means, element)


def _single(member: _Member, was: Any, now: Any) -> Iterator[MemberChange]:
    place, field, means = member.place, member.field, member.means
    if field.message and isinstance(was or {}, Mapping) and isinstance(now or {}, Mapping):
        yield from _message(place, was or {}, now or {})
        return
    if place.want is not None:
        return
    old, new = (text(meant(field, value, place.version, means)) for value in (was, now))
    if old != new:
        default = default_of(field, means, place.version)
        shown = [member.shown(default if value is None else value) for value in (was, now)]
        yield MemberChange(place.path, *shown)


def _list(member: _Member, was: Any, now: Any) -> Iterator[MemberChange]:
    place, field, means = member.place, member.field, member.means
    old, new = (value if isinstance(value, list) else [] for value in (was, now))
    sides = [text(canonical(field, value, place.version, means)) for value in (old, new)]
    if sides[0] == sides[1]:
        return
    pairing = None
    if means.mode != "ordered":
        with suppress(Unknown):  # two of one key: nobody can say which is which
            pairing = paired(TwoLists(field, means, old, new, place.version, place.path))
    if pairing is None:
        if place.want is None:
            yield MemberChange(place.path, member.shown(old), member.shown(new))
        return
    if field.message and means.mode != "set":
        for number, at in pairing.both:
            yield from _element(member, old[number], new[at])
    gone = [old[number] for number in pairing.missing]
    yield from _come_and_gone(member, gone, [new[at] for at in pairing.extra])
    if pairing.order and place.want is None:
        yield MemberChange(place.path, *pairing.orders())


def _element(member: _Member, was: Any, now: Any) -> Iterator[MemberChange]:
    """The members of an element that is there in both."""
    inner = replace(
        member.place, path=member.path_of(now), want=member.declared(now), of_ako=member.is_akos(now)
    )
    if member.means.mode == "sequence":
        was, now = without_index(was), without_index(now)
    yield from _message(inner, was, now)


def _come_and_gone(member: _Member, gone: list[Any], come: list[Any]) -> Iterator[MemberChange]:
    """Elements that were added or removed. What AKO adds is its own; what is gone of AKO's, it would have put back."""
    ako_at_work = any(map(member.is_akos, come))
    owner = CLOUD_CONNECTOR if member.means.owner == "discovery" else None
    for element in gone:
        if member.declared(element) is None:
            of_ako = member.is_akos(element)
            yield MemberChange(
                member.path_of(element),
                member.shown(element),
                None,
                AKO if of_ako and ako_at_work else owner,
                grave=of_ako and not ako_at_work,
            )
    for element in come:
        if not member.is_akos(element) and member.declared(element) is None:
            yield MemberChange(member.path_of(element), None, member.shown(element), owner)


def _has_reference_key(field: Field, means: Meaning) -> bool:
    members = load().message(field.message).fields if field.message else {}
    return any(members[n].kind == "ref" for key in means.key for n in key if n in members)


def _named(place: _Place, field: Field, value: Any) -> Any:
    """A value with names in place of references."""
    if isinstance(value, list):
        return [_named(place, field, each) for each in value]
    if field.kind == "ref":
        return place.name_of(field.ref or "", value) if isinstance(value, str) else value
    if isinstance(value, Mapping) and field.message:
        fields = load().message(field.message).fields
        return {n: _named(place, fields[n], v) if n in fields else v for n, v in value.items()}
    return value
