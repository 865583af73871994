"""NSX-T: how a cloud is bound to its NSX manager, on which segments its Service Engines stand, and its vCenter servers.

Transport zones, T1 gateways and segments are named by their policy paths, such as /infra/tier-1s/T1-prod.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Keyed, LivesIn, NotCompared, OnlyIn, Refers, Unordered
from intent.source import Place
from intent.values import AnyName, Name

NSXT = OnlyIn(("nsx-t",))

NsxPath = Annotated[
    str,
    Field(
        pattern=r"^/\S.*$",
        description="a policy path of NSX, such as /infra/segments/web",
        examples=["/infra/segments/web"],
    ),
]
ZoneType = Annotated[
    Literal["overlay", "vlan"] | None, Field(description="of which kind the transport zone is")
]
Credentials = Annotated[
    AnyName | None,
    Refers("cloudconnectoruser", optional=True),
    Field(description="the name of credentials on the Controller; they never stand in a file"),
]


class Tier1Segment(Declared):
    """A T1 gateway of the data network, and the segment of it on which Service Engines stand."""

    tier1: NsxPath
    segment: NsxPath | None = None


class NsxManagement(Declared):
    """Where Service Engines get their management vNIC."""

    zone_type: ZoneType = None
    transport_zone: NsxPath | None = None
    tier1: NsxPath | None = None
    """the T1 gateway of the segment; overlay only"""
    segment: NsxPath | None = None


class NsxData(Declared):
    """Where Service Engines get their data vNICs."""

    zone_type: ZoneType = None
    transport_zone: NsxPath | None = None
    tier1s: Annotated[tuple[Tier1Segment, ...] | None, Keyed("tier1")] = None
    """overlay only: T1 gateways, each of which brings a VRF context"""
    segments: Annotated[tuple[NsxPath, ...] | None, Unordered(exact=False)] = None
    """vlan only: segments"""


class NsxSettings(Declared):
    """How the cloud is bound to its NSX manager."""

    url: Name | None = None
    """NSX manager's address as the cloud holds it"""
    credentials: Credentials = None
    dhcp: bool | None = None
    """whether Service Engines get their addresses by DHCP"""
    management: NsxManagement | None = None
    data: NsxData | None = None
    firewall_rules: bool | None = None
    """whether the Controller makes the rules of the distributed firewall"""
    vpc_mode: bool | None = None
    """whether it runs in VPCs of NSX"""


class ContentLibrary(Declared):
    """The content library in which a vCenter keeps the image of Service Engines."""

    id: Name | None = None
    name: Name | None = None


class VcenterServer(
    Intent, kind="vCenter server", api="vcenterserver", section="vcenter_servers", step=3, tenancy="provider"
):
    """A vCenter server of an NSX-T cloud: where the Controller makes its Service Engines."""

    cloud_types: ClassVar[OnlyIn | None] = OnlyIn(
        NSXT.types, {"vcenter": "its vCenter is declared in the cloud, under vcenter"}
    )

    cloud: Annotated[Name, NotCompared(), LivesIn()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    url: Name | None = None
    """vCenter's address as the Controller holds it"""
    credentials: Credentials = None
    content_library: ContentLibrary | None = None


def zone_problems(settings: NsxSettings | None, at: Place) -> Iterator[tuple[Place, str]]:
    """Keys that mean nothing for the kind of transport zone: (place, what is wrong and which key is right)."""
    if settings is None:
        return
    management, data = settings.management, settings.data
    if management and management.zone_type == "vlan" and management.tier1:
        why = "tier1 has no meaning in a VLAN transport zone; its segment is all there is to declare"
        yield (*at, "management", "tier1"), why
    if data and data.zone_type == "vlan" and data.tier1s:
        yield (
            (*at, "data", "tier1s"),
            "tier1s has no meaning in a VLAN transport zone; its segments are declared under segments",
        )
    if data and data.zone_type == "overlay" and data.segments:
        why = "segments has no meaning in an overlay transport zone; declare tier1s, each with its segment"
        yield (*at, "data", "segments"), why
