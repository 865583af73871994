"""A month of the lab's own time: each day's run tells what has happened since the last one, by whom, and nothing else."""

from __future__ import annotations

from benchmarks.month import TELLING, played
from tests import lengths


@lengths.WHOLE_RUN
def test_each_day_of_a_month_tells_what_happened_and_no_more(tmp_path):
    told = {day: (told, should) for day, told, should in played(tmp_path, TELLING)}
    assert list(told) == list(TELLING)
    wrong = {day: both for day, both in told.items() if both[0] != both[1]}
    assert wrong == {}
