"""What is attached to a result that is not a pass: the difference as HTML, the object as read as JSON."""

from __future__ import annotations

import base64
import difflib
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

from intent.difference import arranged, elements, of_drift, shown, told_apart
from intent.drift import Drift
from intent.plain_data import to_json
from reports.formats.markup import RULES, SHOWN, folded, inline
from reports.outcomes import NodeResult

MAX_OBJECT = 200_000
"""Characters of an object as read; a larger one is cut, and says so."""

STYLE = (
    ":root{color-scheme:light dark;background:Canvas;color:CanvasText}"
    ":root{--line:#8885;--head:#8882;--want:#2da44e33;--have:#f8514933}"
    "body{font:13px/1.5 system-ui,sans-serif;margin:8px}"
    "table{border-collapse:collapse;width:100%;margin:0 0 14px}"
    "caption{text-align:left;font-weight:600;padding:4px 0}"
    "th{text-align:left;background:var(--head)}td,th{border:1px solid var(--line);padding:3px 8px;"
    "vertical-align:top;white-space:pre-wrap}"
    ".fixed{table-layout:fixed}.want{background:var(--want)}.have{background:var(--have)}.none{opacity:.7}"
    "@media print{:root{color-scheme:light}.want::before{content:'\\2212  '}.have::before{content:'+ '}}"
    + RULES
)
"""For tables in a light and in a dark page."""


class Attachment(NamedTuple):
    """A file of a result: its name on the page, its type, and its text."""

    name: str
    type: str
    text: str
    ending: str = ""
    raw: bytes | None = None

    @classmethod
    def of(cls, kept: dict[str, str]) -> Self:
        """One that a check attached; see `collector`."""
        raw = base64.b64decode(kept["base64"]) if "base64" in kept else None
        ending = kept["extension"] if kept["extension"].isalnum() else "txt"
        return cls(kept["name"], kept["type"], kept.get("text", ""), ending, raw)

    @property
    def data(self) -> bytes:
        """The file's content."""
        return self.raw if self.raw is not None else self.text.encode("utf-8", errors="replace")

    @property
    def extension(self) -> str:
        """Of the file's name."""
        return self.ending or {"text/html": "html", "application/json": "json"}.get(self.type, "txt")


def attachments_of(result: NodeResult) -> Iterator[Attachment]:
    """The attachments of a result, all scrubbed already; none of a pass."""
    last = result.check_result
    if result.drifts:
        yield Attachment("Declared and found", "text/html", difference_html(result.drifts))
    elif drifts := last.drifts_before:
        yield Attachment("Declared and found, before", "text/html", difference_html(drifts))
    if last.as_read is not None:
        text = json.dumps(last.as_read, indent=2, ensure_ascii=False, sort_keys=True)
        if len(text) > MAX_OBJECT:
            text = text[:MAX_OBJECT] + "\n... cut here"
        yield Attachment("Object as read", "application/json", text)
    if last.remediation is not None:
        text = json.dumps(to_json(last.remediation), indent=2, ensure_ascii=False)
        yield Attachment("Plan, requests, before and after", "application/json", text)
    if result.outcome not in ("passed", "blocked"):
        for name, text in result.sections:
            yield Attachment(name, "text/plain", text)


def difference_html(drifts: Sequence[Drift]) -> str:
    """A page with one table a drift, declared on the left, found on the right. Everything is escaped."""
    tables = "".join(_table(drift) for drift in drifts)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Declared and found</title>'
        f"<style>{STYLE}</style><main>{tables}</main></html>"
    )


def _table(drift: Drift) -> str:
    want, have = ([shown(part) for part in elements(side)] for side in arranged(of_drift(drift)))
    rows = "".join(
        f"<tr>{_cell(left, start, 'want' * changed)}{_cell(right, end, 'have' * changed)}</tr>"
        for left, right, changed in _rows(want, have)
        for start, end in [told_apart(left, right, SHOWN)]
    )
    return (
        f'<table class="fixed"><caption>{inline(drift.path or "existence")}</caption>'
        f'<tr><th scope="col">declared</th><th scope="col">found</th></tr>{rows}</table>'
    )


def _rows(want: list[str], have: list[str]) -> Iterator[tuple[str | None, str | None, bool]]:
    matcher = difflib.SequenceMatcher(a=want, b=have, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        left, right = want[a:b], have[c:d]
        for number in range(max(len(left), len(right))):
            yield (
                left[number] if number < len(left) else None,
                right[number] if number < len(right) else None,
                tag != "equal",
            )
    if not want and not have:
        yield None, None, False


def _cell(text: str | None, start: str, mark: str) -> str:
    """A side of a row. `start`: what is shown of a long text, with what differs in it."""
    if text is None:
        return f'<td class="{mark} none">nothing</td>'
    return f'<td class="{mark}">{folded(text, start)}</td>'
