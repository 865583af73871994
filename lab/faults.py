"""Faults on order: answers that fail, come late, come broken or never come. Data in, behaviour in the server."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from lab.objects import Json

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"


@dataclass(slots=True)
class Fault:
    """One fault: whom it meets, how often, and what happens then.

    `method` and `path` are regular expressions over the whole method and anywhere in the path with its query; `skip`
    requests pass first, then `count` are met (None: all), each with `probability`. What happens: `status` (with
    `body`, a string or JSON, and `headers`) answers instead of the Controller; `html` answers with a proxy's page;
    `delay` waits so many seconds; `close` drops the connection unanswered; `lost` lets the Controller act and drops
    the answer; `truncate` cuts the answer after so many bytes of its body and drops the connection.
    """

    path: str = ""
    method: str = ".*"
    count: int | None = None
    skip: int = 0
    probability: float = 1.0
    delay: float = 0.0
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    html: bool = False
    close: bool = False
    lost: bool = False
    truncate: int | None = None
    met: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether this fault is meant for such a request at all."""
        return re.fullmatch(self.method, method) is not None and re.search(self.path, path) is not None


class Faults:
    """The faults in force, the first that matches wins."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._random = Random(7)  # noqa: S311 -- repeatable, no secret

    def replace(self, given: Any) -> None:
        """Put these faults in force instead. Raises ValueError for what is no fault."""
        self.active = [read(each) for each in (given if isinstance(given, list) else [given])]

    def add(self, given: Any) -> None:
        """Put these in force besides. Raises ValueError for what is no fault."""
        self.active += [read(each) for each in (given if isinstance(given, list) else [given])]

    def shown(self) -> list[Json]:
        """The faults in force as data; `met` counts the requests each has met."""
        return [asdict(each) for each in self.active]

    def pick(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, counted; None for most."""
        for fault in self.active:
            if not fault.matches(method, path) or (fault.count is not None and fault.met >= fault.count):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.probability >= 1.0 or self._random.random() < fault.probability:
                fault.met += 1
                return fault
        return None


def read(given: Any) -> Fault:
    """A fault from its JSON. Raises ValueError saying what is wrong with it."""
    if not isinstance(given, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 -- one error for all that is wrong with a fault
    known = set(Fault.__dataclass_fields__) - {"met"}
    if unknown := sorted(set(given) - known - {"met"}):
        raise ValueError(f"a fault has no member {unknown[0]!r}; known: {', '.join(sorted(known))}")
    fault = Fault(**{key: value for key, value in given.items() if key != "met"})
    try:
        re.compile(fault.method), re.compile(fault.path)
    except (re.error, TypeError) as error:
        raise ValueError(f"method and path are regular expressions: {error}") from None
    _numbers(fault)
    if not any((fault.delay, fault.status, fault.html, fault.close, fault.lost, fault.truncate is not None)):
        raise ValueError("a fault does something: status, html, delay, close, lost or truncate")
    return fault


def _numbers(fault: Fault) -> None:
    whole = {"count": fault.count, "skip": fault.skip, "status": fault.status, "truncate": fault.truncate}
    for name, value in whole.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise ValueError(f"{name} is a whole number")
    if fault.status is not None and not 200 <= fault.status <= 599:
        raise ValueError("status is 200 to 599")
    for name, number in (("delay", fault.delay), ("probability", fault.probability)):
        if isinstance(number, bool) or not isinstance(number, int | float) or number < 0:
            raise ValueError(f"{name} is a number")
    if not isinstance(fault.headers, dict):
        raise ValueError("headers is an object")  # noqa: TRY004 -- one error for all that is wrong with a fault
