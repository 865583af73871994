"""AKO as a second writer to the Controller: labels, routes and services of a Kubernetes cluster, step by step.

Naming and ownership as AKO's source has them [CLIENT]: the Service Engine group is labelled
`clustername=<cluster>`, every node's pod network becomes a labelled static route of the VRF context, shared
virtual services are called `<cluster>--Shared-L7-<n>`, and all it makes bears `created_by: ako-<cluster>`.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from lab.cloud.common import Subnet, ip_json, parse_prefix, prefix_json, subnets_of
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lab.site import Site


@dataclass(frozen=True)
class Cluster:
    """A Kubernetes cluster as its AKO knows it. Defaults are the blog's Site 1 AZ1."""

    name: str = "s1az1"
    se_group: str = "S1-AZ1-SE-Group"
    vrf: str = "VRF_AZ1"
    network: str = "AVI_FRONTEND_3025"
    cloud: str = "Default-Cloud"
    domain: str = "avi.iberia.local"
    nodes: tuple[str, ...] = ("10.10.24.161", "10.10.24.162")
    pods: str = "10.244.0.0/16"
    shards: int = 1
    tenant: str = "admin"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def creator(self) -> str:
        """The `created_by` of all it makes."""
        return f"ako-{self.name}"


def _one(site: Site, cluster: Cluster, kind: str, name: str) -> Object:
    cloud = site.store.named("cloud", cluster.cloud)
    matching = [o for o in site.store.named(kind, name) if cloud and o.cloud == cloud[0].uuid]
    if len(matching) != 1:
        raise Refused(400, f"{len(matching)} {kind} named {name!r} in cloud {cluster.cloud}")
    return matching[0]


def _put(site: Site, obj: Object, **members: Any) -> Object:
    return site.write(
        obj.type, {**deepcopy(obj.body), **members}, uuid=obj.uuid, tenant=obj.tenant, update=True
    )


def label(site: Site, cluster: Cluster) -> list[Object]:
    """Label the Service Engine group as this cluster's. Raises Refused when another's label is on it."""
    group = _one(site, cluster, "serviceenginegroup", cluster.se_group)
    mine = {"key": "clustername", "value": cluster.name}
    labels = group.body.get("labels", [])
    if labels and labels != [mine]:
        raise Refused(400, f"Labels do not match with cluster name for SE group :{group.name}")
    return [_put(site, group, labels=[mine])]


def routes(site: Site, cluster: Cluster) -> list[Object]:
    """Add one labelled static route a node to the VRF context, next to whatever is there."""
    vrf = _one(site, cluster, "vrfcontext", cluster.vrf)
    mark = [{"key": "clustername", "value": cluster.name}]
    kept = [r for r in vrf.body.get("static_routes", []) if r.get("labels") != mark]
    pods = parse_prefix(
        {"ip_addr": ip_json(cluster.pods.partition("/")[0]), "mask": int(cluster.pods.partition("/")[2])}
    )
    if pods is None:
        raise Refused(400, f"no pod network in {cluster.pods!r}")
    blocks: Iterator[Subnet] = iter(pods.subnets(new_prefix=24))
    added = [
        {
            "route_id": f"{cluster.name}-{number}",
            "prefix": prefix_json(next(blocks)),
            "next_hop": ip_json(node),
            "labels": mark,
        }
        for number, node in enumerate(cluster.nodes, 1)
    ]
    return [_put(site, vrf, static_routes=[*kept, *added])]


def shards(site: Site, cluster: Cluster) -> list[Object]:
    """Make the shared virtual services with their vsvips, as far as they are missing."""
    written: list[Object] = []
    for number in range(cluster.shards):
        name = f"{cluster.name}--Shared-L7-{number}"
        if not site.store.named("virtualservice", name, tenant=cluster.tenant):
            written += _service(site, cluster, name, f"{name}.{cluster.domain}", {})
    return written


def balancer(site: Site, cluster: Cluster) -> list[Object]:
    """Make a virtual service of type LoadBalancer with its pool: `<cluster>--default-web`."""
    name = f"{cluster.name}--default-{cluster.extra.get('service', 'web')}"
    servers = [{"ip": ip_json(node), "port": 30080} for node in cluster.nodes]
    pool: Json = {
        "name": f"{name}--80",
        "cloud_ref": _cloud_ref(site, cluster),
        "vrf_ref": _one(site, cluster, "vrfcontext", cluster.vrf).ref,
        "servers": servers,
        "default_server_port": 30080,
        "created_by": cluster.creator,
    }
    stored = site.write("pool", pool, tenant=cluster.tenant)
    short = cluster.extra.get("service", "web")
    return [
        stored,
        *_service(site, cluster, name, f"{short}.default.{cluster.domain}", {"pool_ref": stored.ref}),
    ]


def _service(site: Site, cluster: Cluster, name: str, fqdn: str, more: Json) -> list[Object]:
    network = _one(site, cluster, "network", cluster.network)
    vrf = _one(site, cluster, "vrfcontext", cluster.vrf)
    subnet = next((subnet for subnet, _ in subnets_of(network.body)), None)
    choice: Json = {"network_ref": network.ref}
    if subnet is not None:
        choice["subnet"] = prefix_json(subnet)
    vsvip = {
        "name": name,
        "cloud_ref": _cloud_ref(site, cluster),
        "vrf_context_ref": vrf.ref,
        "vip": [{"vip_id": "0", "auto_allocate_ip": True, "ipam_network_subnet": choice}],
        "dns_info": [{"fqdn": fqdn, "type": "DNS_RECORD_A"}],
        "vsvip_cloud_config_cksum": str(crc32(fqdn.encode())),
    }
    stored = site.write("vsvip", vsvip, tenant=cluster.tenant)
    body = {
        "name": name,
        "cloud_ref": _cloud_ref(site, cluster),
        "vrf_context_ref": vrf.ref,
        "vsvip_ref": stored.ref,
        "se_group_ref": _one(site, cluster, "serviceenginegroup", cluster.se_group).ref,
        "services": [{"port": 80}],
        "created_by": cluster.creator,
        "cloud_config_cksum": vsvip["vsvip_cloud_config_cksum"],
        **more,
    }
    return [stored, site.write("virtualservice", body, tenant=cluster.tenant)]


def _cloud_ref(site: Site, cluster: Cluster) -> str:
    matching = site.store.named("cloud", cluster.cloud)
    if not matching:
        raise Refused(400, f"Cloud details not found for cloud name: {cluster.cloud}")
    return matching[0].ref


STEPS: dict[str, Callable[[Site, Cluster], list[Object]]] = {
    "label": label,
    "routes": routes,
    "shards": shards,
    "service": balancer,
}
"""The steps by name, in the order AKO takes them at start-up; `service` is a Service made later."""
START_UP = ("label", "routes", "shards")


def take_steps(
    site: Site, *, steps: Sequence[str] = START_UP, cluster: str = Cluster.name, **given: Any
) -> Json:
    """Let AKO take steps for a cluster; further members are those of Cluster. Returns what it wrote.

    Raises Refused for an unknown step or member, and whatever the Controller refuses AKO.
    """
    unknown = ({*given} - {*Cluster.__dataclass_fields__}) | ({*steps} - {*STEPS})
    if unknown:
        raise Refused(400, f"unknown to AKO: {', '.join(sorted(unknown))}; its steps are {', '.join(STEPS)}")
    if "nodes" in given:
        given["nodes"] = tuple(given["nodes"])
    asking = Cluster(name=cluster, **given)
    wrote = [obj for step in steps for obj in STEPS[step](site, asking)]
    written = [{"ref": obj.ref, "name": obj.name} for obj in wrote]
    return {"cluster": asking.name, "steps": list(steps), "wrote": written}
