"""Compares what a page shows with what was printed: all but times, ports, and names that are made anew in each run."""

from __future__ import annotations

import re

PASSING = (
    (r"[-=]{3,}", "---"),  # pytest fills its lines up to the terminal's width
    (r"\d+\.\d+ ?s\b|\b\d+ s\b", "# s"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "#time#"),
    (r"\d{8}T\d{6}", "#time#"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)?", "#time#"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "#uuid#"),
    (r"\([0-9a-f]{12}\)", "(#digest#)"),
    (r"\b\d+ requests\b", "# requests"),  # what is awaited is asked again and again
    (r"-se-[a-z]{5}\b", "-se-#####"),
    (r"dvportgroup-\d+", "dvportgroup-#"),
    (r"\bfor \d+ s\b", "for # s"),
    (r"by \S+@\S+, ", "by #user#, "),
    (r"^(since #time#): \d+ fixed", r"\1: # fixed"),  # of what the run before had found
    (
        r"(awaited, 0 of at most \d+ s \(--settle=SECONDS sets that\)): .*",
        r"\1: #",
    ),  # what is there already depends on the machine
)
"""Patterns of what differs from run to run, and what stands for it."""


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, instead in PASSING:
        line = re.sub(pattern, instead, line)
    return line.strip()


def parts(lines: list[str]) -> list[list[str]]:
    """A page's lines, cut where it leaves some out (`...`); blank lines do not count."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == "...":
            found.append([])
        elif line.strip():
            found[-1].append(plain(line))
    return [part for part in found if part]


def missing(page: list[str], printed: str, *, shortened: bool = False) -> str:
    """The first line of a page that was not printed where the page has it; nothing where all were.

    Each part between `...` must have been printed in one piece, after the part before it. `shortened`: a page that says
    so may leave lines out anywhere.
    """
    heard = [plain(line) for line in printed.splitlines() if line.strip()]
    at = 0
    for part in [[line] for lines in parts(page) for line in lines] if shortened else parts(page):
        place = next((n for n in range(at, len(heard)) if heard[n : n + len(part)] == part), None)
        if place is None:
            return _first_that_differs(part, heard)
        at = place + len(part)
    return ""


def _first_that_differs(part: list[str], heard: list[str]) -> str:
    """The line of a part at which the best of its places breaks off."""
    best = max(range(len(heard) + 1), key=lambda n: _agreeing(part, heard[n:]))
    agreeing = _agreeing(part, heard[best:])
    if agreeing == len(part):
        return f"printed before what the page has before it:  {part[0]}"
    instead = heard[best + agreeing] if best + agreeing < len(heard) else "nothing more"
    return f"the page has  {part[agreeing]}\nprinted was   {instead}"


def _agreeing(part: list[str], heard: list[str]) -> int:
    count = 0
    while count < min(len(part), len(heard)) and part[count] == heard[count]:
        count += 1
    return count
