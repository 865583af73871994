"""Objects as they are read: settings unasked, secrets, empty members, and what is no endpoint or method."""

from __future__ import annotations

import json
import re

import pytest

from lab.tests.controller_client import BASE, path_of


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
        ("POST", "/api/cluster/runtime"),
        ("DELETE", "/api/cluster/status"),
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
    assert client("OPTIONS", "/api/cluster/runtime").header("Allow") == "HEAD, GET, OPTIONS"


@pytest.mark.evidence("REC", "§2.10", "§3.14")
def test_members_stand_in_the_recorded_order(client):
    made = client.post("/api/tenant", {"name": "t"})
    assert list(made)[:4] == ["url", "uuid", "name", "_last_modified"]
    service = client.post("/api/virtualservice", {"name": "vs", "services": [{"port": 80}]})
    assert list(service) != sorted(service)
    for read in (client.get(path_of(service)), client.one("virtualservice", "vs")):
        assert list(read) == sorted(read)


@pytest.mark.evidence("REC", "§2.11")
def test_a_certificate_is_read(client):
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert("www.avi.local", "avi.local")
    pem = leaf.cert_chain_pems[0].bytes().decode()
    body = {"name": "c", "key": leaf.private_key_pem.bytes().decode(), "certificate": {"certificate": pem}}
    made = client.post("/api/sslkeyandcertificate", body)
    read = client.get(path_of(made))
    inner = read["certificate"]
    assert read["key"] == "<sensitive>"
    assert inner["self_signed"] is False
    assert inner["certificate"] == pem
    assert "DNS:www.avi.local, DNS:avi.local" in inner["text"]
    again = client.put(read)
    assert again["certificate"] == inner


@pytest.mark.evidence("INF", "§2.11")
def test_a_key_is_made_for_a_self_signed_certificate_and_for_a_request(client):
    subject = {"common_name": "www.avi.local", "organization": "Avi"}
    ec = {"algorithm": "SSL_KEY_ALGORITHM_EC", "ec_params": {"curve": "SSL_KEY_EC_CURVE_SECP384R1"}}
    inner = {
        "self_signed": True,
        "subject": subject,
        "days_until_expire": 30,
        "subject_alt_names": ["a.avi.local"],
    }
    given = {"name": "s", "certificate": inner, "key_params": ec}
    certificate = client.get(path_of(client.post("/api/sslkeyandcertificate", given)))
    assert certificate["certificate"]["certificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert certificate["certificate"]["issuer"]["organization"] == "Avi"
    assert certificate["certificate"]["days_until_expire"] == 30
    assert "DNS:a.avi.local" in certificate["certificate"]["text"]
    assert (certificate["key"], certificate["key_params"]) == ("<sensitive>", ec)
    asked = client.post(
        "/api/sslkeyandcertificate", {"name": "r", "certificate": {"subject": subject}, "key_params": ec}
    )
    assert asked["status"] == "SSL_CERTIFICATE_PENDING"
    assert "CERTIFICATE REQUEST" in asked["certificate"]["certificate_signing_request"]
    odd = {"name": "o", "certificate": {"self_signed": True, "subject": subject | {"country": "Iberia"}}}
    assert client("POST", "/api/sslkeyandcertificate", odd).status == 400


@pytest.mark.evidence("INF", "§3.11")
def test_system_objects_that_playbooks_look_up(client):
    for kind, name in (
        ("wafpolicy", "System-WAF-Policy"),
        ("scheduler", "Default-Scheduler"),
        ("healthmonitor", "System-Xternal-Shell"),
        ("applicationpersistenceprofile", "System-Persistence-Custom-Http-Header"),
    ):
        found = client.one(kind, name)
        assert client("DELETE", path_of(found)).status == 403
    waf = "/api/wafpolicy?name=System-WAF-Policy"
    made = client.post(
        "/api/virtualservice", {"name": "w", "services": [{"port": 80}], "waf_policy_ref": waf}
    )
    assert made["waf_policy_ref"].endswith("#System-WAF-Policy")
