"""What stands where in a generated site, and what it is called: the one picture that declaration and export share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from benchmarks.sites.sizes import Size

Json = dict[str, Any]

DOMAIN = "bench.example"
DNS_PROFILE, IPAM_PROFILE = "DNS_Default", "IPAM_Default"
VCENTER, DATACENTER = "vcenter.bench.example", "BENCH"
NAMES_PER_DNS_SERVICE = 8
DRIFTED_ONE_IN = 20
"""On a drifted site, one network and one SE group of so many is not as declared."""


class Site:
    """One generated site. Nothing is random: the same size gives the same bytes.

    Object n of a kind is in cloud n modulo clouds, so that every cloud has its share. `drifted`: what is live has
    moved away from what is declared, in one of twenty networks and SE groups. `applications`: each virtual service
    has a pool, a certificate and an HTTP policy of its own.
    """

    def __init__(self, size: Size, *, drifted: bool = False, applications: bool = False) -> None:
        self.size = size
        self.drifted = drifted
        self.applications = applications
        self.clouds = ["Default-Cloud", *(f"cloud-{n}" for n in range(2, size.clouds + 1))]
        self.tenants = ["admin", *(f"tenant-{n}" for n in range(2, size.tenants + 1))]

    def cloud(self, n: int) -> str:
        """The cloud of the n-th VRF context, network, SE group, or Service Engine."""
        return self.clouds[n % len(self.clouds)]

    def tenant(self, n: int) -> str:
        """The tenant of the n-th SE group and of the virtual services on it, and of the n-th cluster's profiles."""
        return self.tenants[n % len(self.tenants)]

    def group_of(self, n: int) -> int:
        """The SE group, in the same cloud, of the n-th Service Engine or virtual service."""
        return self._mine(n, self.size.se_groups)

    def vrf_of(self, n: int) -> int:
        """The VRF context, in the same cloud, of the n-th network."""
        return self._mine(n, self.size.vrfs)

    def network_of(self, n: int) -> int:
        """The network, in the same cloud, of the n-th virtual service's VIP."""
        return self._mine(n, self.size.networks)

    def _mine(self, n: int, count: int) -> int:
        clouds = len(self.clouds)
        mine = range(n % clouds, count, clouds)
        return mine[n // clouds % len(mine)]

    @cached_property
    def networks_of(self) -> dict[int, list[int]]:
        """The networks in each VRF context."""
        found: dict[int, list[int]] = {n: [] for n in range(self.size.vrfs)}
        for n in range(self.size.networks):
            found[self.vrf_of(n)].append(n)
        return found

    @cached_property
    def networks_of_group(self) -> dict[int, list[int]]:
        """The networks of the virtual services on each SE group, in order."""
        carried: dict[int, set[int]] = {n: set() for n in range(self.size.se_groups)}
        for n in range(self.size.virtual_services):
            carried[self.group_of(n)].add(self.network_of(n))
        return {group: sorted(networks) for group, networks in carried.items()}

    def dns_services(self) -> Iterator[int]:
        """The virtual services that are DNS services: the first ones of the vCenter cloud."""
        yield from range(0, self.size.dns_services * len(self.clouds), len(self.clouds))

    def is_dns(self, n: int) -> bool:
        """Whether the n-th virtual service is a DNS service."""
        return n % len(self.clouds) == 0 and n // len(self.clouds) < self.size.dns_services

    def service(self, n: int) -> str:
        """The name of the n-th virtual service."""
        return dns(n) if self.is_dns(n) else f"vs-{n:05}"

    def has_drifted(self, n: int) -> bool:
        """Whether the n-th network or SE group is not as declared."""
        return self.drifted and n % DRIFTED_ONE_IN == 7

    def network_uuid(self, n: int) -> str:
        """That of a discovered port group in the vCenter cloud, a plain one elsewhere."""
        cloud = self.cloud(n)
        if cloud == self.clouds[0]:
            return f"dvportgroup-{1000 + n}-{uuid_of('cloud', cloud)}"
        return uuid_of("network", network(n))

    def vip(self, n: int) -> tuple[int, str]:
        """The network and the address of the n-th virtual service's VIP."""
        there = self.network_of(n)
        mine = len(range(n % len(self.clouds), self.size.networks, len(self.clouds)))
        return there, f"{net(there)}.{100 + n // len(self.clouds) // mine}"


def vrf(n: int) -> str:
    return f"VRF_{n:04}"


def network(n: int) -> str:
    return f"NET_{n:04}"


def group(n: int) -> str:
    return f"SEG-{n:03}"


def dns(n: int) -> str:
    return f"dns-{n:04}"


def records(n: int) -> list[str]:
    return [f"host-{i}.{dns(n)}.{DOMAIN}" for i in range(NAMES_PER_DNS_SERVICE)]


def domain(n: int) -> str:
    """The domain of the n-th VRF context's cluster."""
    return f"cluster-{n:04}.{DOMAIN}"


def net(n: int) -> str:
    """The first three numbers of the n-th network's addresses."""
    return f"10.{n // 250}.{n % 250}"


def uuid_of(kind: str, name: str) -> str:
    return f"{kind}-{uuid.uuid5(uuid.NAMESPACE_DNS, f'{name}.{kind}')}"
