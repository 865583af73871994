"""Results of a run: the last one of every check, the verdict, and pytest's exit code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest

from intent.base import Key
from intent.drift import Drift
from intent.notice import Notice
from intent.outcome import CheckInfo, CheckResult, Fact, speaking
from intent.remediation import FAILURES, GOOD, OUTCOMES, UNJUDGED, Outcome
from intent.scrubber import Scrubber
from intent.words import counted
from reports.text import short

CONFORMS, DRIFT, INTERRUPTED, INTERNAL, USAGE, NOTHING, UNKNOWN = range(7)
"""The exit codes, 0 to 6."""


@dataclass
class NodeResult:
    """The last result of one pytest node that is a check, with when it ran and what it printed.

    All text in it is scrubbed of secrets. `start` and `stop` in seconds since the epoch.
    """

    nodeid: str
    check_result: CheckResult
    start: float = 0.0
    stop: float = 0.0
    sections: list[tuple[str, str]] = field(default_factory=list)
    allure: dict[str, Any] = field(default_factory=dict)
    """What the check itself attached and labelled through `allure.*`; see `allure.collector`."""

    @property
    def outcome(self) -> Outcome:
        """How it came out."""
        return self.check_result.outcome

    @property
    def fact(self) -> Fact:
        """What was asked of which object."""
        return self.check_result.fact

    @property
    def check(self) -> CheckInfo:
        """The check."""
        return self.check_result.fact.check

    @property
    def drifts(self) -> tuple[Drift, ...]:
        """What is not as declared."""
        return self.check_result.drifts

    @property
    def text(self) -> str:
        """One line: the drift or the reason."""
        return short(self.check_result)


_OURS = frozenset(
    {
        "outcome",
        "status",
        "fate",
        "risk",
        "severity",
        "sort",
        "type",
        "topic",
        "owner",
        "when",
        "action",
        "account",
    }
)
"""Parts of a result that are words of ours, even where somebody's password is one of them."""


class ResultScrubber:
    """Takes secrets out of results; most have none, and stay as they are."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._checks: dict[CheckInfo, CheckInfo] = {}

    def scrubbed(self, result: CheckResult) -> CheckResult:
        """A result without secrets."""
        fact, scrub = self._fact(result.fact), self._scrubber
        bare = not (result.reason or result.drifts or result.as_read or result.waiver or result.remediation)
        if bare and fact is result.fact:
            return result
        return replace(
            result,
            fact=fact,
            reason=scrub.text(result.reason),
            drifts=self._part(result.drifts),
            origins=self._part(result.origins),
            as_read=scrub.data(result.as_read),
            waiver=scrub.text(result.waiver),
            waivers=self._part(result.waivers),
            remediation=self._part(result.remediation),
        )

    def notice(self, notice: Notice) -> Notice:
        """A notice without secrets."""
        scrubbed: Notice = self._part(notice)
        return scrubbed

    def _fact(self, fact: Fact) -> Fact:
        check = self._checks.get(fact.check)
        if check is None:
            check = self._checks[fact.check] = self._part(fact.check)
        # Looked for once, in all of its words: most facts hold no secret.
        words = "\0".join((fact.title, *(fact.key or ())))
        if check == fact.check and self._scrubber.holds_none(words):
            return fact
        title, key = self._scrubber.text(fact.title), self._part(fact.key)
        unchanged = check == fact.check and title == fact.title and key == fact.key
        return fact if unchanged else Fact(check, title, key, fact.several_clouds)

    def _part(self, value: Any) -> Any:
        """A part of a result: its dataclasses, keys and tuples keep their types."""
        if is_dataclass(value) and not isinstance(value, type):
            texts = (part.name for part in fields(value) if part.name not in _OURS)
            return replace(value, **{name: self._part(getattr(value, name)) for name in texts})
        if isinstance(value, Key):
            return Key(*(self._scrubber.text(part) for part in value))
        if isinstance(value, tuple):
            return tuple(self._part(part) for part in value)
        return self._scrubber.data(value)


@dataclass(frozen=True)
class Counts:
    """How many objects a run has looked at, and how many facts came out how. Every summary and file counts by it.

    `outcomes` holds no outcome that none has. An object counts as with drift where one of its facts is not as declared.
    """

    outcomes: Mapping[str, int]
    objects: int
    objects_with_drift: int

    def of(self, *outcomes: Outcome) -> int:
        """How many facts have one of these outcomes."""
        return sum(self.outcomes.get(outcome, 0) for outcome in outcomes)

    @property
    def facts(self) -> int:
        """All of them."""
        return sum(self.outcomes.values())

    @property
    def conforming(self) -> int:
        """Those that are as declared, put right by this run included."""
        return self.of(*GOOD)

    @property
    def drifted(self) -> int:
        """Those that are not as declared."""
        return self.of(*FAILURES)

    @property
    def unjudged(self) -> int:
        """Those of which neither is known."""
        return self.of(*UNJUDGED)

    def data(self) -> dict[str, int]:
        """Every number, as files and messages for programs hold it."""
        return {
            "objects": self.objects,
            "objects_with_drift": self.objects_with_drift,
            "facts": self.facts,
            "as_declared": self.conforming,
            "not_as_declared": self.drifted,
            "not_judged": self.unjudged,
            **{outcome: self.of(outcome) for outcome in OUTCOMES},
        }


class Results:
    """The results of a run by node id, from the reports of every phase, this process's or its workers'."""

    def __init__(self) -> None:
        self._by_node: dict[str, NodeResult] = {}
        self._started: dict[str, float] = {}
        self._counts: Counts | None = None
        self._by_outcome: dict[Outcome, list[NodeResult]] | None = None
        self.finished: set[str] = set()
        self.plain_failures = 0
        """Failures of what is not a check of ours: a broken module, a test of the framework."""

    def __len__(self) -> int:
        return len(self._by_node)

    def __iter__(self) -> Iterator[NodeResult]:
        return iter(self._by_node.values())

    def get(self, nodeid: str) -> NodeResult | None:
        """The result of a node, if it has one."""
        return self._by_node.get(nodeid)

    def add(self, report: pytest.TestReport, result: CheckResult) -> NodeResult:
        """Take in the report of one phase: the worst speaks for the check.

        A check that ran to its end and runs again begins anew. `result` is the report's own, scrubbed.
        """
        self._counts = self._by_outcome = None
        known = self._by_node.get(report.nodeid)
        if known is None or report.nodeid in self.finished:
            known = self._by_node[report.nodeid] = NodeResult(
                report.nodeid, result, start=self._started.pop(report.nodeid, report.start)
            )
            self.finished.discard(report.nodeid)
        else:
            known.check_result = speaking((result, known.check_result)) or result
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

    def of(self, *outcomes: Outcome) -> list[NodeResult]:
        """The results with one of these outcomes."""
        if self._by_outcome is None:  # a summary asks two dozen times
            self._by_outcome = {}
            for result in self:
                self._by_outcome.setdefault(result.outcome, []).append(result)
        known = [self._by_outcome.get(outcome, []) for outcome in dict.fromkeys(outcomes)]
        if sum(map(bool, known)) <= 1:
            return [result for results in known for result in results]
        return [result for result in self if result.outcome in outcomes]

    def counts(self) -> Counts:
        """How many objects there are, and how many facts have each outcome."""
        if self._counts is None:
            keys = {result.fact.key for result in self}
            drifted = {result.fact.key for result in self.of(*FAILURES)}
            self._counts = Counts(
                {outcome: len(self.of(outcome)) for outcome in OUTCOMES if self.of(outcome)},
                objects=len(keys - {None}),
                objects_with_drift=len(drifted - {None}),
            )
        return self._counts


def exit_code(
    exitstatus: int,
    results: Results,
    *,
    faults: Iterable[str] = (),
    strict_notices: int = 0,
    stopped: bool = False,
) -> int:
    """The run's exit code from pytest's own and from what the checks said.

    `faults` are reasons to fail that no check carries, such as an expired waiver; `strict_notices`, how many notices
    there are that are to fail the run. `stopped`: the run ended
    early because of `-x` or `--maxfail`, which pytest-xdist reports as an interruption.
    """
    if exitstatus == INTERRUPTED and not stopped:
        return INTERRUPTED
    if exitstatus not in (CONFORMS, DRIFT, INTERRUPTED) or not len(results):
        return int(exitstatus)
    counts = results.counts()
    if counts.drifted or results.plain_failures or strict_notices or any(True for _ in faults):
        return DRIFT
    return UNKNOWN if counts.unjudged else CONFORMS


def verdict(code: int, results: Results, *, faults: int = 0, notices: int = 0) -> str:
    """The run in one sentence, with its denominators."""
    counts = results.counts()
    parts = [f"{counts.conforming:,} of {counted(counts.facts, 'fact')} as declared"]
    parts += [f"{counts.drifted:,} not"] if counts.drifted else []
    parts += [f"{waived:,} waived"] if (waived := counts.of("waived")) else []
    parts += [f"{counts.unjudged:,} could not be judged"] if counts.unjudged else []
    counted_facts = ", ".join(parts)
    if code == INTERRUPTED:
        return f"INTERRUPTED: until then {counted_facts}"
    if code == DRIFT and not counts.drifted and faults:
        return f"FAILED: {counted_facts}, but {counted(faults, 'waiver')} must be looked at"
    if code == DRIFT and not counts.drifted and results.plain_failures:
        return f"FAILED: {counted_facts}, but {counted(results.plain_failures, 'other test')} failed"
    if code == DRIFT and not counts.drifted and notices:
        return f"FAILED: {counted_facts}, but {counted(notices, 'notice')} about what is not declared"
    if code == CONFORMS:  # a word about what is declared: beside it anything may be there
        return f"CONFORMS: {counted_facts}, of {counted(counts.objects, 'declared object')}"
    word = {DRIFT: "DRIFT", UNKNOWN: "UNKNOWN"}.get(code, "FAILED")
    return f"{word}: {counted_facts}"


def sign(code: int) -> str:
    """The run in one character, for chats and mail."""
    return {CONFORMS: "✅", UNKNOWN: "❔"}.get(code, "❌")
