"""Labels: a check's result of remediation (what was written for it, or why nothing was), put on its last reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from intent import Key
from intent.outcome import Fact, result_of
from intent.remediation import FirstResult, LeftAlone, RemediationResult, Remedied, StepReport
from intent.scrubber import screened
from remediate.plan import text as show
from remediate.plan.model import Plan, Unplanned
from remediate.plan.payload import LeafChange
from remediate.run.deferred import DeferredCheck
from remediate.write.results import AppliedStep


def left_alone(left: Unplanned) -> LeftAlone:
    """A drift that the plan does not touch, for reports."""
    return LeftAlone("left", left.key, left.path, left.have, left.want, left.reason, left.hit, left.checks)


def stale(deferred: DeferredCheck, written: set[Key], on_it: set[Key]) -> str | None:
    """Which written object a check spoke of, as a sentence begins: its own, what blocked it, or what it stands on."""
    key, result = deferred.fact.key, deferred.result
    if key in written:
        return ""
    if result.outcome == "blocked":
        return f"{result.blocked_on} was " if result.blocked_on in written else None
    return "what it stands on was " if deferred.outcome == "failed" and key in on_it else None


@dataclass(frozen=True)
class Labels:
    """What a run did: its plan, its journal, and what became of each step. `why_nothing`: why nothing was written."""

    plan: Plan | None
    journal: str
    results: Sequence[AppliedStep]
    why_nothing: str

    def by_object(self) -> Mapping[Key, list[StepReport | LeftAlone]]:
        """By object, what was done, or why nothing was."""
        steps: dict[Key, list[StepReport | LeftAlone]] = {}
        for result in self.results:
            steps.setdefault(result.step.key, []).append(result.report())
        for left in self.plan.left if self.plan else ():
            steps.setdefault(left.key, []).append(left_alone(left))
        return steps

    def put_on(self, deferred: DeferredCheck, steps: Mapping[Key, list[StepReport | LeftAlone]]) -> None:
        """Put on the last reports of a check what remediation did for it."""
        first, last = deferred.first or deferred.now_first(), deferred.outcome
        if first.outcome in ("passed", "waived") and last in ("passed", "waived"):
            return
        if first.outcome == "unknown" and last == "passed":
            return  # it was read at last, and nothing was wrong with it
        mine = steps.get(deferred.fact.key, []) if deferred.fact.key else []
        fixed = deferred.again and last == "passed"
        remediation = RemediationResult(
            outcome=_remedied(deferred, fixed=fixed),
            first=first,
            plan=self.plan.digest if self.plan else "",
            journal=self.journal,
            steps=tuple(mine),
            reason="" if fixed else self.why_nothing or _why(mine, deferred),
        )
        for report in deferred.reports:
            result = result_of(report)
            if result is None:
                continue
            result = replace(result, remediation=remediation)
            if fixed and report.when == "call":
                result = replace(result, outcome="remediated", reason=_was(deferred.fact, first))
            report.check_result = result  # type: ignore[attr-defined]
            # Why nothing at all was written is said once, in the summary, and not with every failure.
            if not fixed and not self.why_nothing and remediation.reason and report.outcome != "passed":
                report.sections.append(("remediation", screened(remediation.reason)))


def _remedied(deferred: DeferredCheck, *, fixed: bool) -> Remedied:
    if deferred.again:
        return Remedied.FIXED if fixed else Remedied.NOT_FIXED
    return Remedied.NOT_READ_AGAIN if deferred.taken_back else Remedied.NOT_TRIED


def _was(fact: Fact, first: FirstResult) -> str:
    """What was put right, in a line."""
    holds = f"now holds: {fact.title.rstrip('.')}"
    if first.outcome == "blocked":
        return holds
    drifts = "; ".join(
        show.leaf_line(LeafChange(drift.path or "existence", drift.have, drift.want))
        for drift in first.drifts
    )
    return drifts or (f"{holds} (before: {first.reason})" if first.reason else holds)


def _why(steps: list[StepReport | LeftAlone], deferred: DeferredCheck) -> str:
    """Why a check is still not right: what was left alone, what went wrong, or a write that did not help."""
    paths = {drift.path for drift in (deferred.first or deferred.result).drifts}
    for step in steps:
        if isinstance(step, LeftAlone) and (step.path in paths or not paths):
            hit = f" (would hit: {', '.join(step.hit)})" if step.hit else ""
            return f"left as it is: {step.reason}{hit}"
    outcome = deferred.outcome if deferred.again else ""
    for step in (each for each in steps if isinstance(each, StepReport)):
        if step.status in ("done", "already") and outcome == "drift":
            return "it was written and accepted, and read again it is still not as declared"
        if step.status == "done" and outcome == "unknown":
            return "it was written and accepted, but could not be read again: nobody has seen that it helped"
        if step.status != "done":
            return f"{step.status}: {step.text}"
    return ""
