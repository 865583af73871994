"""Dependents: which later steps wait for one that was not carried out.

An object that was to be created, or is gone, holds back every step whose object refers to it. An object that exists and
was to be amended holds back only steps that change a field which depends on an amended one; which fields do is declared
on the models, see `intent.base.Refers` (`takes`, `through`).
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
