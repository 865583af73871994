"""One session, without a wire: what it hands to requests, and what it makes of what comes back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import urllib3
from avi.sdk import avi_api
from pydantic import SecretStr
from requests import exceptions as http

from intent.scrubber import SCRUBBER
from live.avi import session as module
from live.avi.session import CONNECT_SECONDS, Denied, Login, Session

LOGIN = Login(1, "csrf-1", "cookie-1", "30.2.1")


class Raw:
    """What urllib3 gives piece by piece; an exception is raised where it stands."""

    def __init__(self, *blocks):
        self.blocks = list(blocks)
        self.asked = []
        self.released = False

    def read1(self, size, *, decode_content):
        self.asked.append((size, decode_content))
        block = self.blocks.pop(0) if self.blocks else b""
        if isinstance(block, Exception):
            raise block
        return block

    def release_conn(self):
        self.released = True


class Wire:
    """In the place of requests: what it was asked, and the answers to come."""

    def __init__(self):
        self.asked = []
        self.answers = []
        self.by = None

    def __call__(self, session, method, url, **options):
        self.by = session
        self.asked.append((method, url, options))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def answer(self, *blocks, status=200, **headers):
        response = requests.Response()
        response.status_code, response.raw = status, Raw(*blocks)
        response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        response.closed = []
        response.close = lambda: response.closed.append(True)
        self.answers.append(response)
        return response


@pytest.fixture
def wire(monkeypatch):
    made = Wire()
    monkeypatch.setattr(requests.Session, "request", made)
    return made


@pytest.fixture
def session():
    heard = []
    made = Session(
        "https://c.example:8443", "ops", "iberia", verify="/ca.pem", timeout=3.0,
        meter=lambda *said: heard.append(said),
    )  # fmt: skip
    made.heard = heard
    made.deadline.begin(time.monotonic() + 60)
    yield made
    made.forget()


def test_what_avisdk_would_do_on_its_own_cannot_happen(session):
    assert (session.prefix, session.avi_credentials.controller) == ("https://c.example:8443", "c.example")
    assert (session.avi_credentials.username, session.tenant) == ("ops", "iberia")
    assert (session.verify, session.trust_env, session.timeout) == ("/ca.pem", False, 3.0)
    assert session.retry_conxn_errors is False, "it would send a write whose answer was lost again"
    assert session.max_session_retries == 0
    assert session.avi_credentials.password is session.avi_credentials.token is None
    assert session.ahead is None
    assert session.cookies.get_policy().allowed_domains() == (), "cookies are sent by the table alone"


def test_its_place_in_the_sdks_table(session, monkeypatch):
    assert session.key.startswith("https://c.example:8443 ")
    session.adopt(LOGIN)
    before = datetime.now(UTC).replace(tzinfo=None)
    entry = avi_api.sessionDict[session.key]
    assert (entry["csrftoken"], entry["session_id"], entry["api"]) == ("csrf-1", "cookie-1", session)
    assert before - timedelta(minutes=1) < entry["last_used"] <= before
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "JST-9")
        time.tzset()
        session.adopt(LOGIN)
    time.tzset()
    assert abs(avi_api.sessionDict[session.key]["last_used"] - before) < timedelta(minutes=1), "of everywhere"
    session.forget()
    assert session.key not in avi_api.sessionDict
    session.forget()


@pytest.mark.parametrize(
    ("method", "body", "data"), [("GET", None, None), ("PUT", {"a": 1}, '{"a": 1}'), ("POST", {}, "{}")]
)
def test_one_request(session, wire, method, body, data):
    wire.answer(b'{"a": ', b'"\xc3\xa9\xff"}', X="1")
    session.adopt(LOGIN)
    params = {"name": "a b"}
    limit = time.monotonic() + 50
    answer = session.exchange(method, "network/n1", limit=limit, params=params, body=body, tenant="team")
    assert (answer.status, answer.text, answer.headers["x"]) == (200, '{"a": "\u00e9\ufffd"}', "1")
    ((sent, url, options),) = wire.asked
    assert wire.by is session
    assert (sent, url) == (method, "https://c.example:8443/api/network/n1")
    assert (options["params"], options.get("data")) == (params, data)
    assert options["params"] is not params
    assert options["headers"]["X-Avi-Tenant"] == "team"
    assert options["headers"]["X-CSRFToken"] == "csrf-1"
    assert (options["allow_redirects"], options["stream"]) == (False, True)
    assert options["timeout"] == (CONNECT_SECONDS, 3.0)
    assert session.heard == [(method, "/api/network/n1")]
    assert session.deadline.limit == limit


def test_a_tenant_that_is_not_said_is_the_session_s_own(session, wire):
    wire.answer(b"{}")
    session.adopt(LOGIN)
    session.exchange("GET", "cloud", limit=session.deadline.limit)
    ((_, _, options),) = wire.asked
    assert options["headers"]["X-Avi-Tenant"] == "iberia"
    assert not options["params"]


def test_no_phase_may_take_longer_than_there_is_time(session, wire):
    wire.answer(b"")
    session.deadline.begin(time.monotonic() + 0.9)
    session.request("get", "https://c.example:8443/api/cloud?name=x")
    connect, read = wire.asked[0][2]["timeout"]
    assert connect == read
    assert 0 < read <= 0.9
    assert session.heard == [("GET", "/api/cloud")]


def test_what_refuses_or_comes_too_late_is_not_sent(session, wire):
    session.deadline.begin(time.monotonic())
    with pytest.raises(http.ReadTimeout):
        session.request("GET", "https://c.example:8443/api/cloud")
    session._meter = lambda *_said: (_ for _ in ()).throw(PermissionError("no"))
    session.deadline.begin(time.monotonic() + 9)
    with pytest.raises(PermissionError):
        session.request("PUT", "https://c.example:8443/api/cloud")
    assert wire.asked == []


def test_a_body_is_read_once_and_its_connection_given_back(session, wire):
    response = wire.answer(b"ab", b"cd")
    got = session.request("GET", "https://c.example:8443/api/cloud")
    assert got is response
    assert (got.content, got.text, response.raw.released, response.closed) == (b"abcd", "abcd", True, [])
    assert response.raw.asked == [(65_536, True)] * 3


def test_the_controllers_clock(session, wire):
    then = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    wire.answer(Date=format_datetime(then, usegmt=True))
    before = time.monotonic()
    session.request("GET", "https://c.example:8443/api/cloud")
    assert then.timestamp() - time.monotonic() <= session.ahead <= then.timestamp() - before
    known = session.ahead
    for date in ("nonsense", ""):
        wire.answer(Date=date)
        session.request("GET", "https://c.example:8443/api/cloud")
    wire.answer()
    session.request("GET", "https://c.example:8443/api/cloud")
    assert session.ahead == known, "an answer that does not tell changes nothing"


@pytest.mark.parametrize("status", [401, 419])
def test_want_of_a_session_is_told_apart(session, wire, status):
    wire.answer(b'{"error": "who?"}', status=status, Retry_After="3")
    with pytest.raises(Denied, match=f"^HTTP {status}$") as denied:
        session.request("GET", "https://c.example:8443/api/cloud")
    answer = denied.value.answer
    assert (answer.status, answer.sentence, answer.retry_after) == (status, "who?", 3.0)
    session._logging_in = True
    wire.answer(status=status)
    assert session.request("POST", "https://c.example:8443/login").status_code == status


@pytest.mark.parametrize("status", [200, 400, 403, 412, 500])
def test_any_other_status_is_an_answer(session, wire, status):
    wire.answer(status=status)
    assert session.request("GET", "https://c.example:8443/api/cloud").status_code == status


POOL = urllib3.HTTPSConnectionPool("c.example")


@pytest.mark.parametrize(
    ("trouble", "kind", "said"),
    [
        (urllib3.exceptions.ReadTimeoutError(POOL, "/", "Read timed out."), http.ReadTimeout, "Read timed out."),
        (urllib3.exceptions.DecodeError("bad gzip"), http.ContentDecodingError, "bad gzip"),
        (urllib3.exceptions.IncompleteRead(3, 9), http.ConnectionError, "IncompleteRead: IncompleteRead"),
        (urllib3.exceptions.ProtocolError("Response ended"), http.ConnectionError, "ProtocolError: Response ended"),
        (ConnectionResetError("Connection reset by peer"), http.ConnectionError, "ConnectionResetError: Connection reset"),
    ],
)  # fmt: skip
def test_a_body_that_breaks_off(session, wire, trouble, kind, said):
    response = wire.answer(b"half", trouble)
    with pytest.raises(http.RequestException) as caught:
        session.request("GET", "https://c.example:8443/api/cloud")
    assert type(caught.value) is kind
    assert said in str(caught.value)
    assert (response.closed, response.raw.released) == ([True], False), "what is left is not the next answer"


def test_a_body_that_is_too_large_or_too_slow(session, wire, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_BODY", 4 * 1024**2)
    wire.answer(b"x" * 4 * 1024**2)
    assert len(session.request("GET", "https://c.example:8443/api/cloud").content) == 4 * 1024**2
    response = wire.answer(b"x" * 4 * 1024**2, b"x", b"never read")
    with pytest.raises(http.ContentDecodingError, match="the answer is larger than 4 MiB"):
        session.request("GET", "https://c.example:8443/api/cloud")
    assert response.raw.blocks == [b"never read"]
    assert response.closed
    late = wire.answer(b"x", b"never read")
    read1 = late.raw.read1

    def slow(*given, **options):
        session.deadline.begin(time.monotonic() - 1)
        return read1(*given, **options)

    late.raw.read1 = slow
    with pytest.raises(http.ReadTimeout):
        session.request("GET", "https://c.example:8443/api/cloud")
    assert late.raw.blocks == [b"never read"]


# Logging in.


@pytest.fixture
def entrance(session, wire):
    """What a Controller says to who may come in."""

    def answered(
        body=b'{"version": {"Version": "22.1.3"}, "session_cookie_name": "avi-sessionid"}', *, cookies=True
    ):
        response = wire.answer(body)
        if cookies:
            response.cookies.set("csrftoken", "csrf-pl4nted")
            response.cookies.set("avi-sessionid", "cookie-pl4nted")
        return session

    return answered


@pytest.mark.parametrize(
    ("password", "token", "sent"),
    [("pw-1", None, {"password": "pw-1"}), (None, "tk-1", {"token": "tk-1"}), ("pw-1", "tk-1", {"password": "pw-1"})],
)  # fmt: skip
def test_a_login(entrance, wire, password, token, sent):
    session = entrance()
    limit = time.monotonic() + 60
    terms = [SecretStr(one) if one else None for one in (password, token)]
    assert session.log_in(3, *terms, limit) == Login(3, "csrf-pl4nted", "cookie-pl4nted", "22.1.3")
    ((method, url, options),) = wire.asked
    assert (method, url) == ("POST", "https://c.example:8443/login")
    assert options["data"] == {"username": "ops", **sent}
    assert session.deadline.limit == limit
    credentials = session.avi_credentials
    assert credentials.password is credentials.token is None, "nothing keeps them"
    assert session._logging_in is False
    assert "pl4nted" not in SCRUBBER.text("csrf-pl4nted and cookie-pl4nted")


def test_a_login_that_tells_no_version(entrance):
    session = entrance(b'{"version": {}, "session_cookie_name": "avi-sessionid"}')
    assert session.log_in(1, SecretStr("pw-1"), None, session.deadline.limit).version == ""


ROW = '{"url": "https://c/api/tenant/t1", "uuid": "t1", "name": "blue", "local": true}'


@pytest.mark.parametrize(
    ("tenants", "names"),
    [
        (f"[{ROW}]", ["blue"]),
        ("[]", []),
        *((junk, []) for junk in ("null", "{}", '"blue"', "3", f'[{ROW}, {{"name": "x"}}]', f"[{ROW}, 1]", '[{"name": ["x"], "uuid": "", "url": ""}]')),
    ],
)  # fmt: skip
def test_the_tenants_of_a_user(entrance, tenants, names):
    """Another shape than the recorded one says nothing of them, and is no reason to stay outside."""
    session = entrance(
        f'{{"version": {{}}, "session_cookie_name": "avi-sessionid", "tenants": {tenants}}}'.encode()
    )
    login = session.log_in(1, SecretStr("pw-1"), None, session.deadline.limit)
    assert [row["name"] for row in login.tenants] == names


@pytest.mark.parametrize(
    ("body", "cookies"), [(b"<html>", True), (b"[]", True), (b"{}", True), (b"{}", False)]
)
def test_what_is_no_controller(entrance, body, cookies):
    session = entrance(body, cookies=cookies)
    with pytest.raises(LookupError):
        session.log_in(1, SecretStr("pw-1"), None, session.deadline.limit)
    credentials = session.avi_credentials
    assert credentials.password is credentials.token is None
    assert session._logging_in is False


def test_a_login_that_is_refused(session, wire):
    wire.answer(b'{"error": "no"}', status=401)
    with pytest.raises(avi_api.APIError) as caught:
        session.log_in(1, SecretStr("pw-1"), None, session.deadline.limit)
    assert caught.value.rsp.status_code == 401
    assert len(wire.asked) == 1


def test_it_does_not_log_in_by_itself(session):
    with pytest.raises(RuntimeError, match="a session of the gateway does not log in by itself"):
        session.authenticate_session()
