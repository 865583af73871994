"""Runs that are kept: what is new, still so or fixed since, which is told by the commands and by the next run."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_suite import ROOT, case
from played import START, entry, play

from reports.history.__main__ import main
from reports.history.store import OUTCOMES, History
from reports.history.transitions import compare, duration, transitions


def now(history, how, told="x"):
    found = transitions(history, [entry(how, told)])
    return found[0] if found else None


@pytest.mark.parametrize(
    ("past", "outcome", "change", "since"),
    [
        (["passed"], "drift", "new", None),
        (["passed", "drift"], "drift", "still", 1),
        (["drift", "passed", "drift", "drift"], "drift", "still", 2),
        (["drift", "unknown", None, "blocked"], "drift", "still", 0),
        (["passed", "drift", "unknown"], "passed", "fixed", 1),
        (["drift"], "remediated", "fixed", 0),
        (["drift"], "waived", "waived", 0),
        (["drift", "waived"], "waived", "still waived", 0),
        (["drift", "waived"], "drift", "new", 0),
        (["failed", "drift"], "failed", "still", 0),
    ],
)
def test_a_drift_has_a_past(history, past, outcome, change, since):
    play(history, *({"A": how} if how else None for how in past))
    found = now(history, outcome)
    assert (found.kind, found.since) == (change, None if since is None else START + timedelta(days=since))


@pytest.mark.parametrize(
    ("past", "outcome", "remarks"),
    [
        (["drift", "waived"], "drift", " (no longer waived)"),
        (["drift", "waived", "unknown"], "drift", " (no longer waived)"),
        (["waived", "drift"], "drift", ""),
        (["waived", "passed"], "drift", ""),
        (["passed", "drift", "passed", "waived"], "drift", " (no longer waived, flapping)"),
    ],
)
def test_a_drift_that_no_waiver_accepts_any_more_is_told_as_that(history, past, outcome, remarks):
    play(history, *({"A": how} for how in past))
    assert now(history, outcome).remarks == remarks


def test_a_drift_older_than_what_is_looked_at_first(history):
    play(history, *({"A": how} for how in ["drift", "passed", *["drift", "waived", "unknown"] * 20]))
    assert now(history, "drift").since == START + timedelta(days=2)
    play_more = [entry("drift", "x", "B")]
    for day in range(40):
        number = history.begin(f"b-{day}", START + timedelta(days=100 + day))
        history.finish(number, START + timedelta(days=100 + day), 1, {}, play_more)
    (found,) = transitions(history, play_more)
    assert (found.kind, found.since, found.flapping) == ("still", START + timedelta(days=100), False)


def test_the_last_word_is_that_of_the_last_run_that_could_judge(history):
    play(
        history,
        {"OLD": "drift", "FIXED": "drift", "WAIVED": "drift", "NEVER": "unknown", "LATER": "unknown"},
        {"OLD": "unknown", "FIXED": "remediated", "WAIVED": "waived", "NEVER": "blocked"},
        *[{"OLD": "blocked", "FIXED": "unknown"}] * 40,
        None,
        {"OLD": "passed", "LATER": "failed"},
    )
    words = {nodeid[:-1].partition("[")[2]: word for nodeid, word in history.last_words(44).items()}
    assert words == {
        "OLD": ("drift", "blocked"),
        "FIXED": ("remediated", "unknown"),
        "WAIVED": ("waived", "waived"),
    }


def test_an_object_has_its_kinds_word_of_now(history):
    old = replace(entry("drift", "x"), object="virtual service dns")
    history.finish(history.begin("run", START), START, 1, {}, [old])
    assert [one.object for one in history.entries(1).values()] == ["DNS service dns"]
    assert now(history, "drift").kind == "still"


def test_what_is_right_and_was_right_is_no_change(history):
    play(history, {"A": "passed"})
    assert now(history, "passed") is None
    assert now(history, "unknown") is None


def test_another_value_is_a_change(history):
    play(history, {"A": ("drift", "x")})
    assert now(history, "drift", "y").kind == "changed"


def test_a_check_nobody_has_seen_is_new(history):
    play(history, {"B": "passed"})
    assert now(history, "drift").kind == "new"


def test_flapping(history):
    play(history, *({"A": how} for how in ("passed", "drift", "passed", "drift")))
    assert now(history, "passed").flapping
    play_calm = [{"A": "drift"}] * 12
    for day, run in enumerate(play_calm, start=10):
        number = history.begin(f"run-{day}", START + timedelta(days=day))
        history.finish(number, START + timedelta(days=day), 0, {}, [entry(run["A"], "x")])
    assert not now(history, "drift").flapping


@given(st.lists(st.sampled_from(OUTCOMES), max_size=12), st.sampled_from(OUTCOMES))
def test_changes_follow_from_the_last_two_judged_words(tmp_path_factory, past, outcome):
    with History(tmp_path_factory.mktemp("h") / "history.sqlite") as history:
        play(history, *({"A": how} for how in past))
        found = now(history, outcome)
    judged = [how for how in past if how not in ("unknown", "blocked")]
    bad, was_bad = outcome in ("drift", "failed"), bool(judged) and judged[-1] in ("drift", "failed")
    if outcome in ("unknown", "blocked"):
        assert found is None
    elif bad:
        assert found.kind == ("still" if was_bad else "new")
    elif outcome in ("passed", "remediated"):
        assert (found is not None) == (was_bad or (bool(judged) and judged[-1] == "waived"))


def test_two_runs_against_each_other():
    old = {e.nodeid: e for e in (entry("drift", "x", "S"), entry("drift", "x", "C"), entry("drift", "x", "F"), entry("passed", "", "N"), entry("passed", "", "U"), entry("drift", "x", "G"))}  # fmt: skip
    new = {e.nodeid: e for e in (entry("drift", "x", "S"), entry("drift", "y", "C"), entry("passed", "", "F"), entry("drift", "x", "N"), entry("unknown", "", "U"), entry("passed", "", "A"))}  # fmt: skip
    found = {kind: [e.object[-1] for e, _ in rows] for kind, rows in compare(old, new).items()}
    assert found == {"still": ["S"], "changed": ["C"], "fixed": ["F"], "new": ["N"], "unknown": ["U"], "added": ["A"], "gone": ["G"]}  # fmt: skip


def test_a_killed_run_is_never_compared_with(history):
    play(history, {"A": "passed"}, None)
    assert [run.ended is None for run in history.runs()] == [False, True]
    assert now(history, "drift").kind == "new"


def test_forgetting(history):
    play(history, {"A": "drift"}, {"B": "drift"}, {"B": "passed"})
    assert history.prune(2) == 1
    assert [run.run for run in history.runs()] == ["run-1", "run-2"]
    assert [name for name, _ in history.lives()] == [entry("passed", name="B").nodeid]
    assert history.prune(5) == 0


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0 seconds"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (3_600, "60 minutes"),
        (7_200, "2 hours"),
        (86_400 * 3, "3 days"),
    ],
)
def test_spans(span, text):
    assert duration(timedelta(seconds=span)) == text


def test_the_commands(suite, capsys):
    suite.run([case("drift", "A"), case(name="B")])
    ran = suite.run([case(name="A"), case("drift", "B")])
    home = ["-e", str(ran.reports)]
    assert main([*home, "list"]) == 0
    assert (listed := capsys.readouterr().out).count("DRIFT: 1 of 2 facts as declared, 1 not  (exit 1, ") == 2
    assert main(["list", *home]) == 0
    assert capsys.readouterr().out == listed
    assert main([*home, "compare", "-1"]) == 1
    out = capsys.readouterr().out
    assert "new (1)\n  critical: network B: vrf: declared VRF_AZ1, found global\n" in out
    assert "fixed (1)\n  critical: network A: A is in its VRF context\n" in out
    assert main([*home, "drifts"]) == 1
    _, *new, fixed = capsys.readouterr().out.splitlines()
    assert new == [
        "new (1)",
        "  critical, since this run: network B: vrf: declared VRF_AZ1, found global",
        "fixed (1)",
    ]
    assert re.fullmatch(r"  critical, had drifted \d+ seconds?: network A: A is in its VRF context", fixed)
    assert main([*home, "drifts", "1"]) == 1
    capsys.readouterr()
    assert main([*home, "compare", "1", "2", "--json"]) == 1
    assert '"new": [\n' in capsys.readouterr().out
    assert main([*home, "compare", "2", "1"]) == 1
    capsys.readouterr()
    assert main([*home, "check", "[A]"]) == 0
    assert [line.split()[4] for line in capsys.readouterr().out.splitlines()[1:]] == ["drift", "passed"]
    assert main([*home, "prune", "--keep", "1"]) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["compare", "99"], "names 0 runs"),
        (["compare", "nonsense"], "names 0 runs"),
        (["check", "nothing"], "names 0 checks"),
        (["check", "test_vrf"], "names 2 checks"),
    ],
)
def test_what_is_unclear_is_said(suite, capsys, words, told):
    ran = suite.run([case(name="A"), case(name="B")])
    assert main(["-e", str(ran.reports), *words]) == 4
    assert told in capsys.readouterr().err


def test_a_history_keeps_at_least_one_run(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["prune", "--keep", "0"])
    assert (ended.value.code, "--keep: '0': give a whole number from 1 on" in capsys.readouterr().err) == (
        4,
        True,
    )


def test_the_command_line_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "reports.history", "-e", str(tmp_path), "list"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert "no history of" in done.stderr


def test_what_is_fixed_bears_the_kind_of_its_object(suite):
    suite.run([case("drift", "A")])
    ran = suite.run([case(name="A")])
    assert "fixed    critical: network A: A is in its VRF context (had drifted" in ran.out
    assert (
        "**fixed** network A: A is in its VRF context (had drifted"
        in (ran.reports / "summary.md").read_text()
    )
