"""Causes in routes, addresses and BGP, and their consequences for servers, pools, services and DNS."""

import pytest

from lab import ako
from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import Vm
from lab.seeds.datacenter import ACCOUNT
from lab.tests.cloudsite import control, ip, prefix

VRF = "/api/vrfcontext?name=VRF_AZ1"


def state(site, name):
    rows = site.list("/api/virtualservice-inventory?page_size=200")
    status = next(row["runtime"]["oper_status"] for row in rows if row["config"]["name"] == name)
    return status["state"], " ".join(status.get("reason", []))


def pool_state(site, name):
    rows = site.list("/api/pool-inventory?page_size=200")
    status = next(row["runtime"]["oper_status"] for row in rows if row["config"]["name"] == name)
    return status["state"], " ".join(status.get("reason", []))


def web(site, name, *servers, address=None, **more):
    vip = {"vip_id": "0"} | ({"ip_address": ip(address)} if address else {"auto_allocate_ip": True})
    vsvip_more = {"bgp_peer_labels": more.pop("labels")} if "labels" in more else {}
    vsvip = site.post(
        "vsvip",
        name=name,
        vrf_context_ref=VRF,
        vip=[vip],
        dns_info=[{"fqdn": f"{name}.avi.iberia.local"}],
        **vsvip_more,
    )
    if servers:
        pool = site.post("pool", name=name, vrf_ref=VRF, servers=[{"ip": ip(each)} for each in servers])
        more["pool_ref"] = pool["url"]
    group = site.one("serviceenginegroup", "S1-AZ1-SE-Group")["url"]
    placed = {"vsvip_ref": vsvip["url"], "vrf_context_ref": VRF, "se_group_ref": group}
    site.post("virtualservice", name=name, services=[{"port": 80}], **placed, **more)
    site.later(5)


def routed(site, *routes):
    listed = [
        {"route_id": str(number), "prefix": prefix(to), "next_hop": ip(hop)}
        for number, (to, hop) in enumerate(routes, 1)
    ]
    assert site.put(site.one("vrfcontext", "VRF_AZ1"), static_routes=listed)[0] == 200


@pytest.mark.evidence("PUBLIC", "§4.6")
def test_a_server_on_no_network_of_the_vrf_context_is_down(site):
    web(site, "web", "10.10.23.44")  # of VRF_AZ2
    assert pool_state(site, "web") == ("OPER_DOWN", "No route to 10.10.23.44 in VRF context VRF_AZ1")
    assert state(site, "web")[0] == "OPER_DOWN"
    rows = site.list("/api/pool/" + site.one("pool", "web")["uuid"] + "/runtime/server")
    assert rows[0]["oper_status"]["state"] == "OPER_DOWN"
    routed(site, ("0.0.0.0/0", "10.10.25.1"))
    assert (pool_state(site, "web")[0], state(site, "web")[0]) == ("OPER_UP", "OPER_UP")
    routed(site, ("0.0.0.0/0", "10.10.24.1"))
    nodes = site.one("network", "REGIONB_VMS_3024")
    moved = [{"prefix": prefix("10.10.124.0/24")}]
    assert site.put(nodes, configured_subnets=moved)[0] == 200
    assert "is on no network of VRF context" in pool_state(site, "web")[1]


@pytest.mark.evidence("PUBLIC", "§4.6")
def test_a_next_hop_in_no_subnet_is_refused(site):
    vrf, route = site.one("vrfcontext", "VRF_AZ1"), {"route_id": "1", "prefix": prefix("0.0.0.0/0")}
    status, refused = site.put(vrf, static_routes=[route | {"next_hop": ip("10.99.0.1")}])
    assert (status, "10.99.0.1" in refused["error"], "VRF_AZ1" in refused["error"]) == (400, True, True)
    path = f"/api/vrfcontext/{vrf['uuid']}"
    added = {"add": {"static_routes": [route | {"next_hop": ip("10.99.0.1")}]}}
    assert site("PATCH", path, added)[0] == 400
    assert site.put(vrf, static_routes=[route | {"next_hop": ip("10.10.25.1")}])[0] == 200
    nodes = site.one("network", "REGIONB_VMS_3024")
    assert site.put(nodes, configured_subnets=None)[0] == 200  # nobody knows what is on it
    added = {"add": {"static_routes": [route | {"route_id": "2", "next_hop": ip("10.99.0.1")}]}}
    assert site("PATCH", path, added)[0] == 200


@pytest.mark.evidence("PUBLIC", "§4.6")
def test_a_name_of_a_service_that_is_down_is_not_registered(site):
    web(site, "web", "10.10.23.44")
    assert "web.avi.iberia.local" not in registered(site)


def registered(site):
    (dns,) = (site.get(each["url"]) for each in site.list("/api/virtualservice?name=local-dns-site1"))
    return {name for record in dns.get("ipam_dns_records", []) for name in record["fqdn"]}


def peers_down(site, *, down):
    for address in ("10.10.25.1", "10.10.25.2"):
        turn(site, peer=address, up=not down)


def route_gone(site, *, down):
    routed(site, *(() if down else [("0.0.0.0/0", "10.10.25.1")]))


def subnet_moved(site, *, down):
    nodes = site.one("network", "REGIONB_VMS_3024")
    subnet = [{"prefix": prefix("10.10.124.0/24" if down else "10.10.24.0/24")}]
    assert site.put(nodes, configured_subnets=subnet)[0] == 200


def older_vip(site, *, down):
    if down:
        site.put(site.one("vsvip", "first"), vip=[{"vip_id": "0", "ip_address": ip("10.10.25.81")}])
    else:
        site.delete(site.one("virtualservice", "first"))


@pytest.mark.evidence("SCHEMA", "§4.5")
@pytest.mark.parametrize("cause", [peers_down, route_gone, subnet_moved, older_vip])
def test_the_page_of_the_dns_service_follows_each_cause_at_once(site, cause):
    bgp(site, peer("10.10.25.1", advertise_vip=True), peer("10.10.25.2", advertise_vip=True))
    routed(site, ("0.0.0.0/0", "10.10.25.1"))
    web(site, "first", address="10.10.25.82")
    server = "10.99.0.9" if cause is route_gone else "10.10.24.44"
    if cause is subnet_moved:
        routed(site)
    web(site, "web", server, address="10.10.25.81", enable_rhi=True)
    name = "web.avi.iberia.local"
    assert name in registered(site)
    cause(site, down=True)
    assert (state(site, "web")[0], name in registered(site)) == ("OPER_DOWN", False)
    cause(site, down=False)
    assert (state(site, "web")[0], name in registered(site)) == ("OPER_UP", True)


@pytest.mark.evidence("PUBLIC", "§4.6")
def test_two_clusters_with_the_same_pod_networks_cross(site):
    ako.take_steps(site.lab, steps=["start", {"ingress": {"name": "first"}}])
    second = {"cluster": "s1az9", "se_group": "S1-AZ2-SE-Group"}
    nodes = ["10.10.24.181", "10.10.24.182"]
    ako.take_steps(site.lab, steps=["start", {"ingress": {"name": "other"}}], nodes=nodes, **second)
    site.later(5)
    assert state(site, "s1az1--Shared-L7-0")[0] == "OPER_UP"
    why = pool_state(site, "s1az9--other.avi.iberia.local_-default-other")
    assert why == ("OPER_DOWN", "Route 10.244.0.0/24 leads to the nodes of cluster s1az1")


@pytest.mark.evidence("PUBLIC", "§4.4")
def test_one_vip_address_in_two_services(site):
    web(site, "first", address="10.10.25.77")
    web(site, "second", address="10.10.25.77")
    assert state(site, "first")[0] == "OPER_UP"
    assert state(site, "second")[0] == "OPER_DOWN"
    assert "Duplicate IP address 10.10.25.77" in state(site, "second")[1]
    site.delete(site.one("virtualservice", "first"))
    assert state(site, "second")[0] == "OPER_UP"


@pytest.mark.evidence("PUBLIC", "§4.4")
def test_a_vip_address_that_a_machine_answers_for(site):
    model = inventory_of(site.site)
    wired = next(vm for vm in model.of(Vm) if vm.name == "k8sopsbox")
    web(site, "web", address="10.10.25.78")
    assert state(site, "web")[0] == "OPER_UP"
    model.add_nic(wired, wired.nics[0].portgroup, "10.10.25.78/24")
    assert state(site, "web") == (
        "OPER_DOWN",
        "Duplicate IP address 10.10.25.78 detected: k8sopsbox answers for it",
    )


def peer(address, **more):
    return {"peer_ip": ip(address), "remote_as": 65001, "subnet": prefix("10.10.25.0/24"), **more}


def bgp(site, *peers):
    profile = {"local_as": 65000, "ibgp": False, "peers": list(peers)}
    status, body = site.put(site.one("vrfcontext", "VRF_AZ1"), bgp_profile=profile)
    assert status == 200, body


@pytest.mark.evidence("SCHEMA", "§3.4")
def test_a_vip_with_labels_that_no_peer_has_is_not_advertised(site):
    bgp(site, peer("10.10.25.1", label="core", advertise_vip=True))
    web(site, "web", address="10.10.25.79", enable_rhi=True, labels=["edge"])
    assert state(site, "web") == (
        "OPER_DOWN",
        "No BGP peer with label edge advertises the VIP in VRF context VRF_AZ1",
    )
    bgp(site, peer("10.10.25.1", label="edge", advertise_vip=True))
    assert state(site, "web")[0] == "OPER_UP"
    bgp(site, peer("10.10.25.1", label="edge", advertise_vip=False))
    assert state(site, "web")[0] == "OPER_DOWN"


def turn(site, **body):
    return control(site.lab, "bgp", body)


@pytest.mark.evidence("PUBLIC", "§3.4")
def test_a_vip_whose_peers_are_all_down_is_down(site):
    bgp(site, peer("10.10.25.1", advertise_vip=True), peer("10.10.25.2", advertise_vip=True))
    web(site, "web", address="10.10.25.80", enable_rhi=True)
    assert turn(site, peer="10.10.25.1", up=False) == (200, {"down": ["10.10.25.1"]})
    assert state(site, "web")[0] == "OPER_UP"
    turn(site, peer="10.10.25.2", up=False)
    assert state(site, "web") == ("OPER_DOWN", "BGP peers 10.10.25.1, 10.10.25.2 are down")
    events = site.list("/api/analytics/logs?type=2&filter=eq(event_id,SE_BGP_PEER_DOWN)")
    assert [event["obj_name"] for event in events] == ["VRF_AZ1"] * 2
    turn(site, peer="10.10.25.2", up=True)
    assert state(site, "web")[0] == "OPER_UP"
    for wrong in ({"peer": "10.9.9.9", "up": False}, {"peer": "10.10.25.1"}):
        assert turn(site, **wrong)[0] == 400


@pytest.mark.evidence("INF", "§4.6")
@pytest.mark.parametrize(
    ("address", "after", "says"),
    [
        ("203.0.113.9", "OPER_DOWN", "No network/subnet matched Virtual Service IP"),
        (
            "10.10.24.200",
            "OPER_RESOURCES",
            "Cloud Default-Cloud is not ready: vCenter login failed: bad credentials",
        ),
        ("10.10.25.59", "OPER_UP", ""),
    ],
    ids=["on no network", "on a network without vNIC", "on its network"],
)
def test_a_vip_that_moves_while_the_cloud_is_not_ready(site, address, after, says):
    password = {"do": "password", "account": ACCOUNT}
    assert control(site.lab, "vcenter/faults", password | {"password": "rotated"})[0] == 200
    vip = {"vip_id": "1", "ip_address": {"addr": address, "type": "V4"}}
    assert site.put(site.one("vsvip", "vsvip-local-dns-site1"), vip=[vip])[0] == 200
    assert state(site, "local-dns-site1") == (after, says)
    (row,) = site.list("/api/vsvip-inventory")
    assert row["runtime"]["oper_status"]["state"] == after
    assert control(site.lab, "vcenter/faults", password | {"password": "never-shown"})[0] == 200
    site.later(5)
    assert state(site, "local-dns-site1")[0] == ("OPER_DOWN" if after == "OPER_DOWN" else "OPER_UP")
