"""Secrets out of everything that is written or sent: by value where known, by name and form otherwise."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

SENSITIVE = "<sensitive>"
"""What the Controller itself shows in place of a secret [REC]."""

_SHORTEST = 4
"""A shorter value would be found everywhere by accident."""

_SHORT = 500
"""Texts up to this length are remembered: a run says the same few a thousand times."""

_NAME = re.compile(
    r"passw(or)?d|passwd|passphrase|secret|token|private_?key|api_?key|access_?key|session_?id|sessionid|csrf"
    r"|cookie|authorization|community|credential|_key$|^key$|ticket|kubeconfig",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"_refs?$|_uuids?$|(?<!session)_ids?$|_count$|_name$|_timeout$|_length$|_policy$|_type$|_enabled$|_size$|_expiry$",
    re.IGNORECASE,
)
_VARIABLE = re.compile(
    r"PASSWORD|PASSWD|TOKEN|SECRET|PASSPHRASE|PRIVATE_KEY|API_KEY|WEBHOOK|NOTIFY", re.IGNORECASE
)

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*KEY-----|\Z)", re.DOTALL),
        SENSITIVE,
    ),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]+@", re.IGNORECASE), rf"\1{SENSITIVE}@"),
    (re.compile(r"(\b(?:basic|bearer|token)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{SENSITIVE}"),
    (
        re.compile(
            r"((?:passw(?:or)?d|passphrase|secret|token|api_?key|session_?id|csrftoken|x-csrftoken|authorization"
            r"|set-cookie|cookie|community)[\"']?\s*[=:]\s*)(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&\"']+)",
            re.IGNORECASE,
        ),
        rf"\1{SENSITIVE}",
    ),
)


_SIGNS = (
    *("-----begin", "://", "basic", "bearer", "token", "passw", "passphrase", "secret", "apikey", "api_key"),
    *("sessionid", "session_id", "csrf", "authorization", "cookie", "community"),
)
"""Without any of these, in lower case, no form can match; looking for them takes a tenth of the forms' time."""


class Scrubber:
    """Takes known secret values, and whatever looks like a secret, out of text and plain data."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for value in values:
            if len(value) >= _SHORTEST:
                # As it is, as a URL writes it, and as JSON and Python write it.
                forms |= {
                    value,
                    quote(value, safe=""),
                    repr(value)[1:-1],
                    value.replace("\\", "\\\\").replace('"', '\\"'),
                }
        longest_first = sorted(forms, key=len, reverse=True)
        self._known = functools.lru_cache(maxsize=20_000)(self._text)
        self._member = functools.lru_cache(maxsize=5_000)(
            lambda name: (self.text(name), _names_a_secret(name))
        )
        self._values = re.compile("|".join(re.escape(form) for form in longest_first)) if forms else None

    def text(self, text: str) -> str:
        """A text without secrets."""
        return self._known(text) if len(text) <= _SHORT else self._text(text)

    def _text(self, text: str) -> str:
        if self._values is not None:
            text = self._values.sub(SENSITIVE, text)
        folded = text.casefold()
        if any(sign in folded for sign in _SIGNS):
            for form, instead in _FORMS:
                text = form.sub(instead, text)
        return text

    def data(self, value: Any) -> Any:
        """Plain data without secrets, in texts and under names that say they hold one."""
        kind = type(
            value
        )  # plain data has exact types nearly always, and this sees every value of every result
        if kind is str or isinstance(value, str):
            return self.text(value)
        if kind is dict or isinstance(value, Mapping):
            found = {}
            for name, part in value.items():
                shown, secret = self._member(str(name))
                found[shown] = SENSITIVE if secret and _is_secret(part) else self.data(part)
            return found
        if kind is list or isinstance(value, list | tuple):
            return [self.data(part) for part in value]
        return value


def _names_a_secret(name: str) -> bool:
    return _NAME.search(name) is not None and _HARMLESS.search(name) is None


def _is_secret(value: Any) -> bool:
    """Whether a value under a secret's name is one: something, and neither yes nor no."""
    return (isinstance(value, str | float) or type(value) is int) and value not in ("", 0)


def known_secrets(root: Path, environ: Mapping[str, str] | None = None) -> set[str]:
    """The secret values that this process was given: in variables, files they name, and `.env`."""
    found: set[str] = set()
    for name, value in {**_dotenv(root / ".env"), **(os.environ if environ is None else environ)}.items():
        if not value or not _VARIABLE.search(name):
            continue
        if value.startswith("file:"):
            try:
                text = Path(value.removeprefix("file:")).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            found.add(text.partition("\n")[0].strip())
        else:
            found.add(value)
    return {value for value in found if len(value) >= _SHORTEST}


def _dotenv(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values  # noqa: PLC0415 -- only where there is such a file

    if not path.is_file():
        return {}
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
