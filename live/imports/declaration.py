"""Declaration of what was imported: the files' objects as if a Controller held them, written like a bootstrap of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import avi_schema
from avi_schema import Field
from intent import Intent, Network, Unknown
from intent.objects import references
from intent.objects.canonical import NEWEST
from intent.objects.overlap import member_path
from intent.values import ScopedName, scoped_name
from live.avi.identity import Json, uuid_of
from live.avi.snapshot import Live, Snapshot
from live.bootstrap import Bootstrap, Row
from live.entries import Entries
from live.imports.written import Import, ImportedObject, name_in
from live.kinds import KINDS
from live.section_data import Sections, drop

HOST = "https://import"
Key = tuple[str, str, str, str]
"""(type, name, cloud, tenant)."""


class ImportedSite:
    """The objects of files as a Controller would hold them, with a row for each that they only refer to.

    `bodies`: what is declared of each, in the same form, by type and uuid.
    """

    def __init__(self, imports: Iterable[Import]) -> None:
        self.rows: dict[str, list[Json]] = {name: [] for name in avi_schema.load().types}
        self.payload: dict[tuple[str, str], Json] = {}
        self.authored: set[tuple[str, str]] = set()
        """Those of which it is known what their author wrote: defaults too, then."""
        self._by_key: dict[Key, Json] = {}
        imports = list(imports)
        written = [each for one_file in imports for each in one_file.objects if not each.absent]
        looked_up = [each for one_file in imports for each in one_file.looked_up]
        self._place("tenant", "admin", "", "", "admin")
        placed = [(each, self._of(each)) for each in [*written, *looked_up]]
        for each, row in placed:
            row.update(self._with_refs(each.api, each.whole, row))
        for each, row in placed[: len(written)]:
            known = self.payload.setdefault((each.api, str(row["uuid"])), {})
            known.update(self._with_refs(each.api, each.body, row))
            if each.authored:
                self.authored.add((each.api, str(row["uuid"])))

    def live(self) -> Live:
        """The site."""
        version = avi_schema.dotted(NEWEST)
        return Live(Snapshot("import", version, version, every_tenant=True, objects=self.rows))

    def _of(self, written: ImportedObject) -> Json:
        scopes = {}
        for member, api in (("cloud_ref", "cloud"), ("tenant_ref", "tenant")):
            scopes[api] = name_in(written.whole.get(member) or written.body.get(member))
        return self._place(written.api, str(written.body.get("name", "")), scopes["cloud"], scopes["tenant"])

    def _place(self, api: str, name: str, cloud: str, tenant: str, uuid: str = "") -> Json:
        """The row of an object, made where there is none of that name yet."""
        kind = avi_schema.load().types[api]
        if kind.singleton:
            name = cloud = tenant = ""
        key = (api, name, (cloud or "Default-Cloud") if kind.has_cloud else "", tenant or "admin")
        if key not in self._by_key:
            uid = uuid or f"{api}-{len(self._by_key)}"
            row: Json = {"uuid": uid, "url": f"{HOST}/api/{api}/{uid}"} | (
                {} if kind.singleton else {"name": name}
            )
            self._by_key[key] = row
            row |= avi_schema.factory_objects(api, NEWEST).get(name, {}) if not kind.singleton else {}
            if kind.has_cloud:
                row["cloud_ref"] = self._place("cloud", key[2], "", "")["url"]
            if kind.has_tenant:
                row["tenant_ref"] = (
                    f"{HOST}/api/tenant/admin"
                    if key[3] == "admin"
                    else self._place("tenant", key[3], "", "")["url"]
                )
            self.rows[api].append(row)
        return self._by_key[key]

    def _with_refs(self, api: str, members: Json, owner: Json) -> Json:
        """The members with references to rows, but for those that say where the object lives."""

        def change(described: Field, value: Any) -> Any:
            to = references.target(described)
            meant = references.named(value)
            if not to or meant is None:
                return value
            row = self._meant(to, meant, owner)
            return f"{HOST}/api/{described.ref}/{row['uuid']}"

        kept = {
            name: value
            for name, value in members.items()
            if name not in ("cloud_ref", "tenant_ref", "uuid", "url")
        }
        return references.mapped(avi_schema.load().types[api].model, kept, change)

    def _meant(self, api: str, name: str | ScopedName, owner: Json) -> Json:
        scoped = scoped_name(name)
        cloud = scoped.cloud or self._name_at("cloud", owner)
        tenants = [scoped.tenant] if scoped.tenant else [self._name_at("tenant", owner) or "admin", "admin"]
        kind = avi_schema.load().types[api]
        for tenant in tenants:
            key = (api, scoped.name, (cloud or "Default-Cloud") if kind.has_cloud else "", tenant)
            if key in self._by_key:
                return self._by_key[key]
        return self._place(api, scoped.name, cloud, tenants[-1])

    def _name_at(self, api: str, owner: Json) -> str:
        """The name of the cloud or tenant that an object lives in; "" where it says none."""
        url = owner.get(f"{api}_ref")
        return next((str(each["name"]) for each in self.rows[api] if each["url"] == url), "")


class Declaration(Bootstrap):
    """What files declare, as sections of an environment file."""

    def __init__(self, imports: list[Import]) -> None:
        site = ImportedSite(imports)
        self._payload, self._authored = site.payload, site.authored
        super().__init__(site.live(), types=frozenset(api for api, _ in site.payload))
        if self.sections.get("system") == {}:
            del self.sections["system"]
        absent = [each for one_file in imports for each in one_file.objects if each.absent]
        if absent:
            self.sections.setdefault("objects", []).extend(
                {"type": each.api, "name": each.body.get("name"), "absent": True} for each in absent
            )

    def _may_declare(self, kind: type[Intent], row: Json) -> bool:
        includes = KINDS[kind].includes
        if (KINDS[kind].api, str(row.get("uuid"))) not in self._payload:
            return False
        try:
            return includes is None or includes(row, self.live.names)
        except Unknown:
            return False

    def _networks(self, by_kind: Any) -> list[Row]:
        return list(by_kind.get(Network, ()))

    def _rest(self, by_kind: Any) -> None:
        """Nothing else is there."""

    def _not_in_fields(self, row: Json, written: Intent) -> Iterator[str]:
        del row, written
        return iter(())

    def _unread(self, text: str) -> None:
        """What the files do not hold is told by them."""

    def _entries(self) -> Entries:
        return Entries(
            self.live,
            self.tenant,
            chosen=lambda api, row: (api, str(row["uuid"])) in self._payload,
            body=lambda api, row: self._payload[api, str(row["uuid"])],
            defaults=lambda api, row: (api, str(row["uuid"])) in self._authored,
        )

    def _own(self, kind: type[Intent], row: Json, data: Sections) -> Sections:
        """Only what its author wrote; of a state, what is not the default."""
        mapping = KINDS[kind]
        for path, leaf in mapping.leaves.items():
            api, place = mapping.api, member_path(leaf.api)
            uuid = str(row["uuid"])
            if place[0] in mapping.reads:  # `vsvip.vip`: it stands in another object
                uuid = uuid_of(str(row.get(f"{place[0]}_ref") or ""))
                api, place = place[0], place[1:]
            if not _holds(self._payload.get((api, uuid), {}), place):
                drop(data, path.split("."))
        return data


def _holds(members: Any, place: tuple[str, ...]) -> bool:
    for name in place:
        if not isinstance(members, dict) or name not in members:
            return False
        members = members[name]
    return True
