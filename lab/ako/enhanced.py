"""Enhanced virtual hosting, virtual services of one host each, and the Gateway API, as AKO makes them.

Which objects there are, that names under enhanced virtual hosting are hashes, and the prefix and creator of the gateway
container's are from AKO's documentation; members beyond those of `lab.ako.bodies` are inferred [INF].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha1

from lab.ako.parts import (
    Wanted,
    certificate_of,
    host_metadata,
    host_paths,
    host_pool,
    object_of,
    service_body,
    vip_of,
)
from lab.ako.place import Place, ref_to
from lab.ako.workloads import Gateway, Path, Route, Workloads
from lab.objects import Json

ENHANCED = {"vh_type": "VS_TYPE_VH_ENHANCED"}


def hosting(place: Place, name: str, paths: list[Path], loads: Workloads) -> list[Wanted]:
    """A shared virtual service of enhanced virtual hosting, and a child for each host, with TLS or without."""
    tenant, domain = place.settings.tenant, place.domain
    names = {path.host for path in paths} | ({f"{name}.{tenant}.{domain}"} if domain else set())
    secure = sorted({path.host for path in paths if path.tls})
    certificates = [certificate_of(place, hashed(place, host), host, loads) for host in secure]
    body: Json = {
        "type": "VS_TYPE_VH_PARENT",
        **ENHANCED,
        "services": [{"port": 80}, {"port": 443, "enable_ssl": True}],
        **service_body(place, name, "System-HTTP", "System-TCP-Proxy", {}),
    }
    wanted = [vip_of(place, name, names), *certificates]
    wanted.append(object_of("virtualservice", name, body | _keys(certificates)))
    for host in dict.fromkeys(path.host for path in paths):
        wanted += _child(place, name, host, [path for path in paths if path.host == host], loads)
    return wanted


def dedicated(place: Place, paths: Iterable[Path], loads: Workloads) -> Iterator[list[Wanted]]:
    """A virtual service of its own for each host."""
    by_host: dict[str, list[Path]] = {}
    for path in paths:
        by_host.setdefault(path.host, []).append(path)
    for host, own in by_host.items():
        evh = "-EVH" if place.settings.flag("AKOSettings.enableEVH") else ""
        name, secure = f"{place.prefix}{host}-L7-dedicated{evh}", any(path.tls for path in own)
        certificates = [certificate_of(place, f"{place.prefix}{host}", host, loads)] if secure else []
        inside = _inside(place, name, own, loads, secure=secure)
        body: Json = {
            "services": [{"port": 80}, *([{"port": 443, "enable_ssl": True}] if secure else [])],
            "http_policies": [{"index": 11, "http_policy_set_ref": ref_to("httppolicyset", name)}],
            **service_body(
                place,
                name,
                "System-Secure-HTTP" if secure else "System-HTTP",
                "System-TCP-Proxy",
                host_metadata(own),
                Namespace=own[0].namespace,
                Host=host,
            ),
        }
        service = object_of("virtualservice", name, body | _keys(certificates))
        yield [vip_of(place, name, [host]), *certificates, *inside, service]


def gateways(place: Place, loads: Workloads) -> Iterator[list[Wanted]]:
    """What the gateway container makes: a parent for each Gateway, a child for each path of each HTTPRoute at it."""
    own = replace(place, container="ako-gw-")
    for (namespace, name), gateway in loads.gateways.items():
        routes = [route for route in loads.routes.values() if route.gateway == (namespace, name)]
        yield _gateway(own, f"{own.prefix}{namespace}-{name}-EVH", gateway, routes, loads)


def _gateway(
    place: Place, name: str, gateway: Gateway, routes: list[Route], loads: Workloads
) -> list[Wanted]:
    hosts = {each.host for each in gateway.listeners if each.host} | {h for r in routes for h in r.hosts}
    plain = sorted(host for host in hosts if not host.startswith("*"))
    secure = sorted({each.host or gateway.name for each in gateway.listeners if each.tls})
    certificates = [certificate_of(place, hashed(place, host), host, loads) for host in secure]
    services: list[Json] = [
        {"port": each.port, **({"enable_ssl": True} if each.tls else {})} for each in gateway.listeners
    ]
    owner = {"GatewayName": gateway.name, "GatewayNamespace": gateway.namespace}
    metadata = {"gateway": f"{gateway.namespace}/{gateway.name}"}
    body: Json = {
        "type": "VS_TYPE_VH_PARENT",
        **ENHANCED,
        "services": services,
        **service_body(place, name, "System-HTTP", "System-TCP-Proxy", metadata, **owner),
    }
    wanted = [vip_of(place, name, plain, gateway.address), *certificates]
    wanted.append(object_of("virtualservice", name, body | _keys(certificates)))
    for route in routes:
        for path in route.paths:
            wanted += _routed(place, name, route, path, loads)
    return wanted


def _routed(place: Place, parent: str, route: Route, path: str, loads: Workloads) -> list[Wanted]:
    """The child of one path of a route: its pool, its pool group and its virtual service."""
    name = hashed(place, f"{parent}-{route.namespace}-{route.name}-{path}")
    owner = {"HTTPRouteName": route.name, "HTTPRouteNamespace": route.namespace}
    backend = Path(route.namespace, route.name, route.hosts[0], path, route.service, tls=False)
    pool = host_pool(place, name, backend, loads)
    group: Json = {"members": [{"ratio": 100, "pool_ref": ref_to("pool", name)}], **place.cloud()}
    metadata = {"httproute": f"{route.namespace}/{route.name}", "hostnames": list(route.hosts)}
    body: Json = {
        "type": "VS_TYPE_VH_CHILD",
        **ENHANCED,
        "vh_parent_vs_ref": ref_to("virtualservice", parent),
        "vh_matches": [_match(host, [path]) for host in route.hosts],
        "pool_group_ref": ref_to("poolgroup", name),
        **service_body(place, "", "System-HTTP", "System-TCP-Proxy", metadata, **owner),
    }
    grouped = object_of("poolgroup", name, group | place.own(**owner))
    return [pool, grouped, object_of("virtualservice", name, body)]


def hashed(place: Place, name: str) -> str:
    """A name under enhanced virtual hosting: a hash behind the cluster's prefix."""
    return place.prefix + sha1(f"{place.prefix}{name}".encode(), usedforsecurity=False).hexdigest()


def _keys(certificates: list[Wanted]) -> Json:
    refs = [ref_to("sslkeyandcertificate", each.name) for each in certificates]
    return {"ssl_key_and_certificate_refs": refs} if refs else {}


def _match(host: str, paths: list[str]) -> Json:
    path = {"match_case": "SENSITIVE", "match_criteria": "BEGINS_WITH", "match_str": paths}
    return {"host": host, "rules": [{"name": f"{host}-rule", "matches": {"path": path}}]}


def _child(place: Place, parent: str, host: str, paths: list[Path], loads: Workloads) -> list[Wanted]:
    """The child of a host: a pool group with a pool for each path, and the policy that chooses among them."""
    name, secure = hashed(place, host), any(path.tls for path in paths)
    inside = _inside(place, name, paths, loads, secure=secure)
    body: Json = {
        "type": "VS_TYPE_VH_CHILD",
        **ENHANCED,
        "vh_parent_vs_ref": ref_to("virtualservice", parent),
        "vh_matches": [_match(host, ["/"])],
        "http_policies": [{"index": 11, "http_policy_set_ref": ref_to("httppolicyset", name)}],
        **service_body(
            place,
            "",
            "System-Secure-HTTP" if secure else "System-HTTP",
            "System-TCP-Proxy",
            host_metadata(paths),
            Namespace=paths[0].namespace,
            Host=host,
        ),
    }
    return [*inside, object_of("virtualservice", name, body)]


def _inside(place: Place, name: str, paths: list[Path], loads: Workloads, *, secure: bool) -> list[Wanted]:
    """The pools of a host's paths, and the policy that chooses among them, which redirects to TLS where there is."""

    def pool_name(path: Path) -> str:
        return hashed(place, f"{path.namespace}-{path.host}{path.path}-{path.ingress}")

    return host_paths(place, name, paths, loads, pool_name=pool_name, redirects=secure)
