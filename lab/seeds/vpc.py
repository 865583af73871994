"""Part `vpc`: an NSX-T cloud in VPC mode, with two VPCs of a project; nothing of it was recorded [INF]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.datacenter.inventory import vcenter_at
from lab.datacenter.model import Switch
from lab.datacenter.nsx import OVERLAY
from lab.seeds.conforming import settle
from lab.seeds.nsxt import VCENTER, built, group_in, nsxt_cloud
from lab.seeds.writing import create

if TYPE_CHECKING:
    from lab.site import Site

CLOUD, PROJECT = "nsxt-vpc", "retail"
BLOCKS = {"shop": ("10.48.0.0/24", "10.49.0.1/24"), "back": ("10.48.1.0/28", "10.49.1.1/24")}
"""By VPC: its public addresses, and the gateway of its own subnet."""


def vpc(site: Site) -> None:
    """Build the VPCs and the cloud, with a Service Engine group and a service that is up on public addresses."""
    manager, users = built(site)
    zone = next(zone for zone in manager.zones.values() if zone.kind == OVERLAY)
    for name, (public, private) in BLOCKS.items():
        manager.vpc(PROJECT, name, public=public, private=private, zone=zone)
    vcenter = vcenter_at(site, VCENTER)
    if vcenter is not None:
        manager.realize(vcenter, next(vcenter.of(Switch)))
    management = next(each for each in manager.segments.values() if each.name == "avi-mgmt")
    segment = {"tier1_lr_id": management.tier1, "segment_id": management.path}
    cloud = nsxt_cloud(site, CLOUD, users, zone, ({"overlay_segment": segment}, {}), vpc=True)
    group = group_in(site, cloud)
    where = {"cloud_ref": cloud.ref, "tier1_lr": f"/orgs/default/projects/{PROJECT}/vpcs/shop"}
    vip = [{"vip_id": "1", "auto_allocate_ip": True}]
    vsvip = create(site, "vsvip", name="shop", vip=vip, **where)
    body = {"se_group_ref": group.ref, "services": [{"port": 80}], "vsvip_ref": vsvip.ref}
    create(site, "virtualservice", name="shop", cloud_ref=cloud.ref, **body)
    settle(site)
