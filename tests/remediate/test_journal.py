"""The journal tells the truth whatever instant the run ends at, and so does the lock."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from intent import Key
from remediate import journal as module
from remediate.journal import BadJournal, Journal, NoJournal, left_open, load
from remediate.lock import Lock, Locked
from remediate.requests import Request
from remediate.sender import Sender

ROOT = Path(__file__).parents[2]
KEY = Key("SE group", "g", "Default-Cloud")
REQUEST = Request("PUT", "serviceenginegroup", "s1", "g", {"a": 1}, ("a",))


def begun(folder, name="iberia"):
    return Journal.begin(folder, name, "controller:443", "digest")


def test_round_trip(tmp_path):
    journal = begun(tmp_path)
    number = journal.write(KEY, REQUEST, {"a": 1}, {"a": 0, "password": "hush"})
    journal.answer(number, "done", {"a": 1, "uuid": "s1"})
    journal.end("1 done")
    record = load(journal.path)
    (entry,) = record.entries
    assert (record.environment, record.end) == ("iberia", "1 done")
    assert (entry.key, entry.request.path, entry.sent) == (KEY, "serviceenginegroup/s1", {"a": 1})
    assert entry.before == {"a": 0, "password": "<sensitive>"}
    assert (entry.fate, entry.after) == ("done", {"a": 1, "uuid": "s1"})
    assert record.uncertain == []
    assert record.head["pid"] == os.getpid()
    assert "@" in record.who


def test_for_its_owner_only(tmp_path):
    folder = tmp_path / "journals"
    assert begun(folder).path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_two_runs_in_one_second_have_a_journal_each(tmp_path):
    assert len({begun(tmp_path).path for _ in range(3)}) == 3


def test_on_the_disk_before_it_is_sent(tmp_path, monkeypatch):
    events = []
    real = os.fsync
    monkeypatch.setattr(module.os, "fsync", lambda file: (events.append("sync"), real(file)))

    class Gateway:
        name = "c"

        def write(self, *_request, **_options):
            lines = path_of.read_text().splitlines()
            assert json.loads(lines[-1])["line"] == "write", "it was written down first"
            events.append("sent")
            return {"uuid": "s1"}

    journal = begun(tmp_path)
    path_of = journal.path
    events.clear()
    Sender(Gateway(), journal).send(KEY, REQUEST, {"a": 1}, {"a": 0})
    assert events == ["sync", "sent", "sync"]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_does_not_count(tmp_path, cut):
    journal = begun(tmp_path)
    journal.write(KEY, REQUEST, {"a": 1}, None)
    number = journal.write(KEY, REQUEST, {"a": 2}, None)
    whole = journal.path.read_bytes()
    journal.answer(number, "done")
    answer = journal.path.read_bytes()[len(whole) :]
    journal.path.write_bytes(whole + answer[:-cut] if cut < len(answer) else whole)
    record = load(journal.path)
    assert len(record.uncertain) == (1 if cut == 1 and answer.endswith(b"}\n") else 2) or cut == 1
    again = Journal.reopen(record)
    again.answer(2, "lost")
    again.end("closed")
    record = load(journal.path)
    assert (record.end, record.entries[1].fate) == ("closed", "lost")


def test_what_is_written_on_has_numbers_of_its_own(tmp_path):
    journal = begun(tmp_path)
    for _ in range(3):
        journal.write(KEY, REQUEST, {}, None)
    whole = journal.path.read_bytes()
    again = Journal.reopen(load(journal.path))
    assert journal.path.read_bytes() == whole, "no line was torn, so none is ended"
    assert (again.path, again.write(KEY, REQUEST, {}, None)) == (journal.path, 4)
    empty = Journal.reopen(load(begun(tmp_path).path))
    assert empty.write(KEY, REQUEST, {}, None) == 1


def test_left_open(tmp_path):
    closed, still = begun(tmp_path), begun(tmp_path)
    other = begun(tmp_path, "elsewhere")
    closed.end("done")
    still.write(KEY, REQUEST, {}, None)
    (tmp_path / "iberia-0-nonsense.jsonl").write_text("hello")
    assert [record.path for record in left_open(tmp_path, "iberia", "controller:443")] == [still.path]
    assert [record.path for record in left_open(tmp_path, "elsewhere", "controller:443")] == [other.path]
    assert list(left_open(tmp_path / "nowhere", "iberia", "controller:443")) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "is not a journal"),
        (b"{}\n", "is not a journal"),
        (b"[1]\n", "is not a journal"),
        (b"hello\n", "is not a journal"),
        (
            b'{"avi-compliance-journal":1}\n{"line":"answer","number":7}\n{"line":"end","result":""}\n',
            "is damaged",
        ),
        (b'{"avi-compliance-journal":1}\n{"line":"write"}\n{"line":"end","result":""}\n', "is damaged"),
    ],
)
def test_what_is_no_journal(tmp_path, content, said):
    path = tmp_path / "j.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadJournal, match=said) as caught:
        load(path)
    assert len(str(caught.value).splitlines()) == 1


# The lock.


def test_one_at_a_time(tmp_path):
    with Lock(tmp_path, "iberia"):
        with pytest.raises(Locked, match=f"process {os.getpid()} on "), Lock(tmp_path, "iberia"):
            pass
        with Lock(tmp_path, "elsewhere"):
            pass
    with Lock(tmp_path, "iberia") as lock:
        assert lock.stale == ""


def test_a_killed_holder_holds_nothing(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from remediate.lock import Lock\n"
        "with Lock(Path(sys.argv[1]), 'iberia'):\n    print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    with pytest.raises(Locked, match=f"process {process.pid}"), Lock(tmp_path, "iberia"):
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    with Lock(tmp_path, "iberia") as lock:
        assert f"process {process.pid}" in lock.stale


def test_a_lock_file_of_nobody(tmp_path):
    (tmp_path / "iberia.lock").write_text("nonsense")
    with Lock(tmp_path, "iberia") as lock:
        assert lock.stale == "a process that has not said who it is"


# A disk that takes nothing.


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NoJournal, match="cannot be written"), Lock(tmp_path / "file", "iberia"):
        pass
    with pytest.raises(NoJournal, match="cannot be written"):
        begun(tmp_path / "file")


def test_a_disk_that_fills_up_stays_open_for_the_next_run(tmp_path, monkeypatch):
    journal = begun(tmp_path)

    def full(_file, _text):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(NoJournal, match="No space left"):
            journal.answer(1, "done")
        journal.end("done")
    (found,) = left_open(tmp_path, "iberia", "controller:443")
    assert found.path == journal.path
