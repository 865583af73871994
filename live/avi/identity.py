"""References and names of Controller objects: parsing a reference, resolving it to its object, and naming that object.

A Controller points from one object to another by URL: `https://c1/api/network/<uuid>#<name>`. Only the uuid in it is
identity. People point by name, which is unique only within a type, a cloud and a tenant. `Names` turns one into the
other, over the objects that were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from intent import Blocked, Unknown
from intent.values import ScopedName

Json = dict[str, Any]
"""An object as the Controller's JSON has it."""


def split_ref(ref: str) -> tuple[str, str, str]:
    """A reference as (type, uuid, name); name is "" where the Controller did not add it.

    Split at the first `#`: names may hold `#`, `/` and spaces [CLIENT].
    """
    url, _, name = ref.partition("#")
    kind, _, uuid = url.partition("/api/")[2].partition("/")
    return kind, uuid.partition("?")[0].rstrip("/"), name


def uuid_of(ref: str) -> str:
    """The uuid a reference points at: the only part of it that may be compared."""
    return split_ref(ref)[1]


def own_ref(obj: Json) -> str:
    """The reference to write where another object is to point at this one; without its name, which may hold `#`."""
    return str(obj["url"]).partition("#")[0]


class Names:
    """The objects that were read, by type and uuid: resolves references, names what they point at, and looks names up.

    `objects` holds them by type, such as `network`. `version` is the model version in which they were read and are
    written, such as (30, 2, 1). `home` is the cloud and the tenant of an owner that does not say its own, as a new one.
    """

    def __init__(
        self,
        objects: Mapping[str, Iterable[Json]],
        version: tuple[int, ...],
        home: tuple[str, str] = ("", ""),
    ) -> None:
        self.version = version
        self._home = home
        self._by_uuid = {api: {obj.get("uuid", ""): obj for obj in rows} for api, rows in objects.items()}

    def resolve(self, ref: str | None) -> Json | None:
        """The object a reference points at; None when the reference is unset or the object was not read."""
        if not ref:
            return None
        kind, uuid, _ = split_ref(ref)
        return self._by_uuid.get(kind, {}).get(uuid)

    def read(self, api: str) -> bool:
        """Whether a type was read."""
        return api in self._by_uuid

    def objects(self, api: str) -> Iterable[Json]:
        """Every object of a type that was read; none where the type was not."""
        return self._by_uuid.get(api, {}).values()

    def within(self, cloud: str, tenant: str) -> Names:
        """The same for owners that do not say where they live: in this cloud and tenant."""
        names = copy(self)
        names._home = (cloud, tenant)  # noqa: SLF001 -- our own
        return names

    def home(self, owner: Json) -> tuple[str, str]:
        """The cloud and the tenant in which a bare name of this owner means an object; "" for any."""
        return (
            self.scope(owner, "cloud_ref") or self._home[0],
            self.scope(owner, "tenant_ref") or self._home[1],
        )

    def name(self, ref: str | None, owner: Json | None = None) -> str | ScopedName | None:
        """The name of the object a reference points at, as a declaration would write it; None when unset.

        `owner` is the object that holds the reference. A declaration's bare name means an object of the owner's own
        cloud and tenant; one of another is named with where it lives. An object that was not read keeps the name in
        the reference, else `<type> <uuid>`.
        """
        if not ref:
            return None
        kind, uuid, name = split_ref(ref)
        target = self._by_uuid.get(kind, {}).get(uuid)
        if target is None:
            return name or f"{kind} {uuid}"
        scopes = {}
        for member in ("cloud_ref", "tenant_ref"):
            own, other = (owner or {}).get(member), target.get(member)
            if own and other and uuid_of(own) != uuid_of(other) and not _shared(member, other):
                scopes[member.removesuffix("_ref")] = self.scope(target, member)
        bare = str(target.get("name", name))
        return ScopedName.model_construct(None, name=bare, **scopes) if scopes else bare

    def scope(self, obj: Json, member: str) -> str:
        """The name behind an object's `cloud_ref` or `tenant_ref`; "" when it has none."""
        return str(self.name(obj.get(member)) or "")

    def find(self, api: str, name: str, cloud: str = "", tenant: str = "") -> list[Json]:
        """Every object of a type by its exact name, within a cloud and a tenant where given.

        Raises Unknown when the type was not read.
        """
        if api not in self._by_uuid:
            raise Unknown(f"{api} was not read")
        return [
            o
            for o in self._by_uuid[api].values()
            if o.get("name") == name
            and (not cloud or "cloud_ref" not in o or self.scope(o, "cloud_ref") == cloud)
            and (not tenant or "tenant_ref" not in o or self.scope(o, "tenant_ref") == tenant)
        ]

    def ref(self, api: str, name: str, cloud: str = "", tenant: str = "") -> str:
        """A reference to write for the one object of that name. Raises Blocked when there is none or more than one."""
        matches = self.find(api, name, cloud, tenant)
        if len(matches) != 1:
            raise Blocked(f"{api} {name!r} is {'absent' if not matches else 'there more than once'}")
        return own_ref(matches[0])


def _shared(member: str, ref: str) -> bool:
    """Objects of tenant admin are the provider's and are seen from every tenant [DOC]."""
    return member == "tenant_ref" and uuid_of(ref) == "admin"
