"""The way of one drift through the code gets no longer, and its page names what must be read to follow it.

`python -m benchmarks.one_drift` counts it.
"""

import re
import subprocess
import sys

from tests.runs.harness import ROOT, surroundings

MOST = {"entered": 53, "files": 14, "lines": 3100}
"""What was counted last, and a little more: it may only shrink. Of the goals in the benchmark the first is not met."""


def test_the_way_of_one_drift_gets_no_longer():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_drift"],
        cwd=ROOT,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    entered = re.search(r"^entered: (\d+) files", done.stdout, re.MULTILINE)
    read = re.search(r"^to be read: (\d+) files \(goal \d+\), (\d+) lines", done.stdout, re.MULTILINE)
    assert entered is not None, done.stderr
    counts = {"entered": int(entered[1]), "files": int(read[1]), "lines": int(read[2])}
    assert all(counts[name] <= most for name, most in MOST.items()), done.stdout
    page = (ROOT / "docs/one-drift.md").read_text(encoding="utf-8")
    to_be_read = re.findall(r"^ +\d+ \* ([\w/]+\.py)$", done.stdout, re.MULTILINE)
    assert len(to_be_read) == counts["files"]
    assert to_be_read == [name for name in to_be_read if f"| **`{name}`** |" in page]
