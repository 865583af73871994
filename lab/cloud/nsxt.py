"""NSX-T clouds: what their configuration names, the manager and vCenters behind it, and how the cloud stands.

No exchange with an NSX-T cloud was ever recorded. Members are the schema's; one VRF context per T1 gateway with
attribute `tier1path` is what AKO looks for [CLIENT]; the ladder of states and its words are [INF]. In VPC mode (30.1.1)
a VPC stands for a T1 gateway [INF].
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab.cloud.common import followed, in_cloud
from lab.cloud.integrations import INTEGRATED, Integration, failed, waiting
from lab.datacenter.inventory import Inventory, vcenter_at
from lab.datacenter.nsx import OVERLAY, NsxManager, Zone, managers
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site

NSXT = "CLOUD_NSXT"
TIER1_PATH = "tier1path"


def nsxt_of(cloud: Object | None) -> Json | None:
    """The NSX-T configuration of a cloud of that type; None for any other, {} where it has none yet."""
    if cloud is None or cloud.body.get("vtype") != NSXT:
        return None
    config = cloud.body.get("nsxt_configuration")
    return config if isinstance(config, dict) else {}


def manager_of(site: Site, config: Json) -> NsxManager | None:
    """The NSX-T manager that a configuration names; None where the site has none there."""
    return managers(site).get(str(config.get("nsxt_url")))


def vcenter_servers(site: Site, cloud: Object) -> list[Object]:
    """The `vcenterserver` objects of a cloud, in order of creation."""
    return list(in_cloud(site, "vcenterserver", cloud.uuid))


def credentials(site: Site, body: Json, member: str, part: str) -> tuple[str, str]:
    """User name and password of the cloud connector user that a member refers to."""
    user = followed(site, body, member)
    given = user.body.get(part, {}) if user else {}
    return str(given.get("username", "")), str(given.get("password", ""))


def vcenter_behind(site: Site, server: Object) -> Inventory | None:
    """The vCenter of a `vcenterserver`; None where it is not there or refuses the credentials."""
    vcenter = vcenter_at(site, server.body.get("vcenter_url"))
    user, password = credentials(site, server.body, "vcenter_credentials_ref", "vcenter_credentials")
    return vcenter if vcenter is not None and vcenter.admits(user, password) else None


def management_segment(config: Json) -> str:
    """The path of the management segment; "" where none is set."""
    network = config.get("management_network_config", {})
    return str(network.get("vlan_segment") or network.get("overlay_segment", {}).get("segment_id") or "")


def is_overlay(config: Json) -> bool:
    """Whether services stand on segments behind T1 gateways."""
    return bool(config.get("data_network_config", {}).get("tz_type", OVERLAY) == OVERLAY)


def data_segments(config: Json) -> dict[str, str]:
    """The data segments' paths, each with its T1 gateway's ("" in a VLAN transport zone), as configured."""
    data = config.get("data_network_config", {})
    if not is_overlay(config):
        return {str(path): "" for path in data.get("vlan_segments", [])}
    manual = data.get("tier1_segment_config", {}).get("manual", {})
    return {
        str(each["segment_id"]): str(each["tier1_lr_id"])
        for each in manual.get("tier1_lrs", [])
        if each.get("segment_id")
    }


def tier1_paths(config: Json) -> list[str]:
    """The T1 gateways of the data network, in their order."""
    segments = config.get("data_network_config", {}).get("tier1_segment_config", {})
    automatic = segments.get("automatic", {}).get("tier1_lr_ids", [])
    return list(dict.fromkeys([*filter(None, data_segments(config).values()), *map(str, automatic)]))


def in_vpcs(config: Json) -> bool:
    """Whether a cloud is in VPC mode."""
    return bool(config.get("vpc_mode"))


def gateways(config: Json, manager: NsxManager) -> dict[str, str]:
    """The gateways that a cloud has a VRF context for, by path, with their names: its T1s, or every VPC there is."""
    if in_vpcs(config):
        return {vpc.path: f"{vpc.project}-{vpc.name}" for vpc in manager.vpcs.values()}
    return {path: manager.tier1s[path].name for path in tier1_paths(config) if path in manager.tier1s}


def public_subnet(project: str, vpc: str) -> str:
    """How a VPC's public addresses are named [CLIENT: AKO's `subnet_uuid`]."""
    return f"{project}_AVISEPARATOR_{vpc}_AVISEPARATOR_PUBLIC"


def segments_behind(site: Site, config: Json, path: str) -> list[str]:
    """The paths of the segments behind a gateway on which Service Engines of a cloud stand."""
    manager = manager_of(site, config)
    if in_vpcs(config) and manager is not None:
        return [each.path for each in manager.segments.values() if path and each.tier1 == path]
    return [segment for segment, tier1 in data_segments(config).items() if path and tier1 == path]


def tier1_vrf(site: Site, cloud: str, path: str) -> Object | None:
    """The VRF context of a cloud (uuid) that stands for a T1 gateway."""
    contexts = in_cloud(site, "vrfcontext", cloud)
    return next((vrf for vrf in contexts if tier1_of(vrf) == path), None) if path else None


def tier1_of(vrf: Object | None) -> str:
    """The path of the T1 gateway that a VRF context stands for; "" for any other."""
    attributes = vrf.body.get("attrs", []) if vrf else []
    return next((str(each.get("value", "")) for each in attributes if each.get("key") == TIER1_PATH), "")


def nsxt_integration(site: Site, cloud: Object, config: Json) -> Integration:
    """How an NSX-T cloud stands now: the first state whose condition holds."""
    manager = manager_of(site, config)
    if manager is None or not manager.reachable:
        return failed("Unable to connect to NSX-T manager")
    if not manager.admits(*credentials(site, config, "nsxt_credentials_ref", "nsxt_credentials")):
        return failed("NSX-T manager: invalid credentials")
    if missing := next(_missing(config, manager), ""):
        return failed(missing)
    servers = vcenter_servers(site, cloud)
    if not servers:
        return waiting("Waiting for a vCenter server")
    trouble = next((why for server in servers if (why := _trouble(site, server))), "")
    return failed(trouble) if trouble else INTEGRATED


def _trouble(site: Site, server: Object) -> str:
    """Why a vCenter server of the cloud cannot be worked with; "" where it can."""
    if (vcenter := vcenter_behind(site, server)) is None:
        return f"Unable to connect to vCenter {server.name}"
    library = server.body.get("content_lib", {})
    known = (library.get("id"), library.get("name")) in _libraries(vcenter)
    return "" if known else f"Content library of vCenter {server.name} not found"


def _libraries(vcenter: Inventory) -> set[tuple[str | None, str | None]]:
    """What names a content library of a vCenter: its id, its name, or both."""
    pairs = vcenter.libraries.items()
    both: set[tuple[str | None, str | None]] = set(pairs)
    return both | {(number, None) for number, _ in pairs} | {(None, name) for _, name in pairs}


def _missing(config: Json, manager: NsxManager) -> Iterator[str]:
    """What a configuration names and the manager does not have."""
    for member in ("management_network_config", "data_network_config"):
        network = config.get(member, {})
        path, kind = network.get("transport_zone"), network.get("tz_type", OVERLAY)
        zone: Zone | None = manager.zones.get(str(path))
        if zone is None or zone.kind != kind:
            yield f"No {kind} transport zone {path} in NSX-T"
    for path in filter(None, (management_segment(config), *data_segments(config))):
        if path not in manager.segments:
            yield f"No segment {path} in NSX-T"
    for path in tier1_paths(config):
        if path not in manager.tier1s:
            yield f"No T1 gateway {path} in NSX-T"
    if in_vpcs(config) and not manager.vpcs:
        yield "No VPC in NSX-T"
    if not management_segment(config):
        yield "Management segment is not set"
