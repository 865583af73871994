"""Clock of the site: real time plus what a client of the control plane has added to it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

LAST = 221_876_928_000.0
"""The last second that a clock can be set to; what is reckoned from it, such as a cookie's end, is a date as well."""


class Clock:
    """Seconds since the epoch, settable forwards; every state of the site over time is computed from it."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self.dates_ahead = 0.0
        """Seconds by which the dates of its HTTP answers are ahead of the real time, where a client wants that."""
        self._last_stamp = 0

    def now(self) -> float:
        """The time of the site, in seconds since the epoch."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the site's time forwards. Raises ValueError for a negative number, or one beyond the year 9000."""
        if seconds < 0:
            raise ValueError("a clock is never turned back")
        if self.now() + seconds > LAST:
            raise ValueError("the clock of the site ends with the year 9000")
        self._ahead += seconds

    def stamp(self) -> str:
        """A `_last_modified`: microseconds since the epoch as a string, never the same twice [REC]."""
        self._last_stamp = max(self._last_stamp + 1, int(self.now() * 1_000_000))
        return str(self._last_stamp)

    def utc(self) -> datetime:
        """The time of the site as an aware datetime."""
        return datetime.fromtimestamp(self.now(), UTC)
