from types import SimpleNamespace

import pytest
from mini_suite import case

from intent import Key
from intent.outcome import CheckInfo, CheckResult, Fact
from reports.outcomes import Results, exit_code, verdict


def report(nodeid, when="call", *, failed=False):
    return SimpleNamespace(
        nodeid=nodeid, when=when, start=1.0, stop=2.0, sections=[], failed=failed, passed=not failed
    )


def results_of(*outcomes):
    results = Results()
    for number, outcome in enumerate(outcomes):
        results.add(report(f"n{number}"), case(outcome))
    return results


@pytest.mark.parametrize(
    ("outcomes", "status", "code"),
    [
        (["passed"], 0, 0),
        (["passed", "drift"], 1, 1),
        (["passed", "failed"], 1, 1),
        (["passed", "unknown"], 1, 6),
        (["passed", "blocked"], 0, 6),
        (["drift", "unknown"], 1, 1),
        (["waived"], 0, 0),
        (["remediated", "passed"], 0, 0),
        (["drift"], 2, 2),
        (["passed"], 3, 3),
        (["passed"], 4, 4),
        ([], 5, 5),
        ([], 2, 2),
        ([], 0, 0),
    ],
)
def test_the_exit_code_says_what_was_found(outcomes, status, code):
    assert exit_code(status, results_of(*outcomes)) == code


def test_an_expired_waiver_alone_fails_the_run():
    assert exit_code(0, results_of("passed"), faults=["expired"]) == 1


def test_stopping_at_the_first_failure_is_no_interruption():
    assert exit_code(2, results_of("drift"), stopped=True) == 1
    assert exit_code(2, results_of("unknown"), stopped=True) == 6


def test_a_failing_test_that_is_no_check_counts():
    results = results_of("passed")
    results.plain_failures = 1
    assert exit_code(1, results) == 1


def test_the_verdict_has_its_denominator():
    results = results_of(*["passed"] * 212, "drift", "drift", "unknown")
    assert verdict(1, results) == "DRIFT: 212 of 215 facts as declared, 2 not, 1 could not be judged"
    assert verdict(0, results_of("passed")) == "CONFORMS: 1 of 1 fact as declared, of 1 declared object"
    assert verdict(2, results_of("passed")) == "INTERRUPTED: until then 1 of 1 fact as declared"


def test_the_worst_phase_speaks_for_a_check():
    results = Results()
    results.touch(report("n", "setup"))
    results.add(report("n"), case("passed"))
    results.add(report("n", "teardown"), case("unknown", reason="teardown broke"))
    assert [r.outcome for r in results] == ["unknown"]


def test_a_check_that_runs_again_has_the_second_word():
    results = Results()
    for outcome in ("drift", "remediated"):
        results.touch(report("n", "setup"))
        results.add(report("n"), case(outcome))
        results.touch(report("n", "teardown"))
    assert [r.outcome for r in results] == ["remediated"]


def test_objects_of_one_name_in_two_clouds_are_two():
    """An object is its kind, name, cloud and tenant: a name alone is not one."""
    results = Results()
    for cloud, outcome in (
        ("A", "drift"),
        ("A", "passed"),
        ("B", "passed"),
        ("B", "unknown"),
        ("", "passed"),
    ):
        key = Key("network", "NET", cloud) if cloud else None
        result = CheckResult(Fact(CheckInfo("test_mini.test_vrf"), "title", key), outcome)
        results.add(report(f"{cloud}-{outcome}"), result)
    counts = results.counts()
    assert (counts.objects, counts.objects_with_drift, counts.facts) == (2, 1, 5)
    assert (counts.conforming, counts.drifted, counts.unjudged, counts.of("waived")) == (3, 1, 1, 0)
