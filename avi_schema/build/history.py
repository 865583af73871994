"""Facts the newest swagger lacks, merged in from history.json, provider.json and newer.json.

Older members, how lifetimes and defaults changed, what is emitted when unset, and what is secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avi_schema.model import dotted, lives, parse_version, read_spans

from .packing import written
from .swagger import is_runtime, reachable

Json = dict[str, Any]

WIDTHS = frozenset({2**32 - 1, 2**64 - 1})
"""The ends of ranges that follow from a number's width."""
HISTORY = Path(__file__).with_name("history.json")
PROVIDER = Path(__file__).with_name("provider.json")
NEWER = Path(__file__).with_name("newer.json")


def read_history(path: Path = HISTORY) -> Json:
    """Read a history. Its sections are explained in its own "about" members."""
    history: Json = json.loads(path.read_text(encoding="utf-8"))
    return history


def add_history(table: Json, history: Json) -> None:
    """Merge the history into a table read from swagger, in place."""
    messages = table["messages"]
    emit(table)
    _undate_inventories(table)
    _measure(messages, history["measured"])
    _merge(messages, history)
    for model, name, value in _entries(history["emit"]):
        _set(messages, model, name, "defaults", [["", value]])
    for model, name, _ in _entries(history["silent"]):
        messages.get(model, {}).get(name, {}).pop("defaults", None)
    for model, name, _ in _entries(history["secrets"]):
        _set(messages, model, name, "secret", value=True)
    _type_facts(table["types"], messages, history)


def add_releases(table: Json, provider: Json) -> None:
    """Merge in what the Terraform provider of each release knows better, in place; its word is the last."""
    messages = table["messages"]
    _merge(messages, provider)
    for model, name, _ in _entries(provider["optional"]):
        messages.get(model, {}).get(name, {}).pop("required", None)


def add_newer(table: Json, newer: Json) -> None:
    """Merge in what is public of models newer than the table's, in place; the model it describes stays what it is."""
    messages = table["messages"]
    for model, fields in newer["messages"].items():
        if {spec["ref"] for spec in fields.values() if "ref" in spec} <= table["types"].keys():
            messages.setdefault(model, {name: dict(spec) for name, spec in fields.items()})
    _merge(messages, newer)
    for model, name, until in _entries(newer["ends"]):
        if name in messages.get(model, {}):
            spans = messages[model][name].get("spans", [[None, None]])
            messages[model][name]["spans"] = [*spans[:-1], [spans[-1][0], until]]
    for model, name, since in _entries(newer["deprecated"]):
        _set(messages, model, name, "deprecated", since)
    for name, spec in newer["types"].items():
        like = {"methods": ["GET", "POST"], "object_methods": ["GET", "PUT", "PATCH", "DELETE"]}
        if spec["model"] in messages:
            table["types"].setdefault(name, like | {"subresources": [], "queries": []} | spec)


def _merge(messages: Json, known: Json) -> None:
    for model, name, spec in _entries(known["fields"]):
        if model in messages:
            messages[model].setdefault(name, dict(spec))
    for section in ("spans", "defaults", "required_until"):
        for model, name, value in _entries(known.get(section, {})):
            _set(messages, model, name, section, value)


def _entries(section: Json) -> Iterator[tuple[str, str, Any]]:
    """The (message, field, value) of a section; in a section of mere names the value is None."""
    for model, fields in section.items():
        for name in fields:
            yield model, name, fields[name] if isinstance(fields, dict) else None


def emit(table: Json) -> None:
    """Apply the emission rule (§2.10 of the REST reference) to what swagger declares.

    A scalar with a declared default is emitted, unless it is required: then the client has to say it. Swagger
    leaves out `default: false`, so for a boolean without default one has to guess. Of the 265 booleans whose
    truth is known (17 types), 217 are emitted as false: so is every other optional boolean of a configuration
    object [INF], but none of a runtime object, whose absence means "not reported".

    It leaves out `default: 0` as well. Of the 43 numbers of those types that have no default and may be 0, by their
    range or as a special value, 38 are emitted as 0; of the 16 that may not, none is. So every other such number is
    0 too [INF], unless the modules' documentation has no default for it [CLIENT] (section "silent").
    """
    types, messages = table["types"], table["messages"]
    configured = reachable(
        messages, iter(each["model"] for name, each in types.items() if not is_runtime(name))
    )
    for model, fields in messages.items():
        for spec in fields.values():
            optional = not spec.get("required") and not spec.get("read_only") and not spec.get("many")
            if spec.get("required"):
                spec.pop("defaults", None)
            elif spec["kind"] == "boolean" and optional and model in configured:
                spec.setdefault("defaults", [["", False]])
            elif _may_be_zero(spec) and optional and model in configured:
                spec.setdefault("defaults", [["", 0]])


def _may_be_zero(spec: Json) -> bool:
    """Whether 0 is named among a number's values: by its range, unless that only says its width, or as a special."""
    if spec["kind"] not in ("integer", "number"):
        return False
    bounded = spec.get("low") == 0 and spec.get("high") not in WIDTHS
    return bounded or 0 in spec.get("special", ()) or 0 in spec.get("choices", ())


def _undate_inventories(table: Json) -> None:
    """Forget that inventory messages say 22.1.1 of nearly all their members.

    That is when they were first documented; clients read them from 18.2 Controllers before [CLIENT].
    """
    types, messages = table["types"], table["messages"]
    inventory = [name for name in types if name.endswith("-inventory")]
    shown = reachable(messages, iter(types[name]["model"] for name in inventory))
    others = reachable(messages, iter(types[name]["model"] for name in types if name not in inventory))
    for model in shown - others:
        for spec in messages[model].values():
            if spec.get("spans") == [["22.1.1", None]]:
                del spec["spans"]


def _measure(messages: Json, measured: Json) -> None:
    """Let the schemas compared field by field overrule the prose.

    Prose and schemas disagree (Cloud `markers`: prose 22.1.1, schemas 21.1.7). Where schemas were compared
    they win: a field the comparison dates gets that date (section "spans"), and one it does not date was in
    the oldest schema compared, whatever the prose says. `open` names what the comparison counted but did not
    list.
    """
    base = parse_version(measured["base"])
    for model in measured["messages"]:
        for spec in messages.get(model, {}).values():
            spans = read_spans(spec.get("spans", ()))
            unlisted = spans and dotted(spans[0][0]) in measured["open"].get(model, ())
            if not lives(spans, base) and not unlisted:
                spec["spans"] = written([(base, spans[-1][1])])


def _set(messages: Json, model: str, name: str, key: str, value: Any) -> None:
    """Set one fact of one field, if the model of this version has the field at all."""
    if name in messages.get(model, {}):
        messages[model][name][key] = value


def _type_facts(types: Json, messages: Json, history: Json) -> None:
    for name in history["singletons"]:
        if name in types:
            types[name] |= {"singleton": True, "methods": ["GET", "PUT", "PATCH"]}
            types[name].pop("object_methods", None)
    for name, spec in types.items():
        identity = [messages[spec["model"]].get(member, {}).get("spans") for member in ("uuid", "name")]
        if all(identity) and not is_runtime(name):
            # Both the uuid and the name are dated: so the type came then. The wider of the two counts.
            spec["spans"] = min(identity, key=lambda spans: parse_version(spans[0][0]))
        if name in history["types"]:
            spec["spans"] = history["types"][name]
