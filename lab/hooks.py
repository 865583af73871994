"""Registry of behaviours: what the Controller does with a type of object beside storing and showing it.

A behaviour is a function that is registered by decorator under a moment and the types it is for. The generic code
(`lab.controller`) runs the steps of each moment as it comes to it; what they do lies in `lab.controller.rules`,
`lab.controller.inline_vip` and `lab.cloud`. Views and actions below an object are registered here as well, by path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeVar

from lab.objects import Json, Object
from lab.site import Site


class Moment(Enum):
    """When a step runs. Writes, deletes and answers pass the moments in this order.

    Steps of one moment and type do not depend on each other's order; what needs an order has a moment of its own.
    """

    DRAFT = "a body was validated; its references are as the client wrote them, and it has no uuid yet"
    COMPLETE = "references are resolved: fill what a server sets when the client did not"
    BEFORE = "defaults are filled: keep or allocate what the server decides, or refuse"
    CHECK = "refuse what is valid in itself and wrong among other objects"
    STORED = "the object is stored: keep indexes, and make what comes along with it"
    DISCOVERED = "clouds take over what is in their vCenter"
    PLACED = "services whose ground has changed are placed anew"

    BEFORE_DELETE = "nobody refers to the object any more: refuse to delete it"
    DELETED = "the object is gone: forget what followed from it"

    VIEW = "an object as stored, before it is put into the reader's model version"
    RENDER = "an object in the reader's model version, its references marked"
    READ = "the same in a GET: add what only the server knows"
    READ_ALONE = "the same in a GET by uuid"
    CREATED = "the same in the answer to a POST: leave out what it lacks"


class Along(Protocol):
    """Writes further objects as the one at hand is written: for the same client, under the same version."""

    @property
    def version(self) -> tuple[int, ...]:
        """The model version the write is in."""

    def create(self, kind: str, body: Json) -> Object:
        """Make an object. Raises Refused."""

    def replace(self, old: Object, body: Json) -> Object:
        """Put a new body in place of an object's. Raises Refused."""

    def delete(self, old: Object) -> None:
        """Delete an object. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Change:
    """A write on its way: the object as it is to be (as it was, when it is deleted), and as it was before.

    Steps may edit `new.body` until it is stored. `old` is None for a new object and for one that is deleted.
    """

    site: Site
    new: Object
    old: Object | None
    along: Along


@dataclass(slots=True)
class Showing:
    """An object on its way into an answer, for a reader of some model version.

    In a VIEW `body` is the store's own: put another in its place. Later it may be edited, but only its own members:
    what lies below is shared with the store. Steps that READ add references in canonical form
    (`/api/<type>/<uuid>`); `plain_ref` marks one that is to carry no `#name`.
    """

    site: Site
    obj: Object
    body: Json
    version: tuple[int, ...]
    plain_ref: Callable[[str], str]


ChangeStep = Callable[[Change], None]
"""May raise Refused up to CHECK, and BEFORE_DELETE."""
ShowStep = Callable[[Showing], None]
Step = TypeVar("Step", ChangeStep, ShowStep)


@dataclass(frozen=True)
class Ask:
    """A request to a view: path parameters, query as given (last value wins), and the caller's model version."""

    params: dict[str, str]
    query: dict[str, str]
    version: tuple[int, ...]
    tenant: str


Action = Callable[[Site, Object, Json], None]
"""(site, obj, body of the POST): does what a client asks of an object beside its configuration. May raise Refused."""
View = Callable[[Site, Ask], Any]
"""Answers a bare JSON value with canonical references (`/api/<type>/<uuid>`), which the renderer makes absolute,
or a list of rows for a collection view (inventories), which the generic code filters, pages and wraps."""


@dataclass(frozen=True)
class Route:
    """One view: a path template such as `/api/virtualservice/{uuid}/runtime`."""

    path: str
    view: View
    rows: bool
    open: bool


ANY = "*"
"""Stands for every type."""
STEPS: dict[tuple[Moment, str], list[Callable[[Any], None]]] = defaultdict(list)
"""By moment and type, in the order in which they run."""
ROUTES: list[Route] = []
ACTIONS: dict[tuple[str, str], Action] = {}
"""By type and path below the object."""


def on(moment: Moment, *kinds: str) -> Callable[[Step], Step]:
    """Register a step at a moment of objects of these types."""

    def register(step: Step) -> Step:
        for kind in kinds:
            STEPS[moment, kind].append(step)
        return step

    return register


def run(moment: Moment, what: Change | Showing) -> None:
    """Run the steps of a moment. Raises Refused where a step does."""
    for step in steps(moment, what.new.type if isinstance(what, Change) else what.obj.type):
        step(what)


def steps(moment: Moment, kind: str) -> list[Callable[[Any], None]]:
    """The steps of a moment of objects of a type: the type's own, then those of every type."""
    return [*STEPS.get((moment, kind), ()), *STEPS.get((moment, ANY), ())]


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
