"""`python -m lab.facts`: regenerate the fact table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .regenerate import regenerate
from .table import TABLE

_TEXT = """\
Regenerate the fact table of the simulated Controller from an Avi swagger folder: one JSON file a type, each
with "info", "paths" and "definitions", as the Controller's API documentation and the vendor's SDK carry them.

Only facts are taken (types, members, limits, enum values, defaults, versions), no descriptions. What swagger
does not say comes from history.json beside the code and is merged in. The same folder always gives the same
table.
"""

_EXAMPLES = """\
examples:
  python -m lab.facts ~/avi/swagger
        replace the table of the lab
  python -m lab.facts ~/avi/31.1.1/swagger --previous lab/facts/table.json
        a newer model, which still knows what the older one had: members gone keep their end, new ones get
        a beginning, changed defaults stay known for older versions
  python -m lab.facts ~/avi/swagger -o -
        to standard output
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns 0, or 4 when the folder or the previous table will not do."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.facts",
        description=_TEXT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "swagger", type=Path, metavar="SWAGGER_DIR", help="the folder with the swagger JSON files"
    )
    parser.add_argument(
        "-o",
        "--output",
        default=str(TABLE),
        metavar="FILE",
        help="where to write the table (default: %(default)s)",
    )
    parser.add_argument(
        "--previous", type=Path, metavar="TABLE", help="a table of an older version, to carry its history on"
    )
    options = parser.parse_args(arguments)
    try:
        text = regenerate(options.swagger, options.previous)
        if options.output == "-":
            sys.stdout.write(text)
        else:
            Path(options.output).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"lab.facts: {error}\n")
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
