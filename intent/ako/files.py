"""Files of the declared AKOs: read beside their environment file, with every problem and its line."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from avi_schema import parse_version
from intent.ako import resources, values
from intent.ako.case import Node
from intent.ako.settings import Settings
from intent.kinds.ako import Ako, AkoFiles
from intent.kinds.clusters import Cluster
from intent.source import Invalid, Place, Problem


def with_files(declared: Iterable[Ako], folder: Path) -> tuple[Ako, ...]:
    """The same AKOs with what their files hold, each by a name of its own. Raises Invalid for the first bad file."""
    read = [(ako, _read(ako, folder)) for ako in declared]
    names = Counter(_name(ako, files) for ako, files in read)
    several = Counter((_name(ako, files), ako.version) for ako, files in read)
    seen: Counter[str] = Counter()
    named = []
    for ako, files in read:
        name = _name(ako, files)
        if names[name] > 1 and not ako.name:
            plain, name = name, f"{name} ({ako.version})"
            if several[plain, ako.version] > 1:
                seen[name] += 1
                name = f"{name} {seen[name]}"
        named.append(ako.with_files(name, files))
    return tuple(named)


def unreadable(declared: Iterable[Ako], folder: Path) -> Iterator[tuple[Place, str]]:
    """Each file that an AKO names and that is not there, with the place that names it."""
    for index, ako in enumerate(declared):
        given: list[tuple[Place, str]] = [(("values",), ako.values)]
        given += [(("resources", number), name) for number, name in enumerate(ako.resources)]
        given += [(("nodes",), ako.nodes)] if isinstance(ako.nodes, str) else []
        for place, name in given:
            try:
                (folder / name).stat()
            except OSError as error:
                yield (
                    ("ako", index, *place),
                    f"ako.{place[0]}: {folder / name} cannot be read: {error.strerror}",
                )


def with_clusters(declared: Iterable[Cluster], akos: Iterable[Ako]) -> tuple[Cluster, ...]:
    """The declared clusters, and those of declared AKOs: what a cluster leaves out, its AKO's files say.

    Of several AKOs of one cluster the first counts, unless a later one is a further instance.
    """
    clusters = {each.name: each for each in declared}
    for ako in akos:
        name, files = ako.settings.cluster, ako.files
        if not name or not ako.settings.cluster_is_valid:
            continue
        known = {
            "version": ako.version,
            "cloud": ako.settings.cloud,
            "vrf": ako.settings.vrf or None,
            "pods": tuple(net for node in files.nodes or () for net in node.pods) or None,
        }
        if name not in clusters:
            clusters[name] = Cluster(name=name).of_ako()
        own = clusters[name]
        update = {field: value for field, value in known.items() if getattr(own, field) is None}
        instances = own.instances or not ako.settings.primary
        clusters[name] = own.model_copy(update={**update, "instances": instances})
    return tuple(clusters.values())


def _name(ako: Ako, files: AkoFiles) -> str:
    return ako.name or files.settings.cluster or Path(ako.values).stem


def _read(ako: Ako, folder: Path) -> AkoFiles:
    given = values.load(folder / ako.values, ako.number)
    kubernetes = parse_version(ako.kubernetes) if ako.kubernetes else ()
    return AkoFiles(
        Settings(given, ako.number, kubernetes),
        resources.load([folder / each for each in ako.resources]),
        _nodes(ako, folder),
    )


def _nodes(ako: Ako, folder: Path) -> tuple[Node, ...] | None:
    if isinstance(ako.nodes, str):
        source, manifests = values.manifests(folder / ako.nodes)
        nodes = tuple(_node(each) for _, each in manifests if each.get("kind") == "Node")
        if not nodes:
            raise Invalid(
                source.path, [Problem(1, "holds no node; write it with `kubectl get nodes -o yaml`")]
            )
        return nodes
    if ako.nodes is None:
        return None
    return tuple(Node(node.name, str(node.address), node.pods) for node in ako.nodes)


def _node(manifest: dict[str, Any]) -> Node:
    spec, status = (
        part if isinstance(part := manifest.get(name), dict) else {} for name in ("spec", "status")
    )
    addresses = status.get("addresses")
    rows = [each for each in addresses if isinstance(each, dict)] if isinstance(addresses, list) else []
    address = next((str(each.get("address")) for each in rows if each.get("type") == "InternalIP"), "")
    name = (manifest.get("metadata") or {}).get("name", "")
    return Node(str(name), address, tuple(_prefixes(spec.get("podCIDRs") or [spec.get("podCIDR")])))


def _prefixes(texts: Any) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for text in texts if isinstance(texts, list) else []:
        try:
            yield ipaddress.ip_network(str(text), strict=False)
        except ValueError:
            continue
