"""Remedies of the system configuration."""

from __future__ import annotations

from intent import EXISTENCE, SystemSettings
from live.kinds.base import dig
from remediate.registry import Case, Verdict, no_remedy, remedy

no_remedy(
    SystemSettings, EXISTENCE, "every Controller has exactly one system configuration; read the site again"
)


@remedy(SystemSettings, "dns_services", risk="safe")
def list_dns_services(case: Case) -> Verdict:
    """Append the missing DNS services; those that others listed stay, in their order."""
    first = not dig(case.raw, "dns_virtualservice_refs")
    return Verdict(
        permanent="once a DNS service is listed, the Controller takes no empty list again: an undo leaves this "
        "entry, and with it the virtual service and what that stands on"
        if first
        else ""
    )
