"""Routes of a VRF context: static ones, BGP with its peers, and the gateways that are watched."""

from __future__ import annotations

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
    remote_as: Annotated[int | None, Field(ge=1, le=4_294_967_295, description="AS number of the peer")] = (
        None
    )
    network: Annotated[
        AnyName | None,
        Refers("Network", optional=True),
        Field(description="a network of this file, over which it is reached"),
    ] = None
    label: Annotated[Name | None, Field(description="by which VIPs choose their peers, as with AKO")] = None
    bfd: Annotated[bool | None, Field(description="whether BFD watches it")] = None
    advertise_vip: Annotated[bool | None, Field(description="whether it is told of VIPs")] = None
    advertise_snat: Annotated[bool | None, Field(description="whether it is told of SNAT addresses")] = None


class Bgp(Declared):
    """BGP of a VRF context."""

    local_as: Annotated[int | None, Field(ge=1, le=4_294_967_295, description="own AS number")] = None
    ibgp: Annotated[bool | None, Field(description="true: inside one AS; false: between two")] = None
    hold_time: Annotated[int | None, Field(ge=3, le=7200, description="seconds")] = None
    keepalive: Annotated[int | None, Field(ge=0, le=3600, description="seconds")] = None
    peers: Annotated[tuple[BgpPeer, ...] | None, Keyed("address")] = None


class Bfd(Declared):
    """BFD timers of a VRF context."""

    min_tx: Annotated[int | None, Field(ge=500, le=4_000_000, description="milliseconds")] = None
    min_rx: Annotated[int | None, Field(ge=500, le=4_000_000, description="milliseconds")] = None
    multiplier: Annotated[int | None, Field(ge=3, le=255)] = None


class GatewayMonitor(Declared):
    """A gateway that Service Engines watch by ping."""

    gateway: Ip
    interval: Annotated[int | None, Field(ge=100, le=60_000, description="milliseconds")] = None
    failures: Annotated[int | None, Field(ge=3, le=50, description="pings until it is down")] = None
    successes: Annotated[int | None, Field(ge=3, le=50, description="pings until it is up")] = None
