"""The outlook on an undo, as far as a plan can tell: what stays for ever, whom it would hit, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from intent import DnsService, Environment, Key
from intent.graph import stands_on
from live.avi.identity import Json
from remediate.plan.judge import undo_hits
from remediate.plan.model import Step, UndoOutlook
from remediate.plan.view import View


def outlook(view: View, key: Key, api: str, before: Json, after: Json) -> UndoOutlook:
    """Whom it would hit, as things are now, to make an object `before` again from `after`. Raises Blocked, Unknown."""
    verdicts = undo_hits(view, key, api, after, before, read=before)
    named = tuple(str(verdict) for verdict in verdicts)
    if any(verdict.absolute for verdict in verdicts):
        return UndoOutlook(waits=named)
    return UndoOutlook(hits=named)


def with_later_steps(steps: Sequence[Step], environment: Environment) -> Iterator[Step]:
    """Every step with what the other given steps mean for its undo; steps of the plan that are not given do not count.

    A step that cannot be undone keeps all that it stands on. A virtual service goes, but Service Engines that it has
    brought up stay for hours, and keep their group, networks and VRF context in use.
    """
    keepers = _first_on(steps, environment, lambda step: bool(step.outlook.permanent))
    starters = _first_on(steps, environment, _brings_up_engines)
    for step in steps:
        kept_by, engines_of = keepers.get(step.key, 0), starters.get(step.key, 0)
        yield replace(
            step,
            outlook=replace(
                step.outlook,
                hits=() if kept_by else step.outlook.hits,
                kept_by=kept_by,
                engines_of=0 if kept_by else engines_of,
            ),
        )


def _first_on(
    steps: Iterable[Step], environment: Environment, matches: Callable[[Step], bool]
) -> dict[Key, int]:
    """The objects that steps of some sort stand on, each with the number of the first such step."""
    numbers: dict[Key, int] = {}
    for number, step in enumerate(steps, 1):
        for key in stands_on(environment, step.key) if matches(step) else ():
            numbers.setdefault(key, number)
    return numbers


def _brings_up_engines(step: Step) -> bool:
    """Whether a step places a virtual service on a group in which it had no Service Engine."""
    if step.key.kind != DnsService.kind:
        return False
    return step.action == "create" or any(change.path in ("enabled", "se_group") for change in step.changes)
