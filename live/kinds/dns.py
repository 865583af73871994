"""Mapping of DNS services: a declared service <-> the Controller's `virtualservice` and the `vsvip` it refers to."""

from __future__ import annotations

from functools import partial
from typing import Any

from intent import DnsService, Service, StaticRecord
from live.avi.identity import Home, Json, Names, Naming, NotResolved, split_ref
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import address, dig, dns_name, flag, number, reference, referring, whole
from live.kinds.dns_records import ADDRESSES, VALUES
from live.kinds.messages import merge_by, put_members

TCP_PROFILE = "System-TCP-Proxy"
UDP_PROFILE = "System-UDP-Per-Pkt"


def vsvip_of(obj: Json, names: Names) -> Json:
    """The vsvip of a virtual service; the virtual service itself where an old model embeds the address.

    Raises Unknown when the vsvip was not found.
    """
    ref = obj.get("vsvip_ref")
    if not ref:
        return obj
    if (vsvip := names.resolve(ref)) is None or split_ref(ref).api != "vsvip":
        raise NotResolved(f"its VIP is {names.name(ref, 'vsvip', Home())}")
    return vsvip


def _protocol(ref: str | None, names: Names) -> str | None:
    """Udp or tcp: a service has no protocol of its own, its network profile has [SCHEMA].

    Raises Unknown when that was not found.
    """
    if not ref:
        return None
    if (profile := names.resolve(ref)) is None or split_ref(ref).api != "networkprofile":
        raise NotResolved(f"its network profile is {names.name(ref, 'networkprofile', Home())}")
    kind = str(dig(profile, "profile", "type") or "")
    return "udp" if "UDP" in kind.upper() else "tcp" if "TCP" in kind.upper() else None


_TLS = flag("enable_ssl", default=False)


def get_services(obj: Json, names: Names) -> tuple[Service, ...]:
    """The ports it listens on, each with the protocol of its network profile."""
    services: list[Service] = []
    for message in obj.get("services", []):
        ref = message.get("override_network_profile_ref") or obj.get("network_profile_ref")
        first = whole(message.get("port", 0))
        last = whole(message.get("port_range_end")) or first  # 0 is no range
        protocol: Any = _protocol(ref, names) or "unknown"
        services.extend(
            Service.model_construct(port=port, protocol=protocol, tls=_TLS.get(message, names))
            for port in range(first, min(last, first + 64) + 1)
        )
    return tuple(services)


def put_services(obj: Json, value: tuple[Service, ...], names: Names) -> None:
    """Write the ports; one whose protocol is not the virtual service's own overrides the network profile.

    A listener that several messages give keeps the first of them.
    """
    if "network_profile_ref" not in obj:
        first = UDP_PROFILE if any(s.protocol == "udp" for s in value) else TCP_PROFILE
        obj["network_profile_ref"] = names.ref("networkprofile", first)

    def listener(message: Json) -> str:
        only = get_services({**obj, "services": [message]}, names)
        return only[0].listener if len(only) == 1 else "a range"

    wanted = [(s.listener, partial(_put_service, service=s, obj=obj, names=names)) for s in value]
    once: dict[str, Json] = {}
    for message in obj.get("services", []):
        once.setdefault(listener(message), message)
    obj["services"] = merge_by(list(once.values()), listener, wanted)


def _put_service(message: Json, service: Service, obj: Json, names: Names) -> None:
    message["port"] = service.port
    put_members(message, service, {"tls": _TLS}, names)
    ref = message.get("override_network_profile_ref") or obj.get("network_profile_ref")
    if _protocol(ref, names) != service.protocol:
        profile = UDP_PROFILE if service.protocol == "udp" else TCP_PROFILE
        message["override_network_profile_ref"] = names.ref("networkprofile", profile)


def _labels(message: Json) -> list[str]:
    kind = str(message.get("type", "")).removeprefix("DNS_RECORD_")
    return [f"{dns_name(fqdn)} {kind}" for fqdn in message.get("fqdn", [])]


_RECORD = {"ttl": number("ttl"), "wildcard": flag("wildcard_match", default=False)}


def get_records(obj: Json, names: Names) -> tuple[StaticRecord, ...]:
    """The static records; one message may bear several names, each its own record."""
    records = []
    for message in obj.get("static_dns_records", []):
        for label in _labels(message):
            name, _, word = label.rpartition(" ")
            kind: Any = word
            records.append(
                StaticRecord.model_construct(
                    name=name,
                    type=kind,
                    addresses=ADDRESSES[kind].get(message, names) if kind in ADDRESSES else None,
                    values=VALUES[kind].get(message, names) if kind in VALUES else None,
                    **{member: leaf.get(message, names) for member, leaf in _RECORD.items()},
                )
            )
    return tuple(records)


def put_records(obj: Json, value: tuple[StaticRecord, ...], names: Names) -> None:
    """Write the static records that differ; a message that bears several names is split where one of them changes."""
    have, wanted = _by_label(get_records(obj, names)), _by_label(value)
    changed = {label: records[-1] for label, records in wanted.items() if have.get(label) != records}
    moved = changed.keys() | (have.keys() - wanted.keys())
    messages: list[Json] = []
    for message in obj.get("static_dns_records", []):
        labels = _labels(message)
        touched = [label for label in labels if label in moved]
        kept = [
            fqdn for fqdn, label in zip(message.get("fqdn", []), labels, strict=True) if label not in moved
        ]
        if kept or not labels:
            messages.append({**message, "fqdn": kept} if touched else message)
        messages.extend(
            _record({**message}, changed.pop(label), names) for label in touched if label in changed
        )
    messages.extend(_record({}, record, names) for record in changed.values())
    obj["static_dns_records"] = messages


def _by_label(records: tuple[StaticRecord, ...]) -> dict[str, list[StaticRecord]]:
    by_label: dict[str, list[StaticRecord]] = {}
    for record in records:
        by_label.setdefault(record.label, []).append(record)
    return by_label


def _record(message: Json, record: StaticRecord, names: Names) -> Json:
    message |= {"type": f"DNS_RECORD_{record.type}", "fqdn": [record.name]}
    if record.addresses is not None:
        ADDRESSES[record.type].write(message, record.addresses, names)
    if record.values is not None:
        VALUES[record.type].write(message, record.values, names)
    put_members(message, record, _RECORD, names)
    return message


def network_ref(vip: Json) -> str:
    """The network that a VIP was asked from, or was placed in by the Controller; "" where it says none."""
    placed = next((each.get("network_ref") for each in vip.get("discovered_networks", [])), None)
    return str(dig(vip, "ipam_network_subnet", "network_ref") or placed or "")


def _vip_network(obj: Json, names: Names) -> list[str]:
    refs = map(network_ref, vsvip_of(obj, names).get("vip", []))
    return list(filter(None, refs))[:1]


def get_auto_allocate(obj: Json, names: Names) -> bool | None:
    """Whether its VIP is allocated by IPAM."""
    vips = vsvip_of(obj, names).get("vip", [])
    return all(bool(vip.get("auto_allocate_ip")) for vip in vips) if vips else None


def get_fqdn(obj: Json, names: Names) -> str | None:
    """Its own first name."""
    return next(iter(get_names(obj, names)), None)


def get_names(obj: Json, names: Names) -> tuple[str, ...]:
    """Every name of its VIP."""
    infos = vsvip_of(obj, names).get("dns_info", [])
    return tuple(dns_name(info["fqdn"]) for info in infos if info.get("fqdn"))


def get_address(obj: Json, names: Names) -> Any:
    """The address of its VIP; all of them where it has several."""
    addresses = vip_addresses(obj, names)
    return addresses[0] if len(addresses) == 1 else addresses or None


def get_family(obj: Json, names: Names) -> str | None:
    """The families of its addresses: as asked of IPAM, else as they are."""
    families: set[str] = set()
    for vip in vsvip_of(obj, names).get("vip", []):
        if vip.get("auto_allocate_ip"):
            families |= set(
                str(vip.get("auto_allocate_ip_type", "V4_ONLY")).removesuffix("_ONLY").lower().split("_")
            )
        else:
            there = (address(vip.get(member)) for member in ("ip_address", "ip6_address"))
            families |= {f"v{ip.version}" for ip in there if ip is not None}
    return "-and-".join(sorted(families)) or None


def vip_addresses(obj: Json, names: Names) -> tuple[Any, ...]:
    """The addresses of a virtual service's VIPs."""
    vips = vsvip_of(obj, names).get("vip", [])
    addresses = [address(vip.get(member)) for vip in vips for member in ("ip_address", "ip6_address")]
    return tuple(ip for ip in addresses if ip is not None)


def _answers_names(obj: Json, names: Names) -> bool:
    """Whether a virtual service is a DNS service: by the type of its application profile."""
    profile = names.resolve(obj.get("application_profile_ref"))
    return profile is not None and profile.get("type") == "APPLICATION_PROFILE_TYPE_DNS"


DNS_SERVICE = Kind(
    DnsService,
    "virtualservice",
    {
        "enabled": flag("enabled", default=True),
        "application_profile": reference("applicationprofile", "application_profile_ref"),
        "services": Leaf("services[].port and network_profile_ref", get_services, put_services),
        "vrf": reference("vrfcontext", "vrf_context_ref"),
        "vip.auto_allocate": Leaf("vsvip.vip[].auto_allocate_ip", get_auto_allocate),
        "vip.network": referring(
            "vsvip.vip[].ipam_network_subnet.network_ref", Naming("network", _vip_network)
        ),
        "vip.address": Leaf("vsvip.vip[].ip_address", get_address),
        "vip.family": Leaf("vsvip.vip[].auto_allocate_ip_type", get_family),
        "se_group": reference("serviceenginegroup", "se_group_ref"),
        "names": Leaf("vsvip.dns_info[].fqdn", get_names),
        "fqdn": Leaf("vsvip.dns_info[].fqdn", get_fqdn),
        "records": Leaf("static_dns_records[]", get_records, put_records),
    },
    also=("vsvip", "networkprofile"),
    includes=_answers_names,
)
