"""Every command of ours teaches by `--help`, and ends bad usage with 4."""

import io
import re
import runpy
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FOR_PROGRAMS = {
    "lab/hosts/__main__.py": "the shell that AVI_SSH_CONFIG of the lab names: ssh's client starts it",
    "lab/hosts/commands.py": "what that shell calls in place of dig, nc and date",
    "lab/tests/sdk_session.py": "a test starts it with a release of avisdk on its path",
    "tests/runs/zygote.py": "a test starts it with an open file",
    "setup.py": "pip and build start it: its options are setuptools'",
}
"""Modules that no person starts, and who does."""


def commands():
    """The modules of the project that are started as programs, by their files."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.split():
        text = (ROOT / name).read_text(encoding="utf-8")
        if name.endswith("__main__.py") or re.search(r'^if __name__ == "__main__":', text, re.MULTILINE):
            yield name


COMMANDS = sorted(set(commands()) - FOR_PROGRAMS.keys())


def run(name, argument, monkeypatch):
    """(exit code, what was printed) of a command in this process."""
    text = (ROOT / name).read_text(encoding="utf-8") if name != "fleet/__main__.py" else "parse_args("
    assert "parse_args(" in text or "parse_known_args(" in text, (
        f"{name}: has no parser, and would do its work"
    )
    monkeypatch.setattr(sys, "argv", [name, argument])
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    package = name.removesuffix("/__main__.py")
    start = partial(runpy.run_path, str(ROOT / name))
    if package != name:
        start = partial(runpy.run_module, package.replace("/", "."))
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed), pytest.raises(SystemExit) as ended:
        start(run_name="__main__")
    return ended.value.code or 0, printed.getvalue()


@pytest.mark.filterwarnings("ignore:.*found in sys.modules after import of package:RuntimeWarning")
@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches(name, monkeypatch):
    code, said = run(name, "--help", monkeypatch)
    assert code == 0, said
    lacking = [word for word in ("usage: python", "examples:", "exit codes:", "  4  ") if word not in said]
    assert not lacking, f"{name} --help says nothing of {lacking}: give its CommandParser examples and codes"


@pytest.mark.filterwarnings("ignore:.*found in sys.modules after import of package:RuntimeWarning")
@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "tour.py"])
def test_an_unknown_option_is_bad_usage(name, monkeypatch):
    code, said = run(name, "--no-such-option", monkeypatch)
    assert code == 4, said
    assert "--no-such-option" in said or "arguments are required" in said


def test_the_tour_hands_an_unknown_option_to_pytest():
    """Its options are pytest's, which takes none that it does not know."""
    done = subprocess.run(
        [sys.executable, "tour.py", "--no-such-option"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert "--no-such-option" in done.stderr
