"""How virtual services stand, what refuses to change under them, DNS registration, cluster, AKO, imports."""

import pytest

from lab import ako, exchange
from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import Vm
from lab.objects import Refused
from lab.tests.cloudsite import Client, ip, uuid


@pytest.fixture
def site():
    return Client("conforming")


def dns(client):
    found = client.one("virtualservice", "local-dns-site1")
    return client.get(f"/api/virtualservice/{found['uuid']}")


def runtime(client, service):
    return client.get(f"/api/virtualservice/{service['uuid']}/runtime")


def records(client):
    return {r["fqdn"][0]: r for r in dns(client).get("ipam_dns_records", [])}


def web(client, name="web", **more):
    info = [{"fqdn": f"{name}.avi.iberia.local"}]
    vsvip = client.post(
        "vsvip",
        name=name,
        vrf_context_ref="/api/vrfcontext?name=VRF_AZ1",
        vip=[{"auto_allocate_ip": True, "vip_id": "1"}],
        dns_info=info,
    )
    group = "/api/serviceenginegroup?name=S1-AZ1-SE-Group"
    return client.post(
        "virtualservice",
        name=name,
        vsvip_ref=vsvip["url"],
        se_group_ref=group,
        services=[{"port": 80}],
        **more,
    )


def test_the_inventories_of_a_service_that_is_up(site):
    found = dns(site)
    row = site.get(f"/api/virtualservice-inventory/{found['uuid']}")
    assert row["config"]["name"] == "local-dns-site1"
    assert row["config"]["vip"][0]["ip_address"] == ip("10.10.25.40")
    assert row["app_profile_type"] == "APPLICATION_PROFILE_TYPE_DNS"
    assert row["runtime"]["oper_status"]["state"] == "OPER_UP"
    assert row["runtime"]["percent_ses_up"] == 100
    (vip,) = row["runtime"]["vip_summary"]
    (engine,) = vip["service_engine"]
    assert engine["name"].startswith("dns-se-")
    assert engine["mgmt_ip"] == ip("10.10.20.40")
    assert (engine["primary"], engine["connected"]) == (True, True)
    assert site.list("/api/virtualservice-inventory?name=local-dns-site1")[0]["uuid"] == found["uuid"]
    assert site.list("/api/virtualservice-inventory?cloud_ref.name=Default-Cloud")
    vip_row = site.list("/api/vsvip-inventory")[0]
    assert vip_row["runtime"]["oper_status"]["state"] == "OPER_UP"
    assert [uuid(ref) for ref in vip_row["config"]["virtualservices"]] == [found["uuid"]]
    vsvip = site.one("vsvip", "vsvip-local-dns-site1")
    assert site.get(f"/api/vsvip/{vsvip['uuid']}/runtime")["vip_summary"][0]["num_se_assigned"] == 1


def test_a_bare_runtime_lists_its_vips(site):
    body = runtime(site, dns(site))
    assert "results" not in body
    assert [(v["vip_id"], v["oper_status"]["state"]) for v in body["vip_summary"]] == [("1", "OPER_UP")]


@pytest.mark.evidence("PUBLIC", "§4.6")
def test_a_vip_on_no_network_of_its_vrf(site):
    vip = [{"vip_id": "1", "ip_address": ip("192.0.2.9")}]
    vsvip = site.post("vsvip", name="lost", vrf_context_ref="/api/vrfcontext?name=VRF_AZ1", vip=vip)
    made = site.post("virtualservice", name="lost", vsvip_ref=vsvip["url"], services=[{"port": 80}])
    status = runtime(site, made)["oper_status"]
    assert (status["state"], status["reason"]) == (
        "OPER_DOWN",
        ["No network/subnet matched Virtual Service IP"],
    )


@pytest.mark.evidence("INF", "§2.8")
def test_a_service_and_its_vip_are_in_one_vrf_context(site):
    elsewhere = site.post(
        "vsvip", name="other", vrf_context_ref="/api/vrfcontext?name=VRF_AZ2", vip=[{"vip_id": "1"}]
    )
    made = web(site)
    status, answer = site.put(made, vsvip_ref=elsewhere["url"])
    assert (status, answer["error"]) == (400, "VRF Context for web and vsvip other different")
    status, answer = site.put(made, vrf_context_ref="/api/vrfcontext?name=VRF_AZ2")
    assert (status, answer["error"]) == (400, "VRF Context for web and vsvip web different")


@pytest.mark.evidence("INF", "§4.6")
def test_a_service_whose_vips_are_taken_is_down_though_its_servers_are_reached(site):
    servers = [{"ip": ip("10.10.24.99"), "port": 80}]
    vrf = "/api/vrfcontext?name=VRF_AZ1"
    pool = site.post("pool", name="web", vrf_ref=vrf, servers=servers)
    made = web(site, pool_ref=pool["url"])
    site.later(3)
    assert runtime(site, made)["oper_status"]["state"] == "OPER_UP"
    assert site.put(site.one("vsvip", "web"), vip=None)[0] == 200
    status = runtime(site, made)["oper_status"]
    assert (status["state"], bool(status["reason"])) == ("OPER_DOWN", True)
    assert "vip_runtime" not in site.get(f"/api/virtualservice/{made['uuid']}")


def test_a_network_that_comes_later_brings_the_service_up(site):
    vip = [{"vip_id": "1", "ip_address": ip("10.77.0.9")}]
    vsvip = site.post("vsvip", name="early", vrf_context_ref="/api/vrfcontext?name=VRF_AZ2", vip=vip)
    made = site.post(
        "virtualservice",
        name="early",
        vsvip_ref=vsvip["url"],
        se_group_ref="/api/serviceenginegroup?name=S1-AZ2-SE-Group",
        services=[{"port": 80}],
    )
    assert runtime(site, made)["oper_status"]["state"] == "OPER_DOWN"
    network = site.one("network", "DEV_WEB_3101")
    subnet = {
        "prefix": {"ip_addr": ip("10.77.0.0"), "mask": 24},
        "static_ip_ranges": [{"range": {"begin": ip("10.77.0.20"), "end": ip("10.77.0.29")}}],
    }
    two = site.one("vrfcontext", "VRF_AZ2")["url"]
    status, body = site.put(network, vrf_context_ref=two, dhcp_enabled=False, configured_subnets=[subnet])
    assert status == 200, body
    site.later(3)
    assert runtime(site, made)["oper_status"]["state"] == "OPER_UP"


def test_pools_bring_their_service_down(site):
    pool = site.post(
        "pool",
        name="p",
        vrf_ref="/api/vrfcontext?name=VRF_AZ1",
        servers=[{"ip": ip("10.10.24.161"), "port": 80}, {"ip": ip("10.10.24.162"), "port": 80}],
    )
    made = web(site, pool_ref=pool["url"], vrf_context_ref="/api/vrfcontext?name=VRF_AZ1")
    site.later(3)
    assert runtime(site, made)["oper_status"]["state"] == "OPER_UP"
    site.site.memory["servers_down"] = {"10.10.24.161"}
    row = site.get(f"/api/pool-inventory/{pool['uuid']}")
    assert (row["runtime"]["num_servers"], row["runtime"]["num_servers_up"]) == (2, 1)
    assert [uuid(ref) for ref in row["virtualservices"]] == [made["uuid"]]
    states = [s["oper_status"]["state"] for s in site.list(f"/api/pool/{pool['uuid']}/runtime/server")]
    assert states == ["OPER_DOWN", "OPER_UP"]
    site.site.memory["servers_down"] = {"10.10.24.161", "10.10.24.162"}
    assert runtime(site, made)["oper_status"] | {"last_changed_time": 0} == {
        "state": "OPER_DOWN",
        "reason": ["Pool is down: Servers are down"],
        "reason_code": 0,
        "reason_code_string": "SYSERR_DOWN",
        "last_changed_time": 0,
    }
    assert site.get(f"/api/pool/{pool['uuid']}/runtime")["oper_status"]["state"] == "OPER_DOWN"


# -- refusals ---------------------------------------------------------------------------------


def test_the_group_of_an_enabled_service_stays(site):
    made = web(site)
    other = site.one("serviceenginegroup", "S1-AZ2-SE-Group")["url"]
    status, body = site.put(made, se_group_ref=other)
    assert status == 400
    assert "isable" in body["error"]
    assert site.put(made, enabled=False)[0] == 200
    assert site.put(made, se_group_ref=other)[0] == 200


@pytest.mark.evidence("SCHEMA", "§3.12")
def test_the_systems_dns_list_is_not_emptied(site):
    system = site.get("/api/systemconfiguration")
    status, body = site(
        "PUT", "/api/systemconfiguration", {k: v for k, v in system.items() if k != "dns_virtualservice_refs"}
    )
    assert status == 400, body
    assert site("PATCH", "/api/systemconfiguration", {"replace": {"dns_virtualservice_refs": []}})[0] == 400
    assert site.delete(dns(site))[0] in (400, 403)
    assert (
        site.get("/api/systemconfiguration")["dns_virtualservice_refs"] == system["dns_virtualservice_refs"]
    )


def test_only_dns_services_are_listed(site):
    made = web(site)
    status, body = site(
        "PATCH", "/api/systemconfiguration", {"add": {"dns_virtualservice_refs": [made["url"]]}}
    )
    assert status == 400
    assert "DNS" in body["error"]


# -- registration -----------------------------------------------------------------------------


@pytest.mark.evidence("REC", "§4.5")
def test_names_are_registered_on_the_dns_service(site):
    made = web(site)
    site.later(3)
    record = records(site)["web.avi.iberia.local"]
    assert record["description"] == "admin:web"
    assert (record["type"], record["ttl"]) == ("DNS_RECORD_A", 30)
    vsvip = site.get(f"/api/vsvip/{uuid(made['vsvip_ref'])}")
    assert record["ip_address"] == [{"ip_address": vsvip["vip"][0]["ip_address"]}]
    assert (record["algorithm"], record["delegated"], record["wildcard_match"]) == (
        "DNS_RECORD_RESPONSE_CONSISTENT_HASH",
        False,
        False,
    )
    assert len(record["metadata"]) == 8
    assert "local-dns-site1.avi.iberia.local" in records(site)


@pytest.mark.evidence("SCHEMA", "§4.5")
@pytest.mark.parametrize("by_state", [True, False])
def test_state_based_registration(site, by_state):
    assert site.put(site.one("cloud", "Default-Cloud"), state_based_dns_registration=by_state)[0] == 200
    made = web(site)
    site.later(3)
    assert site.put(made, enabled=False)[0] == 200
    assert ("web.avi.iberia.local" in records(site)) is not by_state


@pytest.mark.evidence("INF", "§4.5")
def test_a_deleted_service_leaves_no_record_whatever_else_has_changed(site):
    made = web(site)
    site.later(3)
    assert "web.avi.iberia.local" in records(site)
    assert site.delete(made)[0] == 204
    site.post("tenant", name="other")
    assert "web.avi.iberia.local" not in records(site)


@pytest.mark.evidence("INF", "§4.5")
def test_a_record_names_the_tenant_of_its_service_by_its_name(site):
    site.post("tenant", name="other")
    site.headers["x-avi-tenant"] = "other"
    web(site)
    site.later(3)
    assert records(site)["web.avi.iberia.local"]["description"] == "other:web"
    tenant = site.one("tenant", "other")
    assert site.put(tenant, name="another")[0] == 200
    assert records(site)["web.avi.iberia.local"]["description"] == "another:web"


def test_no_dns_profile_no_registration(site):
    assert site.put(site.one("cloud", "Default-Cloud"), dns_provider_ref=None)[0] == 200
    assert records(site) == {}


def test_registered_records_are_not_written_back(site):
    before = dns(site)
    status, after = site.put(before)
    assert status == 200
    assert site.site.store.get("virtualservice", before["uuid"]).body.get("ipam_dns_records") is None
    assert "vip_runtime" not in site.site.store.get("virtualservice", before["uuid"]).body
    assert after["static_dns_records"] == before["static_dns_records"]


# -- cluster ----------------------------------------------------------------------------------


@pytest.mark.evidence("CLIENT", "§3.13")
def test_the_cluster_tells_its_state_without_a_login(site):
    status, body = site("GET", "/api/cluster/runtime", login=False)
    assert status == 200
    assert body["cluster_state"]["state"] == "CLUSTER_UP_NO_HA"
    assert body["cluster_state"]["progress"] == 100
    assert [n["state"] for n in body["node_states"]] == ["CLUSTER_ACTIVE"]
    assert site("GET", "/api/cluster/status", login=False)[1]["cluster_state"] == body["cluster_state"]
    site.site.memory["cluster_state"] = "CLUSTER_STARTING"
    assert site("GET", "/api/cluster/runtime", login=False)[1]["cluster_state"]["progress"] < 100


# -- AKO --------------------------------------------------------------------------------------


def test_ako_between_a_read_and_a_write_makes_the_write_stale(site):
    group = site.one("serviceenginegroup", "S1-AZ1-SE-Group")
    ako.take_steps(site.lab, steps=["label"])
    status, _ = site("PUT", f"/api/serviceenginegroup/{group['uuid']}", group)
    assert status == 412


def test_ako_respects_another_clusters_group(site):
    ako.take_steps(site.lab, cluster="other", steps=["label"])
    with pytest.raises(Refused, match="Labels do not match"):
        ako.take_steps(site.lab, cluster="s1az1", steps=["label"])


# -- another life -----------------------------------------------------------------------------


def test_a_site_lives_on_after_export_and_import(site):
    exported = exchange.exported(site.lab)
    other = Client("empty")
    exchange.imported(other.lab, exported)
    other = relogin(other)
    found = dns(other)
    assert runtime(other, found)["oper_status"]["state"] == "OPER_UP"
    assert records(other).keys() == records(site).keys()
    (engine,) = other.list("/api/serviceengine")
    model = inventory_of(other.site)
    assert model.path(model.named(Vm, engine["name"])) == "AVI K8S/Site1 AZ1"
    assert other.get("/api/network")["count"] == site.get("/api/network")["count"]
    vsvip = other.post(
        "vsvip",
        name="v",
        vrf_context_ref="/api/vrfcontext?name=VRF_AZ1",
        vip=[{"vip_id": "1", "auto_allocate_ip": True}],
    )
    assert vsvip["vip"][0]["ip_address"] == ip("10.10.25.42")
    assert other.list("/api/cloud-inventory")[0]["status"]["state"] == "CLOUD_STATE_PLACEMENT_READY"


def relogin(client):
    fresh = Client.__new__(Client)
    fresh.lab, fresh.site, fresh.version, fresh.headers = client.lab, client.site, client.version, {}
    return fresh.login()


def test_snapshot_and_restore_bring_everything_back(site):
    name = site.lab.snapshot()
    before = site.get("/api/virtualservice?page_size=200")
    web(site)
    site.lab.restore(name)
    assert site.get("/api/virtualservice?page_size=200") == before
    assert len(site.list("/api/serviceengine")) == 1
    made = web(site)
    assert site.get(f"/api/vsvip/{uuid(made['vsvip_ref'])}")["vip"][0]["ip_address"] == ip("10.10.25.42")


# -- official clients' ways -------------------------------------------------------------------


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize("version", [(20, 1, 6), (30, 2, 1)])
def test_akos_start_up_calls(version):
    """The questions AKO asks before it works, in its order and spelling, and the answers it insists on."""
    client = Client("conforming", version)
    state = client("GET", "/api/cluster/runtime", login=False)[1]["cluster_state"]["state"]
    assert state in ("CLUSTER_UP_NO_HA", "CLUSTER_UP_HA_ACTIVE", "CLUSTER_UP_HA_COMPROMISED")
    assert client("GET", "/api/initial-data", login=False)[1]["version"]["Version"] == client.version
    assert client.get("/api/tenant/?include_name&name=admin")["count"] == 1
    (cloud,) = client.list("/api/cloud/?include_name&name=Default-Cloud")
    assert (cloud["vtype"], cloud["ipam_provider_ref"].split("#")[1]) == ("CLOUD_VCENTER", "IPAM_Default")
    assert client.get("/api/ipamdnsproviderprofile/?include_name&name=IPAM_Default")["count"] == 1
    domains = client.get(f"/api/ipamdnsproviderprofiledomainlist?cloud_uuid={cloud['uuid']}")["domains"]
    assert "avi.iberia.local" in str(domains)
    assert client.get("/api/vrfcontext/?include_name&name=VRF_AZ1&cloud_ref.name=Default-Cloud")["count"] == 1
    path = "/api/network/?include_name&name=AVI_FRONTEND_3025&cloud_ref.name=Default-Cloud"
    (network,) = client.list(f"{path}&vrf_context_ref.name=VRF_AZ1")
    assert client.get(f"{path}&vrf_context_ref.name=VRF_AZ2") == {"count": 0, "results": []}
    assert client.get(f"/api/vimgrnwruntime/{network['uuid']}")["host_refs"]
    asked = "/api/serviceenginegroup/?include_name&page_size=100&cloud_ref.name=Default-Cloud&name.in=S1-AZ1-SE-Group"
    (group,) = client.list(asked)
    label = [{"key": "clustername", "value": "s1az1"}]
    status, put = client("PUT", f"/api/serviceenginegroup/{group['uuid']}", {**group, "labels": label})
    assert (status, put["labels"]) == (200, label)
    ako.take_steps(client.lab, steps=["ingress"])
    own = "/api/virtualservice/?include_name&cloud_ref.name=Default-Cloud&created_by=ako-s1az1&page_size=100"
    assert [v["name"] for v in client.list(own)] == ["s1az1--Shared-L7-0"]


@pytest.mark.evidence("CLIENT", "§3.1")
def test_terraforms_two_steps_to_a_vcenter_cloud(site):
    """It posts without a management network and waits for FAILED, then puts one and waits for PLACEMENT_READY."""
    vcenter = {
        "username": "svc-avi@vsphere.local",
        "password": "never-shown",
        "privilege": "WRITE_ACCESS",
        "vcenter_url": "vcenter.iberia.local",
        "datacenter": "REGIONB",
    }
    made = site.post("cloud", name="tf", vtype="CLOUD_VCENTER", vcenter_configuration=vcenter)

    def state():
        return site.list("/api/cloud-inventory?name=tf")[0]["status"]["state"]

    assert state() == "CLOUD_STATE_FAILED"
    (network,) = site.list("/api/vimgrnwruntime?name=REGIONB_MGMT_3020&cloud_ref.name=tf")
    status, body = site.put(made, vcenter_configuration={**vcenter, "management_network": network["url"]})
    assert status == 200, body
    assert state() == "CLOUD_STATE_PLACEMENT_READY"
