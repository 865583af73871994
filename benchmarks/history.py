"""History: 365 runs of 2,000 checks in one file; comparing runs and finding what changed takes under a second.

`python -m benchmarks.history`
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.command import command
from reports.history.store import CheckEntry, History
from reports.history.transitions import compare, transitions

RUNS, CHECKS = 365, 2_000
LIMIT = 1.0
"""Seconds of processor time: a busy machine says the same."""


def entries(random: Random, state: list[str]) -> list[CheckEntry]:
    """One night: one check in a hundred changes sides."""
    for number in range(CHECKS):
        if random.random() < 0.01:
            state[number] = "passed" if state[number] == "drift" else "drift"
    return [
        CheckEntry(
            f"checks/test_networks.py::test_vrf[NET_{number}]",
            f"NET_{number} is in its VRF context.",
            f"network NET_{number}",
            "Step 3",
            "networks",
            "critical",
            outcome,
            '[{"have": "global", "path": "vrf", "want": "VRF_AZ1"}]' if outcome == "drift" else "",
        )
        for number, outcome in enumerate(state)
    ]


def main() -> int:
    """Run it. Returns 1 when something took longer than it may."""
    random, state = Random(1), ["passed"] * CHECKS
    start = datetime(2026, 1, 1, 2, tzinfo=UTC)
    taken: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, History(Path(folder) / "history.sqlite") as history:
        longest = 0.0
        for day in range(RUNS):
            rows = entries(random, state)
            number = history.begin(f"run-{day}", start + timedelta(days=day))
            began = time.process_time()
            history.finish(number, start + timedelta(days=day, minutes=1), 1, {}, rows)
            longest = max(longest, time.process_time() - began)
        taken["writing one run, the slowest"] = longest
        began = time.process_time()
        found = compare(history.entries(1), history.entries(RUNS))
        taken["comparing the first with the last"] = time.process_time() - began
        began = time.process_time()
        rows = entries(random, state)
        moved = transitions(history, rows)
        taken["what changed in a new run, since when"] = time.process_time() - began
        size = history.path.stat().st_size / 2**20
    moves = f"{sum(map(len, found.values())):,} and {len(moved):,} changes"
    print(f"{RUNS} runs of {CHECKS:,} checks: {size:.0f} MiB; {moves}")
    for what, seconds in taken.items():
        print(f"  {seconds:6.3f} s  {what}")
    return int(any(seconds > LIMIT for seconds in taken.values()))


if __name__ == "__main__":
    command("history", __doc__, failed="something took longer than a second").parse_args()
    sys.exit(main())
