"""VRF contexts and networks (blog, step 3)."""

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


class VrfContext(
    Intent, Lists, kind="VRF context", api="vrfcontext", section="vrfs", step=3, tenancy="discovered"
):
    """A VRF context: one isolated routing table of a cloud."""

    implied: ClassVar[Mapping[str, str]] = {"default_gateway": "static_routes"}

    cloud: Annotated[Name, NotCompared(), LivesIn()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    tier1: Annotated[NsxPath | None, NSXT] = None
    """the T1 gateway with which it comes, overlay only"""
    default_gateway: Ip | None = None
    """next hop of its default route (0.0.0.0/0 or ::/0)"""
    static_routes: Annotated[tuple[StaticRoute, ...] | None, Keyed("label")] = None
    """static routes; those that AKO writes for its cluster are its own"""
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
    use: Literal["vip-and-se", "vip", "se"] | None = None
    """who may take addresses from this pool"""


class Subnet(Declared):
    """A configured subnet of a network."""

    prefix: Prefix
    pools: Annotated[tuple[Pool, ...] | None, Keyed("range", exact=True)] = None


class PortGroupSettings(Declared):
    """The port group in vCenter from which the Controller discovers a network; it bears the network's name."""

    vlan: Annotated[int | None, Field(ge=0, le=4094)] = None
    """VLAN id; 0 means untagged"""
    switch: Literal["distributed", "standard"] | None = None
    """which kind of virtual switch it is on"""


class Network(Intent, Lists, kind="network", api="network", section="networks", step=3, tenancy="discovered"):
    """A network of a cloud: discovered in vCenter, NSX-T or at a provider; made by us where nothing discovers any."""

    cloud: Annotated[Name, NotCompared(), LivesIn()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    vrf: Annotated[AnyName | None, Refers(VrfContext, builtin=BUILT_IN_VRFS)] = None
    """a VRF context of this file, or global or management"""
    dhcp: bool | None = None
    subnets: Annotated[tuple[Subnet, ...] | None, Keyed("prefix")] = None
    purpose: Annotated[str | None, NotCompared()] = None
    """what it is for; shown in reports"""
    port_group: Annotated[
        PortGroupSettings | None,
        NotCompared(),
        OnlyIn(("vcenter",), {"nsx-t": "a network of an NSX-T cloud is a segment, declared under segment"}),
    ] = None
    """what vCenter must have for it"""
    uuid: Name | None = None
    """pins which network of this name is meant, by the Controller's uuid"""
    moref: Annotated[Name | None, OnlyIn(("vcenter",))] = None
    """the same by vCenter's managed object id, such as dvportgroup-36"""
    exclude_discovered_subnets: bool | None = None
    """whether only its configured subnets count"""
    markers: Annotated[tuple[Marker, ...] | None, Keyed("key")] = None
    segment: Annotated[NsxPath | None, NSXT] = None
    """the segment that it is"""
    vip_only: Annotated[Literal[True] | None, NSXT] = None
    """true: it is no segment, and gives addresses to VIPs alone; it is made by us"""
    min_free: Annotated[int | None, NotCompared(), Field(ge=1)] = None
    """how many pool addresses must be free (default 1)"""

    @property
    def has_pools(self) -> bool:
        """Whether its address pools are declared, or how many of their addresses must be free."""
        return self.min_free is not None or self.declares("subnets.pools")
