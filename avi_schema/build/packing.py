"""The text of a schema file: equal specs, enums, spans and query lists once, everything else by number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from avi_schema.model import LATEST, Span, dotted

Json = dict[str, Any]


class _Numbering:
    """Numbers equal values in the order they are met."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        key = json.dumps(value, sort_keys=True)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]


def pack(table: Json) -> str:
    """Write a plain table as the JSON text of a schema file: one message, type or pooled value a line."""
    specs, spans, enums, queries = _Numbering(), _Numbering(), _Numbering(), _Numbering()

    def packed(spec: Json) -> int:
        spec = {key: spec[key] for key in sorted(spec)}
        if "spans" in spec:
            spec["spans"] = spans.number(spec["spans"])
        if "enum" in spec:
            spec["enum"] = enums.number(spec["enum"])
        return specs.number(spec)

    messages = {
        name: {member: packed(spec) for member, spec in sorted(fields.items())}
        for name, fields in sorted(table["messages"].items())
    }
    types = {
        name: dict(sorted((spec | {"queries": queries.number(spec["queries"])}).items()))
        for name, spec in sorted(table["types"].items())
    }
    parts = {"enums": enums.values, "spans": spans.values, "queries": queries.values, "specs": specs.values}
    lines = [f'"model":{_line(table["model"])}']
    lines += [f'"{name}":[\n' + ",\n".join(map(_line, values)) + "\n]" for name, values in parts.items()]
    for name, members in (("types", types), ("messages", messages)):
        lines.append(
            f'"{name}":{{\n' + ",\n".join(f"{_line(k)}:{_line(v)}" for k, v in members.items()) + "\n}"
        )
    return "{" + ",\n".join(lines) + "}\n"


def unpack(text: str) -> Json:
    """Read the text of a schema file back into a plain table. Raises ValueError when it is none."""
    raw = json.loads(text)
    if not isinstance(raw, dict) or "specs" not in raw:
        raise ValueError("not a schema file")

    def spec_of(index: int) -> Json:
        spec = dict(raw["specs"][index])
        if "spans" in spec:
            spec["spans"] = raw["spans"][spec["spans"]]
        if "enum" in spec:
            spec["enum"] = raw["enums"][spec["enum"]]
        return spec

    return {
        "model": raw["model"],
        "types": {
            name: spec | {"queries": raw["queries"][spec["queries"]]} for name, spec in raw["types"].items()
        },
        "messages": {
            name: {member: spec_of(index) for member, index in fields.items()}
            for name, fields in raw["messages"].items()
        },
    }


def written(spans: Iterable[Span]) -> list[list[str | None]]:
    """Write spans the way the schema file has them: the inverse of read_spans."""
    return [[dotted(first) or None, None if until == LATEST else dotted(until)] for first, until in spans]


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
