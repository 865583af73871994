"""Reading back: whether an object, read again, shows what a request asked for, and how that has left it."""

from __future__ import annotations

from typing import Any

from intent.plain_data import copied
from live.avi.identity import Json
from remediate.plan.model import Request
from remediate.plan.payload import canonical, contains, content, owned_by_server


def intended(request: Request, have: Json) -> bool:
    """Whether an object read back shows what the request asked for: how a lost answer is decided."""
    if request.method == "PATCH":
        merged: Json = {**request.body.get("replace", {})}
        gone = all(
            canonical(have.get(key)) != canonical(v) for key, v in request.body.get("delete", {}).items()
        )
        return gone and contains(have, merged) and _holds_added(have, request.body.get("add", {}))
    wanted = request.shown if request.method == "PUT" else request.body
    if any(value is None and have.get(key) for key, value in wanted.items()):
        return False  # it was to go, and is there
    hidden = owned_by_server(request.api)
    return contains(have, {k: v for k, v in wanted.items() if k not in hidden and v is not None})


def shows(request: Request, have: Json) -> bool:
    """Whether an object is as the request would leave it: what it asks for is there, with all else that it sends."""
    if request.method != "PUT":
        return intended(request, have)
    return contains(content(request.api, have), content(request.api, request.body))


def _holds_added(have: Any, added: Json) -> bool:
    for key, value in added.items():
        there = have.get(key) if isinstance(have, dict) else None
        if isinstance(value, list):
            known = [canonical(element) for element in there or []]
            if not all(any(contains(element, canonical(new)) for element in known) for new in value):
                return False
        elif isinstance(value, dict):
            if not _holds_added(there, value):
                return False
        elif canonical(there) != canonical(value):
            return False
    return True


_ABSENT: Any = object()


def as_left(request: Request, before: Json, now: Json) -> Json:
    """An object as a write has left it, from before it and from a later look, which may show what others did since.

    Of that look only what was asked for is taken, with what the server has filled in; all else is as before.
    """
    asked = request.body if request.method != "PATCH" else _patched(before, request.body)
    left = {**copied(before), **{key: now[key] for key in owned_by_server(request.api) if key in now}}
    for key in request.changed:
        value = _as_left(before.get(key, _ABSENT), asked.get(key, _ABSENT), now.get(key, _ABSENT))
        left.pop(key, None) if value is _ABSENT else left.update({key: value})
    return left


def _as_left(was: Any, asked: Any, now: Any) -> Any:
    if asked is _ABSENT:
        return now
    if isinstance(was, dict) and isinstance(asked, dict) and isinstance(now, dict):
        keys = [*asked, *(key for key in was if key not in asked and key in now)]
        parts = {
            key: _as_left(was.get(key, _ABSENT), asked.get(key, _ABSENT), now.get(key, _ABSENT))
            for key in keys
        }
        return {key: part for key, part in parts.items() if part is not _ABSENT}
    if isinstance(asked, list) and isinstance(now, list):
        return [next((there for there in now if contains(there, element)), element) for element in asked]
    return now if contains(now, asked) else asked


def _patched(before: Json, operations: Json) -> Json:
    """What a PATCH asks an object to be, by top-level member."""
    members = {**before, **operations.get("replace", {})}
    for key in operations.get("delete", {}):
        members.pop(key, None)
    for key, value in operations.get("add", {}).items():
        members[key] = _added(before.get(key), value)
    return members


def _added(had: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [*(had or []), *value]
    if isinstance(value, dict) and isinstance(had, dict):
        return {**had, **{key: _added(had.get(key), inner) for key, inner in value.items()}}
    return value


def appended_twice(request: Request, have: Json) -> list[str]:
    """The lists to which a PATCH has appended what is there twice now: another run appended it at the same moment."""
    added = request.body.get("add", {}) if request.method == "PATCH" else {}
    lists = {key: canonical(have.get(key)) for key, value in added.items() if isinstance(value, list)}
    return [
        key
        for key, there in lists.items()
        if isinstance(there, list) and any(there.count(element) > 1 for element in canonical(added[key]))
    ]
