"""Clusters of an environment file: those that it lists, and those of the AKOs that it declares."""

from __future__ import annotations

import pytest
import yaml

from intent import Invalid, load_environment
from intent.conditions import CONDITIONS

VALUES = {
    "AKOSettings": {"clusterName": "az1"},
    "ControllerSettings": {"cloudName": "west", "vrfName": "v", "controllerHost": "10.0.0.1"},
    "NetworkSettings": {"vipNetworkList": [{"networkName": "front"}]},
}
NODES = [{"name": "n1", "address": "10.1.1.1", "pods": ["10.244.0.0/24"]}]


def load(tmp_path, *, values=VALUES, **sections):
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    data = {"name": "s", "controller": {"address": "10.0.0.1"}, **sections}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(data))
    return load_environment(tmp_path / "site.yaml")


def ako(**more):
    return {"values": "values.yaml", "version": "2.2.1", **more}


def listed(environment):
    return CONDITIONS["serves clusters"](environment, environment.controller)


def test_the_cluster_of_an_ako_is_declared(tmp_path):
    environment = load(tmp_path, ako=[ako(nodes=NODES)])
    (cluster,) = environment.clusters
    assert (cluster.name, cluster.version, cluster.cloud, cluster.vrf) == ("az1", "2.2.1", "west", "v")
    assert list(map(str, cluster.pods)) == ["10.244.0.0/24"]
    assert not listed(environment), "an AKO alone does not say which clusters there are"


def test_an_entry_goes_before_its_ako(tmp_path):
    entries = [{"name": "az1", "version": "1.13.1", "vrf": "w"}, {"name": "az2"}]
    environment = load(tmp_path, ako=[ako()], clusters=entries)
    first, second = environment.clusters
    assert (first.version, first.cloud, first.vrf, first.pods) == ("1.13.1", "west", "w", None)
    assert second.cloud is None
    assert listed(environment)


def test_a_second_instance(tmp_path):
    values = {**VALUES, "AKOSettings": {"clusterName": "az1", "primaryInstance": False}}
    (cluster,) = load(tmp_path, values=values, ako=[ako()]).clusters
    assert cluster.instances


@pytest.mark.parametrize("name", ["", "a.b"])
def test_a_name_that_is_none_makes_no_cluster(tmp_path, name):
    values = {**VALUES, "AKOSettings": {"clusterName": name}}
    assert load(tmp_path, values=values, ako=[ako()]).clusters == ()


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ([{"name": "a"}, {"name": "a"}], "cluster a is declared a second time"),
        ([{"name": "a", "version": "new"}], "version"),
        ([{"name": "a", "pods": ["10.0.0.0/33"]}], "pods"),
        ([{"name": "a", "pod": []}], "did you mean 'pods'"),
        ({}, "clusters: is not a list"),
        (None, "clusters: is not a list"),
        ([None], "is not a mapping of keys to values"),
        ([[]], "is not a mapping of keys to values"),
        ([{}], "clusters.name: is required"),
        ([{"name": 5}], "clusters.name: is not text"),
        ([{"name": ["a"]}], "clusters.name: is not text"),
        ([{"name": "a.b"}], "clusters.name: 'a.b' has other letters than A-Z"),
        ([{"name": "a b"}], "AKO starts with no such name"),
        ([{"name": "a", "version": "v2.2.1"}], "'v2.2.1' is not of the form"),
        ([{"name": "a", "version": "2.2.1-9310"}], "'2.2.1-9310' is not of the form"),
        ([{"name": "a", "version": ["2.2.1"]}], "clusters.version: is not text"),
        ([{"name": "a", "pods": "10.0.0.0/24"}], "clusters.pods: is not a list"),
        ([{"name": "a", "pods": ["10.0.0.1/24"]}], "has host bits set"),
        ([{"name": "a", "pods": [5]}], "a subnet is written as address/length"),
        ([{"name": "a", "vrf": ["v"]}], "clusters.vrf: is not text"),
        ([{"name": "a", "cloud": ""}], "clusters.cloud: must not be empty"),
        ([{"name": "a", "instances": None}], "clusters.instances: is not true or false"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, entries, text):
    with pytest.raises(Invalid) as problems:
        load(tmp_path, clusters=entries)
    assert text in str(problems.value)


@pytest.mark.parametrize(
    ("version", "by_pattern"), [("0.0.1", True), ("1.13", True), ("9.9.9", False), (None, False)]
)
def test_a_version_that_is_not_known_has_the_rule_of_its_neighbours(tmp_path, version, by_pattern):
    (cluster,) = load(tmp_path, clusters=[{"name": "a", "version": version}]).clusters
    assert cluster.by_pattern is by_pattern


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (
            2.1,
            'has to stand in quotes, such as "1.30": without them it is a number, not a version (found 2.1)',
        ),
        (2, 'has to stand in quotes, such as "1.30": without them it is a number, not a version (found 2)'),
        ("2", "'2' is not of the form X.Y or X.Y.Z"),
        (
            True,
            "is not text (found true); YAML takes no, off, yes and on for truth values: write it in quotes",
        ),
    ],
)
def test_a_version_that_is_none_is_told_in_words(tmp_path, version, words):
    with pytest.raises(Invalid) as of_cluster:
        load(tmp_path, clusters=[{"name": "s1", "version": version}])
    with pytest.raises(Invalid) as of_ako:
        load(tmp_path, ako=[ako(kubernetes=version)])
    assert [each.text for each in of_cluster.value.problems] == [f"clusters.version: {words}"]
    assert [each.text for each in of_ako.value.problems] == [f"ako.kubernetes: {words}"]


def test_each_file_of_an_ako_that_is_not_there_is_told_with_the_line_that_names_it(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(
        "name: s\ncontroller: {address: 10.0.0.1}\nako:\n  - version: 2.2.1\n    values: gone.yaml\n"
        "    nodes: nodes.yaml\n    resources:\n      - rules.yaml\n"
    )
    with pytest.raises(Invalid) as told:
        load_environment(path)
    assert str(told.value).splitlines() == [
        f"{path}:{line}: ako.{key}: {tmp_path / name} cannot be read: No such file or directory"
        for line, key, name in (
            (5, "values", "gone.yaml"),
            (6, "nodes", "nodes.yaml"),
            (8, "resources", "rules.yaml"),
        )
    ]
