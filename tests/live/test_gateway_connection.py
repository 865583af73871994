"""The gateway's way to the Controller, over real TLS sockets: whom it trusts, and what it says when nobody answers."""
# ruff: noqa: ARG002, RUF043 -- a fixture may be wanted for what it does; sentences are matched as they stand

import gc
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
import trustme
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from intent import Unknown
from live.errors import Unreachable
from tests.live.stub import Fault, Stub, status

pytestmark = [
    pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning"),
    pytest.mark.usefixtures("hasty"),
]


def common_name_alone(ca, name):
    """A certificate of the old kind, from the same CA: its name stands in the subject and nowhere else."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    authority = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False
        )
        .sign(authority, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return trustme.LeafCert(key.private_bytes(pem, *plain), builder.public_bytes(pem), [])


class TestTls:
    def fresh(self, open_gateway, cert):
        other = Stub().start(cert)
        return other, open_gateway(port=other.port)

    def test_a_reset_before_the_handshake(self, stub, gateway, monkeypatch):
        """A Controller that goes away with our connection in its queue: ssl leaves the socket to the collector."""
        connect = urllib3.util.connection.create_connection
        doors = []

        def knock(*_arguments, **options):
            door = socket.create_server(("127.0.0.1", 0))
            doors.append(door.getsockname()[1])
            knocked = connect(door.getsockname(), **options)
            door.close()
            return knocked

        monkeypatch.setattr(urllib3.util.connection, "create_connection", knock)
        with pytest.raises(Unreachable, match="was reset|closed without an answer|nothing listens"):
            gateway.connect()
        assert doors
        gc.collect()

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
        with pytest.raises(
            Unreachable, match=r"is for another name \(avi\.example\); use one .* as controller\.address"
        ):
            gateway.connect()
        other.stop()
        assert other.seen == []

    def test_a_certificate_with_a_common_name_alone(self, open_gateway, ca, stub):
        """No client takes a common name (RFC 9525 6.3), so that no address could be right."""
        other, gateway = self.fresh(open_gateway, common_name_alone(ca, "avi.example"))
        with pytest.raises(Unreachable) as told:
            gateway.connect()
        assert "has no usable name: it bears a common name alone (avi.example)" in str(told.value)
        assert "with 127.0.0.1 among its subject alternative names" in str(told.value)
        assert "as controller.address" not in str(told.value)
        other.stop()
        assert other.seen == []

    @pytest.mark.parametrize(
        ("names", "text"),
        [
            (["ops@avi.example"], "has no usable name: it bears email ops@avi.example alone"),
            (["*.avi.example"], "is for another name (a name under avi.example); use one of these as"),
            (["10.9.8.7", "ops@avi.example"], "is for another name (10.9.8.7); use one of these as"),
            (["10.9.8.7", "avi.example"], "is for another name (10.9.8.7, avi.example); use one of these as"),
        ],
    )
    def test_only_what_an_address_may_be_is_offered_as_one(self, open_gateway, ca, stub, names, text):
        other, gateway = self.fresh(open_gateway, ca.issue_cert(*names))
        with pytest.raises(Unreachable) as told:
            gateway.connect()
        assert text in str(told.value)
        other.stop()

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
