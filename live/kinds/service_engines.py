"""Service Engine groups <-> serviceenginegroup."""

from __future__ import annotations

from intent import ServiceEngineGroup
from live.kinds.base import Kind, enum, plain

HA_MODES = {
    "n+m": "HA_MODE_SHARED",
    "active-active": "HA_MODE_SHARED_PAIR",
    "active-standby": "HA_MODE_LEGACY_ACTIVE_STANDBY",
}
"""Our words for `ha_mode` [SCHEMA]."""

SE_GROUP = Kind(
    ServiceEngineGroup,
    "serviceenginegroup",
    {
        "ha_mode": enum(HA_MODES, "ha_mode"),
        "buffer": plain("buffer_se"),
        "name_prefix": plain("se_name_prefix"),
        "folder": plain("vcenter_folder"),
        "realtime_metrics.enabled": plain("realtime_se_metrics", "enabled"),
        "realtime_metrics.duration": plain("realtime_se_metrics", "duration"),
    },
    also=("cloud",),
    scoped=True,
)
