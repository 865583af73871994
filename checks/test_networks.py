"""Step 3: networks in their VRF context, with subnet and address pool."""

from intent import Blocked, Network, require, require_once
from live.avi.snapshot import Live
from live.facts import placement, usage


def test_exists(network: Network, live: Live) -> None:
    """{network} exists exactly once in its cloud.

    Severity: blocker
    Why: networks are found by name; with none there is no placement, with two the wrong one may be taken.
    Do: look for the port group in vCenter; the Controller discovers it by itself once it is there. Where the
        Controller has it twice, remove the ghost that is named under Infrastructure > Cloud Resources > Networks.
    Do in nsx-t: look for the segment in NSX-T and in the cloud's data network; the Controller discovers it by itself.
    Do in no-orchestrator, linux-server: create it under Infrastructure > Cloud Resources > Networks, once.
    Do in aws, azure, gcp, openstack: look for it at the provider; the Controller discovers it by itself.
    """
    there = live.found(network)
    require_once(network, there, live.elsewhere(network), placement.told_apart(there))


def test_vrf(network: Network, live: Live) -> None:
    """{network} is in its VRF context.

    Field: vrf
    Severity: critical
    Why: in another VRF context its virtual services get no address and no route to their cluster.
    Do: edit the network under Infrastructure > Cloud Resources > Networks and choose the VRF context.
    """
    require(network, live[network], "vrf")


def test_segment(network: Network, live: Live) -> None:
    """{network} is the declared segment.

    Field: segment
    Severity: critical
    Why: a segment that was made anew under its old name is another one, and what stood on it is elsewhere.
    Do: look in NSX-T which segment bears this name, then correct the file or the cloud's data network.
    """
    require(network, live[network], "segment")


def test_vip_only(network: Network, live: Live) -> None:
    """{network} is no segment and serves VIPs alone.

    Field: vip_only
    Why: Service Engines are plugged to segments; addresses of VIPs are routed to them, and need none.
    Do: give the VIPs a network of another name.
    """
    require(network, live[network], "vip_only")


def test_dhcp(network: Network, live: Live) -> None:
    """{network} has DHCP set as declared.

    Field: dhcp
    Severity: critical
    Why: with DHCP on, Service Engines ask a DHCP server that is not there instead of the pool.
    Do: edit the network and switch DHCP Enabled to what is declared.
    """
    require(network, live[network], "dhcp")


def test_subnet(network: Network, live: Live) -> None:
    """{network} has its subnet.

    Field: subnets
    Severity: critical
    Why: addresses are given out only within a configured subnet.
    Do: edit the network and add the subnet.
    """
    require(network, live[network], "subnets")


def test_pool(network: Network, live: Live) -> None:
    """{network} has exactly its address pools.

    Field: subnets.pools
    Severity: critical
    Why: an address outside the planned pool belongs to somebody else; a missing pool stops placement.
    Do: edit the network's subnet and set its static IP ranges.
    """
    require(network, live[network], "subnets.pools")


def test_pool_use(network: Network, live: Live) -> None:
    """The pools of {network} serve what they are declared for.

    Field: subnets.pools.use
    Severity: critical
    Why: a pool that is not for VIPs gives none, and one that is not for Service Engines leaves them unaddressed.
    Do: edit the network's subnet and set what each static IP range is used for.
    """
    require(network, live[network], "subnets.pools.use")


def test_free_addresses(network: Network, live: Live) -> None:
    """The pools of {network} have free addresses.

    If: has pools
    Reads: network-inventory
    Severity: critical
    Why: with an exhausted pool the next virtual service or Service Engine cannot be made.
    Do: extend the pool, or remove virtual services that are no longer used.
    """
    pools = usage.pool_usage(live, network)
    if not pools and network.declares("subnets.pools"):
        raise Blocked(f"{network.key} has no address pool", on=network.key)
    for pool in pools:
        wanted = network.min_free or 1
        assert pool.free >= wanted, (
            f"{pool.free} of {pool.total} addresses of {pool.subnet} are free, {wanted} wanted"
        )


def test_uuid(network: Network, live: Live) -> None:
    """{network} is the one that is pinned.

    Field: uuid
    Severity: critical
    Why: of two networks of one name AKO takes the first it finds; made anew, a port group is another network.
    Do: look for the network under Infrastructure > Cloud Resources > Networks, and correct the pin or remove the ghost.
    """
    require(network, live[network], "uuid")


def test_moref(network: Network, live: Live) -> None:
    """{network} is the port group that is pinned.

    Field: moref
    Severity: critical
    Why: of two networks of one name AKO takes the first it finds; made anew, a port group is another network.
    Do: look for the port group's id in vCenter, and correct the pin or remove the ghost.
    """
    require(network, live[network], "moref")


def test_discovered_subnets(network: Network, live: Live) -> None:
    """{network} counts discovered subnets as declared.

    Field: exclude_discovered_subnets
    Why: a subnet that a machine nearby made known is taken for one of the network.
    Do: edit the network and switch Exclude Discovered Subnets to what is declared.
    """
    require(network, live[network], "exclude_discovered_subnets")


def test_markers(network: Network, live: Live) -> None:
    """{network} has its markers.

    Field: markers
    Why: a role that is kept to marked objects does not see the network without its marker.
    Do: edit the network's role-based access and add the marker.
    """
    require(network, live[network], "markers")


def test_marker_values(network: Network, live: Live) -> None:
    """The markers of {network} have their values.

    Field: markers.values
    Why: a role that is kept to marked objects does not see the network with another marker.
    Do: edit the network's role-based access and set the marker.
    """
    require(network, live[network], "markers.values")
