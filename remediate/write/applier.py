"""Carrying out a plan: one write at a time, each on an object that is as the plan saw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from intent import Blocked, Drift, Unknown, compare
from live.avi.identity import Json, own_ref
from live.avi.snapshot import Live
from live.kinds import KINDS
from remediate.plan.model import Plan, Step
from remediate.plan.payload import content
from remediate.plan.planner import build
from remediate.plan.request import Request, resolved, shows
from remediate.plan.view import View
from remediate.write.dependents import holds_back
from remediate.write.writer import NotApplied, ObjectChanged, RunStopped, Writer, Written, changed_since_plan

ATTEMPTS = 5
"""How often one object is planned anew, or one lost write sent anew, before we give way."""

Status = Literal["done", "already", "moved", "refused", "uncertain", "skipped"]
"""already: somebody else has put it right. moved: not as planned, so left alone. skipped: not tried."""


@dataclass
class StepResult:
    """What became of one step."""

    step: Step
    status: Status
    text: str = ""
    writes: list[Written] = field(default_factory=list)
    gone: bool = False
    """Whether its object, which was there when it was planned, is not."""

    @property
    def right(self) -> bool:
        """Whether its object is as the plan wants it."""
        return self.status in ("done", "already")

    @property
    def halts(self) -> bool:
        """Whether nothing after it may be tried."""
        return self.status in ("refused", "uncertain")


class Applier:
    """Carries out one plan.

    `exact`: as reviewed, so an object that has changed since is left alone. Otherwise it is read and planned anew.
    `stop` is asked between two steps.
    """

    def __init__(  # noqa: PLR0913 -- the terms of one run
        self,
        writer: Writer,
        view: View,
        *,
        exact: bool = False,
        allow_disruptive: bool = False,
        say: Callable[[str], None] = lambda _text: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.writer = writer
        self.view = view
        self.exact = exact
        self.allow_disruptive = allow_disruptive
        self.say = say
        self.stop = stop
        self.refs: dict[str, str] = {}
        self._fresh: dict[tuple[str, str], Json] = {}

    def apply(self, plan: Plan) -> list[StepResult]:
        """Every step's result, in order; after one that halts, the rest is not tried."""
        results: list[StepResult] = []
        failed: list[StepResult] = []
        halted = ""
        for number, step in enumerate(plan.steps, 1):
            if not halted and self.stop():
                halted = "the run was interrupted"
            result = self._one(step, failed, halted)
            if not result.right:
                failed.append(result)
            if result.halts:
                halted = f"the run stopped at {step.key}"
            results.append(result)
            what = ", ".join(change.path for change in step.changes if change.path) or "existence"
            said = result.status + (f": {result.text}" if result.text else "")
            self.say(f"[{number}/{len(plan.steps)}] {step.action} {step.key} ({what}): {said}")
        return results

    def _one(self, step: Step, failed: list[StepResult], halted: str) -> StepResult:
        if halted:
            return StepResult(step, "skipped", halted)
        for one in failed:
            if one.step.key in step.needs and holds_back(one.step, step, gone=one.gone):
                return StepResult(step, "skipped", f"{one.step.key} was not put right, and this stands on it")
        begun = len(self.writer.sent)
        try:
            result = self._step(step)
        except RunStopped as why:
            result = StepResult(step, "refused" if why.certain else "uncertain", str(why))
        except ObjectChanged as several:
            result = StepResult(
                step, "moved", str(several)
            )  # nobody can tell which object of the name is meant
        except Unknown as why:
            result = StepResult(step, "refused", f"it could not be read: {why}")
        result.writes = self.writer.sent[begun:]
        return result

    def _step(self, step: Step) -> StepResult:
        if self.exact and (done := self._as_planned(step)):
            return done
        if hit := self._hit_now(step):
            return StepResult(step, "moved", f"since the plan was made, it would hit {', '.join(hit)}")
        planned, at, why = step, 0, ""
        for _ in range(ATTEMPTS):
            try:
                while at < len(planned.requests):
                    self._send(planned, at)
                    at += 1
            except NotApplied as lost:
                why = str(lost)
                continue
            except ObjectChanged as difference:
                why = str(difference)
                if self.exact:
                    return StepResult(step, "moved", why, gone=difference.gone)
                anew = self._planned_anew(step)
                if isinstance(anew, StepResult):
                    return anew
                planned, at = anew, 0
                continue
            return StepResult(step, "done", f"planned anew: {why}" if why and planned is not step else "")
        return StepResult(step, "refused", f"given up after {ATTEMPTS} attempts: {why}")

    def _as_planned(self, step: Step) -> StepResult | None:
        """That a reviewed step has been done before, as by a run of this plan that broke off; None where it has not.

        An object counts by the last request for it. Raises Unknown.
        """
        last = {(request.api, request.uuid or request.name): request for request in step.requests}
        made: dict[str, str] = {}
        for request in last.values():
            try:
                now = self.writer.now(request)
            except ObjectChanged:
                return None
            wanted = replace(request, body=resolved(request.body, {**self.refs, **made}))
            if now is None or not shows(wanted, now):
                return None
            if request.makes:
                made[request.makes] = own_ref(now)
        self.refs |= made
        return StepResult(step, "already", "it is as the plan makes it")

    def _send(self, step: Step, at: int) -> None:
        request = step.requests[at]
        now = self.writer.now(request)
        last = self._fresh.get((request.api, request.uuid))
        chained = last is not None and any(
            earlier.api == request.api and earlier.uuid == request.uuid for earlier in step.requests[:at]
        )
        if chained and last is not None and now is not None:
            # The plan could not know what the Controller makes of the step's own former write.
            request = replace(request, read=content(request.api, last))
        if difference := changed_since_plan(request, now):
            raise ObjectChanged(difference, gone=now is None)
        body = resolved(request.body, self.refs)
        after = self.writer.send(step.key, request, body, now)
        if not after.get("uuid"):
            after = self.writer.now(request) or after
        self._fresh[request.api, str(after.get("uuid", request.uuid))] = after
        if request.makes and after.get("url"):
            self.refs[request.makes] = own_ref(after)

    def _hit_now(self, step: Step) -> list[str]:
        """By name, what a guarded step would hit at this moment and nobody has agreed to.

        A plan is as old as its review, or as the writes before this one; those who came since are asked for anew.
        Raises Unknown.
        """
        kind = type(self.view.environment.find(step.key))
        if step.risk != "guarded" or step.action == "create" or kind not in KINDS:
            return []
        agreed = {name for change in step.changes for name in change.overrides}
        asked = [(Drift(step.key, one.path, one.want, one.have), "") for one in step.changes]
        refused = build(self.view.at(self.view.live), asked, foretell=False).refused
        for left in refused:
            if not left.hit:
                raise Unknown(left.reason)
        return [name for left in refused for name in left.hit if name not in agreed]

    def _planned_anew(self, step: Step) -> Step | StepResult:
        """The step for its object as it is now; a StepResult when there is nothing left to do, or nothing may be done.

        Raises ObjectChanged where several objects bear its name by now, and Unknown.
        """
        want = self.view.environment.find(step.key)
        if want is None or type(want) not in KINDS:
            if step.action == "create":
                return StepResult(step, "already", "somebody else has made it meanwhile")
            return StepResult(step, "refused", "it has changed since it was planned; run the checks again")
        view = self._view_now(step.requests)
        try:
            if not view.live.found(want):
                return self._planned(view, step, [Drift(step.key, "", "exactly one", "absent")])
            if step.action == "create":
                self._name(step.requests, view)
                drifts = compare(want, view.live[want])
            else:
                fields = dict.fromkeys(
                    Drift(step.key, change.path, None, None).field for change in step.changes
                )
                drifts = compare(want, view.live[want], *fields)
        except (Blocked, Unknown) as why:
            return StepResult(step, "refused", str(why))
        if not drifts:
            return StepResult(step, "already", "somebody else has put it right meanwhile")
        return self._planned(view, step, drifts)

    def _planned(self, view: View, step: Step, drifts: tuple[Drift, ...] | list[Drift]) -> Step | StepResult:
        asked = [(drift, "") for drift in drifts]
        plan = build(view, asked, allow_disruptive=self.allow_disruptive, foretell=False)
        if not plan.steps:
            reasons = "; ".join(dict.fromkeys(one.reason for one in plan.left))
            return StepResult(step, "refused", f"it has changed, and now: {reasons}")
        return plan.steps[0]

    def _view_now(self, requests: tuple[Request, ...]) -> View:
        """The site with everything this run has written, and the objects of these requests read now."""
        fresh = dict(self._fresh)
        gone: set[tuple[str, str]] = set()
        for request in requests:
            now = self.writer.now(request)
            if now is not None:
                fresh[request.api, str(now["uuid"])] = now
            elif request.uuid:
                gone.add((request.api, request.uuid))
        snapshot = self.view.live.snapshot
        objects = {api: list(rows) for api, rows in snapshot.objects.items()}
        for api in {api for api, _ in (*fresh, *gone)} & objects.keys():
            mine = {uuid for where, uuid in (*fresh, *gone) if where == api}
            kept = [row for row in objects[api] if row.get("uuid") not in mine]
            objects[api] = kept + [body for (where, uuid), body in fresh.items() if where == api]
            objects[api] = [row for row in objects[api] if (api, row.get("uuid")) not in gone]
        return self.view.at(Live(replace(snapshot, objects=objects)))

    def _name(self, requests: tuple[Request, ...], view: View) -> None:
        """What somebody else made meanwhile is what later steps refer to."""
        for request in requests:
            if request.makes and request.makes not in self.refs:
                for row in view.live.names.find(request.api, request.name, request.cloud, request.tenant):
                    self.refs[request.makes] = own_ref(row)
                    self._fresh[request.api, str(row["uuid"])] = row


__all__ = ["ATTEMPTS", "Applier", "Status", "StepResult"]
