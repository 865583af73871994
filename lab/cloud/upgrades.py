"""Upgrades: the image version of the Controller and of each Service Engine group, and a half of them that is not done.

What `upgradestatusinfo` and `upgradestatussummary` show [SCHEMA members and states, INF values]. `POST /lab/upgrade`
brings it about: the groups that are named have come along, all others have not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloud.common import note_event, timestamp
from lab.hooks import Ask, view
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site

DONE, PAUSED, RUNNING = "UPGRADE_FSM_COMPLETED", "UPGRADE_FSM_PAUSED", "UPGRADE_FSM_SE_UPGRADE_IN_PROGRESS"


def upgrade(site: Site, *, to: Any = "", groups: Any = (), paused: Any = False) -> Json:
    """The Controller is on another image, and of the Service Engine groups those named are. Raises Refused (400)."""
    if not isinstance(to, str) or not to or not isinstance(groups, list | tuple):
        raise Refused(400, 'an upgrade is {"to": "30.2.2", "groups": [names], "paused": true}')
    known = {group.name: group.uuid for group in site.store.all("serviceenginegroup")}
    if unknown := [name for name in groups if name not in known]:
        raise Refused(400, f"no Service Engine group {unknown[0]!r}; there are {', '.join(sorted(known))}")
    site.memory["upgrade"] = {
        "to": to,
        "groups": [known[name] for name in groups],
        "paused": paused is True,
        "since": site.clock.now(),
    }
    cluster = next(site.store.all("cluster"))
    note_event(
        site, "SYSTEM_UPGRADE_PAUSED" if paused else "SYSTEM_UPGRADE", "cluster", cluster.uuid, f"to {to}"
    )
    return {"nodes": [row["name"] + " " + row["version"] for row in rows(site)]}


def rows(site: Site) -> list[Json]:
    """The Controller, then each group: image version and state."""
    own = ".".join(map(str, site.version))
    under_way = site.memory.get("upgrade", {})
    new, since = under_way.get("to", own), under_way.get("since", site.clock.now())
    nodes: list[tuple[Object, str]] = [
        (each, "NODE_CONTROLLER_CLUSTER") for each in site.store.all("cluster")
    ]
    nodes += [(group, "NODE_SE_GROUP") for group in site.store.all("serviceenginegroup")]
    listed = []
    for obj, kind in nodes:
        along = not under_way or kind == "NODE_CONTROLLER_CLUSTER" or obj.uuid in under_way["groups"]
        state = DONE if along else PAUSED if under_way["paused"] else RUNNING
        row: Json = {
            "uuid": obj.uuid,
            "name": obj.name,
            "node_type": kind,
            "version": new if along else own,
            "state": {"state": state, "last_changed_time": timestamp(since)},
            "tenant_ref": obj.body.get("tenant_ref", "/api/tenant/admin"),
            "total_tasks": 1,
            "tasks_completed": 1 if along else 0,
        }
        if obj.cloud:
            row["obj_cloud_ref"] = f"/api/cloud/{obj.cloud}"
        listed.append(row)
    return listed


@view("/api/upgradestatusinfo", rows=True)
def infos(site: Site, _ask: Ask) -> list[Json]:
    """How far each node's upgrade is."""
    return [row | {"url": f"/api/upgradestatusinfo/{row['uuid']}"} for row in rows(site)]


@view("/api/upgradestatussummary", rows=True)
def summaries(site: Site, _ask: Ask) -> list[Json]:
    """The same in short."""
    return [row | {"url": f"/api/upgradestatussummary/{row['uuid']}"} for row in rows(site)]


@view("/api/upgradestatusinfo/{uuid}")
def one_info(site: Site, ask: Ask) -> Json:
    """How far one node's upgrade is."""
    return _row(site, ask, "UpgradeStatusInfo")


@view("/api/upgradestatussummary/{uuid}")
def one_summary(site: Site, ask: Ask) -> Json:
    """The same in short."""
    return _row(site, ask, "UpgradeStatusSummary")


def _row(site: Site, ask: Ask, model: str) -> Json:
    uuid = ask.params["uuid"]
    row = next((row for row in rows(site) if row["uuid"] == uuid), None)
    if row is None:
        raise Refused(404, f"{model} object not found!")
    return row | {"url": f"/api/{model.lower()}/{uuid}"}
