"""An object of every type with all its members, as a Controller gives it, and the places in it that can be damaged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from avi_schema import Field, Version, load
from avi_schema.semantics import Meaning, meaning
from intent import ConfigObject, compare
from intent.objects.references import target
from live.avi.identity import Json, Names
from live.kinds import KINDS
from live.kinds.objects import ObjectKind

V30 = (30, 2, 1)
SCHEMA = load()
DEEPEST = 3
"""Messages in messages; the model goes deeper, and some of it in circles."""
HOST = "https://c1"
EXCEPTIONS = frozenset(
    {
        *("testsedatastorelevel1", "testsedatastorelevel2", "testsedatastorelevel3", "webapput"),
        *("albservicesjob", "jobs", "federationcheckpoint", "pingaccessagent"),
    }
)
"""The vendor's types for tests and jobs: nobody keeps one in a file."""
TYPES = sorted(
    name
    for name, kind in SCHEMA.types.items()
    if kind.configurable and (kind.has_name or kind.singleton) and name not in EXCEPTIONS and kind.lives(V30)
)
FORTY = (
    *(
        "virtualservice",
        "vsvip",
        "pool",
        "poolgroup",
        "healthmonitor",
        "cloud",
        "serviceenginegroup",
        "network",
    ),
    *("vrfcontext", "ipamdnsproviderprofile", "systemconfiguration", "controllerproperties", "seproperties"),
    *(
        "backupconfiguration",
        "scheduler",
        "cluster",
        "tenant",
        "role",
        "user",
        "useraccountprofile",
        "authprofile",
    ),
    *(
        "authmappingprofile",
        "sslkeyandcertificate",
        "sslprofile",
        "pkiprofile",
        "certificatemanagementprofile",
    ),
    *(
        "applicationprofile",
        "networkprofile",
        "applicationpersistenceprofile",
        "analyticsprofile",
        "httppolicyset",
    ),
    *(
        "networksecuritypolicy",
        "l4policyset",
        "stringgroup",
        "ipaddrgroup",
        "wafpolicy",
        "cloudconnectoruser",
    ),
    *("vcenterserver", "alertconfig", "alertsyslogconfig"),
)


def row(api: str, number: int = 1) -> Json:
    """The object of a type to which references lead."""
    kind, uuid = SCHEMA.types[api], f"{api}-{number}"
    obj: Json = {"uuid": uuid, "name": f"{api}_{number}", "url": f"{HOST}/api/{api}/{uuid}"}
    if kind.has_tenant:
        obj["tenant_ref"] = f"{HOST}/api/tenant/admin#admin"
    if kind.has_cloud and api != "cloud":
        obj["cloud_ref"] = f"{HOST}/api/cloud/cloud-1#cloud_1"
    return obj


@cache
def names() -> Names:
    """A few objects of every type."""
    return Names({api: [row(api, n) for n in (1, 2, 3, 4)] for api in SCHEMA.types}, V30)


@cache
def whole(api: str, version: Version = V30) -> Json:
    """An object with every member that a version has, and three elements in every list."""
    kind = SCHEMA.types[api]
    return {**_message(kind.model, 1, (kind.model,), version), **row(api)}


def _message(name: str, number: int, around: tuple[str, ...], version: Version) -> Json:
    filled: Json = {}
    for field in SCHEMA.message(name).fields.values():
        if not field.lives(version) or field.name in (
            "uuid",
            "url",
            "name",
            "tenant_ref",
            "cloud_ref",
            "_last_modified",
        ):
            if field.name == "name" and len(around) > 1:
                filled["name"] = f"name-{number}"
            continue
        if (value := _member(field, number, around, version)) is not None:
            filled[field.name] = value
    filled.pop("auto_allocate_ip", None)
    filled.pop("auto_allocate_floating_ip", None)
    filled.pop("dhcp_enabled", None)
    return filled


def _member(field: Field, number: int, around: tuple[str, ...], version: Version) -> Any:
    if field.message and (field.message in around or len(around) > DEEPEST):
        return None
    if not field.many:
        return value(field, number, around, version)
    size = min(3, field.max_items or 3, len(field.enum) if field.enum else 3)
    elements = [value(field, n, around, version) for n in range(number, number + size)]
    distinct = [each for at, each in enumerate(elements) if each not in elements[:at]]
    return distinct or None


def value(  # noqa: PLR0911 -- one line a kind
    field: Field, number: int, around: tuple[str, ...] = (), version: Version = V30
) -> Any:
    """The value of that number of a member."""
    if field.kind == "message":
        inside = (*around, field.message or "")
        return _message(field.message, number, inside, version) if field.message else {"n": number}
    if field.kind == "ref":
        api = target(field)
        return (
            f"{HOST}/api/{api}/{api}-{number}#{api}_{number}"
            if api
            else f"{HOST}/api/x/x-{number}#x_{number}"
        )
    if field.kind == "boolean":
        return number % 2 == 1
    if field.enum:
        return field.enum[number % len(field.enum)]
    if field.choices:
        return field.choices[number % len(field.choices)]
    if field.kind == "string":
        return f"192.0.2.{number}" if field.name == "addr" else f"{field.name}-{number}"
    low = int(field.low or 0)
    high = int(field.high) if field.high is not None else low + 1000
    return low + number % (high - low + 1)


def declared(api: str, obj: Json, **more: Any) -> ConfigObject:
    """All of an object as a declaration."""
    live = kind_of(api).decode(obj, names())
    assert isinstance(live, ConfigObject)
    wanted = ConfigObject.model_validate(
        {"type": api, "name": live.name, "fields": live.fields, "cloud": live.cloud, **more}
        if not SCHEMA.types[api].singleton
        else {"type": api, "fields": live.fields, **more}
    )
    assert type(wanted) is type(live)
    return wanted


def kind_of(api: str) -> ObjectKind:
    """The mapping of a type."""
    from intent.kinds.objects import kind_of_type

    kind = KINDS[kind_of_type(api)]
    assert isinstance(kind, ObjectKind)
    return kind


def drifts(want: ConfigObject, obj: Json, *members: str) -> list[str]:
    """What is not as declared, each with its sign: `-` missing, `+` not declared.

    `members`: of these top-level members alone.
    """
    kind = kind_of(want.type)
    have = kind.counterpart(want, obj, names())
    return [
        ("+" if each.want is None else "-" if each.have is None else "") + each.path
        for each in compare(want, have, *members)
    ]


@dataclass(frozen=True)
class Spot:
    """A member of an object, however deep: where it is, what it means, and what its path begins with.

    `outer`: the list, of sets and ordered ones, of whose element it is a part, so that the element counts as a whole.
    `own`: whether the server or a secret is around it. `keys`: whether it tells its element apart.
    """

    place: tuple[str | int, ...]
    plain: str
    field: Field
    means: Meaning
    outer: tuple[str, str] | None
    own: bool
    keys: bool

    def in_(self, obj: Json) -> tuple[Any, Any]:
        """(what holds it, its name) in a copy of the object."""
        around: Any = obj
        for part in self.place[:-1]:
            around = around[part]
        return around, self.place[-1]


def spots(api: str, obj: Json) -> Iterator[Spot]:
    """Every member of an object that was filled, each list once for itself and its first element's members."""
    yield from _spots(SCHEMA.types[api].model, obj, (obj,), _Around((), "", None, own=False, keys=()))


@dataclass(frozen=True)
class _Around:
    place: tuple[str | int, ...]
    plain: str
    outer: tuple[str, str] | None
    own: bool
    keys: tuple[str, ...]


def _spots(message: str, members: Mapping[str, Any], scopes: tuple[Any, ...], at: _Around) -> Iterator[Spot]:
    fields = SCHEMA.message(message).fields
    for name, inner in members.items():
        if name not in fields or (
            not at.place and name in ("name", "uuid", "url", "tenant_ref", "cloud_ref")
        ):
            continue
        field, means = fields[name], meaning(message, name, (members, *scopes))
        plain = f"{at.plain}.{name}" if at.plain else name
        own = at.own or means.mode in ("server", "secret")
        yield Spot((*at.place, name), plain, field, means, at.outer, own, name in at.keys)
        element = inner[0] if field.many and inner else inner
        if not (field.message and isinstance(element, dict)):
            continue
        outer, keys = at.outer, at.keys if not field.many else ()
        if field.many and outer is None and means.mode in ("set", "ordered"):
            outer = plain, means.mode
        if field.many and means.mode == "keyed":
            keys = tuple(dict.fromkeys(part for key in means.key for part in key))
        if field.many and means.mode == "sequence":
            said = [name for name in fields_of(field) if name != "index"]
            alone = all(SCHEMA.message(field.message).fields[name].kind == "ref" for name in said)
            # Where it says nothing else, an element is what it refers to.
            keys = ("name", "index", *(said if alone else ()))
        place = (*at.place, name, 0) if field.many else (*at.place, name)
        nested_keys = tuple(fields_of(field)) if not field.many and name in at.keys else keys
        yield from _spots(
            field.message, element, (members, *scopes), _Around(place, plain, outer, own, nested_keys)
        )


def fields_of(field: Field) -> tuple[str, ...]:
    """The names of the members of a message."""
    return tuple(SCHEMA.message(field.message).fields) if field.message else ()
