"""Parts of the objects that AKO makes: what virtual services, VIPs, pools and policies of every sort have.

Read off a Controller behind AKO 1.13.4 and 2.2.1 [CLIENT].
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from zlib import adler32

from lab.ako.place import Place, ref_to
from lab.ako.preflight import Crashes
from lab.ako.workloads import Path, Pods, Workloads
from lab.cloud.common import ip_json, prefix_json
from lab.cloud.nsxt import public_subnet
from lab.objects import Json

METADATA: Json = {
    "namespace_ingress_name": None,
    "ingress_name": "",
    "namespace": "",
    "hostnames": None,
    "namespace_svc_name": None,
    "crd_status": {"type": "", "value": "", "status": ""},
    "pool_ratio": 0,
    "passthrough_parent_ref": "",
    "passthrough_child_ref": "",
    "gateway": "",
    "httproute": "",
    "insecureedgetermallow": False,
    "is_mci_ingress": False,
    "fqdn_reuse_policy": "",
    "host_namespace_ingress_name": None,
}
NETWORK_PROFILE = {"TCP": "System-TCP-Proxy", "UDP": "System-UDP-Fast-Path", "SCTP": "System-SCTP-Proxy"}
MONITOR = {"TCP": "System-TCP", "UDP": "System-UDP", "SCTP": "System-SCTP"}


@dataclass(frozen=True)
class Wanted:
    """An object that AKO wants: its type, name and body, references by name."""

    kind: str
    name: str
    body: Json

    @property
    def checksum(self) -> str:
        """What tells one body from another."""
        return str(adler32(json.dumps(self.body, sort_keys=True).encode()))


def redirect_policy(place: Place, name: str, hosts: list[str]) -> Wanted:
    """The policy that sends these hosts from port 80 to TLS."""
    return http_policy(place, name, [redirect_rule_of(name, hosts)], {})


def redirect_rule_of(name: str, hosts: list[str]) -> Json:
    """The rule of that."""
    return {
        "enable": True,
        "index": 0,
        "name": f"{name}-0",
        "match": {
            "host_hdr": {"match_criteria": "HDR_EQUALS", "value": hosts},
            "vs_port": {"match_criteria": "IS_IN", "ports": [80]},
        },
        "redirect_action": {"port": 443, "protocol": "HTTPS"},
    }


def certificate_of(place: Place, name: str, host: str, loads: Workloads) -> Wanted:
    """The certificate of a host, from its Secret."""
    keys = loads.certificate(host)
    body: Json = {
        "type": "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE",
        "key": keys["key"],
        "certificate": {"certificate": keys["certificate"]},
        **place.own(Host=host),
    }
    return object_of("sslkeyandcertificate", name, body)


def http_policy(place: Place, name: str, rules: list[Json], markers: Json) -> Wanted:
    """A policy set of these rules."""
    body: Json = {
        "http_request_policy": {"rules": rules},
        "http_security_policy": {},
        **place.own(**markers),
    }
    return object_of("httppolicyset", name, body)


def path_rule(policy: str, index: int, path: str, group: str) -> Json:
    """The rule that sends a path of a host to its pool group."""
    how = {"match_case": "SENSITIVE", "match_criteria": "BEGINS_WITH", "match_str": [path]}
    action = {"action": "HTTP_SWITCHING_SELECT_POOLGROUP", "pool_group_ref": ref_to("poolgroup", group)}
    named = {"name": f"{policy}-{index}", "enable": True, "index": index}
    return named | {"match": {"path": how}, "switching_action": action}


def host_paths(  # noqa: PLR0913 -- where, whose, and what
    place: Place,
    policy: str,
    paths: list[Path],
    loads: Workloads,
    *,
    pool_name: Callable[[Path], str],
    redirects: bool = False,
) -> list[Wanted]:
    """For each path of a host a pool and its group, and the policy over them; `redirects`: it sends port 80 to TLS."""
    host = paths[0].host
    wanted: list[Wanted] = []
    rules: list[Json] = [redirect_rule_of(policy, [host])] if redirects else []
    for path in sorted(paths, key=lambda each: (-len(each.path), each.path)):
        pool = host_pool(place, pool_name(path), path, loads)
        markers = {"Namespace": path.namespace, "Host": host, "Path": path.path, "IngressName": path.ingress}
        group: Json = {
            "members": [{"ratio": 100, "pool_ref": ref_to("pool", pool.name)}],
            **place.cloud(),
            **place.own(**markers),
        }
        wanted += [pool, object_of("poolgroup", pool.name, group)]
        rules.append(path_rule(policy, len(rules), path.path, pool.name))
    all_markers: Json = {
        "Namespace": paths[0].namespace,
        "Host": host,
        "Path": {path.path for path in paths},
        "IngressName": {path.ingress for path in paths},
    }
    return [*wanted, http_policy(place, policy, rules, all_markers)]


def host_metadata(paths: list[Path]) -> Json:
    """The bookkeeping on the virtual service of a host with these paths."""
    names = [*dict.fromkeys(f"{path.namespace}/{path.ingress}" for path in paths)]
    return {
        "namespace_ingress_name": names,
        "namespace": paths[0].namespace,
        "hostnames": [paths[0].host],
    }


def service_body(
    place: Place, vsvip: str, application: str, network: str, metadata: Json, **markers: str
) -> Json:
    """What virtual services of all sorts have; `vsvip` is "" for a child."""
    body: Json = {
        "application_profile_ref": ref_to("applicationprofile", application),
        "network_profile_ref": ref_to("networkprofile", network),
        "se_group_ref": ref_to("serviceenginegroup", place.settings.group),
        "service_metadata": metadata_text(metadata),
        **place.cloud(),
        **place.own(**markers),
        **({"vrf_context_ref": ref_to("vrfcontext", place.vrf)} if place.vrf else {}),
    }
    return body | ({"vsvip_ref": ref_to("vsvip", vsvip)} if vsvip else {})


def _range(cidr: str) -> Json:
    """A range as AKO takes it apart: a mask that is no number is 0. Raises Crashes where there is none [CLIENT]."""
    address, slash, mask = cidr.partition("/")
    if not slash:
        raise Crashes("panic: runtime error: index out of range [1] with length 1")
    return {"ip_addr": ip_json(address), "mask": int(mask) if mask.isdecimal() else 0}


def vip_of(place: Place, name: str, names: Iterable[str], address: str = "") -> Wanted:
    """A VIP whose addresses the Controller chooses; unlike all else it does not name its creator.

    With `v6cidr` it has an address of that family as well, without `cidr` of that family alone [INF].
    """
    vip: Json = {"vip_id": "0", "auto_allocate_ip": True}
    networks = place.settings.get("NetworkSettings.vipNetworkList") or [{}]
    ids = place.settings.tier1.split("/")[4::2]  # of /orgs/<org>/projects/<project>/vpcs/<vpc>
    if place.settings.vpc and len(ids) == 2:
        vip["subnet_uuid"] = public_subnet(*ids)
    elif place.vip_network:
        vip["ipam_network_subnet"] = {"network_ref": place.vip_network}
        if cidr := networks[0].get("cidr"):
            vip["ipam_network_subnet"]["subnet"] = _range(str(cidr))
        if cidr6 := networks[0].get("v6cidr"):
            vip["ipam_network_subnet"]["subnet6"] = _range(str(cidr6))
            vip["auto_allocate_ip_type"] = "V4_V6" if cidr else "V6_ONLY"
    if address:
        vip["ip_address"] = ip_json(address)
    return object_of(
        "vsvip",
        name,
        {
            "vip": [vip],
            "dns_info": [{"fqdn": each, "type": "DNS_RECORD_A"} for each in sorted(names)],
            "markers": place.own()["markers"],
            **place.cloud(),
            **place.routed("vrf_context_ref"),
        },
    )


def plain_pool_name(place: Place, path: Path) -> str:
    """The name of the pool of a path without TLS."""
    return f"{place.prefix}{path.host}{spelt(path.path)}-{path.namespace}-{path.ingress}"


def host_pool(place: Place, name: str, path: Path, loads: Workloads) -> Wanted:
    """The pool of a host's path. That of a host with TLS names its service in its markers."""
    metadata = {
        "ingress_name": path.ingress,
        "namespace": path.namespace,
        "hostnames": [path.host],
        "pool_ratio": 100,
    }
    markers = {"Namespace": path.namespace, "Host": path.host}
    markers |= {"ServiceName": path.service} if path.tls else {}
    markers |= {"Path": path.path, "IngressName": path.ingress}
    body = backends(place, loads.pods(path.namespace, path.service), "TCP")
    return object_of(
        "pool", name, body | {"service_metadata": metadata_text(metadata), **place.own(**markers)}
    )


def backends(place: Place, pods: Iterable[Pods], protocol: str) -> Json:
    """Servers, health monitor and networks of a pool."""
    servers = [
        {
            "ip": ip_json(pod.ip),
            "port": pod.port,
            "external_uuid": f"{pod.ip}:{pod.port}",
            "server_node": pod.node,
        }
        for pod in pods
    ]
    networks = [
        {
            "network_ref": ref_to("network", each["networkName"])
            if each.get("networkName")
            else f"/api/network/{each.get('networkUUID')}",
            "subnet": prefix_json(ip_network(cidr, strict=False)),
        }
        for each in place.settings.get("NetworkSettings.nodeNetworkList") or ()
        for cidr in each.get("cidrs") or ()
    ]
    return {
        "sni_enabled": False,
        "health_monitor_refs": [ref_to("healthmonitor", MONITOR[protocol])],
        "servers": servers,
        **({"placement_networks": networks} if networks else {}),
        **place.cloud(),
        **place.routed("vrf_ref"),
    }


def metadata_text(metadata: Json | None = None) -> str:
    """The bookkeeping that AKO keeps on its objects, as text."""
    return json.dumps(METADATA | (metadata or {}), separators=(",", ":"))


def spelt(path: str) -> str:
    """A path as names of objects have it."""
    return path.replace("/", "_")


def object_of(kind: str, name: str, body: dict[str, Any]) -> Wanted:
    """A wanted object of a type."""
    return Wanted(kind, name, {"name": name, **body})
