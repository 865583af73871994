"""Names of objects that live in another cloud or tenant than their owner: spelling, meaning, text and schema."""

import json

import jsonschema
import pytest
import yaml

from intent import Environment, HostPath, Invalid, Network, SystemSettings, graph, load_environment
from intent.base import KINDS, LivesIn
from intent.difference import difference, short, shown
from intent.drift import compare, plain
from intent.paths import part_of
from intent.values import ScopedName
from remediate.plan.text import value
from reports.text import is_one_line

BLUE = ScopedName(name="vrf-blue", tenant="blue")
BASE = {
    "name": "x",
    "controller": {"address": "c"},
    "clouds": [{"name": "west"}, {"name": "east"}],
    "vrfs": [{"name": "vrf-blue", "cloud": "west", "tenant": "blue"}, {"name": "v", "cloud": "west"}],
    "networks": [{"name": "net", "cloud": cloud} for cloud in ("west", "east")],
}


@pytest.fixture
def problems(tmp_path):
    def of(data):
        path = tmp_path / "site.yaml"
        path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False))
        try:
            load_environment(path)
        except Invalid as invalid:
            return [problem.text for problem in invalid.problems]
        return []

    return of


def network(**members):
    return {"name": "n", "cloud": "west", **members}


def test_a_mapping_is_a_name_with_where_it_lives():
    vrf = Network(name="n", vrf={"name": "vrf-blue", "tenant": "blue"}).vrf
    assert vrf == BLUE
    assert Network(name="n", vrf={"name": "vrf-blue"}).vrf == "vrf-blue"
    assert plain(vrf) == {"name": "vrf-blue", "tenant": "blue"}
    assert plain(("a", vrf)) == ["a", {"name": "vrf-blue", "tenant": "blue"}]
    assert str(ScopedName(name="n", cloud="west", tenant="blue")) == "n (cloud west, tenant blue)"


def test_it_is_no_bare_name_and_differs_by_where_it_lives():
    want = Network(name="n", vrf=BLUE)
    for other in ("vrf-blue", ScopedName(name="vrf-blue", tenant="green"), None):
        (drift,) = compare(want, Network(name="n", vrf=other), "vrf")
        assert (drift.want, drift.have) == ({"name": "vrf-blue", "tenant": "blue"}, plain(other))
    assert compare(want, Network(name="n", vrf=BLUE.model_copy()), "vrf") == ()


def test_its_text_for_people():
    there = {"name": "vrf-blue", "tenant": "blue"}
    assert shown(there) == value(there) == "vrf-blue (tenant blue)"
    assert is_one_line(difference(there, "v"))
    assert short("vrf", difference(there, "v")) == "vrf: declared vrf-blue (tenant blue), found v"
    assert difference([there, "a"], ["a"]).missing_texts == ["vrf-blue (tenant blue)"]
    assert shown({"name": "a.b", "ttl": 3}) == "{name: a.b, ttl: 3}"
    assert shown({"name": "a.b"}) == "{name: a.b}"


@pytest.mark.parametrize(
    ("vrf", "said"),
    [
        ({"name": "v", "tenat": "t"}, "unknown key 'tenat' in a name that says where its object lives; did you mean 'tenant'?"),
        ({"tenant": "t"}, "its name is not there, as in {name: vrf-blue, tenant: blue}"),
        ({"name": "v", "tenant": 5}, "its tenant is written as text"),
        ({"name": ["v"]}, "its name is written as text"),
        (["v"], "is written as a name, or as {name: ..., cloud: ..., tenant: ...}"),
        (5, "is written as a name, or as {name: ..., cloud: ..., tenant: ...}"),
        ("", "is written as a name, or as {name: ..., cloud: ..., tenant: ...}"),
        ({"name": "v", "cloud": "wst"}, "no cloud 'wst' is declared; did you mean 'west'?"),
        ({"name": "v", "cloud": "east"}, "no VRF context 'v' is declared in cloud east; one is declared elsewhere: write {name: v, cloud: west}"),
        ("vrf-blue", "no VRF context 'vrf-blue' is declared in cloud west; one is declared elsewhere: write {name: vrf-blue, tenant: blue}"),
        ({"name": "vrf-blue", "tenant": "green"}, "no VRF context 'vrf-blue' is declared in cloud west in tenant green; one is declared elsewhere: write {name: vrf-blue, tenant: blue}"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one(problems, vrf, said):
    (text,) = problems({**BASE, "networks": [network(vrf=vrf)]})
    assert said in text


def test_a_cloud_where_the_kind_lives_in_none(problems):
    for profile in ("ipam_profile", "dns_profile"):
        data = {**BASE, f"{profile}s": [{"name": "p"}]}
        data["clouds"] = [{"name": "west", profile: {"name": "p", "cloud": "west"}}, {"name": "east"}]
        assert problems(data) == ["p is of a kind that lives in no cloud; leave `cloud` out of its name"]
    service = {"name": "dns", "cloud": "west", "application_profile": {"name": "System-DNS", "cloud": "west"}}
    assert problems({**BASE, "dns_services": [service]}) == [
        "System-DNS is of a kind that lives in no cloud; leave `cloud` out of its name"
    ]


def test_every_field_that_refers_takes_one():
    """But the cloud that an object lives in, which is part of its own name, and what is derived."""
    for kind in KINDS.values():
        for path, refers in graph.fields(kind).items():
            if isinstance(refers, LivesIn) or (not kind.section and kind is not HostPath):
                continue
            part = kind
            *outer, last = path.split(".")
            for name in outer:
                part = part_of(part.model_fields[name].annotation)
            assert ScopedName.__name__ in str(part.model_fields[last].annotation), f"{kind.__name__}.{path}"


def environment(**sections):
    return Environment.model_validate({**BASE, **sections})


def meant(env, want):
    return [
        str((one.key.name, one.key.cloud, one.key.tenant))
        for reference in graph.references(want)
        if not isinstance(reference.refers, LivesIn)
        for one in graph.meant(env, want, reference)
    ]


def test_the_object_that_is_meant():
    env = environment(
        ipam_profiles=[
            {"name": "bare", "cloud": "east", "usable_networks": ["net", {"name": "net", "cloud": "west"}]},
            {"name": "any", "usable_networks": ["net"]},
            {"name": "served", "usable_networks": ["net"]},
        ],
        clouds=[{"name": "west", "ipam_profile": "served"}, {"name": "east"}],
    )
    assert [meant(env, profile) for profile in env.ipam_profiles] == [
        ["('net', 'east', 'admin')", "('net', 'west', 'admin')"],
        ["('net', 'west', 'admin')", "('net', 'east', 'admin')"],  # which is an error of the file
        ["('net', 'west', 'admin')"],
    ]


def test_a_name_that_means_two(problems):
    data = {**BASE, "ipam_profiles": [{"name": "any", "usable_networks": ["net"]}]}
    assert problems(data) == [
        "2 declared objects are a network 'net'; write {name: net, cloud: west} or {name: net, cloud: east}"
    ]


def test_admin_s_object_goes_after_the_own_one_and_may_be_meant_all_the_same():
    vrfs = [{"name": "v", "cloud": "west", "tenant": tenant} for tenant in ("blue", "admin")]
    for vrf, tenant in (("v", "blue"), ({"name": "v", "tenant": "admin"}, "admin")):
        env = environment(vrfs=vrfs, networks=[network(tenant="blue", vrf=vrf)])
        assert meant(env, env.networks[0]) == [f"('v', 'west', '{tenant}')"]
        assert [one.tenant for one in graph.needed(env, env.networks[0]) if one.name == "v"] == [tenant]


def test_system_settings_mean_services_of_any_cloud_and_tenant():
    """They live in none themselves; a file that says so today stays valid."""
    services = [{"name": "dns", "cloud": "east", "tenant": "blue"}, {"name": "two", "cloud": "east"}]
    env = environment(dns_services=services, system={"dns_services": ["dns", "two"]})
    (system,) = env.each(SystemSettings)
    assert meant(env, system) == ["('dns', 'east', 'blue')", "('two', 'east', 'admin')"]


def test_a_host_reaches_the_very_service():
    services = [{"name": "dns", "cloud": cloud} for cloud in ("west", "east")]
    host = {"name": "h", "connection": "local://", "reaches": [{"name": "dns", "cloud": "east"}]}
    env = environment(dns_services=services, hosts=[host])
    (path,) = env.each(HostPath)
    assert meant(env, path) == ["('dns', 'east', 'admin')"]
    assert path.name == "h to dns (cloud east)"


def test_a_host_reaches_no_such_service(problems):
    host = {"name": "h", "connection": "local://", "reaches": [{"name": "dns", "cloud": "east"}]}
    data = {**BASE, "dns_services": [{"name": "dns", "cloud": "west"}], "hosts": [host]}
    (text,) = problems(data)
    assert text.startswith("no DNS service 'dns (cloud east)' is declared")


def test_the_schema_completes_it():
    schema = json.loads(Environment.schema_text())
    (spelling,) = [
        each for each in schema["$defs"]["Network"]["properties"]["vrf"]["anyOf"] if "$ref" in each
    ]
    described = schema["$defs"][spelling["$ref"].rpartition("/")[2]]
    assert described["properties"].keys() == {"name", "cloud", "tenant"}
    assert described["additionalProperties"] is False
    assert all(described["properties"][scope].get("description") for scope in ("cloud", "tenant"))
    for vrf in ("v", {"name": "v"}, {"name": "v", "tenant": "t", "cloud": "c"}):
        jsonschema.validate({**BASE, "networks": [network(vrf=vrf)]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**BASE, "networks": [network(vrf={"name": "v", "tenat": "t"})]}, schema)
