"""Routes of a VRF context: static ones, BGP with its peers, and the gateways that are watched."""

from typing import Annotated

from pydantic import Field

from intent.base import Declared, Keyed, NotCompared, Refers
from intent.values import AnyName, Ip, Name, Prefix


class StaticRoute(Declared):
    """A static route; those that AKO writes for its cluster are never among them."""

    prefix: Annotated[Prefix, NotCompared()]
    next_hop: Annotated[Ip, NotCompared()]

    @property
    def label(self) -> str:
        """`0.0.0.0/0 via 10.10.25.1`: prefix and next hop tell routes apart, for their ids change."""
        return f"{self.prefix} via {self.next_hop}"


class BgpPeer(Declared):
    """A BGP peer. Its MD5 secret is never read."""

    address: Ip
    remote_as: Annotated[int | None, Field(ge=1, le=4_294_967_295)] = None
    """AS number of the peer"""
    network: Annotated[AnyName | None, Refers("Network", optional=True)] = None
    """a network of this file, over which it is reached"""
    label: Name | None = None
    """by which VIPs choose their peers, as with AKO"""
    bfd: bool | None = None
    """whether BFD watches it"""
    advertise_vip: bool | None = None
    """whether it is told of VIPs"""
    advertise_snat: bool | None = None
    """whether it is told of SNAT addresses"""


class Bgp(Declared):
    """BGP of a VRF context."""

    local_as: Annotated[int | None, Field(ge=1, le=4_294_967_295)] = None
    """own AS number"""
    ibgp: bool | None = None
    """true: inside one AS; false: between two"""
    hold_time: Annotated[int | None, Field(ge=3, le=7200)] = None
    """seconds"""
    keepalive: Annotated[int | None, Field(ge=0, le=3600)] = None
    """seconds"""
    peers: Annotated[tuple[BgpPeer, ...] | None, Keyed("address")] = None


class Bfd(Declared):
    """BFD timers of a VRF context."""

    min_tx: Annotated[int | None, Field(ge=500, le=4_000_000)] = None
    """milliseconds"""
    min_rx: Annotated[int | None, Field(ge=500, le=4_000_000)] = None
    """milliseconds"""
    multiplier: Annotated[int | None, Field(ge=3, le=255)] = None


class GatewayMonitor(Declared):
    """A gateway that Service Engines watch by ping."""

    gateway: Ip
    interval: Annotated[int | None, Field(ge=100, le=60_000)] = None
    """milliseconds"""
    failures: Annotated[int | None, Field(ge=3, le=50)] = None
    """pings until it is down"""
    successes: Annotated[int | None, Field(ge=3, le=50)] = None
    """pings until it is up"""
