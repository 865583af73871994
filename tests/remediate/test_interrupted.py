"""Told to stop while writing: what the reports say of objects that were written and not read again."""

import json
import re
import signal
import time
import xml.etree.ElementTree as ET

import pytest

from remediate.write.record import load
from tests import lengths
from tests.remediate.site import LabProcess, Runs


@pytest.fixture
def slow_lab():
    """A lab of its own, fresh: a write that is still under way there must not fall into another test."""
    process = LabProcess()
    yield process
    process.stop()


def stopped(process, number):
    """What a run that is told to stop still prints; it ends as an interrupted one."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2, said
    return said


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


@lengths.WHOLE_RUN
def test_interrupted_between_two_writes(lab, runs):
    lab.reset("fresh")
    lab.control("PUT", "faults", [{"method": "POST|PUT|PATCH", "path": "^/api/", "delay": 0.4}])
    process = runs.start("--remediate")
    deadline = time.monotonic() + 60
    while len(lab.writes()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    said = stopped(process, signal.SIGTERM)
    assert "SIGTERM: stopping after the write that is under way" in said
    assert "to go on, run again" in said
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


@lengths.WHOLE_RUN
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
    process.send_signal(signal.SIGTERM)
    for line in process.stdout:
        if "a second one stops at once" in line:
            break
    said = stopped(process, signal.SIGINT)
    record = load(runs.journal())
    assert [entry.fate for entry in record.entries] == ["done", "done", None]
    assert "2 of 15 writes done, 1 not certain until it is read back; undo with --rollback=" in said
    assert "to go on, run again" in said
    (found,) = (runs.folder / "reports").rglob("drift.json")
    told_of_written(json.loads(found.read_text()), {tuple(entry.key) for entry in record.entries})


@lengths.WHOLE_RUN
def test_interrupted_while_the_second_pass_reads(lab, runs):
    """All is written and nothing proved: no check of what was written keeps its first word, and none has a second."""
    lab.reset("drifted")
    process = runs.start("--remediate", f"--junitxml={runs.folder}/junit.xml")
    for line in process.stdout:
        if line.startswith("[12/13]"):
            lab.control("PUT", "faults", [{"method": "GET", "path": r"^/api/network\?page_size", "delay": 4}])
        if "second pass" in line:
            break
    said = stopped(process, signal.SIGHUP)
    record = load(runs.journal())
    assert record.end == "13 done"
    assert "13 of 13 writes done; undo with --rollback=" in said
    assert "to go on, run again" in said
    (found,) = (runs.folder / "reports").rglob("drift.json")
    report = json.loads(found.read_text())
    written = {tuple(entry.key) for entry in record.entries}
    assert {tuple(entry["object"].values()) for entry in report["unknown"] if entry["object"]} >= written
    assert (report["drifts"], report["blocked"], report["remediated"]) == ([], [], [])
    cases = ET.parse(runs.folder / "junit.xml").iter("testcase")
    assert not [case.get("name") for case in cases if case.find("failure") is not None]


@lengths.WHOLE_RUN
def test_an_undo_that_is_interrupted_says_how_to_go_on(lab, runs):
    lab.reset("drifted")
    runs("--remediate", "-k", "test_buffer or test_ha_mode or test_ttl", "--settle=0")
    journal = runs.journal()
    lab.control("PUT", "faults", [{"method": "PUT", "path": "^/api/", "delay": 2}])
    lab.forget()
    process = runs.start(f"--rollback={journal}")
    deadline = time.monotonic() + 60
    while not lab.writes() and time.monotonic() < deadline:
        time.sleep(0.05)
    said = stopped(process, signal.SIGTERM)
    assert re.search("[12] of 3 writes undone; [12] stay", said), said
    assert f"to go on with the undo, give --rollback={journal} again" in said
    lab.control("DELETE", "faults")
    code, said = runs(f"--rollback={journal}")
    assert code == 0, said
