"""Mapping of Service Engine groups <-> the Controller's `serviceenginegroup`."""

from __future__ import annotations

from intent import Blocked, ServiceEngineGroup
from intent.cloud_types import CLOUD_TYPES
from live.avi.identity import Json, Names
from live.kinds.base import Kind, Leaf, enum, flag, number, plain, type_of_cloud

HA_MODES = {
    "n+m": "HA_MODE_SHARED",
    "active-active": "HA_MODE_SHARED_PAIR",
    "active-standby": "HA_MODE_LEGACY_ACTIVE_STANDBY",
}
"""Our words for `ha_mode` [SCHEMA]."""

_METRICS = flag("realtime_se_metrics", "enabled", default=False)


def get_metrics(obj: Json, names: Names) -> object:
    """Whether real-time metrics are on: a group without the message has none [SCHEMA]."""
    enabled = _METRICS.get(obj, names)
    return False if enabled is None else enabled


def put_metrics(obj: Json, value: object, names: Names) -> None:
    """Turn real-time metrics on or off, keeping their duration."""
    obj.setdefault("realtime_se_metrics", {})["enabled"] = value


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
        raise Blocked(
            "it names no vCenter of its NSX-T cloud in which its VMs are placed; add one to the group's placement scope"
        )
    for scope in scopes:
        scope["vcenter_folder"] = value


_FOLDER = plain("vcenter_folder", default="AviSeFolder")

SE_GROUP = Kind(
    ServiceEngineGroup,
    "serviceenginegroup",
    {
        "ha_mode": enum(HA_MODES, "ha_mode", default=HA_MODES["n+m"]),
        "buffer": number("buffer_se", default=1),
        "name_prefix": plain("se_name_prefix", default="Avi"),
        "folder": Leaf("vcenter_folder", get_folder, put_folder),
        "realtime_metrics.enabled": Leaf("realtime_se_metrics.enabled", get_metrics, put_metrics),
        "realtime_metrics.duration": number("realtime_se_metrics", "duration", default=30),
    },
    built_in=lambda obj: obj.get("name") == "Default-Group",
)
