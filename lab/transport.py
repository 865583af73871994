"""Connections of the lab's HTTP servers: bound sockets, the protocol that holds one, and dropping it."""

from __future__ import annotations

import ipaddress
import socket
import struct
from contextlib import suppress
from typing import Any, cast

from uvicorn.protocols.http import httptools_impl


class Protocol(httptools_impl.HttpToolsProtocol):
    """HTTP/1.1 of uvicorn; gives the application its connection as `lab.transport`, which faults drop."""

    def on_message_begin(self) -> None:
        """Give the request its connection."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["lab.transport"] = self.transport


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
