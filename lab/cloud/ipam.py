"""Internal IPAM: allocates the address of a VIP inside the write of its vsvip [REC].

Recorded answer to a VIP with a subnet: the network resolved from it, `ip_address`, `discovered_networks`, and
`avi_allocated_vip` still false [REC]. Which network is taken when none is named is [INF]: the profile's
usable networks in their order, else every network of the cloud in order of discovery.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab.cloud.clouds import profile
from lab.cloud.common import (
    Address,
    Subnet,
    cloud_of,
    followed,
    in_cloud,
    ip_json,
    parse_ip,
    parse_prefix,
    prefix_json,
    uuid_of,
)
from lab.cloud.nsxt import in_vpcs, nsxt_of
from lab.cloud.pools import FOR_VIP, free, hold_vips, is_leased, leases, pools
from lab.hooks import Change, Moment, on
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site

FAMILIES = {"V4_ONLY": (4,), "V6_ONLY": (6,), "V4_V6": (4, 6)}
MEMBER = {4: "ip_address", 6: "ip6_address"}
SUBNET = {4: "subnet", 6: "subnet6"}


@on(Moment.BEFORE, "vsvip")
def allocate(change: Change) -> None:
    """Check the VIPs' numbers, keep or allocate their addresses, and fill the DNS records' TTL.

    Raises Refused 400: `No available free IPs`, and the two rules on existing VIPs clients know by text
    [CLIENT].
    """
    site, new = change.site, change.new
    vips = new.body.get("vip", [])
    before = {vip["vip_id"]: vip for vip in change.old.body.get("vip", [])} if change.old else {}
    _number(vips, before)
    taken: set[str] = set()
    for vip in vips:
        if vip.get("auto_allocate_ip"):
            _automatic(site, new, vip, before.get(vip["vip_id"], {}), taken)
    _fill_ttl(site, new)


@on(Moment.STORED, "vsvip")
def hold(change: Change) -> None:
    """Keep the index of held addresses."""
    hold_vips(change.site, change.new)


@on(Moment.DELETED, "vsvip")
def release(change: Change) -> None:
    """A deleted vsvip gives its addresses back [INF]."""
    leases(change.site).release(change.new.uuid)


def _number(vips: list[Json], before: dict[str, Json]) -> None:
    """Refuse two VIPs of one `vip_id` [INF], and a new one for an address that has one [CLIENT]."""
    if len({vip["vip_id"] for vip in vips}) < len(vips):
        raise Refused(400, "Duplicate vip_id in VsVip")
    known = {
        str(address): vip_id for vip_id, vip in before.items() if (address := parse_ip(vip.get("ip_address")))
    }
    for vip in vips:
        was = known.get(str(parse_ip(vip.get("ip_address"))))
        if was is not None and was != vip["vip_id"] and vip["vip_id"] not in before:
            raise Refused(400, "Changing an existing VIP's vip_id is not supported")


def _automatic(site: Site, vsvip: Object, vip: Json, was: Json, taken: set[str]) -> None:
    for version in FAMILIES[vip.get("auto_allocate_ip_type", "V4_ONLY")]:
        member = MEMBER[version]
        present, preferred = parse_ip(was.get(member)), parse_ip(vip.get(member))
        if present and was.get("auto_allocate_ip") and _same_choice(vip, was):
            if preferred and preferred != present:
                raise Refused(400, "If a new preferred IP is needed, please recreate the VIP")
            vip[member] = was[member]
            for kept in ("ipam_network_subnet", "discovered_networks"):
                if kept in was:
                    vip[kept] = was[kept]
            continue
        network, subnet, address = _choose(site, vsvip, vip, version, preferred, frozenset(taken))
        taken.add(str(address))
        vip[member] = ip_json(address)
        choice = vip.setdefault("ipam_network_subnet", {})
        choice["network_ref"] = network.ref
        choice[SUBNET[version]] = prefix_json(subnet)
        _discover(vip, network, subnet, version)


def _same_choice(vip: Json, was: Json) -> bool:
    """Whether a written VIP asks for the network it has: one that names none does."""
    now, then = vip.get("ipam_network_subnet", {}), was.get("ipam_network_subnet", {})
    if now.get("network_ref"):
        return uuid_of(now["network_ref"]) == uuid_of(then.get("network_ref"))
    subnet = parse_prefix(now.get("subnet"))
    return subnet is None or subnet == parse_prefix(then.get("subnet"))


def _discover(vip: Json, network: Object, subnet: Subnet, version: int) -> None:
    discovered = next(
        (d for d in vip.get("discovered_networks", []) if d["network_ref"] == network.ref), None
    )
    if discovered is None:
        discovered = {"network_ref": network.ref}
        vip.setdefault("discovered_networks", []).append(discovered)
    discovered[SUBNET[version]] = [prefix_json(subnet)]


def _choose(  # noqa: PLR0913, PLR0917 -- the facts of one choice
    site: Site, vsvip: Object, vip: Json, version: int, preferred: Address | None, taken: frozenset[str]
) -> tuple[Object, Subnet, Address]:
    """The network, subnet and address for a VIP. Raises Refused 400 when there is none."""
    want = parse_prefix(vip.get("ipam_network_subnet", {}).get(SUBNET[version]))
    for network in _eligible(site, vsvip, vip, version):
        if want is not None and all(pool.subnet != want for pool in pools(network.body)):
            continue
        if preferred is not None:
            pool = next((p for p in pools(network.body, FOR_VIP) if preferred in p), None)
            if pool and str(preferred) not in taken and not is_leased(site, network, preferred):
                return network, pool.subnet, preferred
        elif (lowest := free(site, network, FOR_VIP, version=version, skip=taken)) is not None:
            return network, lowest[0].subnet, lowest[1]
    raise Refused(400, "No available free IPs")


def _eligible(site: Site, vsvip: Object, vip: Json, version: int) -> Iterator[Object]:
    """The networks a VIP may come from, best first. Raises Refused 400 where IPAM is not to be had.

    `allocate_ip_in_vrf` leaves only networks of the vsvip's VRF [SCHEMA text]. In VPC mode a VIP comes from the public
    addresses that `subnet_uuid` names [CLIENT: AKO], else from those of its VPC [INF], without a profile.
    """
    if (config := nsxt_of(cloud_of(site, vsvip))) and in_vpcs(config):
        yield from _of_vpc(site, vsvip, vip)
        return
    ipam = profile(site, cloud_of(site, vsvip), "ipam_provider_ref")
    if ipam is None or ipam.body.get("type") != "IPAMDNS_TYPE_INTERNAL":
        raise Refused(400, f"No IPAM provider configured to allocate an IP for VsVip {vsvip.name}")
    usable = {
        uuid_of(u["nw_ref"]): None for u in ipam.body.get("internal_profile", {}).get("usable_networks", [])
    }
    choice = vip.get("ipam_network_subnet", {})
    named = followed(site, choice, "network_ref")
    if named is not None:
        candidates: Iterator[Object] = iter([named])
    elif usable:
        candidates = (n for uuid in usable if (n := site.store.get("network", uuid)) is not None)
    else:
        candidates = in_cloud(site, "network", vsvip.cloud)
    subnet = parse_prefix(choice.get(SUBNET[version]))
    for network in candidates:
        if usable and network.uuid not in usable:
            continue
        if ipam.body.get("allocate_ip_in_vrf") and not _same_vrf(network, vsvip):
            continue
        if subnet is None or any(pool.subnet == subnet for pool in pools(network.body, FOR_VIP)):
            yield network


def _of_vpc(site: Site, vsvip: Object, vip: Json) -> Iterator[Object]:
    if (asked := vip.get("subnet_uuid")) is not None:
        network = site.store.get("network", str(asked))
        if network is None or network.cloud != vsvip.cloud or not _same_vrf(network, vsvip):
            raise Refused(400, f"Subnet {asked} not found in the VPC of VsVip {vsvip.name}")
        yield network
        return
    for network in in_cloud(site, "network", vsvip.cloud):
        if network.uuid.endswith("_AVISEPARATOR_PUBLIC") and _same_vrf(network, vsvip):
            yield network


def _same_vrf(network: Object, vsvip: Object) -> bool:
    return uuid_of(network.body.get("vrf_context_ref")) == uuid_of(vsvip.body.get("vrf_context_ref"))


def _fill_ttl(site: Site, vsvip: Object) -> None:
    """The TTL of a DNS record that names none: its domain's, else the profile's [REC: 30 came back]."""
    dns = profile(site, cloud_of(site, vsvip), "dns_provider_ref")
    if dns is None:
        return
    inside = dns.body.get("internal_profile", {})
    for info in vsvip.body.get("dns_info", []):
        if info.get("ttl") is None:
            name = str(info.get("fqdn", ""))
            domains = (
                d for d in inside.get("dns_service_domain", []) if name.endswith("." + d["domain_name"])
            )
            own = next((d["record_ttl"] for d in domains if "record_ttl" in d), None)
            info["ttl"] = own if own is not None else inside.get("ttl", 30)
