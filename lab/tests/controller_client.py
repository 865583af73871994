"""A client of the Controller in this process: it logs in, keeps cookies and sends what avisdk sends."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from avi_schema import parse_version
from lab.assembly import Lab
from lab.controller import Request, Response
from lab.tests.login import knock, papers

BASE = "https://avi.example:8443"


def make(version: str = "30.2.1", state: str = "empty") -> Lab:
    return Lab.make(parse_version(version), state)


class Client:
    def __init__(
        self, lab: Lab, version: str | None = None, tenant: str = "admin", login: bool = True
    ) -> None:
        self.lab = lab
        self.headers = {"content-type": "application/json", "referer": BASE, "x-avi-tenant": tenant}
        if version != "":
            self.headers["x-avi-version"] = version or ".".join(map(str, lab.site.version))
        if login:
            self.login("admin", lab.site.password)

    def login(self, username: str, password: str) -> Response:
        answer = knock(self.lab, BASE, username, password)
        if answer.status == 200:
            self.headers |= papers(answer, BASE)
        return answer

    def __call__(self, method: str, path: str, body: Any = None, **headers: str | None) -> Response:
        path, _, query = path.partition("?")
        changed = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        sent = {k: v for k, v in (self.headers | changed).items() if v is not None}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        return self.lab.answer(Request(method, path, pairs, sent, data, BASE))

    def get(self, path: str, **headers: str | None) -> Any:
        answer = self("GET", path, **headers)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json()

    def one(self, kind: str, name: str, **headers: str | None) -> dict[str, Any]:
        found = self.get(f"/api/{kind}?name={name}", **headers)["results"]
        assert len(found) == 1, found
        return found[0]

    def post(self, path: str, body: Any, **headers: str | None) -> dict[str, Any]:
        answer = self("POST", path, body, **headers)
        assert answer.status == 201, (answer.status, answer.body)
        return answer.json()

    def put(self, obj: dict[str, Any], **headers: str | None) -> dict[str, Any]:
        answer = self("PUT", path_of(obj), obj, **headers)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json()


def path_of(obj: dict[str, Any]) -> str:
    return "/api/" + obj["url"].partition("#")[0].partition("/api/")[2]


def without_names(value: Any) -> Any:
    """A body with `#name` taken off its references."""
    if isinstance(value, dict):
        return {key: without_names(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_names(each) for each in value]
    if isinstance(value, str) and value.startswith(BASE):
        return value.partition("#")[0]
    return value
