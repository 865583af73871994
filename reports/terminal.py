"""The summary at the end of a run: one screen, whatever the run's size; the verdict is its last line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from intent.files import near
from intent.forecast import Trend
from intent.notice import sentence
from intent.remediation import FAILURES, gravity
from intent.words import counted, harmless, moment
from reports import grouping
from reports.check_report import FailureRepr
from reports.forecasts import is_soon, running_out
from reports.history.transitions import CHANGED, FIXED, NEW, WAIVED, Transition, duration
from reports.notices import by_topic, heading, listed, not_compared
from reports.outcomes import CONFORMS, UNKNOWN, NodeResult
from reports.run import Run
from reports.text import WIDTH, Line, beyond, columns, headline, wrapped

MAX_DRIFTS = 24
"""Drift lines shown; where there are more, each rule gets one line with its number of objects."""

MAX_RULES = 12
MAX_FAILURES = 100
"""Failures, and as many errors, whose texts are shown above the summary."""

MAX_BLOCKS = 8
MAX_REASONS = 5
MAX_NOTES = 3
MAX_CHANGES = 4
MAX_NOTICES = 8

_LINES = {
    "label": 2,
    "found": 2,
    "drift": 3,  # what was found stands at the end
    "files": 3,
    "notice": 2,
    "good": 3,  # how long something had drifted stands at the end; of a verdict, what could not be written
    "bad": 3,
    "doubt": 3,
    "waived": 3,  # why it is accepted stands at the end
    "unknown": 4,  # a reason is a sentence with the next step in it
}
"""Lines that one of a kind may take; the others are cut."""

_MARKUP: dict[str, dict[str, bool]] = {
    "label": {"bold": True},
    "found": {"red": True},
    "drift": {"red": True},
    "rule": {"red": True},
    "unknown": {"yellow": True},
    "files": {},
    "notice": {"yellow": True},
    "plain": {},
    "waived": {},
    "good": {"green": True, "bold": True},
    "bad": {"red": True, "bold": True},
    "doubt": {"yellow": True, "bold": True},
}


@contextmanager
def few_failures(terminal: pytest.TerminalReporter) -> Iterator[None]:
    """While it lasts, pytest's own list of failures is one that a person reads; `-v` shows them all.

    It looks for the tear-down of each among the reports of all phases: those that have nothing to show are left out.
    """
    stats = terminal.stats
    kept: dict[str, list[Any]] = {name: stats[name] for name in ("", "failed", "error") if name in stats}
    more = 0
    for name, reports in kept.items():
        if name == "":
            stats[name] = [report for report in reports if getattr(report, "sections", None)]
        elif terminal.verbosity <= 0:
            stats[name] = reports[:MAX_FAILURES]
            more += len(reports[MAX_FAILURES:])
    try:
        yield
    finally:
        stats.update(kept)
    if more:
        terminal.write_line(
            f"and {more:,} more like these: see drift.json and the page, or run with -v", bold=True
        )


def write_summary(terminal: pytest.TerminalReporter, run: Run) -> None:
    """Write the summary; what a terminal cannot show of it is in the files it names."""
    if terminal.config.getoption("uncovered", False) and run.coverage is not None:
        terminal.section("there, and not declared", sep="=")
        for text in run.coverage.lines():
            terminal.write_line(harmless(run.scrubber.text(text)))
    terminal.section(title(run), sep="=")
    for line in summary_lines(run, columns()):
        terminal.write_line(line.text, **_MARKUP[line.mark])


def write_unknown(terminal: pytest.TerminalReporter, run: Run) -> None:
    """Write what could not be read: each reason once, however many checks it has cost."""
    width = columns()
    for reason, results in list(grouping.by_text(run.results.of("unknown")).items())[:MAX_BLOCKS]:
        first, more = results[0], len(results) - 1
        terminal.section(
            f"unknown: {first.nodeid}" if not more else f"unknown: {counted(len(results), 'check')}", "_"
        )
        if more:
            for line in _wrapped(reason, _LINES["unknown"], width):
                terminal.write_line(line, **_MARKUP["unknown"])
            for result in results[:MAX_NOTES]:
                terminal.write_line(_cut(f"  {result.nodeid}", width))
            if len(results) > MAX_NOTES:
                terminal.write_line(f"  and {len(results) - MAX_NOTES:,} more; -v names each")
        else:
            FailureRepr(first.check_result, first.nodeid).toterminal(terminal._tw)  # noqa: SLF001 -- as pytest hands it to a repr
        sections = dict.fromkeys(section for result in results for section in result.sections)
        for name, text in list(sections)[:MAX_NOTES]:
            terminal.section(name, "-")
            terminal.write_line(text)


def title(run: Run) -> str:
    """`Avi Compliance: iberia (10.10.20.10, version 30.2.1)`."""
    about = [str(run.facts["site"])] if run.facts.get("site") else []
    about += [f"version {run.facts['version']}"] if run.facts.get("version") else []
    return f"Avi Compliance: {run.environment}" + (f" ({', '.join(about)})" if about else "")


def summary_lines(run: Run, width: int = WIDTH) -> Iterator[Line]:
    """The summary as lines of at most so many columns."""
    for line in (*_sections(run), *_footer(run)):
        most = _LINES.get(line.mark, 1)
        parts = _wrapped(line.text, most, width) if most > 1 else [_cut(line.text, width)]
        yield from (Line(part, line.mark) for part in parts)


def _sections(run: Run) -> Iterator[Line]:
    results = run.results
    if run.facts.get("verify_tls") is False:
        yield Line("TLS certificates were NOT verified (verify_tls: false)", "unknown")
    yield from transitions(run)
    yield from _drifts(results.of(*FAILURES), run)
    if owners := grouping.to_act(results.of(*FAILURES)):
        yield Line(f"to act: {owners}", "label")
    yield from _reasons("could not be read", grouping.by_reason(results.of("unknown")))
    yield from _reasons("not asked, because of", grouping.by_cause(results.of("blocked")))
    waived = [
        f"{_weight([result], run)}{one_line(result)}; {result.check_result.waiver}"
        for result in sorted(results.of("waived"), key=run.worst())
    ]
    yield from _some("waived", waived, "waived")
    remediated = [
        f"{result.check.severity}: {result.fact.subject}: {result.text}"
        for result in sorted(results.of("remediated"), key=run.worst())
    ]
    yield from _some("put right by this run", remediated)
    yield from _some("waivers to look at", run.faults, "unknown")
    yield from (Line(f"note: {note}", "unknown") for note in run.notes[:MAX_NOTES])
    yield from _notices(run)
    unseen = run.facts.get("unseen", ())
    yield from _some("neither healthy nor ill, since it was not seen", unseen, "unknown")


def transitions(run: Run) -> Iterator[Line]:
    """What is not as it was; nothing until there is a run to compare with."""
    if run.before is None:
        return
    site = run.before.facts.get("site")
    other = f" ({site})" if site != run.facts.get("site") and run.facts.get("lab") else ""
    yield Line(f"since {moment(run.before.started)}{other}: {run.tally}", "label")
    for kind, mark in ((NEW, "found"), (CHANGED, "found"), (WAIVED, "unknown"), (FIXED, "good")):
        moved = [transition for transition in run.transitions.values() if transition.kind == kind]
        moved.sort(key=lambda transition: gravity(transition.entry.severity))
        for transition in moved[:MAX_CHANGES]:
            yield Line(f"  {kind:<9}{_moved(transition, run)}", mark)
        if len(moved) > MAX_CHANGES:
            yield Line(f"  {kind:<9}and {len(moved) - MAX_CHANGES:,} more", mark)


def _moved(transition: Transition, run: Run) -> str:
    flapping = ", flapping" if transition.flapping else ""
    result = run.results.get(transition.entry.nodeid)
    if transition.kind == FIXED:
        span = duration(transition.lasted(run.started))
        return f"{transition.entry.severity}: {transition.entry.fact} (had drifted {span}{flapping})"
    what = one_line(result) if result else transition.entry.title
    return f"{transition.entry.severity}: {what}{transition.remarks}"


def _drifts(drifts: list[NodeResult], run: Run) -> Iterator[Line]:
    if not drifts:
        return
    yield Line(f"not as declared, by topic ({len(drifts):,})", "label")
    groups = [group for group in grouping.by_topic(run.results, run.worst()) if group.drifts]
    shown = max(1, MAX_RULES // len(groups))
    for group in groups[:MAX_DRIFTS]:
        heading = f"  {group.heading}: {len(group.drifts):,} of {counted(len(group.results), 'fact')}"
        if len(drifts) <= MAX_DRIFTS:
            yield Line(heading)
            lines = [f"{_weight([result], run)}{one_line(result)}{author(result)}" for result in group.drifts]
        else:
            rules = grouping.by_check(group.drifts)
            yield Line(heading + (f", from {counted(len(rules), 'check')}" if len(rules) > shown else ""))
            lines = [f"{_weight(results, run)}{_rule(results)}" for _, results in rules[:shown]]
        yield from (Line(f"    {line}", "drift" if len(drifts) <= MAX_DRIFTS else "rule") for line in lines)


def _weight(results: list[NodeResult], run: Run) -> str:
    """How bad it is and how long it has been so: `critical, 3 days: `; of several, the oldest."""
    oldest = min(results, key=run.worst())
    age = grouping.age(oldest, run.transitions, run.started)
    return f"{oldest.check.severity}{f', {age}' if age else ''}: "


def author(result: NodeResult) -> str:
    """` (ann from 10.0.0.7, 2026-11-30 09:12 UTC)`; "" unless one and the same is known of all its drifts."""
    origins = [origin for _, origin in result.check_result.told_drifts]
    authors = {origin.author if origin else None for origin in origins}
    (only, *more) = authors or {None}
    return f" ({only})" if only and not more else ""


def one_line(result: NodeResult) -> str:
    """One drift in one line: `network AVI_FRONTEND_3025: vrf: declared VRF_AZ1, found global`."""
    if result.drifts or result.outcome == "remediated":
        return f"{result.fact.subject or result.fact.title}: {result.text}"
    return headline(result.check_result) + (f" ({result.text})" if result.check_result.reason else "")


def _rule(group: list[NodeResult]) -> str:
    if len(group) == 1:
        return one_line(group[0])
    return f"{group[0].check.name}: {len(group):,} objects, such as {one_line(group[0])}"


def _reasons(what: str, reasons: list[tuple[str, int]]) -> Iterator[Line]:
    if not reasons:
        return
    yield Line(f"{what} ({sum(count for _, count in reasons):,})", "label")
    for reason, count in reasons[:MAX_REASONS]:
        yield Line(f"  {count:>5,} x {reason}", "unknown")
    if rest := sum(count for _, count in reasons[MAX_REASONS:]):
        others = len(reasons) - MAX_REASONS
        names = "; ".join(reason for reason, _ in reasons[MAX_REASONS:])
        yield Line(f"  {rest:>5,} x {counted(others, 'other reason')}: {names}")


def _notices(run: Run) -> Iterator[Line]:
    """The gravest notices by topic, few whatever their number; of the rest, how many there are."""
    if not run.notices:
        return
    yield Line(heading(run.notices), "label")
    left = MAX_NOTICES
    for topic, notices in by_topic(run.notices).items():
        if left > 0:
            yield Line(f"  {topic}: {len(notices):,}")
        for notice in notices[:left]:
            yield Line(f"    {notice.severity}: {sentence(notice)}", "notice")
        left = max(0, left - len(notices))
    if (more := len(listed(run.notices)) - MAX_NOTICES) > 0:
        yield Line(f"  and {more:,} more; drift.json and the page have them")


def _some(heading: str, lines: Sequence[str], mark: str = "plain") -> Iterator[Line]:
    """The first of some lines under their heading, and how many more there are; nothing where there is none."""
    if lines:
        yield Line(f"{heading} ({len(lines):,})", "label")
    yield from (Line(f"  {line}", mark) for line in lines[:MAX_NOTES])
    if len(lines) > MAX_NOTES:
        yield Line(f"  and {len(lines) - MAX_NOTES:,} more")


def _footer(run: Run) -> Iterator[Line]:
    counts = run.results.counts()
    objects = f"{counted(counts.objects, 'object')} ({counts.objects_with_drift:,} with drift)"
    parts = [objects, counted(counts.facts, "fact")]
    if "requests" in run.facts:
        parts.append(counted(run.facts["requests"], "request"))
    parts.append(f"{run.seconds:.1f} s")
    yield Line(" · ".join(parts), "files")
    if run.coverage is not None:
        yield Line(run.scrubber.text(run.coverage.sentence()), "files")
    fitted = [each for each in running_out(run.forecasts) if each.trend is Trend.GROWS]
    if fitted and not is_soon(fitted[0]):  # what is used up soon is a notice
        more = f"; {len(fitted) - 1:,} more grow" if len(fitted) > 1 else ""
        text = f"used up first: {fitted[0].figure.subject}: {fitted[0].sentence()}{more}"
        yield Line(run.scrubber.text(text), "files")
    if text := not_compared(run):
        yield Line(text, "files")
    if beside := run.facts.get("beside"):
        yield Line(f"{beyond(beside)}: no drift, since no `exact` names such a list", "files")
    if run.told:
        yield Line(f"told: {', '.join(run.told)}", "files")
    if run.deferred:
        yield Line(f"messages wait: {', '.join(run.deferred)}", "files")
    if run.written:
        yield Line(f"reports: {near(run.folder)} ({', '.join(run.written)})", "files")
    mark = {CONFORMS: "good", UNKNOWN: "doubt"}.get(run.exit_code, "bad")
    lost = f"; not written: {', '.join(run.unwritten)}" if run.unwritten else ""
    yield Line(f"{run.verdict}{lost}", mark)


def _wrapped(text: str, most: int, width: int) -> list[str]:
    return wrapped(
        text, width, rest=" " * (len(text) - len(text.lstrip()) + 4), max_lines=most, placeholder=" ..."
    )


def _cut(text: Any, width: int) -> str:
    line = harmless(" ".join(str(text).split("\n")))
    if len(line) <= width:
        return line
    # Whole words, so that half an address is not read as another; of one long word, what fits.
    words = line[: width - 3].rpartition(" ")[0]
    return f"{words if len(words) > width // 2 else line[: width - 4]} ..."
