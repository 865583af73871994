"""Command lines: the parser of every command, numbers with the range they may have, files that may be written over.

And what becomes of output that nobody reads: closed (`>&-`), in a pipe whose reader has left, or on a full disk.

It stands here since every other folder may import this one.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn, TextIO

BAD_USAGE = 4
_HEAD = 65_536
"""Bytes that are looked at."""


@contextmanager
def required() -> Iterator[None]:
    """Around imports without which nothing can be done: end with one line and 4 where a library is missing or too old.

    A module of ours that cannot be imported is an error of ours, and stays one.
    """
    try:
        yield
    except ImportError as error:
        from avi_schema.libraries import lacking  # noqa: PLC0415 -- only where one is missing

        if not (text := lacking(error)):
            raise
        sys.stderr.write(f"avi-compliance: {text}\n")
        raise SystemExit(BAD_USAGE) from None


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
        guard_streams()

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


def not_written(path: Path, wanted: str | None, noun_of: Callable[[Path], str | None]) -> str:
    """Why a file is not written to a path, known before anything is read for it; "" where it is.

    `wanted`: the noun of what is written, an earlier one of which is written over; None where nothing may be there.
    `noun_of`: what a file is that is there, None where nobody can tell.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        folder = path.absolute().parent
        return _not_allowed(folder) if folder.is_dir() else "cannot be written: its folder does not exist"
    except OSError as error:
        return f"cannot be written: {error.strerror}"
    if not stat.S_ISREG(mode):
        return f"is {_no_file(path, mode)}, and only a file is written; name a new file"
    if wanted is None:
        return "is there already; name a new file"
    noun = noun_of(path)
    if noun == wanted or _is_blank(path):
        return _not_allowed(path)
    there = f"is {noun}" if noun else f"holds something else than {wanted}"
    return f"is there already and {there}, which would be lost; name a new file"


def not_filled(folder: Path) -> str:
    """Why nothing is written in a folder, which is made where it is not there; "" where it is."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(each))
    if there.is_dir():
        return _not_allowed(there)
    name = "" if there == folder.absolute() else f"{there} "
    return f"{name}is {_no_folder(there)}; name a folder"


def _no_folder(path: Path) -> str:
    mode = path.lstat().st_mode
    return "a file" if stat.S_ISREG(mode) else _no_file(path, mode)


def _not_allowed(path: Path) -> str:
    return "" if os.access(path, os.W_OK) else "cannot be written: permission denied"


def _no_file(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"a symbolic link to {path.readlink()}"
    nouns = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return nouns.get(stat.S_IFMT(mode), "a device")


def _is_blank(path: Path) -> bool:
    """Whether a file holds nothing that could be lost. What cannot be read may hold anything."""
    try:
        with path.open("rb") as file:
            return not file.read(_HEAD).strip()
    except OSError:
        return False


class CommandStream:
    """Standard output or error of a command, whose reader may leave: what is written then goes nowhere.

    Where standard output cannot be written though its reader has not left, the command ends.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write a text; returns its length. Raises SystemExit."""
        with self._guarded():
            self._file.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts, each of which ends its line itself. Raises SystemExit."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Send what is held back. Raises SystemExit."""
        with self._guarded():
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        """Everything else of the file, such as `isatty` and `encoding`."""
        return getattr(self._file, name)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            discard_rest(self._file)
            if self is sys.stdout and not isinstance(error, BrokenPipeError):
                sys.stderr.write(f"standard output cannot be written: {error.strerror}\n")
                raise SystemExit(BAD_USAGE) from None


def open_closed_streams() -> None:
    """Send nowhere what goes to a stream that whoever began this process has closed (`>&-`): Python has None for it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 -- as long as the process


def guard_streams() -> None:
    """Let a command meet the end of its output without a traceback, whose exit code is that of a drift.

    What tests or others have put in the place of the process's own streams stays as it is.
    """
    open_closed_streams()
    output, errors = sys.stdout, sys.stderr
    if output is sys.__stdout__ and isinstance(output, TextIOWrapper):
        output.reconfigure(line_buffering=True)  # so that it is known before the command ends
        sys.stdout = CommandStream(output)
    if errors is sys.__stderr__ and isinstance(errors, TextIOWrapper):
        sys.stderr = CommandStream(errors)


def discard_rest(file: TextIO) -> None:
    """Send what a file still holds back nowhere: Python would fail over it when it ends, with exit code 120."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file.fileno())
        os.close(nowhere)
        file.flush()
