"""What two runs saw is compared by what each member means: persons' changes are told, and nothing that moves by itself."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace

import pytest
import yaml

from intent import load_environment
from intent.notice import AKO, CLOUD_CONNECTOR, SYSTEM, Sort, sentence
from intent.scrubber import SCRUBBER
from intent.site_changes import MOST, changes, completed
from live.avi.shapes import checked
from live.avi.snapshot import Live, Snapshot
from live.errors import NotFound, Unreachable
from live.fingerprint import Taking, stripped
from tests.live import world

VERSION = "30.2.1"
HEAD = {"name": "site", "controller": {"address": "avi.example"}}
TYPES = (
    "cloud", "healthmonitor", "httppolicyset", "network", "pool", "poolgroup", "serviceengine", "serviceenginegroup",
    "sslkeyandcertificate", "systemconfiguration", "user", "virtualservice", "vrfcontext", "vsvip",
)  # fmt: skip
CLOUD = "/api/cloud/cloud-1#Default-Cloud"


def ip(address):
    return {"addr": address, "type": "V4"}


def route(number, prefix, next_hop, cluster="az1"):
    labels = {"labels": [{"key": "clustername", "value": cluster}]} if cluster else {}
    return {
        "route_id": f"{cluster}-{number}",
        "prefix": {"ip_addr": ip(prefix), "mask": 24},
        "next_hop": ip(next_hop),
        **labels,
    }


def pool(number, **more):
    return {
        "uuid": f"pool-{number}",
        "name": f"p{number}",
        "cloud_ref": CLOUD,
        "tenant_ref": "/api/tenant/admin#admin",
    } | more


class Pair:
    """A site before and after; `row` gives an object of a type, to be changed in the second."""

    def __init__(self, tmp_path, declared=None, **more):
        path = tmp_path / "site.yaml"
        path.write_text(yaml.safe_dump(HEAD | (declared or {})))
        self.environment = load_environment(path)
        objects = {**world.objects(VERSION), **more}
        self.before = {api: objects.get(api, []) for api in TYPES}
        self.after = deepcopy(self.before)

    def row(self, api, name):
        (row,) = [each for each in self.after[api] if each.get("name") == name]
        return row

    def seen(self, objects, types=TYPES, read=None, listed=(), **source):
        """`listed`: types that were not read at once, but page by page."""
        read_at_once = {api: rows for api, rows in objects.items() if api not in listed}
        live = Live(Snapshot("avi.example", VERSION, VERSION, objects=read_at_once), self.environment)
        taking = Taking(live)
        for api, rows in objects.items():
            taking.take(api, rows)
        seen = taking.fingerprint("admin", types, self.environment, read)
        return replace(seen, source=replace(seen.source, **source))

    def notices(self):
        return changes(self.seen(self.before), self.seen(self.after))

    def told(self):
        return sorted(map(sentence, self.notices()))


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path, pool=[pool(n, servers=[{"ip": ip("10.1.1.1"), "port": 80}]) for n in range(3)])


def test_the_same_twice_tells_nothing_whatever_the_order(pair):
    assert pair.told() == []
    for rows in pair.after.values():
        rows.reverse()
        for row in rows:
            row["_last_modified"] = "1"
    pair.after = dict(reversed(pair.after.items()))
    for row in (pair.row("pool", "p1"),):
        row["servers"] = [{"port": 80, "ip": ip("10.1.1.1"), "enabled": True}]
    assert pair.told() == []


def test_added_removed_and_changed(pair):
    pair.after["pool"] = [*pair.after["pool"][1:], pool(9)]
    pair.row("pool", "p1")["servers"] += [{"ip": ip("10.1.1.2"), "port": 80}]
    pair.row("pool", "p2")["servers"][0]["enabled"] = False
    pair.row("pool", "p2")["default_server_port"] = 8080
    assert pair.told() == [
        "added pool p9",
        "changed pool p1: servers[10.1.1.2+80]: added",
        "changed pool p2: default_server_port: 80 -> 8080",
        "changed pool p2: servers[10.1.1.1+80].enabled: yes -> no",
        "removed pool p0",
    ]


def test_a_rename_is_one_change_and_so_is_an_object_made_anew(pair):
    pair.before["poolgroup"] = [{"uuid": "g", "name": "g", "members": [{"pool_ref": "/api/pool/pool-1#p1"}]}]
    pair.after["poolgroup"] = [{"uuid": "g", "name": "g", "members": [{"pool_ref": "/api/pool/pool-1#new"}]}]
    pair.row("pool", "p1")["name"] = "new"
    pair.row("pool", "p2")["uuid"] = "pool-x"
    assert pair.told() == ["changed pool new: name: p1 -> new", "changed pool p2: uuid: pool-2 -> pool-x"]


def test_a_uuid_that_is_used_again_is_the_object_that_has_it_now(pair):
    pair.row("pool", "p1").update({"name": "other", "default_server_port": 443})
    assert [notice.path for notice in pair.notices()] == ["name", "default_server_port"]


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
    with_routes(pair, before, [before[0], before[1], {**mine, "next_hop": ip("10.0.0.8")}])
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


def test_a_certificate_that_gets_older_is_no_change(pair):
    authority = {"certificate": "PEM", "days_until_expire": 30, "expiry_status": "SSL_CERTIFICATE_GOOD"}
    for side, days in ((pair.before, 30), (pair.after, 29)):
        for each in (authority, {"issuer": {"common_name": "x"}}):
            side.setdefault("pkiprofile", []).append(
                {
                    "uuid": f"pki-{len(side.get('pkiprofile', []))}",
                    "name": "x",
                    "ca_certs": [{**each, "days_until_expire": days}],
                }
            )
    types = (*TYPES, "pkiprofile")
    assert changes(pair.seen(pair.before, types), pair.seen(pair.after, types)) == []


def test_what_a_check_compares_is_not_told_twice(tmp_path):
    pair = Pair(tmp_path, DECLARED)
    network = pair.row("network", "REGIONB_VMS_3023")
    network["dhcp_enabled"] = not network.get("dhcp_enabled", False)
    assert pair.told() == []
    network["configured_subnets"] = [
        *network["configured_subnets"], {"prefix": {"ip_addr": ip("10.77.0.0"), "mask": 24}},
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
    servers = [{"ip": ip("10.1.1.1"), "port": 80}]
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
    group["servers"] = [*servers, {"ip": ip("10.1.1.2"), "port": 80}]
    (subnet,) = network["configured_subnets"]
    begin, end = ip("10.10.24.164"), ip("10.10.24.166")
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


def test_a_type_that_one_run_could_not_list_says_nothing_of_what_is_there(pair):
    pair.after["pool"] = []
    some = [api for api in TYPES if api != "pool"]
    for first, second in ((TYPES, some), (some, TYPES)):
        assert changes(pair.seen(pair.before, first), pair.seen(pair.after, second)) == []


@pytest.mark.parametrize("servers", ["x", None, {}, [None], ["x"], [[]], [{"ip": "x"}], [{"ip": None}], 7])
def test_what_was_not_understood_says_nothing_of_what_is_in_it(pair, servers):
    pair.row("pool", "p1")["servers"] = servers
    assert pair.told() == []
    (unclear,) = checked("pool", [pair.row("pool", "p1")], {"pool-1": "odd"})
    pair.after["pool"] = [unclear if each["name"] == "p1" else each for each in pair.after["pool"]]
    assert pair.told() == []


def test_what_a_listing_of_several_pages_missed_is_looked_for_before_it_is_called_gone(pair):
    pair.before["pool"] = [pool(n) for n in range(300)]
    asked = []

    def read(path):
        asked.append(path)
        if path == "pool/pool-1":
            return pool(1, default_server_port=443)
        raise {"pool/pool-2": NotFound, "pool/pool-3": Unreachable}[path]("no")

    before = pair.seen(pair.before)
    pair.after["pool"] = pair.before["pool"][:1] + pair.before["pool"][4:]
    now = completed(before, pair.seen(pair.after, read=read, listed=("pool",)))
    assert sorted(asked) == ["pool/pool-1", "pool/pool-2", "pool/pool-3"]
    told = sorted(map(sentence, changes(before, now)))
    assert told == ["changed pool p1: default_server_port: 80 -> 443", "removed pool p2"]
    pair.after["pool"] += pair.before["pool"][3:4]
    assert changes(now, pair.seen(pair.after, listed=("pool",)))[0].bare == "p1", "and nothing is added"
    assert len(changes(now, pair.seen(pair.after, listed=("pool",)))) == 1


def test_what_was_read_at_once_or_in_one_page_is_not_asked_again(pair):
    pair.after["pool"] = pair.after["pool"][1:]
    for listed in ((), ("pool",)):
        now = completed(pair.seen(pair.before), pair.seen(pair.after, read=pytest.fail, listed=listed))
        assert len(changes(pair.seen(pair.before), now)) == 1


def test_no_secret_is_kept_and_long_texts_are_only_compared():
    user = {"name": "eve", "password": "Pa55-word", "unix_crypt_password": "Pa55-word", "email": "e@x"}
    assert stripped("user", user) == {"name": "eve", "email": "e@x"}
    long = {"name": "x", "description": "secret " * 100}
    text = json.dumps(stripped("pool", long))
    assert "secret" not in text
    assert text != json.dumps(stripped("pool", {**long, "description": "public " * 100}))


def test_a_secret_in_a_free_text_is_not_kept(pair):
    SCRUBBER.hide("h1dden-value")
    pair.after["pool"] += [
        pool(60, description="password=hunter-2 h1dden-value"),
        pool(61, name='x"h1dden-value\\'),
    ]
    kept = [
        each.body for each in pair.seen(pair.after).objects.values() if each.uuid in ("pool-60", "pool-61")
    ]
    assert len(kept) == 2
    for body in kept:
        assert json.loads(body)
        assert "hunter-2" not in body
        assert "h1dden" not in body


@pytest.mark.parametrize(
    "beside", [{"bgp_profile": {"send_community": True, "ibgp": True}}, {"description": "token: abcdefgh"}]
)
def test_what_looks_like_a_secret_hides_nothing_of_the_rest(pair, beside):
    """A name or text that looks like one once took the keys of every label with it, and AKO's routes were nobody's."""
    vrf = {
        "uuid": "vrfcontext-9",
        "name": "az",
        "cloud_ref": CLOUD,
        "tenant_ref": "/api/tenant/admin#admin",
        **beside,
    }
    labels = [{"key": name, "value": "1"} for name in ("zone", "rack")]
    pair.before["vrfcontext"].append(
        {**vrf, "static_routes": [route("old-0", "10.1.0.0", "10.0.0.1")], "markers": []}
    )
    routes = [route("new-0", "10.1.0.0", "10.0.0.1"), route("new-1", "10.2.0.0", "10.0.0.2")]
    pair.after["vrfcontext"].append({**vrf, "static_routes": routes, "markers": []})
    pair.before["pool"].append(pool(70, description="plain", markers=labels))
    pair.after["pool"].append(pool(70, description="password=hunter-2", markers=labels))
    (notice,) = pair.notices()
    assert (notice.bare, notice.path) == ("p70", "description")
    assert "hunter" not in sentence(notice)


def test_tens_of_thousands_of_changes_are_told_in_bounds_and_those_of_people_by_name(pair):
    pair.after["pool"] += [pool(n, created_by="ako-az1") for n in range(1_000, 6_000)]
    pair.after["pool"] += [pool(n) for n in range(10_000, 10_500)]
    notices = pair.notices()
    assert len(notices) <= MOST + 10
    assert sum(notice.count for notice in notices) == 5_500
    assert sum(bool(notice.name) and not notice.owner for notice in notices) == 500


@pytest.mark.parametrize("name", ["\x1b[31m", "<b>", "x" * 100_000, "\ud800", "a\nb\tc", '"', ""])
def test_an_odd_name_is_a_name(pair, name):
    pair.after["pool"] += [pool(50, name=name)]
    (notice,) = pair.notices()
    assert notice.bare == name
