"""Terraform's `show -json` of a state or a plan, read into objects in the Controller's form.

A state holds what the Controller has. A plan's `configuration` holds what the author wrote: only that is declared, with
the values of `planned_values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from avi_schema import Field, load
from avi_schema.semantics import meaning
from intent.objects import references
from live.avi.identity import split_ref
from live.imports.written import (
    MISSING_VALUE,
    Import,
    Json,
    Written,
    by_name,
    cast,
    is_set,
    type_of,
    without_defaults,
)

PROVIDER = "/vmware/avi"
_ADDRESS = re.compile(r'^(data\.)?(avi_\w+)\.([\w-]+)(?:\[(?:"([^"]*)"|(\d+))\])?')
SENSITIVE = "Terraform marks it as sensitive, so it is not taken over"
Path = tuple[str, ...]
BY_KEY = ("keyed", "sequence")
"""What lists mean of which an element can be declared in part."""


def is_terraform(data: Any) -> bool:
    """Whether a file's data is what `terraform show -json` writes."""
    return isinstance(data, dict) and "terraform_version" in data and "format_version" in data


def read(data: Json) -> Import:
    """The objects of a state or a plan."""
    taken = Import(terraform=True)
    values = data.get("values") or data.get("planned_values") or {}
    prior = (data.get("prior_state") or {}).get("values") or {}
    every = [*_resources(values.get("root_module") or {})]
    resources = [*filter(_is_avi, every)]
    taken.foreign = [
        str(each["address"]) for each in every if not _is_avi(each) and each.get("mode") != "data"
    ]
    known = _Known([*filter(_is_avi, _resources(prior.get("root_module") or {})), *resources])
    taken.address = known.host
    if "configuration" in data:
        _Plan(data, resources, known, taken).read()
    else:
        _State(known, taken).read(resources)
    return taken


def _resources(module: Json) -> Iterator[Json]:
    """Every resource, of child modules too."""
    yield from module.get("resources") or ()
    for child in module.get("child_modules") or ():
        yield from _resources(child)


def _is_avi(resource: Json) -> bool:
    return str(resource.get("provider_name", "")).endswith(PROVIDER)


class _Known:
    """What is behind an id: the name of each resource, whether it is desired or only looked up."""

    def __init__(self, resources: list[Json]) -> None:
        self._by_uuid = {self._uuid(each): each for each in resources}
        ids = (str((each.get("values") or {}).get("id") or "") for each in resources)
        hosts = [each.partition("://")[2].partition("/")[0] for each in ids if "://" in each]
        self.host = hosts[0] if hosts else ""

    def _uuid(self, resource: Json) -> str:
        values = resource.get("values") or {}
        return split_ref(str(values.get("id") or ""))[1] or str(values.get("uuid") or "")

    def named(self, api: str, ref: str) -> str | None:
        """A reference by name in place of one by id; None where the file does not know the name."""
        if references.named(ref) is not None and "/api/" in ref:
            return ref
        uuid = split_ref(ref)[1] or ref
        if api == "tenant" and uuid == "admin":
            return by_name("tenant", "admin")
        if (resource := self._by_uuid.get(uuid)) is None:
            return None
        values = resource.get("values") or {}
        if not values.get("name"):
            return None
        cloud = self.name_of("cloud", values.get("cloud_ref"))
        tenant = self.name_of("tenant", values.get("tenant_ref"))
        return by_name(api, str(values["name"]), cloud, tenant)

    def name_of(self, api: str, ref: Any) -> str:
        """The name behind a reference; "" where it is not known."""
        named = self.named(api, str(ref)) if ref else None
        value = references.named(named) if named else None
        return value if isinstance(value, str) else str(getattr(value, "name", "") or "")


@dataclass
class _State:
    """A state: everything that the Controller has, so that what says the default is left out later."""

    known: _Known
    taken: Import

    def read(self, resources: list[Json]) -> None:
        """Take over each managed resource."""
        for each in resources:
            if (api := _api(each, self.taken)) is None:
                continue
            reading = _Values(self.known, self.taken, str(each["address"]), each.get("mode") == "data")
            sensitive = each.get("sensitive_values") or {}
            body = reading.message(load().types[api].model, each.get("values") or {}, sensitive, ())
            own = without_defaults(load().types[api].model, body)
            written = Written(api, str(each["address"]), own, body)
            (self.taken.looked_up if each.get("mode") == "data" else self.taken.objects).append(written)


def _api(resource: Json, taken: Import) -> str | None:
    api = type_of(str(resource["type"]))
    if api is None and resource.get("mode") != "data":
        taken.leave(
            str(resource["address"]), "", f"{resource['type']} is no type of object that can be declared"
        )
    return api


@dataclass
class _Values:
    """The values of one resource. `silent`: nothing is noted, since it is only looked up."""

    known: _Known
    taken: Import
    source: str
    silent: bool = False

    def message(self, message: str, values: Mapping[str, Any], sensitive: Any, at: Path) -> Json:
        """A message in the Controller's form: no lists of one, no text for numbers."""
        fields = load().message(message).fields
        body: Json = {}
        for name, value in values.items():
            place = (*at, name)
            hidden = sensitive.get(name) if isinstance(sensitive, Mapping) else None
            described = fields.get(name)
            if not is_set(value) or name == "id":
                continue
            if described is None:
                self._leave(place, "no member of the Controller's model")
            elif hidden is True:
                self._hide(place, SENSITIVE)
            elif meaning(message, name).mode == "secret":
                self._leave(place, "a secret")
            elif (
                inner := self.member(message, described, value, hidden, place)
            ) is not MISSING_VALUE and is_set(inner):
                body[name] = inner
        return body

    def member(self, message: str, described: Field, value: Any, hidden: Any, place: Path) -> Any:
        """One member; a list of which the file lacks a part is missing as a whole, unless its elements have keys."""
        missing = len(self.taken.missing)
        elements = value if isinstance(value, list) else [value]
        marks = hidden if isinstance(hidden, list) else [None] * len(elements)
        marks = [*marks, *[None] * (len(elements) - len(marks))]
        read = [self.value(described, each, mark, place) for each, mark in zip(elements, marks, strict=False)]
        read = [each for each in read if each is not MISSING_VALUE and each not in (None, {})]
        if described.many:
            complete = len(self.taken.missing) == missing or meaning(message, described.name).mode in BY_KEY
            return read if complete else MISSING_VALUE
        return read[0] if read else MISSING_VALUE

    def value(self, described: Field, value: Any, hidden: Any, place: Path) -> Any:
        """One value, MISSING_VALUE where the file holds none."""
        if described.message:
            return (
                self.message(described.message, value, hidden, place)
                if isinstance(value, Mapping)
                else MISSING_VALUE
            )
        if hidden is True:
            self._hide(place, SENSITIVE)
            return MISSING_VALUE
        if described.kind == "ref" and (api := references.target(described)):
            named = self.known.named(api, str(value))
            if named is None:
                self._miss(
                    place,
                    f"it names {api} {split_ref(str(value))[1] or value}, of which the file holds no name",
                )
            return MISSING_VALUE if named is None else named
        try:
            return cast(described, value)
        except ValueError as why:
            self._leave(place, str(why))
            return MISSING_VALUE

    def _hide(self, place: Path, why: str) -> None:
        if not self.silent:
            self.taken.hidden.append((self.source, place[0]))
        self._leave(place, why)

    def _leave(self, place: Path, why: str) -> None:
        if not self.silent:
            self.taken.leave(self.source, ".".join(place), why)

    def _miss(self, place: Path, why: str) -> None:
        if not self.silent:
            self.taken.missing.append(f"{self.source}: {'.'.join(place)}: {why}")


@dataclass
class _Instance:
    """One object of a resource in a plan: its key under `for_each` or `count`, and what is planned of it."""

    address: str
    key: Any = None
    values: Json = field(default_factory=dict)
    planned: bool = False


class _Plan:
    """A plan: what the author wrote, with the values that are planned."""

    def __init__(self, data: Json, resources: list[Json], known: _Known, taken: Import) -> None:
        self.known = known
        self.taken = taken
        self.variables = {name: each.get("value") for name, each in (data.get("variables") or {}).items()}
        self.root = (data.get("configuration") or {}).get("root_module") or {}
        self.planned: dict[str, list[_Instance]] = {}
        for each in resources:
            own = _Instance(str(each["address"]), each.get("index"), each.get("values") or {}, planned=True)
            self.planned.setdefault(re.sub(r"\[[^]]*\]", "", own.address), []).append(own)
        self.provider = (data.get("configuration") or {}).get("provider_config") or {}

    def read(self) -> None:
        """Take over each managed resource of each module."""
        if not self.taken.address:
            self.taken.address = self._address()
        self._module(self.root, "")

    def _address(self) -> str:
        for each in self.provider.values():
            expression = (each.get("expressions") or {}).get("avi_controller") or {}
            if isinstance(value := self._plain(expression, None), str):
                return value
        return ""

    def _module(self, module: Json, prefix: str) -> None:
        by_address = {str(each["address"]): each for each in module.get("resources") or ()}
        for address, each in by_address.items():
            if each.get("mode") == "data" or not str(each.get("type", "")).startswith("avi_"):
                continue
            if (api := _api({**each, "address": prefix + address}, self.taken)) is not None:
                self._resource(api, each, prefix, by_address)
        for name, call in (module.get("module_calls") or {}).items():
            self._module(call.get("module") or {}, f"{prefix}module.{name}.")

    def _resource(self, api: str, resource: Json, prefix: str, around: Json) -> None:
        address = f"{prefix}{resource['address']}"
        instances = self.planned.get(address, [])
        repeated = next((key for key in ("for_each_expression", "count_expression") if key in resource), "")
        if not instances and repeated:
            how = repeated.partition("_expression")[0]
            self.taken.missing.append(
                f"{address}: its objects are made by {how}, and the plan holds no values of them"
            )
            return
        for instance in instances or [_Instance(address)]:
            reading = _Expressions(self, instance, around)
            expressions = resource.get("expressions") or {}
            body = reading.message(load().types[api].model, expressions, instance.values, ())
            silent = _Values(self.known, self.taken, instance.address, silent=True)
            whole = silent.message(load().types[api].model, instance.values, {}, ())
            if not load().types[api].singleton and "name" not in body:
                self.taken.missing.append(f"{instance.address}: the plan holds no name")
                continue
            self.taken.objects.append(Written(api, instance.address, body, whole | body, authored=True))

    def _plain(self, expression: Json, instance: _Instance | None) -> Any:
        """The value of an expression that no planned value is known of."""
        if "constant_value" in expression:
            return expression["constant_value"]
        asked = expression.get("references") or []
        if instance is not None and asked in (["each.key"], ["count.index"]) and instance.key is not None:
            return str(instance.key)
        if len(asked) == 1 and asked[0].startswith("var.") and asked[0][4:] in self.variables:
            return self.variables[asked[0][4:]]
        return MISSING_VALUE

    def referred(self, expression: Json, around: Json, api: str) -> list[str]:
        """The objects of a type that an expression refers to, by name, as far as the plan tells."""
        names: dict[str, str | None] = {}
        for asked in expression.get("references") or ():
            match = _ADDRESS.match(str(asked))
            if match is None or type_of(match[2]) != api:
                continue
            address, key = (
                f"{match[1] or ''}{match[2]}.{match[3]}",
                match[4] if match[5] is None else match[5],
            )
            if key is None and any(each.startswith(f"{address}[") for each in names):
                continue  # the resource of an object that was named before
            names[f"{address}[{key}]" if key is not None else address] = self._named(
                around.get(address), key, around
            )
        return [named for named in names.values() if named is not None]

    def _named(self, resource: Json | None, key: str | None, around: Json) -> str | None:
        if resource is None or ("for_each_expression" in resource and key is None):
            return None
        expressions = resource.get("expressions") or {}
        name = self._plain(expressions.get("name") or {}, _Instance("", key))
        if not isinstance(name, str):
            return None
        scopes = []
        for member, api in (("cloud_ref", "cloud"), ("tenant_ref", "tenant")):
            named = self.referred(expressions.get(member) or {}, around, api)
            value = references.named(named[0]) if named else ""
            scopes.append(value if isinstance(value, str) else getattr(value, "name", ""))
        return by_name(type_of(str(resource["type"])) or "", name, *scopes)


@dataclass
class _Expressions:
    """What the author wrote of one object."""

    plan: _Plan
    instance: _Instance
    around: Json

    def message(self, message: str, expressions: Json, planned: Any, at: Path) -> Json:
        """The written members of a message in the Controller's form."""
        fields = load().message(message).fields
        planned = planned if isinstance(planned, Mapping) else {}
        body: Json = {}
        for name, expression in expressions.items():
            place = (*at, name)
            described = fields.get(name)
            if described is None:
                self._leave(place, "no member of the Controller's model")
            elif meaning(message, name).mode == "secret":
                self.plan.taken.hidden.append((self.instance.address, place[0]))
                self._leave(place, "a secret")
            elif meaning(message, name).mode != "server":
                inner = self._member(message, described, expression, planned.get(name), place)
                if inner is not MISSING_VALUE and is_set(inner):
                    body[name] = inner
        return body

    def _member(self, message: str, described: Field, expression: Any, planned: Any, place: Path) -> Any:
        missing = len(self.plan.taken.missing)
        if described.message and isinstance(expression, list):
            there = planned if isinstance(planned, list) and len(planned) == len(expression) else []
            read = [
                self.message(described.message, each, there[at] if there else {}, place)
                for at, each in enumerate(expression)
            ]
            complete = (
                len(self.plan.taken.missing) == missing or meaning(message, described.name).mode in BY_KEY
            )
            if described.many:
                return read if complete else MISSING_VALUE
            return read[0] if read else MISSING_VALUE
        if not isinstance(expression, Mapping):
            return MISSING_VALUE
        return self._leaf(message, described, expression, planned, place)

    def _leaf(
        self, message: str, described: Field, expression: Mapping[str, Any], planned: Any, place: Path
    ) -> Any:
        silent = _Values(self.plan.known, self.plan.taken, self.instance.address, silent=True)
        api = references.target(described) if described.kind == "ref" else ""
        if is_set(planned):
            value = silent.member(message, described, planned, None, place)
            if value is not MISSING_VALUE and is_set(value):
                return value
        if api and (named := self.plan.referred(dict(expression), self.around, api)):
            return named if described.many else named[0] if len(named) == 1 else self._miss(place)
        value = self.plan._plain(dict(expression), self.instance)  # noqa: SLF001 -- of this module
        if value is MISSING_VALUE:
            return None if self.instance.planned and planned in ("", []) else self._miss(place)
        value = silent.member(message, described, value, None, place)
        return self._miss(place) if value is MISSING_VALUE else value

    def _leave(self, place: Path, why: str) -> None:
        self.plan.taken.leave(self.instance.address, ".".join(place), why)

    def _miss(self, place: Path) -> Any:
        self.plan.taken.missing.append(f"{self.instance.address}: {'.'.join(place)}: the plan holds no value")
        return MISSING_VALUE
