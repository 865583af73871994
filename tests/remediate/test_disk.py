"""A disk that is full, or that may not be written: no line in the journal, no write to the site."""

from __future__ import annotations

import errno
import fcntl
import os
from unittest.mock import Mock

import pytest

from remediate.plan.planner import build
from remediate.write import journal as journal_module
from remediate.write import lock as lock_module
from remediate.write.applier import Applier
from remediate.write.journal import Journal, NoJournal
from remediate.write.lock import Lock, Locked
from remediate.write.record import load
from remediate.write.uncertain import resolve_uncertain
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests.remediate.inprocess import Bench


class Disk:
    """Full from the nth line of a journal on: half of that line still fits."""

    def __init__(self, monkeypatch, full_at):
        self.left = full_at
        self.write = os.write
        monkeypatch.setattr(journal_module.os, "write", self.fill)

    def fill(self, file, data):
        if bytes(data).startswith(b'{"line":'):
            self.left -= 1
        if self.left > 0:
            return self.write(file, data)
        self.write(file, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


def groups(drift):
    return drift.key.kind == "SE group"


@pytest.fixture
def run(tmp_path):
    """A site with drift in its SE groups, a plan, and what carries it out."""
    bench = Bench("drifted")
    site = bench.site()
    plan = build(site, [one for one in bench.drifts(site.live) if groups(one[0])])
    assert plan.writes >= 3

    def carried_out(journal):
        writer = Writer(bench.gateway, journal, sleep=lambda _seconds: None)
        return Applier(writer, site).apply(plan)

    bench.carried_out = carried_out
    return bench


def test_a_journal_that_cannot_begin(run, tmp_path, monkeypatch):
    Disk(monkeypatch, 1)
    with pytest.raises(NoJournal, match="cannot be written: No space left on device"):
        Journal.begin(tmp_path / "journals", "iberia", "c", "d")
    assert list((tmp_path / "journals").iterdir()) == []


def test_a_journal_that_cannot_begin_and_is_taken_away(tmp_path, monkeypatch):
    """As where a whole folder was unmounted: what is said is what went wrong first."""
    folder = tmp_path / "journals"

    def gone(_file, _data):
        (path,) = folder.iterdir()
        path.unlink()
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(journal_module.os, "write", gone)
    with pytest.raises(NoJournal, match="cannot be written: Input/output error"):
        Journal.begin(folder, "iberia", "c", "d")


def test_half_a_line_that_cannot_be_taken_back(tmp_path, monkeypatch):
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    disk = Disk(monkeypatch, 1)
    with monkeypatch.context() as patched:
        patched.setattr(
            journal_module.os, "ftruncate", Mock(side_effect=OSError(errno.EIO, "Input/output error"))
        )
        with pytest.raises(NoJournal, match="cannot be written: No space left on device"):
            journal.answer(1, "done")
    assert not journal.path.read_bytes().endswith(b"\n")
    disk.left = 100
    Journal.reopen(load(journal.path)).end("closed")
    assert load(journal.path).end == "closed"


def test_a_folder_that_is_none(tmp_path):
    (tmp_path / "journals").write_text("a file")
    with pytest.raises(NoJournal, match="cannot be written: File exists"):
        Journal.begin(tmp_path / "journals", "iberia", "c", "d")
    with pytest.raises(NoJournal, match="cannot be written: File exists"):
        Lock(tmp_path / "journals", "iberia").__enter__()


@pytest.mark.parametrize("line", [2, 4, 6])
def test_full_before_a_write(run, tmp_path, monkeypatch, line):
    """Lines: begin, then write and answer by turns."""
    Disk(monkeypatch, line)
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    results = run.carried_out(journal)
    done = line // 2 - 1
    assert run.gateway.writes == done
    assert [result.status for result in results] == ["done"] * done + ["refused"] + ["skipped"] * (
        len(results) - done - 1
    )
    assert "No space left on device; without it nothing is sent" in results[done].text
    assert [entry.fate for entry in load(journal.path).entries] == ["done"] * done


@pytest.mark.parametrize("line", [3, 5])
def test_full_behind_a_write(run, tmp_path, monkeypatch, line):
    disk = Disk(monkeypatch, line)
    journal = Journal.begin(tmp_path, "iberia", "c", "d", **run.gateway.known_as)
    results = run.carried_out(journal)
    sent = line // 2
    assert run.gateway.writes == sent, "nothing goes out behind it"
    assert results[sent - 1].status == "uncertain"
    assert "it was sent (done), but the journal cannot be written" in results[sent - 1].text
    assert [one.fate for one in results[sent - 1].writes] == ["done"], "what is known is reported"
    journal.end("never")
    # The disk has room again: the run was left open, its last write is looked for, and all of it can be undone.
    disk.left = 100
    record = load(journal.path)
    assert record.end is None
    assert [entry.fate for entry in record.entries] == ["done"] * (sent - 1) + [None]
    assert any("it was applied" in text for text in resolve_uncertain(record, run.gateway))
    undoing = Journal.begin(tmp_path, "iberia", "c", "d", undoes=journal.path.name)
    undone = undo_run(record, Writer(run.gateway, undoing, sleep=lambda _seconds: None), run.site())
    assert [one.outcome for one in undone] == ["undone"] * sent


def test_half_a_line_spoils_nothing(tmp_path, monkeypatch):
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    whole = journal.path.read_bytes()
    disk = Disk(monkeypatch, 1)
    journal.end("done")
    assert journal.path.read_bytes() == whole
    disk.left = 100
    again = Journal.reopen(load(journal.path))
    again.end("closed")
    assert load(journal.path).end == "closed"


def test_a_journal_that_cannot_be_opened_again(tmp_path):
    record = load(Journal.begin(tmp_path, "iberia", "c", "d").path)
    record.path.unlink()
    with pytest.raises(NoJournal, match="cannot be written: No such file"):
        Journal.reopen(record)


def test_a_lock_on_a_full_disk_holds(tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lock_module.os, "pwrite", full)
    with Lock(tmp_path, "iberia"), pytest.raises(Locked, match="a process that has not said who it is"):
        Lock(tmp_path, "iberia").__enter__()


def test_a_disk_without_locks_is_said(tmp_path, monkeypatch):
    """Some network file systems have none: that is not somebody else's run."""

    def none(_file, _how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(NoJournal, match="cannot be locked: No locks available"):
        Lock(tmp_path, "iberia").__enter__()
