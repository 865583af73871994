"""How a word with the Controller can end, other than well."""

from __future__ import annotations

from intent import Unknown


class Unreachable(Unknown):
    """No answer, TLS, wrong password, unsupported version: one sentence, with what to do."""


class NotFound(Unknown):
    """404: the Controller knows no such object or collection."""


class Conflict(Exception):
    """412: somebody else wrote the object since it was read. Read again and plan again; never send again."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Refused(Exception):
    """The Controller refused a write (any other 4xx); nothing was changed."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{text} (HTTP {status})")
        self.status = status
        self.text = text


class FateUnknown(Exception):
    """A write was sent and its answer lost: it may or may not have been applied. Read back and decide."""


class ReadOnly(Exception):
    """A write was asked of a gateway that may only read. Nothing reached the wire."""
