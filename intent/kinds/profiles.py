"""DNS and IPAM profiles (blog, step 1)."""

from typing import Annotated, Literal

from intent.base import Declared, Intent, Keyed, NotCompared, Refers, Unordered
from intent.exact import Lists
from intent.values import AnyName, Domain, Name, Ttl


class ServiceDomain(Declared):
    """A domain whose names the Controller registers."""

    name: Domain
    ttl: Ttl | None = None
    """TTL of this domain's records, where it differs from the profile's"""
    pass_through: bool | None = None
    """whether unknown names of the domain are asked of the name servers behind"""


class DnsProfile(
    Intent, Lists, kind="DNS profile", api="ipamdnsproviderprofile", section="dns_profiles", step=1
):
    """A DNS profile."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    type: Literal["internal", "infoblox", "aws", "azure", "custom"] | None = None
    domains: Annotated[tuple[ServiceDomain, ...] | None, Keyed("name")] = None
    ttl: Ttl | None = None
    """TTL in seconds of registered records"""


class IpamProfile(
    Intent, Lists, kind="IPAM profile", api="ipamdnsproviderprofile", section="ipam_profiles", step=1
):
    """An IPAM profile."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    type: Literal["internal", "infoblox", "aws", "azure", "gcp", "openstack", "custom"] | None = None
    allocate_in_vrf: bool | None = None
    """a VIP comes only from networks in its virtual service's VRF context"""
    usable_networks: Annotated[tuple[AnyName, ...] | None, Unordered(exact=False), Refers("Network")] = None
    """networks of this file from which VIPs may be allocated"""
    cloud: Annotated[Name | None, NotCompared()] = None
    """the cloud of the usable networks, where there are several"""
