"""Effects of requests: what each changes in an object, whether the object, read again, shows that, and how it was left.

By its effects (each leaf, and each element of a list, with its value before and after) the applier compares a step that
was planned anew, since its object has changed, with the step that a person saw. A change beside the planned members
gives the same effects: the step is sent, and the change stays. A change of a planned member itself gives another
effect: the step is not sent before a person has seen it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from intent.plain_data import copied
from live.avi.identity import Json
from remediate.plan import text as show
from remediate.plan.model import Request
from remediate.plan.patch import removed
from remediate.plan.payload import LeafChange, canonical, contains, content, owned_by_server
from remediate.plan.request import resolved


class Effect(NamedTuple):
    """One leaf that becomes another, or one element that comes or goes (then the other side is "")."""

    api: str
    object: str
    path: str
    was: str
    now: str

    def __str__(self) -> str:
        """`buffer_se: 2 -> 0`."""
        was, now = (show.value(json.loads(text)) if text else "(absent)" for text in (self.was, self.now))
        return f"{self.path}: {was} -> {now}"


def unlike(requests: Iterable[Request], shown: Iterable[Request], refs: Mapping[str, str]) -> list[Effect]:
    """What the first requests would change that the second do not, or would change into something else.

    `refs`: by symbolic reference, the object that has been made for it.
    """
    known = {each for request in shown for each in effects(request, refs)}
    return [each for request in requests for each in effects(request, refs) if each not in known]


def effects(request: Request, refs: Mapping[str, str]) -> Iterator[Effect]:
    """Everything that a request changes in the object as the plan saw it."""
    hidden = {*owned_by_server(request.api), "uuid"}
    both = request.read or {}, _outcome(request, request.read or {})
    was, now = ({k: v for k, v in obj.items() if k not in hidden} for obj in both)
    for leaf in _leaves(canonical(resolved(was, dict(refs))), canonical(resolved(now, dict(refs))), ""):
        yield Effect(request.api, request.uuid or request.name, *leaf)


def _leaves(was: Any, now: Any, path: str) -> Iterator[LeafChange]:
    """Every leaf that becomes another, both sides as JSON text; "" for what is absent."""
    if was == now and type(was) is type(now):
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            yield from _leaves(was.get(key), now.get(key), f"{path}.{key}" if path else key)
        return
    if isinstance(was, list) and isinstance(now, list):
        former, latter = Counter(map(_text, was)), Counter(map(_text, now))
        # Where one that stood twice stands once, nothing is gone.
        yield from (
            LeafChange(path, element, "") for element in (former - latter).elements() if element not in latter
        )
        yield from (LeafChange(path, "", element) for element in (latter - former).elements())
        if former == latter:
            yield LeafChange(path, _text(was), _text(now))  # the order alone
        return
    yield LeafChange(path, _text(was), _text(now))


def _text(value: Any) -> str:
    return "" if value is None else json.dumps(value, sort_keys=True)


def intended(request: Request, have: Json) -> bool:
    """Whether an object read back shows what the request asked for: how a lost answer is decided."""
    if request.method == "PATCH":
        merged: Json = {**request.body.get("replace", {})}
        gone = not any(_is_at(have, place) for place in removed(request.body)) and all(
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
            known = [canonical(element) for element in (there if isinstance(there, list) else ())]
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
    asked = _outcome(request, before)
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


def _outcome(request: Request, before: Json) -> Json:
    """What a request asks an object to be, by top-level member."""
    if request.method != "PATCH":
        return request.body
    members = {**before, **request.body.get("replace", {})}
    for key in request.body.get("delete", {}):
        members.pop(key, None)
    for key, value in request.body.get("add", {}).items():
        members[key] = _added(before.get(key), value)
    for place in removed(request.body):
        members = _without(members, place)
    return members


def _is_at(obj: Any, place: list[str]) -> bool:
    """Whether there is something at a place."""
    for member in place:
        if not isinstance(obj, dict) or member not in obj:
            return False
        obj = obj[member]
    return True


def _without(obj: Json, place: list[str]) -> Json:
    """A message without what stands at a place."""
    first, *rest = place or [""]
    if not rest:
        return {key: value for key, value in obj.items() if key != first}
    inner = obj.get(first)
    return {**obj, first: _without(inner, rest)} if isinstance(inner, dict) else obj


def _added(had: Any, value: Any) -> Any:
    if isinstance(value, list) and isinstance(had, list):
        return [*had, *value]
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
