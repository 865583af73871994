"""Mapping of NSX-T settings: `clouds[].nsxt` <-> `nsxt_configuration`, and vCenter servers <-> `vcenterserver`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from intent import Blocked
from intent.kinds.nsxt import Tier1Segment, VcenterServer
from live.avi.identity import Json, Names
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import dig, enum, flag, plain, reference
from live.kinds.messages import elements

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


def _written(obj: Json, network: str, names: Names, zones: Sequence[str]) -> Json:
    """The same, to write into. Raises Blocked in models without it, and in a transport zone of another kind."""
    if names.version < BY_NETWORK:
        raise Blocked("this model of the Controller holds it in another way, in which nothing here writes it")
    config: Json = obj.get(NSXT, {}).get(f"{network}_network_config", {})
    have = config.get("tz_type")
    if have not in {ZONES[zone] for zone in zones}:
        kind = f"of type {have}" if have else "not configured"
        raise Blocked(f"the transport zone of its {network} network is {kind} on the Controller")
    return config


def within(network: str, leaf: Leaf, *zones: str) -> Leaf:
    """A leaf of the configuration of the `management` or the `data` network.

    `zones`: the kinds of transport zone in which it is written; none where nothing here writes it.
    """

    def put(obj: Json, value: Any, names: Names) -> None:
        leaf.write(_written(obj, network, names, zones), value, names)

    path = f"{NSXT}.{network}_network_config.{leaf.api}"
    return Leaf(path, lambda obj, names: leaf.get(_of(obj, network), names), put if zones else None)


def get_management_segment(config: Json, names: Names) -> Any:
    """The management segment, where the kind of its transport zone has it."""
    if config.get("tz_type") == ZONES["vlan"]:
        return config.get("vlan_segment")
    return dig(config, "overlay_segment", "segment_id")


def put_management_segment(config: Json, value: Any, names: Names) -> None:
    """Write the management segment, where the kind of its transport zone has it."""
    if config["tz_type"] == ZONES["vlan"]:
        config["vlan_segment"] = value
    else:
        config.setdefault("overlay_segment", {})["segment_id"] = value


_TIER1 = {"tier1": plain("tier1_lr_id"), "segment": plain("segment_id")}
_TIER1S = elements(Tier1Segment, "tier1", _TIER1, "tier1_segment_config", "manual", "tier1_lrs")


def get_tier1s(config: Json, names: Names) -> tuple[Tier1Segment, ...] | None:
    """The T1 gateways of the data network; those whose segments the Controller makes by itself have none here."""
    if (segments := config.get("tier1_segment_config")) is None:
        return None
    by_itself = dig(segments, "automatic", "tier1_lr_ids") or ()
    segmentless = (Tier1Segment.model_construct(tier1=path, segment=None) for path in by_itself)
    return (*_TIER1S.get(config, names), *segmentless)


def put_tier1s(config: Json, value: Iterable[Tier1Segment], names: Names) -> None:
    """Write the T1 gateways with their segments. Raises Blocked where the Controller makes the segments by itself."""
    segments = config.setdefault("tier1_segment_config", {})
    if segments.get("segment_config_mode") == "TIER1_SEGMENT_AUTOMATIC":
        raise Blocked("the cloud makes the segments of its T1 gateways by itself; add the T1 in its settings")
    segments.setdefault("segment_config_mode", "TIER1_SEGMENT_MANUAL")
    _TIER1S.write(config, value, names)


def get_segments(config: Json, names: Names) -> tuple[Any, ...] | None:
    """The data segments of a VLAN transport zone."""
    segments = config.get("vlan_segments")
    return None if segments is None else tuple(segments)


def put_segments(config: Json, value: Iterable[str], names: Names) -> None:
    """Write the data segments of a VLAN transport zone."""
    config["vlan_segments"] = list(value)


_SEGMENT = Leaf("overlay_segment.segment_id", get_management_segment, put_management_segment)
CLOUD_LEAVES = {
    "nsxt.url": plain(NSXT, "nsxt_url"),
    "nsxt.credentials": reference("cloudconnectoruser", NSXT, "nsxt_credentials_ref"),
    "nsxt.dhcp": flag("dhcp_enabled", default=False),
    "nsxt.firewall_rules": flag(NSXT, "automate_dfw_rules", default=False),
    "nsxt.vpc_mode": flag(NSXT, "vpc_mode", default=False),
    "nsxt.management.zone_type": within("management", enum(ZONES, "tz_type")),
    "nsxt.management.transport_zone": within("management", plain("transport_zone")),
    "nsxt.management.tier1": within("management", plain("overlay_segment", "tier1_lr_id"), "overlay"),
    "nsxt.management.segment": within("management", _SEGMENT, *ZONES),
    "nsxt.data.zone_type": within("data", enum(ZONES, "tz_type")),
    "nsxt.data.transport_zone": within("data", plain("transport_zone")),
    "nsxt.data.tier1s": within("data", Leaf(_TIER1S.api, get_tier1s, put_tier1s), "overlay"),
    "nsxt.data.segments": within("data", Leaf("vlan_segments[]", get_segments, put_segments), "vlan"),
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
