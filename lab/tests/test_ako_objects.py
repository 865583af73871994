"""Objects that AKO makes for Ingresses and Services: bodies as AKO itself made them, growth, and what it takes away."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lab import ako
from lab.objects import Refused
from lab.tests.cloudsite import Client

RECORDED = Path(__file__).with_name("data") / "ako_objects.json"
"""What AKO 1.13.4 made on a lab of 30.2.1, read with include_name and skip_default, without members of the runtime."""
NODES = [
    {"name": "s1az1-k8s-master", "ip": "10.10.24.160"},
    {"name": "s1az1-k8s-worker1", "ip": "10.10.24.161"},
]
SHOP = (
    {
        "ingress": {
            "namespace": "shop",
            "name": "plain",
            "host": "plain.avi.iberia.local",
            "service": "web",
        }
    },
    {
        "ingress": {
            "namespace": "shop",
            "name": "shop",
            "host": "shop.avi.iberia.local",
            "service": "web",
            "tls": True,
            "paths": ["/", "/cart"],
        }
    },
    {"service": {"namespace": "shop", "name": "lb", "replicas": 1}},
)
OWN_WORDS = ("script", "certificate", "ip_address")
"""Members whose values differ between any two sites, or are AKO's own texts."""


@pytest.fixture
def site():
    client = Client("conforming")
    begun = ako.take_steps(client.lab, nodes=NODES)
    assert begun["verdict"] == "starts", begun
    return client


SERVER_SET = (
    ".analytics_profile_ref",
    ".accelerated_networking",
    ".license_t",
    ".se_bandwidth_type",
    ".configpb_attributes",
    ".vh_child_vs_uuid",
    ".vip_runtime",
    *(".marked_for_delete", ".redis_", ".self_se_election", ".tls_ticket_key", ".version"),
)
"""What a Controller adds by itself, or shows of how things run; left out of what was recorded."""


def flat(value, at=""):
    """Every leaf by its path: references by type and name, without uuids, checksums and times."""
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            if str(key) in {"url", "uuid", "_last_modified", *OWN_WORDS} or str(key).endswith("cksum"):
                continue
            yield from flat(inner, f"{at}.{key}")
    elif isinstance(value, str) and "/api/" in value:
        yield at, re.sub(r"^.*/api/(\w+)[/?].*(#|name=)", r"\1 ", value)
    elif isinstance(value, str):
        yield at, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", value)
    else:
        yield at, value


def facts(body):
    return {path: value for path, value in flat(body) if not path.startswith(SERVER_SET)}


@pytest.mark.evidence("CLIENT", "§4.9")
def test_objects_have_the_bodies_that_ako_itself_gave_them(site):
    ako.take_steps(site.lab, steps=SHOP)
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert sum(map(len, recorded.values())) == 19
    for kind, rows in recorded.items():
        for row in rows:
            (stored,) = site.list(f"/api/{kind}?name={row['name']}&skip_default&include_name")
            assert facts(stored) == facts(row), (kind, row["name"])


@pytest.mark.evidence("CLIENT", "§4.9")
def test_services_come_up_and_their_names_resolve(site):
    ako.take_steps(site.lab, steps=SHOP)
    site.later(5)
    states = {
        row["config"]["name"]: row["runtime"]["oper_status"]["state"]
        for row in site.list("/api/virtualservice-inventory")
    }
    assert {name: state for name, state in states.items() if name.startswith("s1az1--")} == dict.fromkeys(
        ("s1az1--Shared-L7-0", "s1az1--shop.avi.iberia.local", "s1az1--shop-lb"), "OPER_UP"
    )
    (dns,) = (site.get(vs["url"]) for vs in site.list("/api/virtualservice?name=local-dns-site1"))
    names = {name for record in dns["ipam_dns_records"] for name in record["fqdn"]}
    assert names >= {"plain.avi.iberia.local", "shop.avi.iberia.local", "lb.shop.avi.iberia.local"}


@pytest.mark.evidence("INF", "§4.9")
def test_sctp_and_udp_have_profiles_and_monitors_of_their_own(site):
    ports = [{"port": 3868, "protocol": "SCTP"}]
    ako.take_steps(site.lab, steps=[{"service": {"name": "diameter", "ports": ports}}])
    service = site.list("/api/virtualservice?name=s1az1--default-diameter&include_name")[0]
    assert service["network_profile_ref"].endswith("#System-SCTP-Proxy")
    (pool,) = site.list("/api/pool?name=s1az1--default-diameter-SCTP-3868&include_name")
    assert [ref.partition("#")[2] for ref in pool["health_monitor_refs"]] == ["System-SCTP"]
    (policy,) = site.list("/api/l4policyset?name=s1az1--default-diameter")
    (rule,) = policy["l4_connection_policy"]["rules"]
    assert rule["match"]["protocol"]["protocol"] == "PROTOCOL_SCTP"
    ports = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    ako.take_steps(site.lab, steps=[{"service": {"name": "dns", "ports": ports}}])
    mixed = site.list("/api/virtualservice?name=s1az1--default-dns&include_name")[0]
    assert mixed["network_profile_ref"].endswith("#System-TCP-Proxy")
    overrides = [each.get("override_network_profile_ref", "").partition("#")[2] for each in mixed["services"]]
    assert overrides == ["System-UDP-Fast-Path", ""]


@pytest.mark.evidence("INF", "§4.9")
def test_passed_through_tls_has_a_shared_service_of_its_own(site):
    answer = ako.take_steps(site.lab, steps=[{"passthrough": {"name": "bank", "namespace": "fin"}}])
    assert answer["refused"] == []
    assert [write["name"] for write in answer["wrote"]] == [
        "s1az1--Shared-Passthrough-0",
        "s1az1--bank.avi.iberia.local-bank",
        "s1az1--bank.avi.iberia.local",
        "s1az1--Shared-Passthrough-0",
        "s1az1--Shared-Passthrough-0",
    ]
    service = site.list("/api/virtualservice?name=s1az1--Shared-Passthrough-0&include_name")[0]
    assert service["application_profile_ref"].endswith("#System-L4-Application")
    assert [each["port"] for each in service["services"]] == [443]


@pytest.mark.evidence("CLIENT", "§4.9")
def test_more_pods_are_more_servers_and_nothing_else_is_written(site):
    ako.take_steps(site.lab, steps=SHOP)
    scaled = {"scale": {"namespace": "shop", "service": "lb", "replicas": 3}}
    answer = ako.take_steps(site.lab, steps=[scaled])
    assert [(w["method"], w["name"]) for w in answer["wrote"]] == [("PUT", "s1az1--shop-lb-TCP-80")]
    (pool,) = site.list("/api/pool?name=s1az1--shop-lb-TCP-80")
    addresses = [server["ip"]["addr"] for server in pool["servers"]]
    assert addresses == ["10.244.0.20", "10.244.1.21", "10.244.0.22"]
    assert ako.take_steps(site.lab, steps=["sync"])["wrote"] == []


@pytest.mark.evidence("CLIENT", "§4.9")
def test_what_is_deleted_in_kubernetes_goes_from_the_controller(site):
    ako.take_steps(site.lab, steps=SHOP)
    gone = [{"delete": {"namespace": "shop", "name": "shop"}}]
    ako.take_steps(site.lab, steps=gone)
    names = {vs["name"] for vs in site.list("/api/virtualservice?created_by=ako-s1az1")}
    assert names == {"s1az1--Shared-L7-0", "s1az1--shop-lb"}
    assert site.list("/api/sslkeyandcertificate?created_by=ako-s1az1") == []
    for kind, name in (("ingress", "plain"), ("service", "lb")):
        more = {"delete": {"kind": kind, "namespace": "shop", "name": name}}
        assert ako.take_steps(site.lab, steps=[more])["refused"] == []
    for kind in ("virtualservice", "pool", "poolgroup", "httppolicyset", "l4policyset", "vsdatascriptset"):
        assert site.list(f"/api/{kind}?created_by=ako-s1az1") == [], kind
    assert site.list("/api/vsvip?name.contains=s1az1--") == []


@pytest.mark.evidence("CLIENT", "§4.9")
def test_a_host_outside_the_clouds_domains_is_ignored(site):
    answer = ako.take_steps(site.lab, steps=[{"ingress": {"host": "shop.example.org"}}])
    assert answer["wrote"] == []


@pytest.mark.evidence("CLIENT", "§4.9")
def test_a_vip_without_a_free_address_is_tried_again(site):
    (network,) = site.list("/api/network?name=AVI_FRONTEND_3025")
    subnets = network["configured_subnets"]
    assert site.put(network, configured_subnets=[{"prefix": subnets[0]["prefix"]}])[0] == 200
    answer = ako.take_steps(site.lab, steps=["ingress"])
    assert answer["wrote"] == []
    assert "No available free IPs" in answer["refused"][0]["error"]
    assert site.put(network, configured_subnets=subnets)[0] == 200
    again = ako.take_steps(site.lab, steps=["sync"])
    assert [write["name"] for write in again["wrote"]][-1] == "s1az1--Shared-L7-0"


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize(("version", "refused"), [((21, 1, 3), "vh_parent_vs_ref"), ((20, 1, 5), "markers")])
def test_controllers_below_the_range_refuse_members_that_are_newer(version, refused):
    client = Client("conforming", version)
    assert ako.take_steps(client.lab, nodes=NODES)["verdict"] == "starts"
    answer = ako.take_steps(client.lab, steps=SHOP[:2])
    assert refused in json.dumps(answer["refused"]), answer["refused"]


def test_workloads_that_are_none_are_refused(site):
    for step, says in (
        ({"ingress": {"hosts": [1]}}, "hosts and paths"),
        ({"service": {"ports": []}}, "no port"),
        ({"service": {"ports": [{"port": 1, "protocol": "ICMP"}]}}, "protocol"),
        ({"service": {"address": "10.10.25.400"}}, "no address"),
        ({"scale": {"service": "nobody", "replicas": 1}}, "no Service default/nobody"),
        ({"delete": {"kind": "node", "name": "x"}}, "kind of what is deleted"),
        ({"delete": {"name": "nobody"}}, "no ingress default/nobody"),
    ):
        with pytest.raises(Refused, match=says):
            ako.take_steps(site.lab, steps=[step])
