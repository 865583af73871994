"""The smallest body a type accepts: for tests, and for a client that explores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from avi_schema import Field, Message, Schema, Version

Json = dict[str, Any]

_ADDRESS = "192.0.2.1"  # the documentation network of RFC 5737
_BY_NAME = {
    "addr": _ADDRESS,
    "mac_address": "00:00:5e:00:53:01",
    "mask": 24,
}


def placeholder(field: Field) -> str:
    """Name some object of the type a field refers to."""
    return f"/api/{field.ref}?name=placeholder"


def minimal(
    schema: Schema, type_name: str, version: Version, ref: Callable[[Field], str] = placeholder
) -> Json:
    """Build a body with only the members the model `version` requires; `ref` gives the references."""
    kind = schema.types[type_name]
    return _message(schema, kind.message, max(version, kind.first), ref)


def _message(schema: Schema, message: Message, version: Version, ref: Callable[[Field], str]) -> Json:
    def value(field: Field) -> Any:
        one = _value(schema, field, version, ref)
        return [one] * max(field.min_items, 1) if field.many else one

    return {field.name: value(field) for field in message.fields.values() if field.demanded_at(version)}


def _value(schema: Schema, field: Field, version: Version, ref: Callable[[Field], str]) -> Any:
    if field.kind == "ref":
        return ref(field)
    if field.kind == "message":
        return _message(schema, schema.message(field.message), version, ref) if field.message else {}
    return _scalar(field)


def _scalar(field: Field) -> Any:
    if options := field.enum or field.choices:
        return options[0]
    if field.kind == "boolean":
        return False
    fallback = field.name if field.kind == "string" else max(field.low or 0, 0)
    return _BY_NAME.get(field.name, fallback)
