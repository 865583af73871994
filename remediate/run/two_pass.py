"""Two passes in one session: the checks, the plan, the writes, and the checks again.

The first words of all checks are deferred back until the second pass has spoken, so that nothing has to be taken back:
terminal, JUnit, cache and exit code hear one word on each check, its last.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.broken_pipe import TERMINAL_FILE
from fixtures.parametrize import CHECK
from fixtures.signals import STOP_SIGNALS
from fixtures.site import SITE
from intent import Drift, Key, Unknown
from intent.outcome import Fact, FirstResult, LeftAlone, RemediationResult, Remedied, StepReport, result_of
from intent.scrubber import screened
from intent.words import counted
from remediate.plan import text as show
from remediate.plan.model import Plan, Step
from remediate.plan.undo_outlook import with_later_steps
from remediate.run.deferred import LETTERS, DeferredCheck, run, tell, unread
from remediate.run.options import Options
from remediate.run.progress import Progress
from remediate.run.site_run import SiteRun, left_alone, too_many
from remediate.run.verify import Verifier, affected
from remediate.write.applier import AppliedStep
from remediate.write.journal import BadJournal


class TwoPass:
    """`--remediate` and `--apply-plan`, in the only process."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.progress = Progress(config)
        self.site_run = SiteRun(config.stash[SITE], options, self.progress.line, config.stash[STOP_SIGNALS])
        self.deferred: dict[str, DeferredCheck] = {}
        self.plan: Plan | None = None
        self.results: list[AppliedStep] = []
        self.why_nothing = ""
        self.ended = ""
        self._begun = False
        self._bad = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a check and hold what it said; tests that are no checks of ours go their usual way."""
        if CHECK not in item.stash:
            return None
        known = self.deferred.get(item.nodeid)
        if known is None:
            if self._enough():
                return True
            if not self._begun:
                self._begun = True
                self.progress.title("first pass")
            deferred = self.deferred[item.nodeid] = DeferredCheck(item, run(item, nextitem))
            self._bad += deferred.outcome in ("drift", "failed", "unknown")
            self.progress.letter(LETTERS.get(deferred.outcome, "?"), deferred.item.nodeid, deferred.outcome)
        else:
            known.first = known.first or known.now_first()
            known.reports, known.again = run(item, nextitem), True
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A reviewed plan is carried out whole, so whatever asked for it must be asked. Raises pytest.UsageError."""
        if self.options.reviewed is None:
            return
        asking = {
            check
            for step in self.options.reviewed.steps
            for change in step.changes
            for check in change.checks
        }
        asked = {item.stash[CHECK].check.name for item in session.items if CHECK in item.stash}
        if missing := sorted(asking - asked):
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise pytest.UsageError(
                f"--apply-plan carries out all of a plan, and {', '.join(missing[:3])}{more} would not be asked "
                "whether it helped: leave -k and paths out, or make a plan with them"
            )

    def _enough(self) -> bool:
        """Whether `-x` or `--maxfail` ends the first pass here; what has drifted until then is still put right."""
        most = self.config.getoption("maxfail", 0)
        return bool(most) and self._bad >= most

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """First pass, plan, writes, second pass; then the last words."""
        if session.config.option.collectonly:
            return (yield)
        with self.site_run.alone():
            return (yield from self._passes(session))

    def _passes(self, session: pytest.Session) -> Generator[None, object, object]:
        try:
            result = yield
            self._remediate(session)
        except BaseException as why:
            broken = "was interrupted" if isinstance(why, KeyboardInterrupt) else f"broke off: {why}"
            self._end(broken)
            self._tell_all()
            raise
        self._tell_all()
        self.site_run.signals.interrupt_if_received()
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        return result

    def _end(self, how: str) -> None:
        """The run ends before its time; what was said first of why counts."""
        self.ended = self.ended or how
        self.why_nothing = self.why_nothing or f"the run {how}"

    def _remediate(self, session: pytest.Session) -> None:
        try:
            self.site_run.close_open_journals()
            self.plan = self.options.reviewed or self.site_run.plan(self._asked())
        except Unknown as why:
            self.why_nothing = f"nothing was planned: {why}"
            self.progress.line(self.why_nothing)
            return
        if not self.plan.steps and not any(True for _ in self.plan.left):
            self.progress.title("remediation")
            self.progress.line("no drift that was read: nothing to write")
            return
        self.progress.title("remediation")
        for line in show.lines(self.plan):
            self.progress.line(line)
        self._save()
        self.why_nothing = too_many(self.plan, self.options)
        if self.why_nothing:
            self.progress.line(self.why_nothing)
            return
        if self.plan.steps:
            self._write(session)

    def _asked(self) -> list[tuple[Drift, str]]:
        return [
            (drift, deferred.fact.check.name)
            for deferred in self.deferred.values()
            for drift in deferred.drifts
        ]

    def _save(self) -> None:
        assert self.plan is not None
        if self.options.plan_out is not None:
            save(self.plan, self.options.plan_out, self.progress)

    def _write(self, session: pytest.Session) -> None:
        assert self.plan is not None
        self.progress.title("writing")
        try:
            self.results = self.site_run.apply(self.plan)
        except Unknown as why:
            self.why_nothing = f"nothing was written: {why}"
            self.progress.line(self.why_nothing)
            return
        if self.site_run.signals.received:
            self._end("was interrupted")
            return
        sent = [one for result in self.results for one in result.writes]
        if sent or any(result.status == "already" for result in self.results):
            Verifier(self.config, self.deferred, self.results, self.options.settle, self.progress).verify(
                session
            )

    def _tell_all(self) -> None:
        """Every check's last word, in the order of the first pass."""
        deferred, self.deferred = list(self.deferred.values()), {}
        steps = self._steps()
        self._take_back(deferred)
        if deferred:
            self.progress.end()
        with self.site_run.signals.patient():
            for one in deferred:
                self._label(one, steps)
                tell(one)

    def _take_back(self, deferred: list[DeferredCheck]) -> None:
        """Where the run ended before the second pass did, what the first one said of written objects is over."""
        if not self.ended:
            return
        try:
            written = self.site_run.written()
        except BadJournal:
            written = {step.key for step in self.plan.steps} if self.plan else set()
        on_it = affected(self.config.stash[SITE].environment, written)
        for one in deferred:
            if not one.again and (what := _stale(one, written, on_it)) is not None:
                unread(one, f"{what}written by this run and not read again: it {self.ended}; run again")

    def _steps(self) -> dict[Key, list[StepReport | LeftAlone]]:
        """By object, what was done, or why nothing was."""
        steps: dict[Key, list[StepReport | LeftAlone]] = {}
        for result in self.results:
            steps.setdefault(result.step.key, []).append(result.report())
        for left in self.plan.left if self.plan else ():
            steps.setdefault(left.key, []).append(left_alone(left))
        return steps

    def _label(self, deferred: DeferredCheck, steps: dict[Key, list[StepReport | LeftAlone]]) -> None:
        """Put on the last reports what remediation did for this check."""
        first, last = deferred.first or deferred.now_first(), deferred.outcome
        if first.outcome in ("passed", "waived") and last in ("passed", "waived"):
            return
        if first.outcome == "unknown" and last == "passed":
            return  # it was read at last, and nothing was wrong with it
        mine = steps.get(deferred.fact.key, []) if deferred.fact.key else []
        fixed = deferred.again and last == "passed"
        remediation = RemediationResult(
            outcome=_remedied(deferred, fixed=fixed),
            first=first,
            plan=self.plan.digest if self.plan else "",
            journal=str(self.site_run.journal.path) if self.site_run.journal else "",
            steps=tuple(mine),
            reason="" if fixed else self.why_nothing or _why(mine, deferred),
        )
        for report in deferred.reports:
            result = result_of(report)
            if result is None:
                continue
            result = replace(result, remediation=remediation)
            if fixed and report.when == "call":
                result = replace(result, outcome="remediated", reason=_was(deferred.fact, first))
            report.check_result = result  # type: ignore[attr-defined]
            # Why nothing at all was written is said once, in the summary, and not with every failure.
            if not fixed and not self.why_nothing and remediation.reason and report.outcome != "passed":
                report.sections.append(("remediation", remediation.reason))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """A check that was put right is told apart from one that was right."""
        result = result_of(report)
        if report.passed and report.when == "call" and result and result.outcome == "remediated":
            return "put right", "R", ("PUT RIGHT", {"green": True, "bold": True})
        return None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What was written, and how to undo it."""
        if self.plan is None:
            return
        terminalreporter.section("remediation", sep="=")
        lines = [screened(line) for line in self._account()]
        for line in lines:
            terminalreporter.write_line(line)
        terminalreporter.flush()
        if (terminal := self.config.stash.get(TERMINAL_FILE, None)) is not None:
            terminal.repeat_if_unread(lines)

    def _account(self) -> Iterator[str]:
        """The plan in a line, what of it was not done and why, what was, and how to go on or back."""
        assert self.plan is not None
        yield show.headline(self.plan)
        if self.why_nothing:
            yield self.why_nothing
        for result in self.results:
            if result.status not in ("done", "skipped"):
                # Its whole text was printed when it happened, and is on the checks that it has cost.
                yield show.cut(f"{result.step.key}: {result.status}: {result.text}")
        skipped: dict[str, list[str]] = {}
        for result in self.results:
            if result.status == "skipped":
                skipped.setdefault(result.text, []).append(str(result.step.key))
        for why, keys in skipped.items():
            yield from textwrap.wrap(
                f"not tried, since {why}: {', '.join(keys)}", show.WIDTH, subsequent_indent="  "
            )
        for left in self.plan.left:
            yield f"{left.key}: {left.path or 'existence'} left as it is: {left.reason}"
        if self.site_run.journal:
            yield self._written(self.site_run.journal.path, self.plan.writes)
        broken_off = self.site_run.journal is not None and bool(self.why_nothing)
        if broken_off or not all(result.right for result in self.results):
            yield self._how_to_go_on()

    def _how_to_go_on(self) -> str:
        if self.options.reviewed is None:
            return "to go on, run again: what is right by then is not written twice"
        given = self.config.getoption("apply_plan")
        if any(result.status == "moved" for result in self.results):
            return (
                f"to go on, make a new plan with --plan {show.option('plan-out', given)}: what has moved is not as it "
                "was reviewed"
            )
        again = show.option("apply-plan", given)
        return f"to go on, give {again} again: what is as it plans by then is not written twice"

    def _written(self, journal: Path, planned: int) -> str:
        """How much was written, by the journal: it knows even where a run broke off. And how to undo it."""
        try:
            fates = Counter(entry.fate or "unknown" for entry in self.site_run.entries())
        except BadJournal as problem:
            return str(problem)
        unsure = f", {fates['unknown']} not certain until it is read back" if fates["unknown"] else ""
        undo = f"; undo with {show.option('rollback', journal)}" if fates["done"] or unsure else ""
        but = "".join(f"\n  {reservation}" for reservation in show.reservations(self._sent()))
        return f"{fates['done']} of {counted(planned, 'write')} done{unsure}{undo}{but}"

    def _sent(self) -> Iterator[tuple[Step, int]]:
        """Every step that was carried out, as it stands among those alone, and how many of its writes were done."""
        done = {result.step.key: sum(one.fate == "done" for one in result.writes) for result in self.results}
        steps = [result.step for result in self.results if result.writes]
        for step in with_later_steps(steps, self.site_run.target.environment):
            yield step, done[step.key]


def _stale(deferred: DeferredCheck, written: set[Key], on_it: set[Key]) -> str | None:
    """Which written object a check spoke of, as a sentence begins: its own, what blocked it, or what it stands on."""
    key, result = deferred.fact.key, deferred.result
    if key in written:
        return ""
    if result.outcome == "blocked":
        return f"{result.blocked_on} was " if result.blocked_on in written else None
    return "what it stands on was " if deferred.outcome == "failed" and key in on_it else None


def _remedied(deferred: DeferredCheck, *, fixed: bool) -> Remedied:
    if deferred.again:
        return Remedied.FIXED if fixed else Remedied.NOT_FIXED
    return Remedied.NOT_READ_AGAIN if deferred.taken_back else Remedied.NOT_TRIED


def _was(fact: Fact, first: FirstResult) -> str:
    """What was put right, in a line."""
    if first.outcome == "blocked":
        return f"now holds: {fact.title.rstrip('.')}"
    drifts = "; ".join(
        f"{drift.path or 'existence'}: {show.value(drift.have)} -> {show.value(drift.want)}"
        for drift in first.drifts
    )
    return drifts or first.reason or first.outcome


def _why(steps: list[StepReport | LeftAlone], deferred: DeferredCheck) -> str:
    """Why a check is still not right: what was left alone, what went wrong, or a write that did not help."""
    paths = {drift.path for drift in (deferred.first or deferred.result).drifts}
    for step in steps:
        if isinstance(step, LeftAlone) and (step.path in paths or not paths):
            hit = f" (would hit: {', '.join(step.hit)})" if step.hit else ""
            return f"left as it is: {step.reason}{hit}"
    for step in steps:
        if isinstance(step, LeftAlone):
            continue
        if step.status in ("done", "already") and deferred.outcome == "drift" and deferred.again:
            return "it was written and accepted, and read again it is still not as declared"
        if step.status == "done" and deferred.outcome == "unknown" and deferred.again:
            return "it was written and accepted, but could not be read again: nobody has seen that it helped"
        if step.status != "done":
            return f"{step.status}: {step.text}"
    return ""


def save(plan: Plan, path: Any, progress: Progress) -> None:
    """Save a plan for review, and say how to carry it out."""
    try:
        plan.save(path)
    except OSError as error:
        raise pytest.UsageError(f"--plan-out {path}: cannot be written: {error.strerror}") from error
    progress.line(f"saved as {path}; carry it out with {show.option('apply-plan', path)}")
