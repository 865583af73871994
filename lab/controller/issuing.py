"""Keys that the Controller makes itself, with a self-signed certificate or a signing request [INF]."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lab.controller.certificates import NAMES
from lab.objects import Json, Refused

CURVES = {"SECP256R1": ec.SECP256R1(), "SECP384R1": ec.SECP384R1(), "SECP521R1": ec.SECP521R1()}
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def issue(body: Json, now: datetime) -> None:
    """Give a certificate's object, which says only who it is for, its key, and its certificate or request.

    Raises Refused (400) for a subject that cannot stand in a certificate.
    """
    inner, key = body["certificate"], _key(body.get("key_params") or {})
    try:
        subject = x509.Name(
            [x509.NameAttribute(NAMES[k], v) for k, v in inner["subject"].items() if k in NAMES]
        )
        names = x509.SubjectAlternativeName(
            [x509.DNSName(each) for each in inner.get("subject_alt_names", [])]
        )
    except ValueError as error:
        raise Refused(400, f"Invalid certificate subject: {error}") from None
    if inner.get("self_signed"):
        inner["certificate"] = _signed(subject, names, key, now, int(inner.get("days_until_expire", 365)))
    else:
        request = x509.CertificateSigningRequestBuilder(subject).add_extension(names, critical=False)
        inner["certificate_signing_request"] = _pem(request.sign(key, SHA256()))
        body["status"] = "SSL_CERTIFICATE_PENDING"
    body["key"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _key(params: Json) -> Key:
    if params.get("algorithm") == "SSL_KEY_ALGORITHM_EC":
        curve = str((params.get("ec_params") or {}).get("curve", ""))
        return ec.generate_private_key(CURVES.get(curve.rpartition("_")[2], ec.SECP256R1()))
    size = str((params.get("rsa_params") or {}).get("key_size", "SSL_KEY_2048_BITS")).split("_")[2]
    return rsa.generate_private_key(65537, int(size))


def _signed(
    subject: x509.Name, names: x509.SubjectAlternativeName, key: Key, now: datetime, days: int
) -> str:
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(
            now + timedelta(days=days, minutes=1)
        )  # read a moment later, it is as long as was asked
        .add_extension(names, critical=False)
        .sign(key, SHA256())
    )
    return _pem(made)


def _pem(made: x509.Certificate | x509.CertificateSigningRequest) -> str:
    return made.public_bytes(Encoding.PEM).decode()
