"""Files for their owner only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO


def private(path: Path) -> TextIO:
    """A text file to be written anew, mode 0600 even where one that others could read stood before. Raises OSError."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(file, 0o600)
    return os.fdopen(file, "w", encoding="utf-8")
