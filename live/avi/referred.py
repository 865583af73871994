"""Referred objects of other tenants: the bulk read has only references to them, so each is read by itself afterwards.

Without it such an object has no name: the name in a reference (`#name`) is not trusted, only the object's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from intent import Unknown
from intent.sensitive import scrub
from live.avi.gateway import Gateway
from live.avi.identity import ADMIN, Json, Names, Naming, split_ref, uuid_of
from live.avi.snapshot import Live
from live.kinds import KINDS

MOST = 50
"""More are not read: a site on which so many references lead nowhere is answered with damaged ones."""


def with_referred(live: Live, gateway: Gateway) -> Live:
    """The site with every object that a declarable field refers to, with its tenant, as far as the user sees it.

    What cannot be read is left out of it: whatever refers to that has no name. Where nothing is missing, it is the
    same.
    """
    snapshot, before = live.snapshot, gateway.requests
    missing = dict.fromkeys(_missing(live))
    if not 0 < len(missing) <= MOST:
        return live
    objects = {api: list(rows) for api, rows in snapshot.objects.items()}
    for api, uuid in missing:
        if (row := _read(gateway, api, uuid)) is None:
            continue
        objects[api].append(row)
        tenant = uuid_of(str(row.get("tenant_ref") or ""))
        known = {each.get("uuid") for each in objects.get("tenant", ())}
        if tenant not in ("", ADMIN, *known) and (owner := _read(gateway, "tenant", tenant)):
            objects.setdefault("tenant", []).append(owner)
    requests = snapshot.requests + gateway.requests - before
    return live.at(replace(snapshot, objects=objects, requests=requests))


def _missing(live: Live) -> Iterator[tuple[str, str]]:
    """(type, uuid) of each object that is referred to and was not read, though its collection was."""
    for kind in KINDS.values():
        for naming in (leaf.names for leaf in kind.leaves.values() if leaf.names is not None):
            if naming.to in live.snapshot.objects:
                for row in live.snapshot.objects.get(kind.api, ()):
                    yield from _missing_of(naming, row, live.names)


def _missing_of(naming: Naming, row: Json, names: Names) -> Iterator[tuple[str, str]]:
    with suppress(AttributeError, LookupError, TypeError, ValueError, Unknown):  # said where it matters
        for ref in naming.refs(row, names):
            api, uuid, _ = split_ref(ref)
            if api == naming.to and uuid and names.is_missing(ref):
                yield api, uuid


def _read(gateway: Gateway, api: str, uuid: str) -> Json | None:
    try:
        answer: Any = gateway.read(f"{api}/{uuid}", {"include_name": "true"}, tenant="*")
    except Unknown:
        return None
    row: Json = scrub(answer)
    return row if row.get("uuid") == uuid else None
