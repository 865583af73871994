"""Mapping of clouds: a declared cloud <-> the Controller's `cloud` with its vCenter configuration."""

from __future__ import annotations

from intent import Cloud
from live.avi.identity import Json, Names, split_ref
from live.kinds.addresses import prefix, prefix_message
from live.kinds.base import Kind, Leaf, dig, enum, flag, plain, ref_for, reference

CLOUD_TYPES = {
    "vcenter": "CLOUD_VCENTER",
    "no-orchestrator": "CLOUD_NONE",
    "nsx-t": "CLOUD_NSXT",
    "aws": "CLOUD_AWS",
    "azure": "CLOUD_AZURE",
    "gcp": "CLOUD_GCP",
    "openstack": "CLOUD_OPENSTACK",
    "linux-server": "CLOUD_LINUXSERVER",
}
ACCESS = {"none": "NO_ACCESS", "read": "READ_ACCESS", "write": "WRITE_ACCESS"}
_VCENTER = "vcenter_configuration"


def get_management_network(obj: Json, names: Names) -> str | None:
    """The management network's name.

    The reference points at vimgrnwruntime, whose uuid is that of the network of the same port group [REC].
    """
    ref = dig(obj, _VCENTER, "management_network")
    if not ref:
        return None
    _, uuid, name = split_ref(ref)
    network = names.resolve(f"/api/network/{uuid}")
    return str(network["name"]) if network else name or uuid


def put_management_network(obj: Json, value: str, names: Names) -> None:
    """Point the management network at a discovered network of this cloud."""
    owner = {"cloud_ref": obj.get("url", ""), "tenant_ref": obj.get("tenant_ref", "")}
    ref = ref_for("network", value, owner, names)
    obj.setdefault(_VCENTER, {})["management_network"] = ref.replace("/api/network/", "/api/vimgrnwruntime/")


def get_subnet(obj: Json, names: Names) -> object:
    """The management subnet."""
    return prefix(dig(obj, _VCENTER, "management_ip_subnet"))


def put_subnet(obj: Json, value: object, names: Names) -> None:
    """Write the management subnet."""
    message = obj.setdefault(_VCENTER, {}).setdefault("management_ip_subnet", {})
    wanted = prefix_message(value)
    message["mask"] = wanted["mask"]
    message.setdefault("ip_addr", {}).update(wanted["ip_addr"])


CLOUD = Kind(
    Cloud,
    "cloud",
    {
        "type": enum(CLOUD_TYPES, "vtype"),
        "vcenter.url": plain(_VCENTER, "vcenter_url"),
        "vcenter.datacenter": plain(_VCENTER, "datacenter"),
        "vcenter.access": enum(ACCESS, _VCENTER, "privilege", default=ACCESS["write"]),
        "management.network": Leaf(
            f"{_VCENTER}.management_network", get_management_network, put_management_network
        ),
        "management.subnet": Leaf(f"{_VCENTER}.management_ip_subnet", get_subnet, put_subnet),
        "management.dhcp": flag("dhcp_enabled", default=False),
        "dns_profile": reference("ipamdnsproviderprofile", "dns_provider_ref"),
        "ipam_profile": reference("ipamdnsproviderprofile", "ipam_provider_ref"),
        "state_based_dns": flag("state_based_dns_registration", default=True),
    },
    also=("tenant",),
)
