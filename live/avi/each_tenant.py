"""Reads in each of a user's tenants, made one answer, at a Controller that refuses him reads over all (`*`).

And the uuid of a tenant by whose name nothing can be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from intent import Unknown
from live.avi.identity import ADMIN, Json, rows_of, uuid_of, uuids_of
from live.errors import NotFound, ReadDenied, TenantChanged

MOST_PAGES = 100

Ask = Callable[[Mapping[str, str], str], Json]
"""One GET of a path: (parameters, tenant) -> the answer. Raises Unknown."""


def of_each(path: str, params: Mapping[str, str], tenants: Sequence[str], ask: Ask) -> Json:
    """The answers of these tenants; as one page where there are several. Raises Unknown where they make no whole."""
    if len(tenants) == 1:
        return ask(params, tenants[0])
    if "/" in path:
        return _first(path, params, tenants, ask)
    rows: list[Json] = []
    known: set[str] = set()
    for tenant in tenants:
        more = list(_pages(path, params, tenant, ask))
        if len(more) == 1 and "results" not in more[0]:
            return more[0]  # what a Controller has once
        of_tenant = _rows(path, tenant, more)
        uuids = uuids_of(of_tenant)
        if len(more) > 1 and uuids != uuids_of(_rows(path, tenant, _pages(path, params, tenant, ask))):
            raise Unknown(f"{path} changed in tenant {tenant} while its pages were read; try again")
        rows += (row for row in of_tenant if str(row.get("uuid")) not in known)
        known |= uuids
    return {"count": len(rows), "results": rows}


def uuid_of_tenant(
    name: str,
    tenants: Sequence[Json],
    ask: Callable[[str, Mapping[str, str], str], Json],
    *,
    written: Mapping[str, Any] | None,
) -> str:
    """The uuid of a tenant, among those that the login has told or asked of admin; "" for none that the user sees.

    `ask`: one GET of a path. `written`: what is to be written in it, as `body`; None for a read. Before a write, one
    that was told before is read again, where the user may. Raises Unknown, also where the tenant bears another name by
    now, or another one than the body's bears its name.
    """
    body = (written or {}).get("body")
    planned = uuid_of(str(body.get("tenant_ref", ""))) if isinstance(body, dict) else ""
    rows = listed = [row for row in tenants if row["name"] == name]
    if not listed and not planned:
        with suppress(NotFound, ReadDenied):
            page = ask("tenant", {"name": name}, ADMIN)
            rows = [row for row in _rows("tenant", ADMIN, [page]) if row.get("name") == name]
    uuid = str(rows[0].get("uuid")) if len(rows) == 1 else "" if rows else planned
    uuid = uuid if re.fullmatch(r"[\w.:-]+", uuid, re.ASCII) else ""
    if planned and uuid != planned:
        raise TenantChanged(
            f"another tenant bears the name {name} than the one that was planned in; run again"
        )
    if (listed or planned) and uuid and written is not None:
        with suppress(NotFound, ReadDenied):
            if (now := ask(f"tenant/{uuid}", {}, ADMIN).get("name")) != name:
                raise TenantChanged(f"tenant {name} was renamed to {now} since the login; run again")
    return uuid


def _first(path: str, params: Mapping[str, str], tenants: Sequence[str], ask: Ask) -> Json:
    """One object, of the tenant that shows it; that it is nowhere is known where each has said so alone."""
    trouble: Unknown | None = None
    for tenant in tenants:
        try:
            answer = ask(params, tenant)
        except NotFound as why:
            trouble = trouble or why
        except ReadDenied as why:
            trouble = why
        else:
            if "results" in answer:
                raise ReadDenied(
                    f"{path} is a list, which this Controller does not give over several tenants"
                )
            return answer
    raise trouble or NotFound(path)


def _pages(path: str, params: Mapping[str, str], tenant: str, ask: Ask) -> Iterator[Json]:
    for number in range(1, MOST_PAGES + 1):
        page = ask(params if number == 1 else {**params, "page": str(number)}, tenant)
        yield page
        if not page.get("next"):
            return
    raise Unknown(f"{path} has pages without end in tenant {tenant}")


def _rows(path: str, tenant: str, pages: Iterator[Json] | Sequence[Json]) -> list[Json]:
    """The objects of all pages. Raises Unknown unless they are as many as were announced, each there once."""
    rows: list[Json] = []
    count: object = None
    for page in pages:
        if (results := rows_of(page)) is None or "error" in page:
            raise Unknown(f"{path} in tenant {tenant} answered with no list of objects")
        rows += results
        count = page.get("count")
    uuids = [row for row in rows if "uuid" in row]
    if type(count) is not int or count != len(rows) or len(uuids_of(rows)) != len(uuids):
        raise Unknown(f"{path} in tenant {tenant} answered with {len(rows)} objects and a count of {count!r}")
    return rows
