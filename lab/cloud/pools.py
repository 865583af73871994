"""Address pools of networks: their ranges, the next free address, and who holds which.

`site.memory["leases"]` is an index over configuration (VIPs of vsvips, vNICs of Service Engines), kept up by
the hooks that change those and rebuilt by `lab.cloud.adopt`; it is never the only place a fact is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.cloud.common import Address, Subnet, as_address, parse_ip, subnets_of, uuid_of
from lab.cloud.subnets import networks_with
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site

FOR_VIP = frozenset({"STATIC_IPS_FOR_VIP", "STATIC_IPS_FOR_VIP_AND_SE"})
FOR_SE = frozenset({"STATIC_IPS_FOR_SE", "STATIC_IPS_FOR_VIP_AND_SE"})


@dataclass(frozen=True, slots=True)
class Pool:
    """One static range of a network, both ends inclusive."""

    subnet: Subnet
    first: Address
    last: Address
    type: str

    @property
    def size(self) -> int:
        """How many addresses it holds; 0 for a range written backwards."""
        return max(0, int(self.last) - int(self.first) + 1)

    def __contains__(self, address: Address) -> bool:
        return address.version == self.first.version and int(self.first) <= int(address) <= int(self.last)

    def __iter__(self) -> Iterator[Address]:
        return (self.first + step for step in range(self.size))


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds an address: the object's type, uuid and name."""

    kind: str
    uuid: str
    name: str


@dataclass
class Leases:
    """Held addresses by network uuid, and the way back from a holder."""

    held: dict[str, dict[str, Lease]] = field(default_factory=dict)
    by_owner: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def take(self, network: str, address: Address | str, lease: Lease) -> None:
        """Note that an address of a network is held."""
        self.held.setdefault(network, {})[str(address)] = lease
        self.by_owner.setdefault(lease.uuid, set()).add((network, str(address)))

    def release(self, owner: str) -> None:
        """Give back everything an object held."""
        for network, address in self.by_owner.pop(owner, set()):
            if (lease := self.held.get(network, {}).get(address)) and lease.uuid == owner:
                del self.held[network][address]

    def on(self, network: str) -> dict[str, Lease]:
        """The held addresses of a network."""
        return self.held.get(network, {})


def leases(site: Site) -> Leases:
    """The site's index of held addresses."""
    book: Leases = site.memory.setdefault("leases", Leases())
    return book


def pools(network: Json, kinds: frozenset[str] | None = None) -> Iterator[Pool]:
    """The static ranges of a network's body, of those types (all when None), in the order written."""
    for subnet, entry in subnets_of(network):
        for item in entry.get("static_ip_ranges", []):
            kind = item.get("type", "STATIC_IPS_FOR_VIP_AND_SE")
            first, last = (parse_ip(item.get("range", {}).get(end)) for end in ("begin", "end"))
            if first and last and first.version == last.version and (kinds is None or kind in kinds):
                yield Pool(subnet, first, last, kind)


def free(
    site: Site,
    network: Object,
    kinds: frozenset[str],
    *,
    version: int = 4,
    skip: frozenset[str] = frozenset(),
) -> tuple[Pool, Address] | None:
    """The lowest free address of a network's ranges of those types, and its range; None when all are held.

    Lowest first: recorded .111 in use, .112 given [REC]; reuse of a hole below is [INF].
    """
    for pool in pools(network.body, kinds):
        if pool.subnet.version == version:
            for address in pool:
                if str(address) not in skip and not is_leased(site, network, address):
                    return pool, address
    return None


def is_leased(site: Site, network: Object, address: Address) -> bool:
    """Whether an address of a network is taken: there, or on another of its cloud and VRF context that has it too.

    A VRF context is one routing table: the same address in it twice is a duplicate [INF].
    """
    book, text = leases(site), str(address)
    if text in book.on(network.uuid):
        return True
    vrf = uuid_of(network.body.get("vrf_context_ref"))
    return any(text in book.on(other.uuid) for other, _ in networks_with(site, network.cloud, vrf, address))


def hold_vips(site: Site, vsvip: Object) -> None:
    """Index the addresses of a vsvip: on the network it names, else on one of its VRF that holds each."""
    book = leases(site)
    book.release(vsvip.uuid)
    lease = Lease("vsvip", vsvip.uuid, vsvip.name)
    vrf = uuid_of(vsvip.body.get("vrf_context_ref"))
    for vip in vsvip.body.get("vip", []):
        named = uuid_of(vip.get("ipam_network_subnet", {}).get("network_ref"))
        for member in ("ip_address", "ip6_address"):
            if (address := parse_ip(vip.get(member))) is not None:
                network = named or next(
                    (n.uuid for n, _ in networks_with(site, vsvip.cloud, vrf, address)), ""
                )
                if network:
                    book.take(network, address, lease)


def hold_vnics(site: Site, engine: Object) -> None:
    """Index the addresses of a Service Engine's vNICs."""
    book = leases(site)
    book.release(engine.uuid)
    for vnic in [engine.body.get("mgmt_vnic", {}), *engine.body.get("data_vnics", [])]:
        network = uuid_of(vnic.get("network_ref"))
        for item in vnic.get("vnic_networks", []):
            address = parse_ip(item.get("ip", {}).get("ip_addr"))
            if network and address and item.get("mode") != "VIP":
                book.take(network, address, Lease("serviceengine", engine.uuid, engine.name))


def users_of(site: Site, network: str) -> list[str]:
    """What stands on a network, by type and name, sorted: VIPs and Service Engine vNICs."""
    return sorted({f"{lease.kind} {lease.name}" for lease in leases(site).on(network).values()})


def sort_key(text: str) -> tuple[int, int]:
    """Addresses in numerical order."""
    parsed = as_address(text)
    return parsed.version, int(parsed)
