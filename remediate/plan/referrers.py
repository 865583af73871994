"""Referrers: the objects on a Controller that refer to one object, asked for in every tenant that the user may see.

The types that can refer to it are taken from the Controller's own model, see `avi_schema`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

from avi_schema import Reference, load, parse_version
from intent import Unknown
from live.avi.identity import Json, uuid_of
from live.avi.reader import MOST_PAGES
from live.errors import NotFound
from live.kinds import KINDS
from remediate.plan.payload import rows_of
from remediate.plan.request import SINGLETONS


class Ask(Protocol):
    """One GET: (path, parameters) -> the answer. Raises Unknown."""

    def __call__(self, path: str, params: Mapping[str, str], *, tenant: str | None = None) -> Json:
        """The answer; `tenant`: the one that the object at the path is of, where it is one."""
        ...


PAGE = 200
"""Objects a page: the most that a Controller gives [SCHEMA]."""

OBSERVERS = frozenset({"debugcontroller", "debugserviceengine", "debugvirtualservice"})
"""Types whose objects only watch others, as a filter for log messages does, and that lose nothing with them."""

EVERYWHERE = frozenset(
    {*(kind.api for kind in KINDS.values()), "pool", "poolgroup", "serviceengine", "vsvip"}
)
"""Collections that no release lacks any more once it has them [SCHEMA]."""

_WORDS = {"ipamdnsproviderprofile": "profile", "serviceengine": "Service Engine", "vsvip": "VIP"}
_ACRONYMS = frozenset({"dns", "gslb", "http", "icap", "ip", "ipam", "l4", "nat", "pki", "ssl", "vs", "waf"})


def asked_tenant(path: str) -> str | None:
    """The tenant in which to ask who refers to an object: every one, "*", in a collection; else the usual.

    Whoever refers to an object may live in another tenant than the object.
    """
    return None if "/" in path or path in SINGLETONS else "*"


def types_that_refer(api: str, api_version: str) -> dict[str, tuple[Reference, ...]]:
    """The types whose objects can refer to one of this type, each with the members in which they can.

    Empty for objects of vCenter: no object of a Controller refers to one.
    """
    schema = load()
    if api not in schema.types:
        return {}
    every = schema.referrers(api, parse_version(api_version))
    return {
        name: tuple(reference for reference in every if reference.type == name)
        for name in dict.fromkeys(reference.type for reference in every)
        if name not in OBSERVERS
    }


def referrers(
    ask: Ask, api_version: str, api: str, uuid: str, types: Collection[str] | None = None
) -> Iterator[tuple[str, Json]]:
    """(type, object) of everything that refers to an object; `types`: of these types alone.

    A collection that the Controller does not have holds nobody. Raises Unknown where one may not be read, or one that
    every Controller has is answered as if it were not there, as a proxy does.
    """
    for name, references in types_that_refer(api, api_version).items():
        if types is not None and name not in types:
            continue
        try:
            yield from ((name, row) for row in _of_type(ask, name, references, api, uuid))
        except NotFound as why:
            if name in EVERYWHERE:
                raise Unknown(f"{why}; every Controller has it, so this is no answer") from None


def _of_type(ask: Ask, name: str, references: tuple[Reference, ...], api: str, uuid: str) -> Iterator[Json]:
    if name in SINGLETONS:
        row = ask(name, {})
        if (
            not isinstance(row, dict)
            or "error" in row
            or not isinstance(row.get("url", row.get("uuid")), str)
        ):
            raise Unknown(f"{name} answered with no object")
        yield from (row for row in (row,) if _names(row, references, uuid))
    elif any(reference.uuid for reference in references):
        # The Controller's search follows references; a bare uuid in a text is none.
        yield from (row for row in every_row(ask, name) if _names(row, references, uuid))
    else:
        yield from every_row(ask, name, refers_to=f"{api}:{uuid}", fields="name")


def _names(row: Json, references: tuple[Reference, ...], uuid: str) -> bool:
    for reference in references:
        _shaped(row, reference.path, reference.type, str(reference))
    values = (value for reference in references for value in reference.values(row))
    return any(uuid in (value, uuid_of(value)) for value in values)


def _shaped(value: Any, path: tuple[str, ...], api: str, place: str) -> None:
    """Raise Unknown where an object is not of the shape in which it would show its reference."""
    if not path:
        if not isinstance(value, str):
            raise Unknown(f"{api} was not understood: {place} is no reference")
        return
    if not isinstance(value, dict):
        raise Unknown(f"{api} was not understood: {place} stands in no object")
    name = path[0].removesuffix("[]")
    if name in value:
        below = value[name]
        for each in below if isinstance(below, list) else [below]:
            _shaped(each, path[1:], api, place)


def every_row(ask: Ask, api: str, **params: str) -> Iterator[Json]:
    """Every row of a collection that answers to these parameters.

    Raises Unknown, also where its pages have no end: all came that were announced, or none is new on a page, and there
    is to be another one.
    """
    rows, seen = 0, set[str]()
    for number in range(1, MOST_PAGES + 1):
        page = ask(api, {"page_size": str(PAGE), "page": str(number), "include_name": "true", **params})
        results = rows_of(api, page)
        yield from results
        rows, count = rows + len(results), page.get("count")
        if not page.get("next"):
            if type(count) is not int or count != rows:
                raise Unknown(f"{api} answered with {rows} objects and a count of {count!r}")
            return
        new = {str(row.get("uuid") or row) for row in results} - seen
        if not new or (isinstance(count, int) and rows >= count):
            break
        seen |= new
    raise Unknown(f"{api} has pages without end: {rows} objects came, and there is to be another page")


def named(api: str, row: Json) -> str:
    """An object as people call it: `virtual service shop`."""
    name = row.get("name") or row.get("uuid")
    return f"the {word_of(api)}" if api in SINGLETONS else f"{word_of(api)} {name}"


def word_of(api: str) -> str:
    """The word for objects of a type: that of the kind which all of them are, else the type's name in words."""
    kinds = [kind.intent.kind for kind in KINDS.values() if kind.api == api and kind.includes is None]
    if kinds or api in _WORDS:
        return _WORDS.get(api) or kinds[0]
    described = load().types.get(api)
    parts = re.findall(r"[A-Z]+[0-9]*(?![a-z])|[A-Z][a-z0-9]*", described.model) if described else [api]
    return " ".join(part.upper() if part.lower() in _ACRONYMS else part.lower() for part in parts)
