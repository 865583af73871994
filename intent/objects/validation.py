"""Declared members of an object held against the Controller's model: what cannot be meant, with the place of each.

The model is that of the pinned version, or else the newest that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_address
from typing import Any

from avi_schema import Field, Message, Type, Version, dotted, load
from avi_schema.semantics import Meaning, meaning
from intent.installation import EVERY_TYPE
from intent.objects.canonical import KINDS, members_of, text
from intent.objects.elements import element_text
from intent.objects.references import path_problem
from intent.plain_data import shown
from intent.source import Place
from intent.values import ScopedName
from intent.words import did_you_mean, nearest

IDENTITY = {"name": "name", "tenant_ref": "tenant", "cloud_ref": "cloud"}
"""Members that are part of what names an object, and the key that says each."""
MOST_WORDS = 20
"""Words of a choice that are listed where none is near."""
LONG = 1e6
"""From here on a number is written out, digit by digit."""
_SCOPES = frozenset(ScopedName.model_fields)

Problems = Iterator[tuple[Place, str]]


@cache
def type_problem(name: str, version: Version) -> str:
    """Why nothing of this type can be declared; "" where it can."""
    types = load().types
    known = [
        other for other, kind in types.items() if kind.configurable and (kind.has_name or kind.singleton)
    ]
    kind = types.get(name)
    if kind is None:
        return f"type {name!r} is none of the Controller's{nearest(name, known, EVERY_TYPE)}"
    if not kind.configurable:
        return f"type {name!r} is what the Controller reports, and nobody configures it"
    if not (kind.has_name or kind.singleton):
        return f"objects of type {name!r} have no name by which one could be told from another"
    if not kind.lives(version):
        return f"type {name!r} is not in the model of version {dotted(version)}{_since(kind.spans, version)}"
    return ""


def problems(kind: Type, fields: Mapping[str, Any], version: Version, at: Place) -> Problems:
    """What is wrong with the declared members of an object of a type."""
    for name, key in IDENTITY.items():
        if name in fields and name in kind.message.fields:
            yield (*at, name), f"{name} is part of what names the object; declare `{key}:` beside `type:`"
    declared = {name: value for name, value in fields.items() if name not in IDENTITY}
    yield from _Members(version).message(kind.message, declared, at, kind.name)


def member_paths(kind: Type, paths: Iterable[str], at: Place, *, lists: bool = False) -> Problems:
    """What is wrong with the paths of `exact` and `ignore`: each names a member. `lists`: one that is a list."""
    for number, path in enumerate(paths):
        message: Message | None = kind.message
        field: Field | None = None
        for name in path.split("."):
            if message is None or name not in message.fields:
                known = message.fields if message else ()
                yield (*at, number), f"{path}: {name!r} is no member there{nearest(name, known, EVERY_TYPE)}"
                break
            field = message.fields[name]
            message = load().message(field.message) if field.message else None
        else:
            if lists and field is not None and not field.many:
                yield (*at, number), f"{path} is no list; `exact` names lists"


@dataclass(frozen=True)
class _Members:
    """The members of a message that are being looked at; `scopes` are the messages around it, the innermost first."""

    version: Version
    scopes: tuple[Mapping[str, Any], ...] = ()

    def message(self, message: Message, members: Mapping[str, Any], at: Place, owner: str) -> Problems:
        """What is wrong with the members of a message; `owner` is what it is called."""
        if message.name == "IpAddr" and (why := _address(members)):
            yield (*at, "addr"), f"{owner}.addr: {why}"
        inside = replace(self, scopes=(members, *self.scopes))
        for name, value in members.items():
            field = message.fields.get(name)
            if field is None or not field.lives(self.version):
                yield (*at, name), self._lacking(message, field, name, owner)
            else:
                means = meaning(message.name, name, inside.scopes)
                yield from inside.member(field, means, value, (*at, name))

    def _lacking(self, message: Message, field: Field | None, name: str, owner: str) -> str:
        version = dotted(self.version)
        if field is None:
            known = [other.name for other in message.fields.values() if other.lives(self.version)]
            return f"{owner} has no member {name!r}{nearest(name, known, EVERY_TYPE)}"
        if came := _since(field.spans, self.version):
            return f"{name} is newer than version {version}{came}"
        return f"{owner} has no member {name!r} any more in version {version}"

    def member(self, field: Field, means: Meaning, value: Any, at: Place) -> Problems:
        """What is wrong with the value of a member."""
        if means.mode == "server":
            where = f" where {means.when.member} is so" if means.when else ""
            yield at, f"{field.name} is set by the Controller{where}; leave it out"
        elif means.mode == "secret":
            yield at, f"{field.name} holds a secret: it can be neither read nor written here; leave it out"
        elif value is None:
            return
        elif not field.many:
            yield from self.value(field, value, at)
        elif not isinstance(value, list | tuple):
            yield at, f"{field.name} is a list; write it in brackets or with dashes"
        else:
            yield from self.list(field, means, value, at)

    def list(self, field: Field, means: Meaning, value: Sequence[Any], at: Place) -> Problems:
        """What is wrong with the elements of a list, one by one, and as a whole where each is right."""
        wrong = False
        for number, element in enumerate(value):
            for problem in self.value(field, element, (*at, number)):
                wrong = True
                yield problem
        if field.max_items is not None and len(value) > field.max_items:
            yield at, f"{field.name} holds {len(value)} elements, {field.max_items} at most"
        if value and len(value) < field.min_items:
            yield at, f"{field.name} holds {len(value)} elements, {field.min_items} at least"
        if not wrong and means.mode in ("keyed", "sequence"):
            yield from self._twice(field, means, value, at)

    def _twice(self, field: Field, means: Meaning, value: Sequence[Any], at: Place) -> Problems:
        seen: set[str] = set()
        for number, element in enumerate(value):
            named = element_text(field, means, element)
            if means.mode == "sequence":
                named, key = f"index {element.get('index')}", str(element.get("index", f"-{number}"))
            else:
                part = element
                if len(means.key) == 1:
                    part = {name: element[name] for name in means.key[0] if name in element}
                key = text(members_of(field.message or "", part, self.version)) if part else f"-{number}"
            if key in seen:
                yield (*at, number), f"{named} is declared a second time in {field.name}; keep one"
            seen.add(key)

    def value(self, field: Field, value: Any, at: Place) -> Problems:
        """What is wrong with one value."""
        if field.kind == "message":
            if not isinstance(value, Mapping):
                yield at, f"{field.name} is written as a mapping of its members, not as {shown(value)}"
            elif field.message:
                yield from self.message(load().message(field.message), value, at, field.name)
        elif field.kind == "ref":
            if why := _reference(value) or path_problem(field, value):
                yield at, f"{field.name} {why}"
        elif why := _scalar(field, value):
            yield at, f"{field.name}: {why}"


def _reference(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return ""
    if isinstance(value, Mapping) and "name" in value and set(value) <= _SCOPES:
        wrong = [key for key, inner in value.items() if not (isinstance(inner, str) and inner.strip())]
        return f"has a {wrong[0]} that is no text" if wrong else ""
    return "names another object: write its name, or {name: ..., cloud: ..., tenant: ...}"


def _address(members: Mapping[str, Any]) -> str:
    addr, version = members.get("addr"), {"V4": 4, "V6": 6}.get(str(members.get("type")))
    if version is None or not isinstance(addr, str):
        return ""
    try:
        right = ip_address(addr).version == version
    except ValueError:
        right = False
    return "" if right else f"{shown(addr)} is no IPv{version} address"


def _scalar(field: Field, value: Any) -> str:
    expected, right = KINDS[field.kind]
    if isinstance(value, bool) != (field.kind == "boolean") or not isinstance(value, right):
        return f"{shown(value)} is not {expected}"
    if any(value == default for _, default in field.defaults) or value in field.special:
        return ""
    if field.enum and value not in field.enum:
        hint = did_you_mean(value, field.enum) or f"; known: {', '.join(field.enum[:MOST_WORDS])}"
        return f"{shown(value)} is none of its words{hint}"
    if field.choices and value not in field.choices:
        return f"{value} is none of {', '.join(map(str, field.choices))}"
    beyond = field.low is not None and value < field.low
    beyond = beyond or (field.high is not None and value > field.high)
    return f"{value} is not within {_number(field.low)} and {_number(field.high)}" if beyond else ""


def _number(bound: float | None) -> str:
    return "any" if bound is None else f"{bound:g}" if bound < LONG else f"{bound:.0f}"


def _since(spans: Iterable[tuple[Version, Version]], version: Version) -> str:
    first = min((first for first, _ in spans if first > version), default=None)
    return f": it came with {dotted(first)}" if first else ""
