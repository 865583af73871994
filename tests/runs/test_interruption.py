"""However a run ends, its lab ends with it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from live.deadlines import Timeouts
from tests import lengths
from tests.runs.harness import ROOT, alive, cases, command, surroundings

WITNESS = ("-p", "tests.runs.witness")


def held(folder, *arguments):
    """A run that stands still in its third check: its process, and what its witness says."""
    ready = folder / "ready"
    process = subprocess.Popen(
        command(folder, "--lab", "--lab-state=conforming", *WITNESS, *arguments),
        cwd=ROOT,
        env=surroundings(AVI_TEST_HOLD=str(ready)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not (ready.exists() and ready.with_suffix(".heard").exists()):
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail(process.communicate()[0])
        time.sleep(0.05)
    about = json.loads(ready.read_text(encoding="utf-8"))
    assert alive(about["lab"]["pid"])
    return process, about


def gone(pid, seconds=10.0):
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not alive(pid)


@lengths.sampled(4)
@pytest.mark.parametrize(
    ("number", "send", "options"),
    [
        (signal.SIGINT, os.killpg, ()),
        (signal.SIGINT, os.killpg, ("-n2",)),
        (signal.SIGTERM, os.killpg, ("-n2",)),
        (signal.SIGTERM, os.kill, ("--plan",)),
    ],
    ids=["Ctrl-C", "Ctrl-C, two workers", "systemd, two workers", "Kubernetes, a plan"],
)
def test_told_to_stop(tmp_path, number, send, options):
    """A terminal sends SIGINT to every process of the run, systemd so SIGTERM; Kubernetes tells only the first."""
    process, about = held(tmp_path, *options)
    begun = time.monotonic()
    send(process.pid, number)
    out, _ = process.communicate(timeout=120)
    assert time.monotonic() - begun < Timeouts().silence, out
    assert process.returncode == 2, out
    assert gone(about["lab"]["pid"])
    assert gone(about["pid"])
    assert "KeyboardInterrupt" in out
    assert "INTERNALERROR" not in out
    assert "Traceback" not in out
    assert "INTERRUPTED: " in out, "the verdict is the last word all the same"
    left = re.search(r"^not asked any more: 19\d of 200 checks$", out, re.MULTILINE)
    assert left, out
    for report in ("page.html", "summary.md"):
        (path,) = tmp_path.rglob(report)
        assert left[0] in path.read_text()
    assert ("nothing could be planned: the run was interrupted" in out) == ("--plan" in options)
    assert not [text for word, text in cases(tmp_path / "junit.xml").values() if word == "drift"]


@lengths.WHOLE_RUN
def test_killed(tmp_path):
    """SIGKILL leaves pytest no time: the lab sees its standard input close."""
    process, about = held(tmp_path)
    process.kill()
    process.communicate(timeout=120)
    assert gone(about["lab"]["pid"])
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection(("127.0.0.1", about["lab"]["controller"]["port"]), timeout=5),
    ):
        pass


def lab(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "lab", "--state", "empty", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_lab_whose_port_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = lab("--port", str(taken.getsockname()[1]))
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("lab: cannot listen: ")
    assert "in use" in line


def test_lab_of_a_bad_version():
    done = lab("--api-version", "9.9.9")
    assert done.returncode == 4
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("lab: unknown version '9.9.9'; known: ")
