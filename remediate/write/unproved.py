"""Unproved journals, without a valid seal: anybody may have written them. Their undo is rehearsed and shown first.

Writes that no run of this program sends are refused whatever option is given. The others are sent only with the option
for it (`--rollback-unproved`), and only exactly as the rehearsal has shown them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from intent import DnsService, Key, ServiceEngineVm, VmFolder
from live.avi.identity import Json
from live.errors import NotFound
from live.kinds import KINDS
from remediate.plan.model import FOLDER, SINGLETONS, VM, Request
from remediate.plan.payload import content
from remediate.plan.view import View
from remediate.write.record import Fate, JournalEntry
from remediate.write.results import Shown
from remediate.write.writer import Gateway, Writer

_BESIDE: Mapping[str, str] = {DnsService.kind: "vsvip", VmFolder.kind: FOLDER, ServiceEngineVm.kind: VM}
"""By a kind's word, the collection that its remedies write besides its own."""


def never_written(entry: JournalEntry, view: View) -> str:
    """Why no run can have made this write for this environment; "" where one may have."""
    key, request = entry.key, entry.request
    kind = KINDS.by_word(key.kind)
    if request.api not in (kind.api if kind else "", _BESIDE.get(key.kind, "")):
        return f"no run of this program writes {request.api or 'anything'} for a {key.kind}"
    if view.environment.find(key) is None and key.kind != ServiceEngineVm.kind:
        return f"{view.environment.name} declares no {key}"
    if request.method not in ("POST", "PUT", "PATCH"):
        return f"nothing that a run has sent as {request.method} is undone"
    if request.method == "POST" and request.api in (*SINGLETONS, VM):
        return f"no run of this program makes a {request.api}"
    return ""


def another(entry: JournalEntry, now: Json, view: View) -> str:
    """Why an object is not the one that a write is said to be of; "" where it is."""
    key, kind = entry.key, KINDS.by_word(entry.key.kind)
    want = view.environment.find(key)
    if kind is not None and entry.request.api == kind.api:
        same = kind.key(now, view.names) == key and (kind.includes is None or kind.includes(now, view.names))
    elif isinstance(want, VmFolder):  # or one above it, which a run makes for it
        same = f"{want.called}/".startswith(f"{now.get('name')}/") and now.get("vcenter", "") == want.vcenter
    else:
        same = now.get("name") == (f"vsvip-{key.name}" if key.kind == DnsService.kind else key.name)
    return "" if same else f"what is there, {now.get('name')!r}, is not {key}"


def beyond_guards(key: Key, request: Request) -> str:
    """What of a change no guard looks at; "" where there is nothing."""
    kind = KINDS.by_word(key.kind)
    if kind is None or kind.api != request.api:
        return f"nothing tells whom another {request.api} would hit"
    places = (name for leaf in kind.leaves.values() for name in re.findall(r"[a-z][a-z0-9_]*", leaf.api))
    rest = sorted(set(request.changed) - set(places))
    return f"nothing tells whom another {', '.join(rest)} would hit" if rest else ""


class Rehearsal(Writer):
    """A writer that sends nothing: it keeps what would be sent, and shows the site as if it had been."""

    def __init__(self, gateway: Gateway) -> None:
        self.site = _AsIfWritten(gateway)
        super().__init__(self.site, None)
        self.shown: list[tuple[Key, Request]] = []

    @property
    def bounded(self) -> bool:
        """It sends nothing at all."""
        return True

    def send(self, key: Key, request: Request, body: Json, before: Json | None) -> Json:
        """Keep it; the object as it would be afterwards."""
        self.shown.append(
            (key, replace(request, body=body, read=None if before is None else content(request.api, before)))
        )
        self.site.written[request.api, request.uuid] = (
            None if request.method == "DELETE" else {**(before or {}), **body}
        )
        return self.site.written[request.api, request.uuid] or {}

    def shows(self, request: Request, before: Json | None) -> tuple[Fate, Json | None]:
        """Whether it would help is not known."""
        del request, before
        return "done", None

    def as_shown(self) -> frozenset[Shown]:
        """What may be sent after this."""
        return frozenset(Shown.of(request, request.body) for _, request in self.shown)


class _AsIfWritten:
    """A gateway that reads the site as if what was written to it were there; nothing reaches the site."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.written: dict[tuple[str, str], Json | None] = {}
        self.name, self.api_version = gateway.name, gateway.api_version

    def read(self, path: str, params: dict[str, str] | None = None, *, tenant: str | None = None) -> Json:
        """One GET. Raises Unknown."""
        api, _, uuid = path.partition("/")
        if (api, uuid) in self.written:
            if (obj := self.written[api, uuid]) is None:
                raise NotFound(f"there would be no {path} any more")
            return obj
        answer = self._gateway.read(path, params, tenant=tenant)
        rows = answer.get("results")
        if uuid or not isinstance(rows, list):
            return answer
        left = list(self._left(api, rows))
        counted = isinstance(answer.get("count"), int)
        return {
            **answer,
            "results": left,
            **({"count": answer["count"] - len(rows) + len(left)} if counted else {}),
        }

    def _left(self, api: str, rows: list[Any]) -> Iterator[Any]:
        """The rows without what would be gone; what would refer to other objects still counts as it is."""
        for row in rows:
            uuid = row.get("uuid") if isinstance(row, dict) else None
            if not isinstance(uuid, str) or self.written.get((api, uuid), row) is not None:
                yield row

    def write(self, method: str, path: str, body: Json | None = None, *, tenant: str | None = None) -> Json:
        """Nothing is sent. Raises AssertionError."""
        raise AssertionError(f"a rehearsal sends nothing: {method} {path} {body} {tenant}")
