"""Refusals of the Controller: status and text of each, with where the text is known from."""

from __future__ import annotations

import re

from lab.objects import Object, Refused

HTML_404 = (
    b"<!DOCTYPE html>\n<html><head><title>Not Found</title></head><body><h1>Not Found</h1></body></html>\n"
)
CAPITALS = re.compile(r"((?<=[a-z])[A-Z]|[A-Z](?![A-Z]|$))")
"""Where Django, whose sentence a duplicate is refused with, parts a model's name: `ssl key and certificate` [INF]."""


def not_found(model: str) -> Refused:
    """An object that is not there: `VsVip object not found!` [REC]."""
    return Refused(404, f"{model} object not found!")


def no_endpoint() -> Refused:
    """A wrong or removed collection: 404 with a body that is not JSON [PUBLIC]."""
    return Refused(404, "Not Found", body=HTML_404, headers={"Content-Type": "text/html"})


def bad_ref(model: str) -> Refused:
    """A reference to what is not there: 400, never 404 [CLIENT]."""
    return Refused(400, f"{model} object not found!")


def not_allowed(method: str, allow: str = "") -> Refused:
    """A method the resource does not have: the text is [CLIENT], 405 and `detail` are [INF]."""
    headers = {"Allow": allow} if allow else {}
    return Refused(405, method, body={"detail": f"Method '{method}' not allowed."}, headers=headers)


def duplicate(model: str, *, tenant: bool, cloud: bool) -> Refused:
    """A second object of a name: `Vrf context with this Name, Tenant ref and Cloud ref already exists.` [PUBLIC]."""
    words = CAPITALS.sub(r" \1", model).strip().lower().capitalize()
    parts = ["Name"] + ["Tenant ref"] * tenant + ["Cloud ref"] * cloud
    listed = " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), parts[-1]])
    return Refused(409, f"{words} with this {listed} already exists.")


def stale(model: str) -> Refused:
    """A PUT whose `_last_modified` is not the stored one: both texts clients look for [CLIENT], joined [INF]."""
    return Refused(412, f"Concurrent Update Error: Need to reload object data {model}")


def in_use(obj: Object, users: list[str]) -> Refused:
    """A delete of what others refer to: 403 with `obj_name` [CLIENT]; 400 and unquoted for a cloud [PUBLIC]."""
    text = "Cannot delete, object is referred by: "
    if obj.type == "cloud":
        return Refused(400, f"{text}[{', '.join(users)}]")
    listed = "[" + ", ".join(f"'{user}'" for user in users) + "]"
    return Refused(403, text, body={"error": text + listed, "obj_name": obj.name})


def system_default() -> Refused:
    """A delete of what every Controller has: the text is [CLIENT], the status [INF]."""
    return Refused(403, "Cannot delete system default object")


def cannot_modify(model: str) -> Refused:
    """A write to the provider's object from another tenant [CLIENT]."""
    return Refused(400, f"Cannot modify {model}")


def not_authorized(user: str, model: str, tenant: str, *, writing: bool) -> Refused:
    """A read or a write that no role of the user's allows [PUBLIC]."""
    what = "write" if writing else "read"
    return Refused(403, f"User '{user}' is not authorized to {what} on resource {model} in tenant {tenant}")


def no_tenant(name: str) -> Refused:
    """A tenant that is not there [CLIENT]."""
    return Refused(403, f"Tenant '{name}' does not exist!")


def upgrading() -> Refused:
    """A write while the Controller is being upgraded [CLIENT]."""
    return Refused(403, "Configuration is disallowed during upgrade")
