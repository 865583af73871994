"""Mapping of Service Engine groups <-> the Controller's `serviceenginegroup`."""

from __future__ import annotations

from intent import ServiceEngineGroup
from live.avi.identity import Json, Names
from live.kinds.base import Kind, Leaf, enum, flag, number, plain

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


SE_GROUP = Kind(
    ServiceEngineGroup,
    "serviceenginegroup",
    {
        "ha_mode": enum(HA_MODES, "ha_mode", default=HA_MODES["n+m"]),
        "buffer": number("buffer_se", default=1),
        "name_prefix": plain("se_name_prefix", default="Avi"),
        "folder": plain("vcenter_folder", default="AviSeFolder"),
        "realtime_metrics.enabled": Leaf("realtime_se_metrics.enabled", get_metrics, put_metrics),
        "realtime_metrics.duration": number("realtime_se_metrics", "duration", default=30),
    },
    built_in=lambda obj: obj.get("name") == "Default-Group",
)
