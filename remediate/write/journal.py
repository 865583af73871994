"""The journal: one file a run, one line a fact, on the disk before the Controller hears of it.

A write is two lines: `write` before it is sent, `answer` after its fate is known. A journal without its `end`
line is of a run that was killed; a `write` without its `answer` is a write whose fate is not certain. Each line is
sealed, see `remediate.write.seal`: what cannot be proved to be a run's own is no reason to write.
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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from intent import Key
from intent.files import DurableLines, contents
from intent.plain_data import IN_FILES, Damaged, from_json, shallow, shown, to_json
from intent.sensitive import scrub
from live.avi.identity import Json
from remediate.plan.request import Request
from remediate.write.seal import NoSeal, Seal, user_seal

FORMAT_MEMBER, FORMAT, UNSEALED = "avi-compliance-journal", 2, 1
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


@dataclass(frozen=True)
class Head:
    """The first line: which run this is.

    `plan` is the plan's digest; `undoes` names the journal that is undone. `run` is of this run alone, and `key` names
    the key that seals the journal.
    """

    environment: str = ""
    address: str = ""
    plan: str = ""
    undoes: str = ""
    at: str = "some time"
    who: str = "somebody"
    pid: int = 0
    run: str = ""
    key: str = ""


@dataclass(frozen=True)
class Write:
    """One write, before it is sent. `before` is the object without secrets; the request's body is what was sent."""

    number: int
    key: Key
    request: Request
    sent: Json
    before: Json | None
    at: str


@dataclass(frozen=True)
class Answer:
    """What became of a write. `after` is the object without secrets."""

    number: int
    fate: Fate
    after: Json | None
    text: str
    at: str = ""


@dataclass(frozen=True)
class End:
    """The last line of a run that was not killed."""

    result: str
    at: str = ""


@dataclass(frozen=True)
class Entry(Write):
    """A write and, if it was heard, its fate."""

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
    """A journal as it was found on the disk.

    `unproved`: why nothing proves that a run of this user wrote it; "" where that is proved. `mac`: its last line's.
    """

    path: Path
    head: Head
    entries: list[Entry] = field(default_factory=list)
    end: str | None = None
    unproved: str = ""
    mac: str = ""

    def answer(self, answer: Answer) -> None:
        """Say what became of a write. Raises Damaged where there is no such write."""
        for place, entry in enumerate(self.entries):
            if entry.number == answer.number:
                self.entries[place] = replace(entry, fate=answer.fate, after=answer.after, text=answer.text)
                return
        raise Damaged(f"number: no write has the number {answer.number}")

    @property
    def uncertain(self) -> list[Entry]:
        """The writes whose fate is not known."""
        return [entry for entry in self.entries if entry.fate in (None, "unknown")]


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
    ) -> Journal:
        """Start a new one. `plan` is the plan's digest; `undoes` names the journal that a rollback undoes.

        `seal`: the user's own where it is left out. Raises NoJournal, here as in whatever writes a line.
        """
        seal = seal or own_seal()
        with writing():
            path, file = cls._new(folder, environment)
        journal = cls(path, file, seal)
        who = f"{_user()}@{socket.gethostname()}"
        run = secrets.token_hex(16)
        head = Head(environment, address, plan, undoes, _now(), who, os.getpid(), run, seal.name)
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
    def reopen(cls, record: Record, *, seal: Seal | None = None) -> Journal:
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

    def answer(self, number: int, fate: Fate, after: Json | None = None, text: str = "") -> None:
        """Note what became of a write."""
        self._line("answer", Answer(number, fate, scrub(after), text, _now()))

    def end(self, result: str) -> None:
        """Close it: nothing more will be written by this run. One that cannot be closed stays open for the next."""
        if self._file.open:
            with suppress(NoJournal):
                self._line("end", End(result, _now()))
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file without closing the journal, as a killed process would."""
        self._file.close()

    def _line(
        self, kind: str, data: Head | Write | Answer | End, more: Mapping[str, Any] | None = None
    ) -> None:
        line = {"line": kind, **(more or {}), **to_json(data)}
        text = json.dumps(line, separators=(",", ":"), ensure_ascii=False)
        if not text.isascii() and text != text.encode(errors="replace").decode():
            text = json.dumps(line, separators=(",", ":"))  # half a character, which no file can hold
        encoded = text.encode()
        mac = self._seal.mac(encoded, self._mac)
        with writing():
            self._file.append(b'%s,"mac":"%s"}\n' % (encoded[:-1], mac.encode()))
        self._mac = mac


def own_seal(root: Path | None = None, apart_from: Iterable[Path] = ()) -> Seal:
    """The user's own seal, see `user_seal`. Raises NoJournal: what nobody can prove later is not written."""
    try:
        return user_seal(root, apart_from)
    except NoSeal as why:
        raise NoJournal(f"cannot be sealed: {why}") from why


def load(path: Path, seal: Seal | None = None) -> Record:
    """Read a journal; a last line that was torn by a kill does not count. Raises BadJournal.

    It is proved by `seal`, the user's own where that is left out; where it is not, the record says why.
    """
    try:
        lines = contents(path).split(b"\n")
    except OSError as error:
        raise BadJournal(f"{path}: cannot be read: {error.strerror}") from error
    reader = _Reader(path, seal)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if not reader.took(line, number):
                break
        except (ValueError, RecursionError) as error:
            if reader.record is None and not isinstance(error, Damaged):
                break
            if reader.record is not None and _torn(lines, number):
                continue
            raise BadJournal(f"{path}:{number}: is damaged: {error}") from error
    if reader.record is None:
        raise BadJournal(f"{path}: {NO_JOURNAL}")
    return reader.record


class _Reader:
    """Reads a journal line by line, and proves each by the seal."""

    def __init__(self, path: Path, seal: Seal | None) -> None:
        self.record: Record | None = None
        self._path = path
        self._no_seal = ""
        try:
            self._seal = seal or user_seal()
        except NoSeal as why:
            self._no_seal = str(why)

    def took(self, line: bytes, number: int) -> bool:
        """Whether a line is one of a journal. Raises ValueError, RecursionError."""
        data = shallow(json.loads(line), IN_FILES)
        if self.record is not None:
            _take(self.record, data)
        elif isinstance(data, dict) and data.get(FORMAT_MEMBER) in (FORMAT, UNSEALED):
            self.record = Record(self._path, from_json(Head, data))
            self.record.unproved = self._no_proof(self.record.head, data[FORMAT_MEMBER])
        else:
            return False
        if not self.record.unproved:
            self.record.mac = self._seal.proves(line, self.record.mac)
            if not self.record.mac:
                self.record.unproved = f"line {number} was edited, or does not belong there"
        return True

    def _no_proof(self, head: Head, written: int) -> str:
        """Why the seal can prove no line of a journal; "" where it may."""
        if written == UNSEALED:
            return "it is of an earlier version of this program, which did not seal its journals"
        if not self._no_seal and head.key != self._seal.name:
            return (
                f"it was sealed with another key ({head.key or 'none'}) than this user's ({self._seal.name})"
            )
        return self._no_seal


def _torn(lines: list[bytes], number: int) -> bool:
    """Whether a line that cannot be read is what a kill left: the last one, or one that writing went on after."""
    after = [line for line in lines[number:] if line.strip()]
    return not after or not lines[number - 1].endswith(b"}")


def _take(record: Record, data: Any) -> None:
    """Add a line to a journal. Raises Damaged."""
    kind = data.get("line") if isinstance(data, dict) else None
    if kind == "write":
        record.entries.append(from_json(Entry, data))
    elif kind == "answer":
        record.answer(from_json(Answer, data))
    elif kind == "end":
        record.end = from_json(End, data).result
    else:
        raise Damaged(f"line: {shown(kind)} is not one of write, answer, end")


def left_open(folder: Path, environment: str, address: str, seal: Seal | None = None) -> Iterator[Record]:
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
