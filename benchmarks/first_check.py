"""Processor time until the first check of the shipped example, in times of plain pytest with one empty test.

`python -m benchmarks.first_check [TIMES]`: of so many runs of each, in turn, the quickest counts (default: 5). Once
without the plugins of others in either, and once as both are typed in an environment of `.[lab]`, where pytest loads
allure's and testinfra's plugins by itself.
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
from benchmarks.scale import OTHERS

TYPED = [f"-pno:{name}" for name in OTHERS]
WITHOUT = [*TYPED, *(f"-pno:{name}" for name in ("allure_pytest", "pytest11.testinfra", "cacheprovider"))]
PLAIN = "-pno:avi_compliance.plugin"
"""Where it is installed, plain pytest would load it in the clone's folder."""


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
        (folder / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
        # Without settings of its own, pytest would go through the folder around, which may hold anything.
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        for how, options in (("without others' plugins", WITHOUT), ("as typed", TYPED)):
            print(f"{how}: {_compared(folder, options, times)}")
        lab.stdin.close()
    return 0


def _compared(folder: Path, options: list[str], times: int) -> str:
    """Both with the same options of pytest's, in a sentence."""
    watch = folder / "watch.json"
    empty = ["-m", "pytest", f"-c{folder}/pytest.ini", *options, PLAIN, str(folder)]
    check = [
        "-m",
        "pytest",
        *options,
        "--lab",
        f"--lab-at={folder}/lab.json",
        f"--report-dir={folder}/reports",
    ]
    check += ["-p", "benchmarks.stopwatch", f"--stopwatch={watch}"]
    plain, first, told = [], [], {}
    for _ in range(times + 1):  # the first is for what is compiled
        plain.append(run("plain", empty, folder / "plain.log").cpu)
        run("check", check, folder / "check.log")
        told = json.loads(watch.read_text(encoding="utf-8"))
        first.append(told["marks"]["read"][1])
    least, ours = min(plain[1:]), min(first[1:])
    return (
        f"plain pytest with one empty test {least:.2f} s; until the first of {told['items']} checks {ours:.2f} s: "
        f"{ours / least:.2f} times"
    )


if __name__ == "__main__":
    PARSER = command("first_check", __doc__, "", "20")
    PARSER.add_argument(
        "times", type=whole(1), nargs="?", default=5, metavar="TIMES", help="runs of each (5)"
    )
    sys.exit(main(PARSER.parse_args().times))
