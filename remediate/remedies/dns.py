"""Remedies of DNS virtual services and their VIPs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from intent import EXISTENCE, Blocked, DnsService, Network
from intent.graph import referred
from intent.plain_data import copied
from live.avi.identity import Home, Json, own_ref
from live.kinds.codecs import address_message, dns_name, prefix_message
from live.kinds.dns import vsvip_of
from live.kinds.nsxt import TIER1_PATH, attribute
from remediate.plan.answers import VirtualService, understood
from remediate.plan.payload import contains
from remediate.registry import Case, Draft, Verdict, no_remedy, remedy

no_remedy(
    DnsService,
    "vrf",
    "a virtual service cannot change its VRF context; delete it when its clients can do without, and the next run "
    "makes it anew",
)
no_remedy(
    DnsService,
    "vip",
    "its VIP was emptied: which address it had, and who has it by now, is not known here; open it under Applications > "
    "VS VIPs and add the address again",
)
no_remedy(
    DnsService,
    ("vip.auto_allocate", "vip.network", "vip.address", "vip.family"),
    "the VIP of a virtual service cannot be changed, only given up with its address; delete the virtual service "
    "when its clients can do without, and the next run makes it anew",
)


def compose_service(case: Case, drafts: Sequence[Draft]) -> list[Draft]:
    """The VIP first, then the virtual service on it. Raises Blocked where no VIP can be had."""
    (service,) = drafts
    vip, ref = _vip(case, str(service.after["cloud_ref"]))
    placed = replace(service, after={**service.after, "vsvip_ref": ref})
    return [vip, placed] if vip else [placed]


def _vip(case: Case, cloud_ref: str) -> tuple[Draft | None, str]:
    """The VIP to make, and how to refer to it; one that an earlier run left behind is taken as it is."""
    want: DnsService = case.want
    name, view = f"vsvip-{want.name}", case.view
    home = Home((want.cloud,), want.bare_tenants)
    body: Json = {"name": name, "cloud_ref": cloud_ref, "vip": [_address(case, home)]}
    if want.vrf:
        body["vrf_context_ref"] = view.names.ref("vrfcontext", want.vrf, home)
        vrf = view.names.resolve(body["vrf_context_ref"]) or {}
        if tier1 := attribute(TIER1_PATH).get(vrf, view.names):
            body["tier1_lr"] = tier1
    if infos := [_info(name) for name in dict.fromkeys((want.fqdn, *(want.names or ()))) if name]:
        body["dns_info"] = infos
    there = view.names.find("vsvip", name, want.cloud, want.tenant)
    if not there:
        ref = view.promise(want, "vsvip", name)
        return Draft("vsvip", None, body, ref), ref
    if len(there) > 1 or not contains(there[0], body):
        raise Blocked(
            f"a VIP {name} is there already and is not as this virtual service needs it; look whose it is"
        )
    if users := view.users("vsvip", str(there[0]["uuid"])):
        raise Blocked(f"the VIP {name} is taken by {', '.join(users)}")
    return None, own_ref(there[0])


def _info(name: str) -> Json:
    return {"fqdn": name, "type": "DNS_RECORD_A"}


def _address(case: Case, home: Home) -> Json:
    """Where the address comes from, as a member of `vip[]` [REC]."""
    want: DnsService = case.want
    if want.vip is not None and want.vip.address is not None and not want.vip.auto_allocate:
        member = "ip_address" if want.vip.address.version == 4 else "ip6_address"
        return {"vip_id": "1", "auto_allocate_ip": False, member: address_message(want.vip.address)}
    if want.vip is None or not want.vip.auto_allocate or not want.vip.network:
        raise Blocked("it declares no network for its VIP to be allocated from, so none can be made")
    choice: Json = {
        "network_ref": case.view.names.ref("network", want.vip.network, home),
    }
    network = referred(case.view.environment, want, "vip", "network")
    prefixes = [subnet.prefix for subnet in network.subnets or ()] if isinstance(network, Network) else []
    prefixes.sort(key=lambda prefix: prefix.version)
    family = want.vip.family or f"v{prefixes[0].version if prefixes else 4}"
    for version in (4, 6):
        of_it = [prefix for prefix in prefixes if prefix.version == version and f"v{version}" in family]
        if of_it:
            choice["subnet" if version == 4 else "subnet6"] = prefix_message(of_it[0])
    return {
        "vip_id": "1",
        "auto_allocate_ip": True,
        "auto_allocate_ip_type": "V4_V6" if family == "v4-and-v6" else f"{family.upper()}_ONLY",
        "ipam_network_subnet": choice,
    }


@remedy(DnsService, EXISTENCE, risk="guarded", compose=compose_service)
def make_service(case: Case) -> Verdict:
    """Make the VIP and the virtual service; both take an address and a Service Engine that nobody has yet."""
    want: DnsService = case.want
    network = referred(case.view.environment, want, "vip", "network")
    if network and (left := sorted(case.view.left.get(network.key, ()))):
        return Verdict(
            withdrawn=f"its VIP comes from {network.key}, of which "
            f"{', '.join(path or 'existence' for path in left)} stays as it is (see there)"
        )
    return Verdict()


@remedy(DnsService, "enabled", risk="guarded")
def set_enabled(case: Case) -> Verdict:
    """Turn it on, which hits nobody, or off, which leaves its clients without an answer."""
    return Verdict() if case.want.enabled else _itself(case, "it would answer no more")


@remedy(DnsService, "application_profile", risk="guarded")
def set_application_profile(case: Case) -> Verdict:
    """Give it the application profile; what it answers now, it answers differently or not at all then."""
    return _itself(case, "its clients are served by the profile of now")


@remedy(DnsService, "services", risk="guarded")
def set_ports(case: Case) -> Verdict:
    """Set the ports. More ports hit nobody; a port that goes leaves the clients of that port without an answer."""
    wanted = {service.listener for service in case.want.services}
    gone = sorted({service.listener for service in case.have.services or ()} - wanted)
    return _itself(case, f"it would no longer listen on {', '.join(gone)}") if gone else Verdict()


def compose_group(case: Case, drafts: Sequence[Draft]) -> list[Draft]:
    """Disable, move, enable: the Controller refuses another group for an enabled virtual service [DOC].

    Each is a write of its own, so that each can be undone by itself.
    """
    moves: list[Draft] = []
    for draft in drafts:
        before, after = draft.before, draft.after
        if before is None or draft.api != "virtualservice" or before["se_group_ref"] == after["se_group_ref"]:
            moves.append(draft)
            continue
        moved = {**copied(after), "enabled": False}
        if before.get("enabled", True):
            off = {**copied(before), "enabled": False}
            moves.append(replace(draft, after=off))
            before = off
        moves.append(replace(draft, before=before, after=moved))
        if after.get("enabled", True):
            moves.append(replace(draft, before=moved))
    return moves


@remedy(DnsService, "se_group", risk="guarded", compose=compose_group)
def move_to_group(case: Case) -> Verdict:
    """Move it to its Service Engine group: it is disabled, moved, and enabled again."""
    return _itself(case, "it answers nothing until a Service Engine of the other group carries it")


def _named_vip(case: Case) -> Json:
    """The VIP, an object of its own, which bears the names. Raises Blocked where it was not found."""
    vip = vsvip_of(case.raw, case.view.names)
    if not vip.get("uuid") or vip.get("uuid") == case.raw.get("uuid"):
        raise Blocked(f"the VIP of {case.want.key} was not found, and its names are the VIP's")
    return vip


def compose_name(case: Case, drafts: Sequence[Draft]) -> list[Draft]:
    """The first name of the VIP as declared. Raises Blocked."""
    vip = _named_vip(case)
    named = copied(vip)
    infos = named.setdefault("dns_info", [])
    if infos:
        infos[0]["fqdn"] = case.want.fqdn
    else:
        infos.append(_info(case.want.fqdn))
    return [*drafts, Draft("vsvip", vip, named)]


@remedy(DnsService, "fqdn", risk="guarded", compose=compose_name)
def set_name(case: Case) -> Verdict:
    """Give its VIP the name. Nobody is hit where it had none; the old name is answered no more."""
    old = case.have.fqdn
    hit = [f"DNS name {old}"] if old else []
    if uuid := vsvip_of(case.raw, case.view.names).get("uuid"):
        hit += case.view.users("vsvip", str(uuid), spare=str(case.raw["uuid"]))
    return Verdict(hit=tuple(hit), effect="it is the name of the VIP, and would be another")


def compose_names(case: Case, drafts: Sequence[Draft]) -> list[Draft]:
    """Further names of the VIP as declared. Raises Blocked."""
    vip = _named_vip(case)
    gone = {str(drift.have) for drift in case.drifts if drift.removes}
    named = copied(next((draft.after for draft in drafts if draft.api == "vsvip"), vip))
    infos = [info for info in named.get("dns_info", []) if dns_name(info.get("fqdn")) not in gone]
    there = {dns_name(info.get("fqdn")) for info in infos}
    named["dns_info"] = [*infos, *(_info(name) for name in case.want.names if name not in there)]
    return [*(draft for draft in drafts if draft.api != "vsvip"), Draft("vsvip", vip, named)]


@remedy(DnsService, "names", risk="guarded", compose=compose_names)
def set_names(case: Case) -> Verdict:
    """Give its VIP further names, which hits nobody; one that goes is answered no more."""
    gone = tuple(f"DNS name {drift.have}" for drift in case.drifts if drift.removes)
    return Verdict(hit=gone, effect="it would be answered no more")


@remedy(DnsService, "services.tls", risk="guarded")
def set_tls(case: Case) -> Verdict:
    """Switch TLS of a port; clients of the port speak the way of now."""
    return _itself(case, "its clients speak with or without TLS, as the port does now")


@remedy(
    DnsService,
    *("records", "records.addresses", "records.values", "records.ttl", "records.wildcard"),
    risk="safe",
)
def set_records(case: Case) -> Verdict:
    """Set the declared static records; one that is not declared goes only where the file says they are exact."""
    gone = tuple(f"DNS name {drift.element}" for drift in case.drifts if drift.removes)
    return Verdict(hit=gone, effect="it would be answered no more")


def _itself(case: Case, effect: str) -> Verdict:
    """The virtual service is hit while it is enabled."""
    if not understood(VirtualService, case.raw, str(case.want.key)).enabled:
        return Verdict()
    return Verdict(hit=(f"virtual service {case.want.name}",), effect=effect)
