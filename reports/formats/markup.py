"""Texts of a site as HTML: harmless, of a direction of their own, broken at seams only, folded where long."""

from __future__ import annotations

import re
from html import escape

from intent.words import cut, harmless_line

FOLDED = 320
"""Characters of a text that a table shows; a longer one is folded."""

SHOWN = 160
"""Characters that are shown of a folded text."""

LONGEST = 24
"""Characters without a seam that a column is always wide enough for; a longer run breaks anywhere."""

RULES = """
td, th { overflow-wrap: break-word } .run { overflow-wrap: anywhere }
.fold summary { cursor: pointer } .fold[open] .start { display: none }
@media print {
  details::details-content { content-visibility: visible; height: auto } .fold summary { display: none }
  tr, header { break-inside: avoid } h2, caption { break-after: avoid }
}
"""
"""The style that these texts need; on paper every fold is open and no row is torn apart."""

_SEAM = re.compile(r"(?<=[-,;=])(?=\w)|(?<=[_/.])(?=[^\W\d])")
"""Where a long name may go on in the next line: behind a hyphen and the like; not before the digits of an address."""


def attribute(text: str) -> str:
    """A text as the value of an attribute, or a title."""
    return escape(harmless_line(text))


def inline(text: str) -> str:
    """A text as HTML. One that runs from right to left turns nothing round that stands beside it."""
    line = harmless_line(text)
    html = "".join(
        _breakable(part) if len(part) > LONGEST else escape(part) for part in re.split(r"(\s+)", line)
    )
    return html if line.isascii() else f"<bdi>{html}</bdi>"


def folded(text: str, start: str = "") -> str:
    """The same; of a long text its beginning, or what is given in its place, and opened the whole."""
    if len(text) <= FOLDED:
        return inline(text)
    return (
        f'<details class="fold"><summary><span class="start">{inline(cut(start or text, SHOWN))} </span>'
        f"<u>all {len(text):,} characters</u></summary>{inline(text)}</details>"
    )


def _breakable(word: str) -> str:
    runs = (
        f'<span class="run">{escape(run)}</span>' if len(run) > LONGEST else escape(run)
        for run in _SEAM.split(word)
    )
    return "<wbr>".join(runs)
