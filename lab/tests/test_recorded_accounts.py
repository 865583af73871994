"""Rows of the comparison with recorded Controllers and official clients: accounts, tenants, sessions and certificates."""

from __future__ import annotations

import re

import pytest

from lab.tests.controller_client import Client, make, path_of

ALL = ("18.2.13", "20.1.6", "22.1.3", "30.2.1")


@pytest.fixture(scope="module", params=ALL)
def each(request):
    """A client of a Controller that was just installed, of each of several releases."""
    return Client(make(request.param))


def tenant(client, name):
    """Make a tenant; what ends the session of older releases."""
    client("POST", "/api/tenant", {"name": name})
    client.login("admin", client.lab.site.password)


@pytest.mark.evidence("REC", "§3.14")
def test_tenant_admin_is_shown_without_settings_and_others_with_them(each):
    assert not {"config_settings", "_last_modified"} & each.one("tenant", "admin").keys()
    each.post("/api/tenant", {"name": "told"})
    answer = each.login("admin", each.lab.site.password).json()
    shown = {tenant["name"]: tenant.keys() for tenant in answer["tenants"]}
    assert shown["told"] == {"url", "uuid", "name", "local", "config_settings", "_last_modified"}
    assert shown["admin"] == {"url", "uuid", "name", "local"}


@pytest.mark.evidence("CLIENT", "§1.5")
@pytest.mark.parametrize(
    ("hours", "status"), [("240", 201), (240, 201), ("x", 400), (True, 400), (None, 400)]
)
def test_a_token_for_hours_written_as_text(each, hours, status):
    assert each("POST", "/api/user-token", {"hours": hours}).status == status


@pytest.mark.evidence("CLIENT", "§3.14")
def test_the_tenants_of_the_caller(each):
    tenant(each, "mine")
    names = {row["name"]: set(row) for row in each.get("/api/user-tenant-list")["tenants"]}
    assert names["admin"] == names["mine"] == {"name", "uuid"}


@pytest.mark.evidence("CLIENT", "§2.9")
@pytest.mark.parametrize(("header", "lands_in"), [("here", "here"), ("*", "there"), (None, "there")])
def test_the_tenant_header_wins_over_the_body(header, lands_in):
    client = Client(make("30.2.1"))
    for name in ("here", "there"):
        client.post("/api/tenant", {"name": name})
    body = {"name": "p", "tenant_ref": "/api/tenant?name=there"}
    pool = client.post("/api/pool", body, x_avi_tenant=header)
    assert pool["tenant_ref"].rpartition("#")[2] == lands_in


@pytest.mark.evidence("PUBLIC", "§2.9")
def test_a_role_over_the_controller_is_for_tenant_admin(each):
    tenant(each, "guarded")

    def give(role, tenant, name):
        access = [{"role_ref": f"/api/role?name={role}", "tenant_ref": f"/api/tenant?name={tenant}"}]
        return each("POST", "/api/user", {"name": name, "username": name, "password": "x", "access": access})

    refused = give("System-Admin", "guarded", "u1")
    assert (refused.status, refused.json()["error"]) == (
        400,
        "Cannot use Role System-Admin with access to Controller, Role, Tenant or User in non-admin tenant",
    )
    assert give("System-Admin", "admin", "u2").status == 201
    assert give("Tenant-Admin", "guarded", "u3").status == 201


@pytest.mark.evidence("PUBLIC", "§2.9")
def test_who_is_not_authorized_is_told_for_what(each):
    access = [{"role_ref": "/api/role?name=Application-Operator", "tenant_ref": "/api/tenant?name=admin"}]
    each("POST", "/api/user", {"name": "op", "username": "op", "password": "x", "access": access})
    other = Client(each.lab, login=False)
    assert other.login("op", "x").status == 200
    for method, path, what in (("GET", "/api/user", "read"), ("POST", "/api/pool", "write")):
        answer = other(method, path, {} if method == "POST" else None)
        model = "User" if method == "GET" else "Pool"
        refusal = f"User 'op' is not authorized to {what} on resource {model} in tenant admin"
        assert (answer.status, answer.json()) == (403, {"error": refusal})


def pair(name="c"):
    """A certificate and its key, as PEM texts."""
    from datetime import UTC, datetime

    from lab.controller.issuing import issue

    body = {"certificate": {"subject": {"common_name": name}, "self_signed": True}}
    issue(body | {"key_params": {"algorithm": "SSL_KEY_ALGORITHM_EC"}}, datetime.now(UTC))
    params = {"key_params": {"algorithm": "SSL_KEY_ALGORITHM_EC"}} | body
    issue(params, datetime.now(UTC))
    return params["certificate"]["certificate"], params["key"]


@pytest.mark.evidence("REC", "§2.11")
def test_a_certificate_as_its_post_and_its_get_show_it(each):
    text, key = pair()
    body = {"name": "pem", "certificate": {"certificate": text}, "key": key, "key_passphrase": ""}
    certificate = each.post("/api/sslkeyandcertificate", body)
    assert not {"key", "key_params", "ocsp_error_status"} & certificate.keys()
    inner = certificate["certificate"]
    absent = {"certificate", "public_key", "signature", "chain_verified", "key_params"}
    assert not absent & inner.keys()
    assert certificate["key_passphrase"] == ""
    assert re.fullmatch(r"SHA1 Fingerprint=([0-9A-F]{2}:){19}[0-9A-F]{2}\n", inner["fingerprint"])
    assert inner["text"].startswith("Certificate:\n    Data:\n        Version: 3 (0x2)\n")
    assert "Public Key Algorithm: id-ecPublicKey" in inner["text"]
    read = each.get(path_of(certificate))
    assert (read["certificate"]["certificate"], read["key"]) == (text, "<sensitive>")
    assert "BEGIN PUBLIC KEY" in read["certificate"]["public_key"]


@pytest.mark.evidence("CLIENT", "§2.11")
@pytest.mark.parametrize("what", ["text", "key", "another"])
def test_what_is_no_certificate_or_anothers_key_is_refused(each, what):
    text, key = pair()
    text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" if what == "text" else text
    key = pair()[1] if what == "another" else "no key" if what == "key" else key
    body = {"name": f"bad {what}", "certificate": {"certificate": text}, "key": key}
    answer = each("POST", "/api/sslkeyandcertificate", body)
    assert answer.status == 500
    assert answer.json()["error"].startswith("Import error")
    assert each.get(f"/api/sslkeyandcertificate?name=bad {what}")["count"] == 0


@pytest.mark.evidence("INF", "§2.11")
def test_the_authorities_of_a_pki_profile_are_certificates(each):
    text, _ = pair()
    made = each.post("/api/pkiprofile", {"name": "pki", "ca_certs": [{"certificate": text}]})
    (shown,) = made["ca_certs"]
    assert (shown["certificate"], "BEGIN PUBLIC KEY" in shown["public_key"]) == (text, True)
    assert {"subject", "issuer", "not_after", "expiry_status"} <= shown.keys()
    assert each("PUT", path_of(made), each.get(path_of(made))).status == 200
    answer = each("POST", "/api/pkiprofile", {"name": "none", "ca_certs": [{"certificate": "none"}]})
    assert (answer.status, answer.json()["error"].startswith("Import error")) == (500, True)


@pytest.mark.evidence("INF", "§2.11")
def test_a_certificate_grows_old_on_the_sites_clock():
    client = Client(make("30.2.1"))
    answer = client.post(
        "/api/sslkeyandcertificate", {"name": "old", "certificate": {"certificate": pair()[0]}}
    )
    seen = []
    for days in (0, 340, 30):
        client.lab.site.clock.advance(days * 86400)
        client.login("admin", client.lab.site.password)
        seen.append(
            client.get(path_of(answer))["certificate"]["expiry_status"].removeprefix("SSL_CERTIFICATE_")
        )
    assert seen == ["GOOD", "EXPIRY_WARNING", "EXPIRED"]


def profiled(**profile):
    """A client of a site, and one of another user of it, whose account profile has these members."""
    client = Client(make("30.2.1"))
    account_profile = client.post("/api/useraccountprofile", {"name": "strict", **profile})
    access = [{"role_ref": "/api/role?name=Tenant-Admin", "tenant_ref": "/api/tenant?name=admin"}]
    user = {"name": "svc", "username": "svc", "password": "one", "access": access}
    client.post("/api/user", user | {"user_profile_ref": account_profile["url"]})
    return client, Client(client.lab, login=False)


@pytest.mark.evidence("DOC", "§1.4")
def test_logins_beyond_the_limit_of_sessions_are_refused():
    client, other = profiled(max_concurrent_sessions=2)
    assert [other.login("svc", "one").status for _ in range(3)] == [200, 200, 401]
    other("POST", "/logout")
    assert other.login("svc", "one").status == 200
    assert client.get("/api/pool")["count"] == 0


@pytest.mark.evidence("DOC", "§1.4")
def test_expired_credentials_leave_the_change_of_the_password_only():
    client, other = profiled(credentials_timeout_threshold=1)
    assert other.login("svc", "one").status == 200
    client.lab.site.clock.advance(3 * 86400)
    assert other.login("svc", "one").status == 200
    assert other("GET", "/api/pool").status == 403
    assert other("PUT", "/api/useraccount", {"old_password": "one", "password": "two"}).status == 200
    assert other("GET", "/api/pool").status == 200


@pytest.mark.evidence("CLIENT", "§2.5")
def test_of_a_reference_with_more_segments_the_last_two_count(each):
    role = each.one("role", "Tenant-Admin")
    access = [
        {"role_ref": f"https://h/api/tenant/admin/role/{role['uuid']}", "tenant_ref": "/api/tenant/admin"}
    ]
    user = each.post("/api/user", {"name": "seg", "username": "seg", "password": "x", "access": access})
    assert user["access"][0]["role_ref"].endswith("#Tenant-Admin")


@pytest.mark.evidence("REC", "§1.4")
@pytest.mark.parametrize(("version", "status"), [("18.2.13", 419), ("20.1.1", 200)])
def test_a_post_of_a_tenant_ends_the_session_of_18_2(version, status):
    client = Client(make(version))
    client.post("/api/tenant", {"name": "t"})
    assert client("GET", "/api/tenant").status == status
