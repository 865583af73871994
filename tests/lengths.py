"""How far tests go that could go on for ever, or through a whole matrix: all of it in CI, a part while one works.

In CI (where `CI` is set, as `.ci/run` does) every case is run. Elsewhere `of` gives shorter runs of generated examples, and
of the cases of a test that bears the mark `sampled` some of each kind are drawn: other ones each day, so that in as many
days as the mark says all have been run. The rest is not collected, and nothing is skipped. What is asked for by name (`-k`, a
node id, `--lf`) is run whole. The day's number stands in pytest's header; `AVI_COMPLIANCE_SAMPLE=NUMBER` draws that day's
cases of the same files and folders, and `AVI_COMPLIANCE_SAMPLE=all` every case, with short runs of generated examples.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from lab.tests.suite import IN_CI

Case = TypeVar("Case")
SAMPLE = os.environ.get("AVI_COMPLIANCE_SAMPLE", "")
if SAMPLE not in ("", "all") and not SAMPLE.isdecimal():
    raise pytest.UsageError(f"AVI_COMPLIANCE_SAMPLE={SAMPLE}: give the number of a day, or all")
DAY = int(SAMPLE) if SAMPLE.isdecimal() else datetime.now(UTC).toordinal()
MARK = "sampled(days, by, of): see tests/lengths.py, which gives it"


def header() -> str:
    """What pytest's header says of it."""
    if IN_CI or SAMPLE == "all":
        return "tests: all"
    how = f"AVI_COMPLIANCE_SAMPLE={DAY} draws the same of the same folders"
    return f"tests: those of day {DAY}; {how}, CI=1 runs all, -k and node ids any"


def of(while_working: int, in_ci: int) -> int:
    """A count of examples, or a stride through them."""
    return in_ci if IN_CI else while_working


def sampled(days: int, by: Callable[..., Any] | None = None, of: str = "") -> pytest.MarkDecorator:
    """A mark for a test, whose cases take turns, or for a class or a module, whose tests and their cases do.

    Of each kind of case one in `days` is run each day, and one at least; `by` gives the kind of a case from the values of
    its parameters, by their names. Without it all are of one kind. Tests whose mark is `of` the same take turns with each
    other, whatever module they are in.
    """
    return pytest.mark.sampled(days, by, of)


WHOLE_RUN = sampled(20, of="whole runs")
"""For tests that do as a user does, with a process or several of their own, and take a second or more."""
WHOLE_SITE = sampled(3)
"""For modules whose tests read, plan or write a whole site in this process, most in a tenth of a second or more."""


def turn(kind: str, cases: Sequence[Case], days: int, day: int) -> list[Case]:
    """The cases of one kind whose turn it is: at least one, and in so many days each of them once or more."""
    stride = min(days, len(cases))
    return list(cases[(day + zlib.crc32(kind.encode())) % stride :: stride])


def draw(config: pytest.Config, items: list[pytest.Item], day: int) -> None:
    """Leave out what has no turn today, but in CI and where somebody has named what he wants."""
    asked = (
        config.getoption("keyword")
        or config.getoption("lf", False)
        or any("::" in argument for argument in config.args)
    )
    if IN_CI or SAMPLE == "all" or asked:
        return
    kinds: dict[tuple[str, int], list[pytest.Item]] = {}
    for item in items:
        for node, mark in [*item.iter_markers_with_node("sampled")][:1]:
            days, by, of = mark.args
            whose = of or node.nodeid.partition("[")[0]
            kind = by(**item.callspec.params) if by else ""
            kinds.setdefault((f"{whose} {kind}", days), []).append(item)
    left_out = {item for cases in kinds.values() for item in cases}
    left_out -= {item for (kind, days), cases in kinds.items() for item in turn(kind, cases, days, day)}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]
