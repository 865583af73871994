"""Step 1: the IPAM profile."""

from intent import DnsService, IpamProfile, require, require_once
from live.avi.snapshot import Live
from live.facts import usage


def test_exists(profile: IpamProfile, live: Live) -> None:
    """{profile} exists.

    Severity: blocker
    Why: the cloud needs it to allocate VIPs.
    Do: create it under Templates > Profiles > IPAM/DNS Profiles.
    """
    require_once(profile, live.found(profile), live.elsewhere(profile))


def test_type(profile: IpamProfile, live: Live) -> None:
    """{profile} is of the declared type.

    Field: type
    Severity: critical
    Why: only the internal type allocates from the networks' own pools.
    Do: create a profile of the right type and attach it to the cloud; the type of a profile in use does not change.
    """
    require(profile, live[profile], "type")


def test_allocate_in_vrf(profile: IpamProfile, live: Live) -> None:
    """{profile} allocates within the VRF context as declared.

    Field: allocate_in_vrf
    Severity: critical
    Why: without it a virtual service may get an address of another cluster's network.
    Do: edit the profile and switch Allocate IP in VRF to what is declared.
    """
    require(profile, live[profile], "allocate_in_vrf")


def test_usable_networks(profile: IpamProfile, live: Live) -> None:
    """{profile} may allocate from its networks.

    Field: usable_networks
    Severity: critical
    Why: a VIP is only taken from a usable network.
    Do: edit the profile and add the network to its usable networks.
    """
    require(profile, live[profile], "usable_networks")


def test_vip_network_is_offered(service: DnsService, live: Live) -> None:
    """The IPAM profile of its cloud offers the network of the VIP of {service}.

    If: takes its VIP from offered networks
    Reads: cloud, ipamdnsproviderprofile, network, vsvip
    Severity: critical
    Why: from a network that the profile does not offer no VIP is allocated, and AKO never looks.
    Do: edit the IPAM profile and add the network to its usable networks.
    """
    offered = usage.offered_networks(live, service)
    assert usage.vip_network(live, service) in offered, (
        f"it offers {', '.join(sorted(offered.values())) or 'none'}"
    )
