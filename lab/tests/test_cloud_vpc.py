"""NSX-T clouds in VPC mode: what is discovered, where a VIP comes from, and AKO at work in one."""

from __future__ import annotations

import pytest

from lab import ako
from lab.tests.cloudsite import Client, uuid

SHOP, BACK = (f"/orgs/default/projects/retail/vpcs/{name}" for name in ("shop", "back"))
PUBLIC = "retail_AVISEPARATOR_{}_AVISEPARATOR_PUBLIC"


@pytest.fixture
def site():
    return Client("fresh+vpc")


@pytest.fixture
def cloud(site):
    return site.one("cloud", "nsxt-vpc")


def vsvip(site, cloud, tier1, **more):
    vip = [{"vip_id": "0", "auto_allocate_ip": True, **more}]
    body = {"name": f"vip-{tier1[-4:]}", "cloud_ref": cloud["url"], "tier1_lr": tier1, "vip": vip}
    return site("POST", "/api/vsvip", body)


@pytest.mark.evidence("INF", "§4.1")
def test_every_vpc_is_discovered(site, cloud):
    (row,) = site.list("/api/cloud-inventory?name=nsxt-vpc")
    assert row["status"]["state"] == "CLOUD_STATE_PLACEMENT_READY"
    contexts = site.list(f"/api/vrfcontext?cloud_ref.uuid={cloud['uuid']}")
    paths = {each["name"]: each["attrs"][0]["value"] for each in contexts if each.get("attrs")}
    assert paths == {"retail-shop": SHOP, "retail-back": BACK}
    names = {each["name"] for each in site.list(f"/api/network?cloud_ref.uuid={cloud['uuid']}")}
    assert names >= {
        "retail-shop-public",
        "retail-back-public",
        "retail-shop-avi",
        "retail-back-avi",
        "avi-mgmt",
    }


@pytest.mark.evidence("CLIENT", "§4.4")
def test_a_vip_comes_from_the_public_addresses_of_its_vpc(site, cloud):
    assert "ipam_provider_ref" not in cloud
    status, given = vsvip(site, cloud, BACK, subnet_uuid=PUBLIC.format("back"))
    assert (status, given["vip"][0]["ip_address"]["addr"]) == (201, "10.48.1.1")
    assert given["vrf_context_ref"].endswith("#retail-back")
    status, given = vsvip(site, cloud, SHOP)
    assert (status, given["vip"][0]["ip_address"]["addr"]) == (201, "10.48.0.2")
    status, refused = site(
        "POST",
        "/api/vsvip",
        {
            "name": "astray",
            "cloud_ref": cloud["url"],
            "tier1_lr": BACK,
            "vip": [{"auto_allocate_ip": True, "subnet_uuid": PUBLIC.format("shop")}],
        },
    )
    assert (status, "not found in the VPC" in refused["error"]) == (400, True)
    vips = [{"vip_id": str(n), "auto_allocate_ip": True} for n in range(14)]
    body = {"name": "many", "cloud_ref": cloud["url"], "tier1_lr": BACK, "vip": vips}
    assert site("POST", "/api/vsvip", body) == (400, {"error": "No available free IPs"})


@pytest.mark.evidence("INF", "§4.6")
def test_a_service_in_a_vpc_runs_on_the_vpcs_own_subnet(site, cloud):
    rows = site.list(f"/api/virtualservice-inventory?cloud_ref.uuid={cloud['uuid']}")
    assert [row["runtime"]["oper_status"]["state"] for row in rows] == ["OPER_UP"]
    (engine,) = site.list(f"/api/serviceengine?cloud_ref.uuid={cloud['uuid']}")
    networks = {uuid(each["network_ref"]) for each in engine["data_vnics"] if each.get("network_ref")}
    assert networks == {uuid(site.one("network", "retail-shop-avi")["url"])}


@pytest.mark.evidence("DOC", "§3.1")
def test_a_manager_without_vpcs_fails_the_cloud(site, cloud):
    manager = site.site.memory["nsx"]["nsxt.iberia.local"]
    manager.vpcs.clear()
    manager.revision += 1
    (row,) = site.list("/api/cloud-inventory?name=nsxt-vpc")
    assert (row["status"]["state"], row["status"]["reason"]) == ("CLOUD_STATE_FAILED", "No VPC in NSX-T")


@pytest.mark.evidence("CLIENT", "§4.9")
def test_ako_in_vpc_mode_boots_without_a_vip_network_and_serves(site):
    values = {
        "AKOSettings.vpcMode": True,
        "AKOSettings.clusterName": "v1",
        "NetworkSettings.nsxtT1LR": BACK,
        "NetworkSettings.vipNetworkList": [],
        "NetworkSettings.nodeNetworkList": [],
        "ControllerSettings.cloudName": "nsxt-vpc",
        "ControllerSettings.serviceEngineGroupName": "seg-prod",
        "L7Settings.serviceType": "NodePortLocal",
        "AKOSettings.cniPlugin": "antrea",
    }
    begun = ako.take_steps(site.lab, set=values)
    assert (begun["verdict"], begun["failing"]) == ("starts", [])
    lb = {"service": {"namespace": "shop", "name": "lb", "replicas": 1}}
    answer = ako.take_steps(site.lab, set=values, steps=[lb])
    assert answer["refused"] == []
    vip = site.one("vsvip", "v1--shop-lb")
    assert (vip["vip"][0]["subnet_uuid"], vip["tier1_lr"]) == (PUBLIC.format("back"), BACK)
    older = ako.take_steps(site.lab, set=values | {"AKOSettings.clusterName": "v0"}, version="1.13.2")
    assert [each["step"] for each in older["failing"]][:1] == ["V2c"]
