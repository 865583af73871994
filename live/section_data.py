"""Plain data of an environment file's sections: where a part stands, what it is called, and taking it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intent.source import Place

Sections = dict[str, Any]


def without_empty(value: Any) -> Any:
    """A part of an object without lists of which there is nothing: they would say that nothing may be there."""
    if not isinstance(value, dict):
        return value
    inner = {name: without_empty(part) for name, part in value.items()}
    return {name: part for name, part in inner.items() if part not in ([], {})}


def drop(data: Any, path: list[str]) -> None:
    """Take a field out of plain data, and what is empty without it."""
    inner = data.get(path[0])
    if path[1:] and isinstance(inner, dict):
        drop(inner, path[1:])
    if not path[1:] or inner == {}:
        data.pop(path[0], None)


def part_at(data: Sections, loc: tuple[int | str, ...]) -> Place:
    """The smallest part of an object that an error is about and that it can do without: a member, or an element."""
    place: Place = loc[:1]
    part: Any = data.get(str(loc[0])) if loc else None
    for at, step in enumerate(loc[1:], 1):
        if isinstance(part, list) and isinstance(step, int):
            place = loc[: at + 1]
        elif not isinstance(part, dict) or step not in part:
            break
        part = part[step]
    return place if place and place[0] in data else ()


def in_order(place: Place) -> list[tuple[int, str]]:
    """What places are sorted by: elements of a list by their number."""
    return [(part, "") if isinstance(part, int) else (-1, part) for part in place]


def part_label(element: Mapping[str, Any]) -> str:
    """An element of a list by its name: `www.example CNAME`."""
    known = [
        str(element[part])
        for part in ("name", "prefix", "range", "port", "type", "protocol")
        if part in element
    ]
    return " ".join(known) or "an element"
