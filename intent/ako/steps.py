"""Results of AKO's start as plain data: its steps with their outcomes, and what it writes meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote_plus

from avi_schema import Version, parse_version
from intent.ako import texts
from intent.ako.resources import InfraSetting
from intent.ako.seen import ADMIN, Account, Cloud, Network, Seen, SeGroup, TenantView
from intent.ako.settings import CLUSTER_IP, NODE_PORT, NODE_PORT_LOCAL, NetworkGiven, Settings
from intent.drift import Unknown
from intent.words import did_you_mean

Entry = TypeVar("Entry")


class StepOutcome(StrEnum):
    """How a step or a hole comes out.

    failed: AKO does not start, or stops. warning: AKO goes on, and something does not work. false alarm: AKO says that
    something is wrong, and nothing is. not seen: nothing that can be read from here tells.
    """

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    FALSE_ALARM = "false alarm"
    NOT_APPLICABLE = "not applicable"
    NOT_SEEN = "not seen"
    UNKNOWN = "unknown"


ERRORS = (StepOutcome.FAILED, StepOutcome.FALSE_ALARM)
"""What AKO logs as an error of its validation."""
WRONG = (StepOutcome.FAILED, StepOutcome.WARNING, StepOutcome.FALSE_ALARM)
"""What a person is told of."""

VCENTER, NO_ACCESS, NSXT, AWS = "CLOUD_VCENTER", "CLOUD_NONE", "CLOUD_NSXT", "CLOUD_AWS"
AZURE = "CLOUD_AZURE"
PUBLIC = frozenset({AZURE, AWS, "CLOUD_GCP", "CLOUD_OPENSTACK"})
UP = frozenset({"CLUSTER_UP_NO_HA", "CLUSTER_UP_HA_ACTIVE", "CLUSTER_UP_HA_COMPROMISED"})
CAPS: dict[Version, Version] = {(1, 11, 1): (22, 1, 3), (1, 12, 1): (30, 2, 1)}
"""The newest model that a build of AKO asks for by itself, from this version of AKO on."""
KUBERNETES: dict[Version, tuple[Version, Version]] = {
    (1, 11, 1): ((1, 22), (1, 27)),
    (1, 12, 1): ((1, 25), (1, 29)),
    (1, 13, 1): ((1, 27), (1, 32)),
    (1, 13, 2): ((1, 24), (1, 32)),
    (1, 13, 3): ((1, 24), (1, 34)),
    (1, 14, 1): ((1, 29), (1, 34)),
}
"""Versions of Kubernetes that a build of AKO takes, from this version of AKO on."""
CONTROLLERS: dict[Version, tuple[Version, Version]] = {
    (1, 11, 1): ((21, 1, 5), (22, 1, 4)),
    (1, 12, 1): ((22, 1, 3), (30, 2, 1)),
    (1, 13, 1): ((22, 1, 3), (31, 1, 1)),
}
"""Versions of the Controller that a build of AKO claims, from this version of AKO on."""
DOCUMENTED: dict[Version, tuple[Version, Version]] = {(2, 2, 1): ((30, 1, 1), (31, 2, 1))}
"""The same by AKO's documentation, where it differs from its build."""
ESCAPES: Version = (1, 12, 2)
"""The first version that escapes the names in its addresses."""
LOGINS = 9
"""Sessions that one container of AKO opens in a tenant when it starts."""
STEPS = (
    *("B0", "B1", "B2", "B3", "B4", "B5", "B6"),
    *("V1", "V2", "V2c", "V2d", "V2e", "V2f", "V2g", "V2h", "V2i", "V2j", "V3", "V4", "V4b", "V4c", "V4d"),
    *("V4e", "V4f", "V5", "V5b", "V5c", "V6", "V6b", "V6c", "V6d", "V6e", "V7", "V8", "V9b", "V9c", "V9d"),
    *("V10", "V11"),
    *("C1", "C11", "C14", "C3", "C3b", "C5", "C7"),
)
"""The steps that are evaluated, in AKO's order."""


def span(table: Mapping[Version, Entry], version: Version) -> Entry | None:
    """A table's entry for a version of AKO: of the nearest before it; None for one older than all."""
    known = [each for each in table if each <= version]
    return table[max(known)] if known else None


@dataclass(frozen=True)
class StepResult:
    """How one step of AKO comes out. `text` is what it logs where it fails; `goes_on`: whether AKO takes the next.

    `what` is the object that it is about, `why` what was seen, in a sentence.
    """

    step: str
    outcome: StepOutcome
    what: str = ""
    why: str = ""
    text: str = ""
    goes_on: bool = True
    drift: tuple[str, Any, Any] | None = None
    """What a remedy is found by, where there may be one: a field, what should stand there, and what does."""

    @property
    def group(self) -> str:
        """R, S or soft for a step of the validation that has not passed, else ""."""
        speaks = self.outcome in ERRORS
        return texts.steps()[self.step].group if speaks else ""


@dataclass(frozen=True)
class LabelWrite:
    """A label that AKO writes to a Service Engine group while it starts."""

    group: SeGroup
    value: str


@dataclass(frozen=True)
class Boot:
    """A start of AKO. `vrf` is the VRF context that it takes, None where it takes none or that cannot be told."""

    steps: tuple[StepResult, ...]
    labels: tuple[LabelWrite, ...] = ()
    cloud: Cloud | None = None
    vrf: str | None = None
    vip_networks: tuple[tuple[NetworkGiven, Network | None], ...] = ()

    @property
    def failed(self) -> tuple[StepResult, ...]:
        """The steps that keep AKO from starting."""
        return tuple(step for step in self.steps if step.outcome == "failed")

    @property
    def logged(self) -> StepResult | None:
        """The step whose text AKO logs: the last that failed, or that set an error without failing."""
        spoken = [step for step in self.steps if step.outcome == "failed" or step.group == "soft"]
        return spoken[-1] if spoken else None

    @property
    def unknown(self) -> tuple[StepResult, ...]:
        """The steps of which nothing can be told."""
        return tuple(step for step in self.steps if step.outcome == "unknown")

    def step(self, name: str) -> StepResult | None:
        """The result of a step."""
        return next((each for each in self.steps if each.step == name), None)


def applicable_steps(settings: Settings) -> list[str]:
    """The steps that AKO may take with these settings, in its order; the Controller may leave some of them out."""
    vip = settings.vip_networks(AWS).networks
    nodes = settings.node_networks.networks
    grouped = settings.static_routes and settings.service_type not in (NODE_PORT, NODE_PORT_LOCAL)
    by_range = settings.service_type == CLUSTER_IP and settings.cni != "ncp"
    takes = {
        "V2c": not settings.vpc,
        "V2d": not settings.tier1 and settings.version > (1, 13, 1),
        "V2e": bool(settings.tier1) and settings.version > (1, 13, 1),
        "V2f": bool(settings.tier1),
        "V2g": settings.vpc,
        "V2j": not settings.vpc,
        "V2i": bool(vip),
        "V3": bool(settings.vrf),
        "V4c": any(each.uuid for each in vip),
        "V4d": any(not each.uuid for each in vip),
        "V4e": any(not each.uuid for each in vip),
        "V4f": settings.vpc,
        **dict.fromkeys(("V5", "V5b", "V5c"), grouped),
        "V6b": any(each.cidrs for each in nodes),
        "V6c": any(each.uuid for each in nodes),
        "V6d": bool(settings.vrf) and any(each.uuid for each in nodes),
        "V6e": any(not each.uuid for each in nodes),
        "V7": bool(settings.bgp_labels),
        "V9b": settings.service_type != NODE_PORT,
        "V9c": by_range,
        "V9d": by_range and bool(settings.tier1),
        "V10": settings.service_type == NODE_PORT_LOCAL,
        "C14": settings.cni == "calico" and settings.writes_routes,
        "C3b": settings.writes_routes,
    }
    return [step for step in STEPS if takes.get(step, True)]


class StartEnds(Exception):
    """AKO takes no further step."""


class AkoStart:
    """What one start of AKO has seen, and what its steps have said so far."""

    def __init__(self, settings: Settings, seen: Seen, infra: Iterable[InfraSetting]) -> None:
        self.settings, self.seen = settings, seen
        self.infra = tuple(infra)
        self.view = TenantView(seen, settings.tenant)
        self.admin = TenantView(seen, ADMIN)
        self.results: list[StepResult] = []
        self.labels: list[LabelWrite] = []
        self.cloud: Cloud | None = None
        self.vrf: str | None = None
        self.vips: tuple[NetworkGiven, ...] | None = None
        """The VIP networks that later steps look at: None as long as no step has taken them over."""

    # What a step says.

    def passed(self, step: str, what: str = "", why: str = "") -> None:
        """A step that does not keep AKO from starting."""
        self.results.append(StepResult(step, StepOutcome.PASSED, what, why))

    def skipped(self, step: str, why: str) -> None:
        """A step that AKO does not take with these settings."""
        self.results.append(StepResult(step, StepOutcome.NOT_APPLICABLE, "", why))

    def not_seen(self, step: str, what: str, why: str) -> None:
        """A step that cannot be decided from here."""
        self.results.append(StepResult(step, StepOutcome.NOT_SEEN, what, why))

    def failed(
        self, step: str, what: str, why: str, *, case: str = "", goes_on: bool = True, **values: str
    ) -> None:
        """A step that keeps AKO from starting, with AKO's text of this case."""
        line = texts.steps()[step].text(case, self.settings.version).filled(**values)
        self.results.append(StepResult(step, StepOutcome.FAILED, what, why, line, goes_on))

    def panics(self, step: str, what: str, why: str) -> None:
        """AKO ends without a text of its own. Raises StartEnds."""
        self.results.append(StepResult(step, StepOutcome.FAILED, what, why, "", goes_on=False))
        raise StartEnds

    def refused(self, step: str, what: str, uri: str, permission: str) -> bool:
        """Whether the Controller refuses a call of AKO's user in its tenant; then the step has failed."""
        why, code = self.denial(permission, self.settings.tenant), 403
        if " " in uri:
            why, code = "this AKO puts a blank into its address as it is: the Controller cannot read it", 400
        if not why:
            return False
        error = f"Encountered an error on GET request to URL {uri}: HTTP code: {code}"
        prefix = "Get" if step in ("V2", "V5") else "get"
        line = f"{prefix} uri {uri} returned err {error}"
        self.results.append(StepResult(step, StepOutcome.FAILED, what, why, line))
        return True

    def escaped(self, name: str, *, since: Version = ESCAPES) -> str:
        """A name as AKO of its version puts it into an address."""
        return quote_plus(name) if self.settings.version >= since else name

    def denial(self, permission: str, tenant: str, *, write: bool = False) -> str:
        """Why a call of AKO's user in a tenant is refused; "" where it is not, as far as can be seen from here."""
        if tenant not in (tenants := self.seen.of(self.seen.tenants)):
            hint = did_you_mean(tenant, tenants)
            return f"tenant {tenant} is not there, so that the Controller refuses every call in it{hint}"
        try:
            account = self.account()
            if account is None or account.may(permission, tenant, write=write):
                return ""
        except Unknown:
            return ""
        verb = "write" if write else "read"
        return f"no role of user {account.name} in tenant {tenant} may {verb} it ({permission})"

    def account(self) -> Account | None:
        """AKO's user, None where no local one has its name. Raises Unknown where it was not read or is not named."""
        name = self.settings.login.username
        if not name:
            raise Unknown("the values do not name AKO's user")
        return self.seen.account(name)

    def view_for(self, permission: str, uri: str = "") -> TenantView | None:
        """The tenant that AKO's own sees, or admin's where that is refused; None where both are, or its address is.

        Then `refused` says why.
        """
        if " " in uri:
            return None
        if not self.denial(permission, self.settings.tenant):
            return self.view
        return None if self.denial(permission, ADMIN) else self.admin

    def trying(self, step: str, work: Callable[[], None]) -> None:
        """A step whose objects may not have been read."""
        try:
            work()
        except Unknown as why:
            self.results.append(StepResult(step, StepOutcome.UNKNOWN, "", str(why)))

    def only_warns(self, outcome: StepOutcome) -> None:
        """The last step does not keep AKO from starting after all."""
        self.results[-1] = replace(self.results[-1], outcome=outcome)

    @property
    def type(self) -> str:
        """The type of cloud as AKO knows it by now: it takes vCenter for granted until it has seen the cloud."""
        return self.cloud.type if self.cloud else VCENTER

    @property
    def by_name(self) -> bool:
        """Whether AKO looks for its VIP networks as it looks for those of vCenter."""
        return self.type in (VCENTER, NO_ACCESS)


class Choice(NamedTuple):
    """A network that AKO takes of several of one name, and what it goes by; `sure`: its values name this one."""

    network: Network
    way: str
    sure: bool = False


def resolved(
    view: TenantView, settings: Settings, given: NetworkGiven, vrf: str, cloud: Cloud | None
) -> Network | None:
    """The network that AKO takes for an element of its list: the first of its name, in a vCenter cloud as `chosen`.

    `vrf`: the VRF context in which it looks, "" for any. Raises Unknown where networks were not read.
    """
    if given.uuid:
        return view.network(given.uuid)
    networks = view.networks(given.name, settings.cloud, vrf)
    if len(networks) > 1 and cloud is not None and cloud.type == VCENTER:
        return chosen(view, settings, given, networks, cloud).network
    return networks[0] if networks else None


def chosen(
    view: TenantView, settings: Settings, given: NetworkGiven, namesakes: list[Network], cloud: Cloud
) -> Choice:
    """The one of several networks of a name that AKO takes in a vCenter cloud, and what it goes by.

    By cidr, compared as text with one configured subnet; else by the hosts in common with the management network of its
    Service Engines, of equals one that has subnets; else the first.
    """
    wanted = {text for text in (given.cidr, given.cidr6) if text}
    for network in namesakes:
        if any(wanted == {str(subnet.prefix)} for subnet in network.subnets):
            return Choice(network, f"by cidr {given.cidr or given.cidr6}", sure=True)
    groups = (each for each in view.groups(settings.cloud) if each.name == settings.se_group)
    group = next(groups, None)
    management = view.network((group.management if group else "") or cloud.management)
    hosts = management.hosts if management else frozenset()
    best = max(namesakes, key=lambda each: (len(hosts & each.hosts), bool(each.subnets)))
    if common := len(hosts & best.hosts):
        return Choice(best, f"by {common} hosts that it has in common with the management network")
    return Choice(best, "for want of hosts in common with the management network")


def version_number(text: str) -> Version | None:
    """A version as numbers; None for what is none."""
    try:
        return parse_version(text) if text else None
    except ValueError:
        return None


def go_json(text: str) -> str:
    """A text as Go writes it in JSON."""
    return json.dumps(text, ensure_ascii=False).translate(
        {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
    )
