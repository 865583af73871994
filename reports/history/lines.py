"""Lines of text of the history command: a run, what drifts in it, two runs side by side, and figures of use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from intent.difference import difference
from intent.forecast import Forecast
from intent.remediation import gravity
from intent.words import counted, moment
from reports.history.figures import Past
from reports.history.store import CheckEntry, PastOutcome, PastRun
from reports.history.transitions import (
    BAD,
    CHANGED,
    FIXED,
    NEW,
    STILL,
    STILL_WAIVED,
    WAIVED,
    Life,
    Transition,
    duration,
)
from reports.text import short_drifts

SHOWN = 8
"""Readings of a series in a line."""

WITHOUT_END = 12
"""Figures whose end is not known, the fullest first, that are listed where no name was asked for."""

KINDS = (NEW, CHANGED, STILL, WAIVED, STILL_WAIVED, FIXED)
"""Transitions in the order in which they are told."""

COMPARED = (NEW, CHANGED, WAIVED, STILL, "unknown", FIXED, "added", "gone")


def run_line(run: PastRun) -> str:
    """A run in a line: its number, when it began, how it ended, how long it took and its id."""
    began = f"{run.id:>5}  {run.started:%Y-%m-%d %H:%M:%S} UTC"
    if run.ended is None:
        return f"{began}  did not end  ({run.run})"
    return f"{began}  {_verdict(run)}  (exit {run.exit_code}, {duration(run.ended - run.started)}, {run.run})"


def _verdict(run: PastRun) -> str:
    """The run's verdict as its summary had it; of an earlier version's run, what it counted."""
    some = "" if run.facts.get("complete", True) else "some checks only: "
    if verdict := run.facts.get("verdict"):
        return f"{some}{verdict}"
    number, drifted = run.facts.get("facts"), run.facts.get("not_as_declared")
    facts = counted(number, "fact") if isinstance(number, int) else "? facts"
    return some + (f"{facts}, {drifted:,} not as declared" if isinstance(drifted, int) and drifted else facts)


def told(entry: CheckEntry) -> str:
    """A check's object and what was found, in a line; where nothing is wrong, what holds."""
    if not entry.told:
        return entry.fact
    if (drifts := _drifts(entry)) is not None:
        return f"{entry.object}: {drifts}"
    return f"{entry.object}: does not hold: {entry.title.rstrip('.')} ({entry.told})"


def finding(outcome: PastOutcome) -> str:
    """What a check found in one run; "" where nothing was wrong."""
    entry = CheckEntry("", "", "", "", "", "", outcome.outcome, outcome.finding)
    return _drifts(entry) or entry.told


def _drifts(entry: CheckEntry) -> str | None:
    """The kept drifts in a line; None where no drift is kept, but a reason."""
    try:
        drifts = json.loads(entry.told)
        return short_drifts([(drift["path"], difference(drift["want"], drift["have"])) for drift in drifts])
    except (LookupError, TypeError, ValueError):
        return None


def drift_lines(run: PastRun, changes: Iterable[Transition]) -> Iterator[str]:
    """What drifts, is waived or was fixed in a run: by what has become of it, the gravest and oldest first."""
    yield run_line(run).strip()
    groups: dict[str, list[Transition]] = {}
    for each in sorted(changes, key=lambda each: _weight(each, run)):
        groups.setdefault(each.kind, []).append(each)
    for kind in (kind for kind in KINDS if kind in groups):
        yield f"{kind} ({len(groups[kind]):,})"
        yield from (f"  {_transition(each, run)}" for each in groups[kind])
    if not groups:
        yield "nothing drifts, and nothing did before"


def _weight(each: Transition, run: PastRun) -> tuple[int, datetime, str]:
    return gravity(each.entry.severity), each.since or run.started, each.entry.fact


def _transition(each: Transition, run: PastRun) -> str:
    entry, span = each.entry, duration(each.lasted(run.started))
    flapping = ", flapping" if each.flapping else ""
    if each.kind == FIXED:
        return f"{entry.severity}, had drifted {span}{flapping}: {entry.fact}"
    since = f"for {span}, since {moment(each.since)}" if each.since else "since this run"
    return f"{entry.severity}, {since}{flapping}: {told(entry)}"


def compared_lines(
    old: PastRun, new: PastRun, changes: Mapping[str, Sequence[tuple[CheckEntry, CheckEntry | None]]]
) -> Iterator[str]:
    """Two runs against each other, by what has become of each check, the gravest first."""
    yield f"from {run_line(old).strip()}"
    yield f"to   {run_line(new).strip()}"
    for kind in COMPARED:
        rows = sorted(changes.get(kind, ()), key=lambda row: gravity(row[0].severity))
        if rows:
            yield f"{_HEADINGS.get(kind, kind)} ({len(rows):,})"
        for entry, earlier in rows:
            worth = entry.outcome in BAD or kind in (WAIVED, "unknown")
            was = f" (was: {_drifts(earlier) or earlier.told})" if kind == CHANGED and earlier else ""
            yield f"  {entry.severity}: {told(entry) if worth else entry.fact}{was}"
    if not changes:
        yield "nothing has changed"


_HEADINGS = {
    "unknown": "unknown now, judged before",
    "added": "checked now, not before",
    "gone": "checked before, not now",
}


def life_lines(name: str, life: Life, runs: Mapping[int, PastRun]) -> Iterator[str]:
    """One check over all runs."""
    yield name
    for each in life:
        run = runs[each.run]
        line = f"{each.run:>5}  {run.started:%Y-%m-%d %H:%M:%S} UTC  {each.outcome:<10} {finding(each)}"
        yield line.rstrip()


Row = tuple[Forecast, list[Past]]


def series_lines(rows: Sequence[Row], *, named: bool) -> Iterator[str]:
    """What is used up, and when, the first first; then what has no end in sight, the fullest first.

    `named`: only some were asked for, and each is shown with its readings.
    """
    ending = [row for row in rows if named or row[0].days is not None]
    rest = [] if named else [row for row in rows if row[0].days is None]
    for row in ending:
        yield from _series(*row)
    if rest:
        yield f"no end in sight, or not known yet ({len(rest):,}), the fullest first"
    rest.sort(key=lambda row: (-_share(row[0]), row[0].figure.subject))
    yield from (f"  {outlook.figure.subject}: {outlook.sentence()}" for outlook, _ in rest[:WITHOUT_END])
    if len(rest) > WITHOUT_END:
        yield f"  and {len(rest) - WITHOUT_END:,} more; `series NAME` shows those with NAME in them"


def _share(outlook: Forecast) -> float:
    """The used part of a limit; below any other where there is no limit."""
    figure = outlook.figure
    return figure.used / figure.limit if figure.limit else -1.0


def _series(outlook: Forecast, readings: list[Past]) -> Iterator[str]:
    figure = outlook.figure
    yield f"{figure.subject}: {outlook.sentence()}"
    shown = readings[-SHOWN:]
    numbers = ", ".join(f"{_when(each):%m-%d}: {each.used:,.0f}" for each in shown)
    more = f" (the last {SHOWN} of {len(readings):,} days)" if len(readings) > SHOWN else ""
    yield f"    {figure.measure} on {numbers}{more}; last read {moment(_when(readings[-1]))}"


def _when(reading: Past) -> datetime:
    return datetime.fromtimestamp(reading.moment, UTC)
