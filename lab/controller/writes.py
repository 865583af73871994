"""Writer of the configuration: makes, replaces, patches and deletes objects, and runs the steps of `lab.hooks`."""

from __future__ import annotations

import copy
import uuid as uuids
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from avi_schema import Type, Version
from lab.controller import errors, events, rules
from lab.controller.messages import Request
from lab.controller.patching import is_again, patched
from lab.controller.references import Place, canonical, resolve
from lab.controller.tenancy import ADMIN
from lab.controller.versions import NEWEST
from lab.hooks import Change, Moment, run
from lab.model import Invalid, accept, fill, view
from lab.objects import Json, Object, Refused
from lab.site import Site

SENSITIVE = "<sensitive>"
NEWER = "introduced in later versions"
IDENTITY = frozenset({"url", "uuid", "_last_modified"})


@dataclass(frozen=True, slots=True)
class Write:
    """How a write came in: under which model version, into which tenant (uuid), by whom.

    `internal` writes are the site's own: they set read-only members and leave no config event. `stated` is whether
    the client named the version it writes under.
    """

    version: Version
    tenant: str = ADMIN
    user: str = "admin"
    slug: str = ""
    internal: bool = False
    stated: bool = True
    fixed: bool = False
    """Whether the client named the tenant in a header."""
    request: Request | None = None
    """The request it came by, for its event; None for the site's own."""

    @property
    def origin(self) -> events.Origin:
        """By whom, from where and by which request, as the event of a write tells it."""
        return events.Origin.of(self.user, self.request)


class Writer:
    """All changes to the configuration of one site go through here."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.schema = site.schema

    def kind(self, name: str) -> Type:
        """The type of that name. Raises Refused (404) when this Controller has none."""
        kind = self.schema.types.get(name)
        if kind is None or not kind.lives(self.site.version):
            raise errors.no_endpoint()
        return kind

    def create(self, name: str, body: Json, write: Write) -> Object:
        """Make an object. Raises Refused: 400 for what is invalid, 409 for a name or uuid that is taken."""
        kind = self.kind(name)
        with self.site.store.transaction():
            change = self._draft(kind, body, None, write)
            self._unique(kind, change.new)
            return self._store(change, write)

    def replace(self, old: Object, body: Json, write: Write) -> Object:
        """Put a new body in place of an object's. Raises Refused: 400, 409, and 412 for a stale `_last_modified`."""
        kind = self.kind(old.type)
        stamp = body.get("_last_modified")
        if stamp is not None and str(stamp) != str(old.body.get("_last_modified")):
            raise errors.stale(kind.model)
        with self.site.store.transaction():
            change = self._draft(kind, body, old, write)
            if change.new.name != old.name:
                self._unique(kind, change.new)
            return self._store(change, write)

    def patch(self, old: Object, patch: Json, write: Write) -> Object:
        """Change part of an object, as seen under the writer's version. Raises Refused as `replace`."""
        place = Place(old.tenant, old.cloud)
        patch = copy.deepcopy(patch)
        for operation in ("add", "replace", "delete", "remove"):
            if isinstance(part := patch.get(operation), dict):
                self._resolve_partly(old.type, part, place)
        seen = view(self.schema, old.type, old.body, write.version)
        body = patched(copy.deepcopy(seen), patch, self.schema, old.type, write.version)
        body.pop("_last_modified", None)
        return self.replace(old, body, write)

    def delete(self, old: Object, write: Write) -> None:
        """Delete an object. Raises Refused (403, or 400 for a cloud) when others refer to it or it is a default."""
        if rules.is_default(old):
            raise errors.system_default()
        store = self.site.store
        if users := rules.users(self.site, old):
            raise errors.in_use(old, [f"{self.schema.types[each.type].model} {each.name}" for each in users])
        change = Change(self.site, old, None, _Along(self, write))
        run(Moment.BEFORE_DELETE, change)
        with store.transaction():
            for owned in rules.owned(self.site, old):
                store.remove(owned)
            store.remove(old)
            run(Moment.DELETED, change)
        if not write.internal:
            events.record(self.site, "DELETE", write.origin, None, old)

    def write(
        self, name: str, body: Json, *, uuid: str | None = None, tenant: str = ADMIN, update: bool = False
    ) -> Object:
        """What `Site.write` is: the site's own write, in the newest model whatever the Controller's. Raises Refused.

        Members the Controller's own version does not have are stored and never shown.
        """
        write = Write(max(self.site.version, NEWEST), tenant, slug=uuid or "", internal=True)
        if not update:
            return self.create(name, body, write)
        return self.replace(self._known(name, body, uuid, tenant), body, write)

    def _known(self, name: str, body: Json, uuid: str | None, tenant: str) -> Object:
        """The object a `write(update=True)` means. Raises Refused (404)."""
        store, kind = self.site.store, self.kind(name)
        if uuid is not None:
            found = [each] if (each := store.get(name, uuid)) else []
        elif kind.singleton:
            found = list(store.all(name))
        else:
            _, cloud = self._place(kind, body, None, Write(self.site.version, tenant))
            owner = tenant if kind.has_tenant else None
            found = store.named(name, str(body.get("name", "")), tenant=owner, cloud=cloud or None)
        if len(found) != 1:
            raise errors.not_found(kind.model)
        return found[0]

    def _draft(self, kind: Type, body: Json, old: Object | None, write: Write) -> Change:
        """A change to a validated object with references resolved and members filled, not yet stored."""
        found = self._accepted(kind, body, write)
        if write.internal:
            keep_read_only(kind, found, body)
        if old is not None:
            _keep_secrets(found, old.body)
            self._keep_unseen(kind, found, old, write.version)
        tenant, cloud = self._place(kind, found, old, write)
        new = Object(kind.name, "", tenant, cloud, found)
        change = Change(self.site, new, old, _Along(self, write))
        run(Moment.DRAFT, change)
        resolve(self.site.store, kind.name, found, Place(tenant, cloud))
        uuid = old.uuid if old else (self._slug(kind, write) or self._fresh(kind, body))
        for key in IDENTITY:
            found.pop(key, None)
        found["uuid"] = new.uuid = uuid
        run(Moment.COMPLETE, change)
        new.body = fill(self.schema, kind.name, new.body, self.site.version)
        return change

    def _accepted(self, kind: Type, body: Json, write: Write) -> Json:
        """The body validated and in the newest spelling. Raises Refused (400).

        A write that states no version may use newer members all the same: the official samples do [CLIENT].
        """
        own = max(self.site.version, NEWEST) if write.internal else self.site.version
        try:
            return accept(self.schema, kind.name, body, write.version, own)
        except Invalid as error:
            if write.stated or NEWER not in error.error:
                raise Refused(error.status, error.error) from None
        try:
            return accept(self.schema, kind.name, body, own, own)
        except Invalid as error:
            raise Refused(error.status, error.error) from None

    def _store(self, change: Change, write: Write) -> Object:
        new, old = change.new, change.old
        run(Moment.BEFORE, change)
        run(Moment.CHECK, change)
        new.body = fill(self.schema, new.type, new.body, self.site.version)
        self.site.store.put(new)
        for moment in (Moment.STORED, Moment.DISCOVERED, Moment.PLACED):
            run(moment, change)
        if not write.internal:
            events.record(self.site, "UPDATE" if old else "CREATE", write.origin, new, old)
        return new

    def _place(self, kind: Type, body: Json, old: Object | None, write: Write) -> tuple[str, str]:
        """Tenant and cloud (uuids) of a body; both stay what they were on an update, and are set in the body.

        The tenant is the one that a header names [CLIENT], else the body's, else the request's; the cloud is
        Default-Cloud unless named [REC].
        """
        tenant, cloud = (old.tenant, old.cloud) if old else (write.tenant, "")
        if kind.has_tenant:
            if old is None and (written := body.get("tenant_ref")):
                named = self._ref(kind, "tenant_ref", str(written)).rpartition("/")[2]
                tenant = tenant if write.fixed else named
            body["tenant_ref"] = f"/api/tenant/{tenant}"
        if kind.has_cloud:
            if written := body.get("cloud_ref"):
                found = self._ref(kind, "cloud_ref", str(written)).rpartition("/")[2]
                if old is not None and old.cloud and found != old.cloud:
                    raise Refused(400, f"Cannot modify cloud_ref of {kind.model} {old.name}")
                cloud = found
            elif not cloud:
                cloud = rules.default_cloud(self.site, kind)
            if cloud:
                body["cloud_ref"] = f"/api/cloud/{cloud}"
        return tenant, cloud

    def _ref(self, kind: Type, member: str, written: str) -> str:
        return canonical(self.site.store, written, kind.message.fields[member], Place())

    def _resolve_partly(self, name: str, part: Json, place: Place) -> None:
        """Resolve the references of a patch, whose members may be of any shape: what is odd, `accept` refuses."""
        try:
            resolve(self.site.store, name, part, place)
        except (AttributeError, KeyError, TypeError, IndexError):
            return

    def _slug(self, kind: Type, write: Write) -> str:
        """The uuid forced by a Slug header [REC]. Raises Refused (409) when it is taken [INF]."""
        if write.slug and self.site.store.get(kind.name, write.slug) is not None:
            raise Refused(409, f"{kind.model} with this uuid already exists.")
        return write.slug

    def _fresh(self, kind: Type, body: Json) -> str:
        """A new uuid, or the body's own where portal_configuration.use_uuid_from_input asks for it [SCHEMA]."""
        given = body.get("uuid")
        if isinstance(given, str) and given:
            portal = self.site.system.get("portal_configuration", {})
            if portal.get("use_uuid_from_input") and self.site.store.get(kind.name, given) is None:
                return given
        return f"{kind.name}-{uuids.UUID(int=self.site.random.getrandbits(128), version=4)}"

    def _unique(self, kind: Type, new: Object) -> None:
        """Names are unique per tenant and cloud [PUBLIC], except among a vCenter's networks [REC]."""
        if not kind.has_name or not new.name or (new.type == "network" and rules.in_vcenter(self.site, new)):
            return
        tenant = new.tenant if kind.has_tenant else None
        cloud = new.cloud if kind.has_cloud else None
        if any(
            each.uuid != new.uuid
            for each in self.site.store.named(kind.name, new.name, tenant=tenant, cloud=cloud)
        ):
            raise errors.duplicate(kind.model, tenant=kind.has_tenant, cloud=kind.has_cloud)

    def _keep_unseen(self, kind: Type, found: Json, old: Object, version: Version) -> None:
        """Members the writer's version cannot see stay as they are: an old client's PUT does not reset them [INF]."""
        for key, value in old.body.items():
            field = kind.message.fields.get(key)
            if key in found or field is None:
                continue
            if field.read_only or not (field.lives(version) or version >= self.site.version):
                found[key] = copy.deepcopy(value)


@dataclass(frozen=True, slots=True)
class _Along:
    """Further writes of the client whose write is under way; an object of its own has no uuid forced on it."""

    writer: Writer
    write: Write

    @property
    def version(self) -> Version:
        """The model version the write is in."""
        return self.write.version

    def create(self, kind: str, body: Json) -> Object:
        """Make an object. Raises Refused."""
        return self.writer.create(kind, body, replace(self.write, slug=""))

    def replace(self, old: Object, body: Json) -> Object:
        """Put a new body in place of an object's. Raises Refused."""
        return self.writer.replace(old, body, replace(self.write, slug=""))

    def delete(self, old: Object) -> None:
        """Delete an object. Raises Refused."""
        self.writer.delete(old, replace(self.write, slug=""))


def keep_read_only(kind: Type, found: Json, body: Json) -> None:
    """Put back the read-only members validation drops: for bodies that are the site's own."""
    for key, value in body.items():
        field = kind.message.fields.get(key)
        if field is not None and field.read_only and key not in IDENTITY and key not in found:
            found[key] = copy.deepcopy(value)


def _keep_secrets(new: Any, old: Any) -> None:
    """`<sensitive>` sent back means the secret as it is stored [INF]; where none is stored it is no value."""
    if isinstance(new, dict) and isinstance(old, dict):
        for key in [key for key, value in new.items() if value == SENSITIVE]:
            if key in old:
                new[key] = old[key]
            else:
                del new[key]
        for key, value in new.items():
            _keep_secrets(value, old.get(key))
    elif isinstance(new, list) and isinstance(old, list) and _covered(new):
        for item, known in _paired(new, old):
            _keep_secrets(item, known)


def _covered(value: Any) -> bool:
    """Whether there is a `<sensitive>` in a value: only then are long lists worth pairing."""
    if isinstance(value, dict):
        return any(_covered(each) for each in value.values())
    if isinstance(value, list):
        return any(_covered(each) for each in value)
    return bool(value == SENSITIVE)


def _paired(new: list[Any], old: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each element with what it was: one that says the same but for secrets, else one of its key, else its place."""
    left = list(old)
    for at, item in enumerate(new):
        like = next((each for each in left if _alike(item, each)), None)
        like = next((each for each in left if is_again(item, each)), None) if like is None else like
        like = old[at] if like is None and at < len(old) and old[at] in left else like
        if like is not None:
            left.remove(like)
            yield item, like


def _alike(new: Any, old: Any) -> bool:
    if isinstance(new, dict) and isinstance(old, dict):
        return all(value == SENSITIVE or _alike(value, old.get(key)) for key, value in new.items())
    return bool(new == old)
