"""What is run of a matrix while one works, and what in CI: tests/lengths.py."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import lengths
from tests.framework.source import ROOT

ALWAYS = "test_it.py::test_always"
MODES = ("check", "plan")
ROWS = [f"test_it.py::test_row[{mode}-{number}]" for mode in MODES for number in range(6)]
RUNS = [f"test_it.py::test_run_{number}" for number in range(5)]
TYPED = ["test_it.py::TestTyped::test_first", *(f"test_it.py::TestTyped::test_state[{n}]" for n in range(3))]


class Item:
    """A test, as pytest has collected it, whose mark stands on `whose`."""

    def __init__(self, nodeid, whose=None, mark=None, **parameters):
        self.nodeid = nodeid
        self.marked = [] if mark is None else [(SimpleNamespace(nodeid=whose or nodeid), mark.mark)]
        self.callspec = SimpleNamespace(params=parameters)

    def iter_markers_with_node(self, name):
        return iter([(node, mark) for node, mark in self.marked if mark.name == name])


def drawn(day, *, keyword="", lf=False, args=("tests",), deselected=None):
    """The node ids that are run that day."""
    by_mode = lengths.sampled(4, by=lambda mode: mode)
    items = [Item(ALWAYS)]
    items += [Item(nodeid, mark=by_mode, mode=MODES[at // 6]) for at, nodeid in enumerate(ROWS)]
    items += [Item(nodeid, "test_it.py::TestTyped", lengths.sampled(3)) for nodeid in TYPED]
    items += [Item(nodeid, mark=lengths.sampled(3, of="whole runs")) for nodeid in RUNS]
    left_out = [] if deselected is None else deselected
    config = SimpleNamespace(
        getoption=lambda name, default=None: {"keyword": keyword, "lf": lf}.get(name, default),
        args=args,
        hook=SimpleNamespace(pytest_deselected=lambda items: left_out.extend([*items])),
    )
    lengths.draw(config, items, day)
    return [item.nodeid for item in items]


@pytest.fixture
def at_work(monkeypatch):
    monkeypatch.setattr(lengths, "IN_CI", False)
    monkeypatch.setattr(lengths, "SAMPLE", "")


@pytest.mark.usefixtures("at_work")
class TestWhileOneWorks:
    @pytest.mark.parametrize("day", range(8))
    def test_a_part_of_each_kind_is_run_and_the_rest_is_told_to_pytest(self, day):
        left_out = []
        ids = drawn(day, deselected=left_out)
        assert ids == [nodeid for nodeid in (ALWAYS, *ROWS, *TYPED, *RUNS) if nodeid in ids], "in their order"
        assert ALWAYS in ids
        for mode in MODES:
            assert 1 <= sum(f"[{mode}" in nodeid for nodeid in ids) <= 2
        assert 1 <= len({*ids} & {*TYPED}) <= 2, "of a class, its tests take turns together"
        assert 1 <= len({*ids} & {*RUNS}) <= 2, "and so do those that are of the same"
        assert {item.nodeid for item in left_out} == {*ROWS, *TYPED, *RUNS} - {*ids}

    def test_each_has_its_turn(self):
        assert {nodeid for day in range(739_000, 739_004) for nodeid in drawn(day)} == {
            ALWAYS,
            *ROWS,
            *TYPED,
            *RUNS,
        }

    def test_a_day_is_always_the_same(self):
        assert drawn(7) == drawn(7)

    @pytest.mark.parametrize(
        "named",
        [{"keyword": "row"}, {"lf": True}, {"args": ("lab", f"tests/{ROWS[3]}")}],
        ids=["-k", "--lf", "node id"],
    )
    def test_what_is_named_is_run(self, named):
        assert drawn(7, **named) == [ALWAYS, *ROWS, *TYPED, *RUNS]


@pytest.mark.parametrize(("member", "value"), [("IN_CI", True), ("SAMPLE", "all")])
def test_in_ci_and_on_request_all_is_run(monkeypatch, member, value):
    monkeypatch.setattr(lengths, "IN_CI", False)
    monkeypatch.setattr(lengths, member, value)
    left_out = []
    assert drawn(7, deselected=left_out) == [ALWAYS, *ROWS, *TYPED, *RUNS]
    assert left_out == []


def test_what_must_hold_for_a_commit_runs_all():
    assert 'export CI="${CI:-true}"\n' in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert (
        "    CI\n"
        in (ROOT / "tox.ini").read_text(encoding="utf-8").partition("pass_env =")[2].partition("=")[0]
    )
