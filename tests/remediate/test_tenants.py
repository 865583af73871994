"""More tenants than admin: who is hit lives in any of them, and what is written is read and written in its own."""

import pytest

from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests.remediate.breaking import Hand, ip, picture
from tests.remediate.inprocess import Bench, declared

TEAM = "team-a"


@pytest.fixture
def bench():
    made = Bench("conforming")
    made.gateway.write("POST", "tenant", {"name": TEAM})
    return made


def their_vip(bench, network="AVI_FRONTEND_3026", vrf="VRF_AZ2", **vip):
    """A VIP in another tenant, on one of admin's networks."""
    hand = Hand(bench.gateway)
    made = {"vip_id": "1", "ipam_network_subnet": {"network_ref": hand.ref("network", network)}, **vip}
    body = {
        "name": "theirs",
        "cloud_ref": hand.ref("cloud", "Default-Cloud"),
        "vrf_context_ref": hand.ref("vrfcontext", vrf),
        "vip": [made],
    }
    return bench.gateway.write("POST", "vsvip", body, tenant=TEAM)


def planned(bench, field, **options):
    site = bench.site()
    return build(site, [one for one in bench.drifts(site.live) if one[0].field == field], **options)


def test_a_network_is_not_moved_from_under_another_tenant(bench, tmp_path):
    """Its address is its own, so only the reference search tells of it, and only in its own tenant."""
    their_vip(bench, ip_address=ip("10.10.26.200"))
    bench.environment = declared(
        tmp_path, ("front end of Site 1 AZ2\n    vrf: VRF_AZ2", "front end of Site 1 AZ2\n    vrf: VRF_AZ1")
    )
    (refused,) = planned(bench, "vrf").refused
    assert "VIP theirs" in refused.hit


def test_a_profile_is_not_taken_from_another_tenant(bench):
    their_vip(bench, auto_allocate_ip=True)
    other = bench.gateway.write(
        "POST", "ipamdnsproviderprofile", {"name": "Other", "type": "IPAMDNS_TYPE_INTERNAL"}
    )
    Hand(bench.gateway).edit(
        "cloud", "Default-Cloud", lambda body: body.update(ipam_provider_ref=other["url"])
    )
    (refused,) = planned(bench, "ipam_profile").refused
    assert "VIP theirs" in refused.hit


def test_what_a_run_made_stays_while_another_tenant_uses_it(tmp_path):
    bench = Bench("fresh")
    bench.gateway.write("POST", "tenant", {"name": TEAM})
    _, record = carried_out(bench, tmp_path, kinds=("DNS profile", "IPAM profile", "VRF context"))
    their_vip(bench, vrf="VRF_AZ1", ip_address=ip("10.10.26.200"))
    kept = {str(one.entry.key): one.text for one in undone(bench, record, tmp_path) if one.outcome == "kept"}
    assert kept.pop("VRF context VRF_AZ1") == "it is used by VIP theirs"
    assert set(kept.values()) == {"VRF context VRF_AZ1 stays, and stands on it"}


TWINS = (
    (
        "vrfs:\n",
        f"vrfs:\n  - {{name: VRF_TEAM, tenant: {TEAM}}}\n  - {{name: VRF_TEAM}}\n",
    ),
    (
        "se_groups:\n",
        f"se_groups:\n  - {{name: DNS-SE-Group, tenant: {TEAM}, buffer: 3}}\n",
    ),
)


def carried_out(bench, folder, kinds=()):
    site = bench.site()
    asked = [one for one in bench.drifts(site.live) if not kinds or one[0].key.kind in kinds]
    journal = Journal.begin(folder, "iberia", "c", "d")
    results = Applier(Writer(bench.gateway, journal), site).apply(build(site, asked))
    journal.end("done")
    return results, load(journal.path)


def undone(bench, record, folder):
    journal = Journal.begin(folder, "iberia", "c", "d", undoes=record.path.name)
    return undo_run(record, Writer(bench.gateway, journal), bench.site())


def test_objects_of_one_name_in_two_tenants(bench, tmp_path):
    """Each is made, amended and undone in its own tenant, and a plan tells their references apart."""
    hand = Hand(bench.gateway)
    body = {"name": "DNS-SE-Group", "cloud_ref": hand.ref("cloud", "Default-Cloud"), "buffer_se": 1}
    bench.gateway.write("POST", "serviceenginegroup", body, tenant=TEAM)
    bench.environment = declared(tmp_path, *TWINS)
    before = picture(bench.gateway)

    site = bench.site()
    plan = build(site, bench.drifts(site.live))
    promised = [request.makes for step in plan.steps for request in step.requests if request.makes]
    assert len(promised) == len(set(promised)) == 2

    results, record = carried_out(bench, tmp_path)
    assert {(str(one.step.key), one.status) for one in results} == {
        (f"VRF context VRF_TEAM (tenant {TEAM})", "done"),
        ("VRF context VRF_TEAM", "done"),
        (f"SE group DNS-SE-Group (tenant {TEAM})", "done"),
    }
    assert bench.drifts() == []
    assert {one.outcome for one in undone(bench, record, tmp_path)} == {"undone"}
    assert picture(bench.gateway) == before


def test_somebody_else_makes_both_of_one_name(bench, tmp_path):
    """What later steps refer to is the one in its own tenant."""
    bench.environment = declared(tmp_path, *TWINS[:1])
    site = bench.site()
    plan = build(site, bench.drifts(site.live))
    cloud = Hand(bench.gateway).ref("cloud", "Default-Cloud")
    body = {"name": "VRF_TEAM", "cloud_ref": cloud}
    made = {
        tenant: bench.gateway.write("POST", "vrfcontext", body, tenant=tenant) for tenant in (TEAM, "admin")
    }
    applier = Applier(Writer(bench.gateway, Journal.begin(tmp_path, "iberia", "c", "d")), site)
    assert {one.status for one in applier.apply(plan)} == {"already"}
    assert applier.refs == {
        f"/api/vrfcontext?name=VRF_TEAM&cloud=Default-Cloud{where}": made[tenant]["url"].partition("#")[0]
        for tenant, where in ((TEAM, f"&tenant={TEAM}"), ("admin", ""))
    }


def test_a_lost_answer_in_another_tenant(bench, tmp_path):
    """Reading back in the wrong tenant would take the write for lost, and make it twice."""
    from live.errors import FateUnknown

    bench.environment = declared(tmp_path, *TWINS[:1])

    def lose(method, path, body):
        bench.gateway.after_write = lambda *_: None
        raise FateUnknown("the connection broke")

    bench.gateway.after_write = lose
    results, record = carried_out(bench, tmp_path)
    assert {one.status for one in results} == {"done"}
    assert [entry.fate for entry in record.entries] == ["done", "done"]
