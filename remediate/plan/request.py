"""Requests: the smallest write that makes an object as it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict

from avi_schema import load
from live.avi.identity import Json, uuid_of
from remediate.plan.payload import canonical, content, copied, holds_secret, owned_by_server

SINGLETONS = frozenset(kind.name for kind in load().types.values() if kind.singleton and kind.configurable)
"""Collections that are one object: their path has no uuid, and they are never made or deleted [SCHEMA]."""

FOLDER, VM = "vcenter-folder", "vcenter-vm"
"""What is written in vCenter, as collections beside the Controller's; see `remediate.write.apis`."""


class CannotWrite(Exception):
    """The change cannot be sent without sending a secret that was never read. Says which member."""


def _only(pattern: str) -> AfterValidator:
    """A text of this form, and nothing else that a forged file may hold."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise ValueError(f"{value!r} is no request of this program")
        return value

    return AfterValidator(check)


_METHOD = _only("POST|PUT|PATCH|DELETE")
_SEGMENT = _only(r"[\w.:-]*")
"""One segment of a path: a collection's name, or a uuid."""


@dataclass(frozen=True)
class Request:
    """One write as the plan shows it.

    `read` is the content of the object as the plan saw it, None where there must be none: its precondition.
    `makes` is the symbolic reference by which later requests of the plan name the object that this one creates; it
    is resolved when that is there. `_last_modified` is put into a PUT when it is sent, from the read that found the
    object unchanged.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    method: Annotated[str, _METHOD]
    api: Annotated[str, _SEGMENT]
    uuid: Annotated[str, _SEGMENT]
    name: str
    body: Json
    changed: tuple[str, ...] = ()
    read: Json | None = None
    tenant: str = "admin"
    cloud: str = ""
    makes: str = ""

    @property
    def path(self) -> str:
        """`network/dvportgroup-...`, or the collection for a new object and for a singleton."""
        return f"{self.api}/{self.uuid}" if self.uuid and self.api not in SINGLETONS else self.api

    @property
    def shown(self) -> Json:
        """The part of the body that is news: of a PUT, the members that change; of anything else, all of it."""
        if self.method != "PUT":
            return self.body
        was = self.read or {}
        other = (
            key
            for key, value in self.body.items()
            if key not in was or canonical(value) != canonical(was[key])
        )
        news = self.changed if self.read is None else dict.fromkeys((*self.changed, *other))
        return {key: self.body.get(key) for key in news}


def create(  # noqa: PLR0913 -- where it stands
    api: str, name: str, body: Json, *, tenant: str, cloud: str, makes: str
) -> Request:
    """A request that makes a new object."""
    return Request("POST", api, "", name, body, tuple(sorted(body)), tenant=tenant, cloud=cloud, makes=makes)


def amend(api: str, before: Json, after: Json) -> Request | None:
    """The request that makes an object from `before` into `after`; None when they say the same.

    An object that holds a secret is patched, since a PUT would send `<sensitive>` back; any other is put whole, with
    `_last_modified`, so that a stale write is refused. Raises CannotWrite.
    """
    hidden = owned_by_server(api)
    members = [
        key
        for key in sorted({*before, *after})
        if key not in hidden and canonical(before.get(key)) != canonical(after.get(key))
    ]
    if not members:
        return None
    common: dict[str, Any] = {
        "api": api,
        "uuid": str(before.get("uuid", "")),
        "name": str(before.get("name", "")),
        "changed": tuple(members),
        "read": content(api, before),
        "tenant": _scope(before, "tenant_ref") or "admin",
    }
    visible = {key: value for key, value in before.items() if key not in hidden}
    if api in SINGLETONS or holds_secret(visible):
        return Request("PATCH", body=_patch(before, after, members), **common)
    body = {key: copied(value) for key, value in after.items() if key not in hidden}
    return Request("PUT", body=body, **common)


def _scope(obj: Json, member: str) -> str:
    ref = str(obj.get(member, ""))
    return ref.partition("#")[2] or (uuid_of(ref) if ref else "")


def _patch(before: Json, after: Json, members: list[str]) -> Json:
    """One PATCH: `add` merges messages and appends to lists, `replace` replaces whole members [CLIENT].

    A list that only grows is appended to, so that what somebody else adds at the same time stays.
    """
    add: Json = {}
    replace: Json = {}
    delete: Json = {}
    for key in members:
        had, has = before.get(key), after.get(key)
        if holds_secret(had):
            add[key] = _without_secret(key, had, has)
        elif key not in after:
            delete[key] = had
        elif isinstance(has, list) and (new := _appended(had or [], has)):
            add[key] = new
        else:
            replace[key] = has
    if add and replace and not any(isinstance(value, list | dict) for value in replace.values()):
        # Plain values are the same either way, and a request with one operation is what clients are known to send.
        add, replace = {**add, **replace}, {}
    operations = {"add": add, "replace": replace, "delete": delete}
    return {operation: copied(value) for operation, value in operations.items() if value}


def _appended(had: list[Any], has: list[Any]) -> list[Any]:
    """What `has` has after all of `had`; nothing when `had` is not its beginning."""
    if len(has) > len(had) and canonical(has[: len(had)]) == canonical(had):
        return has[len(had) :]
    return []


def _without_secret(path: str, had: Any, has: Any) -> Any:
    """Only what changes in a message that holds a secret. Raises CannotWrite where that cannot be sent alone."""
    if not isinstance(had, dict) or not isinstance(has, dict):
        raise CannotWrite(f"{path} holds a secret, which is never read and so cannot be sent back")
    if gone := sorted(had.keys() - has.keys()):
        raise CannotWrite(f"{path}.{gone[0]} cannot be taken out of a message that holds a secret")
    changed: Json = {}
    for key, value in has.items():
        if key in had and canonical(had[key]) == canonical(value):
            continue
        inner = f"{path}.{key}"
        if key in had and holds_secret(had[key]):
            changed[key] = _without_secret(inner, had[key], value)
        elif isinstance(value, list) and had.get(key) and not _appended(had[key], value):
            raise CannotWrite(f"{inner} is a list beside a secret and cannot be replaced alone")
        else:
            changed[key] = _appended(had[key], value) if isinstance(value, list) and had.get(key) else value
    return changed


def resolved(value: Any, refs: dict[str, str]) -> Any:
    """A body in which the symbolic references of the plan are those of the objects that have been made."""
    if isinstance(value, dict):
        return {key: resolved(inner, refs) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, refs) for inner in value]
    return refs.get(value, value) if isinstance(value, str) else value
