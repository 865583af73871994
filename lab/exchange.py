"""Export and import of a site's configuration as JSON: `{type: [objects]}`."""

from __future__ import annotations

import uuid as uuids
from dataclasses import replace
from typing import Any

from avi_schema import Type, Version, dotted, parse_version
from lab import cloud
from lab.assembly import Lab
from lab.controller.references import Place, locate
from lab.controller.writes import keep_read_only
from lab.model import Invalid, accept, fill, walk_refs
from lab.objects import Json, Object, Refused

META = "META"
FIRST = ("tenant", "cloud", "vrfcontext")


def exported(lab: Lab) -> Json:
    """Every object by type, references relative, secrets in clear: the lab's own, nothing of a real site's."""
    store = lab.site.store
    system = sorted(each.ref for each in store.objects() if each.system)
    found: Json = {META: {"lab": dotted(lab.site.version), "system": system}}
    for kind in store.types():
        found[kind] = [each.body | {"uuid": each.uuid} for each in store.all(kind)]
    return found


def imported(lab: Lab, given: Json) -> int:
    """Load an export: the lab's own in place of everything, another's (by type or model name) over the defaults.

    How many objects were read. Raises Refused (400) for a shape that is no export; then nothing has changed.
    """
    types = {kind.model: name for name, kind in lab.site.schema.types.items()}
    batches: list[tuple[Type, list[Json]]] = []
    for key, bodies in given.items():
        if key == META:
            continue
        kind = lab.site.schema.types.get(key if key in lab.site.schema.types else types.get(key, ""))
        if not isinstance(bodies, list) or not all(isinstance(each, dict) for each in bodies):
            raise Refused(400, f"{key}: a list of objects is expected")
        if kind is not None:
            batches.append((kind, bodies))
    if not batches:
        raise Refused(400, "no object of a known type")
    meta = given.get(META)
    whole = isinstance(meta, dict) and "lab" in meta
    if not whole:
        lab.controller.reset()
        batches = [(kind, _read(lab, kind, bodies, _version(lab, meta))) for kind, bodies in batches]
    system = frozenset(meta.get("system", ())) if isinstance(meta, dict) else frozenset()
    batches.sort(key=lambda batch: FIRST.index(batch[0].name) if batch[0].name in FIRST else len(FIRST))
    if whole:
        lab.site.store.clear()
        lab.site.memory.clear()
    loaded = _Loader(lab, system).load(batches)
    if not whole:
        _let_in(lab)
    lab.controller.renderer.forget()
    cloud.adopt(lab.site)
    cloud.registration.prepare(lab.site)
    lab.state = "imported"
    return loaded


def _let_in(lab: Lab) -> None:
    """Give the lab's own user the password that was announced: an export has none that can be used."""
    site = lab.site
    for user in site.store.named("user", site.username):
        known = {"is_active": True, "is_superuser": True, "password": site.password}
        site.store.put(replace(user, body=user.body | known), stamp=False)


def _version(lab: Lab, meta: Any) -> Version:
    """The model an export of a Controller is written in: what its META says, else this Controller's own."""
    try:
        return parse_version(str(meta["version"]["Version"]))
    except (KeyError, TypeError, ValueError):
        return lab.site.version


def _read(lab: Lab, kind: Type, bodies: list[Json], version: Version) -> list[Json]:
    """Bodies in the newest spelling; what our schema would refuse is taken as it is: it came from a Controller."""
    found = []
    for body in bodies:
        try:
            read = accept(lab.site.schema, kind.name, body, version, lab.site.version)
        except Invalid:
            read = dict(body)
        keep_read_only(kind, read, body)
        found.append({key: body[key] for key in ("uuid", "url", "_last_modified") if key in body} | read)
    return found


class _Loader:
    """Objects into the store in two passes: first so that all can be found, then with their references resolved."""

    def __init__(self, lab: Lab, system: frozenset[str]) -> None:
        self.site = lab.site
        self.system = system

    def load(self, batches: list[tuple[Type, list[Json]]]) -> int:
        drafts = [self._draft(kind, body) for kind, bodies in batches for body in bodies]
        for obj in drafts:
            body = self._settled(obj)
            ref = obj.ref in self.system or obj.system
            self.site.store.put(Object(obj.type, obj.uuid, obj.tenant, obj.cloud, body, ref), stamp=False)
        return len(drafts)

    def _draft(self, kind: Type, body: Json) -> Object:
        store = self.site.store
        name = str(body.get("name", ""))
        tenant = self._at(body.get("tenant_ref"), "tenant") if kind.has_tenant else "admin"
        cloud_uuid = self._at(body.get("cloud_ref"), "cloud", "") if kind.has_cloud else ""
        url = str(body.get("url", "")).partition("#")[0].rpartition("/")[2]
        uuid = str(body.get("uuid") or url or f"{kind.name}-{uuids.uuid4()}")
        scope = {"tenant": tenant if kind.has_tenant else None, "cloud": cloud_uuid or None}
        for double in store.named(kind.name, name, **scope) if name and kind.name != "network" else ():
            if double.uuid != uuid and double.system:
                store.remove(double)
        if kind.singleton or kind.name == "controllerproperties":
            for lone in list(store.all(kind.name)):
                store.remove(lone)
        identity = {"name": name} if name else {}
        system = f"/api/{kind.name}/{uuid}" in self.system
        draft = Object(kind.name, uuid, tenant, cloud_uuid, identity, system)
        store.put(draft, stamp=False)
        return Object(kind.name, uuid, tenant, cloud_uuid, body, system)

    def _settled(self, obj: Object) -> Json:
        schema, place = self.site.schema, Place(obj.tenant, obj.cloud)
        body = fill(schema, obj.type, {k: v for k, v in obj.body.items() if k != "url"}, self.site.version)
        for box, key, slot in walk_refs(schema, obj.type, body):
            written = str(box[key])
            try:
                found = locate(self.site.store, written, slot.ref or "", place)
            except Refused:
                found = None
            box[key] = found.ref if found else "/api/" + written.partition("#")[0].rpartition("/api/")[2]
        body["uuid"] = obj.uuid
        body.setdefault("_last_modified", self.site.clock.stamp())
        return body

    def _at(self, written: Any, kind: str, default: str = "admin") -> str:
        if not isinstance(written, str) or not written:
            if kind == "cloud" and (named := self.site.store.named("cloud", "Default-Cloud")):
                return named[0].uuid
            return default
        try:
            found = locate(self.site.store, written, kind, Place())
        except Refused:
            found = None
        return found.uuid if found else default
