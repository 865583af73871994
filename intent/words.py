"""Words for people: `did you mean` for unknown names, counts with their noun, kinds' words of earlier versions.

Text from elsewhere is made harmless for a terminal. Names and messages of a site, and what a server answers, come from
others: escape sequences and characters that change the direction of text would let them rewrite what a person reads.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

FORMER = {"virtual service": "DNS service"}
"""Words of kinds in earlier versions. They stand in the journals, plans, waivers and history of users, and are read."""

MOST_KNOWN = 1_000
"""Names among which the nearest is looked for."""
MOST_LISTED = 40
"""Names that are listed where none is near; of more, those that are most alike."""
LONGEST_WORD = 100
MOST_NAMED = 5
"""Names that stand in one sentence."""
STEPS = (0, 1, 2, 5, 10, 20, 30, 60, 90, 120, 300, 600, 900, 1_200, 1_800)
"""Seconds by which clocks are apart, as they are told."""
QUARTER = 900
"""Seconds of a quarter of an hour, by which zones differ."""


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


def nearest(word: str, known: Iterable[str], where: str = "") -> str:
    """`; did you mean 'x'?` where something known is near, else what is known, or nothing.

    Of more names than anybody reads, those that are most alike, and `where` all of them are listed.
    """
    names = sorted({str(name) for name in islice(known, MOST_KNOWN)})
    if (hint := did_you_mean(word, names)) or not names:
        return hint
    if len(names) <= MOST_LISTED:
        return f"; known: {', '.join(names)}"
    text = _plain(str(word))[:LONGEST_WORD]
    holding = [name for name in names if len(text) > 1 and text in _plain(name)]
    alike = difflib.get_close_matches(text, names, n=MOST_NAMED, cutoff=0.0)
    few = ", ".join(dict.fromkeys([*holding, *alike][:MOST_NAMED]))
    return f"; the most alike of {len(names):,}: {few}" + (f" (all: {where})" if where else "")


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is near: a slip of the pen away, or in another case."""
    text = _plain(str(word))
    if len(text) > LONGEST_WORD:
        return ""
    names = {_plain(name): name for name in known}
    close = difflib.get_close_matches(text, names, n=3, cutoff=0.6)
    near = [name for name in close if _slips(text, name) <= _most_slips(text, name)]
    return f"; did you mean {names[near[0]]!r}?" if near else ""


def _most_slips(word: str, name: str) -> int:
    """One in four letters, and one in a word of three; shorter ones have to be the same."""
    length = min(len(word), len(name))
    return max(1, length // 4) if length > 2 else 0


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")


def _slips(word: str, name: str) -> int:
    """How many letters were left out, put in, changed, or swapped with their neighbour (optimal string alignment)."""
    above, row = [0] * (len(name) + 1), list(range(len(name) + 1))
    for i, letter in enumerate(word, 1):
        before, above, row = above, row, [i]
        for j, other in enumerate(name, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == name[j - 2] and word[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
    return row[-1]


def tenants_named(names: Iterable[str]) -> str:
    """`tenant blue`, `tenants blue and green`; of many, the first and how many more there are."""
    known = sorted(set(names))
    if len(known) > MOST_NAMED:
        return f"tenants {first_of(known, MOST_NAMED)}"
    return f"tenant{'s' * (len(known) > 1)} {together(known)}"


def together(texts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def roughly(seconds: float) -> str:
    """`about +90`: by how many seconds clocks are apart, as the nearest of STEPS, later of every quarter of an hour.

    It is measured to half a second (a `Date` has no fractions), so exact seconds would differ at each look. Between
    two steps there are more seconds than that, and what people mistake (zones, summer time) lies on a step.
    """
    size = abs(seconds)
    near = min(STEPS, key=lambda step: abs(step - size))
    rough = near if size < STEPS[-1] else round(size / QUARTER) * QUARTER
    return f"about {'-' if seconds < 0 else '+'}{rough:,}"


def first_of(texts: Iterable[str], most: int, joint: str = ", ") -> str:
    """`a, b, c and 4 more`: the first `most` of them, and how many more there are."""
    every = list(texts)
    more = f"{joint.strip(', ')} and {len(every) - most:,} more" if len(every) > most else ""
    return joint.join(every[:most]) + more


def scoped(name: str, cloud: str, tenant: str) -> str:
    """A name with where its object lives: `shop (cloud west, tenant blue)`; without what is ""."""
    scopes = [f"{scope} {value}" for scope, value in (("cloud", cloud), ("tenant", tenant)) if value]
    return f"{name} ({', '.join(scopes)})" if scopes else name


def cut(text: str, most: int) -> str:
    """A text of at most so many characters; of a longer one the beginning, and `…`."""
    return text if len(text) <= most else text[: most - 1] + "…"


def moment(when: datetime) -> str:
    """`2026-11-30 09:12 UTC`, of a time in UTC."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def counted(number: int, word: str) -> str:
    """`1 object`, `2 objects`, `5,000 objects`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def own_variable(name: str, environment: str) -> str:
    """The variable of one environment alone: `AVI_PASSWORD__ACME_1` of `AVI_PASSWORD` and `acme-1`."""
    return f"{name}__{re.sub(r'[^A-Z0-9]', '_', environment.upper())}"


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
