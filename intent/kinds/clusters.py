"""Clusters of Kubernetes that a Controller serves: whose labels, routes and objects an AKO's are. Pure.

What of one AKO another takes for its own follows from their names, by a rule of its version: AKO up to 1.13.1 looks for
`<cluster>-<digit>` anywhere in the id of a route, later ones at the route's label; all begin their objects' names with
`<cluster>--` and write `ako-<cluster>` into them, a further instance in the cluster `ako-<cluster>-<namespace>`.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, PrivateAttr

from avi_schema import parse_version
from intent.ako import BY_LABEL, CREATOR, GATEWAY, is_in_id, may_name_cluster
from intent.base import Intent, NotCompared
from intent.values import Name, Prefix, Release


def _startable(name: str) -> str:
    if not may_name_cluster(name):
        raise ValueError(
            f"{name!r} has other letters than A-Z, a-z, 0-9, - and _, and AKO starts with no such name"
        )
    return name


class Cluster(Intent, kind="cluster", section="clusters"):
    """A cluster of Kubernetes with an AKO of its own."""

    name: Annotated[Name, AfterValidator(_startable), NotCompared()]
    """AKO's clusterName"""
    version: Annotated[Release | None, NotCompared()] = None
    """AKO's version; left out, 1.13.2 or later"""
    cloud: Annotated[Name | None, NotCompared()] = None
    """the cloud that AKO is given"""
    vrf: Annotated[Name | None, NotCompared()] = None
    """the VRF context that its routes are in"""
    pods: Annotated[tuple[Prefix, ...] | None, NotCompared()] = None
    """the pod networks of its nodes, or one of all"""
    instances: Annotated[bool, NotCompared()] = False
    """whether more than one AKO runs in it (primaryInstance: false)"""

    _listed: bool = PrivateAttr(default=True)

    @property
    def listed(self) -> bool:
        """Whether the file lists it under `clusters`, rather than giving only its AKO."""
        return self._listed

    def of_ako(self) -> Self:
        """The same, of which the file gives only the AKO."""
        copy = self.model_copy()
        copy._listed = False  # noqa: SLF001 -- of its own kind
        return copy

    @property
    def by_pattern(self) -> bool:
        """Whether its AKO tells its routes by a pattern in their id."""
        return self.version is not None and parse_version(self.version) < BY_LABEL

    def owns(self, creator: str) -> bool:
        """Whether a `created_by` is that of one of its AKOs."""
        if not creator.startswith(CREATOR):
            return False
        given = creator.removeprefix(CREATOR)
        known = (self.name, f"{GATEWAY}{self.name}")
        return given in known or (self.instances and given.startswith(f"{self.name}-"))

    def shares_vrf(self, other: "Cluster") -> bool:
        """Whether the two may write into one VRF context: only declared ones rule that out."""
        apart = self.vrf and other.vrf and self.vrf != other.vrf
        return not apart and not (self.cloud and other.cloud and self.cloud != other.cloud)

    def collisions(self, others: "Iterable[Cluster]") -> Iterator[str]:
        """Why names of others are taken for its own, or its own for theirs, a sentence each."""
        for other in others:
            if other.name == self.name:
                continue
            if other.name.casefold() == self.name.casefold():
                yield f"{other.name} differs from it in case alone"
            for first, second in ((self, other), (other, self)):
                yield from _mistaken(first, second)

    def beginnings(self, others: "Iterable[Cluster]") -> Iterator[str]:
        """Names of one VRF context that begin with its own, or the reverse: AKO counts the routes of both."""
        for other in others:
            short, long = sorted((self.name, other.name), key=len)
            if short != long and long.startswith(short) and self.shares_vrf(other):
                yield f"{long} begins with {short}"


def _mistaken(own: Cluster, other: Cluster) -> Iterator[str]:
    """What of another cluster this one's AKO takes for its own."""
    if other.name.startswith(f"{own.name}--"):
        yield f"names of {other.name}'s objects begin like {own.name}'s: {own.name}--"
    if other.name == f"{GATEWAY}{own.name}":
        yield f"the gateway container of {own.name} writes {CREATOR}{other.name} into its objects, as {other.name} does"
    if own.instances and other.name.startswith(f"{own.name}-"):
        yield f"a further AKO of {own.name} may write {CREATOR}{other.name} into its objects, as {other.name} does"
    if not own.shares_vrf(other):
        return
    if own.by_pattern and is_in_id(own.name, f"{other.name}-1"):
        yield (
            f"AKO {own.version} of {own.name} deletes routes of {other.name}: {own.name}-1 is in {other.name}-1"
        )


def owner(creator: str, clusters: Iterable[Cluster]) -> Cluster | None:
    """The cluster whose AKO writes this `created_by`; the longest name, where several may."""
    return max(
        (each for each in clusters if each.owns(creator)), key=lambda each: len(each.name), default=None
    )


def overlapping(own: Iterable[Prefix], other: Iterable[Prefix]) -> Iterator[tuple[Prefix, Prefix]]:
    """The pairs of pod networks that share an address. Of two networks that do, one holds the other."""
    both = [(net, side) for side, nets in enumerate((own, other)) for net in nets]
    both.sort(key=lambda each: (each[0].version, int(each[0].network_address), each[0].prefixlen))
    around: tuple[list[Prefix], list[Prefix]] = ([], [])
    for net, side in both:
        for stack in around:
            while stack and (
                stack[-1].version != net.version
                or int(stack[-1].broadcast_address) < int(net.network_address)
            ):
                stack.pop()
        yield from ((net, outer) if side == 0 else (outer, net) for outer in around[1 - side])
        around[side].append(net)
