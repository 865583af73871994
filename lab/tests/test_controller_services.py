"""Virtual services and their VIPs: what the server fills in, inline VIPs, copies and bookkeeping."""

from __future__ import annotations

import re

import pytest

from lab.tests.controller_client import BASE, path_of

ADDRESS = {"addr": "10.0.0.1", "type": "V4"}


@pytest.mark.evidence("REC", "§3.8", "§2.10")
def test_the_recorded_static_vip(client):
    body = {"name": "basic_vs_vip", "vip": [{"ip_address": {"addr": "10.90.64.123", "type": "V4"}}]}
    made = client.post("/api/vsvip", body, x_avi_version="20.1.1")
    assert made["vip"] == [
        {
            "vip_id": "0",
            "ip_address": {"addr": "10.90.64.123", "type": "V4"},
            "enabled": True,
            "auto_allocate_ip": False,
            "auto_allocate_floating_ip": False,
            "avi_allocated_vip": False,
            "avi_allocated_fip": False,
            "auto_allocate_ip_type": "V4_ONLY",
            "prefix_length": 32,
        }
    ]
    assert made["east_west_placement"] is False
    assert made["tenant_ref"] == f"{BASE}/api/tenant/admin#admin"
    assert made["vrf_context_ref"].endswith("#global")
    assert made["cloud_ref"].endswith("#Default-Cloud")


@pytest.mark.evidence("REC", "§3.9")
def test_a_virtual_service_gets_its_defaults_by_reference(client):
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ADDRESS}]})
    body = {
        "name": "basic_vs",
        "services": [{"port": 80}],
        "vsvip_ref": "/api/vsvip?name=v",
        "application_profile_name": "System-L4-Application",  # no such member: dropped without a word
    }
    made = client.post("/api/virtualservice", body)
    named = {key: made[key].partition("#")[2] for key in made if key.endswith("_ref")}
    assert named == {
        "application_profile_ref": "System-HTTP",
        "network_profile_ref": "System-TCP-Proxy",
        "se_group_ref": "Default-Group",
        "vrf_context_ref": "global",
        "analytics_profile_ref": "System-Analytics-Profile",
        "tenant_ref": "admin",
        "cloud_ref": "Default-Cloud",
        "vsvip_ref": "v",
    }
    assert made["services"] == [
        {"port": 80, "port_range_end": 80, "enable_ssl": False, "enable_http2": False}
    ]
    assert made["cloud_type"] == "CLOUD_NONE"
    assert "application_profile_name" not in made


@pytest.mark.evidence("REC", "§3.9")
def test_an_inline_vip_makes_a_vsvip_of_its_own(client):
    body = {
        "name": "vs",
        "services": [{"port": 80}],
        "vip": [{"ip_address": ADDRESS}],
        "fqdn": "vs.avi.local",
    }
    made = client.post("/api/virtualservice", body, x_avi_version="18.2.10")
    name = made["vsvip_ref"].partition("#")[2]
    assert re.fullmatch(r"vsvip-[a-z0-9]{6}", name)
    assert client.one("vsvip", name)["vip"][0]["ip_address"] == ADDRESS
    flat = {"name": "flat", "services": [{"port": 80}], "ip_address": {"addr": "10.0.0.9", "type": "V4"}}
    made = client.post("/api/virtualservice", flat, x_avi_version=None)
    assert made["ip_address"]["addr"] == "10.0.0.9"


@pytest.mark.evidence("INF", "§3.9")
def test_copies_sent_back_unchanged_change_nothing_and_changed_change_the_vsvip(client):
    body = {"name": "vs", "services": [{"port": 80}], "vip": [{"ip_address": ADDRESS}]}
    made = client.post("/api/virtualservice", body, x_avi_version="18.2.10")
    vsvip = path_of({"url": made["vsvip_ref"]})
    before = client.get(vsvip)
    read = client.get(path_of(made), x_avi_version="18.2.10")
    client.put(read, x_avi_version="18.2.10")
    assert client.get(vsvip) == before
    read = client.get(path_of(made), x_avi_version="18.2.10")
    read["vip"][0]["ip_address"]["addr"] = "10.0.0.7"
    client.put(read, x_avi_version="18.2.10")
    assert client.get(vsvip)["vip"][0]["ip_address"]["addr"] == "10.0.0.7"


@pytest.mark.evidence("SCHEMA", "§3.8")
def test_a_service_has_either_fqdn_or_dns_info(client):
    body = {"name": "vs", "services": [{"port": 80}], "vip": [{"ip_address": ADDRESS}], "fqdn": "a.b"}
    answer = client("POST", "/api/virtualservice", body | {"dns_info": [{"fqdn": "c.d"}]})
    assert (answer.status, "Only one of" in answer.json()["error"]) == (400, True)
    assert client.post("/api/virtualservice", body)["fqdn"] == "a.b"


@pytest.mark.evidence("PUBLIC", "§2.8")
def test_a_pool_of_another_vrf(client):
    vrf = client.post("/api/vrfcontext", {"name": "V"})
    client.post("/api/pool", {"name": "p", "vrf_ref": vrf["url"]})
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ADDRESS}]})
    body = {
        "name": "vs",
        "services": [{"port": 80}],
        "vsvip_ref": "/api/vsvip?name=v",
        "pool_ref": "/api/pool?name=p",
    }
    answer = client("POST", "/api/virtualservice", body)
    assert (answer.status, answer.json()["error"]) == (400, "VRF Context for vs and pool p different")
    assert client.get("/api/virtualservice")["count"] == 0


@pytest.mark.evidence("REC", "§3.9")
def test_a_get_of_a_virtual_service_shows_bookkeeping_and_a_vsvip_by_uuid_its_users(client):
    made = client.post(
        "/api/virtualservice", {"name": "vs", "services": [{"port": 80}], "vip": [{"ip_address": ADDRESS}]}
    )
    read = client.get(path_of(made))
    assert {
        "marked_for_delete",
        "redis_db",
        "redis_port",
        "version",
        "tls_ticket_key",
    } <= read.keys() - made.keys()
    assert isinstance(read["version"], str)
    assert client.put(read)
    vsvip = path_of({"url": made["vsvip_ref"]})
    assert client.get(vsvip)["vs_refs"] == [made["url"].partition("#")[0]]
    assert "vs_refs" not in client.get("/api/vsvip")["results"][0]
    assert client("PUT", vsvip, client.get(vsvip)).status == 200
