"""What is told: only what is not as the receiver knows it, and in each receiver's form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from reports import grouping
from reports.history.changes import CHANGED, FIXED, NEW, NEWS, WAIVED, Change, duration
from reports.outcomes import CONFORMS, UNKNOWN, verdict
from reports.run import Run
from reports.terminal import one_line

MAX_LINES = 20
"""Lines of one message; receivers cut or refuse long ones (Teams at 28 KB)."""

MAX_LINE = 300


@dataclass
class Message:
    """A message in plain text: a subject and lines, all scrubbed."""

    subject: str
    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    environment: str = ""
    run: str = ""
    exit_code: int = 0

    @property
    def text(self) -> str:
        """Subject and lines."""
        return "\n".join([self.subject, "", *self.lines])


def message(
    run: Run, changes: Iterable[Change], *, was_unknown: bool | None, was_faults: bool
) -> Message | None:
    """What to tell a receiver who knows the run before `changes`, or None when nothing is new to him.

    `was_unknown`: whether something could not be read in the run he knows of; None when he knows of none.
    """
    news = [change for change in changes if change.change in NEWS]
    unknown = run.results.of("unknown")
    silent = was_unknown is None and run.exit_code == CONFORMS
    unread = bool(unknown) and not was_unknown
    readable = was_unknown is True and not unknown
    faults = bool(run.faults) and not was_faults
    if silent or not (news or unread or readable or faults):
        return None
    lines = [
        f"{change.change}: {_told(change, run)}"
        for kind in (NEW, CHANGED, WAIVED, FIXED)
        for change in news
        if change.change == kind
    ]
    if unread:
        lines += [
            f"could not be read: {reason} ({count} facts)"
            for reason, count in grouping.by_reason(unknown)[:3]
        ]
    if readable:
        lines.append("everything can be read again")
    lines += [f"waiver: {fault}" for fault in run.faults]
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"and {len(lines) - MAX_LINES} more, see drift.json"]
    sign = {CONFORMS: "✅", UNKNOWN: "❔"}.get(run.exit_code, "❌")
    told = verdict(run.exit_code, run.results, faults=len(run.faults))
    return Message(
        run.scrubber.text(f"{sign} {run.environment}: {told}"),
        [run.scrubber.text(line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…") for line in lines],
        dict(run.results.counts()),
        run.environment,
        run.id,
        run.exit_code,
    )


def _told(change: Change, run: Run) -> str:
    result = run.results.get(change.entry.nodeid)
    if change.change == FIXED or result is None:
        return f"{change.entry.title.rstrip('.')} (had drifted {duration(change.lasted(run.started))})"
    flapping = " (flapping)" if change.flapping else ""
    return f"{one_line(result)}{flapping}"


def slack(told: Message) -> dict[str, Any]:
    """For Slack's incoming webhooks; `<`, `>` and `&` mean something there."""
    lines = "\n".join(f"• {_slack_text(line)}" for line in told.lines)
    return {"text": f"*{_slack_text(told.subject)}*" + (f"\n{lines}" if lines else "")}


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams(told: Message) -> dict[str, Any]:
    """For Teams' workflow webhooks: a message with one Adaptive Card (schema 1.4)."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": told.subject, "weight": "Bolder", "size": "Medium", "wrap": True}
    ]
    body += [
        {"type": "TextBlock", "text": f"- {_plain(line)}", "wrap": True, "spacing": "None"}
        for line in told.lines
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    return {
        "type": "message",
        "summary": told.subject,
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }


def _plain(text: str) -> str:
    """A TextBlock understands some Markdown; a site's names must not become links or emphasis."""
    return "".join(f"\\{letter}" if letter in "\\*_[]`" else letter for letter in text)


def plain_json(told: Message) -> dict[str, Any]:
    """For everything else."""
    return {
        "text": told.text,
        "subject": told.subject,
        "lines": told.lines,
        "environment": told.environment,
        "run": told.run,
        "exit_code": told.exit_code,
        "counts": told.counts,
    }


FORMS = {"slack": slack, "teams": teams, "json": plain_json}
