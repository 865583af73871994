"""What the guided run prints to be typed next, typed in the environment that it was run in: `tox -e lab` made it.

    .tox/lab/bin/python requirements/next_steps.py

`.ci/run` does so. Left out are the page, which fetches its generator, and one's own site.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
sys.path.insert(0, str(ROOT))

from avi_schema.command_line import CommandParser  # noqa: E402 -- the clone's folder comes first
from tour import steps  # noqa: E402 -- the clone's folder comes first

EXPECTED = {"--lab --lab-state conforming": 0, "--lab --plan": 1, "--lab --remediate": 0}
"""By the arguments of pytest, the exit code that each has to come to."""


def main() -> int:
    """Type them. Returns 0, or 1 where one of them came to another code, or is not known here."""
    CommandParser(
        prog="python requirements/next_steps.py",
        description=__doc__,
        examples=[".tox/lab/bin/python requirements/next_steps.py"],
        codes={0: "each came to the exit code it has to come to", 1: "one did not, or is not known here"},
    ).parse_args()
    typed, wrong = set(), 0
    for step in steps():
        program, *arguments = shlex.split(step)
        words = " ".join(arguments)
        if words not in EXPECTED:
            continue
        typed.add(words)
        done = subprocess.run(
            [program, *arguments, "-q"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        print(f"{step}: exit code {done.returncode}", flush=True)
        if done.returncode != EXPECTED[words]:
            wrong += 1
            print(done.stdout, done.stderr)
    return int(bool(wrong) or typed != EXPECTED.keys())


if __name__ == "__main__":
    sys.exit(main())
