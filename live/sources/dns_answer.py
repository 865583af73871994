"""DNS answers as data: what a server said of one name, or that it said nothing."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from intent import Unknown


@dataclass(frozen=True)
class DnsAnswer:
    """What a DNS server said of one name.

    `rcode` is its word, such as NOERROR or NXDOMAIN; `ttl` is in seconds, None without records; `addresses`
    are those of the asked type, `cname` the name that an alias led to. `truncated`: over UDP, the whole did
    not fit (ask over TCP).
    """

    rcode: str
    authoritative: bool
    ttl: int | None
    addresses: tuple[IPv4Address | IPv6Address, ...]
    truncated: bool = False
    cname: str | None = None
    seconds: float = 0.0


class Silent(Unknown):
    """A DNS server gave no answer in time. The sentence is about the server alone, whatever it was asked."""
