"""Coverage: how much of a site is declared, what AKO made and what is as installed apart; listing and what it costs."""

from __future__ import annotations

import pytest
import yaml

from avi_schema import parse_version
from intent import Invalid, load_environment
from intent.coverage import Coverage, TypeCoverage
from live.avi.listing import list_types
from live.avi.snapshot import Live, Snapshot
from live.coverage import cover, observed
from live.errors import Unreachable
from live.facts.factory import is_factory
from tests.live import world

VERSION = "30.2.1"
HEAD = {"name": "site", "controller": {"address": "avi.example"}}
POOL = {"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN", "default_server_port": 8080}


def site(tmp_path, objects, declared, **failures):
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(HEAD | declared))
    environment = load_environment(path)
    read = Snapshot("avi.example", VERSION, VERSION, objects=objects, failures=failures)
    return Live(read, environment), environment


def covered(tmp_path, objects, declared, listed=None, **failures):
    """The coverage of a site of which `listed` is not read for the checks."""
    live, environment = site(tmp_path, objects, declared, **failures)

    def more(types, take):
        for api in types:
            take(api, (listed or {}).get(api, []))
        return {api: "HTTP 403" for api in types if api == "user"}

    return cover(live, environment, more, named=True)


def test_what_is_declared_is_counted_by_object_and_member(tmp_path):
    objects = world.objects(VERSION)
    (vrf,) = [each for each in objects["vrfcontext"] if each["name"] == "VRF_AZ1"]
    for member in ("bgp_profile", "bfd_profile", "gateway_mon"):
        del vrf[member]
    vrf["static_routes"] = [{"route_id": "1"}]
    pools = [
        {"uuid": "pool-1", "name": "own", **POOL, "min_servers_up": 2},
        {"uuid": "pool-2", "name": "ako", **POOL, "created_by": "ako-k8s"},
    ]
    nothing = covered(tmp_path, objects, {}, {"pool": pools})
    some = covered(
        tmp_path, objects, {"vrfs": [{"name": "VRF_AZ1", "cloud": "Default-Cloud"}]}, {"pool": pools}
    )
    assert nothing.types["pool"] == some.types["pool"] == TypeCoverage(objects=1, members=3, ako=1)
    assert nothing.whole.declared == nothing.whole.declared_members == 0
    assert (some.whole.declared, some.whole.declared_members) == (1, 0)
    assert "vrfcontext VRF_AZ1: static_routes" in list(some.lines())
    assert "vrfcontext VRF_AZ1" in list(nothing.lines())
    assert "pool own" in list(some.lines())
    assert not any("pool ako" in line for line in some.lines())
    assert list(Coverage({}).lines()) == ["nothing of what could be listed"]
    group = {"name": "S1-AZ1-SE-Group", "cloud": "Default-Cloud", "ha_mode": "n+m"}
    more = covered(tmp_path, objects, {"se_groups": [group]}, {"pool": pools})
    (row,) = [each for each in objects["serviceenginegroup"] if each["name"] == group["name"]]
    row["hm_on_standby"] = False
    one_more = covered(tmp_path, objects, {"se_groups": [group]}, {"pool": pools})
    assert one_more.whole.members == more.whole.members + 1
    assert one_more.whole.declared_members == more.whole.declared_members
    row["ha_mode"] = "HA_MODE_LEGACY_ACTIVE_STANDBY"
    declared = covered(tmp_path, objects, {"se_groups": [group]})
    assert declared.whole.declared_members == more.whole.declared_members + 1, (
        "a member that is set and declared"
    )


def test_what_could_not_be_listed_is_a_count(tmp_path):
    objects = {api: rows for api, rows in world.objects(VERSION).items() if api != "user"}
    known = covered(tmp_path, objects, {}, {"user": [{"uuid": "u", "name": "u"}]}, cloud="HTTP 500")
    assert known.not_listed == {"user": "HTTP 403", "cloud": "HTTP 500"}
    assert not {"user", "cloud"} & known.types.keys()
    assert known.sentence().endswith("; 2 types could not be listed")


def test_a_factory_object_is_known_by_type_name_and_members():
    version = parse_version(VERSION)
    ping = {"uuid": "1", "name": "System-Ping", "type": "HEALTH_MONITOR_PING", "send_interval": 10}
    assert is_factory("healthmonitor", ping, version)
    assert not is_factory("healthmonitor", ping | {"send_interval": 9}, version)
    assert not is_factory("healthmonitor", ping | {"name": "Ping"}, version)
    assert not is_factory("pool", ping, version)
    assert not is_factory("healthmonitor", {"uuid": "1", "name": "System-Ping"}, version), (
        "in doubt it is the site's"
    )
    group = "https://avi/api/stringgroup/stringgroup-1#"
    cache = {"cache_config": {"mime_types_group_refs": [f"{group}System-Cacheable-Resource-Types"]}}
    own = {
        "compression_profile": {
            "type": "AUTO_COMPRESSION",
            "compression": False,
            "remove_accept_encoding_header": True,
        }
    }
    own["compression_profile"]["compressible_content_ref"] = f"{group}System-Compressible-Content-Types"
    http = {"name": "System-HTTP", "type": "APPLICATION_PROFILE_TYPE_HTTP", "http_profile": cache | own}
    assert is_factory("applicationprofile", http, version)
    own["compression_profile"]["compressible_content_ref"] = f"{group}mine"
    assert not is_factory("applicationprofile", http, version)


@pytest.mark.parametrize("damage", ["text", 7, True, ["text"], [7], [[]], {"no": "such"}])
@pytest.mark.parametrize(
    "path", ["http_profile", "http_profile cache_config", "http_profile cache_config uri_non_cacheable"]
)
def test_a_factory_object_with_a_member_in_another_shape_is_none(path, damage):
    http = {"name": "System-HTTP", "type": "APPLICATION_PROFILE_TYPE_HTTP"}
    value = damage
    for name in reversed(path.split()):
        value = {name: value}
    assert not is_factory("applicationprofile", http | value, parse_version(VERSION))


@pytest.mark.parametrize(
    ("observe", "types"),
    [("declared", {"vrfcontext"}), (["pool", "user"], {"pool", "user"}), ([], set())],
)
def test_the_file_says_which_types_are_looked_at(tmp_path, observe, types):
    _, environment = site(tmp_path, {}, {"observe": observe, "vrfs": [{"name": "v"}]})
    assert observed(environment, VERSION) == types


def test_by_default_every_configurable_type_is_looked_at(tmp_path):
    _, environment = site(tmp_path, {}, {})
    every = observed(environment, VERSION)
    assert len(every) > 110
    assert {"pool", "systemconfiguration", "wafpolicy"} <= every
    assert "vcenterserver" not in observed(environment, "18.2.6")


def test_a_type_that_nobody_knows_is_no_type(tmp_path):
    with pytest.raises(Invalid, match="'pol'; did you mean 'pool'"):
        site(tmp_path, {}, {"observe": ["pol"]})


class Pages:
    """A gateway of answers."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def read(self, path, params, *, tenant=None):
        self.asked.append((path, int(params.get("page", 1)), tenant))
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        return answer(int(params.get("page", 1))) if callable(answer) else answer


def test_each_page_is_asked_once_and_handed_on():
    rows = [{"uuid": str(n)} for n in range(450)]
    pages = Pages(
        pool=lambda n: {"count": 450, "results": rows[200 * n - 200 : 200 * n]}, cluster={"name": "c"}
    )
    taken = {"pool": [], "cluster": []}
    assert list_types(pages, ["pool", "cluster"], lambda api, some: taken[api].extend(some), tenant="*") == {}
    assert sorted(pages.asked) == [("cluster", 1, "*"), *(("pool", n, "*") for n in (1, 2, 3))]
    assert len(taken["pool"]) == 450
    assert taken["cluster"] == [{"name": "c"}]


def test_what_is_no_list_has_not_been_listed_and_a_controller_that_is_gone_is_not_asked_on():
    odd = Pages(
        pool={"results": "x"}, user={"count": 1, "results": [1]}, role={"count": 10**9, "results": [{}]}
    )
    assert list_types(odd, ["pool", "user", "role"], lambda *_: None).keys() == {"pool", "user", "role"}
    types = [f"type-{n}" for n in range(100)]
    gone = Pages(**dict.fromkeys(["pool", "user", "role", *types], Unreachable("gone")))
    names = [
        "pool",
        "user",
        "role",
        "cloud",
        "tenant",
        "network",
        "vsvip",
        "image",
        "jobs",
        "backup",
        "gslb",
    ] * 1
    gone.answers |= dict.fromkeys(names, Unreachable("gone"))
    assert list_types(gone, names, lambda *_: None) == dict.fromkeys(names, "gone")


def test_what_objects_of_any_type_declare_is_covered(tmp_path):
    """Member by member, through messages."""
    where = {"tenant_ref": "/api/tenant/admin#admin", "cloud_ref": "/api/cloud/cloud-1#Default-Cloud"}
    pool = {"uuid": "pool-1", "name": "web", "url": "/api/pool/pool-1", **where, **POOL}
    cloud = {"uuid": "cloud-1", "name": "Default-Cloud", "url": "/api/cloud/cloud-1"}
    declared = {"objects": [{"type": "pool", "name": "web", "fields": {"default_server_port": 8080}}]}
    counted = covered(tmp_path, {"pool": [pool], "cloud": [cloud]}, declared).types["pool"]
    assert (counted.objects, counted.declared) == (1, 1)
    without = covered(
        tmp_path, {"pool": [pool], "cloud": [cloud]}, {"objects": [{"type": "pool", "name": "web"}]}
    )
    assert counted.declared_members == without.types["pool"].declared_members + 1
