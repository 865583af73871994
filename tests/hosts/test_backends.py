"""Real shells: this machine's, and one behind a real sshd."""

from __future__ import annotations

import shutil
import socket
import sys
import threading
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from dnslib import RR, DNSRecord

from intent import Host, Unknown
from live.hosts import visit, visit_all
from live.probe import Questions
from tests.hosts import sshd


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if reason := sshd.why_none():
        pytest.skip(reason)
    found = sshd.start(tmp_path_factory.mktemp("ssh"))
    sshd.wait(found)
    yield found
    found.stop()


@pytest.fixture
def dns():
    """A DNS server that knows one name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def serve():
            while True:
                try:
                    data, client = listening.recvfrom(4096)
                except OSError:
                    return
                reply = DNSRecord.parse(data).reply()
                reply.add_answer(*RR.fromZone("test.avi.iberia.local 30 IN A 10.10.24.10"))
                listening.sendto(bytes(reply.pack()), client)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


@pytest.fixture
def open_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture(params=["local", "ssh"])
def host(request):
    if request.param == "local":
        return Host(name="here", connection="local://"), None
    server = request.getfixturevalue("server")
    return Host(name="there", connection=f"ssh://127.0.0.1:{server.port}"), server.config


def test_everything_at_once(host, dns, open_port):
    declared, config = host
    closed = sshd.free_port()
    questions = Questions(
        paths=(("127.0.0.1", open_port), ("127.0.0.1", closed)),
        names=("localhost", "no-such-name.invalid"),
        asked=(("127.0.0.1", dns, "test.avi.iberia.local", "A"),),
    )
    found = visit(declared, questions, config)
    assert found.facts.paths["127.0.0.1", open_port] == ""
    assert "refused" in found.facts.paths["127.0.0.1", closed]
    assert all(ip_address(found).is_loopback for found in found.facts.names["localhost"])
    assert found.facts.names["localhost"]
    assert found.facts.names["no-such-name.invalid"] == ()
    answer = found.facts.asked["127.0.0.1", dns, "test.avi.iberia.local", "A"]
    assert (answer.rcode, answer.addresses) == ("NOERROR", ("10.10.24.10",))
    assert abs(found.skew) < 2


def test_python_asks_where_dig_is_missing(dns, tmp_path):
    """The same question through the fallback: a PATH with everything but dig."""
    for tool in ("sh", "cat", "date", "timeout", "getent"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    (tmp_path / "python3").symlink_to(Path(sys.executable).resolve())
    declared = Host(name="bare", connection="local://", shell=("/usr/bin/env", f"PATH={tmp_path}", "sh"))
    questions = Questions(
        asked=(("127.0.0.1", dns, "test.avi.iberia.local", "A"),), paths=(("127.0.0.1", 1),)
    )
    facts = visit(declared, questions).facts
    answer = facts.asked["127.0.0.1", dns, "test.avi.iberia.local", "A"]
    assert (answer.rcode, answer.addresses) == ("NOERROR", ("10.10.24.10",))
    assert facts.paths == {}, "without bash and nc a path is not known"


def test_unreachable_host_is_unknown_within_seconds_and_holds_up_nobody(server):
    with socket.socket() as full:
        # A port that takes no connection: bound, and nobody accepts.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        clog = [socket.socket() for _ in range(4)]
        for one in clog:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        wanted = [
            (Host(name="silent", connection=f"ssh://127.0.0.1:{port}"), Questions()),
            (Host(name="refusing", connection=f"ssh://127.0.0.1:{sshd.free_port()}"), Questions()),
            (Host(name="well", connection=f"ssh://127.0.0.1:{server.port}"), Questions()),
        ]
        began = time.monotonic()
        found = visit_all(wanted, server.config, lambda _text: None)
        spent = time.monotonic() - began
        for one in clog:
            one.close()
    assert spent < 15
    assert isinstance(found["silent"], Unknown)
    assert "no command can be run on host refusing" in str(found["refusing"])
    assert "Connection refused" in str(found["refusing"])
    assert not isinstance(found["well"], Unknown)


def test_unknown_host_key_is_refused(server, tmp_path):
    """Never trusted on first use: somebody else may answer at that address."""
    config = tmp_path / "config"
    config.write_text(server.config.read_text().replace("known_hosts", "nobody-known"))
    with pytest.raises(Unknown, match="Host key verification failed"):
        visit(Host(name="there", connection=f"ssh://127.0.0.1:{server.port}"), Questions(), config)


def test_shell_that_fails(server):
    declared = Host(name="here", connection="local://", shell=("false",))
    with pytest.raises(Unknown, match="did not come to their end"):
        visit(declared, Questions())


@pytest.mark.parametrize("connection", ["10.10.24.9", "ftp://x", "ssh://", "local://x"])
def test_connection_is_written_with_its_scheme(connection):
    with pytest.raises(ValueError, match="connection"):
        Host(name="x", connection=connection)
