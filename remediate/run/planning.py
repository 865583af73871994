"""Hooks of `--plan` and `--rollback`; and which hooks a run gets, those of `--remediate` in `two_pass` included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator

import pytest

from fixtures.signals import STOP_SIGNALS
from fixtures.site import SITE
from fixtures.terminal import Progress
from intent import Unknown
from intent.outcome import Finding, result_of
from intent.words import counted
from live.kinds import KINDS, named_by
from remediate.plan import text as show
from remediate.plan.model import Plan
from remediate.run.options import Options, options_of, pasted
from remediate.run.site_run import SiteRun
from remediate.run.two_pass import TwoPass, save
from remediate.write.record import JournalRecord


def register(config: pytest.Config) -> None:
    """Register the hooks of the mode that was asked for. Raises pytest.UsageError for impossible options."""
    asked = options_of(config)
    if asked is None or config.option.collectonly or SITE not in config.stash:
        return
    if asked.undo is not None:
        config.pluginmanager.register(Undoing(config, asked), "avi-rollback")
    elif asked.write:
        config.pluginmanager.register(TwoPass(config, asked), "avi-two-pass")
    else:
        config.pluginmanager.register(Planning(config, asked), "avi-plan")


class Planning:
    """`--plan`: what would be done, from the words of the checks, wherever they ran."""

    def __init__(self, config: pytest.Config, asked: Options) -> None:
        self.config = config
        self.options = asked
        if config.option.tbstyle == "auto":
            # The plan tells every drift itself; --tb=short brings the failures' own text back.
            config.option.tbstyle = "no"
        self.findings: list[Finding] = []
        self.runtime = 0
        self.plan: Plan | None = None
        self.why_none = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the drifts of a check; those of a waived one do not count."""
        if (result := result_of(report)) is not None:
            self.runtime += result.outcome == "failed"
            self.findings += result.findings

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Plan while the session with the site is still open."""
        del session
        try:
            return (yield)
        finally:
            if self.config.stash[STOP_SIGNALS].received:
                self.why_none = (
                    "the run was interrupted, and a plan of half the checks would pass for a whole one"
                )
            else:
                self._make()

    def _make(self) -> None:
        try:
            progress = Progress(self.config)
            self.plan = SiteRun(self.config.stash[SITE], self.options, progress.line).plan(self.findings)
        except Unknown as why:
            self.why_none = str(why)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the plan, and say that nothing was changed."""
        terminalreporter.section("plan", sep="=")
        if self.plan is None:
            terminalreporter.write_line(f"nothing could be planned: {self.why_none}")
            return
        if not self.plan.steps and not self.findings:
            terminalreporter.write_line(
                f"nothing to write: {counted(self.runtime, 'failed check')} compared no declared value, and only such "
                "a value can be written; below is what each found, and --tb=short tells what to do"
                if self.runtime
                else "no drift that was read: nothing to do"
            )
        else:
            several = self.config.stash[SITE].environment.several_clouds
            for line in show.lines(self.plan, several_clouds=several):
                terminalreporter.write_line(line)
            terminalreporter.write_line("")
            how = "" if self.options.plan_out is not None else "; --remediate carries it out"
            terminalreporter.write_line(f"nothing was changed{how}")
        if self.options.plan_out is not None:
            save(self.plan, self.options.plan_out, Progress(self.config))


class Undoing:
    """`--rollback`: undo a run; no check is run."""

    def __init__(self, config: pytest.Config, asked: Options) -> None:
        self.config = config
        self.options = asked

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """Nothing is read for checks, only what it takes to know who would be hit."""
        assert self.options.undo is not None
        words = {entry.key.kind for entry in self.options.undo.entries}
        kinds = {word: kind for word in words if (kind := KINDS.by_word(word))}
        site = self.config.stash[SITE]
        site.needs = {api for kind in kinds.values() for api in kind.reads}
        site.needs |= named_by(want for want in site.environment if want.kind in kinds)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Undo instead of running the checks."""
        target, record = self.config.stash[SITE], self.options.undo
        assert record is not None
        progress = Progress(self.config)
        site_run = SiteRun(target, self.options, progress.line, self.config.stash[STOP_SIGNALS])
        progress.title(f"undoing {record.path.name}")
        try:
            with site_run.alone():
                results = site_run.undo(record.path)
        except Unknown as why:
            progress.line(f"nothing was undone: {why}")
            session.testsfailed += 1
            return True
        except KeyboardInterrupt:
            progress.line(f"broken off; {_again(record)}")
            raise
        fates = Counter(result.outcome for result in results)
        session.testsfailed += fates["kept"]
        before = f", {fates['already']} undone before" if fates["already"] else ""
        progress.line(
            f"{fates['undone']} of {counted(len(results), 'write')} undone{before}{_kept(fates['kept'])}"
        )
        if site_run.signals.received:
            progress.line(_again(record))
        site_run.signals.interrupt_if_received()
        return True


def _again(record: JournalRecord) -> str:
    return f"to go on with the undo, give {pasted('rollback', record.path)} again"


def _kept(number: int) -> str:
    if not number:
        return ""
    return f"; {number} stay, for the reasons above" if number > 1 else "; 1 stays, for the reason above"
