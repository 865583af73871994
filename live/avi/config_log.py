"""Configuration log of a Controller: who created, changed or deleted which object, newest first, read as it is needed.

`GET analytics/logs?type=2` [CLIENT]. The members of its rows are those of the vendor's models of 30.2.1 [CLIENT]; older
releases leave some out [INF]. Whatever cannot be read ends the log there, without an error: it is told beside the
verdict, and no name is better than a wrong one.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic_core import from_json as read_json

from intent import Unknown
from intent.sensitive import scrub
from live.avi.identity import Json

PATH = "analytics/logs"
PAGE = 500
MOST_REQUESTS = 4
"""In one run, whatever has drifted."""
SECONDS = 20.0
"""For all of them together."""
QUERY = {
    "type": "2",
    "filter": "eq(event_id,[config_create,config_update,config_delete])",
    "orderby": "-report_timestamp",
    "page_size": str(PAGE),
}
"""`orderby` is what the Controller's own pages ask with [PUBLIC]; that it was followed is looked at."""
EARLIEST, LATEST = 1_200_000_000.0, 250_000_000_000.0
"""Seconds since the epoch between which a moment is one: from 2008 on, and below what would be milliseconds of 1977."""

Happening = Literal["CONFIG_CREATE", "CONFIG_UPDATE", "CONFIG_DELETE"]
_DETAILS: dict[str, str] = {
    "CONFIG_CREATE": "config_create_details",
    "CONFIG_UPDATE": "config_update_details",
    "CONFIG_DELETE": "config_delete_details",
}
_HOST = re.compile(r'"https?://[^/"\s]+/api/')


@dataclass(frozen=True)
class ConfigEvent:
    """One event. `type`: the object's, as paths have it. `at`: seconds since the epoch by the Controller's clock.

    `address`, `client`: of who did it, "" where the event does not tell them. Of an event that is not whole, `user` is
    "" or `at` is 0.
    """

    happening: Happening
    type: str
    uuid: str
    name: str
    tenant: str
    at: float
    user: str
    address: str
    client: str
    texts: Mapping[str, Any] = field(repr=False)

    @cached_property
    def old(self) -> Json | None:
        """The object before, without secrets; None where there was none, or the event does not tell it."""
        before = {"CONFIG_UPDATE": "old_resource_data", "CONFIG_DELETE": "resource_data"}
        return _object(self.texts.get(before.get(self.happening, "")))

    @cached_property
    def new(self) -> Json | None:
        """The object after, likewise."""
        after = {"CONFIG_UPDATE": "new_resource_data", "CONFIG_CREATE": "resource_data"}
        return _object(self.texts.get(after.get(self.happening, "")))


def event_of(row: Any) -> ConfigEvent | None:
    """An event out of a row; None for what is none, or for a change that the Controller did not carry out."""
    if not isinstance(row, dict) or _text(row.get("event_id")) not in _DETAILS:
        return None
    happening: Happening = row["event_id"]
    details = row.get("event_details")
    inner = details.get(_DETAILS[happening]) if isinstance(details, dict) else None
    event: Json = inner if isinstance(inner, dict) else {}
    status = _text(event.get("status"))
    if event.get("error_message") or (status and not status.casefold().startswith(("succ", "ok", "2"))):
        return None
    name, user = _text(row.get("obj_name")) or _text(event.get("resource_name")), _text(event.get("user"))
    return ConfigEvent(
        happening,
        (_text(event.get("resource_type")) or _text(row.get("obj_type"))).casefold(),
        _text(row.get("obj_uuid")),
        name,
        _text(row.get("tenant_name")),
        _seconds(row.get("report_timestamp")),
        user,
        _text(event.get("client_ip")) or _described(_text(row.get("event_description")), name, user),
        _text(event.get("user_agent")),
        event,
    )


def _described(description: str, name: str, user: str) -> str:
    """The address at the end of an event's description, `... by ann from 10.0.0.7`: an update has no member for it.

    [INF]; "" for any other description, also where the end may be the object's name.
    """
    before, known, address = description.rpartition(f" by {user} from ")
    if not (before and known and user) or description.endswith(name):
        return ""
    try:
        return str(ip_address(address))
    except ValueError:
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _seconds(stamp: Any) -> float:
    """A moment in seconds since the epoch, whichever part of a second it counts in; 0 for what is none."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return 0.0
    for unit in (1, 1e3, 1e6, 1e9):
        if EARLIEST <= stamp / unit < LATEST:
            return float(stamp / unit)
    return 0.0


def _object(data: Any) -> Json | None:
    """An object that stands in an event as text [INF], or as it is: its references without a host, and no secrets."""
    try:
        if isinstance(data, str):
            data = read_json(_HOST.sub('"/api/', data))
    except (TypeError, ValueError):  # TypeError: of text that is no Unicode
        return None
    return scrub(data) if isinstance(data, dict) and data else None


class ConfigLog:
    """The log, for one thread. `ask`: GET of it, (query, seconds) -> the answer; raises Unknown.

    At most `MOST_REQUESTS` are sent, and none after `SECONDS`. `ended`: why it ends early, "" where it does not.
    """

    def __init__(self, ask: Callable[[Mapping[str, str], float], Json]) -> None:
        self._ask = ask
        self._events: list[ConfigEvent] = []
        self._at: defaultdict[str, list[ConfigEvent]] = defaultdict(list)
        self._until = 0.0
        self._requests = 0
        self._pages = 0
        self._rows = 0
        self._last = LATEST
        self._over = False
        self.ended = ""

    def of(self, uuid: str) -> Iterator[ConfigEvent]:
        """The events of one object, newest first."""
        return self._each(self._at[uuid])

    def of_type(self, api: str) -> Iterator[ConfigEvent]:
        """The events of all objects of a type, newest first."""
        return (event for event in self._each(self._events) if event.type == api)

    def _each(self, events: list[ConfigEvent]) -> Iterator[ConfigEvent]:
        """The events of a list, and those that further pages add to it."""
        number = 0
        while number < len(events) or self._more():
            if number < len(events):
                yield events[number]
                number += 1

    def _more(self) -> bool:
        """Read one more page; False where there is none."""
        if self._over:
            return False
        self._until = self._until or time.monotonic() + SECONDS
        try:
            rows, count = self._page()
        except Unknown as why:
            self._over, self.ended = True, str(why)
            return False
        self._rows += len(rows)
        self._over = not rows or self._rows >= count
        stamps = [_seconds(row.get("report_timestamp")) for row in rows if isinstance(row, dict)]
        falling = [self._last, *stamps]
        if falling != sorted(falling, reverse=True) and not (self._over and self._pages == 1):
            # In another order, what comes last may be on a page that is not read.
            self._over, self.ended = True, "the log did not come newest first"
            return False
        self._last = min(falling)
        events = sorted(filter(None, map(event_of, rows)), key=lambda event: -event.at)
        self._events += events
        for event in events:
            self._at[event.uuid].append(event)
        return bool(rows)

    def _page(self) -> tuple[list[Any], int]:
        """The rows of the next page, and how many there are on all. Raises Unknown."""
        self._pages += 1
        query: Mapping[str, str] = QUERY | ({"page": str(self._pages)} if self._pages > 1 else {})
        rows: list[Any] = []
        while True:
            if self._requests >= MOST_REQUESTS or time.monotonic() >= self._until:
                raise Unknown("as much of the log was read as a run may ask for")
            self._requests += 1
            answer = self._ask(query, self._until - time.monotonic())
            results, count = answer.get("results"), answer.get("count")
            if not isinstance(results, list) or isinstance(count, bool) or not isinstance(count, int):
                raise Unknown("the log was answered with no list of events")
            rows += results
            more = answer.get("more")
            if not isinstance(more, str) or not more:
                return rows, max(count, len(rows))
            # The search goes on: the next part of the same page is at that address, whoever the host in it is.
            query = _query_of(more)


def _query_of(address: str) -> Mapping[str, str]:
    """What an address of the log asks. Raises Unknown for one that is none of the log's."""
    with suppress(ValueError):
        parts = urlsplit(address)
        if parts.path.endswith(f"/api/{PATH}"):
            return dict(parse_qsl(parts.query))
    raise Unknown("the log goes on at an address that is none of the log's")
