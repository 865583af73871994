"""The record of a run, as its journal holds it on the disk: what each line is, and how a journal is read and proved.

A write is two lines: `write` before it is sent, `answer` after its fate is known. A journal without its `end`
line is of a run that was killed; a `write` without its `answer` is a write whose fate is not certain. Each line is
sealed, see `remediate.write.seal`: what cannot be proved to be a run's own is no reason to write.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from intent import Key
from intent.file_kinds import but
from intent.files import contents
from intent.plain_data import IN_FILES, Damaged, from_json, shallow, shown
from live.avi.identity import Json
from remediate.plan.model import Request
from remediate.write.seal import NoSeal, Seal, user_seal

FORMAT_MEMBER, FORMAT, UNSEALED = "avi-compliance-journal", 2, 1


WHERE = "they stand in the folder `journals`"


Fate = Literal["done", "refused", "conflict", "lost", "unsent", "unknown"]
"""done: applied. refused, conflict: the Controller said no; with `after`, the object was as asked all the same.
lost: the answer was lost, and nothing of it was to be seen. unsent: it never left. unknown: nobody knows."""


class BadJournal(ValueError):
    """A file that `--rollback` was given cannot be used; says why and what to do."""


@dataclass(frozen=True)
class JournalHead:
    """The first line: which run this is.

    `plan` is the plan's digest; `undoes` names the journal that is undone. `run` is of this run alone, and `key` names
    the key that seals the journal. `account` and `client`: as whom the Controller's log has it.
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
    account: str = ""
    client: str = ""


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
class WriteAnswer:
    """What became of a write. `after` is the object without secrets, where it was seen as the write asked for.

    `heard`: an answer has told it; otherwise only a look at the object, which may be as it is by another's doing.
    """

    number: int
    fate: Fate
    after: Json | None
    text: str
    at: str = ""
    heard: bool = True


@dataclass(frozen=True)
class JournalEnd:
    """The last line of a run that was not killed."""

    result: str
    at: str = ""


@dataclass(frozen=True)
class JournalEntry(Write):
    """A write and, if it was heard, its fate."""

    fate: Fate | None = None
    after: Json | None = None
    text: str = ""
    heard: bool = True

    @property
    def uuid(self) -> str:
        """The object's uuid: that of the request, or that of the object it made."""
        return self.request.uuid or str((self.after or {}).get("uuid", ""))

    def __str__(self) -> str:
        """`POST vrfcontext of VRF context VRF_AZ1`."""
        return self.line(several_clouds=False)

    def line(self, *, several_clouds: bool) -> str:
        """The same; `several_clouds`: with the object's cloud."""
        return f"{self.request.method} {self.request.api} of {self.key.text(cloud=several_clouds)}"


@dataclass
class JournalRecord:
    """A journal as it was found on the disk.

    `unproved`: why nothing proves that a run of this user wrote it; "" where that is proved. `mac`: its last line's.
    """

    path: Path
    head: JournalHead
    entries: list[JournalEntry] = field(default_factory=list)
    end: str | None = None
    unproved: str = ""
    mac: str = ""

    def answer(self, answer: WriteAnswer) -> None:
        """Say what became of a write. Raises Damaged where there is no such write."""
        for place, entry in enumerate(self.entries):
            if entry.number == answer.number:
                self.entries[place] = replace(
                    entry, fate=answer.fate, after=answer.after, text=answer.text, heard=answer.heard
                )
                return
        raise Damaged(f"number: no write has the number {answer.number}")

    @property
    def uncertain(self) -> list[JournalEntry]:
        """The writes whose fate is not known."""
        return [entry for entry in self.entries if entry.fate in (None, "unknown")]


def load(path: Path, seal: Seal | None = None) -> JournalRecord:
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
        except BadJournal:
            raise
        except (ValueError, RecursionError) as error:
            if reader.record is None and not isinstance(error, Damaged):
                break
            if reader.record is not None and _torn(lines, number):
                continue
            raise BadJournal(f"{path}:{number}: is damaged: {error}") from error
    if reader.record is None:
        raise BadJournal(f"{path}: is not a journal of this program{but(path, 'a journal')}; {WHERE}")
    return reader.record


class _Reader:
    """Reads a journal line by line, and proves each by the seal."""

    def __init__(self, path: Path, seal: Seal | None) -> None:
        self.record: JournalRecord | None = None
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
        elif isinstance(data, dict) and FORMAT_MEMBER in data:
            self.record = self._begun(data)
        else:
            return False
        if not self.record.unproved:
            self.record.mac = self._seal.proves(line, self.record.mac)
            if not self.record.mac:
                self.record.unproved = f"line {number} was edited, or does not belong there"
        return True

    def _begun(self, data: Json) -> JournalRecord:
        """The record of a first line. Raises BadJournal, Damaged."""
        written = data[FORMAT_MEMBER]
        if written not in (FORMAT, UNSEALED):
            raise BadJournal(
                f"{self._path}: is a journal of another version of this program (format {shown(written)}, and this one "
                f"reads {UNSEALED} and {FORMAT}); undo it with the version that wrote it"
            )
        head = from_json(JournalHead, data)
        for name in ("environment", "address"):
            if not getattr(head, name):
                raise Damaged(f"{name}: is missing, so nobody knows which site it is of")
        return JournalRecord(self._path, head, unproved=self._no_proof(head, written))

    def _no_proof(self, head: JournalHead, written: int) -> str:
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


def _take(record: JournalRecord, data: Any) -> None:
    """Add a line to a journal. Raises Damaged."""
    kind = data.get("line") if isinstance(data, dict) else None
    if kind == "write":
        record.entries.append(from_json(JournalEntry, data))
    elif kind == "answer":
        record.answer(from_json(WriteAnswer, data))
    elif kind == "end":
        record.end = from_json(JournalEnd, data).result
    else:
        raise Damaged(f"line: {shown(kind)} is not one of write, answer, end")
