"""Summary of a remediating run, its last lines: what was not done and why, what was, how to go on or undo it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intent.installation import typed
from intent.words import counted
from remediate.plan import text as show
from remediate.plan.model import Plan, Step
from remediate.plan.sequence import with_later_steps
from remediate.run.options import pasted
from remediate.run.site_run import SiteRun
from remediate.write.record import BadJournal
from remediate.write.results import AppliedStep

GONE = "this run's lab ends with it; one that can be undone: `{lab} > lab.json &`, --lab --lab-at=lab.json"


@dataclass(frozen=True)
class RemediationSummary:
    """What became of a plan. `given`: the reviewed plan's file; `beyond`: what that asks for and nobody planned now.

    `gone`: for a lab that ends with this run, so that nothing is left to undo, the command that starts one like it by
    itself; "" for any other site.
    """

    plan: Plan
    site_run: SiteRun
    results: Sequence[AppliedStep]
    why_nothing: str = ""
    given: Path | None = None
    beyond: tuple[str, ...] = ()
    gone: str = ""

    def lines(self) -> Iterator[str]:
        """The plan in a line, what of it was not done and why, what was, and how to go on or back."""
        several = self.site_run.target.environment.several_clouds
        yield show.headline(self.plan)
        if self.why_nothing:
            yield self.why_nothing
        yield from self._not_done(several_clouds=several)
        for left in self.plan.left:
            yield f"{left.key.text(cloud=several)}: {left.path or 'existence'} left as it is: {left.reason}"
        yield from show.beyond(self.beyond)
        if self.site_run.journal:
            yield self._written(self.site_run.journal.path, self.plan.writes)
        broken_off = self.site_run.journal is not None and bool(self.why_nothing)
        if broken_off or not all(result.right for result in self.results):
            yield self._how_to_go_on()

    def _not_done(self, *, several_clouds: bool) -> Iterator[str]:
        """Each step that was not done, with the reason; of those that were not even tried, a line for each reason."""
        skipped: dict[str, list[str]] = {}
        for result in self.results:
            name = result.step.key.text(cloud=several_clouds)
            if result.status == "skipped":
                skipped.setdefault(result.text, []).append(name)
            elif result.status != "done":
                # Its whole text was printed when it happened, and is on the checks that it has cost.
                yield show.cut(f"{name}: {result.status}: {result.text}")
        for why, names in skipped.items():
            sentence = f"not tried, since {why}: {', '.join(names)}"
            yield from textwrap.wrap(sentence, show.WIDTH, subsequent_indent="  ")

    def _how_to_go_on(self) -> str:
        if self.given is None:
            return "to go on, run again: what is right by then is not written twice"
        if any(result.status == "moved" for result in self.results):
            anew = pasted("plan-out", self.given)
            return f"to go on, make a new plan with --plan {anew}: what has moved is not as it was reviewed"
        again = pasted("apply-plan", self.given)
        return f"to go on, give {again} again: what is as it plans by then is not written twice"

    def _written(self, journal: Path, planned: int) -> str:
        """How much was written, by the journal: it knows even where a run broke off. And how to undo it."""
        try:
            entries = self.site_run.entries()
        except BadJournal as problem:
            return str(problem)
        fates = Counter(entry.fate or "unknown" for entry in entries)
        unsure = f", {fates['unknown']} not certain until it is read back" if fates["unknown"] else ""
        undo = f"; undo with {pasted('rollback', journal)}" if fates["done"] or unsure else ""
        if undo and self.gone:
            undo += typed(f"\n  {GONE.format(lab=self.gone)}")
        unheard = sum(entry.fate == "done" and not entry.heard for entry in entries)
        but = "".join(f"\n  {reservation}" for reservation in show.reservations(self._sent(), unheard))
        return f"{fates['done']} of {counted(planned, 'write')} done{unsure}{undo}{but}"

    def _sent(self) -> Iterator[tuple[Step, int]]:
        """Every step that was carried out, as it stands among those alone, and how many of its writes were done."""
        done = {
            result.step.key: sum(write.fate == "done" for write in result.writes) for result in self.results
        }
        steps = [result.step for result in self.results if result.writes]
        for step in with_later_steps(steps, self.site_run.target.environment):
            yield step, done[step.key]
