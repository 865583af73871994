"""The gateway's writes, against a Controller that misbehaves to order; and that no secret leaves it."""
# ruff: noqa: ARG002 -- a fixture may be wanted for what it does; sentences are matched as they stand

import logging
import time

import pytest
import trustme

from intent import Unknown
from intent.scrubber import SCRUBBER
from live.errors import Conflict, FateUnknown, ReadOnly, Refused, Unreachable
from tests.live.stub import PASSWORD, Fault, Stub, after, cut, hang_up, reset, stall, status

pytestmark = [
    pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning"),
    pytest.mark.usefixtures("hasty"),
]


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

    def test_what_is_sent_and_counted(self, stub, writer):
        found = writer.write("PATCH", "network/n1", {"replace": {"dhcp_enabled": False}}, tenant="iberia")
        seen = stub.calls("/api/network/n1", "PATCH")[0]
        assert seen.body == '{"replace": {"dhcp_enabled": false}}' == found["echo"]
        assert seen.headers["X-Avi-Tenant"] == "iberia"
        assert seen.headers["X-CSRFToken"].startswith("csrfsession")
        assert (writer.writes, writer.requests) == (1, 3), (
            "the login, the search for the tenant, and the write"
        )

    def test_an_empty_answer(self, stub, writer):
        stub.faults.append(Fault("/api/network/n1", status(204)))
        assert writer.write("DELETE", "network/n1") == {}

    def test_every_write_is_counted(self, writer):
        for number in (1, 2, 3):
            writer.write("PUT", "network/n1", {"name": "n"})
            assert (writer.writes, writer.requests) == (number, number + 1)

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
            (300, "", "redirects to nowhere; give the address it leads to as controller.address"),
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
        with pytest.raises(FateUnknown, match=f"HTTP {code}") as caught:
            writer.write("PUT", "network/n1", {"name": "n1"})
        assert caught.value.denied
        assert len(stub.calls("/api/network")) == 1, "whether it was applied is for a read to tell"
        assert writer.write("PUT", "network/n1", {"name": "n1"})["echo"]
        assert len(stub.calls("/login")) == 2

    def test_denied(self, stub, writer):
        stub.faults.append(Fault("/api/network", status(401, "CSRF token missing or incorrect."), times=9))
        for error in (FateUnknown, FateUnknown, Refused):
            with pytest.raises(error, match="CSRF token missing"):
                writer.write("PUT", "network/n1", {})
        assert len(stub.calls("/api/network")) == 3

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
        SCRUBBER.hide("abc", None, "")
        assert SCRUBBER.text("abc") == "abc"
