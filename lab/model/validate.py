"""What a Controller accepts of a written body, and how it refuses the rest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any

from avi_schema import Field, Message, Schema, Version, underscored

from .migrate import rules_up
from .render import fresh

Json = dict[str, Any]


class Invalid(Exception):
    """A body the Controller refuses: the HTTP status and the text of {"error": text}."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


class _Fault(Exception):
    """A refused value on its way up through the messages around it."""


def accept(schema: Schema, type_name: str, body: Any, version: Version, own: Version) -> Json:
    """Read a body written under the model `version` into the newest spelling, as a Controller of model `own`.

    - A known member newer than `version` is refused, §1.6 [PUBLIC]; an unknown or read-only one is dropped
      without a word, §2.9 [REC]. A type younger than `version` is read in its first model [INF].
    - null and empty lists mean unset; so does an empty reference [INF].
    - "true" becomes true [REC]; numbers in strings become numbers, numbers become strings [INF].
    - Types, ranges, enums, item counts and required members are checked; the nesting of the error text is
      that of §2.8 [PUBLIC], its sentences are ours except for the item count.
    - Old spellings become new ones (see migrate). A member without successor stays while `own` still has it.

    Returns a new object. Raises Invalid for whatever is refused, KeyError for an unknown type.
    """
    kind = schema.types[type_name]
    reader = _Reader(schema, max(version, kind.first), max(own, kind.first))
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object")
    try:
        return reader.message(kind.message, body)
    except _Fault as fault:
        raise Invalid(str(fault)) from None
    except RecursionError:
        raise Invalid("The body is nested too deeply") from None


@dataclass(frozen=True, slots=True)
class _Reader:
    schema: Schema
    version: Version
    own: Version

    def message(self, message: Message, body: Json) -> Json:
        rules = rules_up(message)
        moved = {name for rule in rules for name in rule.old}
        read: Json = {}
        for name, value in body.items():
            field = message.fields.get(name)
            if field is None or field.read_only or value is None or value == []:
                continue
            if not field.lives(self.version):
                self._newer(field)
            elif name in moved or field.lives(self.own):
                member = self._member(field, value)
                if member is not None:
                    read[name] = member
        self._complete(message, read)
        if (check := _MEANT.get(message.name)) is not None and (fault := check(read)) is not None:
            raise _Fault(fault)
        for rule in rules:
            rule.up(read)
        return read

    def _newer(self, field: Field) -> None:
        """Refuse a member the client's model does not have yet; one it lost is just unknown to it."""
        later = [first for first, _ in field.spans if first > self.version]
        if later:
            raise Invalid(
                f"Incoming request (v{underscored(self.version)}) has field ({field.name}) "
                f"introduced in later versions(v{underscored(min(later))})."
            )

    def _complete(self, message: Message, read: Json) -> None:
        """Check what has to be there. A list too short is a list not sent: on the wire they are the same."""
        for field in _demanded(self.schema, message.name, self.version):
            least = max(field.min_items, 1)
            there = len(read[field.name]) if field.many and field.name in read else int(field.name in read)
            if there < least:
                why = f"There must be at least {least} {field.name}" if field.many else "It is required"
                raise _Fault(_check(field, why))

    def _member(self, field: Field, value: Any) -> Any:
        if not field.many:
            return self._value(field, value)
        if not isinstance(value, list):
            raise _Fault(_check(field, "It must be a list"))
        values = [self._value(field, each) for each in value if each is not None]
        read = [each for each in values if each is not None]
        if field.max_items is not None and len(read) > field.max_items:
            raise _Fault(_check(field, f"There must be at most {field.max_items} {field.name}"))
        return read or None

    def _value(self, field: Field, value: Any) -> Any:
        if field.kind != "message":
            return _scalar(field, value)
        if not isinstance(value, dict):
            raise _Fault(_check(field, "It must be an object"))
        if field.message is None:
            return fresh(value)
        try:
            return self.message(self.schema.message(field.message), value)
        except _Fault as fault:
            raise _Fault(f'{{"{field.name}":"{fault}"}}') from None


@cache
def _demanded(schema: Schema, model: str, version: Version) -> tuple[Field, ...]:
    return tuple(field for field in schema.message(model).fields.values() if field.demanded_at(version))


def _check(field: Field, why: str) -> str:
    return f'{{"{field.name}":"Field check for {field.name} failed : {why}"}}'


def _scalar(field: Field, value: Any) -> Any:
    if field.kind == "ref" and value == "":
        return None
    try:
        read = _CASTS[field.kind](value)
    except (TypeError, ValueError, OverflowError):
        raise _Fault(_check(field, f"It must be {_WORDS[field.kind]}")) from None
    if any(read == default for _, default in field.defaults):
        return read
    if field.enum is not None and read not in field.enum:
        raise _Fault(_check(field, f"It must be one of {', '.join(field.enum)}"))
    if field.choices is not None and read not in field.choices:
        raise _Fault(_check(field, f"It must be one of {', '.join(map(str, field.choices))}"))
    if field.low is not None and field.high is not None:
        _within(field, read, field.low, field.high)
    return read


def _within(field: Field, value: float, low: float, high: float) -> None:
    if not low <= value <= high and value not in field.special:
        raise _Fault(_check(field, f"It must be within {low}-{high}"))


def _address(read: Json) -> str | None:
    """What is wrong with an IpAddr: its text has to be an address of the version it says [INF]."""
    wanted = BITS.get(read.get("type", ""))
    if wanted is None:
        return None
    try:
        right = ip_address(read["addr"]).max_prefixlen == wanted
    except ValueError:
        right = False
    why = f"It must be an IP{read['type'].lower()} address"
    return None if right else f'{{"addr":"Field check for addr failed : {why}"}}'


def _prefix(read: Json) -> str | None:
    """What is wrong with an IpAddrPrefix: its mask is no longer than an address of its version [INF]."""
    most = BITS.get(read["ip_addr"].get("type", ""))
    if most is None or 0 <= read["mask"] <= most:
        return None
    return f'{{"mask":"Field check for mask failed : It must be within 0-{most}"}}'


BITS = {"V4": 32, "V6": 128}
_MEANT: dict[str, Callable[[Json], str | None]] = {"IpAddr": _address, "IpAddrPrefix": _prefix}


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    read = float(value)
    if not math.isfinite(read):
        raise ValueError
    return read


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower(), value)
    if isinstance(value, bool):
        return value
    raise ValueError


_CASTS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "ref": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
_WORDS = {
    "string": "a string",
    "ref": "a reference",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
}
