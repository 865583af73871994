"""What a remediating run does with the site, pytest apart: lock, journals left open, plan, writes, undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.signals import StopSignals
from intent import Key, Unknown
from intent.outcome import LeftAlone, StepReport, WriteReport
from intent.scrubber import scrub
from intent.words import counted
from live.avi.identity import Json
from live.site import Site
from remediate.plan.model import Plan, Unplanned
from remediate.plan.payload import content
from remediate.plan.planner import Finding, build
from remediate.plan.referrers import asked_tenant
from remediate.plan.text import option
from remediate.plan.view import View, cannot_ask
from remediate.run.options import Wish
from remediate.write.applier import AppliedStep, Applier
from remediate.write.journal import Entry, Journal, NoJournal, left_open, load
from remediate.write.lock import Lock, Locked
from remediate.write.undo import UndoResult, resolve_uncertain, undo_run
from remediate.write.vcenter import TwoApis
from remediate.write.writer import Writer, Written


class Work:
    """What one run does to one site. `say` takes lines for people; `signals` is the session's, where there is one."""

    def __init__(
        self, target: Site, wish: Wish, say: Callable[[str], None], signals: StopSignals | None = None
    ) -> None:
        self.target = target
        self.wish = wish
        self.say = say
        self.signals = signals or StopSignals()
        self.journal: Journal | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the environment's lock; say who left it behind. Raises pytest.UsageError while another run has it."""
        try:
            with Lock(self.wish.folder, self.target.environment.name) as lock:
                if lock.stale:
                    self.say(f"an earlier run ended without a word: {lock.stale}")
                yield
        except Locked as other:
            raise pytest.UsageError(str(other)) from other
        except NoJournal as why:
            raise pytest.UsageError(
                f"--journals {self.wish.folder}: {why}; without it nothing is written"
            ) from why

    def site(self) -> View:
        """The site as it was read last. Raises Unknown when nothing answered."""
        asks = cannot_ask if self.target.handed else self._ask
        return View(self.target.environment, self.target.live, asks)

    def _ask(self, path: str, params: Mapping[str, str]) -> Json:
        return dict(scrub(self._gateway().read(path, dict(params), tenant=asked_tenant(path))))

    def _gateway(self, *, writable: bool = False) -> TwoApis:
        """The Controller, and vCenter where one is declared."""
        return TwoApis(
            self.target.gateway(writable=writable), lambda: self.target.vcenter.gateway(writable=writable)
        )

    def plan(self, asked: Iterable[Finding]) -> Plan:
        """The plan for these drifts; without any, an empty one, and nothing is asked. Raises Unknown."""
        return build(self.site(), asked, allow_disruptive=self.wish.allow_disruptive)

    def close_open_journals(self) -> None:
        """Say what is certain of runs that were killed, decide the rest by reading, and close their journals.

        Raises Unknown when the site does not answer; then they stay open.
        """
        for record in left_open(self.wish.folder, self.target.environment.name, self.target.name):
            before = {entry.number for entry in record.uncertain}
            gateway = self._gateway(writable=True)
            gateway.connect()
            for line in resolve_uncertain(record, gateway):
                self.say(line)
            journal = Journal.reopen(record)
            for entry in record.entries:
                if entry.number in before and entry.fate is not None:
                    journal.answer(entry.number, entry.fate, entry.after, entry.text)
            if any(entry.fate is None for entry in record.entries):
                journal.abandon()
                continue
            journal.end("killed; closed by a later run")
            self.say(f"  it is closed now; it can be undone with {option('rollback', record.path)}")

    def apply(self, plan: Plan) -> list[AppliedStep]:
        """Carry a plan out under a journal. Raises Unknown when nothing could be begun."""
        gateway = self._gateway(writable=True)
        gateway.connect()
        if plan.api_version != gateway.api_version:
            raise Unknown(
                f"the plan was made in the model of version {plan.api_version}, and {gateway.name} is spoken to in "
                f"that of {gateway.api_version}; make it anew"
            )
        site = self.site()
        name = self.target.environment.name
        self.journal = Journal.begin(self.wish.folder, name, gateway.name, plan.digest)
        self.say(f"journal: {self.journal.path}")
        with self._patient():
            writer = Writer(gateway, self.journal)
            applier = Applier(
                writer,
                site,
                exact=self.wish.reviewed is not None,
                allow_disruptive=self.wish.allow_disruptive,
                say=self.say,
                stop=lambda: bool(self.signals.received),
            )
            results = applier.apply(plan)
            self._close(self.journal, (result.status for result in results))
        return results

    def _patient(self) -> AbstractContextManager[None]:
        """A first Ctrl-C, SIGTERM or SIGHUP stops between two writes, never inside one."""
        return self.signals.patient(
            lambda name: self.say(
                f"{name}: stopping after the write that is under way; a second one stops at once"
            )
        )

    def written(self) -> set[Key]:
        """The objects that this run has written, or may have: the journal knows, even where a run broke off.

        Raises BadJournal.
        """
        return {entry.key for entry in self.entries() if entry.fate in ("done", "unknown", None)}

    def entries(self) -> list[Entry]:
        """The writes of this run, as its journal has them. Raises BadJournal."""
        return load(self.journal.path).entries if self.journal else []

    def undo(self, path: Path) -> list[UndoResult]:
        """Undo a journal's run under a journal of its own. Raises Unknown when nothing could be begun.

        What a kill left uncertain is decided first: after the undo it could not be told any more.
        """
        self.close_open_journals()
        record = load(path)
        gateway = self._gateway(writable=True)
        gateway.connect()
        site = self.site()
        name = self.target.environment.name
        digest = record.head.plan
        self.journal = Journal.begin(self.wish.folder, name, gateway.name, digest, undoes=record.path.name)
        with self._patient():
            results = undo_run(
                record,
                Writer(gateway, self.journal),
                site,
                allow_disruptive=self.wish.allow_disruptive,
                say=self.say,
                stop=lambda: bool(self.signals.received),
            )
            self._close(self.journal, (result.outcome for result in results))
        if not self.entries():
            self.journal.path.unlink()  # it would only hide the journals that tell of something
        return results

    @staticmethod
    def _close(journal: Journal, words: Iterable[str]) -> None:
        """End a run's journal; one with a write of unknown fate stays open, for the next run to decide."""
        if any(entry.fate is None or entry.fate == "unknown" for entry in load(journal.path).entries):
            journal.abandon()
            return
        journal.end(", ".join(f"{count} {word}" for word, count in Counter(words).items()) or "nothing to do")


def too_many(plan: Plan, wish: Wish) -> str:
    """Why a plan is too large to be carried out, or ""."""
    if plan.writes <= wish.max_changes:
        return ""
    return (
        f"the plan has {counted(plan.writes, 'write')} and at most {wish.max_changes} are allowed; read it with "
        f"--plan, then narrow it with -k or allow it with --max-changes={plan.writes}"
    )


def step_report(result: AppliedStep) -> StepReport:
    """A step's result, for reports."""
    step = result.step
    return StepReport(
        key=step.key,
        action=step.action,
        status=result.status,
        text=result.text,
        risk=step.risk,
        changes=step.changes,
        undo=step.undo,
        permanent=tuple(step.outlook.stays),
        undo_hits=step.outlook.hits,
        undo_waits=step.outlook.blockers,
        requests=tuple(_write_report(written) for written in result.writes),
    )


def _write_report(written: Written) -> WriteReport:
    return WriteReport(
        method=written.request.method,
        path=written.request.path,
        body=replace(written.request, body=written.sent).shown,  # what it says anew; the journal has all
        before=_about(written, written.before),
        after=_about(written, written.after),
        fate=written.fate,
        text=written.text,
    )


def left_alone(left: Unplanned) -> LeftAlone:
    """A drift that the plan does not touch, for reports."""
    return LeftAlone("left", left.key, left.path, left.have, left.want, left.reason, left.hit, left.checks)


def _about(written: Written, obj: Json | None) -> Json | None:
    """The members of an object that the write was about, and what else it changed; the journal has all of them."""
    if obj is None:
        return None
    was, now = written.before or {}, written.after or {}
    members = {*written.request.changed, "uuid", "name"}
    if was and now:
        before, after = content(written.request.api, was), content(written.request.api, now)
        members |= {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return {key: value for key, value in obj.items() if key in members}
