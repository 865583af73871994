"""Mapping of tenants, roles, users and account profiles <-> `tenant`, `role`, `user` and `useraccountprofile`."""

from __future__ import annotations

from functools import cache

from avi_schema import factory_objects, load
from intent.kinds.accounts import Access, AccountProfile, Privilege, Role, RoleFilter, Tenant, User
from live.avi.identity import Home, Json, Names
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import enum, flag, key, number, reference, text_set, unset
from live.kinds.messages import elements

ALL_TENANTS = "*"
NONE = "NO_ACCESS"
_RIGHTS = {"read": "READ_ACCESS", "write": "WRITE_ACCESS", "none": NONE}
_WORDS = {theirs: ours for ours, theirs in _RIGHTS.items()}
_SHARED = "config_settings"
_MATCHES = {
    "equals": "ROLE_FILTER_EQUALS",
    "differs": "ROLE_FILTER_DOES_NOT_EQUAL",
    "glob": "ROLE_FILTER_GLOB_MATCH",
    "glob-differs": "ROLE_FILTER_GLOB_DOES_NOT_MATCH",
}
"""Our words for how a filter compares [SCHEMA]."""
_FILTER = {
    "key": key("match_label", "key"),
    "values": text_set("match_label", "values"),
    "match": enum(_MATCHES, "match_operation", default=_MATCHES["equals"]),
}
_FILTERS = elements(RoleFilter, "key", _FILTER, "filters")


@cache
def installed(api: str) -> frozenset[str]:
    """The names of the objects of a type that a Controller is installed with, as far as they are known [EXP]."""
    return frozenset(factory_objects(api, load().model))


def get_privileges(obj: Json, names: Names) -> tuple[Privilege, ...]:
    """The resources that a role may read or write; those to which it has no access are left out."""
    return tuple(
        Privilege.model_construct(resource=str(entry.get("resource", "")), access=_WORDS.get(right, right))
        for entry in obj.get("privileges", [])
        if (right := entry.get("type", NONE)) != NONE
    )


def put_privileges(obj: Json, value: tuple[Privilege, ...], names: Names) -> None:
    """Write the privileges; what is not among them gets no access, and keeps its entry."""
    wanted: dict[str, list[str | None]] = {}
    for each in value:
        wanted.setdefault(each.resource, []).append(each.access)
    entries = obj.setdefault("privileges", [])
    for entry in entries:
        rights = wanted.get(str(entry.get("resource", "")), ["none"])
        if _WORDS.get(entry.get("type", NONE), entry.get("type")) not in rights and rights[-1] is not None:
            entry["type"] = _RIGHTS.get(rights[-1], rights[-1])
    there = {str(entry.get("resource", "")) for entry in entries}
    missing = (
        (resource, rights[-1] or "read") for resource, rights in wanted.items() if resource not in there
    )
    entries += [{"resource": resource, "type": _RIGHTS.get(right, right)} for resource, right in missing]


def get_filters(obj: Json, names: Names) -> tuple[RoleFilter, ...]:
    """The labels that a role is kept to; a filter that is switched off keeps nobody from anything."""
    entries = zip(obj.get("filters", []), _FILTERS.get(obj, names), strict=True)
    return tuple(each for entry, each in entries if entry.get("enabled", True))


def put_filters(obj: Json, value: tuple[RoleFilter, ...], names: Names) -> None:
    """Write the filters; one that is switched off stays as it is, unless its label is wanted and no other has it."""
    keys, off, rest = {each.key for each in value}, [], []
    keys -= {each.key for each in get_filters(obj, names)}
    for entry, each in zip(obj.get("filters", []), _FILTERS.get(obj, names), strict=True):
        if entry.get("enabled", True):
            rest.append(entry)
        elif each.key in keys:
            keys.remove(each.key)
            rest.append({**entry, "enabled": True})
        else:
            off.append(entry)
    obj["filters"] = rest
    _FILTERS.write(obj, value, names)
    obj["filters"] = off + obj["filters"]


def get_access(obj: Json, names: Names) -> tuple[Access, ...]:
    """The role of a user by tenant."""
    return tuple(Access.model_construct(**_access(entry, names)) for entry in obj.get("access", []))


def _access(entry: Json, names: Names) -> Json:
    role = names.name(entry.get("role_ref"), "role", Home((), ("admin",)))
    return {"tenant": _tenant(entry, names), "role": role}


def _tenant(entry: Json, names: Names) -> str:
    return ALL_TENANTS if entry.get("all_tenants") else names.tenant_of(entry) or "admin"


TENANT = Kind(
    Tenant,
    "tenant",
    {
        "settings.engines_of_provider": unset(flag(_SHARED, "se_in_provider_context"), default=True),
        "settings.engines_readable": unset(flag(_SHARED, "tenant_access_to_provider_se"), default=True),
        "settings.own_vrfs": unset(flag(_SHARED, "tenant_vrf"), default=False),
    },
    built_in=lambda obj: obj.get("name") == "admin",
)

ROLE = Kind(
    Role,
    "role",
    {
        "privileges": Leaf("privileges[]", get_privileges, put_privileges),
        "filters": Leaf("filters[]", get_filters, put_filters),
        "unlabelled": flag("allow_unlabelled_access", default=True),
    },
    built_in=lambda obj: str(obj.get("name")) in installed("role"),
)

ACCOUNT_PROFILE = Kind(
    AccountProfile,
    "useraccountprofile",
    {
        "max_sessions": number("max_concurrent_sessions", default=0),
        "password_days": number("credentials_timeout_threshold", default=180),
        "max_failures": number("max_login_failure_count", default=3),
        "lock_minutes": number("account_lock_timeout", default=30),
        "password_history": number("max_password_history_count", default=4),
    },
    built_in=lambda obj: str(obj.get("name")) in installed("useraccountprofile"),
)

USER = Kind(
    User,
    "user",
    {
        "superuser": flag("is_superuser", default=False),
        "active": flag("is_active", default=True),
        "access": Leaf("access[] and access[].role_ref", get_access),
        "profile": reference("useraccountprofile", "user_profile_ref"),
    },
    also=("tenant",),
    built_in=lambda obj: obj.get("name") == "admin",
)
