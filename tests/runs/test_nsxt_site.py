"""A site of two NSX-T clouds and one of vCenter, as a user runs it: bootstrapped, checked, put right and undone."""

from __future__ import annotations

import json

import pytest
import yaml

from intent import Environment
from live.avi.gateway import Gateway
from live.site import Site
from tests import lengths
from tests.runs.harness import ZYGOTE, lab_of, surroundings


@pytest.fixture(scope="module")
def lab():
    with lab_of("--state", "conforming+nsxt") as lab:
        yield lab


@pytest.fixture(scope="module")
def gateway(lab):
    environment = Environment.model_validate({"name": "hand", "controller": {"address": "c1"}})
    gateway: Gateway = Site(lab.overlay(environment), lab.credentials).gateway(writable=True)
    gateway.connect()
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def run(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nsxt")
    (folder / "lab.json").write_text(json.dumps(lab.endpoints))
    (folder / "start.yaml").write_text(
        "name: nsxt\ncontroller: {address: c1}\nremediation: {max_changes: 50}\n"
    )

    def run(name, *arguments):
        given = (
            f"--environment={folder / name}", "--lab", f"--lab-at={folder / 'lab.json'}", f"--report-dir={folder / 'out'}",
            f"--journals={folder / 'journals'}", "--settle=5", "-p", "no:cacheprovider",
        )  # fmt: skip
        out = folder / "said"
        code = ZYGOTE.run([*given, *arguments], surroundings(), out, 180).code
        return code, out.read_text()

    run.folder = folder
    return run


def cloud(gateway, name):
    (row,) = gateway.read("cloud", {"name": name})["results"]
    return row


@lengths.WHOLE_RUN
def test_the_whole_way(run, gateway):
    """One after the other on one site, since each begins with what the last has left."""
    site = run.folder / "site.yaml"
    code, out = run("start.yaml", f"--bootstrap={site}")
    assert code == 0, out
    declared = yaml.safe_load(site.read_text())
    assert {one["name"]: one["type"] for one in declared["clouds"]} == {
        "Default-Cloud": "vcenter", "nsxt-overlay": "nsx-t", "nsxt-vlan": "nsx-t",
    }  # fmt: skip
    code, out = run("site.yaml")
    assert code == 0, out[-3000:]
    assert "CONFORMS" in out

    vlan = cloud(gateway, "nsxt-vlan")
    was = vlan["nsxt_configuration"]
    segments = was["data_network_config"]["vlan_segments"]
    changed = {**was, "data_network_config": {**was["data_network_config"], "vlan_segments": segments[:1]}}
    gateway.write(
        "PUT", f"cloud/{vlan['uuid']}", {**vlan, "nsxt_configuration": changed, "dhcp_enabled": True}
    )
    code, out = run("site.yaml", "--plan")
    assert code == 1
    assert "nsxt.data.segments" in out
    assert "nsxt.dhcp" in out

    code, out = run("site.yaml", "--remediate")
    assert code == 0, out[-3000:]
    after = cloud(gateway, "nsxt-vlan")
    assert set(after["nsxt_configuration"]["data_network_config"]["vlan_segments"]) == set(segments)
    assert after["dhcp_enabled"] is False

    (journal,) = (run.folder / "journals").glob("*.jsonl")
    code, out = run("site.yaml", f"--rollback={journal}")
    assert code == 1, "a Service Engine stands on the segment by now"
    assert "they stand on what would go from the cloud's data network" in out
    code, out = run("site.yaml", f"--rollback={journal}", "--allow-disruptive")
    assert code == 0, out[-3000:]
    undone = cloud(gateway, "nsxt-vlan")
    assert undone["nsxt_configuration"]["data_network_config"]["vlan_segments"] == segments[:1]
    assert undone["dhcp_enabled"] is True
