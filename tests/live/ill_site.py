"""A site of virtual services, of which something is broken: objects as a Controller lists them, and one Live of them."""

from __future__ import annotations

from live.avi.snapshot import Live, Snapshot
from live.illness.notices import notices

HOST = "https://10.0.0.1/api"
NOW = "2026-11-30T12:00:00+00:00"
CLOUD = f"{HOST}/cloud/c1#west"


def ref(api, uuid, name=""):
    return f"{HOST}/{api}/{uuid}" + (f"#{name}" if name else "")


def obj(api, name, **members):
    """An object of tenant admin in cloud west; its uuid is its type and name."""
    uuid = f"{api}-{name}"
    row = {
        "uuid": uuid,
        "name": name,
        "url": ref(api, uuid, name),
        "tenant_ref": ref("tenant", "admin", "admin"),
    }
    return {**row, "cloud_ref": CLOUD, **members}


def state(row, oper="OPER_UP", *reasons, **more):
    """The entry of an inventory of an object."""
    runtime = {"oper_status": {"state": oper, "reason": list(reasons)}, **more.pop("runtime", {})}
    return {
        "uuid": row["uuid"],
        "config": {"uuid": row["uuid"], "name": row["name"]},
        "runtime": runtime,
        **more,
    }


def service(name, **members):
    vip = ref("vsvip", f"vsvip-{name}", name)
    group = ref("serviceenginegroup", "serviceenginegroup-seg", "seg")
    return obj(
        "virtualservice", name, **{"vsvip_ref": vip, "se_group_ref": group, "enabled": True, **members}
    )


def vip(name, address="10.0.1.1", **members):
    element = {"vip_id": "0", "auto_allocate_ip": True}
    element |= {"ip_address": {"addr": address, "type": "V4"}} if address else {}
    return obj("vsvip", name, **{"vip": [element], **members})


def on(*engines):
    """The runtime of a service that these Service Engines carry."""
    carried = [{"url": ref("serviceengine", f"serviceengine-{name}")} for name in engines]
    return {"vip_summary": [{"vip_id": "0", "service_engine": carried}]}


def engine(name, oper="OPER_UP", *reasons, version="30.2.1", enabled="SE_STATE_ENABLED", **runtime):
    row = obj("serviceengine", name)
    entry = state(row, oper, *reasons, runtime={"se_connected": True, "version": version, **runtime})
    group = {
        "se_group_ref": ref("serviceenginegroup", "serviceenginegroup-seg", "seg"),
        "enable_state": enabled,
    }
    return {**entry, "config": {**entry["config"], **group}}


def pool(name, **members):
    return obj("pool", name, **members)


def counted(name, free, use="STATIC_IPS_FOR_VIP"):
    """The entry of a network in its inventory, with so many free addresses for VIPs, or another use."""
    ranges = [{"type": use, "total_ip_count": 10, "free_ip_count": free}]
    prefix = {"ip_addr": {"addr": "10.0.1.0", "type": "V4"}, "mask": 24}
    runtime = {"subnet_runtime": [{"prefix": prefix, "ip_range_runtimes": ranges}]}
    return {
        "uuid": f"network-{name}",
        "name": name,
        "config": {"uuid": f"network-{name}"},
        "runtime": runtime,
    }


def cloud(name="west", **members):
    row = {"uuid": "c1", "name": name, "url": ref("cloud", "c1", name), "tenant_ref": ref("tenant", "admin")}
    profiles = {
        "ipam_provider_ref": ref("ipamdnsproviderprofile", "ipamdnsproviderprofile-ipam", "ipam"),
        "dns_provider_ref": ref("ipamdnsproviderprofile", "ipamdnsproviderprofile-dns", "dns"),
    }
    return {**row, **profiles, **members}


def ready(oper="CLOUD_STATE_PLACEMENT_READY", reason=""):
    return [{"uuid": "c1", "config": {"name": "west"}, "status": {"state": oper, "reason": reason}}]


BROKEN = ready("CLOUD_STATE_FAILED", "vCenter: cannot complete login due to an incorrect password")


def profile(name, *networks):
    refs = [ref("network", f"network-{each}", each) for each in networks]
    usable = [{"nw_ref": each} for each in refs]
    kind = "IPAMDNS_TYPE_INTERNAL" if networks else "IPAMDNS_TYPE_INTERNAL_DNS"
    return obj("ipamdnsproviderprofile", name, type=kind, internal_profile={"usable_networks": usable})


def cluster(oper="CLUSTER_UP_HA_ACTIVE", *away):
    nodes = [
        {"name": name, "state": "CLUSTER_FAILED" if name in away else "CLUSTER_ACTIVE"}
        for name in ("node1", "node2", "node3")
    ]
    return [{"cluster_state": {"state": oper}, "node_states": nodes}]


def upgraded(name, version, oper="UPGRADE_FSM_COMPLETED", kind="NODE_SE_GROUP"):
    return {
        "uuid": f"up-{name}",
        "name": name,
        "node_type": kind,
        "version": version,
        "state": {"state": oper},
    }


def site(*declared, services=3, **objects):
    """A Live of so many healthy services; `objects` by collection, None for what was not read."""
    rows = [service(f"s{number}") for number in range(services)]
    known = {
        "cluster/runtime": cluster(),
        "cloud": [cloud()],
        "cloud-inventory": ready(),
        "license": [{"uuid": "l1", "name": "Eval", "valid_until": "2099-12-31T23:59:59", "cores": 40}],
        "licensing/ledger/details": [{"uuid": "default", "se_infos": [{"service_cores": 1.0}]}],
        "licensing/status": [{"uuid": "default"}],
        "upgradestatusinfo": [
            upgraded("cluster", "30.2.1", kind="NODE_CONTROLLER_CLUSTER"),
            upgraded("seg", "30.2.1"),
        ],
        "sslkeyandcertificate": [],
        "systemconfiguration": [{"uuid": "default"}],
        "scheduler": [],
        "backup": [],
        "alert": [],
        "serviceenginegroup": [obj("serviceenginegroup", "seg", max_se=2)],
        "serviceengine-inventory": [engine("se-1")],
        "ipamdnsproviderprofile": [profile("ipam", "front"), profile("dns")],
        "network": [obj("network", "front")],
        "network-inventory": [counted("front", 5)],
        "virtualservice": rows,
        "virtualservice-inventory": [state(row, runtime=on("se-1")) for row in rows],
        "vsvip": [vip(row["name"]) for row in rows],
        "pool": [],
        "pool-inventory": [],
        "tenant": [{"uuid": "admin", "name": "admin"}],
    }
    known |= {name.replace("_", "-"): each for name, each in objects.items()}
    read = {name: each for name, each in known.items() if each is not None}
    return Live(Snapshot("c", "30.2.1", "30.2.1", NOW, objects=read), declared)


def waiting(count, state_="OPER_RESOURCES", reason="Waiting for Service Engines", **members):
    """So many services that wait, as collections."""
    rows = [service(f"s{number}", **members) for number in range(count)]
    return {
        "virtualservice": rows,
        "virtualservice_inventory": [state(row, state_, reason) for row in rows],
        "vsvip": [vip(row["name"]) for row in rows],
    }


def bare(count):
    """So many services that wait, to whose VIPs no address was given."""
    return waiting(count) | {"vsvip": [vip(f"s{number}", address="") for number in range(count)]}


def schedule(**members):
    """A backup a day."""
    daily = {"enabled": True, "frequency": 1, "frequency_unit": "SCHEDULER_FREQUENCY_UNIT_DAY"}
    return obj("scheduler", "daily", **{**daily, "scheduler_action": "SCHEDULER_ACTION_BACKUP", **members})


def certificate(until):
    return obj("sslkeyandcertificate", "web", certificate={"not_after": until})


def roots(live):
    """What is ill of itself, in what is told."""
    return [each for each in notices(live) if not each.cause]


def root(live):
    (only,) = roots(live)
    return only
