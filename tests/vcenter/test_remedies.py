"""Putting vCenter right, through the suite as a user runs it: plan, write, prove, undo."""

from __future__ import annotations

import json
import os
import re
import ssl
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from lab.tests.vcenter import seeding
from live.vcenter.inventory import Vsphere
from tests import lengths
from tests.runs.harness import ZYGOTE, lab_of
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]
CHECKS = ("checks/test_vcenter.py", "checks/test_service_engine_vms.py")


@pytest.fixture
def lab():
    with lab_of("--state", "conforming") as lab:
        yield lab


def plant(lab, **fault):
    trust = ssl.create_default_context(cafile=lab.endpoints["ca_file"])
    request = urllib.request.Request(f"{lab.endpoints['control']}vcenter/faults", json.dumps(fault).encode())
    with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
        json.load(answer)


@pytest.fixture
def environment(lab, tmp_path):
    data = yaml.safe_load(IBERIA.read_text())
    there = lab.endpoints
    for section in ("controller", "vcenter"):
        at = {key: there[section][key] for key in ("address", "port")}
        data[section] |= {**at, "ca_file": there["ca_file"]}
    data["dns_services"][0]["resolve_via"] = f"{there['dns']['address']}:{there['dns']['port']}"
    del data["hosts"]
    path = tmp_path / "iberia.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.fixture
def suite(lab, environment, tmp_path):
    def run(*options, checks=CHECKS):
        there = lab.endpoints
        arguments = (
            f"--environment={environment}",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--journals={tmp_path / 'journals'}",
        )
        known = {
            **os.environ, "AVI_USERNAME": there["username"], "AVI_PASSWORD": there["password"],
            "VCENTER_USERNAME": there["vcenter"]["username"], "VCENTER_PASSWORD": there["vcenter"]["password"],
        }  # fmt: skip
        out = tmp_path / "out"
        code = ZYGOTE.run([*arguments, *options, *checks], known, out, 120).code
        return code, out.read_text()

    return run


@pytest.fixture
def vsphere(lab, environment):
    """What is in vCenter now."""
    from pydantic import SecretStr

    from intent import load_environment
    from live.vcenter.gateway import VcenterGateway

    def read():
        declared = load_environment(environment).vcenter
        there = lab.endpoints["vcenter"]
        gateway = VcenterGateway(declared, there["username"], SecretStr(there["password"]), base=Path("/"))
        try:
            return Vsphere(gateway.read(), declared.datacenter)
        finally:
            gateway.close()

    return read


def folders(found):
    return {folder.path for folder in found.folders}


def engine(found):
    return next(machine for machine in found.machines if machine.name.startswith("dns-se-"))


@lengths.WHOLE_RUN
def test_missing_folder_is_made_proved_and_undone(lab, suite, vsphere):
    plant(lab, do="remove", kind="Folder", name="AVI K8S/Site1 AZ2")
    status, text = suite("--plan")
    assert status == 1
    assert "create" in text or "+ VM folder AVI K8S/Site1 AZ2" in text
    assert "AVI K8S/Site1 AZ2" not in folders(vsphere()), "a plan writes nothing"

    status, text = suite("--remediate")
    assert status == 0, text
    assert "AVI K8S/Site1 AZ2" in folders(vsphere())

    journal = re.search(r"--rollback=(\S+\.jsonl)", text)[1]
    status, text = suite(f"--rollback={journal}")
    assert status == 0, text
    assert "AVI K8S/Site1 AZ2" not in folders(vsphere())


@lengths.WHOLE_RUN
def test_folder_that_is_no_longer_empty_stays(lab, suite, vsphere):
    plant(lab, do="remove", kind="Folder", name="AVI K8S/Site1 AZ2")
    _, text = suite("--remediate")
    plant(lab, do="move", vm="dns-se-*", folder="AVI K8S/Site1 AZ2")
    journal = re.search(r"--rollback=(\S+\.jsonl)", text)[1]
    status, text = suite(f"--rollback={journal}")
    assert status == 1
    assert "not empty" in text
    assert engine(vsphere()).folder == "AVI K8S/Site1 AZ2"


@lengths.WHOLE_RUN
def test_machine_is_moved_only_when_told(lab, suite, vsphere):
    plant(lab, do="move", vm="dns-se-*", folder="AVI K8S/Site1 AZ2")
    status, text = suite("--remediate")
    assert status == 1
    assert "--allow-disruptive" in text
    assert f"VM {engine(vsphere()).name}" in text
    assert engine(vsphere()).folder == "AVI K8S/Site1 AZ2"

    status, text = suite("--remediate", "--allow-disruptive")
    assert status == 0, text
    assert engine(vsphere()).folder == "AVI K8S/Site1 AZ1"

    journal = re.search(r"--rollback=(\S+\.jsonl)", text)[1]
    status, text = suite(f"--rollback={journal}")
    assert status == 0, text
    assert engine(vsphere()).folder == "AVI K8S/Site1 AZ2"


def edit_vlan(lab, name, number):
    """What an administrator does in the vSphere client."""
    peer = SimpleNamespace(ca_file=lab.endpoints["ca_file"], **lab.endpoints["vcenter"])
    si = seeding.connect(peer, peer.username)
    folder = si.RetrieveContent().searchIndex.FindByInventoryPath("REGIONB/network")
    group = next(each for each in folder.childEntity if each.name == name)
    seeding.edit(group, vlan=number)
    seeding.disconnect(si)


def test_everything_else_is_explained(lab, suite):
    edit_vlan(lab, "REGIONB_VMS_3024", 9)
    plant(lab, do="set", kind="Vm", name="avi-controller-1", member="cpus", value=4)
    plant(lab, do="revoke", account="svc-avi@vsphere.local", privilege="Network.Assign")
    status, text = suite("--remediate", "--allow-disruptive")
    assert status == 1
    flat = " ".join(text.split())
    for said in (
        "edit the port group in vCenter",
        r"changed by VSPHERE.LOCAL\administrator (this tool's account), ",
        "more CPUs only while it is powered off",
        "add the missing privileges",
    ):
        assert said in flat
    assert "nothing to write" in flat
