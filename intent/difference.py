"""Difference of a declared value and the one that is there, for people: what is missing, what is extra, then the whole.

Every report, message and plan is worded by it, so that no long list hides the element that differs.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from intent.base import KINDS, Keyed, Unordered
from intent.drift import EXISTENCE, Drift
from intent.paths import part_of
from intent.values import scoped_text
from intent.words import cut, first_of, harmless_line

MOST_NAMED = 5
"""Elements that one line names of each side; the full text and `drift.json` have them all."""
SHORT = 150
"""Characters of a list that one line gives as a whole."""


@dataclass(frozen=True)
class Difference:
    """Elements by side, in the order of their side. Of values that are no lists each side is one element.

    `missing`: declared and not there. `extra`: there and not declared, or there once more than declared; empty where
    others may add what they like. `both`: as declared. `reordered`: the same elements, in another order.
    """

    missing: tuple[Any, ...]
    extra: tuple[Any, ...]
    both: tuple[Any, ...]
    reordered: bool
    want: Any
    have: Any

    @property
    def listed(self) -> bool:
        """Whether elements are told apart: both sides have some, and one has several."""
        sizes = len(elements(self.want)), len(elements(self.have))
        return min(sizes) > 0 and max(sizes) > 1 and bool(self.missing or self.extra or self.reordered)

    @property
    def missing_texts(self) -> list[str]:
        """Each missing element in one line."""
        return [shown(element) for element in self.missing]

    @property
    def extra_texts(self) -> list[str]:
        """Each extra element in one line; one that is declared as well is there too often."""
        known = set(map(_text, self.both))
        return [shown(part) + (" (once too often)" if _text(part) in known else "") for part in self.extra]


def difference(want: Any, have: Any, *, exact: bool = True) -> Difference:
    """The difference of two values of JSON data. `exact`: what is there and not declared is wrong."""
    wanted, there = elements(want), elements(have)
    missing, both = _apart(wanted, there)
    extra, _ = _apart(there, wanted)
    return Difference(
        missing=tuple(missing),
        extra=tuple(extra if exact else _doubled(extra, both)),
        both=tuple(both),
        reordered=not missing and not extra and _texts(wanted) != _texts(there),
        want=want,
        have=have,
    )


def of_drift(drift: Drift) -> Difference:
    """The difference of a drift. An element that others may add is none."""
    return difference(drift.want, drift.have, exact=_is_exact(drift.key.kind, drift.field))


def elements(value: Any) -> list[Any]:
    """The parts by which a value is compared: a list's elements, an object's members, a text's lines."""
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict) and not scoped_text(value):
        return [f"{name}: {shown(part)}" for name, part in value.items()]
    if isinstance(value, str):
        return list(value.splitlines()) or [value]
    return [value]


def short(path: str, parts: Difference, *, most: int = MOST_NAMED) -> str:
    """A difference in one line: `vrf: declared VRF_AZ1, found global`, `privileges: missing Folder.Create (...)`."""
    if path == EXISTENCE:
        return shown(parts.have)
    return f"{path}: {predicate(parts, most=most)}"


def predicate(parts: Difference, *, most: int = MOST_NAMED) -> str:
    """The same without the path."""
    if not parts.listed:
        want, have = told_apart(parts.want, parts.have)
        return f"declared {want}, found {have}"
    if parts.reordered:
        return f"in another order: {first_moved(parts)}"
    words = [
        f"{word} {first_of(texts, most)}"
        for word, texts in (("missing", parts.missing_texts), ("extra", parts.extra_texts))
        if texts
    ]
    return f"{', '.join(words)} ({_whole(parts)})"


def sides(parts: Difference, width: int = 10_000) -> tuple[str, str]:
    """What is declared and what is there, each in one line of at most so many columns, the difference first.

    Two that would look the same are told apart: by their type, their blanks, or the letters behind a long beginning.
    """
    if not parts.listed:
        return told_apart(parts.want, parts.have, width)
    if parts.reordered:
        return cut(shown(parts.want), width), cut(f"in another order: {first_moved(parts)}", width)
    want = _marked("missing", parts.missing_texts, parts.both, shown(parts.want))
    have = _marked("extra", parts.extra_texts, parts.both, shown(parts.have))
    return cut(want, width), cut(have, width)


def told_apart(want: Any, have: Any, width: int = 10_000) -> tuple[str, str]:
    """Two values in one line each that do not look the same, unless they are."""
    left, right = shown(want), shown(have)
    if want == have and type(want) is type(have):
        return cut(left, width), cut(right, width)
    if _looks(left) == _looks(right):
        left, right = (json.dumps(value, ensure_ascii=True, default=str) for value in (want, have))
    if _looks(left[: width - 1]) == _looks(right[: width - 1]):
        same = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), 0)
        begin = max(0, (same or min(len(left), len(right))) - width // 3)
        left, right = (f"…{text[begin:]}" if begin else text for text in (left, right))
    return cut(left, width), cut(right, width)


def arranged(parts: Difference) -> tuple[Any, Any]:
    """Both values for a comparison side by side: of lists, what is on one side only stands first."""
    if parts.reordered or not (isinstance(parts.want, list) and isinstance(parts.have, list)):
        return parts.want, parts.have
    alone, _ = _apart(parts.have, parts.both)
    return [*parts.missing, *parts.both], [*alone, *parts.both]


def shown(value: Any) -> str:
    """A declared or found value in one line: lists and objects briefly, None as nothing."""
    if value is None:
        return "nothing"
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(shown(part) for part in value) or "nothing"
    if isinstance(value, dict):
        if not value:
            return "nothing"
        members = ", ".join(f"{name}: {shown(part)}" for name, part in value.items())
        return scoped_text(value) or f"{{{members}}}"
    return str(value) if str(value).strip() else repr(value)


def first_moved(parts: Difference) -> str:
    """Where another order begins: `number 2 is 10.0.0.1, declared 10.0.0.2`."""
    pairs = list(zip(elements(parts.want), elements(parts.have), strict=False))
    at = next(number for number, (want, have) in enumerate(pairs) if _text(want) != _text(have))
    want, have = told_apart(*pairs[at])
    return f"number {at + 1} is {have}, declared {want}"


def _apart(these: Iterable[Any], those: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """(elements that the others lack, as many as they lack; those that both have)."""
    left = Counter(map(_text, those))
    alone: list[Any] = []
    both: list[Any] = []
    for element in these:
        text = _text(element)
        (both if left[text] > 0 else alone).append(element)
        left[text] -= 1
    return alone, both


def _doubled(extra: Iterable[Any], both: Iterable[Any]) -> tuple[Any, ...]:
    known = set(map(_text, both))
    return tuple(element for element in extra if _text(element) in known)


def _text(value: Any) -> str:
    """What an element is compared by: 1, True and "1" are three."""
    return json.dumps(value, sort_keys=True, default=str)


def _texts(values: Iterable[Any]) -> list[str]:
    return [_text(value) for value in values]


def _whole(parts: Difference) -> str:
    want, have = shown(parts.want), shown(parts.have)
    if len(want) + len(have) <= SHORT:
        return f"declared {want}, found {have}"
    return f"{len(elements(parts.want)):,} declared, {len(elements(parts.have)):,} found"


def _marked(word: str, texts: Sequence[str], both: Sequence[Any], whole: str) -> str:
    """One side in a line: what stands on it alone, and how many are on both."""
    if not texts:
        return whole
    names = ", ".join(map(shown, both))
    rest = f"in both: {names}" if len(names) <= SHORT else f"{len(both):,} in both"
    return f"{word} {', '.join(texts)}" + (f"; {rest}" if both else "")


def _looks(text: str) -> str:
    return unicodedata.normalize("NFKC", harmless_line(text))


@cache
def _is_exact(word: str, field: str) -> bool:
    """Whether an element that is not declared is drift, in this field of a kind; of what is no list, it is."""
    model: Any = next((kind for kind in KINDS.values() if kind.kind == word), None)
    marker: Any = None
    for name in field.split("."):
        if model is None or name not in model.model_fields:
            return True
        marker = model.marker(name)
        model = part_of(model.model_fields[name].annotation)
    return marker.exact if isinstance(marker, Keyed | Unordered) else True
