"""The export of a generated site: what its Controller holds, for `python -m lab --import`."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.sites import layout
from benchmarks.sites.layout import DATACENTER, DNS_PROFILE, DOMAIN, IPAM_PROFILE, VCENTER, Json, Site

LONG_AGO = "1767225600000000"
"""When everything was last written, in microseconds: the site is at rest."""


def export(site: Site, empty: Json) -> Json:
    """Every object by type; `empty` is the lab's own export of a Controller just installed."""
    size = site.size
    dns = _ref("virtualservice", layout.dns(next(site.dns_services())))
    replaced = ("cloud", "vrfcontext", "serviceenginegroup")
    system = [ref for ref in empty["META"]["system"] if ref.split("/")[2] not in replaced]
    made = {
        "tenant": [
            *empty["tenant"],
            *({"name": name, "uuid": _tenant_uuid(name), "local": True} for name in site.tenants[1:]),
        ],
        "systemconfiguration": [empty["systemconfiguration"][0] | {"dns_virtualservice_refs": [dns]}],
        "ipamdnsproviderprofile": [*_dns_profiles(site), *_ipam_profiles(site)],
        "cloud": [_cloud(site, n) for n in range(size.clouds)],
        "vrfcontext": list(_vrfs(site)),
        "network": [_network(site, n) for n in range(size.networks)],
        "serviceenginegroup": [_group(site, n) for n in range(size.se_groups)],
        "license": [row | {"cores": 2 * size.service_engines} for row in empty["license"]],
        "serviceengine": [_engine(site, n) for n in range(size.service_engines)],
        "vsvip": [_vsvip(site, n) for n in range(size.virtual_services)],
        "virtualservice": [_service(site, n) for n in range(size.virtual_services)],
    }
    if site.applications:
        made |= _applications(site, made["virtualservice"], empty)
    old = {kind: [{"_last_modified": LONG_AGO} | body for body in bodies] for kind, bodies in made.items()}
    return empty | old | {"META": empty["META"] | {"system": system}}


def _dns_profiles(site: Site) -> Iterator[Json]:
    yield _dns_profile(DNS_PROFILE, "admin", DOMAIN)
    for n in range(site.size.vrfs):
        yield _dns_profile(f"dns-{layout.vrf(n)}", site.tenant(n), layout.domain(n))


def _dns_profile(name: str, tenant: str, domain: str) -> Json:
    inside = {
        "ttl": 30,
        "dns_service_domain": [{"domain_name": domain, "record_ttl": 60, "pass_through": True}],
    }
    return {
        **_named("ipamdnsproviderprofile", name, tenant),
        "type": "IPAMDNS_TYPE_INTERNAL_DNS",
        "internal_profile": inside,
    }


def _ipam_profiles(site: Site) -> Iterator[Json]:
    yield _ipam_profile(IPAM_PROFILE, "admin", {})
    for n in range(site.size.vrfs):
        usable = [{"nw_ref": f"/api/network/{site.network_uuid(i)}"} for i in site.networks_of[n]]
        yield _ipam_profile(f"ipam-{layout.vrf(n)}", site.tenant(n), {"usable_networks": usable})


def _ipam_profile(name: str, tenant: str, usable: Json) -> Json:
    return {
        **_named("ipamdnsproviderprofile", name, tenant),
        "type": "IPAMDNS_TYPE_INTERNAL",
        "internal_profile": {"ttl": 30} | usable,
        "allocate_ip_in_vrf": True,
    }


def _cloud(site: Site, n: int) -> Json:
    common = {
        **_named("cloud", site.clouds[n]),
        "dns_provider_ref": _ref("ipamdnsproviderprofile", DNS_PROFILE),
        "ipam_provider_ref": _ref("ipamdnsproviderprofile", IPAM_PROFILE),
        "state_based_dns_registration": True,
    }
    if n:
        return common | {"vtype": "CLOUD_NONE"}
    return common | {
        "vtype": "CLOUD_VCENTER",
        "dhcp_enabled": False,
        "vcenter_configuration": {
            "username": "svc-avi@vsphere.local",
            "password": "never-shown",
            "vcenter_url": VCENTER,
            "datacenter": DATACENTER,
            "privilege": "WRITE_ACCESS",
            "management_network": f"/api/vimgrnwruntime/{site.network_uuid(0)}",
            "management_ip_subnet": _prefix(layout.net(0)),
        },
    }


def _vrfs(site: Site) -> Iterator[Json]:
    for cloud in site.clouds:
        for name in ("global", "management"):
            body = _named("vrfcontext", f"{cloud}/{name}") | {"name": name, "system_default": True}
            yield body | {"cloud_ref": _ref("cloud", cloud)}
    for n in range(site.size.vrfs):
        yield _named("vrfcontext", layout.vrf(n)) | {"cloud_ref": _ref("cloud", site.cloud(n))}


def _network(site: Site, n: int) -> Json:
    net, cloud, uuid = layout.net(n), site.cloud(n), site.network_uuid(n)
    kinds = (("STATIC_IPS_FOR_SE", 10, 99), ("STATIC_IPS_FOR_VIP", 100, 199))
    ranges = [
        {"type": kind, "range": {"begin": _ip(f"{net}.{first}"), "end": _ip(f"{net}.{last}")}}
        for kind, first, last in kinds
    ]
    body = {
        "uuid": uuid,
        "name": layout.network(n),
        "tenant_ref": "/api/tenant/admin",
        "cloud_ref": _ref("cloud", cloud),
        "vrf_context_ref": _ref("vrfcontext", layout.vrf(site.vrf_of(n))),
        "dhcp_enabled": site.has_drifted(n),
        "configured_subnets": [{"prefix": _prefix(net), "static_ip_ranges": ranges}],
    }
    if cloud == site.clouds[0]:
        body |= {"vimgrnw_ref": f"/api/vimgrnwruntime/{uuid}", "vcenter_dvs": True, "synced_from_se": True}
    return body


def _group(site: Site, n: int) -> Json:
    return {
        **_named("serviceenginegroup", layout.group(n), site.tenant(n)),
        "cloud_ref": _ref("cloud", site.cloud(n)),
        "ha_mode": "HA_MODE_SHARED",
        "buffer_se": 1 if site.has_drifted(n) else 0,
        "max_se": 100,
        "max_vs_per_se": 200,
        "min_scaleout_per_vs": 1,
        "se_name_prefix": f"g{n:03}",
        "vcenter_folder": f"AVI/group {n:03}",
        "realtime_se_metrics": {"enabled": True, "duration": 0},
    }


def _engine(site: Site, n: int) -> Json:
    """Service Engine n of its group; 80 have static addresses of the 90, the others DHCP."""
    group, cloud = site.group_of(n), site.cloud(n)
    letters = "".join(chr(ord("a") + n // 26**i % 26) for i in range(4))
    mac = f"005056{n:06x}"
    place = n // len(site.clouds)
    mode = "STATIC" if place < 80 else "DHCP"
    static, leased = f"{layout.net(0)}.{10 + place}", f"172.16.{place // 250}.{place % 250 + 1}"
    address = static if mode == "STATIC" else leased
    vnic: Json = {
        "mac_address": ":".join(mac[i : i + 2] for i in range(0, 12, 2)),
        "if_name": "eth0",
        "is_mgmt": True,
        "connected": True,
        "dhcp_enabled": mode == "DHCP",
        "vnic_networks": [{"ip": {"ip_addr": _ip(address), "mask": 24}, "mode": mode}],
    }
    if cloud == site.clouds[0]:
        vnic |= {"network_name": layout.network(0), "network_ref": f"/api/network/{site.network_uuid(0)}"}
    return {
        "uuid": f"se-{mac}",
        "name": f"g{group:03}-se-{letters}a",
        "tenant_ref": _tenant_ref(site.tenant(group)),
        "cloud_ref": _ref("cloud", cloud),
        "se_group_ref": _ref("serviceenginegroup", layout.group(group)),
        "controller_created": True,
        "enable_state": "SE_STATE_ENABLED",
        "resources": {"num_vcpus": 1, "memory": 2048, "disk": 15},
        "mgmt_vnic": vnic,
        "data_vnics": [] if cloud == site.clouds[0] else _data_vnics(site, n),
    }


def _data_vnics(site: Site, n: int) -> list[Json]:
    """Those that a Service Engine deployed by hand has: on every network of its group's services."""
    return [
        {
            "mac_address": f"02:{n >> 8:02x}:{n & 255:02x}:{network >> 8:02x}:{network & 255:02x}:00",
            "if_name": f"eth{place}",
            "connected": True,
            "dhcp_enabled": True,
            "network_ref": f"/api/network/{site.network_uuid(network)}",
        }
        for place, network in enumerate(site.networks_of_group[site.group_of(n)], 1)
    ]


def _vsvip(site: Site, n: int) -> Json:
    network, address = site.vip(n)
    subnet, ref = _prefix(layout.net(network)), f"/api/network/{site.network_uuid(network)}"
    vip = {
        "vip_id": "1",
        "enabled": True,
        "auto_allocate_ip": True,
        "ipam_network_subnet": {"network_ref": ref, "subnet": subnet},
        "ip_address": _ip(address),
        "discovered_networks": [{"network_ref": ref, "subnet": [subnet]}],
    }
    body = {
        **_named("vsvip", f"vsvip-{site.service(n)}", site.tenant(site.group_of(n))),
        "cloud_ref": _ref("cloud", site.cloud(n)),
        "vrf_context_ref": _ref("vrfcontext", layout.vrf(site.vrf_of(network))),
        "vip": [vip],
    }
    if site.is_dns(n):
        body["dns_info"] = [{"type": "DNS_RECORD_A", "fqdn": f"{layout.dns(n)}.{DOMAIN}", "ttl": 60}]
    return body


def _service(site: Site, n: int) -> Json:
    group, dns = site.group_of(n), site.is_dns(n)
    body = {
        **_named("virtualservice", site.service(n), site.tenant(group)),
        "enabled": True,
        "type": "VS_TYPE_NORMAL",
        "cloud_ref": _ref("cloud", site.cloud(n)),
        "vrf_context_ref": _ref("vrfcontext", layout.vrf(site.vrf_of(site.network_of(n)))),
        "se_group_ref": _ref("serviceenginegroup", layout.group(group)),
        "vsvip_ref": _ref("vsvip", f"vsvip-{site.service(n)}"),
        "application_profile_ref": f"/api/applicationprofile/?name=System-{'DNS' if dns else 'HTTP'}",
        "network_profile_ref": f"/api/networkprofile/?name=System-{'UDP-Per-Pkt' if dns else 'TCP-Proxy'}",
        "services": [{"port": 53}] if dns else [{"port": 80}, {"port": 443, "enable_ssl": True}],
    }
    if dns:
        body["static_dns_records"] = [
            _record(name, f"192.0.2.{i + 1}") for i, name in enumerate(layout.records(n))
        ]
    return body


def _record(name: str, address: str) -> Json:
    return {"type": "DNS_RECORD_A", "fqdn": [name], "ttl": 60, "ip_address": [{"ip_address": _ip(address)}]}


def _applications(site: Site, services: list[Json], empty: Json) -> Json:
    """What stands behind each virtual service, with the service's references to it: pool, certificate, HTTP policy."""
    made: Json = {api: [*empty.get(api, ())] for api in ("pool", "sslkeyandcertificate", "httppolicyset")}
    for n, service in enumerate(services):
        if site.is_dns(n):
            continue
        name, cloud = service["name"], {"cloud_ref": service["cloud_ref"]}
        own = {api: _named(api, f"{api}-{name}", site.tenant(site.group_of(n))) for api in made}
        vrf = {"vrf_ref": service["vrf_context_ref"]}
        made["pool"].append(own["pool"] | cloud | vrf | _pool(layout.net(site.network_of(n))))
        made["sslkeyandcertificate"].append(own["sslkeyandcertificate"] | _certificate(f"{name}.{DOMAIN}"))
        made["httppolicyset"].append(own["httppolicyset"] | {"http_request_policy": {"rules": _rules(name)}})
        service |= {
            "pool_ref": f"/api/pool/{own['pool']['uuid']}",
            "ssl_key_and_certificate_refs": [
                f"/api/sslkeyandcertificate/{own['sslkeyandcertificate']['uuid']}"
            ],
            "http_policies": [
                {"index": 11, "http_policy_set_ref": f"/api/httppolicyset/{own['httppolicyset']['uuid']}"}
            ],
        }
    return made


def _pool(net: str) -> Json:
    """Four servers of the service's network, where its Service Engines reach them."""
    servers = [{"ip": _ip(f"{net}.{i + 200}"), "port": 8080} for i in range(4)]
    return {
        "default_server_port": 8080,
        "lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN",
        "health_monitor_refs": ["/api/healthmonitor/?name=System-HTTP"],
        "servers": servers,
    }


def _certificate(name: str) -> Json:
    """A certificate as a Controller shows it: without the key, and without the text that nothing here looks at."""
    return {
        "type": "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE",
        "certificate": {
            "self_signed": True,
            "subject": {"common_name": name},
            "issuer": {"common_name": name},
            "subject_alt_names": [name],
            "not_after": "2036-11-01 00:00:00",
        },
        "key_params": {"algorithm": "SSL_KEY_ALGORITHM_RSA", "rsa_params": {"key_size": "SSL_KEY_2048_BITS"}},
    }


def _rules(name: str) -> list[Json]:
    """A rule that sends what is not encrypted elsewhere, and one that lets only some paths through."""
    to_https = {
        "name": "to-https",
        "index": 1,
        "enable": True,
        "match": {"protocol": {"match_criteria": "IS_IN", "protocols": "HTTP"}},
        "redirect_action": {"protocol": "HTTPS", "port": 443, "status_code": "HTTP_REDIRECT_STATUS_CODE_301"},
    }
    paths = {
        "name": f"paths-of-{name}",
        "index": 2,
        "enable": True,
        "match": {"path": {"match_criteria": "BEGINS_WITH", "match_str": ["/admin", "/internal"]}},
        "switching_action": {
            "action": "HTTP_SWITCHING_SELECT_LOCAL",
            "status_code": "HTTP_LOCAL_RESPONSE_STATUS_CODE_403",
        },
    }
    return [to_https, paths]


def _ip(text: str) -> Json:
    return {"addr": text, "type": "V4"}


def _prefix(net: str) -> Json:
    return {"ip_addr": _ip(f"{net}.0"), "mask": 24}


def _ref(kind: str, name: str) -> str:
    return f"/api/{kind}/{layout.uuid_of(kind, name)}"


def _tenant_uuid(name: str) -> str:
    return "admin" if name == "admin" else layout.uuid_of("tenant", name)


def _tenant_ref(name: str) -> str:
    return f"/api/tenant/{_tenant_uuid(name)}"


def _named(kind: str, name: str, tenant: str = "admin") -> Json:
    return {"uuid": layout.uuid_of(kind, name), "name": name, "tenant_ref": _tenant_ref(tenant)}
