"""Two passes in one session: the checks, the plan, the writes, and the checks again.

The first words of all checks are deferred back until the second pass has spoken, so that nothing has to be taken back:
terminal, JUnit, cache and exit code hear one word on each check, its last.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator
from typing import Any

import pytest

from fixtures.lab import lab_arguments
from fixtures.parametrize import CHECK
from fixtures.signals import STOP_SIGNALS
from fixtures.site import SITE
from fixtures.terminal import TERMINAL_FILE, Progress
from intent import Unknown
from intent.base import in_several_clouds
from intent.installation import python
from intent.outcome import result_of
from intent.scrubber import screened
from intent.words import first_of
from remediate.plan import text as show
from remediate.plan.model import Plan
from remediate.run.deferred import LETTERS, DeferredCheck, publish, run, take_back
from remediate.run.labels import Labels, stale
from remediate.run.options import Options, pasted
from remediate.run.settling import affected
from remediate.run.site_run import SiteRun, too_many
from remediate.run.summary import RemediationSummary
from remediate.run.verify import Verifier
from remediate.write.record import BadJournal
from remediate.write.results import AppliedStep


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
        self.beyond: tuple[str, ...] = ()
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
            raise pytest.UsageError(
                f"--apply-plan carries out all of a plan, and {first_of(missing, 3)} would not be asked "
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
        if self.beyond:
            raise pytest.UsageError(
                f"{self.config.getoption('apply_plan')} asks for what nothing asks for planned anew: "
                f"{'; '.join(map(screened, self.beyond))}. Nothing of that was written; make a new one with --plan-out"
            )
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
            self._plan()
        except Unknown as why:
            self.why_nothing = f"nothing was planned: {why}"
            self.progress.line(self.why_nothing)
            return
        assert self.plan is not None
        self.progress.title("remediation")
        several = self.site_run.target.environment.several_clouds
        named = several or in_several_clouds(result.step.key for result in self.results)
        dropped = (result.line(several_clouds=named) for result in self.results)
        for line in (*dropped, *show.beyond(self.beyond)):
            self.progress.line(line)
        if not self.plan.steps and not any(True for _ in self.plan.left):
            beside = (
                "it is not in the plan file, or has moved since"
                if any(check.result.findings for check in self.deferred.values())
                else "there is none"
            )
            self.progress.line(f"nothing to write of the drift that was read: {beside}")
            return
        if (reviewed := self.options.reviewed) is not None:
            self.progress.line(f"of the reviewed plan {reviewed.digest[:12]}, this is to do now:")
        for line in show.lines(self.plan, several_clouds=several):
            self.progress.line(line)
        self._save()
        self.why_nothing = too_many(self.plan, self.options)
        if self.why_nothing:
            self.progress.line(self.why_nothing)
            return
        if self.plan.steps:
            self._write(session)

    def _plan(self) -> None:
        """Plan what the checks have found; of a reviewed plan, what it and the one of now both ask for."""
        findings = [finding for check in self.deferred.values() for finding in check.result.findings]
        if self.options.reviewed is None:
            self.plan = self.site_run.plan(findings)
            return
        agreement = self.site_run.agreement(self.options.reviewed, findings)
        self.plan, self.beyond = agreement.plan, agreement.beyond
        self.results = [
            AppliedStep(left.step, "already" if left.status == "already" else "moved", left.why)
            for left in agreement.dropped
        ]

    def _save(self) -> None:
        assert self.plan is not None
        if self.options.plan_out is not None:
            save(self.plan, self.options.plan_out, self.progress)

    def _write(self, session: pytest.Session) -> None:
        assert self.plan is not None
        self.progress.title("writing")
        try:
            self.results += self.site_run.apply(self.plan, self.results)
        except Unknown as why:
            self.why_nothing = f"nothing was written: {why}"
            self.progress.line(self.why_nothing)
            return
        if self.site_run.signals.received:
            self._end("was interrupted")
            return
        sent = [write for result in self.results for write in result.writes]
        if sent or any(result.status == "already" for result in self.results):
            Verifier(self.config, self.deferred, self.results, self.options.settle, self.progress).verify(
                session
            )

    def _tell_all(self) -> None:
        """Every check's last word, in the order of the first pass."""
        deferred, self.deferred = list(self.deferred.values()), {}
        journal = str(self.site_run.journal.path) if self.site_run.journal else ""
        labels = Labels(self.plan, journal, self.results, self.why_nothing)
        steps = labels.by_object()
        self._take_back(deferred)
        if deferred:
            self.progress.end()
        with self.site_run.signals.patient():
            for check in deferred:
                labels.put_on(check, steps)
                publish(check)

    def _take_back(self, deferred: list[DeferredCheck]) -> None:
        """Where the run ended before the second pass did, what the first one said of written objects is over."""
        if not self.ended:
            return
        try:
            written = self.site_run.written()
        except BadJournal:
            written = {step.key for step in self.plan.steps} if self.plan else set()
        on_it = affected(self.config.stash[SITE].environment, written)
        for check in deferred:
            if not check.again and (what := stale(check, written, on_it)) is not None:
                take_back(check, f"{what}written by this run and not read again: it {self.ended}; run again")

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """A check that was put right is told apart from one that was right."""
        result = result_of(report)
        if report.passed and report.when == "call" and result and result.outcome == "remediated":
            return "put right", "R", ("PUT RIGHT", {"green": True, "bold": True})
        return None

    def _summary(self) -> RemediationSummary:
        assert self.plan is not None
        given = self.config.getoption("apply_plan")
        ends = self.config.getoption("lab") and self.config.getoption("lab_at") is None
        gone = shlex.join([python(), "-m", "lab", *lab_arguments(self.config)]) if ends else ""
        return RemediationSummary(
            self.plan, self.site_run, self.results, self.why_nothing, given, self.beyond, gone
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What was written, and how to undo it."""
        if self.plan is None:
            if self.ended or self.site_run.signals.received:  # it may have been before the first pass
                how = self.ended or "was interrupted"
                terminalreporter.write_line(f"nothing was planned or written: the run {how}")
            return
        terminalreporter.section("remediation", sep="=")
        lines = [screened(line) for line in self._summary().lines()]
        for line in lines:
            terminalreporter.write_line(line)
        terminalreporter.flush()
        if (terminal := self.config.stash.get(TERMINAL_FILE, None)) is not None:
            terminal.repeat_if_unread(lines)


def save(plan: Plan, path: Any, progress: Progress) -> None:
    """Save a plan for review, and say how to carry it out."""
    try:
        plan.save(path)
    except OSError as error:
        raise pytest.UsageError(f"--plan-out {path}: cannot be written: {error.strerror}") from error
    progress.line(f"saved as {path}; carry it out with {pasted('apply-plan', path)}")
