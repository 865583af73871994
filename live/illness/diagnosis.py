"""Diagnosis of a site: every ailment, looked for in the order in which causes come before what follows from them."""

from __future__ import annotations

from live.avi.snapshot import Live
from live.illness import addresses, controller, engines, services
from live.illness.ailments import Diagnosis, Illness

READS = (
    *("cluster/runtime", "cloud", "cloud-inventory", "license", "upgradestatusinfo"),
    *(controller.LEDGER, controller.LICENSING),
    *("sslkeyandcertificate", "systemconfiguration", "scheduler", "backup", "alert"),
    *("serviceenginegroup", "serviceengine-inventory", "ipamdnsproviderprofile", "network-inventory"),
    *("virtualservice", "virtualservice-inventory", "vsvip", "pool", "pool-inventory"),
)
"""What tells how a site is: one list each, whatever is on it."""
LOOKS = (
    *(controller.cluster, controller.clouds, controller.licence, controller.upgrade, controller.certificates),
    *(
        controller.backups,
        engines.engines,
        services.services,
        services.pools_beneath,
        addresses.names_nowhere,
    ),
    controller.alerts,
)


def illness(live: Live) -> Illness:
    """All that is ill of a site, by what was read of it; use `live.once(illness)`."""
    diagnosis = Diagnosis(live)
    for look in LOOKS:
        look(diagnosis)
    return diagnosis.complete()
