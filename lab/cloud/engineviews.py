"""Views of Service Engines and of their groups: runtime and inventory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lab.cloud.clouds import find
from lab.cloud.common import date_text, health, oper, parse_ip, shown
from lab.cloud.engines import POWERED_OFF, Engine, engine_state, engines, of_group, outages, up_at
from lab.cloud.upgrades import at_current, image
from lab.hooks import Ask, view
from lab.lazy_rows import Rows
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


def management_ip(engine: Object) -> Json | None:
    """The management address of a Service Engine, as an `IpAddr`."""
    for item in engine.body.get("mgmt_vnic", {}).get("vnic_networks", []):
        if parse_ip(item.get("ip", {}).get("ip_addr")) is not None:
            return dict(item["ip"]["ip_addr"])
    return None


def runtime_of(site: Site, engine: Object) -> Json:
    """The `ServiceEngineRuntimeSummary` of an engine [SCHEMA]; connected once it initializes [INF]."""
    record = engines(site).get(engine.uuid) or Engine(engine.uuid, "", 0.0, None)
    state, since = engine_state(site, record)
    up = state == "OPER_UP"
    outage = outages(site).get(engine.uuid) if state == "OPER_DOWN" else None
    off = outage is not None and outage.reason == POWERED_OFF
    body: Json = {
        "oper_status": oper(state, since, *([outage.reason] if outage else [])),
        "se_connected": state in ("OPER_UP", "OPER_DISABLED"),
        "power_state": "SE_POWER_OFF" if off else "SE_POWER_ON",
        "license_state": "LICENSE_STATE_LICENSED",
        "migrate_state": "SE_MIGRATE_STATE_IDLE",
        "at_curr_ver": at_current(site, record.group),
        "gateway_up": up,
        "bgp_peers_up": False,
        "sufficient_memory": True,
        "vinfra_discovered": True,
        "inband_mgmt": False,
    }
    if up:
        body |= {"online_since": date_text(up_at(site, record)), "version": image(site, record.group)}
        heard = date_text(site.clock.now())
        body["hb_status"] = {
            "last_hb_req_sent": heard,
            "last_hb_resp_recv": heard,
            "num_hb_misses": 0,
            "num_outstanding_hb": 0,
        }
    if outage is not None:
        missed = int(site.clock.now() - outage.since)
        body["hb_status"] = {
            "last_hb_req_sent": date_text(site.clock.now()),
            "last_hb_resp_recv": date_text(outage.since),
            "num_hb_misses": missed,
            "num_outstanding_hb": missed,
        }
    return body


def inventory_row(site: Site, engine: Object) -> Json:
    """An engine in `/api/serviceengine-inventory` [SCHEMA]."""
    members = ("name", "uuid", "enable_state", "se_group_ref", "host_ref", "cloud_ref", "tenant_ref")
    config: Json = {"url": engine.ref, "uuid": engine.uuid}
    config |= {member: engine.body[member] for member in members if member in engine.body}
    if (address := management_ip(engine)) is not None:
        config["mgmt_ip_address"] = address
    record = engines(site).get(engine.uuid)
    if record is not None and record.carries:
        config["vs_refs"] = [f"/api/virtualservice/{uuid}" for uuid in sorted(record.carries)]
    runtime = runtime_of(site, engine)
    return {
        "uuid": engine.uuid,
        "url": f"/api/serviceengine-inventory/{engine.uuid}",
        "config": config,
        "runtime": runtime,
        "health_score": health(up=runtime["oper_status"]["state"] == "OPER_UP"),
        "alert": {"level": "ALERT_LOW"},
    }


@view("/api/serviceengine-inventory", rows=True)
def engine_inventory(site: Site, _ask: Ask) -> Rows:
    """Every Service Engine: configuration, runtime, health [SCHEMA]."""
    return Rows(site.store.all("serviceengine"), partial(inventory_row, site))


@view("/api/serviceengine-inventory/{uuid}")
def one_engine_inventory(site: Site, ask: Ask) -> Json:
    """One Service Engine of the inventory [SCHEMA]."""
    return inventory_row(site, find(site, "serviceengine", ask.params["uuid"], "ServiceEngine"))


@view("/api/serviceengine/{uuid}/runtime")
@view("/api/serviceengine/{uuid}/runtime/summary")
@view("/api/serviceengine/{uuid}/runtime/detail")
def engine_runtime(site: Site, ask: Ask) -> Json:
    """The runtime of one Service Engine, a bare object [INF: shape of the summary]."""
    engine = find(site, "serviceengine", ask.params["uuid"], "ServiceEngine")
    return {"uuid": engine.uuid, "name": engine.name, **runtime_of(site, engine)}


def group_row(site: Site, group: Object, version: tuple[int, ...]) -> Json:
    """A group in `/api/serviceenginegroup-inventory`, the misspelt member included [SCHEMA]."""
    mates = of_group(site, group.uuid)
    row: Json = {
        "uuid": group.uuid,
        "url": f"/api/serviceenginegroup-inventory/{group.uuid}",
        "config": shown(site, group, version),
    }
    if mates:
        row["serviceengins"] = [f"/api/serviceengine/{engine.uuid}" for engine in mates]
    if carried := sorted({uuid for engine in mates for uuid in engine.carries}):
        row["virtualservices"] = [f"/api/virtualservice/{uuid}" for uuid in carried]
    return row


@view("/api/serviceenginegroup-inventory", rows=True)
def group_inventory(site: Site, ask: Ask) -> Rows:
    """Every Service Engine group with its engines and services [SCHEMA]."""
    return Rows(site.store.all("serviceenginegroup"), partial(group_row, site, version=ask.version))


@view("/api/serviceenginegroup-inventory/{uuid}")
def one_group_inventory(site: Site, ask: Ask) -> Json:
    """One group of the inventory [SCHEMA]."""
    return group_row(
        site, find(site, "serviceenginegroup", ask.params["uuid"], "ServiceEngineGroup"), ask.version
    )


@view("/api/serviceenginegroup/{uuid}/runtime")
def group_runtime(site: Site, ask: Ask) -> Json:
    """How many engines a group has, and carries with [INF]."""
    group = find(site, "serviceenginegroup", ask.params["uuid"], "ServiceEngineGroup")
    mates = of_group(site, group.uuid)
    return {
        "uuid": group.uuid,
        "name": group.name,
        "num_se": len(mates),
        "se_refs": [f"/api/serviceengine/{engine.uuid}" for engine in mates],
    }
