"""A plan file narrows what is planned anew, and never adds to it, whatever was written into it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intent import Key, Unknown
from intent.remediation import Change
from remediate.plan.agreement import agreement
from remediate.plan.effect import effects
from remediate.plan.model import BadPlan, Plan, Request, Step
from remediate.plan.payload import digest_of
from remediate.plan.planner import build
from remediate.registry import Consent
from tests import lengths
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

BENCHES = {state: Bench(state) for state in ("drifted", "fresh")}
FINDINGS = {state: bench.drifts() for state, bench in BENCHES.items()}
PLANS = {state: build(bench.site(), FINDINGS[state]) for state, bench in BENCHES.items()}


def agreed(reviewed, state="drifted", bench=None, **options):
    bench = bench or BENCHES[state]
    findings = FINDINGS[state] if bench is BENCHES[state] else bench.drifts()
    return agreement(reviewed, bench.site(), findings, **options)


def read_back(plan):
    """As a forger leaves it: edited, and its digest right."""
    data = plan.to_json()
    content = {name: data[name] for name in data if name not in ("avi-compliance-plan", "digest")}
    return Plan.from_json(json.loads(json.dumps(data | {"digest": digest_of(content)})))


def plan_effects(plan):
    return {edit for step in plan.steps for request in step.requests for edit in effects(request, {})}


def with_step(plan, name, change):
    steps = tuple(change(step) if step.key.name == name else step for step in plan.steps)
    return read_back(replace(plan, steps=steps))


def with_request(step, change):
    return replace(step, requests=tuple(change(request) for request in step.requests))


@pytest.mark.parametrize("state", BENCHES)
def test_an_honest_plan_is_carried_out_whole(state):
    plan = read_back(PLANS[state])
    result = agreed(plan, state)
    assert (result.dropped, result.beyond) == ((), ())
    assert result.plan.steps == plan.steps


@pytest.mark.parametrize(("had", "added"), [(5, [1]), ({"x": 5}, {"x": [1]}), ([1], {"x": 1}), ("ab", [1])])
def test_what_a_plan_file_adds_to_a_member_of_another_shape_takes_its_place(had, added):
    request = PLANS["drifted"].steps[0].requests[0]
    forged = replace(request, method="PATCH", read={"a": had}, body={"add": {"a": added}})
    assert list(effects(forged, {})) == list(effects(replace(forged, body={"replace": {"a": added}}), {}))


def user(plan):
    request = Request("POST", "user", "", "eve", {"name": "eve", "access": "all"}, ("name",))
    return replace(plan, steps=(*plan.steps, Step(Key("user", "eve"), "create", (), (request,), "")))


def test_a_step_of_the_forgers_own():
    result = agreed(read_back(user(PLANS["drifted"])))
    assert result.plan.steps == PLANS["drifted"].steps
    assert [(left.step.key.name, left.status) for left in result.dropped] == [("eve", "unasked")]
    number = len(PLANS["drifted"].steps) + 1
    assert result.beyond == (f"step {number}, user eve: POST user of eve: name, access",)


def test_a_step_that_was_moved_to_another_cloud_is_named_with_it():
    def elsewhere(step):
        return replace(step, key=step.key._replace(cloud="west"))

    result = agreed(read_back(with_step(PLANS["drifted"], "S1-AZ2-SE-Group", elsewhere)))
    assert "S1-AZ2-SE-Group" not in [step.key.name for step in result.plan.steps]
    assert ", SE group S1-AZ2-SE-Group (cloud west): PUT serviceenginegroup/" in result.beyond[0]


@pytest.mark.parametrize("scope", [{"tenant": "blue"}, {"cloud": "west"}])
@pytest.mark.parametrize("state", BENCHES)
def test_a_request_of_another_tenant_or_cloud_is_another_request(scope, state):
    """Whoever reviewed it has agreed to a write elsewhere; an object of the same name there is another one."""
    plan = with_step(
        PLANS[state], "S1-AZ2-SE-Group", lambda step: with_request(step, lambda each: replace(each, **scope))
    )
    result = agreed(plan, state)
    assert "S1-AZ2-SE-Group" not in [step.key.name for step in result.plan.steps]
    (left,) = (left for left in result.dropped if left.step.key.name == "S1-AZ2-SE-Group")
    assert left.why.endswith(" is not in the file")


def test_a_request_more_in_a_step():
    more = Request(
        "PUT", "user", "user-1", "admin", {"full_name": "eve"}, ("full_name",), read={"name": "admin"}
    )
    plan = with_step(
        PLANS["drifted"], "S1-AZ2-SE-Group", lambda step: replace(step, requests=(*step.requests, more))
    )
    result = agreed(plan)
    assert result.plan.steps == PLANS["drifted"].steps
    (beyond,) = result.beyond
    assert beyond.endswith("SE group S1-AZ2-SE-Group: PUT user/user-1 of admin: full_name")


@pytest.mark.parametrize("shown", [True, False])
def test_members_more_in_a_put_than_it_shows(shown):
    def more(request):
        changed = (*request.changed, "max_se") if shown else request.changed
        return replace(request, body={**request.body, "max_se": 1}, changed=changed)

    plan = with_step(PLANS["drifted"], "S1-AZ2-SE-Group", lambda step: with_request(step, more))
    assert (
        plan.steps[[step.key.name for step in plan.steps].index("S1-AZ2-SE-Group")]
        .requests[0]
        .shown["max_se"]
        == 1
    )
    result = agreed(plan)
    assert result.plan.steps == PLANS["drifted"].steps
    (beyond,) = result.beyond
    assert "SE group S1-AZ2-SE-Group: PUT serviceenginegroup/" in beyond
    assert beyond.endswith(": max_se: 1")


def test_a_value_of_the_forgers_own_costs_its_member_and_no_other():
    def another(request):
        return replace(request, body={**request.body, "se_name_prefix": "evil"})

    plan = with_step(PLANS["drifted"], "S1-AZ2-SE-Group", lambda step: with_request(step, another))
    result = agreed(plan)
    (step,) = (step for step in result.plan.steps if step.key.name == "S1-AZ2-SE-Group")
    assert {change.path for change in step.changes} == {"buffer", "realtime_metrics.duration"}
    assert set(step.requests[0].changed) == {"buffer_se", "realtime_se_metrics"}
    planned, asked = result.beyond
    assert 'se_name_prefix is "evil" in the file, and "s1az2" planned now' in planned
    assert asked.endswith('se_name_prefix: "evil"')
    assert plan_effects(result.plan) < plan_effects(PLANS["drifted"])


def test_a_member_that_was_taken_out_is_not_written():
    def less(request):
        body = {**request.body, "buffer_se": request.read["buffer_se"]}
        return replace(
            request, body=body, changed=tuple(name for name in request.changed if name != "buffer_se")
        )

    plan = with_step(PLANS["drifted"], "S1-AZ2-SE-Group", lambda step: with_request(step, less))
    (step,) = (step for step in agreed(plan).plan.steps if step.key.name == "S1-AZ2-SE-Group")
    assert "buffer_se" not in step.requests[0].changed


def test_a_member_that_a_put_leaves_out_stays_and_is_named():
    """A PUT takes away what it does not name; the one planned now names it."""

    def less(request):
        return replace(
            request, body={name: value for name, value in request.body.items() if name != "max_se"}
        )

    result = agreed(with_step(PLANS["drifted"], "S1-AZ2-SE-Group", lambda step: with_request(step, less)))
    assert result.plan.steps == PLANS["drifted"].steps
    (beyond,) = result.beyond
    assert beyond.endswith(": left out: max_se")
    assert ", SE group S1-AZ2-SE-Group: PUT serviceenginegroup/" in beyond


def test_a_change_that_was_taken_out_is_not_made():
    def less(step):
        return replace(step, changes=tuple(change for change in step.changes if change.path != "buffer"))

    result = agreed(with_step(PLANS["drifted"], "S1-AZ2-SE-Group", less))
    (step,) = (step for step in result.plan.steps if step.key.name == "S1-AZ2-SE-Group")
    assert {change.path for change in step.changes} == {"name_prefix", "realtime_metrics.duration"}
    (beyond,) = result.beyond
    assert beyond.endswith(": buffer_se: 0")


def test_risk_and_hits_are_judged_anew():
    """A file cannot agree for the person at the keyboard: who would be hit is refused as ever."""
    bench = Bench("conforming")
    hand = Hand(bench.gateway)
    hand.edit(
        "virtualservice", "local-dns-site1", lambda body: body.update(services=[{"port": 53}, {"port": 54}])
    )
    reviewed = build(bench.site(), bench.drifts(), consent=Consent(disruptive=True))
    (step,) = reviewed.steps
    assert any(change.overrides for change in step.changes)
    as_safe = replace(
        step, changes=tuple(replace(change, risk="safe", overrides=()) for change in step.changes)
    )
    for file in (reviewed, read_back(replace(reviewed, steps=(as_safe,)))):
        result = agreed(file, bench=bench)
        assert result.plan.steps == ()
        assert "would hit: virtual service local-dns-site1" in result.dropped[0].why
    assert agreed(reviewed, bench=bench, consent=Consent(disruptive=True)).plan.steps == reviewed.steps
    (left,) = agreed(
        read_back(replace(reviewed, steps=(as_safe,))), bench=bench, consent=Consent(disruptive=True)
    ).dropped
    assert left.why == "since the plan was made, it would hit virtual service local-dns-site1"


def test_an_object_that_has_moved_is_left_alone():
    bench = Bench("drifted")
    reviewed = build(bench.site(), bench.drifts())
    Hand(bench.gateway).edit("serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(max_se=3))
    result = agreed(reviewed, bench=bench)
    (left,) = result.dropped
    assert (left.step.key.name, left.why) == (
        "S1-AZ2-SE-Group",
        "changed since the plan was made: max_se: 10 -> 3",
    )
    assert result.beyond == ()


def test_a_file_cannot_leave_out_what_its_change_was_reviewed_on():
    """Without the object as it was seen, nobody could tell that it has moved since."""

    def bare(step):
        return with_request(step, lambda request: replace(request, read=None))

    bench = Bench("drifted")
    reviewed = read_back(with_step(build(bench.site(), bench.drifts()), "S1-AZ2-SE-Group", bare))
    Hand(bench.gateway).edit("serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(max_se=3))
    result = agreed(reviewed, bench=bench)
    assert "S1-AZ2-SE-Group" not in [step.key.name for step in result.plan.steps]
    (left,) = result.dropped
    assert left.why.endswith(": the file does not have the object as it was reviewed")


def test_what_is_done_already_is_that():
    bench = Bench("drifted")
    reviewed = build(bench.site(), bench.drifts())
    for step in reviewed.steps:
        if step.key.kind == "SE group":
            for request in step.requests:
                bench.gateway.write(request.method, request.path, request.body)
    result = agreed(reviewed, bench=bench)
    assert {left.status for left in result.dropped} == {"already"}
    assert {left.step.key.kind for left in result.dropped} == {"SE group"}
    assert result.beyond == ()


def test_a_plan_in_another_model():
    with pytest.raises(
        Unknown, match=r"in the model of version 20.1.6, and the Controller is spoken to in that of 30.2.1"
    ):
        agreed(replace(PLANS["drifted"], api_version="20.1.6"))


@pytest.mark.parametrize("value", ['"\\ud800"', "[" * 300 + "]" * 300, '{"a":' * 900 + "1" + "}" * 900])
def test_what_no_plan_of_ours_holds_is_no_plan(tmp_path, value):
    """Half a character, and what is nested so deep that whoever looks through it would give up."""
    path = tmp_path / "plan.json"
    PLANS["drifted"].save(path)
    text = path.read_text()
    path.write_text(text.replace('"buffer_se": 0', f'"buffer_se": {value}', 1))
    with pytest.raises(BadPlan, match=r"is not JSON|was edited since it was made"):
        Plan.load(path)


@pytest.mark.parametrize("operation", ["add", "replace", "delete"])
@pytest.mark.parametrize(
    "value",
    [5, "x", [1], None, {"mtu": [1]}, {"mtu": {"a": 1}}, {"name": [[]]}, {"vcenter_configuration": [1]}],
)
def test_a_patch_of_any_shape_is_refused_by_name_or_no_plan(operation, value):
    """Of an object that is there, so that the file is held against it; the members have another shape."""
    cloud = next(row for row in BENCHES["drifted"].live().rows("cloud") if row["name"] == "Default-Cloud")
    patch = Request("PATCH", "cloud", cloud["uuid"], cloud["name"], {operation: value}, ("a",))
    step = Step(Key("user", "eve"), "amend", (), (patch,), "")
    forged = replace(PLANS["drifted"], steps=(*PLANS["drifted"].steps, step))
    if not isinstance(value, dict):
        with pytest.raises(BadPlan, match="what a PATCH adds, replaces or deletes stands in objects"):
            read_back(forged)
        return
    result = agreed(read_back(forged))
    assert result.plan.steps == PLANS["drifted"].steps
    assert [left.step.key.name for left in result.dropped] == ["eve"]


VALUES = st.sampled_from([None, 0, 1, "", "evil", [], ["evil"], {}, {"evil": 1}, True])


def mutated(draw, plan):
    """A plan that a forger has worked on: values, members, requests and steps changed, repeated, exchanged, and left out."""
    steps = list(plan.steps)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(steps) - 1))
        step = steps[at]
        requests = list(step.requests)
        which = draw(st.integers(0, len(requests) - 1))
        request = requests[which]
        body = dict(request.body)
        match draw(st.integers(0, 7)):
            case 0:
                body[draw(st.sampled_from(sorted(body) or ["a"]))] = draw(VALUES)
                requests[which] = replace(request, body=body)
            case 1:
                body[draw(st.sampled_from(["evil", "enabled", "max_se", "name"]))] = draw(VALUES)
                requests[which] = replace(
                    request, body=body, changed=draw(st.sampled_from([request.changed, ("name",)]))
                )
            case 2:
                requests[which] = replace(
                    request, uuid=draw(st.sampled_from(["", "x", steps[0].requests[0].uuid]))
                )
            case 3:
                requests.append(draw(st.sampled_from(steps)).requests[0])
            case 4:
                steps.append(replace(step, key=draw(st.sampled_from(steps)).key))
            case 5:
                changes = (Change(draw(st.sampled_from(["", "vrf", "enabled"])), 1, 2, "safe"),)
                step = replace(step, changes=draw(st.sampled_from([(), changes, step.changes + changes])))
            case 6:
                requests[which] = replace(request, read=draw(st.sampled_from([None, {}, body])))
            case 7:
                other = draw(st.sampled_from(["user", "systemconfiguration", "virtualservice"]))
                requests[which] = replace(
                    request, api=other, method=draw(st.sampled_from(["PUT", "POST", "PATCH"]))
                )
        steps[at] = replace(step, requests=tuple(requests))
    return replace(plan, steps=tuple(steps))


@settings(max_examples=lengths.of(15, 40))
@given(st.data(), st.sampled_from(sorted(BENCHES)))
def test_no_file_does_more_than_planning_anew(data, state):
    try:
        plan = read_back(mutated(data.draw, PLANS[state]))
    except BadPlan:
        return
    result = agreed(plan, state)
    assert plan_effects(result.plan) <= plan_effects(PLANS[state])
    assert {step.key for step in result.plan.steps} <= {step.key for step in PLANS[state].steps}
    whole = [step for step in result.plan.steps if step in PLANS[state].steps]
    if len(whole) == len(PLANS[state].steps) and plan.steps != PLANS[state].steps:
        assert all(step.requests for step in result.plan.steps)
