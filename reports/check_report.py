"""Reports of checks: waivers applied, secrets taken out, and a text in place of a traceback."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr
from _pytest._io import TerminalWriter

from intent.difference import shown
from intent.drift import Drift
from intent.outcome import CheckResult, result_of
from intent.remediation import FAILURES
from intent.scrubber import Scrubber
from intent.waivers import MOMENT, Numbered, Waiver
from intent.words import harmless
from reports.outcomes import ResultScrubber
from reports.text import columns, failure_lines, failure_text, headline, short

_MARKUP: dict[str, dict[str, bool]] = {
    "title": {"bold": True, "red": True},
    "label": {"bold": True},
    "declared": {"green": True},
    "found": {"red": True},
    "plain": {},
}


class FailureRepr(TerminalRepr):
    """What pytest prints, and what JUnit files and other plugins take as text. No traceback.

    Its text is made when somebody asks for it. `scrubbed` takes the secrets out of the result.
    """

    def __init__(
        self,
        result: CheckResult,
        nodeid: str,
        scrubbed: Callable[[CheckResult], CheckResult] = lambda result: result,
    ) -> None:
        self.nodeid = nodeid
        self._result = result
        self._scrubbed = scrubbed

    @cached_property
    def result(self) -> CheckResult:
        """The result without secrets."""
        return self._scrubbed(self._result)

    @cached_property
    def reprcrash(self) -> ReprFileLocation:
        """What feeds pytest's own one-line forms: `--tb=line`, the short summary, JUnit's message."""
        return ReprFileLocation(self.nodeid, 0, harmless(f"{headline(self.result)}: {short(self.result)}"))

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write it, marked up by the terminal's own writer."""
        for line in failure_lines(self.result, columns()):
            tw.line(line.text, **_MARKUP[line.mark])
        tw.line(f"  {'check':<10}{self.nodeid}")

    def __str__(self) -> str:
        """The same without colours."""
        return f"{failure_text(self.result)}\n  {'check':<10}{self.nodeid}"


class Texts:
    """Replaces the traceback of a check that is not a pass by what a person can use, without secrets."""

    def __init__(self, scrub: Scrubber, waivers: Sequence[Numbered]) -> None:
        self.scrub = scrub
        self.results = ResultScrubber(scrub)
        self.waivers = waivers

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """After everybody else has said what the report is."""
        report = yield
        result = result_of(report)
        if result is None:
            return report
        if (waived := applied(result, self.waivers, datetime.now(UTC))) is not None:
            result = report.check_result = waived  # type: ignore[attr-defined]
            if waived.outcome == "waived":
                report.outcome = "skipped"
                path, line, _ = item.location
                report.longrepr = (path, (line or 0) + 1, harmless(waived.waiver))
        report.sections = [(name, self.scrub.text(text)) for name, text in report.sections]
        if report.failed:
            report.longrepr = FailureRepr(result, item.nodeid, self.results.scrubbed)
        elif report.skipped and isinstance(report.longrepr, tuple):
            path, line, reason = report.longrepr
            report.longrepr = (path, line, harmless(self.scrub.text(reason)))
        return report


def applied(result: CheckResult, waivers: Sequence[Numbered], now: datetime) -> CheckResult | None:
    """A failure as waived, when every drift of it is accepted now; else None, or the failure with a word on why not.

    What could not be judged is never waived.
    """
    if result.outcome not in FAILURES:
        return None
    candidates = [each for each in waivers if each.waiver.selects(result.check.name, result.fact.key)]
    if not candidates:
        return None
    used = _accepting(result.drifts, candidates, now)
    if not used:
        return _why_not(result, candidates, now)
    texts = dict.fromkeys(f"{numbered.waiver}{_of_any_cloud(numbered.waiver, result)}" for numbered in used)
    places = dict.fromkeys(numbered.place for numbered in used)
    return replace(result, outcome="waived", waiver="; ".join(texts), waivers=tuple(places))


def _of_any_cloud(waiver: Waiver, result: CheckResult) -> str:
    """A remark on a waiver that means an object of several clouds, where there are several."""
    key = result.fact.key
    if not result.fact.several_clouds or key is None or waiver.object == "*" or not waiver.in_any_cloud(key):
        return ""
    return f"; it is for {key.name} in every cloud: `cloud: {key.cloud}` makes it for this one"


def _accepting(drifts: Sequence[Drift], candidates: Sequence[Numbered], now: datetime) -> list[Numbered]:
    """A waiver in force for each drift; empty where one of them has none."""
    in_force = [numbered for numbered in candidates if numbered.waiver.in_force(now)]
    if not drifts:
        # A fact without a field, such as a DNS answer: only a waiver of the whole check covers it.
        return [n for n in in_force if n.waiver.field == "*" and n.waiver.accepts_any][:1]
    used = [next((n for n in in_force if n.waiver.covers(drift.path, drift.have)), None) for drift in drifts]
    return [] if None in used else [numbered for numbered in used if numbered is not None]


def _why_not(result: CheckResult, candidates: Sequence[Numbered], now: datetime) -> CheckResult | None:
    """The failure with why the first waiver of its fields does not accept it; None where that needs no word."""
    for numbered in candidates:
        waiver, place = numbered.waiver, numbered.place
        if result.drifts and not any(waiver.covers_field(drift.path) for drift in result.drifts):
            continue
        if waiver.expired(now):
            return replace(result, waiver=f"{place} expired on {waiver.until:{MOMENT}}")
        if not waiver.in_force(now):
            return replace(result, waiver=f"{place} begins only on {waiver.begins:{MOMENT}}")
        if not waiver.accepts_any:
            return replace(result, waiver=f"{place} accepts only {shown(waiver.accepts)}")
    return None
