"""The gateway's session with the Controller: one login, its version, what is taken from avisdk and what is not."""
# ruff: noqa: ARG002 -- a fixture may be wanted for what it does; sentences are matched as they stand

import ssl
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
import urllib3
from avi.sdk import avi_api

from intent import Unknown
from intent.scrubber import SCRUBBER
from live.avi.gateway import Gateway
from live.errors import Unreachable
from tests.live.stub import PASSWORD, Fault, hang_up, status

pytestmark = [
    pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning"),
    pytest.mark.usefixtures("hasty"),
]


class TestSession:
    def test_one_login_for_all_threads_and_one_logout(self, stub, gateway):
        stub.objects["cloud"] = []
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: gateway.read("cloud"), range(40)))
        gateway.close()
        assert len(stub.calls("/login")) == 1
        assert len(stub.calls("/logout")) == 1
        assert stub.connections <= 9
        assert gateway.requests == len(stub.seen) == 42
        assert stub.sessions == set()
        assert not [key for key in avi_api.sessionDict if str(stub.port) in key]

    def test_connect_is_idempotent_and_says_what_it_reached(self, stub, gateway):
        gateway.connect()
        gateway.connect()
        assert len(stub.seen) == 1
        assert gateway.name == f"127.0.0.1:{stub.port}"
        assert gateway.session_info == (
            f"Controller 30.2.1 at 127.0.0.1:{stub.port} as admin, tenant admin, API version 30.2.1, TLS verified"
        )

    def test_headers_of_every_call(self, stub, open_gateway):
        stub.objects["cloud"] = []
        open_gateway(tenant="iberia").read("cloud", {"name": "a b"})
        seen = stub.calls("/api/cloud")[0]
        assert seen.headers["X-Avi-Version"] == "30.2.1"
        assert seen.headers["X-Avi-Tenant"] == "iberia"
        assert seen.headers["Referer"] == f"https://127.0.0.1:{stub.port}"
        assert seen.headers["Cookie"].count("avi-sessionid=") == 1
        assert seen.query == {"name": "a b"}

    @pytest.mark.parametrize("tenant", ["\u6771\u4eac", "a\r\nX-Evil: 1", "\U0001f600"])
    @pytest.mark.parametrize(
        "uuids", [[], ["tenant-1\r\nX-Evil: 1"], ["\u6771"], [["a"]], ["tenant-1", "tenant-2"]]
    )
    def test_a_tenant_that_no_header_can_name_and_whose_uuid_is_not_shown(
        self, stub, open_gateway, tenant, uuids
    ):
        stub.objects |= {"cloud": [], "tenant": [{"name": tenant, "uuid": uuid} for uuid in uuids]}
        gateway, own = open_gateway(writable=True), open_gateway(tenant=tenant)
        for ask in (
            lambda: gateway.read("cloud", tenant=tenant),
            lambda: gateway.write("POST", "cloud", {}, tenant=tenant),
            lambda: own.read("cloud"),
        ):
            with pytest.raises(Unknown):
                ask()
        assert not stub.calls("/api/cloud")

    @pytest.mark.parametrize("tenant", ["\u6771\u4eac", "espa\xf1a", "a\r\nb", "spaced ", "\U0001f600"])
    def test_a_tenant_beyond_ascii_goes_by_its_uuid(self, stub, open_gateway, tenant):
        stub.objects |= {"cloud": [], "tenant": [{"name": tenant, "uuid": "tenant-1"}]}
        gateway = open_gateway(writable=True)
        gateway.read("cloud", tenant=tenant)
        gateway.write("POST", "cloud", {"name": "a"}, tenant=tenant)
        open_gateway(tenant=tenant).read("cloud")
        for call in stub.calls("/api/cloud"):
            assert call.headers["X-Avi-Tenant-UUID"] == "tenant-1"
            assert "X-Avi-Tenant" not in call.headers
        assert {call.headers["X-Avi-Tenant"] for call in stub.calls("/api/tenant")} == {"admin"}

    def test_params_are_not_mutated(self, stub, gateway):
        stub.objects["cloud"] = []
        params = {"page_size": "200"}
        gateway.read("cloud", params)
        assert params == {"page_size": "200"}

    def test_the_cache_of_avisdk_does_not_hide_a_version(self, stub, open_gateway):
        stub.objects["cloud"] = []
        open_gateway().read("cloud")
        open_gateway(api_version="22.1.3").read("cloud")
        assert [seen.headers["X-Avi-Version"] for seen in stub.calls("/api/cloud")] == ["30.2.1", "22.1.3"]

    def test_token(self, stub, open_gateway):
        open_gateway(password=None, token="pl4nted-token").connect()
        assert "token=pl4nted-token" in stub.calls("/login")[0].body

    def test_no_credentials(self, stub, open_gateway):
        with pytest.raises(Unreachable, match="set AVI_PASSWORD or AVI_TOKEN"):
            open_gateway(password=None).connect()
        assert stub.seen == []

    def test_it_can_be_opened_again(self, stub, gateway):
        stub.objects["cloud"] = []
        gateway.read("cloud")
        gateway.close()
        gateway.close()
        gateway.read("cloud")
        assert len(stub.calls("/login")) == 2
        assert len(stub.calls("/logout")) == 1

    def test_a_wrong_password_logs_in_once_and_never_again(self, stub, open_gateway):
        gateway = open_gateway(password="wrong-pl4nted")
        for _ in range(3):
            with pytest.raises(Unreachable) as caught:
                gateway.read("cloud")
        assert len(stub.seen) == 1
        assert str(caught.value) == (
            f"the Controller at 127.0.0.1:{stub.port}: it refused the login of admin (Invalid credentials); check "
            "AVI_USERNAME and AVI_PASSWORD (or AVI_TOKEN). It was tried once only, so that the account is not locked"
        )

    def test_wrong_in_mid_run_logs_in_once_for_all_threads(self, stub, gateway, monkeypatch):
        stub.objects["cloud"] = []
        gateway.read("cloud")
        stub.sessions.clear()
        monkeypatch.setattr("tests.live.stub.PASSWORD", "changed meanwhile")

        def ask(_):
            with pytest.raises(Unreachable, match="refused the login"):
                gateway.read("cloud")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, range(24)))
        assert len(stub.calls("/login")) == 2

    @pytest.mark.parametrize("code", [401, 419])
    def test_an_expired_session_is_renewed_once_for_all_threads(self, stub, gateway, code):
        stub.objects["cloud"], stub.expired_status = [], code
        gateway.read("cloud")
        stub.sessions.clear()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: gateway.read("cloud"), range(16)))
        assert all(page["count"] == 0 for page in found)
        assert len(stub.calls("/login")) == 2

    def test_401_for_want_of_permission_costs_few_logins(self, stub, gateway):
        stub.faults.append(Fault("/api/secret", status(401, {"error": "Permission denied"}), times=99))
        for _ in range(5):
            with pytest.raises(
                Unknown, match="secret is denied to admin even after a new login: Permission denied"
            ):
                gateway.read("secret")
        assert len(stub.calls("/login")) == 3
        seen = len(stub.seen)
        with pytest.raises(Unknown):
            gateway.read("secret")
        assert len(stub.seen) == seen + 1, "no login that helped, so nothing is asked again"

    def test_sessions_may_lapse_again_and_again(self, stub, gateway):
        stub.objects["cloud"] = []
        for _ in range(4):
            stub.sessions.clear()
            assert gateway.read("cloud")["count"] == 0
        assert len(stub.calls("/login")) == 4

    def test_who_logs_in(self, stub, gateway):
        gateway.connect()
        (login,) = stub.calls("/login")
        assert parse_qs(login.body)["username"] == ["admin"]

    def test_a_login_is_tried_as_often_as_a_read(self, stub, open_gateway):
        stub.faults.append(Fault("/login", status(503, {"error": "starting"}), times=99))
        with pytest.raises(Unreachable, match="the login was answered with HTTP 503: starting; try later"):
            open_gateway(timeout=20.0).connect()
        assert len(stub.calls("/login")) == 4

    def test_what_a_login_gave_is_a_secret(self, stub, gateway):
        gateway.connect()
        (cookie,) = stub.sessions
        assert cookie not in SCRUBBER.text(f"a line with {cookie} and csrf{cookie} in it")

    def test_every_session_has_a_place_of_its_own_in_the_sdks_table(self, stub, open_gateway):
        first, second = open_gateway(), open_gateway()
        with first._session() as one, first._session() as other, second._session() as third:
            assert len({one.key, other.key, third.key}) == 3

    def test_a_logout_that_is_denied_is_no_trouble(self, stub, gateway):
        gateway.connect()
        stub.faults.append(Fault("/logout", status(401, {}), times=9))
        gateway.close()
        assert len(stub.calls("/logout")) == 1

    def test_a_login_that_helped_makes_good_those_that_did_not(self, stub, gateway):
        stub.objects["cloud"] = []
        gateway.connect()
        stub.sessions.clear()
        gateway.read("cloud")
        stub.faults.append(Fault("/api/secret", status(401, {}), times=99))
        for _ in range(4):
            with pytest.raises(Unknown):
                gateway.read("secret")
        assert len(stub.calls("/login")) == 1 + 1 + 2

    def test_its_sessions_do_not_log_in_by_themselves(self, gateway):
        with gateway._session() as session, pytest.raises(RuntimeError, match="does not log in by itself"):
            session.authenticate_session()

    @pytest.mark.parametrize(("writable", "what"), [(True, "writable"), (False, "read-only")])
    def test_what_it_says_it_is(self, open_gateway, writable, what):
        gateway = open_gateway(writable=writable)
        assert repr(gateway) == f"Gateway({gateway.name}, admin, {what})"
        assert gateway.writable is writable

    @pytest.mark.parametrize(
        "do",
        [
            status(200, {"version": {}}),
            status(200, {"version": None}),
            status(200, []),
            status(200, "no JSON"),
            status(401, {}),
            hang_up,
        ],
    )
    def test_a_login_that_tells_no_version_and_nobody_else_does(self, stub, gateway, do):
        stub.version = ""
        stub.faults.append(Fault("/api/initial-data", do, times=9))
        with pytest.raises(Unreachable, match="it does not say its version"):
            gateway.connect()

    def test_a_login_that_tells_no_version(self, stub, gateway):
        stub.version = ""
        stub.faults.append(Fault("/api/initial-data", status(200, {"version": {"Version": "22.1.4"}})))
        gateway.connect()
        assert (gateway.version, gateway.api_version) == ("22.1.4", "22.1.3")

    def test_repr_and_errors_show_no_secret(self, stub, open_gateway):
        gateway = open_gateway()
        assert PASSWORD not in repr(gateway) + repr(vars(gateway))


class TestVersion:
    @pytest.mark.parametrize(
        ("theirs", "spoken"),
        [
            ("20.1.1", "20.1.1"),
            ("20.1.9", "20.1.7"),
            ("21.1.2", "21.1.1"),
            ("22.1.6-2p3", "22.1.6"),
            ("30.2.2", "30.2.1"),
            ("31.1.1", "30.2.1"),
            ("32.1.4", "30.2.1"),
        ],
    )
    def test_newest_that_both_know(self, stub, gateway, theirs, spoken):
        stub.version = theirs
        gateway.connect()
        assert gateway.api_version == spoken

    @pytest.mark.parametrize(
        ("theirs", "pinned", "words"),
        [
            ("18.2.13", None, "it is version 18.2.13; the oldest that is supported is 20.1.1"),
            (
                "22.1.3",
                "30.1.1",
                "it is version 22.1.3 and cannot speak the pinned api_version 30.1.1; pin an older one",
            ),
            ("30.2.1", "18.2.8", "the pinned api_version 18.2.8 is older than 20.1.1"),
            ("oddity", None, "it does not say its version (oddity)"),
        ],
    )
    def test_refusal(self, stub, open_gateway, theirs, pinned, words):
        stub.version = theirs
        with pytest.raises(Unreachable) as caught:
            open_gateway(api_version=pinned).connect()
        assert words in str(caught.value)


def test_the_libraries_are_those_that_were_studied():
    """avisdk's and urllib3's insides that the session relies on."""
    assert hasattr(urllib3.HTTPResponse, "read1")
    assert hasattr(avi_api, "sessionDict")
    assert avi_api.ApiSession._api.__code__.co_names.count("_get_api_headers") == 1
    assert ssl.OPENSSL_VERSION_INFO >= (1, 1, 1)
    assert issubclass(Gateway, object)
