"""Undoing a run: newest first, leaf by leaf, and never what somebody else has made of it since."""

from dataclasses import replace
from pathlib import Path

import pytest

from live.errors import Refused, Unreachable
from remediate.plan import text as show
from remediate.plan.planner import build
from remediate.plan.sequence import with_later_steps
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.uncertain import resolve_uncertain
from remediate.write.undo import undo_run
from remediate.write.unproved import Rehearsal
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.breaking import Hand, extra_record, labels, picture
from tests.remediate.inprocess import Bench
from tests.remediate.undone import Run, outcomes

pytestmark = lengths.WHOLE_SITE


def test_everything_that_can_be_undone_is(tmp_path):
    run = Run(tmp_path, "fresh", skip=("DNS service", "system configuration"))
    assert outcomes(run.undo()) == {"undone"}
    assert picture(run.gateway) == run.before
    numbers = [one.entry.number for one in run.undone]
    assert numbers == sorted(numbers, reverse=True)
    assert outcomes(run.undo()) == {"already"}, "it can be asked again"


@lengths.WHOLE_RUN
@pytest.mark.parametrize("state", ["fresh", "drifted"])
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"status": "ok"},
        {"uuid": "vrfcontext-0", "name": "other", "url": "https://c/api/vrfcontext/vrfcontext-0"},
    ],
)
def test_a_run_whose_writes_are_answered_without_the_object_is_undone(tmp_path, answer, state):
    run = Run(tmp_path, state, skip=("DNS service", "system configuration"), answered=answer)
    assert {result.status for result in run.results} <= {"done", "already"}
    record = load(run.journal)
    assert {entry.fate for entry in record.entries} == {"done"}
    assert all(entry.after["uuid"] == entry.uuid and entry.after["name"] for entry in record.entries)
    usual = Run(tmp_path, state, skip=("DNS service", "system configuration"))
    assert run.undo() == usual.undo()
    assert state == "drifted" or picture(run.gateway) == run.before


def test_a_service_is_taken_away_before_what_it_stands_on(tmp_path):
    run = Run(tmp_path, "fresh", skip=("system configuration",))
    found = run.undo()
    assert found["POST virtualservice of DNS service local-dns-site1"] == ("undone", "")
    assert found["POST vsvip of DNS service local-dns-site1"] == ("undone", "")
    kept = {entry: text for entry, (outcome, text) in found.items() if outcome == "kept"}
    # Its Service Engine outlives it, as on a real site, and keeps its group, its networks and their VRF context.
    assert all("Service Engine" in t or "serviceengine" in t or "stands on it" in t for t in kept.values()), (
        kept
    )
    run.bench.lab.site.clock.advance(4 * 3600)
    assert "kept" not in outcomes(run.undo())
    assert picture(run.gateway) == run.before


def test_the_systems_dns_list_is_not_emptied_and_keeps_what_it_stands_on(tmp_path):
    run = Run(tmp_path, "fresh")
    writes = run.gateway.writes
    found = run.undo()
    outcome, text = found["PATCH systemconfiguration of system configuration system"]
    assert outcome == "kept"
    assert "cannot be emptied again" in text
    assert found["POST virtualservice of DNS service local-dns-site1"][0] == "kept"
    assert found["PATCH cloud of cloud Default-Cloud"][0] == "kept", (
        "its VIP comes from the profile attached there"
    )
    assert found["POST serviceenginegroup of SE group S1-AZ2-SE-Group"][0] == "undone"
    assert all(method != "DELETE" or "dns" not in path for method, path, _ in run.gateway.log[writes:])
    assert Hand(run.gateway).named("systemconfiguration", "")["dns_virtualservice_refs"]


@pytest.mark.parametrize(
    ("state", "skip", "kept"),
    [("drifted", (), 2), ("fresh", ("system configuration",), 6), ("fresh", (), 9)],
    ids=["disruptive", "in use for a while", "for ever"],
)
def test_what_the_plan_says_of_its_undo_comes_true(tmp_path, state, skip, kept):
    run = Run(tmp_path, state, skip)
    found = run.undo()
    steps = [one.step for one in run.results]
    outlooks = {step.key: step.outlook for step in steps}
    foretold = {key for key, it in outlooks.items() if it.stays or it.hits or it.blockers}
    assert {one.entry.key for one in run.undone if one.outcome == "kept"} == foretold
    assert sum(outcome == "kept" for outcome, _ in found.values()) == kept
    for step in steps:
        texts = {one.text for one in run.undone if one.entry.key == step.key}
        assert (
            texts == {f"it would hit {hit}; --allow-disruptive lets it" for hit in step.outlook.hits}
            or not step.outlook.hits
        )
    (said,) = show.reservations((one.step, len(one.writes)) for one in run.results)
    assert said.startswith(f"{kept} of them")


def test_what_the_controller_refuses_is_not_said_to_need_an_option(tmp_path):
    run = Run(tmp_path, "fresh", skip={"system configuration"})
    run.undo()
    (moved,) = [one.text for one in run.undone if "refuses the move" in one.text]
    assert moved.endswith("; no option lets it")


def test_what_was_not_carried_out_keeps_nothing_from_its_undo(tmp_path):
    run = Run(tmp_path, "fresh")
    steps = [result.step for result in run.results]
    environment = run.bench.site().environment
    assert sum(bool(step.outlook.stays) for step in with_later_steps(steps, environment)) == 9 - 1
    without = [step for step in steps if step.key.kind != "system configuration"]
    assert not [step for step in with_later_steps(without, environment) if step.outlook.stays]


def test_what_somebody_changed_since_stays(tmp_path):
    run = Run(tmp_path, "drifted")
    run.hand.edit("serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(buffer_se=5, max_se=3))
    found = run.undo()
    assert found["PUT serviceenginegroup of SE group S1-AZ2-SE-Group"] == (
        "kept",
        "written by somebody else since, and left: buffer_se",
    )
    now = run.hand.named("serviceenginegroup", "S1-AZ2-SE-Group")
    assert (now["buffer_se"], now["max_se"]) == (5, 3), "theirs"
    assert now["se_name_prefix"] == "Avi", "the rest is undone"


def test_what_somebody_added_since_stays(tmp_path):
    run = Run(tmp_path, "drifted")
    labels(run.hand, 1)
    found = run.undo()
    assert found["PUT serviceenginegroup of SE group S1-AZ2-SE-Group"] == ("undone", "")
    now = run.hand.named("serviceenginegroup", "S1-AZ2-SE-Group")
    assert (now["buffer_se"], now["labels"]) == (1, [{"key": "clustername", "value": "cluster1"}])


def test_what_was_made_and_changed_since_is_not_deleted(tmp_path):
    run = Run(tmp_path, "fresh", skip=("DNS service", "system configuration"))
    labels(run.hand, 0)
    outcome, text = run.undo()["POST serviceenginegroup of SE group S1-AZ1-SE-Group"]
    assert outcome == "kept"
    assert "changed since: labels" in text


def test_what_was_made_and_is_used_is_not_deleted(tmp_path):
    run = Run(tmp_path, "fresh", skip=("DNS service", "system configuration"))
    ref = run.hand.ref("vrfcontext", "VRF_AZ2")
    run.hand.edit("network", "REGIONB_MGMT_3020", lambda body: body.update(vrf_context_ref=ref))
    outcome, text = run.undo()["POST vrfcontext of VRF context VRF_AZ2"]
    assert (outcome, text) == ("kept", "it is used by network REGIONB_MGMT_3020")


def test_what_is_gone_is_said(tmp_path):
    run = Run(tmp_path, "fresh", skip=("DNS service", "system configuration"))
    group = run.hand.named("serviceenginegroup", "S1-AZ1-SE-Group")
    run.gateway.write("DELETE", f"serviceenginegroup/{group['uuid']}")
    assert run.undo()["POST serviceenginegroup of SE group S1-AZ1-SE-Group"] == ("already", "it is not there")


def test_what_the_controller_refuses_to_undo_stays(tmp_path):
    run = Run(tmp_path, "drifted")

    def refuse(_method, _path, _body):
        raise Refused(403, "Upgrade is in progress")

    run.gateway.before_write = refuse
    found = run.undo()
    assert {outcome for outcome, _ in found.values()} == {"kept"}
    assert any("Upgrade is in progress" in text for _, text in found.values())
    assert all(text for _, text in found.values())
    assert [one.entry.number for one in run.undone] == sorted(
        (one.entry.number for one in run.undone), reverse=True
    )


def test_what_cannot_be_read_is_not_undone(tmp_path):
    run = Run(tmp_path, "drifted")
    writes, site = run.gateway.writes, run.bench.site()

    def gone(path, params=None, **options):
        raise Unreachable("nothing answers")

    run.gateway.read = gone
    writer = Writer(run.gateway, Journal.begin(tmp_path, "iberia", "c", "d"), sleep=lambda _seconds: None)
    undone = undo_run(load(run.journal), writer, site)
    assert {one.outcome for one in undone} == {"kept"}
    assert any(one.text == "it could not be read: nothing answers" for one in undone)
    assert [one.entry.number for one in undone] == sorted((one.entry.number for one in undone), reverse=True)
    assert run.gateway.writes == writes


def test_what_somebody_has_put_back_already(tmp_path):
    run = Run(tmp_path, "drifted")
    entry = next(one for one in load(run.journal).entries if one.key.name == "S1-AZ2-SE-Group")
    was = {member: entry.before[member] for member in entry.request.changed}
    run.hand.edit("serviceenginegroup", entry.key.name, lambda body: body.update(was))
    assert run.undo()[str(entry)] == ("already", "it is as it was")


def test_one_that_cannot_be_settled_does_not_keep_the_next_from_it(tmp_path):
    run = Run(tmp_path, "drifted")
    record = load(run.journal)
    record.entries[:3] = [replace(entry, fate=None, after=None) for entry in record.entries[:3]]
    read, reads = run.gateway.read, []

    def once_gone(path, params=None, **options):
        reads.append(path)
        if len(reads) == 1:
            raise Unreachable("nothing answers")
        return read(path, params, **options)

    run.gateway.read = once_gone
    lines = resolve_uncertain(record, run.gateway)
    assert "could not be read back: nothing answers" in lines[1]
    assert [line.rpartition("read back, ")[2] for line in lines[2:]] == ["it was applied"] * 2
    assert [entry.fate for entry in record.entries[:3]] == [None, "done", "done"]


def test_a_record_of_others_survives_the_undo_of_ours(tmp_path):
    run = Run(tmp_path, "conforming")
    run.hand.edit("virtualservice", "local-dns-site1", lambda body: body.pop("static_dns_records"))
    site = run.bench.site()
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    Applier(Writer(run.gateway, journal), site).apply(build(site, run.bench.drifts(site.live)))
    run.journal = journal.path
    extra_record(run.hand, 5)
    assert outcomes(run.undo(consent=Consent(disruptive=True))) == {"undone"}, (
        "what asks for the record would be hit"
    )
    (left,) = run.hand.named("virtualservice", "local-dns-site1")["static_dns_records"]
    assert left["fqdn"] == ["r5.avi.iberia.local"]


def test_an_undo_is_one_only_when_it_is_seen(tmp_path):
    """A Controller that says 200 to every write and keeps things as they are."""
    run = Run(tmp_path, "drifted", skip=("DNS service", "system configuration", "network", "cloud"))
    sent = []

    def deaf(method, path, body=None, *, tenant=None):
        sent.append((method, path))
        return {"name": "x"}

    run.gateway.write = deaf
    found = run.undo()
    assert sent
    assert outcomes(found) == {"kept"}
    assert {text for _, text in found.values()} == {
        "it was sent and accepted, and read again nothing has changed"
    }


def test_an_undo_that_cannot_be_read_again_is_not_called_one(tmp_path):
    run = Run(tmp_path, "drifted", skip=("DNS service", "system configuration", "network", "cloud"))
    write, read, written = run.gateway.write, run.gateway.read, []

    def noted(method, path, body=None, *, tenant=None):
        written.append(path)
        return write(method, path, body, tenant=tenant)

    def away(path, params=None, *, tenant=None):
        if path in written:
            raise Unreachable("nothing answers")
        return read(path, params, tenant=tenant)

    run.gateway.write, run.gateway.read = noted, away
    found = run.undo()
    assert written
    assert all("could not be read" in text for outcome, text in found.values() if outcome == "kept"), found
    assert "undone" not in outcomes(found)


def test_a_journal_of_an_earlier_release_is_undone_as_it_was_shown(tmp_path):
    """Its lines are as they were written when its format was first fixed: whoever kept one can still go back."""
    bench = Bench("drifted")
    hand = Hand(bench.gateway)
    hand.edit("ipamdnsproviderprofile", "DNS_Default", lambda body: body["internal_profile"].update(ttl=30))
    record = load(Path(__file__).parent / "journals" / "earlier.jsonl")
    writes, rehearsal = bench.gateway.writes, Rehearsal(bench.gateway)
    undo_run(record, rehearsal, bench.site())
    undone = []
    for only in (None, (), rehearsal.as_shown()):
        journal = Journal.begin(tmp_path, "iberia", "c", "d")
        (result,) = undo_run(record, Writer(bench.gateway, journal, lambda _: None, only=only), bench.site())
        undone.append((result.outcome, result.text, bench.gateway.writes - writes))
    earlier = "it is of an earlier version of this program, which did not seal its journals"
    assert undone == [
        ("kept", f"nothing proves that a run of this program wrote it: {earlier}", 0),
        ("kept", "it would not be the write that was shown; look at it anew", 0),
        ("undone", "", 1),
    ]
    assert hand.named("ipamdnsproviderprofile", "DNS_Default")["internal_profile"]["ttl"] == 300
