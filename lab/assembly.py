"""Lab object: a site with its Controller, faults and snapshots, in one of the states it can start in."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from avi_schema import Version, dotted, load, parse_version
from lab.controller import Controller, Request, Response
from lab.controller.versions import KNOWN, NEWEST, UNMEASURED
from lab.faults import Faults
from lab.site import Heard, Site

STATES = ("empty", "fresh", "conforming", "drifted")
PARTS = {"bare": STATES, "nsxt": STATES, "tenants": STATES[1:], "vpc": STATES}
"""What can be added to a state, `fresh+nsxt+tenants`, and to which."""


class UnknownVersionError(ValueError):
    """A version the lab has no model for; its text lists those it has."""


def own_version(written: str) -> tuple[Version, str]:
    """The Controller's version from an option, and a remark when its model is another version's.

    Raises UnknownVersionError. Releases between those measured have the model of the one before, older ones the oldest,
    31.x and 32.x the newest with what is public of theirs, which is not all.
    """
    try:
        version = parse_version(written)
    except ValueError:
        version = ()
    if dotted(version) in KNOWN:
        return version, ""
    if version[:1] in ((31,), (32,)):
        return (
            version,
            f"{dotted(version)}: its model is {dotted(NEWEST)}'s with what is public of newer ones, incomplete",
        )
    measured = [parse_version(known) for known in KNOWN]
    before = [each for each in measured if each < version and each[:2] == version[:2]]
    if version[:2] in UNMEASURED and len(version) == len(measured[0]) and version < measured[0]:
        before = measured[:1]
    if before:
        return (
            version,
            f"{dotted(version)}: its schema was not measured; the model is about {dotted(before[-1])}'s",
        )
    older = ", ".join(f"{dotted(branch)}.x" for branch in UNMEASURED)
    raise UnknownVersionError(
        f"unknown version {written!r}; known: {', '.join(KNOWN)}, releases between them, {older} before them, "
        "and 31.x, 32.x"
    )


@dataclass
class Lab:
    """One running lab: everything the server, the control plane and tests need of it."""

    site: Site
    controller: Controller
    state: str = "empty"
    faults: Faults = field(default_factory=Faults)
    snapshots: dict[str, bytes] = field(default_factory=dict)
    started: float = field(default_factory=time.time)
    endpoints: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def make(cls, version: Version = (30, 2, 1), state: str = "empty", **options: Any) -> Lab:
        """A lab of that version in that state; further options are Site's. Raises KeyError for no state of ours."""
        site = Site(version, load(), **options)
        made = cls(site, Controller(site))
        made.seed(state)
        return made

    def seed(self, state: str) -> None:
        """Bring a Controller that was just installed into a state with its parts. Raises KeyError for another."""
        for step in _seeds(state):
            step(self.site)
        self.state = state

    def reset(self, state: str) -> None:
        """Start over in that state. Raises KeyError for none of ours; then nothing has changed."""
        _seeds(state)
        self.controller.reset()
        self.seed(state)

    def extend(self, part: str) -> None:
        """Add a part to the site as it is. Raises KeyError for none, or one that is there already."""
        state, *parts = self.state.split("+")
        base = (
            state if state in STATES else "fresh"
        )  # an imported site is taken for one that can hold every part
        steps = _seeds("+".join((base, *parts, part)))
        steps[-1](self.site)
        self.state = "+".join((state, *parts, part))

    def answer(self, request: Request) -> Response:
        """Let the Controller answer, and note the request."""
        begun = time.perf_counter()
        response = self.controller.handle(request)
        self.note(request, response.status, len(response.body), time.perf_counter() - begun)
        return response

    def note(self, request: Request, status: int, length: int = 0, seconds: float = 0.0) -> None:
        """Note a request and how it was answered; status 0 is a connection that was dropped instead."""
        site, asked = self.site, request.path
        if request.query:
            asked += "?" + "&".join(f"{key}={value}" if value else key for key, value in request.query)
        agent = request.headers.get("user-agent", "")
        site.requests.append(Heard(site.clock.now(), request.method, asked, status, seconds, agent, length))
        site.counts[request.method] = site.counts.get(request.method, 0) + 1

    def snapshot(self) -> str:
        """Remember the whole configuration and what behaviours know; its id, for `restore`."""
        site = self.site
        kept = list(site.store.objects()), site.memory, list(site.events), site.random.getstate(), self.state
        name = f"snapshot-{len(self.snapshots) + 1}"
        self.snapshots[name] = pickle.dumps(kept)
        return name

    def restore(self, name: str) -> None:
        """Bring a snapshot back; the clock runs on, sessions of its users stay. Raises KeyError for an unknown id."""
        site = self.site
        objects, memory, events, random, self.state = pickle.loads(self.snapshots[name])  # noqa: S301 -- our own bytes
        site.store.load(objects)
        site.memory.clear()
        site.memory.update(memory)
        site.events.clear()
        site.events.extend(events)
        site.random.setstate(random)
        self.controller.sessions.forget_gone()
        self.controller.renderer.forget()

    def described(self) -> dict[str, Any]:
        """What is up, for `/lab/state`."""
        site = self.site
        return {
            **self.endpoints,
            "state": self.state,
            "version": dotted(site.version),
            "pid": os.getpid(),
            "time": site.clock.utc().isoformat(timespec="seconds"),
            "uptime": round(time.time() - self.started, 3),
            "objects": {kind: site.store.count(kind) for kind in sorted(site.store.types())},
            "requests": dict(site.counts),
            "sessions": len(self.controller.sessions.live),
            "snapshots": sorted(self.snapshots),
            "faults": self.faults.shown(),
            "planted": site.memory.get("planted", []),
        }


def _seeds(written: str) -> list[Callable[[Site], object]]:
    """What builds a state and its parts, in order. Raises KeyError saying what there is."""
    state, *parts = written.split("+")
    if state not in STATES:
        raise KeyError(f"unknown state {state!r}; known: {', '.join(STATES)}")
    for part in parts:
        if part not in PARTS or parts.count(part) > 1:
            raise KeyError(f"unknown part {part!r} in {written!r}; known, once each: {', '.join(PARTS)}")
        if state not in PARTS[part]:
            raise KeyError(f"part {part} stands on one of {', '.join(PARTS[part])}, not on {state}")
    if written == "empty":
        return []
    from lab import seeds  # noqa: PLC0415 -- only a lab that is seeded pays for it

    return [getattr(seeds, name) for name in (state, *parts) if name != "empty"]
