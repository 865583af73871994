"""Simulated hosts of the site: the state of each, and what its shell commands answer.

A real `sh` runs the commands it is given; those that look at the host's surroundings (its routes, resolver, files and
clock) are replaced by ours, which answer from the site's state. `lab.hosts.__main__` is such a shell.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.objects import Json

if TYPE_CHECKING:
    from lab.site import Site

RESOLVER = "10.10.20.2"
"""The site's own name server, which delegates the Avi domain to the DNS service; it gives the time too."""
TARGETS = ("controller", "vcenter", "dns")


@dataclass
class HostState:
    """A host: whether it is down, which of TARGETS it has no route to, its resolver, its time servers, its clock.

    `skew` is in seconds ahead of the site's other clocks.
    """

    down: bool = False
    cut: list[str] = field(default_factory=list)
    nameservers: list[str] = field(default_factory=lambda: [RESOLVER])
    ntp_servers: list[str] = field(default_factory=lambda: [RESOLVER])
    skew: float = 0.0


def hosts(site: Site) -> dict[str, HostState]:
    """The hosts that anybody has asked for, by name; a host of any name is there, and well."""
    found: dict[str, HostState] = site.memory.setdefault("hosts", {})
    return found


def shown(site: Site, name: str) -> Json:
    """A host as data; `clock` is how far its clock is ahead of this machine's, in seconds."""
    state = hosts(site).setdefault(name, HostState())
    return asdict(state) | {"clock": state.skew + site.clock.dates_ahead}


def change(site: Site, given: Json) -> Json:
    """Change a host: `{"name": ..., "cut": ["controller"]}`. Raises ValueError for what no host has."""
    changes: dict[str, Any] = dict(given)
    if not changes.get("name"):
        raise ValueError("no host is named")
    state = hosts(site).setdefault(str(changes.pop("name", "")), HostState())
    for member, value in changes.items():
        if member not in HostState.__dataclass_fields__:
            raise ValueError(f"a host has no {member}; known: {', '.join(HostState.__dataclass_fields__)}")
        kind = type(getattr(state, member))
        try:
            made = kind(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{member}: {error}") from None
        if member == "cut" and not set(made) <= set(TARGETS):
            raise ValueError(f"cut holds some of {', '.join(TARGETS)}")
        setattr(state, member, made)
    return asdict(state)


def shell(control: str, ca_file: str) -> list[str]:
    """The command that is a host's shell, but for the host's name: `<command> NAME -c SCRIPT`."""
    return [sys.executable, str(Path(__file__).with_name("__main__.py")), control, ca_file]
