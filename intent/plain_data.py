"""Plain data: frozen dataclasses to JSON and back, and in words where the data of a file has another form."""

from __future__ import annotations

import reprlib
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

Data = TypeVar("Data")

EXACT = ConfigDict(extra="forbid")
"""For `__pydantic_config__` of a dataclass: a member that it does not know is an error."""

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "mapping_type": "an object",
    "named_tuple_type": "a list",
    "string_type": "text",
    "tuple_type": "a list",
}
"""What was expected, by pydantic's name for the problem."""


class Damaged(ValueError):
    """Data is not of the form that it should have. Says where: `steps.3.requests.0.method: ...`."""


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once for every type, at its first use: that takes milliseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(value: object) -> Any:
    """Frozen data as JSON data, its members in the order of the fields."""
    return _adapter(type(value)).dump_python(value, mode="json", by_alias=True)


def from_json(kind: type[Data], data: Any) -> Data:
    """The reverse of `to_json`. Raises Damaged."""
    try:
        value: Data = _adapter(kind).validate_python(data)
    except ValidationError as problem:
        raise Damaged(_first(problem)) from None
    return value


def _first(problem: ValidationError) -> str:
    """The first thing that is wrong, with its place."""
    error = problem.errors(include_url=False)[0]
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {_sentence(error)}" if where else _sentence(error)


def _sentence(error: Any) -> str:
    kind = error["type"]
    if kind == "missing":
        return "is not there"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return "is not known here"
    if kind == "literal_error":
        return f"{shown(error['input'])} is not one of {error['ctx']['expected'].replace(' or ', ', ')}"
    if kind in _EXPECTED:
        return f"is not {_EXPECTED[kind]} (found {shown(error['input'])})"
    text = str(error["ctx"]["error"]) if kind == "value_error" else str(error["msg"])
    return f"{text[:1].lower()}{text[1:]}"


def shown(value: Any) -> str:
    """A value of a file in a sentence, cut where it is long."""
    text = repr(value[:100]) if isinstance(value, str) else reprlib.repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
