"""Values of Terraform's resources, of a state or of what a plan expects, in the Controller's form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from avi_schema import Field, load
from avi_schema.semantics import meaning
from intent.objects import references
from live.avi.identity import split_ref
from live.imports.written import (
    MISSING_VALUE,
    Import,
    ImportedObject,
    Json,
    by_name,
    cast,
    is_set,
    name_in,
    type_of,
    without_defaults,
)

PROVIDER = "/avi"
ADDRESS = re.compile(r'^(data\.)?(avi_\w+)\.([\w-]+)(?:\[(?:"([^"]*)"|(\d+))\])?')
INSTANCE = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
"""What `for_each` and `count` add to an address: a key, which may hold anything, or a number."""
Path = tuple[str, ...]
BY_KEY = ("keyed", "sequence")
"""What lists mean of which an element can be declared in part."""


def resources_of(module: Json) -> Iterator[Json]:
    """Every resource, of child modules too."""
    yield from module.get("resources") or ()
    for child in module.get("child_modules") or ():
        yield from resources_of(child)


def is_avi(resource: Json) -> bool:
    """Whether the provider of Avi's objects manages a resource, from whatever registry or mirror it came."""
    return str(resource.get("provider_name", "")).endswith(PROVIDER)


class ResourceNames:
    """What is behind an id: the name of each resource, whether it is desired or only looked up."""

    def __init__(self, resources: list[Json]) -> None:
        self._by_uuid = {self._uuid(each): each for each in resources}
        ids = (str((each.get("values") or {}).get("id") or "") for each in resources)
        hosts = [each.partition("://")[2].partition("/")[0] for each in ids if "://" in each]
        self.host = hosts[0] if hosts else ""

    def _uuid(self, resource: Json) -> str:
        values = resource.get("values") or {}
        return split_ref(str(values.get("id") or "")).uuid or str(values.get("uuid") or "")

    def named(self, api: str, ref: str) -> str | None:
        """A reference by name in place of one by id; None where the file does not know the name."""
        if references.named(ref) is not None and "/api/" in ref:
            return ref
        uuid = split_ref(ref).uuid or ref
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
        return name_in(self.named(api, str(ref)) if ref else "")


@dataclass
class State:
    """A state: everything that the Controller has, so that what says the default is left out later."""

    known: ResourceNames
    taken: Import

    def read(self, resources: list[Json]) -> None:
        """Take over each managed resource."""
        for each in resources:
            if (api := api_of(each, self.taken)) is None:
                continue
            reading = ResourceValues(self.known, self.taken, str(each["address"]), each.get("mode") == "data")
            sensitive = each.get("sensitive_values") or {}
            body = reading.message(load().types[api].model, each.get("values") or {}, sensitive, ())
            own = without_defaults(load().types[api].model, body)
            written = ImportedObject(api, str(each["address"]), own, body)
            (self.taken.looked_up if each.get("mode") == "data" else self.taken.objects).append(written)


def api_of(resource: Json, taken: Import) -> str | None:
    """The type of which a resource is an object; None, and noted, where it is of none."""
    api = type_of(str(resource["type"]))
    if api is None and resource.get("mode") != "data":
        taken.leave(
            str(resource["address"]), "", f"{resource['type']} is no type of object that can be declared"
        )
    return api


@dataclass
class ResourceValues:
    """The values of one resource. `silent`: nothing is noted, since it is only looked up."""

    known: ResourceNames
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
                self._hide(place)
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
        marks = chain(hidden if isinstance(hidden, list) else (), repeat(None))
        read = [self.value(described, each, mark, place) for each, mark in zip(elements, marks, strict=False)]
        read = [each for each in read if each is not MISSING_VALUE and each not in (None, {})]
        if described.many:
            complete = len(self.taken.missing) == missing or meaning(message, described.name).mode in BY_KEY
            return read if complete else MISSING_VALUE
        return read[0] if read else MISSING_VALUE

    def value(self, described: Field, value: Any, hidden: Any, place: Path) -> Any:
        """One value, MISSING_VALUE where the file holds none."""
        if described.message:
            known = isinstance(value, Mapping)
            return self.message(described.message, value, hidden, place) if known else MISSING_VALUE
        if hidden is True:
            self._hide(place)
        elif described.kind == "ref" and (api := references.target(described)):
            if (named := self.known.named(api, str(value))) is not None:
                return named
            what = f"{api} {split_ref(str(value)).uuid or value}"
            self._miss(place, f"it names {what}, of which the file holds no name")
        else:
            try:
                return cast(described, value)
            except ValueError as why:
                self._leave(place, str(why))
        return MISSING_VALUE

    def _hide(self, place: Path) -> None:
        if not self.silent:
            self.taken.hidden.append((self.source, place[0]))
        self._leave(place, "Terraform marks it as sensitive, so it is not taken over")

    def _leave(self, place: Path, why: str) -> None:
        if not self.silent:
            self.taken.leave(self.source, ".".join(place), why)

    def _miss(self, place: Path, why: str) -> None:
        if not self.silent:
            self.taken.missing.append(f"{self.source}: {'.'.join(place)}: {why}")
