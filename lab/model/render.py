"""From a stored object to what a client reads: defaults filled in, its model version, secrets covered.

Everything here is compiled once per message (and version) into a plan, because a list page renders some
hundred objects of a hundred members each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from avi_schema import MISSING, Field, Schema, Version

from .migrate import Rule, rules_down

Json = dict[str, Any]
Slot = tuple[Any, Any, Field]
"""A container, the key or index in it, and the field whose value is there."""

Step = Callable[[Schema, str, Json, Version], Json]
"""(schema, message, body, version) -> the body of that message made anew."""

CONTAINERS = frozenset({dict, list})
SENSITIVE = "<sensitive>"


@dataclass(frozen=True, slots=True)
class _Filling:
    scalars: Json
    messages: dict[str, str]
    implied: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Viewing:
    extra: Json
    rules: tuple[Rule, ...]
    gone: frozenset[str]
    messages: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Walking:
    slots: tuple[Field, ...]
    messages: tuple[tuple[str, str], ...]


def fill(schema: Schema, type_name: str, body: Json, own: Version) -> Json:
    """Add what a Controller of model `own` emits for members never set, in every message present.

    The emission rule is §2.10 of the Controller REST reference [REC].
    Returns a new object that shares no container with `body`. Members the model does not know stay.
    """
    kind = schema.types[type_name]
    return _fill(schema, kind.model, body, max(own, kind.first))


def view(schema: Schema, type_name: str, body: Json, version: Version) -> Json:
    """Render a stored or filled object the way a client of the model `version` reads it (§1.6).

    Members newer than that model go, old spellings and the defaults of members that model alone emits come.
    A type younger than `version` is rendered in its first model [INF]. Members the model never knew stay.
    Returns a new object that shares no container with `body`.
    """
    kind = schema.types[type_name]
    return _view(schema, kind.model, body, max(version, kind.first))


def skip_defaults(schema: Schema, type_name: str, body: Json, version: Version) -> Json:
    """Leave out what equals the default of the model `version`: `skip_default=true` [SCHEMA].

    Returns a new object that shares no container with `body`.
    """
    kind = schema.types[type_name]
    return _skip(schema, kind.model, body, max(version, kind.first))


def walk_refs(schema: Schema, type_name: str, body: Json) -> Iterator[Slot]:
    """Every slot that holds a reference: (container, key, field), `container[key]` being the reference.

    In a list of references the container is the list. The slots are gathered before the first is handed out,
    so the caller may rewrite them on the way. Old spellings such as usable_network_refs count too.
    """
    slots: list[Slot] = []
    _walk(schema, "ref", schema.types[type_name].model, body, slots)
    return iter(slots)


def scrub(schema: Schema, type_name: str, body: Json) -> Json:
    """Cover the secrets that are set with "<sensitive>" (§2.11 [REC]).

    Returns a new object that shares no container with `body`.
    """
    covered: Json = fresh(body)
    cover(schema, type_name, covered)
    return covered


def cover(schema: Schema, type_name: str, body: Json) -> None:
    """Cover the secrets of a body that is the caller's own, in place."""
    slots: list[Slot] = []
    _walk(schema, "secret", schema.types[type_name].model, body, slots)
    for container, key, _ in slots:
        if container[key] != "":  # nothing is no secret [REC: key_passphrase]
            container[key] = SENSITIVE


def secretive(schema: Schema, type_name: str) -> bool:
    """Whether objects of a type can hold a secret at all, however deep: most cannot."""
    return _leads(schema, "secret", schema.types[type_name].model)


def fresh(value: Any) -> Any:
    """Copy plain JSON deeply. Scalars are shared."""
    if type(value) is dict:
        return {key: fresh(each) for key, each in value.items()}
    if type(value) is list:
        return [fresh(each) for each in value]
    return value


def _below(step: Step, schema: Schema, model: str | None, value: Any, version: Version) -> Any:
    """What stands under a member: the messages in it taken through `step`, everything else copied."""
    if value.__class__ is dict:
        return step(schema, model, value, version) if model else fresh(value)
    return [
        step(schema, model, each, version) if model and each.__class__ is dict else fresh(each)
        for each in value
    ]


def _fill(schema: Schema, model: str, body: Json, own: Version) -> Json:
    plan = _filling(schema, model, own)
    filled = plan.scalars | body
    for name, value in body.items():
        if value.__class__ in CONTAINERS:
            filled[name] = _below(_fill, schema, plan.messages.get(name), value, own)
    for name, nested in plan.implied:
        if name not in body:
            filled[name] = _fill(schema, nested, {}, own)
    return filled


@cache
def _filling(schema: Schema, model: str, own: Version) -> _Filling:
    fields = schema.message(model).fields.values()
    values = {field.name: field.default_at(own) for field in fields}
    emitted = {name: value for name, value in values.items() if value is not MISSING}
    messages = {field.name: field.message for field in fields if field.message}
    return _Filling(
        scalars={name: value for name, value in emitted.items() if name not in messages},
        messages=messages,
        implied=tuple((name, messages[name]) for name in emitted if name in messages),
    )


def _view(schema: Schema, model: str, body: Json, version: Version) -> Json:
    plan = _viewing(schema, model, version)
    seen = plan.extra | body
    for rule in plan.rules:
        rule.down(seen)
    for name in plan.gone & seen.keys():
        del seen[name]
    for name, value in seen.items():
        if value.__class__ in CONTAINERS:
            seen[name] = _below(_view, schema, plan.messages.get(name), value, version)
    return seen


@cache
def _viewing(schema: Schema, model: str, version: Version) -> _Viewing:
    message = schema.message(model)
    filling = _filling(schema, model, version)
    return _Viewing(
        extra=filling.scalars,
        rules=rules_down(message, version),
        gone=frozenset(field.name for field in message.fields.values() if not field.lives(version)),
        messages=filling.messages,
    )


def _skip(schema: Schema, model: str, body: Json, version: Version) -> Json:
    plan = _filling(schema, model, version)
    kept: Json = {}
    for name, value in body.items():
        if value.__class__ in CONTAINERS:
            kept[name] = _below(_skip, schema, plan.messages.get(name), value, version)
        elif name not in plan.scalars or plan.scalars[name] != value:
            kept[name] = value
    return kept


def _walk(schema: Schema, what: str, model: str, body: Json, slots: list[Slot]) -> None:
    plan = _walking(schema, what, model)
    for field in plan.slots:
        value = body.get(field.name)
        if type(value) is list:
            slots += [(value, index, field) for index in range(len(value))]
        elif value is not None:
            slots.append((body, field.name, field))
    for name, nested in plan.messages:
        value = body.get(name)
        if type(value) is dict:
            _walk(schema, what, nested, value, slots)
        elif type(value) is list:
            for each in value:
                if type(each) is dict:
                    _walk(schema, what, nested, each, slots)


@cache
def _walking(schema: Schema, what: str, model: str) -> _Walking:
    """The slots of a message, and only those nested messages that lead to one."""
    fields = schema.message(model).fields.values()
    return _Walking(
        slots=tuple(field for field in fields if _is_slot(field, what)),
        messages=tuple(
            (field.name, field.message)
            for field in fields
            if field.message and _leads(schema, what, field.message)
        ),
    )


@cache
def _leads(schema: Schema, what: str, model: str) -> bool:
    """Whether any message reachable from this one has a slot. Models may contain themselves."""
    seen, queue = {model}, [model]
    while queue:
        for field in schema.message(queue.pop()).fields.values():
            if _is_slot(field, what):
                return True
            if field.message and field.message not in seen:
                seen.add(field.message)
                queue.append(field.message)
    return False


def _is_slot(field: Field, what: str) -> bool:
    return field.kind == "ref" if what == "ref" else field.secret
