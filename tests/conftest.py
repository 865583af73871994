"""Pytest settings of the framework's own tests: those that the lab's tests have too, and a state folder of their own."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.tests import suite
from remediate.write.seal import user_seal
from tests import lengths


def pytest_configure(config: pytest.Config) -> None:
    suite.pytest_configure(config)
    config.addinivalue_line("markers", lengths.MARK)


def pytest_report_header() -> str:
    return lengths.header()


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Journals of tests, and of the runs that they start, are sealed with a key that goes with them."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        user_seal()
        yield
        if (harness := sys.modules.get("tests.runs.harness")) is not None:
            harness.ZYGOTE.close()
        del os.environ["XDG_STATE_HOME"]
    compiled = Path(os.environ["PYTHONPYCACHEPREFIX"]).absolute()
    shutil.rmtree(compiled / tmp_path_factory.getbasetemp().relative_to("/"), ignore_errors=True)


LONGEST = (
    "faults/test_matrix", "pages/test_readme", "runs/test_installed_repository", "remediate/test_pytest",
    "fleet/test_fleet", "runs/test_states", "pages/test_reports_page", "runs/test_installation",
    "runs/test_interruption", "runs/test_options", "reports/test_allure", "framework/test_fast_path",
    "runs/test_slow_servers", "pages/test_new_kind", "remediate/test_tenant_matrix", "runs/test_live_site",
    "remediate/test_killed", "live/test_deadlines", "reports/test_deploy", "reports/test_runs",
    "vcenter/test_deadlines", "remediate/test_interrupted", "ako/test_matrix", "pages/test_own_repository",
    "hosts/test_namespaces", "reports/test_notify", "vcenter/test_faults", "remediate/test_undo_runs",
    "vcenter/test_remedies", "runs/test_usage", "vcenter/test_odd_runs", "pages/test_docs", "vcenter/test_reading",
    "vcenter/test_odd_answers", "framework/test_check_laws", "runs/test_selection", "faults/test_secrets",
    "runs/test_one_drift", "reports/test_page", "faults/test_security",
)  # fmt: skip
"""Files that take longest, longest first: begun last, one of them would be waited for by workers with nothing to do."""
BESIDE = 5
"""Other files that are begun with each of them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin each of the longest files with some others; the order within a file stays. Outside CI, what has its turn.

    The longest mostly wait: workers that all had one would leave the processor with nothing to do.
    """
    lengths.draw(config, items, getattr(config, "workerinput", {}).get("day", lengths.DAY))
    tests = Path(__file__).parent
    rank = {tests / f"{name}.py": number for number, name in enumerate(LONGEST)}
    others = {
        path: number
        for number, path in enumerate(dict.fromkeys(item.path for item in items))
        if path not in rank
    }
    items.sort(key=lambda item: rank.get(item.path, others.get(item.path, 0) / BESIDE))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell xdist's workers the day, and whether a file's tests are all theirs: what these need can be begun at once then."""
    node.workerinput["day"] = lengths.DAY
    node.workerinput["whole_files"] = node.config.option.dist == "loadfile"
