"""News for one receiver: what is not as he knows it, each with what it is recognised by and whether it cannot wait."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from intent.remediation import gravity
from intent.words import counted
from reports import grouping
from reports.history.store import CheckEntry, PastRun
from reports.history.transitions import (
    BAD,
    CHANGED,
    FIXED,
    GOOD,
    NEW,
    NEWS,
    WAIVED,
    WINDOW,
    Story,
    Transition,
    duration,
    flapping,
)
from reports.notices import Told
from reports.notices import news as noticed
from reports.run import Run
from reports.terminal import author, one_line

MAX_REASONS = 3
GRAVE = ("blocker", "critical")
"""Severities that no quiet hour holds."""

FLAPPING, SETTLED, PASSED, NOTICE, OTHER = "flapping", "settled", "came and went", "notice", "other"
ORDER = (NEW, CHANGED, FLAPPING, WAIVED, SETTLED, FIXED, PASSED)


_NO_KEY = ("", "")
READ_BACK = 30
"""Runs that are looked at for whether everything could be read."""


def _texts(value: Any) -> frozenset[str]:
    """A list of texts among the facts of a run; a version of long ago kept only how many there were."""
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


@dataclass(frozen=True)
class News:
    """One line of a message. `key`: the check's node id and what it says; `check`: its name."""

    kind: str
    line: str
    key: tuple[str, str] = _NO_KEY
    grave: bool = False
    check: str = ""


@dataclass(frozen=True)
class LastTold:
    """What a receiver was last told: of which run, why facts could not be read, which waivers need a look, what is ill.

    `passed`: keys of what he was told since then, while the rest was held. `missed`: notices of the runs since then.
    """

    unread: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    noticed: frozenset[str] = frozenset()
    anything: bool = False
    """Whether he was ever told anything."""
    passed: frozenset[tuple[str, str]] = frozenset()
    missed: tuple[Told, ...] = ()
    read_then: tuple[bool, ...] = ()
    """Whether everything could be read, in each run up to the one he knows of."""
    read_since: tuple[bool, ...] = ()
    """The same up to the run before this one."""
    lately: frozenset[str] = frozenset()
    """Why something could not be read in the latest of them."""

    @classmethod
    def of(cls, runs: Sequence[PastRun], past: PastRun | None, passed: Iterable[tuple[str, str]]) -> LastTold:
        """From the runs before this one, of which `past` is the one he was last told of."""
        facts = past.facts if past is not None else {}
        ended = [each for each in runs if each.ended]
        since = [each for each in ended if past is not None and each.id > past.id]
        kept = {each.id: _texts(each.facts.get("unread")) for each in ended[-READ_BACK:]}
        return cls(
            unread=kept.get(past.id, frozenset()) if past is not None else frozenset(),
            faults=_texts(facts.get("faults")),
            noticed=_texts(facts.get("noticed")),
            anything=past is not None,
            passed=frozenset(passed),
            missed=tuple(dict.fromkeys(each for run in since for each in Told.of_facts(run.facts))),
            read_then=tuple(not kept[number] for number in kept if past is not None and number <= past.id),
            read_since=tuple(not reasons for reasons in kept.values()),
            lately=frozenset[str]().union(*list(kept.values())[-WINDOW:]),
        )

    @cached_property
    def _heard(self) -> frozenset[str]:
        return frozenset(nodeid for nodeid, _ in self.passed)

    def heard_of(self, nodeid: str) -> bool:
        """Whether he was told of a check while the rest was held."""
        return nodeid in self._heard


def all_news(
    run: Run,
    transitions: Iterable[Transition],
    stories: Mapping[str, Story],
    last_told: LastTold,
    entries: Iterable[CheckEntry],
) -> list[News]:
    """Everything that is new to a receiver, but for what has passed already."""
    of_checks = list(_of_checks(run, transitions, stories, last_told, entries))
    news = sorted(of_checks, key=lambda each: (not each.grave, ORDER.index(each.kind)))
    news += unread(run, last_told)
    news += [News(OTHER, f"waiver: {fault}") for fault in run.faults if fault not in last_told.faults]
    notices = dict.fromkeys((*last_told.missed, *noticed(run.notices, last_told.noticed)))
    news += [
        News(NOTICE, f"{each.severity}: {each.text}", ("", each.text), each.severity in GRAVE)
        for each in notices
    ]
    return [each for each in news if each.key == _NO_KEY or each.key not in last_told.passed]


def _of_checks(
    run: Run,
    transitions: Iterable[Transition],
    stories: Mapping[str, Story],
    last_told: LastTold,
    entries: Iterable[CheckEntry],
) -> Iterator[News]:
    moved = {each.entry.nodeid: each for each in transitions if each.kind in NEWS}
    for entry in sorted(entries, key=lambda each: gravity(each.severity)):
        story, transition = stories.get(entry.nodeid, Story()), moved.get(entry.nodeid)
        if kind := _kind(entry, story, transition, heard=last_told.heard_of(entry.nodeid)):
            yield News(
                kind,
                f"{_label(entry, kind)}: {_line(entry, kind, transition, run)}",
                _key(entry, kind),
                entry.severity in GRAVE and kind in (NEW, CHANGED, FLAPPING),
                entry.nodeid.partition("[")[0].rpartition("::")[2],
            )


def _kind(entry: CheckEntry, story: Story, transition: Transition | None, *, heard: bool) -> str:
    """What a receiver is told of a check; "" for nothing. Of one that comes and goes, that it does, and no more."""
    if story.flaps:
        return "" if story.flapped else FLAPPING
    if story.flapped and entry.outcome in BAD | GOOD | {"waived"}:
        return SETTLED
    if transition is not None:
        return transition.kind
    if entry.outcome not in GOOD:
        return ""
    return FIXED if heard else PASSED if story.drifted else ""


def _key(entry: CheckEntry, kind: str) -> tuple[str, str]:
    digest = FLAPPING if kind == FLAPPING else hashlib.sha256(entry.told.encode()).hexdigest()[:16]
    return (entry.nodeid, digest) if kind in (NEW, CHANGED, FLAPPING) else _NO_KEY


def _label(entry: CheckEntry, kind: str) -> str:
    """`new, critical`: what has become of a check, and its severity where it is drift to act on."""
    return f"{kind}, {entry.severity}" if kind in (NEW, CHANGED, FLAPPING) else kind


def _line(entry: CheckEntry, kind: str, transition: Transition | None, run: Run) -> str:
    result = run.results.get(entry.nodeid)
    title = entry.fact
    if kind == FLAPPING:
        now = one_line(result) if result is not None and entry.outcome in BAD else title
        return f"{now} (drift comes and goes; told again once that has ended)"
    if kind == PASSED:
        return f"{title} (had drifted since the last message, and does no more)"
    if result is None or entry.outcome in GOOD:
        lasted = (
            f" (had drifted {duration(transition.lasted(run.started))})" if transition is not None else ""
        )
        return title + lasted
    owner = f" [{result.check.owner}]" if result.check.owner else ""
    return f"{one_line(result)}{author(result)}{owner}"


def unread(run: Run, last_told: LastTold) -> Iterator[News]:
    """Why something could not be read; of what can and cannot be read by turns, that it does, and no more."""
    unknown = grouping.by_reason(run.results.of("unknown"))
    before, now = flapping(last_told.read_then), flapping((*last_told.read_since, not unknown))
    lately = last_told.lately if now else frozenset[str]()
    new = [(reason, count) for reason, count in unknown if reason not in last_told.unread | lately]
    for reason, count in new[:MAX_REASONS]:
        yield News(OTHER, f"could not be read: {reason} ({counted(count, 'fact')})")
    if now and not before:
        why = f" ({unknown[0][0]})" if unknown else ""
        yield News(OTHER, f"what can be read comes and goes{why}; told again once that has ended")
    elif not now and not unknown and (last_told.unread or before):
        yield News(OTHER, "everything can be read again")


def grouped(news: Sequence[News], most: int) -> list[str]:
    """A line for each; of more than a message holds, one for all that one check says of many objects."""
    if len(news) <= most:
        return [each.line for each in news]
    groups: dict[tuple[str, str], list[News]] = {}
    for number, each in enumerate(news):
        groups.setdefault((each.kind, each.check or str(number)), []).append(each)
    return [_group_line(each) for each in groups.values()]


def _group_line(group: Sequence[News]) -> str:
    first = group[0]
    if len(group) == 1:
        return first.line
    label, _, line = first.line.partition(": ")
    return f"{label}: {first.check}: {len(group):,} objects, such as {line}"


def keys(news: Iterable[News]) -> Collection[tuple[str, str]]:
    """What is kept of what has passed while the rest is held."""
    return [each.key for each in news if each.key != _NO_KEY]
