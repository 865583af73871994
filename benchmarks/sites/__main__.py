"""`python -m benchmarks.sites SIZE FOLDER [--drifted]`: write both files of one size into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.sites.files import write_environment, write_export
from benchmarks.sites.layout import Site
from benchmarks.sites.sizes import SIZES

parser = argparse.ArgumentParser(prog="python -m benchmarks.sites", description=__doc__)
parser.add_argument("size", choices=SIZES)
parser.add_argument("folder", type=Path)
parser.add_argument("--drifted", action="store_true", help="one network and SE group of twenty has drifted")
given = parser.parse_args()
site = Site(SIZES[given.size], drifted=given.drifted)
given.folder.mkdir(parents=True, exist_ok=True)
write_export(site, given.folder / "site.json")
write_environment(site, given.folder / f"{given.size}.yaml", {"address": "127.0.0.1"})
