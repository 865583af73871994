"""Overlap of what is declared: one member of an object under a section of its own, and under `objects` as well.

Where a field of a section stands in the Controller's model is told by the table members.tsv, which `python
docs/pages.py` writes out of the mappings in live/kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from avi_schema import load
from intent.base import Intent
from intent.environment import Environment
from intent.kinds.objects import ConfigObject
from intent.source import Place

MemberPath = tuple[str, ...]
"""A member of an object, through messages down to a value or a list: `("vcenter_configuration", "vcenter_url")`."""
TABLE = Path(__file__).with_name("members.tsv")


@cache
def member_path(api: str) -> MemberPath:
    """The member that a field holds, by its documented path, `a.b[].c and d_ref`; a list is one member.

    What stands behind `and` says only in part what the field says: a profile, of which a port has its protocol.
    """
    return tuple(api.partition(" ")[0].partition("[")[0].split("."))


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    """The documented path of each field, by section and field."""
    sections: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        section, field, api = line.split("\t")
        sections.setdefault(section, {})[field] = api
    return sections


def leaf_paths(want: ConfigObject) -> Iterator[MemberPath]:
    """The members that an object declares, through messages down to values and lists."""

    def below(value: Any, at: MemberPath) -> Iterator[MemberPath]:
        if isinstance(value, Mapping) and value:
            for name, inner in value.items():
                yield from below(inner, (*at, name))
        elif at:
            yield at

    yield from below(want.fields, ())


def overlap(path: MemberPath, other: MemberPath) -> bool:
    """Whether two paths name the same member, or one of them a member around the other's."""
    return path[: len(other)] == other[: len(path)]


def problems(environment: Environment) -> Iterator[tuple[Place, str]]:
    """Each member of an object that is declared under another section as well."""
    objects: dict[tuple[str, ...], list[tuple[int, ConfigObject]]] = {}
    for number, want in enumerate(environment.objects):
        if want.api:
            objects.setdefault(_identity(want), []).append((number, want))
    for want in environment if objects else ():
        if isinstance(want, ConfigObject) or not want.api:
            continue
        fields = _table().get(want.section, {})
        for number, other in objects.get(_identity(want), ()):
            taken = {member_path(api) for field, api in fields.items() if want.declares(field)}
            both = (path[0] for path in leaf_paths(other) if any(overlap(path, place) for place in taken))
            for member in dict.fromkeys(both):
                text = f"{member} of {other.type} {other.name} is declared under `{want.section}` as well"
                yield ("objects", number, "fields", member), f"{text}; keep one of the two"


def _identity(want: Intent) -> tuple[str, ...]:
    """What names an object of the Controller, whichever section declares it."""
    kind = load().types.get(want.api)
    return (want.api,) if kind is None or kind.singleton else (want.api, *want.key[1:])
