"""Cloud types: what a cloud of each type has, where its networks and VRF contexts come from, and which keys it lacks.

One table for all: the check of environment files, the mapping to the Controller's members, remedies, advice and docs.
Members are those of the Controller's model [SCHEMA]; what is made by whom is the vendor's documentation [DOC].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from intent.base import Declared, Intent, OnlyIn
from intent.kinds.nsxt import zone_problems
from intent.paths import marked

if TYPE_CHECKING:
    from intent.kinds.cloud import Cloud
    from intent.source import Place


@dataclass(frozen=True)
class CloudType:
    """What the clouds of one type have.

    `word` is how a file names it, `api` how the Controller does (`vtype`). `configuration` is the member of a cloud
    that holds its connection, "" where it has none. `folder` is the member of an SE group that holds the folder of its
    VMs, "" where they have none. `network` and `vrf` say how a missing one comes to be, for a person; "" where it is
    made through the Controller.
    """

    word: str
    api: str
    title: str
    configuration: str = ""
    folder: str = ""
    network: str = ""
    vrf: str = ""


def _provider(word: str, api: str, title: str, configuration: str, network: str) -> CloudType:
    """A cloud whose networks and routes are its provider's."""
    return CloudType(
        word,
        api,
        title,
        configuration,
        network=f"a network is {network} that the Controller has discovered in {title}; make it there, and it appears "
        "by itself",
        vrf=f"routes of a cloud of type {word} are those of {title}; declare global in place of a VRF context of its "
        "own",
    )


CLOUD_TYPES = MappingProxyType(
    {
        each.word: each
        for each in (
            CloudType(
                "vcenter",
                "CLOUD_VCENTER",
                "vCenter",
                "vcenter_configuration",
                folder="vcenter_folder",
                network="a network is a port group that the Controller has discovered; make the port group in vCenter, "
                "in the cloud's datacenter, exactly once under this name, and it appears by itself",
            ),
            CloudType(
                "nsx-t",
                "CLOUD_NSXT",
                "NSX-T",
                "nsxt_configuration",
                folder="vcenters[].vcenter_folder",
                network="a network is a segment that the Controller has discovered; make the segment in NSX-T, in the "
                "data transport zone, and add it to the cloud's data network; it appears by itself",
                vrf="a VRF context of an NSX-T cloud comes with its T1 gateway; add the T1 with a segment of it to the "
                "cloud's data network, and the VRF context appears by itself",
            ),
            CloudType("no-orchestrator", "CLOUD_NONE", "no orchestrator"),
            CloudType("linux-server", "CLOUD_LINUXSERVER", "Linux server", "linuxserver_configuration"),
            _provider("aws", "CLOUD_AWS", "AWS", "aws_configuration", "a subnet"),
            _provider("azure", "CLOUD_AZURE", "Azure", "azure_configuration", "a subnet"),
            _provider("gcp", "CLOUD_GCP", "GCP", "gcp_configuration", "a subnet"),
            _provider(
                "openstack", "CLOUD_OPENSTACK", "OpenStack", "openstack_configuration", "a Neutron network"
            ),
        )
    }
)
"""Every type of cloud that can be declared, by its word."""

BY_API = MappingProxyType({each.api: each for each in CLOUD_TYPES.values()})
"""The same by the Controller's word."""

MAKES_NETWORKS = tuple(each.word for each in CLOUD_TYPES.values() if not each.network)
"""The types in which networks are made through the Controller."""
MAKES_VRFS = tuple(each.word for each in CLOUD_TYPES.values() if not each.vrf)
"""The types in which VRF contexts are."""


@cache
def limited(model: type[Declared]) -> dict[str, OnlyIn]:
    """Every field of a model that means something only in clouds of some types, by its path."""
    return dict(marked(model, OnlyIn))


def only_in(kind: type[Intent], path: str) -> OnlyIn | None:
    """In which types of cloud a field has a meaning, by its path or that of what holds it; None for all.

    The path "" is that of the whole object.
    """
    fields = limited(kind)
    while path:
        if path in fields:
            return fields[path]
        path = path.rpartition(".")[0]
    return kind.cloud_types


def without_meaning(kind: type[Intent], path: str, word: str) -> str:
    """Why a field has no meaning in a cloud of a type, and which key has it; "" where it has one."""
    only = only_in(kind, path)
    if only is None or not word or word in only.types:
        return ""
    instead = only.instead.get(word) or f"it is for clouds of type {' or '.join(only.types)}"
    return f"{path or kind.section} has no meaning in a cloud of type {word}; {instead}"


def meaningless(want: Intent, word: str) -> str:
    """Why the first declared field without meaning in a cloud of a type has none; "" where all have one."""
    paths = ("", *(path for path in limited(type(want)) if want.declares(path)))
    return next(filter(None, (without_meaning(type(want), path, word) for path in paths)), "")


def type_of(cloud: Cloud) -> str:
    """The declared type of a cloud; where none is declared, the one that its other keys are for; else ""."""
    if cloud.type is not None:
        return cloud.type
    fitting = set(CLOUD_TYPES)
    for path, only in limited(type(cloud)).items():
        if cloud.declares(path):
            fitting &= set(only.types)
    return fitting.pop() if len(fitting) == 1 else ""


def declared_types(clouds: Iterable[Cloud]) -> dict[str, str]:
    """The declared type of each cloud, by its name."""
    return {cloud.name: type_of(cloud) for cloud in clouds}


def cloud_type(want: Intent, types: Mapping[str, str]) -> str:
    """The declared type of an object's cloud, or of the cloud that it is; "" where none is declared."""
    return types.get(want.name if want.section == "clouds" else want.key.cloud, "")


def problems(clouds: Iterable[Cloud], placed: Iterable[tuple[Place, Intent]]) -> Iterator[tuple[Place, str]]:
    """Every key that means nothing for the type of its cloud: (place, what is wrong and which key is right)."""
    types = declared_types(clouds)
    for at, want in placed:
        word = cloud_type(want, types)
        for path in ("", *limited(type(want))) if word else ():
            if (not path or want.declares(path)) and (why := without_meaning(type(want), path, word)):
                yield (*at, *path.split(".")) if path else at, why
        if want.section == "clouds" and not word:
            yield from _two_types(want, at)
        yield from zone_problems(getattr(want, "nsxt", None), (*at, "nsxt"))


def _two_types(cloud: Intent, at: Place) -> Iterator[tuple[Place, str]]:
    """Keys of two types in a cloud that declares none."""
    first: tuple[str, OnlyIn] | None = None
    for path, only in limited(type(cloud)).items():
        if not cloud.declares(path):
            continue
        if first is not None and not set(first[1].types) & set(only.types):
            why = (
                f"{path} is for clouds of type {' or '.join(only.types)}, {first[0]} for those of type "
                f"{' or '.join(first[1].types)}; declare the type, and the keys of that type alone"
            )
            yield (*at, *path.split(".")), why
            return
        first = first or (path, only)


def own_keys(word: str, kinds: Iterable[type[Intent]]) -> list[str]:
    """The keys that mean something in clouds of this type, and not in those of every type."""
    whole = [kind.section for kind in kinds if kind.cloud_types and word in kind.cloud_types.types]
    parts = [
        f"{kind.section}[].{path}"
        for kind in kinds
        for path, only in limited(kind).items()
        if word in only.types
    ]
    return [*whole, *parts]


def coverage(word: str, kinds: Iterable[type[Intent]]) -> dict[str, str]:
    """What is covered of clouds of a type, by topic."""
    kind, keys = CLOUD_TYPES[word], own_keys(word, kinds)
    connection = [key for key in keys if key.startswith("clouds[].") or "[]" not in key]
    return {
        "connection": (
            ", ".join(connection) or ("not covered" if kind.configuration else "there is none to declare")
        ),
        "a missing network": _NETWORK_BY_TYPE.get(
            word, "left to a person: it is discovered" if kind.network else "made"
        ),
        "a missing VRF context": _VRF_BY_TYPE.get(word, "left to a person" if kind.vrf else "made"),
        "VMs of Service Engines": (
            "their folder, and in vCenter itself"
            if kind.folder
            else "not covered: there is no vCenter to ask"
        ),
    }


_NETWORK_BY_TYPE = {"nsx-t": "left to a person: it is discovered; one of VIPs alone is made"}
_VRF_BY_TYPE = {"nsx-t": "made in a VLAN transport zone; in overlay it comes with its T1 gateway"}
