"""Service Engine groups (blog, steps 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Keyed, LivesIn, NotCompared, OnlyIn, Refers, Unordered
from intent.exact import Lists
from intent.kinds.labels import Label, LicenseTier, Marker
from intent.kinds.nsxt import VcenterServer
from intent.source import Place
from intent.values import AnyName, Name, Prefix


class RealTimeMetrics(Declared):
    """Real-time metrics of the group's Service Engines."""

    enabled: bool | None = None
    duration: Annotated[int | None, Field(ge=0, description="minutes; 0 means without end")] = None


class Scope(Declared):
    """Clusters, hosts or datastores in which Service Engines may be made, or may not."""

    include: Annotated[bool | None, Field(description="true: only in these; false: in all but these")] = None
    ids: Annotated[tuple[Name, ...] | None, Unordered(), Field(description="as NSX-T or vCenter ids")] = None


class VcenterPlacement(Declared):
    """Where Service Engines are made in one vCenter server of an NSX-T cloud."""

    vcenter: Annotated[
        AnyName,
        NotCompared(),
        Refers(VcenterServer, optional=True),
        Field(description="a vCenter server of this file, of the same cloud"),
    ]
    folder: Annotated[Name | None, Field(description="folder of the Service Engine VMs")] = None
    clusters: Scope | None = None
    hosts: Scope | None = None
    datastores: Scope | None = None

    @property
    def label(self) -> str:
        """Its vCenter server tells placements apart."""
        return str(self.vcenter)


class VcenterScope(Declared):
    """Clusters or hosts of a vCenter in which Service Engines may be made, or may not."""

    include: Annotated[bool | None, Field(description="true: only in these; false: in all but these")] = None


class Clusters(VcenterScope):
    """Clusters of a vCenter."""

    names: Annotated[
        tuple[AnyName, ...] | None, Unordered(), Refers("vimgrclusterruntime", optional=True)
    ] = None


class Hosts(VcenterScope):
    """ESXi hosts of a vCenter."""

    names: Annotated[tuple[AnyName, ...] | None, Unordered(), Refers("vimgrhostruntime", optional=True)] = (
        None
    )


class Datastores(VcenterScope):
    """Datastores of a vCenter."""

    names: Annotated[tuple[Name, ...] | None, Unordered()] = None
    mode: Annotated[
        Literal["any", "local", "shared"] | None, Field(description="which kind of datastore may be taken")
    ] = None


class OwnManagement(Declared):
    """The management network of a group's Service Engines, where it is not the cloud's."""

    network: Annotated[
        AnyName | None, Refers("Network", optional=True), Field(description="a network of this file")
    ] = None
    subnet: Prefix | None = None


_IN_VCENTER = OnlyIn(
    ("vcenter",), {"nsx-t": "in an NSX-T cloud it is declared under vcenters, for each of them"}
)


class ServiceEngineGroup(Intent, Lists):
    """A Service Engine group."""

    kind: ClassVar[str] = "SE group"
    api: ClassVar[str] = "serviceenginegroup"
    section: ClassVar[str] = "se_groups"
    step: ClassVar[int] = 4
    implied: ClassVar[Mapping[str, str]] = {"folder": "vcenters"}

    cloud: Annotated[Name, NotCompared(), LivesIn()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    ha_mode: Annotated[
        Literal["n+m", "active-active", "active-standby"] | None,
        Field(description="n+m: Elastic HA N+M buffer; active-active: Elastic HA; active-standby: legacy"),
    ] = None
    buffer: Annotated[int | None, Field(ge=0, description="spare Service Engines (the M of N+M)")] = None
    name_prefix: Annotated[Name | None, Field(description="Service Engines are named <prefix>-se-xxxxx")] = (
        None
    )
    folder: Annotated[
        Name | None,
        OnlyIn(("vcenter", "nsx-t")),
        Field(
            description="vCenter folder of the Service Engine VMs; in an NSX-T cloud, in each of its vCenters"
        ),
    ] = None
    vcenters: Annotated[
        tuple[VcenterPlacement, ...] | None,
        Keyed("label"),
        OnlyIn(("nsx-t",), {"vcenter": "it has one vCenter, whose folder is declared under folder"}),
        Field(description="placement in each vCenter server of an NSX-T cloud"),
    ] = None
    realtime_metrics: RealTimeMetrics | None = None
    vcpus: Annotated[int | None, Field(ge=1, description="virtual CPUs of a Service Engine")] = None
    memory_mb: Annotated[
        int | None, Field(ge=2048, le=262_144, description="memory of a Service Engine in MB")
    ] = None
    disk_gb: Annotated[int | None, Field(ge=1, description="disk of a Service Engine in GB")] = None
    reserve_cpu: Annotated[bool | None, Field(description="whether vCenter reserves its CPUs")] = None
    reserve_memory: Annotated[bool | None, Field(description="whether vCenter reserves its memory")] = None
    max_se: Annotated[int | None, Field(ge=0, le=1000, description="most Service Engines")] = None
    min_se: Annotated[int | None, Field(ge=0, le=1000, description="fewest Service Engines")] = None
    max_vs_per_se: Annotated[
        int | None, Field(ge=1, le=1000, description="most virtual services on one Service Engine")
    ] = None
    min_scaleout: Annotated[
        int | None, Field(ge=1, le=64, description="Service Engines on which a virtual service begins")
    ] = None
    max_scaleout: Annotated[
        int | None, Field(ge=1, le=64, description="Service Engines to which a virtual service may grow")
    ] = None
    algorithm: Annotated[
        Literal["packed", "distributed"] | None,
        Field(description="packed: fill a Service Engine first; distributed: take the emptiest"),
    ] = None
    deprovision_delay: Annotated[
        int | None, Field(ge=0, le=525_600, description="minutes until an empty Service Engine is removed")
    ] = None
    license_tier: LicenseTier | None = None
    clusters: Annotated[Clusters | None, _IN_VCENTER] = None
    hosts: Annotated[Hosts | None, _IN_VCENTER] = None
    datastores: Annotated[Datastores | None, _IN_VCENTER] = None
    management: Annotated[
        OwnManagement | None, Field(description="the management network, where it is not the cloud's")
    ] = None
    labels: Annotated[
        tuple[Label, ...] | None, Keyed("key"), Field(description="labels but that of AKO's cluster")
    ] = None
    markers: Annotated[tuple[Marker, ...] | None, Keyed("key")] = None


def folder_problems(group: ServiceEngineGroup, at: Place) -> Iterator[tuple[Place, str]]:
    """Folders of single vCenters that contradict the one of all: (place, what is wrong)."""
    for index, placement in enumerate(group.vcenters or ()):
        if group.folder and placement.folder not in (None, group.folder):
            why = f"folder {placement.folder} contradicts the group's folder {group.folder}, that of each vCenter"
            yield (*at, "vcenters", index, "folder"), f"{why}; declare one of the two"
