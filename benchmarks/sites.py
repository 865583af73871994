"""Generated sites: a Controller's export for the lab, and the environment file that declares what is in it.

`python -m benchmarks.sites large FOLDER` writes `site.json` (for `python -m lab --import`) and `large.yaml`.
Nothing is random: the same size gives the same bytes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

ROOT = Path(__file__).parent.parent
DOMAIN = "bench.example"
DNS_PROFILE, IPAM_PROFILE = "DNS_Default", "IPAM_Default"
LONG_AGO = "1767225600000000"
"""When everything was last written, in microseconds: the site is at rest."""
VCENTER, DATACENTER = "vcenter.bench.example", "BENCH"
NAMES_PER_DNS_SERVICE = 4


@dataclass(frozen=True)
class Size:
    """How many of each there are; `dns_services` of the virtual services are declared, the others are only there."""

    name: str
    virtual_services: int
    service_engines: int
    networks: int
    vrfs: int
    se_groups: int
    clouds: int
    tenants: int
    dns_services: int

    def doubled(self) -> Size:
        """Twice the site, in as many clouds and tenants."""
        numbers = {
            part: 2 * getattr(self, part)
            for part in (
                "virtual_services",
                "service_engines",
                "networks",
                "vrfs",
                "se_groups",
                "dns_services",
            )
        }
        return replace(self, name=f"2 x {self.name}", **numbers)


SIZES = {
    size.name: size
    for size in (
        Size("small", 200, 100, 50, 10, 5, 1, 5, 1),
        Size("medium", 1000, 200, 300, 50, 30, 3, 25, 2),
        Size("large", 5000, 400, 2000, 250, 100, 5, 100, 4),
    )
}
"""The classes of a Controller: what one of that class holds at most."""


class Site:
    """One generated site: `export()` for the lab, `environment(...)` for us."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.clouds = ["Default-Cloud", *(f"cloud-{n}" for n in range(2, size.clouds + 1))]
        self.tenants = ["admin", *(f"tenant-{n}" for n in range(2, size.tenants + 1))]

    # Where things live: object n of a kind is in cloud n modulo clouds, so that every cloud has its share.

    def cloud(self, n: int) -> str:
        """The cloud of the n-th VRF context, network, SE group, or Service Engine."""
        return self.clouds[n % len(self.clouds)]

    def tenant(self, n: int) -> str:
        """The tenant of the n-th SE group and of the virtual services on it."""
        return self.tenants[n % len(self.tenants)]

    def group_of(self, n: int) -> int:
        """The SE group, in the same cloud, of the n-th Service Engine or virtual service."""
        clouds, groups = len(self.clouds), self.size.se_groups
        mine = range(n % clouds, groups, clouds)
        return mine[n // clouds % len(mine)]

    def vrf_of(self, n: int) -> int:
        """The VRF context, in the same cloud, of the n-th network."""
        clouds = len(self.clouds)
        mine = range(n % clouds, self.size.vrfs, clouds)
        return mine[n // clouds % len(mine)]

    def network_of(self, n: int) -> int:
        """The network, in the same cloud, of the n-th virtual service's VIP."""
        clouds = len(self.clouds)
        mine = range(n % clouds, self.size.networks, clouds)
        return mine[n // clouds % len(mine)]

    def dns_services(self) -> Iterator[int]:
        """The virtual services that are DNS services: the first ones of the vCenter cloud."""
        yield from range(0, self.size.dns_services * len(self.clouds), len(self.clouds))

    # The environment.

    def environment(self, controller: Json, resolve_via: str) -> Json:
        """What is declared of it, ready to be dumped as YAML."""
        size = self.size
        return {
            "name": f"bench-{size.name.replace(' ', '')}",
            "remediation": {"max_changes": 1000},
            "controller": controller,
            "system": {"dns_services": [_dns(next(self.dns_services()))]},
            "dns_profiles": [self._dns_profile(name, tenant) for name, tenant in self._profiles("dns")],
            "ipam_profiles": [self._ipam_profile(name, tenant) for name, tenant in self._profiles("ipam")],
            "clouds": [self._cloud(n) for n in range(size.clouds)],
            "vrfs": [{"name": _vrf(n), "cloud": self.cloud(n)} for n in range(size.vrfs)],
            "networks": [self._network(n) for n in range(size.networks)],
            "se_groups": [self._group(n) for n in range(size.se_groups)],
            "dns_services": [self._service(n, resolve_via) for n in self.dns_services()],
        }

    def _profiles(self, kind: str) -> Iterator[tuple[str, str]]:
        """Every tenant has its own besides those that the clouds use."""
        yield (DNS_PROFILE if kind == "dns" else IPAM_PROFILE), "admin"
        yield from ((f"{kind}-{tenant}", tenant) for tenant in self.tenants[1:])

    def _dns_profile(self, name: str, tenant: str) -> Json:
        domain = DOMAIN if tenant == "admin" else f"{tenant}.{DOMAIN}"
        return {
            "name": name,
            "tenant": tenant,
            "type": "internal",
            "domains": [{"name": domain, "ttl": 60}],
            "ttl": 30,
        }

    def _ipam_profile(self, name: str, tenant: str) -> Json:
        return {"name": name, "tenant": tenant, "type": "internal", "allocate_in_vrf": True}

    def _cloud(self, n: int) -> Json:
        common = {
            "name": self.clouds[n],
            "dns_profile": DNS_PROFILE,
            "ipam_profile": IPAM_PROFILE,
            "state_based_dns": True,
            "placement_ready": True,
        }
        if n:
            return common | {"type": "no-orchestrator"}
        management = {"network": _network(0), "subnet": f"{_net(0)}.0/24", "dhcp": False}
        vcenter = {"url": VCENTER, "datacenter": DATACENTER, "access": "write"}
        return common | {"type": "vcenter", "vcenter": vcenter, "management": management}

    def _network(self, n: int) -> Json:
        net = _net(n)
        pools = [
            {"range": f"{net}.10-{net}.99", "use": "se"},
            {"range": f"{net}.100-{net}.199", "use": "vip"},
        ]
        return {
            "name": _network(n),
            "cloud": self.cloud(n),
            "vrf": _vrf(self.vrf_of(n)),
            "dhcp": False,
            "subnets": [{"prefix": f"{net}.0/24", "pools": pools}],
        }

    def _group(self, n: int) -> Json:
        return {
            "name": _group(n),
            "cloud": self.cloud(n),
            "tenant": self.tenant(n),
            "ha_mode": "n+m",
            "buffer": 0,
            "name_prefix": f"g{n:03}",
            "folder": f"AVI/group {n:03}",
            "realtime_metrics": {"enabled": True, "duration": 0},
        }

    def _service(self, n: int, resolve_via: str) -> Json:
        group = self.group_of(n)
        return {
            "name": _dns(n),
            "cloud": self.cloud(n),
            "tenant": self.tenant(group),
            "enabled": True,
            "application_profile": "System-DNS",
            "services": [{"port": 53, "protocol": "udp"}],
            "vrf": _vrf(self.vrf_of(self.network_of(n))),
            "vip": {"auto_allocate": True, "network": _network(self.network_of(n))},
            "se_group": _group(group),
            "fqdn": f"{_dns(n)}.{DOMAIN}",
            "records": [
                {"name": name, "addresses": [f"192.0.2.{i + 1}"], "ttl": 60}
                for i, name in enumerate(_records(n))
            ],
            "resolve_via": resolve_via,
        }

    # The export.

    def export(self, empty: Json) -> Json:
        """Every object by type; `empty` is the lab's own export of a Controller just installed."""
        size = self.size
        dns = _ref("virtualservice", _dns(next(self.dns_services())))
        replaced = ("cloud", "vrfcontext", "serviceenginegroup")
        system = [ref for ref in empty["META"]["system"] if ref.split("/")[2] not in replaced]
        made = {
            "tenant": [
                *empty["tenant"],
                *({"name": name, "uuid": _tenant_uuid(name), "local": True} for name in self.tenants[1:]),
            ],
            "systemconfiguration": [empty["systemconfiguration"][0] | {"dns_virtualservice_refs": [dns]}],
            "ipamdnsproviderprofile": [
                *(self._exported_dns(name, tenant) for name, tenant in self._profiles("dns")),
                *(self._exported_ipam(name, tenant) for name, tenant in self._profiles("ipam")),
            ],
            "cloud": [self._exported_cloud(n) for n in range(size.clouds)],
            "vrfcontext": list(self._exported_vrfs()),
            "network": [self._exported_network(n) for n in range(size.networks)],
            "serviceenginegroup": [self._exported_group(n) for n in range(size.se_groups)],
            "serviceengine": [self._exported_engine(n) for n in range(size.service_engines)],
            "vsvip": [self._exported_vsvip(n) for n in range(size.virtual_services)],
            "virtualservice": [self._exported_service(n) for n in range(size.virtual_services)],
        }
        old = {
            kind: [{"_last_modified": LONG_AGO} | body for body in bodies] for kind, bodies in made.items()
        }
        return empty | old | {"META": empty["META"] | {"system": system}}

    def _exported_dns(self, name: str, tenant: str) -> Json:
        domain = DOMAIN if tenant == "admin" else f"{tenant}.{DOMAIN}"
        inside = {
            "ttl": 30,
            "dns_service_domain": [{"domain_name": domain, "record_ttl": 60, "pass_through": True}],
        }
        return {
            **_named("ipamdnsproviderprofile", name, tenant),
            "type": "IPAMDNS_TYPE_INTERNAL_DNS",
            "internal_profile": inside,
        }

    def _exported_ipam(self, name: str, tenant: str) -> Json:
        return {
            **_named("ipamdnsproviderprofile", name, tenant),
            "type": "IPAMDNS_TYPE_INTERNAL",
            "internal_profile": {"ttl": 30},
            "allocate_ip_in_vrf": True,
        }

    def _exported_cloud(self, n: int) -> Json:
        common = {
            **_named("cloud", self.clouds[n]),
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
                "management_network": f"/api/vimgrnwruntime/{self._network_uuid(0)}",
                "management_ip_subnet": _prefix(_net(0)),
            },
        }

    def _exported_vrfs(self) -> Iterator[Json]:
        for cloud in self.clouds:
            for name in ("global", "management"):
                body = _named("vrfcontext", f"{cloud}/{name}") | {"name": name, "system_default": True}
                yield body | {"cloud_ref": _ref("cloud", cloud)}
        for n in range(self.size.vrfs):
            yield _named("vrfcontext", _vrf(n)) | {"cloud_ref": _ref("cloud", self.cloud(n))}

    def _network_uuid(self, n: int) -> str:
        """That of a discovered port group in the vCenter cloud, a plain one elsewhere."""
        cloud = self.cloud(n)
        if cloud == self.clouds[0]:
            return f"dvportgroup-{1000 + n}-{_uuid('cloud', cloud)}"
        return _uuid("network", _network(n))

    def _exported_network(self, n: int) -> Json:
        net, cloud, uuid_ = _net(n), self.cloud(n), self._network_uuid(n)
        kinds = (("STATIC_IPS_FOR_SE", 10, 99), ("STATIC_IPS_FOR_VIP", 100, 199))
        ranges = [
            {"type": kind, "range": {"begin": _ip(f"{net}.{first}"), "end": _ip(f"{net}.{last}")}}
            for kind, first, last in kinds
        ]
        body = {
            "uuid": uuid_,
            "name": _network(n),
            "tenant_ref": "/api/tenant/admin",
            "cloud_ref": _ref("cloud", cloud),
            "vrf_context_ref": _ref("vrfcontext", _vrf(self.vrf_of(n))),
            "dhcp_enabled": False,
            "configured_subnets": [{"prefix": _prefix(net), "static_ip_ranges": ranges}],
        }
        if cloud == self.clouds[0]:
            body |= {
                "vimgrnw_ref": f"/api/vimgrnwruntime/{uuid_}",
                "vcenter_dvs": True,
                "synced_from_se": True,
            }
        return body

    def _exported_group(self, n: int) -> Json:
        return {
            **_named("serviceenginegroup", _group(n), self.tenant(n)),
            "cloud_ref": _ref("cloud", self.cloud(n)),
            "ha_mode": "HA_MODE_SHARED",
            "buffer_se": 0,
            "max_se": 100,
            "max_vs_per_se": 200,
            "min_scaleout_per_vs": 1,
            "se_name_prefix": f"g{n:03}",
            "vcenter_folder": f"AVI/group {n:03}",
            "realtime_se_metrics": {"enabled": True, "duration": 0},
        }

    def _exported_engine(self, n: int) -> Json:
        """Service Engine n of its group; the management network has room for 90, the others answer by DHCP."""
        group, cloud = self.group_of(n), self.cloud(n)
        letters = "".join(chr(ord("a") + n // 26**i % 26) for i in range(4))
        mac = f"005056{n:06x}"
        place = n // len(self.clouds)
        mode = "STATIC" if place < 90 else "DHCP"
        address = (
            f"{_net(0)}.{10 + place}" if mode == "STATIC" else f"172.16.{place // 250}.{place % 250 + 1}"
        )
        vnic: Json = {
            "mac_address": ":".join(mac[i : i + 2] for i in range(0, 12, 2)),
            "if_name": "eth0",
            "is_mgmt": True,
            "connected": True,
            "dhcp_enabled": mode == "DHCP",
            "vnic_networks": [{"ip": {"ip_addr": _ip(address), "mask": 24}, "mode": mode}],
        }
        if cloud == self.clouds[0]:
            vnic |= {"network_name": _network(0), "network_ref": f"/api/network/{self._network_uuid(0)}"}
        return {
            "uuid": f"se-{mac}",
            "name": f"g{group:03}-se-{letters}a",
            "tenant_ref": _tenant_ref(self.tenant(group)),
            "cloud_ref": _ref("cloud", cloud),
            "se_group_ref": _ref("serviceenginegroup", _group(group)),
            "controller_created": True,
            "enable_state": "SE_STATE_ENABLED",
            "resources": {"num_vcpus": 1, "memory": 2048, "disk": 15},
            "mgmt_vnic": vnic,
        }

    def _vip(self, n: int) -> tuple[int, str]:
        """The network and the address of the n-th virtual service's VIP."""
        network = self.network_of(n)
        mine = len(range(n % len(self.clouds), self.size.networks, len(self.clouds)))
        return network, f"{_net(network)}.{100 + n // len(self.clouds) // mine}"

    def _exported_vsvip(self, n: int) -> Json:
        network, address = self._vip(n)
        subnet, ref = _prefix(_net(network)), f"/api/network/{self._network_uuid(network)}"
        vip = {
            "vip_id": "1",
            "enabled": True,
            "auto_allocate_ip": True,
            "ipam_network_subnet": {"network_ref": ref, "subnet": subnet},
            "ip_address": _ip(address),
            "discovered_networks": [{"network_ref": ref, "subnet": [subnet]}],
        }
        body = {
            **_named("vsvip", f"vsvip-{self._name(n)}", self.tenant(self.group_of(n))),
            "cloud_ref": _ref("cloud", self.cloud(n)),
            "vrf_context_ref": _ref("vrfcontext", _vrf(self.vrf_of(network))),
            "vip": [vip],
        }
        if self._is_dns(n):
            body["dns_info"] = [{"type": "DNS_RECORD_A", "fqdn": f"{_dns(n)}.{DOMAIN}", "ttl": 60}]
        return body

    def _exported_service(self, n: int) -> Json:
        group, dns = self.group_of(n), self._is_dns(n)
        body = {
            **_named("virtualservice", self._name(n), self.tenant(group)),
            "enabled": True,
            "type": "VS_TYPE_NORMAL",
            "cloud_ref": _ref("cloud", self.cloud(n)),
            "vrf_context_ref": _ref("vrfcontext", _vrf(self.vrf_of(self.network_of(n)))),
            "se_group_ref": _ref("serviceenginegroup", _group(group)),
            "vsvip_ref": _ref("vsvip", f"vsvip-{self._name(n)}"),
            "application_profile_ref": f"/api/applicationprofile/?name=System-{'DNS' if dns else 'HTTP'}",
            "network_profile_ref": f"/api/networkprofile/?name=System-{'UDP-Per-Pkt' if dns else 'TCP-Proxy'}",
            "services": [{"port": 53}] if dns else [{"port": 80}, {"port": 443, "enable_ssl": True}],
        }
        if dns:
            body["static_dns_records"] = [
                _record(name, f"192.0.2.{i + 1}") for i, name in enumerate(_records(n))
            ]
        return body

    def _is_dns(self, n: int) -> bool:
        return n % len(self.clouds) == 0 and n // len(self.clouds) < self.size.dns_services

    def _name(self, n: int) -> str:
        return _dns(n) if self._is_dns(n) else f"vs-{n:05}"


def _vrf(n: int) -> str:
    return f"VRF_{n:04}"


def _network(n: int) -> str:
    return f"NET_{n:04}"


def _group(n: int) -> str:
    return f"SEG-{n:03}"


def _dns(n: int) -> str:
    return f"dns-{n:04}"


def _records(n: int) -> list[str]:
    return [f"host-{i}.{_dns(n)}.{DOMAIN}" for i in range(NAMES_PER_DNS_SERVICE)]


def _record(name: str, address: str) -> Json:
    return {"type": "DNS_RECORD_A", "fqdn": [name], "ttl": 60, "ip_address": [{"ip_address": _ip(address)}]}


def _net(n: int) -> str:
    return f"10.{n // 250}.{n % 250}"


def _ip(text: str) -> Json:
    return {"addr": text, "type": "V4"}


def _prefix(net: str) -> Json:
    return {"ip_addr": _ip(f"{net}.0"), "mask": 24}


def _uuid(kind: str, name: str) -> str:
    return f"{kind}-{uuid.uuid5(uuid.NAMESPACE_DNS, f'{name}.{kind}')}"


def _ref(kind: str, name: str) -> str:
    return f"/api/{kind}/{_uuid(kind, name)}"


def _tenant_uuid(name: str) -> str:
    return "admin" if name == "admin" else _uuid("tenant", name)


def _tenant_ref(name: str) -> str:
    return f"/api/tenant/{_tenant_uuid(name)}"


def _named(kind: str, name: str, tenant: str = "admin") -> Json:
    return {"uuid": _uuid(kind, name), "name": name, "tenant_ref": _tenant_ref(tenant)}


def empty_export() -> Json:
    """What a Controller holds that was just installed, asked of the lab: it is a process to us, never a module."""
    with tempfile.TemporaryDirectory(prefix="avi-bench-") as folder:
        path = Path(folder) / "empty.json"
        command = [sys.executable, "-m", "lab", "--state", "empty", "--with-parent", "--export", str(path)]
        # Its standard input is at its end at once: it comes up, and goes down again as one whose parent has ended.
        subprocess.run(command, cwd=ROOT, input=b"", capture_output=True, check=True, timeout=60)
        found: Json = json.loads(path.read_text(encoding="utf-8"))
        return found


def write_export(site: Site, path: Path) -> None:
    """Write the export for `python -m lab --import`."""
    path.write_text(json.dumps(site.export(empty_export()), separators=(",", ":")), encoding="utf-8")


def write_environment(site: Site, path: Path, controller: Json, resolve_via: str = "127.0.0.1:53") -> None:
    """Write the environment file; `controller` says where the Controller is."""
    data = site.environment(controller, resolve_via)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    path.write_text(yaml.dump(data, Dumper=dumper, sort_keys=False, width=200), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write both files of one size into a folder."""
    if len(arguments) != 2 or arguments[0] not in SIZES:
        print(f"usage: python -m benchmarks.sites {'|'.join(SIZES)} FOLDER", file=sys.stderr)
        return 2
    site, folder = Site(SIZES[arguments[0]]), Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_export(site, folder / "site.json")
    write_environment(site, folder / f"{arguments[0]}.yaml", {"address": "127.0.0.1"})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
