"""Codecs: the few ways in which a Controller stores a value, and what it is in the intent model, both ways.

A text, a number, a choice, a reference by name; addresses, prefixes and ranges [REC].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from intent import IpRange
from intent.drift import Unread
from live.avi.identity import Clouds, Json, Names, Naming, PutRefs, no_clouds, uuid_of
from live.kinds.base import Leaf


def _as_is(value: Any) -> Any:
    return value


def plain(
    *path: str,
    default: Any = None,
    decode: Callable[[Any], Any] = _as_is,
    encode: Callable[[Any], Any] = _as_is,
) -> Leaf:
    """A value at a path of nested messages, the same on both sides unless `decode` and `encode` are given.

    `default`: what it means when unset, if the message that would hold it is there [SCHEMA].
    """

    def get(obj: Json, _names: Names) -> Any:
        value = dig(obj, *path)
        unset = value is None and default is not None and isinstance(dig(obj, *path[:-1]), dict)
        return decode(default if unset else value)

    def put(obj: Json, value: Any, _names: Names) -> None:
        message_at(obj, *path[:-1])[path[-1]] = encode(value)

    return Leaf(".".join(path), get, put)


def number(*path: str, default: int | None = None) -> Leaf:
    """A whole number, which a Controller may spell as text [REC]."""
    return plain(*path, default=default, decode=whole)


def flag(*path: str, default: bool | None = None) -> Leaf:
    """Yes or no, which a client may have spelled as text [REC]."""
    return plain(*path, default=default, decode=_truth)


def unset(leaf: Leaf, default: Any) -> Leaf:
    """The same, where no message that would hold it means its defaults too, as of settings that are always in force."""
    get = leaf.get
    return replace(leaf, get=lambda obj, names: default if (value := get(obj, names)) is None else value)


def or_none(leaf: Leaf) -> Leaf:
    """The same, where an empty text says nothing."""
    get = leaf.get
    return replace(leaf, get=lambda obj, names: get(obj, names) or None)


def whole(value: Any) -> Any:
    """`"30"` as 30; what is no number stays as it is."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value.strip()) else value


def _truth(value: Any) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def api_words(pattern: str, words: Iterable[str]) -> dict[str, str]:
    """Our words with the Controller's where these are the same in its spelling: `rfc5424` with `SYSLOG_RFC5424`."""
    return {word: pattern.format(word.upper().replace("-", "_")) for word in words}


def enum(words: Mapping[str, str], *path: str, default: str | None = None) -> Leaf:
    """A choice: our word -> the Controller's. A value of which we have no word stays the Controller's, both ways."""
    reverse = {theirs: ours for ours, theirs in words.items()}
    return plain(
        *path,
        default=default,
        decode=lambda word: reverse.get(word, word),
        encode=lambda word: words.get(word, word),
    )


def referring(api: str, naming: Naming, put: PutRefs | None = None, *, several: bool = False) -> Leaf:
    """One reference, or several, by name; `put` writes them into the object."""

    def get(obj: Json, names: Names) -> Any:
        named = naming.named(obj, names)
        return named if several else next(iter(named), None)

    def write(obj: Json, value: Any, names: Names) -> None:
        assert put is not None
        there = {uuid_of(ref): ref for ref in naming.refs(obj, names) if names.resolve(ref)}
        wanted = [naming.ref_for(each, obj, names) for each in (value if several else (value,))]
        put(obj, [*{uuid_of(ref): there.get(uuid_of(ref), ref) for ref in wanted}.values()], names)

    return Leaf(api, get, write if put else None, naming)


def reference(api: str, *path: str, clouds: Clouds = no_clouds) -> Leaf:
    """A reference at a path of nested messages, by name. `clouds`: see `Naming`."""
    leaf = plain(*path)

    def refs(obj: Json, names: Names) -> list[str]:
        ref = leaf.get(obj, names)
        return [_text(ref)] if ref else []

    def put(obj: Json, refs: list[str], names: Names) -> None:
        leaf.write(obj, refs[0], names)

    return referring(leaf.api, Naming(api, refs, clouds), put)


def references(api: str, *path: str) -> Leaf:
    """A list of references at a path of nested messages, by name."""
    leaf = plain(*path)

    def refs(obj: Json, names: Names) -> list[str]:
        return [_text(ref) for ref in leaf.get(obj, names) or ()]

    return referring(f"{leaf.api}[]", Naming(api, refs), leaf.write, several=True)


def _text(ref: Any) -> str:
    if not isinstance(ref, str):
        raise TypeError("a reference is a text")
    return ref


def unread(api: str, data: Any) -> Unread:
    """The value of a field that names objects of a type that was not read."""
    return Unread(f"{api} was not read, so what is named cannot be told", data)


def dig(obj: Any, *path: str) -> Any:
    """A value at a path of nested messages, or None when any of them is unset."""
    for part in path:
        if not isinstance(obj, dict):
            return None
        obj = obj.get(part)
    return obj


def message_at(obj: Json, *path: str) -> Json:
    """The message at a path of nested messages, to write into; made where it is missing."""
    for part in path:
        obj = obj.setdefault(part, {})
    return obj


def key(*path: str) -> Leaf:
    """A text that tells elements of a list from one another; "" where it is unset."""
    return plain(*path, decode=lambda value: str(value or ""))


def dns_name_at(*path: str) -> Leaf:
    """The name of a host or a domain; "" where it is unset."""
    return plain(*path, decode=dns_name)


def dns_name(name: Any) -> str:
    """A name as DNS reads it, without regard to case and last dot; "" for none."""
    return str(name or "").rstrip(".").lower()


def text_set(*path: str) -> Leaf:
    """A list of texts that means a set: one that holds the same stays as it is written."""
    leaf = plain(*path, decode=lambda texts: tuple(texts or ()), encode=list)

    def put(obj: Json, value: Any, names: Names) -> None:
        if set(value) != set(leaf.get(obj, names)):
            leaf.write(obj, value, names)

    return Leaf(f"{leaf.api}[]", leaf.get, put)


def listed(*path: str, decode: Callable[[Json], Any], encode: Callable[[Any], Json]) -> Leaf:
    """A list of messages, each a plain value (None: none), in its order; one that stays keeps what else it holds."""
    messages = plain(*path, decode=lambda value: value or ())

    def get(obj: Json, names: Names) -> tuple[Any, ...]:
        decoded = map(decode, messages.get(obj, names))
        return tuple(value for value in decoded if value is not None)

    def put(obj: Json, value: tuple[Any, ...], names: Names) -> None:
        there = {decode(message): message for message in messages.get(obj, names)}
        messages.write(obj, [there.get(each) or encode(each) for each in value], names)

    return Leaf(f"{messages.api}[]", get, put)


# Addresses: IpAddr, IpAddrPrefix and ranges.


def ip(*path: str) -> Leaf:
    """An address."""
    return plain(*path, decode=address, encode=address_message)


def subnet(*path: str) -> Leaf:
    """A network; what its message holds besides stays."""

    def put(obj: Json, value: Any, names: Names) -> None:
        put_prefix(message_at(obj, *path[:-1]), path[-1], value)

    return Leaf(".".join(path), lambda obj, _names: prefix(dig(obj, *path)), put)


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
    return dns_name(address(message) or message.get("addr"))


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
