"""Attempts: what may fail for a while is tried again, after pauses, and not beyond a deadline."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain


@dataclass
class Attempt:
    """One attempt. `pause`: the seconds until the next one; None for the last."""

    pause: float | None

    def wait_at_least(self, seconds: float) -> None:
        """Make the pause after this attempt longer, such as to what an answer asks for."""
        if self.pause is not None:
            self.pause = max(self.pause, seconds)


def attempts(  # noqa: PLR0913 -- what a caller may set, each with its default
    pauses: Iterable[float],
    *,
    deadline: float = math.inf,
    at_once: bool = True,
    to_the_end: bool = False,
    sleep: Callable[[float], object] | None = None,
    clock: Callable[[], float] | None = None,
) -> Iterator[Attempt]:
    """One attempt at once and one after each pause (in seconds); whoever succeeds leaves the loop.

    `at_once` false: the first attempt too comes after a pause. `deadline` is a time on the monotonic clock: no attempt
    begins after it. A pause that would reach beyond it ends the attempts, or with `to_the_end` is cut, so that the last
    attempt is at the deadline. `sleep` gives True where it was cut short and no attempt is to follow. `sleep` and
    `clock` are replaced by tests.
    """
    before = chain((0.0,), pauses) if at_once else iter(pauses)
    pause = next(before, None)
    while pause is not None:
        left = deadline - (clock or time.monotonic)()
        if pause >= left:
            if left <= 0 or not to_the_end:
                return
            pause = left
        if pause > 0 and (sleep or time.sleep)(pause) is True:
            return
        attempt = Attempt(next(before, None))
        yield attempt
        pause = attempt.pause


def jittered(pauses: Iterable[float]) -> Iterator[float]:
    """The pauses, each a quarter longer or shorter at random: what failed together does not come back together."""
    return (pause * random.uniform(0.75, 1.25) for pause in pauses)  # noqa: S311 -- no secret hangs on it
