"""Causes on the Controller's own side, and their consequences: nodes of its cluster, pools of addresses."""

import pytest

from lab.tests.cloudsite import Client, control, ip, pool

NODES = ("avi-1", "avi-2", "avi-3")


@pytest.fixture
def site():
    client = Client("conforming")
    cluster = client.get("/api/cluster")
    nodes = [{"name": name, "ip": ip(f"10.10.20.{10 + n}")} for n, name in enumerate(NODES)]
    assert client("PUT", "/api/cluster", {**cluster, "nodes": nodes})[0] == 200
    return client


def runtime(site):
    status, body = site("GET", "/api/cluster/runtime", login=False)
    assert status == 200
    states = {node["name"]: (node["role"], node["state"]) for node in body["node_states"]}
    return body["cluster_state"]["state"], states


def turn(site, node, *, up):
    return control(site.lab, "cluster", {"node": node, "up": up})


@pytest.mark.evidence("CLIENT", "§3.13")
def test_a_node_that_is_down_compromises_the_cluster_and_another_leads(site):
    assert runtime(site)[0] == "CLUSTER_UP_HA_ACTIVE"
    assert turn(site, "avi-1", up=False) == (200, {"state": "CLUSTER_UP_HA_COMPROMISED", "down": ["avi-1"]})
    state, nodes = runtime(site)
    assert state == "CLUSTER_UP_HA_COMPROMISED"
    assert nodes["avi-1"] == ("CLUSTER_FOLLOWER", "CLUSTER_INACTIVE")
    assert nodes["avi-2"] == ("CLUSTER_LEADER", "CLUSTER_ACTIVE")
    events = site.list("/api/analytics/logs?type=2&filter=eq(event_id,CONTROLLER_NODE_LEFT)")
    assert ["avi-1" in event["event_description"] for event in events] == [True]
    turn(site, "avi-1", up=True)
    assert runtime(site) == ("CLUSTER_UP_HA_ACTIVE", nodes | {
        "avi-1": ("CLUSTER_LEADER", "CLUSTER_ACTIVE"),
        "avi-2": ("CLUSTER_FOLLOWER", "CLUSTER_ACTIVE"),
    })  # fmt: skip


@pytest.mark.evidence("INF", "§3.13")
def test_without_quorum_only_the_state_of_the_cluster_is_answered(site):
    turn(site, "avi-2", up=False)
    turn(site, "avi-3", up=False)
    assert runtime(site)[0] == "CLUSTER_DOWN"
    assert site("GET", "/api/initial-data", login=False)[0] == 200
    assert site("GET", "/api/pool")[0] == 503
    assert site("POST", "/login", {"username": "admin", "password": "avi-lab"}, login=False)[0] == 503
    turn(site, "avi-3", up=True)
    assert site("GET", "/api/pool")[0] == 200


@pytest.mark.parametrize(
    "body", [{"node": "avi-9", "up": False}, {"node": "avi-1"}, {"node": "avi-1", "up": 1}]
)
def test_a_node_that_is_not_there_is_refused(site, body):
    assert control(site.lab, "cluster", body)[0] == 400


@pytest.mark.evidence("INF", "§4.6")
@pytest.mark.parametrize(
    ("network", "subnet"), [("REGIONB_MGMT_3020", "10.10.20.0/24"), ("AVI_FRONTEND_3025", "10.10.25.0/24")]
)
def test_where_a_pool_has_no_address_left_no_service_engine_is_made(site, network, subnet):
    base = subnet.rpartition(".")[0]
    taken = {
        item["ip"]["ip_addr"]["addr"]
        for engine in site.list("/api/serviceengine")
        for vnic in (engine["mgmt_vnic"], *engine["data_vnics"])
        for item in vnic["vnic_networks"]
    }
    address = next(each for each in sorted(taken) if each.startswith(base))
    for_engines = "STATIC_IPS_FOR_VIP_AND_SE" if "MGMT" in network else "STATIC_IPS_FOR_SE"
    only = [pool(subnet, address, address, for_engines)]
    assert site.put(site.one("network", network), configured_subnets=only)[0] == 200
    vsvip = site.post(
        "vsvip",
        name="late",
        vrf_context_ref="/api/vrfcontext?name=VRF_AZ1",
        vip=[{"vip_id": "0", "ip_address": ip("10.10.25.99")}],
    )
    group = site.one("serviceenginegroup", "S1-AZ1-SE-Group")["url"]
    where = {"vrf_context_ref": "/api/vrfcontext?name=VRF_AZ1", "se_group_ref": group}
    site.post("virtualservice", name="late", vsvip_ref=vsvip["url"], services=[{"port": 80}], **where)
    rows = site.list("/api/virtualservice-inventory")
    status = next(r["runtime"]["oper_status"] for r in rows if r["config"]["name"] == "late")
    assert (status["state"], network in status["reason"][0]) == ("OPER_RESOURCES", True)
    assert "No available free IPs" in status["reason"][0]
