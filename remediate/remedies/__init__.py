"""Every remedy, one module a topic; importing this package registers them all."""

from remediate.remedies import cloud, dns, profiles, routing, service_engines, system, vcenter

__all__ = ["cloud", "dns", "profiles", "routing", "service_engines", "system", "vcenter"]
