"""The history file: runs, and every check's outcome and drift in each.

A run is a row from its start, and gets its results in one transaction at its end: a run that was killed stays as one
that did not end, and is never compared with. Two runs at once wait for each other's writes (WAL, busy timeout).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from intent.files import opened
from intent.forecast import Figure, Point, Reading
from intent.words import renamed
from reports.history import figures

VERSION = 1
"""The version of the file's tables, kept in `PRAGMA user_version`."""

FILE = "history.sqlite"

OUTCOMES = ("passed", "drift", "failed", "unknown", "blocked", "waived", "remediated")
"""Stored by their place in this row: only ever append to it."""

ODD = (LookupError, OverflowError, TypeError, ValueError)
"""What rows lead to that no run has written: SQLite takes a value of any type in any column."""

_BUSY = 30.0
"""Seconds that a run waits for another one's write."""

_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    started TEXT NOT NULL,
    ended TEXT,
    exit_code INTEGER,
    facts TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS checks (
    id INTEGER PRIMARY KEY,
    nodeid TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    object TEXT NOT NULL,
    step TEXT NOT NULL,
    topic TEXT NOT NULL,
    severity TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS told (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS results (
    check_id INTEGER NOT NULL REFERENCES checks (id),
    run_id INTEGER NOT NULL REFERENCES runs (id),
    outcome INTEGER NOT NULL,
    told_id INTEGER NOT NULL REFERENCES told (id),
    PRIMARY KEY (check_id, run_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notified (
    target TEXT PRIMARY KEY,
    run_id INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS results_of_run ON results (run_id, check_id, outcome, told_id);
"""


_PASSED = """
CREATE TABLE IF NOT EXISTS passed (
    target TEXT NOT NULL,
    nodeid TEXT NOT NULL,
    news TEXT NOT NULL,
    PRIMARY KEY (target, nodeid, news)
) WITHOUT ROWID;
"""
"""What a receiver was told while the rest was held."""


class HistoryUnusable(Exception):
    """The history file cannot be read or written; says why and what to do."""


class HistoryDamaged(HistoryUnusable):
    """What is in the file is no history (any more). `inode` tells the file from one that has taken its place."""

    def __init__(self, text: str, inode: int) -> None:
        super().__init__(text)
        self.inode = inode


def set_aside(path: Path, damaged: HistoryDamaged) -> Path | None:
    """Move a damaged file away, for somebody to look at; None when another run has done so. Raises OSError."""
    if path.stat().st_ino != damaged.inode:
        return None
    aside = path.with_name(f"{path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}{path.suffix}")
    path.rename(aside)
    for more in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + more).rename(aside.with_name(aside.name + more))
    return aside


@dataclass(frozen=True)
class PastRun:
    """One run in the history. `ended` is None for one that was killed, or is running now."""

    id: int
    run: str
    started: datetime
    ended: datetime | None
    exit_code: int | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class CheckEntry:
    """One check in one run. `told` is its drifts as JSON text, or its reason: equal text is an equal finding."""

    nodeid: str
    title: str
    object: str
    step: str
    topic: str
    severity: str
    outcome: str
    told: str

    @property
    def fact(self) -> str:
        """What was checked, with the kind of its object: `network A: A is in its VRF context`."""
        title = self.title.rstrip(".")
        return f"{self.object}: {title}" if self.object else title


class PastOutcome(NamedTuple):
    """What one check came to in a run. `finding` is what `CheckEntry` tells."""

    run: int
    outcome: str
    finding: str = ""


class History:
    """An open history file. Use it in a `with` statement."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # A site's history is its owner's; SQLite gives its other files the same mode.
            os.close(opened(path, os.O_WRONLY | os.O_CREAT))
            self._inode = path.stat().st_ino
            self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise HistoryUnusable(f"{path}: cannot be opened: {error}") from error
        with self._clear():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                self._db.close()
                raise HistoryUnusable(
                    f"{path}: is of a newer version ({version}) than this program knows ({VERSION}); update it"
                )
            if version < VERSION:
                self._db.executescript(_TABLES)
                self._db.execute(f"PRAGMA user_version = {VERSION}")
            # Beside the others since a version that knew nothing of them: it leaves them alone.
            self._db.executescript(figures.TABLES + _PASSED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self, run: str, started: datetime) -> int:
        """Note that a run has started; its number."""
        with self._clear():
            row = self._db.execute(
                "INSERT INTO runs (run, started) VALUES (?, ?)", (run, started.astimezone(UTC).isoformat())
            )
            return int(row.lastrowid or 0)

    def finish(  # noqa: PLR0913, PLR0917 -- all that a run leaves, in one transaction
        self,
        number: int,
        ended: datetime,
        exit_code: int,
        facts: dict[str, Any],
        entries: Iterable[CheckEntry],
        reading: Reading | None = None,
    ) -> None:
        """Note a run's end with all its results and figures, at once or not at all."""
        rows = list(entries)
        with self._transaction():
            self._insert(number, rows)
            if reading is not None:
                figures.insert(self._db, number, reading)
            self._db.execute(
                "UPDATE runs SET ended = ?, exit_code = ?, facts = ? WHERE id = ?",
                (ended.astimezone(UTC).isoformat(), exit_code, json.dumps(facts, default=str), number),
            )

    def _insert(self, number: int, rows: list[CheckEntry]) -> None:
        self._db.executemany(
            "INSERT INTO checks (nodeid, title, object, step, topic, severity) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (nodeid) DO UPDATE SET title = excluded.title, object = excluded.object,"
            " step = excluded.step, topic = excluded.topic, severity = excluded.severity",
            [(e.nodeid, e.title, e.object, e.step, e.topic, e.severity) for e in rows],
        )
        self._db.executemany("INSERT OR IGNORE INTO told (text) VALUES (?)", {(e.told,) for e in rows})
        self._db.executemany(
            "INSERT OR REPLACE INTO results (check_id, run_id, outcome, told_id) VALUES ("
            "(SELECT id FROM checks WHERE nodeid = ?), ?, ?, (SELECT id FROM told WHERE text = ?))",
            [(e.nodeid, number, OUTCOMES.index(e.outcome), e.told) for e in rows],
        )

    def runs(self, limit: int | None = None) -> list[PastRun]:
        """The latest runs, oldest first, those that did not end among them."""
        with self._clear(*ODD):
            rows = self._db.execute(
                "SELECT id, run, started, ended, exit_code, facts FROM runs ORDER BY id DESC LIMIT ?",
                (-1 if limit is None else limit,),
            ).fetchall()
            return [_past(row) for row in reversed(rows)]

    def entries(self, number: int) -> dict[str, CheckEntry]:
        """Every check of a run, by node id."""
        with self._clear(*ODD):
            rows = self._db.execute(
                "SELECT nodeid, title, object, step, topic, severity, outcome, text FROM results"
                " JOIN checks ON checks.id = check_id JOIN told ON told.id = told_id WHERE run_id = ?",
                (number,),
            ).fetchall()
            return {
                nodeid: CheckEntry(
                    nodeid, title, renamed(subject), step, topic, severity, OUTCOMES[outcome], text
                )
                for nodeid, title, subject, step, topic, severity, outcome, text in rows
            }

    def lives(
        self, nodeids: Iterable[str] | None = None, *, before: int | None = None, latest: int | None = None
    ) -> Iterator[tuple[str, list[PastOutcome]]]:
        """(node id, what it came to in runs that ended, oldest first), for some checks or all.

        `before`: only runs of a lower number. `latest`: at most so many of each.
        """
        wanted = None if nodeids is None else set(nodeids)
        last = 2**62 if before is None else before - 1
        with self._clear(*ODD):
            ended = {row[0] for row in self._db.execute("SELECT id FROM runs WHERE ended IS NOT NULL")}
            names = self._db.execute("SELECT id, nodeid FROM checks").fetchall()
            findings = dict(self._db.execute("SELECT id, text FROM told").fetchall())
            for check_id, nodeid in names:
                if wanted is not None and nodeid not in wanted:
                    continue
                rows = self._db.execute(
                    "SELECT run_id, outcome, told_id FROM results WHERE check_id = ? AND run_id <= ?"
                    " ORDER BY run_id DESC LIMIT ?",
                    (check_id, last, -1 if latest is None else latest),
                )
                life = [
                    PastOutcome(run, OUTCOMES[what], findings[how]) for run, what, how in rows if run in ended
                ]
                yield nodeid, life[::-1]

    def earlier(self, reading: Reading) -> Mapping[tuple[str, ...], list[Point]]:
        """What the runs before have read of the figures of use, by series."""
        with self._clear(*ODD):
            return figures.earlier(self._db, reading)

    def latest_reading(self) -> datetime | None:
        """When figures of use were last read."""
        with self._clear(*ODD):
            return figures.latest(self._db)

    def series(self) -> list[tuple[Figure, list[figures.Past]]]:
        """Every series of figures: its latest, and its readings."""
        with self._clear(*ODD):
            return list(figures.all_series(self._db))

    def not_good_since(self, nodeid: str, before: int | None = None) -> int | None:
        """The first run of a check's last unbroken row of drifting or waived runs; None when there is none."""
        last = 2**62 if before is None else before - 1
        with self._clear(*ODD):
            row = self._db.execute(
                "SELECT min(run_id) FROM results JOIN checks ON checks.id = check_id"
                " WHERE nodeid = :nodeid AND run_id <= :last AND outcome NOT IN (:unknown, :blocked)"
                " AND run_id > coalesce((SELECT run_id FROM results JOIN checks ON checks.id = check_id"
                " WHERE nodeid = :nodeid AND run_id <= :last AND outcome IN (:passed, :remediated)"
                " ORDER BY run_id DESC LIMIT 1), 0)",
                {"nodeid": nodeid, "last": last, **{name: OUTCOMES.index(name) for name in OUTCOMES}},
            ).fetchone()
            return int(row[0]) if row[0] is not None else None

    def last_words(self, before: int) -> dict[str, tuple[str, str]]:
        """Of every check ever judged before a run: its outcome then, and its latest outcome, judged or not."""
        with self._clear(*ODD):
            rows = self._db.execute(
                "SELECT nodeid,"
                " (SELECT outcome FROM results WHERE check_id = checks.id AND run_id < :before"
                " AND outcome NOT IN (:unknown, :blocked) ORDER BY run_id DESC LIMIT 1),"
                " (SELECT outcome FROM results WHERE check_id = checks.id AND run_id < :before"
                " ORDER BY run_id DESC LIMIT 1) FROM checks",
                {"before": before, **{name: OUTCOMES.index(name) for name in OUTCOMES}},
            ).fetchall()
            return {row[0]: (OUTCOMES[row[1]], OUTCOMES[row[2]]) for row in rows if row[1] is not None}

    def notified(self, target: str) -> int | None:
        """The number of the run that a receiver was last told of, if it was ever told."""
        with self._clear(*ODD):
            row = self._db.execute("SELECT run_id FROM notified WHERE target = ?", (target,)).fetchone()
            return int(row[0]) if row else None

    def has_notified(self, target: str, number: int) -> None:
        """Note that a receiver knows of everything up to a run."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO notified VALUES (?, ?)", (target, number))
            self._db.execute("DELETE FROM passed WHERE target = ?", (target,))

    def passed(self, target: str) -> frozenset[tuple[str, str]]:
        """What a receiver was told since then, while the rest waits: (node id or "", what it is recognised by)."""
        with self._clear(*ODD):
            rows = self._db.execute("SELECT nodeid, news FROM passed WHERE target = ?", (target,))
            return frozenset((str(nodeid), str(news)) for nodeid, news in rows)

    def has_passed(self, target: str, news: Iterable[tuple[str, str]]) -> None:
        """Note what a receiver was told while the rest waits."""
        with self._clear():
            self._db.executemany(
                "INSERT OR IGNORE INTO passed VALUES (?, ?, ?)", [(target, *each) for each in news]
            )

    def prune(self, keep: int) -> int:
        """Forget all but the latest runs; how many were forgotten."""
        with self._transaction():
            last = self._db.execute(
                "SELECT id FROM runs ORDER BY id DESC LIMIT 1 OFFSET ?", (keep,)
            ).fetchone()
            gone = 0
            if last:
                self._db.execute("DELETE FROM results WHERE run_id <= ?", last)
                gone = self._db.execute("DELETE FROM runs WHERE id <= ?", last).rowcount
                self._db.execute("DELETE FROM checks WHERE id NOT IN (SELECT check_id FROM results)")
                self._db.execute("DELETE FROM told WHERE id NOT IN (SELECT told_id FROM results)")
                figures.prune(self._db, *last)
        with self._clear():
            self._db.execute("VACUUM")
        return gone

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """What is written within is there at once or not at all."""
        with self._clear(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def _clear(self, *odd: type[Exception]) -> Iterator[None]:
        """SQLite's errors as a sentence, and those that what was read leads to."""
        damage: tuple[type[Exception], ...] = (sqlite3.DatabaseError, *odd)
        try:
            yield
        except sqlite3.OperationalError as error:
            raise HistoryUnusable(
                f"{self.path}: {error}; is the disk full, or the file read-only?"
            ) from error
        except damage as error:
            self._db.close()
            raise HistoryDamaged(
                f"{self.path}: is damaged ({error}); the next run sets it aside and begins a new history",
                self._inode,
            ) from error


def _past(row: tuple[Any, ...]) -> PastRun:
    number, run, started, ended, code, facts = row
    return PastRun(
        number,
        run,
        datetime.fromisoformat(started),
        datetime.fromisoformat(ended) if ended else None,
        code,
        dict(json.loads(facts)),
    )
