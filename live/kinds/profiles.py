"""Mapping of DNS and IPAM profiles <-> the Controller's `ipamdnsproviderprofile`."""

from __future__ import annotations

from intent import DnsProfile, IpamProfile, ServiceDomain
from live.avi.identity import Json, Names, Naming, uuid_of
from live.kinds.base import Kind
from live.kinds.codecs import api_words, dns_name_at, enum, flag, number, referring
from live.kinds.messages import elements

DNS_TYPES = api_words("IPAMDNS_TYPE_{}_DNS", ("internal", "infoblox", "aws", "azure", "custom"))
IPAM_TYPES = api_words(
    "IPAMDNS_TYPE_{}", ("internal", "infoblox", "aws", "azure", "gcp", "openstack", "custom")
)

USABLE_NETWORKS = (20, 1, 3)
"""The first model with `usable_networks`; `usable_network_refs` went in 22.1.1 [SCHEMA]."""


_DOMAIN = {
    "name": dns_name_at("domain_name"),
    "ttl": number("record_ttl"),
    "pass_through": flag("pass_through", default=True),
}


def usable_refs(obj: Json, names: Names) -> list[str]:
    """References to usable networks in either spelling, each once."""
    profile = obj.get("internal_profile") or {}
    new = [entry.get("nw_ref", "") for entry in profile.get("usable_networks", [])]
    return list(dict.fromkeys(filter(None, [*new, *profile.get("usable_network_refs", [])])))


def put_usable(obj: Json, refs: list[str], names: Names) -> None:
    """Write the usable networks, in the model's own spelling; an entry that stays is left as it is."""
    profile = obj.setdefault("internal_profile", {})
    there = {uuid_of(ref) for ref in usable_refs(obj, names)}
    if gone := there - {uuid_of(ref) for ref in refs}:
        for member, ref_of in (("usable_networks", "nw_ref"), ("usable_network_refs", "")):
            if entries := profile.get(member):
                profile[member] = [e for e in entries if uuid_of(str(e[ref_of] if ref_of else e)) not in gone]
    new = [ref for ref in refs if uuid_of(ref) not in there]
    if not new:
        return
    if names.version < USABLE_NETWORKS:
        profile["usable_network_refs"] = [*profile.get("usable_network_refs", []), *new]
    else:
        profile["usable_networks"] = [*profile.get("usable_networks", []), *({"nw_ref": ref} for ref in new)]


def _clouds_of(obj: Json, names: Names) -> tuple[str, ...]:
    """The names of the clouds that have this profile attached: those whose networks it may mean."""
    uuid = obj.get("uuid")
    return tuple(
        str(cloud.get("name", ""))
        for cloud in names.objects("cloud")
        if uuid and uuid_of(str(cloud.get("ipam_provider_ref") or "")) == uuid
    )


DNS_PROFILE = Kind(
    DnsProfile,
    "ipamdnsproviderprofile",
    {
        "type": enum(DNS_TYPES, "type"),
        "domains": elements(ServiceDomain, "name", _DOMAIN, "internal_profile", "dns_service_domain"),
        "ttl": number("internal_profile", "ttl", default=30),
    },
    includes=lambda obj, _names: obj.get("type") in DNS_TYPES.values(),
    fixed={"type": DNS_TYPES["internal"]},
)

IPAM_PROFILE = Kind(
    IpamProfile,
    "ipamdnsproviderprofile",
    {
        "type": enum(IPAM_TYPES, "type"),
        "allocate_in_vrf": flag("allocate_ip_in_vrf", default=False),
        "usable_networks": referring(
            "internal_profile.usable_networks[].nw_ref",
            Naming("network", usable_refs, _clouds_of),
            put_usable,
            several=True,
        ),
    },
    also=("cloud",),
    includes=lambda obj, _names: obj.get("type") not in DNS_TYPES.values(),
    fixed={"type": IPAM_TYPES["internal"]},
)
