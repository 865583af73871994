"""A pytest plugin that notes when the phases of a run begin: `-p benchmarks.stopwatch --stopwatch=FILE`.

It looks on at a handful of hooks, none of them called once a test, so that it costs nothing that is measured.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _age() -> float:
    """Seconds since this process began."""
    started = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


PHASES = ("begin", "start", "collect", "read", "checks", "reports", "end")
"""What ends, in this order; nothing takes place in the first."""


class Stopwatch:
    """Marks: (seconds on the clock, seconds of processor) at the end of each phase."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.marks: dict[str, tuple[float, float]] = {"begin": (time.perf_counter() - _age(), 0.0)}
        self.items = 0

    def mark(self, name: str) -> None:
        """A phase has ended, if it is not known to have."""
        self.marks.setdefault(name, (time.perf_counter(), _cpu()))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """From start-up, with the environment file read, to the tests."""
        self.mark("start")
        result = yield
        self.mark("collect")
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """How many there are."""
        self.items = len(session.items)

    def pytest_runtest_logstart(self) -> None:
        """The site has been read when the first check begins."""
        if "read" not in self.marks:
            self.mark("read")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, Any]:
        """Checks are over; reports are written."""
        self.mark("checks")
        result = yield
        self.mark("reports")
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Everything is over."""
        self.mark("end")
        self.path.write_text(json.dumps({"items": self.items, "marks": self.marks}), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the marks go."""
    parser.addoption("--stopwatch", type=Path, help="write when each phase of the run ended")


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    if (path := config.getoption("stopwatch")) is not None:
        config.pluginmanager.register(Stopwatch(path), "benchmark-stopwatch")


def phases(path: Path) -> dict[str, Any]:
    """Seconds of each phase, on the clock and of the processor, and how many tests there were."""
    found = json.loads(path.read_text(encoding="utf-8"))
    names = [name for name in PHASES if name in found["marks"]]
    seconds: dict[str, Any] = {"items": found["items"]}
    for before, name in itertools.pairwise(names):
        (began, spent), (ended, used) = found["marks"][before], found["marks"][name]
        seconds[name] = {"wall": round(ended - began, 3), "cpu": round(used - spent, 3)}
    return seconds
