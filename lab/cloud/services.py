"""Placement and state of virtual services: on which Service Engines each runs, and whether it is up.

The states OPER_RESOURCES -> OPER_INITIALIZING -> OPER_UP is [INF] from the enum; a disabled service is
OPER_DISABLED; a VIP on no known network leaves it down with `No network/subnet matched Virtual Service IP`
[PUBLIC]. A service without a pool is up as soon as a Service Engine carries it [INF]: the DNS service answers
from its own tables, and shared parents route by rules. Servers of pools are up unless
`site.memory["servers_down"]` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.cloud import discovery, engines, machines
from lab.cloud.clouds import can_place, integration, segment_network
from lab.cloud.common import Address, cloud_of, followed, parse_ip, uuid_of
from lab.cloud.engines import Placement, engine_state, forget, keep_buffer, place, placements, unplace, up_at
from lab.cloud.nsxt import is_overlay, nsxt_of, segments_behind, tier1_of
from lab.cloud.reach import conflict, unadvertised, unreached, way_to
from lab.cloud.segments import sync_nsxt
from lab.cloud.subnets import networks_with
from lab.hooks import Change, Moment, on
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site

NO_NETWORK = "No network/subnet matched Virtual Service IP"
WAITING = "Waiting for Service Engines"


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands: operational state, since when (seconds), and why."""

    state: str
    since: float
    reason: str = ""

    @property
    def up(self) -> bool:
        """Whether it serves."""
        return self.state == "OPER_UP"


def carrier(site: Site, service: Object) -> Object:
    """The service whose VIP and Service Engines this one uses: its parent for a child, else itself."""
    parent = followed(site, service.body, "vh_parent_vs_ref")
    return parent if parent is not None and service.body.get("type") == "VS_TYPE_VH_CHILD" else service


def vsvip_of(site: Site, service: Object) -> Object | None:
    """The vsvip a service stands on."""
    return followed(site, carrier(site, service).body, "vsvip_ref")


def vips_of(site: Site, service: Object) -> list[Json]:
    """The VIPs of a service, from its vsvip."""
    vsvip = vsvip_of(site, service)
    return list(vsvip.body.get("vip", [])) if vsvip else []


def services_on(site: Site, vsvip: Object) -> list[Object]:
    """The services that refer to a vsvip."""
    return [o for o in site.store.referrers(vsvip) if o.type == "virtualservice"]


def pools_of(site: Site, service: Object) -> list[Object]:
    """The pools of a service, through its pool group too."""
    own = followed(site, service.body, "pool_ref")
    group = followed(site, service.body, "pool_group_ref")
    members = [followed(site, m, "pool_ref") for m in group.body.get("members", [])] if group else []
    return [pool for pool in [own, *members] if pool is not None]


def users_of(site: Site, pool: Object) -> list[Object]:
    """The services that use a pool, through pool groups too."""
    services: dict[str, Object] = {}
    for user in site.store.referrers(pool):
        for service in [user] if user.type == "virtualservice" else site.store.referrers(user):
            if service.type == "virtualservice":
                services[service.uuid] = service
    return list(services.values())


def server_trouble(site: Site, pool: Object, server: Json) -> str:
    """Why a server of a pool is down; "" where it is up."""
    address = parse_ip(server.get("ip"))
    if str(server.get("ip", {}).get("addr")) in site.memory.get("servers_down", ()):
        return "Servers are down"
    if address is None:
        return ""
    return unreached(site, pool, address) or _unplugged(site, pool, address)


def _unplugged(site: Site, pool: Object, address: Address) -> str:
    """Why no Service Engine that carries a pool is on the network of a server; "" where one is [INF]."""
    if not engines.misplugged(site):
        return ""
    network = way_to(site, pool, address)
    if network is None:
        return ""
    carrying = [record.uuid for service in users_of(site, pool) for record, _ in engine_rows(site, service)]
    whys = [engines.misplugged(site).get(uuid, {}).get(network.uuid) for uuid in carrying]
    return f"{address} does not answer: {whys[0]}" if whys and all(whys) else ""


def heard(site: Site, service: Object) -> bool:
    """Whether a service that is up is heard on the networks of its VIPs, by one Service Engine at least [INF]."""
    if not engines.misplugged(site):
        return True
    up = [
        record.uuid for record, _ in engine_rows(site, service) if engine_state(site, record)[0] == "OPER_UP"
    ]
    vsvip = vsvip_of(site, service)
    vrf = uuid_of(vsvip.body.get("vrf_context_ref")) if vsvip else ""
    addresses = (
        parse_ip(vip.get(m)) for vip in vips_of(site, service) for m in ("ip_address", "ip6_address")
    )
    networks = (n for a in addresses if a for n, _ in networks_with(site, service.cloud, vrf, a))
    fronts = {network.uuid for network in networks}
    return not up or any(not fronts & engines.misplugged(site).get(uuid, {}).keys() for uuid in up)


def pool_standing(site: Site, pool: Object) -> tuple[Standing, int, int, int]:
    """How a pool stands, and its servers: all, enabled, up."""
    servers = pool.body.get("servers", [])
    able = [s for s in servers if s.get("enabled", True)]
    reasons = [server_trouble(site, pool, server) for server in able]
    up = sum(not reason for reason in reasons)
    since = int(pool.body["_last_modified"]) / 1_000_000
    if not pool.body.get("enabled", True):
        standing = Standing("OPER_DISABLED", since)
    elif not servers:
        standing = Standing("OPER_DOWN", since, "No servers configured")
    else:
        least = max(1, int(pool.body.get("min_servers_up", 1) or 1))
        why = next((reason for reason in reasons if reason), "")
        standing = Standing("OPER_UP", since) if up >= least else Standing("OPER_DOWN", since, why)
    return standing, len(servers), len(able), up


def standing(site: Site, service: Object) -> Standing:  # noqa: PLR0911 -- one rung of the ladder each
    """How a virtual service stands now."""
    written = int(service.body["_last_modified"]) / 1_000_000
    if not service.body.get("enabled", True):
        return Standing("OPER_DISABLED", written)
    host = carrier(site, service)
    if host is not service and not host.body.get("enabled", True):
        return Standing("OPER_DISABLED", written, "Parent virtual service is disabled")
    placed = placements(site).get(host.uuid)
    if placed is None:
        return Standing("OPER_RESOURCES", written, WAITING)
    if not placed.engines:
        state = "OPER_DOWN" if placed.reason == NO_NETWORK else "OPER_RESOURCES"
        return Standing(state, placed.since, placed.reason or WAITING)
    carried = _carried(site, placed)
    if not carried.up:
        return carried
    if (vsvip := vsvip_of(site, service)) is not None and (
        why := conflict(site, vsvip) or unadvertised(site, host, vsvip)
    ):
        return Standing("OPER_DOWN", carried.since, why)
    standings = [pool_standing(site, pool)[0] for pool in pools_of(site, service)]
    if standings and not any(pool.up for pool in standings):
        why = next((f": {pool.reason}" for pool in standings if pool.reason), "")
        return Standing("OPER_DOWN", max(p.since for p in standings), f"Pool is down{why}")
    return carried


def _carried(site: Site, placed: Placement) -> Standing:
    records = [r for uuid in placed.engines if (r := engines.engines(site).get(uuid)) is not None]
    states = [engine_state(site, record)[0] for record in records]
    if "OPER_UP" in states:
        first = min(up_at(site, r) for r, state in zip(records, states, strict=True) if state == "OPER_UP")
        return Standing("OPER_UP", max(first, placed.since))
    if "OPER_INITIALIZING" in states:
        return Standing("OPER_INITIALIZING", placed.since)
    if "OPER_CREATING" in states:
        return Standing("OPER_RESOURCES", placed.since, WAITING)
    cut = (engines.outages(site).get(record.uuid) for record in records)
    why = next((f": {each}" for each in (placed.reason, *(o.reason for o in cut if o)) if each), "")
    return Standing("OPER_DOWN", placed.since, f"All Service Engines are down{why}")


def needed_networks(site: Site, service: Object) -> list[str] | None:
    """The networks a service needs vNICs on, frontend first; None without VIP, or with one on no network of its VRF."""
    vsvip = vsvip_of(site, service)
    if vsvip is None or not vsvip.body.get("vip"):
        return None
    cloud = site.store.get("cloud", vsvip.cloud)
    if cloud is not None and (nsxt := nsxt_of(cloud)) and is_overlay(nsxt):
        return _behind_tier1(site, cloud, nsxt, followed(site, vsvip.body, "vrf_context_ref"))
    vrf = uuid_of(vsvip.body.get("vrf_context_ref"))
    needed: dict[str, None] = {}
    for vip in vsvip.body.get("vip", []):
        for address in (parse_ip(vip.get(m)) for m in ("ip_address", "ip6_address")):
            if address is None:
                continue
            carrying = next(networks_with(site, vsvip.cloud, vrf, address), None)
            if carrying is None:
                return None
            needed[carrying[0].uuid] = None
    for server in (s for pool in pools_of(site, service) for s in pool.body.get("servers", [])):
        if (address := parse_ip(server.get("ip"))) is not None:
            needed |= {n.uuid: None for n, _ in networks_with(site, vsvip.cloud, vrf, address)}
    return list(needed) or None


def _behind_tier1(site: Site, cloud: Object, nsxt: Json, vrf: Object | None) -> list[str] | None:
    """The data segment behind the T1 gateway of a VRF context: VIPs and servers are reached through the T1 [INF]."""
    path = tier1_of(vrf)
    segments = segments_behind(site, nsxt, path)
    network = next((n for segment in segments if (n := segment_network(site, cloud, segment))), None)
    return [network.uuid] if network is not None else None


def settle_service(site: Site, service: Object) -> None:
    """Place a service, or take it off its Service Engines, as its configuration asks."""
    placed = placements(site).get(service.uuid)
    if not service.body.get("enabled", True) or carrier(site, service) is not service:
        unplace(site, service.uuid)
        return
    cloud, group = cloud_of(site, service), followed(site, service.body, "se_group_ref")
    if cloud is None or group is None or not can_place(site, cloud):
        _settle_unready(site, service, cloud)
        return
    networks = needed_networks(site, service)
    if networks is None:
        if placed is None or placed.reason != NO_NETWORK or placed.engines:
            unplace(site, service.uuid)
            placements(site)[service.uuid] = Placement(site.clock.now(), [], [], NO_NETWORK)
        return
    if placed is not None and not _still_fits(site, placed, group):
        unplace(site, service.uuid)
        placed = None
    if placed is not None and placed.engines and placed.networks != networks:
        _extend(site, placed, networks)
    if placed is None or len(placed.engines) < engines.wanted(group):
        place(site, service, group, networks)


def _settle_unready(site: Site, service: Object, cloud: Object | None) -> None:
    """A service of a cloud that can place nothing now: it waits, or runs on where its Service Engines suffice.

    They get no vNIC before the cloud is ready again: a VIP or server on another network takes the service down [INF].
    """
    placed = placements(site).get(service.uuid)
    why = integration(site, cloud).reason if cloud is not None else ""
    reason = f"Cloud {cloud.name} is not ready: {why}" if cloud is not None and why else WAITING
    since = placed.since if placed is not None else site.clock.now()
    if placed is not None and placed.engines:
        networks = needed_networks(site, service)
        if networks is not None and all(_is_on(site, uuid, networks) for uuid in placed.engines):
            placed.networks = networks
            return
        unplace(site, service.uuid)
        since, reason = site.clock.now(), NO_NETWORK if networks is None else reason
    placements(site)[service.uuid] = Placement(since, [], [], reason)


def _is_on(site: Site, uuid: str, networks: list[str]) -> bool:
    engine = site.store.get("serviceengine", uuid)
    return engine is not None and machines.vnic_networks(engine) >= {*networks}


def _still_fits(site: Site, placed: Placement, group: Object) -> bool:
    records = [engines.engines(site).get(uuid) for uuid in placed.engines]
    return all(record is not None and record.group == group.uuid for record in records)


def _extend(site: Site, placed: Placement, networks: list[str]) -> None:
    try:
        for uuid in placed.engines:
            machines.attach(site, uuid, networks)
    except machines.NoAddress as none:
        placed.reason = str(none)
    placed.networks = networks


@on(Moment.PLACED, "virtualservice")
def place_service(change: Change) -> None:
    """Place a written service."""
    settle_service(change.site, change.new)


@on(Moment.DELETED, "virtualservice")
def free_engines(change: Change) -> None:
    """Free the Service Engines of a deleted service."""
    unplace(change.site, change.new.uuid)


@on(Moment.PLACED, "vsvip")
def follow_vip(change: Change) -> None:
    """A changed VIP may stand on another network."""
    for service in services_on(change.site, change.new):
        settle_service(change.site, service)


@on(Moment.PLACED, "network", "cloud", "vcenterserver")
@on(Moment.DELETED, "network", "cloud")
def retry_waiting(change: Change) -> None:
    """What services stand on has changed: try again for those of its cloud that wait."""
    changed = change.new
    retry(change.site, changed.uuid if changed.type == "cloud" else changed.cloud)


@on(Moment.PLACED, "pool", "poolgroup")
def follow_servers(change: Change) -> None:
    """The servers of a pool may stand on networks its services have no vNIC on yet."""
    for service in users_of(change.site, change.new):
        settle_service(change.site, service)


@on(Moment.PLACED, "serviceenginegroup")
def grow_group(change: Change) -> None:
    """A group with more buffer or more scale-out gets it at once [INF]; services that wait for it try again."""
    site, group = change.site, change.new
    users = [each for each in site.store.referrers(group) if each.type == "virtualservice"]
    again(site, [vs for vs in users if (placed := placements(site).get(vs.uuid)) and placed.reason])
    if change.old is not None and engines.wanted(group) != engines.wanted(change.old):
        for uuid in {vs for mate in engines.of_group(site, group.uuid) for vs in mate.carries}:
            if (service := site.store.get("virtualservice", uuid)) is not None:
                settle_service(site, service)
    busy = next((engine for engine in engines.of_group(site, group.uuid) if engine.carries), None)
    if busy is not None:
        placed = placements(site).get(next(iter(sorted(busy.carries))))
        keep_buffer(site, group, placed.networks if placed else [])


@on(Moment.DELETED, "serviceengine")
def move_services(change: Change) -> None:
    """A Service Engine deleted by a client: its VM goes too, and what it carried moves."""
    site, engine = change.site, change.new
    machines.raze(site, engine)
    for uuid in forget(site, engine.uuid):
        if (service := site.store.get("virtualservice", uuid)) is not None:
            settle_service(site, service)


def retry(site: Site, cloud: str) -> None:
    """Try again to place every service of a cloud that runs nowhere, or on fewer Service Engines than it should."""
    container = site.store.get("cloud", cloud)
    if container is None or not can_place(site, container):
        return
    waiting = (
        site.store.get("virtualservice", vs) for vs, placed in placements(site).items() if placed.reason
    )
    again(site, [service for service in waiting if service is not None and service.cloud == cloud])


def again(site: Site, services: Iterable[Object]) -> None:
    """Settle services that wait; where one finds no room, others of its group and networks are not tried."""
    full: set[tuple[str, ...]] = set()
    for service in services:
        before = placements(site).get(service.uuid)
        key = (str(service.body.get("se_group_ref")), *before.networks) if before else ()
        if key in full:
            continue
        settle_service(site, service)
        after = placements(site).get(service.uuid)
        if before and after and before.networks and after.networks == before.networks and after.reason:
            full.add(key)


def settle(site: Site) -> None:
    """Let time have its effect: discovery, removal of idle Service Engines. Cheap when nothing is due."""
    discovery.sync(site)
    sync_nsxt(site)
    engines.reap(site)


def engine_rows(site: Site, service: Object) -> Iterator[tuple[engines.Engine, Object]]:
    """The Service Engines that carry a service, primary first."""
    placed = placements(site).get(carrier(site, service).uuid)
    for uuid in placed.engines if placed else ():
        record, obj = engines.engines(site).get(uuid), site.store.get("serviceengine", uuid)
        if record is not None and obj is not None:
            yield record, obj
