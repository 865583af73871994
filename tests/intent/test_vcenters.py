"""Several vCenters in one file: which cloud runs in which, and what is derived from them."""

import json

import pytest

from intent import ControllerVm, Invalid, PortGroup, Vcenter, VcenterAccount, VmFolder, load_environment
from intent.kinds.vcenter import Bindings

EAST = {"name": "east", "address": "vc-east", "datacenter": "E", "clouds": ["a"], "folders": ["AVI"],
        "controllers": ["avi-1"], "account": {"name": "svc"}}  # fmt: skip
WEST = {"name": "vc-west", "address": "vc-west", "datacenter": "W", "clouds": ["b", "n"], "folders": ["AVI"]}
CLOUDS = [
    {"name": "a", "type": "vcenter"}, {"name": "b", "type": "vcenter"}, {"name": "n", "type": "nsx-t"},
    {"name": "bare", "type": "no-orchestrator"},
]  # fmt: skip
OBJECTS = {
    "networks": [
        {"name": "web", "cloud": "a", "port_group": {"vlan": 1}},
        {"name": "web", "cloud": "b", "port_group": {"vlan": 2}},
    ],
    "vcenter_servers": [{"name": "vc1", "cloud": "n"}],
    "se_groups": [
        {"name": "g", "cloud": "a", "folder": "AVI/A"},
        {"name": "g", "cloud": "b", "folder": "AVI/B"},
        {"name": "g", "cloud": "n", "vcenters": [{"vcenter": "vc1", "folder": "AVI/N"}]},
        {"name": "g", "cloud": "bare"},
    ],
}


@pytest.fixture
def load(tmp_path):
    def of(**sections):
        path = tmp_path / "site.yaml"
        data = {"name": "site", "controller": {"address": "c1"}, "clouds": CLOUDS, **sections}
        path.write_text(json.dumps(data, indent=1), encoding="utf-8")
        return load_environment(path)

    return of


def test_each_object_stands_in_the_vcenter_of_its_cloud(load):
    site = load(vcenters=[EAST, WEST], **OBJECTS)
    assert [vcenter.name for vcenter in site.each(Vcenter)] == ["east", "vc-west"]
    assert [(each.name, each.called, each.vcenter, each.vlan) for each in site.each(PortGroup)] == [
        ("web in east", "web", "east", 1), ("web in vc-west", "web", "vc-west", 2),
    ]  # fmt: skip
    assert [each.name for each in site.each(VmFolder)] == [
        "AVI in east", "AVI/A in east", "AVI in vc-west", "AVI/B in vc-west", "AVI/N in vc-west",
    ]  # fmt: skip
    assert [each.name for each in site.each(ControllerVm)] == ["avi-1 in east"]
    assert [(each.called, each.vcenter) for each in site.each(VcenterAccount)] == [("svc", "east")]
    keys = [each.key for each in site.every()]
    assert len(keys) == len(set(keys))


def test_today_s_files_with_one_vcenter_mean_what_they_meant(load):
    alone = {name: value for name, value in EAST.items() if name not in ("clouds", "name")}
    for sections in ({"vcenter": alone}, {"vcenters": [{"name": "x", **alone}]}):
        site = load(**sections, **OBJECTS)
        assert [(each.name, each.vcenter) for each in site.each(VmFolder)] == [
            ("AVI", ""), ("AVI/A", ""), ("AVI/B", ""), ("AVI/N", ""),
        ]  # fmt: skip
        assert [each.name for each in site.each(ControllerVm)] == ["avi-1"]


def test_a_cloud_without_orchestrator_runs_in_no_vcenter(load):
    alone = {name: value for name, value in EAST.items() if name != "clouds"}
    bindings = Bindings(load(vcenters=[alone]))
    assert [len(bindings.of(cloud["name"])) for cloud in CLOUDS] == [1, 1, 1, 0]


def test_an_nsx_t_cloud_in_two_vcenters_has_folders_by_the_name_of_the_server(load):
    two = [{**EAST, "clouds": ["n"], "name": "vc1"}, {**WEST, "clouds": ["n"], "name": "vc2"}]
    servers = [{"name": "vc1", "cloud": "n"}, {"name": "vc2", "cloud": "n"}]
    placements = [{"vcenter": "vc1", "folder": "ONE"}, {"vcenter": "vc2", "folder": "TWO"}]
    group = {"name": "g", "cloud": "n", "vcenters": placements}
    site = load(vcenters=two, vcenter_servers=servers, se_groups=[group])
    assert [each.name for each in site.each(VmFolder)] == [
        "AVI in vc1", "ONE in vc1", "AVI in vc2", "TWO in vc2",
    ]  # fmt: skip
    bindings = Bindings(site)
    assert not any(bindings.alone(vcenter, "n") for vcenter in bindings.vcenters)


@pytest.mark.parametrize(
    ("vcenters", "words"),
    [
        ([EAST, {**WEST, "clouds": ["a"]}], "cloud a runs in one vCenter, and vCenter east names it too"),
        (
            [EAST, {**WEST, "clouds": ["bare"]}],
            "cloud bare is of type no-orchestrator and runs in no vCenter",
        ),
        ([EAST, {**WEST, "clouds": ["gone"]}], "no cloud 'gone' is declared"),
        ([EAST, {name: WEST[name] for name in ("name", "address", "datacenter")}], "say under clouds which"),
        ([EAST, {**WEST, "name": "East"}], "bears the name of another, or one that differs in signs alone"),
        ([EAST, {**WEST, "name": "east"}], "bears the name of another"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(load, vcenters, words):
    with pytest.raises(Invalid) as refused:
        load(vcenters=vcenters)
    (problem,) = refused.value.problems
    assert words in problem.text
    assert problem.line > 1


def test_a_vcenter_of_no_cloud_says_so(load):
    assert len(load(vcenters=[EAST, {**WEST, "clouds": []}]).vcenters) == 2


def test_variables_of_credentials_follow_the_name():
    assert Vcenter(name="vc-west.1", address="v", datacenter="D").variables == "VCENTER_VC_WEST_1"
