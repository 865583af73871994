"""Facts stated in the prose of a swagger description: versions, limits, enum values, reference targets.

The prose itself is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from avi_schema.model import LATEST, Span, Version, parse_version

from .packing import written

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_INTRODUCED = re.compile(r"ntroduced in (\d+\.\d+\.\d+(?:, ?\d+\.\d+\.\d+)*)")
_DEPRECATED = re.compile(r"eprecated (?:in|from) (\d+\.\d+\.\d+)")
_RANGE = re.compile(rf"Allowed values are ({_NUMBER}) ?- ?({_NUMBER})")
_CHOICES = re.compile(r"Allowed values are (\d+(?:, ?\d+)+)")
_SPECIAL = re.compile(r"Special values are ([^.]*)")
_SPECIAL_VALUE = re.compile(r"(?:^|, )(-?\d+) ?-")
_ENUM = re.compile(r"Enum options - ([\w, ]+)")
_REFERENCE = re.compile(r"reference to an object of type (\w+)")
_ENTERPRISE = re.compile(r"Allowed in Enterprise edition with any value, Enterprise with Cloud Services edition")
_MIN_ITEMS = re.compile(r"Minimum of (\d+) items required")
_MAX_ITEMS = re.compile(r"Maximum of (\d+) items allowed")


def facts_in(text: str) -> dict[str, Any]:
    """Extract spans, limits, enum values and the reference target from one description.

    `ref` is the model name of the target ("VrfContext"); `spans` is absent for a field that was always there.
    """
    facts: dict[str, Any] = {}
    if found := introduced(text):
        facts["spans"] = written(branch_spans(found))
    if match := _DEPRECATED.search(text):
        facts["deprecated"] = match[1]
    if match := _CHOICES.search(text):
        facts["choices"] = [int(value) for value in match[1].split(",")]
    elif match := _RANGE.search(text):
        facts["low"], facts["high"] = (_number(value) for value in match.groups())
    if (match := _SPECIAL.search(text)) and (special := _SPECIAL_VALUE.findall(match[1])):
        facts["special"] = [int(value) for value in special]
    if match := _ENUM.search(text):
        facts["enum"] = [value.strip() for value in match[1].split(",")]
    if match := _REFERENCE.search(text):
        facts["ref"] = match[1]
    if _ENTERPRISE.search(text):
        facts["enterprise"] = True
    if match := _MIN_ITEMS.search(text):
        facts["min_items"] = int(match[1])
    if match := _MAX_ITEMS.search(text):
        facts["max_items"] = int(match[1])
    return facts


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
