"""One request on its way through the Controller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from avi_schema import Version
from lab.controller.messages import Request
from lab.controller.tenancy import Scope
from lab.controller.writes import Write
from lab.site import Site

if TYPE_CHECKING:
    from lab.controller.core import Controller


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a known caller, with the version it speaks and the tenant it means."""

    controller: Controller
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
        return Write(self.version, self.scope.writes_to, user, slug, stated=stated)
