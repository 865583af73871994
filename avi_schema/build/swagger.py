"""A swagger folder read into a plain table: types and messages as dicts of facts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avi_schema.model import dotted, parse_version

from .prose import facts_in

Json = dict[str, Any]

_BOUNDS = {
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint64": (0, 2**64 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
_COLLECTION = re.compile(r"/([^/{}]+)$")
_OBJECT = re.compile(r"/([^/{}]+)/\{uuid\}$")
_BELOW = re.compile(r"/([^/{}]+)/\{uuid\}/(.+?)/?$")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def read_swagger(folder: Path) -> Json:
    """Read every JSON of the folder into one table: {"model", "types", "messages"}.

    Raises OSError when a file cannot be read, ValueError when the folder holds no swagger.
    """
    documents = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))
    }
    documents = {
        name: each for name, each in documents.items() if isinstance(each, dict) and "definitions" in each
    }
    if not documents:
        raise ValueError(f"{folder}: no swagger document with paths and definitions")
    model = max((parse_version(each["info"]["version"]) for each in documents.values()), default=())
    types = _types(documents)
    return {
        "model": dotted(model),
        "types": types,
        "messages": _messages(documents, types),
    }


def reachable(messages: Json, roots: Iterator[str]) -> set[str]:
    """The names of the messages reachable from the roots, the roots included."""
    seen: set[str] = set()
    queue = list(roots)
    while queue:
        name = queue.pop()
        if name not in seen and name in messages:
            seen.add(name)
            queue += [spec["message"] for spec in messages[name].values() if spec.get("message")]
    return seen


def is_runtime(type_name: str) -> bool:
    """Whether a type is something the Controller reports, and nobody configures [INF from the names]."""
    return type_name.endswith(("-inventory", "runtime"))


def _types(documents: Json) -> Json:
    """Find the collections and singletons, and what hangs below them.

    A document may carry the paths of a neighbour too (NetworkInventory.json those of networkruntime); the one
    named after the type speaks for it.
    """
    roots: dict[str, list[tuple[bool, str, Json]]] = {}
    below: dict[str, set[str]] = {}
    single: dict[str, Json] = {}
    for stem, document in documents.items():
        for path, operations in document.get("paths", {}).items():
            if match := _COLLECTION.match(path):
                rank = stem.lower() != match[1].replace("-", "")
                roots.setdefault(match[1], []).append((rank, stem, operations))
            elif match := _OBJECT.match(path):
                single.setdefault(match[1], operations)
            elif match := _BELOW.match(path):
                below.setdefault(match[1], set()).add(match[2])
    types: Json = {}
    for name, candidates in sorted(roots.items()):
        operations = min(candidates, key=lambda each: each[:2])[2]
        if model := _model(operations):
            types[name] = _type(name, model, operations, single.get(name, {}), sorted(below.get(name, ())))
    return types


def _type(name: str, model: str, collection: Json, item: Json, subresources: list[str]) -> Json:
    spec: Json = {"model": model, "methods": _methods(collection)}
    if not item or "put" in collection:
        spec["singleton"] = True
    elif is_runtime(name):
        # The generator wrote POST and PUT below every type; what the Controller observes is only read [INF].
        spec["methods"], spec["object_methods"] = ["GET"], ["GET"]
    else:
        spec["object_methods"] = _methods(item)
    if subresources:
        spec["subresources"] = subresources
    parameters = collection.get("get", {}).get("parameters", [])
    spec["queries"] = sorted(each["name"] for each in parameters if each.get("in") == "query")
    return spec


def _methods(operations: Json) -> list[str]:
    return [method for method in _METHODS if method.lower() in operations]


def _model(operations: Json) -> str | None:
    """The model a type speaks: what it takes in the body, else what it answers."""
    for method in ("post", "put"):
        for parameter in operations.get(method, {}).get("parameters", []):
            if parameter.get("in") == "body" and (target := _target(parameter.get("schema", {}))):
                return target
    schema = operations.get("get", {}).get("responses", {}).get("200", {}).get("schema", {})
    return _target(schema)


def _target(schema: Json) -> str | None:
    reference = schema.get("$ref")
    return reference.rsplit("/", 1)[-1] if reference else None


def _messages(documents: Json, types: Json) -> Json:
    """Every message defined, with the facts of its fields."""
    names = {spec["model"].lower(): name for name, spec in types.items()}
    return {
        name: {
            member: _field(schema, required=member in definition["required"], names=names)
            for member, schema in sorted(definition["properties"].items())
        }
        for name, definition in sorted(_definitions(documents).items())
    }


def _definitions(documents: Json) -> Json:
    """Merge the definitions of all documents.

    Where two differ (VcenterDatastore), the fields of both count and only what both require is required.
    """
    merged: Json = {}
    for document in documents.values():
        for name, definition in document["definitions"].items():
            known = merged.setdefault(name, {"properties": {}, "required": definition.get("required", [])})
            known["properties"] = definition.get("properties", {}) | known["properties"]
            known["required"] = [each for each in known["required"] if each in definition.get("required", ())]
    return merged


def _field(schema: Json, *, required: bool, names: dict[str, str]) -> Json:
    spec: Json = {}
    inner = schema
    if schema.get("type") == "array":
        spec["many"] = True
        inner = {"format": schema.get("format")} | schema.get("items", {})
    facts = facts_in(schema.get("description", ""))
    target = facts.pop("ref", None)
    if message := _target(inner):
        spec |= {"kind": "message", "message": message}
    elif target is not None:
        spec |= {"kind": "ref", "ref": names.get(target.lower(), target.lower())}
    else:
        spec["kind"] = inner.get("type", "string")
    if "default" in schema:
        spec["defaults"] = [["", schema["default"]]]
    for flag, on in (("required", required), ("read_only", schema.get("readOnly", False))):
        if on:
            spec[flag] = True
    return spec | _limits(spec["kind"], inner.get("format"), facts)


def _limits(kind: str, width: str | None, facts: Json) -> Json:
    """Drop limits the prose states for what they cannot limit, and add those an integer's width implies."""
    unfit = {"enum"} if kind != "string" else set()
    if kind not in ("integer", "number"):
        unfit |= {"low", "high", "choices", "special"}
    facts = {key: value for key, value in facts.items() if key not in unfit}
    if kind == "integer" and width in _BOUNDS and not facts.keys() & {"low", "choices"}:
        facts["low"], facts["high"] = _BOUNDS[width]
    return facts
