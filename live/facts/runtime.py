"""States of operation, read out of the Controller's inventories: cluster, clouds, virtual services, Service Engines.

Pure functions over one Live. Each gives a fact or raises Blocked (what it is about is absent) or Unknown (not read, or
the Controller does not say); none guesses. Shapes and states are [SCHEMA], the cluster's [CLIENT]; none was ever
recorded, so each shape that clients have seen is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from intent import Blocked, Cloud, DnsService, Unknown
from live.avi.identity import Json, split_ref, uuid_of
from live.avi.snapshot import Live
from live.avi.versions import KNOWN, parse
from live.kinds.codecs import dig
from live.kinds.dns import vsvip_of

CLUSTER_UP = frozenset({"CLUSTER_UP_NO_HA", "CLUSTER_UP_HA_ACTIVE", "CLUSTER_UP_HA_COMPROMISED"})
"""States in which a cluster serves [CLIENT]."""
NODE_ACTIVE = "CLUSTER_ACTIVE"
"""The state of a node that takes part in its cluster [CLIENT]."""
PLACEMENT_READY = "CLOUD_STATE_PLACEMENT_READY"
UP = "OPER_UP"
ENABLED = (None, "SE_STATE_ENABLED")


@dataclass(frozen=True)
class EngineState:
    """A Service Engine as the Controller sees it now. `connected` is None where it does not say."""

    name: str
    state: str
    connected: bool | None = None
    reasons: tuple[str, ...] = ()

    @property
    def up(self) -> bool:
        """Whether it serves."""
        return self.state == UP and self.connected is not False


def cluster_state(live: Live) -> str:
    """The state of the Controller cluster, such as CLUSTER_UP_NO_HA. Raises Unknown."""
    for row in live.rows("cluster/runtime"):
        if state := dig(row, "cluster_state", "state"):
            return str(state)
    raise Unknown("the Controller does not say in which state its cluster is")


def inactive_nodes(live: Live) -> list[str]:
    """The nodes of the Controller cluster that are not active, each with its state. Raises Unknown."""
    for row in live.rows("cluster/runtime"):
        if nodes := messages(row.get("node_states")):
            return inactive(nodes)
    raise Unknown("the Controller does not say how the nodes of its cluster are")


def inactive(nodes: list[Json]) -> list[str]:
    """Each of these nodes that is not active, with its state."""
    return [
        f"{node.get('name', 'a node')} ({node.get('state', 'no state')})"
        for node in nodes
        if node.get("state") != NODE_ACTIVE
    ]


def is_supported(version: str) -> bool:
    """Whether a Controller of this version can be checked: every one from the oldest known model on."""
    number = parse(version)
    return number is not None and number >= KNOWN[0]


def cloud_state(live: Live, cloud: Cloud) -> tuple[str, str]:
    """A cloud's state, such as CLOUD_STATE_PLACEMENT_READY, and the reason given for it ("" without)."""
    row = live.row("cloud-inventory", live.raw(cloud)["uuid"])
    state = dig(row, "status", "state")
    if not state:
        raise Unknown(f"the Controller does not say in which state {cloud.key} is")
    return str(state), " ".join(texts(dig(row, "status", "reason")))


def without_vip(live: Live, service: DnsService) -> bool:
    """Whether the VIP that a virtual service refers to holds none. Raises Blocked when it is absent, Unknown."""
    vsvip = vsvip_of(live.raw(service), live.names)
    if not vsvip:
        raise Unknown(f"the VIP that {service.key} refers to was not found")
    return not (messages(vsvip.get("vip")) or vsvip.get("ip_address"))


def with_vip(live: Live, service: DnsService) -> None:
    """Raise Blocked where a virtual service has lost its VIPs: whatever else is wrong with it follows from that."""
    with suppress(Unknown):
        if without_vip(live, service):
            raise Blocked(f"{service.key} has no VIP", on=service.key)


class Operation(NamedTuple):
    """How an object works: its state, such as OPER_UP, "" where none is told, and the Controller's reasons for it."""

    state: str
    reasons: tuple[str, ...]


def service_state(live: Live, service: DnsService) -> Operation:
    """How a virtual service works.

    Reasons of its VIPs are given where it has none of its own. Raises Blocked when it is absent or has no VIP, Unknown.
    """
    with_vip(live, service)
    raw = live.raw(service)
    state, reasons = operation(live.row("virtualservice-inventory", raw["uuid"]))
    if not state:
        raise Unknown(f"the Controller does not say in which state of operation {service.key} is")
    if state != UP:
        reasons = (*disabled_engines(live, raw), *reasons)
    return Operation(state, tuple(dict.fromkeys(reasons)))


def operation(row: Json) -> Operation:
    """What an entry of an inventory tells of its object's work; where it has no reasons, those of its VIPs."""
    state, reasons = (
        dig(row, "runtime", "oper_status", "state"),
        texts(dig(row, "runtime", "oper_status", "reason")),
    )
    if not reasons:
        reasons = tuple(text for vip in vips(row) for text in texts(dig(vip, "oper_status", "reason")))
    return Operation(str(state or ""), reasons)


def engines_by_group(live: Live) -> Mapping[str, tuple[Json, ...]]:
    """The Service Engines by the uuid of their group; use `live.once(engines_by_group)`. Raises Unknown."""
    groups: defaultdict[str, list[Json]] = defaultdict(list)
    for row in live.rows("serviceengine-inventory"):
        groups[uuid_of(str(dig(row, "config", "se_group_ref") or ""))].append(row)
    return {uuid: tuple(rows) for uuid, rows in groups.items()}


def disabled_engines(live: Live, service: Json) -> Iterator[str]:
    """Each Service Engine of a virtual service's SE group that somebody has disabled: it is not down by itself."""
    if group := uuid_of(str(service.get("se_group_ref") or "")):
        with suppress(Unknown):
            yield from disabled(live.once(engines_by_group).get(group, ()))


def disabled(rows: Sequence[Json]) -> Iterator[str]:
    """Each of these Service Engines that somebody has disabled."""
    for row in rows:
        if (state := dig(row, "config", "enable_state")) not in ENABLED:
            yield f"Service Engine {dig(row, 'config', 'name') or _uuid(row)} was disabled by somebody ({state})"


def service_engines_of(live: Live, service: DnsService) -> tuple[EngineState, ...]:
    """The Service Engines that a virtual service's VIPs are placed on, each once; empty while there are none.

    Raises Blocked when it is absent, Unknown when an engine's name or state is not known.
    """
    row = live.row("virtualservice-inventory", live.raw(service)["uuid"])
    if not isinstance(row.get("runtime"), dict):
        raise Unknown(f"the Controller reports no runtime of {service.key}")
    engines: dict[str, EngineState] = {}
    for assigned in carriers(row):
        ref = carrier_ref(assigned)
        engine = _assigned(live, assigned, ref)
        engines[uuid_of(ref) or engine.name] = engine
    return tuple(engines.values())


def carriers(row: Json) -> list[Json]:
    """The Service Engines that carry a virtual service, as its inventory names them for each of its VIPs."""
    return [assigned for vip in vips(row) for assigned in messages(vip.get("service_engine"))]


def carrier_ref(assigned: Json) -> str:
    """The reference to such a Service Engine; "" where it has none."""
    return str(assigned.get("ref") or assigned.get("url") or "")


def _assigned(live: Live, assigned: Json, ref: str) -> EngineState:
    """An engine as the virtual service names it, with what the engine's own inventory says of it."""
    row = next((r for r in live.rows("serviceengine-inventory") if ref and _uuid(r) == uuid_of(ref)), None)
    if row is not None:
        name, status = dig(row, "config", "name"), dig(row, "runtime", "oper_status")
        connected, unnamed = dig(row, "runtime", "se_connected"), uuid_of(ref)
    else:
        name, status = assigned.get("name") or split_ref(ref).name, assigned.get("oper_status")
        connected, unnamed = assigned.get("connected"), ref or "?"
    state = dig(status, "state")
    if not name or not state:
        raise Unknown(f"the Controller does not say what Service Engine {name or unnamed} is or how it is")
    return EngineState(str(name), str(state), connected, texts(dig(status, "reason")))


def engine_problem(live: Live, service: DnsService) -> str:
    """Why a virtual service runs on no Service Engine that is up and bears its group's prefix; "" if it does.

    Raises Blocked while the virtual service is absent or not up, Unknown.
    """
    state, _ = service_state(live, service)
    if state != UP:
        raise Blocked(f"{service.key} is not up ({state})", on=service.key)
    engines = service_engines_of(live, service)
    if not engines:
        return "it is placed on no Service Engine"
    serving = [engine for engine in engines if engine.up]
    if not serving:
        return "none of its Service Engines is up: " + ", ".join(f"{e.name} ({e.state})" for e in engines)
    start = _engine_names(live, service)
    if any(engine.name.startswith(start) for engine in serving):
        return ""
    return f"it runs on {', '.join(engine.name for engine in serving)}, and none is named {start}*"


def _engine_names(live: Live, service: DnsService) -> str:
    """How the names of Service Engines in a virtual service's SE group begin: `<prefix>-se-`.

    The cloud's own prefix for objects comes first where it has one [PUBLIC].
    """
    raw = live.raw(service)
    live.rows("serviceenginegroup")
    group, cloud = live.names.resolve(raw.get("se_group_ref")), live.names.resolve(raw.get("cloud_ref"))
    if group is None:
        raise Unknown(f"the SE group of {service.key} was not found")
    first = f"{cloud['obj_name_prefix']}_" if cloud and cloud.get("obj_name_prefix") else ""
    return f"{first}{group.get('se_name_prefix', 'Avi')}-se-"


def vips(row: Json) -> list[Json]:
    """How the VIPs of a virtual service are: `vip_summary`, one object in the schema, a list on the wire [CLIENT]."""
    summary = dig(row, "runtime", "vip_summary")
    return [summary] if isinstance(summary, dict) else messages(summary)


def messages(value: Any) -> list[Json]:
    """The objects in what should be a list of them; none where it is something else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """Reasons: a list in the schema, sometimes one text."""
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def _uuid(row: Json) -> str:
    return str(row.get("uuid") or dig(row, "config", "uuid") or uuid_of(str(row.get("url", ""))))
