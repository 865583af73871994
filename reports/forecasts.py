"""Forecasts of a run: its figures of use held against those of the runs before, and a notice of what runs out soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from intent.forecast import SOON, Figure, Forecast, Measure, Trend, forecast
from intent.notice import Notice, Sort, topic_of
from reports.history.store import FILE, History, HistoryUnusable
from reports.run import Run

SOON_ENDS = 30
"""Days before its end from which on a certificate or licence is a notice: many are good for 90 days only."""

CRITICAL, NORMAL = 7, 30
"""Days within which what runs out is of that severity; what lasts longer is minor."""


@dataclass(eq=False)
class Forecasts:
    """Makes a run's forecasts once it has ended, before the history holds the run itself."""

    run: Run

    @pytest.hookimpl(optionalhook=True)
    def pytest_avi_notices(self, config: pytest.Config) -> list[Notice]:
        """What runs out soon."""
        self.run.reading = config.hook.pytest_avi_reading(config=config)
        self.run.forecasts = forecasts(self.run)
        return [_notice(each) for each in self.run.forecasts if is_soon(each)]


def forecasts(run: Run) -> tuple[Forecast, ...]:
    """A forecast of each figure of the run, what runs out first at first. Without a history none is fitted."""
    if (reading := run.reading) is None:
        return ()
    try:
        with History(run.folder / FILE) as history:
            reading = run.reading = reading.after(history.latest_reading())
            earlier = history.earlier(reading)
    except HistoryUnusable:
        earlier = {}  # the recorder says what is wrong with it
    figures = {figure.series: figure for figure in reading.figures}
    each = (forecast(figure, earlier.get(series, ()), reading.at) for series, figure in figures.items())
    return tuple(sorted(each, key=lambda each: each.urgency))


def is_soon(each: Forecast) -> bool:
    """Whether it is worth a notice. What has ended is no forecast: it is ill."""
    if each.trend is Trend.EXACT and each.figure.used < 0:
        return False
    return each.days is not None and each.days <= (SOON_ENDS if each.trend is Trend.EXACT else SOON)


def running_out(every: Sequence[Forecast]) -> list[Forecast]:
    """Those of which it is known when they are used up."""
    return [each for each in every if each.days is not None]


def _notice(each: Forecast) -> Notice:
    figure, days = each.figure, each.days or 0
    return Notice(
        Sort.RUNS_OUT,
        figure.type,
        figure.name,
        figure.uuid,
        topic_of(figure.type),
        "critical" if days <= CRITICAL else "normal" if days <= NORMAL else "minor",
        declared=False,
        path=_path(figure),
        reason=each.sentence(),
    )


def _path(figure: Figure) -> str:
    """What of the object it is, `addresses 10.10.24.0/24 vip`: an object may have several."""
    own = "" if figure.measure is Measure.VALIDITY else figure.measure.value
    return " ".join(part for part in (own, figure.part) if part)
