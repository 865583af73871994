"""Who is asked before something is changed or taken away: every type that can refer to it, says the Controller's model."""

import ast

import pytest

from avi_schema import load
from intent import Unknown
from live.errors import NotFound
from remediate.plan.model import SINGLETONS
from remediate.plan.planner import build
from remediate.plan.view import (
    asked_tenant,
    every_row,
    named,
    referrers,
    types_that_refer,
    word_of,
)
from remediate.write.apis import FOLDER
from tests.remediate.inprocess import ROOT, Bench

NEWEST = "30.2.1"


class Site:
    """Answers by path; a class of errors is raised."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def __call__(self, path, params):
        self.asked.append((path, dict(params)))
        answer = self.answers.get(path, {"url": path} if path in SINGLETONS else [])
        if isinstance(answer, type):
            raise answer(f"no {path}")
        return {"count": len(answer), "results": answer} if isinstance(answer, list) else answer


def users(site, api, uuid, version=NEWEST):
    return [named(*found) for found in referrers(site, version, api, uuid)]


def test_each_type_is_asked_once_for_what_refers_to_the_object():
    site = Site(network=[{"name": "N"}], pool=[{"uuid": "pool-1"}])
    assert users(site, "vrfcontext", "v1") == ["network N", "pool pool-1"]
    types = [path for path, _ in site.asked]
    assert types == [
        "network",
        "networkservice",
        "pool",
        "serviceengine",
        "serviceenginepolicy",
        "virtualservice",
        "vsvip",
    ]
    assert all(params["refers_to"] == "vrfcontext:v1" for _, params in site.asked)
    assert all(params["fields"] == "name" for _, params in site.asked)


def test_the_next_page_is_asked_for():
    class Pages(Site):
        def __call__(self, path, params):
            super().__call__(path, params)
            if path != "virtualservice":
                return {"count": 0, "results": []}
            page = int(params["page"])
            rows = [{"name": f"{page}-{n}"} for n in range(200 if page < 3 else 1)]
            return {"count": 401, "results": rows} | ({"next": "more"} if page < 3 else {})

    site = Pages()
    assert len(users(site, "vsvip", "v1")) == 401
    assert [params["page"] for _, params in site.asked] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("page", "most"),
    [
        (lambda _number: {"results": [{"uuid": "a"}], "next": "more"}, 2),
        (lambda _number: {"results": [], "next": "more"}, 1),
        (lambda number: {"results": [{"uuid": f"u{number}"}], "next": "more", "count": 3}, 3),
        (lambda number: {"results": [{"uuid": f"u{number}"}], "next": "more", "count": 10**9}, 2000),
        (lambda number: {"results": [{"name": f"n{number}"}], "next": "more"}, 2000),
    ],
    ids=["nothing new", "nothing", "more than announced", "as many as anybody likes", "no count, no uuid"],
)
def test_pages_without_end_are_no_answer(page, most):
    asked = []

    def ask(_path, params):
        asked.append(params["page"])
        return page(int(params["page"]))

    with pytest.raises(Unknown, match="pool has pages without end"):
        list(every_row(ask, "pool"))
    assert len(asked) == most


def test_a_bare_uuid_is_looked_for_in_the_whole_objects():
    """The Controller's search follows references; GSLB writes the uuid of its DNS services as a text."""
    site = Site(
        gslb=[{"name": "G", "sites": [{"dns_vses": [{"dns_vs_uuid": "vs-1"}]}]}, {"name": "other"}],
        gslbservice=[{"name": "S", "groups": [{"members": [{"vs_uuid": "vs-1"}, {"vs_uuid": "vs-12"}]}]}],
    )
    assert users(site, "virtualservice", "vs-1") == ["GSLB G", "GSLB service S"]
    assert users(site, "virtualservice", "vs-2") == []
    assert not any("refers_to" in params for path, params in site.asked if path.startswith("gslb"))


@pytest.mark.parametrize(
    "row",
    [
        {"name": "G", "sites": ["x"]},
        {"name": "G", "sites": [{"dns_vses": [{"dns_vs_uuid": 7}]}]},
        {"name": "G", "sites": [{"dns_vses": "vs-1"}]},
    ],
)
def test_an_object_that_would_show_its_reference_elsewhere_is_no_answer(row):
    """What is not of its shape may refer to the object all the same: nobody knows."""
    with pytest.raises(Unknown, match="gslb was not understood: "):
        users(Site(gslb=[row]), "virtualservice", "vs-1")


@pytest.mark.parametrize("answer", [{}, {"error": "busy", "url": "u"}, {"url": 7}, {"uuid": None}])
def test_a_singleton_that_is_no_object_is_no_answer(answer):
    with pytest.raises(Unknown, match="systemconfiguration answered with no object"):
        users(Site(systemconfiguration=answer), "virtualservice", "vs-1")


def test_a_singleton_is_read_and_searched():
    ref = "https://c/api/virtualservice/vs-1#dns"
    site = Site(
        systemconfiguration={"url": "https://c/api/systemconfiguration", "dns_virtualservice_refs": [ref]}
    )
    assert users(site, "virtualservice", "vs-1") == ["the system configuration"]
    assert users(site, "virtualservice", "vs-2") == []
    assert ("systemconfiguration", {}) in site.asked
    assert asked_tenant("systemconfiguration") is None
    assert asked_tenant("pool") == "*"


def test_a_type_that_this_version_lacks_is_not_asked():
    assert "tenantsystemconfiguration" in types_that_refer("virtualservice", NEWEST)
    assert "tenantsystemconfiguration" not in types_that_refer("virtualservice", "22.1.3")
    assert "trafficcloneprofile" not in types_that_refer("network", "16.4.1")


@pytest.mark.parametrize("target", ["vrfcontext", "network", "virtualservice", "healthmonitor"])
@pytest.mark.parametrize("version", ["20.1.6", NEWEST])
def test_a_collection_that_this_version_has_is_not_taken_for_absent(target, version):
    for api in types_that_refer(target, version):
        why = f"no {api}; a Controller of version {version} has it, so this is no answer"
        with pytest.raises(Unknown, match=why):
            users(Site(**{api: NotFound}), target, "v1", version)


def test_one_that_may_not_be_read_is_no_answer():
    with pytest.raises(Unknown, match="no serviceenginepolicy"):
        users(Site(serviceenginepolicy=Unknown), "vrfcontext", "v1")


def test_nothing_on_a_controller_refers_to_what_stands_in_vcenter():
    site = Site()
    assert users(site, FOLDER, "group-1") == []
    assert site.asked == []


@pytest.mark.parametrize(
    ("api", "word"),
    [
        ("network", "network"),
        ("vrfcontext", "VRF context"),
        ("serviceenginegroup", "SE group"),
        ("virtualservice", "virtual service"),
        ("ipamdnsproviderprofile", "profile"),
        ("serviceengine", "Service Engine"),
        ("vsvip", "VIP"),
        ("trafficcloneprofile", "traffic clone profile"),
        ("gslbservice", "GSLB service"),
        ("l4policyset", "L4 policy set"),
        ("something", "something"),
    ],
)
def test_words(api, word):
    assert word_of(api) == word


def asked_by_remedies():
    """(place, type of the object, types that are asked) of every question that a remedy asks about users."""
    for path in sorted((ROOT / "remediate/remedies").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "users"
            ):
                names = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if names:  # a type that is computed asks every type that can refer to it
                    yield f"{path.name}:{node.lineno}", names[0], names[1:]


def test_a_remedy_asks_types_that_can_refer_to_its_object():
    questions = list(asked_by_remedies())
    assert len(questions) > 4
    for place, api, types in questions:
        assert set(types) <= {one.type for one in load().referrers(api, (30, 2, 1))}, place


# What the lists by hand have let through.


def planned(bench, *fields):
    site = bench.site()
    return build(site, [one for one in bench.drifts(site.live) if one[0].field in fields])


def make(bench, api, **body):
    return bench.gateway.write("POST", api, body)


def body_of(bench, api, name):
    return next(row for row in bench.live().rows(api) if row.get("name") == name)


def test_the_bgp_peers_of_another_vrf_context_are_on_the_network():
    bench = Bench("drifted")
    network = body_of(bench, "network", "REGIONB_VMS_3023")
    peer = {"remote_as": 1, "peer_ip": {"addr": "10.10.23.1", "type": "V4"}, "network_ref": network["url"]}
    cloud = network["cloud_ref"]
    make(
        bench,
        "vrfcontext",
        name="WITH_BGP",
        cloud_ref=cloud,
        bgp_profile={"local_as": 1, "ibgp": True, "peers": [peer]},
    )
    (refused,) = planned(bench, "vrf").refused
    assert refused.hit == ("VRF context WITH_BGP",)


def test_the_bgp_peers_of_the_declared_vrf_context_wait_for_it():
    bench = Bench("drifted")
    network, vrf = body_of(bench, "network", "REGIONB_VMS_3023"), body_of(bench, "vrfcontext", "VRF_AZ2")
    peer = {"remote_as": 1, "peer_ip": {"addr": "10.10.23.1", "type": "V4"}, "network_ref": network["url"]}
    profile = {"local_as": 1, "ibgp": True, "peers": [peer]}
    bench.gateway.write("PATCH", f"vrfcontext/{vrf['uuid']}", {"add": {"bgp_profile": profile}})
    plan = planned(bench, "vrf")
    assert (plan.refused, [str(step.key) for step in plan.steps]) == ((), ["network REGIONB_VMS_3023"])


def test_clones_of_traffic_go_out_by_the_network():
    bench = Bench("drifted")
    network = body_of(bench, "network", "REGIONB_VMS_3023")
    server = {"ip_address": {"addr": "10.10.23.9", "type": "V4"}, "network_ref": network["url"]}
    make(bench, "trafficcloneprofile", name="clones", cloud_ref=network["cloud_ref"], clone_servers=[server])
    (refused,) = planned(bench, "vrf").refused
    assert refused.hit == ("traffic clone profile clones",)


def test_a_network_service_of_the_group_is_placed_anew():
    bench = Bench("drifted")
    group = body_of(bench, "serviceenginegroup", "S1-AZ1-SE-Group")
    vrf = body_of(bench, "vrfcontext", "VRF_AZ1")
    make(
        bench, "networkservice", name="routes", cloud_ref=group["cloud_ref"], se_group_ref=group["url"],
        vrf_ref=vrf["url"], service_type="ROUTING_SERVICE", routing_service={"enable_routing": True},
    )  # fmt: skip
    (refused,) = planned(bench, "ha_mode").refused
    assert refused.hit == ("network service routes",)
