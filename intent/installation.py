"""The installation, a clone or an installed package: the product's folder, the names of its modules, its version.

In a clone a module is `intent`, in a package `avi_compliance.intent`; commands shown to people name it accordingly.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from intent.files import near
from intent.scrubber import environ_for_children

VERSION = "0.1.0"

HOME = Path(__file__).absolute().parents[1]
"""The folder that holds our folders: the clone, or the package `avi_compliance`."""

PREFIX = __name__.removesuffix("intent.installation")
"""What stands before the names of our modules: nothing in a clone, `avi_compliance.` in an installation."""

OUT = Path("reports", "out") if PREFIX else HOME / "reports" / "out"
"""Where runs leave their reports: in the clone, or in the folder in which one works."""

COMMIT = HOME / "commit.json"
"""Written when a wheel is made."""

_COMMANDS = re.compile(r"\bpython -m (?=(?:avi_schema|fleet|intent|lab|live|remediate|reports)\b)")


def module(name: str) -> str:
    """The name of a module of ours, as Python knows it here."""
    return PREFIX + name


def typed(text: str) -> str:
    """A text with our commands as they are typed here: `python -m avi_compliance.intent` in an installation."""
    return _COMMANDS.sub(lambda match: match[0] + PREFIX, text)


EVERY_KEY = typed("python -m intent --schema")
EVERY_TYPE = f"{EVERY_KEY} --objects-of 30.2.1"
"""Commands that list every key of an environment file, and with them every type of object and its members."""


def python() -> str:
    """This interpreter as one types it here: its path where it lies here and is not what `python` means."""
    path = near(sys.executable)
    return "python" if Path(path).is_absolute() or shutil.which("python") == sys.executable else path


def program(name: str) -> list[str]:
    """The command line of a module of ours as a process of its own; in a clone its folder is HOME."""
    # Without -P, a module in the user's folder would stand before every other of its name.
    return [sys.executable, *(["-P"] if PREFIX else []), "-m", module(name)]


@cache
def commit(folder: Path = HOME) -> str:
    """The commit of the rules in a folder, `-dirty` behind it where files have changed since; "" where nobody knows."""
    if folder == HOME and COMMIT.is_file():
        return str(json.loads(COMMIT.read_text(encoding="utf-8")).get("commit", ""))
    if folder == HOME and not (HOME / ".git").exists():
        return ""
    return git(folder, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")


def git(folder: Path, *arguments: str) -> str:
    """What git writes in a folder, without our credentials; "" where it fails, or is not there.

    A folder that belongs to another user is read too, as a service or a CI job has it: its code is run anyway.
    """
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 -- our own arguments, no shell
            command, capture_output=True, text=True, timeout=10, check=False, env=environ_for_children()
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def version() -> str:
    """The version with its commit, as people read it: `0.1.0 (commit 89c8a61)`."""
    known = commit()
    return f"{VERSION} (commit {known})" if known else VERSION
