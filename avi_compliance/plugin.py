"""The pytest plugin: which modules make this suite, and a command line as pytest users type it. PYTEST_DONT_REWRITE.

A clone loads it by its settings and its conftest.py, an installation by its entry point: in either case before pytest
looks for conftest files, so that the values of our options are known for what they are.
"""

from __future__ import annotations

import gc
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from avi_compliance import CLONE, find_first, name_of

PLUGINS = (
    "fixtures.signals",
    "fixtures.gc_tuning",
    "fixtures.options",  # loads the environment
    "fixtures.lab",  # gives it the addresses of the lab
    "fixtures.site",  # makes the site out of it; those below look for the site
    "fixtures.rules",  # says which folders hold checks
    "fixtures.parametrize",
    "fixtures.outcomes",
    "fixtures.fast_path",
    "fixtures.reading",
    "fixtures.ako",  # looks at what was read
    "fixtures.bootstrap",
    "fixtures.ako_log",
    "fixtures.upgrade",
    "fixtures.terminal",
    "remediate.run.plugin",
    "reports.plugin",  # asks the others for the run's name
    "fleet.plugin",
)
"""Their order is that of `pytest_configure`: each needs what those before it have put into `config.stash`. Where the
order of another hook matters, its implementation says `tryfirst`, `trylast` or `wrapper`;
tests/runs/test_plugin_order.py holds every such case with its reason."""

OPTIONS = frozenset(
    f"--{name}"
    for name in (
        "ako-log",
        "ako-verdict",
        "allow-disruptive",
        "apply-plan",
        "as-ako",
        "bootstrap",
        "checks",
        "create-near-twins",
        "environment",
        "exchange-timeout",
        "from-snapshot",
        "journals",
        "lab",
        "lab-at",
        "lab-state",
        "lab-version",
        "max-changes",
        "metrics",
        "notify",
        "objects",
        "plan",
        "plan-out",
        "remediate",
        "report-dir",
        "request-timeout",
        "rollback",
        "rollback-unproved",
        "settle",
        "snapshot",
        "strict-notices",
        "uncovered",
        "upgrade-ako",
        "upgrade-controller",
        "waivers",
        "why",
    )
)
"""What they declare, known before any of them is loaded; tests/runs/test_installation.py compares the two."""
LISTINGS = frozenset({"-h", "--help", "--markers", "--fixtures", "--funcargs", "--fixtures-per-test"})
"""Options of pytest's own that tell what plugins add."""
AGAIN = pytest.StashKey[tuple[list[str], list[str]]]()
"""What pytest is to begin anew with: the command line, and what PYTEST_ADDOPTS puts before it."""
OURS = pytest.StashKey[bool]()
"""There where the plugins are loaded."""
ADDED = "PYTEST_ADDOPTS"
RULES = "AVI_COMPLIANCE_CHECKS"
MARK = "create_near_twins"
"""A value that no other plugin's options have."""
PACKAGE = "avi_compliance"
NEXT = (
    "avi-compliance: `pytest --environment=FILE` checks the site that FILE declares, `pytest --lab` a simulated one; "
    f"`python -m {PACKAGE}.intent new DIR` begins a repository of one's own, with such a file"
)
"""What is said where there is nothing to run."""


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the plugins, where the run is one of ours; what they declare is known from here on.

    An installed plugin is loaded into every run of pytest with that Python: one of another project's tests is to pay
    nothing for it, and may have options of the same names.
    """
    config: pytest.Config = pluginmanager.getplugin("pytestconfig")
    if not _is_ours(config):
        return
    config.stash[OURS] = True
    find_first()
    _say_that_it_begins([*sys.argv[1:], *_added(), *config.getini("addopts")])
    gc.disable()  # what is loaded stays, and the collector would go through it again and again
    try:
        command_line = import_module(name_of("avi_schema.command_line"))
        command_line.open_closed_streams()
        with command_line.required():
            for name in map(name_of, PLUGINS):
                pluginmanager.register(import_module(name), name)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted while loading: nothing was read or written\n")
        raise SystemExit(pytest.ExitCode.INTERRUPTED) from None
    finally:
        gc.freeze()
        gc.enable()


def _is_ours(config: pytest.Config) -> bool:
    """Whether a run asks for anything of ours: by the folder it is in, by an option, or by a setting."""
    folder = config.invocation_params.dir
    if CLONE is not None and CLONE in (folder, *folder.parents):
        return True
    if MARK in vars(config.option) or os.environ.get(
        RULES
    ):  # a worker of xdist's has its options from the first process
        return True
    given = [str(argument) for argument in config.invocation_params.args]
    words = {word.partition("=")[0] for word in (*given, *_added(), *config.getini("addopts"))}
    if words & (OPTIONS | LISTINGS) or any(PACKAGE in word for word in words):
        return True
    return config.inipath is not None and b"avi_" in config.inipath.read_bytes()


def _added() -> list[str]:
    """What PYTEST_ADDOPTS puts before the command line."""
    return shlex.split(os.environ.get(ADDED, ""))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Begin anew where pytest took the value of an option for a place of tests.

    It looks for its settings before it knows anybody's options: beside `/elsewhere/site.yaml`, in `--environment
    /elsewhere/site.yaml`. So this pass ends with nothing done, and another one has the values behind a `=`.
    """
    if OURS not in early_config.stash:
        return
    given = [str(argument) for argument in early_config.invocation_params.args]
    added = _added()
    joined = list(_joined(given, parser)), list(_joined(added, parser))
    values = {*given, *added} - {*joined[0], *joined[1]}
    folder, typed = early_config.invocation_params.dir, early_config.known_args_namespace
    if any(_is_outside(value, folder) for value in values):
        early_config.stash[AGAIN] = joined
        typed.noconftest = True
        args.clear()
    elif typed.file_or_dir and not typed.pyargs:
        # Of places that are not there pytest says so; but it would look for its settings in `tests` before that.
        typed.noconftest |= not any(_place(value, folder) for value in typed.file_or_dir)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | pytest.ExitCode | None:
    """Begin anew, if that was found necessary."""
    if AGAIN not in config.stash:
        return None
    arguments, added = config.stash[AGAIN]
    if added:
        os.environ[ADDED] = shlex.join(added)
    return pytest.main(arguments)


def _say_that_it_begins(words: Sequence[str]) -> None:
    """Tell who looks on at once, on a terminal or in a log: what a run needs takes as long to load as pytest itself."""
    judging = any(word.partition("=")[0] in ("--environment", "--lab") for word in words)
    if judging and sys.stderr and not any(word.startswith("-q") for word in words):
        sys.stderr.write("avi-compliance: loading ...\n")
        sys.stderr.flush()


def _joined(words: Sequence[str], parser: pytest.Parser) -> Iterator[str]:
    """A command line with every value that stands alone put behind its option: `--environment=FILE`."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            yield from (word, *rest)
            return
        alone = word.startswith("--") and "=" not in word and rest and not rest[0].startswith("-")
        yield f"{word}={rest.pop(0)}" if alone and _takes_value(word, rest[0], parser) else word


def _takes_value(option: str, value: str, parser: pytest.Parser) -> bool:
    """Whether an option takes the word behind it, rather than leaving it for a place of tests."""
    try:
        return value not in parser.parse_known_args([option, value]).file_or_dir
    except (pytest.UsageError, SystemExit):
        return False  # pytest says itself what is wrong with it


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say what to type next, where somebody has typed no more than `pytest` in a folder of no project."""
    nothing_asked = OURS not in config.stash and not config.invocation_params.args and config.inipath is None
    if nothing_asked and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        terminalreporter.write_line(NEXT)


def _place(value: str, folder: Path) -> Path | None:
    """What a word names, as a place of tests; None where that is not there."""
    try:
        path = folder / value.partition("::")[0]
        return path.resolve() if path.exists() else None
    except (OSError, ValueError):
        return None


def _is_outside(value: str, folder: Path) -> bool:
    """Whether a word names something that is there and is not inside of a folder."""
    path = _place(value, folder)
    return path is not None and folder.resolve() not in (path, *path.parents)
