"""What AKOs have left and keep on a Controller, read from it, and how their steps are asked."""

from __future__ import annotations

from intent import Environment
from intent.kinds.ako import AkoStep
from live.avi.snapshot import Live


def require_step(step: AkoStep, environment: Environment, live: Live) -> None:
    """Raise unless a step of AKO passes, as `live.ako.verdicts.require` does."""
    from live.ako.verdicts import require  # noqa: PLC0415 -- checks are loaded of every site, AKO's rules where one is

    require(step, environment, live)
