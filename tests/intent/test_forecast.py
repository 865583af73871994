"""What of a series of readings is a trend, and what is none."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from intent.forecast import SOON, Figure, Measure, Trend, forecast

START = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
LIMIT = 1_000


def figure(used, limit=LIMIT, measure=Measure.ADDRESSES):
    return Figure(measure, "network", "network-1", "front", used, limit, "10.10.24.0/24 vip")


def at(day):
    return START + timedelta(days=day)


def of(readings, limit=LIMIT):
    """The forecast after readings, each a number (one a day) or (day, number); the last is the latest."""
    points = [each if isinstance(each, tuple) else (day, each) for day, each in enumerate(readings)]
    *earlier, (day, last) = points
    return forecast(figure(last, limit), [(at(d).timestamp(), float(n)) for d, n in earlier], at(day))


@pytest.mark.parametrize("readings", [[5], [5, 10], [10, 10, 50], [10, 50, 50], [10, 28, 30], [5, 5, 5, 99]])
def test_below_three_points_since_the_last_step_nothing_is_known(readings):
    assert (of(readings).trend, of(readings).days) == (Trend.UNKNOWN, None)


@pytest.mark.parametrize("points", [3, 4, 7, 30, 80])
@pytest.mark.parametrize("daily", [0.4, 1, 7])
def test_steady_growth_is_right_within_a_day(points, daily):
    readings = [int(100 + daily * day) for day in range(points)]
    end = (LIMIT - 100) / daily - (points - 1)
    if points * daily < 3:
        assert of(readings).days is None, "one more of a whole number tells no rate"
        return
    told = of(readings)
    # Whole numbers of a short past tell the rate only so far.
    assert told.days == pytest.approx(end, abs=1 if points >= 30 or daily in {1, 7} else end / 4)


@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_move_it_by_more_than_a_day(seed):
    noise = random.Random(seed)
    readings = [100 + 20 * day + noise.randint(-3, 3) for day in range(30)]
    assert of(readings).days == pytest.approx((900 - 20 * 29) / 20, abs=1)


def test_what_scatters_without_a_trend_is_no_growth():
    """Chance has a slope as well: half of all series seem to grow a little, and 23 of these once were an alarm."""
    chance, alarms = random.Random(7), 0
    for _ in range(300):
        days, level, width = chance.randint(8, 60), chance.randint(300, 800), chance.choice([30, 60])
        told = of([max(0, round(chance.gauss(level, width))) for _ in range(days)])
        alarms += told.days is not None and told.days <= SOON
    assert alarms <= 6


def test_missing_runs_change_nothing():
    whole = [(day, 100 + 10 * day) for day in range(30)]
    thinned = [each for each in whole if each[0] in (0, 1, 9, 10, 11, 25, 29)]
    assert of(thinned).days == of(whole).days == 61


def test_an_added_pool_moves_the_end_and_not_the_rate():
    before, after = of(range(100, 400, 10)), of(range(100, 400, 10), limit=2_000)
    assert before.daily == after.daily == 10
    assert (before.days, after.days) == (61, 161)


NOT_GROWING = {
    "steady": [50] * 20,
    "falling": range(500, 100, -20),
    "a step": [50] * 10 + [300] * 10,
    "two steps": [50] * 10 + [300] * 10 + [500] * 10,
    "one odd reading": [50] * 10 + [900] + [50] * 10,
    "an odd reading of nothing": [50] * 10 + [0] + [50] * 10,
    "a restart": [600] * 10 + [0, 0, 0, 0],
    "a restart and its recovery": [600] * 10 + [0, 150, 300, 450, 600],
    "on the way to recovery": [600] * 10 + [0, 150, 300, 450],
    "growth that has ended": [*range(100, 600, 50), *[550] * 12],
    "week and weekend": [500, 500, 500, 500, 500, 100, 100] * 5,
    "from monday on": [*[500, 500, 500, 500, 500, 100, 100] * 4, 500, 500, 500],
}


@pytest.mark.parametrize("readings", NOT_GROWING.values(), ids=NOT_GROWING.keys())
def test_what_does_not_grow_gives_no_alarm(readings):
    assert of(list(readings)).days is None


@pytest.mark.parametrize("what", sorted(NOT_GROWING.keys() - {"growth that has ended"}))
def test_nor_does_it_at_any_time_before(what):
    readings = list(NOT_GROWING[what])
    assert [seen for seen in range(1, len(readings)) if of(readings[:seen]).days is not None] == []


@pytest.mark.parametrize("seen", range(3, 10))
def test_growth_is_told_while_it_lasts(seen):
    assert of(list(NOT_GROWING["growth that has ended"])[:seen]).daily == 50


def test_growth_goes_on_at_the_old_rate_after_a_restart():
    told = of([*range(100, 400, 10), *range(0, 50, 10)])
    assert (told.trend, told.daily) == (Trend.GROWS, 10)
    assert told.days == 96


def test_growth_after_a_step_is_that_since_the_step():
    told = of([*range(100, 110), *range(600, 610)])
    assert (told.daily, told.days) == (1, 391)


def test_a_day_and_its_night_are_no_growth():
    hours = [(hour / 24, 500 - 400 * abs((hour % 24) - 12) / 12) for hour in range(24 * 5)]
    for seen in range(1, len(hours), 5):
        assert of(hours[:seen]).days is None, seen


def test_several_runs_in_a_day_are_one_reading():
    told = of([(0, 10), (0, 20), (0.1, 30), (0.2, 40)])
    assert told.trend is Trend.UNKNOWN


@pytest.mark.parametrize("moment", [0, 3, 9])
def test_two_readings_at_one_instant_do_no_harm(moment):
    readings = [(day, 100 + 10 * day) for day in range(10)]
    twice = sorted([*readings, (moment, 100 + 10 * moment)])
    assert of(twice).days == of(readings).days == 81


def test_a_clock_that_was_ahead_for_a_while_does_no_harm():
    wrong = [(day + 400, 100) for day in range(3)]
    readings = [(day, 100 + 10 * day) for day in range(10)]
    assert of([*wrong, *readings]).days == 81
    assert of([*readings[:5], *wrong, *readings[5:]]).days == 81


def test_a_clock_that_goes_back_an_hour_is_no_growth_in_no_time():
    readings = [(0, 100), (1, 110), (2, 120), (2 - 1 / 24, 121), (3, 130)]
    assert of(readings).days == pytest.approx(87, abs=1)


def test_what_is_used_up_is_told_so():
    told = of(range(910, 1_001, 10))
    assert (told.days, told.sentence()) == (0, "exhausted (1,000 of 1,000 addresses, 10 more a day)")


def test_what_has_always_been_full_is_not_told():
    assert of([2] * 30, limit=2).days is None


@pytest.mark.parametrize(("left", "days", "said"), [
    (30.7, 30, "expires in 30 days"), (1.2, 1, "expires in 1 day"), (0.5, 0, "expires within a day"),
    (-3.5, 0, "has expired"),
])  # fmt: skip
def test_the_end_of_a_certificate_is_exact_from_its_first_reading(left, days, said):
    told = forecast(figure(left, 0, Measure.VALIDITY), (), at(0))
    assert (told.trend, told.days, told.sentence()) == (Trend.EXACT, days, said)
