"""Discovery of an NSX-T manager by its cloud: a VRF context for each T1 gateway or VPC, a network for each segment.

Nothing of it was recorded: names are NSX-T's own, `attrs` name the path (`tier1path` [CLIENT], `segmentid` [INF]), the
management segment stands in VRF context `management` [INF], all belongs to tenant admin [INF]. A segment that leaves
takes its runtime object with it and leaves its network behind, as with vCenter [INF].
"""

from __future__ import annotations

from ipaddress import ip_interface, ip_network
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from lab.cloud.clouds import global_vrf, named_vrf
from lab.cloud.common import amend, cloud_of, in_cloud, ip_json, prefix_json, store
from lab.cloud.discovery import hosts
from lab.cloud.fitting import fit
from lab.cloud.nsxt import (
    NSXT,
    TIER1_PATH,
    credentials,
    data_segments,
    gateways,
    in_vpcs,
    is_overlay,
    management_segment,
    manager_of,
    nsxt_of,
    public_subnet,
    tier1_vrf,
    vcenter_behind,
    vcenter_servers,
)
from lab.datacenter.model import Datacenter
from lab.datacenter.nsx import NsxManager, Segment, Vpc, managers
from lab.hooks import Change, Moment, on
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


@on(Moment.DISCOVERED, "cloud", "vcenterserver")
def discover_segments_at_once(change: Change) -> None:
    """Discover at once when an NSX-T cloud, or a vCenter server of one, has been written."""
    cloud = change.new if change.new.type == "cloud" else cloud_of(change.site, change.new)
    if cloud is not None and (config := nsxt_of(cloud)):
        fit(change.site, cloud, config)
        discover_segments(change.site, cloud, config)


def sync_nsxt(site: Site) -> None:
    """Bring every NSX-T cloud's discovered objects in line with its manager, if anything may have changed."""
    revision = sum(manager.revision for manager in managers(site).values())
    if not revision or site.memory.get("segments_discovered") == revision:
        return
    for cloud in site.store.all("cloud"):
        if config := nsxt_of(cloud):
            discover_segments(site, cloud, config)
    site.memory["segments_discovered"] = revision


def discover_segments(site: Site, cloud: Object, config: Json) -> None:
    """Make and refresh the objects of one cloud; nothing changes while its manager cannot be asked."""
    manager = manager_of(site, config)
    if manager is None or not manager.reachable:
        return
    if not manager.admits(*credentials(site, config, "nsxt_credentials_ref", "nsxt_credentials")):
        return
    for path, name in gateways(config, manager).items():
        _context(site, cloud, path, name)
    for vpc in manager.vpcs.values() if in_vpcs(config) else ():
        _public(site, cloud, vpc)
    wanted = {_uuid(cloud, segment): segment for segment in seen_segments(config, manager)}
    for gone in [o for o in in_cloud(site, "nsxtsegmentruntime", cloud.uuid) if o.uuid not in wanted]:
        site.store.remove(gone)
    for uuid, segment in wanted.items():
        _segment(site, cloud, uuid, segment, management=segment.path == management_segment(config))
    _hosts(site, cloud)


def _hosts(site: Site, cloud: Object) -> None:
    """The hosts of every vCenter of a cloud that can be asked."""
    for server in vcenter_servers(site, cloud):
        if (vcenter := vcenter_behind(site, server)) is not None:
            for datacenter in vcenter.of(Datacenter):
                hosts(site, cloud, datacenter, vcenter, NSXT)


def seen_segments(config: Json, manager: NsxManager) -> list[Segment]:
    """The segments a cloud discovers: its own, and in an overlay zone all that are behind its T1 gateways [INF]."""
    own = {management_segment(config), *data_segments(config)}
    tier1s = set(gateways(config, manager)) if is_overlay(config) else set()
    return [each for each in manager.segments.values() if each.path in own or each.tier1 in tier1s]


def _uuid(cloud: Object, segment: Segment) -> str:
    return f"network-{uuid5(NAMESPACE_URL, cloud.uuid + segment.path)}"


def _public(site: Site, cloud: Object, vpc: Vpc) -> None:
    """The network that a VPC's public addresses are; its uuid is what clients give as `subnet_uuid` [CLIENT: AKO]."""
    uuid, vrf = public_subnet(vpc.project, vpc.name), tier1_vrf(site, cloud.uuid, vpc.path)
    if vrf is None or site.store.get("network", uuid) is not None:
        return
    block = ip_network(vpc.public)
    begin, *_, end = block.hosts()
    pool: Json = {
        "prefix": prefix_json(block),
        "static_ip_ranges": [
            {"range": {"begin": ip_json(begin), "end": ip_json(end)}, "type": "STATIC_IPS_FOR_VIP"}
        ],
    }
    body = {
        "name": f"{vpc.project}-{vpc.name}-public",
        "vrf_context_ref": vrf.ref,
        "configured_subnets": [pool],
        "attrs": [{"key": "vpcpath", "value": vpc.path}],
    }
    store(site, "network", uuid, body, cloud=cloud.uuid)


def _context(site: Site, cloud: Object, path: str, name: str) -> None:
    if tier1_vrf(site, cloud.uuid, path) is not None:
        return
    body = {"name": name, "cloud_ref": cloud.ref, "attrs": [{"key": TIER1_PATH, "value": path}]}
    site.write("vrfcontext", body, tenant=cloud.tenant)


def _segment(site: Site, cloud: Object, uuid: str, segment: Segment, *, management: bool) -> None:
    context = tier1_vrf(site, cloud.uuid, segment.tier1)
    first = named_vrf(site, cloud, "management") if management else global_vrf(site, cloud)
    vrf = context.ref if context is not None and not management else first
    known = site.store.get("network", uuid)
    if known is None:
        body: Json = {
            "name": segment.name,
            "vrf_context_ref": vrf,
            "dhcp_enabled": segment.dhcp,
            "vcenter_dvs": True,
            "attrs": [{"key": "segmentid", "value": segment.path}],
        }
        known = store(site, "network", uuid, body, cloud=cloud.uuid)
    elif known.name != segment.name:
        known = amend(site, known, {"name": segment.name})
    runtime: Json = {
        "name": segment.name,
        "segname": segment.name,
        "nw_name": segment.name,
        "segment_id": segment.path,
        "opaque_network_id": segment.path.rpartition("/")[2],
        "tier1_id": segment.tier1,
        "dhcp_enabled": segment.dhcp,
        "nw_ref": known.ref,
        "vrf_context_ref": known.body["vrf_context_ref"],
        "segment_gw": segment.gateway,
        "subnet": str(ip_interface(segment.gateway).network) if segment.gateway else "",
        "vlan_ids": [str(vlan) for vlan in segment.vlans],
    }
    shown = {member: value for member, value in runtime.items() if value not in ("", [])}
    before = site.store.get("nsxtsegmentruntime", uuid)
    if before is None or any(before.body.get(member) != value for member, value in shown.items()):
        store(site, "nsxtsegmentruntime", uuid, shown, cloud=cloud.uuid)
