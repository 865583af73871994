"""Types, messages, members and references of the model, as frozen data, and the versions in which each exists.

A model's version is a tuple such as (20, 1, 6).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal

Version = tuple[int, ...]
Span = tuple[Version, Version]
"""From the first version (included) until the second (excluded)."""

EARLIEST: Version = ()
LATEST: Version = (sys.maxsize,)

Kind = Literal["string", "integer", "number", "boolean", "message", "ref"]
LIST = "[]"
LOWER_TIERS = frozenset({"BASIC", "ESSENTIALS"})
"""Licence tiers that lack what the enterprise tiers have."""
ENTERPRISE_FEATURES = {
    "gslb": frozenset({"sites"}),
    "gslbservice": frozenset({"groups"}),
    "virtualservice": frozenset({"bot_policy_ref"}),
}
"""Members that the LOWER_TIERS lack by the vendor's documentation, of which the schema does not say so."""
ONLY_ONE = frozenset({"albservicesconfig", "cloudproperties", "systemlimits"})
"""Types that the model lists, and of which a Controller has one object, which is its answer to any search [REC]."""


_VERSION = re.compile(r"v?(\d+(?:[._]\d+)*)")


def parse_version(text: str) -> Version:
    """Read "20.1.6", "20_1_6", "v20_1_6" or "22.1.6-9001" (build and patch are no part of a model).

    Raises ValueError when the text does not start with a version.
    """
    match = _VERSION.match(text.strip())
    if match is None:
        raise ValueError(f"not a version: {text!r}")
    return tuple(int(part) for part in re.split(r"[._]", match[1]))


def dotted(version: Version) -> str:
    """Write (20, 1, 6) as "20.1.6"."""
    return ".".join(map(str, version))


def underscored(version: Version) -> str:
    """Write (20, 1, 6) as "20_1_6", the way a Controller names a model [REC]."""
    return "_".join(map(str, version))


def lives(spans: tuple[Span, ...], version: Version) -> bool:
    """Whether `version` falls into one of the spans; no spans at all mean always."""
    return not spans or any(first <= version < until for first, until in spans)


def read_spans(pairs: Iterable[Sequence[str | None]]) -> tuple[Span, ...]:
    """Read spans as the schema file writes them, such as [["20.1.7", "21.1.1"], ["21.1.3", null]].

    null (or "") is an open end.
    """
    return tuple(
        (parse_version(first) if first else EARLIEST, parse_version(until) if until else LATEST)
        for first, until in pairs
    )


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
    is). `ref` is the type name a reference points at, such as "vrfcontext"; with kind "string" the member
    holds its bare uuid. `low` and `high` include both ends; `special` values and the defaults are allowed
    beside them. `default` is what a Controller emits for a member never set, MISSING when it emits nothing.
    A member without `spans` always was. `enterprise` members are none of the LOWER_TIERS.
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
    enterprise: bool = False
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

    def demanded_at(self, version: Version) -> bool:
        """Whether a client of the model of `version` has to send this member, since nothing fills it.

        It is required, or a list that must hold something, which the vendor's Terraform provider requires too.
        """
        if self.read_only or not self.lives(version):
            return False
        return self.min_items > 0 or (self.required_at(version) and self.default_at(version) is MISSING)


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
    the list. `configurable` is false for what the Controller reports: runtime, inventory, vimgr*, statuses.
    `twin` is the configurable type whose uuids this type's objects bear. `permission` is what a role needs to
    read or write it, such as "PERMISSION_NETWORK"; which one a type without one of its own name needs is inferred.
    """

    name: str
    model: str
    message: Message
    singleton: bool
    methods: tuple[str, ...]
    object_methods: tuple[str, ...]
    subresources: tuple[str, ...]
    queries: tuple[str, ...]
    spans: tuple[Span, ...]
    configurable: bool = True
    twin: str | None = None
    permission: str = ""

    @property
    def has_name(self) -> bool:
        """Whether its objects have a name."""
        return "name" in self.message.fields

    @property
    def has_cloud(self) -> bool:
        """Whether its objects live in a cloud."""
        return "cloud_ref" in self.message.fields

    @property
    def has_tenant(self) -> bool:
        """Whether its objects live in a tenant."""
        return "tenant_ref" in self.message.fields

    @property
    def enterprise(self) -> frozenset[str]:
        """The members that the LOWER_TIERS do not have."""
        members = (field.name for field in self.message.fields.values() if field.enterprise)
        return ENTERPRISE_FEATURES.get(self.name, frozenset()).union(members)

    def lives(self, version: Version) -> bool:
        """Whether a Controller whose own version is `version` serves this type."""
        return lives(self.spans, version)

    @property
    def first(self) -> Version:
        """The first model version with this type; the empty version if it was always there."""
        return self.spans[0][0] if self.spans else EARLIEST


@dataclass(frozen=True, slots=True)
class ReferringMember:
    """A member, however deep, that can name another object.

    `type` is the type of the object that holds it, such as "vsvip". `path` are the member names from that
    object down to the reference, with "[]" after each list: ("vip[]", "ipam_network_subnet", "network_ref").
    `target` is the type it names; where the Controller names the twin (vimgrnwruntime), the configurable type
    (network). `uuid` is true where the value is a bare uuid instead of a reference such as
    "https://host/api/network/<uuid>#name".
    """

    type: str
    path: tuple[str, ...]
    target: str
    uuid: bool = False

    def __str__(self) -> str:
        """Write the path: "vip[].ipam_network_subnet.network_ref"."""
        return ".".join(self.path)

    def values(self, body: Mapping[str, Any]) -> Iterator[str]:
        """Every reference an object of `type`, as its JSON body, holds at this path.

        Compare uuids, the last part before "#": a reference to a twin names another type. Members that are not
        set, or are not of the shape the schema gives them, yield nothing.
        """
        return _values(body, self.path)


def _values(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if not path:
        if isinstance(value, str) and value:
            yield value
    elif isinstance(value, Mapping):
        below = value.get(path[0].removesuffix(LIST))
        for each in below if isinstance(below, list) else [below]:
            yield from _values(each, path[1:])
