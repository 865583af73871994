"""Who would be hit by taking a write back: the remedies that guard it forwards are asked about the way back."""

from __future__ import annotations

from collections.abc import Iterable

import remediate.remedies  # noqa: F401 -- registers them: without them nobody would ever be in the way
from intent import Drift, Intent, Key, compare
from live.avi.identity import Json
from live.kinds import BY_WORD
from remediate.plan.view import View
from remediate.registry import Case, by_remedy


def in_the_way(view: View, key: Key, api: str, now: Json, target: Json) -> tuple[str, ...]:
    """Why an object should not become `target` again, by name; nothing when nobody is in the way. Raises Unknown."""
    kind = BY_WORD.get(key.kind)
    if kind is None or kind.api != api:
        return ()  # vCenter's objects, and a VIP's name: what stood there before stands there again
    want, have = kind.decode(target, view.names), kind.decode(now, view.names)
    found = []
    for remedy, drifts in by_remedy(_both_ways(key, want, have)):
        verdict = remedy.judge(Case(want, drifts, view, now, have))
        if verdict.hit:
            found.append(f"{', '.join(verdict.hit)} ({verdict.why})")
    return tuple(found)


def _both_ways(key: Key, want: Intent, have: Intent) -> Iterable[Drift]:
    """What differs, so that an element which only goes is a difference too."""
    drifts = {drift.path: drift for drift in compare(want, have)}
    for drift in compare(have, want):
        drifts.setdefault(drift.path, Drift(key, drift.path, drift.have, drift.want))
    return drifts.values()
