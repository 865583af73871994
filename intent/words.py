"""Words for people: what somebody meant who wrote an unknown one, counts, and words that earlier versions used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice
from typing import Any

FORMER = {"virtual service": "DNS service"}
"""Words of kinds in earlier versions. They stand in the journals, plans, waivers and history of users, and are read."""

MOST_KNOWN = 1_000
"""Names among which the nearest is looked for."""
LONGEST_WORD = 100


def renamed(subject: str) -> str:
    """An object as reports name it, `DNS service local-dns-site1`, where its kind has a former word."""
    for former, word in FORMER.items():
        if subject.startswith(f"{former} "):
            return word + subject.removeprefix(former)
    return subject


def spellings(subject: str) -> tuple[str, ...]:
    """An object as reports name it, and as earlier versions did."""
    former = [old + subject.removeprefix(new) for old, new in FORMER.items() if subject.startswith(f"{new} ")]
    return (subject, *former)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is close, else what is known, or nothing."""
    names = list(islice((str(name) for name in known), MOST_KNOWN))
    if hint := meant(word, names):
        return hint
    return f"; known: {', '.join(sorted(names)[:12])}" if names else ""


def meant(word: Any, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is close, or nothing."""
    if len(str(word)) > LONGEST_WORD:
        return ""
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def counted(number: int, word: str) -> str:
    """`1 object`, `2 objects`, `5,000 objects`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
