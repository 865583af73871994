"""`python -m intent`: check an environment file, or write the JSON Schema of environment files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from intent import Environment, Invalid, load_environment
from intent.installation import typed
from intent.words import counted


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0, or 4 for an environment file that cannot be used."""
    parser = argparse.ArgumentParser(prog=typed("python -m intent"), description=typed(__doc__ or ""))
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="environment files to check")
    parser.add_argument("--schema", action="store_true", help="write the JSON Schema to standard output")
    options = parser.parse_args(arguments)
    if options.schema:
        sys.stdout.write(Environment.schema_text())
    status = 0
    for path in options.files:
        try:
            environment = load_environment(path)
        except Invalid as problems:
            sys.stderr.write(f"{problems}\n")
            status = 4
        else:
            sys.stdout.write(
                f"{path}: {environment.name}, {counted(environment.object_count, 'declared object')}\n"
            )
            sys.stdout.writelines(f"  note: {note}\n" for note in _missing(environment))
    return status


def _missing(environment: Environment) -> Iterator[str]:
    """What a run on the live site would miss on this machine; the file itself is right."""
    for side in (environment.controller, environment.vcenter):
        if side is not None and side.ca_file is not None and getattr(side, "verify_tls", True):
            path = environment.path.parent / side.ca_file
            if not path.is_file():
                yield f"{side.section}.ca_file {path} is not there; without it nothing of the {side.kind} can be read"


if __name__ == "__main__":
    sys.exit(main())
