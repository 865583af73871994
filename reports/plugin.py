"""The pytest plugin: options, and which part of the reports hears which hook."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

# pytest has no public way to leave a test out of its JUnit file.
from _pytest.junitxml import xml_key

from avi_schema.command_line import not_filled
from intent.file_kinds import METRICS, XML, not_written
from intent.outcome import result_of
from intent.remediation import Outcome
from intent.selection import is_complete
from intent.waivers import Numbered
from reports import hooks
from reports.check_report import FailureRepr, Texts
from reports.notify.receivers import VARIABLE, BadReceiver, Receiver, receivers
from reports.outcomes import INTERRUPTED, ResultScrubber, exit_code
from reports.run import RUN, Run, begin, facts, scrubber
from reports.waive import waiver_faults, waivers_of

if TYPE_CHECKING:  # what a report takes is imported after the first check, which need not wait for it
    from reports.history.record import Recorder

_PYTESTS_DEFAULT_SHORT_SUMMARY = "fE"
_ALLURE_SELECTS = ("severities", "epics", "features", "stories", "ids", "labels")

_WORDS: dict[Outcome, tuple[str, str, tuple[str, dict[str, bool]]]] = {
    # A category of its own: as an error, one Controller that is away would fill pages, once for each check.
    "unknown": ("unknown", "E", ("UNKNOWN", {"yellow": True})),
    "blocked": ("blocked", "b", ("BLOCKED", {"yellow": True})),
    "waived": ("waived", "w", ("WAIVED", {"yellow": True})),
}
"""By outcome, what pytest's own lines say: category, letter, word and its markup."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("avi-reports", "Avi Compliance: reports")
    group.addoption(
        "--report-dir",
        metavar="DIR",
        help="where reports and history are kept (default: reports/out/<environment name>)",
    )
    group.addoption(
        "--notify",
        metavar="URL",
        action="append",
        default=[],
        help="tell a webhook (Slack, Teams, any) or mailbox (smtp://host/?from=..&to=..) what changed; a URL is a "
        f"secret, better kept in the variable {VARIABLE} or given as file:PATH",
    )
    group.addoption(
        "--metrics",
        metavar="FILE",
        help="also write the run's metrics here, for Prometheus' textfile collector",
    )
    group.addoption(
        "--strict-notices",
        action="store_true",
        help="fail (exit code 1) where somebody has changed something that is not declared since the last whole run, "
        "or where something that is not declared is ill or runs out; by type: `notices:` in the environment file",
    )
    group.addoption(
        "--waivers",
        metavar="FILE",
        help="accepted deviations (default: <environment>.waivers.yaml beside the environment file)",
    )
    group.addoption(
        "--why",
        metavar="CHECK",
        help="ask one check, by its node id, or those of one object, as network/AVI_FRONTEND_3025, and explain: what "
        "it stands on, what stands on it, since when, who did it, what accepts it, what puts it right, at which risk",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks through which others tell us about a run."""
    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Every process gives its reports their text; only the steering one collects and writes.

    Registered this late so that our wrappers stand outside those that put a check's result on its report.
    """
    if (listener := config.pluginmanager.get_plugin("allure_listener")) is not None:
        from reports.allure.collector import take_over  # noqa: PLC0415 -- only where Allure is asked to listen

        take_over(config, listener)
    if config.pluginmanager.hasplugin("allure_pytest") and _selects_by_labels(config):
        from reports.allure.results import LabelMarks  # noqa: PLC0415 -- to mark every test for nobody takes long

        config.pluginmanager.register(LabelMarks(), "avi-allure-labels")
    waivers = waivers_of(config)
    config.pluginmanager.register(Texts(scrubber(config), waivers), "avi-report-texts")
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        _refuse_files(config)
        run = config.stash[RUN] = begin(config)
        config.pluginmanager.register(Reporting(config, run, waivers), "avi-reporting")
    if config.getoption("why") is not None and not hasattr(config, "workerinput"):
        from reports.why import watch  # noqa: PLC0415 -- only where it is asked for

        watch(config)


def _selects_by_labels(config: pytest.Config) -> bool:
    """Whether Allure's options, a test plan or `-m` select by labels."""
    by_option = any(getattr(config.option, f"allure_{name}", None) for name in _ALLURE_SELECTS)
    return by_option or bool(config.option.markexpr) or "ALLURE_TESTPLAN_PATH" in os.environ


def _refuse_files(config: pytest.Config) -> None:
    """Raise UsageError for a file that would be written over something else, and for a folder that cannot be written.

    For pytest's own JUnit file too: pytest makes its folder, and writes to devices and through links, and people's CI
    relies on that.
    """
    for option, given, kind in (
        ("--metrics", config.getoption("metrics"), METRICS),
        ("--junitxml", config.getoption("xmlpath", None), XML),
    ):
        path = config.invocation_params.dir / (given or "")
        judged = os.path.lexists(path) and (kind == METRICS or (path.is_file() and not path.is_symlink()))
        if given and judged and (why := not_written(path, kind)):
            raise pytest.UsageError(f"{option} {given}: {why}")
    chosen = config.getoption("report_dir")
    if chosen and (why := not_filled(config.invocation_params.dir / chosen)):
        raise pytest.UsageError(f"--report-dir {chosen}: {why}")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """A report of pytest's own that cannot be written, such as JUnit's on a full disk, is our exit code 3.

    Python would end with 1, and that means drift.
    """
    _leave_unfinished_out_of_junit(session.config)
    try:
        return (yield)
    except OSError as error:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        screen = session.config.pluginmanager.get_plugin("terminalreporter")
        if screen is not None:
            screen.write_line(f"ERROR: a report could not be written: {error}", red=True)
        return None


def _leave_unfinished_out_of_junit(config: pytest.Config) -> None:
    """Leave out what has no result: a test that was set up and then interrupted.

    pytest would write it as a `testcase` without a name, which others read as one that passed.
    """
    if (junit := config.stash.get(xml_key, None)) is None:
        return
    unfinished = [case for case in junit.node_reporters.values() if "name" not in case.attrs]
    junit.node_reporters_ordered[:] = [
        case for case in junit.node_reporters_ordered if case not in unfinished
    ]


class Reporting:
    """Collects the reports of a run and tells the world at its end."""

    def __init__(self, config: pytest.Config, run: Run, waivers: Sequence[Numbered]) -> None:
        self.config = config
        self.run = run
        self.waivers = waivers
        self.scrubber = ResultScrubber(run.scrubber)
        self.receivers = _receivers(config)

    @cached_property
    def recorder(self) -> Recorder:
        """What keeps the run in the history, from its first result on."""
        from reports.history.record import Recorder  # noqa: PLC0415 -- as above

        return Recorder(self.run)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in one phase; a text that came from a worker gets its colours back."""
        checked = result_of(report)
        if checked is None:
            self.run.results.plain_failures += report.failed
            if report.when == "call" or not report.passed:
                self.run.others.append(report)
            return
        if report.passed and report.when != "call":
            self.run.results.touch(report)  # the call, or a failure, has said or will say what it is
            return
        if not len(self.run.results):
            self.recorder.begin()
        if checked.drifts or checked.drifts_before:
            checked = self.config.hook.pytest_avi_origins(config=self.config, result=checked) or checked
        clean = self.scrubber.scrubbed(checked)
        result = self.run.results.add(report, clean)
        if (kept := getattr(report, "allure", None)) is not None:
            result.allure = self.run.scrubber.data(kept)
        if report.failed:
            report.longrepr = FailureRepr(clean, report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport | pytest.CollectReport) -> Any:
        """The words for our outcomes in pytest's own lines."""
        result = result_of(report)
        if result is None or report.passed:
            return None
        return _WORDS.get(result.outcome)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Settle the exit code, then write what is to be written."""
        run = self.run
        from reports import artefacts  # noqa: PLC0415 -- the first check need not wait for what its report takes
        from reports.forecasts import Forecasts  # noqa: PLC0415
        from reports.notices import gather, keep  # noqa: PLC0415
        from reports.notify.tell import tell  # noqa: PLC0415

        if not len(run.results):
            if run.others:
                artefacts.write_others(run, self.config)
            return
        run.ended = datetime.now(UTC)
        stopped = _stopped(session)
        run.complete = not stopped and exitstatus != INTERRUPTED and is_complete(self.config)
        self.config.pluginmanager.register(Forecasts(run), "avi-forecasts")
        seen = gather(self.config, run, self.waivers)
        run.faults = waiver_faults(self.waivers, run.results, run.ended, complete=run.complete)
        run.exit_code = exit_code(
            int(exitstatus),
            run.results,
            faults=run.faults,
            strict_notices=run.strict_notices,
            stopped=stopped,
        )
        session.exitstatus = run.exit_code
        run.facts.update(run.scrubber.data(facts(self.config)))
        run.ako = self.config.hook.pytest_avi_ako(config=self.config) or ()
        run.coverage = self.config.hook.pytest_avi_coverage(config=self.config)
        if (junit := self.config.stash.get(xml_key, None)) is not None and "rules" in run.facts:
            junit.add_global_property("rules", run.facts["rules"])
        if run.facts.get("newer_than_model"):
            run.notes.append(
                f"the Controller runs {run.facts['version']} and was read in the model of {run.facts['api_version']}: "
                "what only the newer one has is not seen"
            )
        self.recorder.finish()
        settings = self.config.hook.pytest_avi_message_settings(config=self.config)
        tell(run, self.recorder.number, self.receivers, settings)
        artefacts.write(run, self.config)
        keep(run, seen)
        if self.config.option.reportchars == _PYTESTS_DEFAULT_SHORT_SUMMARY:
            # One line for every failure would push our summary off the screen; each has its text above.
            self.config.option.reportchars = ""
            if (reporter := self.config.pluginmanager.get_plugin("terminalreporter")) is not None:
                reporter.reportchars = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int
    ) -> Generator[None, None, None]:
        """Ours comes last, where one looks."""
        from reports.terminal import few_failures, write_summary, write_unknown  # noqa: PLC0415 -- as above

        with few_failures(terminalreporter):
            yield
        if len(self.run.results):
            if self.config.option.tbstyle != "no":
                write_unknown(terminalreporter, self.run)
            write_summary(terminalreporter, self.run)
        elif terminalreporter.stats.get("deselected") and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            words = "-k, -m or --deselect leaves no check; with --collect-only -q and without them, all are listed"
            terminalreporter.write_line(f"NOTHING CHECKED: {words}")


def _receivers(config: pytest.Config) -> list[Receiver]:
    try:
        return receivers(config.getoption("notify"))
    except BadReceiver as problem:
        raise pytest.UsageError(str(problem)) from problem


def _stopped(session: pytest.Session) -> bool:
    """Whether the run ended early because of -x or --maxfail, here or under pytest-xdist."""
    distributed = session.config.pluginmanager.get_plugin("dsession")
    reasons = (session.shouldfail, getattr(distributed, "shouldstop", False))
    return any(isinstance(reason, str) and reason.startswith("stopping after") for reason in reasons)
