"""The registry of remedies: for every kind and field of intent, who puts its drift right, or why nobody may.

A check knows nothing of it: a remedy is found by the kind and the field of a drift alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intent import Drift, Intent
from intent.remediation import Risk
from live.avi.identity import Json

if TYPE_CHECKING:
    from remediate.plan.view import View

"""guarded: refused while it would hit anything, unless `--allow-disruptive` is given. safe: hits nothing."""


@dataclass(frozen=True)
class Case:
    """What a remedy is asked about: one declared object, drifts of it, and the view of the site.

    `raw` is the object, empty where it is absent; `have` the same as intent. `read` is the object as it was read, which
    is another than `raw` where that is one that a plan has yet to make of it.
    """

    want: Any
    drifts: tuple[Drift, ...]
    view: View
    raw: Json = field(default_factory=dict)
    have: Any = None
    read: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a change would hit at this moment.

    `hit`: by name; nothing hit is nothing to refuse. `effect`: what happens to what is hit. `absolute`: the Controller
    itself refuses the change while they are there, so no option makes it possible. `unread`: why nobody knows who would
    be hit. `permanent`: what no undo brings back. `withdrawn`: why the remedy does not apply here; the drift is
    explained instead.
    """

    hit: tuple[str, ...] = ()
    effect: str = ""
    absolute: bool = False
    unread: str = ""
    permanent: str = ""
    withdrawn: str = ""

    def __str__(self) -> str:
        """`VIP a, VIP b (their addresses would go)`."""
        return f"{', '.join(self.hit)} ({self.effect})"


@dataclass(frozen=True)
class Consent:
    """What a person has consented to beyond what is safe: `--allow-disruptive`, `--create-near-twins`.

    `near_twins`: an object is made although there is one of that name, or almost.
    """

    disruptive: bool = False
    near_twins: bool = False

    def lets(self, verdict: Verdict) -> bool:
        """Whether a remedy may go ahead; no consent covers what is absolute, unread or withdrawn."""
        let = not verdict.hit or (self.disruptive and not verdict.absolute)
        return let and not (verdict.withdrawn or verdict.unread)


SAFE_ONLY = Consent()
"""Neither option is given."""


@dataclass(frozen=True)
class Draft:
    """An object of the Controller that is to become another one; `before` is None for one that is to be created.

    `makes` is the symbolic reference that was promised for one that is to be created.
    """

    api: str
    before: Json | None
    after: Json
    makes: str = ""


Judge = Callable[[Case], Verdict]
Compose = Callable[[Case, Sequence[Draft]], Sequence[Draft]]
"""(case, what a plain merge would write) -> what is to be written instead, in order. Raises Blocked, Unknown."""


@dataclass(frozen=True)
class Remedy:
    """What puts fields of a kind right.

    `compose` is None where merging the declared value into the object is all there is to do. `clouds`: the types of
    cloud in which it may; empty for all.
    """

    kind: str
    paths: tuple[str, ...]
    risk: Risk
    judge: Judge
    compose: Compose | None = None
    clouds: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`routing.move_to_vrf`."""
        return f"{self.judge.__module__.rpartition('.')[2]}.{self.judge.__name__}"


@dataclass
class Registry:
    """Every remedy and every stated reason, by kind and field; `by_cloud`: reasons by the type of cloud."""

    remedies: dict[tuple[str, str], Remedy] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    by_cloud: dict[tuple[str, str, str], str] = field(default_factory=dict)
    family: Callable[[Drift, Any], Remedy | str] | None = None
    """What answers for objects of any type, whose remedies stand in a table: (drift, the declared object or None)."""

    def claim(self, kind: type[Intent], path: str) -> tuple[str, str]:
        """A (kind, field) that nobody has answered yet. Raises ValueError when somebody has."""
        place = (kind.kind, path)
        if place in self.remedies or place in self.reasons:
            raise ValueError(f"{kind.kind} {path or 'existence'} is answered twice")
        return place

    def answer(self, kind: str, path: str, cloud: str = "") -> Remedy | str:
        """The remedy for drift of a field of a kind, by the kind's word, or the reason for having none.

        `cloud`: the type of the object's cloud, "" where it lives in none or that is not known.
        """
        remedy = self.remedies.get((kind, path))
        if remedy is not None and (not remedy.clouds or cloud in remedy.clouds):
            return remedy
        if (reason := self.by_cloud.get((kind, path, cloud))) is not None:
            return reason
        if remedy is not None:
            return (
                f"it depends on the type of its cloud, which was not read or is none that is known here; of type "
                f"{' or '.join(remedy.clouds)} it would be put right"
            )
        return self.reasons.get(
            (kind, path), "nothing here knows how to put it right; it is for a person to decide"
        )


REGISTRY = Registry()


def remedy(
    kind: type[Intent],
    *paths: str,
    risk: Risk,
    compose: Compose | None = None,
    clouds: tuple[str, ...] = (),
) -> Callable[[Judge], Judge]:
    """Register what answers drift of these fields. The function judges what it would hit now."""

    def register(judge: Judge) -> Judge:
        registered = Remedy(kind.kind, paths, risk, judge, compose, clouds)
        for path in paths:
            REGISTRY.remedies[REGISTRY.claim(kind, path)] = registered
        return judge

    return register


def no_remedy(kind: type[Intent], paths: str | Iterable[str], reason: str) -> None:
    """State why no remedy answers drift of a field, or of several, and what a person can do."""
    for path in (paths,) if isinstance(paths, str) else paths:
        REGISTRY.reasons[REGISTRY.claim(kind, path)] = reason


def no_remedy_in(kind: type[Intent], path: str, reasons: Mapping[str, str]) -> None:
    """The same for some types of cloud: by their words, where a remedy or another reason answers for the others.

    Raises ValueError for a type that is answered already.
    """
    for cloud, reason in reasons.items():
        answer = REGISTRY.remedies.get((kind.kind, path))
        place = (kind.kind, path, cloud)
        if place in REGISTRY.by_cloud or (answer and (not answer.clouds or cloud in answer.clouds)):
            raise ValueError(f"{kind.kind} {path or 'existence'} is answered twice in clouds of type {cloud}")
        REGISTRY.by_cloud[place] = reason
