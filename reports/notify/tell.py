"""After a run: whom to tell what. A receiver knows of everything up to the last run it was told of.

What cannot be sent is told at the next run, since the receiver's knowledge is then still the old one.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.history.changes import changes
from reports.history.record import entries_of
from reports.history.store import FILE, History, HistoryUnusable
from reports.notify.message import message
from reports.notify.send import NotSent, send
from reports.notify.targets import Target
from reports.run import Run


def tell(run: Run, number: int | None, targets: Sequence[Target]) -> None:
    """Tell every receiver what is new to it; what goes wrong is a note of the run."""
    if not targets:
        return
    if number is None:
        run.notes.append("nobody was told anything: without history nobody knows what is new")
        return
    try:
        with History(run.folder / FILE) as history:
            for target in targets:
                _tell_one(run, number, target, history)
    except HistoryUnusable as why:
        run.notes.append(f"not everybody was told: {why}")


def _tell_one(run: Run, number: int, target: Target, history: History) -> None:
    known = history.notified(target.id)
    past = next((p for p in history.runs() if p.id == known), None)
    entries = list(entries_of(run.results))
    told = message(
        run,
        changes(history, entries, (known or 0) + 1),
        was_unknown=None if past is None else bool(past.facts.get("unknown")),
        was_faults=bool(past and past.facts.get("faults")),
    )
    if told is not None:
        try:
            send(target, told)
        except NotSent as why:
            run.notes.append(f"{why}; it is told at the next run")
            return
        run.told.append(repr(target))
    history.has_notified(target.id, number)
