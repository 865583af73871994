"""Settings of AKO: a version, values as in its chart's values.yaml, and what it sees of its Kubernetes cluster.

Names, defaults and their effective values are the chart's and AKO's own [CLIENT]. What a caller leaves out altogether
of the Controller's address and the credentials is the lab's own; given empty they are missing, as for AKO.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from lab.objects import Json, Refused

Version = tuple[int, ...]
NEWEST: Version = (2, 2, 1)
CHART: Json = {
    "AKOSettings": {
        "primaryInstance": True,
        "deleteConfig": "false",
        "disableStaticRouteSync": "false",
        "clusterName": "my-cluster",
        "cniPlugin": "",
        "ipFamily": "",
        "vpcMode": False,
        "enableEVH": False,
    },
    "NetworkSettings": {
        "nodeNetworkList": [],
        "enableRHI": False,
        "nsxtT1LR": "",
        "bgpPeerLabels": [],
        "vipNetworkList": [],
        "defaultDomain": "",
    },
    "L7Settings": {"serviceType": "ClusterIP", "shardVSSize": "LARGE", "passthroughShardSize": "SMALL"},
    "L4Settings": {"defaultDomain": "", "autoFQDN": "default"},
    "ControllerSettings": {
        "serviceEngineGroupName": "Default-Group",
        "controllerVersion": "",
        "cloudName": "Default-Cloud",
        "tenantName": "admin",
        "vrfName": "",
    },
}
"""What the chart says of the values that AKO's dealings with a Controller depend on, alike in all its versions."""
BLOG: Json = {
    "AKOSettings": {"clusterName": "s1az1"},
    "NetworkSettings": {
        "nodeNetworkList": [{"networkName": "REGIONB_VMS_3024", "cidrs": ["10.10.24.0/24"]}],
        "vipNetworkList": [{"networkName": "AVI_FRONTEND_3025", "cidr": "10.10.25.0/24"}],
    },
    "L7Settings": {"shardVSSize": "SMALL"},
    "ControllerSettings": {"serviceEngineGroupName": "S1-AZ1-SE-Group"},
}
"""The values of the blog's Site 1 AZ1, for a caller who gives none."""
NAMESPACE = "avi-system"
"""Where AKO runs."""
PODS = "10.244.0.0/16"
OTHERS = ("featureGates", "avicredentials", "nodePortSelector", "replicaCount", "image", "podSecurityContext")
FALSE = ("0", "f", "F", "false", "FALSE", "False")
"""What Go's ParseBool reads as false: a switch that is on by default is off for these words alone [CLIENT]."""
SHARDS = {"LARGE": 8, "MEDIUM": 4, "SMALL": 1, "DEDICATED": 0}
KUBERNETES: tuple[tuple[Version, str, str], ...] = (
    ((1, 14, 1), "1.29", "1.34"),
    ((1, 13, 3), "1.24", "1.34"),
    ((1, 13, 2), "1.24", "1.32"),
    ((1, 13, 1), "1.27", "1.32"),
    ((1, 12, 1), "1.25", "1.29"),
    ((1, 11, 1), "1.22", "1.27"),
)
"""The releases of Kubernetes that each version of AKO was built for, newest first [CLIENT]."""


@dataclass(frozen=True)
class Node:
    """A node of the Kubernetes cluster: its name, its address, and the networks of its pods."""

    name: str
    ip: str
    pods: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """Everything that one AKO was given."""

    version: Version = NEWEST
    values: Json = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    kubernetes: str = ""
    infra_settings: tuple[str, ...] = ()
    """The Service Engine groups that the AviInfraSettings of the cluster name."""
    cni_resources: bool = True
    """Whether the CNI's own resources are there, such as calico's BlockAffinity."""

    def get(self, path: str) -> Any:
        """A value by its dotted path; None where it is absent or null."""
        at: Any = self.values
        for part in path.split("."):
            at = at.get(part) if isinstance(at, Mapping) else None
        return at

    def text(self, path: str) -> str:
        """A value as the ConfigMap has it: text, "" for null."""
        value = self.get(path)
        if isinstance(value, bool):
            return str(value).lower()
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    def flag(self, path: str) -> bool:
        """Whether a value is true, as Go's ParseBool reads it."""
        return self.text(path) in ("1", "t", "T", "true", "TRUE", "True")

    @property
    def vpc(self) -> bool:
        """Whether it works in NSX VPC mode, which versions before 1.13.3 do not know."""
        return self.version >= (1, 13, 3) and self.flag("AKOSettings.vpcMode")

    @property
    def deletes_own(self) -> bool:
        """Whether it is to delete all that it has made; AKO knows this one word for it [CLIENT]."""
        return self.text("AKOSettings.deleteConfig") == "true"

    @property
    def cluster(self) -> str:
        """The cluster's name, as it is given."""
        return self.text("AKOSettings.clusterName")

    @property
    def creator(self) -> str:
        """The `created_by` of all it makes; a further instance adds its namespace."""
        return f"ako-{self.cluster}" + ("" if self.primary else f"-{NAMESPACE}")

    @property
    def primary(self) -> bool:
        """Whether it is the first AKO of its cluster, which alone writes routes."""
        return self.text("AKOSettings.primaryInstance") not in FALSE

    @property
    def cloud(self) -> str:
        """The cloud: Default-Cloud where none is named."""
        return self.text("ControllerSettings.cloudName") or "Default-Cloud"

    @property
    def group(self) -> str:
        """The Service Engine group: Default-Group where none is named."""
        return self.text("ControllerSettings.serviceEngineGroupName") or "Default-Group"

    @property
    def tenant(self) -> str:
        """The tenant: admin where none is named."""
        return self.text("ControllerSettings.tenantName") or "admin"

    @property
    def vrf(self) -> str:
        """The VRF context that is asked for by name; "" where that of the VIP network is meant."""
        return self.text("ControllerSettings.vrfName")

    @property
    def tier1(self) -> str:
        """The T1 gateway of an NSX-T cloud."""
        return self.text("NetworkSettings.nsxtT1LR")

    @property
    def service_type(self) -> str:
        """How pods are reached: ClusterIP, NodePort, NodePortLocal."""
        return self.text("L7Settings.serviceType") or "ClusterIP"

    @property
    def routed(self) -> bool:
        """Whether AKO writes static routes for the pod networks."""
        return (
            self.service_type not in ("NodePort", "NodePortLocal")
            and not self.flag("AKOSettings.disableStaticRouteSync")
            and self.primary
        )

    def shards(self, path: str) -> int:
        """How many shared virtual services; an unknown word means one [CLIENT]."""
        return SHARDS.get(self.text(path), 1)

    @property
    def mark(self) -> list[Json]:
        """The label on the Service Engine group and on static routes."""
        return [{"key": "clustername", "value": self.cluster}]


def settings(before: Settings | None, given: Json) -> Settings:
    """Settings from what a caller gives, over those of before where it gives no values. Raises Refused (400)."""
    known = before or Settings(values=merged(CHART, BLOG), nodes=_nodes(("10.10.24.161", "10.10.24.162")))
    values = merged(CHART, _values(given["values"])) if "values" in given else known.values
    for path, value in _pairs(given, "set").items():
        values = merged(values, _nested(path, value))
    asked = given.get("nodes", [{"name": node.name, "ip": node.ip} for node in known.nodes])
    groups = given.get("infra_settings", known.infra_settings)
    if not isinstance(groups, list | tuple) or not all(isinstance(each, str) for each in groups):
        raise Refused(400, "infra_settings is a list of names of Service Engine groups")
    return Settings(
        version=_version(given["version"]) if "version" in given else known.version,
        values=values,
        nodes=_nodes(asked, given.get("pods", PODS)) if {"nodes", "pods"} & given.keys() else known.nodes,
        kubernetes=str(given.get("kubernetes", known.kubernetes)),
        infra_settings=tuple(groups),
        cni_resources=given.get("cni_resources", known.cni_resources) is not False,
    )


def merged(below: Json, above: Mapping[str, Any]) -> Json:
    """Values over others as Helm lays them: mappings are merged, all else is replaced."""
    result = deepcopy(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _values(given: Any) -> Json:
    if not isinstance(given, dict):
        raise Refused(400, "values is a mapping, as in values.yaml")
    for section, inside in given.items():
        _known_section(section)
        if section in CHART and not isinstance(inside, dict):
            raise Refused(400, f"values.{section} is a mapping")
    return given


def _known_section(section: str) -> None:
    if section not in {*CHART, *OTHERS}:
        raise Refused(400, f"no {section} in values.yaml; there are {', '.join((*CHART, *OTHERS[:3]))}")


def _pairs(given: Json, member: str) -> Json:
    pairs = given.get(member, {})
    if not isinstance(pairs, dict):
        raise Refused(400, f"{member} is a mapping of dotted paths, as helm's --set takes them")
    return pairs


def _nested(path: str, value: Any) -> Json:
    section, *rest = path.split(".")
    _known_section(section)
    if not rest:
        raise Refused(400, f"{path} is a section of values.yaml; its values have dotted paths")
    for part in reversed(rest):
        value = {part: value}
    return {section: value}


def _version(written: Any) -> Version:
    parts = str(written).split(".")
    if not all(part.isdecimal() and len(part) < 6 for part in parts) or len(parts) != 3:
        raise Refused(400, f"{written!r} is no version of AKO; one is 2.2.1, 1.13.4, 1.13.1")
    return tuple(map(int, parts))


def _nodes(given: Any, pods: str = PODS) -> tuple[Node, ...]:
    """Nodes from addresses, or from `{name, ip, pods}`; each that names no pod network gets the next /24 of `pods`."""
    try:
        blocks = ip_network(pods).subnets(new_prefix=24)
        nodes = []
        for number, each in enumerate(given):
            stated = {"ip": each} if isinstance(each, str) else each
            networks = stated.get("pods") or [str(next(blocks))]
            networks = [networks] if isinstance(networks, str) else networks
            kept = tuple(str(ip_network(network)) for network in networks)
            name = str(stated.get("name") or f"node{number + 1}")
            nodes.append(Node(name, str(ip_address(stated["ip"])), kept))
    except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise Refused(400, f"nodes are addresses, or {{name, ip, pods}}: {error!r}") from None
    return tuple(nodes)
