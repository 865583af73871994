"""Address messages: the Controller's IpAddr, IpAddrPrefix and ranges <-> intent's addresses and ranges [REC]."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from intent import IpRange
from live.avi.identity import Json


def address(message: Json | None) -> IPv4Address | IPv6Address | None:
    """An IpAddr message as an address; None when unset or not an address (type DNS)."""
    try:
        return ip_address(message["addr"]) if message else None
    except (KeyError, ValueError):
        return None


def address_message(value: IPv4Address | IPv6Address) -> Json:
    """An address as an IpAddr message."""
    return {"addr": str(value), "type": f"V{value.version}"}


def server(message: Json) -> str:
    """An IpAddr message as the address or the name of a server, in the spelling of `intent.values.Server`."""
    return str(address(message) or message.get("addr", "")).rstrip(".").lower()


def server_message(value: str) -> Json:
    """A server as an IpAddr message, which a name can be as well."""
    try:
        return address_message(ip_address(value))
    except ValueError:
        return {"addr": value, "type": "DNS"}


def prefix(message: Json | None) -> Any:
    """An IpAddrPrefix message as a network; its text where it has host bits; None when unset."""
    if not message:
        return None
    text = f"{message.get('ip_addr', {}).get('addr', '?')}/{message.get('mask', '?')}"
    try:
        return ip_network(text)
    except ValueError:
        return text


def prefix_message(value: Any) -> Json:
    """A network as an IpAddrPrefix message."""
    return {"ip_addr": address_message(value.network_address), "mask": value.prefixlen}


def put_prefix(holder: Json, member: str, value: Any) -> None:
    """Write a network into a member of a message, keeping what the member holds besides."""
    message, wanted = holder.setdefault(member, {}), prefix_message(value)
    message["mask"] = wanted["mask"]
    message.setdefault("ip_addr", {}).update(wanted["ip_addr"])


def ip_range(message: Json) -> IpRange | None:
    """An IpAddrRange message `{begin, end}` as a range; None when it is not one."""
    try:
        return IpRange(begin=message["begin"]["addr"], end=message["end"]["addr"])
    except (KeyError, TypeError, ValueError):
        return None


def range_message(value: IpRange) -> Json:
    """A range as an IpAddrRange message."""
    return {"begin": address_message(value.begin), "end": address_message(value.end)}
