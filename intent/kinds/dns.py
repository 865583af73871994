"""The DNS virtual service and the names it must answer (blog, step 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declarations, Declared, Intent, Keyed, LivesIn, NotCompared, Refers, Unordered
from intent.kinds.routing import BUILT_IN_VRFS, Network, VrfContext
from intent.kinds.service_engines import ServiceEngineGroup
from intent.values import AnyName, Domain, Ip, Name, Ttl


class Service(Declared):
    """A port that the virtual service listens on."""

    port: Annotated[int, NotCompared(), Field(ge=1, le=65_535)]
    protocol: Annotated[Literal["udp", "tcp"], NotCompared()]

    @property
    def listener(self) -> str:
        """`udp/53`."""
        return f"{self.protocol}/{self.port}"


class Vip(Declared):
    """Where the virtual service's address comes from."""

    auto_allocate: Annotated[bool | None, Field(description="the address is taken from IPAM")] = None
    network: Annotated[
        AnyName | None,
        Refers(Network),
        Field(description="a network of this file, from whose pool it is taken"),
    ] = None


class StaticRecord(Declared):
    """A static DNS record of the virtual service."""

    name: Annotated[Domain, NotCompared()]
    type: Annotated[Literal["A", "AAAA"], NotCompared()] = "A"
    addresses: Annotated[tuple[Ip, ...], Unordered(), Field(min_length=1)]
    ttl: Ttl | None = None

    @property
    def label(self) -> str:
        """`test.avi.iberia.local A`: name and type tell records apart."""
        return f"{self.name} {self.type}"


class DnsService(Intent):
    """A DNS virtual service."""

    kind: ClassVar[str] = "DNS service"
    api: ClassVar[str] = "virtualservice"
    section: ClassVar[str] = "dns_services"
    step: ClassVar[int] = 5

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
    fqdn: Annotated[Domain | None, Field(description="its own name, which must resolve to its VIP")] = None
    resolve_via: Annotated[
        str | None,
        NotCompared(),
        Field(
            pattern=r"^(\[[0-9A-Fa-f:]+\]|[^:\s]+)(:\d+)?$",
            description="address[:port] at which this machine reaches the service, where it is not the VIP (NAT)",
        ),
    ] = None


class Lookup(Intent):
    """One name that a DNS virtual service must answer: a static record of it, or its own name.

    Derived from `DnsService`, never written in a file. `addresses` is None for the service's own name, which
    must resolve to whatever VIP it has.
    """

    kind: ClassVar[str] = "DNS name"

    service: Annotated[DnsService, Refers(DnsService)]
    type: Literal["A", "AAAA"] = "A"
    addresses: tuple[Ip, ...] | None = None
    ttl: int | None = None

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[Lookup]:
        """The names of every DNS service: its own, then its static records."""
        for service in site.each(DnsService):
            if service.fqdn:
                yield cls(name=service.fqdn, service=service)
            for record in service.records or ():
                yield cls(
                    name=record.name,
                    service=service,
                    type=record.type,
                    addresses=record.addresses,
                    ttl=record.ttl,
                )
