"""References in the declared members of an object: to which type, under which name, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from avi_schema import Field, load
from intent.source import Place
from intent.values import ScopedName

_PATH = re.compile(r"^(?:https?://[^/]+)?/api/(?P<type>[^/?#]+)/?(?P<rest>.*)$")
_BARE_UUID = re.compile(r"^[a-z0-9]+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def target(field: Field) -> str:
    """The configurable type that a reference names; "" for what nobody configures, such as a host of the vCenter."""
    kind = load().types.get(field.ref or "")
    return "" if kind is None else (kind.twin or kind.name)


def named(value: Any) -> str | ScopedName | None:
    """A declared reference as a name; None where it is written as a uuid: `/api/pool/pool-...`, `pool-...`.

    `/api/pool/?name=web&cloud=east` is the name web in cloud east.
    """
    if isinstance(value, Mapping):
        scoped = ScopedName.model_construct(
            name=str(value.get("name")), cloud=value.get("cloud"), tenant=value.get("tenant")
        )
        return scoped if scoped.cloud or scoped.tenant else scoped.name
    if not isinstance(value, str) or _BARE_UUID.match(value):
        return None
    if (path := _PATH.match(value)) is None:
        return value
    _, mark, query = path["rest"].partition("?")
    if not mark:
        return None
    asked = {key: values[0] for key, values in parse_qs(query.partition("#")[0]).items()}
    if "name" not in asked:
        return None
    return named({key: asked.get(key) for key in ("name", "cloud", "tenant")})


def path_problem(field: Field, value: Any) -> str:
    """Why a declared path of the API can be no reference of this member; "" for any other."""
    path = _PATH.match(value) if isinstance(value, str) else None
    if path is None:
        return ""
    if path["type"] not in (field.ref, target(field)):
        return f"leads to a {path['type']}, where a {target(field) or field.ref} belongs"
    return "" if named(value) or uuid_in(value) else "has neither a uuid nor a name in it"


def uuid_in(value: Any) -> str:
    """The uuid in a reference that is written with one; "" in any other."""
    if not isinstance(value, str) or named(value) is not None:
        return ""
    if (path := _PATH.match(value)) is not None:
        return unquote(path["rest"].partition("#")[0].partition("?")[0].rstrip("/"))
    return value


def references(message: str, members: Mapping[str, Any], at: Place = ()) -> Iterator[tuple[Place, str, Any]]:
    """(place, type that is named, value) of every reference below a message, as far as it is of the model's shape."""
    fields = load().message(message).fields
    for name, value in members.items():
        field = fields.get(name)
        if field is None or value is None:
            continue
        many = field.many and isinstance(value, list | tuple)
        for number, element in enumerate(value) if many else ((0, value),):
            place = (*at, name, number) if many else (*at, name)
            if field.kind == "ref":
                if to := target(field):
                    yield place, to, element
            elif field.message and isinstance(element, Mapping):
                yield from references(field.message, element, place)


def mapped(message: str, members: Mapping[str, Any], change: Callable[[Field, Any], Any]) -> dict[str, Any]:
    """A copy of a message in which every reference is what `change` makes of it. Raises what `change` raises."""
    fields = load().message(message).fields
    return {name: mapped_value(fields.get(name), value, change) for name, value in members.items()}


def mapped_value(field: Field | None, value: Any, change: Callable[[Field, Any], Any]) -> Any:
    """The same of one member's value, or of an element of it."""
    if field is None or value is None:
        return value
    if isinstance(value, list | tuple):
        return [mapped_value(field, element, change) for element in value]
    if field.kind == "ref":
        return change(field, value)
    if field.message and isinstance(value, Mapping):
        return mapped(field.message, value, change)
    return dict(value) if isinstance(value, Mapping) else value
