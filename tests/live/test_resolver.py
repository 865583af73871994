"""The resolver against DNS servers on this machine that answer, misanswer and keep silent to order."""
# ruff: noqa: ARG005, RUF043 -- sentences are matched as they stand

import socket
import socketserver
import struct
import threading
import time
from contextlib import suppress
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from intent import Blocked, DnsService, Key, Unknown, Vip
from live.avi.snapshot import Live, Snapshot
from live.sources import resolver
from live.sources.dns import Dns, Question, split, where
from live.sources.resolver import Resolver, Silent


class Server:
    """One answer for UDP and TCP, on the same port: `reply(query, tcp)` gives a message, bytes, a list, or None."""

    def __init__(self, reply):
        self.asked = []
        self.reply = reply
        outer = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self):
                data, sock = self.request
                for one in outer.answers(data, tcp=False):
                    sock.sendto(one, self.client_address)

        class Stream(socketserver.BaseRequestHandler):
            def handle(self):
                (length,) = struct.unpack("!H", self.request.recv(2))
                for one in outer.answers(self.request.recv(length), tcp=True):
                    self.request.sendall(struct.pack("!H", len(one)) + one)

        for _ in range(20):
            self.tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stream)
            self.port = self.tcp.server_address[1]
            try:
                self.udp = socketserver.ThreadingUDPServer(("127.0.0.1", self.port), Datagram)
                break
            except OSError:  # somebody else's
                self.tcp.server_close()
        for server in (self.udp, self.tcp):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def answers(self, data, *, tcp):
        query = dns.message.from_wire(data)
        self.asked.append(
            (query.question[0].to_text(), "tcp" if tcp else "udp", bool(query.flags & dns.flags.RD))
        )
        found = self.reply(query, tcp)
        for one in found if isinstance(found, list) else [found]:
            if one is not None:
                yield one if isinstance(one, bytes) else one.to_wire()

    def stop(self):
        for server in (self.udp, self.tcp):
            server.shutdown()
            server.server_close()


@pytest.fixture
def serve():
    made = []

    def start(reply):
        made.append(Server(reply))
        return made[-1]

    yield start
    for server in made:
        server.stop()


def answer(query, *records, rcode=dns.rcode.NOERROR, authoritative=True, flags=0):
    made = dns.message.make_response(query)
    made.set_rcode(rcode)
    made.flags |= flags | (dns.flags.AA if authoritative else 0)
    name = query.question[0].name
    for record in records:
        owner, ttl, kind, *data = record.split()
        made.answer.append(dns.rrset.from_text(name if owner == "@" else owner, int(ttl), "IN", kind, *data))
    return made


@pytest.mark.parametrize("tcp", [False, True])
class TestAnswers:
    def test_an_address(self, serve, tcp):
        server = serve(lambda query, _tcp: answer(query, "@ 30 A 10.10.24.11 10.10.24.10"))
        found = Resolver("127.0.0.1", server.port).ask("test.avi.iberia.local", tcp=tcp)
        assert (found.rcode, found.authoritative, found.ttl, found.truncated) == ("NOERROR", True, 30, False)
        assert found.addresses == (ip_address("10.10.24.10"), ip_address("10.10.24.11"))
        assert server.asked == [("test.avi.iberia.local. IN A", "tcp" if tcp else "udp", False)]

    def test_an_ipv6_address(self, serve, tcp):
        server = serve(lambda query, _tcp: answer(query, "@ 5 AAAA 2001:db8::1"))
        found = Resolver("127.0.0.1", server.port).ask("x.example", "AAAA", tcp=tcp)
        assert found.addresses == (ip_address("2001:db8::1"),)

    def test_no_such_name(self, serve, tcp):
        server = serve(lambda query, _tcp: answer(query, rcode=dns.rcode.NXDOMAIN))
        found = Resolver("127.0.0.1", server.port).ask("no.example", tcp=tcp)
        assert (found.rcode, found.addresses, found.ttl) == ("NXDOMAIN", (), None)

    def test_a_name_without_an_address(self, serve, tcp):
        server = serve(lambda query, _tcp: answer(query))
        assert Resolver("127.0.0.1", server.port).ask("x.example", tcp=tcp).addresses == ()

    def test_an_alias(self, serve, tcp):
        server = serve(
            lambda query, _tcp: answer(query, "@ 60 CNAME to.example.", "to.example. 10 A 10.0.0.1")
        )
        found = Resolver("127.0.0.1", server.port).ask("x.example", tcp=tcp)
        assert (found.cname, found.ttl, found.addresses) == ("to.example", 10, (ip_address("10.0.0.1"),))

    def test_an_answer_without_authority_is_data(self, serve, tcp):
        server = serve(lambda query, _tcp: answer(query, "@ 30 A 10.0.0.1", authoritative=False))
        assert Resolver("127.0.0.1", server.port).ask("x.example", tcp=tcp).authoritative is False

    @pytest.mark.parametrize("word", ["SERVFAIL", "REFUSED", "NOTIMP", "FORMERR"])
    def test_a_server_that_did_not_look(self, serve, tcp, word):
        server = serve(lambda query, _tcp: answer(query, rcode=dns.rcode.from_text(word)))
        with pytest.raises(Unknown, match=f"answered x.example A with {word}: it did not look"):
            Resolver("127.0.0.1", server.port).ask("x.example", tcp=tcp)

    def test_a_lame_server(self, serve, tcp):
        server = serve(lambda query, _tcp: answer(query, authoritative=False))
        with pytest.raises(Unknown, match="is not in charge of x.example A"):
            Resolver("127.0.0.1", server.port).ask("x.example", tcp=tcp)

    def test_silence(self, serve, tcp):
        over = threading.Event()
        server = serve(lambda query, _tcp: over.wait(60) and None)
        begin = time.monotonic()
        with pytest.raises(
            Unknown,
            match=rf"gave no answer over {'TCP' if tcp else 'UDP'} in 0.3 s; see whether the service is up",
        ):
            Resolver("127.0.0.1", server.port, timeout=0.3).ask("x.example", tcp=tcp)
        assert time.monotonic() - begin < 30
        over.set()
        assert len(server.asked) == (1 if tcp else resolver.DATAGRAMS)

    def test_garbage(self, serve, tcp):
        server = serve(lambda query, _tcp: b"\xff" * 7)
        with pytest.raises(Unknown, match="127.0.0.1"):
            Resolver("127.0.0.1", server.port, timeout=0.3).ask("x.example", tcp=tcp)

    def test_a_wrong_id(self, serve, tcp):
        def reply(query, _tcp):
            made = answer(query, "@ 30 A 6.6.6.6")
            made.id = query.id ^ 1
            return made

        server = serve(reply)
        with pytest.raises(Unknown):
            Resolver("127.0.0.1", server.port, timeout=0.3).ask("x.example", tcp=tcp)

    def test_the_answer_to_another_question(self, serve, tcp):
        def reply(query, _tcp):
            other = dns.message.make_query("other.example", "A", id=query.id)
            return answer(other, "@ 30 A 6.6.6.6")

        server = serve(reply)
        with pytest.raises(Unknown):
            Resolver("127.0.0.1", server.port, timeout=0.3).ask("x.example", tcp=tcp)

    def test_aliases_in_a_circle(self, serve, tcp):
        server = serve(
            lambda query, _tcp: answer(query, "@ 1 CNAME b.example.", "b.example. 1 CNAME x.example.")
        )
        with pytest.raises(Unknown, match="aliases that lead nowhere"):
            Resolver("127.0.0.1", server.port).ask("x.example", tcp=tcp)


def test_a_lost_datagram_is_no_fact(serve):
    lost = [True, True]
    server = serve(lambda query, _tcp: None if lost and lost.pop() else answer(query, "@ 30 A 10.0.0.1"))
    assert Resolver("127.0.0.1", server.port, timeout=0.6).ask("x.example").addresses
    assert len(server.asked) == 3


def test_a_late_answer_to_the_first_datagram_counts(serve):
    """A service that takes its time is slow, not silent."""
    again, first = threading.Event(), [True]

    def reply(query, _tcp):
        if not first:
            again.set()
            return None
        first.pop()
        again.wait(5)
        return answer(query, "@ 30 A 10.0.0.1")

    server = serve(reply)
    assert Resolver("127.0.0.1", server.port, timeout=1.5).ask("x.example").addresses


def test_a_forged_datagram_is_waited_past(serve):
    def reply(query, _tcp):
        forged = answer(query, "@ 30 A 6.6.6.6")
        forged.id = query.id ^ 1
        return [forged, b"noise", answer(query, "@ 30 A 10.0.0.1")]

    server = serve(reply)
    assert Resolver("127.0.0.1", server.port).ask("x.example").addresses == (ip_address("10.0.0.1"),)


def test_a_truncated_datagram_is_data(serve):
    server = serve(lambda query, _tcp: answer(query, flags=dns.flags.TC, authoritative=False))
    found = Resolver("127.0.0.1", server.port).ask("x.example")
    assert (found.truncated, found.addresses) == (True, ())


@pytest.mark.parametrize("tcp", [False, True])
def test_nothing_listens(tcp):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unknown, match=f"127.0.0.1:{port}"):
        Resolver("127.0.0.1", port, timeout=0.3).ask("x.example", tcp=tcp)


def test_a_server_by_name(serve):
    server = serve(lambda query, _tcp: answer(query, "@ 30 A 10.0.0.1"))
    assert Resolver("localhost", server.port).ask("x.example").addresses
    with pytest.raises(Unknown, match="cannot be reached over UDP"):
        Resolver("no-such-host.invalid", 53).ask("x.example")


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a..b", "x" * 300])
def test_a_name_that_is_none(name):
    with pytest.raises(Unknown, match="127.0.0.1"):
        Resolver("127.0.0.1", 9).ask(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.0.0.1", ("10.0.0.1", 53)),
        ("10.0.0.1:5353", ("10.0.0.1", 5353)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5", ("2001:db8::1", 5)),
        ("dns.example:5", ("dns.example", 5)),
    ],
)
def test_split(text, found):
    assert split(text) == found


class TestWhere:
    def live(self, vip):
        vs = {
            "uuid": "vs1",
            "name": "dns",
            "url": "https://c/api/virtualservice/vs1",
            "cloud_ref": "https://c/api/cloud/c1",
            "tenant_ref": "https://c/api/tenant/admin#admin",
            "vsvip_ref": "https://c/api/vsvip/v1",
        }
        objects = {
            "virtualservice": [vs],
            "cloud": [{"uuid": "c1", "name": "Default-Cloud"}],
            "vsvip": [{"uuid": "v1", "vip": [vip] if vip else []}],
        }
        rest = ("vrfcontext", "serviceenginegroup", "applicationprofile", "networkprofile", "network")
        return Live(Snapshot("c", api_version="30.2.1", objects=objects | {api: [] for api in rest}))

    service = DnsService(name="dns", vip=Vip(auto_allocate=True))

    def test_the_vip(self):
        live = self.live({"ip_address": {"addr": "10.10.25.40", "type": "V4"}})
        assert where(self.service, live) == ("10.10.25.40", 53)

    def test_declared_then_overlaid(self):
        live = self.live(None)
        declared = self.service.model_copy(update={"resolve_via": "192.0.2.1:5353"})
        assert where(declared, live) == ("192.0.2.1", 5353)

    def test_no_vip(self):
        with pytest.raises(Blocked, match="DNS service dns has no VIP address"):
            where(self.service, self.live(None))

    def test_no_service(self):
        with pytest.raises(Blocked, match="is absent"):
            where(DnsService(name="other"), self.live(None))


class TestSilence:
    def test_of_many_services_takes_no_longer_than_of_one(self):
        """Of twenty services, each asked for thirty names: one after the other they would take minutes."""
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        services = Dns(None, None)
        questions = [
            Question(Key("DNS service", f"s{port}"), f"n{number}.example", "A", "udp", ("127.0.0.1", port))
            for port in ports
            for number in range(30)
        ]
        begin = time.monotonic()
        services._answers.ahead(questions, whom=lambda question: question.at)
        causes = set()
        for question in questions:
            with pytest.raises(Silent) as caught:
                services._answers.get(question)
            causes.add(str(caught.value))
        assert time.monotonic() - begin < 15 * Resolver("").timeout
        assert len(causes) == len(ports), "one cause a service"
        for each in sockets:
            each.close()

    def test_to_one_name_is_none_of_the_service(self, serve):
        server = serve(
            lambda query, _tcp: None if b"mute" in query.to_wire() else answer(query, "@ 30 A 10.0.0.1")
        )
        services = Dns(None, None)
        at = ("127.0.0.1", server.port)
        mute = [
            Question(Key("DNS service", "s"), f"mute{number}.example", "A", "udp", at) for number in range(3)
        ]
        talks = Question(Key("DNS service", "s"), "x.example", "A", "udp", at)
        services._answers.ahead([*mute, talks], whom=lambda question: question.at)
        assert services._answers.get(talks).rcode == "NOERROR"
        for question in mute:
            with pytest.raises(Silent):
                services._answers.get(question)

    def test_a_drip_over_tcp(self):
        with socket.create_server(("127.0.0.1", 0)) as front:
            gone = threading.Event()

            def drip():
                with suppress(OSError):
                    near, _ = front.accept()
                    with near:
                        near.sendall(b"\xff\xff")
                        while not gone.wait(0.05):
                            near.sendall(b"x")

            dripping = threading.Thread(target=drip)
            dripping.start()
            begin = time.monotonic()
            with pytest.raises(Silent, match="gave no answer over TCP in 0.5 s"):
                Resolver("127.0.0.1", front.getsockname()[1], timeout=0.5).ask("x.example", tcp=True)
            assert time.monotonic() - begin < 30
            gone.set()
            dripping.join()

    def test_a_connection_that_is_closed(self, serve):
        server = serve(lambda _query, _tcp: None)
        with pytest.raises(
            Unknown, match="closed the connection over TCP before it had answered x.example A"
        ):
            Resolver("127.0.0.1", server.port).ask("x.example", tcp=True)
