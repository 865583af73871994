"""Ailments of Service Engines and of their groups: none that is up, all taken, no core left for another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from intent import Unknown
from intent.words import first_of
from live.avi.identity import Json, uuid_of
from live.avi.snapshot import Live
from live.avi.versions import parse
from live.facts.runtime import ENABLED, UP, engines_by_group, operation
from live.illness.addresses import management_cause
from live.illness.ailments import Ailment, Diagnosis, Ref
from live.illness.controller import LICENCE, MOST, UPGRADE, without_licence
from live.kinds.codecs import dig, whole
from live.undeclared import label

WAITING = frozenset(
    {"OPER_RESOURCES", "OPER_CREATING", "OPER_INITIALIZING", "OPER_PROCESSING", "OPER_AWAIT_SE"}
)
"""States in which something is still to come [SCHEMA]."""
MAX_SE = 10
"""How many Service Engines a group may have that does not say [SCHEMA]."""
UNLICENSED = "LICENSE_STATE_INSUFFICIENT_RESOURCES"


def serving_groups(live: Live) -> frozenset[str]:
    """The uuids of the groups of which a Service Engine serves. Raises Unknown."""
    groups = live.once(engines_by_group)
    return frozenset(uuid for uuid, rows in groups.items() if any(serves(row) for row in rows))


def group_by_engine(live: Live) -> Mapping[str, str]:
    """The uuid of each Service Engine's group, by the engine's; of those whose inventory was not read, none."""
    groups = live.once(engines_by_group) if "serviceengine-inventory" in live.snapshot.objects else {}
    return {str(row.get("uuid", "")): group for group, rows in groups.items() for row in rows}


def serves(engine: Json) -> bool:
    """Whether a Service Engine is up and takes what is placed on it."""
    return (
        operation(engine).state == UP
        and dig(engine, "runtime", "se_connected") is not False
        and dig(engine, "config", "enable_state") in ENABLED
    )


def is_broken(engine: Json) -> bool:
    """Whether a Service Engine does not serve, and nobody has disabled it, nor is it just being made."""
    enabled = dig(engine, "config", "enable_state") in ENABLED
    unlicensed = dig(engine, "runtime", "license_state") == UNLICENSED
    return enabled and operation(engine).state not in WAITING and (unlicensed or not serves(engine))


def engines(diagnosis: Diagnosis) -> None:
    """Each group none of whose engines serves, with them; each other engine that is ill."""
    if not diagnosis.rows("serviceengine-inventory"):
        return
    for uuid, rows in diagnosis.live.once(engines_by_group).items():
        dead = _dead(diagnosis, uuid, rows)
        for row in rows:
            with diagnosis.reading("serviceengine-inventory"):
                if ailment := _engine(diagnosis, row, dead):
                    diagnosis.add(ailment)


def _dead(diagnosis: Diagnosis, uuid: str, rows: Sequence[Json]) -> Ref | None:
    """The group where none of its engines serves."""
    if (
        not uuid
        or uuid in diagnosis.live.once(serving_groups)
        or any(not operation(row).state for row in rows)
    ):
        return None
    how = first_of((f"{name_of(row)} ({_how(row)})" for row in rows), MOST)
    ref = str(dig(rows[0], "config", "se_group_ref"))
    return diagnosis.add(group_ailment(diagnosis, ref, f"none of its Service Engines is up: {how}"))


def name_of(row: Json) -> str:
    """The name of a Service Engine."""
    return str(dig(row, "config", "name") or row.get("uuid"))


def _how(row: Json) -> str:
    enabled = dig(row, "config", "enable_state")
    if enabled not in ENABLED:
        return f"disabled by somebody: {enabled}"
    state, reasons = operation(row)
    words = [state, *reasons] if state != UP else ["not connected to the Controller"]
    return ": ".join(filter(None, words))


def group_ailment(diagnosis: Diagnosis, ref: str, reason: str) -> Ailment:
    """A group that is ill, for a reason; as grave as what stands on it."""
    row = diagnosis.live.names.resolve(ref)
    name = label(diagnosis.live, row) if row is not None else diagnosis.name_of(ref)
    return Ailment("serviceenginegroup", uuid_of(ref), name, "minor", reason)


def _engine(diagnosis: Diagnosis, row: Json, dead: Ref | None) -> Ailment | None:
    """What a Service Engine suffers from; None for one that serves, and for one that is just being made."""
    uuid, name = str(row.get("uuid")), name_of(row)
    state, reasons = operation(row)
    if not state:
        raise Unknown(f"the Controller does not say how Service Engine {name} is")
    severity, cause, reason = "normal", dead, ""
    if (enabled := dig(row, "config", "enable_state")) not in ENABLED:
        severity, reason = "minor", f"it was disabled by somebody ({enabled})"
    elif state in WAITING and dead is None:
        return None
    elif state != UP:
        reason = f"it is not up ({': '.join((state, *reasons))})"
    elif dig(row, "runtime", "se_connected") is False:
        reason = "it is not connected to the Controller"
    elif dig(row, "runtime", "license_state") == UNLICENSED:
        reason = "no licence is left for it"
        cause = dead or (LICENCE if LICENCE in diagnosis.ailments else None)
    elif other := other_version(diagnosis.live, row):
        severity, reason = "minor", f"it runs {other}, the Controller {diagnosis.live.snapshot.version}"
        cause = dead or (UPGRADE if UPGRADE in diagnosis.ailments else None)
    if not reason:
        return None
    return Ailment("serviceengine", uuid, name, severity, reason, cause)


def other_version(live: Live, row: Json) -> str:
    """The version of a Service Engine that is not the Controller's; "" where it is, or one of them is not known."""
    text = str(dig(row, "runtime", "version") or "")
    own, theirs = parse(live.snapshot.version), parse(text)
    return text if own is not None and theirs is not None and own != theirs else ""


def placement_cause(diagnosis: Diagnosis, group_ref: str, *, waits: bool) -> Ref | None:
    """What keeps the Service Engines of a group from carrying a service. Raises Unknown where that was not read.

    `waits`: the service is still to be placed. A service that is placed suffers only where none of the group serves.
    """
    uuid = uuid_of(group_ref)
    diagnosis.need("serviceenginegroup", "serviceengine-inventory")
    live = diagnosis.live
    rows = live.once(engines_by_group).get(uuid, ())
    if rows and uuid not in live.once(serving_groups):
        ref = ("serviceenginegroup", uuid)
        return ref if ref in diagnosis.ailments else None
    if not waits:
        return None
    group = live.names.resolve(f"/api/serviceenginegroup/{uuid}") or {}  # another tenant's may not be seen
    if len(rows) == whole(group.get("max_se") or MAX_SE):
        return diagnosis.add(
            group_ailment(diagnosis, group_ref, f"it has all of its {len(rows)} Service Engines")
        )
    if (cause := _no_further(diagnosis, group)) is not None:
        return cause
    if not rows:
        none = group_ailment(diagnosis, group_ref, "it has no Service Engine")
        return diagnosis.add(replace(none, unread=diagnosis.unread("license")))
    return None


def _no_further(diagnosis: Diagnosis, group: Json) -> Ref | None:
    """What keeps a further Service Engine of a group from being made: the licences, or its management network."""
    cores = whole(group.get("vcpus_per_se") or 1)
    licence = without_licence(diagnosis, cores) if isinstance(cores, int) else None
    return licence or management_cause(diagnosis, group)
