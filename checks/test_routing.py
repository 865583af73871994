"""Step 3: routes of VRF contexts, their BGP, and the gateways that are watched."""

from intent import VrfContext, require
from live.avi.snapshot import Live


def test_default_gateway(vrf: VrfContext, live: Live) -> None:
    """{vrf} has its default gateway.

    Field: default_gateway
    Severity: critical
    Why: without it Service Engines answer nobody outside their own networks; with another one replies leave by another
        way.
    Do: edit the VRF context's static routes and set the next hop of 0.0.0.0/0.
    """
    require(vrf, live[vrf], "default_gateway")


def test_static_routes(vrf: VrfContext, live: Live) -> None:
    """{vrf} has its static routes.

    Field: static_routes
    Severity: critical
    Why: what lies behind a missing route is not reached, and a route that nobody planned leads traffic away.
    Do: edit the VRF context's static routes; leave those alone that bear a cluster's label, AKO keeps them.
    """
    require(vrf, live[vrf], "static_routes")


def test_local_as(vrf: VrfContext, live: Live) -> None:
    """{vrf} has its BGP AS number.

    Field: bgp.local_as
    Severity: critical
    Why: with another AS number no peer comes up, and no VIP is announced.
    Do: edit the VRF context's BGP peering and set the local AS.
    """
    require(vrf, live[vrf], "bgp.local_as")


def test_ibgp(vrf: VrfContext, live: Live) -> None:
    """{vrf} speaks BGP of the declared kind.

    Field: bgp.ibgp
    Severity: critical
    Why: inside one AS and between two, peers expect different things, and sessions stay down.
    Do: edit the VRF context's BGP peering and choose iBGP or eBGP.
    """
    require(vrf, live[vrf], "bgp.ibgp")


def test_hold_time(vrf: VrfContext, live: Live) -> None:
    """{vrf} has its BGP hold time.

    Field: bgp.hold_time
    Why: it decides how long a dead peer is still sent traffic.
    Do: edit the VRF context's BGP peering and set the hold time.
    """
    require(vrf, live[vrf], "bgp.hold_time")


def test_keepalive(vrf: VrfContext, live: Live) -> None:
    """{vrf} has its BGP keepalive interval.

    Field: bgp.keepalive
    Severity: minor
    Why: it should be a third of the hold time, or sessions drop without need.
    Do: edit the VRF context's BGP peering and set the keepalive interval.
    """
    require(vrf, live[vrf], "bgp.keepalive")


def test_peers(vrf: VrfContext, live: Live) -> None:
    """{vrf} has its BGP peers.

    Field: bgp.peers
    Severity: critical
    Why: VIPs are announced to these peers alone.
    Do: edit the VRF context's BGP peering and add the peer.
    """
    require(vrf, live[vrf], "bgp.peers")


def test_peer_as(vrf: VrfContext, live: Live) -> None:
    """The BGP peers of {vrf} have their AS numbers.

    Field: bgp.peers.remote_as
    Severity: critical
    Why: with another AS number the session stays down.
    Do: edit the BGP peer and set its remote AS.
    """
    require(vrf, live[vrf], "bgp.peers.remote_as")


def test_peer_network(vrf: VrfContext, live: Live) -> None:
    """The BGP peers of {vrf} are reached over their networks.

    Field: bgp.peers.network
    Severity: critical
    Why: a Service Engine looks for the peer on this network, and gets a vNIC there.
    Do: edit the BGP peer and choose its network.
    """
    require(vrf, live[vrf], "bgp.peers.network")


def test_peer_label(vrf: VrfContext, live: Live) -> None:
    """The BGP peers of {vrf} have their labels.

    Field: bgp.peers.label
    Why: VIPs that ask for a label, as AKO's can, are announced to peers with this label alone.
    Do: edit the BGP peer and set its label.
    """
    require(vrf, live[vrf], "bgp.peers.label")


def test_peer_bfd(vrf: VrfContext, live: Live) -> None:
    """The BGP peers of {vrf} are watched by BFD as declared.

    Field: bgp.peers.bfd
    Why: without BFD a dead peer is noticed only when the hold time is over.
    Do: edit the BGP peer and switch BFD to what is declared.
    """
    require(vrf, live[vrf], "bgp.peers.bfd")


def test_peer_advertises_vips(vrf: VrfContext, live: Live) -> None:
    """The BGP peers of {vrf} are told of VIPs as declared.

    Field: bgp.peers.advertise_vip
    Severity: critical
    Why: a peer that is not told of VIPs has no route to them.
    Do: edit the BGP peer and switch Advertise VIP to what is declared.
    """
    require(vrf, live[vrf], "bgp.peers.advertise_vip")


def test_peer_advertises_snat(vrf: VrfContext, live: Live) -> None:
    """The BGP peers of {vrf} are told of SNAT addresses as declared.

    Field: bgp.peers.advertise_snat
    Why: a peer that is not told of them does not find the way back to a Service Engine.
    Do: edit the BGP peer and switch Advertise SNAT to what is declared.
    """
    require(vrf, live[vrf], "bgp.peers.advertise_snat")


def test_bfd_transmit(vrf: VrfContext, live: Live) -> None:
    """{vrf} sends BFD packets as often as declared.

    Field: bfd.min_tx
    Why: timers below what the vendor advises take a busy Service Engine for a dead one.
    Do: edit the VRF context's BFD profile and set the transmit interval.
    """
    require(vrf, live[vrf], "bfd.min_tx")


def test_bfd_receive(vrf: VrfContext, live: Live) -> None:
    """{vrf} expects BFD packets as often as declared.

    Field: bfd.min_rx
    Why: timers below what the vendor advises take a busy peer for a dead one.
    Do: edit the VRF context's BFD profile and set the receive interval.
    """
    require(vrf, live[vrf], "bfd.min_rx")


def test_bfd_multiplier(vrf: VrfContext, live: Live) -> None:
    """{vrf} waits for as many BFD packets as declared.

    Field: bfd.multiplier
    Why: it decides how soon a peer counts as down.
    Do: edit the VRF context's BFD profile and set the multiplier.
    """
    require(vrf, live[vrf], "bfd.multiplier")


def test_gateway_monitors(vrf: VrfContext, live: Live) -> None:
    """{vrf} watches its gateways.

    Field: gateway_monitors
    Why: a Service Engine that does not watch its gateway keeps virtual services that nobody can reach.
    Do: edit the VRF context and add the gateway monitor.
    """
    require(vrf, live[vrf], "gateway_monitors")


def test_monitor_interval(vrf: VrfContext, live: Live) -> None:
    """{vrf} pings its gateways as often as declared.

    Field: gateway_monitors.interval
    Severity: minor
    Why: it decides how soon a dead gateway is noticed.
    Do: edit the VRF context's gateway monitor and set its interval.
    """
    require(vrf, live[vrf], "gateway_monitors.interval")


def test_monitor_failures(vrf: VrfContext, live: Live) -> None:
    """{vrf} gives a gateway up after as many pings as declared.

    Field: gateway_monitors.failures
    Severity: minor
    Why: too few, and one lost ping moves virtual services.
    Do: edit the VRF context's gateway monitor and set its fail threshold.
    """
    require(vrf, live[vrf], "gateway_monitors.failures")


def test_monitor_successes(vrf: VrfContext, live: Live) -> None:
    """{vrf} believes a gateway after as many pings as declared.

    Field: gateway_monitors.successes
    Severity: minor
    Why: it decides how soon virtual services come back.
    Do: edit the VRF context's gateway monitor and set its success threshold.
    """
    require(vrf, live[vrf], "gateway_monitors.successes")
