"""One AKO on one site, in which holes are looked for, and the register of holes. Pure.

A hole is what none of AKO's steps tests, and without which it starts and does not work. One that has `failed` stops
every service; a `warning` some, or none as yet. The table of texts says what each means and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from avi_schema import Version
from intent.ako import CLUSTER_LABEL, CREATOR
from intent.ako.resources import Resources
from intent.ako.seen import Profile, Seen, SeGroup, Subnet, TenantView, Vrf
from intent.ako.settings import OWN_TYPES, Settings
from intent.ako.steps import Boot, StepOutcome, StepResult
from intent.drift import Unknown


@dataclass(frozen=True)
class OtherCluster:
    """A cluster beside the one that is looked at: its name, and its pod networks where its nodes are known.

    `primary`: whether the AKO that is declared of it is not a further instance.
    """

    name: str
    pods: tuple[Subnet, ...] = ()
    vrf: str | None = None
    version: Version = ()
    primary: bool = True


@dataclass(frozen=True)
class Node:
    """A node of the cluster."""

    name: str
    address: str
    pods: tuple[Subnet, ...] = ()


@dataclass(frozen=True)
class AkoCase:
    """One AKO on one site: all that a hole is looked for in. `others`: further clusters that are declared."""

    settings: Settings
    resources: Resources
    seen: Seen
    boot: Boot
    nodes: tuple[Node, ...] | None = None
    others: tuple[OtherCluster, ...] = ()

    @property
    def view(self) -> TenantView:
        """What AKO's tenant sees."""
        return TenantView(self.seen, self.settings.tenant)

    @property
    def type(self) -> str:
        """The type of its cloud. Raises Unknown where AKO does not come to see it."""
        if self.boot.cloud is None:
            if self.boot.failed and self.boot.step("V2") is None:
                ends = self.boot.failed[-1].step
                raise Unknown(f"AKO ends at step {ends}, before it looks at cloud {self.settings.cloud}")
            raise Unknown(f"there is no cloud {self.settings.cloud} to look at")
        return self.boot.cloud.type

    @property
    def vrf(self) -> Vrf | None:
        """The VRF context that AKO takes; None where it takes none. Raises Unknown."""
        if self.boot.vrf is None:
            return None
        return next(iter(self.view.vrfs(self.settings.cloud, self.boot.vrf)), None)

    @property
    def ipam(self) -> Profile | None:
        """The cloud's IPAM profile. Raises Unknown."""
        cloud = self.boot.cloud
        return self.view.profile(cloud.ipam) if cloud and cloud.ipam else None

    def groups(self) -> list[SeGroup]:
        """The Service Engine groups that AKO uses. Raises Unknown."""
        names = {self.settings.se_group, *(each.se_group for each in self.resources.infra)}
        return [each for each in self.view.groups(self.settings.cloud) if each.name in names]


class AkoFinding(NamedTuple):
    """What is wrong. `field`: what a remedy is found by, with what should stand there and what does; "" for none."""

    outcome: StepOutcome
    what: str
    why: str
    field: str = ""
    want: Any = None
    have: Any = None


Look = Callable[[AkoCase], Iterator[AkoFinding]]
HOLES: dict[str, Look] = {}
"""Every hole, by its number: what it yields is what is wrong; nothing for a hole that is not there."""
APPLIES: dict[str, Callable[[Settings, Resources], bool]] = {}


def hole(
    number: str, applies: Callable[[Settings, Resources], bool] = lambda _settings, _resources: True
) -> Callable[[Look], Look]:
    """Register a hole; `applies`: with which settings there can be one."""

    def register(look: Look) -> Look:
        HOLES[number], APPLIES[number] = look, applies
        return look

    return register


def applicable_holes(settings: Settings, resources: Resources) -> list[str]:
    """The holes that there can be with these settings."""
    numbers = (number for number, applies in APPLIES.items() if applies(settings, resources))
    return sorted(
        numbers, key=lambda number: (number[0] != "H", number[0], int(number.strip("DHSb")), number)
    )


def types_needed(settings: Settings, resources: Resources) -> frozenset[str]:
    """The types of which a verdict on an AKO needs more than on every one: what its resources name, what it deletes."""
    named = frozenset(reference.type for reference in resources.references)
    return named | frozenset(OWN_TYPES if settings.deletes_own else ())


def look(case: AkoCase) -> tuple[StepResult, ...]:
    """Every hole that there can be, with what is wrong of it."""
    numbers = applicable_holes(case.settings, case.resources)
    return tuple(result for number in numbers for result in _looked(number, case))


def _looked(number: str, case: AkoCase) -> Iterator[StepResult]:
    try:
        findings = list(HOLES[number](case))
    except Unknown as cause:
        yield StepResult(
            number, StepOutcome.UNKNOWN if case.boot.cloud else StepOutcome.NOT_SEEN, "", str(cause)
        )
        return
    for each in findings:
        drift = (each.field, each.want, each.have) if each.field else None
        yield StepResult(number, each.outcome, each.what, each.why, drift=drift)
    if not findings:
        yield StepResult(number, StepOutcome.PASSED)


def wrong(what: str, why: str, field: str = "", want: Any = None, have: Any = None) -> AkoFinding:
    """Every service is hit."""
    return AkoFinding(StepOutcome.FAILED, what, why, field, want, have)


def doubtful(what: str, why: str, field: str = "", want: Any = None, have: Any = None) -> AkoFinding:
    """Some services are hit, or none as yet."""
    return AkoFinding(StepOutcome.WARNING, what, why, field, want, have)


def does_not_apply(why: str) -> AkoFinding:
    """It does not apply on this site."""
    return AkoFinding(StepOutcome.NOT_APPLICABLE, "", why)


def unseen(what: str, why: str) -> AkoFinding:
    """Nothing that can be read from here tells."""
    return AkoFinding(StepOutcome.NOT_SEEN, what, why)


def traces(case: AkoCase) -> frozenset[str]:
    """Names of clusters that something is there of: declared ones, those of routes, and of objects. Raises Unknown."""
    creators = {each.creator.removeprefix(CREATOR) for each in case.seen.of(case.seen.of_ako)}
    labels = {
        value
        for vrf in case.seen.of(case.seen.vrfs)
        for route in vrf.routes
        for key, value in route.labels
        if key == CLUSTER_LABEL
    }
    labels |= {route.id.rpartition("-")[0] for vrf in case.seen.of(case.seen.vrfs) for route in vrf.routes}
    return frozenset({case.settings.cluster, *creators, *labels, *(each.name for each in case.others)})
