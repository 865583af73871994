"""The TLS certificate that a server shows, where it is trusted but bears another name than the one that was asked."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from intent.words import first_of

MISMATCH = frozenset({62, 64})
"""OpenSSL's codes for a host name and an IP address that a certificate does not bear."""


ADDRESSES = frozenset({"DNS", "IP Address"})
"""What Python's ssl calls the alternative names by which a server can be addressed."""


def is_for_another_name(error: BaseException) -> bool:
    """Whether a connection failed since the certificate, which is trusted, does not bear the name."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_code in MISMATCH
        cause = cause.__cause__ or cause.__context__
    return False


def _as_address(name: str) -> str:
    """A name that an address may be; of a wildcard, what it stands for."""
    return f"a name under {name[2:]}" if name.startswith("*.") else name


def other_names(context: ssl.SSLContext, host: str, port: int, seconds: float, setting: str) -> str:
    """What the certificate is for and what to do, as a sentence's second half; "" where it cannot be looked at.

    `context` must trust the certificate and not look at its name. `setting`: what gives the address in the file.
    """
    try:
        with (
            socket.create_connection((host, port), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            shown: Any = connection.getpeercert() or {}
    except OSError:
        return ""
    alternative = [(str(sort), str(name)) for sort, name in shown.get("subjectAltName", ())]
    if names := [_as_address(name) for sort, name in alternative if sort in ADDRESSES and name]:
        return (
            f"its TLS certificate is for another name ({first_of(names, 3)}); use one of these as {setting}, "
            f"or issue a certificate for {host}"
        )
    common = [value for part in shown.get("subject", ()) for name, value in part if name == "commonName"]
    other = first_of([f"{sort} {name}" for sort, name in alternative], 3)
    bears = f"a common name alone ({common[0]})" if common else "none"
    bears = f"{other} alone" if other else bears
    return (
        f"its TLS certificate has no usable name: it bears {bears}, which no client takes; issue one with {host} among "
        "its subject alternative names"
    )
