"""Remedies: who may put a field right and whom that would hit, one module a topic; importing this registers all."""

from remediate.remedies import cloud, dns, profiles, routing, service_engines, system, vcenter

__all__ = ["cloud", "dns", "profiles", "routing", "service_engines", "system", "vcenter"]
