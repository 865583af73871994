"""Reader of X.509 certificates: the members that the Controller shows beside one it was given."""

from __future__ import annotations

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from lab.objects import Json

WARNING_DAYS = 30
LONGEST_DAYS = 3650
"""days_until_expire is 1 to 3650 on write [SCHEMA], so that is what is shown."""
TIME = "%Y-%m-%d %H:%M:%S"
NAMES = {
    "common_name": NameOID.COMMON_NAME,
    "country": NameOID.COUNTRY_NAME,
    "email_address": NameOID.EMAIL_ADDRESS,
    "locality": NameOID.LOCALITY_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "organization_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "state": NameOID.STATE_OR_PROVINCE_NAME,
}


def described(pem: str, now: datetime) -> Json:
    """The members of an SSLCertificate that follow from its PEM [SCHEMA members, INF spellings]; {} when unreadable."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return {}
    until = certificate.not_valid_after_utc
    days = (until - now).days
    status = "EXPIRED" if days < 0 else "EXPIRY_WARNING" if days < WARNING_DAYS else "GOOD"
    public = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest().upper()
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    found: Json = {
        "subject": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "self_signed": certificate.subject == certificate.issuer,
        "not_before": certificate.not_valid_before_utc.strftime(TIME),
        "not_after": until.strftime(TIME),
        "days_until_expire": min(max(days, 1), LONGEST_DAYS),
        "expiry_status": f"SSL_CERTIFICATE_{status}",
        "serial_number": str(certificate.serial_number),
        "signature": certificate.signature.hex(),
        "signature_algorithm": certificate.signature_algorithm_oid._name,  # noqa: SLF001 -- its only spelling
        "fingerprint": f"SHA1 Fingerprint={pairs}",
        "public_key": public.decode(),
        "version": str(certificate.version.value),
        "text": _text(certificate),
    }
    return found | _key(certificate)


def _name(name: x509.Name) -> Json:
    found: Json = {}
    for member, oid in NAMES.items():
        if values := name.get_attributes_for_oid(oid):
            found[member] = str(values[0].value)
    return found | {"distinguished_name": ", ".join(each.rfc4514_string() for each in name)}


def _key(certificate: x509.Certificate) -> Json:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        size = {"exponent": key.public_numbers().e, "key_size": f"SSL_KEY_{key.key_size}_BITS"}
        return {"key_params": {"algorithm": "SSL_KEY_ALGORITHM_RSA", "rsa_params": size}}
    if isinstance(key, ec.EllipticCurvePublicKey):
        curve = {"curve": f"SSL_KEY_EC_CURVE_{key.curve.name.upper()}"}
        return {"key_params": {"algorithm": "SSL_KEY_ALGORITHM_EC", "ec_params": curve}}
    return {}


def _text(certificate: x509.Certificate) -> str:
    """The certificate for people, in the way openssl lays it out."""
    lines = [
        "Certificate:",
        f"    Serial Number: {certificate.serial_number}",
        f"    Issuer: {certificate.issuer.rfc4514_string()}",
        f"    Not After : {certificate.not_valid_after_utc.strftime(TIME)}",
        f"    Subject: {certificate.subject.rfc4514_string()}",
    ]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return "\n".join(lines) + "\n"
    shown = ", ".join(f"DNS:{each}" for each in names.get_values_for_type(x509.DNSName))
    return "\n".join([*lines, "    X509v3 Subject Alternative Name:", f"        {shown}"]) + "\n"
