"""NSX-T managers and vCenters built to fit what a client configures, where the site has no NSX-T manager of its own.

A client that makes an NSX-T cloud on a site without one (the vendor's Terraform provider does) finds what it named: its
transport zones, T1 gateways and segments, and a vCenter with one host behind each vCenter server [INF]. Whoever comes
may log in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud.nsxt import (
    credentials,
    data_segments,
    in_vpcs,
    management_segment,
    tier1_paths,
    vcenter_servers,
)
from lab.datacenter.inventory import Inventory, add_vcenter, vcenter_at
from lab.datacenter.model import Switch
from lab.datacenter.nsx import OVERLAY, NsxManager, Segment, Tier1, Zone, managers
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site

SWITCH = "nsx-vds"
VPC = "default", "default"
"""Project and name of the VPC that is built for a cloud in VPC mode, which itself names none."""


def fit(site: Site, cloud: Object, config: Json) -> None:
    """Build, or complete, what an NSX-T cloud names."""
    if any(manager.accounts for manager in managers(site).values()) or not config.get("nsxt_url"):
        return
    address = str(config["nsxt_url"])
    manager = managers(site).setdefault(address, NsxManager(address))
    _zones(manager, config)
    for path in tier1_paths(config):
        if path not in manager.tier1s:
            manager.keep(manager.tier1s, Tier1(path, _last(path)))
    zone = str(config.get("data_network_config", {}).get("transport_zone"))
    for path, tier1 in {management_segment(config): "", **data_segments(config)}.items():
        if path and path not in manager.segments:
            gateway = f"100.64.{len(manager.segments) % 256}.1/24"
            manager.keep(manager.segments, Segment(path, _last(path), zone, tier1, gateway))
    if in_vpcs(config) and not manager.vpcs and zone in manager.zones:
        manager.vpc(*VPC, public="100.65.0.0/24", private="100.65.1.1/24", zone=manager.zones[zone])
    for server in vcenter_servers(site, cloud):
        if (vcenter := _vcenter(site, server)) is not None:
            manager.realize(vcenter, vcenter.named(Switch, SWITCH))


def _zones(manager: NsxManager, config: Json) -> None:
    for member in ("management_network_config", "data_network_config"):
        network = config.get(member, {})
        if (path := network.get("transport_zone")) and path not in manager.zones:
            manager.keep(manager.zones, Zone(path, _last(path), network.get("tz_type", OVERLAY)))


def _vcenter(site: Site, server: Object) -> Inventory | None:
    """The vCenter built behind a vCenter server; None where it names none, or one that the site has already."""
    address = str(server.body.get("vcenter_url", ""))
    known = vcenter_at(site, address)
    if known is not None or not address:
        return known if known is not None and any(s.name == SWITCH for s in known.of(Switch)) else None
    vcenter = add_vcenter(site, Inventory(address))
    user, password = credentials(site, server.body, "vcenter_credentials_ref", "vcenter_credentials")
    vcenter.accounts[user] = password
    datacenter = vcenter.add_datacenter("Datacenter")
    vcenter.add_host(vcenter.add_cluster(datacenter, "cluster"), "esxi1")
    vcenter.add_datastore(datacenter, "datastore", 1000)
    library = server.body.get("content_lib", {})
    vcenter.libraries[str(library.get("id", ""))] = str(library.get("name", ""))
    vcenter.add_switch(datacenter, SWITCH)
    return vcenter


def _last(path: str) -> str:
    return path.rpartition("/")[2]
