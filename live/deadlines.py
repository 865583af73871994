"""Deadlines of exchanges with a server: how long it may be silent, and when its final answer must be there.

A time-out of a socket is about silence: it begins anew with every byte, so that a server that sends a byte a second is
never too late. HTTP libraries know no other. Here the socket itself is given the deadline: the standard library's TLS
context makes its sockets of a class that can be chosen (`SSLContext.sslsocket_class`), and ours asks before the TLS
handshake and before each piece that is sent or received how long that may still take. It so holds in every library and
at every stage: handshake, status line, interim answers, headers, chunk sizes, body and trailers.

When the run is told to stop, exchanges that are under way get the time of one silence and no more.
"""

from __future__ import annotations

import http.client
import math
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

EXCHANGE_FACTOR = 10.0
"""The time for a whole call, in times of silence, where nobody says another."""
LARGEST_BODY = 128 * 1024 * 1024
"""Bytes of one answer; a page of 200 of the Controller's largest objects has about a tenth."""
LOOK_EVERY = 0.1
"""Seconds between two looks at whether the run was told to stop."""

Result = TypeVar("Result")

_stopped = math.inf


class TooSlow(TimeoutError):
    """The exchange has not come to its end by its deadline."""


def stop() -> None:
    """From now on, hurry: the run was told to stop. May be called by a signal handler."""
    global _stopped  # noqa: PLW0603 -- signals are told to the process
    _stopped = min(_stopped, time.monotonic())


def go_on() -> None:
    """Take back that the run was told to stop: another one begins in this process."""
    global _stopped  # noqa: PLW0603
    _stopped = math.inf


def is_stopped() -> bool:
    """Whether the run was told to stop."""
    return math.isfinite(_stopped)


def rest(seconds: float) -> bool:
    """Sleep so long, or until the run is told to stop: then True."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not is_stopped():
        time.sleep(min(left, LOOK_EVERY))
    return is_stopped()


@dataclass(frozen=True)
class Timeouts:
    """How long a server is waited for, in seconds.

    `silence`: until its next byte; a call that failed is not begun again after twice that. `exchange`: a call as a
    whole, with its retries; None for ten times `silence`.
    """

    silence: float = 30.0
    exchange: float | None = None

    @property
    def whole(self) -> float:
        """How long a call may take as a whole."""
        return self.exchange or EXCHANGE_FACTOR * self.silence

    def at_most(self, seconds: float) -> Timeouts:
        """The same, but no more than so many seconds."""
        return Timeouts(min(self.silence, seconds), min(self.whole, seconds))

    def limits(self, now: float, seconds: float = math.inf) -> tuple[float, float]:
        """Until when a call of at most so many seconds that begins now must have ended, and may be tried again."""
        limit = now + min(self.whole, seconds)
        return limit, min(limit, now + 2 * self.silence)


USUAL = Timeouts()


class Deadline:
    """The deadline of one exchange after another with one server. For one thread at a time.

    `silence` is for each piece, in seconds; `limit` for the whole, a time on the monotonic clock.
    """

    def __init__(self, silence: float) -> None:
        self.silence = silence
        self.limit = math.inf
        self._begun = 0.0

    def begin(self, limit: float) -> None:
        """Begin an exchange that must have ended by `limit`."""
        self._begun, self.limit = time.monotonic(), limit

    @property
    def end(self) -> float:
        """When the exchange must have ended.

        Once the run was told to stop: within one silence, or within two where it was begun after that, as reading back
        what became of a write is.
        """
        return min(self.limit, _stopped + self.silence * (1 if self._begun <= _stopped else 2))

    @property
    def passed(self) -> bool:
        """Whether the exchange has not ended in time."""
        return time.monotonic() >= self.end

    def left(self) -> float:
        """Seconds that the next piece may take. Raises TooSlow when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TooSlow("its answer came too slowly")
        return min(left, self.silence)


class _Socket(ssl.SSLSocket):
    """A TLS socket that keeps the deadline of its context."""

    deadline: Deadline

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 -- the standard library's own
        self._in_time(super().do_handshake, block)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        try:
            return self._in_time(super().recv, buflen, flags)
        except (ConnectionError, TooSlow):
            self.close()  # ssl asks this of a socket that was reset before its handshake, and leaves it open
            raise

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        return self._in_time(super().recv_into, buffer, nbytes, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        return self._in_time(super().send, data, flags)

    def _in_time(self, call: Callable[..., Result], *arguments: Any) -> Result:
        self.settimeout(self.deadline.left())
        try:
            return call(*arguments)
        except TimeoutError:
            self.deadline.left()  # too slow, or else silent
            raise


def bounded(context: ssl.SSLContext, deadline: Deadline) -> ssl.SSLContext:
    """The same context, whose sockets from now on keep this deadline."""
    context.sslsocket_class = type("DeadlineSocket", (_Socket,), {"deadline": deadline})
    return context


class FinalAnswer(http.client.HTTPResponse):
    """An answer after whatever interim ones come before it.

    The standard library passes over 100 alone, and takes any other for the answer: the answer itself would stay on the
    connection and be taken for that to the next request (RFC 9110 §15.2).
    """

    def begin(self) -> None:
        """Read status and headers of the final answer."""
        super().begin()
        while 102 <= self.status < 200:
            self.headers = None  # type: ignore[assignment]  # as before the first line
            super().begin()


class Connection(http.client.HTTPSConnection):
    """A connection of the standard library that gives final answers."""

    response_class = FinalAnswer
