"""Workloads of a Kubernetes cluster that AKO serves: Ingresses, Services, passed-through TLS, Gateways and routes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from lab.ako.settings import Settings
from lab.objects import Json, Refused

PROTOCOLS = ("TCP", "UDP", "SCTP")
KINDS = ("ingress", "service", "passthrough", "gateway", "httproute")
NODE_PORT = 30080


@dataclass(frozen=True)
class Pods:
    """One backend: the address and port behind it, and its node."""

    ip: str
    port: int
    node: str


@dataclass(frozen=True)
class Path:
    """A path of a host, and the Service behind it."""

    namespace: str
    ingress: str
    host: str
    path: str
    service: str
    tls: bool


@dataclass(frozen=True)
class Port:
    """A port of a Service."""

    number: int
    protocol: str = "TCP"


@dataclass(frozen=True)
class Balancer:
    """A Service of type LoadBalancer."""

    namespace: str
    name: str
    ports: tuple[Port, ...]
    address: str = ""


@dataclass(frozen=True)
class GatewayPort:
    """A port of a Gateway, and the host that it is for; "" for any."""

    port: int
    tls: bool = False
    host: str = ""


@dataclass(frozen=True)
class Gateway:
    """A Gateway of the Gateway API."""

    namespace: str
    name: str
    listeners: tuple[GatewayPort, ...]
    address: str = ""


@dataclass(frozen=True)
class Route:
    """An HTTPRoute: the Gateway that it is at, its hosts and paths, and the Service behind it."""

    namespace: str
    name: str
    gateway: tuple[str, str]
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    service: str


@dataclass
class Service:
    """What stands behind a Service: its place among the cluster's Services, its pods and their port."""

    number: int
    replicas: int
    port: int


@dataclass
class Workloads:
    """All workloads of one cluster."""

    settings: Settings
    now: datetime
    ingresses: dict[tuple[str, str], tuple[Path, ...]] = field(default_factory=dict)
    through: dict[tuple[str, str], tuple[Path, ...]] = field(default_factory=dict)
    l4: dict[tuple[str, str], Balancer] = field(default_factory=dict)
    gateways: dict[tuple[str, str], Gateway] = field(default_factory=dict)
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    services: dict[tuple[str, str], Service] = field(default_factory=dict)
    certificates: dict[str, Json] = field(default_factory=dict)

    def paths(self, domains: tuple[str, ...]) -> Iterator[Path]:
        """Every path whose host lies in one of the cloud's domains; the others are ignored [CLIENT]."""
        return (path for paths in self.ingresses.values() for path in paths if _inside(path.host, domains))

    def passthroughs(self, domains: tuple[str, ...]) -> Iterator[Path]:
        """Every host whose TLS is passed through, under the same condition."""
        return (path for paths in self.through.values() for path in paths if _inside(path.host, domains))

    def balancers(self) -> Iterator[Balancer]:
        """Every Service of type LoadBalancer."""
        return iter(self.l4.values())

    def pods(self, namespace: str, name: str) -> list[Pods]:
        """What stands behind a Service: its pods, spread over the nodes, or the nodes themselves for NodePort."""
        service, nodes = self.services[namespace, name], self.settings.nodes
        if self.settings.service_type == "NodePort":
            return [Pods(node.ip, NODE_PORT + service.number, node.name) for node in nodes]
        pods = []
        for replica in range(service.replicas if nodes else 0):
            node = nodes[replica % len(nodes)]
            inside = ip_network(node.pods[0])
            ip = inside.network_address + (10 * (service.number + 1) + replica) % (inside.num_addresses - 2)
            pods.append(Pods(str(ip), service.port, node.name))
        return pods

    def certificate(self, host: str) -> Json:
        """The key and certificate of a host's Secret, made once: `{key, certificate}` in PEM."""
        if host not in self.certificates:
            from lab.controller.issuing import issue  # noqa: PLC0415 -- cryptography is slow to load

            body: Json = {
                "certificate": {
                    "subject": {"common_name": host},
                    "subject_alt_names": [host],
                    "self_signed": True,
                },
                "key_params": {"algorithm": "SSL_KEY_ALGORITHM_EC"},
            }
            issue(body, self.now)
            keys = {"key": body["key"], "certificate": body["certificate"]["certificate"]}
            self.certificates[host] = keys
        return self.certificates[host]

    def add(self, kind: str, given: Any) -> None:
        """Take up a workload. Raises Refused (400) for one that cannot be."""
        stated = given if isinstance(given, dict) else {}
        namespace, name = str(stated.get("namespace", "default")), str(stated.get("name", "web"))
        if kind == "service":
            ports = tuple(_port(each) for each in stated.get("ports", [80]))
            if not ports:
                raise Refused(400, f"Service {namespace}/{name} has no port")
            self.l4[namespace, name] = Balancer(namespace, name, ports, _address(stated.get("address")))
            self._serve(namespace, name, stated, 1)
            return
        if kind in ("gateway", "httproute"):
            self._gateway_api(kind, (namespace, name), stated)
            return
        service = str(stated.get("service", name))
        hosts = stated.get("hosts") or [stated.get("host") or f"{name}.avi.iberia.local"]
        listed = stated.get("paths", ["/"]) if kind == "ingress" else ["/"]
        tls = stated.get("tls") is True
        if not all(isinstance(each, str) and each for each in (*hosts, *listed)) or not listed:
            raise Refused(400, f"hosts and paths of {kind} {namespace}/{name} are lists of text")
        paths = tuple(Path(namespace, name, host, each, service, tls) for host in hosts for each in listed)
        (self.ingresses if kind == "ingress" else self.through)[namespace, name] = paths
        self._serve(namespace, service, stated, 2)

    def _gateway_api(self, kind: str, key: tuple[str, str], stated: Json) -> None:
        if not self.settings.flag("featureGates.GatewayAPI"):
            raise Refused(400, "featureGates.GatewayAPI is not true: there is no gateway container")
        if kind == "gateway":
            listeners = tuple(_gateway_port(each) for each in stated.get("listeners", [{"port": 80}]))
            if not listeners:
                raise Refused(400, f"Gateway {'/'.join(key)} has no listener")
            self.gateways[key] = Gateway(*key, listeners, _address(stated.get("address")))
            return
        space, slash, name = str(stated.get("gateway", "web")).rpartition("/")
        at = (space if slash else key[0]), name
        hosts, paths = stated.get("hosts") or [f"{key[1]}.avi.iberia.local"], stated.get("paths", ["/"])
        if at not in self.gateways:
            raise Refused(
                400, f"no Gateway {'/'.join(at)} in the cluster; there are {_listed(self.gateways)}"
            )
        if not all(isinstance(each, str) and each for each in (*hosts, *paths)) or not paths:
            raise Refused(400, f"hosts and paths of httproute {'/'.join(key)} are lists of text")
        service = str(stated.get("service", key[1]))
        self.routes[key] = Route(*key, at, tuple(hosts), tuple(paths), service)
        self._serve(key[0], service, stated, 2)

    def _serve(self, namespace: str, name: str, stated: Json, usual: int) -> None:
        known = self.services.get((namespace, name))
        replicas = _count(stated.get("replicas", known.replicas if known else usual))
        port = _count(stated.get("target", known.port if known else 8080))
        number = known.number if known else len(self.services)
        self.services[namespace, name] = Service(number, replicas, port)

    def scale(self, given: Any) -> None:
        """Give a Service another number of pods. Raises Refused (400) for none that is there."""
        stated = given if isinstance(given, dict) else {}
        key = str(stated.get("namespace", "default")), str(stated.get("service", "web"))
        if key not in self.services:
            raise Refused(
                400, f"no Service {'/'.join(key)} in the cluster; there are {_listed(self.services)}"
            )
        self.services[key].replicas = _count(stated.get("replicas"))

    def delete(self, given: Any) -> None:
        """Take a workload away. Raises Refused (400) for none that is there."""
        stated = given if isinstance(given, dict) else {}
        kind = stated.get("kind", "ingress")
        if kind not in KINDS:
            raise Refused(400, f"kind of what is deleted is one of {', '.join(KINDS)}")
        every: tuple[dict[tuple[str, str], Any], ...]
        every = self.ingresses, self.l4, self.through, self.gateways, self.routes
        workloads = every[KINDS.index(kind)]
        key = str(stated.get("namespace", "default")), str(stated.get("name", "web"))
        if key not in workloads:
            raise Refused(400, f"no {kind} {'/'.join(key)} in the cluster; there are {_listed(workloads)}")
        del workloads[key]


def shard(host: str, size: int) -> int:
    """The shared virtual service of a host: FNV-1a of its name over their number [INF]."""
    value = 0x811C9DC5
    for byte in host.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value & (size - 1)


def _inside(host: str, domains: tuple[str, ...]) -> bool:
    return any(host.endswith(f".{domain}") for domain in domains)


def _port(given: Any) -> Port:
    stated = {"port": given} if isinstance(given, int) else given if isinstance(given, dict) else {}
    protocol = stated.get("protocol", "TCP")
    if protocol not in PROTOCOLS:
        raise Refused(400, f"protocol of a port is one of {', '.join(PROTOCOLS)}")
    return Port(_count(stated.get("port")), protocol)


def _gateway_port(given: Any) -> GatewayPort:
    stated = {"port": given} if isinstance(given, int) else given if isinstance(given, dict) else {}
    protocol = stated.get("protocol", "HTTP")
    if protocol not in ("HTTP", "HTTPS"):
        raise Refused(400, "protocol of a listener is one of HTTP, HTTPS")
    return GatewayPort(_count(stated.get("port")), protocol == "HTTPS", str(stated.get("hostname") or ""))


def _count(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 65536:
        raise Refused(400, f"{given!r} is no whole number from 0 to 65535")
    return given


def _address(given: Any) -> str:
    try:
        return str(ip_address(given)) if given else ""
    except ValueError:
        raise Refused(400, f"{given!r} is no address") from None


def _listed(workloads: dict[tuple[str, str], Any]) -> str:
    return ", ".join("/".join(key) for key in workloads) or "none"
