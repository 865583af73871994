"""The DNS virtual service and the names it must answer (blog, step 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Key, Keyed, NotCompared, Unordered
from intent.values import Domain, Ip, Name, Ttl


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
        Name | None, Field(description="a network of this file, from whose pool it is taken")
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

    kind: ClassVar[str] = "virtual service"
    section: ClassVar[str] = "dns_services"

    cloud: Annotated[Name, NotCompared()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    enabled: bool | None = None
    application_profile: Name | None = None
    services: Annotated[tuple[Service, ...] | None, Keyed("listener", exact=True)] = None
    vrf: Name | None = None
    vip: Vip | None = None
    se_group: Name | None = None
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

    def needs(self) -> Iterator[Key]:
        """Its VRF context, its VIP's network, its SE group, and its cloud with the profiles attached."""
        yield Key("cloud", self.cloud, "", "admin")
        if self.vrf:
            yield Key("VRF context", self.vrf, self.cloud, self.tenant)
        if self.se_group:
            yield Key("SE group", self.se_group, self.cloud, self.tenant)
        if self.vip and self.vip.network:
            yield Key("network", self.vip.network, self.cloud, "admin")


class Lookup(Intent):
    """One name that a DNS virtual service must answer: a static record of it, or its own name.

    Derived from `DnsService`, never written in a file. `addresses` is None for the service's own name, which
    must resolve to whatever VIP it has.
    """

    kind: ClassVar[str] = "DNS name"
    section: ClassVar[str] = ""

    service: DnsService
    type: Literal["A", "AAAA"] = "A"
    addresses: tuple[Ip, ...] | None = None
    ttl: int | None = None
