"""PATCHes: what is sent of an object that is not put whole, and which messages and members that takes out."""

from __future__ import annotations

from typing import Any

from intent.plain_data import copied
from live.avi.identity import Json
from remediate.plan.payload import canonical, holds_secret


class CannotWrite(Exception):
    """The change cannot be sent without sending a secret that was never read. Says which member."""


def patch(before: Json, after: Json, members: list[str]) -> Json:
    """One PATCH: `add` merges messages and appends to lists, `replace` replaces whole members [CLIENT].

    A list that only grows is appended to, so that what somebody else adds at the same time stays. A message, and a
    member beside a secret, goes by a `json_patch`: `delete` leaves a message with its defaults [INF].
    """
    add: Json = {}
    replace: Json = {}
    delete: Json = {}
    remove: list[str] = []
    for key in members:
        had, has = before.get(key), after.get(key)
        if holds_secret(had):
            if changed := _without_secret(key, had, has, remove):
                add[key] = changed
        elif key not in after and isinstance(had, dict):
            remove.append(key)
        elif key not in after:
            delete[key] = had
        elif isinstance(has, list) and (new := _appended(had, has)):
            add[key] = new
        else:
            replace[key] = has
    if add and replace and not any(isinstance(value, list | dict) for value in replace.values()):
        # Plain values are the same either way, and a request with one operation is what clients are known to send.
        add, replace = {**add, **replace}, {}
    steps = [{"op": "remove", "path": f"/{place.replace('.', '/')}"} for place in remove]
    operations = {"add": add, "replace": replace, "delete": delete, "json_patch": steps}
    return {operation: copied(value) for operation, value in operations.items() if value}


def _appended(had: Any, has: list[Any]) -> list[Any]:
    """What `has` has after all of `had`; nothing when `had` is not its beginning."""
    former = had or []
    if isinstance(former, list) and canonical(has[: len(former)]) == canonical(former):
        return has[len(former) :]
    return []


def _without_secret(path: str, had: Any, has: Any, remove: list[str]) -> Any:
    """Only what changes in a message that holds a secret; to `remove`, the places of what goes.

    Raises CannotWrite where that cannot be sent alone.
    """
    if not isinstance(had, dict) or not isinstance(has, dict):
        raise CannotWrite(f"{path} holds a secret, which is never read and so cannot be sent back")
    for key in sorted(had.keys() - has.keys()):
        if holds_secret(had[key]):
            raise CannotWrite(f"{path}.{key} holds a secret, which could not be written again")
        remove.append(f"{path}.{key}")
    changed: Json = {}
    for key, value in has.items():
        if key in had and canonical(had[key]) == canonical(value):
            continue
        inner = f"{path}.{key}"
        if holds_secret(had.get(key)) or (isinstance(had.get(key), dict) and isinstance(value, dict)):
            if inside := _without_secret(inner, had[key], value, remove):
                changed[key] = inside
        elif isinstance(value, list) and had.get(key) and not _appended(had[key], value):
            raise CannotWrite(f"{inner} is a list beside a secret and cannot be replaced alone")
        else:
            changed[key] = _appended(had[key], value) if isinstance(value, list) and had.get(key) else value
    return changed


def is_operation(operation: tuple[str, Any]) -> bool:
    """Whether a part of a PATCH is one that is sent: members, or messages that go."""
    name, value = operation
    if name != "json_patch":
        return isinstance(value, dict)
    return isinstance(value, list) and all(
        isinstance(each, dict)
        and each.keys() == {"op", "path"}
        and each["op"] == "remove"
        and isinstance(each["path"], str)
        for each in value
    )


def removed(body: Json) -> list[list[str]]:
    """The places that a PATCH takes out whole, each as the members on the way to it."""
    steps = body.get("json_patch", [])
    return [str(step.get("path")).split("/")[1:] for step in steps if isinstance(step, dict)]
