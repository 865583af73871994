"""Step 3: VRF contexts, and the isolation they stand for."""

from intent import Environment, VrfContext, require, require_once
from live.avi.snapshot import Live
from live.facts import isolation


def test_exists(vrf: VrfContext, live: Live) -> None:
    """{vrf} exists in its cloud.

    Severity: blocker
    Why: AKO restarts over and over when the VRF context of its cluster is missing.
    Do: create it under Infrastructure > Cloud Resources > VRF Context.
    Do in nsx-t: add its T1 gateway to the cloud's data network, with which it comes; in VLANs create it.
    Do in aws, azure, gcp, openstack: declare global instead; routes of such a cloud are its provider's.
    """
    require_once(vrf, live.found(vrf), live.elsewhere(vrf))


def test_tier1(vrf: VrfContext, live: Live) -> None:
    """{vrf} stands for the declared T1 gateway.

    Field: tier1
    Severity: critical
    Why: behind another T1 gateway virtual services have other routes, and AKO writes its cluster's elsewhere.
    Do: compare the T1 gateways of the cloud's data network with the declaration.
    """
    require(vrf, live[vrf], "tier1")


def test_only_its_networks(vrf: VrfContext, environment: Environment, live: Live) -> None:
    """{vrf} holds only the networks declared for it.

    If: has networks
    Reads: network, vrfcontext, cloud
    Severity: critical
    Why: a network in another cluster's VRF context leaks that cluster's routes and addresses.
    Do: move the network that is named into its own VRF context, or declare it here.
    """
    others = isolation.undeclared(live, live[vrf], environment)
    assert not others, f"also holds {', '.join(others)}"


def test_pools_apart(vrf: VrfContext, live: Live) -> None:
    """No two address pools in {vrf} overlap.

    If: has networks
    Reads: network, vrfcontext, cloud
    Severity: critical
    Why: an address given out twice takes down both that have it, at random.
    Do: shorten one of the two pools under Infrastructure > Cloud Resources > Networks.
    """
    overlaps = isolation.overlaps(live, live[vrf])
    assert not overlaps, "; ".join(overlaps)
