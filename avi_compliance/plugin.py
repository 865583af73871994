"""The pytest plugin: which modules make this suite, and a command line as pytest users type it. PYTEST_DONT_REWRITE.

A clone loads it by its settings and its conftest.py, an installation by its entry point: in either case before pytest
looks for conftest files, so that the values of our options are known for what they are.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from avi_compliance import find_first, name_of

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

AGAIN = pytest.StashKey[tuple[list[str], list[str]]]()
"""What pytest is to begin anew with: the command line, and what PYTEST_ADDOPTS puts before it."""
ADDED = "PYTEST_ADDOPTS"


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the plugins; what they declare is known from here on."""
    find_first()
    _say_that_it_begins(sys.argv[1:])
    for name in map(name_of, PLUGINS):
        pluginmanager.register(import_module(name), name)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Begin anew where pytest took the value of an option for a place of tests.

    It looks for its settings before it knows anybody's options: beside `/elsewhere/site.yaml`, in `--environment
    /elsewhere/site.yaml`. So this pass ends with nothing done, and another one has the values behind a `=`.
    """
    given = [str(argument) for argument in early_config.invocation_params.args]
    added = shlex.split(os.environ.get(ADDED, ""))
    joined = list(_joined(given, parser)), list(_joined(added, parser))
    values = {*given, *added} - {*joined[0], *joined[1]}
    if any(_is_outside(value, early_config.invocation_params.dir) for value in values):
        early_config.stash[AGAIN] = joined
        early_config.known_args_namespace.noconftest = True
        args.clear()


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
    """Tell who looks on at once, for what a run needs takes as long to load as pytest itself, and pytest is silent."""
    judging = any(word.partition("=")[0] in ("--environment", "--lab") for word in words)
    if judging and sys.stderr.isatty() and not any(word.startswith("-q") for word in words):
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


def _is_outside(value: str, folder: Path) -> bool:
    """Whether a word names something that is there and is not inside of a folder."""
    try:
        path = (folder / value.partition("::")[0]).resolve()
        return path.exists() and folder.resolve() not in (path, *path.parents)
    except (OSError, ValueError):
        return False
