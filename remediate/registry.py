"""Which remedy answers which drift, and which drift has none and why.

A check meets its remedy only here, through the drift's kind and field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from intent import Drift, Intent
from live.avi.identity import Json

if TYPE_CHECKING:
    from remediate.plan.view import View

Risk = Literal["safe", "guarded"]


@dataclass(frozen=True)
class Case:
    """What a remedy is asked about: one declared object, its drifts of this remedy's fields, and the view of the site.

    `raw` and `have` are the object as read; None where it is absent.
    """

    want: Any
    drifts: tuple[Drift, ...]
    view: View
    raw: Json | None = None
    have: Any = None


CONTROLLER_REFUSES = "the Controller refuses"
"""In a verdict's `why`: it is no danger that somebody could accept, and no option lets it."""


@dataclass(frozen=True)
class Verdict:
    """What a remedy would hit at this moment, by name; nothing hit is nothing to refuse.

    `why` says what happens to what is hit. `permanent` says what no undo brings back. `reason` withdraws the remedy:
    then the drift is explained instead.
    """

    hit: tuple[str, ...] = ()
    why: str = ""
    permanent: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Draft:
    """An object that is to become another one; `before` is None for one that is to be made.

    `makes` is the symbolic reference that was promised for one that is to be made.
    """

    api: str
    before: Json | None
    after: Json
    makes: str = ""


Judge = Callable[[Case], Verdict]
Compose = Callable[[Case, Sequence[Draft]], Sequence[Draft]]
"""(case, what plain grafting would write) -> what is to be written instead, in order. Raises Blocked, Unknown."""


@dataclass(frozen=True)
class Remedy:
    """What puts a field of a kind right.

    `compose` is None where grafting the declared value onto the object is all there is to do.
    """

    kind: str
    paths: tuple[str, ...]
    risk: Risk
    judge: Judge
    compose: Compose | None = None

    @property
    def name(self) -> str:
        """`routing.move_to_vrf`."""
        return f"{self.judge.__module__.rpartition('.')[2]}.{self.judge.__name__}"


@dataclass
class Registry:
    """Every remedy and every stated reason, by kind and field."""

    remedies: dict[tuple[str, str], Remedy] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def claim(self, kind: type[Intent], path: str) -> tuple[str, str]:
        """A (kind, field) that nobody has answered yet. Raises ValueError when somebody has."""
        at = (kind.kind, path)
        if at in self.remedies or at in self.reasons:
            raise ValueError(f"{kind.kind} {path or 'existence'} is answered twice")
        return at


REGISTRY = Registry()


def remedy(
    kind: type[Intent], *paths: str, risk: Risk, compose: Compose | None = None
) -> Callable[[Judge], Judge]:
    """Register what answers drift of these fields. The function judges what it would hit now.

    `guarded` is refused while it hits anything, unless `--allow-disruptive` is given; `safe` hits nothing.
    """

    def register(judge: Judge) -> Judge:
        made = Remedy(kind.kind, paths, risk, judge, compose)
        for path in paths:
            REGISTRY.remedies[REGISTRY.claim(kind, path)] = made
        return judge

    return register


def no_remedy(kind: type[Intent], path: str, reason: str) -> None:
    """State why no remedy answers drift of a field, and what a person can do."""
    REGISTRY.reasons[REGISTRY.claim(kind, path)] = reason


def by_remedy(drifts: Iterable[Drift]) -> Iterator[tuple[Remedy, tuple[Drift, ...]]]:
    """The drifts that a remedy answers, together where it is the same one."""
    found: dict[str, tuple[Remedy, list[Drift]]] = {}
    for drift in drifts:
        if isinstance(remedy := answer(drift), Remedy):
            found.setdefault(remedy.name, (remedy, []))[1].append(drift)
    yield from ((remedy, tuple(those)) for remedy, those in found.values())


def answer(drift: Drift) -> Remedy | str:
    """The remedy for a drift, or the reason for having none."""
    at = (drift.key.kind, drift.field)
    if at in REGISTRY.remedies:
        return REGISTRY.remedies[at]
    return REGISTRY.reasons.get(at, "nothing here knows how to put it right; it is for a person to decide")
