"""Outcomes of a request to the Controller or vCenter other than success, as exceptions."""

from __future__ import annotations

from intent import Unknown


class Unreachable(Unknown):
    """No answer, TLS, wrong password, unsupported version: one sentence, with what to do."""


class LoginRefused(Unreachable):
    """The Controller does not let this user in: a wrong password, or an account that is locked or full."""


class ReadDenied(Unknown):
    """403: this user may not read it."""


class NotFound(Unknown):
    """404: the Controller has no such object or collection."""


class TenantChanged(Unknown):
    """The tenant that was meant is another one by now: it was renamed, or another bears its name."""


OF_ONE_PLACE = (ReadDenied, NotFound, TenantChanged)
"""Troubles of one tenant or one type, which say nothing of the rest of a site."""


class Conflict(Exception):
    """412: somebody else wrote the object since it was read. Read and plan anew; never send the same write again."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Refused(Exception):
    """The site refused a write (from the Controller: any other 4xx, whose `status` it is); nothing was changed."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{text} (HTTP {status})")
        self.status = status
        self.text = text


class FateUnknown(Exception):
    """A write was sent and its answer lost: it may or may not have been applied, which only reading back tells.

    `denied`: it was answered as if there were no session, so that it comes into force now or not at all.
    """

    def __init__(self, text: str, *, denied: bool = False) -> None:
        super().__init__(text)
        self.denied = denied


class ReadOnly(Exception):
    """A write was asked of a gateway that may only read. Nothing reached the wire."""
