"""How DNS and IPAM profiles are put right."""

from __future__ import annotations

from intent import EXISTENCE, DnsProfile, IpamProfile
from remediate.registry import Case, Verdict, remedy, unanswered

_TYPE = (
    "the type of a profile decides what everything attached to it means; make a profile of the declared type under "
    "another name and attach that one"
)


@remedy(DnsProfile, EXISTENCE, risk="safe")
def make_dns_profile(case: Case) -> Verdict:
    """Make the profile; nothing uses it until it is attached."""
    del case
    return Verdict()


@remedy(DnsProfile, "domains", "domains.ttl", "ttl", risk="safe")
def set_domains(case: Case) -> Verdict:
    """Add the missing domains, which hits nobody, and set TTLs, which count from the next answer on."""
    del case
    return Verdict()


@remedy(IpamProfile, EXISTENCE, risk="safe")
def make_ipam_profile(case: Case) -> Verdict:
    """Make the profile; nothing uses it until it is attached."""
    del case
    return Verdict()


@remedy(IpamProfile, "allocate_in_vrf", "usable_networks", risk="safe")
def set_allocation(case: Case) -> Verdict:
    """Say where the next VIPs come from; VIPs that are there keep their addresses [SCHEMA]."""
    del case
    return Verdict()


unanswered(DnsProfile, "type", _TYPE)
unanswered(IpamProfile, "type", _TYPE)
