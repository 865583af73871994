"""Remedies of the system configuration."""

from __future__ import annotations

from intent import EXISTENCE, SystemSettings
from live.kinds.codecs import dig
from remediate.registry import Case, Verdict, no_remedy, remedy

no_remedy(
    SystemSettings, EXISTENCE, "every Controller has exactly one system configuration; read the site again"
)


no_remedy(
    SystemSettings,
    "portal.certificates",
    "whoever trusts the certificate of now is locked out by another one, AKO first; choose it under Administration > "
    "System Settings > Access, when every client knows the new one",
)
no_remedy(
    SystemSettings,
    "license_tier",
    "another tier takes features from what is there, and back is not always allowed; change it under Administration > "
    "Licensing, when it is clear who uses what",
)
no_remedy(
    SystemSettings,
    "snmp.version",
    "another version needs a community or a user with passphrases, which are secrets and stand in no file; set it "
    "under Administration > System Settings > SNMP",
)


@remedy(
    SystemSettings,
    *("search_domain", "ntp_servers", "snmp.location", "snmp.contact", "banner", "message_of_the_day"),
    *("portal.strong_passwords", "portal.min_password_length", "portal.redirect_to_https"),
    risk="safe",
)
def set_settings(case: Case) -> Verdict:
    """Set what is asked only from the next login, look-up or synchronisation on; one call takes it back."""
    return Verdict()


@remedy(SystemSettings, "dns_servers", risk="guarded")
def set_name_servers(case: Case) -> Verdict:
    """Set the name servers. More of them hit nobody; without one that is used now, vCenter may be found no more."""
    gone = [each for each in case.have.dns_servers or () if each not in case.want.dns_servers]
    hit = tuple(f"name server {each}" for each in gone)
    return Verdict(hit=hit, effect="the Controller asks it now, and would ask it no more")


@remedy(SystemSettings, "portal.basic_authentication", "portal.http", "portal.session_hours", risk="guarded")
def set_access(case: Case) -> Verdict:
    """Set how clients may come in. What opens hits nobody; what closes shuts out clients that nobody can list."""
    fields = {drift.path for drift in case.drifts if drift.want is False or drift.path.endswith("hours")}
    hit = tuple(f"clients of {path}" for path in sorted(fields))
    return Verdict(hit=hit, effect="who logs in this way, or stays logged in for longer, is shut out")


@remedy(
    SystemSettings,
    *(f"tenancy_mode.{name}" for name in ("engines_of_provider", "engines_readable", "own_vrfs")),
    risk="guarded",
)
def set_tenancy(case: Case) -> Verdict:
    """Set what tenants share that are made from then on; those that are there keep what they have [DOC]."""
    return Verdict()


@remedy(SystemSettings, "dns_services", risk="safe")
def list_dns_services(case: Case) -> Verdict:
    """Append the missing DNS services, in their order; one that is not declared goes only where the list is exact."""
    if gone := tuple(f"DNS service {drift.have}" for drift in case.drifts if drift.removes):
        return Verdict(hit=gone, effect="no name would be registered there any more")
    first = not dig(case.raw, "dns_virtualservice_refs")
    return Verdict(
        permanent="once a DNS service is listed, the Controller takes no empty list again: an undo leaves this "
        "entry, and with it the virtual service and what that stands on"
        if first
        else ""
    )
