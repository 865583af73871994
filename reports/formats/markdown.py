"""`summary.md`: the run for a chat or a merge request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intent.ako.texts import steps
from intent.ako.verdict_text import headline, logged, writes
from intent.notice import sentence
from intent.remediation import FAILURES
from intent.words import cut, harmless_line, moment
from reports import grouping
from reports.history.transitions import CHANGED, FIXED, NEW, WAIVED, duration
from reports.notices import listed, not_compared, tally
from reports.outcomes import NodeResult, sign
from reports.run import Run
from reports.terminal import one_line, title
from reports.text import beyond, drift_rows

MAX_ROWS = 50
"""Rows of a table; chats and merge requests refuse long texts, and `drift.json` has everything."""

MAX_CELL = 160


def render(run: Run) -> str:
    """The run as Markdown (tables as on GitHub and GitLab)."""
    return run.scrubber.text("\n".join(_lines(run)) + "\n")


def _lines(run: Run) -> Iterator[str]:
    yield f"## {sign(run.exit_code)} {_text(title(run))}"
    yield ""
    yield f"**{_text(run.verdict)}**"
    yield ""
    yield f"{moment(run.started)}, run `{run.id}`, {run.seconds:.0f} s"
    if not_asked := run.facts.get("not_asked"):
        yield f"not asked any more: {not_asked}"
    if rules := run.facts.get("rules"):
        yield f"judged by {_text(rules)}"
    if text := not_compared(run):
        yield _text(text)
    if beside := run.facts.get("beside"):
        yield beyond(beside)
    if run.facts.get("verify_tls") is False:
        yield ""
        yield "⚠ TLS certificates were not verified (`verify_tls: false`)."
    yield from _changes(run)
    yield from _ako(run)
    yield from _drifts(run)
    yield from _list(
        "Could not be read", [f"{n} × {_text(r)}" for r, n in grouping.by_reason(run.results.of("unknown"))]
    )
    yield from _list(
        "Not asked, because of",
        [f"{n} × {_text(r)}" for r, n in grouping.by_cause(run.results.of("blocked"))],
    )
    yield from _list(
        "Waived",
        [f"{_text(one_line(r))}: {_text(r.check_result.waiver)}" for r in run.results.of("waived")],
    )
    yield from _list("Put right by this run", [_text(one_line(r)) for r in run.results.of("remediated")])
    yield from _list("Waivers to look at", [_text(fault) for fault in run.faults])
    yield from _list(
        "About what is not declared",
        [_text(f"{each.severity}: {sentence(each)}") for each in listed(run.notices)],
        _text(tally(run.notices)),
    )
    yield from _list("Notes", [_text(note) for note in run.notes])
    yield from _list(
        "Neither healthy nor ill, since it was not seen",
        [_text(each) for each in run.facts.get("unseen", ())],
    )


def _changes(run: Run) -> Iterator[str]:
    if run.before is None:
        return
    yield ""
    yield f"Since {moment(run.before.started)}: {run.tally}."
    rows = []
    for kind in (NEW, CHANGED, WAIVED, FIXED):
        for transition in (c for c in run.transitions.values() if c.kind == kind):
            result = run.results.get(transition.entry.nodeid)
            what = transition.entry.fact if kind == FIXED or result is None else one_line(result)
            span = f" (had drifted {duration(transition.lasted(run.started))})" if kind == FIXED else ""
            rows.append(f"**{kind}** {_text(what)}{span}" + transition.remarks)
    yield from _list("", rows)


def _ako(run: Run) -> Iterator[str]:
    for ako in run.ako:
        yield ""
        yield f"### {_text(headline(ako))}"
        yield ""
        if text := logged(ako):
            yield f"{_text(text)}"
            yield ""
        if ako.wrong:
            yield "| step | outcome | object | why | do |"
            yield "|---|---|---|---|---|"
        for each in ako.wrong:
            cells = (each.step, each.outcome, each.what, each.why, steps()[each.step].do)
            yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
        yield from _list("", [_text(line.strip()) for line in writes(ako)])


def _drifts(run: Run) -> Iterator[str]:
    left, drifts = MAX_ROWS, run.results.of(*FAILURES)
    owned, named = bool(grouping.to_act(drifts)), grouping.some_origin(drifts)
    for group in grouping.by_topic(drifts, run.worst()):
        if left <= 0:
            break
        yield ""
        yield f"### {_text(group.heading)} ({len(group.drifts)})"
        yield ""
        heads = ["severity", "object", "field", "declared", "found", "since"]
        heads += ["who did it"] * named + ["to act"] * owned
        yield f"| {' | '.join(heads)} |"
        yield f"|{'---|' * len(heads)}"
        for row in _rows(group.drifts, run, named=named, owned=owned):
            if left <= 0:
                break
            left -= 1
            yield row
    if (rest := sum(len(each.drifts) or 1 for each in drifts) - MAX_ROWS) > 0:
        yield ""
        yield f"and {rest:,} more, see `drift.json`"


def _rows(results: list[NodeResult], run: Run, *, named: bool, owned: bool) -> Iterator[str]:
    """A row for each drift; one for a fact that does not hold."""
    for result in results:
        transition = run.transitions.get(result.nodeid)
        since = f"{transition.since:%Y-%m-%d}" if transition and transition.since else "new"
        subject, owner = result.fact.subject or result.fact.title, [result.check.owner] * owned
        for path, want, have, who in drift_rows(result.check_result, MAX_CELL):
            cells = (result.check.severity, subject, path, want, have, since, *[who] * named, *owner)
            yield "|" + "".join(f" {cell} |" if cell else " |" for cell in map(_cell, cells))


def _list(heading: str, rows: list[str], count: str = "") -> Iterator[str]:
    """`count`: what stands behind the heading in place of the number of rows."""
    if not rows:
        return
    yield ""
    if heading:
        yield f"### {heading} ({count or len(rows)})"
        yield ""
    yield from (f"- {row}" for row in rows[:MAX_ROWS])
    if len(rows) > MAX_ROWS:
        yield f"- and {len(rows) - MAX_ROWS:,} more"


def _text(text: str) -> str:
    """Text that Markdown shows as it is: no markup, HTML or mention comes from a site's names."""
    escaped = harmless_line(text)
    escaped = re.sub(r"([\\`*_\[\]<>|~#@])", r"\\\1", escaped)
    return escaped if len(escaped) <= 4 * MAX_CELL else escaped[: 4 * MAX_CELL - 1].rstrip("\\") + "…"


def _cell(text: str) -> str:
    return _text(cut(harmless_line(text), MAX_CELL))
