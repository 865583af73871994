"""What is told: only what is not as the receiver knows it, and in each receiver's form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from intent.words import counted, cut, harmless
from reports.allure.surroundings import executor
from reports.notify.news import NOTICE, LastTold, News, grouped
from reports.outcomes import CONFORMS, sign
from reports.run import Run

MAX_LINES = 20
"""Lines of one message; receivers cut or refuse long ones (Teams at 28 KB)."""

MAX_LINE = 300
MAX_NOTICES = 5

SLACK_HEADER, SLACK_SECTION = 150, 3_000
"""Characters that Slack takes in a block of each kind; it refuses a message with a longer one."""


@dataclass
class Notification:
    """A message in plain text: a subject and lines, all scrubbed."""

    subject: str
    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    environment: str = ""
    run: str = ""
    exit_code: int = 0
    link: str = ""
    """Where the run itself can be looked at, in a CI system."""

    @property
    def place(self) -> str:
        """Which run it is about."""
        return f"environment {self.environment}, run {self.run}" + (f"\n{self.link}" if self.link else "")

    @property
    def text(self) -> str:
        """Subject and lines."""
        return "\n".join([self.subject, "", *self.lines])


def message(run: Run, news: Sequence[News], last_told: LastTold) -> Notification | None:
    """What to tell a receiver of some news, or None where there are none for him."""
    if not news or (run.exit_code == CONFORMS and not last_told.anything and not last_told.passed):
        return None
    checks = [each for each in news if each.kind != NOTICE]
    notices = [each.line for each in news if each.kind == NOTICE]
    lines = grouped(checks, MAX_LINES - min(len(notices), MAX_NOTICES)) + notices[:MAX_NOTICES]
    if len(notices) > MAX_NOTICES:
        lines.append(f"{counted(len(notices) - MAX_NOTICES, 'more notice')}, see drift.json")
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"and {len(lines) - MAX_LINES} more, see drift.json"]
    return Notification(
        run.scrubber.text(f"{sign(run.exit_code)} {run.environment}: {run.verdict}"),
        [run.scrubber.text(cut(harmless(line), MAX_LINE)) for line in lines],
        run.results.counts().data(),
        run.environment,
        run.id,
        run.exit_code,
        run.scrubber.text(str(executor(run).get("buildUrl") or "")),
    )


def slack(notification: Notification) -> dict[str, Any]:
    """For Slack's incoming webhooks, as Block Kit; `text` is for what knows no blocks (Mattermost, notifications)."""
    lines = "\n".join(f"• {_slack_text(line)}" for line in notification.lines)
    blocks = [_block("header", notification.subject, SLACK_HEADER)]
    blocks += [_block("section", f"• {line}", SLACK_SECTION) for line in notification.lines]
    if notification.link:
        blocks.append(_block("section", notification.link, SLACK_SECTION))
    return {
        "text": f"*{_slack_text(notification.subject)}*" + (f"\n{lines}" if lines else ""),
        "blocks": blocks,
    }


def _block(kind: str, text: str, most: int) -> dict[str, Any]:
    """A block of plain text: nothing in a site's names is markup there."""
    return {"type": kind, "text": {"type": "plain_text", "text": cut(text, most), "emoji": False}}


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams(notification: Notification) -> dict[str, Any]:
    """For Teams' workflow webhooks: a message with one Adaptive Card (schema 1.4)."""
    body: list[dict[str, Any]] = [
        {
            "type": "TextBlock",
            "text": notification.subject,
            "weight": "Bolder",
            "size": "Medium",
            "wrap": True,
        }
    ]
    body += [
        {"type": "TextBlock", "text": f"- {_plain(line)}", "wrap": True, "spacing": "None"}
        for line in notification.lines
    ]
    if notification.link.startswith("https://"):
        body.append({"type": "TextBlock", "text": f"[the run]({notification.link})", "wrap": True})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    return {
        "type": "message",
        "summary": notification.subject,
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }


def _plain(text: str) -> str:
    """A TextBlock understands some Markdown; a site's names must not become links or emphasis."""
    return "".join(f"\\{letter}" if letter in "\\*_[]`" else letter for letter in text)


def plain_json(notification: Notification) -> dict[str, Any]:
    """For everything else."""
    return {
        "text": notification.text,
        "subject": notification.subject,
        "lines": notification.lines,
        "environment": notification.environment,
        "link": notification.link,
        "run": notification.run,
        "exit_code": notification.exit_code,
        "counts": notification.counts,
    }


def html(notification: Notification) -> str:
    """For mail programs that show HTML; everything is escaped."""
    lines = "".join(f"<li>{escape(line)}</li>" for line in notification.lines)
    link = f'<p><a href="{escape(notification.link)}">the run</a></p>' if notification.link else ""
    place = f"environment {notification.environment}, run {notification.run}"
    return (
        f"<h3>{escape(notification.subject)}</h3>"
        f'<ul style="font-family:monospace">{lines}</ul>{link}<p style="color:#777">{escape(place)}</p>\n'
    )


FORMS = {"slack": slack, "teams": teams, "json": plain_json}
