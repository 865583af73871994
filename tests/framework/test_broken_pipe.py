"""What a run or a command prints where nobody reads it: closed, left, or on a full disk."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.terminal import TolerantFile
from tests import lengths

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("opened", [os.pipe, pty.openpty], ids=["pipe", "terminal"])
def test_who_reads_may_leave(opened):
    ours, theirs = opened()
    with os.fdopen(theirs, "w", encoding="utf-8") as file:
        output = TolerantFile(file)
        output.write("heard\n")
        output.flush()
        assert os.read(ours, 100).strip() == b"heard"
        os.close(ours)
        output.write("unheard\n")
        output.flush()
        assert output.reader_left
        assert output.write("unheard\n") == len("unheard\n")
        output.flush()
        assert output.encoding == "utf-8"


def test_what_is_not_about_the_reader_is_told():
    """A text that cannot be encoded is a fault of ours."""
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w", encoding="ascii") as file, pytest.raises(UnicodeEncodeError):
        TolerantFile(file).write("\u00e9")
    os.close(ours)


def test_the_last_words_go_aside_once_nobody_reads(capsys):
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w", encoding="utf-8") as file:
        output = TolerantFile(file)
        output.repeat_if_unread(["undo with --rollback=J"])
        assert capsys.readouterr().err == "", "it has been read"
        os.close(ours)
        output.write("unheard\n")
        output.flush()
        output.repeat_if_unread(["undo with --rollback=J"])
    assert capsys.readouterr().err == "undo with --rollback=J\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("python -m intent --schema >&-", 0),
        ("python -m intent --schema | true", 0),
        ("python -m intent --schema 2>&-", 0),
        ("python -m intent --schema >&- 2>&- <&-", 0),
        ("python -m intent --schema >/dev/full", 4),
        ("python -m intent nowhere.yaml 2>&-", 4),
        ("python -m intent nowhere.yaml 2>/dev/full", 4),
        *(
            pytest.param(f"python -m pytest {which} {to}", code, marks=lengths.WHOLE_RUN)
            for which, code in (
                ("--lab -p no:cacheprovider --report-dir=/dev/null/x checks/test_vrfs.py", 4),
                ("--lab --lab-state conforming checks/test_vrfs.py", 0),
                ("--lab --lab-state drifted checks/test_system.py", 1),
                ("--environment=nowhere.yaml", 4),
            )
            for to in (">&-", "2>&-", ">/dev/full", ">&- 2>&- <&-", "| true")
        ),
    ],
)
def test_the_exit_code_is_no_other_where_nobody_reads(command, code, tmp_path):
    """A traceback's would be that of a drift."""
    reports = "" if "report-dir" in command else f" --report-dir={tmp_path}"
    line = command.replace("-m pytest", f"-m pytest{reports}").replace("python", f"'{sys.executable}'", 1)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert ("cannot be written: No space left" in done.stderr) == (
        "intent" in command and " >/dev/full" in command
    )
