"""Notices: what a run tells of the site beside its verdict: what somebody changed, what is ill, what will run out.

They are no outcomes: a notice fails a run only where that was asked for. See docs/notices.md.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

import avi_schema
from intent.author import Author
from intent.base import Declared
from intent.difference import told_apart
from intent.installation import EVERY_TYPE
from intent.remediation import gravity
from intent.values import Name
from intent.words import counted, nearest


class Sort(StrEnum):
    """What a notice is about; the words stand in drift.json and in waivers."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    NOT_SEEN = "not seen"
    """It was there, and is gone or hidden from the user of this run."""
    ILL = "ill"
    """A state of the runtime."""
    RUNS_OUT = "runs out"
    """A forecast."""


SINCE_LAST_RUN = (Sort.ADDED, Sort.REMOVED, Sort.CHANGED, Sort.NOT_SEEN)
"""Sorts that are news by themselves; the others are states that last."""

AKO, CLOUD_CONNECTOR, SYSTEM = "AKO", "cloud connector", "system"
"""Owners that are no person."""


ALERT = "alert"
"""The Controller's alerts are no objects of its model."""
VCENTER_TYPES = ("vcenter folder", "vcenter port group", "vcenter vm")
"""Types of what a notice of a vCenter's is about."""


@dataclass(frozen=True)
class Accepted:
    """The waiver that accepts a notice: where it stands, and what it says in one line."""

    place: str
    text: str


@dataclass(frozen=True)
class Notice:
    """One notice: of an object, or of `count` objects that are not named.

    - type: the Controller's type, `pool`, or a word of vCenter's. name: with its cloud and tenant where that matters.
      cloud, tenant, bare: where it lives and its name alone, where that is known.
    - topic, severity: as those of checks. owner: "" for a person or where that is not known.
    - declared: whether something of the object is declared; what is told of it is not, else it would be a drift.
    - path: the member, `pool.servers[10.1.1.1:80].enabled` without the type; "" for the whole object.
    - was, now: of a change; never a secret, and None where the value is not told.
    - reason: of an illness the Controller's own, of a forecast the figure, of what is not seen why it need not be gone.
      cause: the object beneath that is the root of an illness.
    """

    sort: Sort
    type: str
    name: str
    uuid: str
    topic: str
    severity: str
    owner: str = ""
    declared: bool = False
    path: str = ""
    was: Any = None
    now: Any = None
    reason: str = ""
    cause: str = ""
    author: Author | None = None
    waived: Accepted | None = None
    count: int = 1
    cloud: str = ""
    tenant: str = ""
    bare: str = ""

    @property
    def subject(self) -> str:
        """`pool shop (tenant blue)`, or `4,211 pools` of those that are not named."""
        return f"{self.type} {self.name}" if self.name else counted(self.count, self.type)

    @property
    def by_a_person(self) -> bool:
        """Whether nobody else is known to have changed it; illness and forecasts are a person's to look at."""
        return not self.owner or self.sort not in SINCE_LAST_RUN

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes two notices the same one in different runs."""
        return (self.sort, self.type, self.uuid or self.name, self.path)


def sentence(notice: Notice) -> str:
    """A notice in one line: `changed pool shop: lb_algorithm: LEAST_LOAD -> ROUND_ROBIN (admin, ...)`."""
    return ": ".join((f"{notice.sort} {notice.subject}", *_about(notice))) + _by(notice)


def particulars(notice: Notice) -> str:
    """What a notice says of its object, without who did it: `lb_algorithm: LEAST_LOAD -> ROUND_ROBIN`."""
    return ": ".join(_about(notice))


def _about(notice: Notice) -> Iterator[str]:
    if notice.path:
        yield notice.path
    if notice.sort is Sort.CHANGED and not (notice.was is notice.now is None):
        if notice.path.endswith("]") and None in (notice.was, notice.now):
            yield "removed" if notice.now is None else "added"
        else:
            yield " -> ".join(told_apart(notice.was, notice.now))
    if notice.reason:
        yield notice.reason
    if notice.cause:
        yield f"because of {notice.cause}"


def _by(notice: Notice) -> str:
    who = notice.author or notice.owner
    return f" ({who})" if who else ""


def worst(notice: Notice) -> tuple[int, int, str, str, str]:
    """What notices are put in order by: the gravest first, then roots before what hangs on them, then by name."""
    return (gravity(notice.severity), bool(notice.cause), notice.type, notice.name, notice.path)


_TOPICS = {
    "alert": "controller",
    "backup": "upkeep",
    "backupconfiguration": "upkeep",
    "cloud": "cloud",
    "cluster": "controller",
    "controllerproperties": "system",
    "controllerportalregistration": "system",
    "license": "system",
    "licensing": "system",
    "network": "networks",
    "role": "roles",
    "scheduler": "upkeep",
    "serviceengine": "service engine vms",
    "serviceenginegroup": "se groups",
    "sslkeyandcertificate": "upkeep",
    "systemconfiguration": "system",
    "tenant": "tenants",
    "user": "users",
    "upgradestatusinfo": "system",
    "useraccountprofile": "users",
    "vcenterserver": "nsxt",
    "vrfcontext": "vrfs",
}


def topic_of(api: str) -> str:
    """The topic of the checks that look at a type of the Controller; `objects` where none has a topic of its own."""
    return _TOPICS.get(api, "objects")


def only_counted(numbers: Mapping[tuple[Sort, str, str], int]) -> list[Notice]:
    """One notice for each sort, type and owner, of so many objects that are not named."""
    return [
        Notice(sort, api, "", "", topic_of(api), "trivial", owner, count=number)
        for (sort, api, owner), number in numbers.items()
    ]


def _known(names: tuple[str, ...] | str) -> tuple[str, ...] | str:
    """Types by the Controller's own names, or vCenter's. Raises ValueError."""
    return known_types(names, {*avi_schema.load().types, ALERT, *VCENTER_TYPES})


def known_types(names: tuple[str, ...] | str, types: Collection[str]) -> tuple[str, ...] | str:
    """Names of types, or a word for some of them. Raises ValueError for one that is none of these."""
    for name in () if isinstance(names, str) else names:
        if name not in types:
            raise ValueError(f"no type of object is named {name!r}{nearest(name, types, EVERY_TYPE)}")
    return names


class NoticeSettings(Declared):
    """Which notices a site wants, by the Controller's types; those of vCenter are `vcenter vm` and the like."""

    strict: Annotated[Literal["all"] | tuple[Name, ...], AfterValidator(_known)] = ()
    """types of which a notice fails the run (exit code 1); `all`: of every type"""
    ignore: Annotated[tuple[Name, ...], AfterValidator(_known)] = ()
    """types of which no notice is wanted"""

    def fails(self, notice: Notice) -> bool:
        """Whether a notice fails the run: not what AKO, a cloud connector or the system did, nor a waived one."""
        strict = self.strict == "all" or notice.type in self.strict
        return strict and notice.by_a_person and notice.waived is None
