"""Mapping of Service Engine groups <-> the Controller's `serviceenginegroup`."""

from __future__ import annotations

from dataclasses import replace

from intent import Blocked, ServiceEngineGroup
from intent.cloud_types import CLOUD_TYPES
from intent.kinds.service_engines import Scope, VcenterPlacement
from intent.values import ScopedName, Unresolved
from live.avi.identity import Json, Names, NotResolved
from live.kinds.base import Kind, Leaf, type_of_cloud
from live.kinds.codecs import (
    api_words,
    enum,
    flag,
    listed,
    number,
    plain,
    reference,
    references,
    subnet,
    unread,
    unset,
)
from live.kinds.labels import LABELS, MARKERS, tier
from live.kinds.messages import elements

HA_MODES = {
    "n+m": "HA_MODE_SHARED",
    "active-active": "HA_MODE_SHARED_PAIR",
    "active-standby": "HA_MODE_LEGACY_ACTIVE_STANDBY",
}
"""Our words for `ha_mode` [SCHEMA]."""

ALGORITHMS = {"packed": "PLACEMENT_ALGO_PACKED", "distributed": "PLACEMENT_ALGO_DISTRIBUTED"}
"""Our words for `algo` [SCHEMA]."""
DATASTORES = api_words("VCENTER_DATASTORE_{}", ("any", "local", "shared"))
"""Our words for `vcenter_datastore_mode` [SCHEMA]."""


def get_folder(obj: Json, names: Names) -> object:
    """The folder of the group's VMs; in an NSX-T cloud the one of all its vCenters, or a tuple where they differ."""
    if type_of_cloud(obj, names) is not CLOUD_TYPES["nsx-t"]:
        return _FOLDER.get(obj, names)
    folders = tuple(dict.fromkeys(scope.get("vcenter_folder") for scope in obj.get("vcenters", [])))
    return folders[0] if len(folders) == 1 else folders or None


def put_folder(obj: Json, value: object, names: Names) -> None:
    """Write the folder where the group's type of cloud has it; in an NSX-T cloud for each of the group's vCenters."""
    kind = type_of_cloud(obj, names)
    if kind is None or not kind.folder:
        raise Blocked("its cloud is of a type in which the VMs of Service Engines have no folder")
    if kind is not CLOUD_TYPES["nsx-t"]:
        obj["vcenter_folder"] = value
        return
    scopes = obj.setdefault("vcenters", [])
    if not scopes:
        raise Blocked("it names no vCenter server of its NSX-T cloud; declare vcenters, each with its folder")
    for scope in scopes:
        scope["vcenter_folder"] = value


def _scope(member: str, ids: str) -> Leaf:
    """Clusters, hosts or datastores of a placement; `ids`: the member that holds theirs [SCHEMA]."""

    def get(entry: Json, names: Names) -> Scope | None:
        if (message := entry.get(member)) is None:
            return None
        return Scope.model_construct(include=message.get("include", False), ids=tuple(message.get(ids, ())))

    def put(entry: Json, scope: Scope, names: Names) -> None:
        message = entry.setdefault(member, {})
        message["include"] = scope.include if scope.include is not None else message.get("include", False)
        message[ids] = list(scope.ids) if scope.ids is not None else message.get(ids, [])

    return Leaf(member, get, put)


def _get_vcenter(entry: Json, names: Names) -> str | ScopedName:
    """The vCenter server of a placement. Raises NotResolved: without it nobody knows which placement this is."""
    name = names.name(entry.get("vcenter_ref"), "vcenterserver", names.home(entry))
    if isinstance(name, Unresolved):
        raise NotResolved(f"one is in {name}")
    return name or ""


def _put_vcenter(entry: Json, value: str | ScopedName, names: Names) -> None:
    entry["vcenter_ref"] = names.ref("vcenterserver", value, names.home(entry))


_PLACEMENT = {
    "vcenter": replace(reference("vcenterserver", "vcenter_ref"), get=_get_vcenter, put=_put_vcenter),
    "folder": plain("vcenter_folder"),
    "clusters": _scope("nsxt_clusters", "cluster_ids"),
    "hosts": _scope("nsxt_hosts", "host_ids"),
    "datastores": _scope("nsxt_datastores", "ds_ids"),
}
_VCENTERS = elements(VcenterPlacement, "label", _PLACEMENT, "vcenters")


def get_vcenters(obj: Json, names: Names) -> object:
    """Where Service Engines are made in each vCenter server of an NSX-T cloud."""
    entries = obj.get("vcenters", [])
    if entries and not names.read("vcenterserver"):
        return unread("vcenterserver", entries)
    return _VCENTERS.get(obj, names)


_FOLDER = plain("vcenter_folder", default="AviSeFolder")


_DATASTORES = listed(
    "vcenter_datastores",
    decode=lambda each: str(each.get("datastore_name", "")),
    encode=lambda name: {"datastore_name": name},
)

SE_GROUP = Kind(
    ServiceEngineGroup,
    "serviceenginegroup",
    {
        "ha_mode": enum(HA_MODES, "ha_mode", default=HA_MODES["n+m"]),
        "buffer": number("buffer_se", default=1),
        "name_prefix": plain("se_name_prefix", default="Avi"),
        "folder": Leaf("vcenter_folder", get_folder, put_folder),
        "vcenters": replace(_VCENTERS, api="vcenters[] and vcenters[].vcenter_ref", get=get_vcenters),
        "realtime_metrics.enabled": unset(flag("realtime_se_metrics", "enabled"), default=False),
        "realtime_metrics.duration": number("realtime_se_metrics", "duration", default=30),
        "vcpus": number("vcpus_per_se", default=1),
        "memory_mb": number("memory_per_se", default=2048),
        "disk_gb": number("disk_per_se", default=15),
        "reserve_cpu": flag("cpu_reserve", default=False),
        "reserve_memory": flag("mem_reserve", default=True),
        "max_se": number("max_se", default=10),
        "min_se": number("min_se", default=1),
        "max_vs_per_se": number("max_vs_per_se", default=10),
        "min_scaleout": number("min_scaleout_per_vs", default=1),
        "max_scaleout": number("max_scaleout_per_vs", default=4),
        "algorithm": enum(ALGORITHMS, "algo", default=ALGORITHMS["packed"]),
        "deprovision_delay": number("se_deprovision_delay", default=120),
        "license_tier": tier("license_tier"),
        "clusters.include": unset(flag("vcenter_clusters", "include"), default=False),
        "clusters.names": references("vimgrclusterruntime", "vcenter_clusters", "cluster_refs"),
        "hosts.include": unset(flag("vcenter_hosts", "include"), default=False),
        "hosts.names": references("vimgrhostruntime", "vcenter_hosts", "host_refs"),
        "datastores.include": flag("vcenter_datastores_include", default=False),
        "datastores.names": replace(_DATASTORES, api=f"{_DATASTORES.api}.datastore_name"),
        "datastores.mode": enum(DATASTORES, "vcenter_datastore_mode", default=DATASTORES["any"]),
        "management.network": reference("network", "mgmt_network_ref"),
        "management.subnet": subnet("mgmt_subnet"),
        "labels": LABELS,
        "markers": MARKERS,
    },
    built_in=lambda obj: obj.get("name") == "Default-Group",
)
