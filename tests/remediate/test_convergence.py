"""Whatever was broken is put right, whatever was not declared stays, and an undo brings the broken site back."""

import os

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from live.errors import Refused
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.breaking import BREAKS, EXTRAS, Hand, ako_boots, move_vrf, picture, unordered
from tests.remediate.inprocess import Bench

BENCH = Bench("conforming")
START = BENCH.lab.snapshot()

CASES = int(os.environ.get("AVI_COMPLIANCE_CASES") or lengths.of(10, 120))
"""How many sites are broken; a longer run looks further."""

picks = st.integers(0, 40)


def act(actions):
    """Do what the Controller allows; what it refuses somebody else could not have done either."""
    for action, pick in actions:
        try:
            action(Hand(BENCH.gateway), pick)
        except (Refused, KeyError, IndexError):
            continue


def remediate(folder):
    site = BENCH.site()
    plan = build(site, BENCH.drifts(site.live), consent=Consent(disruptive=True))
    journal = Journal.begin(folder, "iberia", BENCH.gateway.name, plan.digest)
    results = Applier(Writer(BENCH.gateway, journal), site, consent=Consent(disruptive=True)).apply(plan)
    journal.end("test")
    return plan, results, load(journal.path)


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    extras=st.lists(st.tuples(st.sampled_from(EXTRAS), picks), max_size=6),
    breaks=st.lists(st.tuples(st.sampled_from(BREAKS), picks), min_size=1, max_size=8),
)
@example(extras=[(ako_boots, 2)], breaks=[(move_vrf, 0)])
def test_converges_and_undoes(tmp_path_factory, extras, breaks):
    """What an undo keeps is all that its plan has said that it would wait for, in the same words, and no more."""
    folder = tmp_path_factory.mktemp("journals")
    BENCH.lab.restore(START)
    act(extras)
    act(breaks)
    broken = picture(BENCH.gateway)

    plan, results, record = remediate(folder)

    assert [(r.step.key, r.text) for r in results if r.status != "done"] == []
    assert not list(plan.left)
    assert BENCH.drifts() == []
    again = build(BENCH.site(), BENCH.drifts())
    assert again.steps == ()
    undeclared_stays(broken, picture(BENCH.gateway), plan)

    journal = Journal.begin(folder, "iberia", BENCH.gateway.name, plan.digest, undoes=record.path.name)
    undone = undo_run(record, Writer(BENCH.gateway, journal), BENCH.site(), consent=Consent(disruptive=True))
    kept = [one for one in undone if one.outcome == "kept"]
    waits = {step.key: "; ".join(step.outlook.waits) for step in plan.steps if step.outlook.waits}
    foretold = {key: f"it would hit {whom}; no option lets it" for key, whom in waits.items()}
    assert {one.entry.key: one.text for one in kept} == foretold
    stays = {(one.entry.request.api, one.entry.request.uuid) for one in kept}
    after = picture(BENCH.gateway)
    assert {place: after[place] for place in after.keys() - stays} == {
        place: broken[place] for place in broken.keys() - stays
    }


DECLARED = {
    "cloud": {
        "dns_provider_ref", "ipam_provider_ref", "state_based_dns_registration", "dhcp_enabled", "vcenter_configuration",
    },
    "ipamdnsproviderprofile": {"allocate_ip_in_vrf", "internal_profile"},
    "network": {"vrf_context_ref", "dhcp_enabled", "configured_subnets"},
    "serviceenginegroup": {"ha_mode", "buffer_se", "se_name_prefix", "vcenter_folder", "realtime_se_metrics"},
    "systemconfiguration": {"dns_virtualservice_refs"},
    "virtualservice": {"enabled", "services", "static_dns_records", "se_group_ref"},
    "vsvip": {"dns_info"},
    "vrfcontext": set(),
}  # fmt: skip
"""The members in which something is declared; what stands in them besides is looked at one by one."""


def undeclared_stays(before, after, plan):
    """Every member without a declared field is as it was; within the others, what nobody declared is still there."""
    assert before.keys() == after.keys()
    touched = {(request.api, request.uuid) for step in plan.steps for request in step.requests}
    for (api, uuid), was in before.items():
        now = after[api, uuid]
        if (api, uuid) not in touched:
            assert now == was
            continue
        for member in {*was, *now} - DECLARED[api]:
            assert now.get(member) == was.get(member), (api, member)
        for part in ("domains", "subnets", "records", "names"):
            assert others(api, part, now) >= others(api, part, was), (api, part)


def others(api, part, obj):
    """What others have put into a list in which something is declared, as text."""
    if (api, part) == ("ipamdnsproviderprofile", "domains"):
        found = obj["internal_profile"].get("dns_service_domain", [])
        return {repr(unordered(one)) for one in found if one["domain_name"] != "avi.iberia.local"}
    if (api, part) == ("network", "subnets"):
        found = obj.get("configured_subnets", [])
        return {repr(unordered(one)) for one in found if one["prefix"]["ip_addr"]["addr"].startswith("172.")}
    if (api, part) == ("virtualservice", "records"):
        names = [(n, one) for one in obj.get("static_dns_records", []) for n in one["fqdn"]]
        return {
            repr((n, unordered({**one, "fqdn": [n]})))
            for n, one in names
            if not n.lower().startswith("test.")
        }
    if (api, part) == ("vsvip", "names"):
        return {repr(one) for one in obj.get("dns_info", []) if one["fqdn"].startswith("second")}
    return set()
