"""Tenants with VRF contexts, Service Engine groups and Service Engines of their own."""

import pytest

from lab.seeds.tenants import PASSWORD
from lab.tests.cloudsite import Client
from lab.tests.controller_client import Client as User


@pytest.fixture(scope="module")
def site():
    return Client("conforming+tenants")


def of(site, name, password=PASSWORD):
    tenant = name.partition("-")[0]
    user = User(site.lab, tenant=tenant, login=False)
    assert user.login(name, password).status == 200
    return user


@pytest.mark.evidence("CLIENT", "§3.14")
def test_a_tenant_with_its_own_service_engines(site):
    """`se_in_provider_context` false: a Default-Group of its own; its services run on its own Service Engines."""
    user = of(site, "blue-operator")
    groups = {g["name"] for g in user.get("/api/serviceenginegroup?tenant_ref.name=blue")["results"]}
    assert {"Default-Group", "seg-blue", "DNS-SE-Group"} <= groups
    (row,) = user.get("/api/virtualservice-inventory?include_name")["results"]
    assert row["runtime"]["oper_status"]["state"] == "OPER_UP"
    engines = [
        e for e in user.get("/api/serviceengine?include_name")["results"] if "#blue" in e["tenant_ref"]
    ]
    assert [e["se_group_ref"].rpartition("#")[2] for e in engines] == ["seg-blue"]


@pytest.mark.evidence("CLIENT", "§3.14")
def test_what_names_nothing_lands_on_the_tenants_own(site):
    """A tenant with VRF contexts of its own: `global` and Default-Group are its own; the provider's for another."""
    for name, own in (("blue", True), ("green", False)):
        user = of(site, f"{name}-operator")
        vip = {"name": "lost", "vip": [{"ip_address": {"addr": "10.99.0.1", "type": "V4"}}]}
        vsvip = user.post("/api/vsvip", vip)
        service = user.post(
            "/api/virtualservice", {"name": "lost", "vsvip_ref": vsvip["url"], "services": [{"port": 1}]}
        )
        for member, kind in (("vrf_context_ref", "vrfcontext"), ("se_group_ref", "serviceenginegroup")):
            uuid = service[member].partition("#")[0].rpartition("/")[2]
            obj = site.site.store.get(kind, uuid)
            assert (obj.tenant != "admin") is own, (name, member)
        assert user("DELETE", f"/api/virtualservice/{service['uuid']}").status == 204
        assert user("DELETE", f"/api/vsvip/{vsvip['uuid']}").status == 204


@pytest.mark.evidence("REC", "§4.1")
def test_discovered_networks_stay_admins_in_a_tenants_vrf_context(site):
    network = site.one("network", "DEV_WEB_3101", include_name="true")
    assert network["tenant_ref"].endswith("#admin")
    vrf = site.site.store.get("vrfcontext", network["vrf_context_ref"].partition("#")[0].rpartition("/")[2])
    assert (vrf.name, site.site.store.get("tenant", vrf.tenant).name) == ("vrf-blue", "blue")


@pytest.mark.evidence("INF", "§2.9")
def test_a_user_with_a_role_in_one_tenant_sees_that_tenant_only(site):
    user = of(site, "blue-operator")
    assert {s["name"] for s in user.get("/api/virtualservice")["results"]} == {"shop"}
    for other in ("admin", "green"):
        assert user("GET", "/api/virtualservice", x_avi_tenant=other).status == 403
    seen = user.get("/api/virtualservice?include_name", x_avi_tenant="*")["results"]
    assert {s["tenant_ref"].rpartition("#")[2] for s in seen} == {"blue"}


def test_names_that_collide(site):
    for kind, name in (("vrfcontext", "VRF_AZ2"), ("serviceenginegroup", "DNS-SE-Group")):
        owners = {site.site.store.get("tenant", o.tenant).name for o in site.site.store.named(kind, name)}
        assert owners == {"admin", "blue", "green"}


@pytest.mark.evidence("INF", "§3.14")
def test_a_tenants_own_defaults_come_and_go_with_it():
    site = Client("fresh+bare")
    settings = {"se_in_provider_context": False, "tenant_vrf": True, "tenant_access_to_provider_se": False}
    tenant = site.post("tenant", name="red", config_settings=settings)
    owned = [o for o in site.site.store.objects() if o.tenant == tenant["uuid"]]
    clouds = {site.site.store.get("cloud", o.cloud).name for o in owned}
    assert sorted(o.name for o in owned) == ["Default-Group"] * 3 + ["global"] * 3
    assert clouds == {"Default-Cloud", "bare-east", "bare-west"}
    site.post("cloud", name="late", vtype="CLOUD_NONE")
    assert len(site.site.store.named("serviceenginegroup", "Default-Group", tenant=tenant["uuid"])) == 4
    assert site.delete(tenant)[0] == 204
    assert not [o for o in site.site.store.objects() if o.tenant == tenant["uuid"]]
