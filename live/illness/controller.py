"""Ailments of the Controller: its cluster, clouds, licences, an upgrade half done, certificates, backups, alerts.

Shapes and states are [SCHEMA]; those of the cluster and of alerts [CLIENT].
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from intent import Unknown
from live.avi.identity import Json, maker, uuid_of, written_at
from live.avi.snapshot import Live
from live.avi.versions import parse
from live.facts import runtime
from live.facts.runtime import PLACEMENT_READY, messages, texts
from live.facts.upkeep import moment, newest_backup, portal_refs, read_at
from live.illness.ailments import NOT_UNDERSTOOD, Ailment, Diagnosis, Ref
from live.kinds.codecs import dig
from live.undeclared import label

LEDGER, LICENSING = "licensing/ledger/details", "licensing/status"
OF_ALL = "of the Controller"
"""The name of what there is one of."""
CLUSTER: Ref = ("cluster", "")
LICENCE: Ref = ("license", "")
UPGRADE: Ref = ("upgradestatusinfo", "")
DONE = frozenset({"UPGRADE_FSM_COMPLETED", "UPGRADE_FSM_INIT"})
"""States in which no upgrade is under way. So is one that has only been checked beforehand [SCHEMA]."""
CHECKED = "UPGRADE_PRE_CHECK"
STOPPED = frozenset(
    f"UPGRADE_FSM_{state}" for state in ("ERROR", "SUSPENDED", "PAUSED", "ENQUEUE_FAILED", "ABORTED")
)
"""States that nothing leaves by itself."""
HOURS = {"SCHEDULER_FREQUENCY_UNIT_MIN": 1 / 60, "SCHEDULER_FREQUENCY_UNIT_HOUR": 1.0} | {
    f"SCHEDULER_FREQUENCY_UNIT_{unit}": hours
    for unit, hours in (("DAY", 24.0), ("WEEK", 168.0), ("MONTH", 744.0))
}
ALERTS = {"ALERT_HIGH": "critical", "ALERT_MEDIUM": "normal"}
"""How grave an alert is by its level; of the lowest there are too many to be told."""


def cluster(diagnosis: Diagnosis) -> None:
    """The cluster where it does not serve, or a node of it is not active."""
    for row in diagnosis.rows("cluster/runtime"):
        state = str(dig(row, "cluster_state", "state") or "")
        away = runtime.inactive(messages(row.get("node_states")))
        up = state in runtime.CLUSTER_UP
        if state and (away or not up):
            reason = f"its state is {state}" + (f", not active: {', '.join(away)}" if away else "")
            severity = "critical" if up else "blocker"
            diagnosis.add(Ailment(*CLUSTER, OF_ALL, severity, reason))


def serves(diagnosis: Diagnosis) -> bool:
    """Whether the cluster is known to serve, or nothing is known of it."""
    rows = diagnosis.live.snapshot.objects.get("cluster/runtime", [])
    states = [str(dig(row, "cluster_state", "state") or "") for row in rows]
    return all(not state or state in runtime.CLUSTER_UP for state in states)


def clouds(diagnosis: Diagnosis) -> None:
    """Each cloud that is not ready to place anything, with the Controller's reason."""
    for row in diagnosis.rows("cloud-inventory"):
        with diagnosis.reading("cloud-inventory"):
            state = dig(row, "status", "state")
            if not isinstance(state, str):
                raise Unknown("a cloud does not say in which state it is")
            if state != PLACEMENT_READY:
                cloud = diagnosis.configured("cloud", row)
                name, reasons = str(cloud.get("name") or cloud["uuid"]), texts(dig(row, "status", "reason"))
                reason = ", ".join(filter(None, (f"it places nothing: {state}", "; ".join(reasons))))
                diagnosis.add(Ailment("cloud", cloud["uuid"], name, "normal", reason))


# -- licences ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Licences:
    """What the licences give. `left`: service cores that nobody has taken; None where they are not counted.

    `in_grace`: those that have expired and count for some time yet, as Controllers from 32.1.1 on tell [CLIENT].
    """

    left: float | None = None
    expired: tuple[str, ...] = ()
    in_grace: tuple[str, ...] = ()


def licences(live: Live) -> Licences:
    """What the licences give now. Raises Unknown where they were not read."""
    now, grace = read_at(live), _grace(live)
    given: list[float] = []
    expired, in_grace = [], []
    parts = ((row, part) for row in live.rows("license") for part in messages(row.get("licenses")) or [row])
    for row, part in parts:
        name = str(part.get("license_name") or part.get("license_id") or row.get("name") or "")
        until, last = _until(part), grace.get(name)
        is_over = part.get("expired") is True or (until is not None and until < now)
        if is_over and last is not None and now <= last:
            in_grace.append(f"{name} has expired, and counts until {last:%Y-%m-%d}")
            is_over = False
        elif is_over:
            expired.append(f"{name} has expired" + (f" on {until:%Y-%m-%d}" if until else ""))
        cores = part.get("service_cores") or part.get("cores")
        if isinstance(cores, int | float):
            given.append(0.0 if is_over else cores)
    taken = _taken(live) if given else None
    return Licences(None if taken is None else sum(given) - taken, tuple(expired), tuple(in_grace))


def _until(part: Json) -> datetime | None:
    with suppress(*NOT_UNDERSTOOD):
        return moment(str(part.get("valid_until") or ""), "a licence")
    return None


def _grace(live: Live) -> Mapping[str, datetime]:
    """Until when an expired licence counts, by its name; empty where the Controller does not say."""
    ends = {}
    for row in live.snapshot.objects.get(LICENSING, ()):
        for info in messages(row.get("license_state_info")):
            with suppress(*NOT_UNDERSTOOD):
                ends[str(info.get("name"))] = moment(str(info.get("grace_until") or ""), "a licence's grace")
    return ends


def _taken(live: Live) -> float | None:
    """How many service cores are taken; None where the ledger was not read or does not say."""
    for row in live.snapshot.objects.get(LEDGER, ()):
        infos = [*messages(row.get("se_infos")), *messages(row.get("escrow_infos"))]
        cores = [info.get("service_cores") for info in infos]
        if all(isinstance(each, int | float) for each in cores):
            return float(sum(cores))  # type: ignore[arg-type]
    return None


def licence(diagnosis: Diagnosis) -> None:
    """The licences where one has expired; that one will soon is a forecast."""
    if not diagnosis.rows("license"):
        return
    with diagnosis.reading("license"):
        known = diagnosis.live.once(licences)
        if known.expired or known.in_grace:
            severity = "critical" if known.expired else "normal"
            diagnosis.add(Ailment(*LICENCE, OF_ALL, severity, "; ".join([*known.expired, *known.in_grace])))


def without_licence(diagnosis: Diagnosis, cores: float) -> Ref | None:
    """The licences as a cause, where so many cores are known not to be left."""
    with suppress(*NOT_UNDERSTOOD):
        known = diagnosis.live.once(licences)
        if known.left is not None and known.left < cores:
            before = diagnosis.ailments.get(LICENCE)
            reason = (
                f"no licensed core is left for another Service Engine ({known.left:g} of {cores:g} needed)"
            )
            reason = f"{reason}; {before.reason}" if before and before.reason not in reason else reason
            diagnosis.ailments[LICENCE] = Ailment(*LICENCE, OF_ALL, "critical", reason)
            return LICENCE
    return None


# -- upgrade -------------------------------------------------------------------------------


def upgrade(diagnosis: Diagnosis) -> None:
    """An upgrade that is not done: what is on which version, and in which state."""
    rows = diagnosis.rows("upgradestatusinfo")
    if rows and (reason := half_done(rows)):
        stopped = any(str(dig(row, "state", "state")) in STOPPED for row in rows)
        under_way = any(_under_way(row) for row in rows)
        severity = "critical" if stopped else "normal" if under_way else "minor"
        diagnosis.add(Ailment(*UPGRADE, OF_ALL, severity, reason))


def half_done(rows: list[Json]) -> str:
    """How an upgrade stands that is not done, or what has been left on another version; "" where all is done."""
    own = next((row for row in rows if row.get("node_type") == "NODE_CONTROLLER_CLUSTER"), {})
    version = str(own.get("version") or "")
    groups = [row for row in rows if row.get("node_type") == "NODE_SE_GROUP" and row.get("version")]
    behind = [row for row in groups if version and parse(str(row["version"])) != parse(version)]
    under_way = [row for row in rows if _under_way(row)]
    parts = [f"the Controller is on {version}"] if version and (behind or under_way) else []
    parts += [f"SE group {row.get('name')} on {row['version']}" for row in behind[:MOST]]
    parts += [f"and {len(behind) - MOST} groups more"] if len(behind) > MOST else []
    states = dict.fromkeys(str(dig(row, "state", "state")) for row in under_way)
    reasons = dict.fromkeys(
        str(text) for row in under_way if (text := dig(row, "state", "reason") or row.get("reason"))
    )
    words = "; ".join([*states, *reasons])
    return ", ".join(parts) + (f" ({words})" if words else "") if parts or words else ""


MOST = 5
"""Objects that are named in one reason."""


def _under_way(row: Json) -> bool:
    state = str(dig(row, "state", "state") or "")
    return bool(state) and state not in DONE and not state.startswith(CHECKED)


# -- certificates, backups, alerts -----------------------------------------------------------


def certificates(diagnosis: Diagnosis) -> None:
    """Each certificate that has expired; one that nothing shows matters little. What will expire is a forecast."""
    rows = diagnosis.rows("sslkeyandcertificate")
    if not rows:
        return
    users = _users(diagnosis)
    now = read_at(diagnosis.live)
    for row in rows:
        with diagnosis.reading("sslkeyandcertificate"):
            if (until := dig(row, "certificate", "not_after")) in (None, ""):
                continue  # a request that nobody has signed yet
            if moment(str(until), "the end of a certificate") < now:
                user = users.get(str(row["uuid"]))
                reason = f"it has expired on {until}; {user or 'nothing that was read'} shows it"
                ref = ("sslkeyandcertificate", str(row["uuid"]))
                name, severity = label(diagnosis.live, row), "critical" if user else "minor"
                diagnosis.add(Ailment(*ref, name, severity, reason, creator=maker(row)))


def _users(diagnosis: Diagnosis) -> dict[str, str]:
    """Who shows a certificate, by the certificate's uuid."""
    users = {}
    objects = diagnosis.live.snapshot.objects
    for row in objects.get("virtualservice", ()):
        with suppress(*NOT_UNDERSTOOD):
            if row.get("enabled") is not False:
                for ref in texts(row.get("ssl_key_and_certificate_refs")):
                    users[uuid_of(ref)] = f"virtual service {row['name']}"
    with suppress(*NOT_UNDERSTOOD):
        users |= {uuid_of(ref): "the Controller's portal" for ref in portal_refs(diagnosis.live)}
    return users


def backups(diagnosis: Diagnosis) -> None:
    """Backups where the newest is older than twice what a schedule of them that is switched on makes them."""
    schedules = [
        row
        for row in diagnosis.rows("scheduler")
        if row.get("scheduler_action") == "SCHEDULER_ACTION_BACKUP" and row.get("enabled") is True
    ]
    if not schedules or "backup" not in diagnosis.live.snapshot.objects:
        diagnosis.rows("backup")
        return
    usual = min(filter(None, map(_every, schedules)), default=None)
    with diagnosis.reading("backup"):
        now = read_at(diagnosis.live)
        newest = newest_backup(diagnosis.live)
        since = newest or written_at(schedules[0])  # before that, it could do nothing
        hours = (now - since).total_seconds() / 3600 if since is not None else None
        if usual is not None and (hours is None or hours > 2 * usual):
            how = f"the newest is {hours:.0f} hours old" if newest else "there is none"
            reason = f"{how}, and {schedules[0].get('name')} makes them every {usual:g} hours"
            diagnosis.add(Ailment("backup", "", OF_ALL, "critical", reason))


def _every(row: Json) -> float | None:
    unit, number = HOURS.get(str(row.get("frequency_unit"))), row.get("frequency")
    return unit * number if unit is not None and isinstance(number, int) and number > 0 else None


def alerts(diagnosis: Diagnosis) -> None:
    """The Controller's own alerts that are on, of its higher levels, one for each name and object."""
    by_uuid = {uuid: (api, uuid) for api, uuid in diagnosis.ailments if uuid}
    for row in diagnosis.rows("alert"):
        severity = ALERTS.get(str(row.get("level")))
        if row.get("state") != "ALERT_STATE_ON" or severity is None:
            continue
        about = str(row.get("obj_uuid") or uuid_of(str(row.get("obj_ref") or "")))
        name = " ".join(filter(None, (str(row.get("name") or ""), str(row.get("obj_name") or about))))
        reason = str(row.get("summary") or row.get("reason") or row.get("event_id") or row["level"])
        ref = ("alert", f"{row.get('name')} {about}")
        diagnosis.add(Ailment(*ref, name, severity, reason, by_uuid.get(about)))
