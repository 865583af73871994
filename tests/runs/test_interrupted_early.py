"""Runs that are told to stop before a check has ended: their last words say what was read, asked and written."""

from __future__ import annotations

import os
import signal
import subprocess
from types import SimpleNamespace

import pytest

from fixtures.signals import Interruption
from fixtures.site import SITE
from tests.runs.harness import ROOT, command, surroundings


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
