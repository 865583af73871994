"""Moves of networks between VRF contexts: refused while anybody is on them, guarded where others only refer to them."""

import pytest

from remediate.plan.planner import build
from remediate.plan.text import text
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.breaking import Hand, ip, move_vrf, prefix
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

NETWORK = "AVI_FRONTEND_3026"
LET = "refused: it would hit what is in use; --allow-disruptive lets it\n"
NOT_LET = "refused, whatever option is given\n"


@pytest.fixture(scope="module")
def site():
    """A site whose network is in another VRF context than declared: (bench, its state)."""
    bench = Bench("conforming")
    move_vrf(Hand(bench.gateway), 1)
    return bench, bench.lab.snapshot()


@pytest.fixture
def bench(site):
    bench, state = site
    bench.lab.restore(state)
    yield bench
    vars(bench).pop("ask", None)


def network(bench):
    return Hand(bench.gateway).named("network", NETWORK)


def make(bench, api, **body):
    row = network(bench)
    vrf = {"pool": "vrf_ref", "vsvip": "vrf_context_ref"}.get(api)
    scope = {"cloud_ref": row["cloud_ref"]} | ({vrf: row["vrf_context_ref"]} if vrf else {})
    bench.gateway.write("POST", api, {"name": "x", **scope, **body})


def chosen(bench):
    return {"network_ref": network(bench)["url"]}


def pool_placed(bench):
    make(bench, "pool", placement_networks=[{**chosen(bench), "subnet": prefix("10.10.26.0/24")}])
    return "pool x"


def pool_server(bench):
    make(bench, "pool", servers=[{"ip": ip("10.10.26.98"), "discovered_networks": [chosen(bench)]}])
    return "pool x"


def vip_placed(bench):
    make(
        bench,
        "vsvip",
        vip=[{"vip_id": "1", "ip_address": ip("10.99.0.8"), "placement_networks": [chosen(bench)]}],
    )
    return "VIP x"


def bgp_peer(bench):
    peer = {"remote_as": 1, "peer_ip": ip("10.10.26.1"), **chosen(bench)}
    make(bench, "vrfcontext", bgp_profile={"local_as": 1, "ibgp": True, "peers": [peer]})
    return "VRF context x"


def clone(bench):
    make(bench, "trafficcloneprofile", clone_servers=[{"ip_address": ip("10.10.26.9"), **chosen(bench)}])
    return "traffic clone profile x"


def vip_allocated(bench):
    make(
        bench, "vsvip", vip=[{"vip_id": "1", "auto_allocate_ip": True, "ipam_network_subnet": chosen(bench)}]
    )
    return "VIP x (10.10.26.40)"


def vip_outside_of_pools(bench):
    make(
        bench,
        "vsvip",
        vip=[{"vip_id": "1", "ip_address": ip("10.10.26.7"), "ipam_network_subnet": chosen(bench)}],
    )
    return "VIP x"


def vip_discovered(bench):
    """Its second address is on the network, which it also names as a placement network."""
    first = {"vip_id": "0", "ip_address": ip("10.99.0.7")}
    second = {"vip_id": "1", "ip_address": ip("10.10.26.7"), "discovered_networks": [chosen(bench)]}
    make(bench, "vsvip", vip=[first, {**second, "placement_networks": [chosen(bench)]}])
    return "VIP x"


def vip_of_former_releases(bench):
    make(bench, "vsvip", vip=[{"vip_id": "1", "ip_address": ip("10.10.26.7"), **chosen(bench)}])
    return "VIP x"


def vip_static(bench):
    """It names no network, and is placed where its subnet is."""
    make(bench, "vsvip", vip=[{"vip_id": "1", "ip_address": ip("10.10.26.7")}])
    return "VIP x"


def vnic(bench):
    """One of a Service Engine that has no address yet."""
    engine = bench.gateway.read("serviceengine")["results"][0]
    vnics = [*engine["data_vnics"], {"mac_address": "00:00:00:00:00:01", **chosen(bench)}]
    bench.gateway.write("PUT", f"serviceengine/{engine['uuid']}", {**engine, "data_vnics": vnics})
    return f"Service Engine {engine['name']}"


REFER = pytest.mark.parametrize("refer", [pool_placed, pool_server, vip_placed, bgp_peer, clone])
ARE_ON = pytest.mark.parametrize(
    "are_on",
    [vip_allocated, vip_outside_of_pools, vip_discovered, vip_of_former_releases, vip_static, vnic],
)
OPTION = pytest.mark.parametrize("option", [False, True], ids=["", "--allow-disruptive"])


def planned(bench, *, option=False):
    site = bench.site()
    return build(
        site,
        [drift for drift in bench.drifts(site.live) if drift[0].field == "vrf"],
        consent=Consent(disruptive=option),
    )


def carry_out(bench, folder, plan, *, option=False):
    journal = Journal.begin(folder, "iberia", "c", "d")
    (result,) = Applier(
        Writer(bench.gateway, journal), bench.site(), consent=Consent(disruptive=option)
    ).apply(plan)
    journal.end("done")
    return result, load(journal.path)


def undone(bench, folder, record, *, option):
    journal = Journal.begin(folder, "iberia", "c", "d", undoes=record.path.name)
    (result,) = undo_run(
        record, Writer(bench.gateway, journal), bench.site(), consent=Consent(disruptive=option)
    )
    return result.outcome, result.text


@REFER
def test_what_only_refers_to_it_can_be_let_there_and_back(bench, tmp_path, refer):
    who, before = refer(bench), network(bench)["vrf_context_ref"]
    refused = planned(bench)
    (left,) = refused.refused
    assert (refused.steps, left.hit, left.absolute) == ((), (who,), False)
    assert "address" not in left.reason
    assert LET in text(refused)
    assert NOT_LET not in text(refused)

    plan = planned(bench, option=True)
    (step,) = plan.steps
    assert step.changes[0].overrides == (who,)
    (foretold,) = step.outlook.hits
    assert (step.outlook.waits, foretold) == ((), f"{who} ({left.reason})")
    result, record = carry_out(bench, tmp_path, plan, option=True)
    assert (result.status, bench.drifts()) == ("done", [])

    kept = undone(bench, tmp_path, record, option=False)
    assert kept == ("kept", f"it would hit {foretold}; --allow-disruptive lets it")
    assert undone(bench, tmp_path, record, option=True) == ("undone", "")
    assert network(bench)["vrf_context_ref"] == before


@pytest.mark.parametrize(
    "elsewhere", [{"ip_address": ip("10.99.0.7")}, {"ip6_address": {"addr": "fd00::7", "type": "V6"}}]
)
def test_a_static_address_of_other_subnets_is_no_matter(bench, elsewhere):
    make(bench, "vsvip", vip=[{"vip_id": "1", **elsewhere}])
    assert [step.changes[0].overrides for step in planned(bench).steps] == [()]


@pytest.mark.parametrize("address", [{}, {"addr": "x"}, {"addr": 5}, "10.10.26.7", [ip("10.10.26.7")]])
def test_an_address_that_is_not_understood_keeps_it_there(bench, address):
    make(bench, "vsvip", vip=[{"vip_id": "1", "ip_address": ip("10.10.26.7")}])
    ask = bench.ask

    def damaged(path, params, **options):
        answer = ask(path, params, **options)
        for row in answer.get("results", []) if path == "vsvip" else []:
            row["vip"][0]["ip_address"] = address
        return answer

    bench.ask = damaged
    plan = planned(bench, option=True)
    assert plan.steps == ()
    assert "was not understood: vip[0].ip_address" in plan.refused[0].reason


@OPTION
@ARE_ON
def test_who_is_on_it_keeps_it_there(bench, are_on, option):
    who = are_on(bench)
    plan = planned(bench, option=option)
    (left,) = plan.refused
    assert (plan.steps, left.hit, left.absolute) == ((), (who,), True)
    assert "the Controller refuses the move while they are" in left.reason
    assert NOT_LET in text(plan)
    assert LET not in text(plan)


@OPTION
@ARE_ON
def test_who_is_on_it_since_the_run_keeps_it_from_going_back(bench, tmp_path, are_on, option):
    _, record = carry_out(bench, tmp_path, planned(bench))
    who, writes = are_on(bench), len(bench.gateway.log)
    outcome, why = undone(bench, tmp_path, record, option=option)
    assert (outcome, bench.gateway.log[writes:]) == ("kept", [])
    assert why.startswith(f"it would hit {who} (")
    assert why.endswith("; no option lets it")


@ARE_ON
def test_who_came_after_the_plan_is_on_it_too(bench, tmp_path, are_on):
    plan = planned(bench, option=True)
    who, writes = are_on(bench), len(bench.gateway.log)
    result, _ = carry_out(bench, tmp_path, plan, option=True)
    assert (result.status, bench.gateway.log[writes:]) == ("moved", [])
    assert result.text == f"since the plan was made, it would hit {who}"


def test_who_is_on_it_is_told_first_and_what_refers_to_it_after(bench):
    """Both are in the way; no option lets those who are on it, so they have to go whatever becomes of the others."""
    pool_placed(bench)
    engine = bench.gateway.read("serviceengine")["results"][0]
    who = vnic(bench)
    assert [left.hit for left in planned(bench).refused] == [(who,)]
    now = bench.gateway.read(f"serviceengine/{engine['uuid']}")
    bench.gateway.write("PUT", f"serviceengine/{engine['uuid']}", {**now, "data_vnics": engine["data_vnics"]})
    assert [left.hit for left in planned(bench).refused] == [("pool x",)]


def of(collection, row):
    """A bench's answers, but that one row refers to the network in a collection."""

    def replace(bench):
        ask = bench.ask

        def answer(path, params, **where):
            if path != collection or not params.get("refers_to", "").startswith("network:"):
                return ask(path, params, **where)
            return {"count": 1, "results": [{"uuid": "u-1", "name": "x", **row(network(bench)["url"])}]}

        bench.ask = answer

    return replace


def test_vips_that_stand_in_their_services_are_on_it(bench):
    of("virtualservice", lambda ref: {"vip": [{"vip_id": "1", "ipam_network_subnet": {"network_ref": ref}}]})(
        bench
    )
    (left,) = planned(bench, option=True).refused
    assert (left.hit, left.absolute) == (("virtual service x",), True)


@pytest.mark.parametrize(
    ("collection", "row", "place"),
    [
        ("vsvip", lambda _ref: {"vip": [{"vip_id": "1"}]}, "VIP x refers to the network and does not show where"),
        ("vsvip", lambda _ref: {}, "vsvip[0] was not understood: vip"),
        ("virtualservice", lambda _ref: {}, "virtual service x refers to the network and does not show where"),
        ("vsvip", lambda ref: {"vip": [{"vip_id": "1", "discovered_networks": {}, "network_ref": ref}]},
         "vip[0].discovered_networks: "),
        ("vsvip", lambda _ref: {"vip": [{"vip_id": "1", "placement_networks": ["x"]}]},
         "vip[0].placement_networks[0]: "),
    ],
)  # fmt: skip
def test_who_does_not_show_where_he_is_may_be_on_it(bench, collection, row, place):
    of(collection, row)(bench)
    plan = planned(bench, option=True)
    (left,) = plan.refused
    assert (plan.steps, left.absolute) == ((), True)
    assert "who would be hit could not be read: " in left.reason
    assert place in left.reason
    assert NOT_LET in text(plan)
