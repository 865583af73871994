"""What a remediating run writes to the terminal while it is under way."""

from __future__ import annotations

import sys

import pytest

from intent.scrubber import screened


class Progress:
    """The terminal reporter, where there is one. Letters, lines and one line that is written over.

    All of it is flushed at once: who follows a run through a pipe, or is left with the log of one that was killed, must
    see what is being written and where its journal is.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._column = 0
        self._live = False

    @property
    def _terminal(self) -> pytest.TerminalReporter | None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        return reporter if isinstance(reporter, pytest.TerminalReporter) else None

    def title(self, text: str) -> None:
        """A heading across the screen."""
        self.end()
        if self._terminal is not None:
            self._terminal.write_sep("-", text)
            self._terminal.flush()

    def line(self, text: str) -> None:
        """One line."""
        self.end()
        if self._terminal is not None:
            self._terminal.write_line(screened(text))
            self._terminal.flush()

    def letter(self, letter: str, nodeid: str, outcome: str) -> None:
        """One check's provisional word: a letter, or with -v a line."""
        terminal = self._terminal
        if terminal is None:
            return
        if self._config.option.verbose > 0:
            terminal.write_line(f"{nodeid} {outcome.upper()}")
            terminal.flush()
            return
        terminal.write(letter, flush=True)
        self._column += 1
        if self._column >= 80:
            self.end()

    def over(self, text: str) -> None:
        """A line that the next one is written over; where there is no screen, a line of its own."""
        terminal, text = self._terminal, screened(text)
        if terminal is None:
            return
        if sys.stdout.isatty():
            terminal.rewrite(text, erase=True)
            self._live = True
        else:
            terminal.write_line(text)
            terminal.flush()

    @property
    def rewrites(self) -> bool:
        """Whether `over` can be called often."""
        return sys.stdout.isatty()

    def end(self) -> None:
        """Begin a new line where one is open."""
        if self._terminal is not None and (self._column or self._live):
            self._terminal.write_line("")
        self._column, self._live = 0, False
