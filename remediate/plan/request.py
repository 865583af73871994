"""Requests: a live object with only its drifted paths as declared, and the smallest write that makes it so.

What drifted is decided by the checks that ran, so a narrow selection never writes more than it looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from avi_schema import Message, load
from intent import ConfigObject, Declared, Drift, Intent, Keyed, Unknown, Unordered, field_of
from intent.drift import Unread, plain
from intent.plain_data import copied
from live.avi.identity import Json, Names, split_ref, uuid_of
from live.kinds import Kind
from live.kinds.objects import ObjectKind
from remediate.plan.model import SINGLETONS, Request
from remediate.plan.patch import CannotWrite, patch
from remediate.plan.payload import canonical, content, holds_secret, owned_by_server, refusals

Part = tuple[str, str | None]
"""A field, and the key of the element in it that is meant; None for the whole field."""


class NoCounterpart(LookupError):
    """A drifted field is not a member of this object, so nothing can be merged onto it."""


def parts(path: str) -> tuple[Part, ...]:
    """`subnets[10.10.25.0/24].pools` -> (("subnets", "10.10.25.0/24"), ("pools", None))."""
    parted: list[Part] = []
    rest = path
    while rest:
        head = rest[: min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))]
        rest = rest[len(head) :]
        key: str | None = None
        if rest.startswith("["):
            end = _closing(rest)
            key, rest = rest[1:end], rest[end + 1 :]
        parted.append((head, key))
        rest = rest.removeprefix(".")
    return tuple(parted)


def _closing(text: str) -> int:
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if not depth:
            return at
    raise ValueError(f"unbalanced brackets in {text!r}")


def merged(kind: Kind, raw: Json, want: Intent, drifts: Iterable[Drift], names: Names) -> Json:
    """A copy of the raw object with only the drifted paths as declared.

    Raises Blocked when a name it must refer to is absent or ambiguous, Unknown when it was not read, and
    NoCounterpart when a path is not stored in this object.
    """
    if isinstance(kind, ObjectKind) and isinstance(want, ConfigObject):
        return kind.merged(want, raw, drifts, names)
    target: Json = copied(raw)
    names = kind.around(want, names)
    have = kind.counterpart(want, raw, names)
    for root, paths in _by_leaf(kind, drifts).items():
        leaf = kind.leaves[root]
        if leaf.put is None:
            raise NoCounterpart(root)
        merged: Any = have
        for path in paths:
            merged = _merge(merged, want, parts(path))
        leaf.put(target, member_of(merged, root), names)
    return target


def _by_leaf(kind: Kind, drifts: Iterable[Drift]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for drift in drifts:
        try:
            root, _ = kind.leaf(field_of(drift.path))
        except KeyError:
            raise NoCounterpart(drift.path) from None
        paths.setdefault(root, []).append(drift.path)
    # The table's order, so that one leaf may build on another (the services on the network profile).
    return {root: paths[root] for root in kind.leaves if root in paths}


def member_of(part: Any, path: str) -> Any:
    """A member at a path of nested models; None when any of them is unset."""
    for name in path.split("."):
        part = None if part is None else getattr(part, name, None)
    return part


def _merge(have: Declared | None, want: Declared, path: Sequence[Part]) -> Declared:
    """The live part with one path of the declared part in it. Raises Unknown where it could not be told."""
    (name, key), rest = path[0], path[1:]
    declared, live = getattr(want, name), getattr(have, name, None)
    if isinstance(live, Unread):
        raise Unknown(live.why)
    marker = want.marker(name)
    value: Any
    if key is not None and isinstance(marker, Keyed):
        value = _element(live or (), declared, marker, key, rest)
    elif key is not None:  # one that a list which means a set must not have
        value = tuple(element for element in live or () if str(element) != key or element in declared)
    elif rest:
        value = _merge(live, declared, rest)
    elif isinstance(marker, Keyed):
        value = tuple(_exactly(live or (), declared, marker))
    elif isinstance(marker, Unordered) and not marker.exact:
        value = tuple(with_declared(live or (), declared))
    else:
        value = declared
    if have is None:
        return type(want).model_construct(**{name: value})
    return have.model_copy(update={name: value})


def with_declared(live: Sequence[Any], declared: Sequence[Any]) -> list[Any]:
    """A list that means a set and may hold what others added: each declared element once, all others as they are."""
    kept = [element for at, element in enumerate(live) if element not in declared or element not in live[:at]]
    return [*kept, *(element for element in declared if element not in live)]


def _key_of(element: Any, marker: Keyed) -> str:
    return str(plain(getattr(element, marker.by)))


def _element(
    elements: Sequence[Any], wanted: Sequence[Any], marker: Keyed, key: str, rest: Sequence[Part]
) -> tuple[Any, ...]:
    """A keyed list in which one element is as declared, or one path of it; one that is not declared goes."""
    declared = next((element for element in wanted if _key_of(element, marker) == key), None)
    if declared is None:
        return tuple(element for element in elements if _key_of(element, marker) != key)
    if not any(_key_of(element, marker) == key for element in elements):
        return (*elements, declared)
    return tuple(
        element if _key_of(element, marker) != key else _merge(element, declared, rest) if rest else declared
        for element in elements
    )


def _exactly(elements: Sequence[Any], wanted: Sequence[Any], marker: Keyed) -> Iterator[Any]:
    """The elements of an exact list: those that are there keep their members, the rest come and go."""
    there = {_key_of(element, marker): element for element in elements}
    declared = {_key_of(element, marker): element for element in wanted}
    yield from (element for key, element in there.items() if key in declared or not marker.exact)
    yield from (element for key, element in declared.items() if key not in there)


def create(  # noqa: PLR0913 -- where it stands
    api: str, name: str, body: Json, *, tenant: str, cloud: str, makes: str
) -> Request:
    """A request that makes a new object."""
    return Request("POST", api, "", name, body, tuple(sorted(body)), tenant=tenant, cloud=cloud, makes=makes)


def amend(api: str, before: Json, after: Json) -> Request | None:
    """The request that makes an object from `before` into `after`; None when they say the same.

    An object that holds a secret is patched, since a PUT would send `<sensitive>` back; any other is put whole, with
    `_last_modified`, so that a stale write is refused. Raises CannotWrite, also for a list that would
    grow beyond what a Controller takes, and a message set again without the secret that it needs.
    """
    hidden = owned_by_server(api)
    members = [
        key
        for key in sorted({*before, *after})
        if key not in hidden and canonical(before.get(key)) != canonical(after.get(key))
    ]
    if not members:
        return None
    kind = load().types.get(api)
    if kind and (why := next(refusals(kind.message, {key: after.get(key) for key in members}, before), "")):
        raise CannotWrite(why)
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
        return Request("PATCH", body=patch(before, after, members), **common)
    body = {key: copied(value) for key, value in after.items() if key not in hidden}
    if kind and (why := next(_astray(kind.message, body, _host(before.get("url"))), "")):
        raise CannotWrite(f"{why}; it would be put back as it was read")
    return Request("PUT", body=body, **common)


def _astray(message: Message, obj: Json, host: str, place: str = "") -> Iterator[str]:
    """The references of an object that no Controller gives: to another type than the schema's, or on another host."""
    for name, value in obj.items():
        field = message.fields.get(name)
        for each in value if isinstance(value, list) else [value]:
            if field and field.kind == "ref" and isinstance(each, str) and "/api/" in each:
                if (api := split_ref(each).api.partition("?")[0]) != field.ref:
                    yield f"{place}{name} leads to {api or 'nothing'}, where a {field.ref} belongs"
                elif host and _host(each) not in ("", host):
                    yield f"{place}{name} leads to another host than the object's, {_host(each)}"
            elif field and field.message and isinstance(each, dict):
                yield from _astray(load().message(field.message), each, host, f"{place}{name}.")


def _host(ref: Any) -> str:
    return str(ref or "").partition("/api/")[0].lower()


def _scope(obj: Json, member: str) -> str:
    ref = str(obj.get(member, ""))
    return ref.partition("#")[2] or (uuid_of(ref) if ref else "")


def resolved(value: Any, refs: dict[str, str]) -> Any:
    """A body in which the symbolic references of the plan are those of the objects that have been made."""
    if isinstance(value, dict):
        return {key: resolved(inner, refs) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, refs) for inner in value]
    return refs.get(value, value) if isinstance(value, str) else value
