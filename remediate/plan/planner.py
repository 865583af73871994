"""From drifts to a plan: which remedy answers, what it would hit now, and the requests in the order they must go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import remediate.remedies  # noqa: F401 -- registers them
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
from intent.graph import in_order, needed
from live.avi.identity import Json
from live.kinds import KINDS, Kind
from remediate.plan.merge import merged, new_object
from remediate.plan.model import Change, Plan, Step, Unplanned
from remediate.plan.request import SINGLETONS, CannotWrite, Request, amend, create
from remediate.plan.undo_guard import in_the_way
from remediate.plan.undo_outlook import foretold
from remediate.plan.view import View
from remediate.registry import CONTROLLER_REFUSES, Case, Draft, Remedy, Verdict, answer, by_remedy

Asked = tuple[Drift, str]
"""A drift, and the check that found it."""


@dataclass
class _Object:
    """The drifts of one object, by path, and who asked."""

    want: Intent
    drifts: dict[str, Drift] = field(default_factory=dict)
    checks: dict[str, list[str]] = field(default_factory=dict)


def build(
    view: View, asked: Iterable[Asked], *, allow_disruptive: bool = False, foretell: bool = True
) -> Plan:
    """The plan for these drifts. It reads what it needs to know who would be hit, and writes nothing.

    `foretell`: it also asks whom an undo would hit.
    """
    return _Planner(view, allow_disruptive=allow_disruptive, foretell=foretell).plan(asked)


class _Planner:
    def __init__(self, view: View, *, allow_disruptive: bool, foretell: bool) -> None:
        self.view = view
        self.allow = allow_disruptive
        self.foretell = foretell
        self.steps: list[Step] = []
        self.refused: list[Unplanned] = []
        self.unanswered: list[Unplanned] = []
        self.promised: dict[Key, str] = {}
        self.elsewhere: dict[tuple[Key, str], tuple[Drift, list[str]]] = {}

    def plan(self, asked: Iterable[Asked]) -> Plan:
        objects = self._objects(asked)
        absent = [key for key, one in objects.items() if EXISTENCE in one.drifts]
        ordered = list(objects.values())
        if len(ordered) > 1:  # one alone, as before each write, needs no look at the whole environment
            place = {key: at for at, key in enumerate(in_order(self.view.environment, absent))}
            ordered.sort(key=lambda one: place[one.want.key])
        for drift, checks in sorted(self.elsewhere.values(), key=lambda found: found[0].path != EXISTENCE):
            self._elsewhere(drift, tuple(checks))
        for one in ordered:
            self._promise(one)
        for one in ordered:
            self._one(one)
        snapshot = self.view.live.snapshot
        return Plan(
            self.view.environment.name,
            snapshot.address,
            snapshot.api_version,
            tuple(foretold(list(self._linked()), self.view.environment)),
            tuple(self.refused),
            tuple(self.unanswered),
        )

    def _objects(self, asked: Iterable[Asked]) -> dict[Key, _Object]:
        found: dict[Key, _Object] = {}
        for drift, check in asked:
            want = self.view.environment.find(drift.key)
            if want is None or type(want) not in KINDS:
                _, checks = self.elsewhere.setdefault((drift.key, drift.path), (drift, []))
                if check not in checks:
                    checks.append(check)
                continue
            one = found.setdefault(want.key, _Object(want))
            one.drifts.setdefault(drift.path, drift)
            checks = one.checks.setdefault(drift.path, [])
            if check not in checks:
                checks.append(check)
        return found

    def _elsewhere(self, drift: Drift, checks: tuple[str, ...]) -> None:
        """One drift of an object that no Controller holds: its remedy draws every request by itself."""
        want = self.view.environment.find(drift.key) or _undeclared(drift.key)
        remedy = answer(drift)
        if isinstance(remedy, str):
            self._leave(drift, checks, remedy)
            return
        if remedy.compose is None or want is None:
            self._leave(drift, checks, "it is not declared, so nothing is written")
            return
        one = _Object(want, {drift.path: drift}, {drift.path: list(checks)})
        case = Case(want, (drift,), self.view)
        verdict = self._judged(one, remedy, case)
        if verdict is None:
            return
        try:
            requests = tuple(self._requests(remedy.compose(case, []), want))
        except (Blocked, Unknown) as why:
            self._leave(drift, checks, str(why))
            return
        if not requests:
            self._leave(drift, checks, "it is not as it was read any more; run the checks again")
            return
        new = drift.path == EXISTENCE
        change = Change(
            drift.path,
            None if new else drift.have,
            "made" if new else drift.want,
            remedy.risk,
            checks,
            verdict.hit,
        )
        undo = "remove it, while nothing stands in it" if new else "put it back where it was"
        self.steps.append(Step(want.key, "create" if new else "amend", (change,), requests, undo))

    def _promise(self, one: _Object) -> None:
        """Let later steps name an object that this plan makes."""
        kind = self.view.kind(one.want)
        if EXISTENCE in one.drifts and isinstance(answer(one.drifts[EXISTENCE]), Remedy):
            with suppress(Unknown):
                if not self.view.live.found(one.want):
                    self.promised[one.want.key] = self.view.promise(one.want, kind.api, one.want.name)

    def _one(self, one: _Object) -> None:
        kind = self.view.kind(one.want)
        try:
            found = self.view.live.found(one.want)
            if EXISTENCE in one.drifts:
                self._existence(one, kind, found)
            else:
                self._amend(one, kind, _not_ako_s(self.view.live.raw(one.want)))
        except (Blocked, Unknown) as why:
            self._leave_all(one, str(why))

    def _existence(self, one: _Object, kind: Kind, found: list[Json]) -> None:
        drift = one.drifts[EXISTENCE]
        if len(found) > 1:
            several = ", ".join(str(row.get("uuid")) for row in found)
            self._leave_all(one, f"{len(found)} objects bear this name ({several}); nothing here deletes, so remove "
                            "or rename those that are not meant")  # fmt: skip
            return
        if found:
            return  # it is there now
        remedy = answer(drift)
        if isinstance(remedy, str):
            self._leave_all(one, remedy)
            return
        try:
            self._create(one, kind, remedy)
        except (Blocked, Unknown) as why:
            self.view.withdraw(self.promised.pop(one.want.key))
            self._leave_all(one, str(why))

    def _create(self, one: _Object, kind: Kind, remedy: Remedy) -> None:
        want, key = one.want, one.want.key
        case = Case(want, tuple(one.drifts.values()), self.view)
        verdict = self._judged(one, remedy, case)
        if verdict is None:
            self.view.withdraw(self.promised.pop(key))
            return
        base: Json = {"name": want.name}
        if kind.scoped:
            base["cloud_ref"] = self.view.names.ref("cloud", key.cloud)
        body = new_object(kind, want, base, self.view.names)
        drafts = [Draft(kind.api, None, body, self.promised[key])]
        requests = self._requests(remedy.compose(case, drafts) if remedy.compose else drafts, want)
        empty = type(want).model_construct(name=want.name)
        checks = tuple(one.checks[EXISTENCE])
        changes = [Change(EXISTENCE, None, "made", remedy.risk, checks, verdict.hit)]
        changes += [Change(d.path, None, d.want, remedy.risk, checks) for d in compare(want, empty)]
        undo = "delete it, as long as nothing refers to it and nobody has changed it"
        self.steps.append(Step(key, "create", tuple(changes), tuple(requests), undo))

    def _amend(self, one: _Object, kind: Kind, raw: Json) -> None:
        have = self.view.live.decode(type(one.want), raw)
        target, drafts = raw, []
        changes: list[Change] = []
        permanent: list[str] = []
        composing: list[tuple[Remedy, Case]] = []
        self._explain(one)
        for remedy, drifts in by_remedy(one.drifts.values()):
            case = Case(one.want, drifts, self.view, raw, have)
            verdict = self._judged(one, remedy, case)
            if verdict is None:
                continue
            for drift in drifts:
                try:
                    target = _onto(kind, target, one.want, drift, self.view)
                except (Blocked, Unknown) as why:
                    self._leave(drift, tuple(one.checks[drift.path]), str(why))
                    continue
                checks = tuple(one.checks[drift.path])
                wanted = _resulting(one.want, drift)
                changes.append(Change(drift.path, drift.have, wanted, remedy.risk, checks, verdict.hit))
            if remedy.compose:
                composing.append((remedy, case))
            if verdict.permanent:
                permanent.append(verdict.permanent)
        if not changes:
            return
        drafts = [Draft(kind.api, raw, target)]
        for remedy, case in composing:
            assert remedy.compose is not None
            drafts = list(remedy.compose(case, drafts))
        requests = self._requests(drafts, one.want)
        if not requests:
            self._leave_all(
                one, "the declared value and the live one are written the same; report this as a fault"
            )
            return
        undo, hits, waits = self._way_back(one.want.key, kind, raw, target)
        step = Step(one.want.key, "amend", tuple(changes), tuple(requests), undo, tuple(permanent))
        self.steps.append(replace(step, undo_hits=hits, undo_waits=waits))

    def _way_back(self, key: Key, kind: Kind, raw: Json, target: Json) -> tuple[str, tuple[str, ...], str]:
        """How an amendment is undone, what that would hit as things are now, and what it has to wait for."""
        undo = "write the former values back, where nobody has changed them since"
        if not self.foretell:
            return undo, (), ""
        try:
            hits = in_the_way(self.view, key, kind.api, target, raw)
        except (Blocked, Unknown) as why:
            return f"{undo}; who that would hit could not be read: {why}", (), ""
        if CONTROLLER_REFUSES in str(hits):
            return undo, (), "; ".join(hits)
        return undo, hits, ""

    def _explain(self, one: _Object) -> None:
        """Leave what no remedy answers, with the stated reason."""
        for drift in one.drifts.values():
            if isinstance(reason := answer(drift), str):
                self._leave(drift, tuple(one.checks[drift.path]), reason)

    def _judged(self, one: _Object, remedy: Remedy, case: Case) -> Verdict | None:
        """The verdict of a remedy that may go ahead; None when it was refused or has nothing to say."""
        try:
            verdict = remedy.judge(case)
        except Unknown as why:
            verdict = Verdict(why=f"who would be hit could not be read: {why}")
            allowed = False
        else:
            allowed = self.allow or not verdict.hit
        if verdict.reason:
            for drift in case.drifts:
                self._leave(drift, tuple(one.checks[drift.path]), verdict.reason)
            return None
        if allowed:
            return verdict
        for drift in case.drifts:
            checks = tuple(one.checks[drift.path])
            left = Unplanned(drift.key, drift.path, drift.have, drift.want, verdict.why, verdict.hit, checks)
            self.refused.append(left)
            self.view.left.setdefault(drift.key, set()).add(drift.field)
        return None

    def _requests(self, drafts: Iterable[Draft], want: Intent) -> list[Request]:
        found: list[Request] = []
        key = want.key
        for draft in drafts:
            if draft.before is None:
                name = str(draft.after.get("name", ""))
                found.append(
                    create(
                        draft.api, name, draft.after, tenant=key.tenant, cloud=key.cloud, makes=draft.makes
                    )
                )
                continue
            try:
                request = amend(draft.api, draft.before, draft.after)
            except CannotWrite as why:
                raise Blocked(str(why)) from why
            if request is not None:
                tenant = "admin" if draft.api in SINGLETONS else key.tenant
                found.append(replace(request, cloud=key.cloud, tenant=tenant, name=request.name or want.name))
        return found

    def _linked(self) -> Iterator[Step]:
        """Every step with the earlier steps that it stands on."""
        done: set[Key] = set()
        for step in self.steps:
            want = self.view.environment.find(step.key)
            under = needed(self.view.environment, want) if want else ()
            yield replace(step, needs=tuple(found.key for found in under if found.key in done))
            done.add(step.key)

    def _leave_all(self, one: _Object, reason: str) -> None:
        for drift in one.drifts.values():
            self._leave(drift, tuple(one.checks[drift.path]), reason)

    def _leave(self, drift: Drift, checks: tuple[str, ...], reason: str) -> None:
        self.unanswered.append(Unplanned(drift.key, drift.path, drift.have, drift.want, reason, (), checks))
        self.view.left.setdefault(drift.key, set()).add(drift.field)


def _not_ako_s(raw: Json) -> Json:
    """The object, unless AKO made it. Raises Blocked."""
    maker = str(raw.get("created_by", ""))
    if maker.startswith("ako-"):
        raise Blocked(f"{maker} made it and keeps it as it wants it; change it where AKO is configured")
    return raw


def _undeclared(key: Key) -> Intent | None:
    """The object of a kind that is never declared: its name is all there is to it."""
    return ServiceEngineVm(name=key.name) if key.kind == ServiceEngineVm.kind else None


def _resulting(want: Intent, drift: Drift) -> Any:
    """The value there will be: a list that may hold what others added keeps it."""
    marker = want.marker(drift.field.partition(".")[0])
    if isinstance(marker, Unordered) and not marker.exact and isinstance(drift.have, list):
        return [*drift.have, *(one for one in drift.want if one not in drift.have)]
    return drift.want


def _onto(kind: Kind, target: Json, want: Intent, drift: Drift, view: View) -> Json:
    """The object with one more path as declared; unchanged where the field is kept in another object."""
    _, leaf = kind.leaf(drift.field)
    return target if leaf.put is None else merged(kind, target, want, [drift], view.names)


__all__ = ["Asked", "build"]
