"""Remedies of the cloud, and what of it is for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from intent import EXISTENCE, Cloud
from intent.graph import referred
from live.avi.identity import uuid_of
from live.kinds.nsxt import SEGMENT_ID, TIER1_PATH, attribute
from remediate.plan import answers
from remediate.plan.view import View
from remediate.registry import Case, Verdict, no_remedy, remedy

no_remedy(
    Cloud,
    EXISTENCE,
    "a cloud is bound to what it runs on with credentials that stand in no file; make it under Infrastructure > Clouds",
)
no_remedy(
    Cloud,
    "type",
    "the type of a cloud cannot be changed once anything lives in it; make another cloud for the declared type",
)
no_remedy(
    Cloud,
    "vcenter",
    "its vCenter connection is gone, and the password that belongs to it stands in no file: enter the connection again "
    "under Infrastructure > Clouds",
)
no_remedy(
    Cloud,
    "vcenter.url",
    "another vCenter is another site: every network and Service Engine of the cloud would be lost; compare with "
    "the declaration, then decide",
)
no_remedy(
    Cloud,
    "vcenter.datacenter",
    "another datacenter has other port groups: every network of the cloud would be lost; compare with the declaration, "
    "then decide",
)
no_remedy(
    Cloud,
    "vcenter.access",
    "write access needs a vCenter account with the rights for it, which only its owner can give; set it in the cloud's "
    "vCenter settings",
)

no_remedy(
    Cloud,
    "nsxt",
    "its connection to the NSX manager is gone, and the credentials that belong to it stand in no file: enter the "
    "connection again under Infrastructure > Clouds",
)
no_remedy(
    Cloud,
    "nsxt.url",
    "another NSX manager is another site: every network and Service Engine of the cloud would be lost; compare with "
    "the declaration, then decide",
)
no_remedy(
    Cloud,
    "nsxt.credentials",
    "what the cloud may see and do in NSX-T changes with its credentials; whoever owns them chooses them in the "
    "cloud's settings",
)
no_remedy(
    Cloud,
    "nsxt.vpc_mode",
    "a cloud runs in VPCs of NSX or it does not, from the start; make another cloud for the declared mode",
)
no_remedy(
    Cloud,
    ("vcenter.content_library.id", "vcenter.content_library.name"),
    "images of Service Engines lie in the content library of now; choose another in the cloud's vCenter "
    "settings, when it is there and has room",
)
no_remedy(
    Cloud,
    "license_tier",
    "another tier takes features from what is there, and back is not always allowed; change it in the cloud's "
    "settings, when it is clear who uses what",
)
no_remedy(
    Cloud,
    (
        f"nsxt.{network}.{field}"
        for network in ("management", "data")
        for field in ("zone_type", "transport_zone")
    ),
    "another transport zone has other segments: every network of the cloud would be lost; compare with the "
    "declaration, then decide",
)


@remedy(Cloud, "dns_profile", risk="guarded")
def attach_dns_profile(case: Case) -> Verdict:
    """Attach the DNS profile. Nothing is hit where none is attached; replacing one takes its names away."""
    cloud = _itself(case)
    if not cloud.dns_provider_ref:
        return Verdict()
    return Verdict(
        hit=tuple(f"VIP {vsvip.name}" for vsvip in _vips(case.view, cloud) if vsvip.dns_info),
        effect="their names are registered in the profile that is attached now",
    )


@remedy(
    Cloud,
    *("mtu", "prefer_static_routes", "vip_static_routes", "nsxt.firewall_rules"),
    risk="guarded",
)
def set_paths(case: Case) -> Verdict:
    """Set how Service Engines send; those that are there follow at once, with whatever they carry."""
    hit = case.view.users("cloud", str(case.raw["uuid"]), "serviceengine")
    return Verdict(hit=hit, effect="packets of theirs would take another way, or have another size")


@remedy(Cloud, "se_group_template", risk="guarded")
def set_template(case: Case) -> Verdict:
    """Say after which group the next ones are made; groups that are there stay as they are."""
    group = referred(case.view.environment, case.want, "se_group_template")
    if group is not None and not case.view.live.found(group):
        return Verdict(withdrawn=f"{group.key} is not there yet; once it is made, the next run sets it")
    return Verdict()


@remedy(Cloud, "ipam_profile", risk="guarded")
def attach_ipam_profile(case: Case) -> Verdict:
    """Attach the IPAM profile. Nothing is hit where none is attached; replacing one takes its addresses away."""
    cloud = _itself(case)
    if not cloud.ipam_provider_ref:
        return Verdict()
    return Verdict(
        hit=_allocated(case.view, cloud),
        effect="their addresses were given out by the profile that is attached now",
    )


@remedy(Cloud, "state_based_dns", risk="guarded")
def register_by_state(case: Case) -> Verdict:
    """Register names by state, or not: the names of virtual services that are down go, or come back."""
    answered = "no longer be answered" if case.want.state_based_dns else "be answered again"
    return Verdict(
        hit=_down(case.view, _itself(case)), effect=f"they are not up, and their names would {answered}"
    )


@remedy(Cloud, "management.dhcp", "nsxt.dhcp", risk="safe")
def set_management_dhcp(case: Case) -> Verdict:
    """Say how the next Service Engines get their management address; those that are there keep theirs."""
    return Verdict()


@remedy(
    Cloud,
    "management.network",
    "management.subnet",
    "nsxt.management.tier1",
    "nsxt.management.segment",
    risk="guarded",
)
def set_management(case: Case) -> Verdict:
    """Say where Service Engines get their management address; those that are there would lose theirs."""
    hit = case.view.users("cloud", str(case.raw["uuid"]), "serviceengine")
    return Verdict(hit=hit, effect="they have their management address where the cloud says now")


@remedy(Cloud, "nsxt.data.tier1s", "nsxt.data.segments", risk="guarded")
def add_segments(case: Case) -> Verdict:
    """Add the missing T1 gateways and segments of the data network, which hits nobody; those that others added stay.

    Only an undo takes one away, and with a T1 gateway its VRF context.
    """
    gone = [("network", SEGMENT_ID), ("vrfcontext", TIER1_PATH)]
    hit = [who for api, key in gone for uuid in _going(case, api, key) for who in case.view.users(api, uuid)]
    return Verdict(
        hit=tuple(dict.fromkeys(hit)), effect="they stand on what would go from the cloud's data network"
    )


@remedy(Cloud, "nsxt.data.tier1s.segment", risk="guarded")
def set_segment(case: Case) -> Verdict:
    """Say on which segment of a T1 gateway Service Engines stand; those that are there would lose their place."""
    hit = case.view.users("cloud", str(case.raw["uuid"]), "serviceengine")
    return Verdict(hit=hit, effect="they have their data vNICs on the segments that the cloud names now")


def _going(case: Case, api: str, key: str) -> Iterator[str]:
    """The uuids of this cloud's networks or VRF contexts whose segment or T1 gateway would go: only an undo does so."""
    if case.view.environment.find(case.want.key) is case.want:
        return
    gone = _paths(case.have) - _paths(case.want)
    own = str(case.raw["uuid"])
    for row in case.view.rows(api) if gone else ():
        if uuid_of(str(row.get("cloud_ref", ""))) == own and attribute(key).get(row, case.view.names) in gone:
            yield str(row["uuid"])


def _paths(cloud: Any) -> set[str]:
    """The T1 gateways and segments of a cloud's data network."""
    data = cloud.nsxt.data
    each = (path for tier1 in data.tier1s or () for path in (tier1.tier1, tier1.segment))
    return {path for path in (*(data.segments or ()), *each) if path}


def _allocated(view: View, cloud: answers.Cloud) -> tuple[str, ...]:
    vips = _vips(view, cloud)
    return tuple(f"VIP {vsvip.name}" for vsvip in vips if any(vip.auto_allocate_ip for vip in vsvip.vip))


def _vips(view: View, cloud: answers.Cloud) -> list[answers.VsVip]:
    return view.typed_rows(answers.VsVip, "vsvip", refers_to=f"cloud:{cloud.uuid}")


def _down(view: View, cloud: answers.Cloud) -> tuple[str, ...]:
    return tuple(
        f"virtual service {row.config.name}"
        for row in view.typed_rows(answers.ServiceInventory, "virtualservice-inventory")
        if uuid_of(row.config.cloud_ref) == cloud.uuid and row.runtime.oper_status.state != "OPER_UP"
    )


def _itself(case: Case) -> answers.Cloud:
    return answers.understood(answers.Cloud, case.raw, str(case.want.key))
