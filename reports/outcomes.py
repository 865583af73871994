"""What a run came to: the last word on every check, the verdict, and pytest's exit code.

Five outcomes, and what remediation and waivers add: passed, drift, failed, unknown, blocked, waived,
remediated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from intent.words import counted
from reports.text import short

CONFORMS, DRIFT, INTERRUPTED, INTERNAL, USAGE, NOTHING, UNKNOWN = range(7)
"""The exit codes, 0 to 6."""

FAILURES = ("drift", "failed")
"""Outcomes that say: not as declared."""

UNJUDGED = ("unknown", "blocked")
"""Outcomes that say neither: could not be read, or stands on something that is not there."""

GOOD = ("passed", "remediated")
"""Outcomes that say: as declared (a remediated one only now)."""

_WORST = ("failed", "drift", "unknown", "blocked", "waived", "remediated", "passed")


@dataclass
class Result:
    """The last word on one check of one object. All text in it is scrubbed of secrets."""

    nodeid: str
    avi: dict[str, Any]
    start: float = 0.0
    stop: float = 0.0
    sections: list[tuple[str, str]] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    """What the check itself attached and labelled through `allure.*`; see `allure.collector`."""

    @property
    def outcome(self) -> str:
        """One of the outcomes of this module's docstring."""
        return str(self.avi.get("outcome", "passed"))

    @property
    def text(self) -> str:
        """One line: the drift or the reason."""
        return short(self.avi)

    @property
    def value(self) -> list[dict[str, Any]]:
        """The drifts without their keys: what history compares between runs."""
        drifts = self.avi.get("drifts") or []
        return [{name: drift[name] for name in ("path", "want", "have")} for drift in drifts]


class Results:
    """The results of a run by node id, from the reports of every phase, this process's or its workers'."""

    def __init__(self) -> None:
        self._by_node: dict[str, Result] = {}
        self._started: dict[str, float] = {}
        self.finished: set[str] = set()
        self.plain_failures = 0
        """Failures of what is not a check of ours: a broken module, a test of the framework."""

    def __len__(self) -> int:
        return len(self._by_node)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._by_node.values())

    def get(self, nodeid: str) -> Result | None:
        """The result of a node, if it has one."""
        return self._by_node.get(nodeid)

    def add(self, report: pytest.TestReport, avi: Mapping[str, Any]) -> Result:
        """Take in the report of one phase: the worst speaks for the check.

        A check that ran to its end and runs again begins anew.

        `avi` is the report's own, scrubbed.
        """
        known = self._by_node.get(report.nodeid)
        if known is None or report.nodeid in self.finished:
            known = self._by_node[report.nodeid] = Result(
                report.nodeid, dict(avi), start=self._started.pop(report.nodeid, report.start)
            )
            self.finished.discard(report.nodeid)
        elif _WORST.index(avi["outcome"]) <= _WORST.index(known.outcome):
            known.avi = dict(avi)
        known.stop = report.stop
        known.sections = list(report.sections) or known.sections
        if report.when == "teardown":
            self.finished.add(report.nodeid)
        return known

    def touch(self, report: pytest.TestReport) -> None:
        """Take in a phase around the call that has passed: when the check began or ended."""
        if report.when == "setup":
            self._started[report.nodeid] = report.start
        elif (known := self._by_node.get(report.nodeid)) is not None:
            known.stop = report.stop
            known.sections = list(report.sections) or known.sections
            self.finished.add(report.nodeid)

    def of(self, *outcomes: str) -> list[Result]:
        """The results with one of these outcomes."""
        return [result for result in self if result.outcome in outcomes]

    def counts(self) -> Counter[str]:
        """How many results have each outcome."""
        return Counter(result.outcome for result in self)


def exit_code(exitstatus: int, results: Results, *, faults: Iterable[str] = (), stopped: bool = False) -> int:
    """The run's exit code from pytest's own and from what the checks said.

    `faults` are reasons to fail that no check carries, such as an expired waiver. `stopped`: the run ended
    early because of `-x` or `--maxfail`, which pytest-xdist reports as an interruption.
    """
    if exitstatus == INTERRUPTED and not stopped:
        return INTERRUPTED
    if exitstatus not in (CONFORMS, DRIFT, INTERRUPTED) or (not len(results) and exitstatus != CONFORMS):
        return int(exitstatus)
    if not len(results):
        return int(exitstatus)
    counts = results.counts()
    if any(counts[outcome] for outcome in FAILURES) or results.plain_failures or any(True for _ in faults):
        return DRIFT
    if any(counts[outcome] for outcome in UNJUDGED):
        return UNKNOWN
    return CONFORMS


def verdict(code: int, results: Results, *, faults: int = 0) -> str:
    """The run in one sentence, with its denominators."""
    counts, total = results.counts(), len(results)
    good = sum(counts[outcome] for outcome in GOOD)
    drifted = sum(counts[outcome] for outcome in FAILURES)
    unjudged = sum(counts[outcome] for outcome in UNJUDGED)
    parts = [f"{good:,} of {counted(total, 'fact')} as declared"]
    parts += [f"{drifted:,} not"] if drifted else []
    parts += [f"{counts['waived']:,} waived"] if counts["waived"] else []
    parts += [f"{unjudged:,} could not be judged"] if unjudged else []
    said = ", ".join(parts)
    if code == INTERRUPTED:
        return f"INTERRUPTED: until then {said}"
    if code == DRIFT and not drifted and faults:
        return f"FAILED: {said}, but {counted(faults, 'waiver')} must be looked at"
    if code == DRIFT and not drifted and results.plain_failures:
        return f"FAILED: {said}, but {counted(results.plain_failures, 'other test')} failed"
    word = {CONFORMS: "CONFORMS", DRIFT: "DRIFT", UNKNOWN: "UNKNOWN"}.get(code, "FAILED")
    return f"{word}: {said}"


def sign(code: int) -> str:
    """The run in one character, for chats and mail."""
    return {CONFORMS: "✅", UNKNOWN: "❔"}.get(code, "❌")
