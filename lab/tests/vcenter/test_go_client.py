"""VMware's own Go library against our endpoint: it reads what pyVmomi on both ends would never stumble over."""

from __future__ import annotations

import json
import subprocess
from urllib.parse import quote

import pytest

from lab.tests.vcenter import peers, seeding


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    if reason := peers.why_no_go():
        pytest.skip(reason)
    return peers.build(tmp_path_factory.mktemp("go-client"), "client")


@pytest.fixture(scope="module")
def report(client, shared):
    url = f"https://{quote(shared.user)}:{shared.password}@{shared.address}:{shared.port}/sdk"
    ran = subprocess.run(
        [str(client), "-url", url, "-ca", str(shared.ca_file), "-ovf", str(peers.HERE / "controller.ovf")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_version(report):
    assert report["About"] == "8.0.3.0"


def test_vlans(report):
    assert report["Vlans"].items() >= seeding.GROUPS.items()


def test_machines(report):
    engine = next(machine for machine in report["Machines"] if machine["Name"] == "dns-se-abcde")
    assert (engine["Power"], engine["CPUs"], engine["Memory"]) == ("poweredOn", 2, 4096)
    assert len(engine["PortgroupKeys"]) == 2


def test_writes_and_tasks(report):
    assert report["Folder"] == "Folder"
    assert report["MovedTo"].startswith("group-v")
    assert "current state" in report["PowerFault"]


def test_privileges(report):
    assert report["Privileges"] > 100


FLOWS = ("lists", "everything", "waits", "faults", "port group", "clone", "deploy", "managers", "sessions")


@pytest.mark.parametrize("flow", FLOWS)
def test_what_govc_and_terraform_do(report, flow):
    assert report["Flows"][flow] == ""


def test_every_flow_is_looked_at(report):
    assert set(report["Flows"]) == set(FLOWS)
