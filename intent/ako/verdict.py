"""Verdict on an AKO before it is installed: whether it starts and works, what it logs, what it writes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from avi_schema import dotted
from intent.ako import BY_LABEL, CLUSTER_LABEL, texts
from intent.ako.boot import boot
from intent.ako.case import AkoCase, Node, OtherCluster, look
from intent.ako.gateway_holes import start_of
from intent.ako.network_holes import deletes, own
from intent.ako.resources import Resources
from intent.ako.seen import Route, Seen, SeGroup, Vrf
from intent.ako.settings import OWN_TYPES, Settings
from intent.ako.steps import WRONG, Boot, StepResult
from intent.drift import Unknown


class Word(StrEnum):
    """What becomes of an AKO, in a word."""

    STARTS = "starts"
    USELESS = "starts but will not work"
    ENDS = "does not start"
    CRASHES = "crashes"
    LOOPS = "loops"
    UNKNOWN = "cannot be told from here"


WITHOUT_TEXT: dict[str, Word] = {"V5b": Word.LOOPS}
"""Steps that end AKO without a text of their own; where nothing else is said, it crashes."""


@dataclass(frozen=True)
class RouteWrite:
    """A route that AKO writes: to a pod network, by the address of its node. `id` as this version forms it."""

    id: str
    prefix: str
    next_hop: str


@dataclass(frozen=True)
class Writes:
    """What AKO writes to objects that others share while it starts, and what it takes away.

    `labels`: the groups that it labels, by name, and the label's value. `vrf`: the VRF context whose routes it writes,
    "" for none. `routes` is None where the nodes are not declared. `replaces` are its own routes as they are, `deletes`
    those of others. `removes` is what it has made itself and takes away with deleteConfig: objects, routes, its group's
    label.
    """

    labels: tuple[tuple[str, str], ...] = ()
    vrf: str = ""
    routes: tuple[RouteWrite, ...] | None = None
    replaces: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room:
    """What there is room for: an object, what is counted of it, how many are left, and how many AKO wants at first.

    `left` is None where it was not read.
    """

    what: str
    of: str
    left: int | None
    wanted: int


@dataclass(frozen=True)
class AkoVerdict:
    """What becomes of one AKO on this site.

    `logged` is the text that it logs, that of the last step that failed, and `lines` are its lines as they come; both
    empty where it says nothing. `exit_code` is None where it goes on.
    """

    name: str
    cluster: str
    version: str
    word: Word
    logged: str
    logged_by: str
    lines: tuple[str, ...]
    exit_code: int | None
    steps: tuple[StepResult, ...]
    holes: tuple[StepResult, ...]
    writes: Writes
    room: tuple[Room, ...]

    @property
    def results(self) -> tuple[StepResult, ...]:
        """Steps and holes, in this order."""
        return (*self.steps, *self.holes)

    def of(self, number: str) -> tuple[StepResult, ...]:
        """The results of one step or hole."""
        return tuple(each for each in self.results if each.step == number)

    @property
    def wrong(self) -> tuple[StepResult, ...]:
        """What is wrong, and what AKO falsely says is."""
        return tuple(each for each in self.results if each.outcome in WRONG)


def verdict_on(  # noqa: PLR0913, PLR0917 -- what is known of one AKO
    name: str,
    settings: Settings,
    resources: Resources,
    seen: Seen,
    nodes: tuple[Node, ...] | None = None,
    others: tuple[OtherCluster, ...] = (),
) -> AkoVerdict:
    """The verdict on one AKO. `others`: further clusters that are declared on the same Controller."""
    start = boot(settings, seen, resources.infra)
    case = AkoCase(settings, resources, seen, start, nodes, others)
    holes = look(case)
    word = _word(start, holes)
    last = start.logged
    logged = last.text if last else ""
    return AkoVerdict(
        name,
        settings.cluster,
        dotted(settings.version),
        word,
        logged,
        last.step if last else "",
        tuple(_lines(settings, start, logged)),
        _exit_code(word, start),
        start.steps,
        holes,
        _writes(case),
        tuple(_room(case)),
    )


def _word(start: Boot, holes: tuple[StepResult, ...]) -> Word:
    if start.failed:
        last = start.failed[-1]
        if last.step in ("C1", "C3"):
            return Word.USELESS
        return WITHOUT_TEXT.get(last.step, Word.CRASHES) if not last.text else Word.ENDS
    if start.unknown:
        return Word.UNKNOWN
    return Word.USELESS if any(each.outcome == "failed" for each in holes) else Word.STARTS


def _exit_code(word: Word, start: Boot) -> int | None:
    if word is Word.CRASHES:
        return 2
    if word is not Word.ENDS:
        return None
    return 1 if any(step.step.startswith("B") for step in start.failed) else 0


def _lines(settings: Settings, start: Boot, logged: str) -> list[str]:
    """AKO's lines about a validation that has failed, or has set an error; else the one line that it ends with."""
    validated = [step for step in start.steps if step.group]
    if not logged or not validated:
        return [logged] if logged else []
    wording = texts.steps()["V"]

    def line(case: str, text: str = "") -> str:
        return wording.text(case, settings.version).filled(text=text)

    failed = [step for step in validated if step.outcome == "failed"]
    if not failed:
        return [line("error", logged)]
    rebooted = any(step.group == "R" for step in failed)
    first = line("retry", logged) if rebooted else wording.text("sync", settings.version).text
    return [first, line("error", logged), line("end", wording.text("bootup", settings.version).text)]


def _writes(case: AkoCase) -> Writes:
    """What is unknown is left out: what is written beside it may be read elsewhere in the verdict."""
    settings, labels = case.settings, _labels(case)
    if any(step.step != "C1" for step in case.boot.failed):
        return Writes(tuple(labels))
    try:
        if settings.values.gateway and not settings.static_routes:
            labels += [(write.group.name, write.value) for write in start_of(case).labels]
        vrf = case.vrf if settings.writes_routes and _may_write(case, "VRFCONTEXT") else None
        writes = Writes(tuple(labels), removes=_removed(case) if settings.deletes_own else ())
    except Unknown:
        return Writes(tuple(labels))
    return writes if vrf is None else _with_routes(writes, case, vrf)


def _with_routes(writes: Writes, case: AkoCase, vrf: Vrf) -> Writes:
    """The same, with what becomes of the routes of the VRF context that it writes."""
    settings = case.settings
    routes = () if settings.deletes_own else _routes(case)
    stable = settings.deletes_own or settings.version < BY_LABEL
    if stable and routes is not None and _are_there(vrf, routes, settings.cluster):
        return writes
    gone = [route for route in vrf.routes if deletes(settings, route)]
    mine = tuple(_text(route) for route in gone if own(route, settings.cluster))
    others = tuple(_text(route) for route in gone if not own(route, settings.cluster))
    writes = replace(writes, vrf=vrf.name, routes=routes, deletes=others)
    if settings.deletes_own:
        return replace(writes, removes=writes.removes + tuple(f"route {each}" for each in mine))
    return replace(writes, replaces=mine)


def _may_write(case: AkoCase, permission: str) -> bool:
    """Whether AKO's user may write objects of a type in its tenant, as far as its roles are known."""
    try:
        account = case.seen.account(case.settings.login.username)
        return account is None or account.may(f"PERMISSION_{permission}", case.settings.tenant, write=True)
    except Unknown:
        return True


def _removed(case: AkoCase) -> tuple[str, ...]:
    """What AKO takes away with deleteConfig of what it has made: its objects in their order, and its group's label.

    Raises Unknown.
    """
    settings = case.settings
    objects = [each for each in case.seen.of(case.seen.of_ako) if each.creator == settings.creator]
    objects.sort(key=lambda each: (OWN_TYPES.index(each.type), each.name))
    mine = ((CLUSTER_LABEL, settings.cluster),)
    labelled = {name for name, value in _labels(case) if value == settings.cluster}
    labelled |= {group.name for group in case.groups() if group.labels == mine}
    off = settings.se_group in labelled and _may_write(case, "SERVICEENGINEGROUP")
    group = [f"the label of SE group {settings.se_group}"] if off else []
    known = settings.primary or settings.values.namespace
    unseen = [] if known else [f"whatever bears created_by {settings.creator}"]
    return tuple([f"{each.type} {each.name}" for each in objects] + unseen + group)


def _labels(case: AkoCase) -> list[tuple[str, str]]:
    return [(write.group.name, write.value) for write in case.boot.labels]


def _routes(case: AkoCase) -> tuple[RouteWrite, ...] | None:
    if case.nodes is None:
        return None
    cluster, by_label = case.settings.cluster, case.settings.version >= BY_LABEL
    pods = [(node, index, prefix) for node in case.nodes for index, prefix in enumerate(node.pods)]
    return tuple(
        RouteWrite(
            f"{cluster}-<uuid>-{index}" if by_label else f"{cluster}-{number}", str(prefix), node.address
        )
        for number, (node, index, prefix) in enumerate(pods, 1)
    )


def _are_there(vrf: Vrf, wanted: tuple[RouteWrite, ...], cluster: str) -> bool:
    """Whether the routes whose ids begin with the cluster's name are the wanted ones: then none is touched."""
    there = [RouteWrite(each.id, str(each.prefix), each.next_hop) for each in vrf.routes]
    return {each for each in there if each.id.startswith(cluster)} == set(wanted)


def _text(route: Route) -> str:
    return f"{route.id}: {route.prefix} via {route.next_hop}"


def _room(case: AkoCase) -> list[Room]:
    """Addresses and places for services. AKO makes no shared service before the first Ingress comes."""
    settings = case.settings
    try:
        objects = case.seen.of(case.seen.of_ako)
    except Unknown:
        objects = ()
    prefix = f"{settings.cluster}--Shared-L7-"
    there = sum(each.type == "virtualservice" and each.name.startswith(prefix) for each in objects)
    wanted = max(0, settings.shards - there)
    room = [
        Room(f"network {network.name}", "free addresses for VIPs", network.free, wanted)
        for _, network in case.boot.vip_networks
        if network is not None
    ]
    try:
        groups = case.groups()
    except Unknown:
        groups = []
    for group in groups:
        most = group.max_engines
        engines = None if group.engines is None else max(0, most - group.engines)
        room.append(Room(f"SE group {group.name}", "Service Engines that it may still make", engines, 0))
        room.append(Room(f"SE group {group.name}", "places for services", _places(group), wanted))
    return room


def _places(group: SeGroup) -> int | None:
    return (
        None if group.placed is None else max(0, group.max_engines * group.services_per_engine - group.placed)
    )
