"""References that the swagger does not mark as such, merged in from references.json: plain uuids and twins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .swagger import is_runtime

Json = dict[str, Any]

REFERENCES = Path(__file__).with_name("references.json")


def read_marks() -> Json:
    """Read the overlay. Its sections are explained in its own "about" members."""
    marks: Json = json.loads(REFERENCES.read_text(encoding="utf-8"))
    return marks


def mark_references(table: Json) -> None:
    """Give string members that hold a uuid their target, and types their twin and `reported`, in place."""
    marks = read_marks()
    types, messages = table["types"], table["messages"]
    for model, members in marks["uuids"].items():
        for member, (target, _) in members.items():
            if member in messages.get(model, {}):
                messages[model][member]["ref"] = target
    for name, (twin, _) in marks["twins"].items():
        if name in types:
            types[name]["twin"] = twin
    for name, spec in types.items():
        if is_runtime(name) or name.startswith("vimgr") or name in marks["reported"]:
            spec["reported"] = True
