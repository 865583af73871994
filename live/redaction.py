"""Secrets stay on the wire: what is kept, logged or shown carries none."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

SENSITIVE = "<sensitive>"
"""What a Controller shows in place of a secret [REC]; what we put where it shows one all the same."""

_MEMBER = re.compile(
    r"""(^|_)(
        pass(word|wd|phrase|_phrase)? | secret | token | tokens | rrtoken | cookie | community |
        ip_communities | secret_(access|id) |
        (private|aes|hmac|master|raw|encryption|secret|access|priv|md5|auth)_key | secret_access_key |
        enckey_base64 | key_content | symmetric_jwks_keys | service_account_keyfile_data | keyhash
    )$""",
    re.VERBOSE,
)
"""Names of members that hold a secret [SCHEMA]; the names alone, such as `cookie_name`, do not match."""
_SHOWN = {"ip_communities", "community_tag"}
_WHOLE = {"tls_ticket_key"}
"""Members that are secret with all that is in them; a Controller shows this one in the clear [REC]."""
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def scrub(value: Any, *, secret: bool = False) -> Any:
    """A Controller's JSON with every secret replaced by `<sensitive>`; the rest as it is.

    A secret is known by its member's name, or by being a private key. Shapes stay: whoever writes such an
    object back sees that it holds something that must not be sent.
    """
    kind = type(value)  # JSON has exact types only, and this sees every value that is read
    if kind is dict:
        return (
            {name: scrub(inner, secret=True) for name, inner in value.items()} if secret else _members(value)
        )
    if kind is list:
        return [scrub(inner, secret=secret) for inner in value]
    if kind is str and value and (secret or _is_private_key(value)):
        return SENSITIVE
    return value


def _members(value: dict[str, Any]) -> dict[str, Any]:
    """A message whose own name tells of no secret. Most of its members are plain: they cost one look each."""
    found: dict[str, Any] = {}
    for name, inner in value.items():
        kind = inner.__class__
        if _secret(name) or (name == "key" and "certificate" in value):
            found[name] = scrub(inner, secret=True)
        elif kind is dict or kind is list:
            found[name] = scrub(inner)
        elif kind is str and "PRIVATE KEY-----" in inner:
            found[name] = SENSITIVE if _is_private_key(inner) else inner
        else:
            found[name] = inner
    return found


def _is_private_key(text: str) -> bool:
    return "PRIVATE KEY-----" in text and _PRIVATE.search(text) is not None


@lru_cache(maxsize=16_384)
def _secret(name: str) -> bool:
    return name in _WHOLE or (name not in _SHOWN and _MEMBER.search(name) is not None)


class Redactor(logging.Filter):
    """Takes secrets out of log records: those it was told, and what looks like one."""

    LOGGERS = ("avi.sdk.avi_api", "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")
    _SHAPES = (
        (
            re.compile(
                r"""(["']?\b[\w-]*(?:password|passphrase|token|secret|community)["']?\s*[:=]\s*)"""
                r"""("[^"]*"|'[^']*'|[^\s,;&}"']+)""",
                re.IGNORECASE,
            ),
            r"\1***",
        ),
        (re.compile(r"\b((?:avi-)?sessionid|csrftoken)=[^;\s]+", re.IGNORECASE), r"\1=***"),
        (re.compile(r"""(Authorization["']?\s*[:=]\s*["']?\w+\s+)[^\s'"]+""", re.IGNORECASE), r"\1***"),
        (re.compile(_PRIVATE.pattern + r".*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), "***"),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] = set()

    def install(self) -> None:
        """Stand at the loggers of the libraries that see our secrets; once is enough.

        The null handler keeps their warnings from standard error where nobody configured logging: what
        matters of them is said in our own sentences.
        """
        for name in self.LOGGERS:
            logger = logging.getLogger(name)
            if self not in logger.filters:
                logger.addFilter(self)
                logger.addHandler(logging.NullHandler())

    def hide(self, *secrets: str | None) -> None:
        """Never let these through from now on."""
        self._known |= {secret for secret in secrets if secret and len(secret) >= 4}

    def redact(self, text: str) -> str:
        """The text without secrets."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "***")
        for shape, instead in self._SHAPES:
            text = shape.sub(instead, text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record in place; always lets it pass."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        record.msg, record.args = self.redact(text), ()
        if record.exc_info:
            record.exc_info = None
        return True


REDACTOR = Redactor()
"""One for the process: loggers are the process's too."""
