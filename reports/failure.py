"""A report's `longrepr` of ours: the failure text, coloured where the terminal can."""

from __future__ import annotations

from _pytest._code.code import ReprFileLocation, TerminalRepr
from _pytest._io import TerminalWriter

from intent.harmless import harmless
from intent.outcome import CheckResult
from reports.text import failure_lines, failure_text, headline, short

_MARKUP: dict[str, dict[str, bool]] = {
    "title": {"bold": True, "red": True},
    "label": {"bold": True},
    "declared": {"green": True},
    "found": {"red": True},
    "plain": {},
}


class FailureRepr(TerminalRepr):
    """What pytest prints, and what JUnit files and other plugins take as text. No traceback.

    `reprcrash` feeds pytest's own one-line forms (`--tb=line`, the short summary, JUnit's message).
    """

    def __init__(self, result: CheckResult, nodeid: str) -> None:
        self.result = result
        self.nodeid = nodeid
        self.reprcrash = ReprFileLocation(nodeid, 0, harmless(f"{headline(result)}: {short(result)}"))

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write it, marked up by the terminal's own writer."""
        for line in failure_lines(self.result):
            tw.line(line.text, **_MARKUP[line.mark])
        tw.line(f"  {'check':<10}{self.nodeid}")

    def __str__(self) -> str:
        """The same without colours."""
        return f"{failure_text(self.result)}\n  {'check':<10}{self.nodeid}"
