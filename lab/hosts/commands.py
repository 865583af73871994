"""Commands of a simulated host that look at its routes, resolver, files and clock; answers come in LAB_ variables."""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from collections.abc import Callable

RESOLVER = "10.10.20.2"
KINDS = {"A": 1, "AAAA": 28}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
STATIC = {"controller.iberia.local": "10.10.20.10", "vcenter.iberia.local": "10.10.20.5"}
"""Names of the site that are none of the DNS service's."""


def say(text: str) -> None:
    """To standard output."""
    sys.stdout.write(f"{text}\n")


def cut(address: str, port: str) -> bool:
    """Whether this host has no route there."""
    return f"{address}:{port}" in os.environ["LAB_CUT"].split()


def connect(address: str, port: str) -> int:
    """As bash does with /dev/tcp."""
    if cut(address, port):
        say("bash: connect: No route to host")
        return 1
    try:
        socket.create_connection((address, int(port)), timeout=3).close()
    except TimeoutError:
        return 124
    except OSError as error:
        say(f"bash: connect: {error.strerror}")
        return 1
    return 0


def question(address: str, port: str, name: str, kind: str = "A") -> tuple[str, list[tuple[int, str]]] | None:
    """The DNS server's word and its (TTL, address) records of that kind; None for no reply.

    By hand, since this runs anew for every command: a DNS library takes longer to load than all the rest.
    """
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    sent = struct.pack("!6H", 4711, 0x100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, KINDS[kind], 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        try:
            asking.sendto(sent, (address, int(port)))
            reply = asking.recv(4096)
        except OSError:
            return None
    count, at, records = int.from_bytes(reply[6:8], "big"), len(sent), []
    for _ in range(count):
        while reply[at] not in (0, *range(192, 256)):
            at += 1 + reply[at]
        at += 1 if reply[at] == 0 else 2
        found, _, ttl, size = struct.unpack("!HHIH", reply[at : at + 10])
        if found == KINDS[kind]:
            family = socket.AF_INET if kind == "A" else socket.AF_INET6
            records.append((ttl, socket.inet_ntop(family, reply[at + 10 : at + 10 + size])))
        at += 10 + size
    return RCODES.get(reply[3] & 15, "RESERVED"), records


def dig(*arguments: str) -> int:
    """`dig +options -p PORT @ADDRESS NAME TYPE`."""
    port = arguments[arguments.index("-p") + 1]
    address = next(a for a in arguments if a.startswith("@"))[1:]
    name, kind = arguments[-2:]
    reply = None if cut(address, port) else question(address, port, name, kind)
    if reply is None:
        say(";; no servers could be reached")
        return 9
    say(f";; ->>HEADER<<- opcode: QUERY, status: {reply[0]}, id: 4711")
    for ttl, found in reply[1]:
        say(f"{name}.\t{ttl}\tIN\t{kind}\t{found}")
    return 0


def getent(name: str) -> int:
    """`getent ahosts NAME`: through this host's own resolver, which knows the site only when it is the site's."""
    if f"nameserver {RESOLVER}" not in os.environ["LAB_RESOLV"].splitlines():
        return 2
    addresses = [STATIC[name]] if name in STATIC else []
    if not addresses:
        address, _, port = os.environ["LAB_DNS"].rpartition(":")
        reply = question(address, port, name)
        addresses = [found for _, found in reply[1]] if reply is not None else []
    for address in addresses:
        for kind in ("STREAM", "DGRAM", "RAW"):
            say(f"{address:<15} {kind:<6} {name if kind == 'STREAM' else ''}")
    return 0 if addresses else 2


def date() -> int:
    """`date +%s.%N`, on a clock that is off."""
    say(f"{time.time() + float(os.environ['LAB_SKEW']):.9f}")
    return 0


if __name__ == "__main__":
    known: dict[str, Callable[..., int]] = {"connect": connect, "dig": dig, "getent": getent, "date": date}
    sys.exit(known[sys.argv[1]](*sys.argv[2:]))
