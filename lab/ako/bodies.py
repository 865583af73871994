"""Objects that AKO makes on the Controller: their names, members and markers, as AKO 1.13.4 and 2.2.1 made them.

What was read off a Controller behind them is [CLIENT]: shared and child virtual services, services of type LoadBalancer
and what they refer to. Passthrough, UDP and SCTP have their names and profiles from AKO's documentation [INF]; for
enhanced virtual hosting, dedicated virtual services and the Gateway API see `lab.ako.enhanced`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lab.ako import enhanced
from lab.ako.parts import (
    NETWORK_PROFILE,
    Wanted,
    backends,
    certificate_of,
    host_metadata,
    host_paths,
    host_pool,
    metadata_text,
    object_of,
    plain_pool_name,
    redirect_policy,
    service_body,
    spelt,
    vip_of,
)
from lab.ako.place import Place, ref_to
from lab.ako.workloads import Balancer, Path, Workloads, shard
from lab.objects import Json

SCRIPT = "-- picks the member of the pool group whose priority_label is host and path"
SNI_SCRIPT = "-- picks the pool group that is named by the server name of the TLS handshake"


def graphs(place: Place, loads: Workloads) -> Iterator[list[Wanted]]:
    """What is wanted, one list for each virtual service with its children, in the order in which it is written."""
    inside = loads.paths(place.domains)
    hosting = enhanced.hosting if place.settings.flag("AKOSettings.enableEVH") else shared
    kind = "Shared-L7-EVH" if hosting is enhanced.hosting else "Shared-L7"
    if place.settings.shards("L7Settings.shardVSSize"):
        for name, paths in _shards(place, kind, "L7Settings.shardVSSize", inside):
            yield hosting(place, name, paths, loads)
    else:
        yield from enhanced.dedicated(place, inside, loads)
    yield from enhanced.gateways(place, loads)
    for balancer in loads.balancers():
        yield l4(place, balancer, loads)
    through = loads.passthroughs(place.domains)
    for name, paths in _shards(place, "Shared-Passthrough", "L7Settings.passthroughShardSize", through):
        yield passthrough(place, name, paths, loads)


def _shards(place: Place, kind: str, setting: str, paths: Iterable[Path]) -> Iterable[tuple[str, list[Path]]]:
    """The shared virtual services that paths are spread over: name, and paths of each."""
    size = place.settings.shards(setting) or 1
    spread: dict[str, list[Path]] = {}
    for path in paths:
        spread.setdefault(f"{place.prefix}{kind}-{shard(path.host, size)}", []).append(path)
    return spread.items()


def shared(place: Place, name: str, paths: list[Path], loads: Workloads) -> list[Wanted]:
    """A shared virtual service of HTTP, and a child for each host with TLS."""
    plain, secure = [p for p in paths if not p.tls], [p for p in paths if p.tls]
    tenant, domain = place.settings.tenant, place.domain
    names = {path.host for path in paths} | ({f"{name}.{tenant}.{domain}"} if domain else set())
    pools = [host_pool(place, plain_pool_name(place, path), path, loads) for path in plain]
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
        **service_body(place, name, "System-HTTP", "System-TCP-Proxy", {}),
    }
    wanted = [vip_of(place, name, names), *pools, object_of("poolgroup", name, group)]
    wanted.append(object_of("vsdatascriptset", name, script))
    if secure:
        wanted.append(redirect_policy(place, name, sorted({path.host for path in secure})))
        body["http_policies"] = [{"index": 11, "http_policy_set_ref": ref_to("httppolicyset", name)}]
    wanted.append(object_of("virtualservice", name, body))
    for host in dict.fromkeys(path.host for path in secure):
        wanted += _child(place, name, host, [path for path in secure if path.host == host], loads)
    return wanted


def _child(place: Place, parent: str, host: str, paths: list[Path], loads: Workloads) -> list[Wanted]:
    """The child of a host with TLS, its certificate, its policy, and a pool group with a pool for each path."""
    name, namespace = f"{place.prefix}{host}", paths[0].namespace
    policy = f"{place.prefix}{namespace}-{host}"
    inside = host_paths(
        place, policy, paths, loads, pool_name=lambda path: f"{policy}{spelt(path.path)}-{path.ingress}"
    )
    body: Json = {
        "type": "VS_TYPE_VH_CHILD",
        "vh_domain_name": [host],
        "vh_parent_vs_ref": ref_to("virtualservice", parent),
        "ssl_key_and_certificate_refs": [ref_to("sslkeyandcertificate", name)],
        "http_policies": [{"index": 11, "http_policy_set_ref": ref_to("httppolicyset", policy)}],
        **service_body(
            place,
            "",
            "System-Secure-HTTP",
            "System-TCP-Proxy",
            host_metadata(paths),
            Namespace=namespace,
            Host=host,
        ),
    }
    return [certificate_of(place, name, host, loads), *inside, object_of("virtualservice", name, body)]


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
        body = backends(place, pods, port.protocol) | place.own(**owner, Port=str(port.number))
        pools.append(object_of("pool", pool, body | {"service_metadata": metadata_text()}))
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
        **service_body(place, name, "System-L4-Application", profile, metadata, **owner),
    }
    vsvip = vip_of(place, name, names, load.address)
    return [vsvip, *pools, object_of("l4policyset", name, policy), object_of("virtualservice", name, body)]


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
    wanted = [vip_of(place, name, sorted({path.host for path in paths}))]
    groups: list[str] = []
    for path in paths:
        group = f"{place.prefix}{path.host}"
        owner = {"Namespace": path.namespace, "Host": path.host}
        pool = f"{group}-{path.service}"
        body = backends(place, loads.pods(path.namespace, path.service), "TCP") | place.own(**owner)
        metadata = {"namespace": path.namespace, "hostnames": [path.host], "ingress_name": path.ingress}
        wanted.append(
            object_of(
                "pool", pool, body | {"service_metadata": metadata_text(metadata | {"pool_ratio": 100})}
            )
        )
        members = [{"ratio": 100, "pool_ref": ref_to("pool", pool)}]
        wanted.append(
            object_of("poolgroup", group, {"members": members, **place.cloud(), **place.own(**owner)})
        )
        groups.append(ref_to("poolgroup", group))
    script: Json = {
        "datascript": [{"evt": "VS_DATASCRIPT_EVT_TCP_CLIENT_ACCEPT", "script": SNI_SCRIPT}],
        "pool_group_refs": groups,
        **place.own(),
    }
    body = {
        "services": [{"port": 443}],
        "vs_datascripts": [{"index": 0, "vs_datascript_set_ref": ref_to("vsdatascriptset", name)}],
        **service_body(place, name, "System-L4-Application", "System-TCP-Proxy", {}),
    }
    return [*wanted, object_of("vsdatascriptset", name, script), object_of("virtualservice", name, body)]
