"""Upgrades of a declared AKO: what passes today and will not, by the verdicts of both versions on the lab's site."""

from __future__ import annotations

import pytest
import yaml

from intent import load_environment
from lab.tests.cloudsite import Client
from live.ako.upgrades import Target, findings
from tests.ako.site import given, live_of


@pytest.fixture(scope="module")
def live():
    return live_of(Client("conforming"))


def declared(folder, version, kubernetes="1.31", **changes):
    (folder / "values.yaml").write_text(yaml.safe_dump(given(changes)))
    ako = {"values": "values.yaml", "version": version, "kubernetes": kubernetes}
    data = {"name": "s", "controller": {"address": "10.0.0.1"}, "ako": [ako]}
    (folder / "site.yaml").write_text(yaml.safe_dump(data))
    return load_environment(folder / "site.yaml")


def steps(live, environment, **target):
    every, _ = findings(live, environment, Target(**target))
    return {each.about.rpartition(" ")[2]: each for each in every if ", step " in each.about}


def test_a_step_that_the_older_version_does_not_take(tmp_path, live):
    environment = declared(tmp_path, "1.13.1", **{"AKOSettings.vpcMode": True})
    assert steps(live, environment, ako=(2, 2, 1))["V2g"].stops


def test_a_cluster_that_the_newer_version_is_not_built_for(tmp_path, live):
    environment = declared(tmp_path, "1.13.4", kubernetes="1.26")
    assert "B0" in steps(live, environment, ako=(2, 2, 1))


def test_what_fails_today_is_no_finding(tmp_path, live):
    environment = declared(tmp_path, "1.14.1", **{"NetworkSettings.vipNetworkList": []})
    assert "V2j" not in steps(live, environment, ako=(2, 2, 1))


def test_nothing_is_found_where_nothing_changes(tmp_path, live):
    assert steps(live, declared(tmp_path, "2.1.1"), ako=(2, 2, 1)) == {}
