"""Values of static DNS records: as in a zone file <-> the Controller's messages, by the type of the record [SCHEMA]."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from live.avi.identity import Json, Names
from live.kinds.base import Leaf
from live.kinds.codecs import address, address_message, dig, dns_name, listed, whole


def _addresses(member: str) -> Leaf:
    """Entries of one address each."""
    return listed(
        member,
        decode=lambda entry: address(entry.get(member)),
        encode=lambda value: {member: address_message(value)},
    )


def _numbered(member: str, numbers: tuple[str, ...], name: str) -> Leaf:
    """Entries of numbers and of the name behind them."""

    def decode(entry: Json) -> str:
        return " ".join([*(str(whole(entry.get(part, 0))) for part in numbers), dns_name(entry.get(name))])

    def encode(value: str) -> Json:
        *first, last = value.split(" ")
        return {**dict(zip(numbers, map(int, first), strict=True)), name: last}

    return listed(member, decode=decode, encode=encode)


def _server(entry: Json) -> str:
    glue = address(entry.get("ip_address")) or address(entry.get("ip6_address"))
    return f"{dns_name(entry.get('nsname'))} {glue}" if glue else dns_name(entry.get("nsname"))


def _server_entry(value: str) -> Json:
    name, _, glue = value.partition(" ")
    if not glue:
        return {"nsname": name}
    ip = ip_address(glue)
    return {"nsname": name, "ip_address" if ip.version == 4 else "ip6_address": address_message(ip)}


def _put_cname(message: Json, values: tuple[str, ...], names: Names) -> None:
    message.setdefault("cname", {})["cname"] = values[0]


ADDRESSES: Mapping[str, Leaf] = {"A": _addresses("ip_address"), "AAAA": _addresses("ip6_address")}
VALUES: Mapping[str, Leaf] = {
    "CNAME": Leaf(
        "cname.cname", lambda message, _names: (dns_name(dig(message, "cname", "cname")),), _put_cname
    ),
    "TXT": listed(
        "txt_records",
        decode=lambda entry: str(entry.get("text_str", "")),
        encode=lambda value: {"text_str": value},
    ),
    "NS": listed("ns", decode=_server, encode=_server_entry),
    "MX": _numbered("mx_records", ("priority",), "host"),
    "SRV": _numbered("service_locator", ("priority", "weight", "port"), "target"),
}
