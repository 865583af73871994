"""Objects that others made: namesakes are told apart, and what is AKO's is left alone."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from tests import lengths
from tests.runs.harness import run


@lengths.WHOLE_RUN
def test_two_networks_of_one_name(lab, tmp_path):
    """The exists check fails and says so; what is asked of either of the two is blocked, not guessed."""
    whole = lab.ask("GET", "/lab/export")
    (network,) = [each for each in whole["network"] if each["name"] == "REGIONB_VMS_3024"]
    other = deepcopy(network) | {"uuid": network["uuid"].replace("dvportgroup-", "dvportgroup-9")}
    lab.ask("POST", "/lab/import", {**whole, "network": [*whole["network"], other]})
    ran = run(tmp_path, lab.declared(tmp_path), **lab.credentials)
    assert ran.code == 1, ran.out
    drift = ran.of("drift")
    assert drift.keys() <= {
        "test_networks.py::test_exists[REGIONB_VMS_3024]",
        # Both hold the same pool, in one VRF context.
        "test_vrfs.py::test_pools_apart[VRF_AZ1]",
    }
    assert "2 objects of this name" in drift["test_networks.py::test_exists[REGIONB_VMS_3024]"]
    blocked = ran.of("blocked")
    assert blocked.keys() == {
        f"test_networks.py::test_{fact}[REGIONB_VMS_3024]"
        for fact in ("vrf", "dhcp", "subnet", "pool", "pool_use", "free_addresses")
    } | {"test_vrfs.py::test_only_its_networks[VRF_AZ1]"}
    assert set(blocked.values()) == {
        "blocked: network REGIONB_VMS_3024 is there 2 times, so none can be meant"
    }
    assert ran.of("unknown") == {}


@lengths.WHOLE_RUN
def test_one_vrf_name_in_two_clouds(lab, tmp_path):
    """A VRF context of the same name in another cloud is not the declared one, and does not stand in for it."""
    cloud = lab.api("POST", "/api/cloud", {"name": "Lab-Cloud", "vtype": "CLOUD_NONE"})
    lab.api("POST", "/api/vrfcontext", {"name": "VRF_AZ1", "cloud_ref": cloud["url"]})
    ran = run(tmp_path / "one", lab.declared(tmp_path), **lab.credentials)
    assert ran.code == 0, ran.out

    def both(data):
        data["clouds"].append({"name": "Lab-Cloud"})
        data["vrfs"] += [{"name": "VRF_AZ1", "cloud": "Lab-Cloud"}, {"name": "VRF_AZ2", "cloud": "Lab-Cloud"}]

    ran = run(tmp_path / "both", lab.declared(tmp_path, both), "-k", "test_vrfs", **lab.credentials)
    assert ran.code == 1, ran.out
    assert ran.cases.keys() >= {
        "test_vrfs.py::test_exists[Default-Cloud/VRF_AZ1]",
        "test_vrfs.py::test_exists[Lab-Cloud/VRF_AZ1]",
    }
    assert ran.of("drift").keys() == {"test_vrfs.py::test_exists[Lab-Cloud/VRF_AZ2]"}


@lengths.WHOLE_RUN
def test_what_is_drift_in_one_of_several_clouds_is_told_with_its_cloud(lab, tmp_path):
    """Also where no cloud is declared, and where the plan holds an object of one of them alone."""
    for name in ("west", "east"):
        cloud = lab.api("POST", "/api/cloud", {"name": name, "vtype": "CLOUD_NONE"})
        group = {"name": "seg-prod", "cloud_ref": cloud["url"], "max_se": 3 if name == "west" else 2}
        lab.api("POST", "/api/serviceenginegroup", group)

    def change(data):
        for section in [name for name in data if name not in ("name", "controller")]:
            del data[section]
        groups = [{"name": "seg-prod", "cloud": name, "max_se": 2} for name in ("west", "east")]
        data["se_groups"] = groups

    ran = run(tmp_path, lab.declared(tmp_path, change), "--plan", **lab.credentials)
    assert ran.code == 1, ran.out
    written = run(
        tmp_path / "w",
        lab.declared(tmp_path, change),
        "--remediate",
        f"--journals={tmp_path}/j",
        **lab.credentials,
    )
    assert "amend SE group seg-prod (cloud west) (max_se): done" in written.out, written.out
    named = [line for line in ran.out.splitlines() if "SE group seg-prod" in line]
    assert len(named) > 1, ran.out
    assert all("SE group seg-prod (cloud west)" in line for line in named), named
    told = {
        path.name: path.read_text(encoding="utf-8")
        for path in (tmp_path / "reports").rglob("*.*")
        if path.suffix in (".md", ".json")
    }
    assert "seg-prod (cloud west)" in told["summary.md"]
    counts = json.loads(told["drift.json"])["counts"]
    assert (counts["objects"], counts["objects_with_drift"]) == (3, 1), "the Controller and both groups"


@lengths.WHOLE_RUN
@pytest.mark.parametrize("steps", [["label", "routes", "ingress", "service"]])
def test_what_ako_wrote_is_left_alone(lab, tmp_path, steps):
    """Its label on the SE group, its routes in the VRF context, its virtual services: none is drift."""
    for cluster in (
        {},
        {
            "cluster": "s1az2",
            "se_group": "S1-AZ2-SE-Group",
            "vrf": "VRF_AZ2",
            "network": "AVI_FRONTEND_3026",
            "nodes": ["10.10.23.161"],
            "pods": "10.245.0.0/16",
        },
    ):
        wrote = lab.ask("POST", "/lab/actors/ako", {"steps": steps, **cluster})["wrote"]
        assert len(wrote) == 11
    lab.ask("POST", "/lab/clock", {"advance": 3600})
    ran = run(tmp_path, lab.declared(tmp_path), **lab.credentials)
    assert ran.code == 0, ran.out
    assert ran.counts == {"passed": len(ran.cases)}
