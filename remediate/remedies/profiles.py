"""Remedies of DNS and IPAM profiles."""

from __future__ import annotations

from collections.abc import Iterator

from intent import EXISTENCE, DnsProfile, IpamProfile
from live.avi.identity import uuid_of
from remediate.plan.answers import ObjectUuid, VsVip, understood
from remediate.registry import Case, Verdict, no_remedy, remedy

_TYPE = (
    "the type of a profile decides what everything attached to it means; make a profile of the declared type under "
    "another name and attach that one"
)


@remedy(DnsProfile, EXISTENCE, risk="safe")
def make_dns_profile(case: Case) -> Verdict:
    """Make the profile; nothing uses it until it is attached."""
    return Verdict()


@remedy(DnsProfile, "domains", "domains.ttl", "ttl", risk="safe")
def set_domains(case: Case) -> Verdict:
    """Add the missing domains, which hits nobody, and set TTLs, which count from the next answer on.

    Only an undo takes a domain away, and with it the names in it.
    """
    gone = tuple(
        f".{drift.have['name']}" for drift in case.drifts if drift.removes and drift.field == "domains"
    )
    if not gone:
        return Verdict()
    named = [
        f"VIP {vsvip.name}"
        for vsvip in case.view.typed_rows(VsVip, "vsvip")
        if any(f".{name.fqdn}".lower().endswith(gone) for name in vsvip.dns_info)
    ]
    return Verdict(hit=tuple(named), effect="their names are in a domain that would go")


@remedy(DnsProfile, "domains.pass_through", risk="guarded")
def set_pass_through(case: Case) -> Verdict:
    """Say what becomes of questions for unknown names; switched off, whoever relied on the servers behind is hit."""
    off = [drift.path for drift in case.drifts if drift.want is False]
    hit = tuple(
        f"clients that ask for unknown names of {path.partition('[')[2].partition(']')[0]}" for path in off
    )
    return Verdict(hit=hit, effect="they would be told that there is no such name")


@remedy(IpamProfile, EXISTENCE, risk="safe")
def make_ipam_profile(case: Case) -> Verdict:
    """Make the profile; nothing uses it until it is attached."""
    return Verdict()


@remedy(IpamProfile, "usable_networks", risk="safe")
def add_usable_networks(case: Case) -> Verdict:
    """Say where the next VIPs may come from; VIPs that are there keep their addresses [SCHEMA].

    One that goes, where the list is exact, leaves the next VIPs of its network without an address.
    """
    gone = {str(drift.have) for drift in case.drifts if drift.removes}
    hit = [f"VIP {vsvip.name}" for vsvip in _allocated(case) if _networks(vsvip, case) & gone] if gone else []
    return Verdict(hit=tuple(hit), effect="their addresses come from a network that would go")


def _networks(vsvip: VsVip, case: Case) -> set[str]:
    """The names of the networks from which a VIP has its addresses."""
    rows = (case.view.names.resolve(vip.ipam_network_subnet.network_ref) for vip in vsvip.vip)
    return {str(row.get("name")) for row in rows if row}


@remedy(IpamProfile, "allocate_in_vrf", risk="guarded")
def set_allocation(case: Case) -> Verdict:
    """Keep VIPs to the networks of their own VRF context, or not.

    Kept to them, a VIP that has its address from another VRF context would not be given one there again.
    """
    if not case.want.allocate_in_vrf:
        return Verdict()
    hit = tuple(f"VIP {vsvip.name}" for vsvip in _allocated(case) if _from_elsewhere(vsvip, case))
    return Verdict(hit=hit, effect="their addresses come from networks outside their own VRF context")


def _allocated(case: Case) -> Iterator[VsVip]:
    """The VIPs that have their addresses by this profile."""
    profile = understood(ObjectUuid, case.raw, str(case.want.key))
    for cloud in case.view.typed_rows(
        ObjectUuid, "cloud", refers_to=f"ipamdnsproviderprofile:{profile.uuid}"
    ):
        yield from case.view.typed_rows(VsVip, "vsvip", refers_to=f"cloud:{cloud.uuid}")


def _from_elsewhere(vsvip: VsVip, case: Case) -> bool:
    own = uuid_of(vsvip.vrf_context_ref)
    for vip in vsvip.vip:
        ref = vip.ipam_network_subnet.network_ref
        if not vip.auto_allocate_ip or not ref:
            continue
        network = case.view.names.resolve(ref)
        if network is None or uuid_of(str(network.get("vrf_context_ref", ""))) != own:
            return True
    return False


no_remedy(DnsProfile, "type", _TYPE)
no_remedy(IpamProfile, "type", _TYPE)
