"""The journal tells the truth whatever instant the run ends at, and so does the lock."""

import errno
import getpass
import json
import os
import re
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from intent import Key
from intent.plain_data import to_json
from remediate.plan.model import Request
from remediate.write import journal as module
from remediate.write.journal import Journal, NoJournal, left_open
from remediate.write.lock import Lock, Locked
from remediate.write.record import BadJournal, JournalEntry, JournalHead, load
from remediate.write.writer import Writer
from tests.remediate import forged

ROOT = Path(__file__).parents[2]
KEY = Key("SE group", "g", "Default-Cloud")
REQUEST = Request("PUT", "serviceenginegroup", "s1", "g", {"a": 1}, ("a",))
MAKES = Request("POST", "serviceenginegroup", "", "g", {"name": "g"})


def begun(folder, name="iberia"):
    return Journal.begin(folder, name, "controller:443", "digest")


def test_round_trip(tmp_path):
    journal = begun(tmp_path)
    number = journal.write(KEY, REQUEST, {"a": 1}, {"a": 0, "password": "hush"})
    journal.answer(number, "done", {"a": 1, "uuid": "s1"})
    journal.end("1 done")
    record = load(journal.path)
    (entry,) = record.entries
    assert (record.head.environment, record.end) == ("iberia", "1 done")
    assert (entry.key, entry.request.path, entry.sent) == (KEY, "serviceenginegroup/s1", {"a": 1})
    assert entry.before == {"a": 0, "password": "<sensitive>"}
    assert (entry.fate, entry.after) == ("done", {"a": 1, "uuid": "s1"})
    assert record.uncertain == []
    assert record.head.pid == os.getpid()
    assert "@" in record.head.who


def test_a_kinds_former_word(tmp_path):
    """Nothing in a sealed journal can be edited; those that were not sealed may still have it."""
    journal = begun(tmp_path)
    journal.write(Key("DNS service", "dns", "Default-Cloud"), REQUEST, {"a": 1}, {"a": 0})
    text = journal.path.read_text()
    journal.path.write_text(text.replace('"DNS service"', '"virtual service"'))
    assert "virtual service" in journal.path.read_text()
    assert load(journal.path).entries[0].key.kind == "DNS service"


def test_its_name_and_its_first_line(tmp_path):
    who = {"account": "ann", "client": "avi-compliance/7"}
    path = Journal.begin(tmp_path / "a" / "b", "iberia", "c:443", "digest", undoes="older.jsonl", **who).path
    assert re.fullmatch(r"iberia-\d{8}T\d{6}\.jsonl", path.name)
    (line,) = path.read_text().splitlines()
    head = json.loads(line)
    assert datetime.fromisoformat(at := head.pop("at")).utcoffset() == timedelta(0)
    assert re.fullmatch("[0-9a-f]{32}", head.pop("run"))
    assert re.fullmatch("[0-9a-f]{16}", head.pop("key"))
    assert re.fullmatch("[0-9a-f]{64}", head.pop("mac"))
    assert head == {
        "line": "begin", "avi-compliance-journal": 2, "environment": "iberia", "address": "c:443",
        "plan": "digest", "undoes": "older.jsonl", "who": f"{getpass.getuser()}@{socket.gethostname()}",
        "pid": os.getpid(), "account": "ann", "client": "avi-compliance/7",
    }  # fmt: skip
    record = load(path)
    assert (record.head.environment, record.head.address, record.end) == ("iberia", "c:443", None)
    assert (record.head.who, record.head.at) == (head["who"], at)
    assert json.loads(begun(tmp_path).path.read_text())["undoes"] == ""


def test_its_name_has_the_hour_of_everywhere(tmp_path, monkeypatch):
    """Names are sorted by age, also where clocks are set back in autumn."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "JST-9")
        time.tzset()
        record = load(begun(tmp_path).path)
    time.tzset()
    named = datetime.strptime(record.path.stem.rpartition("-")[2] + "+0000", "%Y%m%dT%H%M%S%z")
    assert abs(datetime.fromisoformat(record.head.at) - named) < timedelta(minutes=1)


def test_the_lines_of_a_write(tmp_path):
    """A write says nothing twice: the body is what was sent. A name outside ASCII stays readable."""
    journal = begun(tmp_path)
    key = Key("SE group", "gr\u00fcn", "Default-Cloud")
    number = journal.write(key, REQUEST, {"a": 1, "password": "hush"}, {"secret_key": "k"})
    journal.answer(number, "unknown")
    assert load(journal.path).entries[0].text == ""
    journal.answer(number, "unknown", {"password": "hush"}, "nobody knows", heard=False)
    journal.end("over")
    text = journal.path.read_text(encoding="utf-8")
    assert "gr\u00fcn" in text
    _, write, _, answer, end = (json.loads(line) for line in text.splitlines())
    assert all(datetime.fromisoformat(line.pop("at")) for line in (write, answer, end))
    assert len({line.pop("mac") for line in (write, answer, end)}) == 3
    assert write == {
        "line": "write", "number": 1, "key": list(key), "request": to_json(REQUEST) | {"body": {}},
        "sent": {"a": 1, "password": "<sensitive>"}, "before": {"secret_key": "<sensitive>"},
    }  # fmt: skip
    assert answer == {
        "line": "answer", "number": 1, "fate": "unknown", "after": {"password": "<sensitive>"},
        "text": "nobody knows", "heard": False,
    }  # fmt: skip
    assert end == {"line": "end", "result": "over"}
    (entry,) = load(journal.path).entries
    assert (entry.number, entry.text, entry.at) == (1, "nobody knows", json.loads(text.splitlines()[1])["at"])
    assert str(entry) == f"PUT serviceenginegroup of {key}"
    assert load(journal.path).uncertain == [entry], "unknown is as uncertain as unanswered"


@pytest.mark.parametrize(
    ("request_", "after", "uuid"),
    [(REQUEST, {"uuid": "other"}, "s1"), (MAKES, {"uuid": "s2"}, "s2"), (MAKES, {}, ""), (MAKES, None, "")],
)
def test_the_uuid_of_what_was_written(request_, after, uuid):
    assert JournalEntry(1, KEY, request_, {}, None, "", "done", after).uuid == uuid


def test_a_disk_that_takes_a_byte_at_a_time(tmp_path, monkeypatch):
    write = os.write
    journal = begun(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(module.os, "write", lambda file, data: write(file, data[:1]))
        journal.write(KEY, REQUEST, {"a": 1}, None)
    assert [entry.sent for entry in load(journal.path).entries] == [{"a": 1}]


def test_its_file_is_let_go_once(tmp_path):
    """A number that is closed twice may be somebody else's file by then."""
    for closes in (lambda journal: journal.end("done"), Journal.abandon):
        journal = begun(tmp_path)
        number = journal._file._file
        closes(journal)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(number)
        whole = journal.path.read_bytes()
        with (tmp_path / "somebody's").open("w") as other:
            assert other.fileno() == number, "the system gives it to the next one"
            journal.end("again")
            journal.abandon()
            os.fstat(number)
        assert journal.path.read_bytes() == whole
        assert (tmp_path / "somebody's").read_bytes() == b""


def test_a_user_without_a_name(tmp_path, monkeypatch):
    """As in a container that runs under a number: Python 3.12 and before raise KeyError, later ones OSError."""
    for error in (KeyError("getpwuid(): uid not found: 1234"), OSError("No username set in the environment")):
        monkeypatch.setattr(module.getpass, "getuser", Mock(side_effect=error))
        assert load(begun(tmp_path).path).head.who.startswith(f"uid{os.getuid()}@")


def test_every_name_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "open", Mock(side_effect=FileExistsError(errno.EEXIST, "File exists")))
    with pytest.raises(NoJournal, match=r"^cannot be written: File exists$"):
        Journal.begin(tmp_path, "iberia", "controller:443", "digest", seal=forged.OTHER)
    assert module.os.open.call_count > 100


def test_a_head_that_says_no_more_than_the_site(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_text('{"avi-compliance-journal":1,"environment":"iberia","address":"c:443"}\n\n  \n')
    record = load(path)
    assert record.head == JournalHead("iberia", "c:443", at="some time", who="somebody")
    assert (record.entries, record.end, record.path) == ([], None, path)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            {"environment": "iberia"},
            ":1: is damaged: address: is missing, so nobody knows which site it is of",
        ),
        ({"address": "c:443"}, ":1: is damaged: environment: is missing"),
        (
            {"avi-compliance-journal": 3},
            r" \(format 3, and this one reads 1 and 2\); undo it with the version that",
        ),
        ({"avi-compliance-journal": "3"}, ": is a journal of another version of this program"),
        ({"avi-compliance-journal": None}, ": is a journal of another version of this program"),
    ],
)
def test_a_head_of_no_known_site_or_form(tmp_path, head, said):
    path = tmp_path / "j.jsonl"
    path.write_text(json.dumps({"avi-compliance-journal": 2, **head}) + "\n")
    with pytest.raises(BadJournal, match=said):
        load(path)


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
            return {"uuid": "s1", "a": 1}

        def read(self, *_asked, **_options):
            return {"uuid": "s1", "a": 1}

    journal = begun(tmp_path)
    path_of = journal.path
    events.clear()
    Writer(Gateway(), journal).send(KEY, REQUEST, {"a": 1}, {"a": 0})
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
    assert list(left_open(tmp_path, "iberia", "another:443")) == []
    assert list(left_open(tmp_path, "iber", "controller:443")) == []


def test_the_oldest_of_those_left_open_comes_first(tmp_path):
    """Also behind one that is none, one that is closed, one of another Controller, and one of a longer name."""
    paths = [begun(tmp_path).path for _ in range(3)]
    names = [tmp_path / f"iberia-2026010{day}T000000.jsonl" for day in (3, 1, 2)]
    for path, name in zip(paths, names, strict=True):
        path.rename(name)
    begun(tmp_path, "iberia-b").path.rename(tmp_path / "iberia-20260100T000000.jsonl")
    Journal.begin(tmp_path, "iberia", "another:443", "d").path.rename(
        tmp_path / "iberia-20260100T000001.jsonl"
    )
    (tmp_path / "iberia-20260100T000002.jsonl").write_text("hello")
    closed = begun(tmp_path)
    closed.end("done")
    closed.path.rename(tmp_path / "iberia-20260100T000003.jsonl")
    assert [one.path for one in left_open(tmp_path, "iberia", "controller:443")] == sorted(names)


HEAD = b'{"avi-compliance-journal":1,"environment":"iberia","address":"c:443"}\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "is not a journal"),
        (b"{}\n", "is not a journal"),
        (b"[1]\n", "is not a journal"),
        (b"hello\n", "is not a journal"),
        (
            b'{"avi-compliance-journal":1,"environment":5}\n',
            r":1: is damaged: environment: is not text \(found 5\)",
        ),
        (
            HEAD + b'{"line":"answer","number":7}\n{"line":"end","result":""}\n',
            ":2: is damaged: fate: is not there",
        ),
        (
            (
                HEAD
                + b'{"line":"answer","number":7,"fate":"done","after":null,"text":""}\n{"line":"end","result":""}\n'
            ),
            ":2: is damaged: number: no write has the number 7",
        ),
        (
            HEAD + b'{"line":"answer","number":7,"fate":"won"}\n{"line":"end","result":""}\n',
            ":2: is damaged: fate: 'won' is not one of 'done', 'refused', 'conflict', 'lost', 'unsent', 'unknown'",
        ),
        (
            HEAD + b'{"line":"write"}\n{"line":"end","result":""}\n',
            ":2: is damaged: number: is not there",
        ),
        (
            HEAD + b'{"line":"more"}\n{"line":"end","result":""}\n',
            ":2: is damaged: line: 'more' is not one of write, answer, end",
        ),
    ],
)
def test_what_is_no_journal(tmp_path, content, said):
    path = tmp_path / "j.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadJournal, match=said) as caught:
        load(path)
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).startswith(f"{path}")


@pytest.mark.parametrize(
    "line", [b'{"line":"answer","number":7}', b"[1]", b'{"line":"write"}', b"[" * 100_000 + b"}", b'"x}'],
    ids=["no such write", "no line", "no key", "too deep", "no JSON"],
)  # fmt: skip
@pytest.mark.parametrize("last", [False, True])
def test_a_damaged_line_is_named_unless_a_kill_explains_it(tmp_path, line, last):
    path = tmp_path / "j.jsonl"
    end = b"" if last else b'\n\n{"line":"end","result":"over"}\n'
    path.write_bytes(HEAD + line + end)
    if last or not line.endswith(b"}"):
        assert load(path).end == (None if last else "over")
    else:
        with pytest.raises(BadJournal, match=r"is damaged: ") as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}:2: ")


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
        "import sys, time; from pathlib import Path; from remediate.write.lock import Lock\n"
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
