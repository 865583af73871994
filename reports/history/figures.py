"""Figures of use in the history: a series for each object and measure, with the highest reading of each day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NamedTuple

from intent.forecast import Figure, Measure, Point, Reading, day

KEPT = 400
"""Days that are kept of a series, each with one reading."""

FITTED = 90
"""Days before a reading that a forecast looks at: what was earlier is another time."""

TABLES = """
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY,
    measure TEXT NOT NULL,
    type TEXT NOT NULL,
    uuid TEXT NOT NULL,
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (measure, type, uuid, part)
);
CREATE TABLE IF NOT EXISTS figures (
    series_id INTEGER NOT NULL REFERENCES series (id),
    day INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    moment REAL NOT NULL,
    used REAL NOT NULL,
    most REAL NOT NULL,
    PRIMARY KEY (series_id, day)
) WITHOUT ROWID;
"""

_OWN = "measure = ? AND type = ? AND uuid = ? AND part = ?"


class Past(NamedTuple):
    """One kept reading: when (seconds since 1970), used, and the limit at that time."""

    moment: float
    used: float
    limit: float


def insert(db: sqlite3.Connection, run: int, reading: Reading) -> None:
    """Keep a run's figures; of several runs on a day, the highest use stands, with the latest limit."""
    moment = reading.at.timestamp()
    figures = {figure.series: figure for figure in reading.figures}
    db.executemany(
        "INSERT INTO series (measure, type, uuid, part, name) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (measure, type, uuid, part) DO UPDATE SET name = excluded.name"
        " WHERE name <> excluded.name",
        [(*series, figure.name) for series, figure in figures.items()],
    )
    db.executemany(
        "INSERT INTO figures (series_id, day, run_id, moment, used, most) VALUES ("  # noqa: S608 -- constants
        f"(SELECT id FROM series WHERE {_OWN}), ?, ?, ?, ?, ?)"
        " ON CONFLICT (series_id, day) DO UPDATE SET run_id = excluded.run_id, most = excluded.most,"
        " moment = CASE WHEN excluded.used >= used THEN excluded.moment ELSE moment END,"
        " used = max(used, excluded.used)",
        [
            (*series, day(moment), run, moment, figure.used, figure.limit)
            for series, figure in figures.items()
        ],
    )
    _forget(db, "day < ?", day(moment) - KEPT)


def prune(db: sqlite3.Connection, last: int) -> None:
    """Forget what the runs up to a number have read."""
    _forget(db, "run_id <= ?", last)


def _forget(db: sqlite3.Connection, which: str, most: int) -> None:
    db.execute(f"DELETE FROM figures WHERE {which}", (most,))  # noqa: S608 -- constants
    db.execute("DELETE FROM series WHERE id NOT IN (SELECT series_id FROM figures)")


def earlier(db: sqlite3.Connection, reading: Reading) -> Mapping[tuple[str, ...], list[Point]]:
    """What earlier runs have read of the figures of the last `FITTED` days, by series, in the order of the runs."""
    since = day(reading.at.timestamp()) - FITTED
    series = db.execute("SELECT id, measure, type, uuid, part FROM series")
    names: dict[int, tuple[str, ...]] = {number: tuple(name) for number, *name in series}
    points: dict[tuple[str, ...], list[Point]] = {}
    varied = []
    for number, days, low, high, first, middle, last in db.execute(
        "SELECT series_id, count(*), min(used), max(used), min(moment), avg(moment), max(moment) FROM figures"
        " WHERE day >= ? GROUP BY series_id",
        (since,),
    ):
        if names[number][0] == Measure.VALIDITY:
            continue
        if low != high:
            varied.append(number)
        else:  # most are: three points say it
            moments = {1: (first,), 2: (first, last)}.get(days, (first, middle, last))
            points[names[number]] = [(_finite(moment), _finite(low)) for moment in moments]
    for number in varied:
        rows = db.execute(
            "SELECT moment, used FROM figures WHERE series_id = ? AND day >= ? ORDER BY run_id, moment",
            (number, since),
        )
        points[names[number]] = [(_finite(moment), _finite(used)) for moment, used in rows]
    return points


def _finite(value: Any) -> float:
    """A number out of a column. Raises ValueError, TypeError for what no run has written there."""
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"{value} is no reading")
    return number


def latest(db: sqlite3.Connection) -> datetime | None:
    """The latest moment of any reading; None where there is none."""
    moment = db.execute("SELECT max(moment) FROM figures").fetchone()[0]
    return None if moment is None else datetime.fromtimestamp(float(moment), UTC)


def all_series(db: sqlite3.Connection) -> Iterator[tuple[Figure, list[Past]]]:
    """Every series as (its latest figure, its readings in the order of the runs)."""
    kept: dict[tuple[str, ...], list[Past]] = {}
    names: dict[tuple[str, ...], str] = {}
    for *series, name, moment, used, most in db.execute(
        "SELECT measure, type, uuid, part, name, moment, used, most FROM series"
        " JOIN figures ON series.id = series_id ORDER BY measure, type, name, part, run_id, moment"
    ):
        key = tuple(series)
        names[key] = name
        kept.setdefault(key, []).append(Past(_finite(moment), _finite(used), _finite(most)))
    for key, readings in kept.items():
        measure, kind, uuid, part = key
        last = readings[-1]
        yield Figure(Measure(measure), kind, uuid, names[key], last.used, last.limit, part), readings
