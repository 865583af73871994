"""Shapes of a Controller's answers: the one door through which its JSON comes in, held against the schema.

Only the members that this program reads are looked at (`read_members`); what is newer than the schema, or not read, is
kept as it is. An object of another shape is there, under its name, but nothing else of it can be read: it is `Unclear`,
and whoever looks into it gets Unknown with the place. Where it cannot even be told which object it is, the answer as a
whole is not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import Any, NoReturn

import avi_schema
from avi_schema import Field
from intent import Unknown
from intent.plain_data import shown
from intent.sensitive import scrub
from live.avi.http_answers import flaws, without_flaws
from live.avi.identity import Json, split_ref, uuid_of
from live.avi.read_members import EITHER, members_of

IDENTITY = ("uuid", "name", "tenant_ref", "cloud_ref")
"""The members by which an object is told from others."""
READABLE = frozenset({*IDENTITY, "url", "_last_modified"})
"""The members of an unclear object that can be read all the same."""

Check = Callable[[Any], str]
"""What is not of its shape, from the value's place on: `[0].mask is null, a whole number is expected`; "" for none."""


class NotUnderstood(ValueError):
    """An answer cannot be taken apart into objects, or is not the object that was asked for. Says why."""


class Unclear(dict[str, Any]):
    """An object that is not of its type's shape: only who it is can be read, all else raises Unknown with `why`.

    `raw` is all of it, without secrets.
    """

    def __init__(self, api: str, row: Json, why: str) -> None:
        self.raw: Json = scrub(without_flaws(row))
        self.why = why
        super().__init__((name, self.raw[name]) for name in READABLE if type(self.raw.get(name)) is str)
        self._object = f"{api} {row.get('name') or row.get('uuid') or ''}".strip()

    def _refuse(self) -> NoReturn:
        raise Unknown(f"{self._object} was not understood: {self.why}")

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name) if super().__contains__(name) else self._refuse()

    def get(self, name: str, default: Any = None) -> Any:
        """A member that says who it is. Raises Unknown for any other."""
        return super().get(name, default) if name in READABLE else self._refuse()

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) if name in READABLE else self._refuse()

    def __iter__(self) -> Iterator[str]:
        self._refuse()

    def keys(self) -> Any:
        """Raise Unknown: nobody knows all of its members."""
        self._refuse()

    values = items = copy = keys
    __copy__ = keys

    def __deepcopy__(self, memo: object) -> Any:
        return self  # nobody can change it

    def __or__(self, other: object) -> Any:
        self._refuse()

    __ror__ = __or__


def admitted(path: str, answer: Json, *, partial: bool = False, flawed: bool = False) -> Json:
    """The answer to a GET of this path (or to a write), its objects held against the schema.

    `partial`: only some members were asked for. `flawed`: its text said what JSON data cannot hold, see
    `http_answers`. Raises NotUnderstood; Unknown where one object was asked for and is not of its shape.
    """
    api, _, uuid = path.partition("/")
    if path in _OTHER:
        why = _unplaced(path, answer, partial=True) or _OTHER[path](answer)
        return _clear(path, answer, why, flawed=flawed)
    kind = avi_schema.load().types.get(api)
    if isinstance(answer.get("results"), list) and not uuid:
        if word := next(filter(answer.get, ("errors", "detail", "message", "reason")), ""):
            raise NotUnderstood(f"{path} was answered with {word!r} beside a list of objects")
        return _page(api, answer, partial=partial, flawed=flawed)
    if "/" in uuid or kind is None or bool(uuid) == kind.singleton:
        return _clear(path, answer, "", flawed=flawed)  # what it must hold, says who asks for it
    if "error" in answer and "error" not in kind.message.fields:
        raise NotUnderstood(f"{path} was answered with an error in place of the object")
    if "results" in answer or (uuid and answer.get("uuid") != uuid):
        raise NotUnderstood(f"{path} was answered with another object, or none")
    if why := _unplaced(api, answer, partial=partial):
        raise NotUnderstood(f"{path} was not understood: {why}")
    return _clear(f"{api} {answer.get('name', '')}".strip(), answer, _shape(api)(answer), flawed=flawed)


def written(answer: Json, *, flawed: bool) -> Json:
    """The answer to a write; {} where it says what JSON data cannot hold, so that the object is read back."""
    return {} if flawed and next(flaws(answer), None) else answer


def checked(api: str, rows: Iterable[Json], unclear: Mapping[str, str]) -> list[Json]:
    """The rows of a collection that was kept in a file, with why some are unclear, by uuid. Raises NotUnderstood."""
    if api in _OTHER:
        return [admitted(api, row) for row in rows]
    whole = [_row(api, row, number, partial=False, flawed=False) for number, row in enumerate(rows)]
    return [
        Unclear(api, getattr(row, "raw", row), unclear[row["uuid"]]) if row.get("uuid") in unclear else row
        for row in whole
    ]


def _clear(what: str, answer: Json, why: str, *, flawed: bool) -> Json:
    if flawed:
        why = next((f"{place.lstrip('.')} {text}" for place, text in flaws(answer)), why)
    if why:
        raise Unknown(f"{what} was not understood: {why.lstrip('.')}")
    return answer


def _page(api: str, page: Json, *, partial: bool, flawed: bool) -> Json:
    rows = [
        _row(api, row, number, partial=partial, flawed=flawed) if isinstance(row, dict) else row
        for number, row in enumerate(page["results"])
    ]
    return {**page, "results": rows}


def _row(api: str, row: Json, number: int, *, partial: bool, flawed: bool) -> Json:
    """A row of a collection, Unclear where it is not of its shape. Raises NotUnderstood where it may be any object."""
    if isinstance(row, Unclear):
        return row
    if why := _unplaced(api, row, partial=partial):
        raise NotUnderstood(f"{api}[{number}] was not understood: {why}")
    whys = {place: f"{place} {text}" for place, text in flaws(row)} if flawed else {}
    if named := next((why for place, why in whys.items() if place.lstrip(".") in IDENTITY), ""):
        raise NotUnderstood(f"{api}[{number}] was not understood: {named.lstrip('.')}")
    why = next(iter(whys.values()), "") or ("" if partial else _shape(api)(row))
    return Unclear(api, row, why.lstrip(".")) if why else row


def _unplaced(api: str, row: Json, *, partial: bool) -> str:
    """Why it cannot be told which object of its collection this is; "" where it can."""
    for name, check, needed in _identity(api):
        if name in row:
            if why := check(row[name]):
                return name + why
        elif needed and not partial:
            return f"{name} is missing"
    return _on_another_host(row)


def _on_another_host(row: Json) -> str:
    """Which of an object's places is one of another host than the object itself; "" for a Controller's own answer."""
    own, absolute, _ = str(row.get("url", "")).partition("/api/")
    for name in ("tenant_ref", "cloud_ref"):
        host = str(row.get(name, "")).partition("/api/")[0]
        if own and absolute and host and host != own:
            return f"{name} is {shown(row[name])}, on another host than the object"
    return ""


@cache
def _identity(api: str) -> tuple[tuple[str, Check, bool], ...]:
    """The members that tell an object of this type from others: (name, check, whether each object has it)."""
    kind = avi_schema.load().types.get(api)
    if kind is None or kind.singleton:
        return ("uuid", _word, False), ("name", _word, False)
    fields = kind.message.fields
    configured = kind.configurable
    has = {
        "uuid": configured,
        "name": kind.has_name and fields["name"].required and configured,
        # The one object of Avi's cloud services has no tenant before 30.1.1.
        "tenant_ref": kind.has_tenant and fields["tenant_ref"].lives(kind.first) and configured,
        "cloud_ref": kind.has_cloud and configured,
    }
    checks = {"uuid": _word, "name": _word, "tenant_ref": _ref_to("tenant"), "cloud_ref": _ref_to("cloud")}
    return tuple((name, checks[name], has[name]) for name in IDENTITY if name in fields)


# -- the shape of a type ---------------------------------------------------------------------------------------------

_Tree = dict[str, Any]


@cache
def _shape(api: str) -> Check:
    """The check of an object of a type, made once: of the members that are read."""
    kind = avi_schema.load().types.get(api)
    if kind is None:
        return lambda _value: ""
    tree: _Tree = {}
    for path in members_of(api):
        at = tree
        for name in path.split("."):
            at = at.setdefault(name, {})
    check, url = _message(kind.message.name, tree), kind.configurable and not kind.singleton
    return (lambda value: _url(value) or check(value)) if url else check


def _url(value: Json) -> str:
    """What another object is to write where it is to point at this one: a Controller gives it with each [REC]."""
    if "url" not in value:
        return ".url is missing"
    if why := _ref(value["url"]):
        return f".url{why}"
    other = uuid_of(value["url"]) != value.get("uuid")
    return f".url is {shown(value['url'])}, which is another object's" if other else ""


def _message(name: str, tree: _Tree | None) -> Check:
    """The check of a message; `tree` holds the members that are looked at, None stands for all."""
    fields = avi_schema.load().message(name).fields
    meaning = _MEANING.get(name)
    members = [
        (field.name, field.required, _member(name, field, tree))
        for field in fields.values()
        if tree is None or field.name in tree
    ]

    def check(value: Any) -> str:
        if value.__class__ is not dict:
            return _is(value, "an object")
        for member, required, inner in members:
            if member in value:
                if why := inner(value[member]):
                    return f".{member}{why}"
            elif required:
                return f".{member} is missing"
        return meaning(value) if meaning else ""

    return check


def _member(message: str, field: Field, tree: _Tree | None) -> Check:
    check = _value(field, (tree or {}).get(field.name) or None)
    if (message, field.name) in EITHER:
        return _either(check)
    return _list(check) if field.many else check


def _value(field: Field, tree: _Tree | None) -> Check:
    if field.kind == "message":
        return _message(field.message, tree) if field.message else _object
    if field.enum:
        return _enum(frozenset(field.enum))
    return {"string": _text, "ref": _ref, "integer": _whole, "number": _number, "boolean": _truth}[field.kind]


def _list(check: Check) -> Check:
    def every(value: Any) -> str:
        if value.__class__ is not list:
            return _is(value, "a list")
        for number, element in enumerate(value):
            if why := check(element):
                return f"[{number}]{why}"
        return ""

    return every


def _either(check: Check) -> Check:
    several = _list(check)
    return lambda value: several(value) if value.__class__ is list else check(value)


def _enum(words: frozenset[str]) -> Check:
    def check(value: Any) -> str:
        if value.__class__ is not str:
            return _is(value, "a word")
        return "" if value in words else f" is {shown(value)}, which is none of the words that are known"

    return check


def _is(value: Any, expected: str) -> str:
    """` is null, a whole number is expected`."""
    what = {dict: "an object", list: "a list", type(None): "null", bool: str(value).lower()}.get(
        value.__class__
    )
    return f" is {what or shown(value)}, {expected} is expected"


def _text(value: Any) -> str:
    return "" if value.__class__ is str else _is(value, "text")


def _word(value: Any) -> str:
    return "" if value.__class__ is str and value else _is(value, "text")


def _ref(value: Any) -> str:
    return "" if value.__class__ is str and (not value or "/api/" in value) else _is(value, "a reference")


def _ref_to(api: str) -> Check:
    """The check of a reference that leads to an object of this type."""

    def check(value: Any) -> str:
        leads = value.__class__ is str and split_ref(value).api == api and bool(uuid_of(value))
        return _ref(value) or ("" if leads else _is(value, f"a reference to a {api}"))

    return check


def _whole(value: Any) -> str:
    return "" if value.__class__ is int and -(1 << 63) <= value < 1 << 64 else _is(value, "a whole number")


def _number(value: Any) -> str:
    return "" if value.__class__ in (int, float) else _is(value, "a number")


def _truth(value: Any) -> str:
    return "" if value.__class__ is bool else _is(value, "true or false")


def _object(value: Any) -> str:
    return "" if value.__class__ is dict else _is(value, "an object")


# -- what a message means --------------------------------------------------------------------------------------------


@lru_cache(maxsize=65_536)
def _number_of(address: str) -> tuple[int, int] | None:
    """(version, number) of an address; None for what is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return parsed.version, int(parsed)


def _address(value: Json) -> str:
    if value["type"] == "DNS":
        return ""
    number = _number_of(value["addr"])
    expected = f"an IP{value['type'].lower()} address"
    return "" if number and f"V{number[0]}" == value["type"] else f".addr{_is(value['addr'], expected)}"


def _prefix(value: Json) -> str:
    number = _number_of(value["ip_addr"]["addr"])
    if number is None:
        return f".ip_addr.addr{_is(value['ip_addr']['addr'], 'an IP address')}"
    longest = 32 if number[0] == 4 else 128
    return (
        "" if 0 <= value["mask"] <= longest else f".mask{_is(value['mask'], f'a number from 0 to {longest}')}"
    )


def _range(value: Json) -> str:
    begin, end = _number_of(value["begin"]["addr"]), _number_of(value["end"]["addr"])
    if begin is None or end is None or begin[0] != end[0] or begin > end:
        return f" is from {shown(value['begin']['addr'])} to {shown(value['end']['addr'])}, which is no range"
    return ""


_MEANING: Mapping[str, Check] = {"IpAddr": _address, "IpAddrPrefix": _prefix, "IpAddrRange": _range}
"""What must hold between the members of a message, once each is of its type."""


def _by_hand(**members: Check) -> Check:
    """The check of a message that no schema holds."""

    def check(value: Any) -> str:
        if value.__class__ is not dict:
            return _is(value, "an object")
        whys = (
            f".{name}{why}"
            for name, inner in members.items()
            if name in value and (why := inner(value[name]))
        )
        return next(whys, "")

    return check


_OTHER: Mapping[str, Check] = {
    "cluster/runtime": _by_hand(
        cluster_state=_by_hand(state=_text), node_states=_list(_by_hand(name=_text, state=_text))
    )
}
"""Answers that the schema says nothing of [CLIENT]."""
