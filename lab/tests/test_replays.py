"""What official clients send, replayed: alb-sdk's own tests, AKO's bodies, Terraform's and Ansible's requests."""

from __future__ import annotations

import re

import pytest

from lab.tests.controller_client import BASE, Client, make

CLOUD, ADMIN = "/api/cloud?name=Default-Cloud", "/api/tenant/?name=admin"
OWNED = {"cloud_ref": CLOUD, "tenant_ref": ADMIN, "created_by": "ako-cl", "cloud_config_cksum": "12345"}


def ip(addr):
    return {"addr": addr, "type": "V4"}


@pytest.fixture
def client():
    return Client(make("20.1.1"))


@pytest.fixture
def site():
    return Client(make("30.2.1", "conforming"))


@pytest.mark.evidence("PUBLIC", "§2.8")
def test_a_pool_without_vrf_is_in_global_and_so_not_in_another_services(site):
    made = site.post("/api/pool", {"name": "p", "servers": [{"ip": ip("10.10.24.99")}]})
    assert made["vrf_ref"].endswith("#global")
    assert "#" not in site.get(f"/api/pool/{made['uuid']}")["vrf_ref"]
    routed = site("POST", "/api/pool", {"name": "q", "tier1_lr": "/infra/tier-1s/t1"})
    assert "vrf_ref" not in routed.json()
    vip = [{"vip_id": "1", "ip_address": ip("10.10.25.200")}]
    body = {
        "name": "vs",
        "services": [{"port": 80}],
        "vip": vip,
        "vrf_context_ref": "/api/vrfcontext?name=VRF_AZ1",
    }
    answer = site("POST", "/api/virtualservice", body | {"pool_ref": "/api/pool?name=p"})
    assert answer.status == 400
    assert answer.json() == {"error": "VRF Context for vs and pool p different"}


@pytest.mark.evidence("CLIENT", "§2.8")
def test_alb_sdks_pool_and_service_come_and_go(client):
    """test_basic_vs and test_delete_pool of the SDK: created in order, refused while used, deleted in order."""
    servers = [{"ip": ip("10.90.20.12")}]
    pool = client.post("/api/pool", {"name": "basic_vs-pool", "default_server_port": 80, "servers": servers})
    vsvip = client.post("/api/vsvip", {"name": "basic_vs_vip", "vip": [{"ip_address": ip("10.90.64.123")}]})
    body = {"name": "basic_vs", "services": [{"port": 80}], "application_profile_name": "System-L4"}
    refs = {"vsvip_ref": "/api/vsvip?name=basic_vs_vip", "pool_ref": "/api/pool?name=basic_vs-pool"}
    service = client.post("/api/virtualservice", body | refs)
    assert service["pool_ref"] == pool["url"]
    refused = client("DELETE", f"/api/pool/{pool['uuid']}")
    assert refused.status == 403
    assert "VirtualService basic_vs" in refused.json()["error"]
    for each in (service, vsvip, pool):
        path = each["url"].removeprefix(BASE).partition("#")[0]
        assert client("DELETE", path).status == 204
        assert client("DELETE", path).status == 404


@pytest.mark.evidence("CLIENT", "§4.9")
def test_akos_shared_service_and_its_child(site):
    """The objects of an Ingress in AKO's order: VIP, pool, pool group, policy, parent, child."""
    vrf = {"vrf_context_ref": "/api/vrfcontext?name=VRF_AZ1"}
    network = {"network_ref": "/api/network/?name=AVI_FRONTEND_3025"}
    vip = [{"auto_allocate_ip": True, "vip_id": "0", "ipam_network_subnet": network}]
    names = [{"fqdn": "foo.avi.iberia.local", "type": "DNS_RECORD_A", "ttl": 30}]
    vsvip = site.post("/api/vsvip", {"name": "cl--L7", "vip": vip, "dns_info": names, **vrf, **OWNED})
    placed = {
        "network_ref": "/api/network/?name=REGIONB_VMS_3024",
        "subnet": {"ip_addr": ip("10.10.24.0"), "mask": 24},
    }
    pool = site.post(
        "/api/pool",
        {
            "name": "cl--foo",
            "vrf_ref": vrf["vrf_context_ref"],
            "default_server_port": 8080,
            "servers": [{"ip": ip("10.10.24.99"), "port": 8080, "server_node": "node1"}],
            "placement_networks": [placed],
            "health_monitor_refs": ["/api/healthmonitor/?name=System-TCP"],
            "markers": [{"key": "clustername", "values": ["cl"]}],
            **OWNED,
        },
    )
    members = [{"pool_ref": "/api/pool?name=cl--foo", "ratio": 100, "priority_label": "foo/"}]
    group = site.post(
        "/api/poolgroup", {"name": "pg", "implicit_priority_labels": True, "members": members, **OWNED}
    )
    assert group["members"][0]["pool_ref"] == pool["url"]
    action = {"action": "HTTP_SWITCHING_SELECT_POOLGROUP", "pool_group_ref": "/api/poolgroup/?name=pg"}
    match = {"path": {"match_criteria": "BEGINS_WITH", "match_case": "INSENSITIVE", "match_str": ["/"]}}
    rule = {"name": "r", "index": 1, "enable": True, "match": match, "switching_action": action}
    policy = {
        "name": "hps",
        "http_request_policy": {"rules": [rule]},
        "tenant_ref": ADMIN,
        "created_by": "ako-cl",
    }
    site.post("/api/httppolicyset", policy)
    parent = site.post(
        "/api/virtualservice",
        {
            "name": "cl--Shared-L7-0",
            "type": "VS_TYPE_VH_PARENT",
            "se_group_ref": "/api/serviceenginegroup?name=S1-AZ1-SE-Group",
            "vsvip_ref": "/api/vsvip/?name=cl--L7",
            "services": [{"port": 80}, {"port": 443, "enable_ssl": True}],
            "ssl_key_and_certificate_refs": ["/api/sslkeyandcertificate/?name=System-Default-Cert"],
            "http_policies": [{"index": 11, "http_policy_set_ref": "/api/httppolicyset/?name=hps"}],
            **vrf,
            **OWNED,
        },
    )
    child = site.post(
        "/api/virtualservice",
        {
            "name": "child",
            "type": "VS_TYPE_VH_CHILD",
            "vh_parent_vs_ref": "/api/virtualservice/?name=cl--Shared-L7-0",
            "vh_domain_name": ["foo.avi.iberia.local"],
            "pool_group_ref": "/api/poolgroup/?name=pg",
            **OWNED,
        },
    )
    assert child["vrf_context_ref"] == parent["vrf_context_ref"]
    assert child["se_group_ref"] == parent["se_group_ref"]
    query = "include_name&cloud_ref.name=Default-Cloud&vrf_context_ref.name=VRF_AZ1&created_by=ako-cl&page_size=100"
    found = site.get(f"/api/virtualservice/?{query}")
    assert [each["name"] for each in found["results"]] == ["cl--Shared-L7-0", "child"]
    assert found["results"][0]["vsvip_ref"] == vsvip["url"]
    assert found["results"][0]["cloud_config_cksum"] == "12345"


@pytest.mark.evidence("CLIENT", "§2.8")
def test_macro_answers_a_list_of_what_it_wrote(client):
    vip = {"name": "v", "vip": [{"vip_id": "0", "ip_address": ip("10.0.0.9")}]}
    [vsvip] = client.post("/api/macro", {"model_name": "VsVip", "data": vip})
    assert vsvip["url"].startswith(f"{BASE}/api/vsvip/")
    data = {
        "name": "vs",
        "services": [{"port": 80}],
        "vsvip_ref": vsvip["url"],
        "pool_ref_data": {"name": "p"},
    }
    made = client.post("/api/macro", {"model_name": "VirtualService", "data": data})
    kinds = {re.search(r"/api/(\w+)/", each["url"])[1] for each in made}
    assert kinds == {"virtualservice", "pool"}


@pytest.mark.evidence("INF", "§2.7")
def test_a_tenants_objects_refer_to_its_own_and_the_providers(client):
    for name in ("T1", "T2"):
        client.post("/api/tenant", {"name": name})
    theirs = client.post("/api/pool", {"name": "same"}, x_avi_tenant="T1")
    ours = client.post("/api/pool", {"name": "same"}, x_avi_tenant="T2")
    made = client.post(
        "/api/poolgroup", {"name": "g", "members": [{"pool_ref": "/api/pool?name=same"}]}, x_avi_tenant="T2"
    )
    assert made["members"][0]["pool_ref"] == ours["url"]
    for written in (
        theirs["url"],
        f"/api/pool/{theirs['uuid']}",
        theirs["uuid"],
        "/api/pool?name=same&tenant=T1",
    ):
        body = {"name": "h", "members": [{"pool_ref": written}]}
        answer = client("POST", "/api/poolgroup", body, x_avi_tenant="T2")
        assert (answer.status, answer.json()) == (400, {"error": "Pool object not found!"})
    monitor = {"name": "m", "health_monitor_refs": ["/api/healthmonitor?name=System-Ping"]}
    assert client("POST", "/api/pool", monitor, x_avi_tenant="T2").status == 201


@pytest.mark.evidence("CLIENT", "§2.3")
def test_newer_objects_carry_the_attributes_terraform_reads_back(site):
    made = site.post("/api/pool", {"name": "p"})
    assert made["configpb_attributes"] == {"version": 1}
    assert "configpb_attributes" not in site.get(f"/api/pool/{made['uuid']}", x_avi_version="20.1.6")
    assert site.one("network", "AVI_FRONTEND_3025")["configpb_attributes"] == {
        "version": 1
    }  # discovered, not written
    older = Client(make("20.1.6")).post("/api/pool", {"name": "p"})
    assert "configpb_attributes" not in older


@pytest.mark.evidence("INF", "§2.1")
@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/pool", "POST"),
        ("POST", "/api/cluster", "PATCH"),
        ("DELETE", "/api/systemconfiguration", "PUT"),
        ("POST", "/api/cloud/{cloud}", "DELETE"),
    ],
)
def test_a_refused_method_is_told_which_there_are(client, method, path, allow):
    answer = client(method, path.format(cloud=client.one("cloud", "Default-Cloud")["uuid"]), {})
    assert answer.status == 405
    assert allow in answer.header("Allow")


@pytest.mark.evidence("INF", "§1.6")
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("18.1.1", 200),
        ("17.2.8", 200),
        ("18_2_8", 200),
        ("15.2", 200),
        ("15.1.9", 400),
        ("0", 400),
        ("latest", 400),
    ],
)
def test_versions_older_than_any_schema_are_read_and_garbage_is_not(client, said, status):
    answer = client("GET", "/api/pool", x_avi_version=said)
    assert (answer.status, answer.header("AVI_API_VERSION")) == (status, said)


@pytest.mark.evidence("INF", "§2.6")
def test_a_projection_below_a_member_shows_the_member(client):
    made = client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ip("10.0.0.9")}]})
    shown = client.get(f"/api/vsvip/{made['uuid']}?fields=vip.ip_address,nothing")
    assert shown.keys() == {"url", "uuid", "name", "vip"}
