"""Canonical form of a member's value: one spelling for all that mean the same, so that equal means equal.

Values are plain data as a declaration holds them: references are names, or an `Unresolved` where a live one has none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from avi_schema import MISSING, Field, Version, load
from avi_schema.semantics import Meaning, meaning
from intent.drift import Unknown
from intent.values import Unresolved

Members = Mapping[str, Any]

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
NEWEST: Version = load().model
KINDS: Mapping[str, tuple[str, Any]] = {
    "string": ("text", str),
    "boolean": ("true or false", bool),
    "integer": ("a whole number", int),
    "number": ("a number", int | float),
}
"""By the kind of a member that holds a single value: what that is in words, and its type."""


def single(field: Field, means: Meaning, value: Any) -> Any:  # noqa: PLR0911 -- one line a kind of value
    """One value that is no message, in its one spelling; what is of another shape stays as it is."""
    if isinstance(value, str):
        if field.kind == "integer" and re.fullmatch(r"-?\d{1,18}", value.strip()):
            return int(value)
        if field.kind == "boolean":
            return {"true": True, "false": False}.get(value.strip().lower(), value)
        if field.kind == "number" and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", value.strip()):
            return float(value)
        form = _FORMS.get(means.form)
        return form(value) if form else value
    if isinstance(value, bool):
        return value
    if field.kind == "string" and isinstance(value, int | float):
        return str(value)
    return value


def default_of(field: Field, means: Meaning, version: Version) -> Any:
    """What a member means that is not set; None where it means nothing."""
    value = field.default_at(version)
    return None if value is MISSING else single(field, means, value)


def meant(field: Field, value: Any, version: Version, means: Meaning) -> Any:
    """A value as what it means; unset as the default."""
    there = canonical(field, value, version, means)
    return default_of(field, means, version) if there is None else there


def says_default(field: Field, value: Any, version: Version, means: Meaning) -> bool:
    """Whether a value means what a member that is not set means."""
    default = default_of(field, means, version)
    return default is not None and canonical(field, value, version, means) == default


def canonical(field: Field, value: Any, version: Version, means: Meaning) -> Any:
    """A value as what it means. Of messages: without what the server writes, secrets, and what says the default."""
    if value is None:
        return None
    if field.many:
        elements = value if isinstance(value, list | tuple) else [value]
        each = [_element(field, element, version, means) for element in elements]
        return (
            sorted({text(element): element for element in each}.values(), key=text)
            if _is_set(means)
            else each
        )
    return _element(field, value, version, means)


def _is_set(means: Meaning) -> bool:
    return means.mode in ("set", "keyed")


def _element(field: Field, value: Any, version: Version, means: Meaning) -> Any:
    if field.kind == "message" and isinstance(value, Mapping):
        return members_of(field.message, value, version) if field.message else dict(value)
    return single(field, means, value)


def members_of(message: str, value: Members, version: Version) -> dict[str, Any]:
    """A whole message as what it means: see `canonical`."""
    fields = load().message(message).fields
    kept: dict[str, Any] = {}
    for name in sorted(value):
        field = fields.get(name)
        if field is None or not field.lives(version):
            continue
        means = meaning(message, name, (value,))
        if means.mode in ("server", "secret"):
            continue
        inner = canonical(field, value[name], version, means)
        if inner not in (None, [], {}) and (field.many or inner != default_of(field, means, version)):
            kept[name] = inner
    if message == "Service" and kept.get("port_range_end") == kept.get("port"):
        kept.pop("port_range_end", None)  # a range of one port
    return kept


def text(value: Any) -> str:
    """A canonical value as text that is the same for equal ones."""
    return json.dumps(value, sort_keys=True, default=repr)


def unresolved(value: Any) -> Iterator[Unresolved]:
    """Every reference in a live value that may be what is declared after all."""
    if isinstance(value, Unresolved):
        if value.unknown:
            yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from unresolved(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from unresolved(inner)


def plain_data(value: Any) -> Any:
    """A live value as JSON data: what a reference without a name points at is told in words."""
    if isinstance(value, Unresolved):
        return value.text
    if isinstance(value, Mapping):
        return {name: plain_data(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(inner) for inner in value]
    return value


def not_understood(path: str, value: Any, expected: str) -> Unknown:
    """A live value of another shape than the schema's."""
    return Unknown(f"{path} came as {type(value).__name__}, where {expected} belongs")


def _domain(value: str) -> str:
    return value.rstrip(".").lower()


@lru_cache(maxsize=16_384)
def _address(value: str) -> str:
    try:
        return str(ip_address(value.strip()))
    except ValueError:
        return _domain(value)


@lru_cache(maxsize=1_024)
def _pem(value: str) -> str:
    """The SHA-256 of each certificate in a text, whatever its line ends; other text without them."""
    digests = []
    for body in _PEM.findall(value):
        try:
            der = base64.b64decode("".join(body.split()), validate=True)
        except (binascii.Error, ValueError):
            return "\n".join(value.split())
        digests.append(hashlib.sha256(der).hexdigest())
    return " ".join(digests) or "\n".join(value.split())


def _ciphers(value: str) -> str:
    return ":".join(part for part in value.split(":") if part)


_FORMS: Mapping[str, Callable[[str], str]] = {
    "address": _address,
    "ciphers": _ciphers,
    "domain": _domain,
    "pem": _pem,
}
