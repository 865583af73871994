"""The parser of the benchmarks' commands: what each says by `--help`, from its docstring."""

from __future__ import annotations

from avi_schema.command_line import CommandParser
from benchmarks.sites.sizes import SIZES


def command(name: str, doc: str | None, *examples: str, failed: str = "") -> CommandParser:
    """The parser of `python -m benchmarks.NAME`. `examples`: what may follow it; `failed`: what exit code 1 means."""
    program = f"python -m benchmarks.{name}".removesuffix(".")
    codes = {0: "it was measured, and as it should be" if failed else "it was measured"}
    return CommandParser(
        prog=program,
        description=doc,
        examples=[f"{program} {example}".strip() for example in examples or ("",)],
        codes=codes | ({1: failed} if failed else {}),
    )


def add_size(parser: CommandParser, default: str | None = "large") -> None:
    """The size of the generated site, as an argument; `default` None where one must be named."""
    parser.add_argument(
        "size",
        choices=tuple(SIZES),
        nargs="?" if default else None,
        default=default,
        help="of the generated site" + (f" (default: {default})" if default else ""),
    )
