"""Uncertain writes of a journal: what became of those whose answer was never heard, and of those that were denied.

A denied write (refused, too late, or its answer lost and nothing of it to be seen) may have been applied all the same:
where something on the way sends each request twice, the second one is refused for what the first has done, and one
whose answer was lost may come into force late. Where the object is as the write asked, nobody knows who has made it so:
an undo leaves it, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from intent import Unknown
from intent.words import counted
from live.avi.identity import Json
from remediate.plan.effect import as_left
from remediate.write.record import Fate, JournalEntry, JournalRecord, WriteAnswer
from remediate.write.results import ObjectChanged
from remediate.write.writer import Gateway, fate_of, read_object

DENIED: tuple[Fate | None, ...] = ("refused", "conflict", "lost", "unsent")
_STAYS = "it is there as it was to be written: nobody knows by whom, so it stays; take it back by hand if it is yours"
_BY_WHOM: Mapping[Fate | None, str] = {
    "refused": f"it was answered as refused, and {_STAYS}",
    "conflict": f"it was answered as if somebody else had been first, and {_STAYS}",
    "lost": f"its answer was lost and nothing of it was to be seen; by now {_STAYS}",
}


def may_be_applied(record: JournalRecord, entry: JournalEntry) -> bool:
    """Whether a denied write may have been applied, at once or late: whatever was sent may.

    Not where a later write of the same object by the same run tells more.
    """
    if entry.fate == "unsent":
        return False
    later = (each for each in record.entries if each.number > entry.number and _same(each, entry))
    return not any(each.fate not in DENIED or each.after or _sent_alike(each, entry) for each in later)


def _sent_alike(entry: JournalEntry, other: JournalEntry) -> bool:
    return entry.fate != "unsent" and entry.sent == other.sent


def _same(entry: JournalEntry, other: JournalEntry) -> bool:
    by_uuid = bool(entry.uuid) and entry.uuid == other.uuid
    named = (entry.request.name, entry.request.tenant) == (other.request.name, other.request.tenant)
    return (entry.key, entry.request.api) == (other.key, other.request.api) and (by_uuid or named)


def by_whom(entry: JournalEntry, now: Json | None) -> str:
    """That the object of a denied write is as that asked for, and nobody knows by whom; "" where it is not."""
    if now is None or fate_of(entry.request, entry.sent, entry.before, now) != "done":
        return ""
    return _BY_WHOM[entry.fate]


def left_by(entry: JournalEntry, now: Json | None) -> Json | None:
    """The object as an entry's write has left it, from a look at it that others may have written before."""
    if now is None or entry.before is None:
        return now
    return as_left(replace(entry.request, body=entry.sent), entry.before, now)


def resolve_uncertain(record: JournalRecord, gateway: Gateway, *, several_clouds: bool = False) -> list[str]:
    """Decide each uncertain write of a run that was killed by reading its object; what is certain now, in sentences.

    `several_clouds`: objects are named with their cloud. The record is told what became of each. Raises nothing: what
    cannot be read stays uncertain.
    """
    done = sum(entry.fate == "done" for entry in record.entries)
    writes = counted(len(record.entries), "write")
    by = f"{record.head.who}, {record.head.at}"
    lines = [f"{record.path.name} was left open (by {by}): certain of {done} of its {writes}"]
    for entry in record.uncertain:
        line = entry.line(several_clouds=several_clouds)
        try:
            now = read_object(gateway, entry.request)
            fate = fate_of(entry.request, entry.sent, entry.before, now)
        except ObjectChanged as why:
            fate, now = "conflict", None
            lines.append(f"  {line}: {why}")
        except Unknown as why:
            lines.append(f"  {line}: not certain, and could not be read back: {why}")
            continue
        known: Fate = "unknown" if fate == "conflict" else fate
        after = left_by(entry, now) if fate == "done" else None
        record.answer(WriteAnswer(entry.number, known, after, "decided by reading back", heard=False))
        words = {
            "done": "it was applied",
            "lost": "it was not applied",
            "conflict": "the object is neither as before nor as written: somebody else has changed it since",
        }
        lines.append(f"  {line}: its answer was never heard; read back, {words[fate]}")
    return lines
