"""Elements of two lists, paired by what tells them apart: a key, their rank, or all that they say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as member
from functools import cache
from typing import Any

from avi_schema import Field, Version, load
from avi_schema.semantics import Meaning
from intent.ako import CLUSTER_LABEL
from intent.drift import Unknown
from intent.objects.canonical import canonical, members_of, single, text
from intent.words import scoped

LONGEST = 80
"""Letters of an element in a path."""


@dataclass
class Pairing:
    """Which declared element is which live one, by their positions.

    `keys`: what tells a declared element apart, as text for a path. `order`: of a sequence that has to be put into
    another order, the positions of live elements in the declared order; empty where the order is right. `rank`: of a
    live element, by its position, the rank that it has. `ranked`: declared elements of a sequence in their order.
    """

    keys: list[str]
    both: list[tuple[int, int]] = member(default_factory=list)
    missing: list[int] = member(default_factory=list)
    extra: list[int] = member(default_factory=list)
    order: list[int] = member(default_factory=list)
    rank: dict[int, int] = member(default_factory=dict)
    ranked: list[int] = member(default_factory=list)

    def orders(self) -> tuple[list[str], list[str]]:
        """The keys of what is on both sides of a sequence: in the declared order, and in the live one."""
        live = sorted(self.both, key=lambda pair: self.rank[pair[1]])
        return [self.keys[number] for number, _ in self.both], [self.keys[number] for number, _ in live]

    def before(self, number: int) -> int:
        """The live element that a declared one comes behind, by its position; -1 for none."""
        pairs, behind = dict(self.both), -1
        for other in self.ranked:
            if other == number:
                break
            behind = pairs.get(other, behind)
        return behind


@dataclass(frozen=True)
class TwoLists:
    """A declared list and the live one: what they hold and mean, in which model, and under which path they stand."""

    field: Field
    means: Meaning
    want: Sequence[Any]
    have: Sequence[Any]
    version: Version
    path: str

    def meant(self, element: Mapping[str, Any]) -> dict[str, Any]:
        """An element, or a part of one, as what it means."""
        return members_of(self.field.message or "", element, self.version)


def paired(lists: TwoLists) -> Pairing:
    """The elements of two lists side by side. Raises Unknown where two live ones have the key of one declared."""
    field, means = lists.field, lists.means
    if any(_of_another_shape(field, each) for each in lists.have):
        raise Unknown(f"{lists.path} holds elements in a shape that is not understood")
    if means.mode == "sequence":
        return _by_rank(lists)
    pairing = Pairing([element_text(field, means, each) for each in lists.want])
    if means.mode == "keyed":
        _by_key(lists, pairing)
    else:
        _by_value(lists, pairing)
    return pairing


def _of_another_shape(field: Field, element: Any) -> bool:
    """Whether a live element is null, a message where none belongs, or the other way round; a reference may be both."""
    if element is None:
        return True
    return field.kind != "ref" and (field.kind == "message") != isinstance(element, Mapping)


def _by_value(lists: TwoLists, pairing: Pairing) -> None:
    wanted, live = (
        [text(canonical(lists.field, [each], lists.version, lists.means)) for each in side]
        for side in (lists.want, lists.have)
    )
    there: dict[str, list[int]] = {}
    for at, spelled in enumerate(live):
        there.setdefault(spelled, []).append(at)
    for number, spelled in enumerate(wanted):
        if spelled in there:
            pairing.both.append((number, there[spelled][0]))
        elif spelled not in wanted[:number]:
            pairing.missing.append(number)
    known = set(wanted)
    pairing.extra = [at for spelled, every in there.items() if spelled not in known for at in every]


def _by_key(lists: TwoLists, pairing: Pairing) -> None:
    """Each declared element and the live one that has all of its key; what is left out of the key is unset first."""
    free = list(range(len(lists.have)))
    values = [lists.meant(each) for each in lists.have]
    # Those that say most of their key are met first: what they name is no longer free for those that say less.
    numbers = range(len(lists.want))
    for number in sorted(numbers, key=lambda number: -len(_key(lists.means, lists.want[number]))):
        element = lists.want[number]
        apart = _key(lists.means, element) or element  # else nothing but all of it does
        key = dict.fromkeys(apart) | lists.meant(apart)  # None for a part that says the default
        members = _alternative(lists.means, element)
        hits = [at for at in free if all(values[at].get(name) == key[name] for name in key)]
        if len(hits) > 1:
            bare = [at for at in hits if all(name in key or name not in values[at] for name in members)]
            hits = bare or hits
        if len(hits) > 1:
            several = f"stands there {len(hits)} times, so that none can be meant"
            raise Unknown(f"{lists.path}[{pairing.keys[number]}] {several}")
        if hits:
            pairing.both.append((number, hits[0]))
            free.remove(hits[0])
        else:
            pairing.missing.append(number)
    pairing.both.sort()
    pairing.missing.sort()
    pairing.extra = free


def _alternative(means: Meaning, element: Mapping[str, Any]) -> tuple[str, ...]:
    """The members that tell an element apart: the first alternative whose first member it has."""
    return next((each for each in means.key if element.get(each[0]) is not None), means.key[0])


def _key(means: Meaning, element: Mapping[str, Any]) -> dict[str, Any]:
    return {name: element[name] for name in _alternative(means, element) if element.get(name) is not None}


def _by_rank(lists: TwoLists) -> Pairing:
    """A sequence: by name where every element has one of its own, else by what they say, else by rank."""
    wanted, there = ranked(lists.want), ranked(lists.have)
    names = [_name(lists.field, each) for each in lists.want]
    keys = [names[number] or str(wanted.index(number) + 1) for number in range(len(names))]
    pairing = Pairing(keys, rank={at: rank for rank, at in enumerate(there)}, ranked=wanted)
    pairs = dict(_named_pairs(lists, wanted, there) or _like_pairs(lists, wanted, there))
    pairing.both = [(number, pairs[number]) for number in wanted if number in pairs]
    pairing.missing = [number for number in wanted if number not in pairs]
    pairing.extra = [at for at in there if at not in pairs.values()]
    order = [at for _, at in pairing.both]
    if order != sorted(order, key=pairing.rank.__getitem__):
        pairing.order = order
    return pairing


def _named_pairs(lists: TwoLists, wanted: list[int], there: list[int]) -> dict[int, int] | None:
    """By name; None where not every element has one of its own."""
    want, have = ([_name(lists.field, each) for each in side] for side in (lists.want, lists.have))
    if not all((*want, *have)) or len(set(want)) < len(want) or len(set(have)) < len(have):
        return None
    by_name = {have[at]: at for at in there}
    return {number: by_name[want[number]] for number in wanted if want[number] in by_name}


def _like_pairs(lists: TwoLists, wanted: list[int], there: list[int]) -> Iterator[tuple[int, int]]:
    """By what they say; what is like none is the one of its name or rank that is like none: one that was changed."""
    meanings = {at: lists.meant(without_index(lists.have[at])) for at in there}
    free, left = list(there), []
    for number in wanted:
        body = lists.meant(without_index(lists.want[number]))
        if (at := next((at for at in free if _covers(meanings[at], body)), None)) is None:
            left.append(number)
        else:
            free.remove(at)
            yield number, at
    for number in left:
        name = _name(lists.field, lists.want[number])
        if (
            at := next((at for at in free if not name or _name(lists.field, lists.have[at]) == name), None)
        ) is not None:
            free.remove(at)
            yield number, at


def _name(field: Field, element: Mapping[str, Any]) -> str:
    """What an element of a sequence is called: its name, or what it refers to where it says nothing else."""
    members = _references_alone(field.message or "")
    return str(
        element.get("name") or "+".join(_value_text(element[name]) for name in members if element.get(name))
    )


@cache
def _references_alone(message: str) -> tuple[str, ...]:
    """The members of a message that beside its place in a sequence holds references alone; none of any other."""
    fields = [field for field in load().message(message).fields.values() if field.name != "index"]
    return tuple(field.name for field in fields) if all(field.kind == "ref" for field in fields) else ()


def _covers(have: Any, want: Any) -> bool:
    """Whether everything that is declared of an element is there."""
    if isinstance(want, dict):
        return isinstance(have, dict) and all(
            name in have and _covers(have[name], want[name]) for name in want
        )
    return bool(have == want)


def without_index(element: Mapping[str, Any]) -> dict[str, Any]:
    """What an element of a sequence says: all but its index, whose number says nothing."""
    return {name: value for name, value in element.items() if name != "index"}


def ranked(elements: Sequence[Any]) -> list[int]:
    """Positions in the order of their index; those without one stay where they stand."""
    return sorted(range(len(elements)), key=lambda at: (index_of(elements[at], at), at))


def index_of(element: Mapping[str, Any], at: int) -> int:
    """The index of an element; of one without, its position."""
    value = element.get("index")
    return value if isinstance(value, int) else at


def anyone_adds(field: Field, means: Meaning) -> bool:
    """Whether others add to a list by right, AKO its labels: what is there and not declared is no difference."""
    return means.owner in ("anyone", "discovery") or (means.owner == "ako" and field.message == "KeyValue")


def owned_by_ako(element: Any) -> bool:
    """Whether AKO has written an element of a list."""
    if not isinstance(element, Mapping):
        return False
    labels = element.get("labels")
    marked = [element, *(labels if isinstance(labels, list) else ())]
    return any(isinstance(label, Mapping) and label.get("key") == CLUSTER_LABEL for label in marked)


def element_text(field: Field, means: Meaning, element: Any) -> str:
    """An element as a path names it: by its key, or by what it says."""
    if not isinstance(element, Mapping):
        return _bracketed(
            str(single(field, means, element)) if not isinstance(element, dict) else _short(element)
        )
    if means.mode == "keyed":
        key = (element.get(name) for name in _alternative(means, element))
        parts = dict.fromkeys(_value_text(value) for value in key if value not in (None, 0))
        return _bracketed("+".join(parts))
    if means.mode == "sequence":
        return _bracketed(_name(field, element) or str(element.get("index", "")))
    return _bracketed(_value_text(element))


def _value_text(value: Any) -> str:  # noqa: PLR0911 -- one line a shape
    """A key's value in a few letters: an address, a prefix, a range, a name."""
    if isinstance(value, list | tuple):
        return ",".join(map(_value_text, value))
    if not isinstance(value, Mapping):
        return str(value)
    if "ip_addr" in value and "mask" in value:
        return f"{_value_text(value['ip_addr'])}/{value['mask']}"
    if "addr" in value:
        return str(value["addr"])
    if "begin" in value and "end" in value:
        return f"{_value_text(value['begin'])}-{_value_text(value['end'])}"
    if set(value) <= {"name", "cloud", "tenant"} and "name" in value:
        return scoped(str(value["name"]), value.get("cloud") or "", value.get("tenant") or "")
    return _short(value)


def _short(value: Any) -> str:
    spelled = json.dumps(value, sort_keys=True, default=str, separators=(",", ":"), ensure_ascii=False)
    return (
        spelled.replace('"', "") if len(spelled) <= LONGEST else spelled.replace('"', "")[: LONGEST - 1] + "…"
    )


def _bracketed(spelled: str) -> str:
    """Text that may stand between brackets of a path."""
    return spelled.replace("[", "(").replace("]", ")")
