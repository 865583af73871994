"""State `drifted`: the conforming environment with one fault planted for each of many facts.

Nothing here takes the DNS service down or leaves another object without what it stands on: every check can
run.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lab.cloud.common import ip_json
from lab.objects import Object
from lab.seeds.conforming import conforming, dns_service, settle
from lab.seeds.writing import change, named

if TYPE_CHECKING:
    from lab.site import Site


@dataclass(frozen=True)
class Fault:
    """A planted fault: the blog's step (0: the wizard), object, field, both values, what to say."""

    step: int
    kind: str
    name: str
    field: str
    declared: Any
    found: Any
    says: str


SUBNETS = "configured_subnets.static_ip_ranges"

FAULTS: tuple[Fault, ...] = (
    Fault(
        0,
        "network",
        "REGIONB_MGMT_3020",
        f"{SUBNETS}.range",
        "10.10.20.40-10.10.20.45",
        "10.10.20.40-10.10.20.42",
        "the management network's pool is too short",
    ),
    Fault(
        1,
        "ipamdnsproviderprofile",
        "DNS_Default",
        "internal_profile.ttl",
        30,
        300,
        "names are registered with a TTL of 300 seconds",
    ),
    Fault(
        1,
        "ipamdnsproviderprofile",
        "IPAM_Default",
        "allocate_ip_in_vrf",
        True,
        False,
        "addresses are given out across VRF contexts",
    ),
    Fault(
        2,
        "cloud",
        "Default-Cloud",
        "state_based_dns_registration",
        True,
        False,
        "names stay registered while their service is down",
    ),
    Fault(
        2,
        "cloud",
        "Default-Cloud",
        "ipam_provider_ref",
        "IPAM_Default",
        None,
        "the cloud has no IPAM profile",
    ),
    Fault(
        2,
        "cloud",
        "Default-Cloud",
        "dhcp_enabled",
        False,
        True,
        "Service Engines ask DHCP for their management address",
    ),
    Fault(
        3,
        "network",
        "REGIONB_VMS_3023",
        "vrf_context_ref",
        "VRF_AZ2",
        "global",
        "the network was never moved out of VRF global",
    ),
    Fault(
        3,
        "network",
        "AVI_FRONTEND_3026",
        f"{SUBNETS}.range",
        "10.10.26.40-10.10.26.59",
        "10.10.26.40-10.10.26.49",
        "the network's pool is too short",
    ),
    Fault(
        3,
        "network",
        "REGIONB_VMS_3024",
        f"{SUBNETS}.type",
        "STATIC_IPS_FOR_SE",
        "STATIC_IPS_FOR_VIP_AND_SE",
        "the back end's pool gives addresses to VIPs too",
    ),
    Fault(3, "network", "AVI_FRONTEND_3025", "dhcp_enabled", False, True, "DHCP is on beside a static pool"),
    Fault(
        4,
        "serviceenginegroup",
        "S1-AZ1-SE-Group",
        "ha_mode",
        "HA_MODE_SHARED",
        "HA_MODE_SHARED_PAIR",
        "the group is active/active, not N+M",
    ),
    Fault(
        4,
        "serviceenginegroup",
        "S1-AZ1-SE-Group",
        "vcenter_folder",
        "AVI K8S/Site1 AZ1",
        "AVI K8S/Site1 AZ2",
        "new Service Engines land in the other zone's folder",
    ),
    Fault(
        4,
        "serviceenginegroup",
        "S1-AZ2-SE-Group",
        "buffer_se",
        0,
        1,
        "the group keeps a spare Service Engine",
    ),
    Fault(
        4,
        "serviceenginegroup",
        "S1-AZ2-SE-Group",
        "se_name_prefix",
        "s1az2",
        "Avi",
        "new Service Engines bear the default prefix",
    ),
    Fault(
        4,
        "serviceenginegroup",
        "S1-AZ2-SE-Group",
        "realtime_se_metrics.duration",
        0,
        30,
        "real-time metrics end after 30 minutes",
    ),
    Fault(
        5,
        "serviceenginegroup",
        "DNS-SE-Group",
        "realtime_se_metrics.enabled",
        True,
        False,
        "real-time metrics are off",
    ),
    Fault(
        5,
        "virtualservice",
        "local-dns-site1",
        "static_dns_records.ip_address",
        "10.10.24.10",
        "10.10.24.99",
        "test.avi.iberia.local is answered with another address",
    ),
    Fault(
        5,
        "systemconfiguration",
        "",
        "dns_virtualservice_refs",
        ["local-dns-site1"],
        ["corp-dns"],
        "the system uses another DNS service",
    ),
)


def drifted(site: Site) -> None:
    """Build the conforming site and plant every fault; they are told under `/lab/state` as `planted`."""
    conforming(site)
    corporate = dns_service(site, "corp-dns", "DNS-SE-Group", [])
    settle(site)
    for fault in FAULTS:
        plant = PLANTS.get((fault.kind, fault.field), _set)
        plant(site, _target(site, fault), fault)
    system = next(site.store.all("systemconfiguration"))
    change(site, system, dns_virtualservice_refs=[corporate.ref])
    site.memory["planted"] = [asdict(fault) for fault in FAULTS]


def _target(site: Site, fault: Fault) -> Object:
    if not fault.name:
        return next(site.store.all(fault.kind))
    return named(site, fault.kind, fault.name)


def _set(site: Site, obj: Object, fault: Fault) -> None:
    """Set a member, one level down where the field has a dot."""
    outer, _, inner = fault.field.partition(".")
    change(site, obj, **{outer: {**obj.body[outer], inner: fault.found} if inner else fault.found})


def _range(site: Site, obj: Object, fault: Fault) -> None:
    """Another range in a network's only pool."""
    subnets = deepcopy(obj.body["configured_subnets"])
    first, _, last = str(fault.found).partition("-")
    subnets[0]["static_ip_ranges"][0]["range"] = {"begin": ip_json(first), "end": ip_json(last)}
    change(site, obj, configured_subnets=subnets)


def _type(site: Site, obj: Object, fault: Fault) -> None:
    """Another type of a network's only pool."""
    subnets = deepcopy(obj.body["configured_subnets"])
    subnets[0]["static_ip_ranges"][0]["type"] = fault.found
    change(site, obj, configured_subnets=subnets)


def _vrf(site: Site, obj: Object, fault: Fault) -> None:
    change(site, obj, vrf_context_ref=named(site, "vrfcontext", str(fault.found)).ref)


def _record(site: Site, obj: Object, fault: Fault) -> None:
    """Another address in the service's only static record."""
    records = deepcopy(obj.body["static_dns_records"])
    records[0]["ip_address"] = [{"ip_address": ip_json(str(fault.found))}]
    change(site, obj, static_dns_records=records)


def _later(_site: Site, _obj: Object, _fault: Fault) -> None:
    """Done by `drifted` itself."""


PLANTS: dict[tuple[str, str], Callable[[Site, Object, Fault], None]] = {
    ("network", f"{SUBNETS}.range"): _range,
    ("network", f"{SUBNETS}.type"): _type,
    ("network", "vrf_context_ref"): _vrf,
    ("virtualservice", "static_dns_records.ip_address"): _record,
    ("systemconfiguration", "dns_virtualservice_refs"): _later,
}
"""How the faults that are more than a value set are planted."""
