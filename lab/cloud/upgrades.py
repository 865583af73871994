"""Upgrades: the image version of the Controller and of each Service Engine group, and a half of them that is not done.

What `upgradestatusinfo` and `upgradestatussummary` show [SCHEMA members and states, INF values]. `POST /lab/upgrade`
brings it about: the groups that are named have come along, all others have not. While the Controller itself is under
way nobody writes anything [CLIENT text]; what stands on a group left behind takes no member newer than its image [DOC;
INF words].
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from avi_schema import Message, Schema, Version, dotted, parse_version
from lab.cloud.common import note_event, timestamp
from lab.hooks import Ask, Change, Moment, on, view
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site

DONE, PAUSED, RUNNING = "UPGRADE_FSM_COMPLETED", "UPGRADE_FSM_PAUSED", "UPGRADE_FSM_SE_UPGRADE_IN_PROGRESS"
CONTROLLER = "UPGRADE_FSM_IN_PROGRESS"


def upgrade(  # noqa: PLR0913 -- the members of the control plane's request
    site: Site, *, to: Any = "", groups: Any = (), paused: Any = False, since: Any = "", controller: Any = ""
) -> Json:
    """The Controller is on another image, and of the Service Engine groups those named are. Raises Refused (400).

    `since` is the image of the groups left behind, this lab's own version when none is given; `controller` is
    "in progress" while the Controller itself is under way.
    """
    if not isinstance(to, str) or not to or not isinstance(groups, list | tuple):
        raise Refused(400, 'an upgrade is {"to": "30.2.2", "groups": [names], "paused": true}')
    if controller not in ("", "in progress") or (since and not _is_version(since)):
        raise Refused(400, 'of an upgrade, controller is "in progress", and since a version such as "22.1.7"')
    known = {group.name: group.uuid for group in site.store.all("serviceenginegroup")}
    if unknown := [name for name in groups if name not in known]:
        raise Refused(400, f"no Service Engine group {unknown[0]!r}; there are {', '.join(sorted(known))}")
    site.memory["upgrade"] = {
        "to": to,
        "from": since,
        "groups": [known[name] for name in groups],
        "paused": paused is True,
        "running": bool(controller),
        "since": site.clock.now(),
    }
    cluster = next(site.store.all("cluster"))
    note_event(
        site, "SYSTEM_UPGRADE_PAUSED" if paused else "SYSTEM_UPGRADE", "cluster", cluster.uuid, f"to {to}"
    )
    return {"nodes": [row["name"] + " " + row["version"] for row in rows(site)]}


def _is_version(written: Any) -> bool:
    try:
        return bool(parse_version(written))
    except (AttributeError, TypeError, ValueError):
        return False


def closed(site: Site) -> bool:
    """Whether the Controller takes no configuration, as it is under way itself."""
    return bool(site.memory.get("upgrade", {}).get("running"))


@on(Moment.CHECK, "serviceenginegroup", "virtualservice")
def no_newer_members(change: Change) -> None:
    """What stands on a group left behind by an upgrade takes no value that its image does not know [DOC; INF words]."""
    site, new = change.site, change.new
    under_way = site.memory.get("upgrade", {})
    group = new.uuid if new.type == "serviceenginegroup" else str(new.body.get("se_group_ref", ""))
    if not under_way.get("from") or at_current(site, group.rpartition("/")[2]):
        return
    image, old = under_way["from"], change.old.body if change.old is not None else {}
    message = site.schema.types[new.type].message
    for path in _newer(site.schema, message, new.body, old, (parse_version(image), site.version)):
        raise Refused(400, f"{path} of {new.name} needs a Service Engine group that is newer than {image}")


def _newer(
    schema: Schema, message: Message, body: Json, old: Any, versions: tuple[Version, Version]
) -> Iterator[str]:
    """The members of a body that the older version does not have, and that are neither a default nor as before."""
    before = old if isinstance(old, dict) else {}
    for key, value in body.items():
        field = message.fields.get(key)
        if field is None or value == before.get(key):
            continue
        if not field.lives(versions[0]):
            if field.lives(versions[1]) and not field.read_only and value != field.default_at(versions[1]):
                yield key
        elif field.message is not None:
            inside = schema.message(field.message)
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    known = before.get(key) if isinstance(value, dict) else None
                    yield from (f"{key}.{at}" for at in _newer(schema, inside, each, known, versions))


def image(site: Site, group: str) -> str:
    """The image version of a Service Engine group, by its uuid."""
    new, old = _images(site)
    return new if at_current(site, group) else old


def _images(site: Site) -> tuple[str, str]:
    """The image versions of what has come along with an upgrade, and of what was left behind."""
    under_way = site.memory.get("upgrade", {})
    old = under_way.get("from") or dotted(site.version)
    return under_way.get("to", old), old


def at_current(site: Site, group: str) -> bool:
    """Whether a Service Engine group has the Controller's own image."""
    under_way = site.memory.get("upgrade", {})
    return not under_way or group in under_way["groups"]


def rows(site: Site) -> list[Json]:
    """The Controller, then each group: image version and state."""
    under_way = site.memory.get("upgrade", {})
    (new, old), since = _images(site), under_way.get("since", site.clock.now())
    nodes: list[tuple[Object, str]] = [
        (each, "NODE_CONTROLLER_CLUSTER") for each in site.store.all("cluster")
    ]
    nodes += [(group, "NODE_SE_GROUP") for group in site.store.all("serviceenginegroup")]
    listed = []
    for obj, kind in nodes:
        ahead = kind == "NODE_CONTROLLER_CLUSTER" and not closed(site)
        along = ahead or at_current(site, obj.uuid)
        state = DONE if along else PAUSED if under_way["paused"] else RUNNING
        if not along and kind == "NODE_CONTROLLER_CLUSTER":
            state = CONTROLLER
        row: Json = {
            "uuid": obj.uuid,
            "name": obj.name,
            "node_type": kind,
            "version": new if along else old,
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
