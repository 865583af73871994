"""Login, logout, the caller's own account, and API tokens."""

from __future__ import annotations

import orjson

from lab.controller import errors, events, versions
from lab.controller.call import Call, Endpoint, Parts
from lab.controller.messages import Request, Response
from lab.controller.passwords import check
from lab.controller.render import Look, dump, settle
from lab.objects import Json, Object, Refused

HOURS = 24.0
NAMED_COOKIE = (18, 1, 2)
"""From here on a login tells the name of the session's cookie; up to 18.1.1 clients fall back to `sessionid` [REC]."""
USER_MEMBERS = ("is_superuser", "name", "username", "full_name", "email", "local", "uuid", "ui_property")


def login(controller: Parts, request: Request) -> Response:
    """`POST /login`, a form or JSON, with password or token [REC], [CLIENT]."""
    if request.method == "OPTIONS":
        return Response(200, b"", [("Allow", "POST, OPTIONS")])
    if request.method != "POST":
        raise errors.not_allowed(request.method, "POST, OPTIONS")
    given = request.form()
    opened = controller.sessions.login(
        given.get("username", ""), given.get("password", ""), given.get("token", "")
    )
    if opened is None:
        # 401 whose text contains "Invalid credentials" [CLIENT]; the rest of the body is unrecorded.
        return Response(401, b'{"error": "Invalid credentials"}', [("Allow", "POST, OPTIONS")])
    user, session = opened
    headers = [("Allow", "POST, OPTIONS"), *controller.sessions.cookies(session, first=True)]
    return Response(200, _greeting(controller, request, user), headers)


def logout(controller: Parts, request: Request) -> Response:
    """`POST /logout` ends the session [CLIENT]."""
    if request.method == "OPTIONS":
        return Response(200, b"", [("Allow", "POST, OPTIONS")])
    if request.method != "POST":
        raise errors.not_allowed(request.method, "POST, OPTIONS")
    controller.sessions.logout(request)
    return Response(200, b"{}", [("Allow", "POST, OPTIONS")])


def _greeting(controller: Parts, request: Request, user: Object) -> bytes:
    """The login answer, its members in this order; only the references inside system_config are relative [REC]."""
    site, renderer = controller.site, controller.renderer
    newest = Look(site.version)
    access = user.body.get("access") or []
    own = [str(each.get("tenant_ref", "")) for each in access]
    everywhere = user.body.get("is_superuser") or not own or any(each.get("all_tenants") for each in access)
    tenants = [each for each in site.store.all("tenant") if everywhere or each.ref in own]
    system = next(site.store.all("systemconfiguration"))
    shown = renderer.body(system, newest)
    greeting: Json = {
        "user_initialized": True,
        "version": versions.product(site.version),
        "user": {
            "is_superuser": bool(user.body.get("is_superuser")),
            "default_tenant_ref": renderer.ref(str(user.body.get("default_tenant_ref", "/api/tenant/admin"))),
            **{key: user.body[key] for key in USER_MEMBERS if key in user.body},
        },
        "tenants": [_tenant(controller, each) for each in tenants],
        "system_config": orjson.Fragment(settle(orjson.dumps(shown), "")),
        "controller": {
            "api_idle_timeout": site.singleton("controllerproperties").get("api_idle_timeout", 15)
        },
        **({"session_cookie_name": "avi-sessionid"} if site.version >= NAMED_COOKIE else {}),
    }
    return dump(greeting, request.base)


def _tenant(controller: Parts, tenant: Object) -> Json:
    """A tenant in the login's answer; all but admin say how they are set and when that was [REC]."""
    shown: Json = {"url": controller.renderer.url(tenant), "uuid": tenant.uuid, "name": tenant.name}
    if tenant.uuid != "admin":
        shown |= {
            key: tenant.body[key] for key in ("_last_modified", "config_settings") if key in tenant.body
        }
    return shown | {"local": tenant.body.get("local", True)}


def user_tenants(call: Call, _params: dict[str, str]) -> Response:
    """The tenants that the caller may work in [CLIENT: the SDK's clone sample, Terraform]."""
    user = call.scope.caller.user
    access = user.body.get("access") or []
    everywhere = bool(user.body.get("is_superuser")) or any(each.get("all_tenants") for each in access)
    own = {str(each.get("tenant_ref", "")) for each in access}
    tenants = [each for each in call.site.store.all("tenant") if everywhere or each.ref in own]
    listed = [{"name": each.name, "uuid": each.uuid} for each in tenants]
    return Response(200, orjson.dumps({"tenants": listed}))


def useraccount(call: Call, _params: dict[str, str]) -> Response:
    """One's own account: PUT changes the password and answers 200 with nothing; the session stays valid [REC]."""
    user = call.scope.caller.user
    if call.request.method != "PUT":
        body = {key: user.body[key] for key in USER_MEMBERS if key in user.body}
        return Response(200, orjson.dumps(body))
    given = call.request.object()
    old, new = given.get("old_password"), given.get("password")
    body = dict(user.body)
    if new is not None:
        if not isinstance(new, str) or not new:
            raise Refused(400, "password must be a string")
        if old != user.body.get("password"):
            raise Refused(400, "Old password is incorrect")
        check(call.site, user.uuid, new)
        body["password"] = new
    for member in ("full_name", "email", "ui_property"):
        if isinstance(given.get(member), str):
            body[member] = given[member]
    if body.get("password") != user.body.get("password"):
        call.site.memory.setdefault("passwords_set", {})[user.uuid] = call.site.clock.now()
    changed = call.site.store.put(Object(user.type, user.uuid, user.tenant, user.cloud, body))
    events.record(call.site, "UPDATE", call.write().origin, changed, user)
    return Response(200, b"")


def user_token(call: Call, _params: dict[str, str]) -> Response:
    """Tokens of the caller: POST makes one, good for `hours` (24 unless given), GET lists them [CLIENT]."""
    user, sessions = call.scope.caller.user, call.controller.sessions
    if call.request.method == "POST":
        given = call.request.object() if call.request.body.strip() else {}
        hours = _hours(given.get("hours", HOURS))
        wanted = given.get("username") or user.name
        whose = next(iter(call.site.store.named("user", str(wanted))), None)
        if whose is None or (whose.uuid != user.uuid and not call.scope.caller.superuser):
            raise errors.bad_ref("User")
        return Response(201, orjson.dumps(sessions.issue(whose, hours)))
    found = sessions.valid_tokens(user.name)
    return Response(200, orjson.dumps({"count": len(found), "results": found}))


def _hours(written: object) -> float:
    """How long a token is to be good: a number, or one written as text, as AKO does [CLIENT]. Raises Refused (400)."""
    try:
        hours = float(written) if isinstance(written, int | float | str) and written is not True else 0.0
    except ValueError:
        hours = 0.0
    if not 0 < hours <= 87_600:
        raise Refused(400, "hours must be a positive number")
    return hours


def one_token(call: Call, params: dict[str, str]) -> Response:
    """A token by its uuid, or by itself: GET shows it, DELETE revokes it [INF]."""
    sessions = call.controller.sessions
    found = [
        each
        for each in sessions.valid_tokens(call.scope.caller.user.name)
        if params["uuid"] in (each["uuid"], each["token"])
    ]
    if not found:
        raise errors.not_found("UserToken")
    if call.request.method == "DELETE":
        del sessions.tokens[found[0]["token"]]
        return Response(204, b"", [("Content-Length", "0")])
    return Response(200, orjson.dumps(found[0]))


ENDPOINTS = (
    Endpoint("/api/useraccount", useraccount, ("GET", "PUT")),
    Endpoint("/api/user-tenant-list", user_tenants),
    Endpoint("/api/user-token", user_token, ("GET", "POST")),
    Endpoint("/api/user-token/{uuid}", one_token, ("GET", "DELETE")),
)
