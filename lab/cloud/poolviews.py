"""Views of pools and their servers: runtime and inventory [SCHEMA]; servers are up unless told to be down [INF]."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lab.cloud.clouds import find
from lab.cloud.common import followed, health, oper
from lab.cloud.services import pool_standing, server_trouble, users_of
from lab.hooks import Ask, view
from lab.lazy_rows import Rows
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


def runtime_of(site: Site, pool: Object) -> Json:
    """The `PoolRuntimeSummary` of a pool."""
    stands, total, enabled, up = pool_standing(site, pool)
    return {
        "oper_status": oper(stands.state, stands.since, *filter(None, [stands.reason])),
        "num_servers": total,
        "num_servers_enabled": enabled,
        "num_servers_up": up,
        "percent_servers_up_total": 100 * up // total if total else 0,
        "percent_servers_up_enabled": 100 * up // enabled if enabled else 0,
    }


def inventory_row(site: Site, pool: Object) -> Json:
    """A pool in `/api/pool-inventory`."""
    members = (
        "name",
        "uuid",
        "enabled",
        "cloud_ref",
        "tenant_ref",
        "vrf_ref",
        "default_server_port",
        "created_by",
    )
    users = users_of(site, pool)
    row: Json = {
        "uuid": pool.uuid,
        "url": f"/api/pool-inventory/{pool.uuid}",
        "config": {"url": pool.ref}
        | {member: pool.body[member] for member in members if member in pool.body},
        "runtime": runtime_of(site, pool),
        "health_score": health(up=pool_standing(site, pool)[0].up),
        "alert": {"level": "ALERT_LOW"},
    }
    if users:
        row["virtualservices"] = [service.ref for service in users]
        application = followed(site, users[0].body, "application_profile_ref")
        if application is not None:
            row["app_profile_type"] = application.body.get("type", "")
    return row


@view("/api/pool-inventory", rows=True)
def pool_inventory(site: Site, _ask: Ask) -> Rows:
    """Every pool: configuration, runtime, health."""
    return Rows(site.store.all("pool"), partial(inventory_row, site))


@view("/api/pool-inventory/{uuid}")
def one_pool_inventory(site: Site, ask: Ask) -> Json:
    """One pool of the inventory."""
    return inventory_row(site, find(site, "pool", ask.params["uuid"], "Pool"))


@view("/api/pool/{uuid}/runtime/detail")
def pool_detail(site: Site, ask: Ask) -> list[Json]:
    """The same in a list, which the detail is [CLIENT]."""
    return [pool_runtime(site, ask)]


@view("/api/pool/{uuid}/runtime")
def pool_runtime(site: Site, ask: Ask) -> Json:
    """The runtime of one pool, a bare object."""
    pool = find(site, "pool", ask.params["uuid"], "Pool")
    return {"uuid": pool.uuid, "name": pool.name, **runtime_of(site, pool)}


@view("/api/pool/{uuid}/runtime/server", rows=True)
def pool_servers(site: Site, ask: Ask) -> list[Json]:
    """The servers of a pool, each with its state."""
    pool = find(site, "pool", ask.params["uuid"], "Pool")
    since = int(pool.body["_last_modified"]) / 1_000_000
    rows: list[Json] = []
    for server in pool.body.get("servers", []):
        address = server.get("ip", {})
        why = server_trouble(site, pool, server)
        state = "OPER_DOWN" if why else "OPER_UP"
        state = state if server.get("enabled", True) else "OPER_DISABLED"
        port = server.get("port", pool.body.get("default_server_port", 80))
        rows.append(
            {
                "ip_addr": address,
                "port": port,
                "oper_status": oper(state, since, *([why] if state == "OPER_DOWN" else [])),
            }
        )
    return rows
