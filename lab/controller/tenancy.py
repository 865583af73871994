"""Tenants and rights: which objects a request means, sees and may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from avi_schema import Type
from lab.controller import errors
from lab.controller.messages import Request
from lab.controller.sessions import Caller
from lab.objects import Object, Refused
from lab.site import Site

ADMIN = "admin"
EVERY = "*"
PROVIDED = frozenset(
    {
        "cloud",
        "ipamdnsproviderprofile",
        "network",
        "serviceengine",
        "serviceenginegroup",
        "vimgrnwruntime",
        "vrfcontext",
    }
)
"""The provider's infrastructure, which tenants read [CLIENT]; besides, they read its system defaults [INF]."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A label that a role asks of objects: its key, and the values of which one must stand there (none: any)."""

    key: str
    values: frozenset[str]
    operation: str

    def lets_through(self, markers: dict[str, set[str]]) -> bool:
        """Whether the markers of an object fit [SCHEMA operations; INF that globs are the shell's]."""
        values = markers.get(self.key, set())
        if self.operation.endswith(("GLOB_MATCH", "GLOB_DOES_NOT_MATCH")):
            fits = any(fnmatchcase(value, each) for value in values for each in self.values)
        else:
            fits = self.key in markers and (not self.values or bool(values & self.values))
        return fits is not ("DOES_NOT" in self.operation)


@dataclass(frozen=True, slots=True)
class Scope:
    """The tenant of a request by uuid, `*` for all, and who asks."""

    tenant: str
    caller: Caller
    filters: tuple[Filter, ...] | None = None
    """The labels of which an object must bear one; None where a role of the user's asks for none."""
    unlabelled: bool = False
    """Whether objects without any label are reached all the same."""

    @property
    def writes_to(self) -> str:
        """Where a new object goes: a request over all tenants writes to admin [INF]."""
        return ADMIN if self.tenant == EVERY else self.tenant

    def visible(self, kind: Type, objects: Iterable[Object]) -> list[Object]:
        """Those of some objects that exist for this request; who reads over all tenants, unfiltered, sees every one."""
        if self.filters is None and self.tenant == EVERY and self.everywhere:
            return list(objects)
        return [each for each in objects if self.sees(kind, each)]

    def sees(self, kind: Type, obj: Object) -> bool:
        """Whether an object exists for this request: of its own tenant, or provided by admin."""
        if not self.bears_label(kind, obj):
            return False
        if self.tenant == EVERY:
            return self.everywhere or obj.tenant in self.tenants()
        if obj.tenant == self.tenant or not kind.has_tenant:
            return True
        return obj.tenant == ADMIN and (obj.system or kind.name in PROVIDED)

    def bears_label(self, kind: Type, obj: Object) -> bool:
        """Whether the labels of an object let the user's roles reach it; types without labels are reached [SCHEMA]."""
        if self.filters is None or obj.system or "markers" not in kind.message.fields:
            return True
        markers = {str(each.get("key")): {*each.get("values", [])} for each in obj.body.get("markers", [])}
        return self.unlabelled if not markers else any(each.lets_through(markers) for each in self.filters)

    @property
    def everywhere(self) -> bool:
        """Whether the user has a role in every tenant."""
        access = self.caller.user.body.get("access") or []
        return self.caller.superuser or any(each.get("all_tenants") for each in access)

    def tenants(self) -> set[str]:
        """The uuids of the tenants a user whose roles are of single ones has a role in."""
        access = self.caller.user.body.get("access") or []
        return {str(each.get("tenant_ref", "")).rpartition("/")[2] for each in access}

    def check_change(self, kind: Type, obj: Object) -> None:
        """Raise Refused when this object is the provider's and the request is a tenant's [CLIENT]."""
        if kind.has_tenant and self.tenant not in (EVERY, obj.tenant):
            raise errors.cannot_modify(kind.model)

    def check_right(self, site: Site, kind: Type, *, writing: bool) -> None:
        """Raise Refused (403) when no role of this user allows the type [INF]."""
        if self.caller.superuser:
            return
        for access in self.caller.user.body.get("access") or []:
            tenant = str(access.get("tenant_ref", "")).rpartition("/")[2]
            if not access.get("all_tenants") and self.tenant not in (EVERY, tenant):
                continue
            role = site.store.at(str(access.get("role_ref", "")))
            for right in role.body.get("privileges", []) if role else []:
                if right.get("resource") == kind.permission and right.get("type") in (
                    ("WRITE_ACCESS",) if writing else ("WRITE_ACCESS", "READ_ACCESS")
                ):
                    return
        meant = site.store.get("tenant", self.tenant)
        raise errors.not_authorized(
            self.caller.user.name, kind.model, meant.name if meant else self.tenant, writing=writing
        )


def scope(site: Site, request: Request, caller: Caller) -> Scope:
    """The scope a request names by X-Avi-Tenant-UUID or X-Avi-Tenant, else the user's default tenant.

    Raises Refused (403) for a tenant that is not there [CLIENT] or not the user's [INF].
    """
    by_uuid = request.headers.get("x-avi-tenant-uuid", "").strip()
    by_name = request.headers.get("x-avi-tenant", "").strip()
    if EVERY in (by_uuid, by_name):
        return Scope(EVERY, caller, *_labels(site, caller, EVERY))
    if by_uuid:
        tenant = site.store.get("tenant", by_uuid)
    elif by_name:
        tenant = next(iter(site.store.named("tenant", by_name)), None)
    else:
        default = str(caller.user.body.get("default_tenant_ref", ""))
        tenant = site.store.at(default) or site.store.get("tenant", ADMIN)
    if tenant is None:
        raise errors.no_tenant(by_uuid or by_name)
    found = Scope(tenant.uuid, caller, *_labels(site, caller, tenant.uuid))
    if not (found.everywhere or tenant.uuid in found.tenants()):
        raise Refused(403, f"User {caller.user.name} has no access to tenant {tenant.name}")
    return found


def _labels(site: Site, caller: Caller, tenant: str) -> tuple[tuple[Filter, ...] | None, bool]:
    """The label filters of a user's roles in a tenant, and whether one lets objects without labels through."""
    if caller.superuser:
        return None, False
    roles = [
        role
        for access in caller.user.body.get("access") or []
        if access.get("all_tenants")
        or tenant in (EVERY, str(access.get("tenant_ref", "")).rpartition("/")[2])
        if (role := site.store.at(str(access.get("role_ref", "")))) is not None
    ]
    filters: list[Filter] = []
    for role in roles:
        own = [each for each in role.body.get("filters", []) if each.get("enabled", True)]
        if not own:
            return None, False
        for each in own:
            label = each.get("match_label", {})
            operation = str(each.get("match_operation", "ROLE_FILTER_EQUALS"))
            filters.append(Filter(str(label.get("key")), frozenset(label.get("values", [])), operation))
    unlabelled = any(role.body.get("allow_unlabelled_access") for role in roles)
    return (tuple(filters), unlabelled) if roles else (None, False)
