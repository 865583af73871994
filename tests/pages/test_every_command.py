"""Every command of every page is typed by a test, or stands in the list that says what checks it instead."""

from __future__ import annotations

import configparser
import importlib.util
import re

import pytest

from tests.framework.source import ROOT
from tests.pages import (
    not_run,
    test_docs,
    test_lab_page,
    test_objects_page,
    test_own_repository,
    test_readme,
    test_reports_page,
)
from tests.pages.examples import PAGES, commands

TYPED = {
    page: typed
    for module in (
        *(test_readme, test_docs, test_lab_page, test_objects_page, test_reports_page, test_own_repository),
    )
    for page, typed in module.TYPED.items()
}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_typed_or_listed(page):
    typed, listed = TYPED.get(page, set()), set(not_run.COMMANDS.get(page, ()))
    assert not typed & listed, "typed by a test: strike it out of not_run.py"
    assert set(commands(page)) - typed - listed == set(), (
        "let a test type it, or list it in not_run.py with the reason"
    )
    assert (typed | listed) - set(commands(page)) == set(), "the page has it no more"


def test_pages_that_are_gone_are_listed_no_more():
    assert not (TYPED.keys() | not_run.COMMANDS.keys()) - set(PAGES)


@pytest.mark.parametrize("command", sorted({c for listed in not_run.COMMANDS.values() for c in listed}))
def test_what_is_listed_names_what_is_there(command):
    """An environment of tox.ini, a module, a file of this project."""
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini")
    for environment in re.findall(r"\btox -e (\w+)", command):
        assert f"testenv:{environment}" in tox.sections()
    for module in re.findall(r"\bpython -m (?!tox\b)(\S+)", command):
        assert importlib.util.find_spec(module) is not None
    for path in re.findall(r"\b(?:tests|benchmarks|remediate|deploy)/[\w./]+", command):
        assert (ROOT / path).exists()


def test_what_is_said_to_check_it_is_there():
    for reasons in not_run.COMMANDS.values():
        for reason in reasons.values():
            for path in re.findall(r"\b(?:lab/)?tests/[\w/]+(?:\.py)?", reason):
                assert (ROOT / path).exists(), reason


def test_ci_runs_what_the_readme_says_first():
    """The README's two commands are those of `.ci/run`."""
    text = (ROOT / ".ci/run").read_text(encoding="utf-8")
    for environment in ("lab", "tests"):
        assert re.search(rf"tox .*-e \S*\b{environment}\b", text), environment
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini")
    assert tox["testenv:lab"]["commands"] == "python tour.py {posargs}", "test_readme.py types what it runs"
