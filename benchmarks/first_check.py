"""Processor time until the first check of the shipped example, in times of plain pytest with one empty test.

`python -m benchmarks.first_check [TIMES]`: of so many runs of each, in turn, the quickest counts (default: 5).
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

WITHOUT = [f"-pno:{name}" for name in (*OTHERS, "allure_pytest", "pytest11.testinfra", "cacheprovider")]
PLAIN = "-pno:avi_compliance.plugin"
"""Where it is installed, plain pytest would load it in the clone's folder."""


def main(times: int = 5) -> int:
    """Measure and print one line."""
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
        watch = folder / "watch.json"
        # Without settings of its own, pytest would go through the folder around, which may hold anything.
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        empty = ["-m", "pytest", f"-c{folder}/pytest.ini", *WITHOUT, PLAIN, str(folder)]
        check = ["-m", "pytest", *WITHOUT, "--lab", f"--lab-at={folder}/lab.json", f"--report-dir={folder}"]
        check += ["-p", "benchmarks.stopwatch", f"--stopwatch={watch}"]
        plain, first = [], []
        for _ in range(times + 1):  # the first is for what is compiled
            plain.append(run("plain", empty, folder / "plain.log").cpu)
            run("check", check, folder / "check.log")
            told = json.loads(watch.read_text(encoding="utf-8"))
            first.append(told["marks"]["read"][1])
        lab.stdin.close()
    least, ours = min(plain[1:]), min(first[1:])
    print(
        f"plain pytest with one empty test {least:.2f} s; until the first of {told['items']} checks {ours:.2f} s: "
        f"{ours / least:.2f} times"
    )
    return 0


if __name__ == "__main__":
    PARSER = command("first_check", __doc__, "", "20")
    PARSER.add_argument(
        "times", type=whole(1), nargs="?", default=5, metavar="TIMES", help="runs of each (5)"
    )
    sys.exit(main(PARSER.parse_args().times))
