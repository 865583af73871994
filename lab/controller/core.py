"""Simulated Controller: takes a request and gives its answer. Synchronous, without sockets; one thread owns it."""

from __future__ import annotations

import orjson

from avi_schema import Type
from lab import cloud, hooks
from lab.cloud import upgrades
from lab.cloud.cluster import lacks_quorum
from lab.controller import accounts, errors, factory, inline_vip, macro, objects, rules, system, versions
from lab.controller.call import Call, Endpoint, Parts
from lab.controller.messages import SAFE, Answered, Request, Response
from lab.controller.render import Renderer
from lab.controller.routing import Router, parts_of
from lab.controller.sessions import Sessions
from lab.controller.tenancy import scope
from lab.controller.writes import Writer
from lab.objects import Refused
from lab.site import SEED, Site

BEHAVIOURS = (cloud, inline_vip, rules)
"""The modules whose steps `lab.hooks` runs: they register when they are imported."""
ENDPOINTS = (*accounts.ENDPOINTS, *macro.ENDPOINTS, *system.ENDPOINTS)
ALWAYS = (("api", "initial-data"), ("api", "cluster", "runtime"), ("api", "cluster", "status"))
"""What a Controller answers that is not up [CLIENT: polled while it boots]."""
OWN_ACCOUNT = frozenset({"useraccount", "user-token"})
READ_ONLY_ENDINGS = ("-inventory", "runtime")
READ_ONLY = frozenset(
    {"systemlimits", "upgradestatusinfo", "upgradestatussummary", "siteversion", "vimgrvcenternetworks"}
)
COMMON = (
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-XSS-Protection", "1; mode=block"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'self'"),
    ("Cache-Control", "private, no-cache, must-revalidate"),
    ("Vary", "Accept, Cookie, X-Avi-Tenant, X-Avi-Tenant-UUID, X-Avi-Version"),
)
PORTAL = b"""<!DOCTYPE html>
<html><head><title>Avi Controller</title></head><body>
<p>This is a simulated Controller. It has no user interface; <a href="/lab/">its site</a> is shown by the lab.</p>
</body></html>
"""
"""What is at `/`, where a real Controller has its user interface: some wait for it to answer [INF]."""


class Controller(Parts):
    """The REST API of one site."""

    def __init__(self, site: Site) -> None:
        super().__init__(
            site,
            Sessions(site),
            Renderer(site),
            Writer(site),
            Router((route.path, route) for route in hooks.ROUTES),
            frozenset(
                name for name in site.schema.types if name.endswith(READ_ONLY_ENDINGS) or name in READ_ONLY
            ),
        )
        self._endpoints = Router((each.path, each) for each in ENDPOINTS)
        site.write = self.writer.write
        factory.build(site, self.writer)

    def reset(self) -> None:
        """Back to a Controller that was just installed: its factory objects, nobody logged in."""
        self.site.store.clear()
        self.site.memory.clear()
        self.site.events.clear()
        self.site.random.seed(SEED)
        self.sessions = Sessions(self.site)
        self.renderer.forget()
        factory.build(self.site, self.writer)

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises for anything a client may send."""
        said = request.headers.get("x-avi-version", "").strip() or "16_4_2"
        self.site.turn += 1
        cloud.settle(self.site)
        try:
            response, session = self._answer(request)
            response.headers += session
        except Answered as ready:
            response = ready.response
        except Refused as refused:
            response = refusal(refused)
        headers = [("AVI_API_VERSION", said if said.isprintable() and said.isascii() else "16_4_2"), *COMMON]
        if response.status != 204 and response.header("Content-Type") is None:
            headers.append(("Content-Type", "application/json"))
        response.headers = headers + response.headers
        if request.method == "HEAD":
            response.body = b""
        return response

    def _answer(self, request: Request) -> tuple[Response, list[tuple[str, str]]]:
        parts = parts_of(request.path)
        if lacks_quorum(self.site) and parts not in ALWAYS:
            raise Refused(503, "Controller cluster has no quorum")
        if parts[:1] == ("login",) or parts[:1] == ("logout",):
            return (accounts.login if parts[0] == "login" else accounts.logout)(self, request), []
        if not parts and request.method in ("GET", "HEAD"):
            return Response(200, PORTAL, [("Content-Type", "text/html")]), []
        if parts[:1] != ("api",) or len(parts) == 1:
            raise errors.no_endpoint()
        version, _ = versions.asked(request, self.site.version)
        if (open_answer := self._open(request, version)) is not None:
            return open_answer, []
        caller = self.sessions.caller(request)
        cookies = self.sessions.cookies(caller.session)
        try:
            call = Call(self, request, version, scope(self.site, request, caller))
            return self._dispatch(call, parts), cookies
        except Refused as refused:
            return refusal(refused), cookies

    def _open(self, request: Request, version: tuple[int, ...]) -> Response | None:
        """Answer what needs no login: initial-data, cluster/runtime, cluster/status [CLIENT]."""
        if request.method not in ("GET", "HEAD"):
            return None
        path = "/" + "/".join(parts_of(request.path))
        if path == "/api/initial-data":
            return system.initial_data(self, request)
        found = self.views.find(path)
        if found is None or not found[0].open:
            return None
        route, params = found
        ask = hooks.Ask(params, dict(request.asked), version, "admin")
        return Response(200, orjson.dumps(route.view(self.site, ask)))

    def _dispatch(self, call: Call, parts: tuple[str, ...]) -> Response:
        path, method = "/" + "/".join(parts), call.request.method
        reading = method in ("GET", "HEAD")
        if method not in SAFE and upgrades.closed(self.site) and parts[1] not in OWN_ACCOUNT:
            raise errors.upgrading()
        if (fixed := self._endpoints.find(path)) is not None:
            return _fixed(call, *fixed)
        kind = self.site.schema.types.get(parts[1])
        if kind is not None and not kind.lives(self.site.version):
            raise errors.no_endpoint()
        if kind is not None and reading:
            call.scope.check_right(call.site, kind, writing=False)
        if (view := self.views.find(path)) is not None and (reading or kind is None or _is_part(view[0])):
            route, params = view
            if method == "OPTIONS":
                return Response(200, b"", [("Allow", objects.READ)])
            if not reading:
                raise errors.not_allowed(method, objects.READ)
            value = route.view(self.site, objects.asked(call, params))
            return objects.rows(call, value) if route.rows else objects.bare(call, value)
        if kind is None:
            raise errors.no_endpoint()
        return self._resource(call, kind, parts)

    def _resource(self, call: Call, kind: Type, parts: tuple[str, ...]) -> Response:
        below = "/".join(parts[3:])
        allow = system.allowed(kind, below) if below else objects.allowed(call, kind, one=len(parts) > 2)
        if call.request.method == "OPTIONS":
            return Response(200, b"", [("Allow", allow)])
        try:
            if len(parts) == 2:
                return objects.lone(call, kind) if kind.singleton else objects.collection(call, kind)
            if len(parts) == 3:
                return objects.single(call, kind, parts[2])
            return system.subresource(call, kind, parts[2], below)
        except Refused as refused:
            if refused.status == 405:
                refused.headers.setdefault("Allow", allow)
            raise


def _is_part(route: hooks.Route) -> bool:
    """Whether a view is a fixed part of something (`/api/cluster/runtime`), and no object by its uuid."""
    parts = parts_of(route.path)
    return len(parts) > 2 and not parts[-1].startswith("{")


def _fixed(call: Call, endpoint: Endpoint, params: dict[str, str]) -> Response:
    """The answer of a fixed endpoint. Raises Refused (405) for a method it does not have."""
    method, allow = call.request.method, ", ".join(("HEAD", *endpoint.methods, "OPTIONS"))
    if method == "OPTIONS":
        return Response(200, b"", [("Allow", allow)])
    if ("GET" if method == "HEAD" else method) not in endpoint.methods:
        raise errors.not_allowed(method, allow)
    response = endpoint.handler(call, params)
    if response.header("Allow") is None:
        response.headers.append(("Allow", allow))
    return response


def refusal(refused: Refused) -> Response:
    """A refusal as an answer: JSON unless its body is bytes."""
    body = refused.body if isinstance(refused.body, bytes) else orjson.dumps(refused.body)
    return Response(refused.status, body, list(refused.headers.items()))
