"""Authorship of unheard writes: whether a run has made an object what it is, by the Controller's log.

It may be another's doing, who has written the same at the same moment: that the object was absent, or another, just
before, and is as asked now, proves nothing. The log names the account of each event, and of one that makes an object
the client too, which is another one with each run [CLIENT]. What it does not tell nobody knows, and an undo leaves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from live.avi.config_log import PATH, ConfigEvent, ConfigLog
from live.avi.identity import Json
from remediate.plan.effect import intended
from remediate.plan.model import FOLDER, SINGLETONS, VM
from remediate.plan.payload import content
from remediate.write.record import JournalEntry, JournalHead
from remediate.write.writer import Gateway

_STAYS = "so it stays; take it back by hand if it is yours"
_UNTOLD = f"its answer was never heard, and nobody knows who has made it as it was to be: {{why}}; {_STAYS}"


class Authorship:
    """Who has made objects what a run was to make of them. `head`: as whom that run has written."""

    def __init__(self, gateway: Gateway, head: JournalHead) -> None:
        self._gateway = gateway
        self._head = head
        self._logs: dict[str, ConfigLog] = {}

    def doubt(self, entry: JournalEntry, uuid: str) -> str:
        """Why it is not known that the run has made the object of that uuid what it is; "" where it is.

        What was answered nobody doubts. Raises nothing.
        """
        if entry.fate == "done" and entry.heard:
            return ""
        if entry.request.api in (FOLDER, VM):
            return _UNTOLD.format(why="vCenter is not asked for that")
        log = self._log(entry.request.tenant)
        event = _maker(_events(log, entry, uuid), entry)
        if event is None:
            why = log.ended or "nothing of it stands there, where it may come late: ask for this undo again"
            return _UNTOLD.format(why=f"the Controller's log does not tell ({why})")
        head = self._head
        if event.user and event.user == head.account:
            # Of an object that is made the log names the client; where it does not, it may be another run's.
            if not event.client and entry.request.method == "POST":
                return _UNTOLD.format(why="the Controller's log names the account, and not which run of it")
            if event.client in ("", head.client):
                return ""
        by = event.user or "somebody else"
        other = " in another run" if event.user and event.user == head.account else ""
        return f"its answer was never heard, and by the Controller's log {by} has made it so{other}: {_STAYS}"

    def _log(self, tenant: str) -> ConfigLog:
        """The log of one tenant, which has the events of that tenant's objects."""

        def ask(query: Mapping[str, str], _seconds: float) -> Json:
            return self._gateway.read(PATH, dict(query), tenant=tenant or None)

        return self._logs.setdefault(tenant, ConfigLog(ask))


def _events(log: ConfigLog, entry: JournalEntry, uuid: str) -> Iterator[ConfigEvent]:
    """The events of an entry's object, newest first."""
    return log.of_type(entry.request.api) if entry.request.api in SINGLETONS else log.of(uuid)


def _maker(events: Iterator[ConfigEvent], entry: JournalEntry) -> ConfigEvent | None:
    """The event that has made an object what a write asked for, of its events newest first; None where none tells.

    What is older than an update that took it all back, or than one that does not say what it did, has not.
    """
    for event in events:
        if _answers_to(event, entry):
            return event
        if event.happening == "CONFIG_UPDATE" and _hides(event, entry):
            return None
    return None


def _hides(event: ConfigEvent, entry: JournalEntry) -> bool:
    """Whether what a write changed is, after an update, as before that write, or is not told by it."""
    if entry.request.method == "POST" or entry.before is None:
        return False
    if event.new is None or event.old is None:
        return True
    after, before = (content(entry.request.api, obj) for obj in (event.new, entry.before))
    return all(after.get(name) == before.get(name) for name in entry.request.changed)


def _answers_to(event: ConfigEvent, entry: JournalEntry) -> bool:
    """Whether an event is the one that has made an object what a write asked for."""
    if entry.request.method == "POST":
        return event.happening == "CONFIG_CREATE"
    asked = replace(entry.request, body=entry.sent)
    known = event.happening == "CONFIG_UPDATE" and event.old is not None and event.new is not None
    return known and intended(asked, event.new or {}) and not intended(asked, event.old or {})
