"""Ctrl-C while writing: what the reports say of objects that were written and not read again."""

import json
import signal
import time

import pytest

from remediate.journal import load
from tests.remediate.site import LabProcess, Runs


@pytest.fixture
def slow_lab():
    """A lab of its own, fresh: a write that is still under way there must not fall into another test."""
    process = LabProcess()
    yield process
    process.stop()


def told_of_written(report, written):
    """What the first pass said is over for written objects, and holds for the others."""

    def of_written(entry):
        return entry["object"] is not None and tuple(entry["object"].values()) in written

    assert not [entry["nodeid"] for entry in report["drifts"] if of_written(entry)]
    assert report["drifts"], "what was not written is still not as declared"
    unread = [entry for entry in report["unknown"] if of_written(entry)]
    assert {tuple(entry["object"].values()) for entry in unread} == written
    why = "written by this run and not read again: it was interrupted; run again"
    assert {(entry["reason"], entry["remediation"]["outcome"]) for entry in unread} == {
        (why, "not read again")
    }
    blocked = [entry["reason"] for entry in report["blocked"]]
    assert not [why for why in blocked if why.startswith(tuple(f"{key[0]} {key[1]} is" for key in written))]


def test_interrupted_between_two_writes(lab, runs):
    lab.reset("fresh")
    lab.control("PUT", "faults", [{"method": "POST|PUT|PATCH", "path": "^/api/", "delay": 0.4}])
    process = runs.start("--remediate")
    deadline = time.monotonic() + 60
    while len(lab.writes()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert "stopping after the write that is under way" in said
    record = load(runs.journal())
    assert record.uncertain == []
    assert "skipped" in record.end
    assert 3 <= len(record.entries) < 15
    (found,) = (runs.folder / "reports").rglob("drift.json")
    told_of_written(json.loads(found.read_text()), {tuple(entry.key) for entry in record.entries})
    assert "the rest was not asked" not in said
    lab.control("DELETE", "faults")
    code, said = runs("--remediate")
    assert code == 0, said


def test_interrupted_twice_within_a_write(slow_lab, tmp_path):
    """Nobody knows of the write that was under way: its object is as unknown as those that were written."""
    lab, runs = slow_lab, Runs(slow_lab, tmp_path)
    slow = {"method": "POST|PUT|PATCH", "path": "^/api/", "delay": 20, "skip": 2}
    lab.control("PUT", "faults", [slow])
    process = runs.start("--remediate")
    for line in process.stdout:
        if line.startswith("[2/14]"):
            break
    deadline = time.monotonic() + 60
    while len(load(runs.journal()).entries) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    for line in process.stdout:
        if "a second one stops at once" in line:
            break
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2, said
    record = load(runs.journal())
    assert [entry.fate for entry in record.entries] == ["done", "done", None]
    assert "2 of 15 writes done; undo with" in said
    (found,) = (runs.folder / "reports").rglob("drift.json")
    told_of_written(json.loads(found.read_text()), {tuple(entry.key) for entry in record.entries})
