"""The judge: which remedy answers a drift, and who would be disturbed at this moment by a change or by its undo.

The planner asks it before a change is planned, the applier before it is written, the undo before it is taken back. The
outlook on an undo says, as far as a plan can tell, what stays for ever, whom it would hit, and what it waits for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import remediate.remedies  # noqa: F401 -- registers them: without them nobody would ever be hit
from intent import Blocked, Drift, Intent, Key, Unknown, compare
from intent.cloud_types import without_meaning
from live.avi.identity import Json
from live.kinds import KINDS
from live.kinds.objects import ObjectKind
from remediate.plan.model import UndoOutlook
from remediate.plan.view import View
from remediate.registry import REGISTRY, Case, Remedy, Verdict


@dataclass(frozen=True)
class Judgement:
    """What one remedy would do to one object; `case` has the drifts that it answers."""

    remedy: Remedy
    case: Case
    verdict: Verdict


def answer(drift: Drift, cloud: str = "", want: Intent | None = None) -> Remedy | str:
    """The remedy for a drift, or the reason for having none; `cloud` is the live type of the object's cloud.

    `want`: the object as it is declared; None where an undo asks.
    """
    kind = KINDS.by_word(drift.key.kind)
    if isinstance(kind, ObjectKind):
        assert REGISTRY.family is not None
        return REGISTRY.family(drift, want)
    if kind is not None and (why := without_meaning(kind.intent, drift.field, cloud)):
        return f"as the Controller has it, {why}"
    return REGISTRY.answer(drift.key.kind, drift.field, cloud)


def case_of(view: View, want: Intent, drifts: Iterable[Drift]) -> Case:
    """The case of an object that is there. Raises Blocked, Unknown."""
    raw, have = view.live.raw(want), view.live[want]
    drifted = tuple(drifts)
    for drift in drifted:
        with suppress(Blocked):
            compare(want, have, drift.field)  # of what is not known by now, nobody can be told who is hit
    return Case(want, drifted, view, raw, have, raw)


def judge_one(remedy: Remedy, case: Case) -> Judgement:
    """The judgement of one remedy on a case, all drifts of which it answers."""
    try:
        verdict = remedy.judge(case)
    except Unknown as why:
        verdict = Verdict(unread=str(why))
    return Judgement(remedy, case, verdict)


def judge(case: Case) -> Iterator[Judgement]:
    """The judgement of every remedy that answers drifts of a case, each drift by its own remedy."""
    answered: dict[str, tuple[Remedy, list[Drift]]] = {}
    cloud = case.view.cloud_type(case.want)
    declared = case.want if case.view.environment.find(case.want.key) is case.want else None
    for drift in case.drifts:
        if isinstance(remedy := answer(drift, cloud, declared), Remedy):
            answered.setdefault(remedy.name, (remedy, []))[1].append(drift)
    for remedy, drifts in answered.values():
        yield judge_one(remedy, replace(case, drifts=tuple(drifts)))


def hits(case: Case) -> tuple[Verdict, ...]:
    """The verdicts of a case by which somebody would be hit. Raises Unknown where that could not be read."""
    verdicts = []
    for judgement in judge(case):
        if judgement.verdict.unread:
            raise Unknown(judgement.verdict.unread)
        if judgement.verdict.hit:
            verdicts.append(judgement.verdict)
    return tuple(verdicts)


def undo_hits(  # noqa: PLR0913 -- the object at three moments
    view: View, key: Key, api: str, now: Json, target: Json, *, read: Json | None = None
) -> tuple[Verdict, ...]:
    """Who would be hit if an object became `target` again: whoever guards the way there guards the way back.

    `read` is the object as it was read, where `now` is what a plan will have made of it. Raises Unknown.
    """
    kind = KINDS.by_word(key.kind)
    if kind is None or kind.api != api:
        return ()  # vCenter's objects, and a VIP's name: what stood there before stands there again
    want, have = kind.decode(target, view.names), kind.decode(now, view.names)
    return hits(Case(want, _both_ways(key, want, have), view, now, have, now if read is None else read))


def _both_ways(key: Key, want: Intent, have: Intent) -> tuple[Drift, ...]:
    """What differs, so that an element which only goes is a difference too."""
    drifts = {drift.path: drift for drift in compare(want, have)}
    for drift in compare(have, want):
        drifts.setdefault(drift.path, Drift(key, drift.path, drift.have, drift.want))
    return tuple(drifts.values())


def undo_outlook(view: View, key: Key, api: str, before: Json, after: Json) -> UndoOutlook:
    """Whom it would hit, as things are now, to make an object `before` again from `after`. Raises Blocked, Unknown."""
    verdicts = undo_hits(view, key, api, after, before, read=before)
    named = tuple(str(verdict) for verdict in verdicts)
    if any(verdict.absolute for verdict in verdicts):
        return UndoOutlook(waits=named)
    return UndoOutlook(hits=named)
