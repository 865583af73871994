"""The model of the Controller's own version: objects are amended in it where the plan was made in an older model.

An older model shows defaults for members that are unset in the newer one, and does not show members that it does not
know. Who reads an object in the older model and sends it back whole (PUT) writes those defaults and may delete those
members. So every PUT is made from the object as the newer model shows it, with only the planned members changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from live.avi.gateway import Gateway
from live.avi.identity import Json
from remediate.plan.payload import canonical, owned_by_server
from remediate.plan.request import FOLDER, VM, Request
from remediate.write.writer import ObjectChanged, RunStopped, read_object


class ControllersModel:
    """The Controller, spoken to in the model of its own version."""

    def __init__(self, controller: Gateway, version: str) -> None:
        self.name = controller.name
        self.api_version = version
        self._controller = controller

    @classmethod
    def of(cls, controller: Gateway) -> Self | None:
        """None where it is the one that is spoken anyhow."""
        own = controller.own_version
        return cls(controller, own) if own and own != controller.api_version else None

    def read(self, path: str, params: Mapping[str, str] | None = None, *, tenant: str | None = None) -> Json:
        """One GET. Raises NotFound, Unknown."""
        return self._controller.read(path, params, tenant=tenant, model=self.api_version)

    def write(self, method: str, path: str, body: Json | None = None, *, tenant: str | None = None) -> Json:
        """One write. Raises Conflict, Refused, FateUnknown, ReadOnly, Unknown."""
        return self._controller.write(method, path, body, tenant=tenant, model=self.api_version)

    def body(self, request: Request, body: Json, before: Json | None) -> Json | None:
        """What is sent in this model for a body of the plan's; None where that is sent as it is.

        `before` is the object as just read in the plan's. Raises ObjectChanged, Unknown, and RunStopped where what is
        to change is not the same in both.
        """
        if before is None or request.method not in ("PUT", "PATCH") or request.api in (FOLDER, VM):
            return None
        now = read_object(self, request) or {}
        if now.get("_last_modified") != before.get("_last_modified"):
            raise ObjectChanged("somebody else has written it at this moment")
        after = body if request.method == "PUT" else before
        changed: Json = {}
        for name in request.changed:
            try:
                value = carried(now.get(name), before.get(name), after.get(name))
            except LookupError as why:
                raise RunStopped(
                    f"{name} of {request.path} is another in the model of the Controller's own version, "
                    f"{self.api_version}, than in {self._controller.api_version}, the newest known here: {why}. "
                    "Nothing is written, since what is not known might be lost; change it by hand"
                ) from why
            changed |= {name: value} if name in after else {}
        if request.method == "PATCH":
            return body
        hidden = owned_by_server(request.api) - {"_last_modified"}
        kept = {name: value for name, value in now.items() if name not in (*hidden, *request.changed)}
        return kept | changed


def carried(own: Any, was: Any, now: Any) -> Any:
    """What `now` changes in `was`, in a value `own` that says the same as `was` and more: that stays.

    Raises LookupError where `own` says something else, or where what is more cannot be told apart.
    """
    if canonical(own) == canonical(was):
        return now
    if isinstance(own, dict) and isinstance(was, dict) and isinstance(now, dict):
        more = {name: value for name, value in own.items() if name not in was}
        return more | {
            name: carried(own[name], was[name], value) if name in was and name in own else value
            for name, value in now.items()
        }
    if isinstance(own, list) and isinstance(was, list) and isinstance(now, list) and len(own) == len(was):
        former, latter = canonical(was), canonical(now)
        moved = any(b in former or a in latter for a, b in zip(former, latter, strict=False) if a != b)
        if len(now) >= len(was) and not moved:
            kept = [carried(*elements) for elements in zip(own, was, now, strict=False)]
            return [*kept, *now[len(was) :]]
    raise LookupError(f"{own!r:.60} there, and {was!r:.60} here")
