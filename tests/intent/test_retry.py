"""Attempts: how many there are, how long each waits, and where they end."""

from itertools import repeat

import pytest

from intent.retry import attempts, jittered


class Clock:
    """A clock that stands still but for what is slept and what each attempt takes."""

    def __init__(self):
        self.now, self.naps = 100.0, []

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.now += seconds

    def run(self, pauses, *, takes=0.0, wish=None, **options):
        """When each attempt began, counted from now."""
        if "deadline" in options:
            options["deadline"] += self.now
        begin, at = self.now, []
        for attempt in attempts(pauses, sleep=self.sleep, clock=lambda: self.now, **options):
            at.append(self.now - begin)
            self.now += takes
            if wish is not None:
                attempt.wait_at_least(wish)
        return at


@pytest.mark.parametrize(
    ("pauses", "options", "expected"),
    [
        ((), {}, [0]),
        ((1, 2), {}, [0, 1, 3]),
        ((1, 2), {"at_once": False}, [1, 3]),
        ((), {"at_once": False}, []),
        ((1, 2), {"wish": 1.5}, [0, 1.5, 3.5]),
        ((1, 2), {"takes": 5}, [0, 6, 13]),
        (repeat(1), {"deadline": 3}, [0, 1, 2]),
        (repeat(1), {"deadline": 3, "to_the_end": True}, [0, 1, 2, 3]),
        (repeat(2), {"deadline": 3, "to_the_end": True}, [0, 2, 3]),
        (repeat(2), {"deadline": 3, "to_the_end": True, "takes": 5}, [0]),
        (repeat(2), {"deadline": 3, "wish": 60}, [0]),
        (repeat(2), {"deadline": 3, "wish": 60, "to_the_end": True}, [0, 3]),
        ((1, 2), {"deadline": 0}, []),
        ((1, 2), {"deadline": -1, "to_the_end": True}, []),
    ],
)
def test_when_each_attempt_begins(pauses, options, expected):
    assert Clock().run(pauses, **options) == expected


def test_the_last_attempt_is_known_and_nothing_is_slept_after_it():
    clock = Clock()
    assert [a.pause for a in attempts((1, 2), sleep=clock.sleep, clock=lambda: clock.now)] == [1, 2, None]
    assert clock.naps == [1, 2]


def test_a_loop_that_is_left_sleeps_no_more():
    clock = Clock()
    for _ in attempts((1, 2), sleep=clock.sleep):
        break
    assert clock.naps == []


def test_spread():
    found = list(jittered([4.0] * 200))
    assert all(3 <= pause <= 5 for pause in found)
    assert len(set(found)) > 100
