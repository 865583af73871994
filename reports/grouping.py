"""Results put in order for people: by topic, by cause, by how they change. Shared by every summary."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from intent.outcome import FAILURES
from reports.history.changes import CHANGED, FIXED, NEW, STILL, WAIVED, Change
from reports.outcomes import NodeResult


@dataclass
class TopicGroup:
    """The results of topics that belong together: those of one step of the blog."""

    name: str
    topics: list[str] = field(default_factory=list)
    results: list[NodeResult] = field(default_factory=list)

    @property
    def drifts(self) -> list[NodeResult]:
        """Those that are not as declared."""
        return [result for result in self.results if result.outcome in FAILURES]

    @property
    def heading(self) -> str:
        """`Step 3: networks, routing`."""
        return f"{self.name}: {', '.join(self.topics)}" if self.topics else self.name


def by_topic(results: Iterable[NodeResult]) -> list[TopicGroup]:
    """The results by topic, in the order of the blog."""
    groups: dict[str, TopicGroup] = {}
    for result in results:
        name = result.check.step or "other"
        group = groups.setdefault(name, TopicGroup(name))
        group.results.append(result)
        topic = result.check.topic
        if topic and topic not in group.topics:
            group.topics.append(topic)
    return sorted(groups.values(), key=lambda group: _order(group.name))


def by_text(results: Iterable[NodeResult]) -> dict[str, list[NodeResult]]:
    """The results by their reason, the reason that has cost the most checks first."""
    groups: defaultdict[str, list[NodeResult]] = defaultdict(list)
    for result in results:
        groups[result.text or "no reason given"].append(result)
    return dict(sorted(groups.items(), key=lambda found: (-len(found[1]), found[0])))


def by_reason(results: Iterable[NodeResult]) -> list[tuple[str, int]]:
    """Reasons with how many checks each has cost, the costliest first."""
    return [(reason, len(found)) for reason, found in by_text(results).items()]


def by_check(results: Iterable[NodeResult]) -> list[tuple[str, list[NodeResult]]]:
    """Results by the rule they come from, the most first."""
    groups: defaultdict[str, list[NodeResult]] = defaultdict(list)
    for result in results:
        groups[result.check.name].append(result)
    return sorted(groups.items(), key=lambda found: (-len(found[1]), found[0]))


def to_act(results: Iterable[NodeResult]) -> str:
    """Who must act: `network team (5), platform team (2)`; empty where the environment names nobody."""
    counts = Counter(result.check.owner for result in results)
    if not any(counts):
        return ""
    found = sorted(counts.items(), key=lambda found: (not found[0], -found[1], found[0]))
    return ", ".join(f"{owner or 'nobody named'} ({count:,})" for owner, count in found)


def tally(changes: Iterable[Change], lost: int = 0) -> str:
    """`2 new, 1 fixed, 3 can no longer be judged; 12 still drifting`. `lost`: how many can no longer be judged."""
    kinds = Counter(change.change for change in changes)
    parts = [f"{kinds[kind]:,} {kind}" for kind in (NEW, CHANGED, FIXED, WAIVED) if kinds[kind]]
    parts += [f"{lost:,} can no longer be judged"] if lost else []
    said = ", ".join(parts) or "nothing has changed"
    if kinds[STILL]:
        said += f"; {kinds[STILL]:,} still drifting"
    return said


def _order(name: str) -> tuple[int, int, str]:
    number = re.search(r"\d+", name)
    if name == "other":
        return 2, 0, name
    return (1, int(number[0]), name) if number else (0, 0, name)
