"""The file of a history: whole whatever ends a run, and set aside or refused where it is damaged or newer."""

import itertools
import multiprocessing
import os
import signal
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from mini_suite import case
from played import START, entry
from receivers import webhook

from reports.history.store import CheckEntry, History, HistoryDamaged, HistoryUnusable, set_aside
from tests import lengths


def test_results_are_all_there_or_none(history):
    number = history.begin("run", START)
    with pytest.raises(ZeroDivisionError):
        history.finish(number, START, 0, {}, (entry("passed", "", str(1 / (2 - n))) for n in range(4)))
    with pytest.raises(ValueError, match="not in tuple"):
        history.finish(number, START, 0, {}, [entry("passed"), entry("nonsense", name="B")])
    assert history.entries(number) == {}
    assert history.runs()[0].ended is None


def write_many(path, name, count):
    for number in range(count):
        with History(path) as history:
            run = history.begin(f"{name}-{number}", datetime.now(UTC))
            history.finish(run, datetime.now(UTC), 0, {}, [entry("passed", "", str(n)) for n in range(100)])


def test_many_runs_at_once(tmp_path):
    path = tmp_path / "history.sqlite"
    workers = [multiprocessing.Process(target=write_many, args=(path, f"w{n}", 8)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    with History(path) as history:
        assert len([run for run in history.runs() if run.ended]) == 32
        assert all(len(life) == 32 for _, life in history.lives())


@lengths.WHOLE_RUN
def test_a_run_killed_in_the_middle_leaves_a_good_file(suite):
    suite.run([case("drift", "A")])
    (suite.folder / "conftest.py").write_text(
        (suite.folder / "conftest.py").read_text()
        + "\ndef pytest_runtest_logreport(report):\n"
        + "    if 'KILL' in report.nodeid and report.when == 'teardown':\n"
        + "        print('here', flush=True); import time; time.sleep(60)\n"
    )
    suite.prepare([case("drift", "A"), case(name="KILL"), case(name="Z")])
    process = suite.start("-s")
    for line in process.stdout:
        if "here" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    ran = suite.run([case("drift", "A"), case(name="Z")])
    assert "1 still drifting" in ran.out
    with History(ran.reports / "history.sqlite") as history:
        assert [run.ended is not None for run in history.runs()] == [True, False, True]


@lengths.WHOLE_RUN
@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["one-process", "distributed"])
def test_a_damaged_file_is_set_aside(suite, arguments):
    """An unattended run must not go without a history, and without telling anybody, until somebody looks."""
    suite.run([case()])
    home = suite.folder / "reports/out/demo"
    (home / "history.sqlite").write_bytes(b"not a database at all" * 1000)
    with webhook() as hook:
        ran = suite.run([case("drift", "NET_A")], "--notify", hook.url, *arguments)
    assert ran.code == 1
    assert "note: the history was damaged" in ran.out
    (aside,) = home.glob("history.damaged-*.sqlite")
    assert aside.read_bytes().startswith(b"not a database")
    assert len(hook.got) == 1
    assert "1 still drifting" in suite.again().out


def test_a_file_damaged_within_is_set_aside_at_the_end(suite):
    suite.run([case(name=f"N{number}") for number in range(200)])
    path = suite.folder / "reports/out/demo/history.sqlite"
    with History(path) as history:
        history._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    ran = suite.run([case("drift", "NET_A")])
    assert ran.code == 1
    assert "note: the history was damaged" in ran.out
    with History(path) as history:
        assert [run.exit_code for run in history.runs()] == [1]


def test_only_the_damaged_file_itself_is_set_aside(tmp_path):
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(HistoryDamaged) as caught:
        History(path)
    assert set_aside(path, caught.value).exists()
    with History(path) as history:
        history.begin("fresh", START)
    assert set_aside(path, caught.value) is None
    with History(path) as history:
        assert [run.run for run in history.runs()] == ["fresh"]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("runs", "run"),
        ("runs", "started"),
        ("runs", "ended"),
        ("runs", "facts"),
        ("results", "outcome"),
        ("results", "told_id"),
        ("checks", "object"),
        ("told", "text"),
        ("notified", "run_id"),
    ],
)
def test_a_value_of_any_kind_in_any_column_ends_in_a_sentence(tmp_path, table, column):
    path = tmp_path / "history.sqlite"
    entry = CheckEntry("n", "t", "network a", "s", "t", "minor", "drift", "[]")
    with History(path) as history:
        for number in range(2):
            history.finish(history.begin(f"r{number}", START), START, 1, {}, [entry])
        history.has_notified("hook", 1)
        history._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sound = path.read_bytes()
    asked = (
        History.runs, lambda h: h.entries(2), lambda h: list(h.lives()), lambda h: h.last_words(9),
        lambda h: h.not_good_since("n"), lambda h: h.notified("hook"), lambda h: h.prune(1),
    )  # fmt: skip
    for value, ask in itertools.product(["[]", "x", 99, -7, b"\xff"], asked):
        path.write_bytes(sound)
        with History(path) as history, suppress(HistoryUnusable):
            history._db.execute("PRAGMA foreign_keys = OFF")
            history._db.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
            ask(history)


def test_a_newer_file_is_refused(tmp_path):
    path = tmp_path / "history.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(HistoryUnusable, match="newer version"):
        History(path)
