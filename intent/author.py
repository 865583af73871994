"""Authors: who has made what is found on a site, by the events of the Controller or of vCenter, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from intent.difference import told_apart
from intent.words import cut, harmless_line

LONGEST_NAME = 80
"""Characters of a user's name that are shown; one of a Controller may be longer, and of anything."""
LONGEST_VALUE = 60
"""Characters of a value that still stands in the line of its author; a longer one stands in the difference."""


class AccountOwner(StrEnum):
    """Whose account a user is, where that is known."""

    OWN = "this tool's account"
    AKO = "AKO's account"
    OTHER = ""


class Action(StrEnum):
    """What was done to an object; the words stand in drift.json."""

    CREATED = "created"
    CHANGED = "changed"
    RENAMED = "renamed"
    MOVED = "moved"
    DELETED = "deleted"


@dataclass(frozen=True)
class Author:
    """Who did it, and when by this machine's clock (aware). `address`, `client`: "" where the event does not tell."""

    user: str
    address: str
    client: str
    when: datetime
    account: AccountOwner = AccountOwner.OTHER

    def __str__(self) -> str:
        """`ann from 10.0.0.7, 2026-11-30 09:12 UTC`, harmless for a terminal."""
        user = cut(harmless_line(self.user), LONGEST_NAME)
        whose = f" ({self.account})" if self.account else ""
        place = f" from {cut(harmless_line(self.address), LONGEST_NAME)}" if self.address else ""
        return f"{user}{whose}{place}, {self.when:%Y-%m-%d %H:%M %Z}"


@dataclass(frozen=True)
class Origin:
    """How something came to be as it is found: who did it, and what the leaf was before and is since.

    `was` and `now` are JSON data, None for what is absent; of an object that was renamed or moved, its names or places.
    """

    author: Author
    action: Action = Action.CHANGED
    was: Any = None
    now: Any = None

    def __str__(self) -> str:
        """`changed by ann from 10.0.0.7, 2026-11-30 09:12 UTC (active-active -> n+m)`."""
        return f"{self.action} by {self.author}{self._step()}"

    def _step(self) -> str:
        if self.was is None and self.now is None:
            return ""
        sides = [harmless_line(side) for side in told_apart(self.was, self.now)]
        return f" ({' -> '.join(sides)})" if max(map(len, sides)) <= LONGEST_VALUE else ""
