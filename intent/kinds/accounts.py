"""Tenants, roles, users and their account profiles: who may do what on the Controller."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from avi_schema import load
from intent.base import Declared, Intent, Keyed, NotCompared, Refers, Unordered
from intent.exact import Lists
from intent.kinds.controller import Tenancy
from intent.values import AnyName, Name
from intent.words import nearest


class Tenant(Intent):
    """A tenant. What it shares with tenant admin is decided when it is made."""

    kind: ClassVar[str] = "tenant"
    api: ClassVar[str] = "tenant"
    section: ClassVar[str] = "tenants"
    step: ClassVar[int] = 1

    settings: Annotated[Tenancy | None, Field(description="what it shares with tenant admin")] = None


def _resource(value: str) -> str:
    known = load().message("Permission").fields["resource"].enum or ()
    if value not in known:
        raise ValueError(f"{value!r} is no resource of a Controller{nearest(value, known)}")
    return value


class Privilege(Declared):
    """A right of a role over one kind of resource."""

    resource: Annotated[
        str, AfterValidator(_resource), Field(description="as the Controller calls it: PERMISSION_POOL")
    ]
    access: Literal["read", "write"] | None = None


class RoleFilter(Declared):
    """A label that keeps a role to the objects that bear it: a marker of that key with one of the values, or any."""

    key: Name
    values: Annotated[
        tuple[str, ...] | None, Unordered(), Field(description="of which one must stand there; none: any")
    ] = None
    match: Annotated[
        Literal["equals", "differs", "glob", "glob-differs"] | None,
        Field(description="how a value is compared (equals)"),
    ] = None


class Role(Intent, Lists):
    """A role: the resources that its users may read or write. What is not among them, they may not."""

    kind: ClassVar[str] = "role"
    api: ClassVar[str] = "role"
    section: ClassVar[str] = "roles"
    step: ClassVar[int] = 1

    tenant: Annotated[Name, NotCompared()] = "admin"
    privileges: Annotated[tuple[Privilege, ...] | None, Keyed("resource")] = None
    filters: Annotated[
        tuple[RoleFilter, ...] | None,
        Keyed("key"),
        Field(
            description="labels that objects must bear, at least one of them; none of them: all objects are reached"
        ),
    ] = None
    unlabelled: Annotated[
        bool | None, Field(description="whether its users see objects without a marker too")
    ] = None


class AccountProfile(Intent):
    """Rules for the passwords and sessions of the users that have it."""

    kind: ClassVar[str] = "account profile"
    api: ClassVar[str] = "useraccountprofile"
    section: ClassVar[str] = "account_profiles"
    step: ClassVar[int] = 1

    max_sessions: Annotated[int | None, Field(ge=0, description="sessions at once; 0: any number")] = None
    password_days: Annotated[
        int | None, Field(ge=0, description="days until a password expires; 0: never")
    ] = None
    max_failures: Annotated[
        int | None, Field(ge=0, le=20, description="failed logins until a lock; 0: any")
    ] = None
    lock_minutes: Annotated[
        int | None, Field(ge=0, description="minutes of a lock; 0: until somebody unlocks")
    ] = None
    password_history: Annotated[int | None, Field(ge=0, description="former passwords that are refused")] = (
        None
    )


class Access(Declared):
    """The role of a user in one tenant, or in all."""

    tenant: Annotated[Name, Field(description="a tenant; '*' for all of them")]
    role: Annotated[AnyName | None, Refers("role", optional=True)] = None


class User(Intent, Lists):
    """A user of the Controller. Passwords stand in no file."""

    kind: ClassVar[str] = "user"
    api: ClassVar[str] = "user"
    section: ClassVar[str] = "users"
    step: ClassVar[int] = 2

    superuser: Annotated[bool | None, Field(description="whether no role bounds him")] = None
    active: Annotated[bool | None, Field(description="whether he may log in")] = None
    access: Annotated[tuple[Access, ...] | None, Keyed("tenant")] = None
    profile: Annotated[
        AnyName | None,
        Refers("useraccountprofile", optional=True),
        Field(description="the account profile whose rules hold for him"),
    ] = None
