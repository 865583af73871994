"""Behaviour of clouds in the simulated Controller; importing this package registers its steps and views.

`settle(site)` lets the passing of time have its effect (discovery, removal of idle Service Engines) and is
cheap when nothing is due: the Controller calls it before it answers. `adopt(site)` rebuilds what follows from
configuration (address leases, placements, Service Engine records) after objects were put into the store past
the hooks.
"""

from lab.cloud import (
    actions,
    clouds,
    cluster,
    discovery,
    engineviews,
    guards,
    handmade,
    inventories,
    ipam,
    networks,
    poolviews,
    registration,
    segments,
    services,
    serviceviews,
    upgrades,
)
from lab.cloud.adoption import adopt
from lab.cloud.outages import settle

__all__ = ["adopt", "settle"]
