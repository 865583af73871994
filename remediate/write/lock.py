"""The lock: one run at a time changes an environment.

The lock is the kernel's (flock): it goes with the process that holds it, however that ends, so a lock file alone means
nothing. What stands in the file says who, for people.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from intent.files import locked, opened
from remediate.write.journal import NoJournal, writing


class Locked(Exception):
    """Somebody else is changing this environment. Says who, and since when."""


class Lock:
    """Holds the lock of an environment while in its context. `stale` says who left the file behind, or ""."""

    def __init__(self, folder: Path, environment: str) -> None:
        self.path = folder / f"{environment}.lock"
        self.environment = environment
        self.stale = ""
        self._locked = ExitStack()

    def __enter__(self) -> Self:
        with writing():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(opened(self.path, os.O_WRONLY | os.O_CREAT))
        try:
            file = self._locked.enter_context(locked(self.path, wait=False))
        except BlockingIOError:
            raise Locked(
                f"another run is changing {self.environment}: {_holder(self.path)}; wait for it, then start again"
            ) from None
        except OSError as error:  # some network file systems have no locks: that is not somebody else's run
            raise NoJournal(f"cannot be locked: {error.strerror}") from error
        self._locked.callback(os.ftruncate, file, 0)
        self.stale = _holder(self.path) if os.fstat(file).st_size else ""
        mine = {"pid": os.getpid(), "host": socket.gethostname(), "since": _now()}
        with suppress(OSError):  # on a full disk the lock holds without its words
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(mine).encode(), 0)
            os.fsync(file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._locked.close()


def _holder(path: Path) -> str:
    try:
        holder: dict[str, Any] = json.loads(path.read_bytes())
        return f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has not said who it is"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
