"""Mapping of clouds: a declared cloud <-> the Controller's `cloud` with its vCenter configuration."""

from __future__ import annotations

from dataclasses import replace

from intent import Blocked, Cloud
from intent.cloud_types import CLOUD_TYPES
from live.avi.identity import Json, Names, Naming
from live.kinds.base import Kind
from live.kinds.codecs import dig, enum, flag, number, plain, reference, referring, subnet
from live.kinds.labels import tier
from live.kinds.nsxt import CLOUD_LEAVES

VTYPES = {word: each.api for word, each in CLOUD_TYPES.items()}
ACCESS = {"none": "NO_ACCESS", "read": "READ_ACCESS", "write": "WRITE_ACCESS"}
_VCENTER = "vcenter_configuration"
_NETWORK, _RUNTIME = "/api/network/", "/api/vimgrnwruntime/"


def _vcenter(obj: Json) -> Json:
    """The vCenter configuration to write into. Raises Blocked for a cloud of another type: it has no use for one."""
    if obj.get("vtype") != VTYPES["vcenter"]:
        raise Blocked("it is no vCenter cloud on the Controller, and holds no vCenter configuration")
    config: Json = obj.setdefault(_VCENTER, {})
    return config


def _management(obj: Json, names: Names) -> list[str]:
    """The management network. It is referred to as vimgrnwruntime, whose uuid is that of the network [REC]."""
    ref = dig(obj, _VCENTER, "management_network")
    return [str(ref).replace(_RUNTIME, _NETWORK)] if ref else []


def _itself(obj: Json, names: Names) -> tuple[str, ...]:
    return (str(obj.get("name", "")),)


def _put_management(obj: Json, refs: list[str], names: Names) -> None:
    _vcenter(obj)["management_network"] = refs[0].replace(_NETWORK, _RUNTIME)


_SUBNET = subnet(_VCENTER, "management_ip_subnet")


def put_subnet(obj: Json, value: object, names: Names) -> None:
    """Write the management subnet. Raises Blocked in a cloud of another type."""
    _vcenter(obj)
    _SUBNET.write(obj, value, names)


CLOUD = Kind(
    Cloud,
    "cloud",
    {
        "type": enum(VTYPES, "vtype"),
        "vcenter.url": plain(_VCENTER, "vcenter_url"),
        "vcenter.datacenter": plain(_VCENTER, "datacenter"),
        "vcenter.access": enum(ACCESS, _VCENTER, "privilege", default=ACCESS["write"]),
        "management.network": referring(
            f"{_VCENTER}.management_network", Naming("network", _management, _itself), _put_management
        ),
        "management.subnet": replace(_SUBNET, put=put_subnet),
        "management.dhcp": flag("dhcp_enabled", default=False),
        **CLOUD_LEAVES,
        "dns_profile": reference("ipamdnsproviderprofile", "dns_provider_ref"),
        "ipam_profile": reference("ipamdnsproviderprofile", "ipam_provider_ref"),
        "state_based_dns": flag("state_based_dns_registration", default=True),
        "vcenter.content_library.id": plain(_VCENTER, "content_lib", "id"),
        "vcenter.content_library.name": plain(_VCENTER, "content_lib", "name"),
        "mtu": number("mtu", default=1500),
        "license_tier": tier("license_tier"),
        "se_group_template": reference("serviceenginegroup", "se_group_template_ref", clouds=_itself),
        "prefer_static_routes": flag("prefer_static_routes", default=False),
        "vip_static_routes": flag("enable_vip_static_routes", default=False),
    },
)
