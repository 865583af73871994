"""Two passes in one session: the checks, the plan, the writes, and the checks again.

The first words of all checks are held back until the second pass has spoken, so that nothing has to be taken back:
terminal, JUnit, cache and exit code hear one word on each check, its last.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.broken_pipe import TERMINAL_FILE
from fixtures.parametrize import CHECK
from fixtures.signals import STOPPING
from fixtures.site import TARGET
from intent import Drift, Key, Unknown
from intent.harmless import harmless
from intent.plain_data import to_json
from intent.words import counted
from remediate.plan import text as show
from remediate.plan.model import Plan, Step
from remediate.plan.undo_outlook import with_later_steps
from remediate.run.deferred import LETTERS, Held, run, tell, unread
from remediate.run.options import Wish
from remediate.run.progress import Screen
from remediate.run.verify import Prover, affected
from remediate.run.work import Work, told, too_many
from remediate.write.applier import AppliedStep
from remediate.write.journal import BadJournal


class TwoPass:
    """`--remediate` and `--apply-plan`, in the only process."""

    def __init__(self, config: pytest.Config, wish: Wish) -> None:
        self.config = config
        self.wish = wish
        self.screen = Screen(config)
        self.work = Work(config.stash[TARGET], wish, self.screen.line, config.stash[STOPPING])
        self.held: dict[str, Held] = {}
        self.plan: Plan | None = None
        self.results: list[AppliedStep] = []
        self.why_nothing = ""
        self._begun = False
        self._bad = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a check and hold what it said; tests that are no checks of ours go their usual way."""
        if CHECK not in item.stash:
            return None
        known = self.held.get(item.nodeid)
        if known is None:
            if self._enough():
                return True
            if not self._begun:
                self._begun = True
                self.screen.title("first pass")
            held = self.held[item.nodeid] = Held(item, run(item, nextitem))
            self._bad += held.outcome in ("drift", "failed", "unknown")
            self.screen.letter(LETTERS.get(held.outcome, "?"), held.item.nodeid, held.outcome)
        else:
            known.first = known.first or known.said()
            known.reports, known.again = run(item, nextitem), True
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A reviewed plan is carried out whole, so whatever asked for it must be asked. Raises pytest.UsageError."""
        if self.wish.reviewed is None:
            return
        asking = {
            check for step in self.wish.reviewed.steps for change in step.changes for check in change.checks
        }
        asked = {item.avi["check"] for item in session.items if hasattr(item, "avi")}
        if missing := sorted(asking - asked):
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise pytest.UsageError(
                f"--apply-plan carries out all of a plan, and {', '.join(missing[:3])}{more} would not be asked "
                "whether it helped: leave -k and paths out, or make a plan with them"
            )

    def _enough(self) -> bool:
        """Whether `-x` or `--maxfail` ends the first pass here; what has drifted until then is still put right."""
        most = self.config.getoption("maxfail", 0)
        return bool(most) and self._bad >= most

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """First pass, plan, writes, second pass; then the last words."""
        if session.config.option.collectonly:
            return (yield)
        with self.work.alone():
            return (yield from self._passes(session))

    def _passes(self, session: pytest.Session) -> Generator[None, object, object]:
        try:
            result = yield
            self._remediate(session)
        except BaseException as why:
            broken = "was interrupted" if isinstance(why, KeyboardInterrupt) else f"broke off: {why}"
            self.why_nothing = self.why_nothing or f"the run {broken}"
            self._tell_all()
            raise
        self._tell_all()
        self.work.stopping.check()
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        return result

    def _remediate(self, session: pytest.Session) -> None:
        try:
            self.work.close_open_journals()
            self.plan = self.wish.reviewed or self.work.plan(self._asked())
        except Unknown as why:
            self.why_nothing = f"nothing was planned: {why}"
            self.screen.line(self.why_nothing)
            return
        if not self.plan.steps and not any(True for _ in self.plan.left):
            self.screen.title("remediation")
            self.screen.line("no drift that was read: nothing to write")
            return
        self.screen.title("remediation")
        for line in show.lines(self.plan):
            self.screen.line(line)
        self._save()
        self.why_nothing = too_many(self.plan, self.wish)
        if self.why_nothing:
            self.screen.line(self.why_nothing)
            return
        if self.plan.steps:
            self._write(session)

    def _asked(self) -> list[tuple[Drift, str]]:
        return [
            (Drift.from_json(drift), str(held.about["check"]))
            for held in self.held.values()
            for drift in held.drifts
        ]

    def _save(self) -> None:
        assert self.plan is not None
        if self.wish.plan_out is not None:
            save(self.plan, self.wish.plan_out, self.screen)

    def _write(self, session: pytest.Session) -> None:
        assert self.plan is not None
        self.screen.title("writing")
        try:
            self.results = self.work.apply(self.plan)
        except Unknown as why:
            self.why_nothing = f"nothing was written: {why}"
            self.screen.line(self.why_nothing)
            return
        if self.work.stopping.asked:
            self.why_nothing = "the run was interrupted"
            return
        sent = [one for result in self.results for one in result.writes]
        if sent or any(result.status == "already" for result in self.results):
            Prover(self.config, self.held, self.results, self.wish.settle, self.screen).prove(session)

    def _tell_all(self) -> None:
        """Every check's last word, in the order of the first pass."""
        held, self.held = list(self.held.values()), {}
        notes = self._notes()
        self._take_back(held)
        if held:
            self.screen.end()
        with self.work.stopping.patient():
            for one in held:
                self._label(one, notes)
                tell(one)

    def _take_back(self, held: list[Held]) -> None:
        """Where the run ended before the second pass did, what the first one said of written objects is over."""
        if not self.why_nothing:
            return
        try:
            written = self.work.written()
        except BadJournal:
            written = {step.key for step in self.plan.steps} if self.plan else set()
        on_it = affected(self.config.stash[TARGET].environment, written)
        ended = self.why_nothing.removeprefix("the run ")
        for one in held:
            if not one.again and (what := _stale(one, written, on_it)) is not None:
                unread(one, f"{what}written by this run and not read again: it {ended}; run again")

    def _notes(self) -> dict[tuple[str, ...], list[dict[str, Any]]]:
        """By object, what was done, or why nothing was."""
        found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for result in self.results:
            found.setdefault(tuple(result.step.key), []).append(told(result))
        for left in self.plan.left if self.plan else ():
            found.setdefault(tuple(left.key), []).append({"status": "left", **to_json(left)})
        return found

    def _label(self, held: Held, notes: dict[tuple[str, ...], list[dict[str, Any]]]) -> None:
        """Say on the last reports what remediation did for this check."""
        first, last = held.first or held.said(), held.outcome
        key = tuple(first.get("key") or ())
        mine = notes.get(key, [])
        if first.get("outcome") in ("passed", "waived") and last in ("passed", "waived"):
            return
        if first.get("outcome") == "unknown" and last == "passed":
            return  # it was read at last, and nothing was wrong with it
        fixed = held.again and last == "passed"
        data = {
            "outcome": _came_to(held, fixed=fixed),
            "first": {name: first.get(name) for name in ("outcome", "drifts", "reason", "start", "stop")},
            "plan": self.plan.digest if self.plan else "",
            "journal": str(self.work.journal.path) if self.work.journal else "",
            "steps": mine,
            "reason": "" if fixed else self.why_nothing or _why(mine, held),
        }
        for report in held.reports:
            avi = getattr(report, "avi", None)
            if avi is None:
                continue
            avi["remediation"] = data
            if fixed and report.when == "call":
                avi["outcome"] = "remediated"
                avi["reason"] = _was(first)
            # Why nothing at all was written is said once, in the summary, and not with every failure.
            if not fixed and not self.why_nothing and data["reason"] and report.outcome != "passed":
                report.sections.append(("remediation", str(data["reason"])))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """A check that was put right is told apart from one that was right."""
        avi = getattr(report, "avi", None)
        if report.passed and report.when == "call" and avi and avi.get("outcome") == "remediated":
            return "put right", "R", ("PUT RIGHT", {"green": True, "bold": True})
        return None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What was written, and how to undo it."""
        if self.plan is None:
            return
        terminalreporter.section("remediation", sep="=")
        lines = [harmless(line) for line in self._account()]
        for line in lines:
            terminalreporter.write_line(line)
        terminalreporter.flush()
        if (terminal := self.config.stash.get(TERMINAL_FILE, None)) is not None:
            terminal.repeat_if_unread(lines)

    def _account(self) -> Iterator[str]:
        """The plan in a line, what of it was not done and why, what was, and how to go on or back."""
        assert self.plan is not None
        yield show.headline(self.plan)
        if self.why_nothing:
            yield self.why_nothing
        for result in self.results:
            if result.status not in ("done", "skipped"):
                yield f"{result.step.key}: {result.status}: {result.text}"
        skipped: dict[str, list[str]] = {}
        for result in self.results:
            if result.status == "skipped":
                skipped.setdefault(result.text, []).append(str(result.step.key))
        for why, keys in skipped.items():
            yield from textwrap.wrap(
                f"not tried, since {why}: {', '.join(keys)}", show.WIDTH, subsequent_indent="  "
            )
        for left in self.plan.left:
            yield f"{left.key}: {left.path or 'existence'} left as it is: {left.reason}"
        if self.work.journal:
            yield self._written(self.work.journal.path, self.plan.writes)
        broken_off = self.work.journal is not None and bool(self.why_nothing)
        if broken_off or not all(result.right for result in self.results):
            yield self._how_to_go_on()

    def _how_to_go_on(self) -> str:
        if self.wish.reviewed is None:
            return "to go on, run again: what is right by then is not written twice"
        given = self.config.getoption("apply_plan")
        if any(result.status == "moved" for result in self.results):
            return (
                f"to go on, make a new plan with --plan {show.option('plan-out', given)}: what has moved is not as it "
                "was reviewed"
            )
        again = show.option("apply-plan", given)
        return f"to go on, give {again} again: what is as it plans by then is not written twice"

    def _written(self, journal: Path, planned: int) -> str:
        """How much was written, by the journal: it knows even where a run broke off. And how to undo it."""
        try:
            fates = Counter(entry.fate or "unknown" for entry in self.work.entries())
        except BadJournal as problem:
            return str(problem)
        unsure = f", {fates['unknown']} not certain until it is read back" if fates["unknown"] else ""
        undo = f"; undo with {show.option('rollback', journal)}" if fates["done"] or unsure else ""
        but = "".join(f"\n  {reservation}" for reservation in show.reservations(self._sent()))
        return f"{fates['done']} of {counted(planned, 'write')} done{unsure}{undo}{but}"

    def _sent(self) -> Iterator[tuple[Step, int]]:
        """Every step that was carried out, as it stands among those alone, and how many of its writes were done."""
        done = {result.step.key: sum(one.fate == "done" for one in result.writes) for result in self.results}
        steps = [result.step for result in self.results if result.writes]
        for step in with_later_steps(steps, self.work.target.environment):
            yield step, done[step.key]


def _stale(held: Held, written: set[Key], on_it: set[Key]) -> str | None:
    """Which written object a check spoke of, as a sentence begins: its own, what blocked it, or what it stands on."""
    key = Key(*held.about["key"]) if held.about.get("key") else None
    if key in written:
        return ""
    reason = str(held.avi.get("reason"))
    if held.outcome == "blocked":
        return next((f"{one} was " for one in written if reason.startswith(f"{one} ")), None)
    return "what it stands on was " if held.outcome == "failed" and key in on_it else None


def _came_to(held: Held, *, fixed: bool) -> str:
    """What remediation came to for a check, in two or three words."""
    if held.again:
        return "fixed" if fixed else "not fixed"
    return "not read again" if held.taken_back else "not tried"


def _was(first: dict[str, Any]) -> str:
    """What was put right, in a line."""
    if first.get("outcome") == "blocked":
        return f"now holds: {str(first.get('title', '')).rstrip('.')}"
    drifts = "; ".join(
        f"{drift['path'] or 'existence'}: {show.value(drift['have'])} -> {show.value(drift['want'])}"
        for drift in first.get("drifts") or ()
    )
    return drifts or str(first.get("reason") or first.get("outcome") or "")


def _why(mine: list[dict[str, Any]], held: Held) -> str:
    """Why a check is still not right: what was left alone, what went wrong, or a write that did not help."""
    paths = {drift["path"] for drift in (held.first or held.avi).get("drifts") or ()}
    for note in mine:
        if note["status"] == "left" and (note["path"] in paths or not paths):
            hit = f" (would hit: {', '.join(note['hit'])})" if note["hit"] else ""
            return f"left as it is: {note['reason']}{hit}"
    for note in mine:
        if note["status"] in ("done", "already") and held.outcome == "drift" and held.again:
            return "it was written and accepted, and read again it is still not as declared"
        if note["status"] == "done" and held.outcome == "unknown" and held.again:
            return "it was written and accepted, but could not be read again: nobody has seen that it helped"
        if note["status"] not in ("done", "left"):
            return f"{note['status']}: {note['text']}"
    return ""


def save(plan: Plan, path: Any, screen: Screen) -> None:
    """Save a plan for review, and say how to carry it out."""
    try:
        plan.save(path)
    except OSError as error:
        raise pytest.UsageError(f"--plan-out {path}: cannot be written: {error.strerror}") from error
    screen.line(f"saved as {path}; carry it out with {show.option('apply-plan', path)}")
