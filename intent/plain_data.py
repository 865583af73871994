"""Plain data: frozen dataclasses to JSON data and back; what is wrong with the form of a file's data, in words."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

import pydantic_core
from pydantic import ConfigDict, TypeAdapter, ValidationError

Data = TypeVar("Data")

EXACT = ConfigDict(extra="forbid")
"""For `__pydantic_config__` of a dataclass: a member that it does not know is an error."""

_EXPECTED = {
    "bool": "true or false",
    "date": "a date",
    "datetime": "a point in time",
    "dict": "an object",
    "finite": "a number",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "mapping": "an object",
    "model": "an object",
    "named": "a list",
    "string": "text",
    "tuple": "a list",
}
"""What was expected, by how pydantic's name for the problem begins: `int_parsing`, `named_tuple_type`."""

_LIMITS = {
    "greater_than": "has to be more than {gt:g}",
    "greater_than_equal": "has to be at least {ge:g}",
    "less_than": "has to be less than {lt:g}",
    "less_than_equal": "has to be at most {le:g}",
    "string_too_short": "must not be empty",
    "string_too_long": "has to have at most {max_length} characters",
    "too_short": "needs at least {min_length} element",
    "too_long": "has to have at most {max_length} elements",
}
"""What a value breaks that is of the right type."""


FORMS = {
    r"^/": "a path that begins with /",
    r"^/\S.*$": "a path such as /infra/segments/web",
    r"^[A-Za-z0-9._-]+$": "letters, digits, dots, underscores and hyphens, such as north-1",
    r"^\d+\.\d+(\.\d+)?$": "two or three numbers, such as 1.30 or 2.1.3",
    r"^\d+\.\d+\.\d+$": "three numbers, such as 30.2.1",
    r"^https?://[^\s]+$": "an address such as https://wiki.example.com/avi",
    r"^(\[[0-9A-Fa-f:]+\]|[^:\s]+)(:\d+)?$": "an address, with a port or without, such as 10.0.0.53:53",
    r"^(ssh|paramiko|docker|podman|kubectl|chroot)://\S+$|^local://$": "a connection such as ssh://10.10.24.9, or local://",
}
"""What a text looks like that has a form of its own, by the pattern in its field."""


class Damaged(ValueError):
    """Data is not of the form that it should have. Says where: `steps.3.requests.0.method: ...`."""


DEEPEST = 190
"""Levels of nesting in JSON: objects of a Controller have about ten, and quick parsers give up at 200."""


IN_FILES = DEEPEST + 30
"""The same in files of ours, in which objects stand within others."""


def shallow(data: Any, deepest: int = DEEPEST) -> Any:
    """JSON data as it is. Raises ValueError where it is nested so deeply that going through it could fail."""
    level, depth = [data], 0
    while level := [inner for value in level if isinstance(value, dict | list) for inner in _inside(value)]:
        depth += 1
        if depth > deepest:
            raise ValueError("is nested too deeply")
    return data


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def copied(value: Any) -> Any:
    """A copy of JSON data that shares nothing with it; several times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        return {key: copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once for every type, at its first use: that takes milliseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def encoded(data: Any, indent: int | None = None) -> bytes:
    """JSON data as text in UTF-8, by an encoder that is much quicker than Python's; a lone surrogate becomes `?`."""
    try:
        return pydantic_core.to_json(data, indent=indent, inf_nan_mode="constants")
    except ValueError:
        separators = (",", ":") if indent is None else None
        text = json.dumps(data, indent=indent, separators=separators, ensure_ascii=False)
        return text.encode("utf-8", errors="replace")


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
    return form(error)


def form(error: Any, words: Mapping[str, str] | None = None) -> str:
    """What is wrong with the form of a value, as the second half of a sentence, in words of ours.

    `words`: what a file calls the types of data that have another name there than in JSON.
    """
    kind, value = error["type"], f" (found {shown(error['input'])})"
    if kind in ("value_error", "assertion_error"):
        text = str(error["ctx"]["error"])
        quoted = isinstance(error["input"], str) and error["input"] != "" and error["input"] in text
        return f"{text[:1].lower()}{text[1:]}" + ("" if quoted else value)
    if kind == "string_pattern_mismatch":
        return f"has to be {FORMS.get(error['ctx']['pattern'], error['ctx']['pattern'])}{value}"
    if kind in _LIMITS:
        return _LIMITS[kind].format(**error["ctx"]) + value
    expected = _EXPECTED.get(kind.partition("_")[0], "what belongs here")
    return f"is not {(words or {}).get(expected, expected)}{value}"


class _YamlWords(reprlib.Repr):
    """Values as Python shortens them, with YAML's words where Python has others, in lists and mappings too."""

    def repr_bool(self, value: bool, _level: int) -> str:  # noqa: FBT001 -- as reprlib calls it
        return "true" if value else "false"

    def repr_NoneType(self, _value: None, _level: int) -> str:  # noqa: N802 -- after the name of the type
        return "nothing"


_WORDS = _YamlWords()


def shown(value: Any) -> str:
    """A value of a file in a sentence, cut where it is long."""
    if isinstance(value, date):  # what YAML takes for one, and a time
        value = str(value)
    text = repr(value[:100]) if isinstance(value, str) else _WORDS.repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
