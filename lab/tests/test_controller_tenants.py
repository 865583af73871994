"""Tenants: isolation, what the provider shows, what a tenant may not change, users and roles."""

from __future__ import annotations

import pytest

from lab.tests.controller_client import Client, make, path_of


@pytest.fixture
def client():
    client = Client(make("20.1.6"))
    client.post("/api/tenant", {"name": "T"})
    client.post("/api/tenant", {"name": "U"})
    return client


@pytest.mark.evidence("REC", "§2.7")
def test_an_object_of_a_tenant_is_seen_there_only(client):
    uuid = client.one("tenant", "T")["uuid"]
    made = client.post("/api/pool", {"name": "p"}, x_avi_tenant="T")
    assert made["tenant_ref"].endswith(f"{uuid}#T")
    assert client.get("/api/pool?name=p") == {"count": 0, "results": []}
    assert client.get("/api/pool?name=p", x_avi_tenant="T")["count"] == 1
    assert client.get("/api/pool?name=p", x_avi_tenant=None, x_avi_tenant_uuid=uuid)["count"] == 1
    assert client.get("/api/pool?name=p", x_avi_tenant="U")["count"] == 0
    assert client("GET", path_of(made)).status == 404
    assert client.get(path_of(made), x_avi_tenant="T")["name"] == "p"


@pytest.mark.evidence("CLIENT", "§2.7")
def test_all_tenants_at_once(client):
    for tenant in ("admin", "T", "U"):
        client.post("/api/pool", {"name": "p"}, x_avi_tenant=tenant)
    assert client.get("/api/pool?name=p", x_avi_tenant="*")["count"] == 3
    made = client.post("/api/pool", {"name": "q"}, x_avi_tenant="*")
    assert made["tenant_ref"].endswith("#admin")


@pytest.mark.evidence("CLIENT", "§2.7")
def test_a_tenant_that_does_not_exist(client):
    for headers in ({"x_avi_tenant": "none"}, {"x_avi_tenant": None, "x_avi_tenant_uuid": "none"}):
        answer = client("GET", "/api/pool", **headers)
        assert (answer.status, answer.json()) == (403, {"error": "Tenant 'none' does not exist!"})


@pytest.mark.evidence("CLIENT", "§2.7")
def test_the_providers_objects_are_read_from_a_tenant_and_not_changed(client):
    for kind, name in (
        ("cloud", "Default-Cloud"),
        ("vrfcontext", "global"),
        ("serviceenginegroup", "Default-Group"),
        ("applicationprofile", "System-HTTP"),
    ):
        found = client.one(kind, name, x_avi_tenant="T")
        answer = client("PUT", path_of(found), found, x_avi_tenant="T")
        model = client.lab.site.schema.types[kind].model
        assert (answer.status, answer.json()) == (400, {"error": f"Cannot modify {model}"})
        assert client("PATCH", path_of(found), {"add": {}}, x_avi_tenant="T").status == 400
    assert client.get("/api/vrfcontext", x_avi_tenant="T")["count"] == 2


@pytest.mark.evidence("CLIENT", "§2.7")
def test_a_body_may_name_its_tenant_as_ansible_does(client):
    pool = client.post("/api/pool", {"name": "p", "tenant_ref": "/api/tenant/?name=T"}, x_avi_tenant=None)
    assert pool["tenant_ref"].endswith("#T")
    again = client.put(pool | {"tenant_ref": "/api/tenant/?name=U"}, x_avi_tenant="T")
    assert again["tenant_ref"].endswith("#T")


@pytest.mark.evidence("INF", "§2.4")
def test_names_are_looked_up_in_the_objects_own_tenant_first(client):
    own = client.post("/api/pool", {"name": "p"}, x_avi_tenant="T")
    client.post("/api/pool", {"name": "p"})
    vip = [{"ip_address": {"addr": "10.0.0.1", "type": "V4"}}]
    body = {"name": "vs", "services": [{"port": 80}], "vip": vip, "pool_ref": "/api/pool?name=p"}
    assert client.post("/api/virtualservice", body, x_avi_tenant="T")["pool_ref"] == own["url"]
    answer = client("POST", "/api/virtualservice", body | {"pool_ref": path_of(own) + "x"})
    assert answer.status == 400


@pytest.mark.evidence("INF", "§2.7")
def test_a_tenant_in_use_is_not_deleted(client):
    pool = client.post("/api/pool", {"name": "p"}, x_avi_tenant="T")
    tenant = path_of(client.one("tenant", "T"))
    assert "referred by: ['Pool p']" in client("DELETE", tenant).json()["error"]
    assert client("DELETE", path_of(pool), x_avi_tenant="T").status == 204
    assert client("DELETE", tenant).status == 204


@pytest.mark.evidence("INF", "§2.7")
def test_what_a_user_may_do_follows_from_the_role(client):
    tenant = client.one("tenant", "T")["url"]
    role = client.one("role", "Application-Operator")["url"]
    access = [{"role_ref": role, "tenant_ref": tenant}]
    body = {
        "name": "op",
        "username": "op",
        "password": "op-pass",
        "access": access,
        "default_tenant_ref": tenant,
    }
    client.post("/api/user", body)
    client.post("/api/pool", {"name": "p"}, x_avi_tenant="T")
    reader = Client(client.lab, tenant="T", login=False)
    login = reader.login("op", "op-pass")
    assert [each["name"] for each in login.json()["tenants"]] == ["T"]
    assert reader.get("/api/pool")["count"] == 1
    refused = reader("POST", "/api/pool", {"name": "q"})
    assert refused.status == 403
    assert "not authorized to write" in refused.json()["error"]
    assert reader("GET", "/api/pool", x_avi_tenant="admin").status == 403
    assert reader.get("/api/pool", x_avi_tenant="*")["count"] == 1
    own = reader.get("/api/pool", x_avi_tenant=None)
    assert own["count"] == 1


@pytest.mark.evidence("INF", "§2.7")
def test_a_role_in_all_tenants_shows_all(client):
    role = client.one("role", "System-Admin")["url"]
    access = [{"role_ref": role, "tenant_ref": "/api/tenant/admin", "all_tenants": True}]
    client.post("/api/user", {"name": "op", "username": "op", "password": "op-pass", "access": access})
    client.post("/api/pool", {"name": "p"}, x_avi_tenant="T")
    reader = Client(client.lab, login=False)
    assert [each["name"] for each in reader.login("op", "op-pass").json()["tenants"]] == ["admin", "T", "U"]
    assert reader.get("/api/pool", x_avi_tenant="*")["count"] == 1


@pytest.mark.evidence("INF", "§2.7")
def test_a_type_is_read_with_its_own_permission_alone():
    lab = Client(make("30.2.1", "conforming"))
    granted = ["PERMISSION_NETWORK", "PERMISSION_GSLBSERVICE"]
    rights = [{"resource": each, "type": "READ_ACCESS"} for each in granted]
    role = lab.post("/api/role", {"name": "narrow", "privileges": rights})["url"]
    access = [{"role_ref": role, "tenant_ref": "/api/tenant/admin", "all_tenants": True}]
    lab.post("/api/user", {"name": "op", "username": "op", "password": "op-pass", "access": access})
    reader = Client(lab.lab, login=False)
    reader.login("op", "op-pass")
    service = path_of(lab.get("/api/virtualservice")["results"][0])
    network = path_of(lab.get("/api/network")["results"][0])
    for path in ("/api/network", "/api/network-inventory", "/api/gslbservice", network):
        assert reader("GET", path).status == 200, path
    for path in (
        "/api/virtualservice",
        "/api/virtualservice-inventory",
        "/api/networkservice",
        "/api/icapprofile",
        "/api/systemconfiguration",
        service,
        f"{service}/runtime",
        f"{service}/runtime/detail",
    ):
        refused = reader("GET", path)
        assert refused.status == 403, path
        assert "not authorized to read" in refused.json()["error"]
