"""What one looks at first, as one table: what is not as declared, since when, who must act and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from intent.difference import of_drift
from intent.outcome import FAILURES
from reports import grouping
from reports.allure.attachments import STYLE, Attachment
from reports.history.changes import NEW, duration
from reports.outcomes import NodeResult, verdict
from reports.run import Run
from reports.terminal import one_line
from reports.text import predicate, short_drifts

NAME = "What, since when, who must act"
MAX_ROWS = 500
"""Rows of the table; the page has every result, and `drift.json` too."""

_SHORT = ("severity", "since", "facts")
"""Columns that are not broken into lines."""
_HEADS = ("severity", "what", "since", "to act", "what to do")


def overview(run: Run) -> Attachment | None:
    """The table as a page; None when nobody has anything to do."""
    if not (run.results.of(*FAILURES, "unknown", "waived") or run.faults):
        return None
    heading = f"<p><b>{escape(verdict(run.exit_code, run.results, faults=len(run.faults)))}</b></p>"
    page = f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>{heading}{"".join(_parts(run))}'
    return Attachment(NAME, "text/html", page)


def _parts(run: Run) -> Iterator[str]:
    rows = [_row(result, run) for result in sorted(run.results.of(*FAILURES), key=run.worst())]
    yield from _table("not as declared", _HEADS, rows)
    unread = grouping.by_reason(run.results.of("unknown"))
    yield from _table("could not be read", ("facts", "reason"), [(f"{n:,}", why) for why, n in unread])
    waived = [(one_line(result), result.check_result.waiver) for result in run.results.of("waived")]
    yield from _table("waived", ("what", "until when, why, by whom"), waived)
    yield from _table("waivers to look at", ("waiver",), [(fault,) for fault in run.faults])


def _row(result: NodeResult, run: Run) -> tuple[str, ...]:
    check, change = result.check, run.changes.get(result.nodeid)
    began = change.since if change else None
    since = "this run" if change and change.change == NEW else ""
    if change and began:
        since = f"{began:%Y-%m-%d %H:%M} UTC\n({duration(change.lasted(run.started))})"
    what = [short_drifts([(drift.path, of_drift(drift))]) for drift in result.drifts] or [
        predicate(result.check_result),
        result.text,
    ]
    return (
        check.severity,
        "\n".join([result.fact.subject or result.fact.title, *what]),
        since + ("\nflapping" if change and change.flapping else ""),
        check.owner,
        check.do,
    )


def _table(caption: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    more = f", of which the first {MAX_ROWS:,}" if len(rows) > MAX_ROWS else ""
    yield f"<table><caption>{caption} ({len(rows):,}{more})</caption>"
    yield f"<tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>"
    marks = ['<td class="short">' if head in _SHORT else "<td>" for head in heads]
    for row in rows[:MAX_ROWS]:
        cells = "".join(f"{mark}{escape(cell)}</td>" for mark, cell in zip(marks, row, strict=True))
        yield f"<tr>{cells}</tr>"
    yield "</table>"
