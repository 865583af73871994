"""Part `nsxt`: two NSX-T clouds, one on an overlay transport zone and one on VLANs, with a vCenter of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.datacenter.inventory import Inventory, add_vcenter
from lab.datacenter.nsx import OVERLAY, VLAN, NsxManager, Zone, managers
from lab.seeds.bare import ipam, network, service
from lab.seeds.conforming import settle
from lab.seeds.writing import change, create, subnet

if TYPE_CHECKING:
    from lab.objects import Json, Object
    from lab.site import Site

MANAGER, VCENTER = "nsxt.iberia.local", "vcenter-west.iberia.local"
NSX_LOGIN = {"username": "svc-avi-nsx", "password": "never-shown-nsx"}
VCENTER_LOGIN = {"username": "svc-avi-west@vsphere.local", "password": "never-shown-west"}
LIBRARY = {"id": "8a1c4a16-6c5e-4b8e-9d0e-2f4f6a0b1c2d", "name": "avi-west"}
FOLDER = "AVI-WEST"
OVERLAY_CLOUD, VLAN_CLOUD = "nsxt-overlay", "nsxt-vlan"


def nsxt(site: Site) -> None:
    """Build NSX-T and its vCenter, then both clouds, each with a Service Engine group and a service that is up."""
    manager, users = built(site)
    _overlay(site, manager, users)
    _vlan(site, manager, users)
    settle(site)


def built(site: Site) -> tuple[NsxManager, tuple[Object, Object]]:
    """The NSX-T manager with its vCenter, and the users by which clouds reach both; made where they are not there."""
    manager = managers(site).get(MANAGER) or build(site)
    logins = {
        "nsxt-west": {"nsxt_credentials": NSX_LOGIN},
        "vcenter-west": {"vcenter_credentials": VCENTER_LOGIN},
    }
    first, second = (
        next(iter(site.store.named("cloudconnectoruser", name)), None)
        or create(site, "cloudconnectoruser", name=name, **login)
        for name, login in logins.items()
    )
    return manager, (first, second)


def build(site: Site) -> NsxManager:
    """The NSX-T manager and the vCenter where its segments are port groups."""
    manager = NsxManager(MANAGER, {NSX_LOGIN["username"]: NSX_LOGIN["password"]})
    managers(site)[MANAGER] = manager
    overlay, vlan = manager.zone("tz-overlay", OVERLAY), manager.zone("tz-vlan", VLAN)
    for name, gateway in (
        ("T1-mgmt", "10.40.0.1/24"),
        ("T1-prod", "10.40.10.1/24"),
        ("T1-dev", "10.40.20.1/24"),
    ):
        tier1 = manager.tier1(name)
        what = name.removeprefix("T1-")
        manager.segment(f"avi-{what}", overlay, tier1=tier1, gateway=gateway)
        if what != "mgmt":
            manager.segment(f"web-{what}", overlay, tier1=tier1, gateway=gateway.replace("40.", "41.", 1))
    for name, number in (
        ("vlan-mgmt", 4010),
        ("vlan-front", 4011),
        ("vlan-back", 4012),
        ("vlan-spare", 4013),
    ):
        manager.segment(name, vlan, vlans=(number,), dhcp=False)
    vcenter = add_vcenter(site, Inventory(VCENTER))
    vcenter.accounts["administrator@vsphere.local"] = "vcenter-lab-west"
    vcenter.accounts[VCENTER_LOGIN["username"]] = VCENTER_LOGIN["password"]
    vcenter.libraries[LIBRARY["id"]] = LIBRARY["name"]
    datacenter = vcenter.add_datacenter("WEST")
    cluster = vcenter.add_cluster(datacenter, "WEST-COMPUTE")
    for number in (1, 2):
        vcenter.add_host(cluster, f"esxi-west{number}.iberia.local")
    vcenter.add_datastore(datacenter, "vsanWest", 8000)
    vcenter.vm_folder(datacenter, FOLDER)
    manager.realize(vcenter, vcenter.add_switch(datacenter, "WEST-VDS"))
    return manager


def nsxt_cloud(  # noqa: PLR0913 -- the facts of a cloud
    site: Site,
    name: str,
    users: tuple[Object, Object],
    zone: Zone,
    networks: tuple[Json, Json],
    *,
    vpc: bool = False,
) -> Object:
    """An NSX-T cloud of these management and data networks, and its vCenter server."""
    where = {"tz_type": zone.kind, "transport_zone": zone.path}
    management, data = networks
    config = {
        "nsxt_url": MANAGER,
        "nsxt_credentials_ref": users[0].ref,
        "management_network_config": where | management,
        "data_network_config": where | data,
        "automate_dfw_rules": False,
        **({"vpc_mode": True} if vpc else {}),
    }
    body = {
        "name": name,
        "vtype": "CLOUD_NSXT",
        "dhcp_enabled": zone.kind == OVERLAY,
        "obj_name_prefix": name,
    }
    cloud = create(site, "cloud", nsxt_configuration=config, **body)
    create(
        site,
        "vcenterserver",
        name=f"{name}-vcenter",
        cloud_ref=cloud.ref,
        vcenter_url=VCENTER,
        vcenter_credentials_ref=users[1].ref,
        content_lib=LIBRARY,
    )
    return cloud


def group_in(site: Site, cloud: Object) -> Object:
    """The Service Engine group of an NSX-T cloud."""
    server = within(site, "vcenterserver", cloud, f"{cloud.name}-vcenter")
    scope = {"vcenter_ref": server.ref, "vcenter_folder": FOLDER}
    return create(
        site, "serviceenginegroup", name="seg-prod", cloud_ref=cloud.ref, buffer_se=0, vcenters=[scope]
    )


def within(site: Site, kind: str, cloud: Object, name: str) -> Object:
    """Tenant admin's object of a name in a cloud. Raises LookupError."""
    namesakes = site.store.named(kind, name, tenant="admin", cloud=cloud.uuid)
    if len(namesakes) != 1:
        raise LookupError(f"{len(namesakes)} {kind} named {name!r} in {cloud.name}")
    return namesakes[0]


def _overlay(site: Site, manager: NsxManager, users: tuple[Object, Object]) -> None:
    tier1s, segments = manager.tier1s, manager.segments
    of = {
        s.name: {"tier1_lr_id": s.tier1, "segment_id": s.path} for s in segments.values() if s.tier1 in tier1s
    }
    data = {
        "tier1_segment_config": {
            "segment_config_mode": "TIER1_SEGMENT_MANUAL",
            "manual": {"tier1_lrs": [of["avi-prod"], of["avi-dev"]]},
        }
    }
    zone = next(zone for zone in manager.zones.values() if zone.kind == OVERLAY)
    cloud = nsxt_cloud(site, OVERLAY_CLOUD, users, zone, ({"overlay_segment": of["avi-mgmt"]}, data))
    vrf = within(site, "vrfcontext", cloud, "T1-prod")
    pool = subnet("10.45.10.0/24", "10.45.10.100", "10.45.10.119", "STATIC_IPS_FOR_VIP")
    front = network(site, cloud, vrf, "vip-prod", pool)
    ipam(site, cloud, f"{cloud.name}-ipam", front)
    service(site, cloud, vrf, group_in(site, cloud), front, "10.41.10.50")


def _vlan(site: Site, manager: NsxManager, users: tuple[Object, Object]) -> None:
    zone = next(zone for zone in manager.zones.values() if zone.kind == VLAN)
    paths = {segment.name: segment.path for segment in manager.segments.values()}
    data = {"vlan_segments": [paths["vlan-front"], paths["vlan-back"]]}
    cloud = nsxt_cloud(site, VLAN_CLOUD, users, zone, ({"vlan_segment": paths["vlan-mgmt"]}, data))
    vrf = within(site, "vrfcontext", cloud, "global")
    for name, net in (("vlan-mgmt", "10.46.0"), ("vlan-front", "10.46.10"), ("vlan-back", "10.46.20")):
        segment = within(site, "network", cloud, name)
        pool = subnet(f"{net}.0/24", f"{net}.100", f"{net}.119")
        change(site, segment, configured_subnets=[pool], dhcp_enabled=False)
    front = within(site, "network", cloud, "vlan-front")
    ipam(site, cloud, f"{cloud.name}-ipam", front)
    service(site, cloud, vrf, group_in(site, cloud), front, "10.46.20.50")
