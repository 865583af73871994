"""Writing files so that nobody ever reads half of one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a whole file or leave the old one; creates its folder. Raises OSError."""
    with unfinished(path) as fresh:
        fresh.write_bytes(text.encode("utf-8", errors="replace"))


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the file's place when everything went well. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield fresh
        os.replace(fresh, path)  # noqa: PTH105 -- atomic, and says so
    finally:
        fresh.unlink(missing_ok=True)
