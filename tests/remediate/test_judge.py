"""Who is in the way: of a change, of a change whose plan is a moment old, and of its undo."""

import subprocess
import sys

import pytest

from intent import Key, Network, Unknown
from intent.drift import Unread
from live.errors import Conflict
from remediate.plan.judge import _both_ways, undo_hits
from remediate.plan.planner import build
from remediate.plan.view import View, cannot_ask
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.breaking import Hand, ako_boots, prefix
from tests.remediate.inprocess import ROOT, Bench, InProcess, declared

pytestmark = lengths.WHOLE_SITE

RANGE = "10.10.25.40-10.10.25.59"
VIP = "VIP vsvip-local-dns-site1"


@pytest.fixture
def bench():
    return Bench("conforming")


def planned(bench, *fields, **options):
    site = bench.site()
    return build(site, [one for one in bench.drifts(site.live) if one[0].field in fields], **options)


def hit(bench, field):
    (refused,) = planned(bench, field).refused
    return refused.hit


def carry_out(bench, folder, plan, **options):
    journal = Journal.begin(folder, "iberia", "c", "d")
    results = Applier(Writer(bench.gateway, journal), bench.site(), **options).apply(plan)
    journal.end("done")
    return {str(one.step.key): (one.status, one.text) for one in results}, load(journal.path)


def undo(bench, folder, record, **options):
    journal = Journal.begin(folder, "iberia", "c", "d", undoes=record.path.name)
    undone = undo_run(record, Writer(bench.gateway, journal), bench.site(), **options)
    return {str(one.entry.key): (one.outcome, one.text) for one in undone}


# Forwards.


def test_a_limit_of_a_group_that_rises_is_not_refused_for_one_that_falls(tmp_path):
    limits = ("name_prefix: dns\n", "name_prefix: dns\n    max_se: 4\n    max_vs_per_se: 20\n")
    bench = Bench("conforming", declared(tmp_path, limits))
    plan = planned(bench, "max_se", "max_vs_per_se")
    assert [one.path for one in plan.refused] == ["max_se"]
    assert [change.path for step in plan.steps for change in step.changes] == ["max_vs_per_se"]


@pytest.mark.parametrize(
    ("field", "member", "value"),
    [("buffer", "buffer_se", 3), ("name_prefix", "se_name_prefix", "x"), ("folder", "vcenter_folder", "a/b")],
)
def test_a_group_with_service_engines_keeps_its_terms(bench, field, member, value):
    hand = Hand(bench.gateway)
    hand.edit("serviceenginegroup", "DNS-SE-Group", lambda body: body.update({member: value}))
    assert any(name.startswith("Service Engine dns-se-") for name in hit(bench, field))
    hand.edit(
        "serviceenginegroup", "DNS-SE-Group", lambda body: body.update({member: "dns"}) or body.pop(member)
    )
    hand.edit("serviceenginegroup", "S1-AZ1-SE-Group", lambda body: body.update({member: value}))
    names = {str(step.key) for step in planned(bench, field).steps}
    assert "SE group S1-AZ1-SE-Group" in names, "an empty group hits nobody"


def test_vips_from_other_vrf_contexts_keep_their_profile(bench):
    hand = Hand(bench.gateway)
    hand.edit("ipamdnsproviderprofile", "IPAM_Default", lambda body: body.update(allocate_ip_in_vrf=False))
    assert planned(bench, "allocate_in_vrf").refused == (), "the DNS service's VIP is in its own VRF context"
    body = {
        "name": "astray",
        "cloud_ref": hand.ref("cloud", "Default-Cloud"),
        "vrf_context_ref": hand.ref("vrfcontext", "VRF_AZ2"),
        "vip": [{"vip_id": "1", "auto_allocate_ip": True,
                 "ipam_network_subnet": {"network_ref": hand.ref("network", "AVI_FRONTEND_3025")}}],
    }  # fmt: skip
    bench.gateway.write("POST", "vsvip", body)
    assert hit(bench, "allocate_in_vrf") == ("VIP astray",)


def test_service_engines_keep_the_way_they_got_their_address(bench, tmp_path):
    bench.environment = declared(
        tmp_path, ("vrf: VRF_AZ1\n    dhcp: false\n    subnets:\n      - prefix: 10.10.25.0/24",
                   "vrf: VRF_AZ1\n    dhcp: true\n    subnets:\n      - prefix: 10.10.25.0/24")
    )  # fmt: skip
    (name,) = hit(bench, "dhcp")
    assert name.startswith("Service Engine dns-se-"), "its address there is from the pools"


def test_a_subnet_beside_one_that_overlaps_is_for_a_person(bench):
    def half(body):
        body["configured_subnets"][0]["prefix"] = prefix("10.10.23.0/25")
        body["configured_subnets"][0]["static_ip_ranges"] = []

    Hand(bench.gateway).edit("network", "REGIONB_VMS_3023", half)
    plan = planned(bench, "subnets")
    assert plan.steps == ()
    (left,) = plan.unanswered
    assert "10.10.23.0/25 is configured on it and overlaps 10.10.23.0/24" in left.reason


@pytest.mark.parametrize("answer", [{}, {"count": 0}, {"count": 1, "results": ["vsvip-1"]}])
def test_an_answer_that_is_no_list_does_not_mean_that_nobody_is_hit(bench, answer):
    bench.ask = lambda _path, _params, **_: answer
    with pytest.raises(Unknown, match="vsvip answered with no list of objects"):
        bench.site().users("network", "n1", "vsvip")


# A moment later.


@pytest.mark.parametrize("exact", [True, False], ids=["as reviewed", "planned a moment ago"])
def test_who_came_after_the_plan_is_asked_for_again(bench, tmp_path, exact):
    """The pool may shrink while nobody holds an address of what goes; a VIP that was placed there since does."""
    bench.environment = declared(tmp_path, (RANGE, "10.10.25.40-10.10.25.41"))
    plan = planned(bench, "subnets.pools")
    site = bench.site()
    ako_boots(Hand(bench.gateway), 2)
    writes = bench.gateway.writes
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    (result,) = Applier(Writer(bench.gateway, journal), site, exact=exact).apply(plan)
    assert result.status == "moved"
    assert result.text.startswith(
        "since the plan was made, it would hit VIP s1az1--Shared-L7-0 (10.10.25.42), Service Engine s1az1-se-"
    )
    assert result.step is plan.steps[0]
    assert bench.gateway.writes == writes


def test_who_comes_while_it_is_written_is_asked_for_again(bench, tmp_path):
    """Somebody writes the network and takes an address of what goes, between our look and our write."""
    bench.environment = declared(tmp_path, (RANGE, "10.10.25.40-10.10.25.41"))
    plan = planned(bench, "subnets.pools")
    other = InProcess(bench.lab)

    def meddle(*_request):
        bench.gateway.before_write = lambda *_: None
        ako_boots(Hand(other), 2)
        raise Conflict("Concurrent Update Error")

    bench.gateway.before_write = meddle
    results, _ = carry_out(bench, tmp_path, plan)
    status, text = results["network AVI_FRONTEND_3025"]
    assert status == "refused"
    assert text.startswith("it has changed, and now: ")
    assert bench.gateway.writes == 0


def test_who_would_be_hit_now_cannot_be_told(bench, tmp_path):
    bench.environment = declared(tmp_path, (RANGE, "10.10.25.40-10.10.25.41"))
    plan = planned(bench, "subnets.pools")

    def away(path, params, **where):
        raise Unknown(f"{path} is away")

    site = View(bench.environment, bench.live(), away)
    writes = bench.gateway.writes
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    (result,) = Applier(Writer(bench.gateway, journal), site).apply(plan)
    assert result.status == "refused"
    assert result.text.startswith("it could not be read: who would be hit could not be read: network/")
    assert bench.gateway.writes == writes


def test_what_somebody_else_made_can_be_named_when_planning_anew(tmp_path):
    """The VRF context was made by another; the network that moves there is written by another at the same time."""
    bench = Bench("fresh")
    site = bench.site()
    plan = build(site, bench.drifts(site.live))
    bench.gateway.write(
        "POST",
        "vrfcontext",
        {"name": "VRF_AZ1", "cloud_ref": Hand(bench.gateway).ref("cloud", "Default-Cloud")},
    )
    conflicts = iter([True])

    def meddle(method, path, body):
        if path.startswith("network/") and body.get("name") == "AVI_FRONTEND_3025" and next(conflicts, False):
            raise Conflict("Concurrent Update Error")

    bench.gateway.before_write = meddle
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    results = Applier(Writer(bench.gateway, journal), site).apply(plan)
    assert {one.status for one in results} == {"already", "done"}, [one.text for one in results]
    assert bench.drifts() == []


# Backwards.


def longer(body):
    (entry,) = body["configured_subnets"][0]["static_ip_ranges"]
    entry["range"]["end"]["addr"] = "10.10.25.41"


def test_a_pool_is_not_taken_back_from_under_those_who_use_it(bench, tmp_path):
    Hand(bench.gateway).edit("network", "AVI_FRONTEND_3025", longer)
    _, record = carry_out(bench, tmp_path, planned(bench, "subnets.pools"))
    ako_boots(Hand(bench.gateway), 2)
    outcome, text = undo(bench, tmp_path, record)["network AVI_FRONTEND_3025"]
    assert outcome == "kept"
    assert "it would hit VIP s1az1--Shared-L7-0 (10.10.25.42)" in text
    assert "--allow-disruptive lets it" in text
    assert undo(bench, tmp_path, record, consent=Consent(disruptive=True))["network AVI_FRONTEND_3025"] == (
        "undone",
        "",
    )


def test_a_pool_that_nobody_uses_is_taken_back(bench, tmp_path):
    Hand(bench.gateway).edit("network", "AVI_FRONTEND_3025", longer)
    _, record = carry_out(bench, tmp_path, planned(bench, "subnets.pools"))
    assert undo(bench, tmp_path, record)["network AVI_FRONTEND_3025"] == ("undone", "")


def test_a_profile_is_not_detached_from_under_its_vips(bench, tmp_path):
    Hand(bench.gateway).edit("cloud", "Default-Cloud", lambda body: body.pop("ipam_provider_ref"))
    _, record = carry_out(bench, tmp_path, planned(bench, "ipam_profile"))
    outcome, text = undo(bench, tmp_path, record)["cloud Default-Cloud"]
    assert (outcome, VIP in text) == ("kept", True)


def test_a_subnet_is_not_taken_back_with_addresses_in_it(tmp_path):
    bench = Bench("fresh")
    site = bench.site()
    drifts = [one for one in bench.drifts(site.live) if one[0].key.kind != "system configuration"]
    _, record = carry_out(bench, tmp_path, build(site, drifts))
    network = next(one for one in record.entries if one.key.name == "AVI_FRONTEND_3025")
    record.entries = [network]
    outcome, text = undo(bench, tmp_path, record)["network AVI_FRONTEND_3025"]
    assert outcome == "kept"
    assert f"{VIP} (10.10.25.40)" in text


def test_a_domain_is_not_taken_back_from_the_names_in_it(bench, tmp_path):
    def other(body):
        body["internal_profile"]["dns_service_domain"] = [{"domain_name": "other.example"}]

    Hand(bench.gateway).edit("ipamdnsproviderprofile", "DNS_Default", other)
    _, record = carry_out(bench, tmp_path, planned(bench, "domains"))
    outcome, text = undo(bench, tmp_path, record)["DNS profile DNS_Default"]
    assert outcome == "kept"
    assert f"it would hit {VIP} (their names are in a domain that would go)" in text


def test_all_who_are_in_the_way_are_named(bench):
    """By remedy, and each with all that it would hit."""
    site = bench.site()
    group = next(one for one in bench.environment.se_groups if one.name == "DNS-SE-Group")
    now = site.live.raw(group)
    api = "serviceenginegroup"
    (buffer,) = undo_hits(site, group.key, api, now, {**now, "buffer_se": 3})
    engine, service = buffer.hit
    assert engine.startswith("Service Engine dns-se-")
    assert service == "virtual service local-dns-site1"
    assert str(buffer).endswith("with the licences and addresses they take)")
    (folder,) = undo_hits(site, group.key, api, now, {**now, "vcenter_folder": "a/b"})
    assert str(folder).startswith("Service Engine dns-se-")
    both = undo_hits(site, group.key, api, now, {**now, "buffer_se": 3, "vcenter_folder": "a/b"})
    assert both == (buffer, folder)
    assert undo_hits(site, group.key, api, now, now) == ()


@pytest.mark.parametrize(
    ("key", "api"),
    [
        (Key("VM folder", "AVI K8S"), "vcenter-folder"),
        (Key("DNS service", "local-dns-site1", "Default-Cloud"), "vsvip"),
    ],
)
def test_nobody_is_asked_of_what_no_remedy_guards(key, api):
    """vCenter's objects, and the VIP beside a virtual service: the site is not even looked at."""
    assert undo_hits(None, key, api, {"name": "now"}, {"name": "then"}) == ()


def test_what_only_goes_is_a_difference_too():
    """Both subnets and the VRF context, each with what there is and what there will be."""
    key = Key("network", "n", "Default-Cloud")
    have = Network(name="n", vrf="A", subnets=({"prefix": "10.1.0.0/24"}, {"prefix": "10.2.0.0/24"}))
    want = Network(name="n", vrf="B", subnets=({"prefix": "10.3.0.0/24"},))
    found = {drift.path: (drift.key, drift.want, drift.have) for drift in _both_ways(key, want, have)}
    assert found.pop("subnets[10.3.0.0/24]")[1:] == ({"prefix": "10.3.0.0/24"}, None)
    assert found == {
        "vrf": (key, "B", "A"),
        "subnets[10.1.0.0/24]": (key, None, {"prefix": "10.1.0.0/24"}),
        "subnets[10.2.0.0/24]": (key, None, {"prefix": "10.2.0.0/24"}),
    }


@pytest.mark.parametrize("field", ["subnets", "vrf"])
def test_what_could_not_be_told_of_either_and_came_as_the_same_data_is_no_difference(field):
    key, unread = Key("network", "n", "Default-Cloud"), Unread("vrfcontext was not read", ["the same"])
    have, want = (Network(name="n", dhcp=dhcp).model_copy(update={field: unread}) for dhcp in (True, False))
    assert [drift.path for drift in _both_ways(key, want, have)] == ["dhcp"]
    with pytest.raises(Unknown, match="was not read"):
        _both_ways(key, want, have.model_copy(update={field: Unread("vrfcontext was not read", ["another"])}))


def test_the_way_back_is_guarded_whoever_asks():
    """Also where nothing has loaded the remedies before, as a rollback alone does not plan."""
    script = "import remediate.plan.judge; from remediate.registry import REGISTRY; raise SystemExit(not REGISTRY.remedies)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


# For a person.


def test_what_ako_made_is_ako_s(bench):
    def theirs(body):
        body.update(created_by="ako-s1az1", enabled=False)

    Hand(bench.gateway).edit("virtualservice", "local-dns-site1", theirs)
    plan = planned(bench, "enabled")
    assert plan.steps == ()
    assert "ako-s1az1 made it" in plan.unanswered[0].reason


def test_no_option_lets_an_undo_whose_guard_could_not_ask(bench, tmp_path):
    Hand(bench.gateway).edit("network", "AVI_FRONTEND_3025", longer)
    _, record = carry_out(bench, tmp_path, planned(bench, "subnets.pools"))
    view = bench.site()
    silent = View(view.environment, view.live, cannot_ask)
    journal = Journal.begin(tmp_path, "iberia", "c", "d", undoes=record.path.name)
    (result,) = undo_run(record, Writer(bench.gateway, journal), silent, consent=Consent(disruptive=True))
    assert (result.outcome, result.text.startswith("it could not be read: ")) == ("kept", True)
