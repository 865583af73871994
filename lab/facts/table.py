"""The fact table in memory: types, messages and fields of the Controller's object model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal

from .version import EARLIEST, Span, Version, lives, parse_version, read_spans

Kind = Literal["string", "integer", "number", "boolean", "message", "ref"]

TABLE = Path(__file__).with_name("table.json")


class Missing(Enum):
    """The type of MISSING, which is no JSON value."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a message.

    `message` names the nested message (None with kind "message": one whose inside nobody recorded, kept as it
    is). `ref` is the type name a reference points at, such as "vrfcontext". `low` and `high` include both
    ends; `special` values and the defaults are allowed beside them. `default` is what a Controller emits for
    a member never set (§2.10 of the REST reference), MISSING when it emits nothing. A member without `spans`
    always was.
    """

    name: str
    kind: Kind
    message: str | None = None
    many: bool = False
    required: bool = False
    enum: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    special: tuple[int, ...] = ()
    choices: tuple[int, ...] | None = None
    min_items: int = 0
    max_items: int | None = None
    ref: str | None = None
    read_only: bool = False
    secret: bool = False
    deprecated: Version | None = None
    required_until: Version | None = None
    spans: tuple[Span, ...] = ()
    defaults: tuple[tuple[Version, Any], ...] = ()

    def lives(self, version: Version) -> bool:
        """Whether the model of `version` has this member."""
        return lives(self.spans, version)

    @property
    def default(self) -> object:
        """What the newest model emits when the member was never set, MISSING if nothing."""
        return self.defaults[-1][1] if self.defaults else MISSING

    def default_at(self, version: Version) -> object:
        """What the model of `version` emits when the member was never set, MISSING if nothing."""
        value: object = MISSING
        if self.lives(version):
            for since, then in self.defaults:
                if since <= version:
                    value = then
        return value

    def required_at(self, version: Version) -> bool:
        """Whether the model of `version` refuses an object without this member."""
        required = self.required or (self.required_until is not None and version < self.required_until)
        return required and not self.read_only and self.lives(version)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the model: its name and its members, the ones of older models included."""

    name: str
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Type:
    """An object type: what /api/<name> serves.

    `model` is the word in "VsVip object not found!". `methods` are those of the collection (of the object
    itself for a singleton), `object_methods` those of /api/<name>/<uuid>, `subresources` the paths below the
    object without slashes around, such as "runtime/detail". `queries` are the documented query parameters of
    the list.
    """

    name: str
    model: str
    message: Message
    singleton: bool
    has_name: bool
    has_cloud: bool
    has_tenant: bool
    methods: tuple[str, ...]
    object_methods: tuple[str, ...]
    subresources: tuple[str, ...]
    queries: tuple[str, ...]
    spans: tuple[Span, ...]

    def lives(self, version: Version) -> bool:
        """Whether a Controller whose own version is `version` serves this type."""
        return lives(self.spans, version)

    @property
    def first(self) -> Version:
        """The first model version with this type; the empty version if it was always there."""
        return self.spans[0][0] if self.spans else EARLIEST


@dataclass(eq=False, repr=False, slots=True)
class Facts:
    """The whole table. Messages are built when first asked for, so that loading stays quick."""

    model: Version
    types: Mapping[str, Type]
    _raw: dict[str, Any]
    _specs: list[dict[str, Any]]
    _messages: dict[str, Message]
    plans: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    """What render and validate compiled, by (purpose, message, version)."""

    @classmethod
    def load(cls, path: Path | str | None = None) -> Facts:
        """Read a table; by default the one that comes with the lab.

        Raises OSError when it cannot be read, ValueError when it is no table.
        """
        raw = json.loads(Path(path or TABLE).read_text(encoding="utf-8"))
        if not isinstance(raw, dict) or "specs" not in raw:
            raise ValueError(f"{path or TABLE} is no fact table")
        facts = cls(parse_version(raw["model"]), {}, raw, _specs(raw), {})
        facts.types = {name: facts._type(name, spec) for name, spec in raw["types"].items()}
        return facts

    def message(self, name: str) -> Message:
        """The message of that name. Raises KeyError when the model has none."""
        found = self._messages.get(name)
        if found is None:
            names = self._raw["messages"][name]
            fields = {member: Field(name=member, **self._specs[index]) for member, index in names.items()}
            found = self._messages[name] = Message(name, fields)
        return found

    def messages(self) -> Iterator[str]:
        """The names of all messages."""
        return iter(self._raw["messages"])

    def _type(self, name: str, spec: dict[str, Any]) -> Type:
        message = self.message(spec["model"])
        return Type(
            name=name,
            model=spec["model"],
            message=message,
            singleton=spec.get("singleton", False),
            has_name="name" in message.fields,
            has_cloud="cloud_ref" in message.fields,
            has_tenant="tenant_ref" in message.fields,
            methods=tuple(spec["methods"]),
            object_methods=tuple(spec.get("object_methods", ())),
            subresources=tuple(spec.get("subresources", ())),
            queries=tuple(self._raw["queries"][spec["queries"]]),
            spans=read_spans(spec.get("spans", ())),
        )


def _specs(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the interned field specs their Python types, once each: fields of one spec share them."""
    spans = [read_spans(each) for each in raw["spans"]]
    enums = [tuple(each) for each in raw["enums"]]
    specs: list[dict[str, Any]] = raw["specs"]
    for spec in specs:
        for key in ("special", "choices"):
            if key in spec:
                spec[key] = tuple(spec[key])
        for key in ("deprecated", "required_until"):
            if key in spec:
                spec[key] = parse_version(spec[key])
        if "enum" in spec:
            spec["enum"] = enums[spec["enum"]]
        if "spans" in spec:
            spec["spans"] = spans[spec["spans"]]
        if "defaults" in spec:
            spec["defaults"] = tuple(_default(*each) for each in spec["defaults"])
    return specs


def _default(since: str, value: object = MISSING) -> tuple[Version, object]:
    return (parse_version(since) if since else EARLIEST), value
