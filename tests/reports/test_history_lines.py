"""What the history command prints: the gravest first, with its finding, its unit and its object's kind."""

from datetime import UTC, datetime, timedelta

from intent.forecast import Figure, Measure, forecast
from reports.history.figures import Past
from reports.history.lines import drift_lines, run_line, series_lines
from reports.history.store import CheckEntry, PastRun
from reports.history.transitions import FIXED, NEW, STILL, STILL_WAIVED, WAIVED, Transition

NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
RUN = PastRun(
    7, "run-7", NOW, NOW + timedelta(seconds=6), 1, {"verdict": "DRIFT: 1 of 5 facts as declared, 4 not"}
)
VRF = '[{"path": "vrf", "want": "VRF_AZ1", "have": "global"}]'


def moved(kind, name, severity, *, told=VRF, outcome="drift", days=0):
    entry = CheckEntry(
        name, f"{name} is in its VRF context.", f"network {name}", "", "networks", severity, outcome, told
    )
    return Transition(entry, kind, NOW - timedelta(days=days) if days else None)


def test_the_gravest_and_oldest_come_first_each_kind_under_its_heading():
    found = [
        moved(FIXED, "F", "minor", told="", outcome="passed", days=3),
        moved(STILL, "young", "critical", days=1),
        moved(STILL, "light", "minor", days=300),
        moved(STILL, "old", "critical", days=3),
        moved(NEW, "N", "normal"),
    ]
    assert list(drift_lines(RUN, found)) == [
        "7  2026-12-01 03:00:00 UTC  DRIFT: 1 of 5 facts as declared, 4 not  (exit 1, 6 seconds, run-7)",
        "new (1)",
        "  normal, since this run: network N: vrf: declared VRF_AZ1, found global",
        "still (3)",
        "  critical, for 3 days, since 2026-11-28 03:00 UTC: network old: vrf: declared VRF_AZ1, found global",
        "  critical, for 24 hours, since 2026-11-30 03:00 UTC: network young: vrf: declared VRF_AZ1, found global",
        "  minor, for 300 days, since 2026-02-04 03:00 UTC: network light: vrf: declared VRF_AZ1, found global",
        "fixed (1)",
        "  minor, had drifted 3 days: network F: F is in its VRF context",
    ]


def test_a_waived_fact_is_told_with_what_was_found():
    reason = "the answer is NXDOMAIN"
    found = [
        moved(WAIVED, "A", "minor", outcome="waived"),
        moved(STILL_WAIVED, "B", "minor", outcome="waived", told=reason, days=2),
    ]
    told = "\n".join(drift_lines(RUN, found))
    assert "network A: vrf: declared VRF_AZ1, found global" in told
    assert "network B: does not hold: B is in its VRF context (the answer is NXDOMAIN)" in told


def test_a_run_of_an_earlier_version_and_one_that_was_killed_have_a_line_too():
    facts = {"facts": 5, "not_as_declared": 4, "complete": False}
    earlier = PastRun(7, "run-7", NOW, NOW + timedelta(seconds=6), 1, facts)
    assert "some checks only: 5 facts, 4 not as declared  (exit 1, " in run_line(earlier)
    assert run_line(PastRun(7, "run-7", NOW, None, None, {})).endswith("did not end  (run-7)")


def series(name, used, limit, measure=Measure.SERVICES, days=1):
    figure = Figure(measure, "serviceenginegroup", name, name, used, limit)
    points = [((NOW - timedelta(days=ago)).timestamp(), used - ago) for ago in range(days - 1, 0, -1)]
    return forecast(figure, points, NOW), [Past(NOW.timestamp(), used, limit)]


def test_what_has_no_end_is_a_short_list_with_the_fullest_first():
    rows = [series(f"g{number:02}", number, 100) for number in range(80)]
    lines = list(series_lines([series("full", 60, 100, days=20), *rows], named=False))
    assert lines[0] == "serviceenginegroup full: exhausted in 40 days (60 of 100 services, 1 more a day)"
    assert lines[2] == "no end in sight, or not known yet (80), the fullest first"
    assert lines[3].startswith("  serviceenginegroup g79: 79 of 100 services: unknown")
    assert (len(lines), lines[-1]) == (16, "  and 68 more; `series NAME` shows those with NAME in them")


def test_what_is_asked_for_by_name_is_shown_with_its_readings_and_their_unit():
    rows = [series("Eval", 26_694, 0, Measure.VALIDITY), series("g", 3, 100)]
    told = list(series_lines(rows, named=True))
    assert told[1] == "    days left on 12-01: 26,694; last read 2026-12-01 03:00 UTC"
    assert told[3] == "    services on 12-01: 3; last read 2026-12-01 03:00 UTC"
