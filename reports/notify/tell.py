"""After a run: whom to tell what. A receiver knows of everything up to the last run it was told of.

What cannot be sent is told at the next run, since the receiver's knowledge is then still the old one.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.history.changes import changes
from reports.history.record import entries_of
from reports.history.store import FILE, History, HistoryUnusable
from reports.notify.message import Known, Message, message
from reports.notify.send import send_all
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
            told = {target: _message(run, target, history) for target in targets}
            news = [(target, found) for target, found in told.items() if found is not None]
            unsent = {
                target: why for (target, _), why in zip(news, send_all(news), strict=True) if why is not None
            }
            run.notes += [f"{why}; it is told at the next run" for why in unsent.values()]
            run.told += [repr(target) for target, _ in news if target not in unsent]
            for target in told.keys() - unsent.keys():
                history.has_notified(target.id, number)
    except HistoryUnusable as why:
        run.notes.append(f"not everybody was told: {why}")


def _message(run: Run, target: Target, history: History) -> Message | None:
    """What is new to a receiver, or None."""
    known = history.notified(target.id)
    past = next((p for p in history.runs() if p.id == known), None)
    return message(run, changes(history, list(entries_of(run.results)), (known or 0) + 1), Known.of(past))
