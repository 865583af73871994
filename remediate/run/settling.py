"""Settling: which declared objects may still change at runtime once the writes of a run have been accepted.

Those are the written ones, what stands on them, and what either drives. A pool is left out that was ill of itself
before the writes and is after them, where none of them touches what its servers are asked by.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from ipaddress import ip_address

from intent import Blocked, ConfigObject, Environment, Intent, Key, Network, Unknown
from intent.base import LivesIn
from intent.graph import dependents, driven, meant, references
from intent.values import Address
from live.avi.identity import Json, uuid_of
from live.avi.reader import INVENTORY
from live.avi.snapshot import Live
from live.facts.runtime import texts
from live.illness.diagnosis import illness
from live.illness.services import is_placed

POOL = "pool"
TOLD_BY = (f"{POOL}{INVENTORY}", f"virtualservice{INVENTORY}")
"""What tells whether a pool is ill of itself, or since nothing that uses it is placed."""


def affected(environment: Environment, changed: AbstractSet[Key]) -> set[Key]:
    """The objects that were changed, all that stands on them, and what changes its state with any of those."""
    reached = dependents(environment, changed)
    return reached | driven(environment, reached)


def ill_of_themselves(live: Live) -> frozenset[Key]:
    """The declared pools that are ill, stand on nothing that is, and are asked: they lack servers that answer."""
    pools = [want for want in live.declared if isinstance(want, ConfigObject) and want.api == POOL]
    if not pools or not live.once(illness).unseen.keys().isdisjoint(TOLD_BY):
        return frozenset()
    ill = set()
    for want in pools:
        with suppress(Blocked, Unknown):
            ref = (POOL, str(live.raw(want)["uuid"]))
            root = live.once(illness).root(ref)
            if root is not None and root.ref == ref and _is_asked(live, ref[1]):
                ill.add(want.key)
    return frozenset(ill)


def _is_asked(live: Live, pool: str) -> bool:
    """Whether a virtual service that a Service Engine carries uses a pool: else nobody asks its servers yet."""
    users = map(uuid_of, texts(live.row(TOLD_BY[0], pool).get("virtualservices")))
    return any(is_placed(live.row(TOLD_BY[1], user)) for user in users)


def touches_servers(environment: Environment, changed: AbstractSet[Key], pool: Key, live: Live) -> bool:
    """Whether a change may alter how the servers of a pool are asked, or from where.

    A change of the pool, of what it names (its monitors, its VRF context), and of a network that they are on. Where one
    is on no declared network, the way to it leads over any. Raises Blocked, Unknown.
    """
    want = environment.find(pool)
    assert want is not None
    if not changed.isdisjoint({pool, *_named(environment, want)}):
        return True
    networks = list(environment.each(Network))
    written = [network for network in networks if network.key in changed]
    servers = list(_addresses(live.raw(want)))
    astray = not all(any(_holds(network, server) for network in networks) for server in servers)
    return any(astray or any(_holds(network, server) for server in servers) for network in written)


def _named(environment: Environment, want: Intent) -> Iterator[Key]:
    """The declared objects that one names, and those that these name; not the clouds that they live in."""
    for reference in references(want):
        if not isinstance(reference.refers, LivesIn):
            for other in meant(environment, want, reference)[:1]:
                yield other.key
                yield from _named(environment, other)


def _addresses(pool: Json) -> Iterator[Address]:
    for server in pool.get("servers") or ():
        with suppress(AttributeError, ValueError):
            yield ip_address(str(server.get("ip", {}).get("addr")))


def _holds(network: Network, address: Address) -> bool:
    return any(address in subnet.prefix for subnet in network.subnets or ())
