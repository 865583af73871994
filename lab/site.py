"""State of the site that all parts of the lab share: object store, clock, version, and memory of the behaviours."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from avi_schema import Schema, Version
from lab.clock import Clock
from lab.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.objects import Json, Object


SEED = 20201116
"""Names and uuids the site makes up are the same in every run."""


@dataclass(frozen=True)
class Pace:
    """How long things take on the site, in seconds where no unit is named. On a real site they take minutes."""

    discovery: float = 0.0
    se_creating: float = 1.0
    se_initializing: float = 1.0
    heartbeat: float = 60.0
    """For how long a Service Engine does not answer before it counts as down."""
    licence_grace: float = 90.0
    """Days for which an expired licence still counts on Controllers that have such a time [INF]."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One request a client made: when in the site's time, seconds taken to answer, bytes of the answer's body.

    Of a vCenter the `method` of a call is its name (`RetrievePropertiesEx`); status 0 is no answer.
    """

    at: float
    method: str
    path: str
    status: int
    seconds: float
    agent: str
    length: int


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the site's DNS: over `udp` or `tcp`; `rcode` None where nothing was answered."""

    at: float
    name: str
    kind: str
    transport: str
    rcode: int | None
    length: int


@dataclass
class Site:
    """All state of the simulated site."""

    version: Version
    schema: Schema
    clock: Clock = field(default_factory=Clock)
    pace: Pace = field(default_factory=Pace)
    username: str = "admin"
    password: str = "avi-lab"  # noqa: S105 -- the lab's own, printed on its first line
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 -- reproducible names, no secrets
    store: Store = field(init=False)
    memory: dict[str, Any] = field(default_factory=dict)
    """State of behaviours that is not configuration (Service Engines, port groups ...), by behaviour name."""
    requests: deque[Heard] = field(default_factory=lambda: deque(maxlen=100_000))
    """What clients asked under /api/, oldest first; `counts` keeps the totals by method."""
    turn: int = 0
    """How many requests the Controller has begun to answer: what is made once for each is remembered by it."""
    counts: dict[str, int] = field(default_factory=dict)
    calls: deque[Heard] = field(default_factory=lambda: deque(maxlen=100_000))
    """What clients asked of every vCenter, oldest first."""
    queries: deque[Query] = field(default_factory=lambda: deque(maxlen=100_000))
    """What clients asked of DNS, oldest first."""
    events: deque[Json] = field(default_factory=lambda: deque(maxlen=20_000))
    """Config events of what clients wrote, as `analytics/logs` shows them, oldest first."""
    write: Callable[..., Object] = field(init=False)
    """write(kind, body, *, uuid=None, tenant="admin", update=False) -> Object: store through the Controller's own
    rules (validate, resolve references, defaults, hooks), with read-only members kept; `update` replaces the object
    of that uuid, or of that name, tenant and cloud. Set by lab.controller. Raises Refused."""

    def __post_init__(self) -> None:
        self.store = Store(self.schema, self.clock)

    def one(self, kind: str, name: str) -> Object:
        """The only object of that name. Raises LookupError otherwise: for code that just made it."""
        matching = self.store.named(kind, name)
        if len(matching) != 1:
            raise LookupError(f"{len(matching)} {kind} named {name!r}")
        return matching[0]

    def singleton(self, kind: str) -> Json:
        """The body of a singleton such as systemconfiguration; {} as long as there is none."""
        only = next(self.store.all(kind), None)
        return only.body if only is not None else {}

    @property
    def system(self) -> Json:
        """The body of the system configuration."""
        return self.singleton("systemconfiguration")
