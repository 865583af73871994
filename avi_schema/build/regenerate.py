"""The whole build, from a swagger folder to the text of a schema file; carries an older file's history on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from avi_schema.model import Version, dotted, lives, parse_version, read_spans

from .history import NEWER, PROVIDER, add_history, add_newer, add_releases, read_history
from .overlay import mark
from .packing import pack, unpack
from .swagger import reachable, read_swagger

Json = dict[str, Any]


def regenerate(folder: Path, previous: Path | None = None) -> str:
    """Build the text of the schema file from a swagger folder, with the history of `previous` if given.

    Raises OSError when something cannot be read, ValueError when it is not what it should be.
    """
    table = read_swagger(folder)
    add_history(table, read_history())
    add_releases(table, read_history(PROVIDER))
    add_newer(table, read_history(NEWER))
    mark(table)
    if previous is not None:
        remember(table, unpack(previous.read_text(encoding="utf-8")))
    _prune(table)
    return pack(table)


def remember(table: Json, previous: Json) -> None:
    """Carry what an older table knows into a newer one, in place.

    What the newer model lacks is kept and ends with it; what the older one lacked begins with it, unless the
    prose dates it; a default that differs keeps its older value for older versions. Raises ValueError when
    `previous` is not the older one.
    """
    new, old = parse_version(table["model"]), parse_version(previous["model"])
    if old >= new:
        raise ValueError(f"the previous table is of {previous['model']}, not older than {table['model']}")
    for name, fields in previous["messages"].items():
        _remember_members(table["messages"].setdefault(name, fields), fields, table["model"])
    for name, spec in previous["types"].items():
        table["types"].setdefault(name, spec | {"spans": _ended(spec, new)})


def _remember_members(known: Json, previous: Json, model: str) -> None:
    """The same for the members of one message."""
    for member, spec in previous.items():
        if member in known:
            _defaults(known[member], spec, model)
        else:
            known[member] = spec | {"spans": _ended(spec, parse_version(model))}
    for member, spec in known.items():
        if member not in previous and "spans" not in spec:
            spec["spans"] = [[model, None]]


def _ended(spec: Json, new: Version) -> list[list[str | None]]:
    """End the last span of something with the new model, if it reached that far."""
    spans: list[list[str | None]] = [list(each) for each in spec.get("spans", [[None, None]])]
    if lives(read_spans(spans), new):
        spans[-1][1] = dotted(new)
    return spans


def _defaults(spec: Json, older: Json, model: str) -> None:
    before, now = older.get("defaults", []), spec.get("defaults", [])
    if before[-1:] == now[-1:] or (before and now and before[-1][1:] == now[-1][1:]):
        if before:
            spec["defaults"] = before
    elif before:
        spec["defaults"] = [*before, [model, *now[-1][1:]] if now else [model]]
    elif now:
        spec["defaults"] = [[model, *now[-1][1:]]]


def _prune(table: Json) -> None:
    """Keep the messages the types reach. A field of a message nobody describes is kept as it comes."""
    messages = table["messages"]
    for fields in messages.values():
        for spec in fields.values():
            if spec.get("message") not in messages:
                spec.pop("message", None)
    kept = reachable(messages, iter(spec["model"] for spec in table["types"].values()))
    table["messages"] = {name: fields for name, fields in messages.items() if name in kept}
