"""Deadlines: whatever part of its answer a server lingers in, a call ends; and a run that is told to stop hurries."""

import socket
import socketserver
import ssl
import threading
import time
from contextlib import suppress

import pytest

from live import deadlines
from live.errors import FateUnknown, Unreachable
from tests import lengths
from tests.live.stub import DRIPS, EVERY, Fault

SILENCE, EXCHANGE = 0.5, 1.0
SOON = 30.0
"""Seconds within which a call of EXCHANGE has ended on a machine that has other things to do."""


@pytest.fixture
def within():
    """How long it took, in the end."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < SOON


@pytest.fixture
def stopped():
    deadlines.stop()
    yield
    deadlines.go_on()


@lengths.sampled(3)
@pytest.mark.usefixtures("hasty", "within")
@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
class TestController:
    def test_a_read(self, stub, open_gateway, drip):
        gateway = open_gateway(timeout=SILENCE, exchange=EXCHANGE)
        stub.faults.append(Fault("/api/cloud", drip, times=99))
        with pytest.raises(Unreachable, match="its answer came too slowly; see how busy it is"):
            gateway.read("cloud")

    def test_the_login(self, stub, open_gateway, drip):
        stub.faults.append(Fault("/login", drip, times=99))
        with pytest.raises(Unreachable, match="its answer came too slowly"):
            open_gateway(timeout=SILENCE, exchange=EXCHANGE).connect()

    def test_a_login_in_the_middle(self, stub, open_gateway, drip):
        gateway = open_gateway(timeout=SILENCE, exchange=EXCHANGE)
        gateway.connect()
        stub.sessions.clear()
        stub.faults.append(Fault("/login", drip, times=99))
        with pytest.raises(Unreachable, match="its answer came too slowly"):
            gateway.read("cloud")

    def test_the_logout(self, stub, open_gateway, drip):
        gateway = open_gateway(timeout=SILENCE, exchange=EXCHANGE)
        gateway.connect()
        stub.faults.append(Fault("/logout", drip, times=99))
        gateway.close()
        assert len(stub.calls("/logout")) == 1

    def test_the_answer_to_a_write(self, stub, open_gateway, drip):
        gateway = open_gateway(writable=True, timeout=SILENCE, exchange=EXCHANGE)
        stub.faults.append(Fault("/api/network", drip, times=99))
        with pytest.raises(FateUnknown, match="its answer lost: its answer came too slowly"):
            gateway.write("PUT", "network/n1", {})
        assert len(stub.calls("/api/network")) == 1


class Trickle(socketserver.BaseRequestHandler):
    """Hands on to the port behind its server, and from there byte by byte."""

    def handle(self):
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.behind.port)) as far:
            far.sendall(self.request.recv(65_536))
            while not self.server.behind.gone.wait(EVERY) and (byte := far.recv(1)):
                self.request.sendall(byte)


@pytest.mark.usefixtures("hasty", "within")
def test_a_tls_handshake(stub, open_gateway):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Trickle) as server:
        server.behind, server.daemon_threads = stub, True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with pytest.raises(Unreachable, match=r"too slowly|no answer"):
            open_gateway(timeout=SILENCE, exchange=EXCHANGE, port=server.server_address[1]).connect()
        stub.gone.set()
        server.shutdown()


def test_its_default_is_ten_times_silence(stub, open_gateway):
    gateway = open_gateway(timeout=0.2)
    gateway.connect()
    stub.faults.append(Fault("/api/cloud", DRIPS["headers"], times=99))
    begin = time.monotonic()
    with pytest.raises(Unreachable, match="too slowly"):
        gateway.read("cloud")
    assert 1.9 < time.monotonic() - begin < 2 + SOON


@pytest.mark.usefixtures("hasty", "within")
class TestStopping:
    @pytest.mark.parametrize("drip", ["headers", "interim answers", "body"])
    def test_what_is_under_way_ends_within_one_silence(self, stub, open_gateway, drip):
        gateway = open_gateway(writable=True, timeout=SILENCE, exchange=600)
        gateway.connect()
        stub.faults.append(Fault("/api/network", DRIPS[drip], times=99))
        soon = threading.Timer(0.3, deadlines.stop)
        soon.start()
        try:
            with pytest.raises(FateUnknown):
                gateway.write("PUT", "network/n1", {})
            stub.objects["cloud"] = {"name": "c"}
            assert gateway.read("cloud") == {"name": "c"}, "what became of it can be read back"
            stub.faults.append(Fault("/api/cloud", DRIPS[drip], times=99))
            with pytest.raises(Unreachable):
                gateway.read("cloud")
        finally:
            soon.join()
            deadlines.go_on()

    @pytest.mark.usefixtures("stopped")
    def test_nothing_is_tried_again(self, stub, open_gateway):
        gateway = open_gateway(timeout=SILENCE, exchange=600)
        deadlines.go_on()
        gateway.connect()  # before the stop: a busy machine may take longer for it than is left then
        deadlines.stop()
        stub.faults.append(Fault("/api/cloud", DRIPS["headers"], times=99))
        with pytest.raises(Unreachable):
            gateway.read("cloud")
        assert len(stub.calls("/api/cloud")) == 1

    def test_a_rest_is_cut_short(self):
        try:
            threading.Timer(0.2, deadlines.stop).start()
            assert deadlines.rest(600) is True
        finally:
            deadlines.go_on()
        assert deadlines.rest(0.01) is False


class TestDeadline:
    def test_of_a_piece(self):
        deadline = deadlines.Deadline(5)
        deadline.begin(time.monotonic() + 100)
        assert deadline.left() == 5
        deadline.begin(time.monotonic() + 3)
        assert 0 < deadline.left() <= 3
        assert not deadline.passed
        deadline.begin(time.monotonic())
        assert deadline.passed
        with pytest.raises(deadlines.TooSlow):
            deadline.left()

    def test_once_the_run_was_told_to_stop(self):
        under_way, later = deadlines.Deadline(5), deadlines.Deadline(5)
        under_way.begin(time.monotonic() + 100)
        try:
            deadlines.stop()
            begin = time.monotonic()
            later.begin(begin + 100)
            assert begin + 4 < under_way.end <= begin + 5
            assert begin + 9 < later.end <= begin + 10
            deadlines.stop()
            assert under_way.end <= begin + 5, "a second signal gives no more time"
        finally:
            deadlines.go_on()
        assert under_way.end > begin + 90

    def test_each_context_has_its_own(self):
        first, second = deadlines.Deadline(1), deadlines.Deadline(2)
        contexts = [deadlines.bounded(ssl.create_default_context(), each) for each in (first, second)]
        assert [context.sslsocket_class.deadline for context in contexts] == [first, second]
