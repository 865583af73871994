"""Objects written and read: references, defaults, secrets, PUT, PATCH, DELETE and what is refused."""

from __future__ import annotations

import json
import re

import pytest
from controller_client import BASE, Client, make, path_of

ADDRESS = {"addr": "10.0.0.1", "type": "V4"}


@pytest.fixture
def client():
    return Client(make("20.1.6"))


@pytest.mark.evidence("REC", "§3.8", "§2.10")
def test_the_recorded_static_vip(client):
    body = {"name": "basic_vs_vip", "vip": [{"ip_address": {"addr": "10.90.64.123", "type": "V4"}}]}
    made = client.post("/api/vsvip", body, x_avi_version="20.1.1")
    assert made["vip"] == [
        {
            "vip_id": "0",
            "ip_address": {"addr": "10.90.64.123", "type": "V4"},
            "enabled": True,
            "auto_allocate_ip": False,
            "auto_allocate_floating_ip": False,
            "avi_allocated_vip": False,
            "avi_allocated_fip": False,
            "auto_allocate_ip_type": "V4_ONLY",
            "prefix_length": 32,
        }
    ]
    assert made["east_west_placement"] is False
    assert made["tenant_ref"] == f"{BASE}/api/tenant/admin#admin"
    assert made["vrf_context_ref"].endswith("#global")
    assert made["cloud_ref"].endswith("#Default-Cloud")


@pytest.mark.evidence("REC", "§3.9")
def test_a_virtual_service_gets_its_defaults_by_reference(client):
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ADDRESS}]})
    body = {
        "name": "basic_vs",
        "services": [{"port": 80}],
        "vsvip_ref": "/api/vsvip?name=v",
        "application_profile_name": "System-L4-Application",  # no such member: dropped without a word
    }
    made = client.post("/api/virtualservice", body)
    named = {key: made[key].partition("#")[2] for key in made if key.endswith("_ref")}
    assert named == {
        "application_profile_ref": "System-HTTP",
        "network_profile_ref": "System-TCP-Proxy",
        "se_group_ref": "Default-Group",
        "vrf_context_ref": "global",
        "analytics_profile_ref": "System-Analytics-Profile",
        "tenant_ref": "admin",
        "cloud_ref": "Default-Cloud",
        "vsvip_ref": "v",
    }
    assert made["services"] == [
        {"port": 80, "port_range_end": 80, "enable_ssl": False, "enable_http2": False}
    ]
    assert made["cloud_type"] == "CLOUD_NONE"
    assert "application_profile_name" not in made


@pytest.mark.evidence("REC", "§2.3", "§3.14")
def test_a_tenant_answers_its_settings_though_none_were_sent(client):
    made = client.post("/api/tenant", {"name": "test-tenant", "local": "true"})
    assert made["config_settings"] == {
        "tenant_vrf": False,
        "se_in_provider_context": True,
        "tenant_access_to_provider_se": True,
    }
    assert made["local"] is True
    assert made["url"] == f"{BASE}/api/tenant/{made['uuid']}#test-tenant"
    assert re.fullmatch(r"tenant-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["uuid"])
    assert re.fullmatch(r"\d{16}", made["_last_modified"])
    assert "tenant_ref" not in made
    assert "_last_modified" not in client.get("/api/tenant/admin")


@pytest.mark.evidence("REC", "§2.4")
def test_names_on_references_in_answers_to_writes_and_where_asked_for(client):
    made = client.post("/api/pool", {"name": "p"})
    assert made["url"].endswith(f"{made['uuid']}#p")
    read = client.get(f"/api/pool/{made['uuid']}")
    assert not [value for value in read.values() if isinstance(value, str) and "#" in value]
    for flag in (
        "include_name",
        "include_name=True",
        "include_name=true",
        "include_refs",
        "include_name&include_refs",
    ):
        assert (
            client.get(f"/api/pool/{made['uuid']}?{flag}")["tenant_ref"] == f"{BASE}/api/tenant/admin#admin"
        )
    plain = client.get(f"/api/pool/{made['uuid']}?include_name=false")
    assert plain["url"] == f"{BASE}/api/pool/{made['uuid']}"
    put = client.put(read)
    assert put["cloud_ref"].endswith("#Default-Cloud")


@pytest.mark.evidence("REC", "§2.4")
def test_references_of_a_copied_vip_have_no_names(client):
    client.post("/api/network", {"name": "net"})
    vip = {"ip_address": ADDRESS, "ipam_network_subnet": {"network_ref": "/api/network/?name=net"}}
    client.post("/api/vsvip", {"name": "v", "vip": [vip]})
    body = {"name": "vs", "services": [{"port": 80}], "vsvip_ref": "/api/vsvip?name=v"}
    made = client.post("/api/virtualservice", body, x_avi_version="18.2.10")
    assert "#" not in made["vip"][0]["ipam_network_subnet"]["network_ref"]
    assert made["vsvip_ref"].endswith("#v")


@pytest.mark.evidence("CLIENT", "§2.4")
@pytest.mark.parametrize(
    "form",
    [
        "{url}",
        "{url}#whatever",
        "/api/vrfcontext/{uuid}",
        "/api/vrfcontext/{uuid}#odd #name/with",
        "/api/vrfcontext?name={name}",
        "/api/vrfcontext/?name={name}",
        "/api/vrfcontext/?name=VRF%20one%232",
        "/api/vrfcontext/?name=VRF+one%232#VRF one#2",
        "/api/vrfcontext/?name={name}&cloud=Default-Cloud",
        "/api/vrfcontext/?name={name}&cloud_ref.name=Default-Cloud&tenant=admin",
        "https://another.name/api/vrfcontext/?name={name}",
        "https://[2001:db8::1]:9443/api/vrfcontext/{uuid}",
        "{uuid}",
    ],
)
def test_every_written_form_of_a_reference(client, form):
    vrf = client.post("/api/vrfcontext", {"name": "VRF one#2"})
    written = form.format(url=vrf["url"].partition("#")[0], uuid=vrf["uuid"], name="VRF one#2")
    made = client.post("/api/network", {"name": "n", "vrf_context_ref": written})
    assert made["vrf_context_ref"] == f"{BASE}/api/vrfcontext/{vrf['uuid']}#VRF one#2"


@pytest.mark.evidence("CLIENT", "§2.4", "§5.17")
@pytest.mark.parametrize(
    ("member", "written", "model"),
    [
        ("vrf_context_ref", "/api/vrfcontext?name=none", "VrfContext"),
        ("vrf_context_ref", "/api/vrfcontext/vrfcontext-none", "VrfContext"),
        ("vrf_context_ref", "vrfcontext-none", "VrfContext"),
        ("cloud_ref", "/api/cloud?name=none", "Cloud"),
        ("tenant_ref", "/api/tenant?name=none", "Tenant"),
    ],
)
def test_a_reference_to_nothing_is_400_and_names_the_model(client, member, written, model):
    answer = client("POST", "/api/network", {"name": "n", member: written})
    assert (answer.status, answer.json()) == (400, {"error": f"{model} object not found!"})


@pytest.mark.evidence("REC", "§2.2")
def test_slug_forces_the_uuid_and_the_body_cannot(client):
    made = client.post("/api/pool", {"name": "a", "uuid": "mine", "url": "x"}, slug="pool-force-42")
    assert made["uuid"] == "pool-force-42"
    other = client.post("/api/pool", {"name": "b", "uuid": "pool-mine"})
    assert other["uuid"] not in ("pool-mine", "pool-force-42")
    assert client("POST", "/api/pool", {"name": "c"}, slug="pool-force-42").status == 409
    client(
        "PATCH", "/api/systemconfiguration", {"add": {"portal_configuration": {"use_uuid_from_input": True}}}
    )
    assert client.post("/api/pool", {"name": "d", "uuid": "pool-mine"})["uuid"] == "pool-mine"


@pytest.mark.evidence("PUBLIC", "§2.8")
def test_duplicates(client):
    client.post("/api/vrfcontext", {"name": "V"})
    answer = client("POST", "/api/vrfcontext", {"name": "V"})
    assert answer.status == 409
    assert answer.json() == {"error": "Vrf context with this Name, Tenant ref and Cloud ref already exists."}
    cloud = client.post("/api/cloud", {"name": "second", "vtype": "CLOUD_NONE"})
    client.post("/api/vrfcontext", {"name": "V", "cloud_ref": cloud["url"]})
    client.post("/api/tenant", {"name": "T"})
    client.post("/api/vrfcontext", {"name": "V"}, x_avi_tenant="T")
    other = client.post("/api/vrfcontext", {"name": "W"})
    assert client("PUT", path_of(other), other | {"name": "V"}).status == 409
    assert "Name and Tenant ref" in client("POST", "/api/role", {"name": "System-Admin"}).json()["error"]


@pytest.mark.evidence("CLIENT", "§2.8")
def test_a_stale_put_is_412_and_changes_nothing(client):
    first = client.post("/api/pool", {"name": "p"})
    client.put(first | {"description": "one"})
    answer = client("PUT", path_of(first), first | {"description": "two"})
    assert answer.status == 412
    assert "Concurrent Update Error" in answer.json()["error"]
    assert "Need to reload object data Pool" in answer.json()["error"]
    assert client.one("pool", "p")["description"] == "one"
    unstamped = {key: value for key, value in first.items() if key != "_last_modified"}
    assert client.put(unstamped | {"description": "three"})["description"] == "three"


@pytest.mark.evidence("REC", "§2.9")
def test_put_replaces_the_whole_object(client):
    made = client.post(
        "/api/pool",
        {"name": "p", "description": "d", "servers": [{"ip": ADDRESS}], "lb_algorithm_hash": None},
    )
    put = client.put({"url": made["url"], "name": "p"})
    assert "description" not in put
    assert "servers" not in put
    assert put["uuid"] == made["uuid"]
    assert put["_last_modified"] > made["_last_modified"]


@pytest.mark.evidence("CLIENT", "§2.9")
def test_patch_add_replace_delete(client):
    made = client.post("/api/pool", {"name": "p", "servers": [{"ip": ADDRESS}]})
    path = path_of(made)
    second = {"ip": {"addr": "10.0.0.2", "type": "V4"}}

    def addresses():
        return [each["ip"]["addr"] for each in client.get(path).get("servers", [])]

    answer = client("PATCH", path, {"add": {"servers": [second], "description": "d"}})
    assert answer.status == 200
    assert answer.json()["url"].endswith("#p")
    assert addresses() == ["10.0.0.1", "10.0.0.2"]
    client("PATCH", path, {"add": {"servers": [second]}})
    assert addresses() == ["10.0.0.1", "10.0.0.2", "10.0.0.2"]
    client("PATCH", path, {"delete": {"servers": [second]}})
    assert addresses() == ["10.0.0.1"]
    client("PATCH", path, {"replace": {"servers": [second]}})
    assert addresses() == ["10.0.0.2"]
    client("PATCH", path, {"remove": {"description": "d"}})
    assert "description" not in client.get(path)
    client("PATCH", path, {"delete": {"servers": [{"ip": {"addr": "10.0.0.2", "type": "V4"}}]}})
    assert "servers" not in client.get(path)
    for bad in ({}, {"sub": {}}, {"add": []}, [], "x"):
        assert client("PATCH", path, bad).status == 400


@pytest.mark.evidence("CLIENT", "§2.9")
def test_patch_of_references_in_any_form(client):
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ADDRESS}]})
    dns = {"name": "dns", "services": [{"port": 53}], "vsvip_ref": "/api/vsvip?name=v"}
    vs = client.post(
        "/api/virtualservice", dns | {"application_profile_ref": "/api/applicationprofile?name=System-DNS"}
    )
    answer = client(
        "PATCH",
        "/api/systemconfiguration",
        {"add": {"dns_virtualservice_refs": ["/api/virtualservice?name=dns"]}},
    )
    assert answer.json()["dns_virtualservice_refs"] == [vs["url"]]
    pool = client.post(
        "/api/pool", {"name": "p", "health_monitor_refs": ["/api/healthmonitor?name=System-Ping"]}
    )
    emptied = client(
        "PATCH", path_of(pool), {"delete": {"health_monitor_refs": ["/api/healthmonitor/?name=System-Ping"]}}
    )
    assert "health_monitor_refs" not in emptied.json()


@pytest.mark.evidence("CLIENT", "§2.9")
def test_json_patch_as_the_official_sample_sends_it(client):
    path = path_of(client.post("/api/pool", {"name": "p", "servers": [{"ip": ADDRESS}]}))
    second = {"ip": {"addr": "10.0.0.2", "type": "V4"}}

    def patch(*steps):
        return client("PATCH", path, {"json_patch": list(steps)})

    patch({"op": "add", "path": "/servers", "value": [second]})
    patch({"op": "replace", "path": "/servers/0", "value": second, "0": "server-1"})
    assert [each["ip"]["addr"] for each in client.get(path)["servers"]] == ["10.0.0.2", "10.0.0.2"]
    patch({"op": "remove", "path": "/servers/1"}, {"op": "add", "path": "/description", "value": "x"})
    shown = client.get(path)
    assert (len(shown["servers"]), shown["description"]) == (1, "x")
    patch(
        {"op": "test", "path": "/name", "value": "p"},
        {"op": "add", "path": "/servers/-", "value": {"ip": ADDRESS}},
    )
    assert client.get(path)["servers"][-1]["ip"] == ADDRESS
    for bad in (
        {"op": "remove", "path": "/servers/9"},
        {"op": "replace", "path": "/none/x", "value": 1},
        {"op": "test", "path": "/name", "value": "q"},
        {"op": "jump", "path": "/name"},
        {"op": "move", "path": "/name", "from": ""},
        {"path": "/name"},
        "x",
    ):
        assert patch(bad).status == 400, bad


@pytest.mark.evidence("CLIENT", "§2.8")
def test_what_is_referred_to_is_not_deleted(client):
    client.post("/api/pool", {"name": "custom-pool"})
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ADDRESS}]})
    body = {"name": "custom-vs", "services": [{"port": 80}], "vsvip_ref": "/api/vsvip?name=v"}
    vs = client.post("/api/virtualservice", body | {"pool_ref": "/api/pool?name=custom-pool"})
    answer = client("DELETE", path_of({"url": vs["pool_ref"]}))
    assert answer.status == 403
    assert answer.json() == {
        "error": "Cannot delete, object is referred by: ['VirtualService custom-vs']",
        "obj_name": "custom-pool",
    }
    vrf = client.post("/api/vrfcontext", {"name": "V"})
    client.post("/api/network", {"name": "n", "vrf_context_ref": vrf["url"]})
    assert "referred by: ['Network n']" in client("DELETE", path_of(vrf)).json()["error"]
    assert client("DELETE", path_of(vs)).status == 204
    assert client("DELETE", path_of({"url": vs["pool_ref"]})).status == 204


@pytest.mark.evidence("PUBLIC", "§2.8")
def test_a_cloud_in_use_and_a_cloud_with_only_its_defaults(client):
    cloud = client.post("/api/cloud", {"name": "second", "vtype": "CLOUD_NONE"})
    names = {each["name"] for each in client.get("/api/vrfcontext?cloud_ref.name=second")["results"]}
    assert names == {"global", "management"}
    pool = client.post("/api/pool", {"name": "p", "cloud_ref": cloud["url"]})
    answer = client("DELETE", path_of(cloud))
    assert (answer.status, answer.json()) == (
        400,
        {"error": "Cannot delete, object is referred by: [Pool p]"},
    )
    client("DELETE", path_of(pool))
    assert client("DELETE", path_of(cloud)).status == 204
    assert client.get("/api/vrfcontext")["count"] == 2


@pytest.mark.evidence("CLIENT", "§2.8", "§4.3")
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("vrfcontext", "global"),
        ("vrfcontext", "management"),
        ("serviceenginegroup", "Default-Group"),
        ("applicationprofile", "System-DNS"),
        ("networkprofile", "System-UDP-Per-Pkt"),
        ("cloud", "Default-Cloud"),
        ("tenant", "admin"),
        ("user", "admin"),
        ("backupconfiguration", "Backup-Configuration"),
    ],
)
def test_system_defaults_are_not_deleted(client, kind, name):
    found = client.one(kind, name)
    edited = client("PUT", path_of(found), found)
    assert edited.status == 200, edited.body
    answer = client("DELETE", path_of(found))
    assert answer.status in (400, 403, 405)
    assert "Cannot delete system default object" in answer.json()["error"]


@pytest.mark.evidence("REC", "§2.11")
def test_secrets_are_covered_and_kept_when_sent_back(client):
    vcenter = {
        "username": "u",
        "password": "hunter2",
        "vcenter_url": "vc",
        "privilege": "WRITE_ACCESS",
        "datacenter": "D",
    }
    made = client.post(
        "/api/cloud", {"name": "vc", "vtype": "CLOUD_VCENTER", "vcenter_configuration": vcenter}
    )
    assert made["vcenter_configuration"]["password"] == "<sensitive>"
    read = client.get(path_of(made))
    client.put(read | {"mtu": 1400})
    stored = client.lab.site.store.get("cloud", made["uuid"]).body["vcenter_configuration"]
    assert stored["password"] == "hunter2"
    client("PATCH", path_of(made), {"add": {"vcenter_configuration": {"password": "new"}}})
    stored = client.lab.site.store.get("cloud", made["uuid"]).body["vcenter_configuration"]
    assert stored["password"] == "new"


@pytest.mark.evidence("CLIENT", "§2.6")
def test_export_key_shows_a_private_key(client):
    body = {"name": "c", "key": "PRIVATE", "certificate": {"self_signed": True}}
    path = path_of(client.post("/api/sslkeyandcertificate", body))
    assert client.get(path)["key"] == "<sensitive>"
    assert client.get(path + "?export_key=True")["key"] == "PRIVATE"


@pytest.mark.evidence("PUBLIC", "§2.8")
def test_validation_bodies_are_json_in_json(client):
    answer = client("POST", "/api/ipamdnsproviderprofile", {"name": "p", "type": "NO_SUCH_TYPE"})
    assert answer.status == 400
    error = answer.json()["error"]
    assert error.startswith('{"type":"Field check for type failed')
    for body in (
        {"name": "p", "type": "IPAMDNS_TYPE_INTERNAL", "internal_profile": {"ttl": 0}},
        {"name": "p", "type": "IPAMDNS_TYPE_INTERNAL", "internal_profile": {"ttl": 604801}},
        {"name": "p"},
        {"type": "IPAMDNS_TYPE_INTERNAL"},
        {"name": "p", "type": "IPAMDNS_TYPE_INTERNAL", "allocate_ip_in_vrf": "perhaps"},
    ):
        assert client("POST", "/api/ipamdnsproviderprofile", body).status == 400, body


@pytest.mark.evidence("REC", "§2.10")
def test_unset_messages_and_lists_are_absent_and_set_empty_messages_present(client):
    system = client.get("/api/systemconfiguration")
    assert "dns_virtualservice_refs" not in system
    assert system["dns_configuration"] == {"search_domain": ""}
    group = client.one("serviceenginegroup", "Default-Group")
    assert "realtime_se_metrics" not in group
    put = client.put(
        group | {"realtime_se_metrics": {"enabled": True, "duration": 0}, "vcenter_datastores": []}
    )
    assert put["realtime_se_metrics"] == {"enabled": True, "duration": 0}
    assert "vcenter_datastores" not in put


@pytest.mark.evidence("INF", "§2.8")
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b'{"name": "\xed\xa0\x80"}']
)
def test_a_body_that_is_no_json_object(client, body):
    for method, path in (
        ("POST", "/api/pool"),
        ("PUT", "/api/systemconfiguration"),
        ("PATCH", "/api/systemconfiguration"),
    ):
        answer = client(method, path, body)
        assert answer.status == 400
        assert isinstance(answer.json()["error"], str)


@pytest.mark.evidence("PUBLIC", "§2.8")
@pytest.mark.parametrize(
    "path", ["/api/vsinventory", "/api/nothing/at/all", "/api", "/nothing", "/api/pool/x/y/z"]
)
def test_what_is_no_endpoint_is_404(client, path):
    answer = client("GET", path)
    assert answer.status == 404
    with pytest.raises(ValueError, match=r"."):
        json.loads(answer.body)


@pytest.mark.evidence("CLIENT", "§2.8")
def test_methods_a_resource_does_not_have(client):
    for method, path in (
        ("PUT", "/api/pool"),
        ("DELETE", "/api/pool"),
        ("POST", "/api/virtualservice-inventory"),
        ("POST", "/api/vimgrnwruntime"),
        ("DELETE", "/api/systemconfiguration"),
        ("BREW", "/api/pool"),
    ):
        answer = client(method, path, {})
        assert answer.status == 405, path
        assert f"Method '{method}' not allowed" in answer.json()["detail"]


@pytest.mark.evidence("CLIENT", "§2.1")
def test_slashes_head_and_options(client):
    made = client.post("/api/pool/", {"name": "p"})
    for path in (f"/api/pool/{made['uuid']}/", f"/api//pool/{made['uuid']}"):
        assert client.get(path)["name"] == "p"
    head = client("HEAD", f"/api/pool/{made['uuid']}")
    assert (head.status, head.body) == (200, b"")
    assert client("OPTIONS", "/api/pool").header("Allow") == "HEAD, POST, GET, OPTIONS"
    assert "DELETE" not in str(client("OPTIONS", "/api/systemconfiguration").header("Allow"))


@pytest.mark.evidence("REC", "§3.9")
def test_an_inline_vip_makes_a_vsvip_of_its_own(client):
    body = {
        "name": "vs",
        "services": [{"port": 80}],
        "vip": [{"ip_address": ADDRESS}],
        "fqdn": "vs.avi.local",
    }
    made = client.post("/api/virtualservice", body, x_avi_version="18.2.10")
    name = made["vsvip_ref"].partition("#")[2]
    assert re.fullmatch(r"vsvip-[a-z0-9]{6}", name)
    assert client.one("vsvip", name)["vip"][0]["ip_address"] == ADDRESS
    flat = {"name": "flat", "services": [{"port": 80}], "ip_address": {"addr": "10.0.0.9", "type": "V4"}}
    made = client.post("/api/virtualservice", flat, x_avi_version=None)
    assert made["ip_address"]["addr"] == "10.0.0.9"


@pytest.mark.evidence("INF", "§3.9")
def test_copies_sent_back_unchanged_change_nothing_and_changed_change_the_vsvip(client):
    body = {"name": "vs", "services": [{"port": 80}], "vip": [{"ip_address": ADDRESS}]}
    made = client.post("/api/virtualservice", body, x_avi_version="18.2.10")
    vsvip = path_of({"url": made["vsvip_ref"]})
    before = client.get(vsvip)
    read = client.get(path_of(made), x_avi_version="18.2.10")
    client.put(read, x_avi_version="18.2.10")
    assert client.get(vsvip) == before
    read = client.get(path_of(made), x_avi_version="18.2.10")
    read["vip"][0]["ip_address"]["addr"] = "10.0.0.7"
    client.put(read, x_avi_version="18.2.10")
    assert client.get(vsvip)["vip"][0]["ip_address"]["addr"] == "10.0.0.7"


@pytest.mark.evidence("PUBLIC", "§2.8")
def test_a_pool_of_another_vrf(client):
    vrf = client.post("/api/vrfcontext", {"name": "V"})
    client.post("/api/pool", {"name": "p", "vrf_ref": vrf["url"]})
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ADDRESS}]})
    body = {
        "name": "vs",
        "services": [{"port": 80}],
        "vsvip_ref": "/api/vsvip?name=v",
        "pool_ref": "/api/pool?name=p",
    }
    answer = client("POST", "/api/virtualservice", body)
    assert (answer.status, answer.json()["error"]) == (400, "VRF Context for vs and pool p different")
    assert client.get("/api/virtualservice")["count"] == 0


@pytest.mark.evidence("REC", "§3.9")
def test_a_get_of_a_virtual_service_shows_bookkeeping_and_a_vsvip_by_uuid_its_users(client):
    made = client.post(
        "/api/virtualservice", {"name": "vs", "services": [{"port": 80}], "vip": [{"ip_address": ADDRESS}]}
    )
    read = client.get(path_of(made))
    assert {
        "marked_for_delete",
        "redis_db",
        "redis_port",
        "version",
        "tls_ticket_key",
    } <= read.keys() - made.keys()
    assert isinstance(read["version"], str)
    assert client.put(read)
    vsvip = path_of({"url": made["vsvip_ref"]})
    assert client.get(vsvip)["vs_refs"] == [made["url"].partition("#")[0]]
    assert "vs_refs" not in client.get("/api/vsvip")["results"][0]
    assert client("PUT", vsvip, client.get(vsvip)).status == 200


def test_nothing_is_left_behind_by_a_write_that_is_refused(client):
    body = {
        "name": "vs",
        "services": [{"port": 80}],
        "vip": [{"ip_address": ADDRESS}],
        "pool_ref": "/api/pool?name=none",
    }
    assert client("POST", "/api/virtualservice", body).status == 400
    assert client.get("/api/vsvip")["count"] == 0


@pytest.mark.evidence("REC", "§2.11")
def test_a_certificate_is_read_and_what_is_unreadable_is_taken_as_it_is(client):
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert("www.avi.local", "avi.local")
    pem = leaf.cert_chain_pems[0].bytes().decode()
    body = {"name": "c", "key": leaf.private_key_pem.bytes().decode(), "certificate": {"certificate": pem}}
    made = client.post("/api/sslkeyandcertificate", body)
    inner = made["certificate"]
    assert made["key"] == "<sensitive>"
    assert made["key_params"]["algorithm"] == "SSL_KEY_ALGORITHM_EC"
    assert inner["self_signed"] is False
    assert inner["certificate"] == pem
    assert "DNS:www.avi.local, DNS:avi.local" in inner["text"]
    again = client.put(client.get(path_of(made)))
    assert again["certificate"] == inner
    odd = client.post("/api/sslkeyandcertificate", {"name": "d", "certificate": {"certificate": "none"}})
    assert "subject" not in odd["certificate"]
