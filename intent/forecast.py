"""Forecast of what is used up: figures of use that each run keeps, and in how many days the use reaches its limit.

A figure is fitted over the days on which it was read, by the median of the slopes between them (Theil and Sen). Only
steady growth is taken on into the future: a step, a restart of a counter or a recovery is none. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from math import sqrt
from statistics import median

from intent.words import counted

FEWEST = 3
"""Days with a reading that a forecast needs."""

MOST = 40
"""Points that are fitted; of more, some at even distances."""

BREAK = 3.0
"""A reading that moves this many times as fast as any other begins a new series: it is a step, not a trend."""

SURE = 1.5
"""How sure a trend must be (`_sureness`): three readings that rise are, by little."""

FARTHEST = 3_650
"""Days; what lasts longer does not run out."""

SOON = 90
"""Days within which what runs out is a notice."""

DAY = 86_400.0
"""Seconds."""
_SHORTEST = 0.5
"""Days that two readings are at least taken to be apart: between two runs in a minute, one more is no rush."""


class Measure(StrEnum):
    """What is counted; the words stand in the history, drift.json and metrics."""

    ADDRESSES = "addresses"
    """Static addresses of a subnet of a network, for one use."""
    SERVICE_ENGINES = "service engines"
    """Service Engines of a group, of the most that it may have."""
    SERVICES = "services"
    """Placements of virtual services on a group's Service Engines."""
    LICENCES = "licence cores"
    VALIDITY = "days left"
    """Days until a certificate or licence ends: exact, and never fitted."""


@dataclass(frozen=True)
class Figure:
    """One figure of use at one moment: `used` of `limit`; of a validity, `used` is the days left and `limit` 0.

    `type`, `uuid`, `name`: the object's; `part`: what of it is counted, `10.10.24.0/24 vip`.
    """

    measure: Measure
    type: str
    uuid: str
    name: str
    used: float
    limit: float
    part: str = ""

    @property
    def subject(self) -> str:
        """`network front 10.10.24.0/24 vip`."""
        return " ".join(part for part in (self.type, self.name, self.part) if part)

    @property
    def series(self) -> tuple[str, str, str, str]:
        """What it is known by in other runs: not by its name, which may change."""
        return (self.measure.value, self.type, self.uuid, self.part)


@dataclass(frozen=True)
class Reading:
    """The figures of one run. `at`: when they were read, by the Controller's own clock where it tells the time.

    `changed`: when the latest change of an object was, by the same clock; None where no object says.
    """

    at: datetime
    figures: tuple[Figure, ...]
    changed: datetime | None = None

    def after(self, latest: datetime | None) -> Reading:
        """The same, no earlier than the Controller's latest change, where that is later than any reading before it.

        A simulated site's time runs ahead of what its answers are dated. A change that a clock dated into the future
        counts once: then it is no later than what was read.
        """
        if self.changed is None or self.changed <= self.at or (latest is not None and self.changed <= latest):
            return self
        return replace(self, at=self.changed)


Point = tuple[float, float]
"""(seconds since 1970, used)."""


class Trend(StrEnum):
    """What a series of readings does; the words stand in drift.json."""

    GROWS = "grows"
    STEADY = "does not grow"
    UNKNOWN = "unknown"
    """Read on too few days, or on too few since its last step."""
    EXACT = "exact"


@dataclass(frozen=True)
class Forecast:
    """What becomes of a figure. `days`: whole days until it is used up; None where it is not, or is not known.

    `daily`: growth a day. `readings`: the days that were fitted.
    """

    figure: Figure
    trend: Trend
    days: int | None = None
    daily: float = 0.0
    readings: int = 0

    @property
    def urgency(self) -> tuple[bool, int, str]:
        """What forecasts are put in order by."""
        return (self.days is None, self.days or 0, self.figure.subject)

    def sentence(self) -> str:
        """`exhausted in 12 days (230 of 254 addresses, 2 more a day)`."""
        figure = self.figure
        if self.trend is Trend.EXACT and self.days is None:
            return f"expires in more than {FARTHEST // 365} years"
        if self.trend is Trend.EXACT:
            return _in_days("expires", "has expired", self.days or 0, over=figure.used < 0)
        text = f"{_number(figure.used)} of {_number(figure.limit)} {figure.measure}"
        if self.days is None:
            return f"{text}: {_WHY[self.trend]}"
        text += f", {_number(self.daily)} more a day"
        over = figure.used >= figure.limit
        return f"{_in_days('exhausted', 'exhausted', self.days, over=over)} ({text})"


_WHY = {
    Trend.GROWS: f"lasts for more than {FARTHEST // 365} years",
    Trend.STEADY: "does not grow",
    Trend.UNKNOWN: f"unknown: needs steady readings on {FEWEST} days",
    Trend.EXACT: "",
}


def _in_days(word: str, past: str, days: int, *, over: bool) -> str:
    if over:
        return past
    return f"{word} in {counted(days, 'day')}" if days else f"{word} within a day"


def _number(value: float) -> str:
    return (
        f"{value:,.0f}"
        if abs(value - round(value)) < 0.01
        else f"{value:,.2g}"
        if value < 1
        else f"{value:,.1f}"
    )


def forecast(figure: Figure, earlier: Iterable[Point], at: datetime) -> Forecast:
    """What becomes of a figure that was read just now, by its readings in the runs before, the latest last."""
    if figure.measure is Measure.VALIDITY:
        whole = max(0, int(figure.used // 1))
        return Forecast(figure, Trend.EXACT, whole if whole <= FARTHEST else None)
    points = _days([*earlier, (at.timestamp(), figure.used)])
    daily, readings = _growth(points)
    if daily is None:
        return Forecast(figure, Trend.UNKNOWN, readings=readings)
    if daily <= 0:
        return Forecast(figure, Trend.STEADY, readings=readings)
    level = median(y + daily * (points[-1][0] - x) for x, y in points[-min(5, readings) :])
    left = 0.0 if figure.used >= figure.limit else max(0.0, (figure.limit - level) / daily)
    days = int(left) if left <= FARTHEST else None
    return Forecast(figure, Trend.GROWS, days, daily, readings)


def day(moment: float) -> int:
    """The day of a moment, UTC, as a number: a history keeps one reading a day, the highest."""
    return int(moment // DAY)


def _days(points: Iterable[Point]) -> list[Point]:
    """One point a day, its highest, in days; nothing that a clock that was set back has put into the future."""
    kept: list[Point] = []
    for x, y in reversed(list(points)):
        if kept and x > kept[-1][0]:
            continue
        if kept and day(x) == day(kept[-1][0]):
            if len(kept) > 1 and y > kept[-1][1]:  # of the last day, what was read last stands
                kept[-1] = (x, y)
            continue
        kept.append((x, y))
    return [(x / DAY, y) for x, y in reversed(kept)]


def _growth(points: Sequence[Point]) -> tuple[float | None, int]:
    """(growth a day since the last break, points since then); None for the first where these are too few."""
    most: list[float] = []
    while (begin := _break(points)) is not None:
        before, points = points[:begin], points[begin:]
        if points[0][1] < before[-1][1]:
            # What grows back to where it was need not grow on: no faster than it grew before.
            highest = max(y for _, y in before)
            most.append(_growth(before)[0] or 0.0 if points[-1][1] <= highest else float("inf"))
    if len(points) < FEWEST:
        return None, len(points)
    return min([_rate(points), *most]), len(points)


def _break(points: Sequence[Point]) -> int | None:
    """The point that begins a new series; None where none does."""
    rates = [abs(b[1] - a[1]) / max(b[0] - a[0], _SHORTEST) for a, b in pairwise(points)]
    if not rates or not max(rates):
        return None
    fastest = max(range(len(rates)), key=rates.__getitem__)
    others = max((rate for number, rate in enumerate(rates) if number != fastest), default=0.0)
    return fastest + 1 if rates[fastest] > BREAK * others else None


def _rate(points: Sequence[Point]) -> float:
    """Growth a day: of all readings, or of the later half where that surely has another one; 0 where none is sure."""
    whole = _slope(points)
    if whole <= 0 or _sureness(points) < SURE:
        return 0.0
    later = points[len(points) // 2 :]
    beside = [(x, y - whole * x) for x, y in later]
    goes_on = abs(_sureness(beside)) < SURE and not _is_a_step(later)
    return whole if len(points) < 2 * FEWEST or goes_on else _since_break(later)


def _is_a_step(points: Sequence[Point]) -> bool:
    """Whether nearly all that readings move is one step."""
    begin, values = _break(points), [y for _, y in points]
    height = abs(values[begin] - values[begin - 1]) if begin is not None else 0.0
    return height > 0.9 * (max(values) - min(values))


def _sureness(points: Sequence[Point]) -> float:
    """How surely readings rise, below 0 fall (Mann and Kendall); what scatters without a trend seldom reaches 1.5."""
    steps = [b[1] - a[1] for number, a in enumerate(points) for b in points[number + 1 :]]
    least = 1e-6 * max((abs(step) for step in steps), default=0.0)
    rises = sum((step > least) - (step < -least) for step in steps)
    count = len(points)
    return rises / sqrt(max(1.0, count * (count - 1) * (2 * count + 5) / 18))


def _since_break(points: Sequence[Point]) -> float:
    """The slope of some readings since their last step, down or up; 0 where these are too few."""
    while (begin := _break(points)) is not None:
        points = points[begin:]
    return _slope(points) if len(points) >= FEWEST else 0.0


def _slope(points: Sequence[Point]) -> float:
    """The median of the slopes between every two points."""
    if len({y for _, y in points}) == 1:
        return 0.0
    if len(points) > MOST:
        points = [points[number * (len(points) - 1) // (MOST - 1)] for number in range(MOST)]
    return median(
        (b[1] - a[1]) / max(b[0] - a[0], _SHORTEST)
        for number, a in enumerate(points)
        for b in points[number + 1 :]
    )
