"""Sequence of a plan's steps: which earlier ones each stands on or waits for, and what later ones mean for its undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from intent import DnsService, Environment, Key, field_of
from intent.graph import depends, needed, stands_on
from remediate.plan.model import Step


def linked(steps: Iterable[Step], environment: Environment) -> Iterator[Step]:
    """Every step with the earlier steps that it stands on."""
    done: set[Key] = set()
    for step in steps:
        want = environment.find(step.key)
        under = needed(environment, want) if want else ()
        yield replace(step, needs=tuple(other.key for other in under if other.key in done))
        done.add(step.key)


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


def holds_back(undone: Step, step: Step, *, gone: bool = False) -> bool:
    """Whether a step must wait for one that it needs and that was not carried out. `gone`: its object is not there."""
    if undone.action == "create" or gone:
        return True
    changed = None if step.action == "create" else _fields(step)
    return depends(step.key.kind, changed, undone.key.kind, _fields(undone))


def _fields(step: Step) -> set[str]:
    return {field_of(change.path).partition(".")[0] for change in step.changes}
