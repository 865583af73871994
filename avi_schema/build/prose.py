"""Facts stated in the prose of a swagger description: versions, limits, enum values, reference targets.

The prose itself is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from avi_schema.model import LATEST, Span, Version, parse_version

from .packing import written

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_INTRODUCED = re.compile(r"ntroduced in (\d+\.\d+\.\d+(?:, ?\d+\.\d+\.\d+)*)")
_SPECIAL_VALUE = re.compile(r"(?:^|, )(-?\d+) ?-")


def facts_in(text: str) -> dict[str, Any]:
    """Extract spans, limits, enum values and the reference target from one description.

    `ref` is the model name of the target ("VrfContext"); `spans` is absent for a field that was always there.
    """
    facts: dict[str, Any] = {}
    if versions := introduced(text):
        facts["spans"] = written(branch_spans(versions))
    for pattern, read in _FACTS:
        if match := pattern.search(text):
            facts |= read(match)
    return facts


def _allowed(match: re.Match[str]) -> dict[str, Any]:
    if match["choices"]:
        return {"choices": [int(value) for value in match["choices"].split(",")]}
    return {"low": _number(match["low"]), "high": _number(match["high"])}


def _special(match: re.Match[str]) -> dict[str, Any]:
    values = [int(value) for value in _SPECIAL_VALUE.findall(match[1])]
    return {"special": values} if values else {}


_FACTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], dict[str, Any]]], ...] = (
    (re.compile(r"eprecated (?:in|from) (\d+\.\d+\.\d+)"), lambda match: {"deprecated": match[1]}),
    (
        re.compile(
            rf"Allowed values are (?:(?P<choices>\d+(?:, ?\d+)+)|(?P<low>{_NUMBER}) ?- ?(?P<high>{_NUMBER}))"
        ),
        _allowed,
    ),
    (re.compile(r"Special values are ([^.]*)"), _special),
    (
        re.compile(r"Enum options - ([\w, ]+)"),
        lambda match: {"enum": [value.strip() for value in match[1].split(",")]},
    ),
    (re.compile(r"reference to an object of type (\w+)"), lambda match: {"ref": match[1]}),
    (
        re.compile(r"Allowed in Enterprise edition with any value, Enterprise with Cloud Services edition"),
        lambda _match: {"enterprise": True},
    ),
    (re.compile(r"Minimum of (\d+) items required"), lambda match: {"min_items": int(match[1])}),
    (re.compile(r"Maximum of (\d+) items allowed"), lambda match: {"max_items": int(match[1])}),
)
"""What a phrase says, in the order in which a member's facts are written."""


def introduced(text: str) -> list[Version]:
    """The versions a description names as those that brought the field."""
    match = _INTRODUCED.search(text)
    return [parse_version(each) for each in match[1].split(",")] if match else []


def branch_spans(introduced: Iterable[Version]) -> list[Span]:
    """Turn a list of introductions, one a release branch, into spans.

    A field "introduced in 20.1.7, 21.1.3" was ported back: 20.1.8 knows it, 21.1.1 does not. So each listed
    branch but the highest ends its span where the next branch (major, minor + 1) would begin.
    """
    first: dict[Version, Version] = {}
    for version in sorted(introduced, reverse=True):
        first[version[:2]] = version
    ordered = sorted(first.values())
    return [
        (version, LATEST if version == ordered[-1] else (version[0], version[1] + 1)) for version in ordered
    ]


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
