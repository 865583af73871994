"""Errors of connections, of every kind that there is: each says what to do next."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
from email.message import Message
from io import BytesIO
from types import SimpleNamespace

import dns.exception
import dns.message
import dns.query
import pytest
from pydantic import SecretStr
from pyVmomi import vim, vmodl
from requests import exceptions as http_errors

from intent import Controller, Host, Unknown, Vcenter
from live.avi import http_answers, session, versions
from live.deadlines import Timeouts
from live.errors import Unreachable
from live.sources import host_visit
from live.sources.host_script import Questions
from live.sources.resolver import Resolver
from live.vcenter import session as vcenter
from reports.notify import send
from reports.notify.receivers import receiver


def untrusted(code, text):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, text
    return error


TCP = [
    ConnectionRefusedError(111, "Connection refused"),
    ConnectionResetError(104, "Connection reset by peer"),
    BrokenPipeError(32, "Broken pipe"),
    TimeoutError("timed out"),
    socket.gaierror(-2, "Name or service not known"),
    OSError(113, "No route to host"),
    OSError(99, "Cannot assign requested address"),
    OSError("odd"),
]
TLS = [
    untrusted(10, "certificate has expired"),
    untrusted(19, "self-signed certificate in certificate chain"),
    untrusted(9, "certificate is not yet valid"),
    ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    ssl.SSLError(1, "[SSL: TLSV1_ALERT_HANDSHAKE_FAILURE] alert"),
    ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),
]
for _error in TLS:
    _error.reason = "X"
HTTP = [
    http.client.BadStatusLine("x"),
    http.client.IncompleteRead(b""),
    http.client.RemoteDisconnected("x"),
    http.client.HTTPException("503 Service Unavailable"),
]
FAULTS = [vim.fault.NoPermission(), vmodl.fault.SystemError(msg="x")]
VERBS = frozenset(
    {"check", "give", "install", "look", "name", "put", "renew", "see", "set", "try", "upgrade", "use"}
)


def name(case):
    return (
        f"{type(case).__name__} {case}"[:40].partition("\n")[0] if isinstance(case, BaseException) else None
    )


def has_next_step(sentence):
    """What is wrong, and behind a semicolon what to do."""
    what, _, step = str(sentence).rpartition("; ")
    assert what, sentence
    assert step.split()[0] in VERBS, sentence


def raising(error):
    def fail(*_arguments, **_options):
        raise error() if callable(error) else error

    return fail


@pytest.mark.parametrize("error", [*TCP, *TLS, *HTTP, *FAULTS], ids=name)
def test_of_a_vcenter(error):
    has_next_step(vcenter.failure(error))


def test_an_expired_certificate_is_not_called_untrusted():
    assert vcenter.failure(TLS[0]) == "shows a certificate that has expired; renew it on vCenter"
    assert "vcenter.ca_file" in vcenter.failure(TLS[1])


@pytest.mark.parametrize("text", [None, "no certificate"], ids=["missing", "empty"])
def test_of_a_ca(tmp_path, text):
    if text is not None:
        (tmp_path / "ca.pem").write_text(text)
    declared = Vcenter(address="vc", datacenter="d", ca_file="ca.pem")
    asked = vcenter.VcenterSession(declared, "u", SecretStr("p"), base=tmp_path, timeouts=Timeouts(1))
    with pytest.raises(Unreachable, match=f"vcenter.ca_file {tmp_path}/ca.pem cannot be used") as refused:
        asked.connect()
    has_next_step(refused.value)
    controller = Controller(address="avi", ca_file="ca.pem")
    with pytest.raises(Unreachable, match=f"controller.ca_file {tmp_path}/ca.pem") as refused:
        session.trust(controller, session.Credentials("u", SecretStr("p")), tmp_path)
    has_next_step(refused.value)


@pytest.mark.parametrize("error", [*TCP, *TLS, *HTTP], ids=name)
def test_of_a_controller(error):
    kind = http_errors.SSLError if isinstance(error, ssl.SSLError) else http_errors.ConnectionError
    has_next_step(http_answers.failure(kind(str(error))))


@pytest.mark.parametrize("status", [302, 401, 419, 500, 502, 503])
def test_of_a_controllers_answer(status):
    has_next_step(http_answers.why_unread("pool", http_answers.HttpAnswer(status, "no"), "u", "admin", ())[1])


@pytest.mark.parametrize("reported", ["", "none", "17.1.1"])
def test_of_a_controllers_version(reported):
    with pytest.raises(versions.Unsupported) as refused:
        versions.negotiate(reported)
    has_next_step(refused.value)


@pytest.mark.parametrize(
    "error",
    [*TCP, EOFError(), dns.exception.Timeout(), dns.exception.FormError(), dns.query.BadResponse()],
    ids=name,
)
def test_of_a_dns_service(monkeypatch, error):
    monkeypatch.setattr(Resolver, "_over_tcp", raising(error))
    with pytest.raises(Unknown) as refused:
        Resolver("127.0.0.1", 9).ask("a.example", tcp=True)
    has_next_step(refused.value)


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "NOERROR"])
def test_of_a_dns_services_answer(monkeypatch, rcode):
    def answer(_self, question, _server):
        response = dns.message.make_response(question)
        response.set_rcode(dns.rcode.from_text(rcode))
        return response

    monkeypatch.setattr(Resolver, "_over_tcp", answer)
    with pytest.raises(Unknown) as refused:
        Resolver("127.0.0.1", 9).ask("a.example", tcp=True)
    has_next_step(refused.value)


@pytest.mark.parametrize(
    "run",
    [
        lambda _command: SimpleNamespace(stdout="", stderr=""),
        raising(OSError("ssh: connect to host h port 22: Connection refused")),
    ],
    ids=["its shell gives up", "it is not reached"],
)
def test_of_a_host(monkeypatch, run):
    monkeypatch.setattr(host_visit, "_connected", lambda *_: SimpleNamespace(run=run))
    with pytest.raises(Unknown) as refused:
        host_visit.visit(Host(name="h", connection="ssh://h"), Questions())
    has_next_step(refused.value)


@pytest.mark.parametrize("error", [*TCP, *TLS, *HTTP, 404, 429, 503], ids=name)
def test_of_a_webhook(monkeypatch, error):
    def answer():
        if isinstance(error, int):
            return urllib.error.HTTPError("https://hooks.example/x", error, "no", Message(), BytesIO())
        return urllib.error.URLError(error)

    monkeypatch.setattr(send.urllib.request.OpenerDirector, "open", raising(answer))
    monkeypatch.setitem(send.FORMS, "json", lambda _message: {})
    with pytest.raises(send.NotSent) as refused:
        send.send(receiver("https://hooks.example/x"), None, pause=lambda _seconds: None)
    has_next_step(refused.value)


@pytest.mark.parametrize(
    "error",
    [
        *TCP,
        *TLS,
        send.smtplib.SMTPSenderRefused(550, b"no", "a"),
        send.smtplib.SMTPAuthenticationError(535, b"no"),
        send.smtplib.SMTPRecipientsRefused({"c@d": (550, b"no")}),
        send.smtplib.SMTPServerDisconnected("no"),
    ],
    ids=name,
)
def test_of_a_mail_server(monkeypatch, error):
    monkeypatch.setattr(send, "_deliver", raising(error))
    monkeypatch.setattr(send, "html", lambda _message: "")
    message = SimpleNamespace(subject="s", text="t", place="p")
    with pytest.raises(send.NotSent) as refused:
        send.send(receiver("smtp://mail.example/?from=a@b&to=c@d"), message, pause=lambda _seconds: None)
    has_next_step(refused.value)
