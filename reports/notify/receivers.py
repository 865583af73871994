"""Where messages go: `--notify URL`, once or more, or the variable AVI_COMPLIANCE_NOTIFY.

    https://hooks.slack.com/services/...         Slack's incoming webhooks, and what understands them (Mattermost)
    https://....webhook.office.com/..., https://....logic.azure.com/...      Teams (an Adaptive Card)
    slack+https://host/..., teams+https://host/...       the same elsewhere
    https://host/...                             anything else: the message and the counts as JSON
    smtp://host:25/?from=a@example.org&to=b@example.org,c@example.org      mail; smtps:// for TLS from the start

A URL is a secret: it may come from a file (`file:/run/secrets/notify`, a URL a line) and is never shown whole.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

VARIABLE = "AVI_COMPLIANCE_NOTIFY"

_ADDRESS = re.compile(r"[^\s@<>\x00-\x1f]+@[^\s@<>\x00-\x1f]+")
_TEAMS = (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com")


class BadReceiver(ValueError):
    """Not a URL that messages can be sent to; says what is, without showing the URL."""


@dataclass(frozen=True)
class Receiver:
    """One receiver. Its `repr` shows the host, not the rest of the URL, which is a secret."""

    kind: str
    """slack, teams, json or mail."""
    url: str

    def __repr__(self) -> str:
        return f"{self.kind} at {urlsplit(self.url).hostname}"

    @property
    def id(self) -> str:
        """What it is remembered by; the URL cannot be got back from it."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:24]


def receivers(chosen: Iterable[str]) -> list[Receiver]:
    """The receivers that were named by option or variable, each once. Raises BadReceiver."""
    named = list(chosen) + os.environ.get(VARIABLE, "").split()
    named_receivers = [receiver(url) for option in named for url in _urls(option)]
    return list(dict.fromkeys(named_receivers))


def _urls(named: str) -> list[str]:
    if not named.startswith("file:"):
        return [named]
    path = Path(named.removeprefix("file:"))
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadReceiver(f"--notify: the file {path} cannot be read") from error
    return [line for line in lines if line and not line.startswith("#")]


def receiver(url: str) -> Receiver:
    """One URL as a receiver. Raises BadReceiver."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadReceiver("--notify: a URL cannot be read; write https://host/path") from error
    scheme = parts.scheme.lower()
    if not host:
        raise BadReceiver(
            f"--notify: a URL without a host (scheme {scheme or 'none'}); write https://host/path"
        )
    if scheme in ("smtp", "smtps"):
        _require_addresses(host, parts.query)
        return Receiver("mail", url)
    kind, plus, rest = scheme.partition("+")
    if plus and kind in ("slack", "teams") and rest in ("http", "https"):
        return Receiver(kind, url[len(kind) + 1 :])
    if scheme not in ("http", "https"):
        raise BadReceiver(
            f"--notify: {scheme}: is not known; use https, slack+https, teams+https, smtp or smtps"
        )
    if host == "hooks.slack.com":
        return Receiver("slack", url)
    return Receiver("teams" if host.endswith(_TEAMS) else "json", url)


def _require_addresses(host: str, query: str) -> None:
    """Raise BadReceiver unless a mail has a sender and somebody to go to."""
    for part in ("from", "to"):
        addresses = _addresses(query, part)
        if not addresses:
            raise BadReceiver(f"--notify: mail by {host} needs ?from=...&to=...; {part} is not there")
        if not all(_ADDRESS.fullmatch(address) for address in addresses):
            raise BadReceiver(f"--notify: mail by {host}: what stands after {part}= is no mail address")


def _addresses(query: str, part: str) -> tuple[str, ...]:
    """The mail addresses of one part of a query. A plus is one: addresses have no blanks."""
    values = parse_qs(query.replace("+", "%2B")).get(part, ())
    return tuple(address.strip() for value in values for address in value.split(",") if address.strip())


@dataclass(frozen=True)
class Mail:
    """The parts of a mail receiver."""

    host: str
    port: int
    tls: bool
    sender: str
    recipients: tuple[str, ...]
    username: str | None
    password: str | None

    @classmethod
    def of(cls, receiver: Receiver) -> Mail:
        """From a receiver of kind mail."""
        parts = urlsplit(receiver.url)
        tls = parts.scheme.lower() == "smtps"
        return cls(
            parts.hostname or "",
            parts.port or (465 if tls else 25),
            tls,
            _addresses(parts.query, "from")[0],
            _addresses(parts.query, "to"),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )
