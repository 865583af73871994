"""Results put in order for people: by topic, by cause, by how they change. Shared by every summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from intent.remediation import FAILURES, SEVERITIES, gravity
from reports.history.transitions import Transition, duration
from reports.outcomes import NodeResult

Member = TypeVar("Member")
Name = TypeVar("Name")


@dataclass
class TopicGroup:
    """The results of a topic; or of those that belong to one step of the blog, where the site is grouped so."""

    name: str
    topics: list[str] = field(default_factory=list)
    results: list[NodeResult] = field(default_factory=list)

    @property
    def drifts(self) -> list[NodeResult]:
        """Those that are not as declared."""
        return [result for result in self.results if result.outcome in FAILURES]

    @property
    def heading(self) -> str:
        """`networks`, or `Step 3: networks, routing`."""
        topics = [topic for topic in self.topics if topic != self.name]
        return f"{self.name}: {', '.join(topics)}" if topics else self.name


Worst = Callable[[NodeResult], tuple[int, float]]
"""What results are put in order by, see `worst_first`."""


def by_topic(results: Iterable[NodeResult], worst: Worst) -> list[TopicGroup]:
    """The results by topic, the one with the gravest drift first, and in each the gravest and oldest first."""
    groups: dict[str, TopicGroup] = {}
    for result in results:
        topic = result.check.topic or "other"
        name = result.check.step or topic
        group = groups.setdefault(name, TopicGroup(name))
        group.results.append(result)
        if topic not in group.topics:
            group.topics.append(topic)
    for group in groups.values():
        group.results.sort(key=worst)

    def order(group: TopicGroup) -> tuple[int, tuple[int, int, str]]:
        return min((worst(result)[0] for result in group.drifts), default=len(SEVERITIES)), _order(group.name)

    return sorted(groups.values(), key=order)


def worst_first(transitions: Mapping[str, Transition], now: datetime) -> Worst:
    """The order of results by severity, then by age: what has drifted longest stands first."""

    def worst(result: NodeResult) -> tuple[int, float]:
        transition = transitions.get(result.nodeid)
        began = transition.since if transition and transition.since else now
        return gravity(result.check.severity), began.timestamp()

    return worst


def age(result: NodeResult, transitions: Mapping[str, Transition], now: datetime) -> str:
    """How long something has drifted: `new`, `no longer waived, 3 days, flapping`; "" where no earlier run is known."""
    transition = transitions.get(result.nodeid)
    if transition is None:
        return ""
    since = duration(transition.lasted(now)) if transition.since else "new"
    return ("no longer waived, " if transition.unwaived else "") + since + ", flapping" * transition.flapping


def grouped(members: Iterable[Member], key: Callable[[Member], Name]) -> dict[Name, list[Member]]:
    """Members by what they have in common, in the order in which they come."""
    groups: dict[Name, list[Member]] = {}
    for member in members:
        groups.setdefault(key(member), []).append(member)
    return groups


def by_text(results: Iterable[NodeResult]) -> dict[str, list[NodeResult]]:
    """The results by their reason, the reason that has cost the most checks first."""
    groups = grouped(results, lambda result: result.text or "no reason given")
    return dict(sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])))


def by_reason(results: Iterable[NodeResult]) -> list[tuple[str, int]]:
    """Reasons with how many checks each has cost, the costliest first."""
    return [(reason, len(group)) for reason, group in by_text(results).items()]


def by_cause(results: Iterable[NodeResult]) -> list[tuple[str, int]]:
    """Reasons with how many checks each has cost, one for each object that checks stand on, the costliest first."""
    causes = grouped(results, lambda result: result.check_result.blocked_on or result.text)
    reasons = [(by_reason(group)[0][0], len(group)) for group in causes.values()]
    return sorted(reasons, key=lambda reason: (-reason[1], reason[0]))


def by_check(results: Iterable[NodeResult]) -> list[tuple[str, list[NodeResult]]]:
    """Results by the rule they come from, the gravest first, then the most."""
    groups = grouped(results, lambda result: result.check.name)
    return sorted(
        groups.items(), key=lambda rule: (gravity(rule[1][0].check.severity), -len(rule[1]), rule[0])
    )


def to_act(results: Iterable[NodeResult]) -> str:
    """Who must act: `network team (5), platform team (2)`; empty where the environment names nobody."""
    counts = Counter(result.check.owner for result in results)
    if not any(counts):
        return ""
    owners = sorted(counts.items(), key=lambda owner: (not owner[0], -owner[1], owner[0]))
    return ", ".join(f"{owner or 'nobody named'} ({count:,})" for owner, count in owners)


def some_origin(results: Iterable[NodeResult]) -> bool:
    """Whether it is known of any drift who did it."""
    return any(origin for result in results for origin in result.check_result.origins)


def _order(name: str) -> tuple[int, int, str]:
    number = re.search(r"\d+", name)
    if name == "other":
        return 2, 0, name
    return (1, int(number[0]), name) if number else (0, 0, name)
