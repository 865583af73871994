"""The suite of checks on the lab, in other environments than one's own: each must come to the same verdicts.

tox -e lowest      the lowest versions that pyproject.toml allows
tox -e nightly     these, the newest on every Python that is there, and beside other pytest plugins: docs/versions.md
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
sys.path.insert(0, str(ROOT))

from avi_schema.command_line import CommandParser  # noqa: E402 -- the clone's folder comes first

PAGE = ROOT / "docs" / "versions.md"
OLDEST, NEWEST = (3, 11), (3, 15)
SHOWN = ("pytest", "pydantic", "avisdk", "pyvmomi", "dnspython", "allure-pytest")

OUTCOMES = ("passed", "drift", "failed", "unknown", "blocked", "waived")

NEIGHBOURS = {
    "xdist": ("pytest-xdist", ["-n", "2"]),
    "randomly": ("pytest-randomly", []),
    "rerunfailures": ("pytest-rerunfailures", ["--reruns", "1"]),
    "timeout": ("pytest-timeout", ["--timeout", "60"]),
    "html": ("pytest-html", ["--html", "{folder}/page.html"]),
    "json-report": ("pytest-json-report", ["--json-report", "--json-report-file", "{folder}/report.json"]),
    "sugar": ("pytest-sugar", []),
    "cov": ("pytest-cov", ["--cov", "intent", "--cov-report", "term:skip-covered"]),
}
"""pytest plugins of others: by name what is installed, and with which options the suite runs beside them."""

HEAD = """# Versions

`tox -e nightly` made this page. In each row, the suite of checks ran on the lab in two states, and came to the verdicts
that it has to: everything passes as declared; as drifted, the same facts drift as in the first row.

Last run: {when}, on {machine}.

| environment | versions | beside | as declared | drifted | seconds |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """One environment and how pytest is called in it. `options` may hold `{folder}`, one of its own."""

    name: str
    python: str
    packages: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    lowest: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the suite came to in one state: pytest's exit code, and how many facts came to which outcome."""

    code: int
    counts: dict[str, int]

    def __str__(self) -> str:
        """As the page has it."""
        words = [f"{self.counts[word]} {word}" for word in OUTCOMES if self.counts.get(word)]
        return f"exit {self.code}: {', '.join(words)}"


def make(row: Row, folder: Path) -> Path:
    """The environment of a row, made by uv; its folder of programs."""
    place = folder / "environment"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", row.python, str(place)], check=True)
    resolution = ["--resolution", "lowest-direct"] if row.lowest else []
    install = [*uv, "pip", "install", "--quiet", "--python", str(place / "bin/python"), *resolution]
    subprocess.run([*install, f"{ROOT}[lab]", *row.packages], check=True, cwd=folder)
    return place / "bin"


def versions(programs: Path) -> str:
    """What an environment holds of what matters most."""
    code = "import sys, importlib.metadata as m; print(sys.version.split()[0], *(m.version(n) for n in sys.argv[1:]))"
    done = subprocess.run(
        [programs / "python", "-c", code, *SHOWN], check=True, capture_output=True, text=True
    )
    python, *others = done.stdout.split()
    return ", ".join(
        [f"Python {python}", *(f"{name} {each}" for name, each in zip(SHOWN, others, strict=True))]
    )


def judge(row: Row, programs: Path, folder: Path, state: str) -> Verdict:
    """Run the suite on the lab in a state, from a folder of its own."""
    reports = folder / state
    work = folder / "work"
    work.mkdir(exist_ok=True)
    options = [option.replace("{folder}", str(folder)) for option in row.options]
    command = [programs / "pytest", "--lab", "--lab-state", state, "--report-dir", str(reports), *options]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=work, env=environ, capture_output=True, text=True, check=False)
    kept = reports / "drift.json"
    if not kept.is_file():
        sys.exit(f"{row.name}, {state}: no run came to an end:\n{done.stdout}\n{done.stderr}")
    return Verdict(done.returncode, json.loads(kept.read_text(encoding="utf-8"))["counts"])


def pythons() -> Iterator[tuple[str, str]]:
    """(its version, its path) of every Python that this machine has and that is supported, one each minor version."""
    places = [
        *os.environ.get("PATH", "").split(os.pathsep),
        *map(str, Path.home().glob(".pyenv/versions/*/bin")),
    ]
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        for place in places:
            path = Path(place, f"python3.{minor}")
            if path.is_file() and _answers(path):
                yield f"3.{minor}", str(path)
                break


def _answers(path: Path) -> bool:
    """Whether it is a Python that runs: pyenv has a program of that name for versions that it has not."""
    return subprocess.run([path, "-c", "import venv"], check=False, capture_output=True).returncode == 0


def rows(*, lowest_alone: bool) -> Iterator[Row]:
    """The first gives the verdicts that all others must come to."""
    yield Row("lowest", sys.executable, lowest=True)
    if lowest_alone:
        return
    for version, path in pythons():
        yield Row(f"newest, Python {version}", path)
    for name, (package, options) in NEIGHBOURS.items():
        yield Row(name, sys.executable, (package,), tuple(options))
    everything = tuple(package for package, _ in NEIGHBOURS.values())
    yield Row("all of these at once", sys.executable, everything)


def main(arguments: list[str] | None = None) -> int:
    """Run the rows. Returns 0, or 1 where one of them came to another verdict than it has to."""
    parser = CommandParser(
        prog="python requirements/versions.py",
        description=__doc__,
        examples=["python requirements/versions.py lowest", "python requirements/versions.py nightly"],
        codes={0: "every environment came to the same verdicts", 1: "one did not"},
    )
    parser.add_argument("which", choices=("lowest", "nightly"))
    nightly = parser.parse_args(arguments).which == "nightly"
    lines, expected, wrong = [], None, []
    for row in rows(lowest_alone=not nightly):
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="avi-compliance-") as temporary:
            folder = Path(temporary)
            programs = make(row, folder)
            good, bad = (judge(row, programs, folder, state) for state in ("conforming", "drifted"))
            known = versions(programs)
        expected = expected or bad
        if good.code or good.counts["passed"] != good.counts["facts"] or bad.code != 1 or bad != expected:
            wrong.append(row.name)
        beside = ", ".join(row.packages) or "nothing else"
        seconds = time.monotonic() - began
        lines.append(f"| {row.name} | {known} | {beside} | {good} | {bad} | {seconds:.0f} |")
        print(lines[-1], flush=True)
    if nightly:
        PAGE.write_text(
            HEAD.format(when=f"{datetime.now(UTC):%Y-%m-%d}", machine=_machine()) + "\n".join(lines) + "\n"
        )
    if wrong:
        print(f"another verdict: {'; '.join(wrong)}")
    return bool(wrong)


def _machine() -> str:
    try:
        known = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        known = None
    return f"{os.cpu_count()} cores ({known[1] if known else os.uname().machine})"


if __name__ == "__main__":
    sys.exit(main())
