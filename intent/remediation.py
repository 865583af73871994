"""Remediation as reports tell of it: the words for how a check came out, and what was done about it, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Literal, get_args

from pydantic import ConfigDict

from intent.author import Origin
from intent.base import Key
from intent.drift import Drift
from intent.plain_data import EXACT

Outcome = Literal["passed", "drift", "failed", "unknown", "blocked", "waived", "remediated"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

SEVERITIES = ("blocker", "critical", "normal", "minor", "trivial")
"""The gravest first."""


def gravity(severity: str) -> int:
    """0 for the gravest severity; one that is not known is the least grave."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


Risk = Literal["safe", "guarded"]

FAILURES: tuple[Outcome, ...] = ("drift", "failed")
"""Not as declared. `failed` is a plain `assert`: it has no drift."""

UNJUDGED: tuple[Outcome, ...] = ("unknown", "blocked")
"""Neither: could not be read, or stands on something that is not there."""

GOOD: tuple[Outcome, ...] = ("passed", "remediated")
"""As declared; a remediated one only since this run wrote it."""

WORST_FIRST: tuple[Outcome, ...] = ("failed", "drift", "unknown", "blocked", "waived", "remediated", "passed")
"""Of a check's phases, the one with the first of these speaks for the check; see `intent.outcome.speaking`."""


@dataclass(frozen=True, slots=True)
class FirstResult:
    """How a check came out before remediation. `start` and `stop` in seconds since the epoch."""

    outcome: Outcome
    drifts: tuple[Drift, ...]
    reason: str
    start: float
    stop: float
    origins: tuple[Origin | None, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteReport:
    """One request that remediation sent: what it said anew, and the members it was about before and after."""

    method: str
    path: str
    body: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    fate: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field that a plan makes as declared. `have` is None for what is absent. JSON data throughout."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    path: str
    have: Any
    want: Any
    risk: Risk
    checks: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    """What `--allow-disruptive` lets this change hit."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """What became of a plan's step for the object of a check. `status` is the applier's word, such as `done`."""

    key: Key
    action: str
    status: str
    text: str
    risk: str
    changes: tuple[Change, ...]
    undo: str
    permanent: tuple[str, ...]
    undo_hits: tuple[str, ...]
    undo_waits: str
    requests: tuple[WriteReport, ...]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A drift of the object that the plan does not touch: why, and by name what a write would have hit."""

    status: Literal["left"]
    key: Key
    path: str
    have: Any
    want: Any
    reason: str
    hit: tuple[str, ...]
    checks: tuple[str, ...]


class Remedied(StrEnum):
    """Whether remediation helped a check; the words stand in drift.json."""

    FIXED = "fixed"
    NOT_FIXED = "not fixed"
    NOT_READ_AGAIN = "not read again"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class RemediationResult:
    """What remediation did for a check. `plan` is a digest, `journal` a path; both are "" where there is none."""

    outcome: Remedied
    first: FirstResult
    plan: str
    journal: str
    steps: tuple[StepReport | LeftAlone, ...]
    reason: str

    @property
    def asked_again(self) -> bool:
        """Whether the check ran a second time, on a fresh read."""
        return self.outcome in (Remedied.FIXED, Remedied.NOT_FIXED)
