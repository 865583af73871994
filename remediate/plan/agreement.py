"""The agreement of a reviewed plan with one made now: what both write, by member, and what only the file asks for.

A plan file may have been edited by anybody, and is older than what was read of the site. So it can only take writes
away from the plan made now, never add one; risk, guards and preconditions are those of the plan made now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from intent import Key
from intent.base import in_several_clouds
from intent.outcome import Finding
from live.avi.identity import Json, own_ref
from remediate.plan import text as show
from remediate.plan.effect import intended
from remediate.plan.model import FOLDER, VM, Plan, Request, Step
from remediate.plan.payload import canonical, leaf_changes
from remediate.plan.planner import build, replan
from remediate.plan.request import resolved
from remediate.plan.sequence import with_later_steps
from remediate.plan.view import View
from remediate.registry import SAFE_ONLY, Consent

_ABSENT: Any = object()


@dataclass(frozen=True)
class Dropped:
    """A step of the file that is not carried out.

    already: the site is as it makes it. moved: it is not as it was reviewed. unasked: nothing of now asks for it.
    """

    step: Step
    status: Literal["already", "moved", "unasked"]
    why: str


@dataclass(frozen=True)
class Agreement:
    """What is carried out, planned now; which steps of the file are not; what else the file asks for, in sentences."""

    plan: Plan
    dropped: tuple[Dropped, ...] = ()
    beyond: tuple[str, ...] = ()


def agreement(
    reviewed: Plan, view: View, findings: Sequence[Finding], consent: Consent = SAFE_ONLY
) -> Agreement:
    """Plan anew what the file asks for, and keep what comes out the same. Raises Unknown."""
    reviewed.require_model(view.live.snapshot.api_version)
    asked = {(step.key, change.path) for step in reviewed.steps for change in step.changes}
    findings = [finding for finding in findings if (finding[0].key, finding[0].path) in asked]
    plan = build(view, findings, consent)
    compared = _Compared(reviewed, plan, view)
    if unlike := [step for step in plan.steps if compared.lacking[step.key]]:
        # Some of a step may still be as it was reviewed: what of it stands for itself is looked at alone.
        alike = [
            finding
            for finding in findings
            if all(finding[0].key != step.key for step in unlike) or compared.alone(finding, consent)
        ]
        if len(alike) < len(findings):
            reasons = {key: whys for key, whys in compared.lacking.items() if whys}
            view = view.anew()
            plan = build(view, alike, consent)
            compared = _Compared(reviewed, plan, view, reasons)
    return compared.agreement()


class _Compared:
    """A reviewed plan beside one made now. `lacking`: by object, what of the plan of now the file does not have."""

    def __init__(
        self, reviewed: Plan, plan: Plan, view: View, before: Mapping[Key, Sequence[str]] | None = None
    ) -> None:
        self.reviewed = reviewed
        self.plan = plan
        self.view = view
        self.before = before or {}
        self._planned = {step.key: step for step in plan.steps}
        self._asked: dict[Key, Step] = {}
        self._number: dict[Key, int] = {}
        self._repeated: list[tuple[int, Step]] = []
        for number, step in enumerate(reviewed.steps, 1):
            if step.key in self._asked:
                self._repeated.append((number, step))
            else:
                self._asked[step.key], self._number[step.key] = step, number
        self._refs = _now_there(reviewed, plan, view)
        self.lacking = {step.key: list(self._lacks(step)) for step in plan.steps}

    def alone(self, finding: Finding, consent: Consent) -> bool:
        """Whether one drift of a step, planned alone, is as it was reviewed."""
        drift, _ = finding
        step = replan(self.view.anew(), [drift], consent)
        return isinstance(step, Step) and step.action == "amend" and not any(self._lacks(step))

    def _lacks(self, step: Step) -> Iterator[str]:
        """What a step of now would do that the file does not ask for."""
        asked = self._asked[step.key]
        if asked.action != step.action:
            yield f"it is to {step.action} now, and was to {asked.action}"
            return
        yield from self._new_hits(asked, step)
        for theirs, ours in _pairs(asked, step):
            if ours is None:
                continue
            if theirs is None:
                yield f"{ours.method} {ours.path} of {ours.name} is not in the file"
                continue
            yield from self._moved(theirs, ours)
            mine, others = _members(ours), self._resolved(theirs)
            for member, value in mine.items():
                if (there := others.get(member, _ABSENT)) is _ABSENT:
                    yield f"{ours.method} {ours.path}: {member} is not in the file"
                elif canonical(there) != canonical(value):
                    yield (
                        f"{ours.method} {ours.path}: {member} is {show.dense(there)} in the file, and "
                        f"{show.dense(value)} planned now"
                    )

    def _moved(self, theirs: Request, ours: Request) -> Iterator[str]:
        """What of the object is another than it was reviewed."""
        if ours.read is None:
            return
        if theirs.read is None:
            yield f"{ours.method} {ours.path}: the file does not have the object as it was reviewed"
            return
        seen = canonical(resolved(theirs.read, self._refs))
        if changed := [*map(show.leaf_line, leaf_changes(seen, ours.read))]:
            yield f"changed since the plan was made: {'; '.join(changed)}"

    def _new_hits(self, asked: Step, step: Step) -> Iterator[str]:
        """Whom it hits by now that the review has not seen."""
        known = {name for change in asked.changes for name in change.overrides}
        new = dict.fromkeys(name for change in step.changes for name in change.overrides if name not in known)
        if new:
            yield f"since the plan was made, it would hit {', '.join(new)}"

    def _resolved(self, request: Request) -> Json:
        members: Json = resolved(_members(request), self._refs)
        return members

    def agreement(self) -> Agreement:
        """What both agree on."""
        kept = [step for step in self.plan.steps if not self.lacking[step.key]]
        if len(kept) > 1 or len(kept) < len(self.plan.steps):
            kept = list(with_later_steps(kept, self.view.environment))
        dropped = tuple(self._dropped(kept))
        unasked = [left.step for left in dropped if left.status == "unasked"]
        return Agreement(replace(self.plan, steps=tuple(kept)), dropped, tuple(self._beyond(kept, unasked)))

    def _dropped(self, kept: Sequence[Step]) -> Iterator[Dropped]:
        carried_out = {step.key for step in kept}
        left: dict[Key, list[str]] = {}
        for unplanned in self.plan.left:
            hit = f" (would hit: {', '.join(unplanned.hit)})" if unplanned.hit else ""
            left.setdefault(unplanned.key, []).append(f"{unplanned.reason}{hit}")
        for key, step in self._asked.items():
            if key in carried_out:
                continue
            why = self.lacking.get(key) or self.before.get(key) or left.get(key)
            if not why and self._is_there(step):
                yield Dropped(step, "already", "it is as the plan makes it")
            elif why := why or self._gone(step):
                yield Dropped(step, "moved", "; ".join(dict.fromkeys(why)))
            else:
                yield Dropped(step, "unasked", "planned anew, nothing is asked of it")

    def _gone(self, step: Step) -> list[str]:
        """That an object of a type which was read is not there."""
        read = (request for request in step.requests if request.api in self.view.live.snapshot.objects)
        known = any(request.uuid and not self._rows(request) for request in read)
        return ["it is not there any more"] if known else []

    def _is_there(self, step: Step) -> bool:
        """Whether the site is as a step of the file makes it. An object counts by the last request for it."""
        last = {(request.api, request.uuid or request.name): request for request in step.requests}
        return bool(last) and all(self._shown(request) for request in last.values())

    def _shown(self, request: Request) -> bool:
        rows, body = self._rows(request), resolved(request.body, self._refs)
        return len(rows) == 1 and intended(replace(request, body=body), rows[0])

    def _rows(self, request: Request) -> list[Json]:
        """The object of a request, or those of its name, among what was read."""
        if not request.uuid or request.api in (FOLDER, VM):
            return _named(self.view, request)
        objects = self.view.live.names.objects(request.api)
        return [row for row in objects if row.get("uuid") == request.uuid]

    def _beyond(self, kept: Sequence[Step], unasked: Sequence[Step]) -> Iterator[str]:
        """What the file asks for beside what is carried out, by step, object and member.

        Objects are named with their cloud where the site has several or the file is of others.
        """
        shown = (step.key for step in (*self.reviewed.steps, *self.plan.steps))
        several = self.view.environment.several_clouds or in_several_clouds(shown)
        for number, step in (*self._repeated, *((self._number[step.key], step) for step in unasked)):
            requests = "; ".join(map(_request, step.requests)) or "nothing"
            yield f"step {number}, {step.key.text(cloud=several)}: {requests}"
        for step in kept:
            asked, planned = self._asked[step.key], step
            place = f"step {self._number[step.key]}, {step.key.text(cloud=several)}"
            for why in self.before.get(step.key, ()):
                yield f"{place}: {why}"
            for theirs, ours in _pairs(asked, planned):
                if theirs is None:
                    continue
                if ours is None:
                    yield f"{place}: {_request(theirs)}"
                    continue
                mine, others = _members(ours), self._resolved(theirs)
                if more := [member for member in others if member not in mine]:
                    values = ", ".join(f"{member}: {show.dense(others[member])}" for member in more)
                    yield f"{place}: {theirs.method} {theirs.path}: {values}"
                if theirs.method == "PUT" and (out := ours.body.keys() - theirs.body.keys() - others.keys()):
                    # A PUT takes away what it does not name.
                    yield f"{place}: PUT {theirs.path}: left out: {', '.join(sorted(out))}"


def _named(view: View, request: Request) -> list[Json]:
    """The objects of a request's name, of the types that were read."""
    if request.api in (FOLDER, VM):
        return view.rows(request.api, name=request.name, **request.at)
    if request.api not in view.live.snapshot.objects:
        return []
    return view.live.names.find(request.api, request.name, request.cloud, request.tenant)


def _now_there(reviewed: Plan, plan: Plan, view: View) -> dict[str, str]:
    """The references of what the file makes and is there by now, as by a run of it that broke off."""
    made_now = {request.makes for step in plan.steps for request in step.requests}
    refs: dict[str, str] = {}
    for step in reviewed.steps:
        for request in step.requests:
            rows = _named(view, request) if request.makes and request.makes not in made_now else []
            if len(rows) == 1:
                refs[request.makes] = own_ref(rows[0])
    return refs


def _pairs(asked: Step, planned: Step) -> Iterator[tuple[Request | None, Request | None]]:
    """The requests of two steps side by side, those of the same object in their order; None where there is no other."""
    rest = list(asked.requests)
    for ours in planned.requests:
        theirs = next((request for request in rest if _same(request, ours)), None)
        if theirs is not None:
            rest.remove(theirs)
        yield theirs, ours
    for theirs in rest:
        yield theirs, None


def _same(theirs: Request, ours: Request) -> bool:
    def place(request: Request) -> tuple[str, ...]:
        return (
            request.method,
            request.api,
            request.uuid,
            request.name,
            request.tenant,
            request.cloud,
            request.makes,
        )

    return place(theirs) == place(ours)


def _members(request: Request) -> Json:
    """What a request says anew, by member; of a PATCH by operation and member."""
    if request.method == "PUT" and request.read is None:
        return request.body
    if request.method != "PATCH":
        return request.shown
    parts = {}
    for operation, body in request.body.items():
        members = body.items() if isinstance(body, dict) else [("", body)]
        parts.update({f"{operation} {member}": value for member, value in members})
    return parts


def _request(request: Request) -> str:
    """`PUT user/user-1 of eve: full_name`."""
    return f"{request.method} {request.path} of {request.name}: {', '.join(_members(request)) or 'nothing'}"
