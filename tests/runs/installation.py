"""An installation of the wheel, in a folder of its own that PYTHONPATH names, as pip would leave it in site-packages."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import pytest

from tests.framework.source import ROOT
from tests.runs.harness import Site, surroundings

PYTEST = ("-P", "-c", "import sys, pytest; sys.exit(pytest.main())")
"""What the script `pytest` of an installation does: the folder that one works in is not imported from."""


def share_compiled(folder: Path, copy: Path) -> None:
    """Compile a folder and its copy once: Python compares each file's size and time with what it has compiled."""
    prefix = Path(os.environ["PYTHONPYCACHEPREFIX"])
    kept, same = prefix / folder.relative_to("/"), prefix / copy.relative_to("/")
    for place in (kept, same.parent):
        place.mkdir(parents=True, exist_ok=True)
    if same.is_symlink():
        same.unlink()  # of an earlier session, in a folder of the same name
    same.symlink_to(kept)


def setup_py():
    """The module that makes the wheel."""
    spec = importlib.util.spec_from_file_location("avi_compliance_setup", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Done:
    code: int
    out: str


class Installation:
    """One for all of xdist's workers: to carry the folders and to compile them takes seconds."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        own = factory.getbasetemp()
        self.folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "site-packages"
        with self.folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.folder.exists():
                made = self.folder.with_suffix(".new")
                self._install(made)
                made.rename(self.folder)

    @staticmethod
    def _install(folder: Path) -> None:
        package = folder / "avi_compliance"
        package.mkdir(parents=True)
        for path in (ROOT / "avi_compliance").glob("*.py*"):
            (package / path.name).write_bytes(path.read_bytes())
        setup_py().carry(ROOT, package)
        Installation._keep_compiled(folder)
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        about = folder / "avi_compliance-0.1.0.dist-info"
        about.mkdir()
        extra = project["optional-dependencies"]["lab"]
        needs = "".join(f'Requires-Dist: {each}; extra == "lab"\n' for each in extra)
        head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {setup_py().version(ROOT)}\n"
        (about / "METADATA").write_text(f"{head}Provides-Extra: lab\n{needs}")
        points = [f"{name} = {value}\n" for name, value in project["entry-points"]["pytest11"].items()]
        (about / "entry_points.txt").write_text("[pytest11]\n" + "".join(points))
        files = [path.relative_to(folder).as_posix() for path in folder.rglob("*.py")]
        (about / "RECORD").write_text("".join(f"{name},,\n" for name in files))

    @staticmethod
    def _keep_compiled(folder: Path) -> None:
        """Compile each module once for all sessions, which takes seconds: it has the time of the clone's."""
        for path in (folder / "avi_compliance").rglob("*.py"):
            inside = path.relative_to(folder)
            (there,) = [
                place for place in (ROOT / inside, ROOT.joinpath(*inside.parts[1:])) if place.is_file()
            ]
            os.utime(path, ns=(there.stat().st_atime_ns, there.stat().st_mtime_ns))
        carried_by = crc32((ROOT / "setup.py").read_bytes())
        share_compiled(ROOT / f"build/wheel-{carried_by}", folder.with_suffix(""))

    def type(self, cwd: Path, *arguments: str, **variables: str) -> Done:
        """Run Python with these arguments in a folder."""
        return self._done([sys.executable, *arguments], cwd, variables)

    def shell(self, cwd: Path, command: str, **variables: str) -> Done:
        """Run a line of a shell in a folder, with the programs that its `.venv` has."""
        programs = cwd / ".venv/bin"
        programs.mkdir(parents=True, exist_ok=True)
        for name, typed in (("python", '"$@"'), ("pytest", f'{shlex.join(PYTEST)} "$@"')):
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {typed}\n')
            (programs / name).chmod(0o755)
        return self._done(["sh", "-c", command], cwd, variables)

    def _done(self, command: list[str], cwd: Path, variables: dict[str, str]) -> Done:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=surroundings(**{"PYTHONPATH": str(self.folder), **variables}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        assert "INTERNALERROR" not in done.stdout, done.stdout
        return Done(done.returncode, done.stdout)

    def pytest(self, cwd: Path, *arguments: str, **variables: str) -> Done:
        return self.type(cwd, *PYTEST, *arguments, **variables)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    return Installation(tmp_path_factory)


@pytest.fixture(scope="module")
def site():
    site = Site("conforming")
    yield site
    site.close()
