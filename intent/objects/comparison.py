"""Comparison of an object's declared members with the live ones, each by what it means, and the edits that mend it.

Both sides are plain data by the Controller's own names, with references as names. Only what is declared is compared.
Of a list, what is there and not declared is a difference too, unless the list is one to which others add.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from avi_schema import Field, Version, dotted, load
from avi_schema.semantics import Meaning, meaning
from intent.drift import Unknown
from intent.objects.canonical import (
    KINDS,
    Members,
    meant,
    not_understood,
    plain_data,
    text,
    unresolved,
)
from intent.objects.elements import (
    Pairing,
    TwoLists,
    anyone_adds,
    element_text,
    owned_by_ako,
    paired,
    without_index,
)
from intent.values import Unresolved

Place = tuple[str | int, ...]
"""Where a value stands in the live object: names of members, and positions in lists."""


@dataclass(frozen=True)
class Edit:
    """What makes a drift go away. `place`: the member, or the list; `at`: the position of an element in it.

    set, unset: a member. append, remove: an element of a list; of a `sequence`, it comes behind the one at `at`. order:
    a sequence, by `value`, the positions of elements in the order in which they are to stand. rewrite: an ordered list.
    """

    action: Literal["set", "unset", "append", "remove", "order", "rewrite"]
    place: Place
    field: Field
    value: Any = None
    at: int = -1
    sequence: bool = False


@dataclass(frozen=True)
class MemberDrift:
    """A drift of one member, such as `services[443].enable_ssl`, and the edit that puts it right."""

    path: str
    want: Any
    have: Any
    edit: Edit


@dataclass(frozen=True)
class ComparisonTerms:
    """What an object's declaration says of its comparison, and the model in which the live one is.

    `exact`, `ignore`: paths without element keys. `around`: the object's cloud, for conditions.
    """

    version: Version
    exact: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    around: tuple[Members, ...] = ()


def member_drifts(
    message: str, want: Members, have: Members, terms: ComparisonTerms
) -> Iterator[MemberDrift]:
    """Every drift of an object's declared members. Raises Unknown where one cannot be told."""
    yield from _message(_Walk(message, terms), want, have, Spot("", "", ()))


@dataclass(frozen=True)
class Spot:
    """Where in the object a value stands: its path, the same without element keys, its place in the live data."""

    path: str
    plain: str
    place: Place

    def member(self, name: str) -> Spot:
        """A member of the message here."""
        dot = "." if self.path else ""
        return Spot(f"{self.path}{dot}{name}", f"{self.plain}{dot}{name}", (*self.place, name))

    def element(self, key: str, at: int) -> Spot:
        """An element of the list here."""
        return replace(self, path=f"{self.path}[{key}]", place=(*self.place, at))


@dataclass(frozen=True)
class _Walk:
    """A message that is being compared, and what is around it."""

    message: str
    terms: ComparisonTerms
    scopes: tuple[Members, ...] = ()


@dataclass(frozen=True)
class _Member:
    """A member that is being compared: what it holds and means, where it stands, and the walk into its messages."""

    walk: _Walk
    field: Field
    means: Meaning
    spot: Spot

    def meant(self, value: Any) -> Any:
        """A value as what it means; unset as the default."""
        return meant(self.field, value, self.walk.terms.version, self.means)


def _message(walk: _Walk, want: Members, have: Members, spot: Spot) -> Iterator[MemberDrift]:
    fields = load().message(walk.message).fields
    scopes = ({**have, **want}, *walk.scopes)
    around = (*scopes, *walk.terms.around)
    for name, value in want.items():
        at = spot.member(name)
        if name not in fields or at.plain in walk.terms.ignore:
            continue
        means = meaning(walk.message, name, around)
        if means.mode in ("server", "secret"):
            continue
        if value is not None and not fields[name].lives(walk.terms.version):
            raise Unknown(f"{at.path} is not in the model that is spoken, {dotted(walk.terms.version)}")
        if name in have and have[name] is None:
            raise Unknown(f"{at.path} came as null, where a value belongs")
        if same(value, have.get(name)):
            continue
        inside = _Walk(fields[name].message or "", walk.terms, scopes)
        compared = _list if fields[name].many else _single
        yield from compared(_Member(inside, fields[name], means, at), value, have.get(name))


def same(want: Any, have: Any) -> bool:
    """Whether both sides are the very same data, as most are; of a null in it the comparison has more to say."""
    if type(want) is not type(have) or have is None:
        return False
    if isinstance(have, dict):
        return len(want) == len(have) and all(
            name in have and same(value, have[name]) for name, value in want.items()
        )
    if isinstance(have, list):
        return len(want) == len(have) and all(map(same, want, have))
    return bool(want == have)


def _single(member: _Member, want: Any, have: Any) -> Iterator[MemberDrift]:
    spot = member.spot
    if member.field.message and isinstance(want, Mapping) and have is not None:
        if not isinstance(have, Mapping):
            raise not_understood(spot.path, have, "an object")
        yield from _message(member.walk, want, have, spot)
        return
    there = member.meant(have)
    if not _of_its_kind(member.field, there):
        raise not_understood(spot.path, have, KINDS[member.field.kind][0])
    if want is None:
        if have is not None and there not in ({}, member.meant(None)):
            yield MemberDrift(spot.path, None, plain_data(have), Edit("unset", spot.place, member.field))
    elif (wanted := member.meant(want)) != there and not (wanted == {} and there is None):
        _known(spot, there)
        yield MemberDrift(
            spot.path, plain_data(want), plain_data(have), Edit("set", spot.place, member.field, want)
        )


def _of_its_kind(field: Field, live: Any) -> bool:
    """Whether a live value, in its one spelling, is what such a member holds."""
    if live is None or isinstance(live, Unresolved) or field.kind not in KINDS:
        return True
    right = KINDS["number" if field.kind == "integer" else field.kind][1]  # a whole number may come as 5.0
    return isinstance(live, bool) == (field.kind == "boolean") and isinstance(live, right)


def _list(member: _Member, want: Any, have: Any) -> Iterator[MemberDrift]:
    field, means, spot = member.field, member.means, member.spot
    wanted = list(want) if isinstance(want, list | tuple) else []
    live = have if have is not None else []
    if field.many and not isinstance(live, list | tuple):
        raise not_understood(spot.path, live, "a list")
    if means.mode == "ordered":
        yield from _ordered(member, wanted, list(live))
        return
    sequence = means.mode == "sequence"
    pairing = paired(TwoLists(field, means, wanted, live, member.walk.terms.version, spot.path))
    for number, at in pairing.both:
        if field.message and means.mode != "set":
            element = without_index(wanted[number]) if sequence else wanted[number]
            yield from _message(member.walk, element, live[at], spot.element(pairing.keys[number], at))
    for number in pairing.missing:
        _known(spot, [live[at] for at in pairing.extra])
        path = spot.element(pairing.keys[number], -1).path
        edit = Edit("append", spot.place, field, wanted[number], pairing.before(number), sequence)
        yield MemberDrift(path, plain_data(wanted[number]), None, edit)
    yield from _beside(member, live, pairing)
    if pairing.order:
        edit = Edit("order", spot.place, field, pairing.order, sequence=True)
        yield MemberDrift(spot.path, *pairing.orders(), edit)


def _beside(member: _Member, live: Sequence[Any], pairing: Pairing) -> Iterator[MemberDrift]:
    """What is there and not declared, but what others add by right."""
    field, means, spot = member.field, member.means, member.spot
    if anyone_adds(field, means) and spot.plain not in member.walk.terms.exact:
        return
    missing = {pairing.keys[number] for number in pairing.missing}
    for at in pairing.extra:
        if means.owner == "ako" and owned_by_ako(live[at]):
            continue
        key = element_text(field, means, live[at])
        key = f"{key} otherwise" if key in missing else key  # a path means one difference
        edit = Edit("remove", spot.place, field, at=at, sequence=means.mode == "sequence")
        yield MemberDrift(f"{spot.path}[{key}]", None, plain_data(live[at]), edit)


def _ordered(member: _Member, want: list[Any], have: list[Any]) -> Iterator[MemberDrift]:
    spot = member.spot
    wanted, there = ([text(each) for each in member.meant(side) or ()] for side in (want, have))
    if wanted != there:
        _known(spot, have)
        edit = Edit("rewrite", spot.place, member.field, want)
        yield MemberDrift(spot.path, plain_data(want), plain_data(have), edit)


def _known(spot: Spot, live: Any) -> None:
    """Raise Unknown where a live value may be what is declared after all."""
    for reference in unresolved(live):
        raise Unknown(f"{spot.path}: {reference.text}")
