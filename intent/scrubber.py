"""The scrubber: takes secrets out of everything that is kept, logged, shown or sent.

A secret is known by its value where this process was given it, by the name of the member that holds it, and by its
form; what may be one is blanked. Objects that are written back later pass `intent.sensitive`.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from base64 import b32encode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from intent.sensitive import PRIVATE_KEY, SENSITIVE, names_secret
from intent.words import harmless

_SHORTEST = 4
"""A shorter value would be found everywhere by accident."""

_SHORT = 500
"""Texts up to this length are remembered: a run says the same few a thousand times."""

_MAY_HOLD_SECRET = re.compile(
    r"passw(or)?d|passphrase|secret|token|private_?key|api_?key|access_?key|session_?id|csrf"
    r"|cookie|authorization|community|credential|_key$|^key$|ticket|kubeconfig",
    re.IGNORECASE,
)
_HOLDS_NONE = re.compile(
    r"_refs?$|_uuids?$|(?<!session)_ids?$|_count$|_name$|_timeout$|_length$|_policy$|_type$|_enabled$|_size$|_expiry$",
    re.IGNORECASE,
)
_VARIABLE = re.compile(
    r"PASSWORD|PASSWD|TOKEN|SECRET|PASSPHRASE|PRIVATE_KEY|API_KEY|WEBHOOK|NOTIFY", re.IGNORECASE
)

_NAME = r"(?:passw(?:or)?d|passphrase|secret|token|api_?key|session_?id|authorization|cookie|community)"
_VALUE = r"""("[^"]*"|'[^']*'|[^\s,;&"']+)"""

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form, re.IGNORECASE | re.DOTALL), instead)
    for form, instead in (
        (PRIVATE_KEY.pattern + r".*?(-----END [A-Z0-9 ]*KEY-----|\Z)", SENSITIVE),
        (r"(://)[^/\s:@]*:[^/\s@]+@", rf"\1{SENSITIVE}@"),
        (r"""(authorization["']?\s*[:=]\s*["']?\w+\s+)[^\s'"]+""", rf"\1{SENSITIVE}"),
        (r"(\b(?:basic|bearer|token)\s+)[a-z0-9._~+/=-]{8,}", rf"\1{SENSITIVE}"),
        (r"((?:sessionid|csrftoken)=)[^;\s]+", rf"\1{SENSITIVE}"),
        (
            rf"""({_NAME}["']?\s*[=:]\s*){_VALUE}""",
            rf"\1{SENSITIVE}",
        ),
    )
)
"""What a secret looks like in a text. Each takes time in proportion to the text, whatever stands in it."""

_SIGNS = (
    *("-----begin", "://", "basic", "bearer", "token", "passw", "passphrase", "secret", "apikey", "api_key"),
    *("sessionid", "session_id", "csrf", "authorization", "cookie", "community"),
)
"""Without any of these, in lower case, no form can match; looking for them takes a tenth of the forms' time."""


def _may_hold_secret(name: str) -> bool:
    return names_secret(name) or (
        _MAY_HOLD_SECRET.search(name) is not None and _HOLDS_NONE.search(name) is None
    )


class Scrubber:
    """Takes known secret values, and whatever looks like a secret, out of text and plain data. Threads may share it."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._spellings: tuple[str, ...] = ()
        self._escaped: re.Pattern[str] | None = None
        self._escape_signs = _ESCAPE_SIGNS
        self._adding = threading.Lock()
        self._remembered = lru_cache(maxsize=20_000)(self._text)
        self._member = lru_cache(maxsize=5_000)(lambda name: (self.text(name), _may_hold_secret(name)))
        self.hide(*values)

    def hide(self, *secrets: str | None) -> None:
        """Never let these values through from now on."""
        with self._adding:
            known = self._secrets.union(value for value in secrets if value and len(value) >= _SHORTEST)
            if known == self._secrets:
                return
            spellings = {spelling for value in known for spelling in _spellings(value)}
            self._spellings = tuple(sorted(spellings, key=len, reverse=True))
            self._escaped = None
            # Only in place of a space: times have a `+` too, and are in everything that is kept.
            spaced = any(" " in value for value in known)
            self._escape_signs = (*_ESCAPE_SIGNS, "+") if spaced else _ESCAPE_SIGNS
            self._secrets = known
            self._remembered.cache_clear()
            self._member.cache_clear()

    def text(self, text: str) -> str:
        """A text without secrets."""
        return self._remembered(text) if len(text) <= _SHORT else self._text(text)

    def holds_none(self, text: str) -> bool:
        """Whether nothing of a text is secret; it is kept for no second time."""
        return self._text(text) == text

    def _text(self, text: str) -> str:
        text = self.values(text)
        folded = text.casefold()
        if any(map(folded.__contains__, _SIGNS)):
            for form, instead in _FORMS:
                text = form.sub(instead, text)
        return text

    def knows(self, text: str) -> bool:
        """Whether a text is one of the secrets."""
        return text in self._secrets

    def values(self, text: str) -> str:
        """A text without the secrets that are known by their value, however they are encoded."""
        if self._secrets and any(map(text.__contains__, self._escape_signs)) and _ESCAPE.search(text):
            return self._escapes().sub(SENSITIVE, text)
        if there := list(filter(text.__contains__, self._spellings)):
            text = re.sub("|".join(map(re.escape, there)), SENSITIVE, text)
        return text

    def _escapes(self) -> re.Pattern[str]:
        """The secrets in any spelling. Made when a text has a sign of one: it takes as long as a login."""
        with self._adding:
            if self._escaped is None:
                escaped = map(_escaped, sorted(self._secrets, key=len, reverse=True))
                self._escaped = re.compile("|".join([*escaped, *map(re.escape, self._spellings)]))
            return self._escaped

    def echoes(self, value: Any, known: frozenset[str] = frozenset(), name: str = "") -> Any:
        """A Controller's JSON without secrets of this process that it repeats.

        Left as they are: texts that are `known` to have stood there before, and what says which object it is, where a
        user's own password may be the name of a tenant.
        """
        if isinstance(value, dict):
            return {key: self.echoes(inner, known, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.echoes(inner, known, name) for inner in value]
        if not isinstance(value, str) or value in known or self.values(value) == value:
            return value
        return value if _HOLDS_NONE.search(name) or name in ("name", "url", "uuid") else SENSITIVE

    def data(self, value: Any) -> Any:
        """Plain data without secrets, in texts and under names that say they may hold one."""
        kind = type(
            value
        )  # plain data has exact types nearly always, and this sees every value of every result
        if kind is str or isinstance(value, str):
            return self.text(value)
        if kind is dict or isinstance(value, Mapping):
            scrubbed = {}
            for name, part in value.items():
                shown, secret = self._member(str(name))
                scrubbed[shown] = SENSITIVE if secret and _is_secret(part) else self.data(part)
            return scrubbed
        if kind is list or isinstance(value, list | tuple):
            return [self.data(part) for part in value]
        return value


def texts(value: Any) -> Iterator[str]:
    """Every text in JSON data."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def _spellings(value: str) -> Iterator[str]:
    """A value as it is, as Python writes it, in hexadecimal digits, and inside of longer base64 and base32."""
    yield value
    yield repr(value)[1:-1]
    data = value.encode("utf-8", errors="surrogatepass")
    yield data.hex()
    yield data.hex().upper()
    for encode, bits, block in ((b64encode, 6, 3), (b32encode, 5, 5)):
        for before in range(block):
            # Of the letters that stand for it, the first and the last may stand for its neighbours too.
            code = encode(bytes(before) + data).decode("ascii")
            inside = code[-(-before * 8 // bits) : (before + len(data)) * 8 // bits]
            yield inside
            yield inside.translate(_URL_SAFE) if bits == 6 else inside.lower()


_URL_SAFE = str.maketrans("+/", "-_")


def _escaped(value: str) -> str:
    """A pattern of a value in which any letter may be escaped: as URLs, HTML, JSON and Python do.

    Its groups are atomic, so that it takes no longer however often it fails: but for `%` and `&`, since a value may
    hold what reads like their escape, `%25`. How many of several backslashes are of the next letter, that letter tells.
    """
    return "".join(
        f"(?>{_backslashes(len(part[1]))}{_any_of(part[2])}){_any_of(part[3])}"
        for part in re.finditer(r"(\\*)([^\\%&]?)([%&]?)", value)
    )


def _any_of(letter: str) -> str:
    """What stands for a letter, the longest first; for none, nothing."""
    return f"(?:{'|'.join(sorted(_escapes(letter), key=len, reverse=True))})" if letter else ""


def _backslashes(number: int) -> str:
    """So many backslashes as they are, or as JSON has them within JSON; or all of them by a number of one kind."""
    if not number:
        return ""
    runs = [rf"\\{{{times * number}}}" for times in (8, 4, 2, 1)]
    numbers = "|".join(form for form in _escapes("\\") if not re.match(form, "\\" * 9))
    return f"(?:{'|'.join(runs)}|(?:{numbers}){{{number}}})"


def _escapes(letter: str) -> Iterator[str]:
    code = ord(letter)
    yield re.escape(letter)
    yield "(?i:" + "".join(f"%{byte:02x}" for byte in letter.encode("utf-8", errors="surrogatepass")) + ")"
    yield rf"&\#0{{0,5}}{code};"
    yield rf"(?i:&\#x0{{0,5}}{code:x};)"
    units = letter.encode("utf-16-be", errors="surrogatepass").hex()
    yield "(?i:" + "".join(rf"\\{{1,8}}u{units[at : at + 4]}" for at in range(0, len(units), 4)) + ")"
    if code < 256:
        yield rf"(?i:\\{{1,8}}x{code:02x})"
    if not letter.isalnum():
        yield r"\\{1,8}" + re.escape(letter)  # JSON in JSON
    if letter == " ":
        yield r"\+"
    yield from (f"&{name};" for name in _ENTITIES.get(letter, ()))


_ENTITIES: Mapping[str, tuple[str, ...]] = {
    "&": ("amp",),
    "<": ("lt",),
    ">": ("gt",),
    '"': ("quot",),
    "'": ("apos",),
}
_ESCAPE_SIGNS = ("%", "&#", "\\", *(f"&{name};" for names in _ENTITIES.values() for name in names))
"""Without any of these, no letter is escaped, but for a space by `+`."""
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}|\+|\\(?![bfnrt])|&")
"""Nor without this: every certificate has `\\n` in JSON, and pages of errors `%%VS_NAME%%`."""


def _is_secret(value: Any) -> bool:
    """Whether a value under a secret's name is one: something, and neither yes nor no."""
    return (isinstance(value, str | float) or type(value) is int) and value not in ("", 0)


class LogFilter(logging.Filter):
    """Takes secrets out of log records."""

    LOGGERS = ("avi.sdk.avi_api", "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")
    """Those of the libraries that see our secrets."""

    def __init__(self, scrubber: Scrubber) -> None:
        super().__init__()
        self._scrubber = scrubber

    def install(self) -> None:
        """Stand at these loggers; once is enough.

        The null handler keeps their warnings from standard error where nobody configured logging: what
        matters of them is said in our own sentences.
        """
        for name in self.LOGGERS:
            logger = logging.getLogger(name)
            if self not in logger.filters:
                logger.addFilter(self)
                logger.addHandler(logging.NullHandler())

    def filter(self, record: logging.LogRecord) -> bool:
        """Scrub the record in place; always lets it pass."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        record.msg, record.args = self._scrubber.text(text), ()
        if record.exc_info:
            record.exc_info = None
        return True


SCRUBBER = Scrubber()
"""Knows the secrets of every session of this process: one for all, as loggers are the process's too."""

_LOG_FILTER = LogFilter(SCRUBBER)


def keep_secret(*secrets: str | None) -> None:
    """Keep these out of logs and of sentences about failures, for as long as this process lives."""
    SCRUBBER.hide(*secrets)
    _LOG_FILTER.install()


def screened(text: str) -> str:
    """A text for a person's screen: without secrets, and harmless for a terminal."""
    return harmless(SCRUBBER.text(text))


def environ_for_children() -> dict[str, str]:
    """The environment for a process that needs none of our credentials: without them, and without their values."""
    return {
        name: value
        for name, value in os.environ.items()
        if not (_OURS.match(name) and _VARIABLE.search(name)) and not SCRUBBER.knows(value)
    }


_OURS = re.compile("AVI_|VCENTER_", re.IGNORECASE)


def known_secrets(root: Path) -> set[str]:
    """The secret values that this process was given: in variables, files they name, and `.env`."""
    secrets: set[str] = set()
    for name, value in variables(root).items():
        if not value or not _VARIABLE.search(name):
            continue
        if value.startswith("file:"):
            try:
                text = Path(value.removeprefix("file:")).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            secrets.add(text.partition("\n")[0].strip())
        else:
            secrets.add(value)
    return {value for value in secrets if len(value) >= _SHORTEST}


def variables(root: Path) -> dict[str, str]:
    """Those of the process, and of `.env` those that the process has not."""
    kept: dict[str, str | None] = {}
    if (path := root / ".env").is_file() or path.is_fifo():  # managers of secrets write into a pipe
        from dotenv import dotenv_values  # noqa: PLC0415 -- only where there is such a file

        with path.open(encoding="utf-8") as file:
            kept = dotenv_values(stream=file, interpolate=False)
    return {name: value for name, value in {**kept, **os.environ}.items() if value is not None}
