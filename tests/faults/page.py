"""The matrix as a table of docs/faults.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.matrix import MODES, TROUBLES, Row

if TYPE_CHECKING:
    from tests.faults.engine import Came

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- matrix: python -m tests.faults -->\n", "<!-- end of matrix -->\n"
WORDS = {"passed": "as declared", "drift": "drift", "unknown": "unknown", "blocked": "blocked"}


def cell(came: Came) -> str:
    """What a row came to, in a few words."""
    if came.row.mode in ("check", "plan"):
        return f"{came.code}: {_counts(came)}"
    noted = [
        line.get("fate") for journal in came.journals for line in journal if line.get("line") == "answer"
    ]
    fates = {fate: noted.count(fate) for fate in dict.fromkeys(noted)}
    wrote = ", ".join(f"{count} {fate}" for fate, count in fates.items()) or "no write"
    return f"{came.code}: {wrote}" + (f"; {_counts(came)}" if came.cases else "")


def _counts(came: Came) -> str:
    counts = came.counts
    return ", ".join(f"{counts[word]} {WORDS[word]}" for word in WORDS if word in counts)


def table(found: list[Came]) -> str:
    """The whole table, one fault a line, one mode a column."""
    came = {one.row.id: cell(one) for one in found}
    lines = ["| fault | " + " | ".join(MODES) + " |", "|---" * (len(MODES) + 1) + "|"]
    for trouble in TROUBLES:
        cells = [came.get(f"{trouble.name}-{mode}", "no write, so no fault") for mode in MODES]
        lines.append(f"| `{trouble.name}`: {trouble.what} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_table(found: list[Came]) -> None:
    """Put the table where the page has it."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    PAGE.write_text(head + BEGIN + table(found) + END + rest.partition(END)[2], encoding="utf-8")


def written() -> dict[str, dict[str, int | None]]:
    """The exit codes of the page's table, by fault and mode; None where there is no row."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    found: dict[str, dict[str, int | None]] = {}
    for line in text.splitlines()[2:]:
        first, *cells = [part.strip() for part in line.strip("|").split(" | ")]
        name = re.match(r"`([^`]+)`", first.strip())
        assert name is not None, line
        codes = [re.match(r"(\d+):", one) for one in cells]
        found[name[1]] = {
            mode: int(code[1]) if code else None for mode, code in zip(MODES, codes, strict=True)
        }
    return found


def expected(rows: list[Row]) -> dict[str, dict[str, int | None]]:
    """The same from the matrix."""
    codes = {row.id: row.expected.code for row in rows}
    return {one.name: {mode: codes.get(f"{one.name}-{mode}") for mode in MODES} for one in TROUBLES}
