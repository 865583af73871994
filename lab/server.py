"""HTTPS server of the Controller and the control plane behind one port, with certificates of the lab's own CA.

The Controller belongs to one thread, the event loop's; only waiting (latency, faults) is asynchronous.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import ssl
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

import orjson
import trustme
import uvicorn
from uvicorn.protocols.http import httptools_impl

from lab import control, fault_injection
from lab.assembly import Lab
from lab.controller import Request, Response
from lab.controller.messages import reason
from lab.fault_injection import Past
from lab.faults import Fault
from lab.portal import Portal
from lab.transport import LARGEST_BODY, Protocol, bound, drop, leave_out_cancelled, read_body

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
NAMES = ("127.0.0.1", "::1", "localhost")


class AsWritten(bytes):
    """A header name the server stack knows in any case and sends as it is: the Controller's are as recorded [REC]."""

    __slots__ = ()

    def lower(self) -> AsWritten:
        """Itself."""
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bytes) and bytes.lower(self) == bytes.lower(other)

    def __hash__(self) -> int:
        return hash(bytes.lower(self))


class Shell:
    """The ASGI application: from HTTP to the core and back, faults in between."""

    def __init__(self, lab: Lab, latency: float = 0.0) -> None:
        self.lab = lab
        self.latency = latency
        self.rest: Callable[[float], None] = lambda _seconds: None
        """Stops listening for so many seconds."""
        self.portal: Portal | None = None
        self._past = Past(lab)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = None if _declared(scope) > LARGEST_BODY else await read_body(receive, LARGEST_BODY)
        if body is None:
            await _send(send, Response(413, b"", [("Connection", "close"), ("Content-Length", "0")]))
            return
        request = read(scope, body)
        if request.path == "/lab" or request.path.startswith("/lab/"):
            await _send(send, self._safely(control.handle, request))
            return
        asked = request.path + (
            "?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""
        )
        fault = self.lab.faults.pick(request.method, asked)
        if wait := self.latency + (fault.delay if fault else 0.0):
            await asyncio.sleep(wait)
        if fault is None:
            self._past.note(request)
            await _send(send, self._answered(request), self.lab.site.clock.dates_ahead)
        else:
            await self._met(fault, request, scope.get("lab.transport"), send)

    def _answered(self, request: Request) -> Response:
        return self._safely(lambda lab, given: lab.answer(given), request)

    async def _met(self, fault: Fault, request: Request, transport: Any, send: Send) -> None:
        if fault.close or fault.refuse:
            if fault.refuse:
                self.rest(fault.refuse)
            self.lab.note(request, 0)
            drop(transport, reset=fault.reset)
            return
        if fault.status is None and not fault.html:
            self._past.note(request)
        response = fault_injection.spoken(fault, request, self._answered, self._past)
        if fault.status is not None or fault.html:
            self.lab.note(request, response.status, len(response.body))
        moved = self.lab.site.clock.dates_ahead
        head = _head(response, moved)
        await fault_injection.deliver(
            fault, response, transport, lambda given: _send(send, given, moved), head
        )

    def _followed(self, response: Response) -> Response:
        """The answer, after which new connections are served the certificate that is configured now."""
        if self.portal is not None:
            self.portal.follow()
        return response

    def _safely(self, answer: Callable[[Lab, Request], Response], request: Request) -> Response:
        """A defect of the lab's own is said so, on stderr and in the answer, and never ends the server."""
        try:
            return self._followed(answer(self.lab, request))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the next request has to be answered
            traceback.print_exc(file=sys.stderr)
            said = {"error": f"defect of the lab: {type(error).__name__}: {error}"}
            return Response(500, orjson.dumps(said), [("Content-Type", "application/json")])


def _declared(scope: Scope) -> int:
    """The length that a request says its body has; 0 where it says none."""
    return int(dict(scope["headers"]).get(b"content-length", b"0"))


def read(scope: Scope, body: bytes) -> Request:
    """An ASGI request as the core takes it."""
    headers: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = key.decode("latin-1"), value.decode("latin-1")
        headers[name] = f"{headers[name]}; {text}" if name == "cookie" and name in headers else text
    host = headers.get("host", "")
    if not host or any(mark in host for mark in '"\\<> \t'):
        address, port = scope.get("server") or ("127.0.0.1", 443)
        host = f"{address}:{port}"
    query = tuple(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    raw = scope.get("raw_path") or scope["path"].encode()
    path = unquote(raw.partition(b"?")[0].decode("latin-1"), errors="replace")
    came_from = str((scope.get("client") or ("127.0.0.1", 0))[0])
    return Request(
        scope["method"].upper(), path, query, headers, body, f"{scope['scheme']}://{host}", came_from
    )


async def _send(send: Send, response: Response, moved: float = 0.0) -> None:
    given = _headers(response, moved)
    if response.status not in (204, 304) and response.header("Content-Length") is None:
        given.append(("Transfer-Encoding", "chunked"))
    headers = [(AsWritten(name.encode()), value.encode("utf-8")) for name, value in given]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _headers(response: Response, moved: float) -> list[tuple[str, str]]:
    """The headers of an answer; `moved`: seconds by which its date is ahead."""
    given = [
        (name, "".join(c for c in value if c >= " " and c != "\x7f")) for name, value in response.headers
    ]
    if response.header("Date") is None:
        given.append(("Date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + moved))))
    return given


def _head(response: Response, moved: float) -> bytes:
    """The status line and headers of an answer that promises its whole length."""
    head = [
        f"HTTP/1.1 {response.status} {response.reason}",
        *(f"{n}: {v}" for n, v in _headers(response, moved)),
    ]
    head = [line for line in head if not line.lower().startswith("content-length:")]
    head.append(f"Content-Length: {len(response.body)}")
    return ("\r\n".join(head) + "\r\n\r\n").encode("utf-8")


def certificates(folder: Path, own: Path, names: tuple[str, ...] = ()) -> tuple[Path, Path]:
    """The CA's certificate in `folder` and the server's chain with its key in this lab's `own`, as PEM files.

    A CA that is there already is used again, so that clients need to trust it once; several labs may share a folder.
    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ca_file, ca_key, chain = folder / "ca.pem", folder / "ca-key.pem", own / "server.pem"
    with _alone(folder):
        if ca_file.exists() and ca_key.exists():
            authority = trustme.CA.from_pem(ca_file.read_bytes(), ca_key.read_bytes())
        else:
            authority = trustme.CA(organization_name="Avi Compliance lab")
            _private(ca_key, authority.private_key_pem.bytes())
            ca_file.write_bytes(authority.cert_pem.bytes())
    issued = authority.issue_cert(*dict.fromkeys((*NAMES, *names)))
    _private(chain, issued.private_key_and_cert_chain_pem.bytes())
    return ca_file, chain


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else makes a CA in this folder meanwhile."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _private(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def server(lab: Lab, chain: Path, latency: float = 0.0) -> uvicorn.Server:
    """A server over TLS with the Controller's reason phrases, to be run by `serve(sockets=[...])`."""
    for status in (*range(200, 227), *range(300, 309), *range(400, 452), *range(500, 512)):
        line = f"HTTP/1.1 {status} {reason(status)}\r\n"
        httptools_impl.STATUS_LINE[status] = line.encode()
    shell = Shell(lab, latency)
    config = uvicorn.Config(
        cast("Any", shell),
        loop="asyncio",
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        ssl_certfile=str(chain),
    )
    config.load()
    leave_out_cancelled()
    if isinstance(config.ssl, ssl.SSLContext):
        shell.portal = Portal(lab.site, config.ssl, chain.parent)
    made = uvicorn.Server(config)
    shell.rest = lambda seconds: _rest(made, seconds)
    return made


_resting: set[asyncio.Task[None]] = set()


def _rest(web: uvicorn.Server, seconds: float) -> None:
    """Close every connection, and listen again on the same ports only after so many seconds.

    The ports stay ours meanwhile: given back, any process of the machine may be handed one in that time.
    """
    where = [each.getsockname() for one in web.servers for each in one.sockets]
    for one in web.servers:
        one.close()
    kept = [bound(host, port) for host, port, *_ in where]
    for connection in list(web.server_state.connections):
        drop(getattr(connection, "transport", None))

    async def later() -> None:
        await asyncio.sleep(seconds)
        if web.should_exit:
            for each in kept:
                each.close()
        else:
            await web.startup(sockets=kept)

    task = asyncio.get_running_loop().create_task(later())
    _resting.add(task)
    task.add_done_callback(_resting.discard)
