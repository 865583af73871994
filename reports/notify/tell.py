"""After a run: whom to tell what. A receiver knows of everything up to the last run it was told of.

What cannot be sent is told at the next run, since the receiver's knowledge is then still the old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.history.changes import BAD, NEW, Change, changes
from reports.history.record import entries_of
from reports.history.store import FILE, History, HistoryUnusable
from reports.notify.message import Known, Message, message
from reports.notify.receivers import Receiver
from reports.notify.send import send_all
from reports.run import Run


def tell(run: Run, number: int | None, receivers: Sequence[Receiver]) -> None:
    """Tell every receiver what is new to it; what goes wrong is a note of the run."""
    if not receivers:
        return
    if number is None:
        _send({receiver: _without_history(run) for receiver in receivers}, run)
        return
    try:
        with History(run.folder / FILE) as history:
            told = {receiver: _message(run, receiver, history) for receiver in receivers}
            unsent = _send(told, run)
            for receiver in told.keys() - unsent:
                history.has_notified(receiver.id, number)
    except HistoryUnusable as why:
        run.notes.append(f"not everybody was told: {why}")


def _send(told: Mapping[Receiver, Message | None], run: Run) -> set[Receiver]:
    """Send what there is to send; whom it did not reach."""
    news = [(receiver, found) for receiver, found in told.items() if found is not None]
    unsent = {
        receiver: why for (receiver, _), why in zip(news, send_all(news), strict=True) if why is not None
    }
    run.notes += [f"{why}; it is told at the next run" for why in unsent.values()]
    run.told += [repr(receiver) for receiver, _ in news if receiver not in unsent]
    return set(unsent)


def _without_history(run: Run) -> Message | None:
    """Everything as new: an unattended run that told nobody for want of a history would be worse."""
    drifts = [Change(entry, NEW) for entry in entries_of(run.results) if entry.outcome in BAD]
    if (found := message(run, drifts, Known())) is not None:
        found.lines.append(
            "the history could not be kept (see the run's notes), so not all of this may be new"
        )
    return found


def _message(run: Run, receiver: Receiver, history: History) -> Message | None:
    """What is new to a receiver, or None."""
    known = history.notified(receiver.id)
    runs = history.runs()
    past = next((each for each in runs if each.id == known), None)
    # The last run is this one itself: the history has it already.
    since = (each for each in runs if known is not None and each.id > known and each.run != run.id)
    kept = (each.facts.get("changed_beside") for each in since)
    missed = (line for lines in kept if isinstance(lines, list) for line in lines)
    knows = replace(Known.of(past), missed=tuple(map(str, missed)))
    return message(run, changes(history, list(entries_of(run.results)), (known or 0) + 1), knows)
