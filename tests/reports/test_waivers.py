from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_suite import case

from intent import Key
from intent.source import Invalid
from intent.waivers import Numbered, Waiver, load
from reports.check_report import applied
from reports.outcomes import Results
from reports.waive import waiver_faults, waivers_of
from tests import lengths

UNTIL = datetime(2027, 3, 28, 3, 0, tzinfo=ZoneInfo("Europe/Madrid"))
"""Within the hour after Madrid's clocks go forward: 01:00 UTC."""

PAPERS = {"reason": "moving", "approver": "A. Owner", "ticket": "NET-1"}


def waiver(**told):
    told = {"check": "test_mini.test_vrf", "until": UNTIL, **PAPERS, **told}
    return Numbered(waiver=Waiver.model_validate(told), file="demo.waivers.yaml", line=3)


def drift(**told):
    return case("drift", "NET_A", **told)


def results_of(*check_results):
    results = Results()
    for number, result in enumerate(check_results):
        at = SimpleNamespace(nodeid=f"n{number}", when="call", start=0, stop=0, sections=[])
        results.add(at, result)
    return results


BEFORE = UNTIL.astimezone(UTC) - timedelta(seconds=1)


@pytest.mark.parametrize(
    "zone", [UTC, ZoneInfo("Europe/Madrid"), ZoneInfo("America/New_York"), timezone(timedelta(hours=14))]
)
def test_it_ends_at_the_same_instant_everywhere(zone):
    assert applied(drift(), [waiver()], BEFORE.astimezone(zone)).outcome == "waived"
    ended = applied(drift(), [waiver()], UNTIL.astimezone(zone))
    assert ended.outcome == "drift"
    assert "expired on 2027-03-28 03:00" in ended.waiver


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 -- Hypothesis adds it
def test_it_is_in_force_from_its_begin_up_to_its_end(moment):
    begins = datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Tokyo"))
    found = applied(drift(), [waiver(**{"from": begins})], moment)
    inside = begins.timestamp() <= moment.timestamp() < UNTIL.timestamp()
    assert (found is not None and found.outcome == "waived") == inside


@pytest.mark.parametrize(
    "selector",
    [
        {"check": "*.test_vrf", "object": "network NET_A"},
        {"check": "*", "object": "NET_*"},
        {"check": "*", "field": "vrf"},
        {"object": "network *", "field": "v*"},
    ],
)
def test_what_it_selects(selector):
    assert applied(drift(), [waiver(**selector)], BEFORE).outcome == "waived"


def test_a_kinds_former_word_selects_as_it_did():
    key = Key("DNS service", "dns", "Default-Cloud", "admin")
    drifted = drift()
    service = replace(drifted, fact=replace(drifted.fact, key=key))
    for named in ("virtual service dns", "virtual service d*", "DNS service dns"):
        assert applied(service, [waiver(object=named)], BEFORE).outcome == "waived"
        used = applied(service, [waiver(object=named)], BEFORE)
        assert waiver_faults([waiver(object=named)], results_of(used), BEFORE, complete=True) == []
    assert applied(drift(), [waiver(object="virtual service NET_A")], BEFORE) is None


@pytest.mark.parametrize(
    "selector",
    [{"check": "test_mini.test_other"}, {"object": "NET_B"}, {"field": "subnets"}, {"check": "test_vrf"}],
)
def test_what_it_does_not_select(selector):
    assert applied(drift(), [waiver(**selector)], BEFORE) is None


def test_an_element_of_a_list_can_be_named():
    path = "subnets[10.10.25.0/24].pools"
    for field in (path, "subnets.pools", "subnets.*"):
        assert applied(drift(path=path), [waiver(field=field)], BEFORE).outcome == "waived"
    assert applied(drift(path=path), [waiver(field="subnets[10.10.26.0/24].pools")], BEFORE) is None


def test_an_absent_object_is_the_field_existence():
    gone = drift(path="", want="exactly one", have="absent")
    assert applied(gone, [waiver(field="existence")], BEFORE).outcome == "waived"
    assert applied(drift(), [waiver(field="existence")], BEFORE) is None


def test_another_value_than_the_accepted_one_is_drift_again():
    assert applied(drift(), [waiver(accepts="global")], BEFORE).outcome == "waived"
    found = applied(drift(have="VRF_AZ9"), [waiver(accepts="global")], BEFORE)
    assert found.outcome == "drift"
    assert "accepts only global" in found.waiver


def test_every_drift_of_a_check_must_be_accepted():
    two = drift()
    two = replace(two, drifts=(*two.drifts, replace(two.drifts[0], path="dhcp", want=False, have=True)))
    assert applied(two, [waiver(field="vrf")], BEFORE) is None
    both = applied(two, [waiver(field="vrf"), waiver(field="dhcp")], BEFORE)
    assert both.outcome == "waived"


@pytest.mark.parametrize("outcome", ["unknown", "blocked", "passed"])
def test_only_what_is_known_can_be_waived(outcome):
    assert applied(case(outcome, "NET_A"), [waiver()], BEFORE) is None


def test_a_fact_without_a_field_needs_a_waiver_of_the_whole_check():
    failed = case("failed", "NET_A", reason="no free address")
    assert applied(failed, [waiver()], BEFORE).outcome == "waived"
    assert applied(failed, [waiver(field="vrf")], BEFORE) is None
    assert applied(failed, [waiver(accepts="x")], BEFORE).outcome == "failed"


def test_grace_accepts_the_old_value_and_the_new_one_until_its_date():
    grace = waiver(accepts="global", grace=True)
    waived = applied(drift(have="global"), [grace], BEFORE)
    assert waived.outcome == "waived"
    assert waived.waiver.startswith("grace until")
    assert applied(drift(have="other"), [grace], BEFORE).outcome == "drift"
    assert waiver_faults([grace], results_of(case(name="NET_A")), BEFORE, complete=True) == []
    assert applied(drift(have="global"), [grace], UNTIL).outcome == "drift"


@pytest.mark.parametrize(
    ("accepts", "have", "same"),
    [
        (None, None, True),  # `accepts: null` accepts that nothing is there, and nothing else
        (None, [], True),
        (None, "global", False),
        ("10.0.0.1-10.0.0.9", ["10.0.0.1-10.0.0.9"], True),  # as reports show a list of one
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["b", "a"], False),  # where order matters, another order is another value
        (True, 1, False),
        (1, 1, True),
        ({"b": 1, "a": None}, {"a": None, "b": 1}, True),
    ],
)
def test_the_accepted_value_is_written_as_reports_show_it(accepts, have, same):
    found = applied(drift(have=have), [waiver(accepts=accepts)], BEFORE)
    assert (found.outcome == "waived") == same


def test_a_waiver_that_has_not_begun_is_named():
    early = waiver(**{"from": UNTIL - timedelta(hours=1)})
    found = applied(drift(), [early], UNTIL - timedelta(hours=2))
    assert found.outcome == "drift"
    assert "demo.waivers.yaml:3 begins only on 2027-03-28 02:00 +0100" in found.waiver


def used(one):
    return applied(drift(), [one], BEFORE)


@pytest.mark.parametrize(
    ("check_results", "now", "complete", "said"),
    [
        ([used(waiver())], BEFORE, True, None),
        ([case(name="NET_A")], BEFORE, True, "is not needed any more"),
        ([case(name="NET_A")], BEFORE, False, None),
        ([case("unknown", "NET_A")], BEFORE, True, None),
        ([case(check="test_other")], BEFORE, True, "matches no check"),
        (
            [case(name="NET_A")],
            UNTIL,
            False,
            "expired on 2027-03-28 03:00 +0200; have it renewed (A. Owner, NET-1)",
        ),
    ],
)
def test_what_must_be_looked_at(check_results, now, complete, said):
    found = waiver_faults([waiver()], results_of(*check_results), now, complete=complete)
    assert [said in fault for fault in found] == ([True] if said else [])
    assert all(fault.startswith("demo.waivers.yaml:3: ") for fault in found)


def about(check, name, field, outcome="passed", **told):
    return case(outcome, name, check=check, path=field, **told)


SITE = [
    about("test_vrf", "NET_A", "vrf"),
    about("test_dhcp", "NET_A", "dhcp", "drift", want=False, have=True),
    about("test_subnet", "NET_B", "subnets"),
    about("test_answer", "NET_C", "", "unknown"),
]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"check": "test_mini.test_vfr"}, "no check is named 'test_mini.test_vfr'; did you mean 'test_mini.test_vrf'?"),
        ({"check": "*", "object": "NET_AA"}, "no object is named 'NET_AA'; did you mean 'NET_A'?"),
        ({"check": "*", "object": "network NET_B", "field": "subnetz"}, "is about 'subnetz'; did you mean 'subnets'?"),
        ({"check": "test_mini.test_vrf", "object": "NET_B"}, "its check is not about its object"),
        ({"check": "test_mini.test_vfr", "accepts": "x", "grace": True}, "did you mean 'test_mini.test_vrf'?"),
        # Another field of the object has drifted: this waiver is not about it.
        ({"check": "*", "object": "NET_A", "field": "vrf"}, "is not needed any more"),
        ({"check": "*", "object": "NET_A", "field": "vrf", "accepts": "x", "grace": True}, None),
        ({"check": "*", "object": "NET_A"}, None),
        ({"check": "*", "object": "NET_A", "accepts": "x"}, "accepts nothing that was found"),
        ({"check": "*", "object": "NET_B", "field": "subnets.pools"}, "is not needed any more"),
        ({"check": "*", "object": "NET_C"}, None),
    ],
)  # fmt: skip
def test_what_somebody_meant(told, said):
    found = waiver_faults([waiver(**told)], results_of(*SITE), BEFORE, complete=True)
    assert [said is not None and said in fault for fault in found] == ([True] if said else [])


def test_of_two_that_accept_the_same_one_is_too_many():
    first, second = waiver(), waiver(object="NET_*").model_copy(update={"line": 9})
    waived = applied(drift(), [first, second], BEFORE)
    (found,) = waiver_faults([first, second], results_of(waived), BEFORE, complete=True)
    assert (
        found
        == "demo.waivers.yaml:9: is not needed: demo.waivers.yaml:3 accepts the same; remove one of them"
    )


GOOD = """waivers:
  - check: test_mini.test_vrf
    object: NET_A
    field: vrf
    reason: moving to another VRF context
    approver: A. Owner
    ticket: NET-1
    from: 2026-01-01T00:00:00+01:00
    until: %s
    accepts: global
"""


def test_a_waived_drift_is_shown_everywhere_and_fails_nothing(suite):
    (suite.folder / "demo.waivers.yaml").write_text(GOOD % "2099-01-31T18:00:00+01:00")
    ran = suite.run([case("drift", "NET_A"), case(name="NET_B")], "--junitxml=junit.xml")
    assert ran.code == 0
    assert "1 passed, 1 waived" in ran.out
    assert "CONFORMS: 1 of 2 facts as declared, 1 waived" in ran.out
    assert (
        "critical: network NET_A: vrf: declared VRF_AZ1, found global; waived until 2099-01-31 18:00"
        in ran.out
    )
    assert "waived until 2099" in (ran.folder / "junit.xml").read_text()
    assert "waived until 2099" in (ran.reports / "summary.md").read_text().replace("\\", "")
    assert '"outcome": "waived"' in (ran.reports / "drift.json").read_text()


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["one-process", "distributed"])
def test_an_expired_waiver_fails_the_run(suite, arguments):
    (suite.folder / "demo.waivers.yaml").write_text(GOOD % "2026-02-01T00:00:00Z")
    ran = suite.run([case(name="NET_A")], *arguments)
    assert ran.code == 1
    assert "FAILED: 1 of 1 fact as declared, but 1 waiver must be looked at" in ran.out
    assert "demo.waivers.yaml:2: expired on 2026-02-01" in ran.out


@lengths.WHOLE_RUN
def test_a_waiver_nothing_needs_fails_the_whole_run_only(suite):
    (suite.folder / "demo.waivers.yaml").write_text(GOOD % "2099-01-31T18:00:00+01:00")
    ran = suite.run([case(name="NET_A"), case(name="NET_B")])
    assert ran.code == 1
    assert "is not needed any more" in " ".join(ran.out.split())
    for part in (
        ("-k", "NET_B"),
        ("-k", "NET_B", "-n", "2"),
        ("--ignore=other",),
        ("test_mini.py::test_vrf[NET_B]",),
    ):
        assert suite.again(*part).code == 0


def test_another_file_can_be_named(suite):
    (suite.folder / "mine.yaml").write_text(GOOD % "2099-01-31T18:00:00+01:00")
    assert suite.run([case("drift", "NET_A")], "--waivers", "mine.yaml").code == 0


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (GOOD % "2027-01-31", 9, "write a date, a time and a time zone"),
        (GOOD % "2027-01-31T18:00:00", 9, "time zone"),
        (GOOD % "soon", 9, "time zone"),
        (GOOD % "2025-01-31T18:00:00Z", 2, "from must lie before until"),
        (GOOD % "2099-01-31T18:00:00Z" + "    untill: x\n", 11, "did you mean 'until'"),
        (GOOD % "2099-01-31T18:00:00Z" + "    form: x\n", 11, "did you mean 'from'"),
        ((GOOD % "2099-01-31T18:00:00Z").replace("    ticket: NET-1\n", ""), 2, "ticket: is required"),
        ((GOOD % "2099-01-31T18:00:00Z") + "    grace: perhaps\n", 11, "grace"),
        (
            "waivers:\n  - {reason: r, approver: a, ticket: t, until: 2099-01-31T18:00:00Z}\n",
            2,
            "a waiver of everything",
        ),
        (
            "waivers:\n  - {check: x, grace: true, reason: r, approver: a, ticket: t, until: 2099-01-31T18:00:00Z}\n",
            2,
            "grace needs accepts",
        ),
        ("- a\n", 1, "mapping"),
        ("waivers: [\n", 2, "YAML"),
        ("waivers: []\nwaivers: []\n", 2, "second time"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, text, line, told):
    path = tmp_path / "demo.waivers.yaml"
    path.write_text(text)
    with pytest.raises(Invalid) as caught:
        load(path)
    assert any(f":{line}: " in problem and told in problem for problem in str(caught.value).splitlines()), (
        caught.value
    )


def test_it_ends_the_run_with_exit_code_four(suite):
    (suite.folder / "demo.waivers.yaml").write_text("waivers: [{}]\n")
    ran = suite.run([case()])
    assert ran.code == 4
    assert "demo.waivers.yaml:1: " in ran.out


def test_an_empty_file_has_no_waivers(tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text("# none yet\n")
    assert load(path) == ()


def in_clouds(*clouds, tenant="admin"):
    """The same drift of an SE group of one name in each of some clouds."""
    for cloud in clouds:
        result = drift()
        key = Key("SE group", "seg-prod", cloud, tenant)
        yield replace(result, fact=replace(result.fact, key=key, several_clouds=len(clouds) > 1))


@pytest.mark.parametrize(
    ("told", "waived"),
    [
        ({"object": "seg-prod"}, {"west", "east"}),
        ({"object": "SE group seg-prod"}, {"west", "east"}),
        ({"object": "SE group seg-prod (cloud west)"}, {"west"}),
        ({"object": "seg-prod", "cloud": "west"}, {"west"}),
        ({"object": "seg-prod", "cloud": "*st"}, {"west", "east"}),
        ({"object": "seg-prod", "cloud": "north"}, set()),
        ({"object": "seg-prod", "tenant": "blue"}, set()),
        ({"object": "seg-prod", "tenant": "admin"}, {"west", "east"}),
        ({"cloud": "east"}, {"east"}),
    ],
)
def test_a_waiver_means_objects_of_one_cloud_or_of_all(told, waived):
    results = {result.fact.key.cloud: result for result in in_clouds("west", "east")}
    outcomes = {cloud: applied(result, [waiver(**told)], BEFORE) for cloud, result in results.items()}
    assert {cloud for cloud, result in outcomes.items() if result is not None} == waived
    for cloud, result in outcomes.items():
        if result is not None:
            remark = f"it is for seg-prod in every cloud: `cloud: {cloud}` makes it for this one"
            assert (remark in result.waiver) == (len(waived) == 2 and told.get("cloud") is None), told


def test_an_object_s_cloud_is_told_where_there_are_several():
    west, _ = in_clouds("west", "east", tenant="blue")
    (alone,) = in_clouds("west")
    assert west.fact.subject == "SE group seg-prod (cloud west, tenant blue)"
    assert alone.fact.subject == "SE group seg-prod"
    assert "every cloud" not in applied(alone, [waiver(object="seg-prod")], BEFORE).waiver


def test_places_are_named_as_one_types_them(tmp_path, monkeypatch):
    """Relative to the folder that one is in, whatever pytest takes for the project's."""
    text = "waivers:\n- {check: test_x.test_y, reason: r, approver: a, ticket: t, until: 2030-01-01T00:00:00+00:00}\n"
    (tmp_path / "sites").mkdir()
    path = tmp_path / "sites" / "demo.waivers.yaml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    options = SimpleNamespace(dir=tmp_path)
    config = SimpleNamespace(
        getoption=lambda _name: str(path), invocation_params=options, rootpath=Path("/usr")
    )
    assert [each.place for each in waivers_of(config)] == ["sites/demo.waivers.yaml:2"]
    path.write_text("waivers:\n- {chek: x}\n", encoding="utf-8")
    with pytest.raises(pytest.UsageError, match=r"^sites/demo\.waivers\.yaml:2: "):
        waivers_of(config)
