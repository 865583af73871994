"""Mapping of clouds: a declared cloud <-> the Controller's `cloud` with its vCenter configuration."""

from __future__ import annotations

from intent import Blocked, Cloud
from intent.cloud_types import CLOUD_TYPES
from intent.values import ScopedName
from live.avi.identity import Json, Names
from live.kinds.addresses import prefix, prefix_message
from live.kinds.base import Kind, Leaf, dig, enum, flag, plain, ref_for, reference
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


def get_management_network(obj: Json, names: Names) -> str | ScopedName | None:
    """The management network's name.

    The reference points at vimgrnwruntime, whose uuid is that of the network of the same port group [REC].
    """
    ref = dig(obj, _VCENTER, "management_network")
    if not ref:
        return None
    return names.name(str(ref).replace(_RUNTIME, _NETWORK), _inside(obj))


def put_management_network(obj: Json, value: str | ScopedName, names: Names) -> None:
    """Point the management network at a discovered network of this cloud."""
    config = _vcenter(obj)
    ref = ref_for("network", value, _inside(obj), names)
    config["management_network"] = ref.replace(_NETWORK, _RUNTIME)


def _inside(obj: Json) -> Json:
    """A cloud as an owner of references: what it names lives in itself."""
    return {"cloud_ref": obj.get("url", ""), "tenant_ref": obj.get("tenant_ref", "")}


def get_subnet(obj: Json, names: Names) -> object:
    """The management subnet."""
    return prefix(dig(obj, _VCENTER, "management_ip_subnet"))


def put_subnet(obj: Json, value: object, names: Names) -> None:
    """Write the management subnet."""
    message = _vcenter(obj).setdefault("management_ip_subnet", {})
    wanted = prefix_message(value)
    message["mask"] = wanted["mask"]
    message.setdefault("ip_addr", {}).update(wanted["ip_addr"])


CLOUD = Kind(
    Cloud,
    "cloud",
    {
        "type": enum(VTYPES, "vtype"),
        "vcenter.url": plain(_VCENTER, "vcenter_url"),
        "vcenter.datacenter": plain(_VCENTER, "datacenter"),
        "vcenter.access": enum(ACCESS, _VCENTER, "privilege", default=ACCESS["write"]),
        "management.network": Leaf(
            f"{_VCENTER}.management_network", get_management_network, put_management_network
        ),
        "management.subnet": Leaf(f"{_VCENTER}.management_ip_subnet", get_subnet, put_subnet),
        "management.dhcp": flag("dhcp_enabled", default=False),
        **CLOUD_LEAVES,
        "dns_profile": reference("ipamdnsproviderprofile", "dns_provider_ref"),
        "ipam_profile": reference("ipamdnsproviderprofile", "ipam_provider_ref"),
        "state_based_dns": flag("state_based_dns_registration", default=True),
    },
    also=("tenant",),
)
