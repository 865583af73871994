"""Sensitive members of a Controller's JSON: which they are, and an object without what they hold.

An object is written back later, so only members that hold a secret for certain are blanked in it. What people and files
get to see passes `intent.scrubber`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import is_not
from typing import Any

SENSITIVE = "<sensitive>"
"""What a Controller shows in place of a secret [REC]; what we put where it shows one all the same."""

_HOLDS_SECRET = re.compile(
    r"""(^|_)(
        pass(word|wd|phrase|_phrase)? | secret | token | tokens | rrtoken | cookie | community |
        secret_(access|id) |
        (private|aes|hmac|master|raw|encryption|secret|access|priv|md5|auth)_key | secret_access_key |
        enckey_base64 | key_content | symmetric_jwks_keys | service_account_keyfile_data | keyhash
    )$""",
    re.VERBOSE,
)
"""Names of members that hold a secret [SCHEMA]; the names alone, such as `cookie_name`, do not match."""

_BLANKED_THROUGHOUT = "tls_ticket_key"
"""A member that is secret with all that is in it; a Controller shows it in the clear [REC]."""

_PLAIN_SHAPES = {"access_token": dict, "community": list, "cookie": dict, "tokens": list}
"""Shapes in which what is named like a secret is none [SCHEMA]: matches of rules, BGP communities, parts of paths."""

_BESIDE = {"key": "certificate", "val": "is_sensitive", "value": "is_sensitive"}
"""Members that hold a secret where another member stands beside them and is not off [SCHEMA]."""

_PLAIN: set[str] = set()
"""Names of members that were met and hold no secret, whatever stands beside them: few, and nearly all there are."""
_MOST_NAMES = 16_384

PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")


def scrub(value: Any, *, secret: bool = False) -> Any:
    """A Controller's JSON with every secret replaced by `<sensitive>`; the rest as it is.

    A secret is known by its member's name, or by being a private key. Shapes stay: whoever writes such an
    object back sees that it holds something that must not be sent. Parts without a secret, nearly all, are not copied.
    """
    kind = type(value)  # JSON has exact types only, and this sees every value that is read
    if kind is dict:
        return (
            {name: scrub(inner, secret=True) for name, inner in value.items()} if secret else _members(value)
        )
    if kind is list:
        scrubbed = [scrub(inner, secret=secret) for inner in value]
        return scrubbed if any(map(is_not, scrubbed, value)) else value
    if kind is str and value and (secret or _is_private_key(value)):
        return SENSITIVE
    return value


def _members(value: dict[str, Any]) -> dict[str, Any]:
    """A message whose own name tells of no secret. Most of its members are plain: they cost one look each."""
    scrubbed: dict[str, Any] = {}
    for name, inner in value.items():
        kind = inner.__class__
        if kind is str:
            if "PRIVATE KEY-----" in inner and _is_private_key(inner):
                scrubbed[name] = SENSITIVE
        elif (kind is dict or kind is list) and (part := scrub(inner)) is not inner:
            scrubbed[name] = part
    for name in () if _PLAIN.issuperset(value) else value:
        if names_secret(name) or (name in _BESIDE and value.get(_BESIDE[name], False) is not False):
            scrubbed[name] = scrub(value[name], secret=not _is_plain(name, value[name]))
        elif name not in _BESIDE and len(_PLAIN) < _MOST_NAMES:
            _PLAIN.add(name)
    return {**value, **scrubbed} if any(scrubbed[name] is not value[name] for name in scrubbed) else value


def _is_plain(name: str, value: Any) -> bool:
    """Whether a member that is named like a secret holds none, by its shape."""
    is_shaped = type(value) is _PLAIN_SHAPES.get(name)
    return is_shaped and all(isinstance(each, str) is (name != "tokens") for each in value)


def _is_private_key(text: str) -> bool:
    return "PRIVATE KEY-----" in text and PRIVATE_KEY.search(text) is not None


@lru_cache(maxsize=_MOST_NAMES)
def names_secret(name: str) -> bool:
    """Whether a member of this name holds a secret for certain."""
    return name == _BLANKED_THROUGHOUT or _HOLDS_SECRET.search(name) is not None
