"""Results of a remediating run: what became of each write and of each step, and how a write may fail."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Self

from intent import Key
from intent.remediation import StepReport, WriteReport
from live.avi.identity import Json
from remediate.plan import text as show
from remediate.plan.model import Request, Step
from remediate.plan.payload import content, leaf_changes
from remediate.write.record import Fate


class ObjectChanged(Exception):
    """The object is not as the plan saw it: nothing was written. Says what differs; `gone`: it is not there at all.

    `as_asked`: it is as it was to be written, and nobody knows by whom.
    """

    def __init__(self, text: str, *, gone: bool = False, as_asked: bool = False) -> None:
        super().__init__(text)
        self.gone = gone
        self.as_asked = as_asked


class NotApplied(Exception):
    """The answer was lost, and reading back shows that the write was not applied."""


class RunStopped(Exception):
    """The run must stop here. Says why; `certain` is False where nobody knows whether the write was applied.

    `alone`: it is of one tenant or cloud, and says nothing of others.
    """

    def __init__(self, text: str, *, certain: bool = True, alone: bool = False) -> None:
        super().__init__(text)
        self.certain = certain
        self.alone = alone


@dataclass(frozen=True)
class SentWrite:
    """A write that was sent, for reports: the objects are without secrets.

    `unconditional`: a PUT of an object that shows no `_last_modified`, which nothing keeps from being a stale one.
    """

    key: Key
    request: Request
    sent: Json
    before: Json | None
    after: Json | None
    fate: Fate
    text: str = ""
    unconditional: bool = False

    @property
    def besides(self) -> list[str]:
        """What else of the object is another since the write, in words: the Controller's doing, or somebody's."""
        request, was, now = self.request, self.before, self.after
        if self.fate != "done" or not was or not now:
            return []
        former, latter = (
            {key: value for key, value in content(request.api, obj).items() if key not in request.changed}
            for obj in (was, now)
        )
        return [*map(show.leaf_line, leaf_changes(former, latter))]

    def report(self) -> WriteReport:
        """What the request said anew, and the members that it was about or changed; the journal has all of them."""
        request, was, now = self.request, self.before, self.after
        members = {*request.changed, "uuid", "name"}
        if was and now:
            former, latter = content(request.api, was), content(request.api, now)
            members |= {key for key in {*former, *latter} if former.get(key) != latter.get(key)}
        before, after = (
            {key: value for key, value in obj.items() if key in members} if obj is not None else None
            for obj in (was, now)
        )
        body = replace(request, body=self.sent).shown
        return WriteReport(request.method, request.path, body, before, after, self.fate, self.text)


class Shown(NamedTuple):
    """A write as a person has seen it before it is sent."""

    method: str
    path: str
    tenant: str
    body: str

    @classmethod
    def of(cls, request: Request, body: Json) -> Self:
        """A request with its body, without what only says which version of the object it is meant for."""
        content = {key: value for key, value in body.items() if key != "_last_modified"}
        return cls(request.method, request.path, request.tenant, json.dumps(content, sort_keys=True))


Status = Literal["done", "already", "moved", "refused", "uncertain", "skipped"]
"""already: somebody else has put it right. moved: not as planned, so left alone. skipped: not tried."""


@dataclass(frozen=True)
class AppliedStep:
    """What became of one step."""

    step: Step
    status: Status
    text: str = ""
    writes: tuple[SentWrite, ...] = ()
    gone: bool = False
    """Whether its object, which was there when it was planned, is not."""
    alone: bool = False
    """Whether what kept it is of its tenant, its cloud or its type, and says nothing of others."""

    def line(self, *, several_clouds: bool = False) -> str:
        """`amend network REGIONB_VMS_3023 (vrf): done`; `several_clouds`: with the object's cloud."""
        paths = ", ".join(change.path for change in self.step.changes if change.path) or "existence"
        text = f": {self.text}" if self.text else ""
        return f"{self.step.action} {self.step.key.text(cloud=several_clouds)} ({paths}): {self.status}{text}"

    __str__ = line

    @property
    def right(self) -> bool:
        """Whether its object is as the plan wants it."""
        return self.status in ("done", "already")

    @property
    def halts(self) -> bool:
        """Whether nothing after it may be tried. An object that somebody has deleted says nothing about others."""
        return self.status in ("refused", "uncertain") and not (self.gone or self.alone)

    def report(self) -> StepReport:
        """The same for reports."""
        step = self.step
        return StepReport(
            key=step.key,
            action=step.action,
            status=self.status,
            text=self.text,
            risk=step.risk,
            changes=step.changes,
            undo=step.undo,
            permanent=step.outlook.stays,
            undo_hits=step.outlook.hits,
            undo_waits=step.outlook.blockers,
            requests=tuple(written.report() for written in self.writes),
        )
