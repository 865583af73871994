"""Step 5: the Controller's own DNS service."""

from intent import SystemSettings, require
from live.avi.snapshot import Live


def test_dns_services(system: SystemSettings, live: Live) -> None:
    """The system's DNS service lists the declared virtual services.

    Field: dns_services
    Severity: critical
    Why: names are registered only in the DNS virtual services of this list.
    Do: add it under Administration > Settings > DNS Service; the list cannot be emptied again.
    """
    require(system, live[system], "dns_services")
