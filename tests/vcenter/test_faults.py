"""Each planted fault of the vSphere side is named by its own check, and by no other."""

from __future__ import annotations

import importlib
import inspect
import itertools
import json
import re
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import get_type_hints

import pytest

from fixtures import check_doc
from intent import Blocked, Drifted, Intent, Unknown, load_environment
from live.site import Site
from tests import lengths
from tests.runs.harness import lab_of
from tests.site import IBERIA

pytestmark = lengths.WHOLE_SITE

ROOT = Path(__file__).parents[2]
MODULES = ("test_vcenter", "test_service_engine_vms")


def checks(modules=MODULES):
    for name in modules:
        module = importlib.import_module(f"checks.{name}")
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                yield function


@pytest.fixture(scope="module")
def lab():
    with lab_of("--state", "conforming") as lab:
        yield lab


@pytest.fixture(scope="module")
def environment(lab):
    return lab.overlay(load_environment(IBERIA))


def control(lab, path, body):
    trust = ssl.create_default_context(cafile=lab.endpoints["ca_file"])
    request = urllib.request.Request(
        f"{lab.endpoints['control']}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def conforming(lab):
    return control(lab, "snapshot", {})


@pytest.fixture
def planted(lab, conforming):
    """Plants faults on a site that conforms but for them."""
    control(lab, "restore", conforming)
    return lambda fault: control(lab, "vcenter/faults", fault)


def verdicts(lab, environment, modules=MODULES):
    """Every check of this side over every declared object: {(check, object): what it said}, passes left out."""
    site = Site(environment, lab.credentials, lab.vcenter_login)
    site.needs |= {need for function in checks(modules) for need in check_doc.read(function).needs}
    give = {
        "live": lambda: site.live,
        "inventory": lambda: site.vcenters.of().inventory,
        "vsphere": lambda: site.vcenters.of().vsphere,
        "controller_time": lambda: site.controller_clock,
    }
    said = {}
    for function in checks(modules):
        doc = check_doc.read(function)
        for objects in itertools.product(*(environment.each(kind) for _, kind in doc.kinds)):
            if doc.field and not objects[0].declares(doc.field):
                continue
            given = dict(zip((name for name, _ in doc.kinds), objects, strict=True))
            try:
                for name, hint in get_type_hints(function).items():
                    if name in give and not (inspect.isclass(hint) and issubclass(hint, Intent)):
                        given[name] = give[name]()
                function(**given)
            except (Drifted, AssertionError, Blocked, Unknown) as outcome:
                said[function.__name__, str(objects[0])] = outcome
    site.close()
    return said


def only(said):
    """The failures, and what is merely blocked by them left out."""
    return {at: str(found) for at, found in said.items() if not isinstance(found, Blocked)}


FAULTS = [
    pytest.param(
        {"do": "set", "kind": "PortGroup", "name": "REGIONB_VMS_3024", "member": "vlan", "value": 24},
        ("test_vlan", "REGIONB_VMS_3024"),
        "3024 != 24",
        id="wrong VLAN",
    ),
    pytest.param(
        {
            "do": "set",
            "kind": "PortGroup",
            "name": "REGIONB_VMS_3024",
            "member": "trunk",
            "value": [[0, 4094]],
        },
        ("test_vlan", "REGIONB_VMS_3024"),
        "trunk 0-4094",
        id="trunk",
    ),
    pytest.param(
        {"do": "set", "kind": "PortGroup", "name": "REGIONB_VMS_3024", "member": "pvlan", "value": 7},
        ("test_vlan", "REGIONB_VMS_3024"),
        "private VLAN 7",
        id="private VLAN",
    ),
    pytest.param(
        {
            "do": "set",
            "kind": "PortGroup",
            "name": "REGIONB_VMS_3023",
            "member": "name",
            "value": "REGIONB/VMS",
        },
        ("test_port_group_exists", "REGIONB_VMS_3023"),
        "absent",
        id="port group renamed",
    ),
    pytest.param(
        {"do": "remove", "kind": "PortGroup", "name": "REGIONB_VMS_3023"},
        ("test_port_group_exists", "REGIONB_VMS_3023"),
        "absent",
        id="port group removed",
    ),
    pytest.param(
        {"do": "add_portgroup", "name": "REGIONB_VMS_3023", "vlan": 3023},
        ("test_port_group_exists", "REGIONB_VMS_3023"),
        "2 objects",
        id="port group twice",
    ),
    pytest.param(
        {"do": "remove", "kind": "Folder", "name": "AVI K8S/Site1 AZ2"},
        ("test_folder", "AVI K8S/Site1 AZ2"),
        "absent",
        id="missing folder",
    ),
    pytest.param(
        {"do": "move", "vm": "dns-se-*", "folder": "AVI K8S/Site1 AZ2"},
        ("test_folder", "DNS-SE-Group"),
        "'AVI K8S/Site1 AZ1' != 'AVI K8S/Site1 AZ2'",
        id="SE VM in the wrong folder",
    ),
    pytest.param(
        {"do": "set", "kind": "Vm", "name": "dns-se-*", "member": "powered", "value": False},
        ("test_powered_on", "DNS-SE-Group"),
        "poweredOff",
        id="SE VM powered off",
    ),
    pytest.param(
        {"do": "plug", "vm": "dns-se-*", "nic": 1, "portgroup": "AVI_FRONTEND_3026"},
        ("test_data_networks", "DNS-SE-Group"),
        "is on AVI_FRONTEND_3026 in vCenter; the Controller has it on AVI_FRONTEND_3025",
        id="vNIC on the wrong port group",
    ),
    pytest.param(
        {"do": "plug", "vm": "dns-se-*", "nic": 0, "portgroup": "REGIONB_VMS_3024"},
        ("test_management_network", "DNS-SE-Group"),
        "the Controller has it on REGIONB_MGMT_3020",
        id="management vNIC on the wrong port group",
    ),
    pytest.param(
        {"do": "unplug", "vm": "dns-se-*", "nic": 1},
        ("test_data_networks", "DNS-SE-Group"),
        "on AVI_FRONTEND_3025 is disconnected in vCenter",
        id="vNIC disconnected",
    ),
    pytest.param(
        {"do": "set", "kind": "Vm", "name": "dns-se-*", "member": "state", "value": "orphaned"},
        ("test_powered_on", "DNS-SE-Group"),
        "could not be read: vCenter shows the last one it knew; the machine is orphaned",
        id="SE VM orphaned",
    ),
    pytest.param(
        {"do": "set", "kind": "Vm", "name": "dns-se-*", "member": "name", "value": "renamed"},
        ("test_name", "DNS-SE-Group"),
        "is renamed in vCenter",
        id="SE VM renamed",
    ),
    pytest.param(
        {"do": "remove", "kind": "Vm", "name": "dns-se-*"},
        ("test_exists", "DNS-SE-Group"),
        "vCenter has no such VM",
        id="SE VM deleted",
    ),
    pytest.param(
        {"do": "add_vm", "name": "s1az1-se-zzzzz", "folder": "AVI K8S/Site1 AZ1"},
        ("test_no_orphans", "S1-AZ1-SE-Group"),
        "s1az1-se-zzzzz, which the Controller does not know",
        id="orphan",
    ),
    pytest.param(
        {"do": "set", "kind": "Vm", "name": "avi-controller-1", "member": "cpus", "value": 4},
        ("test_controller_cpus", "avi-controller-1"),
        "8 != 4",
        id="Controller VM with too few CPUs",
    ),
    pytest.param(
        {"do": "set", "kind": "Vm", "name": "avi-controller-1", "member": "memory", "value": 16384},
        ("test_controller_memory", "avi-controller-1"),
        "24 != 16",
        id="Controller VM with too little memory",
    ),
    pytest.param(
        {"do": "set", "kind": "Vm", "name": "avi-controller-1", "member": "disk", "value": 64},
        ("test_controller_disk", "avi-controller-1"),
        "128 != 64",
        id="Controller VM with too little disk",
    ),
    pytest.param(
        {"do": "set", "kind": "Vm", "name": "avi-controller-1", "member": "powered", "value": False},
        ("test_controller_vm", "avi-controller-1"),
        "poweredOff",
        id="Controller VM off",
    ),
    pytest.param(
        {"do": "revoke", "account": "svc-avi@vsphere.local", "privilege": "Network.Assign"},
        ("test_privileges", "svc-avi@vsphere.local"),
        "Network.Assign",
        id="missing privilege",
    ),
]


def test_conforming_site(planted, lab, environment):
    assert verdicts(lab, environment) == {}


@lengths.sampled(3)
@pytest.mark.parametrize(("fault", "check", "says"), FAULTS)
def test_fault(planted, lab, environment, fault, check, says):  # noqa: PLR0917
    planted(fault)
    found = only(verdicts(lab, environment))
    assert set(found) == {check}
    assert says in found[check]


def test_datacenter_renamed(planted, lab, environment):
    """The cloud follows its datacenter's new name; whatever stands in the declared one cannot be asked."""
    planted({"do": "set", "kind": "Datacenter", "name": "REGIONB", "member": "name", "value": "REGIONC"})
    said = verdicts(lab, environment)
    assert set(only(said)) == {("test_datacenter", "vcenter")}
    assert all("no datacenter REGIONB" in str(why) for why in said.values() if isinstance(why, Blocked))


def test_management_port_group_removed(planted, lab, environment):
    """The port group, and the cloud's use of it: each side says its own."""
    planted({"do": "remove", "kind": "PortGroup", "name": "REGIONB_MGMT_3020"})
    found = only(verdicts(lab, environment))
    assert {at[0] for at in found} == {"test_port_group_exists", "test_management_port_group"}


def test_port_group_on_a_standard_switch(planted, lab, environment):
    planted({"do": "standard", "name": "REGIONB_VMS_3023"})
    found = only(verdicts(lab, environment))
    assert set(found) == {("test_switch", "REGIONB_VMS_3023"), ("test_discovered", "REGIONB_VMS_3023")}


@pytest.mark.parametrize("seconds", [60, -60])
def test_clock_of_vcenter(planted, lab, environment, seconds):
    """Two clocks are compared with vCenter's, so two checks name it, each with whose clock is where."""
    planted({"do": "clock", "seconds": seconds})
    found = only(verdicts(lab, environment))
    assert set(found) == {("test_clock", "vcenter"), ("test_controller_clock", "vcenter")}
    skew = re.search(
        r"vCenter's clock is about ([+-]\d+) s from this machine's", found["test_clock", "vcenter"]
    )
    assert float(skew[1]) == pytest.approx(seconds, abs=20)
    said = found["test_controller_clock", "vcenter"]
    assert float(re.search(r"is about ([+-]\d+) s from vCenter's", said)[1]) == pytest.approx(
        -seconds, abs=20
    )


def test_uplink_group(planted, lab, environment):
    """It carries a switch's uplinks and no machine, so the Controller does not discover it."""
    planted({"do": "set", "kind": "PortGroup", "name": "REGIONB_VMS_3024", "member": "uplink", "value": True})
    found = only(verdicts(lab, environment))
    assert set(found) == {("test_vlan", "REGIONB_VMS_3024"), ("test_discovered", "REGIONB_VMS_3024")}
    assert "uplinks, 3024" in found["test_vlan", "REGIONB_VMS_3024"]


def test_nsx_segment(planted, lab, environment):
    """Neither a VLAN nor a distributed port group of the declared kind: both facts say so, and nothing else does."""
    planted(
        {"do": "set", "kind": "PortGroup", "name": "REGIONB_VMS_3024", "member": "segment", "value": "3f2c"}
    )
    found = only(verdicts(lab, environment))
    assert set(found) == {("test_vlan", "REGIONB_VMS_3024"), ("test_switch", "REGIONB_VMS_3024")}
    assert "NSX segment" in found["test_vlan", "REGIONB_VMS_3024"]


def test_inaccessible_machine(planted, lab, environment):
    """Whatever stands in its configuration is unknown; where it is and what it is called is not."""
    planted({"do": "set", "kind": "Vm", "name": "dns-se-*", "member": "state", "value": "inaccessible"})
    said = verdicts(lab, environment)
    assert all(isinstance(why, Unknown) for why in said.values())
    names = {"test_powered_on", "test_management_network", "test_data_networks"}
    assert set(said) == {(name, "DNS-SE-Group") for name in names}


def test_vmotion_is_no_fault(planted, lab, environment):
    for host in ("esxi1.iberia.local", "esxi2.iberia.local"):
        planted({"do": "vmotion", "vm": "dns-se-*", "host": host})
        assert verdicts(lab, environment) == {}


def test_replica_with_the_same_addresses_is_not_the_engine(planted, lab, environment):
    planted({"do": "twin", "vm": "dns-se-*", "name": "replica of a Service Engine"})
    assert verdicts(lab, environment) == {}


def test_template_is_no_orphan(planted, lab, environment):
    planted({"do": "add_vm", "name": "s1az1-se-image", "folder": "AVI K8S/Site1 AZ1", "powered": False})
    planted({"do": "set", "kind": "Vm", "name": "s1az1-se-image", "member": "template", "value": True})
    assert verdicts(lab, environment) == {}


def test_port_group_made_anew(planted, lab, environment):
    """It bears the same name and is another object: the Controller still holds on to the old one, which is named."""
    planted({"do": "remove", "kind": "PortGroup", "name": "REGIONB_VMS_3023"})
    verdicts(lab, environment)
    planted({"do": "add_portgroup", "name": "REGIONB_VMS_3023", "vlan": 3023})
    assert verdicts(lab, environment) == {}
    outcomes = verdicts(lab, environment, ("test_networks",))
    assert re.search(
        r"2 objects of this name: .* is a ghost, whose port group is gone",
        str(outcomes["test_exists", "REGIONB_VMS_3023"]),
    )


def test_unknown_fault_is_refused(planted):
    with pytest.raises(urllib.error.HTTPError) as refused:
        planted({"do": "nothing"})
    with refused.value as answer:
        assert answer.code == 400
        assert "do is one of add_portgroup" in answer.read().decode()
