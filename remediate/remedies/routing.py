"""Remedies of VRF contexts, and of networks without their subnets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_network

from intent import EXISTENCE, Blocked, Network, Unknown, VrfContext
from intent.cloud_types import CLOUD_TYPES, MAKES_NETWORKS, MAKES_VRFS
from live.avi.identity import Home, uuid_of
from live.kinds.codecs import dig
from remediate.plan import answers
from remediate.plan.answers import ServiceEngine, Vip, VirtualService, VsVip, understood
from remediate.plan.view import View
from remediate.registry import Case, Verdict, no_remedy, no_remedy_in, remedy

FOR_THE_NEXT = ("cloud", "ipamdnsproviderprofile", "serviceenginegroup")
"""They say where the next Service Engines and VIPs get their addresses; those that are there are asked themselves."""


OF_A_TIER1 = CLOUD_TYPES["nsx-t"].vrf


@remedy(VrfContext, EXISTENCE, risk="safe", clouds=(*MAKES_VRFS, "nsx-t"))
def make_vrf(case: Case) -> Verdict:
    """Make the VRF context; nothing is in it yet. In an NSX-T cloud only where no T1 gateway brings it."""
    return Verdict(withdrawn="" if _in_vlans(case) else OF_A_TIER1)


no_remedy_in(
    VrfContext,
    EXISTENCE,
    {word: each.vrf for word, each in CLOUD_TYPES.items() if each.vrf and word != "nsx-t"},
)


def _in_vlans(case: Case) -> bool:
    """Whether no T1 gateway decides in which VRF context the networks of an object's cloud are."""
    if case.view.cloud_type(case.want) != "nsx-t":
        return True
    cloud = case.view.cloud_of(case.want)
    return bool(dig(cloud, "nsxt_configuration", "data_network_config", "tz_type") == "VLAN")


@remedy(Network, EXISTENCE, risk="safe", clouds=(*MAKES_NETWORKS, "nsx-t"))
def make_network(case: Case) -> Verdict:
    """Make the network where none is discovered, or one of VIPs alone in an NSX-T cloud; nothing is on it yet."""
    if case.view.cloud_type(case.want) != "nsx-t" or case.want.vip_only:
        return Verdict()
    return Verdict(
        withdrawn=f"{CLOUD_TYPES['nsx-t'].network}; one that is no segment and serves VIPs alone is made where it is "
        "declared with vip_only: true"
    )


no_remedy_in(
    Network,
    EXISTENCE,
    {word: each.network for word, each in CLOUD_TYPES.items() if each.network and word != "nsx-t"},
)
no_remedy(
    Network,
    ("uuid", "moref"),
    "a network has its uuid from what was discovered; made anew, a port group is another one: correct the pin, "
    "once it is clear which one is meant",
)


@remedy(Network, "markers", "markers.values", risk="guarded")
def set_markers(case: Case) -> Verdict:
    """Add markers, which hits nobody; a role that is kept to one that goes or changes, loses the network."""
    hit = tuple(f"roles kept to {drift.path}" for drift in case.drifts if drift.have is not None)
    return Verdict(hit=hit, effect="they would not see the network any more")


no_remedy(
    Network,
    "segment",
    "a network is bound to its segment when it is discovered; look in NSX-T which segment bears this name",
)
no_remedy(
    Network,
    "vip_only",
    "a network is a segment or is none from the start; give the VIPs a network of another name",
)
no_remedy(
    VrfContext,
    "tier1",
    "a VRF context is bound to its T1 gateway when that is added to the cloud's data network; compare the cloud's T1 "
    "gateways with the declaration",
)


@remedy(Network, "vrf", risk="guarded")
def move_to_vrf(case: Case) -> Verdict:
    """Move the network to its VRF context; the Controller refuses that while a VIP or a vNIC is on it [INF].

    What only refers to it, such as a pool that is placed there, would not find it where it looks for it.
    """
    if not _in_vlans(case) and case.have.segment:
        return Verdict(
            withdrawn="in an NSX-T cloud with an overlay transport zone a segment is in the VRF context of its T1 "
            "gateway; connect it to the other T1 in NSX-T, and the network follows"
        )
    uuid = str(case.raw["uuid"])
    # Of a network that is gone, this says so; who refers to it is then no question that a Controller answers.
    given_out = {given.holder: given.address for given in case.view.allocations(case.raw, case.read)}
    on_it = (*_present(case.view, uuid), *_addressed(case))
    holders = {**dict.fromkeys(on_it, ""), **given_out}
    if holders:
        return Verdict(
            hit=tuple(f"{who} ({address})" if address else who for who, address in holders.items()),
            effect="they are on this network with a vNIC or an address; the Controller refuses the move while they "
            "are, so move or remove them first",
            absolute=True,
        )
    # The BGP peers of the VRF context that it moves to wait for it.
    spare = ""
    with suppress(Blocked):
        home = Home((case.want.cloud,), case.want.bare_tenants)
        spare = uuid_of(case.view.names.ref("vrfcontext", case.want.vrf, home))
    return Verdict(
        hit=case.view.users("network", uuid, but=FOR_THE_NEXT, spare=spare),
        effect="they refer to this network, and would not find it in its VRF context of now any more",
    )


def _addressed(case: Case) -> Iterator[str]:
    """By word and name, the VIPs of the network's VRF context with an address of its subnets. Raises Unknown.

    A static address needs no reference to its network: it is placed where its subnet is [INF].
    """
    known = understood(answers.Network, case.raw, "the network").configured_subnets
    subnets = [ip_network(str(subnet.prefix)) for subnet in known]
    vrf = uuid_of(str(case.raw.get("vrf_context_ref") or ""))
    if not subnets or not vrf:
        return
    for who, vips in _vips(case.view, f"vrfcontext:{vrf}"):
        if any(address in subnet for vip in vips for address in vip.addresses for subnet in subnets):
            yield who


def _present(view: View, network: str) -> Iterator[str]:
    """By word and name, the Service Engines with a vNIC on a network, and the VIPs on it. Raises Unknown."""
    yield from view.users("network", network, "serviceengine")
    for who, addresses in _vips(view, f"network:{network}"):
        of_address = {ref for vip in addresses for ref in _networks_of_address(vip)}
        placed = {choice.network_ref for vip in addresses for choice in vip.placement_networks}
        if network in map(uuid_of, of_address):
            yield who
        elif network not in map(uuid_of, placed):
            raise Unknown(f"{who} refers to the network and does not show where")


def _vips(view: View, asked: str) -> Iterator[tuple[str, list[Vip]]]:
    """What refers to an object with VIPs of its own, by word and name, with these. Raises Unknown."""
    for shared in view.typed_rows(VsVip, "vsvip", refers_to=asked):
        yield f"VIP {shared.name}", shared.vip
    for service in view.typed_rows(VirtualService, "virtualservice", refers_to=asked):
        yield f"virtual service {service.name or service.uuid}", service.vip


def _networks_of_address(vip: Vip) -> tuple[str, ...]:
    """The networks that an address of a VIP is of, unlike those that it is only to be placed on."""
    choices = (vip.ipam_network_subnet, *vip.discovered_networks)
    return (vip.network_ref, *(choice.network_ref for choice in choices))


@remedy(Network, "dhcp", risk="guarded")
def set_dhcp(case: Case) -> Verdict:
    """Say where vNICs on this network get their address; one that has it the former way would lose it."""
    uuid = str(case.raw["uuid"])
    if not case.view.users("network", uuid, "serviceengine"):
        return Verdict()  # a move of VRF context has asked the same already
    former = "STATIC" if case.want.dhcp else "DHCP"
    engines = case.view.typed_rows(ServiceEngine, "serviceengine", refers_to=f"network:{uuid}")
    hit = tuple(
        f"Service Engine {engine.name or engine.uuid}" for engine in engines if former in _modes(engine, uuid)
    )
    ways = {"STATIC": "from the pools", "DHCP": "by DHCP"}
    return Verdict(hit=hit, effect=f"their vNICs on this network have their addresses {ways[former]}")


def _modes(engine: ServiceEngine, network: str) -> set[str]:
    """How a Service Engine's vNICs on a network came by their addresses, the one for its management among them.

    Raises Unknown where no vNIC is on the network, although the Service Engine refers to it, or one shows no address.
    """
    every = (*engine.data_vnics, engine.mgmt_vnic)
    vnics = [vnic for vnic in every if uuid_of(vnic.network_ref) == network]
    if not vnics:
        raise Unknown(
            f"Service Engine {engine.name or engine.uuid} refers to the network and shows no vNIC on it"
        )
    if any(not vnic.vnic_networks for vnic in vnics):
        raise Unknown(
            f"Service Engine {engine.name or engine.uuid} shows no address of its vNIC on the network"
        )
    return {address.mode for vnic in vnics for address in vnic.vnic_networks}
