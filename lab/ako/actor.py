"""AKO as a second writer to the Controller: its starts, and what it makes, changes and deletes for its cluster.

An actor is remembered by its cluster's name: settings, whether it works, its workloads, and what it has written. Every
step of it is made of requests to the Controller, which are listed like any client's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from avi_schema import dotted
from lab.ako.api import Api, ApiError, named
from lab.ako.bodies import graphs
from lab.ako.boot import CRASHES, IDLE, Boot, Fatal, boot, domains_of, opened, settle_routes
from lab.ako.labels import Hangs, groups, label_group
from lab.ako.parts import Wanted
from lab.ako.place import Place
from lab.ako.preflight import Crashes
from lab.ako.settings import Settings, settings
from lab.ako.vips import Vip, VipNetworks, hash_name
from lab.ako.workloads import KINDS, Workloads
from lab.objects import Json, Refused

if TYPE_CHECKING:
    from lab.assembly import Lab

FLAT = {
    "cluster": "AKOSettings.clusterName",
    "se_group": "ControllerSettings.serviceEngineGroupName",
    "vrf": "ControllerSettings.vrfName",
    "cloud": "ControllerSettings.cloudName",
    "tenant": "ControllerSettings.tenantName",
    "domain": "NetworkSettings.defaultDomain",
}
"""Short names for values that every cluster has of its own."""
GIVEN = ("version", "values", "set", "nodes", "pods", "kubernetes", "infra_settings", "cni_resources")
DELETED_IN_ORDER = (
    "virtualservice",
    "vsvip",
    "l4policyset",
    "httppolicyset",
    "vsdatascriptset",
    "poolgroup",
    "pool",
    "sslkeyandcertificate",
)


@dataclass
class Actor:
    """One AKO between its steps."""

    settings: Settings
    loads: Workloads
    vips: list[Vip] = field(default_factory=list)
    vrf: str = ""
    domains: tuple[str, ...] = ()
    verdict: str = ""
    """What its last start came to; "" while it has not started."""
    sessions: list[str] = field(default_factory=list)
    written: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """By type and name: the uuid of what it wrote, and the checksum of the body."""


@dataclass
class Doing:
    """The steps of one request of the control plane, and what comes of them."""

    lab: Lab
    actor: Actor
    api: Api
    start: Boot | None = None
    refused: list[Json] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


Step = Callable[[Doing, Any], None]


def start(doing: Doing, _given: Any) -> None:
    """Start AKO, anew where it runs."""
    lab, actor = doing.lab, doing.actor
    for session in actor.sessions:  # those of the process that has ended [INF]
        lab.controller.sessions.live.pop(session, None)
    before = {*lab.controller.sessions.live}
    begun = boot(lab, actor.settings, doing.api)
    actor.sessions = [key for key in lab.controller.sessions.live if key not in before]
    actor.verdict, actor.vrf, actor.domains = begun.verdict, begun.vrf, begun.domains
    actor.vips = begun.vips
    doing.start, doing.lines = begun, begun.lines
    for key, uuid in begun.own.items():
        if key[1].startswith(f"{actor.settings.cluster}--"):
            actor.written.setdefault(key, (uuid, ""))
    if begun.working:
        if actor.settings.flag("featureGates.GatewayAPI"):
            _gateway_container(doing, begun)
        sync(doing, None)
    elif begun.verdict == IDLE and actor.settings.deletes_own and not begun.logged:
        _delete_config(doing, begun)


def _gateway_container(doing: Doing, begun: Boot) -> None:
    """Start the container of the Gateway API, which opens as many sessions again."""
    own = Boot(doing.actor.settings, Api(doing.lab, doing.actor.settings.tenant))
    before = {*doing.lab.controller.sessions.live}
    try:
        opened(doing.lab, own)
    except (Fatal, Crashes) as end:
        begun.lines.append(f"FATAL\tako-gateway-api: {end}")
    doing.api.requests += own.api.requests
    doing.actor.sessions += [key for key in doing.lab.controller.sessions.live if key not in before]


def _delete_config(doing: Doing, begun: Boot) -> None:
    """Delete everything of its own: objects, routes, and the label of its group [INF: the label]."""
    actor, api = doing.actor, doing.api
    _adopt(doing)
    _delete(doing, [*actor.written])
    if actor.settings.routed and actor.vrf:
        settle_routes(doing.lab, begun, gone=True)
    try:
        for group in groups(api, actor.settings, [actor.settings.group]):
            if group.get("labels") == actor.settings.mark:
                api.call("PUT", f"/api/serviceenginegroup/{group['uuid']}", group | {"labels": []})
    except ApiError as error:
        doing.lines.append(f"WARN\tThe label of the SE group was not taken off: {error}")


def label(doing: Doing, _given: Any) -> None:
    """Label the Service Engine group alone. Raises Refused where it is another's, or there is none."""
    _ready(doing)
    given = doing.actor.settings
    labelled = groups(doing.api, given, [given.group])
    if len(labelled) != 1:
        raise Refused(400, f"{len(labelled)} serviceenginegroup named {given.group!r} in cloud {given.cloud}")
    try:
        problem = label_group(doing.api, given, labelled[0])
    except Hangs as hang:
        raise Refused(400, str(hang)) from None
    if problem is not None:
        raise Refused(400, problem[1])


def routes(doing: Doing, _given: Any) -> None:
    """Write the static routes alone."""
    _ready(doing)
    actor = doing.actor
    settle_routes(doing.lab, Boot(actor.settings, doing.api, vrf=actor.vrf, lines=doing.lines))


def sync(doing: Doing, _given: Any) -> None:
    """Bring the Controller to what the workloads ask for; what it refuses is tried again at the next step."""
    _ready(doing)
    _adopt(doing)
    actor = doing.actor
    place = Place(actor.settings, actor.vrf, actor.domains, actor.vips[0].ref if actor.vips else "")
    wanted = list(graphs(place, actor.loads))
    for graph in wanted:
        for each in graph:
            if not _written(doing, each):
                break
    stays = {(each.kind, each.name) for graph in wanted for each in graph}
    _delete(doing, [key for key in actor.written if key not in stays])


def workload(kind: str) -> Step:
    """A step that takes up a workload."""

    def add(doing: Doing, given: Any) -> None:
        _runs(doing)
        doing.actor.loads.add(kind, given)
        sync(doing, None)

    return add


def scale(doing: Doing, given: Any) -> None:
    """Give a Service another number of pods."""
    _runs(doing)
    doing.actor.loads.scale(given)
    sync(doing, None)


def delete(doing: Doing, given: Any) -> None:
    """Take a workload away."""
    _runs(doing)
    doing.actor.loads.delete(given)
    sync(doing, None)


STEPS: dict[str, Step] = {
    "start": start,
    "label": label,
    "routes": routes,
    "sync": sync,
    **{kind: workload(kind) for kind in KINDS},
    "scale": scale,
    "delete": delete,
}
"""What an AKO does, by name: its whole start, or its label or routes alone; workloads that come, grow and go."""


def take_steps(lab: Lab, *, steps: Any = ("start",), **given: Any) -> Json:
    """Let the AKO of a cluster take steps: names, or `{name: what}`. Other members are its settings.

    Raises Refused (400) for an unknown step or member, and for a step that this AKO cannot take.
    """
    listed = [_step(each) for each in (steps if isinstance(steps, list | tuple) else [steps])]
    unknown = {*given} - {*GIVEN, *FLAT, "network", "node_network"}
    if unknown:
        raise Refused(
            400, f"unknown to AKO: {', '.join(sorted(unknown))}; it takes {', '.join((*GIVEN, *FLAT))}"
        )
    actor = _actor(lab, given)
    doing = Doing(lab, actor, Api(lab, actor.settings.tenant))
    for name, what in listed:
        try:
            STEPS[name](doing, what)
        except ApiError as error:
            raise Refused(400, str(error)) from None
        except Crashes as crash:
            actor.verdict = CRASHES
            doing.lines.append(f"PANIC\t{crash}")
            if doing.start is not None:
                doing.start.verdict, doing.start.exit_code = CRASHES, 2
            break
    return _report(doing, [name for name, _ in listed])


def _step(given: Any) -> tuple[str, Any]:
    pair = next(iter(given.items())) if isinstance(given, dict) and len(given) == 1 else (given, None)
    if not isinstance(pair[0], str) or pair[0] not in STEPS:
        raise Refused(400, f"unknown to AKO: {pair[0]!r}; its steps are {', '.join(STEPS)}")
    return pair


def _actor(lab: Lab, given: Json) -> Actor:
    """The AKO of the cluster that is meant, with the settings of before where none are given."""
    flat = {FLAT[key]: given[key] for key in FLAT if key in given}
    if "network" in given:
        flat["NetworkSettings.vipNetworkList"] = [{"networkName": given["network"]}]
        flat["NetworkSettings.nodeNetworkList"] = []
    if "node_network" in given:
        flat["NetworkSettings.nodeNetworkList"] = [{"networkName": given["node_network"]}]
    asked = {key: given[key] for key in GIVEN if key in given}
    if flat:
        asked["set"] = flat | asked.get("set", {})
    known: dict[str, Actor] = lab.site.memory.setdefault("ako", {})
    meant = settings(None, asked).cluster
    current = settings(known[meant].settings if meant in known else None, asked)
    if meant in known:
        known[meant].settings = known[meant].loads.settings = current
    else:
        known[meant] = Actor(current, Workloads(current, lab.site.clock.utc()))
    return known[meant]


def _runs(doing: Doing) -> None:
    """Raise Refused unless this AKO works, or has not been started step by step as yet."""
    if (verdict := doing.actor.verdict) not in ("", "starts"):
        name = doing.actor.settings.cluster
        raise Refused(400, f"the AKO of cluster {name!r} does nothing: its last start came to {verdict!r}")


def _ready(doing: Doing) -> None:
    """Open a session, and find out what a start finds out, where none was made."""
    actor, api = doing.actor, doing.api
    if not api.headers:
        before = {*doing.lab.controller.sessions.live}
        lookup = Boot(actor.settings, api)
        opened(doing.lab, lookup, sessions=1)
        actor.sessions += [key for key in doing.lab.controller.sessions.live if key not in before]
    if actor.verdict or actor.vrf:
        return
    given = actor.settings
    uri = named("cloud", given.cloud)
    clouds = api.get(uri)["results"]
    if len(clouds) != 1:
        raise Refused(400, f"Cloud details not found for cloud name: {given.cloud}")
    networks = VipNetworks(api, given, clouds[0])
    actor.vips, why = networks.read()
    problems = [problem for vip in actor.vips if (problem := networks.resolve(vip)) is not None]
    if why or problems:
        raise Refused(400, why or problems[0][1])
    actor.vrf = given.vrf or next(
        (hash_name(vip.network.get("vrf_context_ref")) for vip in actor.vips if vip.network), ""
    )
    actor.domains = domains_of(api, clouds[0])


def _adopt(doing: Doing) -> None:
    """Forget of what it wrote whatever is no longer there."""
    store = doing.lab.site.store
    written = doing.actor.written
    for key, (uuid, _) in list(written.items()):
        if store.get(key[0], uuid) is None:
            del written[key]


def _written(doing: Doing, wanted: Wanted) -> bool:
    """Make or change an object unless it is as wanted; whether the Controller took it."""
    actor, api = doing.actor, doing.api
    key = wanted.kind, wanted.name
    uuid, checksum = actor.written.get(key, ("", ""))
    if checksum == wanted.checksum:
        return True
    body = wanted.body
    if wanted.kind == "vsvip":
        body = body | {"vsvip_cloud_config_cksum": wanted.checksum}
    elif wanted.kind in CHECKED:
        body = body | {"cloud_config_cksum": wanted.checksum}
    try:
        if not uuid:
            uuid = _known(api, wanted)
        path = f"/api/{wanted.kind}/{uuid}" if uuid else f"/api/{wanted.kind}"
        answer = api.call("PUT" if uuid else "POST", path, body)
    except ApiError as error:
        doing.refused.append({"type": wanted.kind, "name": wanted.name, "error": str(error)})
        return False
    actor.written[key] = str((answer or {}).get("uuid", uuid)), wanted.checksum
    return True


CHECKED = ("virtualservice", "pool", "poolgroup", "httppolicyset")


def _known(api: Api, wanted: Wanted) -> str:
    """The uuid of what bears the name already; "" for nothing."""
    rows = api.get(f"/api/{wanted.kind}/?name={quote_plus(wanted.name)}")["results"]
    return str(rows[0]["uuid"]) if rows else ""


def _delete(doing: Doing, keys: list[tuple[str, str]]) -> None:
    """Delete objects of its own, those that refer to others first; children before their parents."""
    actor, store = doing.actor, doing.lab.site.store

    def order(key: tuple[str, str]) -> tuple[int, bool]:
        obj = store.get(key[0], actor.written[key][0])
        return DELETED_IN_ORDER.index(key[0]), obj is not None and not obj.body.get("vh_parent_vs_ref")

    for key in sorted(keys, key=order):
        try:
            doing.api.call("DELETE", f"/api/{key[0]}/{actor.written[key][0]}")
            doing.api.writes[-1]["name"] = key[1]
        except ApiError as error:
            if error.status != 404:
                doing.refused.append({"type": key[0], "name": key[1], "error": str(error)})
                continue
        del actor.written[key]


def _report(doing: Doing, steps: list[str]) -> Json:
    """What was done, as the control plane answers it."""
    actor, api = doing.actor, doing.api
    answer: Json = {
        "cluster": actor.settings.cluster,
        "version": dotted(actor.settings.version),
        "steps": steps,
        "wrote": [write for write in api.writes if write["method"] != "DELETE"],
        "deleted": [write for write in api.writes if write["method"] == "DELETE"],
        "refused": doing.refused,
        "requests": api.requests,
        "log": doing.lines,
    }
    if (begun := doing.start) is not None:
        answer |= {
            "verdict": begun.verdict,
            "exit_code": begun.exit_code,
            "logged": begun.logged,
            "vrf": begun.vrf,
            "failing": [
                {"step": each.step, "group": each.group, "soft": each.soft, "text": each.text}
                for each in begun.failures
            ],
        }
    return answer
