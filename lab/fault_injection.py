"""Injection of Controller faults into answers: wrong status, cut bodies, dropped connections (`lab.faults`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any

import orjson

from lab.controller.messages import Request, Response
from lab.faults import HTML, WRITES, Fault
from lab.transport import drop

if TYPE_CHECKING:
    from lab.assembly import Lab

Answer = Callable[[Request], Response]
Deliver = Callable[[Response], Awaitable[None]]
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
BEAT = 0.05
"""Seconds between the drops of a slow drip."""


class Past:
    """The site as it was before the last write, while some fault asks for it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._before = ""

    def note(self, request: Request) -> None:
        """Remember the site before this request, where it may write and that may matter."""
        if request.method in WRITES and request.path.startswith("/api/") and self.lab.faults.stale:
            self.lab.snapshots.pop(self._before, None)
            self._before = self.lab.snapshot()

    def answer(self, request: Request, answer: Answer) -> Response:
        """The answer to a GET as it would have been then; as it is now where nothing was written."""
        if self._before not in self.lab.snapshots or request.method != "GET":
            return answer(request)
        now = self.lab.snapshot()
        try:
            self.lab.restore(self._before)
            return answer(request)
        finally:
            self.lab.restore(now)
            del self.lab.snapshots[now]


def spoken(fault: Fault, request: Request, answer: Answer, past: Past) -> Response:
    """The answer under a fault, as far as it is an answer: its status, headers and body."""
    if fault.status is not None and not fault.html:
        return _instead(fault)
    if fault.html:
        kind = [("Content-Type", "text/html"), *fault.headers.items()]
        return Response(fault.status or 502, HTML, kind)
    if fault.page is not None or fault.churn or fault.endless:
        found = _paged(fault, request, answer)
    elif fault.stale:
        found = past.answer(request, answer)
    else:
        found = answer(request)
    if fault.content_type is not None:
        rest = [(name, value) for name, value in found.headers if name.lower() != "content-type"]
        found.headers = [*rest, ("Content-Type", fault.content_type)]
    if fault.clip is not None:
        found.body = found.body[: fault.clip]
    return found


def _instead(fault: Fault) -> Response:
    body = fault.body
    data = body.encode() if isinstance(body, str) else b"" if body is None else orjson.dumps(body)
    kind = "text/plain" if isinstance(body, str) else "application/json"
    return Response(fault.status or 500, data, [("Content-Type", kind), *fault.headers.items()])


def _paged(fault: Fault, request: Request, answer: Answer) -> Response:
    """A list in smaller pages than were asked for; with `churn`, moved on by one object from page to page."""
    asked = request.asked
    most = int(asked["page_size"]) if asked.get("page_size", "").isdecimal() else 25
    size, page = min(fault.page or most, most), int(asked["page"]) if asked.get("page", "").isdecimal() else 1
    rest = tuple((k, v) for k, v in request.query if k not in ("page", "page_size"))
    whole = answer(replace(request, query=(*rest, ("page_size", "200"))))
    if whole.status != 200 or not isinstance(body := orjson.loads(whole.body or b"null"), dict):
        return whole
    rows = body.get("results")
    if not isinstance(rows, list) or len(rows) != body.get("count"):
        return whole  # a singleton, or more than one page of its own
    first = (page - 1) * size
    if fault.churn and rows:
        turn = (page - 1) % len(rows)
        rows = rows[turn:] + rows[:turn]
    shown = {"count": len(rows), "results": rows[first : first + size]}
    if fault.endless:
        shown = {"count": len(rows), "results": rows[first : first + size] or rows[:size]}
    if fault.endless or first + size < len(rows):
        query = "&".join(f"{k}={v}" for k, v in (*rest, ("page", str(page + 1)), ("page_size", str(size))))
        shown["next"] = f"{request.base}{request.path}?{query}"
    whole.body = orjson.dumps(shown)
    return whole


async def deliver(fault: Fault, response: Response, transport: Any, send: Deliver, head: bytes) -> None:
    """Put an answer on the wire as the fault wants it; `head` is its status line and headers."""
    if fault.early and transport is not None:
        transport.write(EARLY * fault.early)
    if fault.lost:
        drop(transport, reset=fault.reset)
    elif fault.truncate is not None:
        await _cut(fault, response.body[: fault.truncate], transport, head)
    elif fault.drip is not None:
        await _drip(fault.drip, _pieces(fault.stage, response.body, head), transport)
    else:
        await send(response)


async def _cut(fault: Fault, body: bytes, transport: Any, head: bytes) -> None:
    """Send an answer that promises its whole length and ends early."""
    if transport is None:
        return
    transport.write(head + body)
    if fault.hold or fault.reset:
        await asyncio.sleep(max(fault.hold, 0.02))
    if fault.reset or fault.hold:
        drop(transport, reset=fault.reset)
    else:
        transport.close()


def _pieces(stage: str, body: bytes, head: bytes) -> tuple[bytes, Iterable[bytes]]:
    """What of an answer is sent at once, and the pieces that follow it slowly, each of which counts as one byte."""
    if stage == "interim":
        return b"", repeat(b"HTTP/1.1 100 Continue\r\n\r\n")
    if stage == "headers":
        status, _, rest = head.partition(b"\r\n")
        return status + b"\r\n", (bytes([letter]) for letter in rest + body)
    if stage == "chunks":
        kept = (
            line for line in head.split(b"\r\n") if line and not line.lower().startswith(b"content-length")
        )
        chunked = b"\r\n".join([*kept, b"Transfer-Encoding: chunked", b"", b""])
        chunks = (b"1\r\n" + bytes([letter]) + b"\r\n" for letter in body)
        return chunked, chain(chunks, [b"0\r\n\r\n"])
    return head, (bytes([letter]) for letter in body)


async def _drip(rate: int, pieces: tuple[bytes, Iterable[bytes]], transport: Any) -> None:
    if transport is None:
        return
    first, rest = pieces
    transport.write(first)
    size = max(1, int(rate * BEAT))
    rest = iter(rest)
    while batch := b"".join(islice(rest, size)):
        if transport.is_closing():
            return
        transport.write(batch)
        await asyncio.sleep(size / rate)
    transport.close()
