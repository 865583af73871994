"""Diagnosis of a site: every ailment, looked for in the order in which causes come before what follows from them."""

from __future__ import annotations

from collections.abc import Callable

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
LOOKS: tuple[tuple[str, Callable[[Diagnosis], None]], ...] = (
    ("cluster/runtime", controller.cluster),
    ("cloud-inventory", controller.clouds),
    ("license", controller.licence),
    ("upgradestatusinfo", controller.upgrade),
    ("sslkeyandcertificate", controller.certificates),
    ("backup", controller.backups),
    ("serviceengine-inventory", engines.engines),
    ("virtualservice-inventory", services.services),
    ("pool-inventory", services.pools_beneath),
    ("virtualservice", addresses.names_nowhere),
    ("alert", controller.alerts),
)
"""Every look, with what it is at first about."""


def illness(live: Live) -> Illness:
    """All that is ill of a site, by what was read of it; use `live.once(illness)`."""
    diagnosis = Diagnosis(live)
    for api, look in LOOKS:
        with diagnosis.reading(api):
            look(diagnosis)
    return diagnosis.complete()
