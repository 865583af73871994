"""Final answers of HTTP: those behind the interim ones, of which a server or a proxy may send any number."""

from __future__ import annotations

import http.client


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
