"""Runs that are told to stop before a check has ended: their last words say what was read, asked and written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from fixtures.signals import Interruption
from fixtures.site import SITE
from intent import load_environment
from live.__main__ import main
from live.avi.snapshot import Snapshot
from tests import lengths
from tests.runs.harness import ROOT, command, run, surroundings


@pytest.mark.parametrize(
    ("under_way", "come", "read", "where"),
    [
        ("", [], False, "before anything was asked of the site"),
        ("login", [], False, "at the login to avi:443: nothing of it was read"),
        ("collections", ["pool"], False, "while avi:443 was read: 1 of 3 collections had come"),
        ("", ["pool"], True, "after avi:443 was read, before the first check had ended"),
    ],
)
@pytest.mark.parametrize("writing", [False, True])
def test_each_stage_has_its_words(under_way, come, read, where, writing):
    site = SimpleNamespace(
        read_under_way=under_way,
        come=come,
        name="avi:443",
        needs={"pool", "vrf", "cloud"},
        snapshot=read or None,
    )
    config = SimpleNamespace(stash={SITE: site}, getoption=lambda name: writing and name == "remediate")
    written = "" if writing else ", and nothing was written"
    assert [*Interruption(config).lines()] == [f"INTERRUPTED: {where}; no fact was judged{written}"]


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    "options", [(), ("--plan",), ("--remediate",)], ids=["a check", "a plan", "a remediation"]
)
def test_at_the_login(lab, tmp_path, options):
    """The Controller keeps the login waiting; the run is told to stop once it says that it reads."""
    lab.reset("conforming")
    lab.faults({"path": "^/login", "delay": 20})
    process = subprocess.Popen(
        command(tmp_path, lab.declared(tmp_path), f"--journals={tmp_path}/journals", *options),
        cwd=ROOT, env=surroundings(**lab.credentials), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    said = ""
    while "avi-compliance: reading" not in said and (line := process.stdout.readline()):
        said += line
    os.killpg(process.pid, signal.SIGINT)
    said += process.communicate(timeout=120)[0]
    assert process.returncode == 2, said
    assert f"INTERRUPTED: at the login to {lab.name}: nothing of it was read; no fact was judged" in said
    assert ("nothing was planned or written" in said) == ("--remediate" in options), said
    assert "Traceback" not in said


def told_to_stop(lab, *given, hold):
    """(exit code, output) of a command that is told to stop once it waits for what the site `hold`s back."""
    lab.reset("conforming")
    lab.faults({"path": f"^{hold}", "delay": 5})
    process = subprocess.Popen(
        given, cwd=ROOT, env=surroundings(**lab.credentials), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while time.monotonic() < end and not lab.ask("GET", "/lab/faults")[0]["met"]:
        time.sleep(0.05)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=120)[0]
    assert time.monotonic() - begun < 60, "a request's time-out, and a logout's"
    assert "Traceback" not in said
    return process.returncode, said


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    ("hold", "where"),
    [
        ("/login", r"at the login to {}: nothing of it was read"),
        ("/api/healthmonitor", r"while {} was read: \d+ of \d+ collections had come"),
    ],
    ids=["login", "collections"],
)
@pytest.mark.parametrize("what", ["bootstrap", "snapshot", "compare"])
def test_a_site_that_is_read_whole(lab, tmp_path, what, hold, where):
    """Nothing stands where the file was to be, so that the same command can be given again."""
    new, site = tmp_path / "new", lab.declared(tmp_path)
    file = site.partition("=")[2]
    given = {
        "bootstrap": (command(tmp_path, site, f"--bootstrap={new}"), f"{new} was not written"),
        "snapshot": (
            [sys.executable, "-m", "live", "snapshot", file, f"--out={new}"],
            f"{new} was not written",
        ),
        "compare": ([sys.executable, "-m", "live", "compare", file, file], "nothing was compared"),
    }
    arguments, left = given[what]
    code, said = told_to_stop(lab, *arguments, hold=hold)
    assert code == 2, said
    lines = [line for line in said.splitlines() if line.startswith("INTERRUPTED: ")]
    (last,) = lines
    wanted = f"INTERRUPTED: {where.format(lab.name)}; {re.escape(left)}; give the same command again"
    assert re.fullmatch(wanted, last), last
    assert not new.exists()


def test_a_snapshot_that_was_torn_goes(lab, tmp_path, monkeypatch, capsys):
    """A second command would find it, and refuse to write over it."""

    def torn(_snapshot, path):
        path.write_text("half of")
        signal.raise_signal(signal.SIGTERM)

    for name, value in lab.credentials.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Snapshot, "save", torn)
    new, file = tmp_path / "new", lab.declared(tmp_path).partition("=")[2]
    assert main(["snapshot", file, f"--out={new}"]) == 2
    assert capsys.readouterr().err.endswith("INTERRUPTED: nothing was written; give the same command again\n")
    assert not new.exists()


def test_a_bootstrap_is_written_to_its_end(lab, tmp_path, monkeypatch):
    """The file is whole, and what one does with it is said."""
    new = tmp_path / "new.yaml"
    ran = run(
        tmp_path,
        lab.declared(tmp_path),
        f"--bootstrap={new}",
        "-p",
        "tests.runs.stopped_writing",
        **lab.credentials,
    )
    assert ran.code == 2, ran.out
    assert "INTERRUPTED: after " in ran.out
    assert (
        f"{new} is written, and whole; `python -m intent {new}` says whether it can be used as it is"
        in ran.out
    )
    assert load_environment(new).object_count > 10
