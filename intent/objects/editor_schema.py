"""JSON Schema of objects of any type, for editors: the members of each type in the model of one version.

It is written on request and not part of environments/schema.json, which stays small.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from avi_schema import Field, Version, load
from avi_schema.semantics import meaning_of
from intent.objects.validation import IDENTITY, type_problem

Schema = dict[str, Any]
_NAME: Schema = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {key: {"type": "string"} for key in ("name", "cloud", "tenant")},
        },
    ]
}


def with_objects(schema: Schema, version: Version) -> Schema:
    """The JSON Schema of environment files, in which `objects` says what each type has in the model of a version."""
    definitions = {**schema["$defs"], "avi.reference": _NAME}
    named = {name: kind.model for name, kind in load().types.items() if not type_problem(name, version)}
    for model in dict.fromkeys(named.values()):
        for message in _reached(model, version):
            definitions.setdefault(
                f"avi.{message}", _message(message, version, top=message in named.values())
            )
    declared = definitions["ConfigObject"]
    branches = [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {"properties": {"fields": {"$ref": f"#/$defs/avi.{model}"}}},
        }
        for name, model in named.items()
    ]
    types = {**declared["properties"]["type"], "enum": sorted(named)}
    properties = {**declared["properties"], "type": types}
    definitions["ConfigObject"] = {**declared, "properties": properties, "allOf": branches}
    return {**schema, "$defs": definitions}


def _reached(model: str, version: Version) -> Iterator[str]:
    seen, queue = {model}, [model]
    while queue:
        name = queue.pop()
        yield name
        for field in _members(name, version):
            if field.message and field.message not in seen:
                seen.add(field.message)
                queue.append(field.message)


def _members(message: str, version: Version) -> Iterator[Field]:
    """The members that can be declared."""
    for field in load().message(message).fields.values():
        if field.lives(version) and meaning_of(message, field.name)[-1].mode not in ("server", "secret"):
            yield field


def _message(message: str, version: Version, *, top: bool) -> Schema:
    members = {
        field.name: {"anyOf": [_member(field), {"type": "null"}]}
        for field in _members(message, version)
        if not (top and field.name in IDENTITY)
    }
    return {"type": "object", "additionalProperties": False, "properties": members}


def _member(field: Field) -> Schema:
    value = _value(field)
    if not field.many:
        return value
    bounds = {"maxItems": field.max_items} if field.max_items is not None else {}
    return {"type": "array", "items": value, **bounds}


def _value(field: Field) -> Schema:
    if field.kind == "message":
        return {"$ref": f"#/$defs/avi.{field.message}"} if field.message else {"type": "object"}
    if field.kind == "ref":
        return {"$ref": "#/$defs/avi.reference"}
    if field.enum:
        return {"enum": [*field.enum]}
    if field.choices:
        return {"enum": [*field.choices]}
    value: Schema = {"type": field.kind}
    others = [default for _, default in field.defaults if isinstance(default, int | float)]
    if not field.special and field.low is not None and all(default >= field.low for default in others):
        value["minimum"] = field.low
    if not field.special and field.high is not None and all(default <= field.high for default in others):
        value["maximum"] = field.high
    return value
