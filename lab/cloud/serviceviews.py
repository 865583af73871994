"""Views of virtual services and VIPs: runtime, inventories, and the members that a GET adds."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from lab.cloud import engines
from lab.cloud.clouds import find
from lab.cloud.common import followed, health, oper, timestamp, uuid_of
from lab.cloud.engineviews import management_ip
from lab.cloud.services import (
    carrier,
    engine_rows,
    pools_of,
    services_on,
    standing,
    vips_of,
    vsvip_of,
)
from lab.hooks import Ask, Moment, Showing, on, view
from lab.lazy_rows import Rows
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


def status_of(site: Site, service: Object) -> Json:
    """The `OperationalStatus` of a service."""
    stands = standing(site, service)
    return oper(stands.state, stands.since, *filter(None, [stands.reason]))


def _assigned(site: Site, service: Object) -> list[Json]:
    rows: list[Json] = []
    active = _active(site, service)
    for place, (record, engine) in enumerate(engine_rows(site, service)):
        state, since = engines.engine_state(site, record)
        row: Json = {
            "ref": engine.ref,
            "url": engine.ref,
            "uuid": engine.uuid,
            "name": engine.name,
            "primary": place == 0,
            "standby": place >= active,
            "connected": state == "OPER_UP",
            "active_on_se": state == "OPER_UP" and place < active,
            "active_on_cloud": True,
            "oper_status": oper(state, since),
        }
        if (address := management_ip(engine)) is not None:
            row["mgmt_ip"] = address
        rows.append(row)
    return rows


def _wanted(site: Site, service: Object) -> int:
    group = followed(site, carrier(site, service).body, "se_group_ref")
    return engines.wanted(group) if group else 1


def _active(site: Site, service: Object) -> int:
    """How many of them carry traffic."""
    group = followed(site, carrier(site, service).body, "se_group_ref")
    return _wanted(site, service) - (engines.standbys(group) if group else 0)


def vip_summary(site: Site, service: Object) -> list[Json]:
    """One item a VIP: its state and the Service Engines that carry it [SCHEMA; a list, CLIENT]."""
    return _summary(site, service, status_of(site, service))


def _summary(site: Site, service: Object, status: Json) -> list[Json]:
    assigned = _assigned(site, service)
    up = sum(row["connected"] for row in assigned)
    wanted = _wanted(site, service)
    return [
        {
            **vip,
            "oper_status": status,
            "num_se_assigned": len(assigned),
            "num_se_requested": wanted,
            "percent_ses_up": 100 * up // wanted if wanted else 0,
            "service_engine": assigned,
        }
        for vip in vips_of(site, service)
    ]


def runtime_of(site: Site, service: Object) -> Json:
    """The runtime summary of a service [SCHEMA]."""
    status = status_of(site, service)
    vips = _summary(site, service, status)
    return {
        "oper_status": status,
        "percent_ses_up": min((vip["percent_ses_up"] for vip in vips), default=0),
        "vip_summary": vips,
    }


def _service(site: Site, ask: Ask) -> Object:
    return find(site, "virtualservice", ask.params["uuid"], "VirtualService")


@view("/api/virtualservice/{uuid}/runtime")
@view("/api/virtualservice/{uuid}/runtime/summary")
def service_runtime(site: Site, ask: Ask) -> Json:
    """The runtime of one service, a bare object [CLIENT]."""
    service = _service(site, ask)
    return {
        "uuid": service.uuid,
        "name": service.name,
        "tenant_ref": _tenant(service),
        **runtime_of(site, service),
    }


@view("/api/virtualservice/{uuid}/runtime/detail")
def service_detail(site: Site, ask: Ask) -> Json:
    """The same with the raw VIP runtime beside it [INF]."""
    service = _service(site, ask)
    runtime: Json = service_runtime(site, ask)
    return runtime | {"vip_runtime": vip_runtime(site, service)}


def inventory_row(site: Site, service: Object) -> Json:
    """A service in `/api/virtualservice-inventory` [SCHEMA]; references to others are plain, as clients read them."""
    body = service.body
    members = (
        *("name", "uuid", "enabled", "type", "fqdn", "services", "vsvip_ref", "se_group_ref", "pool_ref"),
        *("vrf_context_ref", "cloud_ref", "tenant_ref", "east_west_placement", "vh_domain_name"),
    )
    config: Json = {"url": service.ref, "uuid": service.uuid} | {m: body[m] for m in members if m in body}
    config["vip"] = vips_of(site, service)
    vsvip = vsvip_of(site, service)
    if vsvip is not None and vsvip.body.get("dns_info"):
        config["dns_info"] = vsvip.body["dns_info"]
    application = followed(site, body, "application_profile_ref")
    runtime = runtime_of(site, service)
    row: Json = {
        "uuid": service.uuid,
        "url": f"/api/virtualservice-inventory/{service.uuid}",
        "config": config,
        "runtime": runtime,
        "health_score": health(up=runtime["oper_status"]["state"] == "OPER_UP"),
        "alert": {"level": "ALERT_LOW"},
        "has_pool_with_realtime_metrics": False,
        "faults": {},
    }
    if application is not None:
        row["app_profile_type"] = application.body.get("type", "")
    if pools := pools_of(site, service):
        row["pools"] = [pool.ref for pool in pools]
    if body.get("pool_group_ref"):
        row["poolgroups"] = [body["pool_group_ref"]]
    return row


@view("/api/virtualservice-inventory", rows=True)
def service_inventory(site: Site, _ask: Ask) -> Rows:
    """Every service: configuration, runtime, health [SCHEMA]."""
    return Rows(site.store.all("virtualservice"), partial(inventory_row, site))


@view("/api/virtualservice-inventory/{uuid}")
def one_service_inventory(site: Site, ask: Ask) -> Json:
    """One service of the inventory [SCHEMA]."""
    return inventory_row(site, _service(site, ask))


def vip_runtime(site: Site, service: Object) -> list[Json]:
    """The `vip_runtime` of a GET: what was asked for, and where it runs [REC]."""
    rows: list[Json] = []
    carrying = list(engine_rows(site, service))
    wanted, active = _wanted(site, service), _active(site, service)
    serves = bool(pools_of(site, service))
    for vip in vips_of(site, service):
        row: Json = {
            "vip_id": vip["vip_id"],
            "num_additional_se": 0,
            "requested_resource": {"num_se": active, "num_standby_se": wanted - active},
        }
        if carrying:
            row["first_se_assigned_time"] = timestamp(min(record.born for record, _ in carrying))
            row["se_list"] = [
                _se_entry(vip, place, record.born, engine, serves=serves) | {"is_standby": place >= active}
                for place, (record, engine) in enumerate(carrying)
            ]
        rows.append(row)
    return rows


def _se_entry(vip: Json, place: int, born: float, engine: Object, *, serves: bool) -> Json:
    """How one Service Engine carries a VIP; only with servers behind it there is a vNIC towards them [INF]."""
    network = uuid_of(vip.get("ipam_network_subnet", {}).get("network_ref"))
    vnics = engine.body.get("data_vnics", [])
    front = next((v for v in vnics if uuid_of(v.get("network_ref")) == network), vnics[0] if vnics else {})
    address = next((item["ip"]["ip_addr"] for item in front.get("vnic_networks", [])), None)
    mac = front.get("mac_address", "")
    entry: Json = {
        "se_ref": engine.ref,
        "is_primary": place == 0,
        "sec_idx": place,
        "vcpus": engine.body.get("resources", {}).get("num_vcpus", 1),
        "memory": engine.body.get("resources", {}).get("memory", 2048),
        "vip_intf_mac": mac,
        "vip_intf_list": [{"vip_intf_mac": mac, "is_portchannel": False, "vlan_id": 0}],
        "vnic": [
            {"mac": mac, "type": "VNIC_TYPE_FE"},
            *([{"mac": mac, "type": "VNIC_TYPE_BE"}] if serves else []),
        ],
        "attach_ip_success": True,
        "attach_ip_status": "Programming Network reachability to the Virtual Service IP in the Cloud",
        "vip_subnet_mask": 32,
        "scaleout_in_progress": False,
        "incarnation": f"{datetime.fromtimestamp(born, UTC):%Y-%m%d %H:%M:%S.%f}",
    }
    if address is not None:
        entry["vip_intf_list"][0]["vip_intf_ip"] = address
    return entry


@on(Moment.READ, "virtualservice")
def runs_on(showing: Showing) -> None:
    """Show where a service runs in a GET of it [REC]."""
    if runtime := vip_runtime(showing.site, showing.obj):
        showing.body["vip_runtime"] = runtime


# -- vsvip ---------------------------------------------------------------------------------


def _vsvip_runtime(site: Site, vsvip: Object) -> list[Json]:
    using = services_on(site, vsvip)
    if not using:
        unused = oper("OPER_UNUSED", int(vsvip.body["_last_modified"]) / 1_000_000)
        return [
            {"vip_id": vip["vip_id"], "oper_status": unused, "num_se_assigned": 0, "num_se_requested": 0}
            for vip in vsvip.body.get("vip", [])
        ]
    best = next((service for service in using if standing(site, service).up), using[0])
    members = (
        "vip_id",
        "oper_status",
        "num_se_assigned",
        "num_se_requested",
        "percent_ses_up",
        "service_engine",
    )
    return [{member: row[member] for member in members} for row in vip_summary(site, best)]


@view("/api/vsvip/{uuid}/runtime")
def vsvip_runtime(site: Site, ask: Ask) -> Json:
    """How each VIP of a vsvip stands [SCHEMA]."""
    vsvip = find(site, "vsvip", ask.params["uuid"], "VsVip")
    return {"uuid": vsvip.uuid, "name": vsvip.name, "vip_summary": _vsvip_runtime(site, vsvip)}


def vsvip_row(site: Site, vsvip: Object) -> Json:
    """A vsvip in `/api/vsvip-inventory` [SCHEMA]; its runtime is that of the first VIP."""
    members = ("name", "uuid", "vip", "vrf_context_ref", "cloud_ref", "tenant_ref", "east_west_placement")
    config: Json = {member: vsvip.body[member] for member in members if member in vsvip.body}
    config |= {"url": vsvip.ref, "virtualservices": [service.ref for service in services_on(site, vsvip)]}
    row: Json = {"uuid": vsvip.uuid, "url": f"/api/vsvip-inventory/{vsvip.uuid}", "config": config}
    if rows := _vsvip_runtime(site, vsvip):
        row["runtime"] = rows[0]
    return row


@view("/api/vsvip-inventory", rows=True)
def vsvip_inventory(site: Site, _ask: Ask) -> Rows:
    """Every vsvip: configuration and runtime [SCHEMA]."""
    return Rows(site.store.all("vsvip"), partial(vsvip_row, site))


@view("/api/vsvip-inventory/{uuid}")
def one_vsvip_inventory(site: Site, ask: Ask) -> Json:
    """One vsvip of the inventory [SCHEMA]."""
    return vsvip_row(site, find(site, "vsvip", ask.params["uuid"], "VsVip"))


def _tenant(obj: Object) -> str:
    return str(obj.body.get("tenant_ref", "/api/tenant/admin"))
