"""Notices of a run: asked of every plugin, held against the waivers, and put in order for people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from intent.fingerprint import Fingerprint
from intent.notice import (
    AKO,
    SINCE_LAST_RUN,
    SYSTEM,
    Accepted,
    Notice,
    NoticeSettings,
    Sort,
    only_counted,
    sentence,
    worst,
)
from intent.site_changes import changes, completed, sees_otherwise, unlisted
from intent.waivers import Numbered
from intent.words import counted
from reports.grouping import grouped
from reports.history import fingerprints
from reports.outcomes import ResultScrubber
from reports.run import Run

MAX_CHANGES = 100
"""Changes that the history keeps of a run, for receivers whom that run did not reach."""
MAX_NOT_SEEN = 20
"""Objects that are not seen any more and are named; of more it is told how many of each type there are."""
MAX_KEPT = 1_000
"""States that the history keeps of a run."""


def gather(config: pytest.Config, run: Run, waivers: Sequence[Numbered]) -> Fingerprint | None:
    """Ask every plugin for its notices, and keep in the run those that are wanted, the gravest first.

    Which of them fail the run, the settings of the site or `--strict-notices` say. Gives what the run saw: it is
    kept for the next one (`keep`) when all is told.
    """
    settings: NoticeSettings = config.hook.pytest_avi_notice_settings(config=config) or NoticeSettings()
    if config.getoption("strict_notices"):
        settings = settings.model_copy(update={"strict": "all"})
    seen, changed = _since_last_run(config, run)
    answers = [changed, *config.hook.pytest_avi_notices(config=config)]
    every = (each for answer in answers for each in answer or () if each.type not in settings.ignore)
    # Before they are authored: whose they are, nobody asks of what is only counted.
    wanted = _summed_up(every)
    authored = _proved(config.hook.pytest_avi_authors(config=config, notices=wanted) or wanted)
    scrubbed = map(ResultScrubber(run.scrubber).notice, authored)
    run.notices = sorted((waived(each, waivers, run.started) for each in scrubbed), key=worst)
    run.strict_notices = sum(map(settings.fails, run.notices))
    if seen is not None and (note := _sees_less(run.notices, seen.user)):
        run.notes.append(note)
    return seen


def keep(run: Run, seen: Fingerprint | None) -> None:
    """Keep what a run saw, last of all: a run that ends before it has told of changes leaves them to the next."""
    if seen is None:
        return
    try:
        fingerprints.keep(run.folder, f"{run.ended or run.started:%Y%m%dT%H%M%S.%fZ}-{run.id}", seen)
    except OSError as error:
        run.notes.append(f"what this run saw is not kept, so the next one tells no changes: {error.strerror}")


def _since_last_run(config: pytest.Config, run: Run) -> tuple[Fingerprint | None, list[Notice]]:
    """What a whole run saw, and what has changed of what is not declared since the last one."""
    if not run.complete:
        return None, []
    fingerprint: Fingerprint | None = config.hook.pytest_avi_fingerprint(config=config)
    if fingerprint is None:
        return None, []
    known, run.not_compared = fingerprints.before(run.folder, fingerprint.source)
    if known is None:
        return fingerprint, []
    fingerprint = completed(known, fingerprint)
    if sees_otherwise(known, fingerprint):
        run.not_compared = (
            "the roles of this run's user are not what they were; of what both runs saw they are told"
        )
    elif types := unlisted(known, fingerprint):
        run.not_compared = types
    return fingerprint, changes(known, fingerprint)


def _proved(notices: Iterable[Notice]) -> list[Notice]:
    """The notices; what is not seen any more as removed where a log tells who did that, and of many how many."""
    kept, unseen = list[Notice](), list[Notice]()
    for notice in notices:
        if notice.sort is not Sort.NOT_SEEN:
            kept.append(notice)
        elif notice.author is not None:
            kept.append(replace(notice, sort=Sort.REMOVED, reason=""))
        else:
            unseen.append(notice)
    if len(unseen) <= MAX_NOT_SEEN:
        return kept + unseen
    counts: Counter[tuple[Sort, str, str]] = Counter()
    for notice in unseen:
        counts[notice.sort, notice.type, notice.owner] += notice.count
    reason = next((notice.reason for notice in unseen if notice.reason), "")
    return kept + [replace(each, reason=reason) for each in only_counted(counts)]


def _sees_less(notices: Iterable[Notice], user: str) -> str:
    """That the run's user sees less than before, and why nothing of it is called removed; "" where he does not."""
    unseen = [notice for notice in notices if notice.sort is Sort.NOT_SEEN]
    if not unseen:
        return ""
    number = counted(sum(notice.count for notice in unseen), "object")
    why = next((notice.reason for notice in unseen if notice.reason), "gone or hidden from him")
    return (
        f"the user of this run, {user}, sees less than before: {number} of the last whole run not seen, {why}"
    )


def _summed_up(notices: Iterable[Notice]) -> list[Notice]:
    """The notices; those of what AKO and the system did to their own as one for each sort and type."""
    kept: list[Notice] = []
    counts: Counter[tuple[Sort, str, str]] = Counter()
    for notice in notices:
        if notice.owner in (AKO, SYSTEM) and notice.sort in SINCE_LAST_RUN:
            counts[notice.sort, notice.type, notice.owner] += notice.count
        else:
            kept.append(notice)
    return kept + only_counted(counts)


def waived(notice: Notice, waivers: Iterable[Numbered], now: datetime) -> Notice:
    """The notice, accepted by the first waiver that is in force and about it."""
    for numbered in waivers:
        if numbered.waiver.in_force(now) and numbered.waiver.covers_notice(notice):
            return replace(notice, waived=Accepted(numbered.place, str(numbered.waiver)))
    return notice


def listed(notices: Iterable[Notice]) -> list[Notice]:
    """Those that name an object, that no waiver accepts, and that hang on no other: a root says how many hang on it.

    In the order in which a run keeps them, the gravest first; so are all that follow from these.
    """
    return [notice for notice in notices if notice.name and notice.waived is None and not notice.cause]


def by_topic(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    """What is listed by topic, the one with the gravest notice first."""
    return grouped(listed(notices), lambda notice: notice.topic)


@dataclass(frozen=True)
class NoticeNumbers:
    """How many notices a run has that name an object, as every report says it.

    `listed`: those that the summary, Markdown and messages list; `beneath`: those with a cause, which is listed.
    """

    listed: int
    beneath: int
    waived: int

    @classmethod
    def of(cls, notices: Sequence[Notice]) -> NoticeNumbers:
        """Those of a run."""
        beneath = sum(bool(notice.name and notice.cause) and notice.waived is None for notice in notices)
        return cls(len(listed(notices)), beneath, sum(notice.waived is not None for notice in notices))


def tally(notices: Sequence[Notice]) -> str:
    """`3 notices, 200 more with a cause that is told, 1 waived; AKO: 4,211 added`."""
    numbers = NoticeNumbers.of(notices)
    parts = [counted(numbers.listed, "notice")] * bool(numbers.listed)
    parts += [f"{numbers.beneath:,} more with a cause that is told"] * bool(numbers.beneath)
    parts += [f"{numbers.waived:,} waived"] * bool(numbers.waived)
    return "; ".join((*filter(None, [", ".join(parts)]), *_not_named(notices)))


def heading(notices: Sequence[Notice]) -> str:
    """`about what is not declared: ` and the tally."""
    return f"about what is not declared: {tally(notices)}"


def _not_named(notices: Iterable[Notice]) -> Iterator[str]:
    """What is only counted, by its owner."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for notice in notices:
        if not notice.name and notice.waived is None:
            counts[notice.owner or "more"][notice.sort] += notice.count
    for owner, sorts in sorted(counts.items()):
        numbers = [f"{number:,} {sort}" for sort, number in sorts.items()]
        yield f"{owner}: {', '.join(numbers)}"


@dataclass(frozen=True)
class Told:
    """A notice as a message tells it."""

    text: str
    severity: str

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Iterator[Told]:
        """What a run in the history has kept of its notices that the next run has no more; see `passing`."""
        kept = facts.get("changed_beside")
        for each in kept if isinstance(kept, list) else ():
            if isinstance(each, str):  # by a version that kept no severity
                yield cls(each, "normal")
            elif isinstance(each, list) and len(each) == 2 and all(isinstance(part, str) for part in each):
                yield cls(*each)


def passing(notices: Iterable[Notice]) -> list[tuple[str, str]]:
    """What has changed since the run before, as the history keeps it for receivers who are told later."""
    changed = [notice for notice in listed(notices) if notice.sort in SINCE_LAST_RUN]
    return [(sentence(notice), notice.severity) for notice in changed[:MAX_CHANGES]]


def not_compared(run: Run) -> str:
    """Why a run tells no changes, in one line; "" where it does, or has none to tell."""
    if not run.not_compared:
        return ""
    return f"changes of what is not declared: told from the next whole run on ({run.not_compared})"


def news(notices: Iterable[Notice], known: frozenset[str]) -> list[Told]:
    """Each notice that a receiver does not know, the gravest first; `known`: the states he was told of (`lasting`)."""
    return [
        Told(sentence(notice), notice.severity)
        for notice in listed(notices)
        if notice.sort in SINCE_LAST_RUN or _state(notice) not in known
    ]


def lasting(notices: Iterable[Notice]) -> list[str]:
    """The states that a run tells, as the history keeps them for the next one: the gravest of very many."""
    states = [_state(notice) for notice in listed(notices) if notice.sort not in SINCE_LAST_RUN]
    return states[:MAX_KEPT]


def _state(notice: Notice) -> str:
    return " ".join(notice.identity)
