"""What leaves checks out of a run, by the words in which it is typed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from intent.selection import is_complete, narrowed_by


@pytest.mark.parametrize(
    ("options", "args", "named"),
    [
        ({}, ["checks"], []),
        ({"keyword": "vrf", "lf": True}, ["checks"], ["-k", "--lf"]),
        ({"ignore_glob": ["x*"]}, ["checks"], ["--ignore-glob"]),
        ({"override_ini": ["python_files=x.py", "avi_owner=me"]}, ["checks"], ["-o python_files"]),
        ({}, ["checks/test_vrfs.py", "checks"], ["checks/test_vrfs.py"]),
        ({"folders_of_some": ["rules"]}, ["rules"], ["rules"]),
        ({"ako_verdict": True}, ["checks/test_ako.py"], ["--ako-verdict"]),
    ],
)
def test_what_narrows_a_run_is_named_as_it_is_typed(monkeypatch, options, args, named):
    monkeypatch.delenv("ALLURE_TESTPLAN_PATH", raising=False)
    config = SimpleNamespace(option=SimpleNamespace(**{"override_ini": None, **options}), args=args)
    assert narrowed_by(config) == named
    assert is_complete(config) == (not named)
