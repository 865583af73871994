"""`python -m tests.faults`: run the whole matrix and write its table into docs/faults.md."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from avi_schema.command_line import CommandParser
from tests.faults.engine import Benches
from tests.faults.laws import complaints
from tests.faults.matrix import ROWS
from tests.faults.page import write_table
from tests.runs.harness import ZYGOTE


def main(only: str = "") -> int:
    """Run the rows whose id contains `only`; 1 where one is not as expected."""
    begun = time.monotonic()
    rows = [row for row in ROWS if only in row.id]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        benches = Benches(Path(folder))
        try:
            benches.start(rows)
            found = []
            for row in rows:
                found.append(came := benches.of(row).result())
                if wrong := complaints(came):
                    bad += 1
                    print(f"{came.row.id} ({came.seconds} s): {'; '.join(wrong)}"[:600], flush=True)  # noqa: T201
        finally:
            benches.close()
            ZYGOTE.close()
    print(f"{len(found)} rows, {bad} not as expected, {time.monotonic() - begun:.0f} s")  # noqa: T201
    if not only:
        write_table(found)
    return bool(bad)


if __name__ == "__main__":
    parser = CommandParser(
        prog="python -m tests.faults",
        description=__doc__,
        examples=["python -m tests.faults", "python -m tests.faults dns"],
        codes={0: "every row is as expected", 1: "one is not"},
    )
    parser.add_argument(
        "only", nargs="?", default="", help="only rows with this in their id; no table is written"
    )
    sys.exit(main(parser.parse_args().only))
