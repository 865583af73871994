"""HTTPS server of the vCenter endpoint, on the lab's own event loop.

One thread owns all state of the site, so nothing here needs a lock.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import uvicorn
from pyVmomi import vim, vmodl

from lab.faults import HTML, Faults, SoapFault
from lab.site import Heard
from lab.transport import Protocol, bound, drop, leave_out_cancelled, read_body
from lab.vcenter.endpoint import Endpoint, Reply
from lab.vcenter.ovf import takes_upload
from lab.vcenter.rest import Answer, Rest, body
from lab.vcenter.soap import refusal, version_of, versions
from lab.vcenter.world import World

if TYPE_CHECKING:
    from lab.site import Site

COOKIE = "vmware_soap_session"
LARGEST = 8 << 20
"""Bytes of the largest request that is read."""
STEP = 0.05
"""Seconds between two looks for a change that somebody waits for."""
CALL = re.compile(rb"<(?:\w+:)?Body\b[^>]*>\s*<(?:\w+:)?(\w+)", re.ASCII)
"""The element in the body of a SOAP message that names the method."""
WORTH_PACKING = 4096
"""Bytes from which an answer is compressed for clients that take it."""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def application(endpoint: Endpoint, faults: Faults | None = None) -> Application:
    """The ASGI application of an endpoint: `POST /sdk`, `GET /sdk/vimServiceVersions.xml`, and the REST API."""
    rest = Rest(endpoint.world)

    async def serve_one(scope: dict[str, Any], receive: Receive, send: _Noted) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"].rstrip("/")
        if scope["method"] == "GET" and path in ("/sdk/vimServiceVersions.xml", "/sdk/vimService.wsdl"):
            await _send(send, headers, Reply(200, versions(endpoint.world.version)), secure=False)
        elif scope["method"] == "POST" and path in ("/sdk", "/sdk/vimService"):
            request = await read_body(receive, LARGEST)
            if request is None:
                await _send(send, headers, Reply(413, b""), secure=False)
                return
            send.call = called(request)
            action, cookie = headers.get("soapaction", ""), _cookie(headers)
            endpoint.world.here = headers.get("host", "")
            if faults is not None and (fault := faults.pick_soap(send.call)) is not None:
                await asyncio.sleep(fault.delay)
                if fault.close:
                    drop(scope.get("lab.transport"))
                    return
                reply = under(endpoint, fault, request, action, cookie)
            else:
                reply = await patiently(endpoint, request, action, cookie, scope.get("lab.transport"))
            await _send(send, headers, reply, secure=scope.get("scheme") == "https")
        elif scope["method"] in ("PUT", "POST") and takes_upload(endpoint.world, path):
            await _thrown_away(receive)
            await _send(send, headers, Reply(200, b""), secure=False)
        elif path.startswith(("/api/", "/rest/")):
            query = parse_qs(scope["query_string"].decode("latin-1"))
            await _rest(send, rest.handle(scope["method"], path, query, headers))
        else:
            await _send(send, headers, Reply(404, b""), secure=False)

    return _noting(endpoint.world, serve_one)


def _noting(
    world: World, serve_one: Callable[[dict[str, Any], Receive, _Noted], Awaitable[None]]
) -> Application:
    """The same application, of which every request is noted when it has been answered."""

    async def noted(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer, began = _Noted(send), time.perf_counter()
        try:
            await serve_one(scope, receive, answer)
        finally:
            site, method, path = world.site, answer.call or scope["method"], scope["path"]
            agent = dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1")
            seconds = time.perf_counter() - began
            site.calls.append(
                Heard(site.clock.now(), method, path, answer.status, seconds, agent, answer.length)
            )

    return noted


@dataclass
class _Noted:
    """An answer on its way: status and bytes of its body, and the method that was called; status 0 is none."""

    send: Send
    call: str = ""
    status: int = 0
    length: int = 0

    async def __call__(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.length += len(message.get("body", b""))
        await self.send(message)


async def _thrown_away(receive: Receive) -> None:
    """A body of any size, of which nothing is kept."""
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)


async def _rest(send: Send, answer: Answer) -> None:
    packed = body(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(packed)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": packed})


async def patiently(endpoint: Endpoint, request: bytes, action: str, cookie: str, transport: Any) -> Reply:
    """The answer to a call, which for one that waits for changes comes when there are any, or in the end none."""
    loop = asyncio.get_running_loop()
    began, stood = loop.time(), endpoint.world.stands
    reply = endpoint.handle(request, action, cookie)
    while loop.time() - began < reply.wait and not (transport is not None and transport.is_closing()):
        await asyncio.sleep(STEP)
        if stood != endpoint.world.stands:
            stood = endpoint.world.stands
            reply = endpoint.handle(request, action, cookie)
    return reply


def called(request: bytes) -> str:
    """The method a request calls; "" for one that cannot be read."""
    calls = CALL.search(request)
    return calls[1].decode() if calls else ""


def under(endpoint: Endpoint, fault: SoapFault, body: bytes, action: str, cookie: str) -> Reply:
    """What a call is answered under a fault. Raises ValueError for a fault that vSphere does not know."""
    if fault.html:
        return Reply(fault.status or 502, HTML)
    if fault.status is not None:
        return Reply(fault.status, b"")
    if fault.fault:
        return Reply(500, refusal(vsphere_fault(fault.fault), version_of(action)))
    found = endpoint.handle(body, action, cookie)
    return (
        found if fault.truncate is None else Reply(found.status, found.body[: fault.truncate], found.session)
    )


def vsphere_fault(name: str) -> Any:
    """A fault of vSphere by its name. Raises ValueError for none."""
    for space in (vim.fault, vmodl.fault):
        kind = getattr(space, name, None)
        if isinstance(kind, type) and issubclass(kind, vmodl.MethodFault):
            return kind(msg=f"{name}: as ordered")
    raise ValueError(f"vSphere has no fault {name!r}, such as NotAuthenticated or SystemError")


def _cookie(headers: dict[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


async def _send(send: Send, asked: dict[str, str], reply: Reply, *, secure: bool) -> None:
    body = reply.body
    headers = [(b"content-type", b"text/xml; charset=utf-8")]
    if len(body) > WORTH_PACKING and "gzip" in asked.get("accept-encoding", ""):
        body = gzip.compress(body, 1)
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    if reply.session:
        # `Secure` over plain HTTP would make a client with a real cookie jar drop its session.
        text = f'{COOKIE}="{reply.session}"; Path=/; HttpOnly{"; Secure" if secure else ""}'
        headers.append((b"set-cookie", text.encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Handle:
    """A running endpoint: its address, what it serves, and how to stop it."""

    host: str
    port: int
    endpoint: Endpoint
    server: uvicorn.Server
    loop: asyncio.Task[None] = field(repr=False)

    def described(self) -> dict[str, Any]:
        """Where it is and how to log in, for the lab's first line."""
        user, password = next(iter(self.endpoint.world.model.accounts.items()))
        return {"address": self.host, "port": self.port, "username": user, "password": password}

    async def close(self) -> None:
        """Stop listening, and end open connections."""
        self.server.should_exit = True
        self.server.force_exit = True
        await self.loop


async def serve(  # noqa: PLR0913, PLR0917 -- where and what
    site: Site,
    host: str = "127.0.0.1",
    port: int = 0,
    chain: Path | None = None,
    faults: Faults | None = None,
    address: str = "",
) -> Handle:
    """Serve a vCenter on a port (0: any free one), over TLS with a PEM file of certificates and their key.

    `address` says which of the site's, the first when empty. Raises OSError when the port is taken.
    """
    endpoint = Endpoint(World(site, address))
    tls = None
    if chain is not None:
        tls = SSLContext(PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(chain)
    config = uvicorn.Config(
        application(endpoint, faults),
        host=host,
        port=port,
        http=Protocol,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
    )
    config.load()
    leave_out_cancelled()
    config.ssl = tls
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = bound(host, port)
    await server.startup(sockets=[listener])
    chosen = int(listener.getsockname()[1])

    async def run() -> None:
        await server.main_loop()
        await server.shutdown(sockets=[listener])

    return Handle(host, chosen, endpoint, server, asyncio.create_task(run()))
