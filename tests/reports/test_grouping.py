"""What has drifted is told the gravest first, then the oldest, with severity and age, by topic or by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from mini_suite import case

from intent import Key
from intent.scrubber import Scrubber
from reports import grouping
from reports.formats import markdown
from reports.history.store import CheckEntry, PastRun
from reports.history.transitions import NEW, STILL, Transition
from reports.run import Run
from reports.terminal import summary_lines

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


@pytest.fixture
def run(tmp_path):
    run = Run("demo", tmp_path, Scrubber(), started=NOW, ended=NOW, exit_code=1)
    run.before = PastRun(1, "r1", NOW - timedelta(days=1), NOW, 1, {})
    for number, (severity, topic, days, flapping) in enumerate(
        [
            ("minor", "networks", 9, False),
            ("critical", "networks", 0, False),
            ("critical", "networks", 3, True),
            ("blocker", "dns services", 5, False),
            ("normal", "hosts", 5, False),
        ]
    ):
        result = case("drift", f"N{number}", severity=severity, topic=topic, step="")
        at = SimpleNamespace(nodeid=f"n{number}", when="call", start=0, stop=0, sections=[])
        run.results.add(at, result)
        entry = CheckEntry(at.nodeid, "", "", "", topic, severity, "drift", "")
        since = NOW - timedelta(days=days) if days else None
        run.transitions[at.nodeid] = Transition(entry, STILL if days else NEW, since, flapping=flapping)
    return run


def test_the_gravest_first_then_the_oldest_by_topic(run):
    lines = [line.text for line in summary_lines(run) if line.text.startswith("  ")]
    assert lines[lines.index("  dns services: 1 of 1 fact") :][:8] == [
        "  dns services: 1 of 1 fact",
        "    blocker, 5 days: network N3: vrf: declared VRF_AZ1, found global",
        "  networks: 3 of 3 facts",
        "    critical, 3 days, flapping: network N2: vrf: declared VRF_AZ1, found global",
        "    critical, new: network N1: vrf: declared VRF_AZ1, found global",
        "    minor, 9 days: network N0: vrf: declared VRF_AZ1, found global",
        "  hosts: 1 of 1 fact",
        "    normal, 5 days: network N4: vrf: declared VRF_AZ1, found global",
    ]


def test_markdown_has_the_same_order(run):
    rows = [line.split(" | ")[1] for line in markdown.render(run).splitlines() if " | network N" in line]
    assert rows == [f"network N{number}" for number in (3, 2, 1, 0, 4)]


def test_a_rule_of_many_objects_bears_its_severity_and_the_oldest_age(run):
    for number in range(30):
        at = SimpleNamespace(nodeid=f"m{number}", when="call", start=0, stop=0, sections=[])
        run.results.add(at, case("drift", f"M{number}", severity="critical", topic="networks", step=""))
    texts = [line.text for line in summary_lines(run)]
    assert any(text.startswith("    blocker, 5 days: network N3") for text in texts)
    assert any(
        text.startswith("    critical, 3 days, flapping: test_mini.test_vrf: 33 objects") for text in texts
    )


def test_a_newer_controller_is_noted_once(suite):
    suite.facts |= {"version": "31.1.1", "api_version": "30.2.1", "newer_than_model": True}
    ran = suite.run([case(name="A")])
    text = "note: the Controller runs 31.1.1 and was read in the model of 30.2.1"
    assert ran.out.count(text) == 1
    assert (ran.reports / "summary.md").read_text().count("was read in the model of 30.2.1") == 1


def test_what_was_not_seen_is_told_and_moves_no_verdict(run):
    unseen = [f"type{n}-inventory: whether it is healthy is not known: no rights" for n in range(5)]
    counts = run.results.counts()
    run.facts["unseen"] = unseen
    texts = [line.text for line in summary_lines(run)]
    (at,) = [number for number, text in enumerate(texts) if text.startswith("neither healthy nor ill")]
    assert texts[at].endswith("(5)")
    assert texts[at + 1] == f"  {unseen[0]}"
    assert texts[at + 4] == "  and 2 more"
    summary = markdown.render(run)
    assert all(each in summary for each in unseen)
    assert run.results.counts() == counts


def test_of_blocked_checks_each_object_is_one_cause(run):
    for number, (key, reason) in enumerate(
        [
            (1, "is not up"),
            (1, "is not up (OPER_DOWN)"),
            (1, "is not up"),
            (2, "is absent"),
            (None, "no data"),
            (None, "no data"),
        ]
    ):
        result = case("blocked", f"B{number}", reason=f"service {key} {reason}")
        on = Key("DNS service", str(key)) if key else None
        at = SimpleNamespace(nodeid=f"b{number}", when="call", start=0, stop=0, sections=[])
        run.results.add(at, replace(result, blocked_on=on))
    assert grouping.by_cause(run.results.of("blocked")) == [
        ("service 1 is not up", 3),
        ("service None no data", 2),
        ("service 2 is absent", 1),
    ]
