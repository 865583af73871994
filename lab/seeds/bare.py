"""Part `bare`: two clouds without orchestrator whose objects bear the same names, each with a Service Engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud import handmade
from lab.cloud.common import ip_json
from lab.seeds.conforming import settle
from lab.seeds.writing import change, create, subnet

if TYPE_CHECKING:
    from lab.objects import Object
    from lab.site import Site

CLOUDS = (("bare-east", "10.51"), ("bare-west", "10.52"))
"""The clouds, and the first half of their addresses."""


def bare(site: Site) -> None:
    """Make both clouds: a VRF context, two networks, profiles, a group, a Service Engine and a service each."""
    for name, net in CLOUDS:
        cloud = create(site, "cloud", name=name, vtype="CLOUD_NONE", dhcp_enabled=False)
        _cloud(site, cloud, net)
    settle(site)


def _cloud(site: Site, cloud: Object, net: str) -> None:
    vrf = create(site, "vrfcontext", name="vrf-dmz", cloud_ref=cloud.ref)
    fronts = subnet(f"{net}.10.0/24", f"{net}.10.100", f"{net}.10.119", "STATIC_IPS_FOR_VIP")
    front = network(site, cloud, vrf, "dup-net", fronts)
    network(
        site, cloud, vrf, f"{cloud.name}-servers", subnet(f"{net}.20.0/24", f"{net}.20.100", f"{net}.20.119")
    )
    group = create(site, "serviceenginegroup", name="seg-prod", cloud_ref=cloud.ref, buffer_se=0)
    east = cloud.name.removeprefix("bare-")
    ipam(site, cloud, f"{east}-ipam", front)
    handmade.register(
        site,
        name=f"{east}-se-1",
        cloud=cloud.name,
        group=group.name,
        management=f"{net}.0.21/24",
        data={front.name: f"{net}.10.21/24", f"{cloud.name}-servers": f"{net}.20.21/24"},
    )
    service(site, cloud, vrf, group, front, f"{net}.20.50")


def ipam(site: Site, cloud: Object, name: str, front: Object) -> None:
    """Give a cloud an IPAM profile that allocates from one network."""
    usable = {"usable_networks": [{"nw_ref": front.ref}]}
    profile = create(
        site, "ipamdnsproviderprofile", name=name, type="IPAMDNS_TYPE_INTERNAL", internal_profile=usable
    )
    change(site, cloud, ipam_provider_ref=profile.ref)


def network(site: Site, cloud: Object, vrf: Object, name: str, *subnets: object) -> Object:
    """A network made by hand."""
    return create(
        site,
        "network",
        name=name,
        cloud_ref=cloud.ref,
        vrf_context_ref=vrf.ref,
        dhcp_enabled=False,
        configured_subnets=list(subnets),
    )


def service(  # noqa: PLR0913, PLR0917 -- what a service stands on
    site: Site, cloud: Object, vrf: Object, group: Object, front: Object, server: str, tenant: str = "admin"
) -> Object:
    """Service `shop`: an automatic VIP of a network, and a pool of one server."""
    owner = {"cloud_ref": cloud.ref, "tenant_ref": f"/api/tenant/{tenant}"}
    vip = {
        "vip_id": "1",
        "auto_allocate_ip": True,
        "ipam_network_subnet": {
            "network_ref": front.ref,
            "subnet": front.body["configured_subnets"][0]["prefix"],
        },
    }
    gateway = next((a["value"] for a in vrf.body.get("attrs", []) if a["key"] == "tier1path"), None)
    behind = {"tier1_lr": gateway} if gateway else {}
    vsvip = create(site, "vsvip", name="shop", vrf_context_ref=vrf.ref, vip=[vip], **behind, **owner)
    pool = create(
        site,
        "pool",
        name="shop",
        vrf_ref=vrf.ref,
        servers=[{"ip": ip_json(server), "port": 80}],
        **behind,
        **owner,
    )
    return create(
        site,
        "virtualservice",
        name="shop",
        vrf_context_ref=vrf.ref,
        vsvip_ref=vsvip.ref,
        pool_ref=pool.ref,
        se_group_ref=group.ref,
        services=[{"port": 80}],
        **owner,
    )
