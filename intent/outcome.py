"""Results of checks: what a check is, the fact it asks, and how that came out, as plain frozen data.

A `CheckResult` is on the report of every phase of a check. Reports and remediation read nothing else of it; between
processes it travels as JSON; see `intent.plain_data`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from intent.author import Origin
from intent.base import Key
from intent.drift import Drift
from intent.remediation import WORST_FIRST, Outcome, RemediationResult

Finding = tuple[Drift, str]
"""A drift that is to be put right, and the check that found it."""


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
    def findings(self) -> tuple[Finding, ...]:
        """What is to be put right; nothing where its drifts are waived."""
        return tuple((drift, self.check.name) for drift in self.drifts) if self.outcome == "drift" else ()

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


def results_of(reports: Iterable[object]) -> list[CheckResult]:
    """The results on the reports of a check's phases."""
    return [result for report in reports if (result := result_of(report)) is not None]


def speaking(results: Iterable[CheckResult]) -> CheckResult | None:
    """Of the results of a check's phases the one that speaks for the check: the worst, of equals the first."""
    return min(results, key=lambda result: WORST_FIRST.index(result.outcome), default=None)


def fact_of(item: object) -> Fact | None:
    """What a collected test asks; None where it is not a check."""
    return getattr(item, "fact", None)
