"""`python -m avi_schema`: make the schema file anew from a swagger folder."""

from __future__ import annotations

import sys
from pathlib import Path

from .command_line import CommandParser, not_written
from .schema import SCHEMA

_TEXT = """\
Make the schema file anew from an Avi swagger folder: one JSON file a type, each with "info", "paths" and
"definitions", as the Controller's API documentation and the vendor's SDK carry them.

Only facts are taken (types, members, limits, enum values, defaults, versions), no descriptions. What swagger
does not say comes from the JSON files in avi_schema/build and is merged in. The same folder always gives the
same file.
"""

_EXAMPLES = """\
  python -m avi_schema ~/avi/swagger
        replace the schema that checks, remedies and the lab read
  python -m avi_schema ~/avi/31.1.1/swagger --previous avi_schema/schema.json
        a newer model, which still knows what the older one had: members gone keep their end, new ones get
        a beginning, changed defaults stay known for older versions
  python -m avi_schema ~/avi/swagger -o -
        to standard output
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns 0, or 4 when the folder or the previous schema file will not do."""
    parser = CommandParser(
        prog=f"python -m {__package__}",
        description=_TEXT,
        examples=[line.removeprefix("  ") for line in _EXAMPLES.splitlines()],
        codes={
            0: "the schema is written",
            4: "bad usage, or a folder or file that will not do; nothing is written",
        },
    )
    parser.add_argument(
        "swagger", type=Path, metavar="SWAGGER_DIR", help="the folder with the swagger JSON files"
    )
    parser.add_argument(
        "-o",
        "--output",
        default=str(SCHEMA),
        metavar="FILE",
        help="where to write the schema (default: %(default)s)",
    )
    parser.add_argument(
        "--previous",
        type=Path,
        metavar="SCHEMA",
        help="a schema file of an older version, to carry its history on",
    )
    options = parser.parse_args(arguments)
    try:
        from .build.regenerate import regenerate  # noqa: PLC0415 -- an installation has no such folder
    except ModuleNotFoundError:
        sys.stderr.write(
            "avi_schema: the schema is made in a clone of the project; an installation only reads it\n"
        )
        return 4
    try:
        if options.output != "-" and (why := not_written(Path(options.output), "a schema", _noun)):
            raise ValueError(f"{options.output}: {why}")  # noqa: TRY301 -- said as all else that is wrong
        text = regenerate(options.swagger, options.previous)
        if options.output == "-":
            sys.stdout.write(text)
        else:
            Path(options.output).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"avi_schema: {error}\n")
        return 4
    return 0


def _noun(path: Path) -> str | None:
    with path.open("rb") as file:
        return "a schema" if file.read(9) == b'{"model":' else None


if __name__ == "__main__":
    sys.exit(main())
