"""`python -m benchmarks.sites SIZE FOLDER [--drifted]`: write both files of one size into a folder."""

from __future__ import annotations

from pathlib import Path

from benchmarks.command import add_size, command
from benchmarks.sites.files import write_environment, write_export
from benchmarks.sites.layout import Site
from benchmarks.sites.sizes import SIZES

parser = command("sites", __doc__, "small a-site", "large a-site --drifted")
add_size(parser, None)
parser.add_argument("folder", type=Path, help="where the files go; it is made where it is not there")
parser.add_argument("--drifted", action="store_true", help="one network and SE group of twenty has drifted")
given = parser.parse_args()
site = Site(SIZES[given.size], drifted=given.drifted)
given.folder.mkdir(parents=True, exist_ok=True)
write_export(site, given.folder / "site.json")
write_environment(site, given.folder / f"{given.size}.yaml", {"address": "127.0.0.1"})
