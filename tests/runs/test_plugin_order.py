"""The order of plugins that avi_compliance/plugin.py speaks of: in each hook, who must be called before whom, and why."""

import re

import pytest

from tests.runs.harness import run

SITE = "--environment=environments/iberia.yaml"


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """The plugins by hook, in the order of their calls, of a run that plans and of one that would write."""
    found = {}
    for mode in ("--plan", "--remediate"):
        folder = tmp_path_factory.mktemp("order")
        # What selects by marks makes labels of what is checked.
        more = (mode, f"--journals={folder}/journals", "-p", "tests.runs.hook_order", "-m", "not nobody")
        # It finds no credentials: nothing is asked and nothing is written.
        ran = run(folder, SITE, *more, "checks/test_system.py")
        for hook, names in re.findall(r"^order of (\w+): (.*)$", ran.out, re.MULTILINE):
            found[mode, hook] = names.split()
    return found


@pytest.mark.parametrize(
    ("mode", "hook", "first", "then"),
    [
        ("--plan", "pytest_configure", "fixtures.options", "fixtures.lab"),
        # The site is at the addresses of the lab.
        ("--plan", "pytest_configure", "fixtures.lab", "fixtures.site"),
        # They look for the site.
        *(
            ("--plan", "pytest_configure", "fixtures.site", plugin)
            for plugin in (
                "fixtures.reading",
                "fixtures.bootstrap",
                "fixtures.terminal",
                "remediate.run.plugin",
                "reports.plugin",
            )
        ),
        # The run has a name before it is collected.
        ("--plan", "pytest_configure", "fixtures.terminal", "reports.plugin"),
        # Labels are made of what a check is about.
        ("--plan", "pytest_collection_modifyitems", "fixtures.parametrize", "avi-allure-labels"),
        # Checks that pass in silence go past the hooks around a test.
        ("--plan", "pytest_runtestloop", "avi-fast-path", "main"),
        # A plan asks the site who uses an object, so its session is still open.
        ("--plan", "pytest_runtestloop", "avi-reading", "avi-plan"),
        # The reports read the result that is on a report.
        ("--plan", "pytest_runtest_makereport", "avi-report-texts", "fixtures.outcomes"),
        # Nothing that ends a run is torn by a first signal.
        ("--plan", "pytest_sessionfinish", "fixtures.signals", "avi-reporting"),
        # What the first pass says is held back from everybody.
        ("--remediate", "pytest_runtest_protocol", "avi-two-pass", "avi-fast-path"),
        ("--remediate", "pytest_runtest_protocol", "avi-fast-path", "runner"),
    ],
)
def test_order(orders, mode, hook, first, then):
    names = orders[mode, hook]
    assert names.index(first) < names.index(then), f"{hook}: {first} must be called before {then}: {names}"
