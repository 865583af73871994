"""The run that is going on, in the history: begun with its first result, finished with its last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from intent.remediation import UNJUDGED
from reports.grouping import by_reason
from reports.history.store import FILE, CheckEntry, History, HistoryDamaged, HistoryUnusable, set_aside
from reports.history.transitions import JUDGED, previous, transitions
from reports.notices import lasting, passing
from reports.outcomes import CONFORMS, DRIFT, NodeResult
from reports.run import Run


class Recorder:
    """Keeps a run in the history. What goes wrong here is a note in the summary, never a wrong verdict."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.number: int | None = None

    def begin(self) -> None:
        """Note that the run has begun, so that a killed one can be told from none."""
        self._keep(self._begin)

    def finish(self) -> None:
        """Write every result, after finding what has changed since the runs before."""
        if self.number is not None and self.run.ended is not None:
            self._keep(self._finish)

    def _keep(self, work: Callable[[History], None]) -> None:
        """Do something with the history; a damaged file is set aside, and a new one begun."""
        path = self.run.folder / FILE
        try:
            try:
                with History(path) as history:
                    work(history)
            except HistoryDamaged as damaged:
                if (aside := set_aside(path, damaged)) is not None:
                    self.run.notes.append(
                        f"the history was damaged: it is {aside} now, and a new one has begun"
                    )
                self.number = None
                with History(path) as history:
                    work(history)
        except (HistoryUnusable, OSError) as why:
            self.number = None
            self.run.notes.append(f"no history is kept of this run: {why}")

    def _begin(self, history: History) -> None:
        self.number = history.begin(self.run.id, self.run.started)

    def _finish(self, history: History) -> None:
        if self.number is None:
            self._begin(history)
        number, run = self.number or 0, self.run
        entries = list(entries_of(run.results))
        run.before = previous(history, number)
        if run.before is not None:
            run.transitions = {
                transition.entry.nodeid: transition for transition in transitions(history, entries, number)
            }
        self._last_known(history, number)
        history.finish(number, run.ended or run.started, run.exit_code, self._facts(), entries, run.reading)
        self._last(history)

    def _last_known(self, history: History, number: int) -> None:
        unjudged = self.run.results.of(*UNJUDGED)
        words = history.last_words(number) if unjudged else {}
        known = {result.nodeid: words[result.nodeid] for result in unjudged if result.nodeid in words}
        self.run.last_known = {nodeid: judged for nodeid, (judged, _) in known.items()}
        self.run.lost = sum(latest in JUDGED for _, latest in known.values())

    def _facts(self) -> dict[str, Any]:
        """What is known of the run itself, for the runs after it."""
        counts = self.run.results.counts()
        return {
            **self.run.facts,
            "complete": self.run.complete,
            "facts": counts.facts,
            "faults": list(self.run.faults),
            "objects": counts.objects,
            "noticed": lasting(self.run.notices),
            "changed_beside": passing(self.run.notices),
            "not_as_declared": counts.drifted,
            "unjudged": counts.unjudged,
            "unknown": counts.of("unknown"),
            "verdict": self.run.verdict,
            "unread": [why for why, _ in by_reason(self.run.results.of("unknown"))],
        }

    def _last(self, history: History) -> None:
        for past in history.runs():
            if not past.ended or not past.facts.get("complete", True):
                continue
            if past.exit_code in (CONFORMS, DRIFT) and not past.facts.get("unjudged"):
                self.run.last_judged = past.ended
            if past.exit_code == CONFORMS:
                self.run.last_conforming = past.ended


def entries_of(results: Iterable[NodeResult]) -> Iterable[CheckEntry]:
    """Results as history keeps them."""
    for result in results:
        fact, check = result.fact, result.check
        yield CheckEntry(
            nodeid=result.nodeid,
            title=fact.title,
            object=fact.subject,
            step=check.step,
            topic=check.topic,
            severity=check.severity,
            outcome=result.outcome,
            told=_finding(result) if result.outcome != "passed" else "",
        )


def _finding(result: NodeResult) -> str:
    """What is compared between runs: the drifts without their keys, else the reason."""
    if not result.drifts:
        return result.check_result.reason
    drifts = [{"path": drift.path, "want": drift.want, "have": drift.have} for drift in result.drifts]
    return json.dumps(drifts, sort_keys=True, ensure_ascii=False)
