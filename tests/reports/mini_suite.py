"""A suite of results on demand: what the real checks put on their reports, without a site."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from intent import Drift, Key
from intent.outcome import CheckInfo, CheckResult, Fact
from intent.plain_data import to_json
from tests.runs.harness import ZYGOTE
from tests.runs.zygote import KILLED

ROOT = Path(__file__).resolve().parents[2]

MINI_CONFTEST = """
import json, os, pathlib
import pytest
from fixtures.outcomes import pytest_report_from_serializable, pytest_report_to_serializable
from intent import Blocked, Drifted, Unknown
from intent.notice import Notice
from intent.outcome import CheckResult
from intent.plain_data import from_json

pytest_plugins = ["reports.plugin"]
HERE = pathlib.Path(__file__).parent
FACTS = json.loads((HERE / "facts.json").read_text())

def pytest_addoption(parser):
    parser.addoption("--environment")

@pytest.hookimpl(optionalhook=True)
def pytest_avi_run(config):
    return FACTS

@pytest.hookimpl(optionalhook=True)
def pytest_avi_notices(config):
    path = HERE / "notices.json"
    return [from_json(Notice, each) for each in json.loads(path.read_text())] if path.is_file() else None

def pytest_generate_tests(metafunc):
    cases = json.loads((HERE / "cases.json").read_text())[metafunc.function.__name__]
    cases = [from_json(CheckResult, case) for case in cases]
    metafunc.parametrize("case", cases, ids=[case.fact.key.name for case in cases])

@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        item.fact = item.callspec.params["case"].fact

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except Blocked as cause:
        raise pytest.skip.Exception(f"blocked: {cause}", _use_item_location=True) from None

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    case = item.callspec.params["case"]
    around = report.passed and report.when != "call"
    report.check_result = CheckResult(case.fact) if around else case
    if case.outcome == "unknown" and report.when == "call":
        report.when = "setup"
    return report
"""

MINI_CHECK = """
def {name}(case):
    import pathlib
    from intent import Blocked, Drifted, Unknown
    print("captured", pathlib.Path(__file__).with_name("printed.txt").read_text())
    if case.outcome == "drift":
        raise Drifted(case.drifts)
    if case.outcome == "failed":
        raise AssertionError(case.reason)
    if case.outcome == "unknown":
        raise Unknown(case.reason)
    if case.outcome == "blocked":
        raise Blocked(case.reason)
"""

ENVIRONMENT = "name: demo\ncontroller: {address: 10.10.20.10}\n"


def case(
    outcome="passed",
    name="NET_A",
    *,
    check="test_vrf",
    path="vrf",
    want="VRF_AZ1",
    have="global",
    reason="",
    title=None,
    as_read=None,
    waiver="",
    remediation=None,
    **info,
):
    """One check of one object with its outcome; `info` are members of its `CheckInfo`."""
    key = Key("network", name, "Default-Cloud", "admin")
    check_info = CheckInfo(
        **{
            "name": f"test_mini.{check}",
            "topic": "networks",
            "step": "Step 3",
            "field": path,
            "api": f"network.{path}_ref",
            "severity": "critical",
            "why": "a network outside its VRF gives its virtual services no route to their cluster.",
            "do": "edit the network under Infrastructure > Cloud Resources > Networks and choose the VRF context.",
            **info,
        }
    )
    return CheckResult(
        Fact(check_info, title or f"{name} is in its VRF context.", key),
        outcome,
        reason,
        (Drift(key, path, want, have),) if outcome == "drift" else (),
        as_read,
        waiver=waiver,
        remediation=remediation,
    )


@dataclass
class Ran:
    """A finished pytest process."""

    code: int
    out: str
    folder: Path

    @property
    def reports(self) -> Path:
        return self.folder / "reports" / "out" / "demo"


class Suite:
    """A folder with a conftest and checks whose outcomes the test chooses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "conftest.py").write_text(MINI_CONFTEST)
        (folder / "pyproject.toml").write_text(
            '[tool.pytest.ini_options]\naddopts = "-p no:cacheprovider --strict-markers"\n'
        )
        (folder / "demo.yaml").write_text(ENVIRONMENT)
        self.facts = {"site": "10.10.20.10", "version": "30.2.1", "requests": 14}
        self.environ: dict[str, str] = {}

    def run(self, cases, *arguments, timeout=120) -> Ran:
        self.prepare(cases)
        return self.again(*arguments, timeout=timeout)

    def prepare(self, cases, printed="output") -> None:
        names = sorted({case.check.name.partition(".")[2] for case in cases})
        (self.folder / "test_mini.py").write_text(
            '"""Step 3: networks."""\n' + "".join(MINI_CHECK.replace("{name}", name) for name in names)
        )
        grouped = {name: [to_json(c) for c in cases if c.check.name.endswith("." + name)] for name in names}
        (self.folder / "cases.json").write_text(json.dumps(grouped))
        (self.folder / "printed.txt").write_text(printed)
        (self.folder / "facts.json").write_text(json.dumps(self.facts))

    def again(self, *arguments, timeout=120) -> Ran:
        with tempfile.TemporaryDirectory() as elsewhere:
            out = Path(elsewhere) / "out"
            code = ZYGOTE.run(self._arguments(*arguments), self._variables, out, timeout, self.folder).code
            text = out.read_text(encoding="utf-8")
        assert code != KILLED, text
        return Ran(code, text, self.folder)

    def _arguments(self, *arguments) -> list[str]:
        return ["-p", "xdist", "-p", "allure_pytest", "--environment", "demo.yaml", *arguments]

    @property
    def _variables(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AVI_", "VCENTER_", "PYTEST_"))}
        ours = {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return {**clean, **ours, **self.environ}

    def start(self, *arguments) -> subprocess.Popen[str]:
        """A process of its own, to be spoken to while it runs."""
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *self._arguments(*arguments)],
            cwd=self.folder,
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
