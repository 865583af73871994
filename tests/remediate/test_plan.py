"""The plan: golden texts, its JSON, and what it refuses."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from avi_schema.command_line import CommandParser
from intent import EXISTENCE, Drift, Key, Unknown
from intent.plain_data import from_json, to_json
from intent.scrubber import Scrubber
from remediate.plan.model import BadPlan, Plan, Unplanned
from remediate.plan.payload import digest_of, leaf_changes
from remediate.plan.planner import build
from remediate.plan.text import leaves_line, text, value
from remediate.plan.view import View, cannot_ask
from remediate.registry import Consent
from remediate.run.options import pasted
from tests import lengths
from tests.remediate.breaking import Hand, ako_boots
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

GOLDEN = Path(__file__).parent / "golden"


def planned(state, **options):
    bench = Bench(state)
    site = bench.site()
    return build(site, bench.drifts(site.live), **options)


def masked(said):
    """Without what the lab numbers as it likes."""
    said = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", said)
    return re.sub(r"\([0-9a-f]{12}\)", "(<digest>)", re.sub(r"dvportgroup-\d+", "dvportgroup-<n>", said))


@pytest.mark.parametrize("state", ["fresh", "drifted"])
def test_golden_text(state):
    """Rewrite with: python -m tests.remediate.test_plan"""
    assert masked(text(planned(state))) == (GOLDEN / f"{state}.txt").read_text(encoding="utf-8")


def test_the_same_drift_asked_in_any_order_makes_the_same_plan():
    bench = Bench("fresh")
    site = bench.site()
    drifts = bench.drifts(site.live)
    backwards = build(bench.site(), [*reversed(drifts), *drifts])
    forwards = build(site, drifts)
    assert [step.key for step in forwards.steps] == [step.key for step in backwards.steps]
    assert [s.requests for s in forwards.steps] == [s.requests for s in backwards.steps]


def test_json_round_trip():
    for state in ("fresh", "drifted"):
        plan = planned(state)
        again = Plan.from_json(json.loads(json.dumps(plan.to_json())))
        assert again == plan
        assert again.digest == plan.digest


def test_saved_plan_is_for_its_owner_only(tmp_path):
    planned("drifted").save(tmp_path / "p.json")
    assert (tmp_path / "p.json").stat().st_mode & 0o777 == 0o600
    assert Plan.load(tmp_path / "p.json").environment == "iberia"


def test_no_secret_in_a_plan():
    plan = json.dumps(planned("fresh").to_json())
    assert "never-shown" not in plan
    body = [request.body for step in planned("fresh").steps for request in step.requests]
    assert "<sensitive>" not in json.dumps(body)


def test_a_secret_that_is_a_fields_value_too_is_not_shown(monkeypatch):
    bench = Bench("drifted")
    plan = build(bench.site(), bench.drifts())
    assert "AVI_FRONTEND_3025" in text(plan)
    monkeypatch.setattr("intent.scrubber.SCRUBBER", Scrubber(["AVI_FRONTEND_3025"]))
    assert "AVI_FRONTEND_3025" not in text(plan)
    assert "AVI_FRONTEND_3025" in str(plan.to_json()), "a plan that is carried out says all of it; it is 0600"


def test_a_plan_with_a_kinds_former_word(tmp_path):
    """It was reviewed as it stands: its digest is that of its own words."""
    plan = planned("drifted")
    text = json.dumps({**plan.to_json(), "digest": ""}).replace('"DNS service"', '"virtual service"')
    data = json.loads(text)
    content = {name: value for name, value in data.items() if name not in ("avi-compliance-plan", "digest")}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**data, "digest": digest_of(content)}))
    assert Plan.load(path) == plan


@pytest.mark.parametrize("digest", [None, 5, ["a"], {}])
def test_an_edited_plan_is_refused(tmp_path, digest):
    data = planned("drifted").to_json()
    data["steps"][0]["requests"][0]["body"]["name"] = "other"
    path = tmp_path / "p.json"
    path.write_text(json.dumps(data if digest is None else data | {"digest": digest}))
    with pytest.raises(BadPlan, match="edited since it was made") as caught:
        Plan.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith("; correct the environment file and make it anew with --plan-out=FILE")


def test_what_is_no_plan_is_called_by_its_name():
    with pytest.raises(BadPlan, match=r"^plan: is not a plan of this program"):
        Plan.from_json({})
    with pytest.raises(BadPlan, match=r"^of Monday: is not a plan of this program"):
        Plan.from_json([], "of Monday")


def test_a_saved_plan_can_be_read_by_people(tmp_path):
    plan = Plan("gr\u00fcn", "c:443", "30.2.1")
    plan.save(tmp_path / "p.json")
    lines = (tmp_path / "p.json").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 5
    assert '  "environment": "gr\u00fcn",' in lines
    assert Plan.load(tmp_path / "p.json") == plan


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        ({"method": "DELETE"}, r"steps\.0\.requests: a plan deletes nothing"),
        ({"method": "GET"}, r"steps\.0\.requests\.0\.method: 'GET' is no request of this program"),
        ({"api": "../logout"}, r"requests\.0\.api: '../logout' is no request of this program"),
        ({"uuid": "x/../../y"}, r"requests\.0\.uuid: 'x/../../y' is no request of this program"),
        ({"changed": 5}, r"requests\.0\.changed: is not a list \(found 5\)"),
        ({"body": [1]}, r"requests\.0\.body: is not an object \(found \[1\]\)"),
        ({"name": None}, r"requests\.0\.name: is not text \(found nothing\)"),
    ],
)
def test_a_forged_plan_is_refused_whatever_its_digest(forged, said):
    """And it is said where it is not as this program makes it."""
    plan = planned("drifted")
    data = replace(plan, steps=plan.steps[:1]).to_json()
    data["steps"][0]["requests"][0] |= forged
    with pytest.raises(BadPlan, match=said):
        Plan.from_json(data)


def test_a_member_that_no_plan_has_is_named():
    data = planned("drifted").to_json()
    data["steps"][0]["outlook"]["more"] = 1
    with pytest.raises(
        BadPlan, match=r"is damaged: steps\.0\.outlook\.more: is not known here; make it anew"
    ):
        Plan.from_json(data)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "is not a plan"),
        ('{"avi-compliance-plan": 9}', "is a plan of another version"),
        ('{"avi-compliance-plan": 2}', "is a plan of another version"),
        ('{"avi-compliance-plan": 3}', "is damaged: environment: is not there;"),
        (
            '{"avi-compliance-plan": 3, "environment": "e", "address": "a", "api_version": "v", "steps": [{"key": 3}]}',
            r"is damaged: steps\.0\.key: is not a list \(found 3\); make it anew with --plan-out=FILE",
        ),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_plan(tmp_path, content, said):
    if content is not None:
        (tmp_path / "p.json").write_text(content)
    with pytest.raises(BadPlan, match=said) as caught:
        Plan.load(tmp_path / "p.json")
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).startswith(f"{tmp_path / 'p.json'}: ")


def test_narrow_selection_plans_only_what_was_asked():
    bench = Bench("drifted")
    site = bench.site()
    asked = [(drift, check) for drift, check in bench.drifts(site.live) if drift.field == "buffer"]
    (step,) = build(site, asked).steps
    assert [change.path for change in step.changes] == ["buffer"]
    assert step.requests[0].changed == ("buffer_se",)


def test_what_stands_on_something_that_is_not_planned_is_explained():
    """Only the DNS service was asked for: its VRF context and group are absent and nobody asked for them."""
    bench = Bench("fresh")
    site = bench.site()
    plan = build(site, [one for one in bench.drifts(site.live) if one[0].key.kind == "DNS service"])
    assert plan.steps == ()
    assert "vrfcontext 'VRF_AZ1' is absent" in plan.unanswered[0].reason


def test_a_refused_network_keeps_its_service_from_being_made():
    bench = Bench("fresh")
    site = bench.site()

    def ask(path, params, **where):
        if path.startswith("network/"):
            raise Unknown("the Controller does not say")
        return bench.gateway.read(path, params)

    plan = build(View(bench.environment, site.live, ask), bench.drifts(site.live))
    refused = {str(one.key): one.reason for one in plan.refused}
    assert "who would be hit could not be read" in refused["network AVI_FRONTEND_3025"]
    service = next(one for one in plan.unanswered if one.key.kind == "DNS service")
    assert "its VIP comes from network AVI_FRONTEND_3025, of which vrf stays as it is" in service.reason
    assert "absent" in next(one for one in plan.unanswered if one.key.kind == "system configuration").reason


def test_a_saved_snapshot_answers_no_questions():
    bench = Bench("drifted")
    live = bench.live()
    plan = build(View(bench.environment, live, cannot_ask), bench.drifts(live))
    assert {change.risk for step in plan.steps for change in step.changes} <= {"safe", "guarded"}
    assert any("saved snapshot" in one.reason for one in plan.refused)


def test_a_network_in_use_is_not_moved():
    bench = Bench("conforming")
    ako_boots(Hand(bench.gateway), 2)
    want = bench.environment.networks[1].model_copy(update={"vrf": "VRF_AZ2"})
    networks = tuple(want if one.key == want.key else one for one in bench.environment.networks)
    bench.environment = bench.environment.model_copy(update={"networks": networks})
    bench.environment._index = {}
    site = bench.site()
    plan = build(site, [one for one in bench.drifts(site.live) if one[0].field == "vrf"])
    assert plan.steps == ()
    (refused,) = plan.refused
    assert {"VIP vsvip-local-dns-site1 (10.10.25.40)", "VIP s1az1--Shared-L7-0 (10.10.25.42)"} <= set(
        refused.hit
    )
    assert any(name.startswith("Service Engine dns-se-") for name in refused.hit)
    disruptive = build(
        site,
        [one for one in bench.drifts(site.live) if one[0].field == "vrf"],
        consent=Consent(disruptive=True),
    )
    assert (disruptive.steps, disruptive.refused) == ((), (refused,))
    assert "refused, whatever option is given\n" in text(plan)
    assert "--allow-disruptive" not in text(plan)


def test_two_objects_of_one_name_are_for_a_person():
    bench = Bench("conforming")
    site = bench.site()
    network = bench.environment.networks[1]
    twin = {**site.live.raw(network), "uuid": "dvportgroup-99", "url": "/api/network/dvportgroup-99"}
    snapshot = site.live.snapshot
    objects = {**snapshot.objects, "network": [*snapshot.objects["network"], twin]}
    both = site.anew(type(site.live)(replace(snapshot, objects=objects)))
    plan = build(
        both, [(Drift(network.key, EXISTENCE, "exactly one", "2 objects of this name"), "test_exists")]
    )
    assert plan.steps == ()
    assert "dvportgroup-99" in plan.unanswered[0].reason
    assert "nothing here deletes" in plan.unanswered[0].reason


def test_a_drift_of_something_undeclared_is_left_alone():
    bench = Bench("conforming")
    plan = build(bench.site(), [(Drift(bench.environment.controller.key, "size", 1, 2), "test_size")])
    assert plan.steps == ()
    assert "for a person" in text(plan) or "person" in plan.unanswered[0].reason


def test_what_is_left_alone_survives_json():
    left = Unplanned(
        Key("network", "n", "c", "t"), "vrf", "global", "VRF_A", "in use", ("vs1", "vs2"), ("test_vrf",)
    )
    data = to_json(left)
    assert data == {
        "key": ["network", "n", "c", "t"], "path": "vrf", "have": "global", "want": "VRF_A",
        "reason": "in use", "hit": ["vs1", "vs2"], "checks": ["test_vrf"], "absolute": False,
    }  # fmt: skip
    assert from_json(Unplanned, json.loads(json.dumps(data))) == left
    plan = Plan("site", "c:443", "30.2.1", (), (left,), (replace(left, path="dhcp"),))
    again = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert again == plan
    assert [one.path for one in again.left] == ["vrf", "dhcp"]
    with pytest.raises(BadPlan, match="was edited since it was made"):
        Plan.from_json(plan.to_json() | {"refused": []})


def test_an_option_that_can_be_pasted():
    """pytest takes a loose path outside the project for a test's, and a shell takes a space for an end."""
    assert pasted("rollback", Path("journals/a-1.jsonl")) == "--rollback=journals/a-1.jsonl"
    assert pasted("apply-plan", Path("/my plans/p.json")) == "--apply-plan='/my plans/p.json'"


def test_what_has_changed_in_a_list_is_told_by_its_elements():
    """Not both whole lists: of a row that was edited the member, of others what was added and taken out."""

    def subnets(*pools):
        return {
            "subnets": [
                {"prefix": "10.0.0.0/24", "pools": list(pools)},
                {"prefix": "10.0.1.0/24", "pools": []},
            ]
        }

    pools = [f"10.0.0.{number}" for number in range(20)]
    text = leaves_line(leaf_changes(subnets(*pools), subnets(*pools[:7], *pools[8:], "10.0.0.99")))
    assert text == "subnets[1].pools: [10.0.0.99] added, [10.0.0.7] taken out"
    assert leaves_line(leaf_changes({"a": [1, 2]}, {"a": [2, 1]})) == "a: in another order"
    assert leaves_line(leaf_changes({"a": [{"b": 1}]}, {"a": [{"b": 2}, {"b": 1}]})) == "a: [{b: 2}] added"
    many = {str(number): number for number in range(20)}
    assert leaves_line(leaf_changes({}, many)).endswith("; and 12 more")


if __name__ == "__main__":
    CommandParser(
        prog="python -m tests.remediate.test_plan",
        description="Write the golden texts of plans anew.",
        examples=["python -m tests.remediate.test_plan"],
        codes={0: "they are written"},
    ).parse_args()
    GOLDEN.mkdir(exist_ok=True)
    for name in ("fresh", "drifted"):
        (GOLDEN / f"{name}.txt").write_text(masked(text(planned(name))), encoding="utf-8")


def test_a_value_from_the_site_writes_no_line_of_its_own():
    """Somebody reads the plan before it is carried out: nothing in it may hide or feign a line."""
    shown = value({"a": ["x\nno remedy: for a person\x1b[2J"]})
    assert shown == r"{a: [x\nno remedy: for a person\x1b[2J]}"
