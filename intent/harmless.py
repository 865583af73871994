"""Text from elsewhere, made harmless for a terminal: nothing in it moves the cursor, colours, hides or turns around.

Names and messages of a site, and what a server answers, are written by others. Escape sequences and characters that
change the direction of text would let them rewrite what a person reads.
"""

from __future__ import annotations


def harmless(text: str) -> str:
    r"""The text with everything that is not printed written as an escape (`\x1b`, `\u202e`); line ends stay."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter == "\n" else _escape(letter) for letter in text)


def harmless_line(text: str) -> str:
    """The text as one line: line ends, tabs and whatever is not printed as single blanks."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _escape(letter: str) -> str:
    if letter == "\t":
        return " "
    return letter.encode("unicode_escape", errors="backslashreplace").decode("ascii")
