"""Runtime facts, read out of the inventories: states, addresses left, Service Engines.

Pure functions over one Live. Each ends in a fact, in Blocked (what it stands on is absent) or in Unknown (not
read, or not said by the Controller): none guesses. Inventory shapes are [SCHEMA], states of operation
[SCHEMA], the cluster's [CLIENT]; none was ever recorded, so each shape that clients have seen is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from intent import Blocked, Cloud, DnsService, IpRange, Network, Unknown
from live.avi.identity import Json, split_ref, uuid_of
from live.avi.snapshot import Live
from live.avi.versions import KNOWN, parse
from live.kinds.addresses import address, prefix
from live.kinds.base import dig
from live.kinds.dns import vsvip_of

CLUSTER_UP = frozenset({"CLUSTER_UP_NO_HA", "CLUSTER_UP_HA_ACTIVE", "CLUSTER_UP_HA_COMPROMISED"})
"""States in which a cluster serves [CLIENT]."""
NODE_ACTIVE = "CLUSTER_ACTIVE"
"""The state of a node that takes part in its cluster [CLIENT]."""
PLACEMENT_READY = "CLOUD_STATE_PLACEMENT_READY"
UP = "OPER_UP"

_USES = {"STATIC_IPS_FOR_VIP_AND_SE": "vip-and-se", "STATIC_IPS_FOR_VIP": "vip", "STATIC_IPS_FOR_SE": "se"}


@dataclass(frozen=True)
class Addresses:
    """What is left of a subnet's static addresses for one use (`vip-and-se`, `vip`, `se`)."""

    subnet: str
    use: str
    total: int
    free: int


@dataclass(frozen=True)
class Engine:
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
        if nodes := _list(row.get("node_states")):
            return [
                f"{node.get('name', 'a node')} ({node.get('state', 'no state')})"
                for node in nodes
                if node.get("state") != NODE_ACTIVE
            ]
    raise Unknown("the Controller does not say how the nodes of its cluster are")


def is_supported(version: str) -> bool:
    """Whether a Controller of this version can be checked: every one from the oldest known model on."""
    found = parse(version)
    return found is not None and found >= KNOWN[0]


def cloud_state(live: Live, cloud: Cloud) -> tuple[str, str]:
    """A cloud's state, such as CLOUD_STATE_PLACEMENT_READY, and the reason given for it ("" without)."""
    row = live.row("cloud-inventory", live.raw(cloud)["uuid"])
    state = dig(row, "status", "state")
    if not state:
        raise Unknown(f"the Controller does not say in which state {cloud.key} is")
    return str(state), " ".join(_texts(dig(row, "status", "reason")))


def pool_usage(live: Live, network: Network) -> tuple[Addresses, ...]:
    """How many static addresses of a network there are and are left, per subnet and use.

    From 22.1 the Controller counts by use; before, by subnet (20.1.3 to 21.1 may do both; the finer count is
    taken). Raises Blocked when the network is absent, Unknown when the Controller counts nothing for it.
    """
    row = live.row("network-inventory", live.raw(network)["uuid"])
    runtime = row.get("runtime")
    if not isinstance(runtime, dict):
        raise Unknown(f"the Controller reports no address counts of {network.key}")
    return tuple(
        found for subnet in _list(runtime.get("subnet_runtime")) for found in _subnet(subnet, network)
    )


def _subnet(subnet: Json, network: Network) -> Iterable[Addresses]:
    name = str(prefix(subnet.get("prefix")) or "?")
    ranges = _list(subnet.get("ip_range_runtimes"))
    for message, use in [
        (entry, _USES.get(str(entry.get("type", "STATIC_IPS_FOR_VIP_AND_SE")), str(entry.get("type"))))
        for entry in ranges
    ] or [(subnet, "vip-and-se")]:
        total, free = message.get("total_ip_count"), message.get("free_ip_count")
        used = message.get("used_ip_count")
        if free is None and isinstance(total, int) and isinstance(used, int):
            free = total - used
        if not isinstance(total, int) or not isinstance(free, int):
            if not ranges and not {"total_ip_count", "free_ip_count", "used_ip_count"} & message.keys():
                return  # a subnet without a static pool is not counted
            raise Unknown(f"the Controller gives no address counts of {network.key} in {name}")
        yield Addresses(name, use, total, free)


def left(found: Iterable[Addresses], use: str) -> int:
    """The sum of the free addresses that a VIP (`vip`) or a Service Engine (`se`) may take."""
    return sum(entry.free for entry in found if use in entry.use.split("-and-"))


def service_state(live: Live, service: DnsService) -> tuple[str, tuple[str, ...]]:
    """A virtual service's state of operation, such as OPER_UP, and the Controller's reasons for it.

    Reasons of its VIPs are given where it has none of its own. Raises Blocked when it is absent, Unknown.
    """
    row = live.row("virtualservice-inventory", live.raw(service)["uuid"])
    state = dig(row, "runtime", "oper_status", "state")
    if not state:
        raise Unknown(f"the Controller does not say in which state of operation {service.key} is")
    reasons = _texts(dig(row, "runtime", "oper_status", "reason"))
    if not reasons:
        reasons = tuple(text for vip in _vips(row) for text in _texts(dig(vip, "oper_status", "reason")))
    return str(state), tuple(dict.fromkeys(reasons))


def service_engines_of(live: Live, service: DnsService) -> tuple[Engine, ...]:
    """The Service Engines that a virtual service's VIPs are placed on, each once; empty while there are none.

    Raises Blocked when it is absent, Unknown when an engine's name or state is not known.
    """
    row = live.row("virtualservice-inventory", live.raw(service)["uuid"])
    if not isinstance(row.get("runtime"), dict):
        raise Unknown(f"the Controller reports no runtime of {service.key}")
    found: dict[str, Engine] = {}
    for vip in _vips(row):
        for assigned in _list(vip.get("service_engine")):
            ref = str(assigned.get("ref") or assigned.get("url") or "")
            engine = _assigned(live, assigned, ref)
            found[uuid_of(ref) or engine.name] = engine
    return tuple(found.values())


def _assigned(live: Live, assigned: Json, ref: str) -> Engine:
    """An engine as the virtual service names it, with what the engine's own inventory says of it."""
    row = next((r for r in live.rows("serviceengine-inventory") if ref and _uuid(r) == uuid_of(ref)), None)
    if row is not None:
        return _engine(row)
    name = assigned.get("name") or split_ref(ref)[2]
    state = dig(assigned, "oper_status", "state")
    if not name or not state:
        raise Unknown(f"the Controller does not say what Service Engine {name or ref or '?'} is or how it is")
    return Engine(
        str(name), str(state), assigned.get("connected"), _texts(dig(assigned, "oper_status", "reason"))
    )


def _engine(row: Json) -> Engine:
    name, state = dig(row, "config", "name"), dig(row, "runtime", "oper_status", "state")
    if not name or not state:
        raise Unknown(f"the Controller does not say what Service Engine {name or _uuid(row)} is or how it is")
    connected = dig(row, "runtime", "se_connected")
    return Engine(str(name), str(state), connected, _texts(dig(row, "runtime", "oper_status", "reason")))


def engine_problem(live: Live, service: DnsService) -> str:
    """Why a virtual service runs on no Service Engine that is up and bears its group's prefix; "" if it does.

    Raises Blocked while the virtual service is absent or not up, Unknown.
    """
    state, _ = service_state(live, service)
    if state != UP:
        raise Blocked(f"{service.key} is not up ({state})")
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
    group, cloud = live.names.at(raw.get("se_group_ref")), live.names.at(raw.get("cloud_ref"))
    if group is None:
        raise Unknown(f"the SE group of {service.key} was not found")
    first = f"{cloud['obj_name_prefix']}_" if cloud and cloud.get("obj_name_prefix") else ""
    return f"{first}{group.get('se_name_prefix', 'Avi')}-se-"


def vips_outside_pools(live: Live, service: DnsService) -> list[str]:
    """The VIP addresses of a virtual service that lie in no pool for VIPs of the network they are from.

    Raises Blocked when there is no VIP address, Unknown when a VIP's network is not known.
    """
    raw = live.raw(service)
    live.rows("network")
    found = []
    vips = _list(vsvip_of(raw, live.names).get("vip"))
    for vip in vips:
        for member in ("ip_address", "ip6_address"):
            if (ip := address(vip.get(member))) is not None:
                pools = _vip_pools(live, service, vip)
                found.append((str(ip), any(ip in pool for pool in pools)))
    if not found:
        raise Blocked(f"{service.key} has no VIP address")
    return [ip for ip, inside in found if not inside]


def _vip_pools(live: Live, service: DnsService, vip: Json) -> list[IpRange]:
    """The pools for VIPs of the network a VIP was asked from, else of the one it was found in."""
    asked = dig(vip, "ipam_network_subnet", "network_ref")
    placed = next((entry.get("network_ref") for entry in _list(vip.get("discovered_networks"))), None)
    network = live.names.at(asked or placed)
    if network is None:
        raise Unknown(f"the Controller does not say which network the VIP of {service.key} is from")
    subnets = live.decode(Network, network).subnets or ()
    return [
        pool.range
        for subnet in subnets
        for pool in subnet.pools or ()
        if "vip" in str(pool.use).split("-and-")
    ]


def allocated(live: Live, network: Network) -> tuple[tuple[str, str], ...]:
    """Addresses of a network that are taken, each with by what ("" if not said). Raises as `pool_usage`."""
    row = live.row("network-inventory", live.raw(network)["uuid"])
    if not isinstance(row.get("runtime"), dict):
        raise Unknown(f"the Controller reports no address counts of {network.key}")
    taken: dict[str, str] = {}
    for subnet in _list(row["runtime"].get("subnet_runtime")):
        old = _list(subnet.get("ip_alloced"))
        new = [
            ip for entry in _list(subnet.get("ip_range_runtimes")) for ip in _list(entry.get("allocated_ips"))
        ]
        for message in (*new, *old):
            if address := dig(message, "ip", "addr"):
                taken.setdefault(str(address), str(message.get("obj_info") or message.get("obj_uuid") or ""))
    return tuple(taken.items())


def _vips(row: Json) -> list[Json]:
    """`vip_summary`: one object in the schema, a list on the wire [CLIENT]."""
    found = dig(row, "runtime", "vip_summary")
    return [found] if isinstance(found, dict) else _list(found)


def _list(value: Any) -> list[Json]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    """Reasons: a list in the schema, sometimes one text."""
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def _uuid(row: Json) -> str:
    return str(row.get("uuid") or dig(row, "config", "uuid") or uuid_of(str(row.get("url", ""))))
