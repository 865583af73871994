"""PATCH of an object: applies add, replace, delete and json_patch as clients send them."""

from __future__ import annotations

import copy
from typing import Any

from avi_schema import MISSING, Message, Schema, Version
from lab.objects import Json, Refused

OPERATIONS = frozenset({"add", "replace", "delete", "remove", "json_patch"})
KEYS: tuple[tuple[str, ...], ...] = (
    ("route_id",),
    ("vip_id",),
    ("ip", "port"),
    ("key",),
    ("resource",),
    ("pool_ref",),
    ("nw_ref",),
    ("network_ref",),
    ("prefix",),
    ("port",),
    ("fqdn",),
    ("domain_name",),
    ("index",),
    ("peer_ip",),
    ("uuid",),
    ("name",),
)
"""By which members an element of a list is the same again: the first of which both have the first [INF beyond DOC]."""


def patched(body: Json, patch: Json, schema: Schema, kind: str, version: Version) -> Json:
    """The body after a patch, as a new one. Raises Refused (400) for an operation that cannot be done.

    `add` adds to lists what is not in them, brings up to date what is, and merges messages, `replace` replaces the
    members given, `delete` and `remove` take out what is named [CLIENT], which sets a member with a default back to
    it [DOC]; several operations apply in the order of the request [INF].
    """
    message = schema.types[kind].message
    if not patch or not patch.keys() <= OPERATIONS:
        unknown = ", ".join(sorted(patch.keys() - OPERATIONS)) or "none"
        raise Refused(400, f"Invalid patch operation: {unknown[:80]}")
    body = copy.deepcopy(body)
    for operation, value in patch.items():
        if operation == "json_patch":
            for step in value if isinstance(value, list) else [value]:
                body = _json_patch(body, step)
            continue
        if not isinstance(value, dict):
            raise Refused(400, f"Patch {operation} takes an object")
        if operation == "add":
            _add(body, value)
        elif operation == "replace":
            body |= copy.deepcopy(value)
        else:
            _delete(body, value)
            _set_back(body, value, message, version)
    return body


def _set_back(body: Json, value: Json, message: Message, version: Version) -> None:
    """Give required members that a delete took away their default again, where they have one."""
    for key in value.keys() - body.keys():
        field = message.fields.get(key)
        if field is not None and field.required_at(version) and (field.default_at(version) is not MISSING):
            body[key] = field.default_at(version)


def _join(known: list[Any], more: list[Any]) -> None:
    """Add to a list what is not in it; an element of the same key takes the members given."""
    for each in more:
        same = next((at for at, item in enumerate(known) if is_again(item, each)), None)
        if same is None:
            known.append(copy.deepcopy(each))
        elif isinstance(each, dict):
            known[same] = known[same] | copy.deepcopy(each)


def is_again(item: Any, each: Any) -> bool:
    """Whether an element of a list is another one again: equal, or a message of the same key."""
    if not isinstance(item, dict) or not isinstance(each, dict):
        return bool(_bare(item) == _bare(each))
    if item == each:
        return True
    keys = next((keys for keys in KEYS if keys[0] in item and keys[0] in each), ())
    return bool(keys) and all(_bare(item.get(key)) == _bare(each.get(key)) for key in keys)


def _bare(value: Any) -> Any:
    """A value without the name behind a reference, and addresses without what else is said of them."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items()}
    return value.partition("#")[0] if isinstance(value, str) and "/api/" in value else value


def _add(into: Json, value: Json) -> None:
    for key, each in value.items():
        known = into.get(key)
        if isinstance(known, list):
            _join(known, each if isinstance(each, list) else [each])
        elif isinstance(known, dict) and isinstance(each, dict):
            _add(known, each)
        else:
            into[key] = copy.deepcopy(each)


def _delete(out_of: Json, value: Json) -> None:
    for key, each in value.items():
        known = out_of.get(key)
        if isinstance(known, list) and each not in (None, "", {}, []):
            gone = each if isinstance(each, list) else [each]
            out_of[key] = [item for item in known if not any(_means(item, wanted) for wanted in gone)]
        elif isinstance(known, dict) and isinstance(each, dict) and each:
            _delete(known, each)
        else:
            out_of.pop(key, None)


def _means(item: Any, wanted: Any) -> bool:
    """Whether a list's item is the one to delete: equal, or a message with all the members given [INF]."""
    if isinstance(item, dict) and isinstance(wanted, dict):
        return bool(wanted) and all(key in item and _means(item[key], each) for key, each in wanted.items())
    return bool(item == wanted)


def _json_patch(body: Json, step: Any) -> Json:
    """One operation of a json_patch: RFC 6902, except that `add` to a list appends as the official sample does."""
    if (
        not isinstance(step, dict)
        or not isinstance(step.get("path"), str)
        or not isinstance(step.get("op"), str)
    ):
        raise Refused(400, "json_patch takes objects with op and path")
    operation, value = step["op"], copy.deepcopy(step.get("value"))
    keys = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
    if not keys:
        raise Refused(400, "json_patch path is empty")
    if operation in ("move", "copy"):
        if not isinstance(step.get("from"), str):
            raise Refused(400, f"json_patch {operation} takes a from")
        source = [part.replace("~1", "/").replace("~0", "~") for part in step["from"].split("/")[1:]]
        if not source:
            raise Refused(400, "json_patch from is empty")
        value = copy.deepcopy(_at(body, source))
        if operation == "move":
            _apply(_at(body, source[:-1]), source[-1], "remove", None)
        operation = "add"
    if operation not in ("add", "replace", "remove", "test"):
        raise Refused(400, f"json_patch has no operation {operation[:20]}")
    _apply(_at(body, keys[:-1]), keys[-1], operation, value)
    return body


def _at(body: Any, keys: list[str]) -> Any:
    found = body
    for key in keys:
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(found):
            found = found[int(key[:9])]
        else:
            raise Refused(400, f"json_patch path member {key[:60]} does not exist")
    return found


def _apply(box: Any, key: str, operation: str, value: Any) -> None:
    if isinstance(box, list):
        _apply_item(box, key, operation, value)
        return
    if not isinstance(box, dict) or (operation != "add" and key not in box):
        raise Refused(400, f"json_patch path member {key[:60]} does not exist")
    if operation == "remove":
        del box[key]
    elif operation == "test":
        if box[key] != value:
            raise Refused(400, f"json_patch test of {key[:60]} failed")
    elif operation == "add" and isinstance(box.get(key), list):
        box[key].extend(value if isinstance(value, list) else [value])
    else:
        box[key] = value


def _apply_item(box: list[Any], key: str, operation: str, value: Any) -> None:
    if operation == "add" and key == "-":
        box.append(value)
        return
    at = int(key[:9]) if key.isascii() and key.isdigit() else -1
    if not 0 <= at < len(box) + (operation == "add"):
        raise Refused(400, f"json_patch path member {key[:60]} does not exist")
    if operation == "add":
        box.insert(at, value)
    elif operation == "remove":
        del box[at]
    elif operation == "replace":
        box[at] = value
    elif box[at] != value:
        raise Refused(400, f"json_patch test of {key[:60]} failed")
