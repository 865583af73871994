"""Request and response of the Controller as plain data: no sockets, no framework."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from lab.objects import Refused

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FALSE = frozenset({"false", "0", "no", "off"})
COOKIE = re.compile(r"""([^\s;,="]+)\s*=\s*("[^"]*"|[^\s;,]*)""")


@dataclass(frozen=True)
class Request:
    """One request: `path` is decoded, `query` are pairs in order, header names are in lower case.

    `base` is the Controller as this client named it, `https://host:port`: absolute references are built on it.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "https://127.0.0.1"
    client: str = "127.0.0.1"
    """The address the request came from."""

    @cached_property
    def asked(self) -> dict[str, str]:
        """The query, the last of repeated values winning."""
        return dict(self.query)

    def flag(self, name: str) -> bool:
        """Whether a boolean parameter is set: `True`, `true` and no value at all are [PROBE], [CLIENT]."""
        return name in self.asked and self.asked[name].lower() not in FALSE

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies sent, whatever stands between them.

        avisdk up to 17.2 sends the Python names of its cookies, `[<Cookie sessionid=... for host/>]`, and Controllers
        of its time knew it by them [CLIENT].
        """
        return {name: value.strip('"') for name, value in COOKIE.findall(self.headers.get("cookie", ""))}

    def json(self) -> Any:
        """The body as JSON. Raises Refused (400) when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Refused(400, f"JSON parse error - {error}") from None

    def object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises Refused (400) when it is none."""
        if not isinstance(found := self.json(), dict):
            raise Refused(400, "Invalid data. Expected a JSON object.")
        return found

    def form(self) -> dict[str, str]:
        """The body as a URL-encoded form, or as a JSON object of strings."""
        if "json" in self.headers.get("content-type", ""):
            try:
                found = orjson.loads(self.body)
            except orjson.JSONDecodeError:
                return {}
            return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(slots=True)
class Response:
    """One answer. Headers are pairs: Set-Cookie repeats."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """The reason phrase as recorded: upper case, `419 FORBIDDEN` [REC]."""
        return reason(self.status)

    def json(self) -> Any:
        """The body read as JSON, for callers in this process."""
        return orjson.loads(self.body)

    def header(self, name: str) -> str | None:
        """The first header of that name, any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def reason(status: int) -> str:
    """The Controller's reason phrase of a status [REC]."""
    if status == 419:
        return "FORBIDDEN"
    try:
        return HTTPStatus(status).phrase.upper()
    except ValueError:
        return "UNKNOWN STATUS CODE"


class Answered(Exception):
    """The request is answered before it reaches a resource (no session, wrong tenant)."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response
