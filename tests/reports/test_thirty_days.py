"""Thirty days of the lab's own time in which services come and go: the end of the addresses is told to the day."""

from __future__ import annotations

from datetime import UTC, datetime

from benchmarks.thirty_days import LATEST, Growth, end
from intent.forecast import Measure, Trend
from intent.scrubber import Scrubber
from lab.tests.cloudsite import Client
from live.avi.snapshot import Live, Snapshot
from live.facts.figures import Figures
from reports.forecasts import forecasts
from reports.history.store import FILE, History
from reports.run import Run

READ = ("cloud", "tenant", "network", "network-inventory", "serviceenginegroup", "virtualservice")
DAYS = 30


def run_of_a_day(client, folder):
    """What a whole run forecasts, and what it leaves in the history."""
    objects = {api: client.list(f"/api/{api}?page_size=200&include_name") for api in READ}
    figures = Figures(Live(Snapshot("c", "30.2.1", "30.2.1", objects=objects)), datetime.now(UTC))
    for api, rows in objects.items():
        figures.take(api, rows)
    run = Run("site", folder, Scrubber())
    run.reading = figures.reading(objects)
    run.forecasts = forecasts(run)
    with History(folder / FILE) as history:
        history.finish(history.begin(run.id, run.started), run.started, 0, {}, (), run.reading)
    return {(each.figure.measure, each.figure.name): each for each in run.forecasts if each.figure.used}


def test_after_thirty_days_the_end_is_told_to_the_day(tmp_path):
    client = Client("conforming")

    def api(method, path, body=None):
        status, answer = client(method, path, body)
        assert status < 300, answer
        return answer

    growth = Growth(api, made=3, removed=1)
    growth.begin()
    told = []
    for _ in range(DAYS):
        growth.day()
        client.later(86_400)
        told.append(run_of_a_day(client, tmp_path))
    addresses = [each[Measure.ADDRESSES, "AVI_FRONTEND_3025"] for each in told]
    assert [each.trend for each in addresses[:3]] == [Trend.UNKNOWN, Trend.UNKNOWN, Trend.GROWS]
    places = [each[Measure.SERVICES, "S1-AZ1-SE-Group"] for each in told]
    assert {round(each.daily, 2) for each in (*addresses[-LATEST:], *places[-LATEST:])} == {2}
    more = end(growth)
    ends = [day + each.days for day, each in enumerate(addresses) if each.days is not None]
    assert len(ends) == DAYS - 2
    assert all(abs(DAYS - 1 + more - day) <= 1 for day in ends), (ends, more)
