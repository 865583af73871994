"""What a remediating run does with the site, pytest apart: lock, journals left open, plan, writes, undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from intent import Key
from intent.outcome import Finding
from intent.sensitive import scrub
from intent.stop_signals import StopSignals
from intent.words import counted
from live.avi.identity import Json
from live.site import Site
from remediate.plan import text as show
from remediate.plan.agreement import Agreement, agreement
from remediate.plan.model import Plan
from remediate.plan.planner import build
from remediate.plan.view import View, asked_tenant, cannot_ask
from remediate.run.options import Options, pasted
from remediate.write.apis import ControllersModel, TwoApis
from remediate.write.applier import Applier
from remediate.write.journal import Journal, NoJournal, left_open
from remediate.write.lock import Lock, Locked
from remediate.write.record import JournalEntry, JournalRecord, load
from remediate.write.results import AppliedStep, Shown
from remediate.write.uncertain import resolve_uncertain
from remediate.write.undo import UndoResult, undo_run
from remediate.write.unproved import Rehearsal
from remediate.write.writer import Writer


class SiteRun:
    """What one run does to one site. `say` takes lines for people; `signals` is the session's, where there is one."""

    def __init__(
        self, target: Site, options: Options, say: Callable[[str], None], signals: StopSignals | None = None
    ) -> None:
        self.target = target
        # What an older model shows of newer members would be stored with every object that is put back.
        target.newest_model = True
        self.options = options
        self.say = say
        self.signals = signals or StopSignals()
        self.journal: Journal | None = None
        self._several = target.environment.several_clouds

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the environment's lock; say who left it behind. Raises pytest.UsageError while another run has it."""
        try:
            self.options.seal()
            with Lock(self.options.folder, self.target.environment.name) as lock:
                if lock.stale:
                    self.say(f"an earlier run ended without a word: {lock.stale}")
                yield
        except Locked as other:
            raise pytest.UsageError(str(other)) from other
        except NoJournal as why:
            raise pytest.UsageError(
                f"--journals {self.options.folder}: {why}; without it nothing is written"
            ) from why

    def view(self) -> View:
        """The site as it was read last. Raises Unknown when nothing answered."""
        asks = cannot_ask if self.target.handed else self._ask
        return View(self.target.environment, self.target.live, asks)

    def _ask(self, path: str, params: Mapping[str, str], *, tenant: str | None = None) -> Json:
        return dict(scrub(self._gateway().read(path, dict(params), tenant=tenant or asked_tenant(path))))

    def _gateway(self, *, writable: bool = False) -> TwoApis:
        """The Controller, and vCenter where one is declared."""
        return TwoApis(
            self.target.gateway(writable=writable),
            {
                name: partial(source.gateway, writable=writable)
                for name, source in self.target.vcenters.by_name.items()
            },
        )

    def plan(self, asked: Iterable[Finding]) -> Plan:
        """The plan for these drifts; without any, an empty one, and nothing is asked. Raises Unknown."""
        return build(self.view(), asked, self.options.consent)

    def agreement(self, reviewed: Plan, asked: Iterable[Finding]) -> Agreement:
        """What a reviewed plan and one made now both ask for. Raises Unknown."""
        return agreement(reviewed, self.view(), list(asked), self.options.consent)

    def close_open_journals(self) -> None:
        """Say what is certain of runs that were killed, decide the rest by reading, and close their journals.

        One that nothing proves to be a run's own is left as it is: it could make this one read and keep anything.
        Raises Unknown when the site does not answer; then they stay open.
        """
        seal = self.options.seal()
        for record in left_open(self.options.folder, self.target.environment.name, self.target.name, seal):
            if record.unproved:
                self.say(
                    f"{record.path.name} is open, and nothing proves that a run of this program wrote it: "
                    f"{record.unproved}; it is passed over"
                )
                continue
            before = {entry.number for entry in record.uncertain}
            gateway = self._gateway(writable=True)
            gateway.connect()
            for line in resolve_uncertain(record, gateway, several_clouds=self._several):
                self.say(line)
            journal = Journal.reopen(record, seal=seal)
            for entry in record.entries:
                if entry.number in before and entry.fate is not None:
                    journal.answer(entry.number, entry.fate, entry.after, entry.text, heard=entry.heard)
            if any(entry.fate is None for entry in record.entries):
                journal.abandon()
                continue
            journal.end("killed; closed by a later run")
            self.say(f"  it is closed now; it can be undone with {pasted('rollback', record.path)}")

    def apply(self, plan: Plan, dropped: Sequence[AppliedStep] = ()) -> list[AppliedStep]:
        """Carry a plan out under a journal; `dropped` are steps that it may need. Raises Unknown when nothing began."""
        gateway = self._gateway(writable=True)
        gateway.connect()
        plan.require_model(gateway.api_version, gateway.name)
        view = self.view()
        writer = self._writer(gateway, (self.options.reviewed or plan).digest)
        self.say(f"journal: {writer.journal.path}")
        with self._patient():
            applier = Applier(
                writer,
                view,
                exact=self.options.reviewed is not None,
                consent=self.options.consent,
                say=self.say,
                stop=lambda: bool(self.signals.received),
            )
            results = applier.apply(plan, dropped)
            self._close(writer.journal, (result.status for result in results))
        return results

    def _writer(
        self, gateway: TwoApis, plan: str, undoes: str = "", only: Collection[Shown] | None = None
    ) -> Writer:
        """What writes to the site under a new journal; see `Journal.begin` and `Writer`."""
        folder, name, seal = self.options.folder, self.target.environment.name, self.options.seal()
        who = {"account": gateway.controller.user, "client": gateway.controller.client}
        self.journal = Journal.begin(folder, name, gateway.name, plan, undoes=undoes, seal=seal, **who)
        return Writer(gateway, self.journal, only=only, own=ControllersModel.of(gateway.controller))

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
        return {
            entry.key for entry in self.entries() if entry.fate in ("done", "unknown", None) or entry.after
        }

    def entries(self) -> list[JournalEntry]:
        """The writes of this run, as its journal has them. Raises BadJournal."""
        return load(self.journal.path).entries if self.journal else []

    def undo(self, path: Path) -> list[UndoResult]:
        """Undo a journal's run under a journal of its own. Raises Unknown when nothing could be begun.

        What a kill left uncertain is decided first: after the undo it could not be told any more. What is not proved is
        shown, and undone only with the option for that.
        """
        self.close_open_journals()
        record = load(path, self.options.seal())
        gateway = self._gateway(writable=True)
        gateway.connect()
        view = self.view()
        only: Collection[Shown] | None = None
        if record.unproved:
            results, rehearsal = self._rehearsed(record, gateway, view)
            if not (self.options.undo_unproved and rehearsal.shown):
                return self._only_shown(results)
            only = rehearsal.as_shown()
        writer = self._writer(gateway, record.head.plan, record.path.name, only)
        with self._patient():
            results = undo_run(
                record,
                writer,
                view,
                consent=self.options.consent,
                say=self.say,
                stop=lambda: bool(self.signals.received),
            )
            self._close(writer.journal, (result.outcome for result in results))
        if not self.entries():
            writer.journal.path.unlink()  # it would only hide the journals that tell of something
        return results

    def _rehearsed(
        self, record: JournalRecord, gateway: TwoApis, view: View
    ) -> tuple[list[UndoResult], Rehearsal]:
        """What would become of a journal that is not proved: every write is shown, and none is sent."""
        self.say(f"nothing proves that a run of this program wrote {record.path.name}: {record.unproved}")
        rehearsal = Rehearsal(gateway)
        results = undo_run(record, rehearsal, view, consent=self.options.consent)
        self.say(f"its undo is {counted(len(rehearsal.shown), 'write')}" + (":" if rehearsal.shown else ""))
        for key, request in rehearsal.shown:
            self.say(f"  {key.text(cloud=self._several)}")
            for line in show.request_lines(request):
                self.say(line)
        return results, rehearsal

    def _only_shown(self, results: Iterable[UndoResult]) -> list[UndoResult]:
        """The results of a rehearsal that stays one."""
        why = "nothing proves it; --rollback-unproved sends what is shown above"
        stay = [
            replace(result, outcome="kept", text=why) if result.outcome == "undone" else result
            for result in results
        ]
        for result in stay:
            self.say(result.line(several_clouds=self._several))
        return stay

    @staticmethod
    def _close(journal: Journal, words: Iterable[str]) -> None:
        """End a run's journal; one with a write of unknown fate stays open, for the next run to decide."""
        if any(entry.fate is None or entry.fate == "unknown" for entry in load(journal.path).entries):
            journal.abandon()
            return
        journal.end(", ".join(f"{count} {word}" for word, count in Counter(words).items()) or "nothing to do")


def too_many(plan: Plan, options: Options) -> str:
    """Why a plan is too large to be carried out, or ""."""
    if plan.writes <= options.max_changes:
        return ""
    return (
        f"the plan has {counted(plan.writes, 'write')} and at most {options.max_changes} are allowed; read it with "
        f"--plan, then narrow it with -k or allow it with --max-changes={plan.writes}"
    )
