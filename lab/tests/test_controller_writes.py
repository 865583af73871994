"""Writes: POST, PUT, PATCH and DELETE, and what is refused."""

from __future__ import annotations

import pytest

from lab.tests.controller_client import path_of

ADDRESS = {"addr": "10.0.0.1", "type": "V4"}


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


@pytest.mark.evidence("INF", "§2.8")
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("httppolicyset", "Http policy set"),
        ("l4policyset", "L4 policy set"),
        ("vsdatascriptset", "Vs data script set"),
        ("ipamdnsproviderprofile", "Ipam dns provider profile"),
        ("pkiprofile", "Pki profile"),
    ],
)
def test_a_duplicates_model_is_parted_into_words(client, kind, words):
    body = {"name": "twice", "type": "IPAMDNS_TYPE_INTERNAL"}
    client.post(f"/api/{kind}", body)
    said = client("POST", f"/api/{kind}", body).json()["error"]
    assert said == f"{words} with this Name and Tenant ref already exists."


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
    assert addresses() == ["10.0.0.1", "10.0.0.2"]
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


@pytest.mark.evidence("INF", "§2.8")
@pytest.mark.parametrize(
    ("addr", "kind", "mask", "member"),
    [
        ("10.0.0.300", "V4", 24, "addr"),
        ("fd00::1", "V4", 24, "addr"),
        ("10.0.0.0", "V6", 24, "addr"),
        ("10.0.0.0", "V4", 33, "mask"),
        ("fd00::", "V6", -1, "mask"),
    ],
)
def test_an_address_is_one_of_its_version(client, addr, kind, mask, member):
    prefix = {"ip_addr": {"addr": addr, "type": kind}, "mask": mask}
    answer = client("POST", "/api/network", {"name": "n", "configured_subnets": [{"prefix": prefix}]})
    assert (answer.status, f"check for {member} failed" in answer.json()["error"]) == (400, True)
    named = {"addr": "ntp.avi.local", "type": "DNS"}
    server = {"add": {"ntp_configuration": {"ntp_servers": [{"server": named}]}}}
    assert client("PATCH", "/api/systemconfiguration", server).status == 200


@pytest.mark.evidence("INF", "§2.8")
def test_admin_keeps_its_name(client):
    for kind in ("tenant", "user"):
        admin = client.one(kind, "admin")
        renamed = admin | {"name": "other"} | ({"username": "other"} if kind == "user" else {})
        answer = client("PUT", path_of(admin), renamed)
        assert (answer.status, "Cannot rename" in answer.json()["error"]) == (400, True)
        assert client("PATCH", path_of(admin), {"add": {"description": "kept"}}).status == 200
        assert client.one(kind, "admin")["name"] == "admin"


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
        if (method, body) == ("PUT", b""):
            continue  # changes nothing [REC]
        answer = client(method, path, body)
        assert answer.status == 400
        assert isinstance(answer.json()["error"], str)


def test_nothing_is_left_behind_by_a_write_that_is_refused(client):
    body = {
        "name": "vs",
        "services": [{"port": 80}],
        "vip": [{"ip_address": ADDRESS}],
        "pool_ref": "/api/pool?name=none",
    }
    assert client("POST", "/api/virtualservice", body).status == 400
    assert client.get("/api/vsvip")["count"] == 0


@pytest.mark.evidence("INF", "§2.11")
def test_a_covered_secret_stays_with_its_element(client):
    def peer(address, **more):
        return {"peer_ip": {"addr": address, "type": "V4"}, "remote_as": 65001, **more}

    peers = [peer("10.0.0.1", md5_secret="one"), peer("10.0.0.2", md5_secret="two"), peer("10.0.0.3")]
    made = client.post(
        "/api/vrfcontext",
        {"name": "keyed", "bgp_profile": {"local_as": 65000, "ibgp": False, "peers": peers}},
    )
    shown = client.get(path_of(made))
    assert [each.get("md5_secret") for each in shown["bgp_profile"]["peers"]] == ["<sensitive>"] * 2 + [None]
    turned = list(reversed(shown["bgp_profile"]["peers"]))[:2]
    turned[1]["remote_as"] = 65002
    client.put(shown | {"bgp_profile": shown["bgp_profile"] | {"peers": turned}})
    (stored,) = (each for each in client.lab.site.store.all("vrfcontext") if each.name == "keyed")
    kept = {each["peer_ip"]["addr"]: each.get("md5_secret") for each in stored.body["bgp_profile"]["peers"]}
    assert kept == {"10.0.0.3": None, "10.0.0.2": "two"}
