"""What the Controller says of itself, its logs, macro, and the lab's control plane."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from lab import control
from lab.controller import Request
from lab.faults import Faults
from lab.tests.controller_client import BASE, Client, make, path_of

ADDRESS = {"addr": "10.0.0.1", "type": "V4"}


@pytest.fixture
def client():
    return Client(make("20.1.6"))


def plane(lab, method, path, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    return control.handle(lab, Request(method, path, (), {}, data, BASE))


@pytest.mark.evidence("INF", "§1.6", "§3.13")
def test_versions_agree_wherever_they_are_told(client):
    told = client.get("/api/cluster/version")
    assert told["Version"] == "20.1.6"
    assert client.get("/api/initial-data")["version"] == told


@pytest.mark.evidence("REC", "§3.5")
def test_the_domains_of_a_cloud(client):
    profile = {
        "name": "dns",
        "type": "IPAMDNS_TYPE_INTERNAL_DNS",
        "internal_profile": {"dns_service_domain": [{"domain_name": "a.local"}, {"domain_name": "b.local"}]},
    }
    client.post("/api/ipamdnsproviderprofile", profile)
    cloud = client.one("cloud", "Default-Cloud")
    client("PATCH", path_of(cloud), {"add": {"dns_provider_ref": "/api/ipamdnsproviderprofile?name=dns"}})
    found = client.get(f"/api/ipamdnsproviderprofiledomainlist?cloud_uuid={cloud['uuid']}")
    assert found == {"domains": ["a.local", "b.local"]}
    assert client("GET", "/api/ipamdnsproviderprofiledomainlist?cloud_uuid=none").status == 404


@pytest.mark.evidence("CLIENT", "§3.14")
def test_config_logs_of_what_clients_wrote(client):
    made = client.post("/api/pool", {"name": "p"})
    client.put(made | {"description": "d"})
    client("DELETE", path_of(made))
    client.post("/api/pool", {"name": "other"})
    asked = f"/api/analytics/logs?type=2&filter=co(all,{made['uuid']})&page_size=10000&filter=" + quote(
        "eq(event_id,[config_create,config_update,config_delete,config_action])"
    )
    found = client.get(asked)
    assert [each["event_id"] for each in found["results"]] == [
        "CONFIG_DELETE",
        "CONFIG_UPDATE",
        "CONFIG_CREATE",
    ]
    assert found["count"] == 3
    assert found["percent_remaining"] == 0
    assert "more" not in found
    update = found["results"][1]["event_details"]["config_update_details"]
    old, new = (json.loads(update[f"{which}_resource_data"]) for which in ("old", "new"))
    assert (old.get("description"), new["description"]) == (None, "d")
    assert update["user"] == "admin"
    assert "client_ip" not in update  # in this model only of the others
    assert "from 127.0.0.1" in found["results"][1]["event_description"]
    deleted, created = (found["results"][at]["event_details"] for at in (0, 2))
    assert deleted["config_delete_details"]["client_ip"] == "127.0.0.1"
    assert json.loads(created["config_create_details"]["request_data"]) == {"name": "p"}
    assert created["config_create_details"]["path"] == "/api/pool"
    assert client.get("/api/analytics/logs?type=1")["count"] == 0
    assert client.get("/api/analytics/logs?type=2", x_avi_tenant="*")["count"] == 4


@pytest.mark.evidence("CLIENT", "§3.14")
def test_config_logs_have_every_write_and_no_secret():
    client = Client(make("30.2.1", "conforming"))
    secret = "Never-Shown-1"
    profile = {"name": "u", "username": "u", "password": secret, "is_superuser": True}
    user = client.post("/api/user", profile)
    client.put(user | {"full_name": "U", "password": secret + "x"})
    client("PATCH", path_of(user), {"replace": {"email": "u@iberia.local"}})
    client("PUT", "/api/useraccount", {"old_password": client.lab.site.password, "password": secret + "y"})
    service = client.one("virtualservice", "local-dns-site1")
    client("POST", f"/api/virtualservice/{service['uuid']}/retryplacement", {})
    rows = client.get("/api/analytics/logs?type=2&page_size=200")["results"]
    assert secret not in json.dumps(rows)
    ours = [row for row in rows if row["obj_name"] in {"u", "admin", "local-dns-site1"}][:5]
    assert [row["event_id"] for row in ours] == ["CONFIG_ACTION", *["CONFIG_UPDATE"] * 3, "CONFIG_CREATE"]
    action = ours[0]["event_details"]["config_action_details"]
    assert (action["action_name"], action["client_ip"], action["user"]) == (
        "retryplacement",
        "127.0.0.1",
        "admin",
    )
    for row in ours:
        assert isinstance(row["report_timestamp"], int)
        assert row.keys() >= {"event_id", "module", "obj_type", "related_uuids", "tenant_name"}
    patched = ours[2]["event_details"]["config_update_details"]
    assert "request_data" not in patched
    assert json.loads(patched["new_resource_data"])["email"] == "u@iberia.local"


@pytest.mark.parametrize(
    "path",
    [
        "license",
        "licensing/status",
        "licensing/ledger/details",
        "licenseusage",
        "systemlimits",
        "alert",
        "useraccount",
    ],
)
@pytest.mark.evidence("SCHEMA", "§3.14")
def test_further_endpoints_answer(client, path):
    assert isinstance(client.get(f"/api/{path}"), dict)


@pytest.mark.evidence("CLIENT", "§2.8")
def test_configuration_export(client):
    answer = client("POST", "/api/configuration/export?full_system=True", {"passphrase": "x"})
    assert answer.status == 200
    assert answer.json()["Cloud"][0]["tenant_ref"] == "/api/tenant/admin"
    assert "avi-lab" not in answer.body.decode()


@pytest.mark.evidence("INF", "§2.8")
def test_macro_writes_an_object_with_those_it_refers_to_or_nothing(client):
    data = {
        "name": "vs",
        "services": [{"port": 80}],
        "vsvip_ref_data": {"name": "v", "vip": [{"ip_address": ADDRESS}]},
        "pool_ref_data": {"name": "p", "servers": [{"ip": ADDRESS}]},
    }
    body = {"model_name": "VirtualService", "data": data}
    inner, further, made = client.post("/api/macro", body)
    assert {inner["url"], further["url"]} == {made["pool_ref"], made["vsvip_ref"]}
    assert (made["pool_ref"].partition("#")[2], made["vsvip_ref"].partition("#")[2]) == ("p", "v")
    again = client("POST", "/api/macro", body)
    assert again.status == 200
    assert client.get("/api/pool")["count"] == 1
    bad = {"name": "vs2", "services": [{}], "pool_ref_data": {"name": "p2"}}
    assert client("POST", "/api/macro", {"model_name": "VirtualService", "data": bad}).status == 400
    assert client.get("/api/pool?name=p2")["count"] == 0
    assert (
        client("DELETE", "/api/macro", {"model_name": "VirtualService", "data": {"name": "vs"}}).status == 204
    )
    for wrong in (
        {},
        {"model_name": "Nothing", "data": {}},
        {"model_name": "Pool"},
        {"model_name": 1, "data": {}},
    ):
        assert client("POST", "/api/macro", wrong).status == 400


def test_the_control_plane_says_what_is_up_and_what_was_asked(client):
    lab = client.lab
    client.post("/api/pool", {"name": "p"})
    state = plane(lab, "GET", "/lab/state").json()
    assert (state["state"], state["version"], state["objects"]["pool"]) == ("empty", "20.1.6", 1)
    heard = plane(lab, "GET", "/lab/requests").json()
    assert heard["writes"] == 1
    assert heard["requests"][-1]["path"] == "/api/pool"
    assert heard["requests"][-1]["status"] == 201
    assert plane(lab, "DELETE", "/lab/requests").json() == {"count": 0}
    assert plane(lab, "GET", "/lab/requests").json()["count"] == 0


def test_the_clock_only_runs_forwards(client):
    before = plane(client.lab, "GET", "/lab/clock").json()["now"]
    assert plane(client.lab, "POST", "/lab/clock", {"advance": 3600}).json()["now"] >= before + 3600
    for bad in ({"advance": -1}, {"advance": "1"}, {}, {"advance": True}):
        assert plane(client.lab, "POST", "/lab/clock", bad).status == 400


def test_snapshot_restore_and_reset(client):
    lab = client.lab
    made = client.post("/api/pool", {"name": "p"})
    name = plane(lab, "POST", "/lab/snapshot").json()["id"]
    client.put(made | {"description": "changed"})
    client.post("/api/pool", {"name": "q"})
    assert plane(lab, "POST", "/lab/restore", {"id": name}).status == 200
    assert client.get("/api/pool")["count"] == 1
    assert "description" not in client.get(path_of(made))
    assert plane(lab, "POST", "/lab/restore", {"id": "none"}).status == 400
    assert plane(lab, "POST", "/lab/reset", {"state": "nonsense"}).status == 400
    assert client.get("/api/pool")["count"] == 1
    assert plane(lab, "POST", "/lab/reset", {"state": "fresh"}).json()["state"] == "fresh"
    assert client("GET", "/api/pool").status == 419
    assert Client(lab).one("cloud", "Default-Cloud")["vtype"] == "CLOUD_VCENTER"


def test_export_and_import_are_a_round_trip():
    lab = make("30.2.1", "conforming")
    given = plane(lab, "GET", "/lab/export").json()
    other = make("30.2.1", "empty")
    assert plane(other, "POST", "/lab/import", given).status == 200
    again = plane(other, "GET", "/lab/export").json()
    made_by_discovery = {kind for kind in given if kind.startswith("vimgr")}
    assert again.keys() == given.keys()
    assert {k: again[k] for k in again.keys() - made_by_discovery} == {
        k: given[k] for k in given.keys() - made_by_discovery
    }
    one, two = Client(lab), Client(other)
    vs = path_of(one.one("virtualservice", "local-dns-site1"))
    assert {k: v for k, v in two.get(vs).items() if k != "vip_runtime"} == {
        k: v for k, v in one.get(vs).items() if k != "vip_runtime"
    }
    for kind in ("cloud", "network", "vsvip", "systemconfiguration", "serviceenginegroup"):
        assert two.get(f"/api/{kind}?page_size=200") == one.get(f"/api/{kind}?page_size=200"), kind
    assert two("DELETE", path_of(two.one("applicationprofile", "System-DNS"))).status == 403


def test_import_of_a_controllers_own_export_by_model_name():
    lab = make("21.1.7", "empty")
    given = {
        "META": {"version": {"Version": "18.2.8"}},
        "VrfContext": [
            {"name": "V", "uuid": "vrfcontext-1", "cloud_ref": "/api/cloud/?tenant=admin&name=Default-Cloud"}
        ],
        "Network": [
            {
                "name": "n",
                "url": "https://old/api/network/network-7#n",
                "vrf_context_ref": "/api/vrfcontext/?tenant=admin&name=V&cloud=Default-Cloud",
                "configured_subnets": [
                    {
                        "prefix": {"ip_addr": ADDRESS, "mask": 24},
                        "static_ranges": [{"begin": ADDRESS, "end": ADDRESS}],
                    }
                ],
            }
        ],
        "NoSuchThing": [{}],
        "Tenant": [{"name": "admin", "uuid": "admin"}, {"name": "T"}],
    }
    assert plane(lab, "POST", "/lab/import", given).json() == {"objects": 4}
    client = Client(lab)
    network = client.get("/api/network/network-7?include_name")
    assert network["vrf_context_ref"].endswith("/vrfcontext-1#V")
    assert network["configured_subnets"][0]["static_ip_ranges"][0]["range"]["begin"] == ADDRESS
    assert client.get("/api/tenant")["count"] == 2
    for bad in ({}, {"Pool": {}}, {"Pool": ["x"]}, {"None": [{}]}):
        assert plane(lab, "POST", "/lab/import", bad).status == 400
    assert client.get("/api/network")["count"] == 1


def test_unknown_ways_of_the_control_plane(client):
    assert plane(client.lab, "GET", "/lab/nothing").status == 404
    assert plane(client.lab, "PUT", "/lab/state").status == 405
    assert plane(client.lab, "GET", "/lab").header("Location") == "/lab/"


def test_faults_are_data():
    faults = Faults()
    faults.replace([{"method": "GET|POST", "path": "^/api/pool", "count": 2, "skip": 1, "status": 503}])
    assert [faults.pick("GET", "/api/pool") is not None for _ in range(4)] == [False, True, True, False]
    assert faults.pick("PUT", "/api/pool") is None
    assert faults.shown()[0]["met"] == 2
    faults.replace({"probability": 0.5, "close": True})
    met = sum(faults.pick("GET", "/x") is not None for _ in range(400))
    assert 120 < met < 280
    for bad in (
        "x",
        {},
        {"path": "("},
        {"status": 99},
        {"status": "x"},
        {"colour": 1},
        {"delay": -1},
        {"count": 1},
    ):
        with pytest.raises(ValueError, match=r"."):
            faults.replace([bad])
