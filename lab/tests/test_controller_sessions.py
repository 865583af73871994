"""Logging in, cookies, CSRF, expiry, basic authentication, tokens, one's own account."""

from __future__ import annotations

import base64

import pytest

from lab.controller import Request
from lab.tests.controller_client import BASE, Client, make
from lab.tests.login import cookies


@pytest.fixture
def lab():
    return make("20.1.6")


def raw(lab, method, path, body=b"", **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lab.controller.handle(Request(method, path, (), sent, body, BASE))


@pytest.mark.evidence("REC", "§1.1")
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"username=admin&password=avi-lab"),
        ("application/json", b'{"username": "admin", "password": "avi-lab"}'),
    ],
)
def test_login_by_form_and_by_json(lab, kind, body):
    answer = raw(lab, "POST", "/login", body, content_type=kind)
    assert (answer.status, answer.reason) == (200, "OK")
    said = answer.json()
    assert said["user"]["name"] == "admin"
    assert said["version"]["Version"] == "20.1.6"
    assert said["session_cookie_name"] == "avi-sessionid"
    assert said["controller"] == {"api_idle_timeout": 15}
    assert said["tenants"] == [
        {"url": f"{BASE}/api/tenant/admin", "uuid": "admin", "name": "admin", "local": True}
    ]
    assert said["user"]["default_tenant_ref"] == f"{BASE}/api/tenant/admin"
    assert answer.header("AVI_API_VERSION") == "16_4_2"
    assert answer.header("Allow") == "POST, OPTIONS"
    jar = cookies(answer)
    assert set(jar) == {"csrftoken", "avi-sessionid", "sessionid"}
    assert jar["avi-sessionid"] == jar["sessionid"]
    assert all(len(value) == 32 for value in jar.values())


@pytest.mark.evidence("REC", "§1.1")
def test_members_of_a_login_stand_in_the_recorded_order(lab):
    said = raw(lab, "POST", "/login", b"username=admin&password=avi-lab").json()
    assert list(said) == [
        "user_initialized", "version", "user", "tenants", "system_config", "controller", "session_cookie_name",
    ]  # fmt: skip
    assert list(said["user"])[:4] == ["is_superuser", "default_tenant_ref", "name", "username"]
    assert list(said["system_config"])[:3] == ["url", "uuid", "_last_modified"]


@pytest.mark.evidence("REC", "§1.1")
def test_only_system_config_has_relative_references_and_it_is_in_the_newest_model(lab):
    said = raw(lab, "POST", "/login", b"username=admin&password=avi-lab").json()
    config = said["system_config"]
    assert config["url"] == "/api/systemconfiguration"
    assert config["portal_configuration"]["sslprofile_ref"].startswith("/api/sslprofile/")
    assert config["portal_configuration"]["disable_swagger"] is False


@pytest.mark.evidence("REC", "§1.1")
def test_cookie_attributes_and_samesite_from_20_1_5():
    for version, same in (("20.1.4", False), ("20.1.5", True)):
        answer = raw(make(version), "POST", "/login", b"username=admin&password=avi-lab")
        lines = [value for name, value in answer.headers if name == "Set-Cookie"]
        assert "Max-Age=31449600; Path=/" in lines[0]
        assert "HttpOnly" not in lines[0]
        assert all("HttpOnly; Max-Age=86400; Path=/" in line for line in lines[1:])
        assert all(line.endswith("Secure") and ("SameSite=None" in line) is same for line in lines)


@pytest.mark.evidence("REC", "§1.1")
def test_every_answer_sets_the_session_again_but_not_the_csrf_token(lab):
    answer = Client(lab)("GET", "/api/cloud")
    assert set(cookies(answer)) == {"avi-sessionid", "sessionid"}


@pytest.mark.evidence("CLIENT", "§1.4")
@pytest.mark.parametrize(
    "body", [b"username=admin&password=wrong", b"username=nobody&password=avi-lab", b"", b"\xff"]
)
def test_wrong_credentials(lab, body):
    answer = raw(lab, "POST", "/login", body)
    assert (answer.status, answer.reason) == (401, "UNAUTHORIZED")
    assert "Invalid credentials" in answer.body.decode()
    assert cookies(answer) == {}


@pytest.mark.evidence("REC", "§1.2")
def test_csrf_is_checked_on_unsafe_methods_only(lab):
    client = Client(lab)
    client.headers["x-csrftoken"] = "stale"
    assert client("GET", "/api/pool").status == 200
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client(method, "/api/pool", {"name": "p"})
        assert (answer.status, answer.body) == (401, b"CSRF token missing or incorrect.")
        assert answer.header("Content-Type") == "application/json"
    assert lab.site.store.count("pool") == 0


@pytest.mark.evidence("DOC", "§1.2")
def test_referer_is_required_over_https(lab):
    client = Client(lab)
    assert client("POST", "/api/pool", {"name": "p"}, referer=None).status == 401
    assert client("POST", "/api/pool", {"name": "p"}, referer="https://elsewhere.example/").status == 401
    assert client("POST", "/api/pool", {"name": "p"}, referer="https://avi.example").status == 201


@pytest.mark.evidence("REC", "§1.4")
def test_without_a_session(lab):
    for method, path in (("GET", "/api/pool"), ("POST", "/api/pool")):
        answer = raw(lab, method, path, b"{}")
        assert answer.status == 401
        assert answer.json() == {"detail": "Authentication credentials were not provided."}
        assert set(cookies(answer)) == {"avi-sessionid", "sessionid"}


@pytest.mark.evidence("REC", "§1.4")
def test_a_session_that_ended_is_419_on_get_and_401_on_writes(lab):
    client = Client(lab)
    lab.site.clock.advance(15 * 60 + 1)
    answer = client("GET", "/api/pool")
    assert (answer.status, answer.reason) == (419, "FORBIDDEN")
    assert answer.json() == {"error": "Need to switch session"}
    assert answer.header("Content-Type") == "text/html"
    assert "csrftoken" in cookies(answer)
    assert client("POST", "/api/pool", {"name": "p"}).status == 401


@pytest.mark.evidence("INF", "§1.1")
def test_idle_and_absolute_expiry_run_on_the_sites_clock_and_can_be_set(lab):
    client = Client(lab)
    for _ in range(3):
        lab.site.clock.advance(14 * 60)
        assert client("GET", "/api/pool").status == 200
    client("PATCH", "/api/controllerproperties", {"replace": {"api_idle_timeout": 0}})
    lab.site.clock.advance(22 * 3600)
    assert client("GET", "/api/pool").status == 200
    lab.site.clock.advance(2 * 3600)
    assert client("GET", "/api/pool").status == 419


@pytest.mark.evidence("CLIENT", "§1.4")
def test_logout_ends_the_session(lab):
    client = Client(lab)
    assert client("POST", "/logout").status == 200
    assert client("GET", "/api/pool").status == 419
    assert raw(lab, "GET", "/logout").status == 405


@pytest.mark.evidence("REC", "§1.5")
def test_basic_authentication_only_when_allowed(lab):
    word = base64.b64encode(b"admin:avi-lab").decode()
    refused = raw(lab, "GET", "/api/pool", authorization=f"Basic {word}")
    assert refused.status == 401
    assert refused.header("WWW-Authenticate") == 'Basic realm="api"'
    portal = {"portal_configuration": {"allow_basic_authentication": True}}
    assert Client(lab)("PATCH", "/api/systemconfiguration", {"add": portal}).status == 200
    made = raw(lab, "POST", "/api/pool", b'{"name": "p"}', authorization=f"Basic {word}")
    assert made.status == 201
    assert cookies(made) == {"avi-sessionid": "None", "sessionid": "None"}
    for wrong in ("Basic !!!", "Basic " + base64.b64encode(b"admin:no").decode()):
        assert raw(lab, "GET", "/api/pool", authorization=wrong).status == 401


@pytest.mark.evidence("REC", "§1.5")
def test_changing_ones_password_answers_nothing_and_keeps_the_session(lab):
    client = Client(lab)
    wrong = client("PUT", "/api/useraccount", {"old_password": "no", "password": "new-one"})
    assert wrong.status == 400
    answer = client("PUT", "/api/useraccount", {"old_password": "avi-lab", "password": "new-one"})
    assert (answer.status, answer.body) == (200, b"")
    assert client("GET", "/api/pool").status == 200
    assert client.login("admin", "avi-lab").status == 401
    assert client.login("admin", "new-one").status == 200


@pytest.mark.evidence("CLIENT", "§1.5")
def test_tokens_log_in_until_they_expire(lab):
    client = Client(lab)
    token = client.post("/api/user-token", {"hours": 2})["token"]
    assert [each["token"] for each in client.get("/api/user-token")["results"]] == [token]
    assert raw(lab, "POST", "/login", f"username=admin&token={token}".encode()).status == 200
    assert raw(lab, "POST", "/login", b"username=admin&token=guess").status == 401
    lab.site.clock.advance(2 * 3600 + 1)
    assert raw(lab, "POST", "/login", f"username=admin&token={token}".encode()).status == 401


@pytest.mark.evidence("INF", "§1.4")
def test_lock_out_is_off_for_the_first_user_and_on_by_profile(lab):
    for _ in range(30):
        raw(lab, "POST", "/login", b"username=admin&password=wrong")
    client = Client(lab)
    profile = client.one("useraccountprofile", "Default-User-Account-Profile")
    body = {"name": "eve", "password": "right-one", "user_profile_ref": profile["url"], "is_superuser": True}
    made = client.post("/api/user", body)
    assert made["password"] == "<sensitive>"
    for _ in range(20):
        assert client.login("eve", "wrong").status == 401
    assert client.login("eve", "right-one").status == 401
    lab.site.clock.advance(31 * 60)
    assert client.login("eve", "right-one").status == 200


@pytest.mark.evidence("CLIENT", "§1.7")
@pytest.mark.parametrize("path", ["/api/initial-data", "/api/cluster/runtime", "/api/cluster/status"])
def test_what_needs_no_login(lab, path):
    answer = raw(lab, "GET", path)
    assert answer.status == 200
    if path == "/api/initial-data":
        assert answer.json()["version"]["Version"] == "20.1.6"
    else:
        assert answer.json()["cluster_state"]["progress"] == 100


@pytest.mark.evidence("REC", "§1.3")
def test_response_headers(lab):
    client = Client(lab)
    answer = client("GET", "/api/pool")
    assert answer.header("AVI_API_VERSION") == "20.1.6"
    assert answer.header("Allow") == "HEAD, POST, GET, OPTIONS"
    assert answer.header("X-Frame-Options") == "SAMEORIGIN"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert client("GET", "/api/pool", x_avi_version=None).header("AVI_API_VERSION") == "16_4_2"
    made = client("POST", "/api/pool", {"name": "p"})
    assert made.reason == "CREATED"
    one = client("GET", f"/api/pool/{made.json()['uuid']}")
    assert one.header("Allow") == "HEAD, GET, PUT, PATCH, OPTIONS, DELETE"
    for path in ("/api/pool-inventory", "/api/networkruntime", "/api/cluster/version"):
        assert client("GET", path).header("Allow") == "HEAD, GET, OPTIONS"
        refused = client("POST", path, {})
        assert (refused.status, refused.header("Allow")) == (405, "HEAD, GET, OPTIONS")
    gone = client("DELETE", f"/api/pool/{made.json()['uuid']}")
    assert (gone.status, gone.header("Content-Length"), gone.header("Content-Type")) == (204, "0", None)
    tenant = client("POST", "/api/tenant", {"name": "t"})
    assert tenant.header("Reload-Permissions")
