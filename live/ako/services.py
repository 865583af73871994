"""AKO's services at work: each virtual service, VIP and pool that an AKO has made, how it is, and why.

A state is the Controller's word; the reason is the Controller's too; the cause is what is found beneath it: a parent, a
VIP without address, a cloud or a Service Engine group that cannot carry it. What was not read gives no cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from intent import Cluster, Unknown
from intent.ako import CREATOR
from intent.kinds.clusters import owner
from live.avi.identity import Json, split_ref, uuid_of
from live.avi.snapshot import Live
from live.facts import runtime
from live.facts.runtime import PLACEMENT_READY, UP, messages, operation
from live.kinds.base import dig, whole
from live.kinds.dns import vsvip_of

WAITING = frozenset(
    {"OPER_RESOURCES", "OPER_CREATING", "OPER_INITIALIZING", "OPER_PROCESSING", "OPER_AWAIT_SE"}
)
"""States in which something is still to come [SCHEMA]."""
CHILD = "VS_TYPE_VH_CHILD"
MAX_SE = 10
"""How many Service Engines a group may have that does not say [SCHEMA]."""
MOST = 5
"""Objects that are named of one namespace."""


@dataclass(frozen=True)
class Object:
    """A virtual service, VIP or pool of an AKO's that does not serve. `namespace` is "" for what clusters share.

    `state` is the Controller's word, `cause` what lies beneath its `reason`, "" where nothing does.
    """

    api: str
    name: str
    creator: str
    namespace: str
    state: str
    reason: str
    cause: str = ""

    @property
    def text(self) -> str:
        """`name waits for ...: cause (state: reason)`."""
        how = "waits" if self.state in WAITING else "does not serve"
        word = f"{self.state}: {self.reason}" if self.reason else self.state
        return f"{self.api} {self.name} {how}" + (f": {self.cause}" if self.cause else "") + f" ({word})"


def services(live: Live) -> tuple[tuple[Json, ...], tuple[Object, ...]]:
    """Every virtual service that an AKO has made, and what is known of those that are not up. Raises Unknown."""
    rows = tuple(row for row in live.rows("virtualservice") if _creator(row).startswith(CREATOR))
    live.rows("virtualservice-inventory")
    states = {str(row["uuid"]): _operation(live, "virtualservice-inventory", row) for row in rows}
    down = []
    for row in rows:
        state, reasons = states[str(row["uuid"])]
        if state != UP:
            cause = _cause(live, row, states)
            down.append(_object("virtualservice", row, state, reasons, cause))
    return rows, tuple(down)


def pools(live: Live) -> tuple[tuple[Json, ...], tuple[Object, ...]]:
    """Every pool that an AKO has made, and what is known of those that are not up. Raises Unknown."""
    rows = tuple(row for row in live.rows("pool") if _creator(row).startswith(CREATOR))
    live.rows("pool-inventory")
    down = []
    for row in rows:
        state, reasons = _operation(live, "pool-inventory", row)
        if state != UP:
            entry = live.row("pool-inventory", str(row["uuid"]))
            up, every = dig(entry, "runtime", "num_servers_up"), dig(entry, "runtime", "num_servers")
            cause = (
                f"{up} of {every} servers are up" if isinstance(up, int) and isinstance(every, int) else ""
            )
            down.append(_object("pool", row, state, reasons, cause))
    return rows, tuple(down)


def vips(live: Live) -> tuple[tuple[Json, ...], tuple[Object, ...]]:
    """Every VIP of an AKO's virtual services, and those that have no address. Raises Unknown."""
    live.rows("vsvip")
    rows, bare = [], []
    for row in live.rows("virtualservice"):
        if not _creator(row).startswith(CREATOR) or row.get("type") == CHILD:
            continue
        vip = vsvip_of(row, live.names)
        rows.append(row)
        if why := _without_address(vip):
            bare.append(
                _object("vsvip", {**row, "name": vip.get("name", row["name"])}, "no address", (), why)
            )
    return tuple(rows), tuple(bare)


def _creator(row: Json) -> str:
    return str(row.get("created_by") or "")


def _operation(live: Live, api: str, row: Json) -> tuple[str, tuple[str, ...]]:
    state, reasons = operation(live.row(api, str(row["uuid"])))
    if not state:
        raise Unknown(f"the Controller does not say in which state of operation {row['name']} is")
    return state, reasons


def _object(api: str, row: Json, state: str, reasons: Iterable[str], cause: str) -> Object:
    marks = {str(mark.get("key")): mark.get("values") for mark in messages(row.get("markers"))}
    values = marks.get("Namespace")
    namespace = str(values[0]) if isinstance(values, list) and values else ""
    reason = "; ".join(dict.fromkeys(reasons))
    return Object(api, str(row["name"]), _creator(row), namespace, state, reason, cause)


def _cause(live: Live, row: Json, states: dict[str, tuple[str, tuple[str, ...]]]) -> str:
    """What lies beneath a virtual service that is not up; "" where nothing of it was read."""
    parent = uuid_of(str(row.get("vh_parent_vs_ref") or ""))
    if parent and states.get(parent, (UP,))[0] != UP:
        return f"its parent {split_ref(str(row['vh_parent_vs_ref']))[2] or parent} is not up"
    if row.get("enabled") is False:
        return "it is disabled"
    for look in (_vip_cause, _cloud_cause, _engines_cause):
        with suppress(Unknown):
            if cause := look(live, row):
                return cause
    return ""


def _vip_cause(live: Live, row: Json) -> str:
    live.rows("vsvip")
    if row.get("type") == CHILD:
        return ""
    if (ref := row.get("vsvip_ref")) and live.names.is_missing(ref):
        return "the VIP that it refers to is not there"
    return _without_address(vsvip_of(row, live.names))


def _without_address(vip: Json) -> str:
    """Why a VIP has no address; "" where it has one in each element."""
    elements = messages(vip.get("vip"))
    if not elements:
        return "it has no VIP"
    bare = [each for each in elements if not (each.get("ip_address") or each.get("ip6_address"))]
    if not bare:
        return ""
    refs = (dig(each, "ipam_network_subnet", "network_ref") for each in bare)
    networks = dict.fromkeys(split_ref(str(ref))[2] or uuid_of(str(ref)) for ref in refs if ref)
    return "no address was given to its VIP" + (f" of network {', '.join(networks)}" if networks else "")


def _cloud_cause(live: Live, row: Json) -> str:
    uuid = uuid_of(str(row.get("cloud_ref") or ""))
    status = live.row("cloud-inventory", uuid).get("status") or {}
    state = status.get("state")
    if not isinstance(state, str) or state == PLACEMENT_READY:
        return ""
    reasons = "; ".join(runtime.texts(status.get("reason")))
    return f"cloud {live.names.cloud_of(row)} places nothing: {state}" + (f", {reasons}" if reasons else "")


def _engines_cause(live: Live, row: Json) -> str:
    """What keeps the Service Engines of its group from carrying it."""
    ref = str(row.get("se_group_ref") or "")
    name = split_ref(ref)[2] or str((live.names.resolve(ref) or {}).get("name", uuid_of(ref)))
    cause = live.once(group_causes).get(uuid_of(ref), "it has no Service Engine")
    return f"SE group {name}: {cause}" if cause else ""


def group_causes(live: Live) -> dict[str, str]:
    """By the uuid of an SE group with Service Engines, why they carry nothing more; "" for none. Raises Unknown."""
    groups: defaultdict[str, list[Json]] = defaultdict(list)
    for row in live.rows("serviceengine-inventory"):
        groups[uuid_of(str(dig(row, "config", "se_group_ref") or ""))].append(row)
    limits = {each.get("uuid"): each.get("max_se") for each in live.names.objects("serviceenginegroup")}
    return {uuid: _group_cause(rows, whole(limits.get(uuid) or MAX_SE)) for uuid, rows in groups.items()}


def _group_cause(rows: list[Json], limit: int) -> str:
    if disabled := list(runtime.disabled(rows)):
        return "; ".join(disabled)
    if all(operation(each)[0] != UP for each in rows):
        how = ", ".join(
            f"{dig(each, 'config', 'name')} ({operation(each)[0] or 'no state'})" for each in rows[:MOST]
        )
        return f"none of its Service Engines is up: {how}"
    return f"it has all of its {limit} Service Engines" if limit == len(rows) else ""


def of_cluster(cluster: Cluster, objects: Iterable[Object]) -> list[str]:
    """What of a cluster does not serve, a line for each namespace. What stands on a parent is counted with it."""
    groups: defaultdict[str, list[Object]] = defaultdict(list)
    for each in objects:
        if cluster.owns(each.creator):
            groups[each.namespace].append(each)
    return [
        f"{f'namespace {namespace}' if namespace else 'shared'} ({len(group)}): {_few(group)}"
        for namespace, group in sorted(groups.items())
    ]


def _few(group: list[Object]) -> str:
    more = f"; and {len(group) - MOST} more" if len(group) > MOST else ""
    return "; ".join(each.text for each in group[:MOST]) + more


LOOKS: tuple[Callable[[Live], tuple[tuple[Json, ...], tuple[Object, ...]]], ...] = (services, vips, pools)


def notices(live: Live, declared: Iterable[Cluster]) -> Iterator[str]:
    """What of clusters that nobody declares does not serve, a line for each, by what a run has read anyway."""
    known = [*declared]
    groups: defaultdict[str, list[Object]] = defaultdict(list)
    counts: defaultdict[str, int] = defaultdict(int)
    for look in LOOKS:
        with suppress(Unknown):
            rows, down = live.once(look)
            for row in rows:
                counts[_creator(row)] += look is services
            for each in down:
                groups[each.creator].append(each)
    for creator, objects in sorted(groups.items()):
        if owner(creator, known) is None:
            count = sum(1 for each in objects if each.api == "virtualservice")
            spaces = dict.fromkeys(each.namespace for each in objects if each.namespace)
            where = f", namespaces {', '.join(list(spaces)[:MOST])}" if spaces else ""
            yield (
                f"{creator}, of no declared cluster: {count} of {counts[creator]} virtual services are not up"
                f"{where}: {objects[0].text}"
            )
