"""The planner: from the drifts that checks found to ordered steps, and to what is left alone with the reason.

It asks the site what it needs to know who would be hit, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from intent import (
    EXISTENCE,
    Blocked,
    Drift,
    Intent,
    Key,
    ServiceEngineVm,
    Unknown,
    Unordered,
    compare,
)
from intent.graph import in_order
from intent.outcome import Finding
from intent.remediation import Change, Risk
from intent.words import tenants_named
from live.avi.identity import Json, maker
from live.kinds import KINDS
from remediate.plan.creation import new_body, require_makeable
from remediate.plan.judge import Judgement, answer, case_of, judge, judge_one, undo_outlook
from remediate.plan.model import FOLDER, SINGLETONS, VM, Plan, Request, Step, UndoOutlook, Unplanned
from remediate.plan.patch import CannotWrite
from remediate.plan.request import amend, create, merged, with_declared
from remediate.plan.sequence import linked, with_later_steps
from remediate.plan.view import View
from remediate.registry import SAFE_ONLY, Case, Consent, Draft, Remedy, Verdict


@dataclass
class _Drifts:
    """The drifts of one object by path, and the checks that found each."""

    by_path: dict[str, Drift] = field(default_factory=dict)
    checks: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Drift]:
        yield from self.by_path.values()

    @property
    def existence(self) -> Drift | None:
        """The one that says that the object is absent, or there more than once."""
        return self.by_path.get(EXISTENCE)

    def add(self, drift: Drift, check: str) -> None:
        """One more; several checks may find the same."""
        self.by_path.setdefault(drift.path, drift)
        self.checks[drift.path] = tuple(dict.fromkeys((*self.checks.get(drift.path, ()), check)))


def build(view: View, findings: Iterable[Finding], consent: Consent = SAFE_ONLY) -> Plan:
    """The plan for what checks found."""
    planner = _Planner(view, consent)
    steps = tuple(planner.steps(findings))
    if len(steps) > 1:  # one alone stands on no other, nor does what becomes of its undo
        steps = tuple(with_later_steps(tuple(linked(steps, view.environment)), view.environment))
    snapshot = view.live.snapshot
    return Plan(
        view.environment.name,
        snapshot.address,
        snapshot.api_version,
        steps,
        tuple(planner.refused),
        tuple(planner.unanswered),
    )


def replan(view: View, drifts: Iterable[Drift], consent: Consent) -> Step | str:
    """The step for these drifts of one object, or as text why there is none. It has no outlook on its undo."""
    planner = _Planner(view, consent, undoing=False)
    for step in planner.steps((drift, "") for drift in drifts):
        return step
    return "; ".join(dict.fromkeys(left.reason for left in (*planner.refused, *planner.unanswered)))


class _Planner:
    """Collects the steps and what is left alone. `undoing`: it also asks whom the undo of a step would hit."""

    def __init__(self, view: View, consent: Consent, *, undoing: bool = True) -> None:
        self.view = view
        self.consent = consent
        self.undoing = undoing
        self.refused: list[Unplanned] = []
        self.unanswered: list[Unplanned] = []
        self._planned: list[Step] = []
        self._promised: dict[Key, str] = {}

    def steps(self, findings: Iterable[Finding]) -> list[Step]:
        """The steps in the order of dependency: first what vCenter holds, then what the Controller holds."""
        objects: dict[Key, tuple[Intent, _Drifts]] = {}
        elsewhere: dict[tuple[Key, str], _Drifts] = {}
        for drift, check in findings:
            want = self.view.environment.find(drift.key)
            if want is not None and type(want) in KINDS:
                objects.setdefault(want.key, (want, _Drifts()))[1].add(drift, check)
            else:
                elsewhere.setdefault((drift.key, drift.path), _Drifts()).add(drift, check)
        for key, path in sorted(elsewhere, key=lambda place: (place[1] != EXISTENCE, len(place[0].name))):
            self._in_vcenter(elsewhere[key, path])  # folders first, and of these what stands above others
        keys = list(objects)
        if len(keys) > 1:  # one alone, as before each write, needs no look at the whole environment
            absent = [key for key in keys if objects[key][1].existence]
            keys = [key for key in in_order(self.view.environment, absent) if key in objects]
        for key in keys:
            self._promise(*objects[key])
        for key in keys:
            self._in_controller(*objects[key])
        return self._planned

    def _in_vcenter(self, drifts: _Drifts) -> None:
        """One drift of an object that no Controller holds: its remedy composes every request by itself."""
        (drift,) = drifts
        want = self.view.environment.find(drift.key) or _undeclared(drift.key)
        if isinstance(remedy := answer(drift), str):
            self._leave(drifts, remedy)
            return
        if remedy.compose is None or want is None:
            self._leave(drifts, "it is not declared, so nothing is written")
            return
        judgement = judge_one(remedy, Case(want, (drift,), self.view))
        if not self._allowed(judgement, drifts):
            return
        try:
            composed = self._requests(remedy.compose(judgement.case, []), want)
        except (Blocked, Unknown) as why:
            self._leave(drifts, str(why))
            return
        earlier = [request.body for step in self._planned for request in step.requests if not request.uuid]
        requests = tuple(request for request in composed if request.uuid or request.body not in earlier)
        if not requests:
            self._leave(drifts, "it is not as it was read any more; run the checks again")
            return
        hit = judgement.verdict.hit
        change = Change(drift.path, drift.have, drift.want, remedy.risk, drifts.checks[drift.path], hit)
        step = Step(want.key, "amend", (change,), requests, "put it back where it was")
        if drifts.existence:
            change = replace(change, have=None, want="made")
            step = Step(want.key, "create", (change,), requests, "remove it, while nothing stands in it")
        self._planned.append(step)

    def _promise(self, want: Intent, drifts: _Drifts) -> None:
        """Let later steps name an object that this plan creates."""
        if drifts.existence and isinstance(
            answer(drifts.existence, self.view.cloud_type(want), want), Remedy
        ):
            with suppress(Unknown):
                if not self.view.live.found(want):
                    self._promised[want.key] = self.view.promise(want, KINDS[type(want)].api, want.name)

    def _withdraw(self, want: Intent) -> None:
        if ref := self._promised.pop(want.key, ""):
            self.view.withdraw(ref)

    def _in_controller(self, want: Intent, drifts: _Drifts) -> None:
        """All drifts of an object that the Controller holds, or should hold."""
        try:
            if drifts.existence:
                self._existence(want, drifts, drifts.existence)
            else:
                self._amend(case_of(self.view, want, drifts), drifts)
        except (Blocked, Unknown) as why:
            self._withdraw(want)
            self._leave(drifts, str(why))

    def _existence(self, want: Intent, drifts: _Drifts, absence: Drift) -> None:
        rows = self.view.live.found(want)
        if len(rows) > 1:
            uuids = ", ".join(str(row.get("uuid")) for row in rows)
            self._leave(drifts, f"{len(rows)} objects bear this name ({uuids}); nothing here deletes, so remove "
                        "or rename those that are not meant")  # fmt: skip
        elif rows and absence.want is None:
            self._leave(drifts, str(answer(absence, "", want)))
        elif not rows:  # else it is there now
            remedy = answer(absence, self.view.cloud_type(want), want)
            if isinstance(remedy, str):
                self._leave(drifts, remedy)
            else:
                self._create(want, drifts, remedy)

    def _create(self, want: Intent, drifts: _Drifts, remedy: Remedy) -> None:
        kind = KINDS[type(want)]
        judgement = judge_one(remedy, Case(want, tuple(drifts), self.view))
        if not self._allowed(judgement, drifts):
            self._withdraw(want)
            return
        require_makeable(want, self.view, near_twins=self.consent.near_twins)
        # Where it could not be promised, this says why.
        ref = self._promised.get(want.key) or self.view.promise(want, kind.api, want.name)
        drafts: Sequence[Draft] = [Draft(kind.api, None, new_body(want, self.view), ref)]
        if remedy.compose:
            drafts = remedy.compose(judgement.case, drafts)
        empty, checks = type(want).model_construct(name=want.name), drifts.checks[EXISTENCE]
        changes = [Change(EXISTENCE, None, "made", remedy.risk, checks, judgement.verdict.hit)]
        changes += [Change(d.path, None, d.want, remedy.risk, checks) for d in compare(want, empty)]
        undo = "delete it, as long as nothing refers to it and nobody has changed it"
        self._planned.append(Step(want.key, "create", tuple(changes), self._requests(drafts, want), undo))

    def _amend(self, case: Case, drifts: _Drifts) -> None:
        want, raw = case.want, _not_made_by_ako(case.raw)
        cloud = self.view.cloud_type(want)
        for drift in drifts:
            if isinstance(reason := answer(drift, cloud, want), str):
                self._leave(drifts, reason, drift)
        allowed = [judgement for judgement in judge(case) if self._allowed(judgement, drifts)]
        target, changes = self._merged(case, drifts, allowed)
        if not changes:
            return
        api = KINDS[type(want)].api
        drafts: Sequence[Draft] = [Draft(api, raw, target)]
        for judgement in allowed:
            if judgement.remedy.compose:
                drafts = judgement.remedy.compose(judgement.case, drafts)
        requests = self._requests(drafts, want)
        if not requests:
            same = "the declared value and the live one are written the same; report this as a fault"
            self._leave(drifts, same)
            return
        permanent = tuple(judgement.verdict.permanent for judgement in allowed if judgement.verdict.permanent)
        patched = any(request.method == "PATCH" for request in requests)
        undo, expected = self._undo(want.key, api, raw, target, patched=patched)
        expected = replace(expected, permanent=(*permanent, *expected.permanent))
        self._planned.append(Step(want.key, "amend", changes, requests, undo, expected))

    def _merged(
        self, case: Case, drifts: _Drifts, allowed: Iterable[Judgement]
    ) -> tuple[Json, tuple[Change, ...]]:
        """(the object with every allowed drift put right in it, these changes)."""
        want, kind = case.want, KINDS[type(case.want)]
        target, changes = case.raw, []
        for judgement in allowed:
            hit = judgement.verdict.hit
            for drift in judgement.case.drifts:
                risk: Risk = "guarded" if drift.removes else judgement.remedy.risk
                try:
                    if kind.leaf(drift.field)[1].put is not None:  # else it is kept in another object
                        target = merged(kind, target, want, [drift], self.view.names)
                except (Blocked, Unknown) as why:
                    self._leave(drifts, str(why), drift)
                    continue
                resulting, checks = _resulting(want, drift), drifts.checks[drift.path]
                changes.append(Change(drift.path, drift.have, resulting, risk, checks, hit))
        return target, tuple(changes)

    def _undo(self, key: Key, api: str, raw: Json, target: Json, *, patched: bool) -> tuple[str, UndoOutlook]:
        """How an amendment is undone, and whom that would hit as things are now."""
        undo = "write the former values back, where nobody has changed them since"
        if not self.undoing:
            return undo, UndoOutlook()
        try:
            if patched:  # which does not reach everything
                amend(api, target, raw)
            return undo, undo_outlook(self.view, key, api, raw, target)
        except CannotWrite as why:
            return undo, UndoOutlook(permanent=(str(why),))
        except (Blocked, Unknown) as why:
            return f"{undo}; who that would hit could not be read: {why}", UndoOutlook()

    def _requests(self, drafts: Iterable[Draft], want: Intent) -> tuple[Request, ...]:
        requests: list[Request] = []
        cloud, tenant = want.key.cloud, want.key.tenant
        for draft in drafts:
            if draft.before is None:
                name = str(draft.after.get("name", ""))
                requests.append(
                    create(draft.api, name, draft.after, tenant=tenant, cloud=cloud, makes=draft.makes)
                )
                continue
            try:
                request = amend(draft.api, draft.before, draft.after)
            except CannotWrite as why:
                raise Blocked(str(why)) from why
            if request is not None:
                own = self.view.names.tenant_of(draft.before) or tenant
                of = "admin" if draft.api in SINGLETONS else own
                requests.append(replace(request, cloud=cloud, tenant=of, name=request.name or want.name))
        seen = self.view.live.snapshot.tenants
        for request in requests:
            if seen and request.tenant not in seen and request.api not in (FOLDER, VM):
                raise Blocked(
                    f"it is tenant {request.tenant}'s, and the user has a role in {tenants_named(seen)} alone: give "
                    "remediation one there"
                )
        return tuple(requests)

    def _allowed(self, judgement: Judgement, drifts: _Drifts) -> bool:
        """Whether a remedy may go ahead; where not, its drifts are left alone with the reason."""
        verdict = judgement.verdict
        if self.consent.lets(verdict):
            return True
        unread = f"who would be hit could not be read: {verdict.unread}" if verdict.unread else ""
        for drift in judgement.case.drifts:
            if verdict.withdrawn:
                self._leave(drifts, verdict.withdrawn, drift)
            else:
                self._leave(drifts, unread or verdict.effect, drift, refused=verdict)
        return False

    def _leave(
        self, drifts: _Drifts, reason: str, only: Drift | None = None, *, refused: Verdict | None = None
    ) -> None:
        """Leave an object's drifts alone, or one of them; `refused`: for what it would hit."""
        for drift in drifts if only is None else (only,):
            left = Unplanned(
                drift.key,
                drift.path,
                drift.have,
                drift.want,
                reason,
                refused.hit if refused else (),
                drifts.checks[drift.path],
                absolute=bool(refused and (refused.absolute or refused.unread)),
            )
            (self.refused if refused else self.unanswered).append(left)
            self.view.left.setdefault(drift.key, set()).add(drift.field)


def _not_made_by_ako(raw: Json) -> Json:
    """The object, unless AKO made it. Raises Blocked."""
    if whose := maker(raw):
        raise Blocked(f"{whose} made it and keeps it as it wants it; change it where AKO is configured")
    return raw


def _undeclared(key: Key) -> Intent | None:
    """The object of a kind that is never declared: its name is all there is to it."""
    return ServiceEngineVm(name=key.name) if key.kind == ServiceEngineVm.kind else None


def _resulting(want: Intent, drift: Drift) -> Any:
    """The value there will be: a list that may hold what others added keeps it."""
    marker = want.marker(drift.field.partition(".")[0])
    if isinstance(marker, Unordered) and not marker.exact and isinstance(drift.have, list):
        return with_declared(drift.have, drift.want)
    return drift.want
