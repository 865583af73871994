"""Listing of whole types, page by page: each page is handed on as it comes, and nothing of it is kept.

Unlike the bulk read it proves nothing: an object that moves from one page to another in the meantime may be missed. It
is for counts, and for what is told beside the verdict.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import avi_schema
from intent import Unknown
from live.avi.gateway import Gateway
from live.avi.identity import Json, rows_of
from live.avi.reader import MOST_PAGES, PAGE, THREADS
from live.errors import Unreachable

Take = Callable[[str, list[Json]], None]
"""Given a type and some of its objects, in the calling thread."""
SECONDS = 30.0
"""For all of a listing; what has not come by then has not been listed."""


def list_types(
    gateway: Gateway, types: Iterable[str], take: Take, *, tenant: str | None = None
) -> dict[str, str]:
    """Every object of these types, handed to `take`; why a type could not be listed, by type. Never raises Unknown.

    `tenant`: another than the declared one; `*` is every tenant that the user may see. Once the Controller cannot be
    reached, nothing more is asked.
    """
    failures: dict[str, str] = {}
    until = time.monotonic() + SECONDS
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="list")

    def page(api: str, number: int) -> Json:
        if time.monotonic() > until:
            raise Unknown(f"{api} was not listed: time was up before its turn")
        return gateway.read(api, _params(api, number), tenant=tenant)

    work: dict[Future[Json], tuple[str, int]] = {pool.submit(page, api, 1): (api, 1) for api in types}
    try:
        while work:
            done, _ = wait(work, return_when=FIRST_COMPLETED)
            for answer in done:
                api, number = work.pop(answer)
                try:
                    rows, more = _rows(api, answer.result(), number)
                    take(api, rows)
                except Unreachable as why:
                    failures |= {api: str(why), **{api: str(why) for api, _ in work.values()}}
                    return failures
                except Unknown as why:
                    failures[api] = str(why)
                else:
                    work |= {pool.submit(page, api, each): (api, each) for each in more}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return failures


def _params(api: str, number: int) -> dict[str, str]:
    if avi_schema.load().types[api].singleton:
        return {"include_name": "true"}
    return {"page_size": str(PAGE), "include_name": "true"} | ({"page": str(number)} if number > 1 else {})


def _rows(api: str, page: Json, number: int) -> tuple[list[Json], Iterator[int]]:
    """The objects of a page, and the pages that follow the first. Raises Unknown for what is no list of objects."""
    if avi_schema.load().types[api].singleton:
        return [page], iter(())
    rows, count = rows_of(page), page.get("count")
    if rows is None or type(count) is not int:
        raise Unknown(f"{api} was answered with no list of objects")
    pages = math.ceil(count / len(rows)) if rows else 1
    if pages > MOST_PAGES:
        raise Unknown(f"{api}: {count} objects were announced, {len(rows)} a page")
    return rows, iter(range(2, pages + 1) if number == 1 else ())
