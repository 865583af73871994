"""`python -m intent`: check an environment file, or write the JSON Schema of environment files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from intent import Environment, Invalid


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0, or 4 for an environment file that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m intent", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="environment files to check")
    parser.add_argument("--schema", action="store_true", help="write the JSON Schema to standard output")
    options = parser.parse_args(arguments)
    if options.schema:
        sys.stdout.write(Environment.schema_text())
    status = 0
    for path in options.files:
        try:
            environment = Environment.load(path)
        except Invalid as problems:
            sys.stderr.write(f"{problems}\n")
            status = 4
        else:
            sys.stdout.write(f"{path}: {environment.name}, {sum(1 for _ in environment)} declared objects\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
