"""Connections of a running lab: what is listed of them, and requests that are too large, malformed, or never finished."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import struct

import pytest

from lab.tests.running import Running


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    lab = Running("--state", "fresh", "--ca-dir", str(tmp_path_factory.mktemp("ca")))
    yield lab
    lab.stop()


def test_what_vcenter_and_dns_were_asked_is_listed_too(running):
    running.ask("DELETE", "/lab/requests")
    where = running.said["vcenter"]
    body = (
        '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
        '<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this>'
        "</RetrieveServiceContent></Body></Envelope>"
    )
    vcenter = http.client.HTTPSConnection("127.0.0.1", where["port"], context=running.tls, timeout=10)
    with contextlib.closing(vcenter):
        for path, sent in (("/sdk", body), ("/sdk", "nonsense"), ("/elsewhere", "")):
            vcenter.request("POST", path, sent, {"SOAPAction": "urn:vim25/8.0.0.1", "User-Agent": "probe"})
            vcenter.getresponse().read()
    query = b"\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04nope\x04test\x00\x00\x01\x00\x01"
    dns = running.said["dns"]["address"], running.said["dns"]["port"]
    with socket.create_connection(dns, timeout=10) as stream:
        stream.sendall(struct.pack("!H", len(query)) + query)
        assert stream.recv(100) == b""  # no DNS service is up: silence
    told = running.ask("GET", "/lab/requests")
    calls = [(each["method"], each["path"], each["status"], each["agent"]) for each in told["vcenter"]]
    assert calls[0] == ("RetrieveServiceContent", "/sdk", 200, "probe")
    assert [call[:2] for call in calls[1:]] == [("POST", "/sdk"), ("POST", "/elsewhere")]
    (asked,) = told["dns"]
    assert (asked["name"], asked["kind"], asked["transport"], asked["rcode"]) == (
        "nope.test",
        "A",
        "tcp",
        None,
    )
    assert told["count"] == 0
    running.ask("DELETE", "/lab/requests")
    assert running.ask("GET", "/lab/requests")["dns"] == []


def _raw(running, sent):
    """All that a connection answers before it ends."""
    answer = b""
    with (
        socket.create_connection(("127.0.0.1", running.port), timeout=10) as plain,
        running.tls.wrap_socket(plain, server_hostname="127.0.0.1") as stream,
        contextlib.suppress(OSError),  # it may end while we still send
    ):
        stream.sendall(sent)
        while part := stream.recv(65536):
            answer += part
    return answer


def test_requests_without_end_are_ended(running):
    """Bodies and headers of any size, and what is no HTTP: refused at once, and nothing of it is kept."""
    line = b"POST /login HTTP/1.1\r\nHost: lab\r\n"
    assert _raw(running, line + b"Content-Length: 10000000000\r\n\r\n{}").startswith(b"HTTP/1.1 413")
    assert b" 200 " not in _raw(running, line + b"X: " + b"a" * 2_000_000)
    assert _raw(running, b"GET /api/" + b"a" * 400_000).startswith(b"HTTP/1.1 400")
    for nonsense in (b"\x00\x01\r\n\r\n", line + b"Content-Length: -1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        assert _raw(running, nonsense).startswith(b"HTTP/1.1 400")
    asked = b"GET /api/initial-data HTTP/1.1\r\nHost: lab\r\n"
    assert (
        _raw(running, (asked + b"\r\n") * 3 + asked + b"Connection: close\r\n\r\n").count(b"HTTP/1.1 200")
        == 4
    )
    assert running.ask("GET", "/lab/state")["state"] == "fresh"


def test_who_never_finishes_a_request_keeps_nobody_waiting(tmp_path):
    lab = Running("--state", "empty", "--ca-dir", str(tmp_path))
    slow = [socket.create_connection(("127.0.0.1", lab.port), timeout=10) for _ in range(50)]
    stuck = [lab.tls.wrap_socket(each, server_hostname="127.0.0.1") for each in slow[:25]]
    for stream in stuck:
        stream.sendall(b"POST /login HTTP/1.1\r\nHost: lab\r\nContent-Length: 50\r\n\r\nab")
    assert lab.ask("GET", "/lab/state")["state"] == "empty"
    lab.process.send_signal(signal.SIGTERM)
    assert lab.process.wait(30) == 0
    assert "Traceback" not in lab.process.stderr.read()
    for stream in (*stuck, *slow[25:]):
        stream.close()
    lab.stop()
