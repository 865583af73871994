"""The bulk read: every collection that is needed, its pages concurrently, into one snapshot.

A Controller pages a collection without holding it still. A collection is taken as a whole or not at all: pages that do
not fit together are read anew, and where that goes on it counts as not read.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from avi_schema import load
from intent import Unknown
from intent.plain_data import shown
from intent.sensitive import scrub
from live.avi.gateway import Gateway
from live.avi.http_answers import sentence
from live.avi.identity import Json, last_written, rows_of, split_ref, uuids_of
from live.avi.shapes import Unclear
from live.avi.snapshot import Snapshot

PAGE = 200
"""Objects a page: the most that a Controller gives [SCHEMA]."""
THREADS = 8
"""More gain nothing: from here on, parsing JSON is what takes the time."""
MOST_PAGES = 2_000
"""More than any Controller holds; a count that asks for more is not believed."""
ATTEMPTS = 4
"""How often a collection is read before it is given up, because it changed each time while its pages were read."""
SETTLED = 60.0
"""Seconds. An object that was last written so long before a read began was there when it began."""
INVENTORY = "-inventory"
"""How the name of a collection's inventory ends: its objects with what the Controller knows of them at run time."""
BARE = frozenset(
    {"cluster/runtime", "cluster/version", "initial-data", "licensing/ledger/details", "licensing/status"}
)
"""What is no object of the model and answers with a bare object all the same [REC]."""


@cache
def is_singleton(api: str) -> bool:
    """Whether a collection answers with a bare object [REC] and takes no page."""
    kind = load().types.get(api)
    return api in BARE or (kind is not None and kind.singleton and kind.configurable)


def read_snapshot(
    gateway: Gateway,
    apis: Iterable[str],
    progress: Callable[[str], None] | None = None,
    *,
    every_tenant: bool = False,
    seconds: float = 300.0,
) -> Snapshot:
    """The site at one moment: these collections, read at the same time, scrubbed of secrets.

    `every_tenant`: over every tenant that the user may see, instead of the declared one. What admin's objects are to a
    user who has no role there shows only the declared tenant, which is read besides. A collection that could not be
    read whole is in the snapshot's `failures` with a sentence, and does not harm the others. `progress` is called for
    each collection that is done, such as with `network: 7`. `seconds` is for all of it: what has not begun by then is
    a failure. Raises Unreachable when there is no session with the Controller.
    """
    gateway.connect()
    before, read_at = gateway.requests, datetime.now(UTC).isoformat(timespec="seconds")
    known = {str(row["name"]) for row in gateway.tenants}
    wanted = dict.fromkeys(apis)
    rows: dict[str, list[Json]] = {}
    failures: dict[str, str] = {}
    limit, report = time.monotonic() + seconds, progress or (lambda _text: None)
    for tenant in _sweeps(known, every_tenant=every_tenant):
        reading = _BulkRead(gateway, limit, report, tenant=tenant)
        reading.read(
            api for api in wanted if api not in failures and (api not in rows or not is_singleton(api))
        )
        for api, each in reading.collections.items():
            if each.failure:
                failures[api] = each.failure
            else:
                rows[api] = _joined(rows.get(api, ()), each.rows)
    seen = _as_they_are(gateway.tenants, rows)
    if gateway.tenants:
        why = failures.pop("tenant", "it is not in the list of tenants, and the login tells no more of it")
        rows["tenant"] = _joined(rows.get("tenant", ()), [Unclear("tenant", row, why) for row in seen])
    return Snapshot(
        address=gateway.name,
        version=gateway.version,
        api_version=gateway.api_version,
        read_at=read_at,
        requests=gateway.requests - before,
        every_tenant=every_tenant or known == {gateway.controller.tenant},
        tenants=tuple(sorted(str(row["name"]) for row in seen)),
        objects={api: rows[api] for api in rows if api not in failures},
        failures=failures,
    )


def _as_they_are(tenants: Sequence[Json], rows: Mapping[str, Sequence[Json]]) -> list[Json]:
    """The tenants that a login has told, under the names that they have by what was read since."""
    listed = {str(row.get("uuid")): row.get("name") for row in rows.get("tenant", ())}
    refs = {str(row.get("tenant_ref") or "") for each in rows.values() for row in each}
    named = {uuid: name for _, uuid, name in map(split_ref, refs) if name}
    return [{**row, "name": {**named, **listed}.get(row["uuid"], row["name"])} for row in tenants]


def _sweeps(known: AbstractSet[str], *, every_tenant: bool) -> tuple[str | None, ...]:
    """The tenants in which to read, one after the other; None is the declared one."""
    if not every_tenant:
        return (None,)
    return ("*",) if not known or "admin" in known else ("*", None)


def _joined(rows: Sequence[Json], more: Sequence[Json]) -> list[Json]:
    """The objects of two sweeps, each once."""
    seen = uuids_of(rows)
    return [*rows, *(row for row in more if str(row.get("uuid")) not in seen)]


class Changed(Exception):
    """The pages do not make a whole: the collection changed between them, or they are no lists of objects."""


@dataclass
class _Collection:
    """One collection that is being read: its pages by number, from 1.

    Where an object is removed and another added between two pages, one that is there all the time can move to a page
    that was read already and be missed, while count and uuids look right. None was missed where as many came as were
    announced and each is known to have been there before the read began. Where that is not known, the pages are read
    a second time (`second_look`, names alone) and must show the same objects.
    """

    api: str
    pages: dict[int, Json] = field(default_factory=dict)
    second_look: dict[int, Json] | None = None
    attempts: int = 0
    rows: list[Json] = field(default_factory=list)
    failure: str = ""
    done: bool = False

    def missing(self) -> list[int]:
        """The pages that the first one says there are, and that were not read yet. Raises Changed."""
        first = self.pages[1]
        if is_singleton(self.api) and "results" not in first:
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
        if is_singleton(self.api) and "results" not in first:
            return [first]
        rows = _rows(self.pages)
        if self.second_look is not None and uuids_of(_rows(self.second_look)) != uuids_of(rows):
            raise Changed("a second look found other objects")
        counts = {_count(page) for page in self.pages.values()}
        if counts != {len(rows)}:
            raise Changed(
                f"{len(rows)} objects came where {' or '.join(map(str, sorted(counts)))} were announced"
            )
        uuids = [row["uuid"] for row in rows if "uuid" in row]
        if len(uuids_of(rows)) != len(uuids):
            raise Changed("an object came on two pages")
        if self.pages[max(self.pages)].get("next"):
            raise Changed("there are more pages than were announced")
        return rows

    def settled(self, began: float | None) -> bool:
        """Whether every object was surely there before the read began, in the Controller's own time."""
        if began is None:
            return False
        latest = (began - SETTLED) * 1_000_000
        return all(0 < last_written(row) < latest for row in _rows(self.pages))


def _rows(pages: Mapping[int, Json]) -> list[Json]:
    return [row for _, page in sorted(pages.items()) for row in _results(page)]


def _results(page: Json) -> list[Json]:
    if (rows := rows_of(page)) is None:
        instead = sentence(json.dumps(page, default=str)[:2000])
        raise Changed(f"it answered with no list of objects but with {instead}")
    if "error" in page:
        raise Changed(f"it answered with an error beside a list of objects: {shown(page['error'])}")
    return rows


def _count(page: Json) -> int:
    count = page.get("count")
    if type(count) is not int:
        raise Changed("a page does not say how many objects there are")
    return count


class _BulkRead:
    """One bulk read: a few threads fetch pages; the calling thread requests them and puts collections together."""

    def __init__(
        self, gateway: Gateway, limit: float, progress: Callable[[str], None], *, tenant: str | None
    ) -> None:
        self.gateway = gateway
        self.limit = limit
        self.progress = progress
        self.tenant = tenant
        self.began = gateway.clock
        self.collections: dict[str, _Collection] = {}
        self._work: dict[Future[Json], tuple[_Collection, int]] = {}

    def read(self, apis: Iterable[str]) -> None:
        self.collections = {api: _Collection(api) for api in apis}
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="read")
        try:
            for collection in self.collections.values():
                self._request(pool, collection, [1])
            while self._work:
                done, _ = wait(self._work, return_when=FIRST_COMPLETED)
                for answer in done:
                    self._receive(pool, answer)
        finally:
            # When interrupted, do not wait for pages that nobody will look at; otherwise there are none left.
            pool.shutdown(wait=False, cancel_futures=True)

    def _request(self, pool: ThreadPoolExecutor, collection: _Collection, pages: Iterable[int]) -> None:
        for number in pages:
            names_only = collection.second_look is not None
            page = pool.submit(self._page, collection.api, number, names_only=names_only)
            self._work[page] = (collection, number)

    def _page(self, api: str, number: int, *, names_only: bool) -> Json:
        if time.monotonic() > self.limit:
            raise Unknown(
                f"the Controller at {self.gateway.name}: {api} was not read: time was up before its turn"
            )
        if is_singleton(api):
            return self.gateway.read(api, {"include_name": "true"} if "/" not in api else None)
        params = {"page_size": str(PAGE)} | ({"fields": "name"} if names_only else {"include_name": "true"})
        params |= {"page": str(number)} if number > 1 else {}
        return self.gateway.read(api, params, tenant=self.tenant)

    def _receive(self, pool: ThreadPoolExecutor, answer: Future[Json]) -> None:
        """Take one page that has come, or note why it will not come."""
        collection, number = self._work.pop(answer)
        if collection.failure:
            return
        try:
            page = answer.result()
            if collection.second_look is not None:
                collection.second_look[number] = page
            else:
                collection.pages[number] = page
                if number == 1 and (more := collection.missing()):
                    self._request(pool, collection, more)
        except Changed as why:
            self._restart(pool, collection, str(why))
        except Unknown as why:
            collection.failure = str(why)
            self._finish(pool, collection, "not read")
        else:
            if not self._has_pages_pending(collection):
                self._complete(pool, collection)

    def _has_pages_pending(self, collection: _Collection) -> bool:
        return any(other is collection for other, _ in self._work.values())

    def _complete(self, pool: ThreadPoolExecutor, collection: _Collection) -> None:
        """All requested pages have come: keep the collection, read it a second time to be sure, or restart it."""
        try:
            rows = collection.whole()
        except Changed as why:
            self._restart(pool, collection, str(why))
            return
        if len(collection.pages) > 1 and collection.second_look is None:
            configured = self.collections.get(collection.api.removesuffix(INVENTORY), collection)
            if configured is not collection and not configured.done:
                return  # once that collection is read, it tells which objects its inventory must hold
            complete = (
                uuids_of(configured.rows) == uuids_of(rows)
                if configured.done
                else collection.settled(self.began)
            )
            if not complete:
                collection.second_look = {}
                self._request(pool, collection, collection.pages)
                return
        collection.rows = [scrub(row) for row in rows]
        self._finish(pool, collection, str(len(rows)))

    def _finish(self, pool: ThreadPoolExecutor, collection: _Collection, result: str) -> None:
        """A collection is read or given up: report it, and go on with its inventory if that has waited for it."""
        collection.done = True
        self.progress(f"{collection.api}: {result}")
        inventory = self.collections.get(collection.api + INVENTORY)
        if (
            inventory is not None
            and inventory.pages
            and not inventory.done
            and not self._has_pages_pending(inventory)
        ):
            self._complete(pool, inventory)

    def _restart(self, pool: ThreadPoolExecutor, collection: _Collection, why: str) -> None:
        """Read a collection anew from its first page, a bounded number of times."""
        collection.attempts += 1
        if collection.attempts < ATTEMPTS:
            collection.pages, collection.second_look = {}, None
            self._request(pool, collection, [1])
            return
        collection.failure = (
            f"the Controller at {self.gateway.name}: {collection.api} could not be read whole in {ATTEMPTS} "
            f"attempts ({why}); try again when nobody is changing it"
        )
        self._finish(pool, collection, "not read")
