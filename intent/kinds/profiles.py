"""DNS and IPAM profiles (blog, step 1)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Keyed, NotCompared, Refers, Unordered
from intent.exact import Lists
from intent.values import AnyName, Domain, Name, Ttl


class ServiceDomain(Declared):
    """A domain whose names the Controller registers."""

    name: Domain
    ttl: Annotated[
        Ttl | None, Field(description="TTL of this domain's records, where it differs from the profile's")
    ] = None
    pass_through: Annotated[
        bool | None,
        Field(description="whether unknown names of the domain are asked of the name servers behind"),
    ] = None


class DnsProfile(Intent, Lists):
    """A DNS profile."""

    kind: ClassVar[str] = "DNS profile"
    api: ClassVar[str] = "ipamdnsproviderprofile"
    section: ClassVar[str] = "dns_profiles"
    step: ClassVar[int] = 1

    tenant: Annotated[Name, NotCompared()] = "admin"
    type: Literal["internal", "infoblox", "aws", "azure", "custom"] | None = None
    domains: Annotated[tuple[ServiceDomain, ...] | None, Keyed("name")] = None
    ttl: Annotated[Ttl | None, Field(description="TTL in seconds of registered records")] = None


class IpamProfile(Intent, Lists):
    """An IPAM profile."""

    kind: ClassVar[str] = "IPAM profile"
    api: ClassVar[str] = "ipamdnsproviderprofile"
    section: ClassVar[str] = "ipam_profiles"
    step: ClassVar[int] = 1

    tenant: Annotated[Name, NotCompared()] = "admin"
    type: Literal["internal", "infoblox", "aws", "azure", "gcp", "openstack", "custom"] | None = None
    allocate_in_vrf: Annotated[
        bool | None, Field(description="a VIP comes only from networks in its virtual service's VRF context")
    ] = None
    usable_networks: Annotated[
        tuple[AnyName, ...] | None,
        Unordered(exact=False),
        Refers("Network"),
        Field(description="networks of this file from which VIPs may be allocated"),
    ] = None
    cloud: Annotated[
        Name | None,
        NotCompared(),
        Field(description="the cloud of the usable networks, where there are several"),
    ] = None
