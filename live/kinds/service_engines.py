"""Mapping of Service Engine groups <-> the Controller's `serviceenginegroup`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

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
from live.kinds.messages import merge_by

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


_SCOPES = {
    "clusters": ("nsxt_clusters", "cluster_ids"),
    "hosts": ("nsxt_hosts", "host_ids"),
    "datastores": ("nsxt_datastores", "ds_ids"),
}
"""Members of a placement in one vCenter, each with that which holds the ids [SCHEMA]."""


def get_vcenters(obj: Json, names: Names) -> object:
    """Where Service Engines are made in each vCenter server of an NSX-T cloud."""
    entries = obj.get("vcenters", [])
    if entries and not names.read("vcenterserver"):
        return unread("vcenterserver", entries)
    return tuple(
        VcenterPlacement.model_construct(
            None,
            vcenter=_vcenter(entry, obj, names),
            folder=entry.get("vcenter_folder"),
            **{ours: _scope(entry.get(theirs), ids) for ours, (theirs, ids) in _SCOPES.items()},
        )
        for entry in entries
    )


def _vcenter(entry: Json, owner: Json, names: Names) -> str | ScopedName:
    """The vCenter server of a placement. Raises NotResolved: without it nobody knows which placement this is."""
    name = names.name(entry.get("vcenter_ref"), "vcenterserver", names.home(owner))
    if isinstance(name, Unresolved):
        raise NotResolved(f"one is in {name}")
    return name or ""


def _scope(message: Json | None, ids: str) -> Scope | None:
    if message is None:
        return None
    return Scope.model_construct(include=message.get("include", False), ids=tuple(message.get(ids, ())))


def put_vcenters(obj: Json, value: tuple[VcenterPlacement, ...], names: Names) -> None:
    """Write the placement in each vCenter server; what an entry holds besides stays. Raises Blocked, Unknown."""
    wanted = [(each.label, partial(_put_vcenter, each=each, owner=obj, names=names)) for each in value]
    obj["vcenters"] = merge_by(
        obj.get("vcenters", []), lambda entry: str(_vcenter(entry, obj, names)), wanted
    )


def _put_vcenter(entry: Json, each: VcenterPlacement, owner: Json, names: Names) -> None:
    if "vcenter_ref" not in entry:
        entry["vcenter_ref"] = names.ref("vcenterserver", each.vcenter, names.home(owner))
    if each.folder is not None:
        entry["vcenter_folder"] = each.folder
    for ours, (theirs, ids) in _SCOPES.items():
        scope: Scope | None = getattr(each, ours)
        if scope is not None:
            message = entry.setdefault(theirs, {})
            message["include"] = scope.include if scope.include is not None else message.get("include", False)
            message[ids] = list(scope.ids) if scope.ids is not None else message.get(ids, [])


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
        "vcenters": Leaf("vcenters[] and vcenters[].vcenter_ref", get_vcenters, put_vcenters),
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
