"""The applier: carries out a plan, one write at a time, each on an object that is as the plan saw it.

What needs an object that was to be created, or is gone, waits for it. An object that exists and was to be amended holds
back only steps that change a field which depends on an amended one; which fields do is declared on the models, see
`intent.base.Refers` (`takes`, `through`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from intent import EXISTENCE, Blocked, Drift, Intent, Unknown, compare, field_of
from live.avi.identity import Json, own_ref
from live.errors import OF_ONE_PLACE
from live.kinds import KINDS
from remediate.plan import text as show
from remediate.plan.effect import appended_twice, shows, unlike
from remediate.plan.judge import case_of, hits
from remediate.plan.model import Plan, Request, Step
from remediate.plan.payload import content, leaf_changes, owned_by_server
from remediate.plan.planner import replan
from remediate.plan.request import resolved
from remediate.plan.sequence import holds_back
from remediate.plan.view import View
from remediate.registry import SAFE_ONLY, Consent
from remediate.write.results import AppliedStep, NotApplied, ObjectChanged, RunStopped, Status
from remediate.write.writer import Writer

ATTEMPTS = 5
"""How often one object is planned anew, or one lost write sent anew, before we give way."""


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
        consent: Consent = SAFE_ONLY,
        say: Callable[[str], None] = lambda _text: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.writer = writer
        self.view = view
        self.exact = exact
        self.consent = consent
        self.say = say
        self.stop = stop
        self.refs: dict[str, str] = {}
        """By symbolic reference of the plan, the reference of the object that was created for it."""
        self._written: dict[tuple[str, str], Json] = {}
        """By collection and uuid, the objects that this run has written, as they were afterwards."""

    def apply(self, plan: Plan, dropped: Sequence[AppliedStep] = ()) -> list[AppliedStep]:
        """Every step's result, in order; after one that halts, the rest is not tried.

        `dropped` are steps that are left out, and that hold back what needs them.
        """
        results: list[AppliedStep] = []
        halted, several = "", self.view.environment.several_clouds
        for number, step in enumerate(plan.steps, 1):
            if not halted and self.stop():
                halted = "the run was interrupted"
            failed = [result for result in (*dropped, *results) if not result.right]
            result = AppliedStep(step, "skipped", halted) if halted else self._carry_out(step, failed)
            if result.halts:
                halted = f"the run stopped at {step.key.text(cloud=several)}"
            results.append(result)
            self.say(f"[{number}/{len(plan.steps)}] {result.line(several_clouds=several)}")
        return results

    def _carry_out(self, step: Step, failed: Sequence[AppliedStep]) -> AppliedStep:
        for other in failed:
            if other.step.key in step.needs and holds_back(other.step, step, gone=other.gone):
                named = other.step.key.text(cloud=self.view.environment.several_clouds)
                return AppliedStep(step, "skipped", f"{named} was not put right, and this stands on it")
        begun = len(self.writer.sent)
        try:
            result = self._step(step)
        except RunStopped as why:
            status: Status = "refused" if why.certain else "uncertain"
            result = AppliedStep(step, status, str(why), alone=why.alone)
        except ObjectChanged as why:  # several bear its name: nobody can tell which is meant
            result = AppliedStep(step, "moved", str(why))
        except Unknown as why:
            alone = isinstance(why, OF_ONE_PLACE)
            result = AppliedStep(step, "refused", f"it could not be read: {why}", alone=alone)
        return replace(result, writes=tuple(self.writer.sent[begun:]))

    def _step(self, step: Step) -> AppliedStep:
        if self.exact and self._done_before(step):
            return AppliedStep(step, "already", "it is as the plan makes it")
        if names := self._hit_now(step):
            return AppliedStep(step, "moved", f"since the plan was made, it would hit {', '.join(names)}")
        planned, at, why, begun = step, 0, "", len(self.writer.sent)
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
                again = self._after(difference, step)
                if isinstance(again, AppliedStep):
                    return again
                planned, at = again, 0
                continue
            remarks = [f"planned anew: {why}"] if why and planned is not step else []
            for sent in self.writer.sent[begun:]:
                remarks += [sent.text] if sent.unconditional else []
                remarks += [f"changed besides: {what}" for what in sent.besides]
            return AppliedStep(step, "done", "; ".join(remarks))
        return AppliedStep(step, "refused", f"given up after {ATTEMPTS} attempts: {why}")

    def _after(self, difference: ObjectChanged, step: Step) -> Step | AppliedStep:
        """The step for its object as somebody has changed it, or what becomes of it where that is not to be written.

        What lies beside what was planned stays; anything else a person has to see first. Raises as `_planned_anew`.
        """
        if self.exact:
            if difference.as_asked and self._done_before(step):
                return AppliedStep(step, "already", str(difference))
            return AppliedStep(step, "moved", str(difference), gone=difference.gone)
        again = self._planned_anew(step)
        if isinstance(again, AppliedStep):
            if difference.as_asked and again.status == "already":
                again = replace(again, text=str(difference))
            return replace(again, gone=difference.gone and not again.right)
        if others := unlike(again.requests, step.requests, self.refs):
            unseen = "; ".join(dict.fromkeys(map(str, others)))
            why = f"{difference}; what would be written now was not shown: {unseen}"
            return AppliedStep(step, "moved", why, gone=difference.gone)
        return again

    def _done_before(self, step: Step) -> bool:
        """Whether a reviewed step has been done before, as by a run of this plan that broke off.

        An object counts by the last request for it. Raises Unknown.
        """
        last = {(request.api, request.uuid or request.name): request for request in step.requests}
        created: dict[str, str] = {}
        for request in last.values():
            try:
                now = self.writer.now(request)
            except ObjectChanged:
                return False
            wanted = replace(request, body=resolved(request.body, {**self.refs, **created}))
            if now is None or not shows(wanted, now):
                return False
            if request.makes:
                created[request.makes] = own_ref(now)
        self.refs |= created
        return True

    def _send(self, step: Step, at: int) -> None:
        """Send one request of a step. Raises ObjectChanged, NotApplied, RunStopped, Unknown."""
        request = step.requests[at]
        now = self.writer.now(request)
        last = self._written.get((request.api, request.uuid))
        follows = any((prior.api, prior.uuid) == (request.api, request.uuid) for prior in step.requests[:at])
        if follows and last is not None and now is not None:
            # The plan could not know what the Controller makes of the step's own former write.
            request = replace(request, read=content(request.api, last))
        if difference := changed_since_plan(request, now):
            raise ObjectChanged(difference, gone=now is None)
        body = resolved(request.body, self.refs)
        after = self.writer.send(step.key, request, body, now)
        self._written[request.api, str(after.get("uuid", request.uuid))] = after
        if request.makes and after.get("url"):
            self.refs[request.makes] = own_ref(after)
        if twice := appended_twice(replace(request, body=body), after):
            raise ObjectChanged(f"another run has appended the same to {', '.join(twice)} at the same moment")

    def _hit_now(self, step: Step) -> list[str]:
        """By name, whom a guarded step would hit at this moment and nobody has agreed to.

        A plan is as old as its review, or as the writes before this one; those who came since are asked for anew.
        Raises Unknown.
        """
        want = self.view.environment.find(step.key)
        if step.risk != "guarded" or step.action == "create" or want is None or type(want) not in KINDS:
            return []
        agreed = {name for change in step.changes for name in change.overrides}
        drifts = [Drift(step.key, change.path, change.want, change.have) for change in step.changes]
        try:
            case = case_of(self.view.anew(), want, drifts)
        except (Blocked, Unknown):
            return []  # the precondition of its write decides
        try:
            return [name for verdict in hits(case) for name in verdict.hit if name not in agreed]
        except Unknown as why:
            if any(request.uuid and self.writer.now(request) is None for request in step.requests):
                return []  # its object was deleted, which the precondition of its write says
            kind = type(why) if isinstance(why, OF_ONE_PLACE) else Unknown
            raise kind(f"who would be hit could not be read: {why}") from why

    def _planned_anew(self, step: Step) -> Step | AppliedStep:
        """The step for its object as it is now; what became of it where nothing is left to do, or nothing may be done.

        Raises ObjectChanged where several objects bear its name by now, and Unknown.
        """
        want = self.view.environment.find(step.key)
        try:
            if want is None or type(want) not in KINDS:
                if step.action == "amend":
                    return AppliedStep(
                        step, "refused", "it has changed since it was planned; run the checks again"
                    )
                if self.writer.now(step.requests[-1]) is not None:
                    return AppliedStep(step, "already", "somebody else has made it meanwhile")
                view = self.view.anew()
                drifts: Sequence[Drift] = [Drift(step.key, EXISTENCE, "exactly one", "absent")]
            else:
                view = self._view_now(step.requests)
                drifts = self._drifts_now(step, want, view)
        except (Blocked, Unknown) as why:
            return AppliedStep(step, "refused", str(why), alone=isinstance(why, OF_ONE_PLACE))
        if not drifts:
            return AppliedStep(step, "already", "somebody else has put it right meanwhile")
        planned = replan(view, drifts, self.consent)
        if isinstance(planned, str):
            return AppliedStep(step, "refused", f"it has changed, and now: {planned}")
        return planned

    def _drifts_now(self, step: Step, want: Intent, view: View) -> Sequence[Drift]:
        """What of a step is still to be done. Raises Blocked, Unknown."""
        if not view.live.found(want):
            return [Drift(step.key, EXISTENCE, "exactly one", "absent")]
        if step.action == "create":
            self._take_over(step.requests, view)
            return compare(want, view.live[want])
        fields = dict.fromkeys(field_of(change.path) for change in step.changes)
        return compare(want, view.live[want], *fields)

    def _view_now(self, requests: Sequence[Request]) -> View:
        """The site with everything this run has written, and the objects of these requests read now."""
        now = dict(self._written)
        gone: set[tuple[str, str]] = set()
        for request in requests:
            obj = self.writer.now(request)
            if obj is not None:
                now[request.api, str(obj["uuid"])] = obj
            elif request.uuid:
                gone.add((request.api, request.uuid))
        snapshot = self.view.live.snapshot
        objects = dict(snapshot.objects)
        for api in {api for api, _ in (*now, *gone)} & objects.keys():
            kept = [row for row in objects[api] if (api, row.get("uuid")) not in {*now, *gone}]
            fresh = [obj for (where, uuid), obj in now.items() if where == api and (api, uuid) not in gone]
            objects[api] = kept + fresh
        return self.view.anew(self.view.live.at(replace(snapshot, objects=objects)))

    def _take_over(self, requests: Sequence[Request], view: View) -> None:
        """What somebody else created meanwhile is what later steps refer to."""
        for request in requests:
            if request.makes and request.makes not in self.refs:
                for row in view.live.names.find(request.api, request.name, request.cloud, request.tenant):
                    self.refs[request.makes] = own_ref(row)
                    self._written[request.api, str(row["uuid"])] = row


def changed_since_plan(request: Request, now: Json | None) -> str:
    """What is not as the plan saw it, in words; "" when it is."""
    seen = request.read
    if now is None:
        return "" if seen is None else "it is not there any more"
    if seen is None:
        return "it is there already"
    content_now = content(request.api, now)
    hidden = owned_by_server(request.api)
    leaves = leaf_changes({k: v for k, v in seen.items() if k not in hidden}, content_now)
    text = show.leaves_line(leaves)
    return f"changed since the plan was made: {text}" if text else ""
