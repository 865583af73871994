"""Faults on order, as data: which requests they meet, and in what way the answer fails, comes late or comes broken.

Three kinds, told apart by their member: `dns` meets questions to the DNS service, `soap` meets vCenter's methods, and
everything else meets requests to the Controller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from random import Random
from typing import Any, TypeVar

from lab.objects import Json

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
SEED = 7
DNS_ANSWERS = ("servfail", "refused", "timeout", "truncated", "wrong-id", "lame", "garbage")
STAGES = ("body", "headers", "chunks", "interim")
MOST = 10_000
"""Faults in force at one time; more is a client that has lost its way."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class Meets:
    """How often a fault is met: `skip` pass first, then `count` are met (None: all), each with `probability`.

    The dice are thrown from `seed`, so that the same requests meet the same faults. `delay` waits so many seconds.
    """

    count: int | None = None
    skip: int = 0
    probability: float = 1.0
    seed: int = SEED
    delay: float = 0.0
    met: int = 0
    dice: Random | None = None

    def due(self) -> bool:
        """Whether this request, which the fault is meant for, meets it; counted."""
        if self.count is not None and self.met >= self.count:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1.0:
            self.dice = self.dice or Random(self.seed)  # noqa: S311 -- repeatable, no secret
            if self.dice.random() >= self.probability:
                return False
        self.met += 1
        return True


@dataclass(slots=True)
class Fault(Meets):
    """One fault of the Controller, or of what stands before it.

    `method` and `path` are regular expressions over the whole method and anywhere in the path with its query.

    Instead of the answer: `status` (with `body`, a string or JSON, and `headers`); `html`, a proxy's page (with
    `status`, else 502); `close`, none; `refuse`, none, and for so many seconds nobody listens.

    To the Controller's own answer: `lost`, it acts and the answer is dropped; `truncate`, cut after so many bytes
    of its body, and `hold` seconds later the connection is dropped; `clip`, whole as HTTP, but its body ends after
    so many bytes; `drip`, so many bytes a second of what `stage` says: its body, its headers, its chunks (a byte in
    each), or an interim `100 Continue`, again and again; `early`, behind so many `103 Early Hints`; `content_type`,
    another one; `page`, a list in pages of no more than that; `endless`, a list with a further page behind each;
    `churn`, a list that loses an object before and gains one behind each page; `stale`, a GET is answered as before
    the last write. `reset` with close, lost or truncate: the connection ends in RST, not in FIN.
    """

    path: str = ""
    method: str = ".*"
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    html: bool = False
    close: bool = False
    refuse: float = 0.0
    lost: bool = False
    truncate: int | None = None
    hold: float = 0.0
    clip: int | None = None
    drip: int | None = None
    stage: str = "body"
    early: int = 0
    content_type: str | None = None
    page: int | None = None
    endless: bool = False
    churn: bool = False
    stale: bool = False
    reset: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Whether this fault is meant for such a request at all."""
        return re.fullmatch(self.method, method) is not None and re.search(self.path, path) is not None


@dataclass(slots=True)
class DnsFault(Meets):
    """One fault of the DNS service: `dns` is a regular expression anywhere in the name that is asked.

    `answer`: servfail, refused, timeout (none at all), truncated (TC and nothing else, over TCP too), wrong-id, lame (a
    referral to the root, not authoritative), garbage. `transport` is udp or tcp; "" is both.
    """

    dns: str = ""
    transport: str = ""
    answer: str = ""


@dataclass(slots=True)
class SoapFault(Meets):
    """One fault of vCenter: `soap` is a regular expression over the whole of a method's name.

    `fault` is a vSphere fault, such as NotAuthenticated or SystemError; `status` a bare HTTP status; `html` a proxy's
    page; `truncate` cuts the answer after so many bytes; `close` gives none.
    """

    soap: str = ""
    fault: str = ""
    status: int | None = None
    html: bool = False
    truncate: int | None = None
    close: bool = False


M = TypeVar("M", bound=Meets)
EFFECTS: dict[type[Meets], tuple[str, ...]] = {
    Fault: (
        *("status", "html", "delay", "close", "refuse", "lost", "truncate", "clip", "drip"),
        *("early", "content_type", "page", "endless", "churn", "stale"),
    ),
    DnsFault: ("answer", "delay"),
    SoapFault: ("fault", "status", "html", "truncate", "close", "delay"),
}


class Faults:
    """The faults in force, the first that is met wins."""

    def __init__(self) -> None:
        self.active: list[Meets] = []

    def replace(self, given: Any) -> None:
        """Put these faults in force instead. Raises ValueError for what is no fault; then nothing has changed."""
        self.active = _all(given)

    def add(self, given: Any) -> None:
        """Put these in force besides. Raises ValueError for what is no fault; then nothing has changed."""
        found = _all(given)
        if len(self.active) + len(found) > MOST:
            raise ValueError(f"there are {len(self.active)} faults in force, and {MOST} is the most")
        self.active += found

    def shown(self) -> list[Json]:
        """The faults in force as data; `met` counts the requests each has met."""
        return [{k: v for k, v in asdict(each).items() if k != "dice"} for each in self.active]

    def pick(self, method: str, path: str) -> Fault | None:
        """The fault this request to the Controller meets, counted; None for most."""
        return _first(one for one in self.active if isinstance(one, Fault) and one.matches(method, path))

    def pick_dns(self, name: str, transport: str) -> DnsFault | None:
        """The fault this question meets, counted."""
        return _first(
            one
            for one in self.active
            if isinstance(one, DnsFault)
            and one.transport in ("", transport)
            and re.search(one.dns, name) is not None
        )

    def pick_soap(self, method: str) -> SoapFault | None:
        """The fault this call of vCenter meets, counted."""
        return _first(
            one
            for one in self.active
            if isinstance(one, SoapFault) and re.fullmatch(one.soap or ".*", method) is not None
        )

    @property
    def stale(self) -> bool:
        """Whether some answer may have to be given as it was before the last write."""
        return any(isinstance(one, Fault) and one.stale for one in self.active)


def _first(found: Iterable[M]) -> M | None:
    return next((one for one in found if one.due()), None)


def _all(given: Any) -> list[Meets]:
    rows = given if isinstance(given, list) else [given]
    if len(rows) > MOST:
        raise ValueError(f"{len(rows)} faults; {MOST} is the most")
    return [read(each) for each in rows]


def read(given: Any) -> Meets:
    """A fault from its JSON. Raises ValueError saying what is wrong with it."""
    if not isinstance(given, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 -- one error for all that is wrong with a fault
    kind: type[Meets] = DnsFault if "dns" in given else SoapFault if "soap" in given else Fault
    known = {one.name for one in fields(kind)} - {"met", "dice"}
    if unknown := sorted(set(given) - known - {"met"}):
        raise ValueError(f"a fault has no member {unknown[0]!r}; known: {', '.join(sorted(known))}")
    fault = kind(**{key: value for key, value in given.items() if key != "met"})
    _patterns(fault)
    _numbers(fault)
    _words(fault)
    if not any(
        getattr(fault, name) not in (None, False, 0.0, "") or _zero(fault, name) for name in EFFECTS[kind]
    ):
        raise ValueError(f"a fault does something: {', '.join(EFFECTS[kind])}")
    return fault


def _zero(fault: Meets, name: str) -> bool:
    """Nothing of the body is an effect too."""
    return name in ("truncate", "clip") and getattr(fault, name) is not None


def _patterns(fault: Meets) -> None:
    for name in ("method", "path", "dns", "soap"):
        pattern = getattr(fault, name, "")
        try:
            re.compile(pattern)
        except (re.error, TypeError, RecursionError, OverflowError) as error:
            raise ValueError(f"{name} is a regular expression: {error}") from None
        if not isinstance(pattern, str):
            raise ValueError(f"{name} is a regular expression")  # noqa: TRY004 -- as above


def _numbers(fault: Meets) -> None:
    for name, least in (
        ("count", 0),
        ("skip", 0),
        ("seed", 0),
        ("truncate", 0),
        ("clip", 0),
        ("drip", 1),
        ("page", 1),
    ):
        value = getattr(fault, name, None)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
            raise ValueError(f"{name} is a whole number" + (f" from {least} on" if least else ""))
    for name in ("skip", "seed"):
        if getattr(fault, name) is None:
            raise ValueError(f"{name} is a whole number")
    status = getattr(fault, "status", None)
    if status is not None and (
        isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599
    ):
        raise ValueError("status is 200 to 599")
    for name, most in (("delay", 3600.0), ("hold", 3600.0), ("refuse", 3600.0), ("probability", 1.0)):
        number = getattr(fault, name, 0.0)
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= most:
            raise ValueError(f"{name} is a number from 0 to {most:g}")


def _words(fault: Meets) -> None:
    for name in ("html", "close", "lost", "endless", "churn", "stale", "reset"):
        if not isinstance(getattr(fault, name, False), bool):
            raise ValueError(f"{name} is true or false")  # noqa: TRY004 -- as above
    if isinstance(fault, Fault):
        if not (isinstance(fault.headers, dict) and all(isinstance(v, str) for v in fault.headers.values())):
            raise ValueError("headers is an object of strings")
        if not isinstance(fault.content_type, str | None):
            raise ValueError("content_type is a string")  # noqa: TRY004 -- as above
    elif isinstance(fault, SoapFault) and not isinstance(fault.fault, str):
        raise ValueError("fault is a string")  # noqa: TRY004 -- as above
    for name, known in (("stage", STAGES), ("answer", ("", *DNS_ANSWERS)), ("transport", ("", "udp", "tcp"))):
        if getattr(fault, name, known[0]) not in known:
            raise ValueError(f"{name} is one of {', '.join(filter(None, known))}")


__all__ = ["DNS_ANSWERS", "HTML", "WRITES", "DnsFault", "Fault", "Faults", "SoapFault", "read"]
