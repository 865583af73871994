"""Certificate of the portal: what is configured is served to the next connection, in whatever state it is."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from lab.portal import Portal
from lab.server import certificates
from lab.tests.cloudsite import Client


@pytest.fixture
def served(tmp_path):
    """A site, and its portal behind the lab's own certificate."""
    client = Client("empty")
    _, chain = certificates(tmp_path / "ca", tmp_path)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(chain)
    return client, Portal(client.site, own, tmp_path)


def shown(portal):
    """The subject of the certificate that a new connection is shown; a handshake in memory."""
    portal.follow()
    near, far = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    client = trusting.wrap_bio(far, near)
    server = portal.own.wrap_bio(near, far, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    certificate = x509.load_der_x509_certificate(client.getpeercert(binary_form=True))
    return certificate.subject.rfc4514_string()


def certificate(client, name, **inner):
    subject = {"common_name": name}
    return client.post(
        "sslkeyandcertificate",
        name=name,
        type="SSL_CERTIFICATE_TYPE_SYSTEM",
        key_params={"algorithm": "SSL_KEY_ALGORITHM_EC"},
        certificate={"self_signed": True, "subject": subject, "subject_alt_names": [name], **inner},
    )


def configure(client, *refs):
    system = client.get("/api/systemconfiguration")
    portal = system["portal_configuration"] | {"sslkeyandcertificate_refs": list(refs)}
    assert client.put(system, portal_configuration=portal)[0] == 200


@pytest.mark.evidence("DOC", "§3.12")
def test_the_configured_certificate_is_served_at_once_and_the_factorys_again(served):
    client, portal = served
    factory = client.get("/api/systemconfiguration")["portal_configuration"]["sslkeyandcertificate_refs"]
    own = shown(portal)
    assert "trustme" in own.lower() or "lab" in own.lower()
    configure(client, certificate(client, "alb.iberia.local")["url"])
    assert shown(portal) == "CN=alb.iberia.local"
    configure(client, certificate(client, "late.iberia.local", days_until_expire=1)["url"])
    assert shown(portal) == "CN=late.iberia.local"
    configure(client, *factory)
    assert shown(portal) == own
    assert not list(Path(portal.folder).glob("portal.pem"))  # no key stays behind


@pytest.mark.evidence("INF", "§3.12")
def test_a_certificate_without_its_key_cannot_be_served(served):
    client, portal = served
    own = shown(portal)
    text = certificate(client, "alb.iberia.local")
    pem = client.get(text["url"])["certificate"]["certificate"]
    bare = client.post(
        "sslkeyandcertificate",
        name="bare",
        type="SSL_CERTIFICATE_TYPE_SYSTEM",
        certificate={"certificate": pem},
    )
    configure(client, bare["url"])
    assert shown(portal) == own
