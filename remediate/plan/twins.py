"""Twins of an absent object: others that bear its name, or almost, so that making it may be a mistake."""

from __future__ import annotations

from intent import Intent
from live.kinds import KINDS
from remediate.plan.view import View


def near_twins(want: Intent, view: View) -> list[str]:
    """The names in a declared object's cloud and tenant that differ from its own in case or surrounding space only."""
    kind, key = KINDS[type(want)], want.key
    there = [kind.key(row, view.live.names) for row in view.live.rows(kind.api)]
    place = (key.cloud, key.tenant, key.name.strip().casefold())
    return [
        near.name
        for near in there
        if near.name != key.name and (near.cloud, near.tenant, near.name.strip().casefold()) == place
    ]


def in_other_tenants(want: Intent, view: View) -> list[str]:
    """The other tenants that hold an object of a declared object's name and cloud, which nobody declares there.

    Raises Unknown.
    """
    live, kind = view.live, KINDS[type(want)]
    tenants = set(live.elsewhere(want))
    if not live.snapshot.every_tenant:  # what was read shows the declared tenant alone
        rows = view.rows(kind.api, name=want.name)
        keys = [kind.key(row, live.names) for row in rows if row.get("name") == want.name]
        tenants |= {key.tenant for key in keys if key.cloud == want.key.cloud} - {want.key.tenant}
    declared = {other.key for other in view.environment}
    return sorted(tenant for tenant in tenants if want.key._replace(tenant=tenant) not in declared)
