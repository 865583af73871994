"""References and names of Controller objects: parsing a reference, resolving it to its object, and naming that object.

A Controller points from one object to another by URL: `https://c1/api/network/<uuid>#<name>`. Only the uuid in it is
identity. People point by name, which is unique only within a type, a cloud and a tenant. `Names` turns one into the
other, over the objects that were read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

from intent import Blocked, Unknown
from intent.ako import CREATOR
from intent.values import ScopedName, Unresolved, scoped_name

Json = dict[str, Any]
"""An object as the Controller's JSON has it."""


class NotResolved(Unknown):
    """One field of an object cannot be told, since what the object refers to was not read; its other fields can."""


ADMIN = "admin"
"""The uuid of tenant admin on every Controller, and its name [REC]. Its objects are seen from every tenant [DOC]."""
SAMPLE = 5
"""Objects of each type that are asked for the Controller's host."""


class Ref(NamedTuple):
    """A reference in its parts; `api` is the type, `name` is "" where the Controller did not add it."""

    api: str
    uuid: str
    name: str

    @property
    def label(self) -> str:
        """What to call what is referred to: its name, else its uuid."""
        return self.name or self.uuid


@lru_cache(maxsize=65_536)
def split_ref(ref: str) -> Ref:
    """A reference in its parts, split at the first `#`: names may hold `#`, `/` and spaces [CLIENT]."""
    url, _, name = ref.partition("#")
    kind, _, uuid = url.partition("/api/")[2].partition("/")
    return Ref(kind, uuid.partition("?")[0].rstrip("/"), name)


def rows_of(page: Json) -> list[Json] | None:
    """The objects of a page of a collection; None where it is none."""
    rows = page.get("results")
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None


def uuids_of(rows: Iterable[Json]) -> set[str]:
    """The uuids of objects, of those that have one."""
    return {str(row["uuid"]) for row in rows if "uuid" in row}


def last_written(row: Json) -> int:
    """When an object was last written, in microseconds since the epoch [REC]; 0 where it does not say."""
    stamp = row.get("_last_modified")
    return int(stamp) if isinstance(stamp, str) and re.fullmatch(r"[0-9]{1,16}", stamp) else 0


def maker(row: Json) -> str:
    """The AKO that has made an object; "" for any other. Raises Unknown where it was not understood."""
    made_by = row.get("created_by")
    return made_by if isinstance(made_by, str) and made_by.startswith(CREATOR) else ""


def written_at(row: Json) -> datetime | None:
    """The same by the Controller's clock, aware; None where it does not say."""
    stamp = last_written(row)
    return datetime.fromtimestamp(stamp / 1_000_000, UTC) if stamp else None


def uuid_of(ref: str) -> str:
    """The uuid a reference points at: the only part of it that may be compared."""
    return split_ref(ref).uuid


def own_ref(obj: Json) -> str:
    """The reference to write where another object is to point at this one; without its name, which may hold `#`.

    Raises Unknown where the object's address is another one's.
    """
    ref = str(obj["url"]).partition("#")[0]
    if "?" not in ref and uuid_of(ref) != obj.get("uuid"):
        raise Unknown(f"{obj.get('name')} has the address of another object, {ref}")
    return ref


@dataclass(frozen=True)
class Home:
    """Where a bare name of an owner means an object.

    `clouds`: in one of them; none for any. `tenants`: of the first that has it; none for any, after admin.
    """

    clouds: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()


class Names:
    """The objects that were read, by type and uuid: resolves references, names what they point at, and looks names up.

    `objects` holds them by type, such as `network`. `version` is the model version in which they were read and are
    written, such as (30, 2, 1). `declared`: what is declared in other tenants than admin, as (type, name, cloud,
    tenant); a bare name means it before it is there.
    """

    def __init__(
        self,
        objects: Mapping[str, Iterable[Json]],
        version: tuple[int, ...],
        declared: Collection[tuple[str, str, str, str]] = (),
    ) -> None:
        self.version = version
        self.declared = declared
        self._home: Home | None = None
        self._by_uuid = {
            api: {str(obj.get("uuid", "")): obj for obj in rows} for api, rows in objects.items()
        }
        self._by_name: dict[str, dict[str, list[Json]]] = {}
        self._clouds: dict[tuple[str, str], str] = {}
        self._tenants: dict[str, str] = {}
        self._resolved: dict[str, Json | None] = {}

    def resolve(self, ref: str | None) -> Json | None:
        """The object a reference points at; None when it is unset, of another Controller, or was not read."""
        if not ref:
            return None
        if ref not in self._resolved:
            self._resolved[ref] = self._resolve(ref)
        return self._resolved[ref]

    def _resolve(self, ref: str) -> Json | None:
        if self._is_foreign(ref):
            return None
        kind, uuid, _ = split_ref(ref)
        if "?" in kind:  # the symbolic reference of an object that a plan makes
            kind, uuid = kind.partition("?")[0], f"new:{ref}"
        return self._by_uuid.get(kind, {}).get(uuid)

    def read(self, api: str) -> bool:
        """Whether a type was read."""
        return api in self._by_uuid

    def is_missing(self, ref: str) -> bool:
        """Whether a reference leads to an object of this Controller that was not read."""
        return not self._is_foreign(ref) and self.resolve(ref) is None

    def objects(self, api: str) -> Iterable[Json]:
        """Every object of a type that was read; none where the type was not."""
        return self._by_uuid.get(api, {}).values()

    def at_home(self, home: Home) -> Names:
        """A copy of this for one declared owner, whose bare names mean objects at this home."""
        names = copy(self)
        names._home = home  # noqa: SLF001 -- our own
        return names

    def replacing(self, api: str, row: Json) -> Names:
        """A copy of this in which one object of a type is in another state."""
        names = copy(self)
        names._by_uuid = {**self._by_uuid, api: {**self._by_uuid.get(api, {}), str(row.get("uuid")): row}}  # noqa: SLF001
        names._by_name, names._clouds, names._tenants, names._resolved = {}, {}, {}, {}  # noqa: SLF001
        return names

    def home(self, owner: Json, clouds: tuple[str, ...] = ()) -> Home:
        """Where a bare name of an owner means an object; `clouds`: of one that lives in no cloud itself."""
        own, tenant = self.cloud_of(owner), self.tenant_of(owner)
        known = self._home or Home((), tuple(dict.fromkeys((tenant, ADMIN))) if tenant else ())
        return Home((own,) if own else known.clouds or clouds, known.tenants)

    def tenant_of(self, obj: Json) -> str:
        """The name of the tenant an object lives in; "" when it says none. One that was not read has no name."""
        ref = str(obj.get("tenant_ref") or "")
        if not ref:
            return ""
        if ref not in self._tenants:
            uuid = uuid_of(ref)
            tenant = {"name": ADMIN} if uuid == ADMIN else self.resolve(ref)
            self._tenants[ref] = str(tenant["name"]) if tenant else f"<{uuid}>"
        return self._tenants[ref]

    def cloud_of(self, obj: Json) -> str:
        """The name of the cloud an object lives in; "" when it says none. One that was not read has no name.

        One of another tenant than the object's and admin is named with it.
        """
        ref = str(obj.get("cloud_ref") or "")
        if not ref:
            return ""
        at = (uuid_of(ref), self.tenant_of(obj))
        if at not in self._clouds:
            cloud = self.resolve(ref)
            name = self.spelled("cloud", cloud, Home((), (at[1], ADMIN))) if cloud else f"<{at[0]}>"
            self._clouds[at] = str(name)
        return self._clouds[at]

    def name(self, ref: str | None, api: str, home: Home) -> str | ScopedName | Unresolved | None:
        """The name of the object of a type that a reference points at, as its owner's declaration would write it.

        None when unset. What it points at is told by type and uuid alone, never by the name in the reference.
        """
        if not ref:
            return None
        if (target := self.resolve(ref)) is None:
            return self._unresolved(ref, api)
        if split_ref(ref).api.partition("?")[0] != api:
            return Unresolved(ref=ref, text=f"{_words(ref)}, where a {api} belongs", unknown=True)
        return self.spelled(api, target, home)

    def _unresolved(self, ref: str, api: str) -> Unresolved:
        kind = split_ref(ref).api
        if self._is_foreign(ref):
            return Unresolved(ref=ref, text=f"{_words(ref)} on another host, {_host(ref)}", unknown=True)
        if kind != api:
            return Unresolved(ref=ref, text=f"{_words(ref)}, where a {api} belongs", unknown=True)
        if api not in self._by_uuid:
            same = "/api/" + ref.partition("#")[0].partition("/api/")[2]  # whatever its host and name
            return Unresolved(ref=same, text=f"{_words(ref)}, which was not read", unknown=True)
        text = f"{_words(ref)}, which does not exist on this Controller as far as this user sees"
        return Unresolved(ref=ref, text=text)

    def spelled(self, api: str, target: Json, home: Home) -> str | ScopedName:
        """The shortest name by which an owner at home there means this object."""
        name = str(target.get("name", ""))
        cloud = {"cloud": self.cloud_of(target)} if target.get("cloud_ref") else {}
        tenant = {"tenant": self.tenant_of(target)} if target.get("tenant_ref") else {}
        for scopes in ({}, cloud, tenant, {**cloud, **tenant}):
            spelling = ScopedName.model_construct(None, name=name, **scopes) if scopes else name
            meant = self.meant(api, spelling, home)
            if len(meant) == 1 and meant[0] is target:
                break
        return spelling

    def meant(self, api: str, name: str | ScopedName, home: Home) -> list[Json]:
        """The objects of a type that an owner's name means: one, none, or more where they are not told apart.

        Raises Unknown when the type was not read.
        """
        if api not in self._by_uuid:
            raise Unknown(f"{api} was not read")
        scoped = scoped_name(name)
        clouds = (scoped.cloud,) if scoped.cloud else home.clouds
        rows = [row for row in self._named(api, scoped.name) if self._is_in(row, clouds)]
        tenants = (scoped.tenant,) if scoped.tenant else home.tenants
        for tenant in tenants or (ADMIN,):
            if hits := [row for row in rows if self.tenant_of(row) in ("", tenant)]:
                return hits
            if any((api, scoped.name, cloud, tenant) in self.declared for cloud in clouds or ("",)):
                return []
        return [] if tenants else rows

    def _is_in(self, row: Json, clouds: Collection[str]) -> bool:
        return not clouds or not row.get("cloud_ref") or self.cloud_of(row) in clouds

    def _named(self, api: str, name: str) -> list[Json]:
        if api not in self._by_name:
            index = self._by_name[api] = {}
            for row in self._by_uuid[api].values():
                index.setdefault(str(row.get("name", "")), []).append(row)
        return self._by_name[api].get(name, [])

    def find(self, api: str, name: str, cloud: str = "", tenant: str = "") -> list[Json]:
        """Every object of a type by its exact name, within a cloud and a tenant where given.

        Raises Unknown when the type was not read.
        """
        if api not in self._by_uuid:
            raise Unknown(f"{api} was not read")
        return [
            row
            for row in self._named(api, name)
            if self._is_in(row, (cloud,) if cloud else ())
            and (not tenant or self.tenant_of(row) in ("", tenant))
        ]

    def ref(self, api: str, name: str | ScopedName, home: Home | None = None) -> str:
        """The reference to write for the object that an owner's name means. Raises Blocked where it means not one."""
        matches = self.meant(api, name, home or Home())
        if len(matches) != 1:
            there = "absent" if not matches else "there more than once"
            raise Blocked(f"{api} {str(name)!r} is {there}")
        return own_ref(matches[0])

    def _is_foreign(self, ref: str) -> bool:
        """Whether a reference leads to another host than the objects that were read."""
        host = _host(ref)
        return bool(host) and bool(self._hosts) and host not in self._hosts

    @cached_property
    def _hosts(self) -> frozenset[str]:
        """The hosts of the first objects of each type, as they bear them in their own addresses."""
        first = (row for rows in self._by_uuid.values() for row in islice(rows.values(), SAMPLE))
        return frozenset(filter(None, (_host(str(row.get("url") or "")) for row in first)))


def _host(ref: str) -> str:
    """The host and port of an absolute reference, in lower case; "" for a relative one."""
    scheme, slashes, rest = ref.partition("://")
    return rest.partition("/")[0].lower() if slashes and "/" not in scheme else ""


def _words(ref: str) -> str:
    """What a reference points at: `network dvportgroup-1`."""
    kind, uuid, _ = split_ref(ref)
    return f"{kind} {uuid}".strip() or f"{ref!r}"


Refs = Callable[[Json, Names], Sequence[str]]
"""(object as read, names) -> the references behind a field's value."""
PutRefs = Callable[[Json, list[str], Names], None]
"""(object to write, the references, names): puts them in the place of those that are there."""


Clouds = Callable[[Json, Names], tuple[str, ...]]
"""(object as read, names) -> the clouds in which a bare name of it means an object; none for any."""


def no_clouds(_obj: Json, _names: Names) -> tuple[str, ...]:
    """Of an object whose names mean objects of any cloud."""
    return ()


@dataclass(frozen=True)
class Naming:
    """How a field names other objects: their type, the references behind it, and the clouds in which a name means one.

    `clouds`: of an owner that lives in none itself.
    """

    to: str
    refs: Refs
    clouds: Clouds = no_clouds

    def home(self, obj: Json, names: Names) -> Home:
        """Where a bare name of this object means another one."""
        return names.home(obj, self.clouds(obj, names))

    def ref_for(self, name: str | ScopedName | Unresolved, obj: Json, names: Names) -> str:
        """The reference to write for a name. Raises Blocked where that means not one object, Unknown."""
        return name.ref if isinstance(name, Unresolved) else names.ref(self.to, name, self.home(obj, names))

    def named(self, obj: Json, names: Names) -> tuple[Any, ...]:
        """The names of what is referred to, each as this object's declaration would write it."""
        return tuple(names.name(ref, self.to, self.home(obj, names)) for ref in self.refs(obj, names))

    def as_declared(self, declared: Iterable[Any], obj: Json, names: Names) -> tuple[Any, ...]:
        """The same, but what points at a declared object bears the name that the declaration gives it."""
        home = self.home(obj, names)
        wanted = [(name, names.meant(self.to, name, home)) for name in declared]
        return tuple(self._as_meant(ref, wanted, names, home) for ref in self.refs(obj, names))

    def _as_meant(self, ref: str, wanted: list[tuple[Any, list[Json]]], names: Names, home: Home) -> Any:
        live = names.name(ref, self.to, home)
        if isinstance(live, Unresolved):  # where what is declared is not seen, it may be that
            return live if all(meant for _, meant in wanted) else live.model_copy(update={"unknown": True})
        target = names.resolve(ref)
        for name, meant in wanted:
            if any(row is target for row in meant):
                several = f"one of {len(meant)} objects named {name}, so that none can be meant"
                return name if len(meant) == 1 else Unresolved(ref=ref, text=several, unknown=True)
        return live
