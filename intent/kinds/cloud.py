"""The cloud: the Controller's integration with what it runs on, such as vCenter or NSX-T."""

from typing import Annotated, Literal

from pydantic import Field

from intent.base import Declared, Intent, NotCompared, OnlyIn, Refers
from intent.exact import Lists
from intent.kinds.labels import LicenseTier
from intent.kinds.nsxt import NSXT, ContentLibrary, NsxSettings
from intent.kinds.profiles import DnsProfile, IpamProfile
from intent.values import AnyName, Name, Prefix


class VcenterSettings(Declared):
    """How the cloud is bound to its vCenter."""

    url: Name | None = None
    """vCenter address as the cloud holds it"""
    datacenter: Name | None = None
    """datacenter in that vCenter"""
    access: Literal["none", "read", "write"] | None = None
    content_library: ContentLibrary | None = None
    """where it keeps the image of Service Engines"""


class ManagementNetwork(Declared):
    """Where Service Engines get their management vNIC; its pool is declared with the network itself."""

    network: Annotated[AnyName | None, Refers("Network")] = None
    """a network of this file, such as REGIONB_MGMT_3020"""
    subnet: Prefix | None = None
    dhcp: bool | None = None


class Cloud(Intent, Lists, kind="cloud", api="cloud", section="clouds", step=2, tenancy="provider"):
    """A cloud of the Controller."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    type: (
        Literal["vcenter", "no-orchestrator", "nsx-t", "aws", "azure", "gcp", "openstack", "linux-server"]
        | None
    ) = None
    vcenter: Annotated[
        VcenterSettings | None,
        OnlyIn(
            ("vcenter",),
            {"nsx-t": "its NSX manager is declared under nsxt, its vCenters under vcenter_servers"},
        ),
    ] = None
    management: Annotated[
        ManagementNetwork | None,
        OnlyIn(("vcenter",), {"nsx-t": "its management segment is declared under nsxt.management"}),
    ] = None
    nsxt: Annotated[
        NsxSettings | None,
        OnlyIn(
            NSXT.types, {"vcenter": "its vCenter is declared under vcenter, its network under management"}
        ),
    ] = None
    dns_profile: Annotated[AnyName | None, Refers(DnsProfile)] = None
    """a DNS profile of this file"""
    ipam_profile: Annotated[AnyName | None, Refers(IpamProfile)] = None
    """an IPAM profile of this file"""
    state_based_dns: bool | None = None
    """register a virtual service's name only while it is up"""
    mtu: Annotated[int | None, Field(ge=576, le=65_535)] = None
    """of the vNICs of Service Engines"""
    license_tier: LicenseTier | None = None
    se_group_template: Annotated[AnyName | None, Refers("ServiceEngineGroup", optional=True)] = None
    """an SE group of this file, after which the next groups are made"""
    prefer_static_routes: bool | None = None
    """a Service Engine is placed by static routes, not by its networks alone"""
    vip_static_routes: bool | None = None
    """a VIP may lie outside the networks of its VRF context, behind a route"""
    placement_ready: Annotated[Literal[True] | None, NotCompared()] = None
    """true: the cloud's state must be placement-ready"""
