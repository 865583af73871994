"""Whose a change between two runs is: AKO's, the system's, a check's to tell, or a person's."""

from __future__ import annotations

from copy import deepcopy

from intent.notice import AKO, CLOUD_CONNECTOR, SYSTEM, Sort, sentence
from intent.site_changes import changes
from tests.live import world
from tests.live.pair import TYPES, VERSION, Pair, pool, route
from tests.live.settings_rows import address, prefix


def with_routes(pair, before, after):
    for side, routes in ((pair.before, before), (pair.after, after)):
        next(row for row in side["vrfcontext"] if row["name"] == "VRF_AZ1")["static_routes"] = routes


def test_new_route_ids_of_ako_are_silent(pair):
    with_routes(
        pair,
        [route(1, "10.244.0.0", "10.0.0.1"), route(2, "10.244.1.0", "10.0.0.2")],
        [route(8, "10.244.1.0", "10.0.0.2"), route(9, "10.244.0.0", "10.0.0.1")],
    )
    assert pair.told() == []


def test_what_ako_writes_anew_is_its_own_and_a_route_that_only_vanishes_is_told(pair):
    mine = route(7, "10.99.0.0", "10.0.0.9", "")
    before = [route(1, "10.244.0.0", "10.0.0.1"), route(2, "10.244.1.0", "10.0.0.2"), mine]
    with_routes(pair, before, [route(1, "10.244.0.0", "10.0.0.5"), route(2, "10.244.1.0", "10.0.0.2"), mine])
    assert {notice.owner for notice in pair.notices()} == {AKO}
    with_routes(pair, before, [before[0], mine])
    (notice,) = pair.notices()
    assert (notice.owner, notice.severity) == ("", "critical")
    assert sentence(notice) == "changed vrfcontext VRF_AZ1: static_routes[10.244.1.0/24+10.0.0.2]: removed"
    with_routes(pair, before, [before[0], before[1], {**mine, "next_hop": address("10.0.0.8")}])
    assert all(notice.owner == "" for notice in pair.notices())
    assert len(pair.notices()) == 2


def test_the_label_of_ako_that_is_erased_is_told_and_one_that_it_sets_is_not(pair):
    group = pair.after["serviceenginegroup"][0]
    group["labels"] = [{"key": "clustername", "value": "az1"}]
    assert pair.told() == []
    pair.before, pair.after = pair.after, pair.before
    (notice,) = pair.notices()
    assert (notice.path, notice.severity, notice.owner) == ("labels[clustername]", "critical", "")
    assert notice.was == {"key": "clustername", "value": "az1"}


def test_objects_of_ako_and_of_the_system_come_and_go_as_theirs(pair):
    pair.after["pool"] += [pool(n, created_by="ako-az1") for n in range(100, 110)]
    pair.after["serviceengine"] = [{"uuid": "se-1", "name": "se-1"}]
    assert {(notice.owner, notice.sort) for notice in pair.notices()} == {
        (AKO, Sort.ADDED),
        (SYSTEM, Sort.ADDED),
    }


def test_a_member_of_ako_s_pool_that_is_switched_off_is_a_person_s_doing(pair):
    for side in (pair.before, pair.after):
        side["pool"][0]["created_by"] = "ako-az1"
    server = pair.row("pool", "p0")["servers"][0]
    server["enabled"], server["ratio"] = False, 5
    assert {(notice.path, notice.owner) for notice in pair.notices()} == {
        ("servers[10.1.1.1+80].enabled", ""),
        ("servers[10.1.1.1+80].ratio", AKO),
    }


def test_a_service_engine_that_is_disabled_is_told_and_its_runtime_is_not(pair):
    engine = {"uuid": "se-1", "name": "se-1", "enable_state": "SE_STATE_ENABLED", "data_vnics": []}
    pair.before["serviceengine"] = [engine]
    pair.after["serviceengine"] = [{**engine, "data_vnics": [{"if_name": "eth1"}]}]
    assert pair.told() == []
    pair.after["serviceengine"] = [{**engine, "enable_state": "SE_STATE_DISABLED"}]
    assert [(notice.path, notice.owner) for notice in pair.notices()] == [("enable_state", "")]


DECLARED = {
    "networks": [
        {
            "name": "REGIONB_VMS_3023",
            "cloud": "Default-Cloud",
            "dhcp": False,
            "subnets": [{"prefix": "10.10.23.0/24"}],
        }
    ]
}


def test_what_a_check_compares_is_not_told_twice(tmp_path):
    pair = Pair(tmp_path, DECLARED)
    network = pair.row("network", "REGIONB_VMS_3023")
    network["dhcp_enabled"] = not network.get("dhcp_enabled", False)
    assert pair.told() == []
    network["configured_subnets"] = [
        *network["configured_subnets"], {"prefix": prefix("10.77.0.0/24")},
    ]  # fmt: skip
    network["exclude_discovered_subnets"] = True
    assert {(notice.path, notice.declared) for notice in pair.notices()} >= {
        ("configured_subnets[10.77.0.0/24]", True),
        ("exclude_discovered_subnets", True),
    }
    pair.after["network"].remove(network)
    assert pair.told() == [], "an absent object is drift"


def test_an_element_of_a_list_that_a_check_compares_whole_is_not_told_twice(tmp_path):
    """Pools of a subnet and servers of a declared pool: what is not declared is drift, or was until this run."""
    servers = [{"ip": address("10.1.1.1"), "port": 80}]
    declared = {
        **DECLARED,
        "objects": [{"type": "pool", "name": "p1", "fields": {"servers": servers}}],
        "networks": [
            {
                "name": "REGIONB_VMS_3024",
                "subnets": [{"prefix": "10.10.24.0/24", "pools": [{"range": "10.10.24.164-10.10.24.169"}]}],
            }
        ],
    }
    pair = Pair(tmp_path, declared, pool=[pool(1, servers=servers)])
    network, group = pair.row("network", "REGIONB_VMS_3024"), pair.row("pool", "p1")
    group["cloud_ref"] = pair.before["pool"][0]["cloud_ref"] = network["cloud_ref"]
    group["servers"] = [*servers, {"ip": address("10.1.1.2"), "port": 80}]
    (subnet,) = network["configured_subnets"]
    begin, end = address("10.10.24.164"), address("10.10.24.166")
    subnet["static_ip_ranges"] = [{"range": {"begin": begin, "end": end}, "type": "STATIC_IPS_FOR_SE"}]
    assert pair.told() == []
    pair.before, pair.after = pair.after, pair.before
    assert pair.told() == [], "nor when it is put right"
    pair.row("pool", "p1")["servers"] = [{**servers[0], "enabled": False}]
    pair.before["pool"][0]["servers"] = servers
    assert [notice.path for notice in pair.notices()] == ["servers[10.1.1.1+80].enabled"]


def test_a_further_reference_in_a_list_that_is_not_exact_is_told(tmp_path):
    """The usable networks that are declared are a check's to tell; one more is nobody's but a notice's."""
    profile = {"name": "IPAM_Default", "usable_networks": ["REGIONB_VMS_3023"]}
    api, more = (
        "ipamdnsproviderprofile",
        {"tenant": [{"uuid": "admin", "name": "admin", "url": "/api/tenant/admin"}]},
    )
    pair = Pair(tmp_path, {**DECLARED, "ipam_profiles": [profile]}, **more)
    types = (*TYPES, api, "tenant")
    rows = {**world.objects(VERSION), **more}
    pair.before |= {each: rows[each] for each in (api, "tenant")}
    pair.after = deepcopy(pair.before)
    networks = {row["name"]: {"nw_ref": f"/api/network/{row['uuid']}"} for row in pair.before["network"]}
    names = ("REGIONB_VMS_3023", "REGIONB_VMS_3024", "AVI_FRONTEND_3025")
    mine, further, third = (networks[name] for name in names)
    (old,) = [row for row in pair.before[api] if row["name"] == "IPAM_Default"]
    old["internal_profile"]["usable_networks"] = [further]
    pair.row(api, "IPAM_Default")["internal_profile"]["usable_networks"] = [mine, third]
    notices = changes(pair.seen(pair.before, types), pair.seen(pair.after, types))
    assert {(each.path.rpartition("usable_networks")[2], each.now is None) for each in notices} == {
        ("[AVI_FRONTEND_3025]", False), ("[REGIONB_VMS_3024]", True),
    }  # fmt: skip


def test_a_network_that_the_cloud_found_is_its_connector_s(pair):
    gone = pair.after["network"].pop()
    assert gone["vimgrnw_ref"]
    assert [(n.sort, n.owner, n.by_a_person) for n in pair.notices()] == [
        (Sort.REMOVED, CLOUD_CONNECTOR, False)
    ]
