"""The schema: the whole model, read from schema.json, and who can refer to whom in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .model import (
    EARLIEST,
    LIST,
    MISSING,
    Field,
    Message,
    ReferringMember,
    Type,
    Version,
    parse_version,
    read_spans,
)

SCHEMA = Path(__file__).with_name("schema.json")


class Schema:
    """The whole model. Types and messages are built when first asked for, so that loading stays quick."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.model: Version = parse_version(raw["model"])
        """The newest version it describes."""
        self._raw = raw
        self._specs = _typed(raw)
        self._messages: dict[str, Message] = {}
        self.types: Mapping[str, Type] = _Types(self, raw["types"])

    def message(self, name: str) -> Message:
        """The message of that name. Raises KeyError when the model has none."""
        known = self._messages.get(name)
        if known is None:
            names = self._raw["messages"][name]
            fields = {member: Field(name=member, **self._specs[index]) for member, index in names.items()}
            known = self._messages[name] = Message(name, fields)
        return known

    def messages(self) -> Iterator[str]:
        """The names of all messages."""
        return iter(self._raw["messages"])

    def references(self, type_name: str, version: Version) -> tuple[ReferringMember, ...]:
        """Every reference that an object of this type can hold in the model `version`, however deep.

        Read-only members are left out: the Controller writes them about itself. So are targets that nobody
        configures, such as a host of the vCenter. Raises KeyError for a type that no version has; a type that
        this version lacks has none.
        """
        return _references(self, type_name, version)

    def referrers(self, type_name: str, version: Version) -> tuple[ReferringMember, ...]:
        """Every reference to objects of this type that a configurable type of the model `version` can hold.

        A type that can refer to itself is among them. Raises KeyError for a type that no version has.
        """
        return _referrers(self, type_name, version)

    def described(self, name: str, spec: dict[str, Any]) -> Type:
        """A type, from what the file has of it."""
        return Type(
            name=name,
            model=spec["model"],
            message=self.message(spec["model"]),
            singleton=spec.get("singleton", False),
            methods=tuple(spec["methods"]),
            object_methods=tuple(spec.get("object_methods", ())),
            subresources=tuple(spec.get("subresources", ())),
            queries=tuple(self._raw["queries"][spec["queries"]]),
            spans=read_spans(spec.get("spans", ())),
            configurable=not spec.get("reported", False),
            twin=spec.get("twin"),
            permission=spec["permission"],
        )


class _Types(Mapping[str, Type]):
    """Every type by its name."""

    def __init__(self, schema: Schema, specs: dict[str, dict[str, Any]]) -> None:
        self._schema = schema
        self._specs = specs
        self._types: dict[str, Type] = {}

    def __getitem__(self, name: str) -> Type:
        known = self._types.get(name)
        if known is None:
            known = self._types[name] = self._schema.described(name, self._specs[name])
        return known

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)


@cache
def load(path: Path = SCHEMA) -> Schema:
    """Read a schema file, once; by default the one that comes with the project.

    Raises OSError when it cannot be read, ValueError when it is no schema.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict) or "specs" not in raw:
        raise ValueError(f"{path} is no schema file")
    return Schema(raw)


@cache
def _references(schema: Schema, type_name: str, version: Version) -> tuple[ReferringMember, ...]:
    kind = schema.types[type_name]
    if not kind.lives(version):
        return ()
    held = []
    for path, target, uuid in _walk(schema, kind.message, version, (kind.model,)):
        if (described := schema.types.get(target)) is not None:
            meant = schema.types[described.twin or target]
            if meant.configurable:
                held.append(ReferringMember(kind.name, path, meant.name, uuid))
    return tuple(held)


@cache
def _referrers(schema: Schema, type_name: str, version: Version) -> tuple[ReferringMember, ...]:
    schema.types[type_name]
    asked = [name for name, kind in schema.types.items() if kind.configurable]
    return tuple(
        each for name in asked for each in _references(schema, name, version) if each.target == type_name
    )


def _walk(
    schema: Schema, message: Message, version: Version, around: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """(path, target, whether a bare uuid) of every reference below a message; `around` keeps it from circling."""
    for field in message.fields.values():
        if field.read_only or not field.lives(version):
            continue
        name = field.name + LIST if field.many else field.name
        if field.ref is not None:
            yield (name,), field.ref, field.kind == "string"
        elif field.message is not None and field.message not in around:
            nested = schema.message(field.message)
            for path, target, uuid in _walk(schema, nested, version, (*around, field.message)):
                yield (name, *path), target, uuid


def _typed(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the interned member specs their Python types, once each: members of one spec share them."""
    spans = [read_spans(each) for each in raw["spans"]]
    enums = [tuple(each) for each in raw["enums"]]
    specs: list[dict[str, Any]] = raw["specs"]
    typed: dict[str, Callable[[Any], Any]] = {
        "special": tuple,
        "choices": tuple,
        "deprecated": parse_version,
        "required_until": parse_version,
        "enum": enums.__getitem__,
        "spans": spans.__getitem__,
        "defaults": lambda defaults: tuple(_default(*each) for each in defaults),
    }
    for spec in specs:
        for key in typed.keys() & spec.keys():
            spec[key] = typed[key](spec[key])
    return specs


def _default(since: str, value: object = MISSING) -> tuple[Version, object]:
    return (parse_version(since) if since else EARLIEST), value
