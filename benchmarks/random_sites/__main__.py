"""The command: as many random sites as asked for."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import benchmarks.random_sites
from avi_schema.command_line import whole
from benchmarks.command import command
from benchmarks.random_sites.sites import Sites


def main(arguments: list[str] | None = None) -> int:
    """Run as many random sites as asked for; 1 at the first that is not as its table of facts says."""
    parser = command(
        "random_sites",
        benchmarks.random_sites.__doc__,
        "--sites 100",
        "--sites 1 --first 4711",
        failed="a site is not as its table of facts says",
    )
    parser.add_argument("--sites", type=whole(1), default=2000, help="how many (default: %(default)s)")
    parser.add_argument(
        "--first", type=whole(0), default=0, help="the seed of the first (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    sites, total, begun = Sites(), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.sites):
            try:
                total += sites.run(seed, Path(folder))
            except AssertionError as error:
                print(error)
                return 1
            if total["sites"] % 100 == 0:
                print(f"{time.monotonic() - begun:.0f} s: {dict(total)}", flush=True)
    print(
        f"{time.monotonic() - begun:.0f} s: {dict(total)}: no false pass, no false drift, nothing undeclared changed"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
