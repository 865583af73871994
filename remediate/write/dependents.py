"""Dependents: which later steps wait for one that was not carried out.

What was to be made, or is gone, holds back everything that refers to it. What is there and was only to be amended holds
back less: who merely lives in it, or refers to it already, goes its way. Which field depends on what is said on the
models' fields, see `intent.base.Refers`.
"""

from __future__ import annotations

from intent import field_of
from intent.graph import depends
from remediate.plan.model import Step


def holds_back(undone: Step, step: Step, *, gone: bool = False) -> bool:
    """Whether a step must wait for one that it needs and that was not carried out. `gone`: its object is not there."""
    if undone.action == "create" or gone:
        return True
    changed = None if step.action == "create" else _fields(step)
    return depends(step.key.kind, changed, undone.key.kind, _fields(undone))


def _fields(step: Step) -> set[str]:
    return {field_of(change.path).partition(".")[0] for change in step.changes}
