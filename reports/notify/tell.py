"""After a run: whom to tell what. A receiver knows of everything up to the last run it was told of.

What cannot be sent is told at the next run, since the receiver's knowledge is then still the old one; so is what is
held in quiet hours or for a digest. What is critical passes, and is remembered until the rest is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from intent.messages import MessageSettings
from reports.history.record import entries_of
from reports.history.store import FILE, CheckEntry, History, HistoryUnusable
from reports.history.transitions import BAD, NEW, Transition, stories, transitions
from reports.notify.message import Notification, message
from reports.notify.news import LastTold, News, all_news, keys
from reports.notify.receivers import Receiver
from reports.notify.send import send_all
from reports.run import Run


@dataclass(frozen=True)
class Due:
    """What a receiver is told now. `deferred`: it is what is critical, and all else waits."""

    message: Notification | None
    news: tuple[News, ...] = ()
    deferred: bool = False


def tell(
    run: Run, number: int | None, receivers: Sequence[Receiver], settings: MessageSettings | None = None
) -> None:
    """Tell every receiver what is new to it; what goes wrong is a note of the run."""
    if not receivers:
        return
    if number is None:
        _send({receiver: _without_history(run) for receiver in receivers}, run)
        return
    settings, now = settings or MessageSettings(), run.ended or datetime.now(UTC)
    try:
        with History(run.folder / FILE) as history:
            entries = list(entries_of(run.results))
            due = {each: _due(run, entries, number, each, history, settings, now) for each in receivers}
            unsent = _send({receiver: each.message for receiver, each in due.items()}, run)
            for receiver in due.keys() - unsent:
                if due[receiver].deferred:
                    history.has_passed(receiver.id, keys(due[receiver].news))
                else:
                    history.has_notified(receiver.id, number)
    except HistoryUnusable as why:
        run.notes.append(f"not everybody was told: {why}")


def _send(due: Mapping[Receiver, Notification | None], run: Run) -> set[Receiver]:
    """Send what there is to send; whom it did not reach."""
    notifications = [(receiver, each) for receiver, each in due.items() if each is not None]
    unsent = {
        receiver: why
        for (receiver, _), why in zip(notifications, send_all(notifications), strict=True)
        if why is not None
    }
    run.notes += [f"{why}; it is told at the next run" for why in unsent.values()]
    run.told += [repr(receiver) for receiver, _ in notifications if receiver not in unsent]
    return set(unsent)


def _without_history(run: Run) -> Notification | None:
    """Everything as new: an unattended run that told nobody for want of a history would be worse."""
    entries = list(entries_of(run.results))
    drifts = [Transition(entry, NEW) for entry in entries if entry.outcome in BAD]
    last_told = LastTold()
    notification = message(run, all_news(run, drifts, {}, last_told, entries), last_told)
    if notification is not None:
        notification.lines.append(
            "the history could not be kept (see the run's notes), so not all of this may be new"
        )
    return notification


def _due(  # noqa: PLR0913, PLR0917 -- a receiver, what it knows, and what is new
    run: Run,
    entries: list[CheckEntry],
    number: int,
    receiver: Receiver,
    history: History,
    settings: MessageSettings,
    now: datetime,
) -> Due:
    last = history.notified(receiver.id)
    runs = [each for each in history.runs() if each.id < number]
    past = next((each for each in runs if each.id == last), None)
    last_told = LastTold.of(runs, past, history.passed(receiver.id))
    news = all_news(
        run,
        transitions(history, entries, (last or 0) + 1),
        stories(history, entries, last or 0, number),
        last_told,
        entries,
    )
    if not settings.defers(now, past.ended or past.started if past else None):
        return Due(message(run, news, last_told))
    passing = tuple(each for each in news if each.grave)
    waiting = len(news) - len(passing)
    if waiting and (note := settings.until(now)) not in run.deferred:
        run.deferred.append(note)
    return Due(message(run, passing, last_told), passing, deferred=True)
