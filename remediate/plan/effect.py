"""Effects of requests: each leaf, and each element of a list, that a request changes, with its value before and after.

The applier compares by them a step that was planned anew, since its object has changed, with the step that a person
saw. A change beside the planned members gives the same effects: the step is sent, and the change stays. A change of a
planned member itself gives another effect: the step is not sent before a person has seen it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from live.avi.identity import Json
from remediate.plan import text as show
from remediate.plan.model import Request
from remediate.plan.payload import canonical, owned_by_server
from remediate.plan.request import resolved


class Edit(NamedTuple):
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


def unlike(requests: Iterable[Request], shown: Iterable[Request], refs: Mapping[str, str]) -> list[Edit]:
    """What the first requests would change that the second do not, or would change into something else.

    `refs`: by symbolic reference, the object that has been made for it.
    """
    known = {edit for request in shown for edit in effect(request, refs)}
    return [edit for request in requests for edit in effect(request, refs) if edit not in known]


def effect(request: Request, refs: Mapping[str, str]) -> Iterator[Edit]:
    """Everything that a request changes in the object as the plan saw it."""
    hidden = {*owned_by_server(request.api), "uuid"}
    was, now = (
        {k: v for k, v in obj.items() if k not in hidden} for obj in (request.read or {}, outcome(request))
    )
    for path, before, after in _edits(
        canonical(resolved(was, dict(refs))), canonical(resolved(now, dict(refs))), ""
    ):
        yield Edit(request.api, request.uuid or request.name, path, before, after)


def outcome(request: Request) -> Json:
    """The object as the request would leave it."""
    if request.method != "PATCH":
        return request.body
    after: Json = dict(request.read or {})
    _add(after, request.body.get("add", {}))
    after.update(request.body.get("replace", {}))
    return {key: value for key, value in after.items() if key not in request.body.get("delete", {})}


def _add(target: Json, added: Json) -> None:
    for key, value in added.items():
        there = target.get(key)
        if isinstance(there, list) and isinstance(value, list):
            target[key] = [*there, *value]
        elif isinstance(there, dict) and isinstance(value, dict):
            target[key] = dict(there)
            _add(target[key], value)
        else:
            target[key] = value


def _edits(was: Any, now: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if was == now and type(was) is type(now):
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            yield from _edits(was.get(key), now.get(key), f"{path}.{key}" if path else key)
        return
    if isinstance(was, list) and isinstance(now, list):
        former, latter = Counter(map(_text, was)), Counter(map(_text, now))
        # Where one that stood twice stands once, nothing is gone.
        yield from ((path, element, "") for element in (former - latter).elements() if element not in latter)
        yield from ((path, "", element) for element in (latter - former).elements())
        if former == latter:
            yield path, _text(was), _text(now)  # the order alone
        return
    yield path, _text(was), _text(now)


def _text(value: Any) -> str:
    return "" if value is None else json.dumps(value, sort_keys=True)
