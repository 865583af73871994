"""Addresses and names as causes: why IPAM gave a VIP no address, and whose names are registered nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from intent import IpamProfile
from intent.words import counted
from live.avi.identity import Json, split_ref, uuid_of
from live.facts.runtime import messages
from live.facts.usage import free_for
from live.illness.ailments import NOT_UNDERSTOOD, Ailment, Diagnosis, Ref
from live.kinds import KINDS
from live.kinds.codecs import dig
from live.kinds.dns import vsvip_of


def without_address(vip: Json) -> str:
    """Why a VIP has no address; "" where it has one in each element."""
    elements = messages(vip.get("vip"))
    if not elements:
        return "it has no VIP"
    bare = [each for each in elements if not (each.get("ip_address") or each.get("ip6_address"))]
    if not bare:
        return ""
    networks = dict.fromkeys(split_ref(ref).label for each in bare if (ref := _network(each)))
    return "no address was given to it" + (f" of network {', '.join(networks)}" if networks else "")


def _network(element: Json) -> str:
    return str(dig(element, "ipam_network_subnet", "network_ref") or "")


def address_cause(diagnosis: Diagnosis, vip: Json) -> Ref | None:
    """Why IPAM gives no address: its cloud has no profile, or every network that it may take one of is full."""
    live = diagnosis.live
    with suppress(*NOT_UNDERSTOOD):
        live.rows("cloud")
        cloud = live.names.resolve(vip.get("cloud_ref"))
        asked = [each for each in messages(vip.get("vip")) if each.get("auto_allocate_ip")]
        if cloud is None or not asked:
            return None
        if lacks := _lacking(diagnosis, cloud, "ipam"):
            return diagnosis.add(_incomplete(cloud, "ipam_profile", lacks))
        named = [ref for each in asked if (ref := _network(each))]
        if len(named) < len(asked):
            return _offered_cause(diagnosis, str(cloud["ipam_provider_ref"]))
        full = [ref for ref in named if _is_full(diagnosis, ref)]
        return _full_network(diagnosis, full[0]) if full else None
    return None


def _lacking(diagnosis: Diagnosis, cloud: Json, use: str) -> str:
    """What a cloud lacks of its profile for `ipam` or `dns`; "" for nothing. Raises Unknown."""
    live = diagnosis.live
    if not (ref := cloud.get(f"{use}_provider_ref")):
        return f"it has no {use.upper()} profile"
    live.rows("ipamdnsproviderprofile")
    return (
        f"its {use.upper()} profile {diagnosis.name_of(ref)} is not there"
        if live.names.is_missing(ref)
        else ""
    )


def _incomplete(cloud: Json, field: str, reason: str) -> Ailment:
    """A cloud that lacks something which a declared field of it names."""
    return Ailment("cloud", str(cloud["uuid"]), str(cloud["name"]), "normal", reason, field=field)


def _offered_cause(diagnosis: Diagnosis, profile_ref: str) -> Ref | None:
    """The network that a profile offers where it is full, or the profile where each of several is. Raises Unknown."""
    live = diagnosis.live
    profile = live.names.resolve(profile_ref)
    naming = KINDS[IpamProfile].leaves["usable_networks"].names
    offered: Sequence[str] = (
        naming.refs(profile, live.names) if profile is not None and naming is not None else ()
    )
    if not offered or not all(_is_full(diagnosis, ref) for ref in offered):
        return None
    if len(offered) == 1:
        return _full_network(diagnosis, offered[0])
    ref, name = ("ipamdnsproviderprofile", uuid_of(profile_ref)), diagnosis.name_of(profile_ref)
    reason = f"no address is left in any of its {len(offered)} usable networks"
    return diagnosis.add(Ailment(*ref, name, "normal", reason))


def management_cause(diagnosis: Diagnosis, group: Json) -> Ref | None:
    """The management network of a group where it has no address for a further Service Engine. Raises Unknown."""
    names = diagnosis.live.names
    cloud = names.resolve(group.get("cloud_ref")) or {}
    given = group.get("mgmt_network_ref") or dig(cloud, "vcenter_configuration", "management_network")
    if not given or cloud.get("dhcp_enabled"):
        return None
    ref = str(given).replace("/vimgrnwruntime/", "/network/")  # a network and its runtime have one uuid [REC]
    if (names.resolve(ref) or {}).get("dhcp_enabled") or not _is_full(diagnosis, ref, "se"):
        return None
    return _full_network(diagnosis, ref, "se")


def _is_full(diagnosis: Diagnosis, ref: str, use: str = "vip") -> bool:
    """Whether no address for a use is left in a network, by the Controller's counts. Raises Unknown."""
    return free_for(use, diagnosis.live.row("network-inventory", uuid_of(ref))) == 0


def _full_network(diagnosis: Diagnosis, ref: str, use: str = "vip") -> Ref:
    users = {"vip": "VIPs", "se": "Service Engines"}[use]
    reason, name = f"no address for {users} is left in it", diagnosis.name_of(ref)
    return diagnosis.add(Ailment("network", uuid_of(ref), name, "normal", reason))


def names_nowhere(diagnosis: Diagnosis) -> None:
    """Each cloud whose virtual services have names, and that has no DNS profile to register them."""
    live = diagnosis.live
    if diagnosis.unread("cloud", "virtualservice", "vsvip", "ipamdnsproviderprofile"):
        return
    clouds: Counter[str] = Counter()
    for row in live.rows("virtualservice"):
        with suppress(*NOT_UNDERSTOOD):
            if row.get("enabled") is not False and messages(vsvip_of(row, live.names).get("dns_info")):
                clouds[uuid_of(str(row.get("cloud_ref") or ""))] += 1
    for uuid, count in clouds.items():
        with diagnosis.reading("cloud"):
            cloud = live.names.resolve(f"/api/cloud/{uuid}")
            if cloud is not None and (lacks := _lacking(diagnosis, cloud, "dns")):
                reason = f"{lacks}: the names of {counted(count, 'virtual service')} are registered nowhere"
                diagnosis.add(_incomplete(cloud, "dns_profile", reason))
