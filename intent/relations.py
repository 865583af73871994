"""What is wrong between declared objects, each of which is well formed by itself. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from intent import hosts
from intent.base import Declared
from intent.environment import SECTIONS, Environment
from intent.routing import Network, Subnet
from intent.source import Place
from intent.values import IpRange
from intent.words import nearest

BUILT_IN_VRFS = ("global", "management")
"""Every cloud has these [REC]; an environment may refer to them without declaring them."""

Lost = Mapping[str, AbstractSet[str] | None]


class _Placed(NamedTuple):
    """A pool and where it stands: sorted by its first address, then by the file's order."""

    begin: int
    order: tuple[int, int, int]
    range: IpRange
    network: Network
    place: Place


def relations(environment: Environment, lost: Lost | None = None) -> Iterator[tuple[Place, str]]:
    """What is wrong between objects: names twice, references to nothing, pools where they cannot be.

    `lost`: by section, the names of objects that stand in the file but are not in the environment, because their form
    is wrong; None for a section that is lost as a whole. What refers to them does not dangle.
    """
    yield from _names(environment)
    yield from _references(environment, lost or {})
    for index, network in enumerate(environment.networks):
        yield from _pools(network, ("networks", index))
    yield from _overlaps(environment)
    if "dns_services" not in (lost or {}):
        for place, what, word, known in hosts.problems(environment):
            yield place, f"no {what} {word!r} is declared{nearest(word, known)}"


def _names(environment: Environment) -> Iterator[tuple[Place, str]]:
    for section in SECTIONS:
        seen: dict[Any, int] = {}
        for index, found in enumerate(getattr(environment, section)):
            if found.key in seen:
                yield (
                    (section, index, "name"),
                    f"{found.key} is declared a second time; give each object one entry",
                )
            seen[found.key] = index
            yield from _twice_in_lists(found, (section, index))


def _twice_in_lists(found: Declared, place: Place) -> Iterator[tuple[Place, str]]:
    for name in type(found).model_fields:
        value, marker = getattr(found, name), found.marker(name)
        by = getattr(marker, "by", None)
        if by is None or not value:
            continue
        seen = set()
        for index, element in enumerate(value):
            if (key := str(getattr(element, by))) in seen:
                yield (*place, name, index), f"{key} is declared a second time in {name}; keep one"
            seen.add(key)
            yield from _twice_in_lists(element, (*place, name, index))


def _references(environment: Environment, lost: Lost) -> Iterator[tuple[Place, str]]:  # noqa: C901 -- one line a reference
    names: dict[str, list[Any]] = {section: list(getattr(environment, section)) for section in SECTIONS}
    known: dict[tuple[str, str | None], dict[str, None]] = {}

    def dangling(
        place: Place, what: str, name: str | None, section: str, cloud: str | None = None
    ) -> Iterator[Any]:
        gone = lost.get(section, frozenset())
        if name is None or gone is None or name in gone:
            return
        if (section, cloud) not in known:
            here = (o.name for o in names[section] if cloud is None or o.cloud == cloud)
            known[section, cloud] = dict.fromkeys(here)
        if name not in known[section, cloud]:
            where = f" in cloud {cloud}" if cloud else ""
            yield place, f"no {what} {name!r} is declared{where}{nearest(name, known[section, cloud])}"

    for i, cloud in enumerate(environment.clouds):
        at: Place = ("clouds", i)
        yield from dangling((*at, "dns_profile"), "DNS profile", cloud.dns_profile, "dns_profiles")
        yield from dangling((*at, "ipam_profile"), "IPAM profile", cloud.ipam_profile, "ipam_profiles")
        if cloud.management and cloud.management.network:
            network = cloud.management.network
            yield from dangling((*at, "management", "network"), "network", network, "networks", cloud.name)
    for i, profile in enumerate(environment.ipam_profiles):
        for j, name in enumerate(profile.usable_networks or ()):
            yield from dangling(
                ("ipam_profiles", i, "usable_networks", j), "network", name, "networks", profile.cloud
            )
    for section in ("vrfs", "networks", "se_groups", "dns_services"):
        for i, found in enumerate(names[section]):
            if environment.clouds:
                yield from dangling((section, i, "cloud"), "cloud", found.cloud, "clouds")
            vrf = getattr(found, "vrf", None)
            if vrf not in BUILT_IN_VRFS:
                yield from dangling((section, i, "vrf"), "VRF context", vrf, "vrfs", found.cloud)
    for i, service in enumerate(environment.dns_services):
        at = ("dns_services", i)
        yield from dangling((*at, "se_group"), "SE group", service.se_group, "se_groups", service.cloud)
        if service.vip:
            yield from dangling(
                (*at, "vip", "network"), "network", service.vip.network, "networks", service.cloud
            )
    if environment.system:
        for j, name in enumerate(environment.system.dns_services or ()):
            yield from dangling(("system", "dns_services", j), "DNS service", name, "dns_services")


def _pools(network: Network, at: Place) -> Iterator[tuple[Place, str]]:
    for i, subnet in enumerate(network.subnets or ()):
        for j, pool in enumerate(subnet.pools or ()):
            place = (*at, "subnets", i, "pools", j, "range")
            if not pool.range.within(subnet.prefix):
                yield place, f"pool {pool.range} lies outside its subnet {subnet.prefix}"
            elif reserved := _reserved(subnet, pool.range):
                yield place, f"pool {pool.range} holds {reserved}, which no host can use"


def _reserved(subnet: Subnet, pool: IpRange) -> str:
    if subnet.prefix.version == 6 or subnet.prefix.prefixlen >= 31:
        return ""
    named = {"network": subnet.prefix.network_address, "broadcast": subnet.prefix.broadcast_address}
    return " and ".join(f"the {what} address {address}" for what, address in named.items() if address in pool)


def _overlaps(environment: Environment) -> Iterator[tuple[Place, str]]:
    """Pools of one VRF context must not share an address, be they of one network or of several."""
    pools: defaultdict[tuple[str, str | None, int], list[_Placed]] = defaultdict(list)
    for i, network in enumerate(environment.networks):
        for j, subnet in enumerate(network.subnets or ()):
            for k, pool in enumerate(subnet.pools or ()):
                place = ("networks", i, "subnets", j, "pools", k, "range")
                scope = (network.cloud, network.vrf, pool.range.begin.version)
                pools[scope].append(_Placed(int(pool.range.begin), (i, j, k), pool.range, network, place))
    for among in pools.values():
        yield from _sweep(sorted(among))


def _sweep(pools: list[_Placed]) -> Iterator[tuple[Place, str]]:
    """Each pool that begins before an earlier one has ended; the one that stands later in the file is told."""
    widest: _Placed | None = None
    for pool in pools:
        if widest is not None and widest.range.overlaps(pool.range):
            first, second = sorted((widest, pool), key=lambda placed: placed.order)
            whose = "" if first.network is second.network else f" of {first.network} in the same VRF context"
            yield second.place, f"pool {second.range} overlaps {first.range}{whose}"
        if widest is None or int(pool.range.end) > int(widest.range.end):
            widest = pool
