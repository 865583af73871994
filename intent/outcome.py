"""Outcomes of checks: what a check is, the fact it asks, and how that came out, as plain frozen data.

A `CheckResult` is on the report of every phase of a check. Reports and remediation read nothing else of it; between
processes it travels as JSON; see `intent.plain_data`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
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

Risk = Literal["safe", "guarded"]

FAILURES: tuple[Outcome, ...] = ("drift", "failed")
"""Not as declared. `failed` is a plain `assert`: it has no drift."""

UNJUDGED: tuple[Outcome, ...] = ("unknown", "blocked")
"""Neither: could not be read, or stands on something that is not there."""

GOOD: tuple[Outcome, ...] = ("passed", "remediated")
"""As declared; a remediated one only since this run wrote it."""

WORST_FIRST: tuple[Outcome, ...] = ("failed", "drift", "unknown", "blocked", "waived", "remediated", "passed")
"""Of a check's phases, the first of these speaks for the check."""


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """One check, whatever object it is asked of: what its docstring and its place say, and who acts on it."""

    name: str
    """`test_networks.test_vrf`."""
    topic: str = ""
    """`se groups` of the module `test_se_groups`."""
    step: str = ""
    """The blog's step, `Step 3`, where the environment file groups by steps."""
    field: str = ""
    """The path of the declared field that it compares, if it compares one."""
    api: str = ""
    """Where the fact stands: a field of the Controller or of vCenter."""
    severity: str = "normal"
    why: str = ""
    do: str = ""
    docs: str = ""
    """A URL."""
    owner: str = ""
    needs: tuple[str, ...] = ()
    """The collections that must be read before it runs, sorted."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One check of one declared object. `key` is None for a check of no object.

    `several_clouds`: the site has several, so that people are told the object's.
    """

    check: CheckInfo
    title: str = ""
    key: Key | None = None
    several_clouds: bool = False

    @property
    def subject(self) -> str:
        """The object as people read it, `network AVI_FRONTEND_3025`; "" for none."""
        return self.key.text(cloud=self.several_clouds) if self.key else ""


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


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one fact came out. `reason` says why for all but drift."""

    fact: Fact
    outcome: Outcome = "passed"
    reason: str = ""
    drifts: tuple[Drift, ...] = ()
    as_read: dict[str, Any] | None = None
    """The object that drifted, as the Controller gave it."""
    blocked_on: Key | None = None
    """The object that a blocked check stands on, where it is one."""
    waiver: str = ""
    """The waiver that accepts its drifts, or why the one that is about it does not."""
    waivers: tuple[str, ...] = ()
    """Where the waivers stand that accept its drifts: `environments/iberia.waivers.yaml:12`."""
    remediation: RemediationResult | None = None
    origins: tuple[Origin | None, ...] = ()
    """How each of its drifts came to be, None where that is not known; empty where it was not asked for."""

    @property
    def check(self) -> CheckInfo:
        """The check that it is a result of."""
        return self.fact.check

    @property
    def told_drifts(self) -> tuple[tuple[Drift, Origin | None], ...]:
        """Each drift, and how it came to be."""
        return tuple(zip_longest(self.drifts, self.origins[: len(self.drifts)]))

    @property
    def drifts_before(self) -> tuple[Drift, ...]:
        """What was not as declared before remediation; empty where there was none."""
        return self.remediation.first.drifts if self.remediation else ()


def result_of(report: object) -> CheckResult | None:
    """The result on a pytest report; None where the report is not of a check."""
    return getattr(report, "check_result", None)


def fact_of(item: object) -> Fact | None:
    """What a collected test asks; None where it is not a check."""
    return getattr(item, "fact", None)
