"""The run that is going on, in the history: begun with its first result, finished with its last."""

from __future__ import annotations

import json
from collections.abc import Iterable

from reports.grouping import by_reason
from reports.history.changes import changes, previous
from reports.history.store import FILE, Entry, History, HistoryUnusable
from reports.outcomes import CONFORMS, DRIFT, UNJUDGED, Result
from reports.run import Run


class Recorder:
    """Keeps a run in the history. What goes wrong here is a note in the summary, never a wrong verdict."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.number: int | None = None

    @property
    def path(self) -> str:
        """The history file."""
        return str(self.run.folder / FILE)

    def begin(self) -> None:
        """Note that the run has begun, so that a killed one can be told from none."""
        try:
            with History(self.run.folder / FILE) as history:
                self.number = history.begin(self.run.id, self.run.started)
        except HistoryUnusable as why:
            self.run.notes.append(f"no history is kept of this run: {why}")

    def finish(self) -> None:
        """Write every result, after finding what has changed since the runs before."""
        if self.number is None or self.run.ended is None:
            return
        entries = list(entries_of(self.run.results))
        try:
            with History(self.run.folder / FILE) as history:
                self.run.before = previous(history, self.number)
                if self.run.before is not None:
                    self.run.changes = {
                        change.entry.nodeid: change for change in changes(history, entries, self.number)
                    }
                unjudged = len(self.run.results.of(*UNJUDGED))
                known = {**self.run.facts, "facts": len(self.run.results), "unjudged": unjudged}
                known["complete"] = self.run.complete
                known |= {"unknown": len(self.run.results.of("unknown")), "faults": list(self.run.faults)}
                known["unread"] = [why for why, _ in by_reason(self.run.results.of("unknown"))]
                history.finish(self.number, self.run.ended, self.run.exit_code, known, entries)
                self._last(history)
        except HistoryUnusable as why:
            self.run.notes.append(f"no history is kept of this run: {why}")

    def _last(self, history: History) -> None:
        for past in history.runs():
            if not past.ended or not past.facts.get("complete", True):
                continue
            if past.exit_code in (CONFORMS, DRIFT) and not past.facts.get("unjudged"):
                self.run.last_judged = past.ended
            if past.exit_code == CONFORMS:
                self.run.last_conforming = past.ended


def entries_of(results: Iterable[Result]) -> Iterable[Entry]:
    """Results as history keeps them."""
    for result in results:
        avi = result.avi
        value = result.value
        told = (
            json.dumps(value, sort_keys=True, ensure_ascii=False) if value else str(avi.get("reason") or "")
        )
        yield Entry(
            nodeid=result.nodeid,
            title=str(avi.get("title") or ""),
            object=str(avi.get("object") or ""),
            step=str(avi.get("step") or ""),
            topic=str(avi.get("topic") or ""),
            severity=str(avi.get("severity") or "normal"),
            outcome=result.outcome,
            told=told if result.outcome != "passed" else "",
        )
