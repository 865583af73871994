"""Carrying out a plan while others write, answers get lost, and the Controller says no."""

import json

import pytest

from intent import Unknown
from live.errors import Conflict, FateUnknown, Refused, Unreachable
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.journal import Journal, NoJournal
from tests import lengths
from tests.remediate.applied import Run, group, once
from tests.remediate.breaking import Hand, ako_boots, labels

pytestmark = lengths.WHOLE_SITE


def test_somebody_wrote_before_us(tmp_path):
    run = Run(tmp_path, only=group)
    labels(Hand(run.gateway), 1)
    assert run.go() == [("SE group S1-AZ2-SE-Group", "done")]
    assert "planned anew" in run.results[0].text
    now = Hand(run.gateway).named("serviceenginegroup", "S1-AZ2-SE-Group")
    assert now["labels"] == [{"key": "clustername", "value": "cluster1"}]
    assert (now["buffer_se"], now["se_name_prefix"]) == (0, "s1az2")


def test_somebody_writes_between_our_read_and_our_write(tmp_path):
    run = Run(tmp_path, only=group)
    run.gateway.before_write = once(lambda *_: labels(Hand(other(run)), 1), path="serviceenginegroup")
    run.go()
    assert run.fates() == ["conflict", "done"]
    now = Hand(run.gateway).named("serviceenginegroup", "S1-AZ2-SE-Group")
    assert now["labels"], "their write is not lost"
    assert now["buffer_se"] == 0, "nor is ours"


def other(run):
    """A second client of the same Controller."""
    from tests.remediate.inprocess import InProcess

    return InProcess(run.bench.lab)


def test_somebody_else_puts_it_right(tmp_path):
    run = Run(tmp_path, only=lambda drift: drift.path == "buffer")
    Hand(run.gateway).edit("serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(buffer_se=0))
    writes = run.gateway.writes
    assert run.go() == [("SE group S1-AZ2-SE-Group", "already")]
    assert run.results[0].text == "somebody else has put it right meanwhile"
    assert run.gateway.writes == writes


def test_somebody_else_makes_the_object(tmp_path):
    run = Run(tmp_path, "fresh")
    cloud = Hand(run.gateway).ref("cloud", "Default-Cloud")
    run.gateway.write("POST", "vrfcontext", {"name": "VRF_AZ1", "cloud_ref": cloud})
    assert {status for key, status in run.go() if key != "VRF context VRF_AZ1"} == {"done"}
    assert run.of("VRF context VRF_AZ1").status == "already"
    assert run.bench.drifts() == [], "later steps refer to what the other one made"


def test_it_keeps_changing(tmp_path):
    run = Run(tmp_path, only=group)
    numbers = iter(range(100))
    run.gateway.before_write = lambda *_: labels(Hand(other(run)), 1 + 3 * next(numbers))
    assert run.go() == [("SE group S1-AZ2-SE-Group", "refused")]
    assert "given up after" in run.results[0].text
    assert set(run.fates()) == {"conflict"}


@pytest.mark.parametrize("state", ["fresh", "drifted"])
@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
def test_every_answer_is_lost_once(tmp_path, state, applied):
    """Each request's first answer never comes; half of the times the Controller has acted, half of the times not."""
    run = Run(tmp_path, state, consent=Consent(disruptive=True))
    lost = set()

    def lose(method, path, body):
        if (method, path, str(body.get("name"))) not in lost:
            lost.add((method, path, str(body.get("name"))))
            raise FateUnknown("the connection broke")

    if applied:
        run.gateway.after_write = lose
    else:
        run.gateway.before_write = lose
    assert {status for _, status in run.go()} == {"done"}
    assert run.bench.drifts() == []
    expected = ["done"] * run.plan.writes if applied else ["lost", "done"] * run.plan.writes
    assert run.fates() == expected
    names = [row["name"] for row in run.gateway.read("vrfcontext")["results"]]
    assert len(names) == len(set(names)), "nothing was made twice"


def test_a_lost_answer_that_cannot_be_read_back(tmp_path):
    run = Run(tmp_path)

    def lose(method, path, body):
        run.gateway.read = unreachable
        raise FateUnknown("the connection broke")

    def unreachable(path, params=None, **_):
        raise Unreachable("nothing answers")

    run.gateway.after_write = lose
    statuses = [status for _, status in run.go()]
    assert statuses == ["uncertain"] + ["skipped"] * (len(statuses) - 1)
    assert run.fates() == ["unknown"]
    assert run.record.uncertain


def test_it_stops_at_the_first_refusal(tmp_path):
    run = Run(tmp_path)

    def refuse(method, path, body):
        if path.startswith("cloud"):
            raise Refused(403, "Configuration is disallowed during upgrade")

    run.gateway.before_write = refuse
    statuses = [status for _, status in run.go()]
    at = statuses.index("refused")
    assert set(statuses[:at]) == {"done"}
    assert set(statuses[at + 1 :]) == {"skipped"}
    assert "disallowed during upgrade" in run.results[at].text
    assert run.fates()[-1] == "refused"


def test_nothing_is_sent_when_nothing_answers(tmp_path):
    run = Run(tmp_path)

    def gone(method, path, body):
        raise Unreachable("nothing listens there")

    run.gateway.before_write = gone
    assert run.go()[0][1] == "refused"
    assert run.fates() == ["unsent"]


def test_an_object_that_cannot_be_read_is_not_written(tmp_path):
    run = Run(tmp_path, only=group)

    def unread(path, params=None, **_):
        raise Unknown("HTTP 500")

    run.gateway.read = unread
    assert run.go() == [("SE group S1-AZ2-SE-Group", "refused")]
    assert run.record.entries == []


@pytest.mark.parametrize(
    ("line", "status", "sent"), [("write", "refused", 0), ("answer", "uncertain", 1)], ids=["before", "after"]
)
def test_nothing_is_sent_without_a_journal(tmp_path, monkeypatch, line, status, sent):
    run = Run(tmp_path)

    def full(*_, **_options):
        raise NoJournal("cannot be written: No space left on device")

    monkeypatch.setattr(Journal, line, full)
    statuses = [status for _, status in run.go()]
    assert statuses == [status] + ["skipped"] * (len(statuses) - 1)
    assert "No space left" in run.results[0].text
    assert run.gateway.writes == sent


def test_interrupted_between_steps(tmp_path):
    run = Run(tmp_path)
    statuses = [status for _, status in run.go(stop=lambda: run.gateway.writes >= 3)]
    assert statuses[:3] == ["done"] * 3
    assert set(statuses[3:]) == {"skipped"}


def test_another_group_for_an_enabled_service_takes_three_writes(tmp_path):
    run = Run(tmp_path, "conforming")
    hand = Hand(run.gateway)
    ref = hand.ref("serviceenginegroup", "S1-AZ1-SE-Group")
    for change in ({"enabled": False}, {"se_group_ref": ref}, {"enabled": True}):
        hand.edit("virtualservice", "local-dns-site1", lambda body, change=change: body.update(change))
    run.site = run.bench.site()
    drifts = run.bench.drifts(run.site.live)
    assert build(run.site, drifts).steps == (), "it is refused while clients are served"
    conflicts = iter([True])

    def conflict(*_request):
        if next(conflicts, False):
            raise Conflict("Concurrent Update Error")

    run.gateway.before_write = conflict
    plan = build(run.site, drifts, consent=Consent(disruptive=True))
    assert [request.changed for request in plan.steps[0].requests] == [
        ("enabled",),
        ("se_group_ref",),
        ("enabled",),
    ]
    run.options["consent"] = Consent(disruptive=True)
    assert run.go(plan) == [("DNS service local-dns-site1", "done")], "planned anew under the same terms"
    assert run.bench.drifts() == []


def test_a_vip_that_was_left_behind_is_taken(tmp_path):
    run = Run(tmp_path, "fresh")

    def die(method, path, body):
        if path == "virtualservice":
            raise Refused(400, "not now")

    run.gateway.before_write = die
    assert run.go()[-2][1] == "refused"
    run.gateway.before_write = lambda *_: None
    run.site = run.bench.site()
    plan = build(run.site, run.bench.drifts(run.site.live))
    service = next(step for step in plan.steps if step.key.kind == "DNS service")
    assert [request.api for request in service.requests] == ["virtualservice"]
    run.go(plan)
    assert run.bench.drifts() == []


def test_a_vip_of_somebody_else_is_not_taken(tmp_path):
    run = Run(tmp_path, "fresh")
    cloud = Hand(run.gateway).ref("cloud", "Default-Cloud")
    vip = [{"vip_id": "1", "ip_address": {"addr": "10.1.1.1", "type": "V4"}}]
    run.gateway.write("POST", "vsvip", {"name": "vsvip-local-dns-site1", "cloud_ref": cloud, "vip": vip})
    site = run.bench.site()
    plan = build(site, run.bench.drifts(site.live))
    reasons = [one.reason for one in plan.unanswered if one.key.kind == "DNS service"]
    assert "is there already and is not as this virtual service needs it" in reasons[0]


def test_ako_writes_all_the_time(tmp_path):
    """Before each of our writes AKO takes a step of its own, through its own session."""
    run = Run(tmp_path, "fresh")
    steps = iter(range(1000))
    hand = Hand(other(run))

    def meddle(method, path, body):
        pick = next(steps)
        ako_boots(hand, pick)
        if path.startswith(("network/", "serviceenginegroup/")):
            body = hand.gateway.read(path)
            hand.gateway.write("PUT", path, {**body, "markers": [{"key": "ako", "values": [str(pick)]}]})

    tries = []

    def sometimes(method, path, body):
        tries.append(path)
        if len(tries) % 2:
            meddle(method, path, body)

    run.gateway.before_write = sometimes
    assert {status for _, status in run.go()} == {"done"}
    assert run.bench.drifts() == []
    assert "conflict" in run.fates()
    group_now = hand.named("serviceenginegroup", "S1-AZ1-SE-Group")
    assert group_now["labels"] == [{"key": "clustername", "value": "s1az1"}]
    marked = [row for row in hand.gateway.read("network")["results"] if row.get("markers")]
    assert marked, "their last write is still there"


def test_what_it_says(tmp_path):
    run = Run(tmp_path, only=group)
    run.go()
    assert run.said == [
        "[1/1] amend SE group S1-AZ2-SE-Group (buffer, name_prefix, realtime_metrics.duration): done"
    ]


def test_no_secret_in_the_journal(tmp_path):
    run = Run(tmp_path, "fresh")
    run.go()
    text = run.record.path.read_text()
    assert "never-shown" not in text
    assert "<sensitive>" in text, "the cloud was written, and its password is blanked"
    assert all("<sensitive>" not in json.dumps(entry.sent) for entry in run.record.entries)


def test_conflict_is_told_apart(tmp_path):
    run = Run(tmp_path, only=group)
    calls = []

    def conflict(method, path, body):
        calls.append(1)
        if len(calls) == 1:
            raise Conflict("Concurrent Update Error")

    run.gateway.before_write = conflict
    assert run.go() == [("SE group S1-AZ2-SE-Group", "done")], "nothing had changed, so it is sent again"


def test_two_runs_at_once_double_nothing(tmp_path):
    run = Run(tmp_path, "fresh")
    appended = []

    def before(method, path, body):
        if method == "PATCH" and path == "systemconfiguration" and not appended:
            appended.append(other(run).write(method, path, body))

    run.gateway.before_write = before
    assert {status for _, status in run.go()} == {"done"}
    assert appended, "the other run was first"
    now = run.gateway.read("systemconfiguration")
    assert len(now["dns_virtualservice_refs"]) == 1
    assert run.bench.drifts() == []


def test_an_element_that_stands_twice_is_drift_and_is_put_right(tmp_path):
    first = Run(tmp_path, "fresh")
    first.go()
    body = first.gateway.read("systemconfiguration")
    listed = body["dns_virtualservice_refs"]
    body["dns_virtualservice_refs"] = listed * 2
    first.gateway.write("PUT", "systemconfiguration", body)
    site = first.bench.site()
    (drift,) = [drift for drift, _ in first.bench.drifts(site.live)]
    assert (drift.path, drift.have) == ("dns_services", ["local-dns-site1", "local-dns-site1"])
    first.site = site
    assert first.go(build(site, first.bench.drifts(site.live))) == [("system configuration system", "done")]
    assert first.gateway.read("systemconfiguration")["dns_virtualservice_refs"] == listed
    assert first.bench.drifts() == []
