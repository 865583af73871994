"""Connections of the lab's HTTP servers: bound sockets, the protocol that holds one, what it takes, and dropping it."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import struct
from contextlib import suppress
from typing import Any, cast

from uvicorn.protocols.http import httptools_impl

LARGEST_HEAD = 256 << 10
"""Bytes that may come before a request's headers are complete."""
LARGEST_BODY = 64 << 20
"""Bytes of the largest body that is read; nothing that a Controller is configured with is as large."""


class Protocol(httptools_impl.HttpToolsProtocol):
    """HTTP/1.1 of uvicorn; gives the application its connection as `lab.transport`, which faults drop."""

    _incomplete = 0
    """Bytes that have come since the last complete headers, or the last part of a body."""

    def on_message_begin(self) -> None:
        """Give the request its connection."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["lab.transport"] = self.transport

    def data_received(self, data: bytes) -> None:
        """Read what has come; refuse (400) headers without end."""
        self._incomplete += len(data)
        super().data_received(data)
        if self._incomplete > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("Request Header Or Cookie Too Large")

    def on_headers_complete(self) -> None:
        """Begin to count anew."""
        self._incomplete = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Begin to count anew."""
        self._incomplete = 0
        super().on_body(body)


def _no_shutdown(record: logging.LogRecord) -> bool:
    """Whether a line of uvicorn's log is worth telling: not that a request ended with the server."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def leave_out_cancelled() -> None:
    """Tell of no request that is under way when a server is told to stop."""
    logging.getLogger("uvicorn.error").addFilter(_no_shutdown)


async def read_body(receive: Any, most: int) -> bytes | None:
    """The whole body of a request; None when it is larger than so many bytes, or the client has gone."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


def drop(transport: Any, *, reset: bool = False) -> None:
    """End a connection without another byte; with RST where asked."""
    if transport is None:
        return
    if reset and (connected := transport.get_extra_info("socket")) is not None:
        with suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def bound(host: str, port: int) -> socket.socket:
    """A socket that holds its port and does not listen yet: who connects to it is refused. Raises OSError.

    Port 0 takes a free one. Made here because uvicorn would end the process when the port is taken.
    """
    family = socket.AF_INET6 if _is_v6(host) else socket.AF_INET
    # With the protocol named, asyncio switches off the delay of small answers (44 ms each).
    bound_socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound_socket.bind((host, port))
    except OSError:
        bound_socket.close()
        raise
    bound_socket.setblocking(False)
    return bound_socket


def listening(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises OSError."""
    opened = bound(host, port)
    opened.listen(128)
    return opened


def _is_v6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
