"""Mapping of NSX-T settings: `clouds[].nsxt` <-> `nsxt_configuration`, and vCenter servers <-> `vcenterserver`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from intent import Blocked
from intent.kinds.nsxt import Tier1Segment, VcenterServer
from live.avi.identity import Json, Names
from live.kinds.base import Get, Kind, Leaf, Put
from live.kinds.codecs import dig, flag, plain, reference
from live.kinds.messages import merge_by

NSXT = "nsxt_configuration"
ZONES = {"overlay": "OVERLAY", "vlan": "VLAN"}
BY_NETWORK = (20, 1, 5)
"""The first model with a transport zone for management and one for data; before it, one overlay zone was for both
[SCHEMA]."""
TIER1_PATH, SEGMENT_ID = "tier1path", "segmentid"
"""Keys of `attrs`, in which a VRF context names its T1 gateway and a network its segment [CLIENT]."""


def attribute(key: str) -> Leaf:
    """A value of `attrs`, a list of keys and values that the Controller writes by itself; nothing of ours writes it."""

    def get(obj: Json, names: Names) -> Any:
        return next((pair.get("value") for pair in obj.get("attrs", []) if pair.get("key") == key), None)

    return Leaf(f"attrs[{key}]", get)


def _of(obj: Json, network: str) -> Json:
    """The configuration of the `management` or the `data` network, as members of today's models."""
    config: Json = obj.get(NSXT, {})
    now: Json | None = config.get(f"{network}_network_config")
    if now is not None or "transport_zone" not in config:
        return now or {}
    zone = {"tz_type": ZONES["overlay"], "transport_zone": config["transport_zone"]}
    if network == "management":
        return {**zone, "overlay_segment": config.get("management_segment", {})}
    return {**zone, "tier1_segment_config": config.get("tier1_segment_config", {})}


def _written(obj: Json, network: str, names: Names, zone: str | None = None) -> Json:
    """The same, to write into. Raises Blocked in models without it, and in a transport zone of another kind."""
    if names.version < BY_NETWORK:
        raise Blocked("this model of the Controller holds it in another way, in which nothing here writes it")
    config: Json = obj.get(NSXT, {}).get(f"{network}_network_config", {})
    have = config.get("tz_type")
    if have not in ZONES.values() or (zone is not None and have != ZONES[zone]):
        kind = f"of type {have}" if have else "not configured"
        raise Blocked(f"the transport zone of its {network} network is {kind} on the Controller")
    return config


def zone(network: str) -> Leaf:
    """The kind of a network's transport zone, overlay or VLAN: `tz_type`; `network` is `management` or `data`."""
    reverse = {theirs: ours for ours, theirs in ZONES.items()}

    def get(obj: Json, names: Names) -> Any:
        have = _of(obj, network).get("tz_type")
        return reverse.get(have, have) if have is not None else None

    return Leaf(f"{NSXT}.{network}_network_config.tz_type", get)


def transport_zone(network: str) -> Leaf:
    """The path of a transport zone."""

    def get(obj: Json, names: Names) -> Any:
        return _of(obj, network).get("transport_zone")

    return Leaf(f"{NSXT}.{network}_network_config.transport_zone", get)


def get_management_segment(obj: Json, names: Names) -> Any:
    """The management segment, where the kind of its transport zone has it."""
    config = _of(obj, "management")
    if config.get("tz_type") == ZONES["vlan"]:
        return config.get("vlan_segment")
    return dig(config, "overlay_segment", "segment_id")


def put_management_segment(obj: Json, value: Any, names: Names) -> None:
    """Write the management segment, where the kind of its transport zone has it."""
    config = _written(obj, "management", names)
    if config["tz_type"] == ZONES["vlan"]:
        config["vlan_segment"] = value
    else:
        config.setdefault("overlay_segment", {})["segment_id"] = value


def get_management_tier1(obj: Json, names: Names) -> Any:
    """The T1 gateway of the management segment."""
    return dig(_of(obj, "management"), "overlay_segment", "tier1_lr_id")


def put_management_tier1(obj: Json, value: Any, names: Names) -> None:
    """Write the T1 gateway of the management segment."""
    _written(obj, "management", names, "overlay").setdefault("overlay_segment", {})["tier1_lr_id"] = value


def get_tier1s(obj: Json, names: Names) -> tuple[Tier1Segment, ...] | None:
    """The T1 gateways of the data network; those whose segments the Controller makes by itself have none here."""
    config = _of(obj, "data").get("tier1_segment_config")
    if config is None:
        return None
    by_hand = dig(config, "manual", "tier1_lrs") or ()
    by_itself = dig(config, "automatic", "tier1_lr_ids") or ()
    return (
        *(
            Tier1Segment.model_construct(tier1=entry.get("tier1_lr_id"), segment=entry.get("segment_id"))
            for entry in by_hand
        ),
        *(Tier1Segment.model_construct(tier1=path, segment=None) for path in by_itself),
    )


def put_tier1s(obj: Json, value: Iterable[Tier1Segment], names: Names) -> None:
    """Write the T1 gateways with their segments. Raises Blocked where the Controller makes the segments by itself."""
    config = _written(obj, "data", names, "overlay").setdefault("tier1_segment_config", {})
    if config.get("segment_config_mode") == "TIER1_SEGMENT_AUTOMATIC":
        raise Blocked("the cloud makes the segments of its T1 gateways by itself; add the T1 in its settings")
    config.setdefault("segment_config_mode", "TIER1_SEGMENT_MANUAL")
    manual = config.setdefault("manual", {})
    wanted = [(each.tier1, partial(_put_tier1, each=each)) for each in value]
    manual["tier1_lrs"] = merge_by(
        manual.get("tier1_lrs", []), lambda entry: entry.get("tier1_lr_id"), wanted
    )


def _put_tier1(entry: Json, each: Tier1Segment) -> None:
    entry["tier1_lr_id"] = each.tier1
    if each.segment is not None:
        entry["segment_id"] = each.segment


def get_segments(obj: Json, names: Names) -> tuple[Any, ...] | None:
    """The data segments of a VLAN transport zone."""
    segments = _of(obj, "data").get("vlan_segments")
    return None if segments is None else tuple(segments)


def put_segments(obj: Json, value: Iterable[str], names: Names) -> None:
    """Write the data segments of a VLAN transport zone."""
    _written(obj, "data", names, "vlan")["vlan_segments"] = list(value)


def _leaf(path: str, get: Get, put: Put) -> Leaf:
    return Leaf(f"{NSXT}.{path}", get, put)


CLOUD_LEAVES = {
    "nsxt.url": plain(NSXT, "nsxt_url"),
    "nsxt.credentials": reference("cloudconnectoruser", NSXT, "nsxt_credentials_ref"),
    "nsxt.dhcp": flag("dhcp_enabled", default=False),
    "nsxt.firewall_rules": flag(NSXT, "automate_dfw_rules", default=False),
    "nsxt.vpc_mode": flag(NSXT, "vpc_mode", default=False),
    "nsxt.management.zone_type": zone("management"),
    "nsxt.management.transport_zone": transport_zone("management"),
    "nsxt.management.tier1": _leaf(
        "management_network_config.overlay_segment.tier1_lr_id",
        get_management_tier1,
        put_management_tier1,
    ),
    "nsxt.management.segment": _leaf(
        "management_network_config.overlay_segment.segment_id", get_management_segment, put_management_segment
    ),
    "nsxt.data.zone_type": zone("data"),
    "nsxt.data.transport_zone": transport_zone("data"),
    "nsxt.data.tier1s": _leaf(
        "data_network_config.tier1_segment_config.manual.tier1_lrs[]", get_tier1s, put_tier1s
    ),
    "nsxt.data.segments": _leaf("data_network_config.vlan_segments[]", get_segments, put_segments),
}
"""The leaves of a cloud that only one of NSX-T has."""

VCENTER_SERVER = Kind(
    VcenterServer,
    "vcenterserver",
    {
        "url": plain("vcenter_url"),
        "credentials": reference("cloudconnectoruser", "vcenter_credentials_ref"),
        "content_library.id": plain("content_lib", "id"),
        "content_library.name": plain("content_lib", "name"),
    },
)
