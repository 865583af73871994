"""Causes on vCenter's side and their consequences: Service Engines that are cut off, that cannot be made, and why."""

import json

import pytest

from lab.control import handle
from lab.controller.messages import Request
from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import PortGroup
from lab.seeds.datacenter import ACCOUNT
from lab.tests.cloudsite import Client

DNS = {"name": "local-dns-site1"}


@pytest.fixture
def site():
    return Client("conforming")


def plant(site, *faults):
    for fault in faults:
        body = json.dumps(fault).encode()
        answer = handle(site.lab, Request("POST", "/lab/vcenter/faults", (), {}, body, ""))
        assert answer.status == 200, answer.body


def engine_rows(site):
    return {row["config"]["name"]: row["runtime"] for row in site.list("/api/serviceengine-inventory")}


def service(site, name="local-dns-site1"):
    rows = site.list("/api/virtualservice-inventory")
    return next(r["runtime"]["oper_status"] for r in rows if r["config"]["name"] == name)


OUTAGES = [
    ({"do": "set", "kind": "Vm", "name": "dns-se-*", "member": "powered", "value": False}, "powered off"),
    ({"do": "unplug", "vm": "dns-se-*", "nic": 0}, "Management vNIC is disconnected"),
    ({"do": "unplug", "vm": "dns-se-*", "nic": 1}, "Data vNIC 1 is disconnected"),
    ({"do": "remove", "kind": "Vm", "name": "dns-se-*"}, "not found in vCenter"),
]


@pytest.mark.evidence("DOC", "§3.7")
@pytest.mark.parametrize(("fault", "says"), OUTAGES)
def test_a_service_engine_that_is_cut_off_is_down_after_its_heartbeats(site, fault, says):
    (name,) = engine_rows(site)
    plant(site, fault)
    assert engine_rows(site)[name]["oper_status"]["state"] == "OPER_UP"
    site.later(61)
    status = engine_rows(site)[name]
    assert status["oper_status"]["state"] == "OPER_DOWN"
    assert says in status["oper_status"]["reason"][0]
    assert status["se_connected"] is False
    assert (status["power_state"] == "SE_POWER_OFF") is ("powered" in says)
    events = site.list("/api/analytics/logs?type=2&filter=eq(event_id,SE_DOWN)&page_size=100")
    assert [event["obj_name"] for event in events] == [name]


@pytest.mark.evidence("DOC", "§4.6")
def test_its_services_are_placed_on_another_one(site):
    (name,) = engine_rows(site)
    plant(site, OUTAGES[0][0])
    site.later(61)
    assert service(site)["state"] == "OPER_RESOURCES"  # another is being made
    site.later(5)
    assert service(site)["state"] == "OPER_UP"
    states = {engine: row["oper_status"]["state"] for engine, row in engine_rows(site).items()}
    assert states.pop(name) == "OPER_DOWN"
    assert list(states.values()) == ["OPER_UP"]
    (vs,) = [v for v in site.list("/api/virtualservice") if v["name"] == "local-dns-site1"]
    (row,) = vs["vip_runtime"][0]["se_list"]
    assert not row["se_ref"].endswith(name)


@pytest.mark.evidence("DOC", "§4.6")
def test_where_there_is_no_room_they_are_down_with_it_and_up_again_with_it(site):
    group = site.one("serviceenginegroup", "DNS-SE-Group")
    assert site.put(group, max_se=1)[0] == 200
    plant(site, OUTAGES[1][0])
    site.later(61)
    assert service(site)["state"] == "OPER_DOWN"
    plant(site, {"do": "replug", "vm": "dns-se-*", "nic": 0})
    assert service(site)["state"] == "OPER_UP"
    assert {row["oper_status"]["state"] for row in engine_rows(site).values()} == {"OPER_UP"}


@pytest.mark.evidence("DOC", "§3.7")
def test_a_host_that_is_away_takes_its_service_engines_along(site):
    for host in ("esxi1", "esxi2", "esxi3"):
        plant(site, {"do": "set", "kind": "Host", "name": f"{host}.*", "member": "connected", "value": False})
    site.later(61)
    (row,) = engine_rows(site).values()
    assert "Host" in row["oper_status"]["reason"][0]
    assert service(site)["state"] == "OPER_DOWN"


@pytest.mark.evidence("DOC", "§3.1")
def test_a_wrong_vcenter_password_takes_the_cloud_out_of_service(site):
    plant(site, {"do": "password", "account": ACCOUNT, "password": "rotated"})
    status = site.list("/api/cloud-inventory")[0]["status"]
    assert (status["state"], status["reason"]) == (
        "CLOUD_STATE_FAILED",
        "vCenter login failed: bad credentials",
    )
    before = site.get("/api/network")["count"]
    plant(site, {"do": "add_portgroup", "name": "NEW_PG", "vlan": 9})
    assert site.get("/api/network")["count"] == before  # discovery has stopped
    assert service(site)["state"] == "OPER_UP"  # what runs, runs on
    wait(site, "late")
    assert service(site, "late")["reason"] == [
        "Cloud Default-Cloud is not ready: vCenter login failed: bad credentials"
    ]
    plant(site, {"do": "password", "account": ACCOUNT, "password": "never-shown"})
    assert site.get("/api/network")["count"] == before + 1
    site.later(5)
    assert service(site, "late")["state"] == "OPER_UP"


def wait(site, name):
    """A virtual service that needs a Service Engine of its own."""
    group = site.one("serviceenginegroup", "S1-AZ1-SE-Group")
    vsvip = site.post(
        "vsvip",
        name=name,
        vrf_context_ref="/api/vrfcontext?name=VRF_AZ1",
        vip=[{"vip_id": "1", "ip_address": {"addr": "10.10.25.99", "type": "V4"}}],
    )
    where = {"vrf_context_ref": "/api/vrfcontext?name=VRF_AZ1", "se_group_ref": group["url"]}
    site.post("virtualservice", name=name, vsvip_ref=vsvip["url"], services=[{"port": 80}], **where)


def hosts(**values):
    return [{"do": "set", "kind": "Host", "name": f"esxi{n}.*"} | values for n in (1, 2, 3)]


@pytest.mark.evidence("DOC", "§4.6")
@pytest.mark.parametrize(
    ("faults", "group", "says"),
    [
        (hosts(member="maintenance", value=True), {}, "all hosts are in maintenance mode or not connected"),
        ([], {"vcenter_hosts": {"include": True}}, "none is in its hosts and clusters"),
        ([], {"vcenter_clusters": {"include": True}}, "none is in its hosts and clusters"),
        (
            [{"do": "set", "kind": "Datastore", "name": "vsanDatastore", "member": "used", "value": 11990}],
            {},
            "no datastore has 15 GB free",
        ),
        (
            [],
            {"vcenter_datastores": [{"datastore_name": "gone"}], "vcenter_datastores_include": True},
            "none of its datastores is there",
        ),
        (
            [
                {
                    "do": "set",
                    "kind": "PortGroup",
                    "name": "REGIONB_MGMT_3020",
                    "member": "name",
                    "value": "MGMT",
                }
            ],
            {},
            "Management network REGIONB_MGMT_3020 not found in vCenter",
        ),
    ],
)
def test_a_service_waits_with_the_reason_why_no_service_engine_is_made(site, faults, group, says):
    if group:
        assert site.put(site.one("serviceenginegroup", "S1-AZ1-SE-Group"), **group)[0] == 200
    plant(site, *faults)
    wait(site, "waits")
    status = service(site, "waits")
    assert status["state"] == "OPER_RESOURCES"
    assert says in status["reason"][0]


@pytest.mark.evidence("DOC", "§3.1")
def test_a_renamed_datacenter_is_followed(site):
    plant(site, {"do": "set", "kind": "Datacenter", "name": "REGIONB", "member": "name", "value": "REGION-B"})
    cloud = site.one("cloud", "Default-Cloud")
    assert cloud["vcenter_configuration"]["datacenter"] == "REGION-B"
    assert site.list("/api/cloud-inventory")[0]["status"]["state"] == "CLOUD_STATE_PLACEMENT_READY"
    groups = [g for g in inventory_of(site.site).of(PortGroup) if not g.uplink]
    assert site.get("/api/network")["count"] == len(groups)
