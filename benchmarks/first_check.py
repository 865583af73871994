"""Processor time until the first check of the shipped example, in times of plain pytest with one empty test.

`python -m benchmarks.first_check [TIMES]`: of so many runs of each, in turn, the quickest counts (default: 5). Once
without the plugins of others in either, and once as both are typed in an environment of `.[lab]`, where pytest loads
allure's and testinfra's plugins by itself. Beside it what would be the least: as many empty tests in as many modules
that import avisdk, pydantic and YAML, log in and read the same pages through avisdk.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from avi_schema.command_line import whole
from benchmarks.command import command
from benchmarks.measure import ROOT, run
from benchmarks.minimal import Session
from benchmarks.scale import OTHERS

TYPED = [f"-pno:{name}" for name in OTHERS]
WITHOUT = [*TYPED, *(f"-pno:{name}" for name in ("allure_pytest", "pytest11.testinfra", "cacheprovider"))]
PLAIN = "-pno:avi_compliance.plugin"
"""Where it is installed, plain pytest would load it in the clone's folder."""
CHECKS, MODULES, PAGES = 200, 24, 22
"""What the shipped example takes: checks, in so many modules, after so many pages read."""
LEAST = """
import json, os, resource
import pydantic, pytest, yaml
from avi.sdk.avi_api import ApiSession

class Model(pydantic.BaseModel):
    name: str

@pytest.fixture(scope="session")
def site():
    os.chdir(os.environ["READ_IN"])
    lab, paths = (json.load(open(name)) for name in ("lab.json", "paths.json"))
    at = lab["controller"]
    os.environ["REQUESTS_CA_BUNDLE"] = lab["ca_file"]
    session = ApiSession(at["address"], lab["username"], lab["password"], port=at["port"], verify=lab["ca_file"])
    for path in paths:
        assert session.get(path).json()
    used = resource.getrusage(resource.RUSAGE_SELF)
    open("used", "w").write(str(used.ru_utime + used.ru_stime))
"""
"""A conftest.py that reads the site with nothing of ours; it writes down the processor time when that is done."""


def main(times: int = 5) -> int:
    """Measure, and print a line each."""
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(
            [sys.executable, "-m", "lab", "--state", "conforming", "--with-parent"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as lab,
    ):
        folder = Path(name)
        assert lab.stdin is not None
        assert lab.stdout is not None
        (folder / "lab.json").write_text(lab.stdout.readline(), encoding="utf-8")
        write_suites(folder)
        for how, options in (("without others' plugins", WITHOUT), ("as typed", TYPED)):
            print(f"{how}: {_compared(folder, options, times)}")
        lab.stdin.close()
    return 0


def write_suites(folder: Path) -> None:
    """The suites beside ours: `empty` has one empty test, `least` as many as ours, behind LEAST."""
    for name in ("empty", "least"):
        (folder / name).mkdir()
        # Without settings of its own, pytest would go through the folder around, which may hold anything.
        (folder / name / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "empty" / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
    (folder / "least" / "conftest.py").write_text(LEAST, encoding="utf-8")
    parametrized = f'@pytest.mark.parametrize("number", range({CHECKS} // {MODULES}))'
    test = f"import pytest\n\n{parametrized}\ndef test_empty(site, number):\n    pass\n"
    for number in range(MODULES):
        (folder / "least" / f"test_{number}.py").write_text(test, encoding="utf-8")


def write_paths(folder: Path) -> None:
    """What the first run of checks has read before its first check, as `least` is to ask for it."""
    lab = json.loads((folder / "lab.json").read_text(encoding="utf-8"))
    asked = json.loads(Session(lab).get("/lab/requests"))["requests"]
    paths = [each["path"].removeprefix("/api/") for each in asked if each["path"].startswith("/api/")]
    (folder / "paths.json").write_text(json.dumps(paths[:PAGES]), encoding="utf-8")


def _compared(folder: Path, options: list[str], times: int) -> str:
    """All with the same options of pytest's, in a sentence."""
    plain, first, least, told = [], [], [], {}
    for number in range(times + 1):  # the first is for what is compiled
        plain.append(run("plain", _pytest(folder / "empty", options), folder / "plain.log").cpu)
        run("check", _check(folder, options), folder / "check.log")
        told = json.loads((folder / "watch.json").read_text(encoding="utf-8"))
        first.append(told["marks"]["read"][1])
        if not number:
            write_paths(folder)
        run("least", _pytest(folder / "least", options), folder / "least.log", READ_IN=str(folder))
        least.append(float((folder / "used").read_text(encoding="utf-8")))
    unit, ours, floor = min(plain[1:]), min(first[1:]), min(least[1:])
    return (
        f"plain pytest with one empty test {unit:.2f} s; until the first of {told['items']} checks {ours:.2f} s: "
        f"{ours / unit:.2f} times; the least with the same libraries {floor:.2f} s: {floor / unit:.2f} times"
    )


def _pytest(suite: Path, options: list[str]) -> list[str]:
    return ["-m", "pytest", f"-c{suite}/pytest.ini", *options, PLAIN, str(suite)]


def _check(folder: Path, options: list[str]) -> list[str]:
    site = ["--lab", f"--lab-at={folder}/lab.json", f"--report-dir={folder}/reports"]
    return ["-m", "pytest", *options, *site, "-p", "benchmarks.stopwatch", f"--stopwatch={folder}/watch.json"]


if __name__ == "__main__":
    PARSER = command("first_check", __doc__, "", "20")
    PARSER.add_argument(
        "times", type=whole(1), nargs="?", default=5, metavar="TIMES", help="runs of each (5)"
    )
    sys.exit(main(PARSER.parse_args().times))
