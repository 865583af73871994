"""Configuration object of the Controller, and the refusal that a client may meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Object:
    """One configuration object as the store keeps it.

    `body` is in the newest model, defaults filled; every reference in it is canonical, `/api/<type>/<uuid>`
    (no host, no #name). `body["_last_modified"]` is set by the store. `tenant` and `cloud` are uuids;
    `cloud` is "" for types that live in none. `system` marks what every Controller has and nobody may delete.
    """

    type: str
    uuid: str
    tenant: str
    cloud: str
    body: Json
    system: bool = False

    @property
    def name(self) -> str:
        """The object's name, or "" for types that bear none."""
        return str(self.body.get("name", ""))

    @property
    def ref(self) -> str:
        """The canonical reference to this object."""
        return f"/api/{self.type}/{self.uuid}"


class Refused(Exception):
    """The Controller says no: a status and its body, `{"error": text}` unless `body` is given."""

    def __init__(
        self, status: int, error: str, *, body: Any = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {error}")
        self.status = status
        self.error = error
        self.body: Any = {"error": error} if body is None else body
        self.headers = headers or {}
