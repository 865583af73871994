"""References and names: a Controller refers by URL, people refer by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intent import Blocked, Unknown

Json = dict[str, Any]


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
    """An object's own reference, without its name: names may hold `#` too."""
    return str(obj["url"]).partition("#")[0]


class Names:
    """Every object that was read, by type and uuid and by name: turns references into names and back.

    `version` is the model version in which objects were read and are written, such as (30, 2, 1).
    """

    def __init__(self, objects: Mapping[str, Iterable[Json]], version: tuple[int, ...]) -> None:
        self.version = version
        self._by_uuid = {api: {o.get("uuid", ""): o for o in found} for api, found in objects.items()}

    def at(self, ref: str | None) -> Json | None:
        """The object a reference points at, or None when it is unset or was not read."""
        if not ref:
            return None
        kind, uuid, _ = split_ref(ref)
        return self._by_uuid.get(kind, {}).get(uuid)

    def every(self, api: str) -> Iterable[Json]:
        """Every object of a type that was read; none where the type was not."""
        return self._by_uuid.get(api, {}).values()

    def within(self, cloud: str) -> Names:
        """The same without what lives in other clouds: there, a name means one object."""
        kept = {
            api: [o for o in found.values() if "cloud_ref" not in o or self.scope(o, "cloud_ref") == cloud]
            for api, found in self._by_uuid.items()
        }
        return Names(kept, self.version)

    def name(self, ref: str | None, owner: Json | None = None) -> str | None:
        """The name a reference points at; None when unset.

        An object of another tenant or cloud than its owner's is not the one that a declaration means by the bare
        name, so it is shown with where it lives and never equals that name.
        """
        if not ref:
            return None
        kind, uuid, name = split_ref(ref)
        found = self._by_uuid.get(kind, {}).get(uuid)
        if found is None:
            return name or f"{kind} {uuid}"
        for scope in ("cloud_ref", "tenant_ref"):
            here, there = (owner or {}).get(scope), found.get(scope)
            if here and there and uuid_of(here) != uuid_of(there) and not _shared(scope, there):
                return f"{found['name']} ({scope.removesuffix('_ref')} {self.name(there)})"
        return str(found.get("name", name))

    def scope(self, obj: Json, member: str) -> str:
        """The name behind an object's `cloud_ref` or `tenant_ref`, or "" when it has none."""
        return self.name(obj.get(member)) or ""

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
        found = self.find(api, name, cloud, tenant)
        if len(found) != 1:
            raise Blocked(f"{api} {name!r} is {'absent' if not found else 'there more than once'}")
        return own_ref(found[0])


def _shared(scope: str, ref: str) -> bool:
    """Objects of tenant admin are the provider's and are seen from every tenant [DOC]."""
    return scope == "tenant_ref" and uuid_of(ref) == "admin"
