"""Tenants, roles, users and their account profiles: who may do what on the Controller."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from avi_schema import load
from intent.base import Declared, Intent, Keyed, NotCompared, Refers, Unordered
from intent.exact import Lists
from intent.kinds.controller import Tenancy
from intent.values import AnyName, Name
from intent.words import nearest


class Tenant(Intent, kind="tenant", api="tenant", section="tenants", step=1):
    """A tenant. What it shares with tenant admin is decided when it is made."""

    settings: Tenancy | None = None
    """what it shares with tenant admin"""


def _resource(value: str) -> str:
    known = load().message("Permission").fields["resource"].enum or ()
    if value not in known:
        raise ValueError(f"{value!r} is no resource of a Controller{nearest(value, known)}")
    return value


class Privilege(Declared):
    """A right of a role over one kind of resource."""

    resource: Annotated[str, AfterValidator(_resource)]
    """as the Controller calls it: PERMISSION_POOL"""
    access: Literal["read", "write"] | None = None


class RoleFilter(Declared):
    """A label that keeps a role to the objects that bear it: a marker of that key with one of the values, or any."""

    key: Name
    values: Annotated[tuple[str, ...] | None, Unordered()] = None
    """of which one must stand there; none: any"""
    match: Literal["equals", "differs", "glob", "glob-differs"] | None = None
    """how a value is compared (equals)"""


class Role(Intent, Lists, kind="role", api="role", section="roles", step=1):
    """A role: the resources that its users may read or write. What is not among them, they may not."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    privileges: Annotated[tuple[Privilege, ...] | None, Keyed("resource")] = None
    filters: Annotated[tuple[RoleFilter, ...] | None, Keyed("key")] = None
    """labels that objects must bear, at least one of them; none of them: all objects are reached"""
    unlabelled: bool | None = None
    """whether its users see objects without a marker too"""


class AccountProfile(
    Intent, kind="account profile", api="useraccountprofile", section="account_profiles", step=1
):
    """Rules for the passwords and sessions of the users that have it."""

    max_sessions: Annotated[int | None, Field(ge=0)] = None
    """sessions at once; 0: any number"""
    password_days: Annotated[int | None, Field(ge=0)] = None
    """days until a password expires; 0: never"""
    max_failures: Annotated[int | None, Field(ge=0, le=20)] = None
    """failed logins until a lock; 0: any"""
    lock_minutes: Annotated[int | None, Field(ge=0)] = None
    """minutes of a lock; 0: until somebody unlocks"""
    password_history: Annotated[int | None, Field(ge=0)] = None
    """former passwords that are refused"""


class Access(Declared):
    """The role of a user in one tenant, or in all."""

    tenant: Name
    """a tenant; '*' for all of them"""
    role: Annotated[AnyName | None, Refers("role", optional=True)] = None


class User(Intent, Lists, kind="user", api="user", section="users", step=2):
    """A user of the Controller. Passwords stand in no file."""

    superuser: bool | None = None
    """whether no role bounds him"""
    active: bool | None = None
    """whether he may log in"""
    access: Annotated[tuple[Access, ...] | None, Keyed("tenant")] = None
    profile: Annotated[AnyName | None, Refers("useraccountprofile", optional=True)] = None
    """the account profile whose rules hold for him"""
