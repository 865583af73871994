"""The table of cloud types against the Controller's own model, and files with keys that mean nothing for a cloud's type."""

import json

import pytest
import yaml

import intent.kinds.cloud
from avi_schema.schema import load
from intent import Cloud, Invalid, load_environment
from intent import __main__ as command
from intent.cloud_types import BY_API, CLOUD_TYPES, coverage, limited, own_keys
from intent.environment import DECLARED, Environment

SCHEMA = load()


def test_the_members_of_the_table_are_the_model_s():
    cloud = SCHEMA.types["cloud"].message.fields
    group = SCHEMA.types["serviceenginegroup"].message.fields
    assert set(BY_API) <= set(cloud["vtype"].enum)
    for each in CLOUD_TYPES.values():
        assert each.configuration == "" or each.configuration in cloud, each.word
        assert each.folder.partition("[")[0] in ("", *group), each.word


def test_every_declared_type_is_in_the_table_and_the_other_way_round():
    words = intent.kinds.cloud.Cloud.model_json_schema()["properties"]["type"]["anyOf"][0]["enum"]
    assert set(words) == set(CLOUD_TYPES)


def test_every_limited_key_names_types_of_the_table():
    for kind in DECLARED:
        for path, only in limited(kind).items():
            assert set(only.types) <= set(CLOUD_TYPES), (kind, path)
            assert set(only.instead) <= set(CLOUD_TYPES) - set(only.types), (kind, path)


VALUES = {
    "clouds.vcenter": {"url": "vc.example"},
    "clouds.management": {"dhcp": True},
    "clouds.nsxt": {"url": "nsx.example"},
    "vrfs.tier1": "/infra/tier-1s/T1",
    "networks.port_group": {"vlan": 7},
    "networks.moref": "dvportgroup-7",
    "networks.segment": "/infra/segments/web",
    "networks.vip_only": True,
    "se_groups.folder": "AVI",
    "se_groups.vcenters": [{"vcenter": "vc1"}],
    "se_groups.clusters": {"names": ["Cluster1"]},
    "se_groups.hosts": {"names": ["esx1"]},
    "se_groups.datastores": {"names": ["ds1"]},
}
"""Something to declare for every key that is for some types of cloud alone."""
CASES = [
    (kind, path, word) for kind in DECLARED for path, only in limited(kind).items() for word in CLOUD_TYPES
]


def declared(kind, path, word):
    data = {"name": "site", "controller": {"address": "c1"}, "clouds": [{"name": "west", "type": word}]}
    value = VALUES[f"{kind.section}.{path}"]
    if kind is Cloud:
        data["clouds"][0][path] = value
    else:
        data[kind.section] = [{"name": "x", "cloud": "west", path: value}]
    if path == "vcenters" and word == "nsx-t":
        data["vcenter_servers"] = [{"name": "vc1", "cloud": "west"}]
    return data


@pytest.mark.parametrize(("kind", "path", "word"), CASES, ids=lambda value: getattr(value, "section", value))
def test_a_key_without_meaning_is_refused_with_its_line_and_a_key_with_meaning_is_not(
    tmp_path, capsys, kind, path, word
):
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(declared(kind, path, word), sort_keys=False), encoding="utf-8")
    lines = file.read_text().splitlines()
    line = next(at for at, text in enumerate(lines, 1) if text.strip().startswith(f"{path}:"))
    status = command.main([str(file)])
    printed = capsys.readouterr().err
    if word in limited(kind)[path].types:
        assert (status, printed) == (0, "")
    else:
        assert status == 4
        assert f"{file}:{line}: {path} has no meaning in a cloud of type {word}; " in printed


@pytest.mark.parametrize("word", CLOUD_TYPES)
def test_a_vcenter_server_is_declared_in_an_nsx_t_cloud_alone(tmp_path, capsys, word):
    file = tmp_path / "site.yaml"
    file.write_text(
        f"name: site\ncontroller: {{address: c1}}\nclouds: [{{name: west, type: {word}}}]\nvcenter_servers:\n"
        "- {name: vc1, cloud: west}\n",
        encoding="utf-8",
    )
    assert command.main([str(file)]) == (0 if word == "nsx-t" else 4)
    printed = capsys.readouterr().err
    assert printed.startswith(f"{file}:5: vcenter_servers has no meaning") == (word != "nsx-t")


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        (
            "{data: {zone_type: vlan, tier1s: [{tier1: /infra/tier-1s/T1}]}}",
            "tier1s has no meaning in a VLAN",
        ),
        (
            "{data: {zone_type: overlay, segments: [/infra/segments/a]}}",
            "segments has no meaning in an overlay",
        ),
        ("{management: {zone_type: vlan, tier1: /infra/tier-1s/T1}}", "tier1 has no meaning in a VLAN"),
        ("{data: {zone_type: vlan, segments: [/infra/segments/a]}}", ""),
        ("{data: {zone_type: overlay, tier1s: [{tier1: /T1, segment: /S1}]}}", ""),
        ("{data: {tier1s: [{tier1: T1}]}}", "has to be a path such as /infra"),
    ],
)
def test_a_key_follows_the_kind_of_transport_zone(tmp_path, capsys, settings, wrong):
    file = tmp_path / "site.yaml"
    file.write_text(
        "name: site\ncontroller: {address: c1}\nclouds:\n- name: west\n  type: nsx-t\n"
        f"  nsxt: {settings}\n",
        encoding="utf-8",
    )
    assert command.main([str(file)]) == (4 if wrong else 0)
    printed = capsys.readouterr().err
    assert (wrong in printed and printed.startswith(f"{file}:6: ")) if wrong else not printed


def test_a_cloud_without_a_declared_type_is_of_the_type_that_its_keys_are_for(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(
        json.dumps(
            {
                "name": "site",
                "controller": {"address": "c1"},
                "clouds": [{"name": "west", "vcenter": {"url": "vc"}}, {"name": "east"}],
                "networks": [
                    {"name": "n", "cloud": "west", "port_group": {"vlan": 3}},
                    {"name": "n", "cloud": "east", "port_group": {"vlan": 3}},
                ],
            }
        ),
        encoding="utf-8",
    )
    assert [cloud.name for cloud in load_environment(file).clouds] == ["west", "east"]


def test_a_cloud_without_a_declared_type_has_no_keys_of_two_types(tmp_path):
    """Whichever it is, what is declared of the other one would be written into a cloud that has no place for it."""
    file = tmp_path / "site.yaml"
    file.write_text(
        "name: site\ncontroller: {address: c1}\nclouds:\n- name: west\n  vcenter: {url: a}\n  nsxt: {url: b}\n",
        encoding="utf-8",
    )
    with pytest.raises(Invalid) as refused:
        load_environment(file)
    ((line, text),) = [(problem.line, str(problem)) for problem in refused.value.problems]
    assert (line, "declare the type, and the keys of that type alone" in text) == (6, True)


def test_an_object_in_an_undeclared_cloud_may_have_every_key(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(
        json.dumps(
            {
                "name": "site",
                "controller": {"address": "c1"},
                "se_groups": [{"name": "g", "folder": "AVI"}],
            }
        ),
        encoding="utf-8",
    )
    assert isinstance(load_environment(file), Environment)


def test_every_problem_of_a_file_is_told_at_once(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(
        "name: site\ncontroller: {address: c1}\nclouds:\n- name: west\n  type: nsx-t\n  vcenter: {url: a}\n"
        "  management: {dhcp: true}\nnetworks:\n- {name: n, cloud: west, port_group: {vlan: 3}, dhpc: true}\n",
        encoding="utf-8",
    )
    with pytest.raises(Invalid) as refused:
        load_environment(file)
    assert [problem.line for problem in refused.value.problems] == [6, 7, 9, 9]


def test_the_command_says_what_is_covered_of_each_cloud(tmp_path, capsys):
    file = tmp_path / "site.yaml"
    file.write_text(
        "name: site\ncontroller: {address: c1}\nclouds:\n- {name: bare, type: no-orchestrator}\n"
        "- {name: sky, type: aws}\n- {name: w, nsxt: {url: n}}\n- {name: open}\n",
        encoding="utf-8",
    )
    assert command.main([str(file)]) == 0
    lines = {line.split()[1]: line for line in capsys.readouterr().out.splitlines() if "cloud " in line}
    assert lines.keys() == {"bare", "sky", "w"}, "of which type the fourth is nobody has said"
    assert "a missing network: made" in lines["bare"]
    assert "connection: not covered" in lines["sky"]
    assert "clouds[].nsxt" in lines["w"]
    for word in CLOUD_TYPES:
        own = set(own_keys(word, DECLARED))
        assert own == {
            *(f"{kind.section}[].{path}" for kind in DECLARED for path, only in limited(kind).items() if word in only.types),
            *(kind.section for kind in DECLARED if kind.cloud_types and word in kind.cloud_types.types),
        }  # fmt: skip
        assert len(set(coverage(word, DECLARED).values())) > 1
