"""`python -m benchmarks.answers [RUNS] [FIRST]`: whole runs against a lab with one kind of answer damaged, by seed.

Check, plan, remediate and undo in this process, as `tests/faults/any_answer.py` has them; a few are a test. Ends with 1
where one raised, added a write or left one without its fate, and says which seed it was.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from avi_schema.command_line import whole
from benchmarks.command import command
from tests.faults.any_answer import once


def main(runs: int = 2000, first: int = 0) -> int:
    """Run so many, from this seed on."""
    begun, bad = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="answers-") as name:
        os.environ["XDG_STATE_HOME"] = name
        for seed in range(first, first + runs):
            try:
                once(seed, Path(name))
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is a finding
                bad += 1
                sys.stdout.write(f"seed {seed}: {type(error).__name__}: {error}\n")
    sys.stdout.write(f"{runs} runs in {time.monotonic() - begun:.0f} s, {bad} bad\n")
    return int(bad > 0)


if __name__ == "__main__":
    PARSER = command("answers", __doc__, "", "50", "1 1234", failed="a run raised, or a write has no fate")
    PARSER.add_argument(
        "runs", type=whole(1), nargs="?", default=2000, metavar="RUNS", help="how many (2000)"
    )
    PARSER.add_argument(
        "first", type=whole(0), nargs="?", default=0, metavar="FIRST", help="seed of the first (0)"
    )
    GIVEN = PARSER.parse_args()
    sys.exit(main(GIVEN.runs, GIVEN.first))
