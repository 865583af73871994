"""State `conforming`: the blog's environment, all of it, with its Service Engines up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud.common import ip_json
from lab.objects import Object
from lab.seeds.fresh import MANAGEMENT, fresh
from lab.seeds.writing import change, create, default_cloud, named, prefix, subnet

if TYPE_CHECKING:
    from lab.site import Site

DOMAIN = "avi.iberia.local"

NETWORKS = (
    # port group, VRF context, subnet, first, last, what the pool is for
    (
        "AVI_FRONTEND_3025",
        "VRF_AZ1",
        "10.10.25.0/24",
        "10.10.25.40",
        "10.10.25.59",
        "STATIC_IPS_FOR_VIP_AND_SE",
    ),
    ("REGIONB_VMS_3024", "VRF_AZ1", "10.10.24.0/24", "10.10.24.164", "10.10.24.169", "STATIC_IPS_FOR_SE"),
    (
        "AVI_FRONTEND_3026",
        "VRF_AZ2",
        "10.10.26.0/24",
        "10.10.26.40",
        "10.10.26.59",
        "STATIC_IPS_FOR_VIP_AND_SE",
    ),
    ("REGIONB_VMS_3023", "VRF_AZ2", "10.10.23.0/24", "10.10.23.40", "10.10.23.45", "STATIC_IPS_FOR_SE"),
)
GROUPS = (
    ("S1-AZ1-SE-Group", "s1az1", "AVI K8S/Site1 AZ1"),
    ("S1-AZ2-SE-Group", "s1az2", "AVI K8S/Site1 AZ2"),
    ("DNS-SE-Group", "dns", "AVI K8S/Site1 AZ1"),
)


def conforming(site: Site) -> None:
    """Build the environment step by step, then wait (on the site's clock) until everything is up."""
    fresh(site)
    profiles(site)
    routing(site)
    for name, prefix_, folder in GROUPS:
        create(
            site,
            "serviceenginegroup",
            name=name,
            cloud_ref=default_cloud(site).ref,
            ha_mode="HA_MODE_SHARED",
            buffer_se=0,
            se_name_prefix=prefix_,
            vcenter_folder=folder,
            realtime_se_metrics={"enabled": True, "duration": 0},
        )
    service = dns_service(
        site, "local-dns-site1", "DNS-SE-Group", [a_record(f"test.{DOMAIN}", "10.10.24.10", 30)]
    )
    system = next(site.store.all("systemconfiguration"))
    change(site, system, dns_virtualservice_refs=[service.ref])
    settle(site)


def settle(site: Site) -> None:
    """Let the Service Engines come up."""
    site.clock.advance(site.pace.discovery + site.pace.se_creating + site.pace.se_initializing + 1.0)


def profiles(site: Site) -> None:
    """Steps 1 and 2: the DNS and IPAM profiles, attached to the cloud."""
    dns = create(
        site,
        "ipamdnsproviderprofile",
        name="DNS_Default",
        type="IPAMDNS_TYPE_INTERNAL_DNS",
        internal_profile={"ttl": 30, "dns_service_domain": [{"domain_name": DOMAIN}]},
    )
    ipam = create(
        site,
        "ipamdnsproviderprofile",
        name="IPAM_Default",
        type="IPAMDNS_TYPE_INTERNAL",
        allocate_ip_in_vrf=True,
        internal_profile={"ttl": 30},
    )
    change(
        site,
        default_cloud(site),
        dns_provider_ref=dns.ref,
        ipam_provider_ref=ipam.ref,
        state_based_dns_registration=True,
    )


def routing(site: Site) -> None:
    """Step 3: the VRF contexts, and each network in its own with its subnet and pool."""
    for name in ("VRF_AZ1", "VRF_AZ2"):
        create(site, "vrfcontext", name=name, cloud_ref=default_cloud(site).ref)
    change(site, named(site, "network", MANAGEMENT), dhcp_enabled=False)  # it has a pool, like the others
    for name, vrf, where, first, last, use in NETWORKS:
        change(
            site,
            named(site, "network", name),
            vrf_context_ref=named(site, "vrfcontext", vrf).ref,
            dhcp_enabled=False,
            configured_subnets=[subnet(where, first, last, use)],
        )


def a_record(name: str, address: str, ttl: int) -> dict[str, object]:
    """A static A record."""
    return {
        "type": "DNS_RECORD_A",
        "fqdn": [name],
        "ip_address": [{"ip_address": ip_json(address)}],
        "ttl": ttl,
    }


def dns_service(site: Site, name: str, group: str, records: list[dict[str, object]]) -> Object:
    """Step 5: a DNS virtual service with an automatic VIP of AVI_FRONTEND_3025."""
    cloud, vrf = default_cloud(site), named(site, "vrfcontext", "VRF_AZ1")
    network = named(site, "network", "AVI_FRONTEND_3025")
    vip = {
        "vip_id": "1",
        "auto_allocate_ip": True,
        "auto_allocate_ip_type": "V4_ONLY",
        "ipam_network_subnet": {"network_ref": network.ref, "subnet": prefix("10.10.25.0/24")},
    }
    vsvip = create(
        site,
        "vsvip",
        name=f"vsvip-{name}",
        cloud_ref=cloud.ref,
        vrf_context_ref=vrf.ref,
        vip=[vip],
        dns_info=[{"fqdn": f"{name}.{DOMAIN}", "type": "DNS_RECORD_A"}],
    )
    return create(
        site,
        "virtualservice",
        name=name,
        cloud_ref=cloud.ref,
        vrf_context_ref=vrf.ref,
        vsvip_ref=vsvip.ref,
        se_group_ref=named(site, "serviceenginegroup", group).ref,
        application_profile_ref=named(site, "applicationprofile", "System-DNS").ref,
        network_profile_ref=named(site, "networkprofile", "System-UDP-Per-Pkt").ref,
        services=[{"port": 53}],
        static_dns_records=records,
    )
