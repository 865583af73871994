"""Figures of use in the history, what is forecast of them, and where that is told."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from intent.forecast import Figure, Measure, Reading, Trend
from intent.notice import Sort
from intent.scrubber import Scrubber
from reports.forecasts import Forecasts, forecasts
from reports.formats import page, prometheus
from reports.formats.drift_json import document
from reports.history.__main__ import main
from reports.history.store import FILE, History, HistoryUnusable
from reports.run import Run
from reports.terminal import summary_lines

START = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def figure(used, measure=Measure.ADDRESSES, uuid="network-1", limit=254, name="front"):
    return Figure(measure, "network", uuid, name, used, limit, "10.10.24.0/24 vip")


def keep(folder, day, *figures):
    """A run of that day with these figures, in the history."""
    at = START + timedelta(days=day)
    with History(folder / FILE) as history:
        number = history.begin(f"run-{day}-{len(history.runs())}", at)
        history.finish(number, at, 0, {}, (), Reading(at, figures))


def keep_of(run):
    with History(run.folder / FILE) as history:
        number = history.begin(run.id, run.started)
        history.finish(number, run.started, 0, {}, (), run.reading)


def run_of(folder, day, *figures):
    run = Run("site", folder, Scrubber())
    run.reading = Reading(START + timedelta(days=day), figures)
    run.forecasts = forecasts(run)
    return run


@pytest.fixture
def thirty_days(tmp_path):
    """A month in which a network loses seven addresses a day, and all else stays as it is."""
    for day in range(29):
        keep(tmp_path, day, figure(10 + 7 * day), figure(5, uuid="network-2", name="rear"))
    return tmp_path


def test_after_a_month_of_growth_the_end_is_right_within_a_day(thirty_days):
    grows, steady = run_of(thirty_days, 29, figure(213), figure(5, uuid="network-2", name="rear")).forecasts
    assert grows.days == pytest.approx((254 - 213) / 7, abs=1)
    assert (steady.trend, steady.days) == (Trend.STEADY, None)


def test_the_runs_of_a_day_leave_one_reading_the_highest_of_it(tmp_path):
    for hour, used in enumerate([5, 9, 7]):
        keep(tmp_path, hour / 24, figure(used, limit=100 + hour))
    with History(tmp_path / FILE) as history:
        [(last, readings)] = history.series()
    assert [(each.used, each.limit) for each in readings] == [(9, 102)]
    assert last.name == "front"


def test_a_renamed_object_goes_on_and_one_made_anew_begins(tmp_path):
    keep(tmp_path, 0, figure(5))
    keep(tmp_path, 1, figure(6, name="front-new"))
    keep(tmp_path, 2, figure(7, uuid="network-9", name="front-new"))
    with History(tmp_path / FILE) as history:
        assert [(each.name, len(readings)) for each, readings in history.series()] == [
            ("front-new", 2),
            ("front-new", 1),
        ]


def test_pruning_forgets_the_figures_of_the_runs_that_it_forgets(thirty_days):
    with History(thirty_days / FILE) as history:
        history.prune(3)
        assert [len(readings) for _, readings in history.series()] == [3, 3]


def test_a_history_of_a_version_without_figures_gets_them(tmp_path):
    with History(tmp_path / FILE) as history:
        history._db.executescript("DROP TABLE figures; DROP TABLE series")
    keep(tmp_path, 0, figure(5))
    with History(tmp_path / FILE) as history:
        assert len(history.series()) == 1


def test_a_damaged_history_costs_the_forecast_and_nothing_else(tmp_path):
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    [outlook] = run_of(tmp_path, 29, figure(213)).forecasts
    assert outlook.trend is Trend.UNKNOWN


@pytest.mark.parametrize("column", ["used", "moment", "most", "day", "run_id"])
@pytest.mark.parametrize("value", ["'abc'", "1e400", "-1e400", "1e300", "x'00ff'"])
def test_odd_rows_of_a_history_cost_the_forecast_and_nothing_else(tmp_path, column, value):
    for day in range(4):
        keep(tmp_path, day, figure(5 + 9 * day))
    with History(tmp_path / FILE) as history:
        history._db.execute(
            f"UPDATE figures SET {column} = {value} WHERE day = (SELECT max(day) FROM figures)"
        )
        history._db.commit()
    [outlook] = run_of(tmp_path, 29, figure(213)).forecasts
    assert outlook.days is None or outlook.days >= 0
    with suppress(HistoryUnusable), History(tmp_path / FILE) as history:
        history.series()


class _Hook:
    """pytest's, which gives the reading of a run."""

    def __init__(self, reading):
        self.hook = self
        self.reading = reading

    def pytest_avi_reading(self, config):
        assert config is self
        return self.reading


def notices(folder, *figures, day=29):
    return Forecasts(Run("site", folder, Scrubber())).pytest_avi_notices(
        _Hook(Reading(START + timedelta(days=day), figures))
    )


def test_what_runs_out_soon_is_a_notice_that_keeps_its_identity(thirty_days):
    [notice] = notices(thirty_days, figure(213))
    assert (notice.sort, notice.severity, notice.topic) == (Sort.RUNS_OUT, "critical", "networks")
    assert notice.reason == "exhausted in 5 days (213 of 254 addresses, 7 more a day)"
    [later] = notices(thirty_days, figure(227), day=31)
    assert later.reason != notice.reason
    assert later.identity == notice.identity


@pytest.mark.parametrize(
    ("left", "severity"), [(40.0, None), (29.5, "normal"), (3.0, "critical"), (-1, None)]
)
def test_a_certificate_is_a_notice_from_thirty_days_before_its_end(tmp_path, left, severity):
    told = notices(tmp_path, figure(left, Measure.VALIDITY, limit=0))
    assert [each.severity for each in told] == [severity] * (severity is not None)


def test_a_reading_is_of_no_time_before_the_latest_change_but_for_one_dated_into_the_future(tmp_path):
    """A lab's time runs ahead of the dates of its answers; a Controller's clock may have been ahead for a while."""
    at, future = START, START + timedelta(days=400)
    for day in range(1, 5):
        run = Run("site", tmp_path, Scrubber())
        run.reading = Reading(at, (figure(10 * day),), at + timedelta(days=day))
        run.forecasts = forecasts(run)
        assert run.reading.at == at + timedelta(days=day)
        keep_of(run)
    assert run.forecasts[0].days == 21
    days = []
    for day in range(5, 12):
        run = Run("site", tmp_path, Scrubber())
        run.reading = Reading(at + timedelta(days=day), (figure(10 * day),), future)
        run.forecasts = forecasts(run)
        keep_of(run)
        days.append((run.reading.at - START).days)
    assert days == [400, 6, 7, 8, 9, 10, 11]
    assert run.forecasts[0].days == 14


def test_a_run_that_was_not_whole_forecasts_nothing(thirty_days):
    assert Forecasts(Run("site", thirty_days, Scrubber())).pytest_avi_notices(_Hook(None)) == []


def test_it_is_told_in_every_report(thirty_days):
    run = run_of(thirty_days, 29, figure(213), figure(5, uuid="network-2", name='"rear"\n'))
    said = "exhausted in 5 days (213 of 254 addresses, 7 more a day)"
    assert document(run)["forecast"][0]["text"] == said
    assert said in page.render(run)
    labels = 'environment="site",measure="addresses",type="network",name="front",uuid="network-1",part="10.10.24.0/24 vip"'
    text = prometheus.render(run)
    assert f"avi_compliance_exhausted_in_days{{{labels}}} 5\n" in text
    assert f"avi_compliance_used{{{labels}}} 213\n" in text
    assert "rear" not in text


@pytest.mark.parametrize(("limit", "told"), [(254, False), (1_254, True)])
def test_the_summary_names_what_is_used_up_first_where_no_notice_does(thirty_days, limit, told):
    text = " ".join(
        line.text.strip() for line in summary_lines(run_of(thirty_days, 29, figure(213, limit=limit)))
    )
    said = "used up first: network front 10.10.24.0/24 vip: exhausted in 148 days (213 of 1,254 addresses, 7 more a day)"
    assert (said in text) is told


def test_the_series_are_a_command(thirty_days, capsys):
    assert main(["--environment", str(thirty_days), "series", "front"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "network front 10.10.24.0/24 vip: exhausted in 6 days (206 of 254 addresses, 7 more a day)"
    )
    assert "11-29: 206 (the last 8 of 29 days); last read 2026-11-29 02:00 UTC" in said
    assert "    addresses on 11-22: " in said
    assert main(["--environment", str(thirty_days), "series", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["days"], len(first["points"]), second["days"]) == (6, 29, None)
    assert main(["--environment", str(thirty_days), "series", "nobody"]) == 4
    assert "no figures of use with 'nobody' in their name" in capsys.readouterr().err
