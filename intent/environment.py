"""The environment: everything that is declared of one site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

from pydantic import Field, PrivateAttr

from intent.base import Declared, Intent, Key
from intent.cloud import Cloud
from intent.controller import Controller, SystemSettings
from intent.dns import DnsService, Lookup
from intent.hosts import DERIVED as OF_HOSTS
from intent.hosts import Host
from intent.hosts import derived as of_hosts
from intent.profiles import DnsProfile, IpamProfile
from intent.routing import Network, VrfContext
from intent.service_engines import ServiceEngineGroup
from intent.values import Name
from intent.vcenter import DERIVED as OF_VCENTER
from intent.vcenter import Vcenter
from intent.vcenter import derived as of_vcenter

Kind = TypeVar("Kind", bound=Intent)


class Remediation(Declared):
    """What `--remediate` may do here."""

    mode: Literal["allowed", "forbidden"] = "allowed"
    max_changes: Annotated[int, Field(ge=1, description="a larger plan is refused")] = 25


class Contacts(Declared):
    """Who acts on what is not as declared, and where they read what to do. For reports; nothing is compared with it."""

    owner: Annotated[Name | None, Field(description="who answers for what `owners` does not name")] = None
    owners: Annotated[
        dict[Name, Name] | None,
        Field(description="who answers for a topic, as reports name it: networks, se groups, ..."),
    ] = None
    runbook: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[^\s]+$",
            description="address of your own instructions; {topic}, {check} and {environment} are filled in",
        ),
    ] = None

    def owner_of(self, topic: str) -> str:
        """Who answers for a topic; empty where nobody is named."""
        return (self.owners or {}).get(topic) or self.owner or ""

    def runbook_of(self, **known: str) -> str:
        """The address of the instructions for one check; empty where there are none."""
        found = self.runbook or ""
        for name, value in known.items():
            found = found.replace(f"{{{name}}}", quote(value, safe=""))
        return found


class Environment(Declared):
    """One site as its owner declares it. What is left out is not ours: never compared, never written."""

    name: Annotated[
        Name, Field(pattern=r"^[A-Za-z0-9._-]+$", description="names reports, history and the lock")
    ]
    contacts: Contacts = Contacts()
    remediation: Remediation = Remediation()
    controller: Controller
    system: SystemSettings | None = None
    clouds: tuple[Cloud, ...] = ()
    dns_profiles: tuple[DnsProfile, ...] = ()
    ipam_profiles: tuple[IpamProfile, ...] = ()
    vrfs: tuple[VrfContext, ...] = ()
    networks: tuple[Network, ...] = ()
    se_groups: tuple[ServiceEngineGroup, ...] = ()
    dns_services: tuple[DnsService, ...] = ()
    vcenter: Vcenter | None = None
    hosts: tuple[Host, ...] = ()

    _path: Path = PrivateAttr(default=Path())
    _index: dict[Key, Intent] = PrivateAttr(default_factory=dict)
    _named: dict[tuple[str, str], Intent] = PrivateAttr(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file it came from."""
        return self._path

    def __iter__(self) -> Iterator[Intent]:  # type: ignore[override]
        """Every declared object, each section in the file's order."""
        yield self.controller
        if self.system:
            yield self.system
        for section in SECTIONS:
            yield from getattr(self, section)
        if self.vcenter:
            yield self.vcenter

    @property
    def object_count(self) -> int:
        """How many objects it declares."""
        return sum(1 for _ in self)

    def each(self, kind: type[Kind]) -> list[Kind]:
        """Every declared object of a kind; `Lookup` yields the names that the DNS services must answer."""
        if kind is Lookup:
            return [name for service in self.dns_services for name in lookups(service)]  # type: ignore[misc]
        if kind in OF_VCENTER:
            return list(of_vcenter(self, kind))  # type: ignore[arg-type]
        if kind in OF_HOSTS:
            return list(of_hosts(self, kind))  # type: ignore[arg-type]
        return [found for found in self if isinstance(found, kind)]

    def every(self) -> Iterator[Intent]:
        """Every declared object, and every one that is derived from those."""
        yield from self
        derived: tuple[type[Intent], ...] = (Lookup, *OF_VCENTER, *OF_HOSTS)
        for kind in derived:
            yield from self.each(kind)

    def tenants(self) -> frozenset[str]:
        """The tenants that declared objects live in, admin's aside: what is admin's is seen from every tenant."""
        return frozenset(found.key.tenant for found in self) - {"admin"}

    def find(self, key: Key) -> Intent | None:
        """The declared object of a key; a key without a cloud matches by kind and name. None if not declared."""
        if not self._index:
            self._index.update({found.key: found for found in self.every()})
            for found in self:
                self._named.setdefault((found.kind, found.name), found)
        exact = self._index.get(key)
        return exact if exact is not None or key.cloud else self._named.get((key.kind, key.name))

    def replaced(self, **sections: Any) -> Environment:
        """The same declaration, of the same file, with other values in these sections."""
        fields = self.model_fields_set | sections.keys()
        return type(self).model_construct(fields, **{**vars(self), "_path": self._path, **sections})

    @classmethod
    def load(cls, path: Path) -> Environment:
        """Read and check an environment file. Raises `source.Invalid` with all problems of the file at once."""
        from intent.loading import load  # noqa: PLC0415 -- validation needs the models of this module

        return load(path)

    @classmethod
    def schema_text(cls) -> str:
        """The JSON Schema of environment files, for editors."""
        schema = cls.model_json_schema()
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = "Avi Compliance environment"
        return json.dumps(schema, indent=2, sort_keys=True) + "\n"


SECTIONS = (
    "clouds",
    "dns_profiles",
    "ipam_profiles",
    "vrfs",
    "networks",
    "se_groups",
    "dns_services",
    "hosts",
)


def lookups(service: DnsService) -> Iterator[Lookup]:
    """The names that one DNS service must answer: its own, then its static records."""
    common: dict[str, Any] = {"service": service}
    if service.fqdn:
        yield Lookup(name=service.fqdn, **common)
    for record in service.records or ():
        yield Lookup(name=record.name, type=record.type, addresses=record.addresses, ttl=record.ttl, **common)
