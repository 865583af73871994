"""Reader of X.509 certificates: the members that the Controller shows beside one it was given, and what it refuses."""

from __future__ import annotations

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from lab.controller.expiry import TIME, expiry
from lab.objects import Json, Refused

NAMES = {
    "common_name": NameOID.COMMON_NAME,
    "country": NameOID.COUNTRY_NAME,
    "email_address": NameOID.EMAIL_ADDRESS,
    "locality": NameOID.LOCALITY_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "organization_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "state": NameOID.STATE_OR_PROVINCE_NAME,
}


def readable(pem: str, key: object = None, passphrase: object = None) -> x509.Certificate:
    """The certificate of a PEM text, which the key, where one is given, belongs to.

    Raises Refused (500, its text beginning with `Import error` [CLIENT]) for what is none and for another's key.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise Refused(500, "Import error: the certificate cannot be read") from None
    if isinstance(key, str) and key.strip():
        secret = passphrase.encode() if isinstance(passphrase, str) and passphrase else None
        try:
            private = load_pem_private_key(key.encode(), secret)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise Refused(500, "Import error: the private key cannot be read") from None
        if _public(private.public_key()) != _public(certificate.public_key()):
            raise Refused(500, "Import error: the private key is not the certificate's")
    return certificate


def check_names(certificate: x509.Certificate) -> None:
    """Refuse (500) a certificate with neither common nor alternative name, as from 31.2.1 on [CLIENT; INF words]."""
    if certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        return
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        names = x509.SubjectAlternativeName([])
    if not [*names]:
        raise Refused(
            500, "Import error: the certificate has neither common name nor subject alternative name"
        )


def _public(key: object) -> str:
    pem: bytes = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return pem.decode()


def described(certificate: x509.Certificate, now: datetime) -> Json:
    """The members of an SSLCertificate that follow from its certificate [REC 20.1.1: members and spellings]."""
    digest = hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest().upper()
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    until = certificate.not_valid_after_utc.strftime(TIME)
    return {
        "subject": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "self_signed": certificate.subject == certificate.issuer,
        "not_before": certificate.not_valid_before_utc.strftime(TIME),
        "not_after": until,
        **expiry(until, now),
        "serial_number": str(certificate.serial_number),
        "signature_algorithm": _algorithm(certificate),
        "fingerprint": f"SHA1 Fingerprint={pairs}\n",
        "public_key": _public(certificate.public_key()),
        "version": str(certificate.version.value),
        "text": text(certificate),
    }


def _name(name: x509.Name) -> Json:
    members: Json = {}
    for member, oid in NAMES.items():
        if values := name.get_attributes_for_oid(oid):
            members[member] = str(values[0].value)
    return members | {"distinguished_name": _line(name)}


def _line(name: x509.Name) -> str:
    return ", ".join(each.rfc4514_string() for each in name)


def _algorithm(certificate: x509.Certificate) -> str:
    return str(certificate.signature_algorithm_oid._name)  # noqa: SLF001 -- its only spelling


def text(certificate: x509.Certificate) -> str:
    """The certificate as `openssl x509 -text` lays it out [REC that it does; of extensions only names are shown]."""
    serial = certificate.serial_number
    digits = f"{serial:x}"
    octets = _octets(bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)))
    number = [f"        Serial Number: {serial} (0x{serial:x})"]
    if serial.bit_length() > 63:
        number = ["        Serial Number:", f"            {octets}"]
    lines = [
        "Certificate:",
        "    Data:",
        f"        Version: {certificate.version.value + 1} (0x{certificate.version.value:x})",
        *number,
        f"    Signature Algorithm: {_algorithm(certificate)}",
        f"        Issuer: {_line(certificate.issuer)}",
        "        Validity",
        f"            Not Before: {_when(certificate.not_valid_before_utc)}",
        f"            Not After : {_when(certificate.not_valid_after_utc)}",
        f"        Subject: {_line(certificate.subject)}",
        "        Subject Public Key Info:",
        *_key_lines(certificate),
        *_extension_lines(certificate),
        f"    Signature Algorithm: {_algorithm(certificate)}",
        *_block(certificate.signature, 18, " " * 9),
    ]
    return "\n".join(lines) + "\n"


def _key_lines(certificate: x509.Certificate) -> list[str]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        modulus = numbers.n.to_bytes(key.key_size // 8 + 1, "big")
        return [
            "            Public Key Algorithm: rsaEncryption",
            f"                Public-Key: ({key.key_size} bit)",
            "                Modulus:",
            *_block(modulus, 15, " " * 20),
            f"                Exponent: {numbers.e} (0x{numbers.e:x})",
        ]
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return [
            "            Public Key Algorithm: id-ecPublicKey",
            f"                Public-Key: ({key.key_size} bit)",
            "                pub:",
            *_block(point, 15, " " * 20),
            f"                ASN1 OID: {'prime256v1' if key.curve.name == 'secp256r1' else key.curve.name}",
        ]
    return ["            Public Key Algorithm: unknown"]


def _extension_lines(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    shown = [f"DNS:{each}" for each in names.get_values_for_type(x509.DNSName)]
    shown += [f"IP Address:{each}" for each in names.get_values_for_type(x509.IPAddress)]
    heading = ["        X509v3 extensions:", "            X509v3 Subject Alternative Name: "]
    return [*heading, f"                {', '.join(shown)}"]


def _when(moment: datetime) -> str:
    return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S %Y} GMT"


def _octets(data: bytes) -> str:
    return ":".join(f"{each:02x}" for each in data)


def _block(data: bytes, width: int, indent: str) -> list[str]:
    rows = [data[at : at + width] for at in range(0, len(data), width)]
    return [indent + _octets(row) + (":" if row is not rows[-1] else "") for row in rows]
