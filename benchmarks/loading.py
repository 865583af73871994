"""How long an environment file takes to load: `python -m benchmarks.loading FILE`, the best of three, as JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path

from benchmarks.command import command
from intent import load_environment


def main(path: Path) -> None:
    """Load it three times and say the least seconds, on the clock and of the processor."""
    taken = []
    for _ in range(3):
        began, spent = time.perf_counter(), time.process_time()
        environment = load_environment(path)
        taken.append((time.perf_counter() - began, time.process_time() - spent))
    wall, cpu = (round(min(each), 3) for each in zip(*taken, strict=True))
    print(json.dumps({"networks": len(environment.networks), "wall": wall, "cpu": cpu}))


if __name__ == "__main__":
    PARSER = command("loading", __doc__, "environments/iberia.yaml")
    PARSER.add_argument("file", type=Path, metavar="FILE", help="the environment file")
    main(PARSER.parse_args().file)
