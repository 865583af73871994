"""What will become of an undo, as far as a plan can tell: what stays for ever, and what has to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from intent import DnsService, Environment, Key
from intent.graph import stands_on
from remediate.plan.model import Step

_STAYS = "stands on it and stays"
_OUTLIVE = "brings up stand on it, and outlive their virtual service"


def foretold(steps: list[Step], environment: Environment) -> Iterator[Step]:
    """Every step with what a later one that stands on it means for its undo.

    One that cannot be undone keeps all that it stands on. A virtual service goes, but Service Engines that it has
    brought up stay for hours, and keep their group, networks and VRF context in use.
    """
    steps = [_alone(step) for step in steps]
    stays = _under(steps, environment, lambda step: bool(step.permanent))
    waits = _under(steps, environment, _brings_up_engines)
    for step in steps:
        if (number := stays.get(step.key)) is not None:
            remark = f"step {number} {_STAYS}"
            yield replace(step, permanent=(*step.permanent, remark), undo_hits=())
        elif (number := waits.get(step.key)) is not None:
            remark = f"the Service Engines that step {number} {_OUTLIVE}"
            yield replace(step, undo_waits="; ".join(filter(None, (step.undo_waits, remark))))
        else:
            yield step


def _alone(step: Step) -> Step:
    """A step with what its own undo means, without what others mean for it: they may not have been carried out."""
    permanent = tuple(remark for remark in step.permanent if not remark.endswith(_STAYS))
    return replace(
        step, permanent=permanent, undo_waits="" if step.undo_waits.endswith(_OUTLIVE) else step.undo_waits
    )


def _under(steps: Iterable[Step], environment: Environment, that: Callable[[Step], bool]) -> dict[Key, int]:
    """The objects that steps of some sort stand on, each with the number of the first such step."""
    found: dict[Key, int] = {}
    for number, step in enumerate(steps, 1):
        for key in stands_on(environment, step.key) if that(step) else ():
            found.setdefault(key, number)
    return found


def _brings_up_engines(step: Step) -> bool:
    """Whether a step places a virtual service on a group in which it had no Service Engine."""
    if step.key.kind != DnsService.kind:
        return False
    return step.action == "create" or any(change.path in ("enabled", "se_group") for change in step.changes)
