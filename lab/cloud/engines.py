"""Service Engines: how many a group has, which virtual services each carries, and when an idle one is removed.

How many, from the group [SCHEMA]: `min_scaleout_per_vs` carry each virtual service, N+M keeps `buffer_se`
spare ones, never more than `max_se`, never more than `max_vs_per_se` services on one. The states
OPER_CREATING -> OPER_INITIALIZING -> OPER_UP and its times are [INF]; states are computed from the clock,
nothing runs behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.cloud.clouds import makes_engines
from lab.cloud.common import cloud_of, note_event, uuid_of
from lab.cloud.licences import cores_left
from lab.cloud.machines import NoAddress, attach, build, demolish, vnic_networks
from lab.objects import Object

if TYPE_CHECKING:
    from lab.site import Site

START_UP = (("OPER_CREATING", "se_creating"), ("OPER_INITIALIZING", "se_initializing"))
"""The states of a new Service Engine before it is up, each with the member of Pace that says how long it lasts."""
POWERED_OFF = "Virtual machine is powered off"
SHARED, PAIR, STANDBY = "HA_MODE_SHARED", "HA_MODE_SHARED_PAIR", "HA_MODE_LEGACY_ACTIVE_STANDBY"


@dataclass(slots=True)
class Engine:
    """What the Controller remembers of a Service Engine besides its object."""

    uuid: str
    group: str
    born: float
    idle_since: float | None
    carries: set[str] = field(default_factory=set)
    looked: bool = False
    """Whether its machine has been looked at."""


@dataclass(slots=True)
class Placement:
    """Where a virtual service runs: Service Engines in order, or the reason why nowhere."""

    since: float
    engines: list[str]
    networks: list[str]
    reason: str = ""


@dataclass(slots=True)
class Outage:
    """What keeps a Service Engine from answering: since when (seconds), why, and whether the Controller has acted."""

    since: float
    reason: str
    noticed: bool = False


def outages(site: Site) -> dict[str, Outage]:
    """The Service Engines that do not answer, by uuid; `lab.cloud.outages` keeps it."""
    records: dict[str, Outage] = site.memory.setdefault("outages", {})
    return records


def misplugged(site: Site) -> dict[str, dict[str, str]]:
    """By Service Engine (uuid) the networks that it is not on, though the Controller thinks so, and why."""
    records: dict[str, dict[str, str]] = site.memory.setdefault("misplugged", {})
    return records


def is_down(site: Site, uuid: str) -> bool:
    """Whether the Controller has missed a Service Engine's heartbeats for long enough."""
    outage = outages(site).get(uuid)
    return outage is not None and site.clock.now() >= outage.since + site.pace.heartbeat


def engines(site: Site) -> dict[str, Engine]:
    """Every Service Engine's record by uuid, oldest first."""
    records: dict[str, Engine] = site.memory.setdefault("engines", {})
    return records


def placements(site: Site) -> dict[str, Placement]:
    """Every placed or waiting virtual service's record by uuid."""
    records: dict[str, Placement] = site.memory.setdefault("placements", {})
    return records


def of_group(site: Site, group: str) -> list[Engine]:
    """The Service Engines of a group, oldest first."""
    return [engine for engine in engines(site).values() if engine.group == group]


def up_at(site: Site, engine: Engine) -> float:
    """When a Service Engine is, or will be, up."""
    delays: list[float] = [getattr(site.pace, delay) for _, delay in START_UP]
    return sum(delays, engine.born)


def engine_state(site: Site, engine: Engine) -> tuple[str, float]:
    """A Service Engine's operational state now, and since when."""
    now, since = site.clock.now(), engine.born
    for state, delay in START_UP:
        until = since + getattr(site.pace, delay)
        if now < until:
            return state, since
        since = until
    body = obj.body if (obj := site.store.get("serviceengine", engine.uuid)) else {}
    if body.get("enable_state", "SE_STATE_ENABLED") in ("SE_STATE_DISABLED", "SE_STATE_DISABLED_FORCE"):
        return "OPER_DISABLED", since
    if is_down(site, engine.uuid):
        return "OPER_DOWN", outages(site)[engine.uuid].since + site.pace.heartbeat
    return ("OPER_INITIALIZING" if never_up(site, engine) else "OPER_UP"), since


def never_up(site: Site, engine: Engine) -> bool:
    """Whether a Service Engine has been cut off since before it was up."""
    outage = outages(site).get(engine.uuid)
    return outage is not None and outage.since < up_at(site, engine)


def wanted(group: Object) -> int:
    """How many Service Engines carry one virtual service of a group."""
    least = max(1, int(group.body.get("min_scaleout_per_vs", 1)))
    return max(2, least) if group.body.get("ha_mode") in (PAIR, STANDBY) else least


def standbys(group: Object) -> int:
    """How many of those only stand by: one in a legacy group [SCHEMA text]."""
    return 1 if group.body.get("ha_mode") == STANDBY else 0


def place(site: Site, service: Object, group: Object, networks: list[str]) -> Placement:
    """Put a virtual service on Service Engines of its group, making those that are missing.

    One that is placed already keeps the Service Engines it has and gets those it lacks: scale-out. An address
    that is not to be had, or a full group, leaves it on fewer, or on none, with the reason.
    """
    before = placements(site).get(service.uuid)
    placed = Placement(site.clock.now(), [], networks)
    if before is not None and before.engines:
        placed.since, placed.engines = before.since, before.engines
    placements(site)[service.uuid] = placed
    candidates = (e for e in _candidates(site, group, networks) if e.uuid not in placed.engines)
    while len(placed.engines) < wanted(group):
        try:
            engine = next(candidates, None) or _make(site, group, networks)
            if engine is None:
                placed.reason = f"Reached max Service Engines of group {group.name}"
                break
            attach(site, engine.uuid, networks)
        except NoAddress as none:
            placed.reason = str(none)
            break
        _carry(service.uuid, placed, engine)
    if placed.reason and (before is None or before.reason != placed.reason):
        note_event(site, "CC_SE_CREATION_FAILURE", "serviceenginegroup", group.uuid, placed.reason)
    keep_buffer(site, group, networks)
    return placed


def another(site: Site, group: Object, placed: Placement, *, named: str, fresh: bool) -> Engine | None:
    """A Service Engine for one that is placed already: the named one, a new one, or one with room before a new one.

    None when there is none of that kind. Raises NoAddress.
    """
    free = (e for e in _candidates(site, group, placed.networks) if e.uuid not in placed.engines)
    able = (e for e in free if named in ("", e.uuid))
    engine = None if fresh else next(able, None)
    return engine if engine or named else _make(site, group, placed.networks)


def join(site: Site, service: str, placed: Placement, engine: Engine) -> None:
    """A Service Engine more carries a virtual service. Raises NoAddress."""
    attach(site, engine.uuid, placed.networks)
    _carry(service, placed, engine)


def leave(site: Site, service: str, placed: Placement, uuid: str) -> None:
    """A Service Engine carries a virtual service no longer."""
    placed.engines.remove(uuid)
    _drop(site, service, uuid)


def _carry(service: str, placed: Placement, engine: Engine) -> None:
    engine.carries.add(service)
    engine.idle_since = None
    placed.engines.append(engine.uuid)


def _drop(site: Site, service: str, uuid: str) -> None:
    if (engine := engines(site).get(uuid)) is not None:
        engine.carries.discard(service)
        if not engine.carries:
            engine.idle_since = site.clock.now()


def unplace(site: Site, service: str) -> None:
    """Take a virtual service off its Service Engines."""
    gone = placements(site).pop(service, None)
    for uuid in gone.engines if gone else ():
        _drop(site, service, uuid)


def keep_buffer(site: Site, group: Object, networks: list[str]) -> None:
    """Keep `buffer_se` Service Engines free in an N+M group that carries anything."""
    if group.body.get("ha_mode", SHARED) != SHARED or not any(e.carries for e in of_group(site, group.uuid)):
        return
    while sum(not e.carries for e in of_group(site, group.uuid)) < int(group.body.get("buffer_se", 1)):
        try:
            if _make(site, group, networks) is None:
                return
        except NoAddress:
            return


def reap(site: Site) -> None:
    """Remove Service Engines idle for their group's `se_deprovision_delay` minutes; 0 is never."""
    now = site.clock.now()
    for engine in list(engines(site).values()):
        if engine.idle_since is None:
            continue
        group = site.store.get("serviceenginegroup", engine.group)
        body = group.body if group else {}
        delay = 60.0 * int(body.get("se_deprovision_delay", 120))
        if group is not None and (
            not delay
            or now < engine.idle_since + delay
            or _is_buffer(site, engine, group)
            or not makes_engines(cloud_of(site, group))
        ):
            continue
        forget(site, engine.uuid)


def forget(site: Site, uuid: str) -> list[str]:
    """Remove a Service Engine, its object and its VM; what it carried is returned."""
    engine = engines(site).pop(uuid, None)
    demolish(site, uuid)
    carried = sorted(engine.carries) if engine else []
    for service in carried:
        if (placed := placements(site).get(service)) is not None:
            placed.engines = [e for e in placed.engines if e != uuid]
    return carried


def _candidates(site: Site, group: Object, networks: list[str]) -> Iterator[Engine]:
    """Service Engines with room: fullest first when packed, emptiest first when distributed [SCHEMA]."""
    most = 1 << 30 if group.body.get("ha_mode") == STANDBY else int(group.body.get("max_vs_per_se", 10))
    able = [e for e in of_group(site, group.uuid) if len(e.carries) < most]
    packed = group.body.get("algo", "PLACEMENT_ALGO_PACKED") == "PLACEMENT_ALGO_PACKED"
    able.sort(key=lambda e: len(e.carries), reverse=packed)
    return (engine for engine in able if _takes(site, engine, networks))


def _takes(site: Site, engine: Engine, networks: list[str]) -> bool:
    """Whether a Service Engine takes services; one deployed by hand only those whose networks it is on."""
    obj = site.store.get("serviceengine", engine.uuid)
    if obj is None or obj.body.get("enable_state", "SE_STATE_ENABLED") != "SE_STATE_ENABLED":
        return False
    if is_down(site, engine.uuid):
        return False
    return makes_engines(cloud_of(site, obj)) or vnic_networks(obj) >= {*networks}


def _make(site: Site, group: Object, networks: list[str]) -> Engine | None:
    """A new Service Engine, or None when the group is full. Raises NoAddress."""
    if len(of_group(site, group.uuid)) >= int(group.body.get("max_se", 10)):
        return None
    need, left = int(group.body.get("vcpus_per_se", 1)), cores_left(site)
    if left is not None and need > left:
        raise NoAddress(
            f"No licence for a Service Engine of group {group.name}: {max(left, 0)} cores are left"
        )
    uuid = build(site, group, networks)
    now = site.clock.now()
    engine = Engine(uuid, group.uuid, now, now)
    engines(site)[uuid] = engine
    return engine


def _is_buffer(site: Site, engine: Engine, group: Object) -> bool:
    """Whether an idle Service Engine is a spare of its group: the oldest are, while it carries anything."""
    mates = of_group(site, group.uuid)
    if group.body.get("ha_mode", SHARED) != SHARED or not any(e.carries for e in mates):
        return False
    idle = [e.uuid for e in mates if not e.carries]
    return engine.uuid in idle[: int(group.body.get("buffer_se", 1))]


def adopt_engines(site: Site) -> None:
    """Give a record to every Service Engine object without one (an import), as one long up.

    It is not idle until a service has left it: those of an import stay, whatever carries their services.
    """
    for obj in site.store.all("serviceengine"):
        if obj.uuid not in engines(site):
            group = uuid_of(obj.body.get("se_group_ref"))
            engines(site)[obj.uuid] = Engine(obj.uuid, group, site.clock.now() - 86400.0, None)
