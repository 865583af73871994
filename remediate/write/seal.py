"""The seal of journals: by a key of the user's own, every line proves that a run of this program wrote it, and where.

Each line carries an HMAC-SHA-256 over itself and the line before, so that none can be edited, dropped, moved or taken
from another journal; the first one names environment, Controller and run. Lines cut off at the end are as if the run
had been killed there. Whoever can write journals cannot seal them: the key is in the user's state folder, or given by a
variable, and never beside journals or reports.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from intent import Unknown
from intent.files import DurableLines, opened
from intent.scrubber import keep_secret
from live.credentials import value

VARIABLE = "AVI_JOURNAL_SECRET"
SHORTEST = 32
"""Characters: whoever has a sealed journal could try out all keys that are much shorter."""
_SEALED = re.compile(rb'(\{.*),"mac":"([0-9a-f]{64})"\}', re.DOTALL)
_FIRST = "avi-compliance-journal"


class NoSeal(Exception):
    """There is no key that journals could be sealed with. Says why, and what to do."""


@dataclass(frozen=True)
class Seal:
    """The key that seals journals, and proves them."""

    key: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What tells one key from another without giving it away."""
        return hmac.digest(self.key, b"name", "sha256").hex()[:16]

    def mac(self, line: bytes, before: str) -> str:
        """The MAC of a line of JSON; `before` is that of the line before, "" for the first."""
        chained = hmac.new(self.key, f"{before or _FIRST}\n".encode(), "sha256")
        chained.update(line)
        return chained.hexdigest()

    def proves(self, line: bytes, before: str) -> str:
        """The MAC of a line as it stands in a file, where it is right after the one before; else ""."""
        if (parts := _SEALED.fullmatch(line)) is None:
            return ""
        mac = self.mac(parts[1] + b"}", before)
        return mac if hmac.compare_digest(mac.encode(), parts[2]) else ""


def user_seal(root: Path | None = None, apart_from: Iterable[Path] = ()) -> Seal:
    """The user's own seal: of the variable (or `.env` in `root`), else of the key in the state folder, made at need.

    `apart_from`: folders in which no key may be kept. Raises NoSeal.
    """
    try:
        given = value(VARIABLE, root) if root else os.environ.get(VARIABLE)
    except Unknown as why:
        raise NoSeal(str(why)) from why
    if given is None:
        folder = state_folder()
        for other in apart_from:
            if folder.resolve().is_relative_to(other.resolve()):
                raise NoSeal(
                    f"the key of journals would be kept in {folder}, and so in {other}: who may put journals there "
                    "could seal them; keep those in another folder, or set XDG_STATE_HOME elsewhere"
                )
        return Seal(_kept_key(folder / "journal.key"))
    if len(given) < SHORTEST:
        raise NoSeal(
            f"{VARIABLE} has {len(given)} characters; give at least {SHORTEST} that nobody can guess"
        )
    keep_secret(given)
    return Seal(given.encode())


def state_folder() -> Path:
    """The user's state folder of this program, by the XDG rules. Raises NoSeal where the user has no home."""
    if (given := os.environ.get("XDG_STATE_HOME", "")) and Path(given).is_absolute():
        return Path(given) / "avi-compliance"
    try:
        return Path.home() / ".local/state/avi-compliance"
    except RuntimeError as why:
        raise NoSeal(f"this user has no home folder to keep a key in; give one in {VARIABLE}") from why


def _kept_key(path: Path) -> bytes:
    """The key in a file, for its owner alone; made where there is none. Raises NoSeal."""
    try:
        _private_folder(path.parent)
        try:
            return _read(path)
        except FileNotFoundError:
            with suppress(FileExistsError):
                _make(path)
            return _read(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise NoSeal(
            f"the key of journals, {path}, cannot be had: {reason}; or give one in {VARIABLE}"
        ) from error


def _private_folder(folder: Path) -> None:
    """A folder that nobody else may enter or write: who can write in it can put a key of his own there."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise OSError(errno.ENOTDIR, f"{folder} is no folder of its own")
    _own(status, f"the folder {folder}", 0o077)


def _own(status: os.stat_result, what: str, forbidden: int) -> None:
    """Raise OSError for what is another user's, or open to others."""
    if status.st_uid != os.geteuid():
        raise OSError(errno.EPERM, f"{what} is another user's (uid {status.st_uid})")
    if status.st_mode & forbidden:
        mode = stat.S_IMODE(status.st_mode)
        raise OSError(
            errno.EPERM,
            f"{what} is open to others (mode {mode:04o}); take it away from them, and the key too",
        )


def _make(path: Path) -> None:
    """A new key; whole before it bears its name, whoever else makes one at the same moment. Raises OSError."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        lines = DurableLines.create(fresh)
        lines.append(f"{secrets.token_hex(32)}\n".encode())
        lines.close()
        os.link(fresh, path, follow_symlinks=False)  # unlike a renaming, it takes no other's place
    finally:
        fresh.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    file = opened(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        _own(status, "it", 0o077)
        text = os.read(file, 4096).strip()
    finally:
        os.close(file)
    if len(text) < SHORTEST:
        raise OSError(errno.EINVAL, f"it holds {len(text)} characters and no key")
    keep_secret(text.decode(errors="replace"))
    return text
