"""Bootstrap of the whole site: every object that is not as installed, in a file that loads and is green at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from avi_schema import load, parse_version
from intent import ConfigObject, compare, load_environment
from intent.objects.canonical import NEWEST
from lab.tests.cloudsite import control
from live.avi.snapshot import Live, Snapshot
from live.bootstrap import Bootstrap, collections, writable_types
from live.coverage import cover
from live.environment_text import bootstrap_text
from live.kinds import KINDS
from live.kinds.objects import member_drifts
from tests import lengths
from tests.live import every_type
from tests.live.every_type import HOST, row
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

VERSION = "30.2.1"
MADE = (
    ("tenant", {"name": "blue"}),
    (
        "healthmonitor",
        {
            "name": "web-monitor",
            "type": "HEALTH_MONITOR_HTTP",
            "send_interval": 5,
            "authentication": {"username": "probe", "password": "hunter2"},
            "http_monitor": {"http_request": "GET /health HTTP/1.0", "http_response_code": ["HTTP_2XX"]},
        },
    ),
    (
        "pool",
        {
            "name": "web",
            "default_server_port": 8080,
            "cloud_ref": "/api/cloud?name=Default-Cloud",
            "health_monitor_refs": ["/api/healthmonitor?name=web-monitor"],
            "servers": [{"ip": {"addr": "192.0.2.7", "type": "V4"}, "ratio": 3}],
        },
    ),
    (
        "virtualservice",
        {
            "name": "shop",
            "cloud_ref": "/api/cloud?name=Default-Cloud",
            "services": [{"port": 80}, {"port": 8000, "port_range_end": 8010}],
            "vip": [{"vip_id": "1", "ip_address": {"addr": "10.10.24.77", "type": "V4"}}],
        },
    ),
    ("pool", {"name": "ako-pool", "created_by": "ako-k8s", "cloud_ref": "/api/cloud?name=Default-Cloud"}),
    (
        "httppolicyset",
        {
            "name": "rules",
            "http_request_policy": {
                "rules": [
                    {
                        "name": "one",
                        "index": 1,
                        "enable": True,
                        "match": {"path": {"match_criteria": "BEGINS_WITH", "match_str": ["/a"]}},
                        "switching_action": {
                            "action": "HTTP_SWITCHING_SELECT_POOL",
                            "pool_ref": "/api/pool?name=web",
                        },
                    }
                ]
            },
        },
    ),
)


@pytest.fixture(scope="module")
def site():
    bench = Bench("conforming")
    for api, body in MADE:
        bench.gateway.write("POST", api, body)
    (ping,) = bench.gateway.read("healthmonitor", {"name": "System-Ping"})["results"]
    bench.gateway.write("PUT", f"healthmonitor/{ping['uuid']}", {**ping, "send_interval": 7})
    (group,) = bench.gateway.read("serviceenginegroup", {"name": "DNS-SE-Group"})["results"]
    labels = [{"key": "clustername", "value": "k8s"}]
    bench.gateway.write("PUT", f"serviceenginegroup/{group['uuid']}", {**group, "labels": labels})
    return bench


def written(bench, folder, types):
    """(bootstrap, its environment) of a site."""
    start = folder / "start.yaml"
    start.write_text("name: mine\ncontroller: {address: c1}\n")
    live = Live(bench.gateway.snapshot(sorted(collections(VERSION, (), types))))
    found = Bootstrap(live, "admin", types)
    path = folder / "mine.yaml"
    path.write_text(bootstrap_text(load_environment(start), found, folder))
    return found, load_environment(path), live


def test_every_object_is_written_and_found_as_declared(tmp_path, site):
    found, environment, live = written(site, tmp_path, writable_types(VERSION))
    assert found.unread == []
    again = Bench("conforming", environment)
    again.lab, again.gateway = site.lab, site.gateway
    assert again.drifts() == []
    coverage = cover(live, environment, lambda *_: {})
    assert coverage.whole.declared == coverage.whole.objects > 20
    assert coverage.whole.declared_members == coverage.whole.members
    assert coverage.whole.ako == 1


def test_what_is_written_is_minimal_and_names_what_it_leaves_out(tmp_path, site):
    found, environment, _ = written(site, tmp_path, writable_types(VERSION))
    objects = {(each.type, each.name): each.fields for each in environment.objects}
    assert objects["pool", "web"] == {
        "default_server_port": 8080,
        "health_monitor_refs": ["web-monitor"],
        "servers": [{"ip": {"addr": "192.0.2.7", "type": "V4"}, "ratio": 3}],
        "analytics_profile_ref": "System-Analytics-Profile",
        "vrf_ref": "global",
    }, "the last ones are the Controller's doing, which nobody can tell"
    assert objects["virtualservice", "shop"]["services"] == [
        {"port": 80},
        {"port": 8000, "port_range_end": 8010},
    ], "a range of one port is filled in"
    assert objects["healthmonitor", "web-monitor"] == {
        "type": "HEALTH_MONITOR_HTTP",
        "send_interval": 5,
        "authentication": {"username": "probe"},
        "http_monitor": {"http_request": "GET /health HTTP/1.0", "http_response_code": ["HTTP_2XX"]},
    }
    assert objects["healthmonitor", "System-Ping"] == {"type": "HEALTH_MONITOR_PING", "send_interval": 7}
    assert ("healthmonitor", "System-TCP") not in objects, "it is as installed"
    assert [each.name for each in environment.tenants] == ["blue"]
    assert not environment.schedules, "they are as installed"
    assert not environment.se_groups[0].declares("max_se"), "it says the default"
    (rule,) = objects["httppolicyset", "rules"]["http_request_policy"]["rules"]
    assert rule["switching_action"]["pool_ref"] == "web"
    assert ("pool", "ako-pool") not in objects
    assert "labels" not in objects["serviceenginegroup", "DNS-SE-Group"], "they are AKO's"
    assert "authentication.password of healthmonitor web-monitor: a secret" in found.left_out
    assert "hunter2" not in yaml.safe_dump(found.sections)


@pytest.mark.parametrize(
    ("version", "pinned"), [("20.1.6", "20.1.6"), ("32.1.1", None), ("30.2.1", "22.1.3")]
)
def test_every_member_of_every_type_is_written_and_found_as_declared(tmp_path, version, pinned):
    """In a file that names no version, that of the Controller, or an older one, which lacks the newer members.

    Elements of which all says the default, too, and what no field of a section may hold, which is left out."""
    model = parse_version(version)
    objects = {
        api: [{**row(api), "url": f"{HOST}/api/{api}"}]
        if kind.singleton
        else [row(api, n) for n in (1, 2, 3, 4)]
        for api, kind in load().types.items()
        if kind.lives(model)
    }
    for api in every_type.TYPES:
        if api in objects:
            objects[api][0] |= every_type.whole(api, model)
    objects["tenant"].append({"uuid": "admin", "name": "admin", "url": f"{HOST}/api/tenant/admin#admin"})
    objects["cloud"][0]["vtype"] = "CLOUD_NSXT"  # that of a vCenter has no vCenter servers beside it
    del objects["systemconfiguration"][0]["ntp_configuration"][
        "ntp_server_list"
    ]  # the old form of what is there
    objects["user"][0]["access"] = objects["user"][0]["access"][1:2]  # all tenants are one
    live = Live(Snapshot("c1", version, version, objects=objects))
    pin = f", api_version: {pinned}" if pinned else ""
    (tmp_path / "start.yaml").write_text(f"name: mine\ncontroller: {{address: c1{pin}}}\n")
    held_against = parse_version(pinned) if pinned else NEWEST
    bootstrap = Bootstrap(live, "admin", writable_types(version), held_against)
    path = tmp_path / "mine.yaml"
    path.write_text(bootstrap_text(load_environment(tmp_path / "start.yaml"), bootstrap, tmp_path))
    environment = load_environment(path)
    kinds = {want.type for want in environment.objects}
    assert len(kinds) > 90
    drifts = [
        drift
        for want in environment.objects
        for name in want.members
        for drift in member_drifts(live, want, name)
    ]
    typed = [want for want in environment if type(want) in KINDS and not isinstance(want, ConfigObject)]
    drifts += [drift for want in typed for drift in compare(want, live[want])]
    assert drifts == []
    of_no_model = sum("has no such member" in why for why in bootstrap.left_out)
    assert bool(of_no_model) == (pinned != version)


VTYPES = load().types["cloud"].message.fields["vtype"].enum or ()


@pytest.mark.parametrize(
    ("vtype", "types"),
    [
        *((vtype, ()) for vtype in VTYPES),
        ("CLOUD_VCENTER", writable_types(VERSION)),
        ("CLOUD_NSXT", writable_types(VERSION)),
    ],
    ids=[*VTYPES, "CLOUD_VCENTER objects", "CLOUD_NSXT objects"],
)
def test_what_has_no_place_in_a_type_of_cloud_is_in_no_section_of_it(tmp_path, vtype, types):
    """Nor are settings of another type, which a Controller may hold; a file that declares them does not load."""
    objects = {api: [row(api)] if not kind.singleton else [] for api, kind in load().types.items()}
    objects["tenant"] = [{"uuid": "admin", "name": "admin", "url": f"{HOST}/api/tenant/admin#admin"}]
    objects["cloud"][0] |= every_type.whole("cloud") | {"vtype": vtype}
    live = Live(Snapshot("c1", VERSION, VERSION, objects=objects))
    (tmp_path / "start.yaml").write_text("name: mine\ncontroller: {address: c1}\n")
    bootstrap = Bootstrap(live, "admin", types)
    path = tmp_path / "mine.yaml"
    path.write_text(bootstrap_text(load_environment(tmp_path / "start.yaml"), bootstrap, tmp_path))
    environment = load_environment(path)
    servers = [want for want in environment.objects if want.type == "vcenterserver"]
    assert bool(environment.vcenter_servers) == (vtype == "CLOUD_NSXT")
    assert len(servers) + len(environment.vcenter_servers) == (1 if types or vtype == "CLOUD_NSXT" else 0)
    without = [why for why in bootstrap.left_out if "has no meaning in a cloud of type" in why]
    assert bool(without) == (vtype != "CLOUD_NSXT" and not types)


def test_an_element_is_written_with_all_that_it_needs_to_be_made_again(tmp_path):
    """Also what says the default throughout, and an empty text: without it the Controller refuses the element."""
    bench = Bench("empty")
    entries = [
        {"priority": n, "file": {"filename": "f", "format": "GSLB_GEODB_FILE_FORMAT_AVI"}} for n in (1, 2)
    ]
    del entries[1]["file"]["filename"]
    bench.gateway.write("POST", "gslbgeodbprofile", {"name": "geo", "entries": entries})
    markers = [{"key": "", "values": ["a"]}]
    bench.gateway.write("POST", "stringgroup", {"name": "s", "type": "SG_TYPE_STRING", "markers": markers})
    _, environment, _ = written(bench, tmp_path, {"gslbgeodbprofile", "stringgroup"})
    objects = {each.name: each.fields for each in environment.objects}
    assert objects["geo"]["entries"] == [
        {"priority": 1, "file": {"filename": "f"}},
        {"priority": 2, "file": {}},
    ]
    assert objects["s"]["markers"] == markers


def test_an_element_that_says_nothing_is_there_all_the_same(tmp_path):
    """Also where others are told apart by a key, which it lacks: it would else be found there and not declared."""
    bench = Bench("empty")
    group = {"name": "g", "members": [{"ratio": 1}]}
    bench.gateway.write("POST", "gslbservice", {"name": "s", "domain_names": ["a.b"], "groups": [group]})
    _, environment, _ = written(bench, tmp_path, {"gslbservice"})
    bench.environment = environment
    assert environment.objects[0].fields["groups"] == [{"name": "g", "members": [{}]}]
    assert bench.drifts() == []


@pytest.mark.parametrize("types", [(), ("user",)], ids=["typed", "objects"])
def test_a_list_that_holds_a_key_twice_is_left_out_and_named(tmp_path, types):
    """Two roles in one tenant: either of them alone would be found with the other, which is a drift."""
    bench = Bench("empty")
    roles = [{"role_ref": f"/api/role?name={name}"} for name in ("System-Admin", "Security-Admin")]
    access = [{"tenant_ref": "/api/tenant/admin", **role} for role in roles]
    user = {"name": "u", "username": "u", "password": "Abc!23456789", "access": access}
    bench.gateway.write("POST", "user", user)
    bootstrap, environment, _ = written(bench, tmp_path, types)
    bench.environment = environment
    assert bench.drifts() == []
    (declared,) = environment.users
    assert declared.access is None
    assert any("access" in text and "of user u" in text for text in bootstrap.left_out)


@pytest.mark.parametrize("types", [(), ("network",)], ids=["typed", "objects"])
@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("10.9.1.1", "10.9.1.9", "lies outside its subnet 10.9.0.0/24"),
        ("10.9.0.200", "10.9.0.255", "holds the broadcast address 10.9.0.255"),
        ("10.9.0.8", "10.9.0.20", "overlaps 10.9.0.1-10.9.0.9"),
    ],
)
def test_pools_that_cannot_be_declared_are_left_out_and_named(tmp_path, types, first, last, why):
    """All of that subnet: the others alone would say that this one may not be there."""
    bench = Bench("empty")
    ranges = [
        {"range": {"begin": {"addr": begin, "type": "V4"}, "end": {"addr": end, "type": "V4"}}}
        for begin, end in (("10.9.0.1", "10.9.0.9"), (first, last))
    ]
    subnets = [
        {"prefix": {"ip_addr": {"addr": prefix, "type": "V4"}, "mask": 24}, "static_ip_ranges": pools}
        for prefix, pools in (("10.9.0.0", ranges), ("10.8.0.0", []))
    ]
    bench.gateway.write("POST", "network", {"name": "n", "configured_subnets": subnets})
    bootstrap, environment, _ = written(bench, tmp_path, types)
    bench.environment = environment
    assert bench.drifts() == []
    (network,) = environment.networks
    assert [subnet.pools for subnet in network.subnets] == [None, ()]
    assert any(why in text for text in bootstrap.left_out)


@pytest.mark.parametrize("types", [frozenset(), writable_types(VERSION)], ids=["typed", "objects"])
def test_what_refers_to_one_of_two_of_a_name_is_told_by_uuid_or_left_out(tmp_path, types):
    """A vCenter cloud has as many networks of one name as it has port groups of it [REC]."""
    bench = Bench("conforming")
    twin = {"do": "set", "kind": "PortGroup", "name": "AVI_FRONTEND_3026", "member": "name"}
    assert control(bench.lab, "vcenter/faults", twin | {"value": "AVI_FRONTEND_3025"})[0] == 200
    uuid = bench.gateway.read("network", {"name": "AVI_FRONTEND_3025"})["results"][1]["uuid"]
    (group,) = bench.gateway.read("serviceenginegroup", {"name": "DNS-SE-Group"})["results"]
    managed = {**group, "mgmt_network_ref": f"/api/network/{uuid}"}
    bench.gateway.write("PUT", f"serviceenginegroup/{group['uuid']}", managed)
    found, bench.environment, _ = written(bench, tmp_path, types)
    assert bench.drifts() == [], "nor anything unknown"
    objects = {(each.type, each.name): each.fields for each in bench.environment.objects}
    if types:
        fields = objects["serviceenginegroup", "DNS-SE-Group"]
        assert fields["mgmt_network_ref"] == f"/api/network/{uuid}"
        assert "network AVI_FRONTEND_3025: it is there more than once" in found.left_out
    else:
        which = "without management.network, one of 2 networks named AVI_FRONTEND_3025"
        assert f"1 SE group ({which}): DNS-SE-Group" in found.left_out


@pytest.mark.parametrize("types", [frozenset(), writable_types(VERSION)], ids=["typed", "objects"])
def test_a_built_in_name_that_two_bear_is_left_out_and_counted(tmp_path, types):
    bench = Bench("conforming")
    store = bench.lab.site.store
    (known,) = store.named("vrfcontext", "global")
    twin = replace(known, uuid="vrfcontext-twin", body={**known.body, "uuid": "vrfcontext-twin"})
    store.put(twin)
    found, bench.environment, _ = written(bench, tmp_path, types)
    assert bench.drifts() == [], "nor anything unknown"
    if not types:
        (line,) = [text for text in found.left_out if "named global" in text]
        assert "networks (without vrf, one of 2 VRF contexts named global): REGIONB_MGMT_3020, " in line


@pytest.mark.parametrize(
    "name", ["/api/healthmonitor/x", "healthmonitor-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"]
)
def test_a_name_that_looks_like_a_path_or_a_uuid_is_told_by_uuid(tmp_path, name):
    bench = Bench("empty")
    made = bench.gateway.write("POST", "healthmonitor", {"name": name, "type": "HEALTH_MONITOR_PING"})
    bench.gateway.write("POST", "pool", {"name": "p", "health_monitor_refs": [made["url"]]})
    _, bench.environment, _ = written(bench, tmp_path, {"pool", "healthmonitor"})
    assert bench.drifts() == []


def test_only_the_chosen_types_are_written(tmp_path, site):
    found, environment, _ = written(site, tmp_path, {"pool"})
    assert [(each.type, each.name) for each in environment.objects] == [("pool", "web")]
    (monitors,) = [
        line for line in found.left_out if line.startswith("2 HealthMonitors (this type has no section;")
    ]
    assert "web-monitor" in monitors
