"""VRF contexts and networks (blog, step 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Keyed, LivesIn, NotCompared, OnlyIn, Refers
from intent.exact import Lists
from intent.kinds.labels import Marker
from intent.kinds.nsxt import NSXT, NsxPath
from intent.kinds.routes import Bfd, Bgp, GatewayMonitor, StaticRoute
from intent.values import AnyName, Ip, IpRange, Name, Prefix

BUILT_IN_VRFS = ("global", "management")
"""VRF contexts that every cloud has [REC]."""


class VrfContext(Intent, Lists):
    """A VRF context: one isolated routing table of a cloud."""

    kind: ClassVar[str] = "VRF context"
    api: ClassVar[str] = "vrfcontext"
    section: ClassVar[str] = "vrfs"
    step: ClassVar[int] = 3
    tenancy = "discovered"
    implied: ClassVar[Mapping[str, str]] = {"default_gateway": "static_routes"}

    cloud: Annotated[Name, NotCompared(), LivesIn()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    tier1: Annotated[
        NsxPath | None, NSXT, Field(description="the T1 gateway with which it comes, overlay only")
    ] = None
    default_gateway: Annotated[
        Ip | None, Field(description="next hop of its default route (0.0.0.0/0 or ::/0)")
    ] = None
    static_routes: Annotated[
        tuple[StaticRoute, ...] | None,
        Keyed("label"),
        Field(description="static routes; those that AKO writes for its cluster are its own"),
    ] = None
    bgp: Bgp | None = None
    bfd: Bfd | None = None
    gateway_monitors: Annotated[tuple[GatewayMonitor, ...] | None, Keyed("gateway")] = None

    @property
    def declared_elsewhere(self) -> tuple[str, ...]:
        """Its default route, where its gateway is declared."""
        if self.default_gateway is None:
            return ()
        everywhere = "0.0.0.0/0" if self.default_gateway.version == 4 else "::/0"
        return (f"static_routes[{everywhere} via {self.default_gateway}]",)


class Pool(Declared):
    """A static address pool of a subnet, and what may take addresses from it."""

    range: IpRange
    use: Annotated[
        Literal["vip-and-se", "vip", "se"] | None, Field(description="who may take addresses from this pool")
    ] = None


class Subnet(Declared):
    """A configured subnet of a network."""

    prefix: Prefix
    pools: Annotated[tuple[Pool, ...] | None, Keyed("range", exact=True)] = None


class PortGroupSettings(Declared):
    """The port group in vCenter from which the Controller discovers a network; it bears the network's name."""

    vlan: Annotated[int | None, Field(ge=0, le=4094, description="VLAN id; 0 means untagged")] = None
    switch: Annotated[
        Literal["distributed", "standard"] | None, Field(description="which kind of virtual switch it is on")
    ] = None


class Network(Intent, Lists):
    """A network of a cloud: discovered in vCenter, NSX-T or at a provider; made by us where nothing discovers any."""

    kind: ClassVar[str] = "network"
    api: ClassVar[str] = "network"
    section: ClassVar[str] = "networks"
    step: ClassVar[int] = 3
    tenancy = "discovered"

    cloud: Annotated[Name, NotCompared(), LivesIn()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    vrf: Annotated[
        AnyName | None,
        Refers(VrfContext, builtin=BUILT_IN_VRFS),
        Field(description="a VRF context of this file, or global or management"),
    ] = None
    dhcp: bool | None = None
    subnets: Annotated[tuple[Subnet, ...] | None, Keyed("prefix")] = None
    purpose: Annotated[str | None, NotCompared(), Field(description="what it is for; shown in reports")] = (
        None
    )
    port_group: Annotated[
        PortGroupSettings | None,
        NotCompared(),
        OnlyIn(("vcenter",), {"nsx-t": "a network of an NSX-T cloud is a segment, declared under segment"}),
        Field(description="what vCenter must have for it"),
    ] = None
    uuid: Annotated[
        Name | None, Field(description="pins which network of this name is meant, by the Controller's uuid")
    ] = None
    moref: Annotated[
        Name | None,
        OnlyIn(("vcenter",)),
        Field(description="the same by vCenter's managed object id, such as dvportgroup-36"),
    ] = None
    exclude_discovered_subnets: Annotated[
        bool | None, Field(description="whether only its configured subnets count")
    ] = None
    markers: Annotated[tuple[Marker, ...] | None, Keyed("key")] = None
    segment: Annotated[NsxPath | None, NSXT, Field(description="the segment that it is")] = None
    vip_only: Annotated[
        Literal[True] | None,
        NSXT,
        Field(description="true: it is no segment, and gives addresses to VIPs alone; it is made by us"),
    ] = None
    min_free: Annotated[
        int | None, NotCompared(), Field(ge=1, description="how many pool addresses must be free (default 1)")
    ] = None

    @property
    def has_pools(self) -> bool:
        """Whether its address pools are declared, or how many of their addresses must be free."""
        return self.min_free is not None or self.declares("subnets.pools")
