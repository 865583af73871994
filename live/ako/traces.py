"""Traces of clusters on a Controller: labels of SE groups, labelled routes, and objects that some AKO has made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intent import Cluster
from intent.ako import CLUSTER_LABEL, CREATOR, GATEWAY
from intent.kinds.clusters import overlapping, owner
from intent.values import Prefix
from live.avi.identity import Json, written_at
from live.avi.snapshot import Live
from live.facts.runtime import messages
from live.kinds.codecs import prefix

TYPES = ("virtualservice", "pool", "vsvip")
"""Types of which every AKO makes objects. A vsvip bears no `created_by`: its marker says whose it is [CLIENT]."""


@dataclass(frozen=True)
class ClusterRoute:
    """A static route of a cluster: `cluster` by its label, `vrf` and `cloud` where it is."""

    cluster: str
    id: str
    net: Prefix | None
    vrf: str
    cloud: str


@dataclass(frozen=True)
class ClusterLabel:
    """A label of a cluster on an SE group; `cluster` is "" where a failed start has left an empty one."""

    cluster: str
    group: str
    cloud: str
    changed: datetime | None


@dataclass(frozen=True)
class Creation:
    """An object that an AKO has made."""

    api: str
    name: str
    cloud: str
    changed: datetime | None


def labels(live: Live) -> tuple[ClusterLabel, ...]:
    """Every label of a cluster. Raises Unknown."""
    return tuple(
        ClusterLabel(
            str(each.get("value") or ""), str(row["name"]), live.names.cloud_of(row), written_at(row)
        )
        for row in live.rows("serviceenginegroup")
        for each in messages(row.get("labels"))
        if each.get("key") == CLUSTER_LABEL
    )


def routes(live: Live) -> tuple[ClusterRoute, ...]:
    """Every route that bears a cluster's label. Raises Unknown."""
    return tuple(
        ClusterRoute(
            str(mark.get("value") or ""),
            str(each.get("route_id") or ""),
            _prefix(each.get("prefix")),
            str(row["name"]),
            live.names.cloud_of(row),
        )
        for row in live.rows("vrfcontext")
        for each in messages(row.get("static_routes"))
        for mark in messages(each.get("labels"))[:1]
        if mark.get("key") == CLUSTER_LABEL
    )


def creations(live: Live) -> dict[str, tuple[Creation, ...]]:
    """Every object of some AKO's by its creator, of the types that every AKO makes. Raises Unknown."""
    groups: defaultdict[str, list[Creation]] = defaultdict(list)
    for api in TYPES:
        for row in live.rows(api):
            if (creator := creator_of(row)).startswith(CREATOR):
                groups[creator].append(
                    Creation(api, str(row["name"]), live.names.cloud_of(row), written_at(row))
                )
    return {creator: tuple(objects) for creator, objects in groups.items()}


def creator_of(row: Json) -> str:
    """The `created_by` of an object, or what it would be by its marker; "" for an object of nobody's."""
    if creator := row.get("created_by"):
        return str(creator)
    values = [each.get("values") for each in messages(row.get("markers")) if each.get("key") == CLUSTER_LABEL]
    return f"{CREATOR}{values[0][0]}" if values and isinstance(values[0], list) and values[0] else ""


def _of(live: Live, cluster: Cluster) -> Iterator[Creation]:
    """What the AKOs of a cluster have made."""
    every = live.once(creations).items()
    return (each for creator, objects in every if cluster.owns(creator) for each in objects)


def by_cluster(live: Live) -> dict[str, tuple[ClusterRoute, ...]]:
    """The routes by their cluster. Raises Unknown."""
    groups: defaultdict[str, list[ClusterRoute]] = defaultdict(list)
    for each in live.once(routes):
        groups[each.cluster].append(each)
    return {name: tuple(every) for name, every in groups.items()}


def _prefix(value: Any) -> Prefix | None:
    net = prefix(value)
    return None if net is None or isinstance(net, str) else net


def names(live: Live, declared: Iterable[Cluster]) -> tuple[Cluster, ...]:
    """The declared clusters, and those of which something is there, with the VRF context of their routes.

    Raises Unknown.
    """
    known = {each.name: each for each in declared}
    seen = {each.cluster for each in live.once(labels)} | {each.cluster for each in live.once(routes)}
    for creator in live.once(creations):
        if owner(creator, known.values()) is None:
            seen.add(creator.removeprefix(CREATOR).removeprefix(GATEWAY))
    others = (
        Cluster.model_construct(name=name, vrf=_vrf(live, name))
        for name in sorted(seen - known.keys() - {""})
    )
    return (*known.values(), *others)


def _vrf(live: Live, name: str) -> str | None:
    """The VRF context of a cluster's routes; None where it has none, or in several."""
    vrfs = {each.vrf for each in live.once(by_cluster).get(name, ())}
    return vrfs.pop() if len(vrfs) == 1 else None


def shared_pods(live: Live, cluster: Cluster, declared: Iterable[Cluster]) -> list[str]:
    """Where pod networks of a cluster overlap with another's in one VRF context, a sentence each. Raises Unknown."""
    own_vrfs, own = _pods(live, cluster)
    shared = []
    for other in names(live, declared):
        vrfs, pods = _pods(live, other)
        if other.name != cluster.name and (
            own_vrfs & vrfs if own_vrfs and vrfs else cluster.shares_vrf(other)
        ):
            shared += [
                f"{mine} of {cluster.name} and {theirs} of {other.name} overlap"
                for mine, theirs in overlapping(own, pods)
            ]
    return shared


def _pods(live: Live, cluster: Cluster) -> tuple[frozenset[tuple[str, str]], tuple[Prefix, ...]]:
    """The VRF contexts of a cluster's routes, and its pod networks: declared, else those of its routes."""
    every = live.once(by_cluster).get(cluster.name, ())
    nets = cluster.pods or tuple(each.net for each in every if each.net)
    return frozenset((each.vrf, each.cloud) for each in every), nets


def astray(live: Live, cluster: Cluster) -> Iterator[str]:
    """Routes of a cluster in other VRF contexts than its own, a sentence for each. Raises Unknown."""
    counts = Counter(
        f"VRF context {each.vrf} (cloud {each.cloud})"
        for each in live.once(by_cluster).get(cluster.name, ())
        if (each.vrf != cluster.vrf or cluster.cloud not in (None, each.cloud))
    )
    return (f"{count} in {where}" for where, count in sorted(counts.items()))


def abroad(live: Live, cluster: Cluster) -> Iterator[str]:
    """Objects and labels of a cluster in other clouds than its own, a sentence for each cloud. Raises Unknown."""
    counts = Counter(each.cloud for each in _of(live, cluster) if each.cloud not in ("", cluster.cloud))
    groups = [
        each for each in live.once(labels) if each.cluster == cluster.name and each.cloud != cluster.cloud
    ]
    yield from (f"{count} objects in cloud {cloud}" for cloud, count in sorted(counts.items()))
    yield from (f"the label of SE group {each.group} in cloud {each.cloud}" for each in groups)


def orphan_labels(live: Live, declared: Iterable[Cluster]) -> list[str]:
    """Labels of SE groups that are no declared cluster's, a sentence for each. Raises Unknown."""
    known = {each.name for each in declared}
    return [
        f"SE group {each.group} (cloud {each.cloud}): {each.cluster or 'an empty name, as a failed start leaves it'}"
        + _since([each.changed])
        for each in live.once(labels)
        if each.cluster not in known
    ]


def orphan_routes(live: Live, declared: Iterable[Cluster]) -> list[str]:
    """Routes that are no declared cluster's, by cluster and VRF context. Raises Unknown."""
    known = {each.name for each in declared}
    counts = Counter(
        (each.cluster, each.vrf, each.cloud) for each in live.once(routes) if each.cluster not in known
    )
    return [
        f"VRF context {vrf} (cloud {cloud}): {count} of {cluster or 'an empty name'}"
        for (cluster, vrf, cloud), count in sorted(counts.items())
    ]


def orphan_objects(live: Live, declared: Iterable[Cluster]) -> list[str]:
    """Objects that no declared cluster's AKO makes, by their creator, with how long nobody has written them."""
    known = [*declared]
    return [
        f"{creator}: {len(objects)} objects, such as {objects[0].api} {objects[0].name}"
        + _since([each.changed for each in objects])
        for creator, objects in sorted(live.once(creations).items())
        if owner(creator, known) is None
    ]


def misnamed(live: Live, cluster: Cluster) -> list[str]:
    """Objects that say to be of a cluster and are not named as its AKO names them. Raises Unknown."""
    starts = (f"{cluster.name}--", f"{CREATOR}{GATEWAY}{cluster.name}--")
    return [f"{each.api} {each.name}" for each in _of(live, cluster) if not each.name.startswith(starts)]


def _since(times: list[datetime | None]) -> str:
    last = max((time for time in times if time), default=None)
    return f", last written {last:%Y-%m-%d}" if last else ""
