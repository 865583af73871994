"""Files: for their owner only, replaced as a whole, written line by line to the disk, or locked.

What a run leaves behind holds a site's configuration, and may be read or cut off at any moment: nobody else may read
it, and nobody ever reads half of it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TextIO

PRIVATE = 0o600


def opened(path: Path | str, flags: int, mode: int = PRIVATE) -> int:
    """A file opened with `os.open`, never through a symbolic link: it could lead to a file that is not ours to write.

    Raises OSError, whose text names the path where it is a link.
    """
    try:
        return os.open(path, flags | os.O_NOFOLLOW, mode)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        why = f"{path} is a symbolic link, through which nothing is written; remove it"
        raise OSError(errno.ELOOP, why) from error


def contents(path: Path) -> bytes:
    """All of a regular file. A pipe or a device could keep a run for ever. Raises OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file; save it as one")
        return stream.read()


def near(path: Path | str) -> str:
    """A path as one types it here, if it lies here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def private(path: Path) -> TextIO:
    """A text file to be written anew, mode 0600 even where one that others could read stood before. Raises OSError."""
    file = opened(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.fchmod(file, PRIVATE)
    return os.fdopen(file, "w", encoding="utf-8")


@contextmanager
def whole_or_gone(path: Path) -> Iterator[None]:
    """While a new file is written: one that was torn, by a full disk or because the command was told to stop, goes."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a whole file or leave the old one; creates its folder. Raises OSError."""
    with replaced(path) as fresh:
        fresh.write_bytes(text.encode("utf-8", errors="replace"))


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the file's place when everything went well. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield fresh
        os.replace(fresh, path)  # noqa: PTH105 -- atomic, and says so
    finally:
        fresh.unlink(missing_ok=True)


def write_all(file: int, data: bytes) -> None:
    """All of it into an open file: the system may take less at a time. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


class DurableLines:
    """A private file that only grows. Each line is on the disk, whole, when `append` returns."""

    def __init__(self, file: int) -> None:
        self._file = file

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new file; its name is as lasting as its content. Raises FileExistsError, OSError."""
        lines = cls(opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND))
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return lines

    @classmethod
    def reopen(cls, path: Path) -> Self:
        """One that is there, to go on; a last line that was cut off is ended. Raises OSError."""
        lines = cls(opened(path, os.O_WRONLY | os.O_APPEND))
        torn = not path.read_bytes().endswith(b"\n")
        if torn:
            os.write(lines._file, b"\n")
        return lines

    @property
    def open(self) -> bool:
        """Whether it was not closed yet."""
        return self._file >= 0

    def append(self, line: bytes) -> None:
        """One whole line with its end on the disk, or none of it: half of one would spoil the next. Raises OSError."""
        begin = os.fstat(self._file).st_size
        try:
            write_all(self._file, line)
            os.fsync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, begin)
            raise

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        if self.open:
            os.close(self._file)
            self._file = -1


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Hold the kernel's lock (flock) on a file, made where it is not there; gives the open file, to read and write.

    The lock goes with the process that holds it, however that ends: the file alone means nothing. Raises
    BlockingIOError where another holds it and `wait` is false, and OSError, on some network file systems for want of
    locks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = opened(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield file
    finally:
        os.close(file)
