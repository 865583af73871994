"""Option values outside of the project that stand alone."""

from __future__ import annotations

import pytest

from fixtures.options import HOME, loose
from tests.runs.harness import run


def there(_site, folder):
    """A folder of results that a former run has made."""
    (folder / "allure").mkdir()
    return str(folder / "allure")


@pytest.mark.ahead("--lab", "--alluredir", there)
def test_a_value_that_pytest_takes_for_a_place_of_tests(ran):
    """It would collect the project's own tests too, without its settings."""
    assert ran.code == 4, ran.out
    assert ran.cases == {}
    assert "stands alone; write it with `=`: --alluredir=/" in " ".join(ran.errors)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--report-dir", "{out}"], [("--report-dir", "{out}")]),
        (["--report-dir={out}", "--lab", "-q"], []),
        (["--report-dir", "{out}/new"], []),
        (["--report-dir", "reports"], []),
        (["-c", "{out}", "checks", "--metrics", "-q"], []),
        (["--metrics", "{out}", "--notify", "http://x"], [("--metrics", "{out}")]),
    ],
)
def test_loose(arguments, found, tmp_path):
    def filled(text):
        return text.replace("{out}", str(tmp_path))

    told = loose([filled(one) for one in arguments], HOME)
    assert told == [(option, filled(value)) for option, value in found]


def test_settings_of_what_to_collect_make_no_whole_run(lab, tmp_path):
    """Else checks that were left out would be missed in the history, and their waivers called unused."""
    for setting, whole in (("python_files=test_vrfs.py", False), ("console_output_style=count", True)):
        ran = run(tmp_path / setting, lab.declared(tmp_path), "-o", setting, **lab.credentials)
        assert ran.code == 0, ran.out
        told = (tmp_path / setting / "reports/drift.json").read_text(encoding="utf-8")
        assert f'"complete": {str(whole).lower()}' in told
