"""Enhanced virtual hosting, dedicated virtual services and the Gateway API, as the lab's AKO makes them."""

from __future__ import annotations

import re

import pytest

from lab import ako
from lab.objects import Refused
from lab.tests.cloudsite import Client

SHOP = (
    {"ingress": {"namespace": "shop", "name": "plain", "host": "plain.avi.iberia.local"}},
    {
        "ingress": {
            "namespace": "shop",
            "name": "shop",
            "host": "shop.avi.iberia.local",
            "tls": True,
            "paths": ["/", "/cart"],
        }
    },
)
HASH = re.compile(r"^(ako-gw-)?s1az1--[0-9a-f]{40}$")


def started(**values):
    client = Client("conforming")
    begun = ako.take_steps(client.lab, set={key.replace("__", "."): each for key, each in values.items()})
    assert begun["verdict"] == "starts", begun
    return client


def took(client, *steps):
    answer = ako.take_steps(client.lab, steps=list(steps))
    assert answer["refused"] == []
    return answer


def services(client):
    return {row["name"]: row for row in client.list("/api/virtualservice?name.contains=s1az1--&include_name")}


def up(client):
    client.later(5)
    rows = client.list("/api/virtualservice-inventory?page_size=200")
    own = [row for row in rows if "s1az1--" in row["config"]["name"]]
    return {row["config"]["name"] for row in own if row["runtime"]["oper_status"]["state"] == "OPER_UP"}


@pytest.mark.evidence("INF", "§4.9")
def test_enhanced_hosting_has_a_child_for_every_host():
    client = started(AKOSettings__enableEVH=True)
    took(client, *SHOP)
    parent = services(client)["s1az1--Shared-L7-EVH-0"]
    assert (parent["type"], parent["vh_type"]) == ("VS_TYPE_VH_PARENT", "VS_TYPE_VH_ENHANCED")
    assert len(parent["ssl_key_and_certificate_refs"]) == 1
    children = [row for row in services(client).values() if row["type"] == "VS_TYPE_VH_CHILD"]
    assert {child["vh_matches"][0]["host"] for child in children} == {
        "plain.avi.iberia.local",
        "shop.avi.iberia.local",
    }
    assert all(HASH.match(child["name"]) for child in children)
    assert {child["uuid"] for child in children} == set(
        client.get(parent["url"].partition("#")[0])["vh_child_vs_uuid"]
    )
    assert up(client) == set(services(client))
    for name in ("plain", "shop"):
        took(client, {"delete": {"namespace": "shop", "name": name}})
    assert services(client) == {}
    assert client.list("/api/pool?created_by=ako-s1az1") == []


@pytest.mark.evidence("INF", "§4.9")
@pytest.mark.parametrize("evh", [False, True])
def test_dedicated_services_have_one_host_each(evh):
    client = started(L7Settings__shardVSSize="DEDICATED", AKOSettings__enableEVH=evh)
    took(client, *SHOP)
    end = "-L7-dedicated-EVH" if evh else "-L7-dedicated"
    assert set(services(client)) == {f"s1az1--{host}.avi.iberia.local{end}" for host in ("plain", "shop")}
    ports = {
        row["name"].split(".")[0]: [each["port"] for each in row["services"]]
        for row in services(client).values()
    }
    assert ports == {"s1az1--plain": [80], "s1az1--shop": [80, 443]}
    assert up(client) == set(services(client))
    answer = took(client, {"delete": {"namespace": "shop", "name": "plain"}})
    assert f"s1az1--plain.avi.iberia.local{end}" in {each["name"] for each in answer["deleted"]}


@pytest.mark.evidence("INF", "§4.9")
def test_the_gateway_api_has_objects_of_its_own():
    client = started(featureGates__GatewayAPI=True)
    gateway = {
        "namespace": "shop",
        "name": "front",
        "listeners": [80, {"port": 443, "protocol": "HTTPS", "hostname": "api.avi.iberia.local"}],
    }
    route = {
        "namespace": "shop",
        "name": "api",
        "gateway": "front",
        "hosts": ["api.avi.iberia.local"],
        "paths": ["/", "/v2"],
    }
    took(client, {"gateway": gateway}, {"httproute": route})
    parent = services(client)["ako-gw-s1az1--shop-front-EVH"]
    assert (parent["created_by"], parent["vh_type"]) == ("ako-gw-s1az1", "VS_TYPE_VH_ENHANCED")
    assert [each.get("enable_ssl", False) for each in parent["services"]] == [False, True]
    children = [row for row in services(client).values() if row["type"] == "VS_TYPE_VH_CHILD"]
    assert len(children) == 2
    assert all(HASH.match(child["name"]) for child in children)
    assert up(client) == set(services(client))
    took(client, {"delete": {"kind": "httproute", "namespace": "shop", "name": "api"}})
    assert set(services(client)) == {"ako-gw-s1az1--shop-front-EVH"}
    took(client, {"delete": {"kind": "gateway", "namespace": "shop", "name": "front"}})
    assert services(client) == {}


@pytest.mark.evidence("CLIENT", "§4.9")
def test_the_gateway_container_opens_as_many_sessions_again():
    client = Client("conforming")
    plain = len(client.lab.controller.sessions.live)
    ako.take_steps(client.lab, set={"featureGates.GatewayAPI": True})
    assert len(client.lab.controller.sessions.live) - plain == 18


def test_what_the_gateway_api_does_not_take_is_refused():
    client = started()
    for step, says in (({"gateway": {"name": "front"}}, "GatewayAPI is not true"),):
        with pytest.raises(Refused, match=says):
            ako.take_steps(client.lab, steps=[step])
    client = started(featureGates__GatewayAPI="true")
    for step, says in (
        ({"gateway": {"listeners": []}}, "no listener"),
        ({"gateway": {"listeners": [{"port": 1, "protocol": "TLS"}]}}, "protocol of a listener"),
        ({"httproute": {"gateway": "nobody"}}, "no Gateway default/nobody"),
        ({"delete": {"kind": "gateway", "name": "nobody"}}, "no gateway default/nobody"),
    ):
        with pytest.raises(Refused, match=says):
            ako.take_steps(client.lab, steps=[step])
