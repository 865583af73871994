"""Views of networks: which addresses of their pools are in use (runtime, `networkruntime`, `network-inventory`).

Field names from the schema; no recording exists, so how the counts move is [INF]: total is the size of the
ranges, an address is used while a VIP or a Service Engine vNIC holds it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lab.cloud.clouds import find
from lab.cloud.common import as_address, ip_json, prefix_json, shown, subnets_of, uuid_of
from lab.cloud.pools import Lease, Pool, leases, pools, sort_key, users_of
from lab.hooks import Ask, Change, Moment, on, view
from lab.lazy_rows import Rows
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site

Version = tuple[int, ...]


def usage(site: Site, network: Object, pool: Pool) -> list[str]:
    """The held addresses of one range, ascending."""
    leased = leases(site).on(network.uuid)
    return sorted((text for text in leased if as_address(text) in pool), key=sort_key)


def runtime_of(site: Site, network: Object, version: Version) -> Json:
    """The `NetworkRuntime` in a model version: counts per range from 20.1.3, per subnet before 22.1."""
    leased = leases(site).on(network.uuid)
    every = list(pools(network.body))
    subnets: list[Json] = []
    for subnet, _ in subnets_of(network.body):
        row: Json = {"prefix": prefix_json(subnet)}
        mine = [pool for pool in every if pool.subnet == subnet]
        used = {pool: usage(site, network, pool) for pool in mine}
        if version >= (20, 1, 3) and mine:
            row["ip_range_runtimes"] = [
                _range_runtime(pool, {text: leased[text] for text in taken}) for pool, taken in used.items()
            ]
        if version < (22, 1):
            total, count = sum(pool.size for pool in mine), sum(map(len, used.values()))
            row |= {"total_ip_count": total, "used_ip_count": count, "free_ip_count": total - count}
            row["ip_alloced"] = [
                {"ip": ip_json(text), "obj_uuid": leased[text].uuid}
                for taken in used.values()
                for text in taken
            ]
        subnets.append({key: value for key, value in row.items() if value != []})
    body: Json = {
        "uuid": network.uuid,
        "url": f"/api/networkruntime/{network.uuid}",
        "name": network.name,
        "tenant_ref": network.body.get("tenant_ref", "/api/tenant/admin"),
        "_last_modified": network.body["_last_modified"],
    }
    if subnets:
        body["subnet_runtime"] = subnets
    if version >= (20, 1, 3) and leased:
        body["obj_uuids"] = sorted({lease.uuid for lease in leased.values()})
    return body


def _range_runtime(pool: Pool, leased: dict[str, Lease]) -> Json:
    """The counts of one range; a list of nothing is absent, as everywhere (§2.10)."""
    row: Json = {
        "type": pool.type,
        "total_ip_count": pool.size,
        "free_ip_count": pool.size - len(leased),
    }
    if leased:
        row["allocated_ips"] = [
            {"ip": ip_json(text), "obj_uuid": lease.uuid, "obj_info": lease.name}
            for text, lease in leased.items()
        ]
    return row


@view("/api/network/{uuid}/runtime")
def network_runtime(site: Site, ask: Ask) -> Json:
    """How many addresses of one network are free."""
    return runtime_of(site, find(site, "network", ask.params["uuid"], "Network"), ask.version)


@view("/api/networkruntime/{uuid}")
def one_runtime(site: Site, ask: Ask) -> Json:
    """The same under its own type [SCHEMA]."""
    return runtime_of(site, find(site, "network", ask.params["uuid"], "NetworkRuntime"), ask.version)


@view("/api/networkruntime", rows=True)
def runtimes(site: Site, ask: Ask) -> Rows:
    """Every network's runtime [SCHEMA]."""
    return Rows(site.store.all("network"), partial(runtime_of, site, version=ask.version))


def inventory_row(site: Site, network: Object, version: Version) -> Json:
    """A network in `/api/network-inventory` [SCHEMA]."""
    row: Json = {
        "uuid": network.uuid,
        "url": f"/api/network-inventory/{network.uuid}",
        "config": shown(site, network, version),
        "runtime": runtime_of(site, network, version),
    }
    if (discovered := site.store.get("vimgrnwruntime", network.uuid)) is not None:
        row["discovery"] = shown(site, discovered, version)
    return row


@view("/api/network-inventory", rows=True)
def network_inventory(site: Site, ask: Ask) -> Rows:
    """Every network: configuration, discovery and runtime [SCHEMA]."""
    return Rows(site.store.all("network"), partial(inventory_row, site, version=ask.version))


@view("/api/network-inventory/{uuid}")
def one_network_inventory(site: Site, ask: Ask) -> Json:
    """One network of the inventory [SCHEMA]."""
    return inventory_row(site, find(site, "network", ask.params["uuid"], "Network"), ask.version)


@on(Moment.BEFORE, "network")
def keep_vrf(change: Change) -> None:
    """Refuse to move a network to another VRF while a VIP or a Service Engine vNIC is on it [INF: text]."""
    old = change.old
    if old is None:
        return
    was, now = (uuid_of(obj.body.get("vrf_context_ref")) for obj in (old, change.new))
    if was != now and (users := users_of(change.site, old.uuid)):
        raise Refused(400, f"Cannot change VRF of network {old.name}: in use by {', '.join(users)}")
