"""Where behaviour meets the generic Controller: registries keyed by object type.

The generic code (`lab.controller`) knows how every object is read and written; what a type does besides (VIP
allocation, Service Engines, runtime views) lives in `lab.cloud` and is registered here by decorator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orjson import Fragment, dumps

from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site

Before = Callable[["Site", Object, Object | None], None]
"""(site, new, old): may edit new.body (allocations, server-filled members) or raise Refused. old is None on create."""
BeforeDelete = Callable[["Site", Object], None]
"""(site, obj): may raise Refused."""
After = Callable[["Site", Object | None, Object | None], None]
"""(site, new, old): the store has been changed; new is None after a delete."""
Decorate = Callable[["Site", Object, Json], None]
"""(site, obj, body): add members only the server knows to a body about to be sent (a GET by uuid or a list), with
canonical references. Set top-level members; what lies below is shared with the store and never edited."""


@dataclass(frozen=True)
class Ask:
    """A request to a view: path parameters, query as given (last value wins), and the caller's model version."""

    params: dict[str, str]
    query: dict[str, str]
    version: tuple[int, ...]
    tenant: str


Action = Callable[["Site", Object, Json], None]
"""(site, obj, body of the POST): does what a client asks of an object beside its configuration. May raise Refused."""
View = Callable[["Site", Ask], Any]
"""Answers a bare JSON value with canonical references (`/api/<type>/<uuid>`), which the renderer makes absolute,
or a list of rows for a collection view (inventories), which the generic code filters, pages and wraps."""


class Kept(list[Any]):
    """A long list without references in it that a decorator made once and shows often: its JSON is kept beside it."""

    def __init__(self, found: Iterable[Any]) -> None:
        super().__init__(found)
        self._json: Fragment | None = None

    def __reduce__(self) -> tuple[type[Kept], tuple[list[Any]]]:
        """What a snapshot keeps of it."""
        return Kept, (list(self),)

    @property
    def json(self) -> Fragment:
        """The list as a piece of JSON that is made once."""
        if self._json is None:
            self._json = Fragment(dumps(self))
        return self._json


Page = Callable[["Site", dict[str, str]], str]
"""(site, query) -> HTML: a page of the control plane for people, at a path under /lab/."""


@dataclass(frozen=True)
class Route:
    """One view: a path template such as `/api/virtualservice/{uuid}/runtime`."""

    path: str
    view: View
    rows: bool
    open: bool


BEFORE: dict[str, list[Before]] = defaultdict(list)
BEFORE_DELETE: dict[str, list[BeforeDelete]] = defaultdict(list)
AFTER: dict[str, list[After]] = defaultdict(list)
DECORATE: dict[str, list[Decorate]] = defaultdict(list)
ROUTES: list[Route] = []
ACTIONS: dict[tuple[str, str], Action] = {}
"""By type and path below the object."""
PAGES: dict[str, Page] = {}


def before(*kinds: str) -> Callable[[Before], Before]:
    """Register a step before an object of these types is stored."""

    def register(step: Before) -> Before:
        for kind in kinds:
            BEFORE[kind].append(step)
        return step

    return register


def before_delete(*kinds: str) -> Callable[[BeforeDelete], BeforeDelete]:
    """Register a step before an object of these types is deleted."""

    def register(step: BeforeDelete) -> BeforeDelete:
        for kind in kinds:
            BEFORE_DELETE[kind].append(step)
        return step

    return register


def after(*kinds: str) -> Callable[[After], After]:
    """Register a step after an object of these types was stored or deleted."""

    def register(step: After) -> After:
        for kind in kinds:
            AFTER[kind].append(step)
        return step

    return register


def decorate(*kinds: str) -> Callable[[Decorate], Decorate]:
    """Register what the server adds to an object of these types when it is read."""

    def register(step: Decorate) -> Decorate:
        for kind in kinds:
            DECORATE[kind].append(step)
        return step

    return register


def view(path: str, *, rows: bool = False, open: bool = False) -> Callable[[View], View]:  # noqa: A002
    """Register a GET view at a path template; `rows` for a filtered and paged list, `open` for no login."""

    def register(function: View) -> View:
        ROUTES.append(Route(path, function, rows, open))
        return function

    return register


def action(kind: str, path: str) -> Callable[[Action], Action]:
    """Register what a POST on `/api/<kind>/<uuid>/<path>` does."""

    def register(function: Action) -> Action:
        ACTIONS[kind, path] = function
        return function

    return register


def page(path: str) -> Callable[[Page], Page]:
    """Register an HTML page of the control plane at an exact path such as `/lab/`."""

    def register(function: Page) -> Page:
        PAGES[path] = function
        return function

    return register
