"""Origins of drift: which event made an object what it was found to be, out of the Controller's configuration log.

Both sides of an event are decoded and compared as the live object was, so that an event is one of the very leaf. The
newest event that changed the leaf is its origin where it left the value that was found; otherwise nothing is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

import avi_schema
from intent import Blocked, Drift, Environment, Intent, Unknown
from intent.author import AccountOwner, Action, Author, Origin
from intent.drift import EXISTENCE, compare
from intent.fingerprint import Fingerprint
from intent.notice import SINCE_LAST_RUN, Notice, Sort
from intent.object_changes import Around, member_changes
from intent.objects.overlap import member_path
from live.avi.config_log import ConfigEvent, ConfigLog
from live.avi.identity import Json, Names, uuid_of
from live.avi.shapes import READABLE
from live.avi.snapshot import Live
from live.fingerprint import stripped
from live.kinds import KINDS
from live.kinds.codecs import dig

ODD = (Blocked, Unknown, AttributeError, LookupError, TypeError, ValueError)
"""What an event of another release, or of an object that refers to what is gone, may lead to."""
SAME_CLOCK = 5.0
"""Seconds by which two clocks may differ that agree: an HTTP date is cut to a second, and an answer takes its time."""
MOST_EVENTS = 8
"""Events of one object that are listed."""
_ACTIONS = {
    "CONFIG_CREATE": Action.CREATED,
    "CONFIG_UPDATE": Action.CHANGED,
    "CONFIG_DELETE": Action.DELETED,
}


def ahead(seconds: float) -> float:
    """By how many seconds a clock is before this machine's, of what was measured; 0 where the two may agree."""
    return seconds if abs(seconds) > SAME_CLOCK else 0.0


@dataclass(frozen=True)
class Accounts:
    """The users who are no persons: those that this tool and the declared AKOs log in as."""

    own: Collection[str] = ()
    ako: Collection[str] = ()

    def of(self, user: str) -> AccountOwner:
        """Whose account a user is."""
        if user in self.own:
            return AccountOwner.OWN
        return AccountOwner.AKO if user in self.ako else AccountOwner.OTHER


class Origins:
    """The origins of what has drifted. `ahead`: by how many seconds the Controller's clock is before this machine's."""

    def __init__(
        self,
        live: Live,
        environment: Environment,
        log: ConfigLog,
        accounts: Accounts,
        ahead: Callable[[], float],
    ) -> None:
        self.live = live
        self.environment = environment
        self.log = log
        self.accounts = accounts
        self.ahead = ahead
        self._moved: dict[int, tuple[frozenset[str], frozenset[str]]] = {}

    def of(self, drift: Drift, as_read: Json | None, *, put_right: bool = False) -> Origin | None:
        """The origin of a drift, of an object as the Controller gave it; None where it is not known. Never raises.

        `put_right`: of a drift of before this run wrote the object, which is asked for as it is now.
        """
        want = self.environment.find(drift.key)
        if want is None or type(want) not in KINDS:
            return None
        try:
            if drift.path == EXISTENCE:
                return self._existence(want, put_right=put_right)
            row = self.live.raw(want) if put_right else as_read
            return self._leaf(want, drift, row, put_right=put_right) if row else None
        except ODD:
            return None

    def of_notice(self, notice: Notice, seen: Fingerprint | None) -> Author | None:
        """Who is behind a notice of a change; `seen`: the site as this run saw it, with the names that paths have.

        None where that is not known. Never raises.
        """
        if notice.sort not in SINCE_LAST_RUN or not notice.name:
            return None
        replaced = notice.sort is Sort.CHANGED and notice.path == "uuid"
        try:
            if notice.sort is Sort.CHANGED and not replaced:
                return self._of_member(notice, seen) if seen else None
            gone = notice.sort in (Sort.REMOVED, Sort.NOT_SEEN)
            wanted = "CONFIG_DELETE" if gone else "CONFIG_CREATE"
            events = self._events(notice.type, notice.uuid)
            event = next((each for each in events if each.happening == wanted), None)
            return self.author(event) if event else None
        except (*ODD, RecursionError):
            return None

    def _of_member(self, notice: Notice, seen: Fingerprint) -> Author | None:
        for event in self._events(notice.type, notice.uuid):
            if event.new is None or event.old is None:
                return None
            if id(event) not in self._moved:  # one edit of many members, or many notices of one object
                self._moved[id(event)] = self._paths(event.old, event.new, notice, seen)
            since, then = self._moved[id(event)]
            if notice.path in since:
                return None
            if notice.path in then:
                return self.author(event)
        return None

    def _paths(
        self, old: Json, new: Json, notice: Notice, seen: Fingerprint
    ) -> tuple[frozenset[str], frozenset[str]]:
        """The members in which an object differs now from what an event left, and those that the event has changed."""
        message = avi_schema.load().types[notice.type].message.name
        around = Around(None, self.live.names.version, seen.label)
        now = json.loads(seen.objects[notice.type, notice.uuid].body)
        before, after = stripped(notice.type, old), stripped(notice.type, new)
        return (
            frozenset(each.path for each in member_changes(message, after, now, around)),
            frozenset(each.path for each in member_changes(message, before, after, around)),
        )

    def events_of(self, want: Intent, rows: Sequence[Json]) -> Iterator[str]:
        """The latest events of a declared object, a line each, newest first; `rows`: as it is there. Never raises."""
        api = KINDS[type(want)].api
        try:
            of_rows = (self._events(api, str(row.get("uuid"))) for row in rows)
            of_name = (event for event in self.log.of_type(api) if self._is_of(want, event))
            for event in islice(chain.from_iterable(of_rows) if rows else of_name, MOST_EVENTS):
                if (author := self.author(event)) is not None:
                    yield str(Origin(author, _ACTIONS[event.happening])) + _members(api, event)
        except ODD:
            return

    def _events(self, api: str, uuid: str) -> Iterator[ConfigEvent]:
        """The events of one object, newest first; of a type of which there is one, those of its type."""
        kind = avi_schema.load().types.get(api)
        return self.log.of_type(api) if kind and kind.singleton else self.log.of(uuid)

    def author(self, event: ConfigEvent) -> Author | None:
        """Who is behind an event; None where it does not say who or when."""
        if not event.user or not event.at:
            return None
        when = datetime.fromtimestamp(event.at - self.ahead(), UTC)
        return Author(event.user, event.address, event.client, when, self.accounts.of(event.user))

    def _origin(self, event: ConfigEvent, action: Action, was: Any = None, now: Any = None) -> Origin | None:
        author = self.author(event)
        return Origin(author, action, was, now) if author else None

    # -- whole objects -----------------------------------------------------------------------------------------------

    def _existence(self, want: Intent, *, put_right: bool) -> Origin | None:
        """Who has deleted or renamed an object that is absent, or has made one more of it.

        `put_right`: this run has made it, since it was absent.
        """
        if (there := len(self.live.found(want)) - put_right) == 1:
            return None
        for event in self.log.of_type(KINDS[type(want)].api):
            if self._is_of(want, event):
                if put_right and event.happening != "CONFIG_DELETE" and self._is_own(event):
                    continue
                was, now = _name(event.old), _name(event.new)
                if there and event.happening == "CONFIG_UPDATE" and was == now:
                    continue  # a change of one of several says nothing of why they are several
                if event.happening == "CONFIG_UPDATE":
                    known = was and now and want.name == (now if there else was) != (was if there else now)
                    return self._origin(event, Action.RENAMED, was, now) if known else None
                if (event.happening == "CONFIG_CREATE") is bool(there):
                    return self._origin(event, Action.CREATED if there else Action.DELETED)
                return None
        return None

    def _is_of(self, want: Intent, event: ConfigEvent) -> bool:
        """Whether an event is of an object of a declared one's name, cloud and tenant, before or after it."""
        if want.name not in (event.name, _name(event.old), _name(event.new)):
            return False
        row = event.new or event.old or {}
        cloud = self.live.names.cloud_of(row) if row.get("cloud_ref") else ""
        if cloud and want.key.cloud and cloud != want.key.cloud:
            return False
        tenant = self.live.names.tenant_of(row) or event.tenant
        return not tenant or tenant in want.tenants or tenant.startswith("<")

    # -- leaves ------------------------------------------------------------------------------------------------------

    def _is_own(self, event: ConfigEvent) -> bool:
        return self.accounts.of(event.user) is AccountOwner.OWN

    def _leaf(self, want: Intent, drift: Drift, row: Json, *, put_right: bool) -> Origin | None:
        leaf = _TracedLeaf(want, drift, row, self.live.names)
        if not put_right and leaf.of(leaf.row) != drift.have:
            return None  # the check has looked at more than this leaf: no event can be told to be of it
        for event in self._events(leaf.inner or leaf.kind.api, leaf.uuid):
            if put_right and self._is_own(event) and event.new and leaf.of(event.new) != drift.have:
                continue  # what this run has written
            # One that deleted the object, or does not tell what it left, is not what made it as it was found.
            if event.new is None or leaf.of(event.new) != drift.have:
                return None
            if event.happening == "CONFIG_CREATE":
                return self._origin(event, Action.CREATED, None, drift.have)
            if event.old is None:
                return None
            if leaf.is_touched(event.old, event.new):
                return self._origin(event, Action.CHANGED, leaf.of(event.old), drift.have)
        return None


def _members(api: str, event: ConfigEvent) -> str:
    """Which members an event has changed: `: max_se, ha_mode`; "" where it does not tell that."""
    if event.old is None or event.new is None:
        return ""
    before, after = stripped(api, event.old), stripped(api, event.new)
    changed = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    return f": {', '.join(changed)}" if changed else ""


class _TracedLeaf:
    """One leaf of a declared object, to be looked up in the object's earlier states."""

    def __init__(self, want: Intent, drift: Drift, as_read: Json, names: Names) -> None:
        self.want, self.drift, self.names = want, drift, names
        self.kind = KINDS[type(want)]
        self._outer = self.row = as_read
        _, leaf = self.kind.leaf(drift.field)
        self.path = member_path(leaf.api)
        self.inner = ""
        ref = as_read.get(f"{self.path[0]}_ref") if self.path[0] in self.kind.reads else None
        if ref and (row := names.resolve(str(ref))) is not None:  # `vsvip.vip`: in another object
            self.inner, self.row, self.path = self.path[0], row, self.path[1:]
        self.uuid = str(self.row.get("uuid") or uuid_of(str(self.row.get("url", ""))))

    def of(self, state: Json) -> Any:
        """Its value in a state of the object, as plain data. Raises Unknown, and what `ODD` has."""
        state = {name: self.row[name] for name in READABLE if name in self.row} | state
        names = self.names.replacing(self.inner, state) if self.inner else self.names
        have = self.kind.counterpart(self.want, self._outer if self.inner else state, names)
        try:
            drifts = compare(self.want, have, self.drift.field)
        except Blocked:
            return None  # what it is a part of is absent
        return next((each.have for each in drifts if each.path == self.drift.path), self.drift.want)

    def is_touched(self, old: Json, new: Json) -> bool:
        """Whether two states differ in it. Raises Unknown, and what `ODD` has."""
        if dig(old, *self.path) == dig(new, *self.path):
            return False
        return bool(self.of(old) != self.of(new))


def _name(row: Json | None) -> str:
    name = (row or {}).get("name")
    return name if isinstance(name, str) else ""
