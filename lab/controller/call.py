"""Call of the REST API: one request of a known caller, with all that it takes to answer it; and fixed endpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from avi_schema import Version
from lab.controller.messages import Request, Response
from lab.controller.render import Renderer
from lab.controller.routing import Router
from lab.controller.sessions import Sessions
from lab.controller.tenancy import EVERY, Scope
from lab.controller.writes import Write, Writer
from lab.hooks import Route
from lab.site import Site


@dataclass
class Parts:
    """What a Controller consists of; `read_only` are the names of the types that nobody writes."""

    site: Site
    sessions: Sessions
    renderer: Renderer
    writer: Writer
    views: Router[Route]
    read_only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a known caller, with the version it speaks and the tenant it means."""

    controller: Parts
    request: Request
    version: Version
    scope: Scope

    @property
    def site(self) -> Site:
        """The site the Controller runs."""
        return self.controller.site

    def write(self, *, slug: str = "") -> Write:
        """The write this request makes."""
        user = str(self.scope.caller.user.name)
        stated = "x-avi-version" in self.request.headers
        named = {"x-avi-tenant", "x-avi-tenant-uuid"} & self.request.headers.keys()
        fixed = bool(named) and self.scope.tenant != EVERY
        return Write(
            self.version, self.scope.writes_to, user, slug, stated=stated, fixed=fixed, request=self.request
        )


Handler = Callable[[Call, dict[str, str]], Response]
"""(call, path parameters) -> answer."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A fixed endpoint beside the types: which methods it has and what answers them."""

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
