"""Plugin of a run on another day: this machine's clock, as the product reads it, is ahead by `RUN_AHEAD` seconds.

The lab's clock is moved by its control plane; whoever moves both has a site and a machine that agree.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta, tzinfo
from importlib import import_module

AHEAD = float(os.environ["RUN_AHEAD"])
TELL = (
    "live.avi.reader",
    "live.site",
    "reports.check_report",
    "reports.notify.tell",
    "reports.plugin",
    "reports.run",
)
"""Modules that look at the clock and keep, show or compare what it says."""


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class _Later(datetime, metaclass=_Kind):
    """`datetime` whose present is later; all that it makes is of the real class."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(seconds=AHEAD)


def _move() -> None:
    present = time.time
    time.time = lambda: present() + AHEAD
    for name in TELL:
        import_module(name)
        sys.modules[name].datetime = _Later  # type: ignore[attr-defined]


_move()
