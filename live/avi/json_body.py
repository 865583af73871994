"""JSON bodies: text to data, with marks where the text says what JSON data cannot hold.

Names that stand twice in one object, NaN and Infinity, numbers beyond all bounds and halves of surrogate pairs are no
reason to lose the rest of an answer: a `Flaw` stands in their place, and whoever hands the data on looks for it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from intent.plain_data import shallow, shown

DIGITS = 300
"""A whole number of more digits is taken for none; Python itself gives up at 4,300."""
_OTHERWISE = ("\\u0022", " :", "\t:", "\n:", "\r:")
"""Other spellings of a quotation mark and of the colon after a name, with which names could not be counted."""
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Flaw:
    """What stands in the place of a value that cannot be held; `text` is a sentence's end: `stands there twice`."""

    text: str


def parsed(text: str) -> tuple[Any, bool]:
    """(the data, whether there may be a `Flaw` in it). Raises ValueError where the text is no JSON."""
    try:
        data = from_json(text, cache_strings="all", allow_inf_nan=False)
    except ValueError:
        return _slowly(text), True
    # Written again, it has as many names unless some stood there twice; of numbers, only 1e999 becomes infinite here.
    again = to_json(data, inf_nan_mode="constants")
    alike = text.count('":') == again.count(b'":') and not any(spelling in text for spelling in _OTHERWISE)
    if not alike or b"Infinity" in again:
        return _slowly(text), True
    return data, False


def flaws(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, what is wrong there) of everything in some data that cannot be held."""
    if isinstance(value, Flaw):
        yield place, value.text
    elif isinstance(value, dict):
        for name, inner in value.items():
            if _HALF.search(name):
                yield f"{place}.{shown(name)}", "has half of a surrogate pair in its name"
            else:
                yield from flaws(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from flaws(inner, f"{place}[{number}]")
    elif isinstance(value, str) and _HALF.search(value):
        yield place, "holds half of a surrogate pair, which is no text"
    elif isinstance(value, float) and not math.isfinite(value):
        yield place, "is a number beyond all bounds"


def without_flaws(value: Any) -> Any:
    """The same data with nothing where it had flaws, as it can be kept in a file."""
    if isinstance(value, dict):
        return {_whole(name): without_flaws(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_flaws(inner) for inner in value]
    if isinstance(value, str):
        return _whole(value)
    return (
        None if isinstance(value, Flaw) or (isinstance(value, float) and not math.isfinite(value)) else value
    )


def _whole(text: str) -> str:
    return _HALF.sub("\ufffd", text)


def _slowly(text: str) -> Any:
    """By the standard library, which can be told what to make of the odd. Raises ValueError."""
    try:
        data = json.loads(
            text,
            parse_constant=lambda word: Flaw(f"is {word}, which is no number"),
            parse_int=_integer,
            object_pairs_hook=_members,
        )
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    return shallow(data)


def _integer(digits: str) -> int | Flaw:
    return int(digits) if len(digits) <= DIGITS else Flaw(f"is a number of {len(digits):,} digits")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        members[name] = Flaw("stands there twice") if name in members else value
    return members
