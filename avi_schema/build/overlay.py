"""Facts that no swagger states, merged in from overlay.json with their evidence: plain uuids, twins, permissions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .swagger import is_runtime

Json = dict[str, Any]

OVERLAY = Path(__file__).with_name("overlay.json")


def read_overlay() -> Json:
    """Read the overlay. Its sections are explained in its own "about" members."""
    overlay: Json = json.loads(OVERLAY.read_text(encoding="utf-8"))
    return overlay


def mark(table: Json) -> None:
    """Give members that hold a plain uuid their target, and types their twin, permission and `reported`, in place."""
    overlay = read_overlay()
    types, messages = table["types"], table["messages"]
    for model, members in overlay["uuids"].items():
        for member, (target, _) in members.items():
            if member in messages.get(model, {}):
                messages[model][member]["ref"] = target
    for name, (twin, _) in overlay["twins"].items():
        if name in types:
            types[name]["twin"] = twin
    known = messages.get("Permission", {}).get("resource", {}).get("enum", ())
    for name, spec in types.items():
        spec["permission"] = _permission(name.removesuffix("-inventory"), known, overlay["permissions"])
        if is_runtime(name) or name.startswith("vimgr") or name in overlay["reported"]:
            spec["reported"] = True


def _permission(name: str, known: list[str], others: dict[str, list[str]]) -> str:
    own = f"PERMISSION_{name.upper()}"
    return own if own in known else others.get(name, others["*"])[0]
