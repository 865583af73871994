"""Query parameters of a list: filters, order and pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from avi_schema import Type
from lab.controller.messages import Request
from lab.lazy_rows import Rows
from lab.objects import Json, Object, Refused
from lab.store import Store

PAGE = 25
LARGEST = 200
Test = Callable[["Row"], bool]
T = TypeVar("T")
SPECIAL = frozenset(
    {
        "exclude", "export_key", "fields", "include_name", "include_refs", "join_subresources", "label_key",
        "label_value", "limit_by", "metric_id", "page", "page_size", "refers_to", "referred_by", "search", "isearch",
        "skip_default", "sort", "step", "limit",
    }
)  # fmt: skip
PASSIVE = SPECIAL - {"exclude", "label_key", "label_value", "limit_by", "sort"}
PASSIVE -= {"refers_to", "referred_by", "search", "isearch"}
"""Parameters that leave a list as long and in the order it is."""
OPERATORS = ("in", "contains", "icontains", "startswith", "istartswith", "name", "uuid")

ASIDE = {"cloud_uuid": ("cloud_ref", "uuid"), "cloud": ("cloud_ref", "name")}
"""Filters by another name: `cloud_uuid` [SCHEMA]; `cloud` is what the Go SDK, and so Terraform, asks by [CLIENT]."""


@dataclass(slots=True)
class Row:
    """What filters look at: a body with canonical references, and its object where it is one."""

    body: Json
    obj: Object | None
    uuid: str

    @property
    def members(self) -> Json:
        """Where a filter finds its member: inventories keep the configuration under `config`."""
        config = self.body.get("config")
        return config if self.obj is None and isinstance(config, dict) else self.body


def objects(store: Store, kind: Type, request: Request, found: list[Object]) -> list[Object]:
    """Filter and sort objects as the query asks. Raises Refused as `select`."""
    if request.asked.keys() <= PASSIVE:
        return found
    rows = select(store, kind, request, [Row(each.body, each, each.uuid) for each in found])
    return [row.obj for row in rows if row.obj is not None]


def bodies(store: Store, kind: Type | None, request: Request, found: Sequence[Json]) -> Sequence[Json]:
    """Filter and sort rows of an inventory as the query asks. Raises Refused as `select`."""
    if request.asked.keys() <= PASSIVE:
        return found
    if isinstance(found, Rows):
        rows = select(store, kind, request, [Row(each.body, each, each.uuid) for each in found.objects])
        return found.of(row.obj for row in rows if row.obj is not None)
    rows = select(store, kind, request, [Row(each, None, str(each.get("uuid", ""))) for each in found])
    return [row.body for row in rows]


def select(store: Store, kind: Type | None, request: Request, rows: list[Row]) -> list[Row]:
    """Filter and sort rows as the query asks. Unknown parameters are ignored [INF].

    Raises Refused (400) for a malformed search, refers_to or referred_by.
    """
    inverted = {part.strip() for part in request.asked.get("exclude", "").split(",")}
    for key, value in request.asked.items():
        if (test := _test(store, kind, key, value)) is not None:
            rows = [row for row in rows if test(row) is (key not in inverted)]
    rows = _labelled(request, rows)
    if order := request.asked.get("sort"):
        rows = _sorted(rows, order)
    if (limit := request.asked.get("limit_by")) and limit.isdigit():
        rows = rows[: int(limit)]
    return rows


def page(request: Request, rows: Sequence[T]) -> tuple[Sequence[T], str | None]:
    """The page asked for and the absolute url of the following one, None on the last [REC].

    A page_size above 200 counts as 200: the official samples send 1000 [CLIENT], the server's answer is [INF].
    Raises Refused (400) for a page or page_size that is no positive number [INF].
    """
    size = min(_positive(request, "page_size", PAGE), LARGEST)
    number = _positive(request, "page", 1)
    found = rows[(number - 1) * size : number * size]
    if number * size >= len(rows):
        return found, None
    pairs = [(key, value) for key, value in request.query if key != "page"]
    return found, f"{request.base}{request.path}?{urlencode([*pairs, ('page', str(number + 1))])}"


def _positive(request: Request, name: str, default: int) -> int:
    text = request.asked.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise Refused(400, f"Invalid {name} {text[:20]}")
    return int(text[:9])


def _test(store: Store, kind: Type | None, key: str, value: str) -> Test | None:
    if key == "refers_to":
        wanted = {each.ref for each in store.referrers(_object(store, key, value))}
        return lambda row: row.obj is not None and row.obj.ref in wanted
    if key == "referred_by":
        wanted = {each.ref for each in store.references(_object(store, key, value))}
        return lambda row: row.obj is not None and row.obj.ref in wanted
    if key in ("search", "isearch"):
        return _search(value, fold=key == "isearch")
    if key in SPECIAL:
        return None
    member, dot, operator = key.rpartition(".")
    if not dot or operator not in OPERATORS:
        member, operator = key, ""
    return _member_test(store, kind, member, operator, value)


def _member_test(store: Store, kind: Type | None, member: str, operator: str, value: str) -> Test | None:
    if member == "uuid":
        wanted = {each.strip() for each in value.split(",")} if operator == "in" else {value}
        return lambda row: row.uuid in wanted
    if member in ASIDE:
        member, operator = ASIDE[member]
    if kind is not None and member not in kind.message.fields:
        return None
    if member.endswith(("_ref", "_refs")) or operator in ("name", "uuid"):
        return _ref_test(store, member, operator, value)
    return lambda row: any(_matches(each, operator, value) for each in _values(row.members.get(member)))


def _ref_test(store: Store, member: str, operator: str, value: str) -> Test:
    def meant(ref: str) -> bool:
        kind_uuid = ref.partition("#")[0]
        uuid = kind_uuid.rpartition("/")[2]
        if operator == "name":
            target = store.at(kind_uuid)
            return target is not None and target.name == value
        return uuid == value or (not operator and value.partition("#")[0].rpartition("/")[2] == uuid)

    return lambda row: any(meant(str(each)) for each in _values(row.members.get(member)))


def _values(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _matches(found: Any, operator: str, value: str) -> bool:
    """`name=` is exact and case-sensitive [INF]; `.in`, `.contains` and `.icontains` [SCHEMA]."""
    text = _text(found)
    if not operator:
        return text == (value.lower() if isinstance(found, bool) else value)
    if operator == "in":
        return text in [each.strip() for each in value.split(",")]
    if operator.startswith("i"):
        text, value, operator = text.lower(), value.lower(), operator.removeprefix("i")
    return text.startswith(value) if operator == "startswith" else value in text


def _search(asked: str, *, fold: bool) -> Test:
    """`(field,value)|(field,value)` or a bare value sought in every member [SCHEMA]."""

    def folded(text: str) -> str:
        return text.lower() if fold else text

    pairs = re.findall(r"\(([^,()]+),([^()]*)\)", asked)
    if not pairs and asked.startswith("("):
        raise Refused(400, "Invalid search filter")
    if not pairs:
        return lambda row: any(folded(asked) in folded(text) for text in _leaves(row.body))
    return lambda row: any(
        folded(value.strip()) in folded(text)
        for name, value in pairs
        for text in _leaves(row.members.get(name.strip()))
    )


def _leaves(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield _text(value)


def _object(store: Store, key: str, asked: str) -> Object:
    kind, colon, uuid = asked.partition(":")
    if not colon:
        raise Refused(400, f"Invalid {key}: <type>:<uuid> expected")
    found = store.get(kind.lower(), uuid)
    if found is None:
        raise Refused(400, f"{kind} object not found!")
    return found


def _labelled(request: Request, rows: list[Row]) -> list[Row]:
    """`label_key` and `label_value` look into markers, and into labels of older models [CLIENT]."""
    key, value = request.asked.get("label_key"), request.asked.get("label_value")
    if key is None and value is None:
        return rows

    def labelled(row: Row) -> bool:
        for each in [*_values(row.body.get("markers")), *_values(row.body.get("labels"))]:
            if isinstance(each, dict) and key in (None, each.get("key")):
                values = [*_values(each.get("values")), *_values(each.get("value"))]
                if value is None or value in values:
                    return True
        return False

    return [row for row in rows if labelled(row)]


def _sorted(rows: list[Row], order: str) -> list[Row]:
    for member in reversed(order.split(",")):
        name = member.strip().removeprefix("-")

        def rank(row: Row, name: str = name) -> tuple[int, float, str]:
            value = row.uuid if name == "uuid" else row.members.get(name)
            if isinstance(value, int | float):
                return 1, float(value), ""
            return (0, 0.0, "") if value is None else (2, 0.0, _text(value))

        rows = sorted(rows, key=rank, reverse=member.strip().startswith("-"))
    return rows
