"""Index of subnets: which network of a VRF context an address belongs to.

Looked up by the prefix lengths that occur, so that the answer costs the same for five networks and for two thousand.
Kept in `site.memory["subnets"]` by the hook on networks; made anew where it is missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING

from lab.cloud.common import Address, Subnet, subnets_of, uuid_of
from lab.hooks import Change, Moment, on
from lab.objects import Object

if TYPE_CHECKING:
    from lab.site import Site

Place = tuple[str, str, Subnet]
"""Cloud uuid, VRF uuid and subnet."""


@dataclass
class Index:
    """Networks by where their subnets lie."""

    networks: dict[Place, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    places: dict[str, list[Place]] = field(default_factory=dict)
    lengths: Counter[tuple[int, int]] = field(default_factory=Counter)
    """How many subnets there are by IP version and prefix length."""

    def forget(self, network: str) -> None:
        """Take a network out."""
        for place in self.places.pop(network, ()):
            self.networks[place].pop(network, None)
            self.lengths[place[2].version, place[2].prefixlen] -= 1

    def note(self, network: Object) -> None:
        """Put a network in, as it is now."""
        self.forget(network.uuid)
        vrf = uuid_of(network.body.get("vrf_context_ref"))
        places = [(network.cloud, vrf, subnet) for subnet, _ in subnets_of(network.body)]
        for place in places:
            self.networks[place][network.uuid] = None
            self.lengths[place[2].version, place[2].prefixlen] += 1
        if places:
            self.places[network.uuid] = places


def index(site: Site) -> Index:
    """The site's index of subnets."""
    book: Index | None = site.memory.get("subnets")
    if book is None:
        book = site.memory["subnets"] = Index(networks=defaultdict(dict))
        for network in site.store.all("network"):
            book.note(network)
    return book


@on(Moment.STORED, "network")
def keep(change: Change) -> None:
    """Keep the index."""
    index(change.site).note(change.new)


@on(Moment.DELETED, "network")
def forget(change: Change) -> None:
    """Take a deleted network out of the index."""
    index(change.site).forget(change.new.uuid)


def networks_with(site: Site, cloud: str, vrf: str, address: Address) -> Iterator[tuple[Object, Subnet]]:
    """The networks of a cloud and VRF (uuids) with a configured subnet that holds an address, narrowest first."""
    book = index(site)
    lengths = sorted(
        (n for (v, n), count in book.lengths.items() if v == address.version and count), reverse=True
    )
    for length in lengths:
        subnet = ip_network((int(address), length), strict=False)
        for uuid in book.networks.get((cloud, vrf, subnet), ()):
            if (network := site.store.get("network", uuid)) is not None:
                yield network, subnet
