"""What a person adds beside a declaration: drift where the file says that a list is exact, a count where it does not."""

from __future__ import annotations

import pytest
import yaml

from intent import Environment, compare
from intent.exact import beside, lists
from lab.tests.cloudsite import ip, prefix
from live.kinds import KINDS
from remediate.plan.planner import build
from remediate.plan.text import text
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests.remediate.breaking import picture
from tests.remediate.inprocess import Bench, act
from tests.site import IBERIA


def declared(*, exact):
    """The blog's site, with what an engineer declares besides."""
    data = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))
    data["system"] |= {
        "dns_servers": ["10.10.20.2"],
        "search_domain": "iberia.local",
        "ntp_servers": ["10.10.20.2"],
        "portal": {"basic_authentication": False},
    }
    for vrf in data["vrfs"]:
        vrf["static_routes"] = []
    for group in data["se_groups"]:
        group["max_se"] = 10
    if exact:
        data["system"]["exact"] = ["dns_services", "dns_servers", "ntp_servers"]
        named = {
            "dns_profiles": ["domains"],
            "vrfs": ["static_routes"],
            "networks": ["subnets", "subnets.pools"],
            "dns_services": ["records", "services"],
        }
        for section, names in named.items():
            for each in data[section]:
                each["exact"] = names
    return Environment.model_validate(data)


def second_subnet(network):
    network["configured_subnets"].append({"prefix": prefix("10.99.0.0/24")})


def default_route(vrf):
    route = {"route_id": "1", "prefix": prefix("0.0.0.0/0"), "next_hop": ip("10.10.25.1")}
    vrf.setdefault("static_routes", []).append(route)


def further_record(service):
    record = {"type": "DNS_RECORD_A", "fqdn": ["more.avi.iberia.local"]}
    service["static_dns_records"].append({**record, "ip_address": [{"ip_address": ip("10.10.24.77")}]})


def further_port(service):
    service["services"].append({"port": 5353})


def further_ntp(system):
    system["ntp_configuration"]["ntp_servers"].append({"server": ip("192.0.2.9")})


def further_domain(profile):
    profile["internal_profile"]["dns_service_domain"].append({"domain_name": "other.example"})


ACTS = [
    ("network", "REGIONB_VMS_3023", second_subnet, "subnets[10.99.0.0/24]"),
    ("vrfcontext", "VRF_AZ1", default_route, "static_routes[0.0.0.0/0 via 10.10.25.1]"),
    ("virtualservice", "local-dns-site1", further_record, "records[more.avi.iberia.local A]"),
    ("virtualservice", "local-dns-site1", further_port, "services"),
    ("cloud", "Default-Cloud", lambda cloud: cloud.pop("ipam_provider_ref"), "ipam_profile"),
    ("serviceenginegroup", "S1-AZ1-SE-Group", lambda group: group.update(max_se=1), "max_se"),
    ("serviceenginegroup", "S1-AZ2-SE-Group", lambda group: group.pop("se_name_prefix"), "name_prefix"),
    ("systemconfiguration", "", further_ntp, "ntp_servers[192.0.2.9]"),
    ("systemconfiguration", "", lambda system: system["portal_configuration"].update(allow_basic_authentication=True), "portal.basic_authentication"),
    ("ipamdnsproviderprofile", "DNS_Default", further_domain, "domains[other.example]"),
]  # fmt: skip
"""Case C18: ten changes by hand, each with the path of the drift that tells it."""
ADDED = {path for _, _, _, path in ACTS if path.endswith("]")}


@pytest.fixture(scope="module")
def changed():
    """The conforming site after all ten."""
    bench = Bench("conforming", declared(exact=True))
    assert bench.drifts() == []
    for api, name, change, _ in ACTS:
        act(bench, api, name, change)
    return bench


def test_every_act_beside_an_exact_declaration_is_a_drift(changed):
    assert sorted(drift.path for drift, _ in changed.drifts()) == sorted(path for *_, path in ACTS)


def test_what_a_list_that_is_not_exact_holds_besides_is_counted(changed):
    loose = declared(exact=False)
    live = changed.live()
    told = {drift.path for want in loose if type(want) in KINDS for drift in compare(want, live[want])}
    assert not told & ADDED
    counted = [place for want in loose if type(want) in KINDS for place in beside(want, live[want])]
    assert set(counted) == ADDED


def test_an_element_goes_only_guarded_and_comes_back_by_an_undo(changed, tmp_path):
    bench = changed
    before = picture(bench.gateway)
    view = bench.site()
    careful = build(view, bench.drifts(view.live))
    written = {change.path for step in careful.steps for change in step.changes}
    assert "records[more.avi.iberia.local A]" not in written, "somebody may ask for it"
    for step in careful.steps:
        assert all(change.risk == "guarded" for change in step.changes if change.want is None), step
    view = bench.site()
    plan = build(view, bench.drifts(view.live), consent=Consent(disruptive=True))
    assert {change.path for step in plan.steps for change in step.changes} == {path for *_, path in ACTS}
    assert "static_routes[0.0.0.0/0 via 10.10.25.1]" in text(plan)
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    writer = Writer(bench.gateway, journal, sleep=lambda _seconds: None)
    Applier(writer, view, say=lambda _text: None, consent=Consent(disruptive=True)).apply(plan)
    journal.end("done")
    assert bench.drifts() == []
    undoing = Journal.begin(tmp_path, "iberia", "c", "d", undoes=journal.path.name)
    writer = Writer(bench.gateway, undoing, sleep=lambda _seconds: None)
    undone = undo_run(load(journal.path), writer, bench.site(), consent=Consent(disruptive=True))
    assert [each.text for each in undone if each.outcome == "kept"] == []
    assert picture(bench.gateway) == before


@pytest.mark.parametrize("text", ["10.99.0.7/24", "10.10.23.7/24"], ids=["another", "the declared one"])
def test_a_subnet_with_host_bits_goes_out_of_an_exact_list_and_comes_back(tmp_path, text):
    """It ended the plan: a Controller takes what no file can declare."""
    bench = Bench("conforming", declared(exact=True))
    act(
        bench,
        "network",
        "REGIONB_VMS_3023",
        lambda net: net["configured_subnets"].append({"prefix": prefix(text)}),
    )
    before, consent = picture(bench.gateway), Consent(disruptive=True)
    view = bench.site()
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    writer = Writer(bench.gateway, journal, sleep=lambda _seconds: None)
    Applier(writer, view, consent=consent).apply(build(view, bench.drifts(view.live), consent=consent))
    journal.end("done")
    assert bench.drifts() == []
    undoing = Journal.begin(tmp_path, "iberia", "c", "d", undoes=journal.path.name)
    writer = Writer(bench.gateway, undoing, sleep=lambda _seconds: None)
    assert [each.outcome for each in undo_run(load(journal.path), writer, bench.site(), consent=consent)] == [
        "undone"
    ]
    assert picture(bench.gateway) == before


def test_exact_of_a_list_that_is_not_declared_is_a_mistake():
    head = {"name": "x", "controller": {"address": "a"}}
    with pytest.raises(ValueError, match=r"no static_routes are declared: write `static_routes: \[\]`"):
        Environment.model_validate({**head, "vrfs": [{"name": "v", "exact": ["static_routes"]}]})


def test_exact_names_lists_alone():
    assert set(lists(type(declared(exact=False).networks[0]))) == {
        "subnets",
        "subnets.pools",
        "markers",
        "markers.values",
    }
    with pytest.raises(ValueError, match=r"'subnet' is no list of it; did you mean 'subnets'\?"):
        Environment.model_validate(
            {
                "name": "x",
                "controller": {"address": "a"},
                "networks": [{"name": "n", "exact": ["subnet"]}],
            }
        )
