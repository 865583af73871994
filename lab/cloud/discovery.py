"""Discovery of a vCenter by its cloud: every port group becomes a `network` and a `vimgrnwruntime` of one uuid.

The uuid is `dvportgroup-<number>-cloud-<cloud uuid4>` [REC] and lasts for the port group's life, whatever is
edited. New networks stand in VRF `global` and tenant admin [REC]. A port group that leaves vCenter takes its
runtime object with it and leaves the `network` behind as a ghost [INF].
"""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_interface
from typing import TYPE_CHECKING

from lab.cloud.clouds import (
    datacenter_of,
    find,
    follow_datacenter,
    global_vrf,
    integration,
    vcenter_for,
    vcenter_of,
    vcenter_runtime,
)
from lab.cloud.common import amend, prefix_json, store, uuid_of
from lab.cloud.integrations import BAD_CREDENTIALS, DISCOVERING
from lab.datacenter.inventory import Inventory, vcenters
from lab.datacenter.model import Cluster, Datacenter, Entity, Host, PortGroup, Switch, Vm
from lab.hooks import Ask, Change, Moment, on, view
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


def discovered_uuid(entity: Entity, cloud: Object) -> str:
    """The uuid a discovered entity bears in a cloud: `dvportgroup-32-cloud-<uuid4>`."""
    return f"{entity.moid}-{cloud.uuid}"


@on(Moment.DISCOVERED, "cloud")
def discover_at_once(change: Change) -> None:
    """Discover at once when a cloud has been written."""
    sync(change.site, force=True)


def sync(site: Site, *, force: bool = False) -> None:
    """Bring every vCenter cloud's discovered objects in line with vCenter, if anything may have changed."""
    revision = [(address, vcenter.revision) for address, vcenter in vcenters(site).items()]
    if not force and site.memory.get("discovered") == revision:
        return
    waiting = False
    for each in site.store.all("cloud"):
        follow_datacenter(site, each)
    for cloud in site.store.all("cloud"):
        datacenter = datacenter_of(site, cloud)
        if datacenter is None:
            continue
        stands = integration(site, cloud)
        if stands is DISCOVERING:
            waiting = True
        elif stands is not BAD_CREDENTIALS:
            discover(site, cloud, datacenter)
    site.memory["discovered"] = None if waiting else revision


def discover(site: Site, cloud: Object, datacenter: Datacenter) -> None:
    """Make and refresh the objects of one cloud."""
    model = _vcenter(site, cloud)
    groups = {discovered_uuid(g, cloud): g for g in model.below(PortGroup, datacenter) if not g.uplink}
    for stale in [
        o for o in site.store.all("vimgrnwruntime") if o.cloud == cloud.uuid and o.uuid not in groups
    ]:
        site.store.remove(stale)
        if (ghost := site.store.get("network", stale.uuid)) is not None:
            amend(site, ghost, {"vimgrnw_ref": None})
    shared: Json = {
        "type": "CLOUD_VCENTER",
        "dvs": True,
        "auto_expand": True,
        "interested_nw": True,
        "datacenter_uuid": discovered_uuid(datacenter, cloud),
        "host_refs": hosts(site, cloud, datacenter, model),
    }
    seen = _subnets_seen(model, datacenter)
    for uuid, group in groups.items():
        _runtime(site, cloud, group, shared, seen.get(group.moid, Counter()))
        if (known := site.store.get("network", uuid)) is None:
            _network(site, cloud, uuid, group)
        elif known.name != group.name:
            amend(site, known, {"name": group.name})
    vcenter_runtime(site, cloud)


def _vcenter(site: Site, cloud: Object) -> Inventory:
    vcenter = vcenter_for(site, cloud)
    assert vcenter is not None  # a cloud is bound to a datacenter, which is in a vCenter
    return vcenter


def hosts(
    site: Site, cloud: Object, datacenter: Datacenter, model: Inventory, kind: str = "CLOUD_VCENTER"
) -> list[str]:
    """Keep datacenter, clusters and hosts as runtime objects, for include lists [SCHEMA]; the hosts' references."""
    where = {"type": kind}
    ids = {e.moid: discovered_uuid(e, cloud) for e in model.entities.values()}
    of_host = {h.moid: f"/api/vimgrhostruntime/{ids[h.moid]}" for h in model.below(Host, datacenter)}
    clusters = list(model.below(Cluster, datacenter))
    for cluster in clusters:
        inside = [h for h in model.below(Host, datacenter) if h.parent == cluster.moid]
        for host in inside:
            body: Json = {
                "name": host.name,
                "managed_object_id": host.moid,
                "cluster_name": cluster.name,
                "cluster_uuid": ids[cluster.moid],
                "num_cpu_cores": host.cpus,
                "mem": host.memory,
                "maintenance_mode": host.maintenance,
                "connection_state": "connected" if host.connected else "disconnected",
                "powerstate": "poweredOn",
                **where,
            }
            store_if_new(site, "vimgrhostruntime", ids[host.moid], body, cloud)
        body = {
            "name": cluster.name,
            "managed_object_id": cluster.moid,
            "datacenter_managed_object_id": datacenter.moid,
            "datacenter_uuid": ids[datacenter.moid],
            "host_refs": [of_host[h.moid] for h in inside],
            **where,
        }
        store_if_new(site, "vimgrclusterruntime", ids[cluster.moid], body, cloud)
    body = {
        "name": datacenter.name,
        "managed_object_id": datacenter.moid,
        "cluster_refs": [f"/api/vimgrclusterruntime/{ids[c.moid]}" for c in clusters],
        "host_refs": list(of_host.values()),
        **where,
    }
    store_if_new(site, "vimgrdcruntime", ids[datacenter.moid], body, cloud)
    return list(of_host.values())


def store_if_new(site: Site, kind: str, uuid: str, body: Json, cloud: Object) -> None:
    """Keep a runtime object; one that says the same stays as it is, `_last_modified` too."""
    known = site.store.get(kind, uuid)
    if known is None or any(known.body.get(member) != value for member, value in body.items()):
        store(site, kind, uuid, body, cloud=cloud.uuid)


def _subnets_seen(model: Inventory, datacenter: Datacenter) -> dict[str, Counter[str]]:
    """How many guest addresses vCenter reports per subnet, by port group."""
    seen: dict[str, Counter[str]] = {}
    for vm in model.below(Vm, datacenter):
        for nic in vm.nics:
            for address in nic.addresses:
                seen.setdefault(nic.portgroup, Counter())[str(ip_interface(address).network)] += 1
    return seen


def _runtime(site: Site, cloud: Object, group: PortGroup, shared: Json, seen: Counter[str]) -> None:
    model = _vcenter(site, cloud)
    uuid = discovered_uuid(group, cloud)
    managed = uuid_of((vcenter_of(cloud) or {}).get("management_network")) == uuid
    body: Json = {
        **shared,
        "name": group.name,
        "managed_object_id": group.moid,
        "switch_name": model.get(Switch, group.switch).name,
        "num_ports": group.ports,
        "vlan": group.vlan,
        "MgmtNW": managed,
        "ip_subnet": [
            {"prefix": prefix_json(ip_interface(text).network), "ref_count": count}
            for text, count in sorted(seen.items())
        ],
    }
    if group.trunk:
        body["vlan_range"] = [{"start": first, "end": last} for first, last in group.trunk]
    before = site.store.get("vimgrnwruntime", uuid)
    if before is not None and not body["ip_subnet"]:
        # Guests that reported a subnet once are remembered while none reports now.
        body["ip_subnet"] = before.body.get("ip_subnet", [])
    known = site.store.get("network", uuid)
    body["vrf_context_ref"] = known.body["vrf_context_ref"] if known else global_vrf(site, cloud)
    store_if_new(site, "vimgrnwruntime", uuid, {k: v for k, v in body.items() if v != []}, cloud)


def _network(site: Site, cloud: Object, uuid: str, group: PortGroup) -> None:
    body: Json = {
        "name": group.name,
        "vrf_context_ref": global_vrf(site, cloud),
        "vimgrnw_ref": f"/api/vimgrnwruntime/{uuid}",
        "dhcp_enabled": True,
        # Both recorded on discovered networks, against the schema's defaults [REC].
        "ip6_autocfg_enabled": False,
        "synced_from_se": True,
        "vcenter_dvs": True,
    }
    store(site, "network", uuid, body, cloud=cloud.uuid)


@on(Moment.BEFORE, "network")
def keep_discovery(change: Change) -> None:
    """A client's PUT does not take the link to the discovered port group away: the member is read-only."""
    if change.old is not None and "vimgrnw_ref" in change.old.body:
        change.new.body["vimgrnw_ref"] = change.old.body["vimgrnw_ref"]


@on(Moment.STORED, "network")
def follow_vrf(change: Change) -> None:
    """The runtime object names the VRF its network stands in."""
    runtime = change.site.store.get("vimgrnwruntime", change.new.uuid)
    if runtime is not None and (vrf := change.new.body.get("vrf_context_ref")) is not None:
        amend(change.site, runtime, {"vrf_context_ref": vrf}, stamp=False)


@view("/api/vimgrvcenterruntime/{uuid}/subfolders")
def subfolders(site: Site, ask: Ask) -> Json:
    """The VM folders of the datacenter [INF: shape]."""
    cloud = site.store.get(
        "cloud", find(site, "vimgrvcenterruntime", ask.params["uuid"], "VIMgrVcenterRuntime").cloud
    )
    datacenter = datacenter_of(site, cloud) if cloud else None
    vcenter = vcenter_for(site, cloud) if cloud else None
    names = (
        sorted({vcenter.path(vm) for vm in vcenter.below(Vm, datacenter)}) if vcenter and datacenter else []
    )
    return {"folders": [name for name in names if name]}
