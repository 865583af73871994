"""Discovery of port groups and the state ladder of a vCenter cloud."""

import re

import pytest

from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import PortGroup, Switch
from lab.seeds.datacenter import BLOG, OTHERS, build
from lab.site import Pace
from lab.tests.cloudsite import Client, prefix, uuid

UUID = re.compile(r"dvportgroup-\d+-cloud-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture
def fresh():
    return Client("fresh")


def test_every_port_group_is_discovered_once_in_vrf_global(fresh):
    networks = fresh.list("/api/network?page_size=200&include_name=true")
    assert sorted(n["name"] for n in networks) == sorted([*BLOG, *OTHERS])
    for network in networks:
        assert UUID.fullmatch(network["uuid"])
        assert network["vrf_context_ref"].endswith("#global")
        assert network["tenant_ref"].endswith("/api/tenant/admin#admin")
        assert network["synced_from_se"] is True
        assert network["ip6_autocfg_enabled"] is False
        assert uuid(network["vimgrnw_ref"]) == network["uuid"]
        assert fresh.get(f"/api/vimgrnwruntime/{network['uuid']}")["name"] == network["name"]


def test_more_networks_than_a_page(fresh):
    first = fresh.get("/api/network")
    assert len(first["results"]) == 25
    assert first["count"] == len(BLOG) + len(OTHERS) > 25
    assert "next" in first


def test_the_uuid_lasts_over_edits(fresh):
    network = fresh.one("network", "AVI_FRONTEND_3025")
    vrf = fresh.post("vrfcontext", name="VRF_AZ1", cloud_ref="/api/cloud?name=Default-Cloud")
    status, put = fresh.put(network, vrf_context_ref=vrf["url"], dhcp_enabled=False)
    assert status == 200
    assert put["uuid"] == network["uuid"]
    assert uuid(put["vimgrnw_ref"]) == network["uuid"]
    assert uuid(fresh.get(f"/api/vimgrnwruntime/{network['uuid']}")["vrf_context_ref"]) == vrf["uuid"]


def test_runtime_tells_vlan_switch_and_subnets_seen(fresh):
    runtime = fresh.one("vimgrnwruntime", "REGIONB_VMS_3024")
    assert runtime["vlan"] == 3024
    assert runtime["switch_name"] == "REGIONB-VDS"
    assert runtime["ip_subnet"][0]["prefix"] == prefix("10.10.24.0/24")
    assert len(runtime["host_refs"]) == 3
    assert fresh.one("vimgrnwruntime", "REGIONB_MGMT_3020")["MgmtNW"] is True


def test_a_new_port_group_is_discovered_and_a_removed_one_is_a_ghost(fresh):
    model = inventory_of(fresh.site)
    model.add_portgroup(next(model.of(Switch)), "NEW_3999", 3999)
    found = fresh.one("network", "NEW_3999")
    assert UUID.fullmatch(found["uuid"])
    model.remove(model.named(PortGroup, "NEW_3999").moid)
    ghost = fresh.one("network", "NEW_3999")
    assert ghost["uuid"] == found["uuid"]
    assert "vimgrnw_ref" not in ghost
    assert fresh("GET", f"/api/vimgrnwruntime/{found['uuid']}")[0] == 404


def test_a_second_cloud_has_networks_of_its_own(fresh):
    login = {
        "username": "svc-avi@vsphere.local",
        "password": "never-shown",
        "vcenter_url": "vcenter.iberia.local",
        "datacenter": "REGIONB",
        "privilege": "WRITE_ACCESS",
    }
    fresh.post("cloud", name="Second", vtype="CLOUD_VCENTER", vcenter_configuration=login)
    assert fresh.get("/api/network?name=AVI_FRONTEND_3025")["count"] == 2
    mine = fresh.one("network", "AVI_FRONTEND_3025", **{"cloud_ref.name": "Second"})
    assert uuid(mine["cloud_ref"]) in mine["uuid"]


def state(client, name="Default-Cloud"):
    cloud = client.one("cloud", name)
    status = client.get(f"/api/cloud/{cloud['uuid']}/status")["state"]
    rows = client.list(f"/api/cloud-inventory?uuid={cloud['uuid']}")
    assert [row["status"]["state"] for row in rows] == [status]
    return status


def wizard(client, **vcenter):
    login = {
        "username": "svc-avi@vsphere.local",
        "password": "never-shown",
        "vcenter_url": "vcenter.iberia.local",
        "privilege": "WRITE_ACCESS",
    }
    cloud = client.one("cloud", "Default-Cloud")
    status, body = client.put(cloud, vtype="CLOUD_VCENTER", vcenter_configuration={**login, **vcenter})
    assert status == 200, body
    return body


def inventory_state(client):
    return client.list("/api/vimgrvcenterruntime")[0]["inventory_state"]


def test_the_ladder_of_the_wizard():
    client = Client(version=(20, 1, 6), pace=Pace(discovery=30.0))
    client.site.memory["vcenter"] = build()
    assert state(client) == "CLOUD_STATE_PLACEMENT_READY"  # CLOUD_NONE
    wizard(client)
    assert inventory_state(client) == "VCENTER_DISCOVERY_WAITING_DC"
    assert state(client) == "CLOUD_STATE_IN_PROGRESS"
    wizard(client, datacenter="REGIONB")
    assert inventory_state(client) == "VCENTER_DISCOVERY_ONGOING"
    assert client.get("/api/network")["count"] == 0
    client.later(31)
    assert inventory_state(client) == "VCENTER_DISCOVERY_COMPLETE_NO_MGMT_NW"
    assert state(client) == "CLOUD_STATE_FAILED"
    network = client.one("vimgrnwruntime", "REGIONB_MGMT_3020")
    wizard(
        client,
        datacenter="REGIONB",
        management_network=network["uuid"],
        management_ip_subnet=prefix("10.10.20.0/24"),
    )
    assert inventory_state(client) == "VCENTER_DISCOVERY_COMPLETE"
    assert state(client) == "CLOUD_STATE_PLACEMENT_READY"
    cloud = client.one("cloud", "Default-Cloud")
    assert client.get(f"/api/cloud/{cloud['uuid']}/runtime")["network_sync_complete"] is True


@pytest.mark.parametrize(
    ("vcenter", "reason"),
    [
        ({"vcenter_url": "elsewhere"}, "Unable to connect"),
        ({"datacenter": "NOWHERE"}, "Datacenter not found"),
    ],
)
def test_a_cloud_that_cannot_reach_its_vcenter_has_failed(vcenter, reason):
    client = Client()
    client.site.memory["vcenter"] = build()
    wizard(client, **vcenter)
    cloud = client.one("cloud", "Default-Cloud")
    status = client.get(f"/api/cloud/{cloud['uuid']}/status")
    assert status["state"] == "CLOUD_STATE_FAILED"
    assert reason in status["reason"]


def test_a_bound_cloud_keeps_its_vcenter(fresh):
    config = fresh.one("cloud", "Default-Cloud")["vcenter_configuration"]
    cloud = fresh.one("cloud", "Default-Cloud")
    status, body = fresh.put(cloud, vcenter_configuration={**config, "vcenter_url": "other.iberia.local"})
    assert status == 400
    assert "vcenter_url" in body["error"]


def test_inventories_hide_the_password(fresh):
    row = fresh.list("/api/cloud-inventory")[0]
    assert row["config"]["vcenter_configuration"]["password"] == "<sensitive>"


def test_the_vcenter_runtime_is_gone_from_22_1(fresh):
    assert fresh("GET", "/api/vimgrvcenterruntime", raw=True)[0] == 404
