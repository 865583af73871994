"""HTTP answers: body and headers, JSON bodies as data, and one sentence for a person out of any that went wrong.

What answers may be no Controller but a proxy in front of it: a body may be JSON, HTML, plain text or broken. Names that
stand twice in one object, NaN and Infinity, numbers beyond all bounds and halves of surrogate pairs are no reason to
lose the rest of an answer: a `Flaw` stands in their place, and whoever hands the data on looks for it.
"""

from __future__ import annotations

import html
import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic_core import from_json, to_json
from requests import exceptions as http

import avi_schema
from intent import Unknown
from intent.plain_data import shallow, shown
from intent.scrubber import SCRUBBER
from intent.words import harmless_line, tenants_named
from live.avi.identity import ADMIN, Json
from live.errors import NotFound, ReadDenied

DIGITS = 300
"""A whole number of more digits is taken for none; Python itself gives up at 4,300."""
_OTHERWISE = ("\\u003a", "\\u003A")
"""Other spellings of a colon, with which those after names could not be counted."""
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Flaw:
    """What stands in the place of a value that cannot be held; `text` is a sentence's end: `stands there twice`."""

    text: str


def parsed(text: str) -> tuple[Any, bool]:
    """(the data, whether there may be a `Flaw` in it). Raises ValueError where the text is no JSON."""
    try:
        data = from_json(text, cache_strings="all", allow_inf_nan=False)
    except ValueError:
        return _slowly(text), True
    # Written again, it has as many colons unless a name stood there twice; of numbers, only 1e999 becomes infinite.
    again = to_json(data, inf_nan_mode="constants")
    alike = text.count(":") == again.count(b":") and not any(spelling in text for spelling in _OTHERWISE)
    if not alike or b"Infinity" in again:
        return _slowly(text), True
    return data, False


def flaws(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, what is wrong there) of everything in some data that cannot be held."""
    if isinstance(value, Flaw):
        yield place, value.text
    elif isinstance(value, dict):
        for name, inner in value.items():
            if _HALF.search(name):
                yield f"{place}.{shown(name)}", "has half of a surrogate pair in its name"
            else:
                yield from flaws(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from flaws(inner, f"{place}[{number}]")
    elif isinstance(value, str) and _HALF.search(value):
        yield place, "holds half of a surrogate pair, which is no text"
    elif isinstance(value, float) and not math.isfinite(value):
        yield place, "is a number beyond all bounds"


def without_flaws(value: Any) -> Any:
    """The same data with nothing where it had flaws, as it can be kept in a file."""
    if isinstance(value, dict):
        return {_whole(name): without_flaws(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_flaws(inner) for inner in value]
    if isinstance(value, str):
        return _whole(value)
    return (
        None if isinstance(value, Flaw) or (isinstance(value, float) and not math.isfinite(value)) else value
    )


def _whole(text: str) -> str:
    return _HALF.sub("\ufffd", text)


def _slowly(text: str) -> Any:
    """By the standard library, which can be told what to make of the odd. Raises ValueError."""
    try:
        data = json.loads(
            text,
            parse_constant=lambda word: Flaw(f"is {word}, which is no number"),
            parse_int=_integer,
            object_pairs_hook=_members,
        )
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    return shallow(data)


def _integer(digits: str) -> int | Flaw:
    return int(digits) if len(digits) <= DIGITS else Flaw(f"is a number of {len(digits):,} digits")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        members[name] = Flaw("stands there twice") if name in members else value
    return members


LONGEST = 300
"""Characters of a sentence."""


@dataclass(frozen=True)
class HttpAnswer:
    """One HTTP answer, read to its end."""

    status: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    readable: bool = field(default=True, repr=False)
    """Whether its bytes are text in UTF-8, as JSON must be: a name with other bytes would be another name."""

    @property
    def sentence(self) -> str:
        """What the body says, in one line, without secrets."""
        return sentence(self.text) or "no reason given"

    def object(self) -> tuple[Json, bool]:
        """The body as a JSON object, and whether there may be flaws in it, see `Flaw`.

        Raises ValueError, with what it is instead.
        """
        body, flawed, whole = None, False, self.readable
        try:
            body, flawed = parsed(self.text) if self.text.strip() else (None, False)
        except ValueError:
            whole = False
        if not whole:
            raise ValueError(f"did not answer with whole JSON but with: {self.sentence}")
        if not isinstance(body, dict):
            raise ValueError(f"did not answer with a JSON object but with: {self.sentence}")  # noqa: TRY004
        return body, flawed

    @property
    def redirect(self) -> str:
        """Where it redirects to, in words; "" where it does not.

        Redirects are not followed: credentials go to the declared address only.
        """
        if not 300 <= self.status < 400:
            return ""
        where = self.headers.get("Location", "nowhere")[:200]
        return f"redirects to {where}; give the address it leads to as controller.address"

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, where the answer asks for it (RFC 9110 §10.2.3: seconds or a date)."""
        asked = self.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", asked):
            return float(asked)
        moment = seconds_of(asked)
        return None if moment is None else max(0.0, moment - time.time())


def seconds_of(date: str | None) -> float | None:
    """An HTTP date in seconds since the epoch; None when it is none, or names no time zone."""
    try:
        moment = parsedate_to_datetime(date or "")
        return moment.timestamp() if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError, IndexError):
        return None  # what the standard library raises of junk is not documented


def sentence(body: str) -> str:
    """One line out of an error body: JSON, JSON in JSON (even broken), plain text or HTML [REC, PUBLIC]."""
    text = body.strip()
    if text.startswith(("{", "[")):
        text = _from_json(text)
    elif re.match(r"<(!doctype|html|head|body|\?xml)", text, re.IGNORECASE):
        text = _from_html(text)
    text = SCRUBBER.text(harmless_line(text[: LONGEST * 20]))
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _from_json(text: str) -> str:
    try:
        data = shallow(json.loads(text))
    except (ValueError, RecursionError):
        # A Controller nests JSON in a string without escaping it [PUBLIC]: only the words can be saved.
        return re.sub(r'"\s*:\s*', ": ", text).translate(str.maketrans("", "", '{}[]"\\'))
    if isinstance(data, dict):
        for member in ("error", "detail", "message", "reason"):
            if member in data:
                return _from_json(data[member].strip()) if _nested(data[member]) else str(data[member])
        return ", ".join(
            f"{name}: {_from_json(v) if _nested(v) else v}" for name, v in list(data.items())[:5]
        )
    return str(data)


def _nested(value: Any) -> bool:
    return isinstance(value, str) and value.strip().startswith(("{", "["))


_TITLE, _TITLE_ENDS = re.compile(r"<title\b[^<>]*>", re.IGNORECASE), re.compile("</title>", re.IGNORECASE)
_CODE = re.compile(r"<(script|style)\b.*?(</\1>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
"""Each takes time in proportion to the page, since none looks beyond the next tag for an end that may not be there."""


def _from_html(text: str) -> str:
    text = text[:65_536]
    begun = _TITLE.search(text)
    ended = _TITLE_ENDS.search(text, begun.end()) if begun else None
    text = text[begun.end() : ended.start()] if begun and ended else _CODE.sub(" ", text)
    return "an HTML page: " + html.unescape(_TAG.sub(" ", text))


class Late(http.ReadTimeout):
    """The exchange was not silent, but it has not come to its end by its deadline."""


class WrongName(http.SSLError):
    """The certificate is trusted and bears another name, or none; the text says which, and what to do."""


_TLS = {
    "certificate has expired": "its TLS certificate has expired; renew it on the Controller",
    "not yet valid": "its TLS certificate is not yet valid; check the clocks on both sides",
    "mismatch|doesn't match": "its TLS certificate is for another name; use that name as controller.address",
    "CERTIFICATE_VERIFY_FAILED": "its TLS certificate is not signed by a CA trusted here; give the CA's PEM as "
    "controller.ca_file",
    "WRONG_VERSION_NUMBER|record layer failure|HTTP_REQUEST": "it does not speak TLS on that port; check "
    "controller.port",
}
"""Why TLS failed for a reason that stays, by what the error says."""
_TIMEOUTS = (
    (http.ConnectTimeout, "no answer to the connection; check controller.address and the firewalls between"),
    (Late, "its answer came too slowly; see how busy it is and what stands between, and try again"),
    (http.Timeout, "no answer in time; see how busy the Controller is, and try again"),
)
_CONNECTION = {
    "Connection refused": "nothing listens there; check controller.address and controller.port",
    "NameResolutionError|Name or service not known": "its name cannot be resolved; check controller.address and "
    "this machine's DNS",
    "No route to host|Network is unreachable": "there is no route to it; check controller.address and the network "
    "between",
    "Connection reset": "the connection was reset; try again, and look at what stands between",
    "without response|EOF occurred": "the connection was closed without an answer; try again, and look at what stands "
    "between",
    "IncompleteRead|Response ended": "the answer broke off; try again, and look at what stands between",
}


def _told_by(reasons: Mapping[str, str], text: str) -> str:
    """The first reason that an error's text is known to mean; "" for none."""
    return next((words for pattern, words in reasons.items() if re.search(pattern, text)), "")


def failure(error: Exception) -> str:
    """Why no answer came, and what to do: the second half of `the Controller at ...: ...`."""
    text = str(error)
    if isinstance(error, WrongName):
        return text
    tls = isinstance(error, http.SSLError)
    if (tls or "SSL" in text) and (reason := _told_by(_TLS, text)):
        return reason
    if reason := next((words for kind, words in _TIMEOUTS if isinstance(error, kind)), ""):
        return reason
    return _told_by(_CONNECTION, text) or (
        f"{'TLS' if tls else 'the connection'} failed: {sentence(text)}; try again, and look at what stands between"
    )


def is_tls(error: Exception) -> bool:
    """Whether TLS failed for a reason that stays, such as a certificate: trying again is useless."""
    if isinstance(error, WrongName):
        return True
    return isinstance(error, http.SSLError) and bool(_told_by(_TLS, str(error)))


def never_sent(error: Exception) -> bool:
    """Whether a request surely was not sent: no connection was made, or the certificate was refused."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return (
        isinstance(error, http.ConnectTimeout | WrongName)
        or type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}
        or "CERTIFICATE_VERIFY_FAILED" in str(error)
    )


def why_unread(
    path: str, answer: HttpAnswer, user: str, tenant: str, tenants: tuple[Json, ...]
) -> tuple[type[Unknown], str]:
    """What a GET that gave nothing is raised as, and why, in a sentence. `tenants`: those where the user has a role."""
    reason = answer.sentence
    if redirect := answer.redirect:
        return Unknown, f"{path} {redirect}"
    if answer.status in (401, 419):
        return (
            Unknown,
            f"{path} is denied to {user} even after a new login: {reason}; see its role and sessions",
        )
    if answer.status == 403:
        where = "all tenants" if tenant == "*" else f"tenant {tenant}"
        return ReadDenied, f"{user} may not read {path} in {where}: {reason}{_hint(path, tenant, tenants)}"
    if answer.status == 404:
        return NotFound, f"it has no {path}: {reason}"
    return (
        Unknown,
        f"{path} answered HTTP {answer.status}: {reason}; see the Controller's health and what stands between",
    )


def _hint(path: str, tenant: str, tenants: tuple[Json, ...]) -> str:
    """Which tenant to declare where the user has a role in others alone; else which permission the type takes."""
    names = sorted(row["name"] for row in tenants)
    if names and tenant not in ("*", *names):
        return f"; the user has a role in {tenants_named(names)}: declare `tenant: {names[0]}` under `controller`"
    kind = avi_schema.load().types.get(re.split(r"[/?]", path, maxsplit=1)[0])
    named = "" if tenant in ("*", ADMIN) else f"; see too whether tenant {tenant} is still called so"
    return f" (it takes {kind.permission}{named})" if kind else ""
