"""The bulk read: every collection that is needed, once, whole or not at all."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime

from intent import Unknown
from intent.scrubber import scrub
from live.avi.gateway import Gateway
from live.avi.http_errors import sentence
from live.avi.identity import Json
from live.avi.snapshot import Snapshot

PAGE = 200
"""Objects a page: the most that a Controller gives [SCHEMA]."""
THREADS = 8
"""More gain nothing: from here on, parsing JSON is what takes the time."""
MOST_PAGES = 2_000
"""More than any Controller holds; a count that asks for more is not believed."""
TRIES = 4
"""How often a collection is read anew because it changed while its pages were read."""
SETTLED = 60.0
"""An object that was last written this many seconds before a read began was there when it began."""
INVENTORY = "-inventory"
SINGLETONS = frozenset(
    {"systemconfiguration", "cluster", "cluster/runtime", "cluster/version", "initial-data"}
)
"""They answer with a bare object [REC] and take no page."""


def read_snapshot(
    gateway: Gateway,
    apis: Iterable[str],
    progress: Callable[[str], None] | None = None,
    *,
    every_tenant: bool = False,
    seconds: float = 300.0,
) -> Snapshot:
    """The site at one moment: these collections, read at the same time, scrubbed of secrets.

    `every_tenant`: in one sweep over every tenant that the user may see, instead of the declared one; which those
    are is read too.

    A collection that could not be read whole is in `failures` with its sentence, and does not harm the
    others. `progress` is told of each collection that is done, such as `network: 7`. `seconds` is for all of
    it: what has not begun by then is a failure. Raises Unreachable when there is no session with the
    Controller.
    """
    gateway.connect()
    before, read_at = gateway.requests, datetime.now(UTC).isoformat(timespec="seconds")
    run = _Run(
        gateway, time.monotonic() + seconds, progress or (lambda _text: None), every_tenant=every_tenant
    )
    run.read(dict.fromkeys([*apis, *(["tenant"] if every_tenant else [])]))
    return Snapshot(
        address=gateway.name,
        version=gateway.version,
        api_version=gateway.api_version,
        read_at=read_at,
        requests=gateway.requests - before,
        every_tenant=every_tenant,
        objects={api: found.rows for api, found in run.collections.items() if not found.failure},
        failures={api: found.failure for api, found in run.collections.items() if found.failure},
    )


class Changed(Exception):
    """The pages do not make a whole: the collection changed between them, or they are no lists of objects."""


@dataclass
class _Collection:
    """One collection on its way: its pages by number, from 1.

    A removal and an addition between two pages leave count and uuids in order while an object slips through. Where
    as many different objects came as there were at first, and each of them was there before, none has slipped through;
    where that is not sure, the pages are looked at a second time, at names alone: nothing slips through twice.
    """

    api: str
    pages: dict[int, Json] = field(default_factory=dict)
    again: dict[int, Json] | None = None
    tries: int = 0
    rows: list[Json] = field(default_factory=list)
    failure: str = ""
    done: bool = False

    def missing(self) -> list[int]:
        """The pages that the first one says there are, and that were not read yet. Raises Changed."""
        first = self.pages[1]
        if self.api in SINGLETONS and "results" not in first:
            return []
        size, count = len(_results(first)), _count(first)
        if size == 0 or size >= count:
            return []
        if (pages := math.ceil(count / size)) > MOST_PAGES:
            raise Changed(f"{count} objects were announced, {size} a page")
        return [number for number in range(2, pages + 1) if number not in self.pages]

    def whole(self) -> list[Json]:
        """Every row. Raises Changed unless the pages agree with their count, and on where they end."""
        first = self.pages[1]
        if self.api in SINGLETONS and "results" not in first:
            return [first]
        rows = _rows(self.pages)
        if self.again is not None and _uuids(_rows(self.again)) != _uuids(rows):
            raise Changed("a second look found other objects")
        counts = {_count(page) for page in self.pages.values()}
        if counts != {len(rows)}:
            raise Changed(
                f"{len(rows)} objects came where {' or '.join(map(str, sorted(counts)))} were announced"
            )
        uuids = [row["uuid"] for row in rows if "uuid" in row]
        if len(_uuids(rows)) != len(uuids):
            raise Changed("an object came on two pages")
        if self.pages[max(self.pages)].get("next"):
            raise Changed("there are more pages than were announced")
        return rows

    def settled(self, began: float | None) -> bool:
        """Whether every object was surely there before the read began, in the Controller's own time."""
        if began is None:
            return False
        latest = (began - SETTLED) * 1_000_000
        return all(0 < _written(row) < latest for row in _rows(self.pages))


def _written(row: Json) -> int:
    """When an object was last written, in microseconds since the epoch [REC]; 0 where it does not say."""
    found = row.get("_last_modified")
    return int(found) if isinstance(found, str) and found.isdecimal() else 0


def _rows(pages: Mapping[int, Json]) -> list[Json]:
    return [row for _, page in sorted(pages.items()) for row in _results(page)]


def _uuids(rows: Iterable[Json]) -> set[str]:
    return {str(row["uuid"]) for row in rows if "uuid" in row}


def _results(page: Json) -> list[Json]:
    found = page.get("results")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Changed(f"it answered with no list of objects but with {sentence(json.dumps(page)[:2000])}")
    return found


def _count(page: Json) -> int:
    found = page.get("count")
    if not isinstance(found, int):
        raise Changed("a page does not say how many objects there are")
    return found


class _Run:
    """Reads collections with a few threads; the calling thread hands out the work and puts it together."""

    def __init__(
        self, gateway: Gateway, limit: float, progress: Callable[[str], None], *, every_tenant: bool
    ) -> None:
        self.gateway = gateway
        self.limit = limit
        self.progress = progress
        self.tenant = {"tenant": "*"} if every_tenant else {}
        self.began = gateway.clock
        self.collections: dict[str, _Collection] = {}
        self._work: dict[Future[Json], tuple[_Collection, int]] = {}

    def read(self, apis: Iterable[str]) -> None:
        self.collections = {api: _Collection(api) for api in apis}
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="read")
        try:
            for found in self.collections.values():
                self._ask(pool, found, [1])
            while self._work:
                done, _ = wait(self._work, return_when=FIRST_COMPLETED)
                for answer in done:
                    self._take(pool, answer)
        finally:
            # Told to stop, it does not wait for pages that nobody will look at; else there are none left.
            pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, pool: ThreadPoolExecutor, collection: _Collection, pages: Iterable[int]) -> None:
        for number in pages:
            look = collection.again is not None
            self._work[pool.submit(self._page, collection.api, number, look=look)] = (collection, number)

    def _page(self, api: str, number: int, *, look: bool) -> Json:
        if time.monotonic() > self.limit:
            raise Unknown(
                f"the Controller at {self.gateway.name}: {api} was not read: time was up before its turn"
            )
        if api in SINGLETONS:
            return self.gateway.read(api, {"include_name": "true"} if "/" not in api else None)
        params = {"page_size": str(PAGE)} | ({"fields": "name"} if look else {"include_name": "true"})
        return self.gateway.read(api, params | ({"page": str(number)} if number > 1 else {}), **self.tenant)

    def _take(self, pool: ThreadPoolExecutor, answer: Future[Json]) -> None:
        """One page has come, or will not come."""
        collection, number = self._work.pop(answer)
        if collection.failure:
            return
        try:
            page = answer.result()
            if collection.again is not None:
                collection.again[number] = page
            else:
                collection.pages[number] = page
                if number == 1 and (more := collection.missing()):
                    self._ask(pool, collection, more)
        except Changed as why:
            self._again(pool, collection, str(why))
        except Unknown as why:
            collection.failure = str(why)
            self._end(pool, collection, "not read")
        else:
            if not self._waits(collection):
                self._settle(pool, collection)

    def _waits(self, collection: _Collection) -> bool:
        return any(other is collection for other, _ in self._work.values())

    def _settle(self, pool: ThreadPoolExecutor, collection: _Collection) -> None:
        """All pages that were asked for have come: keep them, look twice, or begin anew."""
        try:
            rows = collection.whole()
        except Changed as why:
            self._again(pool, collection, str(why))
            return
        if len(collection.pages) > 1 and collection.again is None:
            of = self.collections.get(collection.api.removesuffix(INVENTORY), collection)
            if of is not collection and not of.done:
                return  # what it is the inventory of will tell which objects it must hold
            proved = _uuids(of.rows) == _uuids(rows) if of.done else collection.settled(self.began)
            if not proved:
                collection.again = {}
                self._ask(pool, collection, collection.pages)
                return
        collection.rows = [scrub(row) for row in rows]
        self._end(pool, collection, str(len(rows)))

    def _end(self, pool: ThreadPoolExecutor, collection: _Collection, how: str) -> None:
        """A collection is read, or given up; its inventory may have waited for it."""
        collection.done = True
        self.progress(f"{collection.api}: {how}")
        inventory = self.collections.get(collection.api + INVENTORY)
        if inventory is not None and inventory.pages and not inventory.done and not self._waits(inventory):
            self._settle(pool, inventory)

    def _again(self, pool: ThreadPoolExecutor, collection: _Collection, why: str) -> None:
        """Read a collection anew from its first page, a bounded number of times."""
        collection.tries += 1
        if collection.tries < TRIES:
            collection.pages, collection.again = {}, None
            self._ask(pool, collection, [1])
            return
        collection.failure = (
            f"the Controller at {self.gateway.name}: {collection.api} could not be read whole in {TRIES} "
            f"attempts ({why}); try again when nobody is changing it"
        )
        self._end(pool, collection, "not read")
