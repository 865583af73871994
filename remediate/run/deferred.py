"""Deferred reports: what each check reported in the first pass, kept from pytest until the second has judged it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fixtures.fast_path import FAST_PATH
from fixtures.parametrize import CHECK
from intent import Unknown
from intent.outcome import CheckResult, Fact, results_of, speaking
from intent.remediation import FirstResult, Outcome

LETTERS: dict[Outcome, str] = {
    "passed": ".",
    "drift": "D",
    "failed": "F",
    "unknown": "E",
    "blocked": "b",
    "waived": "w",
}
GOOD = ("passed", "waived")


@dataclass
class DeferredCheck:
    """One check with the reports of its latest run; `first` is how it came out first, once there is more.

    `again`: it was asked a second time. `taken_back`: it was not, though what it spoke of was written.
    """

    item: pytest.Item
    reports: list[pytest.TestReport]
    first: FirstResult | None = None
    again: bool = False
    taken_back: bool = False

    @property
    def fact(self) -> Fact:
        """What it asks of which object."""
        return self.item.stash[CHECK]

    @property
    def result(self) -> CheckResult:
        """The result of the phase that speaks for it."""
        results = results_of(self.reports)
        return speaking(results) or CheckResult(self.fact)

    def now_first(self) -> FirstResult:
        """Its result of now, as that before remediation."""
        result = self.result
        return FirstResult(
            result.outcome,
            result.drifts,
            result.reason,
            start=min((report.start for report in self.reports), default=0.0),
            stop=max((report.stop for report in self.reports), default=0.0),
        )

    @property
    def outcome(self) -> Outcome:
        """passed, drift, failed, unknown, blocked or waived."""
        return self.result.outcome

    @property
    def good(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.outcome in GOOD


def run(item: pytest.Item, nextitem: pytest.Item | None) -> list[pytest.TestReport]:
    """Run a check without telling anybody; a second run starts clean."""
    item._report_sections.clear()  # noqa: SLF001 -- what the former run printed would be reported again
    item.user_properties.clear()
    return item.config.stash[FAST_PATH].run_untold(item, nextitem)


def take_back(deferred: DeferredCheck, why: str) -> None:
    """Make a check's result unknown, for the reason `why`: its object has been written since and was not read again."""

    def ask() -> None:
        raise Unknown(why)

    deferred.first, deferred.taken_back = deferred.first or deferred.now_first(), True
    item = deferred.item
    call = pytest.CallInfo.from_call(ask, when="call")
    report: pytest.TestReport = item.ihook.pytest_runtest_makereport(item=item, call=call)
    vars(report).pop("allure", None)  # it would be what the last check that ran has attached
    around = [report for report in deferred.reports if report.when != "call" and report.passed]
    deferred.reports = [
        *(report for report in around if report.when == "setup"),
        report,
        *(report for report in around if report.when == "teardown"),
    ]


def publish(deferred: DeferredCheck) -> None:
    """Give the reports to every plugin: terminal, JUnit, cache, our own reports."""
    hook, item = deferred.item.ihook, deferred.item
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in deferred.reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
