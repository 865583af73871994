"""Verification: after the writes the checks are asked again, on fresh reads; what takes its time is awaited."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain, repeat

import pytest

from fixtures.gc_tuning import drop_last_failure
from fixtures.reading import ask_ahead, asks_vcenter
from fixtures.site import SITE, vcenter_of
from fixtures.terminal import Progress
from intent import Blocked, Key, Unknown
from intent.retry import attempts
from intent.words import counted, first_of
from remediate.run.deferred import DeferredCheck, run
from remediate.run.settling import affected, ill_of_themselves, touches_servers
from remediate.write.results import AppliedStep

PAUSES = (0.5, 0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 10.0)
"""Seconds between two looks at what is awaited; the last one is repeated."""

SHOWN = 3
"""Facts that a progress line names."""

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
        self.alone = self._ill()
        """The pools that were ill of themselves before the writes, later those that are after them too."""
        self.never_read: frozenset[str] = frozenset()
        """The collections and vCenters that could be read neither before the writes nor after them."""
        self._shown_at, self._shown_titles = -SAY_EVERY, ""

    def verify(self, session: pytest.Session) -> None:
        """Every deferred check that is not good, and every good one that read what was changed; then wait."""
        self.progress.title("second pass")
        before = self._unread()
        self.target.renew()
        # A first pass that -x ended early has left the session's fixtures standing, with what they had read.
        session._setupstate.teardown_exact(None)  # noqa: SLF001 -- pytest has no other way to end them
        self._ask([check for check in self.deferred.values() if not check.good or self._read_it(check)])
        self.never_read = before & self._unread()
        self.alone &= self._ill()
        awaited = [check for check in self.deferred.values() if self._awaits(check)]
        self._say_what_remains(awaited)
        if awaited and self.settle > 0:
            self._wait(awaited)

    def _read_it(self, deferred: DeferredCheck) -> bool:
        """Whether a check read an object that was changed, a collection or inventory that holds one, or a state."""
        check, key = deferred.fact.check, deferred.fact.key
        needs = {api.removesuffix("-inventory") for api in check.needs}
        return key in self.changed or bool(needs & self.apis) or (not check.field and key in self.affected)

    def _ill(self) -> frozenset[Key]:
        """The pools that are ill of themselves, as the site was read last."""
        try:
            return ill_of_themselves(self.target.live) if self.target.snapshot else frozenset()
        except Unknown:
            return frozenset()

    def _influenced(self, key: Key | None) -> bool:
        """Whether what was written may still change how an object is at runtime."""
        if key is None or key not in self.alone:
            return key in self.affected
        try:
            return touches_servers(self.target.environment, self.changed, key, self.target.live)
        except (Blocked, Unknown):
            return True

    def _say_what_remains(self, awaited: Sequence[DeferredCheck]) -> None:
        """Name what is wrong at runtime for reasons that no write of this run has to do with."""
        left = [
            check for check in self.deferred.values() if check.outcome == "failed" and check not in awaited
        ]
        for check in left[:SHOWN]:
            self.progress.line(
                f"not awaited, no write of this run changes it: {_title(check)}: {check.result.reason}"
            )
        if len(left) > SHOWN:
            self.progress.line(f"not awaited either: {counted(len(left) - SHOWN, 'further fact')}")

    def _unread(self) -> frozenset[str]:
        """The collections that the latest read could not have, and the vCenters."""
        failures = self.target.snapshot.failures if self.target.snapshot else ()
        return frozenset(failures).union(map(_vcenter, self.target.vcenters.unreadable))

    def _reads(self, deferred: DeferredCheck) -> set[str]:
        """The collections and the vCenter that a check reads."""
        reads = set(deferred.fact.check.needs)
        if asks_vcenter(deferred.item):
            with suppress(Blocked):
                reads.add(_vcenter(self.target.vcenters.of(vcenter_of(deferred.item)).declared.name))
        return reads

    def _awaits(self, deferred: DeferredCheck) -> bool:
        """Whether time may still turn it green: a runtime fact of what was changed or stands on it, or one not read."""
        was_read = deferred.first is not None and deferred.first.outcome != "unknown"
        concerned = self._influenced(deferred.fact.key)
        return (concerned or (was_read and deferred.outcome == "unknown")) and self._may_change(deferred)

    def _may_change(self, deferred: DeferredCheck) -> bool:
        """Whether a check may say something else later.

        A declared field that is still not as declared after an accepted write will not be so later, and what could be
        read neither before the writes nor after them will not be readable later.
        """
        if deferred.outcome == "unknown":
            check, first = deferred.fact.check, deferred.first
            declared = bool(check.field) and first is not None and first.outcome == "unknown"
            return not declared and self.never_read.isdisjoint(self._reads(deferred))
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
            most = f"{spent:.0f} of at most {self.settle:.0f} s (--settle=SECONDS sets that)"
            self.progress.over(f"awaited, {most}: {names}")
            self._shown_at, self._shown_titles = spent, names

    def _green(self, deferred: DeferredCheck, *, only_failed: bool = False) -> bool:
        """Whether a check would pass now. `only_failed`: those that no time will change are not waited for."""
        rerun = DeferredCheck(deferred.item, run(deferred.item, None), deferred.first)
        return rerun.good or (only_failed and not self._may_change(rerun))


def _vcenter(name: str) -> str:
    return f"vcenter {name}".rstrip()


def _title(deferred: DeferredCheck) -> str:
    return deferred.fact.title.rstrip(".")


def _titles(deferred: Sequence[DeferredCheck]) -> str:
    return first_of([_title(check) for check in deferred], SHOWN)
