"""A clone of the project in which a page's commands are typed: its folders, `.venv/bin` and environment files.

The tests' own site stands where the example is shipped, so that what the pages show is the same whatever happens to
that one. The interpreter is this one: environments are made by `.ci/run`, not here.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.framework.source import ROOT
from tests.runs.harness import surroundings
from tests.runs.installation import share_compiled
from tests.runs.zygote import KILLED, Zygote
from tests.site import IBERIA

FOLDERS = [
    "avi_compliance",
    "avi_schema",
    "benchmarks",
    "checks",
    "deploy",
    "docs",
    "fixtures",
    "fleet",
    "intent",
    "lab",
    "live",
    "remediate",
    "reports",
]
FILES = ["conftest.py", "pyproject.toml", "tour.py", "tox.ini"]
PROGRAMS = {"python": '"$@"', "python3": '"$@"', "pytest": '-m pytest "$@"'}
"""What stands in `.venv/bin`, and how this interpreter is called for it."""


@dataclass
class Typed:
    """What a command came to; `out` has the clone's paths as pages have them, from its root."""

    code: int
    out: str


class Clone:
    """A folder to type commands in, one shell each; a run of pytest alone is forked with the clone's modules imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._zygote: Zygote | None = None
        self.variables: dict[str, str] = {}
        for name in FILES:
            (folder / name).symlink_to(ROOT / name)
        for name in FOLDERS:  # not linked: what commands write beside the code is to stay here
            without = shutil.ignore_patterns("out", "__pycache__", "pictures")
            shutil.copytree(ROOT / name, folder / name, ignore=without)
            if name != "checks":  # whose tracebacks tell the file that pytest has compiled
                share_compiled(ROOT / name, folder / name)
        (folder / "tests").symlink_to(ROOT / "tests")
        (folder / "environments").mkdir()
        (folder / "environments" / "iberia.yaml").write_bytes(IBERIA.read_bytes())
        (folder / "environments" / "schema.json").write_bytes(
            (ROOT / "environments/schema.json").read_bytes()
        )
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        for name, arguments in PROGRAMS.items():
            (programs / name).write_text(
                f'#!/bin/sh\nexec "{sys.executable}" {arguments}\n', encoding="utf-8"
            )
            (programs / name).chmod(0o755)

    def close(self) -> None:
        if self._zygote is not None:
            self._zygote.close()

    def type(self, command: str, timeout: float = 240, **variables: str) -> Typed:
        """Type a command where there is no terminal, as in CI.

        What it starts in the background goes on when this returns; its end is the test's business.
        """
        known = surroundings(COLUMNS="", **self.variables, **variables)
        known["PATH"] = f"{self.folder}/.venv/bin:{known['PATH']}"
        if re.fullmatch(r"(\.venv/bin/)?pytest( [^|&;<>$]*)?", command):
            return self._forked(shlex.split(command)[1:], known, timeout)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=known,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return self._typed(done.returncode, done.stdout)

    def _forked(self, arguments: list[str], variables: dict[str, str], timeout: float) -> Typed:
        if self._zygote is None:
            self._zygote = Zygote(surroundings(), self.folder)
        out = self.folder / ".venv" / "out"
        code = self._zygote.run(arguments, variables, out, timeout, self.folder).code
        assert code != KILLED, out.read_text(encoding="utf-8")
        return self._typed(code, out.read_text(encoding="utf-8"))

    def _typed(self, code: int, out: str) -> Typed:
        return Typed(code, out.replace(f"{self.folder}/", ""))
