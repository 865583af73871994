"""References as clients write them, resolved to canonical ones: `/api/<type>/<uuid>`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import unquote, unquote_plus

from avi_schema import Field
from lab.controller import errors
from lab.controller.tenancy import ADMIN
from lab.model import walk_refs
from lab.objects import Json, Object, Refused
from lab.store import Store


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name is looked up first: the tenant and cloud (uuids, "" for none) of the object that refers."""

    tenant: str = ADMIN
    cloud: str = ""
    vrf: str = ""
    """The reference of its VRF context: of networks of one name that context's is meant [CLIENT]."""


def resolve(store: Store, kind: str, body: Json, place: Place) -> None:
    """Rewrite every reference in a body of this type, in place.

    Raises Refused (400, `VrfContext object not found!` [CLIENT]) for one that points at nothing.
    """
    empty: list[tuple[Json, str]] = []
    slots = sorted(walk_refs(store.schema, kind, body), key=lambda slot: slot[1] != "vrf_context_ref")
    for box, key, slot in slots:
        written = box[key]
        if isinstance(written, str) and not written and isinstance(key, str):
            empty.append((box, key))
            continue
        box[key] = canonical(store, str(written), slot, place)
        if key == "vrf_context_ref":
            place = replace(place, vrf=str(box[key]))
    for box, key in empty:
        del box[key]


def canonical(store: Store, written: str, slot: Field, place: Place) -> str:
    """One reference in any accepted form: absolute or relative, with or without `#name`, by name, or a bare uuid.

    Absolute and `#name` [REC]; `?name=` and relative [CLIENT]; bare uuid [CLIENT]. Raises Refused as `resolve`.
    """
    target = slot.ref or ""
    found = locate(store, written, target, place)
    if found is None or not _reaches(store, place.tenant, found):
        named = _parts(written)[0] or target
        raise errors.bad_ref(_model(store, target or named))
    return found.ref


def _reaches(store: Store, tenant: str, found: Object) -> bool:
    """Whether an object of a tenant may refer to another: its own or the provider's; the provider to all [INF]."""
    described = store.schema.types.get(found.type)
    shared = described is None or not described.has_tenant
    return shared or tenant == ADMIN or found.tenant in (tenant, ADMIN)


def locate(store: Store, written: str, target: str, place: Place) -> Object | None:
    """The object a written reference means, None when there is none. Raises Refused when several bear the name."""
    kind, rest = _parts(written)
    if not kind:
        return store.get(target, rest.partition("#")[0]) or _by_name(store, target, rest, place)
    path, asked, query = rest.partition("?")
    if asked and not path.strip("/"):
        return _by_query(store, kind, target, query, place)
    # Of `/api/tenant/admin/role/<uuid>` the last two segments count [CLIENT: Terraform].
    *further, uuid = unquote(path.partition("#")[0].strip("/")).split("/")
    kind = further[-1] if further else kind
    if target and kind != target:
        # One uuid names a port group both as network and as vimgrnwruntime [REC].
        return store.get(target, uuid)
    return store.get(kind, uuid)


def _parts(written: str) -> tuple[str, str]:
    """`<type>` and what follows it; the type is empty for what is no reference by path."""
    head, marker, rest = written.partition("/api/")
    if not marker or (head and "://" not in head):
        return "", written
    ends = [at for mark in "/?#" if (at := rest.find(mark)) >= 0]
    end = min(ends, default=len(rest))
    return rest[:end].lower(), rest[end:].removeprefix("/")


def _by_query(store: Store, kind: str, target: str, query: str, place: Place) -> Object | None:
    asked = dict(pair.partition("=")[::2] for pair in query.split("&"))
    if uuid := asked.get("uuid"):
        return store.get(target or kind, uuid)
    cloud = asked.get("cloud") or asked.get("cloud_ref.name")
    if cloud is not None:
        place = replace(place, cloud=_first(store, "cloud", cloud))
    if (tenant := asked.get("tenant")) is not None:
        place = replace(place, tenant=_first(store, "tenant", tenant))
    found = None
    for name in _readings(asked.get("name", "")):
        found = found or _by_name(store, kind, name, place)
    return store.get(target, found.uuid) if found is not None and target and kind != target else found


def _readings(written: str) -> tuple[str, ...]:
    """What a name in a reference may mean: clients write it as it is, encoded, or with `#name` behind."""
    plain = (written, written.partition("#")[0])
    return tuple(dict.fromkeys(decoded(each) for decoded in (str, unquote, unquote_plus) for each in plain))


def _first(store: Store, kind: str, name: str) -> str:
    for reading in _readings(name):
        if found := store.named(kind, reading):
            return found[0].uuid
    raise errors.bad_ref(_model(store, kind))


def _by_name(store: Store, kind: str, name: str, place: Place) -> Object | None:
    """The object's own tenant and cloud first, then what admin provides; several of a name are refused [INF]."""
    named = store.named(kind, name)
    if not named:
        return None
    described = store.schema.types.get(kind)
    if described is not None and described.has_cloud and place.cloud:
        named = [each for each in named if each.cloud == place.cloud]
    if described is not None and described.has_tenant:
        own = [each for each in named if each.tenant == place.tenant]
        named = own or [each for each in named if each.tenant == ADMIN]
    if len(named) > 1 and kind == "network" and place.vrf:
        named = [each for each in named if each.body.get("vrf_context_ref") == place.vrf] or named
    if len(named) > 1:
        raise Refused(400, f"Multiple {_model(store, kind)} objects found with name {name}")
    return named[0] if named else None


def _model(store: Store, kind: str) -> str:
    described = store.schema.types.get(kind)
    return described.model if described else kind.capitalize()
