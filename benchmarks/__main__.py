"""What a run costs on generated sites, beside the least it could cost: `python -m benchmarks`, or `tox -e bench`.

Writes `results.json` and `results.md` into the folder and prints the tables. `--quick` is the small site alone; the
whole takes about an hour on two cores. Only ratios within one run mean anything: machines are noisy.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from avi_schema.command_line import whole
from benchmarks import machine, table
from benchmarks.command import command
from benchmarks.measure import run
from benchmarks.scale import Bench
from benchmarks.sites.sizes import SIZES

LATENCIES = (0, 5, 20)
OUT = Path(__file__).parent / "out"


def main() -> int:
    """Measure, print and write. Returns 1 when a target does not hold."""
    parser = command(
        "", __doc__, "--quick", "--sizes small medium --repeats 1", failed="a target does not hold"
    )
    parser.add_argument(
        "--quick", action="store_true", help="the small site alone, once, and no site of twice its size"
    )
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument(
        "--latencies", nargs="+", type=whole(0, 10_000), default=list(LATENCIES), metavar="MS"
    )
    parser.add_argument(
        "--repeats",
        type=whole(1, 1000),
        default=3,
        help="runs of check and of the floor, in turn; the quickest counts",
    )
    parser.add_argument("--no-growth", action="store_true", help="leave out the sites of twice the size")
    parser.add_argument(
        "--check-only", action="store_true", help="leave out plan, remediate and the naive ways"
    )
    parser.add_argument(
        "--out", type=Path, default=OUT, help="folder of the results (default: benchmarks/out)"
    )
    given = parser.parse_args()
    if given.quick:
        given.sizes, given.repeats, given.no_growth = ["small"], 1, True
    found: dict[str, Any] = {
        "machine": machine.described(),
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "repeats": given.repeats,
        "rows": [],
        "loading": {},
        "growth": [],
    }
    given.out.mkdir(parents=True, exist_ok=True)
    # One folder for all, since deleting files slows down the making of others for minutes: see `Bench`.
    with tempfile.TemporaryDirectory(prefix="avi-bench-", ignore_cleanup_errors=True) as folder:
        for name in given.sizes:
            _measure(name, Path(folder) / name, given, found)
            # Kept after each size: the whole takes long, and what is measured is measured.
            (given.out / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    text = table.document(found)
    (given.out / "results.md").write_text(text, encoding="utf-8")
    print(text)
    return int(not all(target["held"] for target in table.targets(found)))


def _measure(name: str, folder: Path, given: argparse.Namespace, found: dict[str, Any]) -> None:
    bench = Bench(SIZES[name], folder / "once", _say)
    for latency in given.latencies:
        found["rows"] += bench.measured(latency, given.repeats, whole=not given.check_only)
    log = folder / "loading.log"
    run("loading", ["-m", "benchmarks.loading", str(folder / "once" / "site.yaml")], log)
    found["loading"][name] = json.loads(log.read_text(encoding="utf-8"))
    if not given.no_growth:
        # Both anew and one after the other: what else the machine does meets them alike.
        once = bench.grown(given.repeats)
        twice = Bench(SIZES[name].doubled(), folder / "twice", _say).grown(given.repeats)
        found["growth"].append({"once": once, "twice": twice})


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
