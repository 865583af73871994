"""The one script that asks a host everything at once, and how its answer is read. Pure.

POSIX sh and what a Linux host has: `timeout` and bash (or nc) for paths, `getent` for the host's own resolver, `dig` or
python3 for the DNS service. What none of them can tell, or what a tool fails at, is left out and is then unknown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from intent import Unknown

MARK = "@@"
STUBS = {"127.0.0.53", "127.0.0.54"}
"""Where systemd-resolved listens on the host itself."""

PRELUDE = r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
have() { command -v "$1" >/dev/null 2>&1; }
mark() { printf '\n@@ %s\n' "$*"; }
# Old busybox has a `timeout` of another syntax, and an `nc` without -z.
if have timeout && timeout 3 true >/dev/null 2>&1; then timed=1; else timed=; fi
limit() { if [ -n "$timed" ]; then timeout "$@"; else shift; "$@"; fi; }
reach() {
  mark path "$1" "$2"
  if have bash && [ -n "$timed" ]; then
    limit 3 bash -c ': < "/dev/tcp/$0/$1"' "$1" "$2" 2>&1
  elif have nc && nc -h 2>&1 | grep -q -e -z; then
    nc -z -w 3 "$1" "$2" 2>&1
  else
    echo '@unknown'
    return
  fi
  case $? in 0) echo '@ok' ;; 124) echo 'no answer in 3 s' ;; 126 | 127) echo '@unknown' ;; esac
}
own() {
  mark own "$1"
  have getent || return
  limit 8 getent ahosts "$1"
  echo "@rc $?"
}
asked() {
  mark asked "$1" "$2" "$3" "$4"
  if have dig; then
    HOME=/ dig +time=2 +tries=2 +norecurse -p "$2" "@$1" "$3" "$4"
    [ $? != 9 ] || echo '@none'
  elif have python3; then
    python3 -c "$DNS" "$1" "$2" "$3" "$4"
  fi
}
mark began
date +%s.%N
"""

DNS = r"""
import socket, struct, sys
address, port, name, kind = sys.argv[1:5]
number = {"A": 1, "AAAA": 28}[kind]
query = struct.pack("!6H", 4711, 0, 1, 0, 0, 0)
query += b"".join(bytes([len(p)]) + p.encode() for p in name.rstrip(".").split(".")) + b"\0"
query += struct.pack("!2H", number, 1)
for _ in range(2):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        try:
            s.sendto(query, (address, int(port)))
            reply = s.recv(4096)
        except OSError:
            continue
    names = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]
    code = reply[3] & 15
    print("status: " + (names[code] if code < 6 else str(code)) + ",")
    at = len(query)
    for _ in range(struct.unpack("!H", reply[6:8])[0]):
        while reply[at] and reply[at] < 192:
            at += reply[at] + 1
        at += 2 if reply[at] >= 192 else 1
        found, _, ttl, size = struct.unpack("!2HIH", reply[at:at + 10])
        data = reply[at + 10:at + 10 + size]
        at += 10 + size
        if found == number:
            print(name, ttl, "IN", kind, socket.inet_ntop(socket.AF_INET if number == 1 else socket.AF_INET6, data))
    break
else:
    print("@none")
"""

SETTINGS = r"""
mark resolv
cat /etc/resolv.conf 2>/dev/null
mark stub
cat /run/systemd/resolve/resolv.conf 2>/dev/null
mark ntp
cat /etc/chrony/chrony.conf /etc/chrony.conf /etc/chrony/sources.d/*.sources /etc/chrony/conf.d/*.conf \
  /etc/chrony.d/*.conf /run/chrony-dhcp/*.sources /etc/ntp.conf /etc/ntpsec/ntp.conf /etc/ntpsec/ntp.d/*.conf \
  /etc/systemd/timesyncd.conf /etc/systemd/timesyncd.conf.d/*.conf /run/systemd/timesyncd.conf.d/*.conf 2>/dev/null
mark clock
date +%s.%N
mark end
"""


@dataclass(frozen=True)
class Questions:
    """What one host is asked: TCP paths as (address, port), names, and (address, port, name, type) of DNS services."""

    paths: tuple[tuple[str, int], ...] = ()
    names: tuple[str, ...] = ()
    asked: tuple[tuple[str, int, str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a DNS service answered on a host: its word such as NOERROR, and the addresses."""

    rcode: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """A host at one moment. What is not in here could not be told there.

    `paths`: "" for what was reached, else why not. `asked`: None where no answer came. `began` and `clock` are the
    host's time in seconds since the epoch when it began and when it had answered, None when its `date` cannot say.
    """

    paths: Mapping[tuple[str, int], str] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: Mapping[tuple[str, int, str, str], Asked | None] = field(default_factory=dict)
    nameservers: tuple[str, ...] | None = None
    ntp_servers: tuple[str, ...] | None = None
    clock: float | None = None
    began: float | None = None


def script(questions: Questions) -> str:
    """The script that asks it all."""
    lines = [f"DNS={shlex.quote(DNS)}", PRELUDE]
    lines += [f"reach {shlex.quote(address)} {port}" for address, port in questions.paths]
    lines += [f"own {shlex.quote(name)}" for name in questions.names]
    lines += [
        f"asked {shlex.quote(address)} {port} {shlex.quote(name)} {kind}"
        for address, port, name, kind in questions.asked
    ]
    return "\n".join([*lines, SETTINGS])


def read(output: str) -> Facts:
    """What the script said. Raises Unknown when it did not come to its end."""
    sections = dict(_sections(output))
    if ("end",) not in sections:
        raise Unknown("the commands did not come to their end there; see what its shell makes of them")
    paths: dict[tuple[str, int], str] = {}
    names: dict[str, tuple[str, ...]] = {}
    asked: dict[tuple[str, int, str, str], Asked | None] = {}
    for key, lines in sections.items():
        if not key:
            continue
        if key[0] == "path" and (why := _why_not(lines)) is not None:
            paths[key[1], int(key[2])] = why
        elif key[0] == "own" and not {"@rc 0", "@rc 2", "@rc 124"}.isdisjoint(lines):
            # 2: there is no such name; 124: the resolver gave no answer in time.
            names[key[1]] = tuple(sorted({line.split()[0] for line in lines if not line.startswith("@")}))
        elif key[0] == "asked" and (answer := _asked(lines)) is not False:
            asked[key[1], int(key[2]), key[3], key[4]] = answer
    return Facts(
        paths,
        names,
        asked,
        _nameservers(sections),
        _ntp(sections.get(("ntp",), [])),
        _clock(sections.get(("clock",), [])),
        _clock(sections.get(("began",), [])),
    )


def _sections(output: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    key: tuple[str, ...] = ()
    lines: list[str] = []
    for line in output.splitlines():
        if line.startswith(f"{MARK} "):
            yield key, lines
            key, lines = tuple(line.split()[1:]), []
        elif line.strip():
            lines.append(line.strip())
    yield key, lines


def _why_not(lines: list[str]) -> str | None:
    """Why a path was not taken, "" when it was; None where that could not be tried.

    Bash says `bash: connect: No route to host` and then the same with the path. A bash that is built without
    connections takes the path for a file.
    """
    if "@ok" in lines:
        return ""
    if "@unknown" in lines or any(line.endswith("No such file or directory") for line in lines):
        return None
    text = next((line for line in lines if line), "no answer")
    return text.removeprefix("bash: ").removeprefix("connect: ")


def _asked(lines: list[str]) -> Asked | Literal[False] | None:
    """The DNS service's answer, None for none, False where it could not be asked."""
    text = "\n".join(lines)
    status = re.search(r"status: (\w+)", text)
    if status is None:
        return None if "@none" in lines else False
    rows = re.findall(r"^\S+\s+\d+\s+IN\s+(?:A|AAAA)\s+(\S+)$", text, re.MULTILINE)
    return Asked(status[1], tuple(sorted(rows)))


def _nameservers(sections: Mapping[tuple[str, ...], list[str]]) -> tuple[str, ...] | None:
    """Whom the resolver asks: behind systemd's local stub, whom that asks."""
    listed = _servers(sections.get(("resolv",), []))
    if listed and set(listed) <= STUBS:
        return _servers(sections.get(("stub",), [])) or None
    return listed or None


def _servers(lines: list[str]) -> tuple[str, ...]:
    return tuple(line.split()[1] for line in lines if re.match(r"nameserver\s+\S", line))


def _ntp(lines: list[str]) -> tuple[str, ...] | None:
    """The servers in the configurations of chrony, ntpd and systemd-timesyncd; None when there is none of them."""
    servers: list[str] = []
    for line in lines:
        if match := re.match(r"(?:server|pool|peer)\s+(\S+)", line, re.IGNORECASE):
            servers.append(match[1])
        elif match := re.match(r"NTP\s*=(.*)", line):
            servers += match[1].split()
    return tuple(dict.fromkeys(servers)) or None


def _clock(lines: list[str]) -> float | None:
    match = re.match(r"(\d+(?:\.\d+)?)", lines[0]) if lines else None
    return float(match[1]) if match else None
