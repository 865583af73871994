"""Objects that AKO makes on the Controller: their names, members and markers, as AKO 1.13.4 and 2.2.1 made them.

What was read off a Controller behind them is [CLIENT]: shared and child virtual services, services of type LoadBalancer
and what they refer to. Passthrough, UDP and SCTP have their names and profiles from AKO's documentation [INF].
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from zlib import adler32

from lab.ako.place import Place, ref_to
from lab.ako.workloads import Balancer, Path, Pods, Workloads, shard
from lab.cloud.common import ip_json, prefix_json
from lab.objects import Json

SCRIPT = "-- picks the member of the pool group whose priority_label is host and path"
SNI_SCRIPT = "-- picks the pool group that is named by the server name of the TLS handshake"
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


def graphs(place: Place, loads: Workloads) -> Iterator[list[Wanted]]:
    """What is wanted, one list for each virtual service with its children, in the order in which it is written."""
    inside = loads.paths(place.domains)
    for name, paths in _shards(place, "Shared-L7", "L7Settings.shardVSSize", inside):
        yield shared(place, name, paths, loads)
    for balancer in loads.balancers():
        yield l4(place, balancer, loads)
    through = loads.passthroughs(place.domains)
    for name, paths in _shards(place, "Shared-Passthrough", "L7Settings.passthroughShardSize", through):
        yield passthrough(place, name, paths, loads)


def _shards(place: Place, kind: str, setting: str, paths: Iterable[Path]) -> Iterable[tuple[str, list[Path]]]:
    """The shared virtual services that paths are spread over: name, and paths of each."""
    size = place.settings.shards(setting)
    spread: dict[str, list[Path]] = {}
    for path in paths:
        spread.setdefault(f"{place.prefix}{kind}-{shard(path.host, size)}", []).append(path)
    return spread.items()


def shared(place: Place, name: str, paths: list[Path], loads: Workloads) -> list[Wanted]:
    """A shared virtual service of HTTP, and a child for each host with TLS."""
    plain, secure = [p for p in paths if not p.tls], [p for p in paths if p.tls]
    tenant, domain = place.settings.tenant, place.domain
    names = {path.host for path in paths} | ({f"{name}.{tenant}.{domain}"} if domain else set())
    pools = [_pool(place, _plain_pool(place, path), path, loads) for path in plain]
    members = [
        {"ratio": 100, "pool_ref": ref_to("pool", pool.name), "priority_label": f"{path.host}{path.path}"}
        for pool, path in zip(pools, plain, strict=True)
    ]
    group: Json = {"implicit_priority_labels": True, "members": members, **place.cloud(), **place.own()}
    script: Json = {
        "datascript": [{"evt": "VS_DATASCRIPT_EVT_HTTP_REQ", "script": SCRIPT}],
        "pool_group_refs": [ref_to("poolgroup", name)],
        **place.own(),
    }
    body: Json = {
        "type": "VS_TYPE_VH_PARENT",
        "services": [{"port": 80}, {"port": 443, "enable_ssl": True}],
        "vs_datascripts": [{"index": 0, "vs_datascript_set_ref": ref_to("vsdatascriptset", name)}],
        **_service(place, name, "System-HTTP", "System-TCP-Proxy", {}),
    }
    wanted = [_vsvip(place, name, names), *pools, _w("poolgroup", name, group)]
    wanted.append(_w("vsdatascriptset", name, script))
    if secure:
        wanted.append(_redirect(place, name, sorted({path.host for path in secure})))
        body["http_policies"] = [{"index": 11, "http_policy_set_ref": ref_to("httppolicyset", name)}]
    wanted.append(_w("virtualservice", name, body))
    for host in dict.fromkeys(path.host for path in secure):
        wanted += _child(place, name, host, [path for path in secure if path.host == host], loads)
    return wanted


def _redirect(place: Place, name: str, hosts: list[str]) -> Wanted:
    rule: Json = {
        "enable": True,
        "index": 0,
        "name": f"{name}-0",
        "match": {
            "host_hdr": {"match_criteria": "HDR_EQUALS", "value": hosts},
            "vs_port": {"match_criteria": "IS_IN", "ports": [80]},
        },
        "redirect_action": {"port": 443, "protocol": "HTTPS"},
    }
    return _policy(place, name, [rule], {})


def _policy(place: Place, name: str, rules: list[Json], markers: Json) -> Wanted:
    body: Json = {
        "http_request_policy": {"rules": rules},
        "http_security_policy": {},
        **place.own(**markers),
    }
    return _w("httppolicyset", name, body)


def _child(place: Place, parent: str, host: str, paths: list[Path], loads: Workloads) -> list[Wanted]:
    """The child of a host with TLS, its certificate, its policy, and a pool group with a pool for each path."""
    name, namespace = f"{place.prefix}{host}", paths[0].namespace
    policy = f"{place.prefix}{namespace}-{host}"
    keys = loads.certificate(host)
    certificate: Json = {
        "type": "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE",
        "key": keys["key"],
        "certificate": {"certificate": keys["certificate"]},
        **place.own(Host=host),
    }
    rules: list[Json] = []
    wanted = [_w("sslkeyandcertificate", name, certificate)]
    for path in sorted(paths, key=lambda each: (-len(each.path), each.path)):
        pool = _pool(place, f"{policy}{_spelt(path.path)}-{path.ingress}", path, loads)
        markers = {"Namespace": path.namespace, "Host": host, "Path": path.path, "IngressName": path.ingress}
        group: Json = {
            "members": [{"ratio": 100, "pool_ref": ref_to("pool", pool.name)}],
            **place.cloud(),
            **place.own(**markers),
        }
        wanted += [pool, _w("poolgroup", pool.name, group)]
        rules.append(_switch(policy, len(rules), path.path, pool.name))
    all_markers: Json = {
        "Namespace": namespace,
        "Host": host,
        "Path": {path.path for path in paths},
        "IngressName": {path.ingress for path in paths},
    }
    wanted.append(_policy(place, policy, rules, all_markers))
    names = [*dict.fromkeys(f"{path.namespace}/{path.ingress}" for path in paths)]
    metadata = {"namespace_ingress_name": names, "namespace": namespace, "hostnames": [host]}
    body: Json = {
        "type": "VS_TYPE_VH_CHILD",
        "vh_domain_name": [host],
        "vh_parent_vs_ref": ref_to("virtualservice", parent),
        "ssl_key_and_certificate_refs": [ref_to("sslkeyandcertificate", name)],
        "http_policies": [{"index": 11, "http_policy_set_ref": ref_to("httppolicyset", policy)}],
        **_service(
            place, "", "System-Secure-HTTP", "System-TCP-Proxy", metadata, Namespace=namespace, Host=host
        ),
    }
    return [*wanted, _w("virtualservice", name, body)]


def _switch(policy: str, index: int, path: str, group: str) -> Json:
    how = {"match_case": "SENSITIVE", "match_criteria": "BEGINS_WITH", "match_str": [path]}
    action = {"action": "HTTP_SWITCHING_SELECT_POOLGROUP", "pool_group_ref": ref_to("poolgroup", group)}
    named = {"name": f"{policy}-{index}", "enable": True, "index": index}
    return named | {"match": {"path": how}, "switching_action": action}


def l4(place: Place, load: Balancer, loads: Workloads) -> list[Wanted]:
    """The virtual service of a Service of type LoadBalancer: a pool and a rule for each port."""
    name = f"{place.prefix}{load.namespace}-{load.name}"
    joint = "-" if place.settings.text("L4Settings.autoFQDN") == "flat" else "."
    registers = place.domain and place.settings.text("L4Settings.autoFQDN") in ("default", "flat")
    names = [f"{load.name}{joint}{load.namespace}.{place.domain}"] if registers else []
    owner = {"Namespace": load.namespace, "ServiceName": load.name}
    pods = loads.pods(load.namespace, load.name)
    pools: list[Wanted] = []
    rules: list[Json] = []
    for port in load.ports:
        pool = f"{name}-{port.protocol}-{port.number}"
        body = _backends(place, pods, port.protocol) | place.own(**owner, Port=str(port.number))
        pools.append(_w("pool", pool, body | {"service_metadata": _metadata()}))
        rules.append(_select(len(rules), port.number, port.protocol, pool))
    protocols = sorted({port.protocol for port in load.ports})
    policy: Json = {
        "l4_connection_policy": {"rules": rules},
        **place.own(**owner, Protocol=protocols),
    }
    metadata = {"hostnames": names or None, "namespace_svc_name": [f"{load.namespace}/{load.name}"]}
    profile = NETWORK_PROFILE["TCP" if "TCP" in protocols else protocols[0]]
    services: list[Json] = []
    for port in load.ports:
        entry: Json = {"port": port.number}
        if NETWORK_PROFILE[port.protocol] != profile:
            entry["override_network_profile_ref"] = ref_to("networkprofile", NETWORK_PROFILE[port.protocol])
        services.append(entry)
    body = {
        "services": services,
        "remove_listening_port_on_vs_down": True,
        "l4_policies": [{"index": 0, "l4_policy_set_ref": ref_to("l4policyset", name)}],
        **_service(place, name, "System-L4-Application", profile, metadata, **owner),
    }
    vsvip = _vsvip(place, name, names, load.address)
    return [vsvip, *pools, _w("l4policyset", name, policy), _w("virtualservice", name, body)]


def _select(index: int, port: int, protocol: str, pool: str) -> Json:
    select = {"action_type": "L4_RULE_ACTION_SELECT_POOL", "pool_ref": ref_to("pool", pool)}
    return {
        "name": ref_to("pool", pool),
        "index": index,
        "action": {"select_pool": select},
        "match": {
            "port": {"match_criteria": "IS_IN", "ports": [port]},
            "protocol": {"match_criteria": "IS_IN", "protocol": f"PROTOCOL_{protocol}"},
        },
    }


def passthrough(place: Place, name: str, paths: list[Path], loads: Workloads) -> list[Wanted]:
    """The shared virtual service of TLS that is passed through, with a pool group for each host [INF: names]."""
    wanted = [_vsvip(place, name, sorted({path.host for path in paths}))]
    groups: list[str] = []
    for path in paths:
        group = f"{place.prefix}{path.host}"
        owner = {"Namespace": path.namespace, "Host": path.host}
        pool = f"{group}-{path.service}"
        body = _backends(place, loads.pods(path.namespace, path.service), "TCP") | place.own(**owner)
        metadata = {"namespace": path.namespace, "hostnames": [path.host], "ingress_name": path.ingress}
        wanted.append(
            _w("pool", pool, body | {"service_metadata": _metadata(metadata | {"pool_ratio": 100})})
        )
        members = [{"ratio": 100, "pool_ref": ref_to("pool", pool)}]
        wanted.append(_w("poolgroup", group, {"members": members, **place.cloud(), **place.own(**owner)}))
        groups.append(ref_to("poolgroup", group))
    script: Json = {
        "datascript": [{"evt": "VS_DATASCRIPT_EVT_TCP_CLIENT_ACCEPT", "script": SNI_SCRIPT}],
        "pool_group_refs": groups,
        **place.own(),
    }
    body = {
        "services": [{"port": 443}],
        "vs_datascripts": [{"index": 0, "vs_datascript_set_ref": ref_to("vsdatascriptset", name)}],
        **_service(place, name, "System-L4-Application", "System-TCP-Proxy", {}),
    }
    return [*wanted, _w("vsdatascriptset", name, script), _w("virtualservice", name, body)]


def _service(
    place: Place, vsvip: str, application: str, network: str, metadata: Json, **markers: str
) -> Json:
    """What virtual services of all sorts have; `vsvip` is "" for a child."""
    body: Json = {
        "application_profile_ref": ref_to("applicationprofile", application),
        "network_profile_ref": ref_to("networkprofile", network),
        "se_group_ref": ref_to("serviceenginegroup", place.settings.group),
        "service_metadata": _metadata(metadata),
        **place.cloud(),
        **place.own(**markers),
        "vrf_context_ref": ref_to("vrfcontext", place.vrf),
    }
    return body | ({"vsvip_ref": ref_to("vsvip", vsvip)} if vsvip else {})


def _vsvip(place: Place, name: str, names: Iterable[str], address: str = "") -> Wanted:
    """A VIP whose address the Controller chooses; unlike all else it does not name its creator."""
    vip: Json = {"vip_id": "0", "auto_allocate_ip": True}
    networks = place.settings.get("NetworkSettings.vipNetworkList") or [{}]
    if place.vip_network:
        vip["ipam_network_subnet"] = {"network_ref": f"/api/network/{place.vip_network}"}
        if cidr := networks[0].get("cidr"):
            vip["ipam_network_subnet"]["subnet"] = prefix_json(ip_network(cidr, strict=False))
    if address:
        vip["ip_address"] = ip_json(address)
    return _w(
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


def _plain_pool(place: Place, path: Path) -> str:
    return f"{place.prefix}{path.host}{_spelt(path.path)}-{path.namespace}-{path.ingress}"


def _pool(place: Place, name: str, path: Path, loads: Workloads) -> Wanted:
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
    body = _backends(place, loads.pods(path.namespace, path.service), "TCP")
    return _w("pool", name, body | {"service_metadata": _metadata(metadata), **place.own(**markers)})


def _backends(place: Place, pods: Iterable[Pods], protocol: str) -> Json:
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


def _metadata(metadata: Json | None = None) -> str:
    return json.dumps(METADATA | (metadata or {}), separators=(",", ":"))


def _spelt(path: str) -> str:
    return path.replace("/", "_")


def _w(kind: str, name: str, body: dict[str, Any]) -> Wanted:
    return Wanted(kind, name, {"name": name, **body})
