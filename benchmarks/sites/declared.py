"""The environment file of a generated site: everything of it that its owner declares."""

from __future__ import annotations

from benchmarks.sites import layout
from benchmarks.sites.layout import DATACENTER, DNS_PROFILE, DOMAIN, IPAM_PROFILE, VCENTER, Json, Site


def environment(site: Site, controller: Json, resolve_via: str) -> Json:
    """What is declared of it, ready to be dumped as YAML; `controller` says where the Controller is."""
    size = site.size
    return {
        "name": f"bench-{size.name}",
        "remediation": {"max_changes": 1000},
        "controller": controller,
        "system": {"dns_services": [layout.dns(next(site.dns_services()))]},
        "dns_profiles": [_dns_profile(DNS_PROFILE, "admin", DOMAIN), *_of_clusters(site, "dns")],
        "ipam_profiles": [_ipam_profile(IPAM_PROFILE, "admin"), *_of_clusters(site, "ipam")],
        "clouds": [_cloud(site, n) for n in range(size.clouds)],
        "vrfs": [{"name": layout.vrf(n), "cloud": site.cloud(n)} for n in range(size.vrfs)],
        "networks": [_network(site, n) for n in range(size.networks)],
        "se_groups": [_group(site, n) for n in range(size.se_groups)],
        "dns_services": [_service(site, n, resolve_via) for n in site.dns_services()],
    }


def _of_clusters(site: Site, kind: str) -> list[Json]:
    """Every cluster, that is, every VRF context, has profiles of its own."""
    found = []
    for n in range(site.size.vrfs):
        name, tenant = f"{kind}-{layout.vrf(n)}", site.tenant(n)
        if kind == "dns":
            found.append(_dns_profile(name, tenant, layout.domain(n)))
        else:
            usable = [layout.network(i) for i in site.networks_of[n]]
            found.append(_ipam_profile(name, tenant) | {"usable_networks": usable, "cloud": site.cloud(n)})
    return found


def _dns_profile(name: str, tenant: str, domain: str) -> Json:
    return {
        "name": name,
        "tenant": tenant,
        "type": "internal",
        "domains": [{"name": domain, "ttl": 60}],
        "ttl": 30,
    }


def _ipam_profile(name: str, tenant: str) -> Json:
    return {"name": name, "tenant": tenant, "type": "internal", "allocate_in_vrf": True}


def _cloud(site: Site, n: int) -> Json:
    common = {
        "name": site.clouds[n],
        "dns_profile": DNS_PROFILE,
        "ipam_profile": IPAM_PROFILE,
        "state_based_dns": True,
        "placement_ready": True,
    }
    if n:
        return common | {"type": "no-orchestrator"}
    management = {"network": layout.network(0), "subnet": f"{layout.net(0)}.0/24", "dhcp": False}
    vcenter = {"url": VCENTER, "datacenter": DATACENTER, "access": "write"}
    return common | {"type": "vcenter", "vcenter": vcenter, "management": management}


def _network(site: Site, n: int) -> Json:
    net = layout.net(n)
    pools = [
        {"range": f"{net}.10-{net}.99", "use": "se"},
        {"range": f"{net}.100-{net}.199", "use": "vip"},
    ]
    return {
        "name": layout.network(n),
        "cloud": site.cloud(n),
        "vrf": layout.vrf(site.vrf_of(n)),
        "dhcp": False,
        "subnets": [{"prefix": f"{net}.0/24", "pools": pools}],
    }


def _group(site: Site, n: int) -> Json:
    return {
        "name": layout.group(n),
        "cloud": site.cloud(n),
        "tenant": site.tenant(n),
        "ha_mode": "n+m",
        "buffer": 0,
        "name_prefix": f"g{n:03}",
        **({"folder": f"AVI/group {n:03}"} if site.cloud(n) == site.clouds[0] else {}),
        "realtime_metrics": {"enabled": True, "duration": 0},
    }


def _service(site: Site, n: int, resolve_via: str) -> Json:
    group, network = site.group_of(n), site.network_of(n)
    return {
        "name": layout.dns(n),
        "cloud": site.cloud(n),
        "tenant": site.tenant(group),
        "enabled": True,
        "application_profile": "System-DNS",
        "services": [{"port": 53, "protocol": "udp"}],
        "vrf": layout.vrf(site.vrf_of(network)),
        "vip": {"auto_allocate": True, "network": layout.network(network)},
        "se_group": layout.group(group),
        "fqdn": f"{layout.dns(n)}.{DOMAIN}",
        "records": [
            {"name": name, "addresses": [f"192.0.2.{i + 1}"], "ttl": 60}
            for i, name in enumerate(layout.records(n))
        ],
        "resolve_via": resolve_via,
    }
