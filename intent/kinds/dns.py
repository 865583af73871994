"""The DNS virtual service and the names it must answer (blog, step 5)."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from intent.base import Declarations, Declared, Intent, Keyed, LivesIn, NotCompared, Refers, Unordered
from intent.exact import Lists
from intent.kinds.routing import BUILT_IN_VRFS, Network, VrfContext
from intent.kinds.service_engines import ServiceEngineGroup
from intent.values import AnyName, Domain, Ip, Name, Ttl

ADDRESS_TYPES = ("A", "AAAA")
_NAME = r"[A-Za-z0-9_*]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?"
_FORMS = {
    "CNAME": re.compile(_NAME),
    "MX": re.compile(rf"\d{{1,5}} {_NAME}"),
    "NS": re.compile(rf"{_NAME}( [0-9A-Fa-f:.]+)?"),
    "SRV": re.compile(rf"(\d{{1,5}} ){{3}}{_NAME}"),
    "TXT": re.compile(r".+", re.DOTALL),
}
"""How the value of a record is written, by its type."""


class Service(Declared):
    """A port that the virtual service listens on."""

    port: Annotated[int, NotCompared(), Field(ge=1, le=65_535)]
    protocol: Annotated[Literal["udp", "tcp"], NotCompared()]
    tls: bool | None = None
    """whether it speaks TLS, as DNS over TLS does"""

    @property
    def listener(self) -> str:
        """`udp/53`."""
        return f"{self.protocol}/{self.port}"


class Vip(Declared):
    """Where the virtual service's address comes from."""

    auto_allocate: bool | None = None
    """the address is taken from IPAM"""
    network: Annotated[AnyName | None, Refers(Network)] = None
    """a network of this file, from whose pool it is taken"""
    address: Ip | None = None
    """the address itself, where it is not from IPAM"""
    family: Literal["v4", "v6", "v4-and-v6"] | None = None
    """of which families its addresses are"""


class StaticRecord(Declared):
    """A static DNS record of the virtual service."""

    name: Annotated[Domain, NotCompared()]
    type: Annotated[Literal["A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT"], NotCompared()] = "A"
    addresses: Annotated[tuple[Ip, ...] | None, Unordered(), Field(min_length=1)] = None
    """of types A and AAAA"""
    values: Annotated[tuple[str, ...] | None, Unordered(), Field(min_length=1)] = None
    """of other types, as in a zone file: `www.example` (CNAME), `10 mail.example` (MX), `ns1.example` or `ns1.example
    192.0.2.1` (NS), `0 5 5060 sip.example` (SRV), any text (TXT)"""
    ttl: Ttl | None = None
    wildcard: bool | None = None
    """whether it stands for every name below too"""

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        """Addresses or values, as its type has them."""
        addresses = self.type in ADDRESS_TYPES
        if (self.addresses is None) == addresses or (self.values is None) != addresses:
            raise ValueError(
                f"a record of type {self.type} has {'addresses' if addresses else 'values'}, and only those"
            )
        for value in self.values or ():
            if not _FORMS[self.type].fullmatch(value):
                raise ValueError(f"{value!r} is no value of a record of type {self.type}")
        if self.values is not None and self.type != "TXT":
            self.__dict__["values"] = tuple(value.lower().rstrip(".") for value in self.values)
        return self

    @property
    def label(self) -> str:
        """`test.avi.iberia.local A`: name and type tell records apart."""
        return f"{self.name} {self.type}"


class DnsService(Intent, Lists, kind="DNS service", api="virtualservice", section="dns_services", step=5):
    """A DNS virtual service."""

    cloud: Annotated[
        Name,
        NotCompared(),
        # Its address is allocated and its name registered through the cloud's profiles (blog, step 2).
        LivesIn(takes=("dns_profile", "ipam_profile"), through=("vip", "fqdn")),
    ] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    enabled: bool | None = None
    application_profile: Annotated[AnyName | None, Refers("applicationprofile")] = None
    services: Annotated[tuple[Service, ...] | None, Keyed("listener", exact=True)] = None
    vrf: Annotated[AnyName | None, Refers(VrfContext, builtin=BUILT_IN_VRFS)] = None
    vip: Vip | None = None
    se_group: Annotated[AnyName | None, Refers(ServiceEngineGroup, drives=True)] = None
    records: Annotated[tuple[StaticRecord, ...] | None, Keyed("label")] = None
    names: Annotated[tuple[Domain, ...] | None, Unordered(exact=False)] = None
    """its names, where it has several; its own, `fqdn`, need not be among them"""
    fqdn: Domain | None = None
    """its own name, which must resolve to its VIP"""
    resolve_via: Annotated[
        str | None, NotCompared(), Field(pattern=r"^(\[[0-9A-Fa-f:]+\]|[^:\s]+)(:\d+)?$")
    ] = None
    """address[:port] at which this machine reaches the service, where it is not the VIP (NAT)"""

    @property
    def is_to_serve(self) -> bool:
        """Whether it is declared enabled, or names are that it must answer."""
        return self.enabled is not False and bool(self.enabled or self.fqdn or self.records)


class Lookup(Intent, kind="DNS name"):
    """One name that a DNS virtual service must answer: a static record of it, or its own name.

    Derived from `DnsService`, never written in a file. `addresses` is None for the service's own name, which
    must resolve to whatever VIP it has.
    """

    service: Annotated[DnsService, Refers(DnsService)]
    type: Literal["A", "AAAA"] = "A"
    addresses: tuple[Ip, ...] | None = None
    ttl: int | None = None

    @classmethod
    def derived(cls, site: Declarations) -> "Iterator[Lookup]":
        """The names of every DNS service: its own, then its static records."""
        for service in site.each(DnsService):
            if service.fqdn:
                yield cls(name=service.fqdn, service=service)
            for record in service.records or ():
                if record.type not in ADDRESS_TYPES:
                    continue
                yield cls(
                    name=record.name,
                    service=service,
                    type=record.type,
                    addresses=record.addresses,
                    ttl=record.ttl,
                )
