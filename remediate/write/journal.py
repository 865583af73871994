"""The journal: one file a run, one line a fact, on the disk before the Controller hears of it.

A write is two lines: `write` before it is sent, `answer` after its fate is known. A journal without its `end`
line is of a run that was killed; a `write` without its `answer` is a write whose fate is not certain.
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from intent import Key
from intent.files import DurableLines
from intent.plain_data import from_json, to_json
from intent.scrubber import scrub
from live.avi.identity import Json
from remediate.plan.request import Request

FORMAT = 1
NO_JOURNAL = "is not a journal of this program; they stand in the folder `journals`"

Fate = Literal["done", "refused", "conflict", "lost", "unsent", "unknown"]
"""done: applied. refused, conflict: the Controller said no. lost: the answer was lost, and the write was not applied.
unsent: it never reached the Controller. unknown: nobody knows."""


class NoJournal(Exception):
    """The journal cannot be written: the folder is not ours, or the disk is full. Says why."""


@contextmanager
def writing() -> Iterator[None]:
    """Around whatever puts something on the disk. Raises NoJournal."""
    try:
        yield
    except OSError as error:
        raise NoJournal(f"cannot be written: {error.strerror}") from error


class BadJournal(ValueError):
    """A file that `--rollback` was given cannot be used; says why and what to do."""


@dataclass
class Entry:
    """One write and, if it was heard, its fate. `before` and `after` are the object without secrets."""

    number: int
    key: Key
    request: Request
    sent: Json
    before: Json | None
    at: str
    fate: Fate | None = None
    after: Json | None = None
    text: str = ""

    @property
    def uuid(self) -> str:
        """The object's uuid: that of the request, or that of the object it made."""
        return self.request.uuid or str((self.after or {}).get("uuid", ""))

    def __str__(self) -> str:
        """`POST vrfcontext of VRF context VRF_AZ1`."""
        return f"{self.request.method} {self.request.api} of {self.key}"


@dataclass
class Record:
    """A journal as it was found on the disk."""

    path: Path
    head: dict[str, Any]
    entries: list[Entry] = field(default_factory=list)
    end: str | None = None

    @property
    def environment(self) -> str:
        """The name of the environment it belongs to."""
        return str(self.head.get("environment", ""))

    @property
    def address(self) -> str:
        """The Controller that it was written to: address and port."""
        return str(self.head.get("address", ""))

    @property
    def uncertain(self) -> list[Entry]:
        """The writes whose fate is not known."""
        return [entry for entry in self.entries if entry.fate in (None, "unknown")]

    @property
    def who(self) -> str:
        """`ops@jump1, 2026-11-23T12:00:00+00:00`."""
        return f"{self.head.get('who', 'somebody')}, {self.head.get('at', 'some time')}"


class Journal:
    """A journal that is being written."""

    def __init__(self, path: Path, file: DurableLines, numbers: int = 0) -> None:
        self.path = path
        self._file = file
        self._numbers = numbers

    @classmethod
    def begin(cls, folder: Path, environment: str, address: str, plan: str, *, undoes: str = "") -> Journal:
        """Start a new one. `plan` is the plan's digest; `undoes` names the journal that a rollback undoes.

        Raises NoJournal, here as in whatever writes a line.
        """
        with writing():
            path, file = cls._new(folder, environment)
        made = cls(path, file)
        head = {
            "line": "begin",
            "avi-compliance-journal": FORMAT,
            "environment": environment,
            "address": address,
            "plan": plan,
            "undoes": undoes,
            "at": _now(),
            "who": f"{_user()}@{socket.gethostname()}",
            "pid": os.getpid(),
        }
        try:
            made._line(head)
        except NoJournal:
            made.abandon()
            path.unlink(missing_ok=True)
            raise
        return made

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
    def reopen(cls, record: Record) -> Journal:
        """Write on in one that was left open."""
        with writing():
            file = DurableLines.reopen(record.path)
        return cls(record.path, file, max((entry.number for entry in record.entries), default=0))

    def write(self, key: Key, request: Request, sent: Json, before: Json | None) -> int:
        """Note a write before it is sent; its number."""
        self._numbers += 1
        self._line(
            {
                "line": "write",
                "number": self._numbers,
                "key": list(key),
                "request": {**to_json(request), "body": {}},
                "sent": scrub(sent),
                "before": scrub(before),
                "at": _now(),
            }
        )
        return self._numbers

    def answer(self, number: int, fate: Fate, after: Json | None = None, text: str = "") -> None:
        """Note what became of a write."""
        found = {"number": number, "fate": fate, "after": scrub(after), "text": text, "at": _now()}
        self._line({"line": "answer", **found})

    def end(self, result: str) -> None:
        """Close it: nothing more will be written by this run. One that cannot be closed stays open for the next."""
        if self._file.open:
            with suppress(NoJournal):
                self._line({"line": "end", "result": result, "at": _now()})
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file without closing the journal, as a killed process would."""
        self._file.close()

    def _line(self, data: dict[str, Any]) -> None:
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        with writing():
            self._file.append(text)


def load(path: Path) -> Record:
    """Read a journal; a last line that was torn by a kill does not count. Raises BadJournal."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise BadJournal(f"{path}: cannot be read: {error.strerror}") from error
    record: Record | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            if record is None:
                record = _head(path, data)
            else:
                _take(record, data)
        except (KeyError, TypeError, ValueError, AttributeError, StopIteration, RecursionError) as error:
            if isinstance(error, BadJournal):
                raise
            if record is None:
                raise BadJournal(f"{path}: {NO_JOURNAL}") from error
            if _torn(lines, number):
                continue
            raise BadJournal(f"{path}:{number}: is damaged: {error}") from error
    if record is None:
        raise BadJournal(f"{path}: {NO_JOURNAL}")
    return record


def _torn(lines: list[bytes], number: int) -> bool:
    """Whether a line that cannot be read is what a kill left: the last one, or one that writing went on after."""
    after = [line for line in lines[number:] if line.strip()]
    return not after or not lines[number - 1].endswith(b"}")


def _head(path: Path, data: Any) -> Record:
    if not isinstance(data, dict) or data.get("avi-compliance-journal") != FORMAT:
        raise BadJournal(f"{path}: {NO_JOURNAL}")
    return Record(path, data)


def _take(record: Record, data: dict[str, Any]) -> None:
    if data["line"] == "write":
        request = from_json(Request, data["request"])
        entry = Entry(data["number"], Key(*data["key"]), request, data["sent"], data["before"], data["at"])
        record.entries.append(entry)
    elif data["line"] == "answer":
        entry = next(one for one in record.entries if one.number == data["number"])
        entry.fate, entry.after, entry.text = data["fate"], data["after"], data["text"]
    elif data["line"] == "end":
        record.end = data["result"]


def left_open(folder: Path, environment: str, address: str) -> Iterator[Record]:
    """The journals of an environment that no run has closed, oldest first; files that are none are passed over.

    So are those of another Controller under the same name, such as a lab's: this one knows nothing of their writes.
    """
    for path in sorted(folder.glob(f"{environment}-*.jsonl")):
        try:
            record = load(path)
        except BadJournal:
            continue
        if record.end is None and (record.environment, record.address) == (environment, address):
            yield record


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid{os.getuid()}"
