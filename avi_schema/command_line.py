"""Command lines: the parser of every command of ours, and numbers that are refused with the range they may have.

It stands here since every other folder may import this one.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

BAD_USAGE = 4


class CommandParser(argparse.ArgumentParser):
    """A parser whose `--help` shows examples and exit codes, and for which bad usage is 4, as it is of a run.

    Python's own ends with 2, which is an interruption's code.
    """

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), codes: Mapping[int, str] | None = None, **more: Any
    ) -> None:
        """`codes`: what each exit code means, without that of bad usage, which all commands have."""
        more.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        if examples or codes:
            meanings = {**(codes or {}), BAD_USAGE: (codes or {}).get(BAD_USAGE, "bad usage")}
            lines = ["examples:", *(f"  {example}" for example in examples), "", "exit codes:"]
            lines += [f"  {code}  {meaning}" for code, meaning in sorted(meanings.items())]
            more["epilog"] = "\n".join(filter(None, ["\n".join(lines), more.get("epilog")]))
        super().__init__(*args, **more)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.exit(BAD_USAGE, f"{self.format_usage()}{message}\n")


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A type of an option: a whole number from `least`, to `most` where that is given."""

    def read(text: str) -> int:
        if re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            value = int(text)
            if least <= value and (most is None or value <= most):
                return value
        raise argparse.ArgumentTypeError(f"{text[:40]!r}: give a whole number {_range(least, most)}")

    return read


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A type of an option: seconds from `least` to `most`, with a fraction or without; 0 as least is taken."""
    return _number("seconds", least, most)


def milliseconds(least: float, most: float) -> Callable[[str], float]:
    """A type of an option: milliseconds, likewise."""
    return _number("milliseconds", least, most)


def _number(unit: str, least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if least <= value <= most:
            return value
        raise argparse.ArgumentTypeError(f"{text[:40]!r}: give {unit} {_range(least, most)}")

    return read


def _range(least: float, most: float | None) -> str:
    return f"from {least:g} on" if most is None else f"from {least:g} to {most:,}"
