"""When messages wait: quiet hours and digests, by the clock of a zone."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from intent.messages import MessageSettings


def settings(**given):
    return MessageSettings.model_validate({"zone": "Europe/Madrid"} | given)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("moment", "waits"), [
    ("2026-11-30T20:59", False), ("2026-11-30T21:00", True), ("2026-12-01T05:59", True), ("2026-12-01T06:00", False),
    ("2026-07-01T20:00", True), ("2026-07-01T05:00", False),  # summer time is an hour ahead
])  # fmt: skip
def test_quiet_hours_are_those_of_the_zones_clock(moment, waits):
    assert settings(quiet_hours="22:00-07:00").defers(at(moment), None) is waits


def test_there_may_be_several_and_of_one_day():
    both = settings(quiet_hours=["12:00-13:00", "22:00-7:00"], zone="UTC")
    assert [both.defers(at(f"2026-11-30T{hour}:30"), None) for hour in ("11", "12", "13", "23", "06", "07")] == [
        False, True, False, True, True, False]  # fmt: skip


@pytest.mark.parametrize(("now", "last", "waits"), [
    ("2026-11-30T08:00", "2026-11-30T07:30", True),  # 09:00 in Madrid, told at 08:30, after today's
    ("2026-12-01T06:59", "2026-11-30T07:30", True),
    ("2026-12-01T07:00", "2026-11-30T07:30", False),
    ("2026-11-30T07:00", "2026-11-30T06:59", False),
    ("2026-12-09T03:00", "2026-11-30T07:30", False),
    ("2026-11-29T07:30", "2026-11-30T07:30", False),  # the clock was set back
    ("2026-11-30T03:00", None, False),
])  # fmt: skip
def test_a_digest_is_due_once_a_day(now, last, waits):
    assert settings(digest="08:00").defers(at(now), last and at(last)) is waits


def test_a_digest_comes_once_a_day_over_a_change_of_the_clock():
    told, last = [], at("2026-10-23T07:00")
    for hour in range(24 * 6):
        now = at("2026-10-23T08:10") + timedelta(hours=hour)
        if not settings(digest="08:00").defers(now, last):
            told.append(f"{now:%d %H}")
            last = now
    assert told == ["24 06", "25 07", "26 07", "27 07", "28 07", "29 07"]


@pytest.mark.parametrize(("digest", "begin"), [("02:45", "2026-10-23T04:00"), ("02:30", "2026-03-27T04:00")])
def test_a_digest_comes_once_a_day_where_its_hour_comes_twice_or_not_at_all(digest, begin):
    told, last = [], at(begin)
    for step in range(3 * 24 * 5):
        now = at(begin) + timedelta(minutes=20 * (step + 1))
        if not settings(digest=digest).defers(now, last):
            told.append(f"{now:%d}")
            last = now
    assert len(told) == len(set(told)) == 5


@pytest.mark.parametrize(
    "hours", [["22:00-07:00", "07:00-22:00"], ["0:00-12:00", "11:00-18:00", "17:59-0:00"]]
)
def test_quiet_hours_that_never_end_are_refused(hours):
    with pytest.raises(ValidationError, match="nothing would ever be told"):
        settings(quiet_hours=hours)
    assert settings(quiet_hours=[*hours[:-1], "17:59-21:59"]).defers(at("2026-11-30T21:00"), None) is (
        len(hours) == 2
    )


@pytest.mark.parametrize(("given", "minutes"), [(18 * 60, "18:00"), ("8:05", "8:05")])
def test_yaml_reads_a_time_as_a_number(given, minutes):
    assert settings(digest=given).digest == minutes


@pytest.mark.parametrize(("given", "said"), [
    ({"quiet_hours": "22-07"}, "write 22:00-07:00"), ({"quiet_hours": "25:00-07:00"}, "write 22:00-07:00"),
    ({"quiet_hours": "7:00-07:00"}, "ends when it begins"), ({"digest": "8"}, "write 08:00"), ({"digest": 9999}, "write 08:00"),
    ({"digest": True}, "write 08:00"), ({"zone": "Madrid"}, "no zone is named"), ({"zone": "../etc"}, "no zone is named"),
    ({"digest": "08:00", "zone": None}, "need `zone`"), ({"quiet_hours": ["22:00-07:00"], "zone": None}, "need `zone`"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        settings(**given)
