"""Values of static DNS records: as in a zone file <-> the Controller's messages, by the type of the record."""

from __future__ import annotations

from ipaddress import ip_address

from live.avi.identity import Json
from live.kinds.codecs import address, address_message, lower, whole

_MEMBERS = {
    "MX": ("mx_records", ("priority",), "host"),
    "SRV": ("service_locator", ("priority", "weight", "port"), "target"),
}
"""By type: the list that holds the values, the numbers that come first, and the name behind them [SCHEMA]."""


def values_of(message: Json, kind: str) -> tuple[str, ...] | None:
    """The values of a record that is none of addresses; None for another."""
    if kind == "CNAME":
        return (lower(message.get("cname", {}).get("cname")),)
    if kind == "TXT":
        return tuple(str(entry.get("text_str", "")) for entry in message.get("txt_records", []))
    if kind == "NS":
        return tuple(_server(entry) for entry in message.get("ns", []))
    if kind not in _MEMBERS:
        return None
    member, numbers, name = _MEMBERS[kind]
    return tuple(
        " ".join([*(str(whole(entry.get(part, 0))) for part in numbers), lower(entry.get(name))])
        for entry in message.get(member, [])
    )


def put_values(message: Json, kind: str, values: tuple[str, ...]) -> None:
    """Write the values of a record; an entry that stays keeps what else it holds."""
    member = {"CNAME": "cname", "TXT": "txt_records", "NS": "ns"}.get(kind) or _MEMBERS[kind][0]
    if kind == "CNAME":
        message.setdefault(member, {})["cname"] = values[0]
        return
    entries = message.get(member, [])
    there = {(values_of({member: [entry]}, kind) or ("",))[0]: entry for entry in entries}
    message[member] = [there.get(value) or _entry(kind, value) for value in values]


def _entry(kind: str, value: str) -> Json:
    if kind == "TXT":
        return {"text_str": value}
    *first, last = value.split(" ")
    if kind == "NS":
        name, glue = (first[0], last) if first else (last, "")
        return {"nsname": name, **(_glue(glue) if glue else {})}
    _, numbers, name = _MEMBERS[kind]
    return {**dict(zip(numbers, map(int, first), strict=True)), name: last}


def _glue(text: str) -> Json:
    ip = ip_address(text)
    return {"ip_address" if ip.version == 4 else "ip6_address": address_message(ip)}


def _server(entry: Json) -> str:
    glue = address(entry.get("ip_address")) or address(entry.get("ip6_address"))
    return f"{lower(entry.get('nsname'))} {glue}" if glue else lower(entry.get("nsname"))
