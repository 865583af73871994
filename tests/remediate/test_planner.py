"""What every plan holds to, and what is made of one drift when the site is not as its check saw it."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest

from intent import EXISTENCE, Blocked, Drift, Unknown, compare, graph
from live.avi.snapshot import Live
from live.kinds import KINDS
from remediate.plan import planner
from remediate.plan.model import SINGLETONS
from remediate.plan.patch import CannotWrite
from remediate.plan.planner import build
from remediate.plan.view import View
from remediate.registry import REGISTRY, Consent
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import Bench


@pytest.fixture(scope="module")
def benches():
    return {state: Bench(state) for state in ("fresh", "drifted", "conforming")}


@pytest.fixture(scope="module")
def conforming(benches):
    bench = benches["conforming"]
    return bench, bench.live()


def planned(bench, *asked, live=None, ask=None, **options):
    return build(View(bench.environment, live or bench.live(), ask or bench.ask), asked, **options)


def of(bench, name):
    return next(one for one in bench.environment if one.key.name == name and type(one) in KINDS)


# Every plan.


@pytest.mark.parametrize("state", ["fresh", "drifted"])
def test_every_step_says_what_it_is(benches, state):
    bench = benches[state]
    site = bench.site()
    drifts = bench.drifts(site.live)
    plan = build(site, drifts)
    checks = {}
    for drift, check in drifts:
        checks.setdefault((drift.key, drift.path), []).append(check)
    assert (plan.environment, plan.address, plan.api_version) == ("iberia", "controller.test:443", "30.2.1")
    done = []
    for step in plan.steps:
        want = bench.environment.find(step.key)
        found = graph.needed(bench.environment, want)
        assert step.needs == tuple(one.key for one in found if one.key in done)
        done.append(step.key)
        if step.action == "create":
            first, *others = step.changes
            assert (first.path, first.have, first.want) == (EXISTENCE, None, "made")
            empty = type(want).model_construct(name=want.name)
            assert [(one.path, one.have, one.want) for one in others] == [
                (drift.path, None, drift.want) for drift in compare(want, empty)
            ]
            assert {one.checks for one in step.changes} == {("test_exists",)}
            assert {one.risk for one in step.changes} == {REGISTRY.remedies[step.key.kind, EXISTENCE].risk}
            assert {request.method for request in step.requests} == {"POST"}
        else:
            assert step.action == "amend"
            for one in step.changes:
                assert one.checks == tuple(checks[step.key, one.path])
            assert {request.method for request in step.requests} <= {"PUT", "PATCH"}
        for request in step.requests:
            assert request.tenant == ("admin" if request.api in SINGLETONS else step.key.tenant)
            assert request.cloud == step.key.cloud
            assert bool(request.makes) == (request.method == "POST")
            assert (request.read is None) == (request.method == "POST")
        assert step.requests[-1].name == step.key.name, "also where the object itself bears no name"
    assert len(set(done)) == len(done)


def test_what_a_lasting_step_stands_on_lasts_too(benches):
    """The remark names the first such step; what nothing lasting stands on can be undone."""
    bench = benches["fresh"]
    site = bench.site()
    plan = build(site, bench.drifts(site.live))
    (last,) = [number for number, step in enumerate(plan.steps, 1) if step.key.kind == "system configuration"]
    below = set(graph.stands_on(bench.environment, plan.steps[last - 1].key))
    for step in plan.steps:
        if step.key in below:
            assert step.outlook.stays == (f"step {last} stands on it and stays",)
        else:
            assert bool(step.outlook.stays) == (step.key.kind == "system configuration")


# One drift.


def left(plan):
    assert plan.steps == ()
    (one,) = plan.unanswered
    return one


def test_what_is_as_declared_by_now(conforming):
    """A check found drift, and the read that the plan is made on shows none: nothing is written, and it is said."""
    bench, live = conforming
    want = of(bench, "S1-AZ2-SE-Group")
    one = left(planned(bench, (Drift(want.key, "name_prefix", "s1az2", "Avi"), "test_prefix"), live=live))
    assert (one.key, one.path, one.want, one.have, one.checks) == (
        want.key, "name_prefix", "s1az2", "Avi", ("test_prefix",),
    )  # fmt: skip
    assert one.reason == "the declared value and the live one are written the same; report this as a fault"


def test_what_exists_by_now(conforming):
    bench, live = conforming
    want = of(bench, "S1-AZ2-SE-Group")
    plan = planned(bench, (Drift(want.key, EXISTENCE, "exactly one", "absent"), "test_exists"), live=live)
    assert plan.steps == plan.refused == plan.unanswered == ()


def test_what_nothing_here_makes(conforming):
    bench, live = conforming
    want = of(bench, "AVI_FRONTEND_3025")
    objects = {
        api: [row for row in rows if row.get("name") != want.name]
        for api, rows in live.snapshot.objects.items()
    }
    gone = Live(replace(live.snapshot, objects=objects))
    one = left(
        planned(bench, (Drift(want.key, EXISTENCE, "exactly one", "absent"), "test_exists"), live=gone)
    )
    assert "vCenter" in one.reason
    assert one.checks == ("test_exists",)


def test_what_no_remedy_answers_keeps_the_rest_from_nothing(benches):
    """A field that only a person may change, beside one that is put right."""
    bench = benches["drifted"]
    want = of(bench, "DNS_Default")
    plan = planned(
        bench,
        (Drift(want.key, "type", "internal", "other"), "test_type"),
        (Drift(want.key, "type", "internal", "other"), "test_again"),
        (Drift(want.key, "ttl", 30, 300), "test_ttl"),
    )
    (step,) = plan.steps
    assert [one.path for one in step.changes] == ["ttl"]
    (one,) = plan.unanswered
    assert (one.path, one.checks) == ("type", ("test_type", "test_again"))
    assert len(one.reason) > 20


def test_what_could_not_be_read(conforming):
    """Neither what would be made nor what would be changed; the others go on."""
    bench, live = conforming
    vrf, group = of(bench, "VRF_AZ1"), of(bench, "S1-AZ2-SE-Group")
    objects = {api: rows for api, rows in live.snapshot.objects.items() if api != "vrfcontext"}
    blind = Live(replace(live.snapshot, objects=objects, failures={"vrfcontext": "HTTP 500"}))
    plan = planned(
        bench,
        (Drift(vrf.key, EXISTENCE, "exactly one", "absent"), "test_exists"),
        (Drift(group.key, "name_prefix", "s1az2", "Avi"), "test_prefix"),
        live=blind,
    )
    assert {one.key.name: one.reason for one in plan.unanswered}["VRF_AZ1"] == "HTTP 500"
    assert len(plan.unanswered) == 2


def test_who_would_be_hit_could_not_be_read(benches):
    bench = benches["drifted"]

    def ask(path, _params, **_where):
        raise Unknown(f"{path} is away")

    want = of(bench, "S1-AZ2-SE-Group")
    asked = (Drift(want.key, "buffer", 0, 1), "test_buffer")
    for allow in (False, True):
        plan = planned(bench, asked, ask=ask, consent=Consent(disruptive=allow))
        assert plan.steps == plan.unanswered == ()
        (one,) = plan.refused
        assert (one.path, one.want, one.have, one.checks) == ("buffer", 0, 1, ("test_buffer",))
        assert one.reason == "who would be hit could not be read: networkservice is away"
        assert one.hit == (), "nobody is named whom nobody has seen"


def test_what_stands_beside_a_secret(benches, monkeypatch):
    bench = benches["drifted"]
    want = of(bench, "Default-Cloud")
    why = "vcenter_configuration.x is a list beside a secret and cannot be replaced alone"
    monkeypatch.setattr(planner, "amend", Mock(side_effect=CannotWrite(why)))
    one = left(planned(bench, (Drift(want.key, "management.dhcp", False, True), "test_dhcp")))
    assert (one.reason, one.checks) == (why, ("test_dhcp",))


def test_a_service_that_moves_is_disabled_and_enabled_with_the_rest_between():
    """Two remedies compose drafts, each from those of the one before; a third field is merged."""
    bench = Bench("conforming")
    hand = Hand(bench.gateway)
    ref = hand.ref("serviceenginegroup", "S1-AZ1-SE-Group")
    for change in ({"enabled": False}, {"se_group_ref": ref}, {"enabled": True}):
        hand.edit("virtualservice", "local-dns-site1", lambda body, change=change: body.update(change))
    hand.edit("vsvip", "vsvip-local-dns-site1", lambda body: body.pop("dns_info"))
    live = bench.live()
    drifts = [one for one in bench.drifts(live) if one[0].field in ("se_group", "fqdn")]
    assert {drift.field for drift, _ in drifts} == {"se_group", "fqdn"}
    (step,) = planned(bench, *drifts, live=live, consent=Consent(disruptive=True)).steps
    drawn = [(request.api, request.changed) for request in step.requests]
    assert sorted(drawn) == [
        ("virtualservice", ("enabled",)),
        ("virtualservice", ("enabled",)),
        ("virtualservice", ("se_group_ref",)),
        ("vsvip", ("dns_info",)),
    ]
    assert [changed for api, changed in drawn if api == "virtualservice"][1] == ("se_group_ref",)
    assert {request.name for request in step.requests} == {"local-dns-site1", "vsvip-local-dns-site1"}


def test_one_field_that_cannot_be_put_keeps_no_other_from_it(monkeypatch):
    """Two fields of one remedy: what the first must refer to is absent, the second is put right."""
    bench = Bench("conforming")
    want = of(bench, "S1-AZ2-SE-Group")
    Hand(bench.gateway).edit(
        "serviceenginegroup", want.name, lambda body: body.update(se_name_prefix="x", vcenter_folder="a/b")
    )
    merged = planner.merged

    def blocked(kind, target, wanted, drifts, names):
        if drifts[0].path == "name_prefix":
            raise Blocked("it is absent")
        return merged(kind, target, wanted, drifts, names)

    monkeypatch.setattr(planner, "merged", blocked)
    site = bench.site()
    plan = build(site, bench.drifts(site.live))
    (step,) = plan.steps
    assert [one.path for one in step.changes] == ["folder"]
    (one,) = plan.unanswered
    assert (one.path, one.reason, one.checks) == ("name_prefix", "it is absent", ("test_name_prefix",))
    assert site.left == {want.key: {"name_prefix"}}, "what stands on it is told"


def test_a_remedy_that_is_refused_keeps_no_other_from_its_object():
    bench = Bench("conforming")
    metrics = {"enabled": False, "duration": 0}
    Hand(bench.gateway).edit(
        "serviceenginegroup",
        "DNS-SE-Group",
        lambda body: body.update(buffer_se=7, realtime_se_metrics=metrics),
    )
    plan = planned(bench, *bench.drifts())
    assert [one.path for one in plan.refused] == ["buffer"]
    (step,) = plan.steps
    assert [one.path for one in step.changes] == ["realtime_metrics.enabled"]


def test_what_cannot_be_made_after_all_is_promised_to_nobody(benches, monkeypatch):
    """A network that is to stand in a VRF context which will not be there is left alone, and says so."""
    bench = benches["fresh"]
    new_body = planner.new_body

    def blocked(want, view):
        if want.name == "VRF_AZ1":
            raise Blocked("it cannot be written")
        return new_body(want, view)

    monkeypatch.setattr(planner, "new_body", blocked)
    live = bench.live()
    plan = planned(bench, *bench.drifts(live), live=live)
    why = {(one.key.name, one.path): one.reason for one in plan.left}
    assert why["VRF_AZ1", EXISTENCE] == "it cannot be written"
    assert why["AVI_FRONTEND_3025", "vrf"] == "vrfcontext 'VRF_AZ1' is absent"
    bodies = [request.body for step in plan.steps for request in step.requests]
    assert "/api/vrfcontext?name=VRF_AZ1&cloud=Default-Cloud" not in str(bodies)
    assert "/api/vrfcontext?name=VRF_AZ2&cloud=Default-Cloud" in str(bodies)


def test_what_is_absent_is_known_where_the_order_is_made(benches, monkeypatch):
    """Where objects need each other in a circle, what exists gives way to what does not."""
    bench = benches["fresh"]
    live = bench.live()
    drifts = bench.drifts(live)
    asked = Mock(wraps=planner.in_order)
    monkeypatch.setattr(planner, "in_order", asked)
    planned(bench, *drifts, live=live)
    asked.assert_called_once_with(
        bench.environment, [drift.key for drift, _ in drifts if drift.path == EXISTENCE]
    )


def test_of_two_the_one_that_is_needed_comes_first(benches):
    """In whichever order they were asked for."""
    bench = benches["fresh"]
    live = bench.live()
    asked = [one for one in bench.drifts(live) if one[0].key.name in ("VRF_AZ1", "AVI_FRONTEND_3025")]
    asked.sort(key=lambda one: one[0].key.name == "VRF_AZ1")
    assert [step.key.name for step in planned(bench, *asked, live=live).steps] == [
        "VRF_AZ1",
        "AVI_FRONTEND_3025",
    ]


def test_nothing_asked_nothing_planned(conforming):
    bench, live = conforming
    plan = planned(bench, live=live)
    assert (plan.steps, plan.refused, plan.unanswered, plan.writes) == ((), (), (), 0)


@pytest.mark.parametrize(
    "name",
    [
        *("S1-AZ2-SE-GROUP", "s1-az2-se-group", "S1-AZ2-SE-Group ", "S1_AZ2 SE--Group"),
        *("S1\u2011AZ2\u2013SE-Group", "S1-AZ2-SE-Gr\u043eup", "S1-AZ2-SE-Gro\u0301up", "S1-AZ2-SE-Gr\u200boup", "Ｓ1-AZ2-SE-Group"),
    ],
)  # fmt: skip
def test_a_near_twin_is_named_and_made_only_where_it_is_asked_for(name):
    bench = Bench("drifted")
    hand = Hand(bench.gateway)
    there = hand.named("serviceenginegroup", "S1-AZ2-SE-Group")
    hand.edit("serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(name=name))
    site = bench.site()
    want = next(one for one in bench.environment.se_groups if one.name == there["name"])
    drifts = [(drift, check) for drift, check in bench.drifts(site.live) if drift.key == want.key]
    plan = build(site, drifts)
    (left,) = plan.left
    assert plan.steps == ()
    assert f"one of almost that name exists, {name!r}" in left.reason
    assert name.isascii() or f"(in full {name!a})" in left.reason
    assert "--create-near-twins" in left.reason
    twin = build(bench.site(), drifts, consent=Consent(near_twins=True))
    assert [step.action for step in twin.steps] == ["create"]
    assert twin.steps[0].requests[0].body["name"] == want.name


def test_the_same_name_in_another_cloud_is_no_near_twin():
    bench = Bench("drifted")
    hand = Hand(bench.gateway)
    gone = hand.named("serviceenginegroup", "S1-AZ2-SE-Group")
    bench.gateway.write("DELETE", f"serviceenginegroup/{gone['uuid']}")
    cloud = bench.gateway.write("POST", "cloud", {"name": "elsewhere", "vtype": "CLOUD_NONE"})["url"]
    bench.gateway.write("POST", "serviceenginegroup", {"name": "S1-AZ2-SE-GROUP", "cloud_ref": cloud})
    site = bench.site()
    drifts = [one for one in bench.drifts(site.live) if one[0].key.name == "S1-AZ2-SE-Group"]
    assert [step.action for step in build(site, drifts).steps] == ["create"]
