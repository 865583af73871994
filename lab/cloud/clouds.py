"""State of clouds: how far the integration with vCenter or NSX-T is, with the views of it.

The states follow the steps of the vCenter wizard [CLIENT]: credentials -> waiting for a datacenter ->
complete without management network (the cloud is FAILED) -> complete (the cloud is PLACEMENT_READY). Times
are [INF].
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from avi_schema import dotted
from lab.cloud.common import amend, date_text, followed, in_cloud, shown, store, uuid_of
from lab.cloud.integrations import (
    BAD_CREDENTIALS,
    DISCOVERING,
    IN_PROGRESS,
    INTEGRATED,
    NO_DATACENTER_YET,
    NO_MANAGEMENT,
    NO_SUCH_DATACENTER,
    NOT_CONNECTED,
    READY,
    UNORCHESTRATED,
    Integration,
    failed,
)
from lab.cloud.nsxt import management_segment, nsxt_integration, nsxt_of
from lab.datacenter.inventory import Inventory, vcenter_at
from lab.datacenter.model import Cluster, Datacenter, Host, PortGroup, Vm
from lab.hooks import Ask, Change, Moment, Showing, on, view
from lab.lazy_rows import Rows
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site


def vcenter_of(cloud: Object) -> Json | None:
    """The vCenter configuration of a cloud that works with one; None for any other."""
    config = cloud.body.get("vcenter_configuration")
    if cloud.body.get("vtype") != "CLOUD_VCENTER" or not isinstance(config, dict):
        return None
    return config if config.get("privilege", "WRITE_ACCESS") != "NO_ACCESS" else None


def vcenter_for(site: Site, cloud: Object) -> Inventory | None:
    """The vCenter a vCenter cloud names; None where the site has none of that address."""
    config = vcenter_of(cloud)
    return vcenter_at(site, config.get("vcenter_url")) if config is not None else None


def datacenter_of(site: Site, cloud: Object) -> Datacenter | None:
    """The datacenter a cloud is bound to, when its vCenter is this site's and has it."""
    config, vcenter = vcenter_of(cloud), vcenter_for(site, cloud)
    if config is None or vcenter is None or not config.get("datacenter"):
        return None
    return next((dc for dc in vcenter.of(Datacenter) if dc.name == config["datacenter"]), None)


def follow_datacenter(site: Site, cloud: Object) -> None:
    """Give a cloud the new name of its datacenter, which vCenter has renamed: it is known by its id [DOC]."""
    config, vcenter = vcenter_of(cloud), vcenter_for(site, cloud)
    known = site.memory.get("datacenters", {}).get(cloud.uuid)
    if config is None or vcenter is None or known is None or datacenter_of(site, cloud) is not None:
        return
    renamed = vcenter.entities.get(known)
    if isinstance(renamed, Datacenter):
        amend(site, cloud, {"vcenter_configuration": {**config, "datacenter": renamed.name}})


def bound_since(site: Site, cloud: str) -> float | None:
    """When a cloud was bound to its datacenter; None when it is not."""
    known: dict[str, float] = site.memory.setdefault("bound", {})
    return known.get(cloud)


def integration(site: Site, cloud: Object) -> Integration:
    """How a cloud stands now."""
    if nsxt := nsxt_of(cloud):
        return nsxt_integration(site, cloud, nsxt)
    config = vcenter_of(cloud)
    return UNORCHESTRATED if config is None else _with_vcenter(site, cloud, config)


def _with_vcenter(site: Site, cloud: Object, config: Json) -> Integration:
    """How a vCenter cloud stands now: the first state whose condition holds."""
    vcenter = vcenter_for(site, cloud)
    if vcenter is None:
        return NOT_CONNECTED
    if not vcenter.admits(str(config.get("username", "")), str(config.get("password", ""))):
        return BAD_CREDENTIALS
    if not config.get("datacenter"):
        return NO_DATACENTER_YET
    since = bound_since(site, cloud.uuid)
    if datacenter_of(site, cloud) is None or since is None:
        return NO_SUCH_DATACENTER
    if site.clock.now() < since + site.pace.discovery:
        return DISCOVERING
    return _deployable(vcenter, config)


def _deployable(vcenter: Inventory, config: Json) -> Integration:
    """Whether Service Engines can be deployed in a vCenter: content library and management network."""
    library = config.get("content_lib") or {}
    known = vcenter.libraries.get(str(library.get("id")))
    if config.get("use_content_lib") and not known and vcenter.libraries:
        return failed(
            f"Content library {library.get('name') or library.get('id') or ''} not found in vCenter"
        )
    return INTEGRATED if config.get("management_network") else NO_MANAGEMENT


def makes_engines(cloud: Object | None) -> bool:
    """Whether the Controller makes the Service Engines of a cloud of this type; else they register themselves."""
    return cloud is not None and cloud.body.get("vtype") in ("CLOUD_VCENTER", "CLOUD_NSXT")


def can_place(site: Site, cloud: Object) -> bool:
    """Whether services of this cloud can get Service Engines: it can make them, or some have registered."""
    if not makes_engines(cloud):
        return any(True for _ in in_cloud(site, "serviceengine", cloud.uuid))
    if nsxt_of(cloud):
        return integration(site, cloud).state == READY
    config = vcenter_of(cloud)
    return (
        config is not None
        and config.get("privilege", "WRITE_ACCESS") == "WRITE_ACCESS"
        and (integration(site, cloud).state == READY)
    )


@on(Moment.BEFORE, "cloud")
def fixed_binding(change: Change) -> None:
    """Refuse another vCenter or datacenter under a cloud that is bound to one [INF]."""
    was, now = (obj.body.get("vcenter_configuration") or {} for obj in (change.old or change.new, change.new))
    for member in ("vcenter_url", "datacenter"):
        if (
            was.get(member)
            and now.get(member)
            and was[member] != now[member]
            and was.get("management_network")
        ):
            raise Refused(400, f"Changing {member} of a vCenter cloud is not supported")


@on(Moment.STORED, "cloud")
def bind(change: Change) -> None:
    """Note when a cloud was bound to its datacenter."""
    site, cloud = change.site, change.new
    known: dict[str, float] = site.memory.setdefault("bound", {})
    if datacenter_of(site, cloud) is None:
        known.pop(cloud.uuid, None)
    else:
        known.setdefault(cloud.uuid, site.clock.now())
    if (network := management_network(site, cloud)) is not None:
        # It is found by its name: renamed in vCenter, it is lost until the cloud is written again [DOC].
        site.memory.setdefault("management_names", {})[cloud.uuid] = network.name
    if (datacenter := datacenter_of(site, cloud)) is not None:
        site.memory.setdefault("datacenters", {})[cloud.uuid] = datacenter.moid
    vcenter_runtime(site, cloud)


@on(Moment.DELETED, "cloud")
def unbind(change: Change) -> None:
    """Forget a deleted cloud."""
    change.site.memory.setdefault("bound", {}).pop(change.new.uuid, None)


def vcenter_runtime(site: Site, cloud: Object) -> None:
    """Keep the vCenter's runtime object of a cloud (served up to 21.1 only)."""
    uuid = f"vcenter-{cloud.uuid}"
    config, model = vcenter_of(cloud), vcenter_for(site, cloud)
    if config is None:
        if (gone := site.store.get("vimgrvcenterruntime", uuid)) is not None:
            site.store.remove(gone)
        return
    datacenter = datacenter_of(site, cloud)
    body: Json = {
        "name": config.get("vcenter_url", ""),
        "vcenter_url": config.get("vcenter_url", ""),
        "username": config.get("username", ""),
        "password": "<sensitive>",
        "type": "CLOUD_VCENTER",
        "privilege": config.get("privilege", "WRITE_ACCESS"),
        "num_dcs": len(list(model.of(Datacenter))) if model else 0,
    }
    if model is not None and datacenter is not None:
        body["discovered_datacenter"] = datacenter.name
        for member, kind in (("clusters", Cluster), ("hosts", Host), ("nws", PortGroup), ("vms", Vm)):
            body[f"num_{member}"] = len(list(model.below(kind, datacenter)))
    if config.get("management_network"):
        body["management_network"] = uuid_of(config["management_network"])
    store(site, "vimgrvcenterruntime", uuid, body, cloud=cloud.uuid)


@on(Moment.READ, "vimgrvcenterruntime")
def discovery_progress(showing: Showing) -> None:
    """Say how far the discovery is [CLIENT: init_system polls inventory_state]."""
    site = showing.site
    cloud = site.store.get("cloud", showing.obj.cloud)
    if cloud is None:
        return
    stands = integration(site, cloud)
    since = bound_since(site, cloud.uuid)
    showing.body |= {
        "inventory_state": stands.inventory,
        "inventory_progress": f"{stands.progress}%",
        "progress": stands.progress,
        "vcenter_connected": stands.inventory != "VCENTER_DISCOVERY_FAILURE",
    }
    if since is not None:
        showing.body["disc_start_time"] = date_text(since)
        showing.body["disc_end_time"] = date_text(since + site.pace.discovery)


def status_of(site: Site, cloud: Object) -> Json:
    """The `CloudStatus` of a cloud [SCHEMA]."""
    stands = integration(site, cloud)
    body: Json = {"cc_id": cloud.uuid, "state": stands.state}
    if stands.reason:
        body["reason"] = stands.reason
    if can_place(site, cloud):
        version = dotted(site.version)
        body["se_image_state"] = [{"state": "IMG_GEN_COMPLETE", "version": version}]
    return body


def find(site: Site, kind: str, uuid: str, model: str) -> Object:
    """The object a view's path names. Raises Refused 404 `<Model> object not found!` [REC]."""
    obj = site.store.get(kind, uuid)
    if obj is None:
        raise Refused(404, f"{model} object not found!")
    return obj


@view("/api/cloud/{uuid}/status")
def cloud_status(site: Site, ask: Ask) -> Json:
    """How a cloud stands [SCHEMA]."""
    return status_of(site, find(site, "cloud", ask.params["uuid"], "Cloud"))


@view("/api/cloud/{uuid}/runtime")
def cloud_runtime(site: Site, ask: Ask) -> Json:
    """Whether a cloud's networks are all known [SCHEMA]."""
    return _sync(site, find(site, "cloud", ask.params["uuid"], "Cloud"))


def _sync(site: Site, cloud: Object) -> Json:
    return {
        "uuid": cloud.uuid,
        "name": cloud.name,
        "tenant_ref": cloud.body.get("tenant_ref", "/api/tenant/admin"),
        "network_sync_complete": integration(site, cloud).state != IN_PROGRESS,
    }


@view("/api/cloudruntime", rows=True)
def cloud_runtimes(site: Site, _ask: Ask) -> list[Json]:
    """The same of every cloud, by its name [EXP]; that they bear the clouds' uuids is [INF]."""
    return [_sync(site, each) | {"url": f"/api/cloudruntime/{each.uuid}"} for each in site.store.all("cloud")]


@view("/api/cloudruntime/{uuid}")
def one_cloud_runtime(site: Site, ask: Ask) -> Json:
    """The same of one cloud."""
    cloud = find(site, "cloud", ask.params["uuid"], "CloudRuntime")
    return _sync(site, cloud) | {"url": f"/api/cloudruntime/{cloud.uuid}"}


def inventory_row(site: Site, cloud: Object, version: tuple[int, ...]) -> Json:
    """A cloud in `/api/cloud-inventory` [SCHEMA]."""
    row: Json = {
        "uuid": cloud.uuid,
        "url": f"/api/cloud-inventory/{cloud.uuid}",
        "config": shown(site, cloud, version),
        "status": status_of(site, cloud),
    }
    first = site.store.at(global_vrf(site, cloud))
    if first is not None:
        members = ("name", "uuid", "system_default", "lldp_enable", "tenant_ref", "cloud_ref")
        row["mvrf"] = {"url": first.ref} | {key: first.body[key] for key in members if key in first.body}
    return row


@view("/api/cloud-inventory", rows=True)
def cloud_inventory(site: Site, ask: Ask) -> Rows:
    """Every cloud, its configuration and its status [SCHEMA]."""
    return Rows(site.store.all("cloud"), partial(inventory_row, site, version=ask.version))


@view("/api/cloud-inventory/{uuid}")
def one_cloud_inventory(site: Site, ask: Ask) -> Json:
    """One cloud of the inventory [SCHEMA]."""
    return inventory_row(site, find(site, "cloud", ask.params["uuid"], "Cloud"), ask.version)


def management_network(site: Site, cloud: Object) -> Object | None:
    """The network object of a cloud's management network: the same uuid as the vimgrnwruntime it names.

    Of an NSX-T cloud, that of the management segment.
    """
    if nsxt := nsxt_of(cloud):
        return segment_network(site, cloud, management_segment(nsxt))
    config = vcenter_of(cloud) or {}
    return site.store.get("network", uuid_of(config.get("management_network")))


def segment_network(site: Site, cloud: Object, path: str) -> Object | None:
    """The network that a segment was discovered as, by the segment's path."""
    runtimes = in_cloud(site, "nsxtsegmentruntime", cloud.uuid)
    runtime = next((each for each in runtimes if each.body.get("segment_id") == path), None)
    return site.store.get("network", runtime.uuid) if runtime is not None else None


def named_vrf(site: Site, cloud: Object, name: str) -> str:
    """The canonical reference of tenant admin's VRF context of a name in a cloud."""
    contexts = site.store.named("vrfcontext", name, tenant=cloud.tenant, cloud=cloud.uuid)
    return contexts[0].ref if contexts else ""


def global_vrf(site: Site, cloud: Object) -> str:
    """The canonical reference of a cloud's VRF `global`."""
    return named_vrf(site, cloud, "global")


def profile(site: Site, cloud: Object | None, member: str) -> Object | None:
    """The IPAM or DNS profile attached to a cloud under `ipam_provider_ref` or `dns_provider_ref`."""
    return followed(site, cloud.body, member) if cloud else None
