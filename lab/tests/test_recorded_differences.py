"""Rows of the comparison with recorded Controllers and official clients, each as a contract test with its evidence."""

from __future__ import annotations

import base64
import json
import uuid

import pytest

from lab.exchange import exported, imported
from lab.tests.controller_client import Client, make, path_of

ALL = ("18.2.13", "20.1.6", "22.1.3", "30.2.1")


@pytest.fixture(scope="module", params=ALL)
def each(request):
    """A client of a Controller that was just installed, of each of several releases."""
    return Client(make(request.param))


@pytest.fixture(scope="module")
def site():
    return Client(make("30.2.1", "conforming"))


def service(client, name, **more):
    vip = [{"ip_address": {"addr": "10.90.64.7", "type": "V4"}}]
    vsvip = client.post("/api/vsvip", {"name": name, "vip": vip})
    body = {"name": name, "vsvip_ref": vsvip["url"], "services": [{"port": 80}]}
    return client.post("/api/virtualservice", body | more)


@pytest.mark.evidence("REC", "§3.10")
def test_a_pool_has_the_systems_analytics_profile(each):
    pool = each.post("/api/pool", {"name": "analysed"})
    assert pool["analytics_profile_ref"].endswith("#System-Analytics-Profile")


@pytest.mark.evidence("REC", "§3.12")
def test_the_factory_system_configuration(each):
    shown = each.get("/api/systemconfiguration?include_name")
    assert shown["ssh_ciphers"] == ["aes128-ctr", "aes256-ctr"]
    assert len(shown["ssh_hmacs"]) == 3
    portal = [r.rpartition("#")[2] for r in shown["portal_configuration"]["sslkeyandcertificate_refs"]]
    assert portal == ["System-Default-Portal-Cert", "System-Default-Portal-Cert-EC256"]
    (channel,) = shown["secure_channel_configuration"]["sslkeyandcertificate_refs"]
    assert channel.endswith("#System-Default-Secure-Channel-Cert")


@pytest.mark.evidence("REC", "§3.9")
@pytest.mark.parametrize("version", ["18.2.13", "20.1.5", "22.1.3", "30.2.1", "32.1.1"])
def test_the_bookkeeping_of_a_virtual_service(version):
    client = Client(make(version))
    path = path_of(service(client, "counted"))
    shown = client.get(path)
    assert (shown["version"], shown["self_se_election"]) == ("1", True)
    keys = shown["tls_ticket_key"]
    assert len({uuid.UUID(key["name"]).version for key in keys}) == 1
    assert [len(base64.b64decode(key["aes_key"], validate=True)) for key in keys] == [32] * 3
    client("PATCH", path, {"add": {"description": "changed"}})
    assert client.get(path)["version"] == "2"


@pytest.mark.evidence("CLIENT", "§3.6")
def test_a_groups_licence_members(each):
    group = each.post("/api/serviceenginegroup", {"name": "licensed"})
    assert (group["license_type"], group["se_bandwidth_type"]) == ("LIC_CORES", "SE_BANDWIDTH_UNLIMITED")
    assert group["license_tier"].startswith("ENTERPRISE")
    assert group["accelerated_networking"] is True
    assert group.get("dedicated_dispatcher_core", False) is False


@pytest.mark.evidence("CLIENT", "§3.9")
@pytest.mark.parametrize(("version", "member"), [("21.1.3", "uuid"), ("21.1.4", "ref"), ("30.2.1", "ref")])
def test_the_parent_of_a_child_service_by_release(version, member):
    client = Client(make(version))
    parent = service(client, "parent", type="VS_TYPE_VH_PARENT")
    child = {
        "name": "child",
        "type": "VS_TYPE_VH_CHILD",
        "vh_domain_name": ["a.test"],
        f"vh_parent_vs_{member}": parent["url"],
    }
    virtual_service = client.post("/api/virtualservice", child)
    assert virtual_service[f"vh_parent_vs_{member}"].partition("#")[0] == parent["url"].partition("#")[0]
    assert client.get(path_of(parent))["vh_child_vs_uuid"] == [virtual_service["uuid"]]


@pytest.mark.evidence("CLIENT", "§3.13")
def test_members_that_clients_read(site):
    cluster = site.get("/api/cluster")
    assert site.get("/api/cluster/runtime")["node_info"]["cluster_uuid"] == cluster["uuid"]
    uuid_ = site.one("virtualservice", "local-dns-site1")["uuid"]
    metrics = site.get(f"/api/analytics/metrics/virtualservice/{uuid_}?metric_id=l4_client.avg_bandwidth")
    assert metrics["results"][0]["series"][0]["header"]["statistics"]["mean"] == 0
    assert site.get("/api/licenseusage")["licensed_cores"] == 1
    pool = site.post("/api/pool", {"name": "detailed"})
    (detail,) = site.get(f"/api/pool/{pool['uuid']}/runtime/detail")
    assert detail["name"] == "detailed"


@pytest.mark.evidence("CLIENT", "§3.11")
@pytest.mark.parametrize(("version", "there"), [("22.1.2", False), ("22.1.3", True), ("30.2.1", True)])
def test_sctp_is_there_from_22_1_3(version, there):
    client = Client(make(version))
    for kind, name in (("healthmonitor", "System-SCTP"), ("networkprofile", "System-SCTP-Proxy")):
        assert client.get(f"/api/{kind}?name={name}")["count"] == there


@pytest.mark.evidence("EXP", "§3.11")
def test_protocol_parsers(each):
    names = {row["name"] for row in each.get("/api/protocolparser")["results"]}
    assert names == {"Default-DHCP", "Default-FIX", "Default-Radius", "Default-TLS"}


@pytest.mark.evidence("REC", "§1.3")
def test_204_has_no_content_type(each):
    pool = each.post("/api/pool", {"name": "gone"})
    assert each("DELETE", path_of(pool)).header("Content-Type") is None


@pytest.mark.evidence("REC", "§2.7")
def test_put_of_the_system_configuration_with_an_empty_body(each):
    before = each.get("/api/systemconfiguration")
    assert each("PUT", "/api/systemconfiguration", b"").status == 200
    assert each.get("/api/systemconfiguration") == before


@pytest.mark.evidence("DOC", "§2.7")
def test_patch_delete_of_a_member_with_a_default_sets_it_back(each):
    pool = each.post("/api/pool", {"name": "back", "lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN"})
    answer = each("PATCH", path_of(pool), {"delete": {"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN"}})
    assert (answer.status, answer.json()["lb_algorithm"]) == (200, "LB_ALGORITHM_LEAST_CONNECTIONS")


ADDED = [
    ("pool", {}, "servers", {"ip": {"addr": "10.0.0.1", "type": "V4"}, "port": 80}, {"ratio": 5}),
    (
        "vrfcontext",
        {},
        "static_routes",
        {
            "route_id": "1",
            "prefix": {"ip_addr": {"addr": "10.9.0.0", "type": "V4"}, "mask": 24},
            "next_hop": {"addr": "10.0.0.1", "type": "V4"},
        },
        {"next_hop": {"addr": "10.0.0.2", "type": "V4"}},
    ),
    ("serviceenginegroup", {}, "markers", {"key": "owner", "values": ["a"]}, {"values": ["b"]}),
    ("pool", {}, "health_monitor_refs", "/api/healthmonitor?name=System-Ping", None),
    ("ipaddrgroup", {}, "country_codes", "de", None),
]


@pytest.mark.evidence("DOC", "§2.7")
@pytest.mark.parametrize(("kind", "body", "member", "element", "change"), ADDED)
def test_patch_add_never_doubles(kind, body, member, element, change):
    client = Client(make("30.2.1"))
    path = path_of(client.post(f"/api/{kind}", {"name": "x", **body}))
    for _ in range(2):
        answer = client("PATCH", path, {"add": {member: [element]}})
        assert (answer.status, len(answer.json()[member])) == (200, 1)
    if change is not None:
        (changed,) = client("PATCH", path, {"add": {member: [element | change]}}).json()[member]
        assert {key: changed[key] for key in change} == change


@pytest.mark.evidence("DOC", "§2.7")
def test_patch_add_tells_servers_of_two_ports_apart():
    client = Client(make("30.2.1"))
    path = path_of(client.post("/api/pool", {"name": "x"}))
    address = {"addr": "10.0.0.1", "type": "V4"}
    for port in (80, 81, None):
        server = {"ip": address} | ({"port": port} if port else {})
        client("PATCH", path, {"add": {"servers": [server]}})
    assert [s.get("port") for s in client.get(path)["servers"]] == [80, 81, None]


@pytest.mark.evidence("REC", "§2.1")
@pytest.mark.parametrize("kind", ["cloudproperties", "systemlimits", "albservicesconfig"])
def test_what_there_is_one_of_is_answered_bare_and_listed(site, kind):
    shown = site.get(f"/api/{kind}")
    (listed,) = shown["results"]
    assert shown["count"] == 1
    assert {key: shown[key] for key in listed} == listed
    assert site.get(f"/api/{kind}/{shown['uuid']}")["uuid"] == shown["uuid"]


@pytest.mark.evidence("CLIENT", "§2.11")
def test_the_announced_user_gets_into_an_imported_site():
    other = exported(make("20.1.6"))
    export = {key: value for key, value in other.items() if key != "META"}
    for user in export["user"]:
        user["password"] = "<sensitive>"
    client = Client(make("20.1.6"), login=False)
    imported(client.lab, json.loads(json.dumps(export)))
    assert client.login("admin", client.lab.site.password).status == 200


@pytest.mark.evidence("CLIENT", "§2.5")
def test_of_networks_of_one_name_the_one_of_the_vrf_context_is_meant():
    client = Client(make("30.2.1", "fresh"))
    cloud = client.one("cloud", "Default-Cloud")["url"]
    for vrf in ("a", "b"):
        context = client.post("/api/vrfcontext", {"name": vrf, "cloud_ref": cloud})["url"]
        network = {"name": "dup", "cloud_ref": cloud, "vrf_context_ref": context}
        client.post("/api/network", network)
    named = {"network_ref": "/api/network?name=dup"}
    vip = {"vip_id": "1", "ip_address": {"addr": "10.8.0.1", "type": "V4"}, "ipam_network_subnet": named}
    answer = client.post(
        "/api/vsvip",
        {"name": "v", "vip": [vip], "vrf_context_ref": "/api/vrfcontext?name=b", "cloud_ref": cloud},
    )
    uuid_ = answer["vip"][0]["ipam_network_subnet"]["network_ref"].partition("#")[0].rpartition("/")[2]
    network = client.get(f"/api/network/{uuid_}?include_name")
    assert network["vrf_context_ref"].endswith("#b")
    assert client("POST", "/api/vsvip", {"name": "w", "vip": [vip], "cloud_ref": cloud}).status == 400


@pytest.mark.evidence("CLIENT", "§2.1")
def test_files_and_the_state_of_cloud_services(site):
    upload = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n1\r\n--x--\r\n'
    assert site("POST", "/api/fileservice/uploads", upload, content_type="multipart/form-data").status == 201
    assert site.get("/api/fileservice/uploads")["results"][0]["uri"] == "controller://uploads/a.bin"
    assert site.get("/api/albservices/status")["connectivity_status"]


@pytest.mark.evidence("EXP", "§3.11")
@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("stringgroup", {"System-Devices-Mobile", "System-PSMGroup-Types"}),
        ("wafapplicationsignatureprovider", {"System-WafApplicationSignatures-Trustwave"}),
        ("wafcrs", {"CRS-2017-0", "CRS-2017-1", "CRS-2020-3", "CRS-2021-2", "CRS-VERSION-NOT-APPLICABLE"}),
        ("scheduler", {"Default-Scheduler", "Postgresql-Vacuum-Scheduler"}),
        ("alertobjectlist", {"EventObjectList", "MetricObjectList"}),
    ],
)
def test_factory_objects_that_are_looked_up_by_name(site, kind, names):
    assert names <= {row["name"] for row in site.get(f"/api/{kind}?page_size=200")["results"]}


@pytest.mark.evidence("CLIENT", "§1.6")
def test_members_that_were_ported_back_or_dropped():
    client = Client(make("22.1.5"))
    shown = client.get("/api/controllerproperties")
    answer = client("PUT", "/api/controllerproperties", shown | {"cloud_discovery_interval": 5})
    assert (answer.status, answer.json()["cloud_discovery_interval"]) == (200, 5)
    client = Client(make("20.1.6"))
    config = {
        "request_hdr_default_action": "phase:1,deny,status:403,log,auditlog",
        "request_body_default_action": "phase:2,deny,status:403,log,auditlog",
        "response_hdr_default_action": "phase:3,deny,status:403,log,auditlog",
        "response_body_default_action": "phase:4,deny,status:403,log,auditlog",
        "allowed_request_content_types": ["text/x"],
    }
    waf_profile = client.post("/api/wafprofile", {"name": "w", "config": config})
    assert waf_profile["config"]["allowed_request_content_types"] == ["text/x"]


@pytest.mark.evidence("REC", "§3.1")
@pytest.mark.parametrize(("version", "dhcp"), [("18.2.13", False), ("20.1.1", True)])
def test_dhcp_of_the_default_cloud(version, dhcp):
    assert Client(make(version)).one("cloud", "Default-Cloud")["dhcp_enabled"] is dhcp


@pytest.mark.evidence("REC", "§1.6")
def test_members_of_18_2(client):
    older = Client(make("18.2.13"))
    assert older.post("/api/pool", {"name": "p", "apic_epg_name": "e"})["apic_epg_name"] == "e"
    rewriting = service(older, "v", content_rewrite={"request_rewrite_enabled": True})
    shown = older.get(path_of(rewriting), x_avi_version=None)
    assert shown["content_rewrite"] == {"request_rewrite_enabled": True, "response_rewrite_enabled": False}
