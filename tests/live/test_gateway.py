"""The gateway over real TLS sockets, against a Controller that misbehaves to order."""
# ruff: noqa: ARG002, RUF043, PLR0917 -- a fixture may be wanted for what it does; sentences are matched as they stand

import logging
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import trustme
import urllib3
from avi.sdk import avi_api

from intent import Unknown
from live import gateway as gateway_module
from live.gateway import Conflict, FateUnknown, Gateway, NotFound, ReadOnly, Refused, Unreachable
from live.redaction import REDACTOR
from tests.live.stub import PASSWORD, Fault, Stub, after, cut, drip, hang_up, reset, stall, status

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    """Backoff without the wait, but where a test looks at it."""
    monkeypatch.setattr(gateway_module.time, "sleep", lambda _seconds: None)


@pytest.fixture
def naps(monkeypatch):
    taken = []
    monkeypatch.setattr(gateway_module.time, "sleep", taken.append)
    return taken


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


class TestTls:
    def fresh(self, open_gateway, cert):
        other = Stub().start(cert)
        return other, open_gateway(port=other.port)

    def test_a_certificate_of_another_ca(self, open_gateway, stub):
        other, gateway = self.fresh(open_gateway, trustme.CA().issue_cert("127.0.0.1"))
        with pytest.raises(
            Unreachable, match="is not signed by a CA trusted here; give the CA's PEM as controller.ca_file"
        ):
            gateway.connect()
        other.stop()
        assert other.seen == []

    def test_an_expired_certificate(self, open_gateway, ca, stub):
        old = datetime.now(UTC) - timedelta(days=1)
        other, gateway = self.fresh(open_gateway, ca.issue_cert("127.0.0.1", not_after=old))
        with pytest.raises(Unreachable, match="certificate has expired"):
            gateway.connect()
        other.stop()
        assert other.seen == []

    def test_a_certificate_of_another_name(self, open_gateway, ca, stub):
        other, gateway = self.fresh(open_gateway, ca.issue_cert("avi.example"))
        with pytest.raises(Unreachable, match="is for another name"):
            gateway.connect()
        other.stop()
        assert other.seen == []

    def test_opting_out_is_said(self, open_gateway, monkeypatch, tmp_path, stub):
        (tmp_path / "bundle.pem").write_text("none")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "bundle.pem"))
        stub.objects["cloud"] = []
        gateway = open_gateway(verify_tls=False, ca_file=None)
        assert gateway.read("cloud") == {"count": 0, "results": []}
        assert gateway.session_info.endswith("TLS not verified")

    def test_the_process_environment_does_not_turn_the_declared_ca_off(self, gateway, monkeypatch, stub):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        gateway.connect()

    def test_without_a_declared_ca_the_environment_names_the_bundle(
        self, open_gateway, monkeypatch, tmp_path, stub
    ):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        open_gateway(ca_file=None).connect()

    @pytest.mark.parametrize(
        ("text", "words"), [(None, "cannot be read: No such file"), ("nonsense", "holds no PEM certificate")]
    )
    def test_a_bad_ca_file(self, open_gateway, tmp_path, stub, text, words):
        if text:
            (tmp_path / "other.pem").write_text(text)
        with pytest.raises(Unreachable, match=words):
            open_gateway(ca_file="other.pem").connect()
        assert stub.connections == 0

    def test_a_damaged_ca_file(self, open_gateway, tmp_path, stub):
        (tmp_path / "other.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        with pytest.raises(Unreachable, match="127.0.0.1"):
            open_gateway(ca_file="other.pem").connect()

    def test_plain_http_on_the_port(self, open_gateway, stub):
        import http.server

        plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        with pytest.raises(Unreachable, match="does not speak TLS on that port; check controller.port"):
            open_gateway(port=plain.server_address[1]).connect()
        plain.shutdown()
        plain.server_close()


class TestUnreachable:
    def test_nothing_listens(self, open_gateway, stub):
        stub.stop()
        with pytest.raises(
            Unreachable, match="nothing listens there; check controller.address and controller.port"
        ):
            open_gateway().connect()

    def test_no_such_name(self, open_gateway):
        with pytest.raises(Unreachable, match="its name cannot be resolved"):
            open_gateway(address="no-such-host.invalid").connect()

    @pytest.mark.parametrize("address", ["https://avi.example", "avi.example/api"])
    def test_an_address_is_no_url(self, open_gateway, address):
        with pytest.raises(Unreachable, match="is a host name or an IP address alone"):
            open_gateway(address=address).connect()

    @pytest.mark.parametrize(
        "answer",
        [
            status(200, "<html><title>Welcome</title></html>", {"Content-Type": "text/html"}),
            status(200, "[1]"),
            status(200, "{}"),
            status(404, "not here"),
            status(405, ""),
        ],
    )
    def test_not_a_controller(self, stub, gateway, answer):
        stub.faults.append(Fault("/login", answer, times=9))
        with pytest.raises(Unreachable, match="not an Avi Controller"):
            gateway.connect()
        assert len(stub.seen) == 1

    def test_a_controller_that_boots(self, stub, gateway):
        stub.faults.append(Fault("/login", status(503, "starting"), times=2))
        gateway.connect()
        assert gateway.version == "30.2.1"

    def test_a_controller_that_does_not_come_up(self, stub, gateway):
        stub.faults.append(
            Fault("/login", status(502, "<html><title>502 Bad Gateway</title></html>"), times=9)
        )
        with pytest.raises(
            Unreachable,
            match="the login was answered with HTTP 502: an HTML page: 502 Bad Gateway; try later",
        ):
            gateway.connect()

    def test_credentials_follow_no_redirect(self, stub, ca, gateway):
        elsewhere = Stub().start(ca.issue_cert("127.0.0.1"))
        there = f"https://127.0.0.1:{elsewhere.port}/login"
        stub.faults.append(Fault("/login", status(307, "", {"Location": there})))
        with pytest.raises(Unreachable, match=f"the login redirects to {there}"):
            gateway.connect()
        stub.faults.append(Fault("/api/cloud", status(302, "", {"Location": there})))
        with pytest.raises(Unknown, match="cloud redirects to"):
            gateway.read("cloud")
        elsewhere.stop()
        assert elsewhere.connections == 0


class TestRead:
    @pytest.fixture(autouse=True)
    def _cloud(self, stub):
        stub.objects["cloud"] = [{"uuid": "c1"}]

    @pytest.mark.parametrize(
        "trouble",
        [
            status(429, {"error": "slow down"}),
            status(500, "boom"),
            status(502, "<html><h1>Bad Gateway</h1></html>"),
            status(503, ""),
            reset,
            hang_up,
            cut(500, '{"count": 1, "results": [{"uu'),
            cut(None, '{"count": 1, "results": [{"uu'),
            status(200, "<html><title>Login</title></html>", {"Content-Type": "text/html"}),
            status(200, "[]"),
            status(200, ""),
        ],
    )
    def test_trouble_that_passes_is_ridden_out(self, stub, gateway, trouble):
        stub.faults.append(Fault("/api/cloud", trouble, times=2))
        assert gateway.read("cloud")["results"] == [{"uuid": "c1"}]
        assert len(stub.calls("/api/cloud")) == 3

    @pytest.mark.parametrize(
        ("trouble", "kind", "words"),
        [
            (status(503, "maintenance"), Unknown, "cloud answered HTTP 503: maintenance"),
            (reset, Unreachable, "the connection was (reset|closed)"),
            (hang_up, Unreachable, "the connection was closed without an answer"),
            (cut(500, '{"count"'), Unreachable, "the answer broke off"),
            (
                status(200, "<html><body>Hi</body></html>"),
                Unknown,
                "cloud did not answer with whole JSON but with: an HTML page: Hi",
            ),
            (status(200, "[1, 2]"), Unknown, "cloud did not answer with a JSON object"),
            (status(200, "[" * 100_000), Unknown, "cloud did not answer with whole JSON"),
        ],
    )
    def test_trouble_that_stays_is_unknown(self, stub, gateway, trouble, kind, words):
        stub.faults.append(Fault("/api/cloud", trouble, times=99))
        with pytest.raises(Unknown, match=words) as caught:
            gateway.read("cloud")
        assert type(caught.value) is kind
        assert len(stub.calls("/api/cloud")) == gateway_module.TRIES

    @pytest.mark.parametrize(
        ("code", "body", "kind", "words"),
        [
            (400, {"error": "Invalid version 40.1.1"}, Unknown, "cloud answered HTTP 400: Invalid version"),
            (
                403,
                {"error": "Tenant 'iberia' does not exist!"},
                Unknown,
                "admin may not read cloud in tenant admin: Tenant",
            ),
            (404, {"error": "Cloud object not found!"}, NotFound, "it has no cloud: Cloud object not found!"),
            (404, "<html>gone</html>", NotFound, "it has no cloud: an HTML page: gone"),
        ],
    )
    def test_what_is_certain_is_not_tried_again(self, stub, gateway, code, body, kind, words):
        stub.faults.append(Fault("/api/cloud", status(code, body), times=9))
        with pytest.raises(Unknown, match=words) as caught:
            gateway.read("cloud")
        assert type(caught.value) is kind
        assert len(stub.calls("/api/cloud")) == 1

    def test_retry_after_in_seconds(self, stub, gateway, naps):
        stub.faults.append(Fault("/api/cloud", status(429, "", {"Retry-After": "2"})))
        gateway.read("cloud")
        assert naps == [2.0]

    def test_retry_after_as_a_date(self, stub, gateway, naps):
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
        stub.faults.append(Fault("/api/cloud", status(503, "", {"Retry-After": when})))
        gateway.read("cloud")
        assert 1 < naps[0] <= 3

    def test_retry_after_beyond_the_deadline(self, stub, gateway, naps):
        stub.faults.append(Fault("/api/cloud", status(429, "busy", {"Retry-After": "3600"}), times=9))
        with pytest.raises(Unknown, match="429: busy"):
            gateway.read("cloud")
        assert naps == []

    def test_backoff_grows_and_is_bounded(self, stub, gateway, naps):
        stub.faults.append(Fault("/api/cloud", status(503), times=9))
        with pytest.raises(Unknown):
            gateway.read("cloud")
        assert len(naps) == 3
        assert naps[0] < naps[1] < naps[2] <= 1.25 * gateway_module.LONGEST_PAUSE

    def test_a_stall_ends_at_the_deadline(self, stub, open_gateway):
        gateway = open_gateway(timeout=0.4)
        stub.faults.append(Fault("/api/cloud", stall(9), times=99))
        gateway.connect()
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="no answer in time"):
            gateway.read("cloud")
        assert time.monotonic() - begin < 1.5

    def test_a_slow_drip_ends_at_the_deadline(self, stub, open_gateway):
        gateway = open_gateway(timeout=0.4)
        stub.faults.append(Fault("/api/cloud", drip, times=99))
        gateway.connect()
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="no answer in time"):
            gateway.read("cloud")
        assert time.monotonic() - begin < 1.5

    def test_an_answer_without_end(self, stub, gateway, monkeypatch):
        monkeypatch.setattr("live.session.LARGEST_BODY", 1000)
        stub.objects["cloud"] = [{"uuid": "c" * 2000}]
        with pytest.raises(Unreachable, match="the answer is larger than"):
            gateway.read("cloud")


class TestWrite:
    @pytest.fixture
    def writer(self, stub, open_gateway):
        gateway = open_gateway(writable=True)
        gateway.connect()
        return gateway

    def test_read_only_refuses_before_the_wire(self, stub, gateway):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            with pytest.raises(ReadOnly):
                gateway.write(method, "network/n1", {})
        assert stub.connections == 0
        assert not gateway.writable

    def test_read_only_is_held_at_the_wire_too(self, stub, gateway):
        gateway.connect()
        with pytest.raises(ReadOnly):
            gateway._exchange("PUT", "network/n1", limit=time.monotonic() + 1, body={})
        assert stub.calls("/api") == []

    def test_a_copy_may_write(self, stub, gateway):
        copy = gateway.writable_copy()
        assert copy.writable
        copy.write("PUT", "network/n1", {"name": "n1"})
        copy.close()
        assert (copy.writes, gateway.writes) == (1, 0)

    def test_what_is_sent_and_counted(self, stub, writer):
        found = writer.write("PATCH", "network/n1", {"replace": {"dhcp_enabled": False}}, tenant="iberia")
        seen = stub.calls("/api/network/n1", "PATCH")[0]
        assert seen.body == '{"replace": {"dhcp_enabled": false}}' == found["echo"]
        assert seen.headers["X-Avi-Tenant"] == "iberia"
        assert seen.headers["X-CSRFToken"].startswith("csrfsession")
        assert (writer.writes, writer.requests) == (1, 2)

    def test_an_empty_answer(self, stub, writer):
        stub.faults.append(Fault("/api/network/n1", status(204)))
        assert writer.write("DELETE", "network/n1") == {}

    @pytest.mark.parametrize(
        "trouble",
        [
            reset,
            hang_up,
            status(500, "x"),
            status(502),
            status(503),
            cut(500, "{"),
            status(200, "<html></html>"),
            status(201, "{"),
            after(hang_up),
            after(reset),
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_a_lost_answer_is_never_sent_again(self, stub, writer, trouble, method):
        stub.faults.append(Fault("/api/network", trouble, times=99))
        with pytest.raises(FateUnknown, match=f"{method} network/n1"):
            writer.write(method, "network/n1", {"name": "n1"})
        assert len(stub.calls("/api/network")) == writer.writes == 1

    def test_a_stalled_write(self, stub, open_gateway):
        writer = open_gateway(writable=True, timeout=0.4)
        writer.connect()
        stub.faults.append(Fault("/api/network", stall(9), times=99))
        with pytest.raises(FateUnknown, match="its answer lost: no answer in time"):
            writer.write("PUT", "network/n1", {})
        assert len(stub.calls("/api/network")) == 1

    def test_stale(self, stub, writer):
        stub.faults.append(Fault("/api/network", status(412, {"error": "Concurrent Update Error"})))
        with pytest.raises(Conflict) as caught:
            writer.write("PUT", "network/n1", {})
        assert caught.value.text == "Concurrent Update Error"

    @pytest.mark.parametrize(
        ("code", "body", "text"),
        [
            (400, {"error": "No available free IPs"}, "No available free IPs"),
            (
                403,
                {"error": "Cannot delete, object is referred by: ['Pool p']", "obj_name": "x"},
                "Cannot delete, object is referred by: ['Pool p']",
            ),
            (
                409,
                {"error": "Vrf context with this Name, Tenant ref and Cloud ref already exists."},
                "Vrf context with this Name, Tenant ref and Cloud ref already exists.",
            ),
            (429, "", "no reason given"),
            (302, "", "redirects to nowhere; give the address it leads to as controller.address"),
        ],
    )
    def test_refused(self, stub, writer, code, body, text):
        stub.faults.append(Fault("/api/network", status(code, body)))
        with pytest.raises(Refused) as caught:
            writer.write("PUT", "network/n1", {})
        assert (caught.value.status, caught.value.text) == (code, text)
        assert writer.writes == 1

    @pytest.mark.parametrize("code", [401, 419])
    def test_a_session_that_expired_before_the_write(self, stub, writer, code):
        stub.expired_status = code
        stub.sessions.clear()
        assert writer.write("PUT", "network/n1", {"name": "n1"})["echo"]
        assert len(stub.calls("/api/network")) == 2
        assert len(stub.calls("/login")) == 2

    def test_denied(self, stub, writer):
        stub.faults.append(Fault("/api/network", status(401, "CSRF token missing or incorrect."), times=9))
        with pytest.raises(Refused, match="CSRF token missing"):
            writer.write("PUT", "network/n1", {})
        assert len(stub.calls("/api/network")) == 2

    def test_surely_not_sent(self, stub, writer):
        stub.stop()
        with pytest.raises(Unreachable, match="nothing listens there"):
            writer.write("PUT", "network/n1", {})

    def test_surely_not_sent_to_a_stranger(self, stub, writer, monkeypatch):
        stranger = Stub().start(trustme.CA().issue_cert("127.0.0.1"))
        for session in writer._all:
            session.prefix = f"https://127.0.0.1:{stranger.port}"
        with pytest.raises(Unreachable, match="not signed by a CA"):
            writer.write("PUT", "network/n1", {})
        stranger.stop()
        assert stranger.seen == []

    def test_each_write_has_a_connection_of_its_own(self, stub, writer):
        before = stub.connections
        writer.write("PUT", "network/n1", {})
        writer.write("PUT", "network/n1", {})
        assert stub.connections == before + 2

    def test_after_close(self, stub, writer):
        writer.close()
        assert writer.write("PUT", "network/n1", {})["echo"]


class TestSecrets:
    def test_logs_carry_none(self, stub, open_gateway, caplog):
        caplog.set_level(logging.DEBUG)
        gateway = open_gateway(writable=True)
        stub.faults.append(Fault("/api/cloud", status(401, f'{{"error": "bad {PASSWORD}"}}')))
        stub.objects["cloud"] = []
        gateway.read("cloud")
        gateway.write("PATCH", "cloud/c1", {"replace": {"vcenter_configuration": {"password": "vc-s3cret"}}})
        sessions = set(stub.sessions)
        gateway.close()
        open_gateway(password="wrong-pl4nted").close()
        with pytest.raises(Unreachable) as caught:
            open_gateway(password="wrong-pl4nted").connect()
        logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
        assert "avi.sdk.avi_api" in logged
        assert "urllib3.connectionpool" in logged
        for secret in (PASSWORD, "vc-s3cret", "wrong-pl4nted", *sessions):
            assert secret not in logged
            assert secret not in str(caught.value)

    def test_tracebacks_carry_none(self, stub, open_gateway):
        stub.faults.append(Fault("/login", hang_up, times=9))
        with pytest.raises(Unreachable) as caught:
            open_gateway().connect()
        shown = str(caught.getrepr(showlocals=True, style="long"))
        assert "Unreachable" in shown
        assert PASSWORD not in shown.replace("PASSWORD", "")

    def test_a_body_that_repeats_a_secret(self, stub, gateway):
        stub.faults.append(Fault("/api/cloud", status(400, {"error": f"no good: {PASSWORD}"}), times=9))
        with pytest.raises(Unknown) as caught:
            gateway.read("cloud")
        assert PASSWORD not in str(caught.value)

    def test_short_words_are_not_hidden(self):
        REDACTOR.hide("abc", None, "")
        assert REDACTOR.redact("abc") == "abc"


def test_the_libraries_are_those_that_were_studied():
    """avisdk's and urllib3's insides that the session relies on."""
    assert hasattr(urllib3.HTTPResponse, "read1")
    assert hasattr(avi_api, "sessionDict")
    assert avi_api.ApiSession._api.__code__.co_names.count("_get_api_headers") == 1
    assert ssl.OPENSSL_VERSION_INFO >= (1, 1, 1)
    assert issubclass(Gateway, object)
