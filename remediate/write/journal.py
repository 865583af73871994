"""The journal that a run writes: one file a run, one line a fact, on the disk before the Controller hears of it.

What its lines are, and how it is read, stands in `remediate.write.record`.
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import secrets
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from intent import Key
from intent.files import DurableLines
from intent.plain_data import to_json
from intent.sensitive import scrub
from live.avi.identity import Json
from remediate.plan.model import Request
from remediate.write.record import (
    FORMAT,
    FORMAT_MEMBER,
    BadJournal,
    Fate,
    JournalEnd,
    JournalHead,
    JournalRecord,
    Write,
    WriteAnswer,
    load,
)
from remediate.write.seal import NoSeal, Seal, user_seal


class NoJournal(Exception):
    """The journal cannot be written: the folder is not ours, or the disk is full. Says why."""


@contextmanager
def writing() -> Iterator[None]:
    """Around whatever puts something on the disk. Raises NoJournal."""
    try:
        yield
    except OSError as error:
        raise NoJournal(f"cannot be written: {error.strerror}") from error


class Journal:
    """A journal that is being written."""

    def __init__(self, path: Path, file: DurableLines, seal: Seal, numbers: int = 0, mac: str = "") -> None:
        self.path = path
        self._file = file
        self._seal = seal
        self._numbers = numbers
        self._mac = mac

    @classmethod
    def begin(  # noqa: PLR0913 -- what stands in its first line
        cls,
        folder: Path,
        environment: str,
        address: str,
        plan: str,
        *,
        undoes: str = "",
        seal: Seal | None = None,
        account: str = "",
        client: str = "",
    ) -> Journal:
        """Start a new one. `plan` is the plan's digest; `undoes` names the journal that a rollback undoes.

        `seal`: the user's own where it is left out. `account`, `client`: as whom the site is written. Raises NoJournal,
        here as in whatever writes a line.
        """
        seal = seal or own_seal()
        with writing():
            path, file = cls._new(folder, environment)
        journal = cls(path, file, seal)
        who = f"{_user()}@{socket.gethostname()}"
        run = secrets.token_hex(16)
        begun = _now(), who, os.getpid(), run, seal.name
        head = JournalHead(environment, address, plan, undoes, *begun, account, client)
        try:
            journal._line("begin", head, {FORMAT_MEMBER: FORMAT})
        except NoJournal:
            journal.abandon()
            path.unlink(missing_ok=True)
            raise
        return journal

    @staticmethod
    def _new(folder: Path, environment: str) -> tuple[Path, DurableLines]:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = datetime.now(UTC)
        stem = f"{environment}-{now:%Y%m%dT%H%M%S}"
        for extra in range(1000):
            path = folder / (f"{stem}-{extra}.jsonl" if extra else f"{stem}.jsonl")
            with suppress(FileExistsError):
                return path, DurableLines.create(path)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))

    @classmethod
    def reopen(cls, record: JournalRecord, *, seal: Seal | None = None) -> Journal:
        """Write on in one that was left open, and is proved. Raises NoJournal."""
        if record.unproved:
            raise NoJournal(f"cannot be gone on with: {record.unproved}")
        seal = seal or own_seal()
        with writing():
            file = DurableLines.reopen(record.path)
        numbers = max((entry.number for entry in record.entries), default=0)
        return cls(record.path, file, seal, numbers, record.mac)

    def write(self, key: Key, request: Request, sent: Json, before: Json | None) -> int:
        """Note a write before it is sent; its number."""
        self._numbers += 1
        request = replace(request, body={})  # it is what was sent
        self._line("write", Write(self._numbers, key, request, scrub(sent), scrub(before), _now()))
        return self._numbers

    def answer(
        self, number: int, fate: Fate, after: Json | None = None, text: str = "", *, heard: bool = True
    ) -> None:
        """Note what became of a write; `heard` as in `WriteAnswer`."""
        self._line("answer", WriteAnswer(number, fate, scrub(after), text, _now(), heard))

    def end(self, result: str) -> None:
        """Close it: nothing more will be written by this run. One that cannot be closed stays open for the next."""
        if self._file.open:
            with suppress(NoJournal):
                self._line("end", JournalEnd(result, _now()))
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file without closing the journal, as a killed process would."""
        self._file.close()

    def _line(
        self,
        kind: str,
        data: JournalHead | Write | WriteAnswer | JournalEnd,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        line = {"line": kind, **(more or {}), **to_json(data)}
        mac = self._seal.mac(_encoded(line), self._mac)
        with writing():
            self._file.append(_encoded({**line, "mac": mac}) + b"\n")
        self._mac = mac


def _encoded(line: Json) -> bytes:
    try:
        return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character, which no file can hold
        return json.dumps(line, separators=(",", ":")).encode()


def own_seal(root: Path | None = None, apart_from: Iterable[Path] = ()) -> Seal:
    """The user's own seal, see `user_seal`. Raises NoJournal: what nobody can prove later is not written."""
    try:
        return user_seal(root, apart_from)
    except NoSeal as why:
        raise NoJournal(f"cannot be sealed: {why}") from why


def left_open(
    folder: Path, environment: str, address: str, seal: Seal | None = None
) -> Iterator[JournalRecord]:
    """The journals of an environment that no run has closed, oldest first; files that are none are passed over.

    So are those of another Controller under the same name, such as a lab's: this one knows nothing of their writes.
    """
    for path in sorted(folder.glob(f"{environment}-*.jsonl")):
        try:
            record = load(path, seal)
        except BadJournal:
            continue
        if record.end is None and (record.head.environment, record.head.address) == (environment, address):
            yield record


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid{os.getuid()}"
