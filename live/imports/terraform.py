"""Terraform's `show -json` of a state or a plan, read into objects in the Controller's form.

A state holds what the Controller has. A plan's `configuration` holds what the author wrote: only that is declared, with
the values of `planned_values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from avi_schema import Field, load
from avi_schema.semantics import meaning
from intent.objects import references
from live.imports.terraform_values import (
    ADDRESS,
    BY_KEY,
    INSTANCE,
    Path,
    ResourceNames,
    ResourceValues,
    State,
    api_of,
    is_avi,
    resources_of,
)
from live.imports.written import (
    MISSING_VALUE,
    Import,
    ImportedObject,
    Json,
    by_name,
    is_set,
    name_in,
    type_of,
)


def is_terraform(data: Any) -> bool:
    """Whether a file's data is what `terraform show -json` writes."""
    return isinstance(data, dict) and "terraform_version" in data and "format_version" in data


def read(data: Json) -> Import:
    """The objects of a state or a plan."""
    taken = Import(terraform=True)
    values = data.get("values") or data.get("planned_values") or {}
    prior = (data.get("prior_state") or {}).get("values") or {}
    every = [*resources_of(values.get("root_module") or {})]
    resources = [*filter(is_avi, every)]
    taken.foreign = [
        str(each["address"]) for each in every if not is_avi(each) and each.get("mode") != "data"
    ]
    known = ResourceNames([*filter(is_avi, resources_of(prior.get("root_module") or {})), *resources])
    taken.address = known.host
    if "configuration" in data:
        _TerraformPlan(data, resources, known, taken).read()
    else:
        State(known, taken).read(resources)
    return taken


@dataclass
class _Instance:
    """One object of a resource in a plan: its key under `for_each` or `count`, and what is planned of it."""

    address: str
    key: Any = None
    values: Json = field(default_factory=dict)
    planned: bool = False
    created: bool = False


class _TerraformPlan:
    """A plan: what the author wrote, with the values that are planned."""

    def __init__(self, data: Json, resources: list[Json], known: ResourceNames, taken: Import) -> None:
        self.known = known
        self.taken = taken
        self.variables = {name: each.get("value") for name, each in (data.get("variables") or {}).items()}
        self.root = (data.get("configuration") or {}).get("root_module") or {}
        self.planned: dict[str, list[_Instance]] = {}
        created = {
            str(each["address"])
            for each in data.get("resource_changes") or ()
            if (each.get("change") or {}).get("actions") == ["create"]
        }
        for each in resources:
            address, values = str(each["address"]), each.get("values") or {}
            own = _Instance(address, each.get("index"), values, planned=True, created=address in created)
            self.planned.setdefault(INSTANCE.sub("", own.address), []).append(own)
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
            if (api := api_of({**each, "address": prefix + address}, self.taken)) is not None:
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
            whole = reading.planned.message(load().types[api].model, instance.values, {}, ())
            if not load().types[api].singleton and "name" not in body:
                self.taken.missing.append(f"{instance.address}: the plan holds no name")
                continue
            self.taken.objects.append(
                ImportedObject(api, instance.address, body, whole | body, authored=True)
            )

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
            match = ADDRESS.match(str(asked))
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
            scopes.append(name_in(named[0] if named else ""))
        return by_name(type_of(str(resource["type"])) or "", name, *scopes)


@dataclass
class _Expressions:
    """What the author wrote of one object."""

    plan: _TerraformPlan
    instance: _Instance
    around: Json

    @property
    def planned(self) -> ResourceValues:
        """The values that are planned of it, of which nothing is noted."""
        return ResourceValues(self.plan.known, self.plan.taken, self.instance.address, silent=True)

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
        for name in sorted(planned.keys() & fields.keys() - expressions.keys()):
            blocks = isinstance(planned[name], list) and fields[name].message
            if blocks and planned[name] and meaning(message, name).mode not in ("secret", "server"):
                inner = self._dynamic(message, fields[name], planned[name], (*at, name))
                if inner is not MISSING_VALUE and is_set(inner):
                    body[name] = inner
        return body

    def _dynamic(self, message: str, described: Field, planned: list[Any], place: Path) -> Any:
        """Planned blocks that the configuration does not show: a `dynamic` block's, or the Controller's own.

        Of an object that is yet to be created, what the Controller will fill is not known, and so not planned.
        """
        if self.instance.created:
            return self.planned.member(message, described, planned, None, place)
        text = "the plan does not say whether a `dynamic` block or the Controller has written it"
        self.plan.taken.missing.append(f"{self.instance.address}: {'.'.join(place)}: {text}")
        return MISSING_VALUE

    def _member(self, message: str, described: Field, expression: Any, planned: Any, place: Path) -> Any:
        missing = len(self.plan.taken.missing)
        if described.message and isinstance(expression, list):
            if described.many and isinstance(planned, list) and len(planned) > len(expression):
                # Half of it would say that it is all.
                return self._dynamic(message, described, planned, place)
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
        api = references.target(described) if described.kind == "ref" else ""
        if is_set(planned):
            value = self.planned.member(message, described, planned, None, place)
            if value is not MISSING_VALUE and is_set(value):
                return value
        if api and (named := self.plan.referred(dict(expression), self.around, api)):
            return named if described.many else named[0] if len(named) == 1 else self._miss(place)
        value = self.plan._plain(dict(expression), self.instance)  # noqa: SLF001 -- of this module
        if value is MISSING_VALUE:
            return None if self.instance.planned and planned in ("", []) else self._miss(place)
        value = self.planned.member(message, described, value, None, place)
        return self._miss(place) if value is MISSING_VALUE else value

    def _leave(self, place: Path, why: str) -> None:
        self.plan.taken.leave(self.instance.address, ".".join(place), why)

    def _miss(self, place: Path) -> Any:
        self.plan.taken.missing.append(f"{self.instance.address}: {'.'.join(place)}: the plan holds no value")
        return MISSING_VALUE
