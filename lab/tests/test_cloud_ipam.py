"""VIP allocation from pools, and what a network's runtime says of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.tests.cloudsite import Client, ip, pool, prefix
from lab.tests.suite import IN_CI

SUBNET = "10.10.25.0/24"


@pytest.fixture
def site():
    return Client("conforming")


def network(client, name="AVI_FRONTEND_3025"):
    return client.one("network", name)


def vsvip(client, name="v", vrf="VRF_AZ1", **vip):
    body = {"auto_allocate_ip": True, "vip_id": "1", **vip}
    ref = f"/api/vrfcontext?name={vrf}"
    return client("POST", "/api/vsvip", {"name": name, "vrf_context_ref": ref, "vip": [body]})


def choice(text=SUBNET, **more):
    return {"ipam_network_subnet": {"subnet": prefix(text), **more}}


def address(made):
    return made["vip"][0]["ip_address"]["addr"]


@pytest.mark.evidence("REC", "§4.4")
def test_the_recorded_shape(site):
    status, made = vsvip(site, auto_allocate_ip_type="V4_ONLY", **choice())
    assert status == 201
    net = network(site)
    named = f"{net['url']}#{net['name']}"
    vip = made["vip"][0]
    assert vip["ip_address"] == ip("10.10.25.42")  # .40 the DNS service's, .41 its Service Engine's
    assert vip["ipam_network_subnet"] == {"subnet": prefix(SUBNET), "network_ref": named}
    assert vip["discovered_networks"] == [{"network_ref": named, "subnet": [prefix(SUBNET)]}]
    assert vip["avi_allocated_vip"] is False


@pytest.mark.evidence("REC", "§4.4")
def test_the_ttl_comes_from_the_dns_profile(site):
    profile = site.one("ipamdnsproviderprofile", "DNS_Default")
    site.put(profile, internal_profile={**profile["internal_profile"], "ttl": 77})
    made = site.post(
        "vsvip", name="v", dns_info=[{"fqdn": "v.avi.iberia.local"}, {"fqdn": "w.avi.iberia.local", "ttl": 5}]
    )
    assert [info["ttl"] for info in made["dns_info"]] == [77, 5]


def test_a_domain_with_a_ttl_of_its_own(site):
    profile = site.one("ipamdnsproviderprofile", "DNS_Default")
    domains = [{"domain_name": "avi.iberia.local", "record_ttl": 9}]
    site.put(profile, internal_profile={**profile["internal_profile"], "dns_service_domain": domains})
    assert site.post("vsvip", name="v", dns_info=[{"fqdn": "v.avi.iberia.local"}])["dns_info"][0]["ttl"] == 9


def test_next_free_ascending_and_given_back_on_delete(site):
    first, second = (vsvip(site, name=n, **choice())[1] for n in "ab")
    assert [address(first), address(second)] == ["10.10.25.42", "10.10.25.43"]
    assert site.delete(first)[0] == 204
    assert address(vsvip(site, name="c", **choice())[1]) == "10.10.25.42"


def test_a_put_keeps_the_address(site):
    made = vsvip(site, **choice())[1]
    status, put = site.put(made, vip=[{"vip_id": "1", "auto_allocate_ip": True}])
    assert status == 200
    assert put["vip"][0]["ip_address"] == made["vip"][0]["ip_address"]
    assert put["vip"][0]["ipam_network_subnet"] == made["vip"][0]["ipam_network_subnet"]


@pytest.mark.evidence("CLIENT", "§2.8")
def test_a_vip_is_recreated_not_renumbered(site):
    made = vsvip(site, **choice())[1]
    status, body = site.put(made, vip=[{**made["vip"][0], "ip_address": ip("10.10.25.50")}])
    assert (status, body["error"]) == (400, "If a new preferred IP is needed, please recreate the VIP")
    status, body = site.put(made, vip=[{**made["vip"][0], "vip_id": "7"}])
    assert (status, body["error"]) == (400, "Changing an existing VIP's vip_id is not supported")


def test_a_preferred_address(site):
    assert address(vsvip(site, ip_address=ip("10.10.25.55"), **choice())[1]) == "10.10.25.55"
    status, body = vsvip(site, name="w", ip_address=ip("10.10.25.55"), **choice())
    assert (status, body["error"]) == (400, "No available free IPs")


@pytest.mark.evidence("CLIENT", "§2.8")
def test_an_exhausted_pool(site):
    for n in range(18):  # .42 to .59
        assert vsvip(site, name=f"v{n}", **choice())[0] == 201
    status, body = vsvip(site, name="one-too-many", **choice())
    assert (status, body["error"]) == (400, "No available free IPs")
    assert site.get("/api/vsvip?name=one-too-many")["count"] == 0


@pytest.mark.evidence("SCHEMA", "§3.5")
def test_allocate_ip_in_vrf_leaves_only_networks_of_the_vrf(site):
    other = network(site, "AVI_FRONTEND_3026")
    assert vsvip(site, **choice("10.10.26.0/24"))[0] == 400
    assert vsvip(site, **choice("10.10.26.0/24", network_ref=other["url"]))[0] == 400
    profile = site.one("ipamdnsproviderprofile", "IPAM_Default")
    assert site.put(profile, allocate_ip_in_vrf=False)[0] == 200
    assert address(vsvip(site, **choice("10.10.26.0/24"))[1]) == "10.10.26.40"


def test_without_a_choice_the_vrf_decides(site):
    assert address(vsvip(site, name="one")[1]) == "10.10.25.42"
    assert address(vsvip(site, name="two", vrf="VRF_AZ2")[1]) == "10.10.26.40"


def test_pools_for_service_engines_give_no_vip(site):
    assert vsvip(site, **choice("10.10.24.0/24"))[0] == 400


@pytest.mark.parametrize(("kind", "status"), [("STATIC_IPS_FOR_VIP", 201), ("STATIC_IPS_FOR_SE", 400)])
def test_range_types(site, kind, status):
    site.put(
        network(site, "AVI_FRONTEND_3026"),
        configured_subnets=[pool("10.10.26.0/24", "10.10.26.70", "10.10.26.71", kind)],
    )
    assert vsvip(site, vrf="VRF_AZ2", **choice("10.10.26.0/24"))[0] == status


def test_usable_networks_are_the_only_ones(site):
    profile = site.one("ipamdnsproviderprofile", "IPAM_Default")
    only = {"ttl": 30, "usable_networks": [{"nw_ref": network(site, "AVI_FRONTEND_3026")["url"]}]}
    assert site.put(profile, internal_profile=only)[0] == 200
    assert vsvip(site, **choice())[0] == 400
    assert vsvip(site, vrf="VRF_AZ2")[0] == 201


def test_no_ipam_profile_no_address(site):
    assert site.put(site.one("cloud", "Default-Cloud"), ipam_provider_ref=None)[0] == 200
    status, body = vsvip(site, **choice())
    assert status == 400
    assert "IPAM" in body["error"]


@pytest.mark.evidence("REC", "§3.8")
def test_a_static_vip_is_taken_as_it_is_and_keeps_others_off(site):
    status, made = vsvip(site, auto_allocate_ip=False, ip_address=ip("10.10.25.42"))
    assert status == 201
    assert "discovered_networks" not in made["vip"][0]
    assert address(vsvip(site, name="w", **choice())[1]) == "10.10.25.43"


def test_both_families(site):
    subnets = [pool(SUBNET, "10.10.25.40", "10.10.25.59"), pool("fd00:25::/64", "fd00:25::40", "fd00:25::4f")]
    assert site.put(network(site), configured_subnets=subnets)[0] == 200
    ref = network(site)["url"]
    status, made = vsvip(site, auto_allocate_ip_type="V4_V6", ipam_network_subnet={"network_ref": ref})
    assert status == 201, made
    vip = made["vip"][0]
    assert vip["ip6_address"] == ip("fd00:25::40")
    assert vip["ip_address"] == ip("10.10.25.42")
    assert vip["discovered_networks"][0]["subnet6"] == [prefix("fd00:25::/64")]


def test_two_vips_of_one_number(site):
    status, body = site("POST", "/api/vsvip", {"name": "v", "vip": [{"vip_id": "1"}, {"vip_id": "1"}]})
    assert status == 400
    assert "vip_id" in body["error"]


@pytest.mark.parametrize(
    ("version", "ranges", "flat"),
    [((18, 2, 13), False, True), ((20, 1, 6), True, True), ((30, 2, 1), True, False)],
)
def test_the_runtime_counts_in_the_shape_of_the_version(version, ranges, flat):
    client = Client("conforming", version)
    net = network(client)
    runtime = client.get(f"/api/network/{net['uuid']}/runtime")
    subnet = runtime["subnet_runtime"][0]
    assert subnet["prefix"] == prefix(SUBNET)
    assert ("ip_range_runtimes" in subnet) is ranges
    assert ("total_ip_count" in subnet) is flat
    counts = subnet["ip_range_runtimes"][0] if ranges else subnet
    assert (counts["total_ip_count"], counts["free_ip_count"]) == (20, 18)
    if ranges:
        held = {entry["ip"]["addr"]: entry["obj_uuid"] for entry in counts["allocated_ips"]}
        assert held["10.10.25.40"] == client.one("vsvip", "vsvip-local-dns-site1")["uuid"]
        assert held["10.10.25.41"] == client.list("/api/serviceengine")[0]["uuid"]
        unheld = client.get(f"/api/network/{client.one('network', 'AVI_FRONTEND_3026')['uuid']}/runtime")
        assert "allocated_ips" not in unheld["subnet_runtime"][0]["ip_range_runtimes"][0]
    row = client.get(f"/api/network-inventory/{net['uuid']}")
    assert row["runtime"]["subnet_runtime"] == runtime["subnet_runtime"]
    assert row["config"]["name"] == row["discovery"]["name"] == "AVI_FRONTEND_3025"


def test_a_network_in_use_stays_in_its_vrf(site):
    two = site.one("vrfcontext", "VRF_AZ2")["url"]
    status, body = site.put(network(site), vrf_context_ref=two)
    assert status == 400
    assert "vsvip-local-dns-site1" in body["error"]
    assert site.put(network(site, "REGIONB_VMS_3024"), vrf_context_ref=two)[0] == 200


def test_a_vip_that_moves_keeps_its_new_address_from_the_service_engines(site):
    """The address is held before the service gets a vNIC on the VIP's new network."""
    net = network(site, "REGIONB_VMS_3024")
    shared = [pool("10.10.24.0/24", "10.10.24.164", "10.10.24.169")]
    assert site.put(net, configured_subnets=shared)[0] == 200
    moved = {"auto_allocate_ip": True, "vip_id": "1", **choice("10.10.24.0/24", network_ref=net["url"])}
    status, body = site.put(site.one("vsvip", "vsvip-local-dns-site1"), vip=[moved])
    assert status == 200, body
    (engine,) = site.list("/api/serviceengine")
    vnics = [item["ip"]["ip_addr"]["addr"] for vnic in engine["data_vnics"] for item in vnic["vnic_networks"]]
    assert vnics == ["10.10.25.41", "10.10.24.165"]
    assert address(body) == "10.10.24.164"


def test_old_spellings_of_pools_are_pools(site):
    client = Client("conforming", (20, 1, 6), as_version=(20, 1, 2))
    shape = {
        "prefix": prefix("10.10.26.0/24"),
        "static_ranges": [{"begin": ip("10.10.26.80"), "end": ip("10.10.26.81")}],
    }
    assert client.put(network(client, "AVI_FRONTEND_3026"), configured_subnets=[shape])[0] == 200
    assert address(vsvip(client, vrf="VRF_AZ2", **choice("10.10.26.0/24"))[1]) == "10.10.26.80"


@pytest.mark.evidence("INF", "§4.4")
def test_two_networks_with_the_same_subnet_in_one_vrf_context_give_an_address_once():
    client = Client("conforming")
    ranges = pool("10.77.0.0/24", "10.77.0.10", "10.77.0.12")
    vrf = client.post("vrfcontext", name="twice", cloud_ref="/api/cloud?name=Default-Cloud")
    other = client.post("vrfcontext", name="elsewhere", cloud_ref="/api/cloud?name=Default-Cloud")
    refs = []
    for name in ("REGIONB_VMS_3023", "REGIONB_VMS_3024", "AVI_FRONTEND_3026"):
        where = other if name.endswith("3026") else vrf
        shape = {"configured_subnets": [ranges], "vrf_context_ref": where["url"], "dhcp_enabled": False}
        status, changed = client.put(network(client, name), **shape)
        assert status == 200, changed
        refs.append(changed["url"])
    profile = client.one("ipamdnsproviderprofile", "IPAM_Default")
    usable = {"usable_networks": [{"nw_ref": ref} for ref in refs]}
    assert client.put(profile, internal_profile=usable)[0] == 200

    def take(name, ref, of="twice", **more):
        return vsvip(client, name, of, ipam_network_subnet={"network_ref": ref}, **more)

    given_out = [address(take(f"v{n}", refs[n % 2])[1]) for n in range(3)]
    assert given_out == ["10.77.0.10", "10.77.0.11", "10.77.0.12"]
    assert take("full", refs[0])[1] == {"error": "No available free IPs"}
    assert take("asked", refs[1], ip_address=ip("10.77.0.10"))[0] == 400, "held on the other network"
    assert address(take("apart", refs[2], of="elsewhere")[1]) == "10.77.0.10", "another routing table"


@settings(max_examples=20 if IN_CI else 8, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 25)), max_size=30))
def test_no_address_is_ever_held_twice(steps):
    """Allocations and deletions in any order: addresses are distinct, in the pool, and counted as held."""
    client = Client("conforming")
    live = {}
    for make, n in steps:
        if make and n not in live:
            status, made = vsvip(client, name=f"v{n}", **choice())
            assert status == (201 if len(live) < 18 else 400)
            if status == 201:
                live[n] = made
        elif not make and n in live:
            assert client.delete(live.pop(n))[0] == 204
    held = [address(made) for made in live.values()]
    assert len(set(held)) == len(held)
    assert all(42 <= int(a.rpartition(".")[2]) <= 59 for a in held)
    net = network(client)
    counts = client.get(f"/api/network/{net['uuid']}/runtime")["subnet_runtime"][0]["ip_range_runtimes"][0]
    assert counts["free_ip_count"] == 18 - len(live)
