"""What is kept of a check between its first word and its last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fixtures.fast_path import FAST_PATH
from fixtures.parametrize import CHECK
from intent import Unknown

LETTERS = {"passed": ".", "drift": "D", "failed": "F", "unknown": "E", "blocked": "b", "waived": "w"}
GOOD = ("passed", "waived")


@dataclass
class Held:
    """One check with the reports of its latest run; `first` is what the first pass said, once there is more.

    `again`: it was asked a second time. `taken_back`: it was not, though what it spoke of was written.
    """

    item: pytest.Item
    reports: list[pytest.TestReport]
    first: dict[str, Any] | None = None
    again: bool = False
    taken_back: bool = False

    @property
    def about(self) -> dict[str, Any]:
        """What the check is about; see `fixtures.parametrize`."""
        return self.item.stash[CHECK]

    @property
    def avi(self) -> dict[str, Any]:
        """Its worst report's plain data."""
        return worst(self.reports)

    def said(self) -> dict[str, Any]:
        """The same with when it was said, in seconds since the epoch."""
        return {
            **self.avi,
            "start": min((report.start for report in self.reports), default=0.0),
            "stop": max((report.stop for report in self.reports), default=0.0),
        }

    @property
    def outcome(self) -> str:
        """passed, drift, failed, unknown, blocked or waived."""
        return str(self.avi.get("outcome", "passed"))

    @property
    def drifts(self) -> list[dict[str, Any]]:
        """Its drifts as plain data; a waived one has none that count."""
        return list(self.avi.get("drifts") or []) if self.outcome == "drift" else []

    @property
    def good(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.outcome in GOOD


_ORDER = ("failed", "drift", "unknown", "blocked", "waived", "passed")


def worst(reports: list[pytest.TestReport]) -> dict[str, Any]:
    """The plain data of the report that speaks for the check."""
    found = [report.avi for report in reports if getattr(report, "avi", None) is not None]
    ranked = sorted(found, key=lambda avi: _ORDER.index(avi["outcome"]) if avi["outcome"] in _ORDER else 0)
    return dict(ranked[0]) if ranked else {}


def run(item: pytest.Item, nextitem: pytest.Item | None) -> list[pytest.TestReport]:
    """Run a check without telling anybody; a second run starts clean."""
    item._report_sections.clear()  # noqa: SLF001 -- what the former run printed would be reported again
    item.user_properties.clear()
    return item.config.stash[FAST_PATH].run_untold(item, nextitem)


def unread(held: Held, why: str) -> None:
    """Let a check say that nothing is known: what it said was of an object that has been written since."""

    def ask() -> None:
        raise Unknown(why)

    held.first, held.taken_back = held.first or held.said(), True
    item = held.item
    call = pytest.CallInfo.from_call(ask, when="call")
    report: pytest.TestReport = item.ihook.pytest_runtest_makereport(item=item, call=call)
    vars(report).pop("allure", None)  # it would be what the last check that ran has attached
    around = [one for one in held.reports if one.when != "call" and one.passed]
    held.reports = [
        *(one for one in around if one.when == "setup"),
        report,
        *(one for one in around if one.when == "teardown"),
    ]


def tell(held: Held) -> None:
    """Give the reports to everybody: terminal, JUnit, cache, our own reports."""
    hook, item = held.item.ihook, held.item
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in held.reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


__all__ = ["GOOD", "LETTERS", "Held", "run", "tell", "unread", "worst"]
