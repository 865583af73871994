"""Requests of AKO to the Controller: sessions of its user, its headers, and refusals in the words of its client.

They are answered in this process and listed like any client's; faults of the control plane meet them as well, as far
as they are an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import orjson

from lab import fault_injection
from lab.controller.messages import Request, Response
from lab.objects import Json

if TYPE_CHECKING:
    from lab.assembly import Lab

BASE = "https://controller"
LOGIN_VERSION = "18.2.6"
LOGINS = 9
"""Sessions that one container opens at its start, all alike [CLIENT]."""


class ApiError(Exception):
    """An answer but 200 to 299, in the words of the vendor's Go client [CLIENT]; `status` 0 is no answer."""

    def __init__(self, method: str, uri: str, status: int, text: str) -> None:
        why = f"HTTP code: {status}; error from Controller: {text}" if status else "error: EOF"
        super().__init__(f"Encountered an error on {method} request to URL {uri}: {why}")
        self.status = status


@dataclass
class Api:
    """The sessions of one AKO."""

    lab: Lab
    tenant: str
    version: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    writes: list[Json] = field(default_factory=list)
    """What was written and taken: method, ref and name of each."""

    def login(self, username: str, password: str, token: str, sessions: int = LOGINS) -> bool:
        """Open the sessions; whether all were granted. The last of them speaks from then on."""
        form = {"username": username} | ({"token": token} if token else {"password": password})
        headers = {"content-type": "application/json", "x-avi-version": LOGIN_VERSION, "user-agent": "AKO"}
        for _ in range(sessions):
            answer = self._ask(Request("POST", "/login", (), headers, orjson.dumps(form), BASE))
            if answer is None or answer.status != 200:
                return False
            jar: SimpleCookie = SimpleCookie()
            for name, value in answer.headers:
                if name == "Set-Cookie":
                    jar.load(value)
            self.headers = {
                "cookie": "; ".join(f"{name}={each.value}" for name, each in jar.items()),
                "x-csrftoken": jar["csrftoken"].value,
                "referer": BASE,
                "content-type": "application/json",
                "user-agent": "AKO",
                "x-avi-useragent": "AKO",
            }
        return True

    def get(self, uri: str, *, tenant: str = "") -> Any:
        """The body of an answer. Raises ApiError."""
        return self.call("GET", uri, tenant=tenant)

    def every(self, uri: str, *, tenant: str = "") -> Iterator[Json]:
        """Every row of a list, through all its pages. Raises ApiError."""
        following = uri
        while following:
            page = self.get(following, tenant=tenant)
            yield from page.get("results", [])
            split = urlsplit(str(page.get("next", "")))
            following = f"{split.path}?{split.query}" if split.path else ""

    def call(self, method: str, uri: str, body: Any = None, *, tenant: str = "") -> Any:
        """The JSON that a request is answered with. Raises ApiError."""
        if " " in uri:  # it ends the address in the request's first line, which no server can read
            raise ApiError(method, uri, 400, "")
        split = urlsplit(uri)
        query = tuple(parse_qsl(split.query, keep_blank_values=True))
        headers = self.headers | {"x-avi-tenant": tenant or self.tenant, "x-avi-version": self.version}
        sent = b"" if body is None else orjson.dumps(body)
        answer = self._ask(Request(method, split.path, query, headers, sent, BASE))
        if answer is None:
            raise ApiError(method, uri, 0, "")
        if not 200 <= answer.status < 300:
            raise ApiError(method, uri, answer.status, _error_text(answer.body))
        result = orjson.loads(answer.body) if answer.body else None
        if method != "GET":
            self._note(method, split.path, result)
        return result

    def or_admin(self, method: str, uri: str, body: Any = None, *, after: tuple[int, ...]) -> Any:
        """The same, asked again in tenant admin where it is answered with one of these. Raises ApiError."""
        try:
            return self.call(method, uri, body)
        except ApiError as error:
            if error.status not in after:
                raise
            return self.call(method, uri, body, tenant="admin")

    def _note(self, method: str, path: str, result: Any) -> None:
        body = result if isinstance(result, dict) else {}
        parts = path.strip("/").split("/")
        name = body.get("name", "")
        self.writes.append(
            {"method": method, "ref": f"/api/{parts[1]}/{body.get('uuid') or parts[-1]}", "name": name}
        )

    def _ask(self, request: Request) -> Response | None:
        self.requests += 1
        asked = request.path
        if request.query:
            asked += "?" + "&".join(f"{key}={value}" for key, value in request.query)
        fault = self.lab.faults.pick(request.method, asked)
        if fault is None:
            return self.lab.answer(request)
        if fault.close or fault.refuse or fault.lost:
            if fault.lost:
                self.lab.answer(request)
            self.lab.note(request, 0)
            return None
        return fault_injection.spoken(fault, request, self.lab.answer, fault_injection.Past(self.lab))


def named(kind: str, name: str, **query: str) -> str:
    """The URI by which AKO looks an object up by its name."""
    more = "".join(f"&{key.replace('__', '.')}={quote_plus(value)}" for key, value in query.items())
    return f"/api/{kind}/?include_name&name={quote_plus(name)}{more}"


def _error_text(body: bytes) -> str:
    """The Controller's own text as the client prints it: `map[error:...]`."""
    try:
        body_json = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    inside = body_json.items() if isinstance(body_json, dict) else {}
    return "map[" + " ".join(f"{key}:{value}" for key, value in sorted(inside)) + "]"
