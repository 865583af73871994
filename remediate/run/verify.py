"""Verification: after the writes the checks are asked again, on fresh reads; what takes its time is awaited."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import chain, repeat

import pytest

from fixtures.gc_tuning import drop_last_failure
from fixtures.reading import ask_ahead
from fixtures.site import SITE
from fixtures.terminal import Progress
from intent import Environment, Key
from intent.graph import dependents, driven
from intent.retry import attempts
from remediate.run.deferred import DeferredCheck, run
from remediate.write.results import AppliedStep

PAUSES = (0.5, 0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 10.0)
"""Seconds between two looks at what is awaited; the last one is repeated."""

SAY_EVERY = 10.0
"""Seconds between two progress lines where they cannot be written over each other."""


class Verifier:
    """Asks again whatever the writes may have touched."""

    def __init__(
        self,
        config: pytest.Config,
        deferred: Mapping[str, DeferredCheck],
        results: Sequence[AppliedStep],
        settle: float,
        progress: Progress,
    ) -> None:
        self.config = config
        self.deferred = deferred
        self.settle = settle
        self.progress = progress
        self.target = config.stash[SITE]
        self.changed = {result.step.key for result in results if result.writes or result.status == "already"}
        self.apis = {write.request.api for result in results for write in result.writes}
        self.affected = affected(self.target.environment, self.changed)
        self.never_read: frozenset[str] = frozenset()
        """The collections that could be read neither before the writes nor after them."""
        self._shown_at, self._shown_titles = -SAY_EVERY, ""

    def verify(self, session: pytest.Session) -> None:
        """Every deferred check that is not good, and every good one that read what was changed; then wait."""
        self.progress.title("second pass")
        before = self._unread()
        # A first pass that -x ended early has left the session's fixtures standing, with what they had read.
        session._setupstate.teardown_exact(None)  # noqa: SLF001 -- pytest has no other way to end them
        self._ask([check for check in self.deferred.values() if not check.good or self._read_it(check)])
        self.never_read = before & self._unread()
        awaited = [check for check in self.deferred.values() if self._awaits(check)]
        if awaited and self.settle > 0:
            self._wait(awaited)

    def _read_it(self, deferred: DeferredCheck) -> bool:
        """Whether a check read an object that was changed, or a collection or inventory that holds one."""
        needs = {api.removesuffix("-inventory") for api in deferred.fact.check.needs}
        return deferred.fact.key in self.changed or bool(needs & self.apis)

    def _unread(self) -> frozenset[str]:
        """The collections that the latest read could not have."""
        return frozenset(self.target.snapshot.failures if self.target.snapshot else ())

    def _awaits(self, deferred: DeferredCheck) -> bool:
        """Whether time may still turn it green: a runtime fact of what was changed or stands on it, or one not read."""
        was_read = deferred.first is not None and deferred.first.outcome != "unknown"
        concerned = deferred.fact.key in self.affected
        return (concerned or (was_read and deferred.outcome == "unknown")) and self._may_change(deferred)

    def _may_change(self, deferred: DeferredCheck) -> bool:
        """Whether a check may say something else later.

        A declared field that is still not as declared after an accepted write will not be so later, and what could be
        read neither before the writes nor after them will not be readable later.
        """
        if deferred.outcome == "unknown":
            check, first = deferred.fact.check, deferred.first
            declared = bool(check.field) and first is not None and first.outcome == "unknown"
            return not declared and self.never_read.isdisjoint(check.needs)
        return deferred.outcome == "failed"

    def _ask(self, again: Sequence[DeferredCheck]) -> None:
        """Ask checks again on a fresh read, with every plugin listening."""
        self.target.forget()
        drop_last_failure()
        ask_ahead(self.target, [deferred.item for deferred in again])
        for at, deferred in enumerate(again):
            following = again[at + 1].item if at + 1 < len(again) else None
            self.config.hook.pytest_runtest_protocol(item=deferred.item, nextitem=following)

    def _wait(self, awaited: list[DeferredCheck]) -> None:
        """Look again and again, unheard, until all are green or time is up; then ask them once more aloud."""
        begun = time.monotonic()
        blocked = [check for check in self.deferred.values() if check.outcome == "blocked"]
        waiting = list(awaited)
        self._say_awaited(waiting, 0.0)
        pauses = chain(PAUSES, repeat(PAUSES[-1]))
        for _ in attempts(pauses, deadline=begun + self.settle, at_once=False, to_the_end=True):
            self.target.forget()
            ask_ahead(self.target, [check.item for check in waiting])
            waiting = [check for check in waiting if not self._green(check)]
            if not waiting:
                waiting = [
                    check for check in (*awaited, *blocked) if not self._green(check, only_failed=True)
                ]
            if not waiting:
                break
            self._say_awaited(waiting, time.monotonic() - begun)
        spent = time.monotonic() - begun
        self.progress.line(
            f"awaited for {spent:.0f} s: still missing {_titles(waiting)}"
            if waiting
            else f"awaited for {spent:.0f} s: all there"
        )
        self._ask([check for check in self.deferred.values() if check in awaited or check in blocked])

    def _say_awaited(self, waiting: Sequence[DeferredCheck], spent: float) -> None:
        names = _titles(waiting)
        if self.progress.rewrites or names != self._shown_titles or spent - self._shown_at >= SAY_EVERY:
            self.progress.over(f"awaited ({spent:.0f} of {self.settle:.0f} s): {names}"[:160])
            self._shown_at, self._shown_titles = spent, names

    def _green(self, deferred: DeferredCheck, *, only_failed: bool = False) -> bool:
        """Whether a check would pass now. `only_failed`: those that no time will change are not waited for."""
        rerun = DeferredCheck(deferred.item, run(deferred.item, None), deferred.first)
        return rerun.good or (only_failed and not self._may_change(rerun))


def _titles(deferred: Sequence[DeferredCheck]) -> str:
    return ", ".join(check.fact.title.rstrip(".") for check in deferred)


def affected(environment: Environment, changed: set[Key]) -> set[Key]:
    """The objects that were changed, all that stands on them, and what changes its state with any of those."""
    reached = dependents(environment, changed)
    return reached | driven(environment, reached)
