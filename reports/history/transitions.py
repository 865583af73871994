"""Transitions of checks from run to run: new, still, changed, fixed and flapping drifts, since when, and for how long.

A check that could not be judged (unknown, blocked) says nothing of its object, so it neither ends nor begins a drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from intent import remediation
from intent.words import counted
from reports.history.store import CheckEntry, History, PastOutcome, PastRun

BAD: frozenset[str] = frozenset(remediation.FAILURES)
GOOD: frozenset[str] = frozenset(remediation.GOOD)
JUDGED = BAD | GOOD | {"waived"}

FLIPS = 3
"""A check that has changed sides this often in its last `WINDOW` judged runs is flapping."""

WINDOW = 10

SETTLED = 5
"""It flaps until this many judged runs in a row have seen it on one side."""

LOOK_BACK = 30
"""Runs of a check that are looked at first: only a drift that is older needs more of its past."""

NEW, CHANGED, STILL, FIXED = "new", "changed", "still", "fixed"
WAIVED, STILL_WAIVED = "waived", "still waived"
NEWS = frozenset({NEW, CHANGED, FIXED, WAIVED})
"""Transitions worth telling somebody; the rest is as it was."""


@dataclass(frozen=True)
class Transition:
    """How one check stands against the runs before: `kind` is one of the words above.

    `since`: when the drift was first seen in an unbroken row; None for now.
    """

    entry: CheckEntry
    kind: str
    since: datetime | None = None
    flapping: bool = False

    @property
    def unwaived(self) -> bool:
        """Whether it is new since no waiver accepts it any more: it has been there since `since`."""
        return self.kind == NEW and self.since is not None

    @property
    def remarks(self) -> str:
        """What is to be said beside its kind: ` (no longer waived, flapping)`; "" for nothing."""
        parts = ["no longer waived"] * self.unwaived + ["flapping"] * self.flapping
        return f" ({', '.join(parts)})" if parts else ""

    def lasted(self, until: datetime) -> timedelta:
        """How long it has drifted, or had until it was fixed."""
        return until - self.since if self.since else timedelta(0)


Life = Sequence[PastOutcome]
"""A check's past, oldest first."""


def transitions(
    history: History, entries: Iterable[CheckEntry], before: int | None = None
) -> list[Transition]:
    """Every check of a run that drifts, is waived, or has stopped drifting, against what was known before that run.

    `before` is the run's own number: it and what began after it are left out.
    """
    now = {entry.nodeid: entry for entry in entries if entry.outcome in JUDGED}
    when = {run.id: run.started for run in history.runs()}
    changes = []
    for nodeid, life in history.lives(now, before=before, latest=LOOK_BACK):
        older = len(life) >= LOOK_BACK and not any(event.outcome in GOOD for event in life)
        first = history.not_good_since(nodeid, before) if older else None
        if transition := _transition(now.pop(nodeid), life, when, first):
            changes.append(transition)
    changes += [
        Transition(entry, WAIVED if entry.outcome == "waived" else NEW)
        for entry in now.values()
        if entry.outcome not in GOOD
    ]
    return changes


@dataclass(frozen=True)
class Story:
    """What has become of a check since a run: whether it flapped then, and does now; whether it has drifted since."""

    flapped: bool = False
    flaps: bool = False
    drifted: bool = False


def stories(history: History, entries: Iterable[CheckEntry], since: int, before: int) -> dict[str, Story]:
    """The stories of a run's checks that have one; `since`, `before`: numbers of runs, 0 for none."""
    now = {entry.nodeid: entry for entry in entries}
    moving: dict[str, Story] = {}
    for nodeid, life in history.lives(now, before=before, latest=LOOK_BACK):
        if all(event.outcome in GOOD for event in life):
            continue
        outcome = now[nodeid].outcome
        past = [event for event in life if event.outcome in JUDGED]
        then = [event for event in past if event.run <= since]
        was_good = not then or then[-1].outcome in GOOD
        drifted = was_good and outcome in GOOD and any(event.outcome in BAD for event in past[len(then) :])
        whole = [*past, PastOutcome(before, outcome)] if outcome in JUDGED else past
        story = Story(_flapping(then), _flapping(whole), bool(since) and drifted)
        if story != Story():
            moving[nodeid] = story
    return moving


def compare(
    old: Mapping[str, CheckEntry], new: Mapping[str, CheckEntry]
) -> dict[str, list[tuple[CheckEntry, CheckEntry | None]]]:
    """Two runs against each other: kind of transition -> (entry, what it was in the other run).

    Kinds: new, changed, still, fixed, waived; unknown (judged before, not now); added and gone (in one run only).
    """
    changes: dict[str, list[tuple[CheckEntry, CheckEntry | None]]] = {}
    for nodeid, entry in new.items():
        earlier = old.get(nodeid)
        if kind := _kind(earlier, entry):
            changes.setdefault(kind, []).append((entry, earlier))
    for nodeid, entry in old.items():
        if nodeid not in new:
            changes.setdefault("gone", []).append((entry, None))
    return changes


def _kind(old: CheckEntry | None, new: CheckEntry) -> str:
    if old is None:
        return NEW if new.outcome in BAD else "added"
    if new.outcome not in JUDGED:
        return "unknown" if old.outcome in JUDGED else ""
    return _moved(old.outcome, old.told, new)


def _moved(outcome: str, finding: str, now: CheckEntry) -> str:
    """What has become of a check that is judged now; "" for nothing. `outcome`, `finding`: what it was; "" for none."""
    if now.outcome in GOOD:
        return FIXED if outcome in BAD or outcome == "waived" else ""
    if now.outcome == "waived":
        return WAIVED
    return NEW if outcome not in BAD else STILL if finding == now.told else CHANGED


def _transition(
    entry: CheckEntry, life: Life, when: Mapping[int, datetime], first: int | None
) -> Transition | None:
    """`first`: the run that a drift began in which is older than its life here."""
    past = [event for event in life if event.outcome in JUDGED]
    flaps = _flapping([*past, PastOutcome(0, entry.outcome)])
    streak = _streak(past)
    since = when.get(first or streak[0].run) if streak else None
    _, outcome, finding = past[-1] if past else PastOutcome(0, "")
    kind = STILL_WAIVED if outcome == entry.outcome == "waived" else _moved(outcome, finding, entry)
    return Transition(entry, kind, since, flapping=flaps) if kind else None


def _streak(past: Life) -> Life:
    """The last unbroken row of drifting, waived or not."""
    begin = len(past)
    while begin and past[begin - 1].outcome not in GOOD:
        begin -= 1
    return past[begin:]


def _flapping(life: Life) -> bool:
    return flapping([event.outcome in GOOD for event in life])


def flapping(sides: Sequence[bool]) -> bool:
    """Whether something has changed sides often, and has not stayed on one since."""
    changed = flips(sides)
    begun, counted_from, last = False, 0, 0
    for at in (*changed, len(sides)):
        if begun and at - last >= SETTLED:
            begun, counted_from = False, last + 1
        recent = [flip for flip in changed if counted_from <= flip <= at and at - flip < WINDOW - 1]
        begun, last = begun or (at < len(sides) and len(recent) >= FLIPS), at
    return begun


def flips(sides: Sequence[bool]) -> list[int]:
    """Where something has changed sides: the places of the first on each new side."""
    return [number for number, (a, b) in enumerate(pairwise(sides), start=1) if a != b]


def previous(history: History, before: int | None = None) -> PastRun | None:
    """The last run that ended before this one began."""
    ended = [run for run in history.runs() if run.ended and (before is None or run.id < before)]
    return ended[-1] if ended else None


def duration(span: timedelta) -> str:
    """A span for people: `3 days`, `5 hours`, `12 minutes`."""
    seconds = int(span.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size * 2 or (unit == "minute" and seconds >= size):
            return counted(seconds // size, unit)
    return counted(max(seconds, 0), "second")
