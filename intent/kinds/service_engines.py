"""Service Engine groups (blog, steps 4 and 5)."""

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
    duration: Annotated[int | None, Field(ge=0)] = None
    """minutes; 0 means without end"""


class Scope(Declared):
    """Clusters, hosts or datastores in which Service Engines may be made, or may not."""

    include: bool | None = None
    """true: only in these; false: in all but these"""
    ids: Annotated[tuple[Name, ...] | None, Unordered()] = None
    """as NSX-T or vCenter ids"""


class VcenterPlacement(Declared):
    """Where Service Engines are made in one vCenter server of an NSX-T cloud."""

    vcenter: Annotated[AnyName, NotCompared(), Refers(VcenterServer, optional=True)]
    """a vCenter server of this file, of the same cloud"""
    folder: Name | None = None
    """folder of the Service Engine VMs"""
    clusters: Scope | None = None
    hosts: Scope | None = None
    datastores: Scope | None = None

    @property
    def label(self) -> str:
        """Its vCenter server tells placements apart."""
        return str(self.vcenter)


class VcenterScope(Declared):
    """Clusters or hosts of a vCenter in which Service Engines may be made, or may not."""

    include: bool | None = None
    """true: only in these; false: in all but these"""


class Clusters(VcenterScope):
    """Clusters of a vCenter."""

    names: Annotated[
        tuple[AnyName, ...] | None, Unordered(), Refers("vimgrclusterruntime", optional=True)
    ] = None


class EsxiHosts(VcenterScope):
    """ESXi hosts of a vCenter."""

    names: Annotated[tuple[AnyName, ...] | None, Unordered(), Refers("vimgrhostruntime", optional=True)] = (
        None
    )


class Datastores(VcenterScope):
    """Datastores of a vCenter."""

    names: Annotated[tuple[Name, ...] | None, Unordered()] = None
    mode: Literal["any", "local", "shared"] | None = None
    """which kind of datastore may be taken"""


class OwnManagement(Declared):
    """The management network of a group's Service Engines, where it is not the cloud's."""

    network: Annotated[AnyName | None, Refers("Network", optional=True)] = None
    """a network of this file"""
    subnet: Prefix | None = None


_IN_VCENTER = OnlyIn(
    ("vcenter",), {"nsx-t": "in an NSX-T cloud it is declared under vcenters, for each of them"}
)


class ServiceEngineGroup(
    Intent, Lists, kind="SE group", api="serviceenginegroup", section="se_groups", step=4
):
    """A Service Engine group."""

    implied: ClassVar[Mapping[str, str]] = {"folder": "vcenters"}

    cloud: Annotated[Name, NotCompared(), LivesIn()] = "Default-Cloud"
    tenant: Annotated[Name, NotCompared()] = "admin"
    ha_mode: Literal["n+m", "active-active", "active-standby"] | None = None
    """n+m: Elastic HA N+M buffer; active-active: Elastic HA; active-standby: legacy"""
    buffer: Annotated[int | None, Field(ge=0)] = None
    """spare Service Engines (the M of N+M)"""
    name_prefix: Name | None = None
    """Service Engines are named <prefix>-se-xxxxx"""
    folder: Annotated[Name | None, OnlyIn(("vcenter", "nsx-t"))] = None
    """vCenter folder of the Service Engine VMs; in an NSX-T cloud, in each of its vCenters"""
    vcenters: Annotated[
        tuple[VcenterPlacement, ...] | None,
        Keyed("label"),
        OnlyIn(("nsx-t",), {"vcenter": "it has one vCenter, whose folder is declared under folder"}),
    ] = None
    """placement in each vCenter server of an NSX-T cloud"""
    realtime_metrics: RealTimeMetrics | None = None
    vcpus: Annotated[int | None, Field(ge=1)] = None
    """virtual CPUs of a Service Engine"""
    memory_mb: Annotated[int | None, Field(ge=2048, le=262_144)] = None
    """memory of a Service Engine in MB"""
    disk_gb: Annotated[int | None, Field(ge=1)] = None
    """disk of a Service Engine in GB"""
    reserve_cpu: bool | None = None
    """whether vCenter reserves its CPUs"""
    reserve_memory: bool | None = None
    """whether vCenter reserves its memory"""
    max_se: Annotated[int | None, Field(ge=0, le=1000)] = None
    """most Service Engines"""
    min_se: Annotated[int | None, Field(ge=0, le=1000)] = None
    """fewest Service Engines"""
    max_vs_per_se: Annotated[int | None, Field(ge=1, le=1000)] = None
    """most virtual services on one Service Engine"""
    min_scaleout: Annotated[int | None, Field(ge=1, le=64)] = None
    """Service Engines on which a virtual service begins"""
    max_scaleout: Annotated[int | None, Field(ge=1, le=64)] = None
    """Service Engines to which a virtual service may grow"""
    algorithm: Literal["packed", "distributed"] | None = None
    """packed: fill a Service Engine first; distributed: take the emptiest"""
    deprovision_delay: Annotated[int | None, Field(ge=0, le=525_600)] = None
    """minutes until an empty Service Engine is removed"""
    license_tier: LicenseTier | None = None
    clusters: Annotated[Clusters | None, _IN_VCENTER] = None
    hosts: Annotated[EsxiHosts | None, _IN_VCENTER] = None
    datastores: Annotated[Datastores | None, _IN_VCENTER] = None
    management: OwnManagement | None = None
    """the management network, where it is not the cloud's"""
    labels: Annotated[tuple[Label, ...] | None, Keyed("key")] = None
    """labels but that of AKO's cluster"""
    markers: Annotated[tuple[Marker, ...] | None, Keyed("key")] = None


def folder_problems(group: ServiceEngineGroup, at: Place) -> Iterator[tuple[Place, str]]:
    """Folders of single vCenters that contradict the one of all: (place, what is wrong)."""
    for index, placement in enumerate(group.vcenters or ()):
        if group.folder and placement.folder not in (None, group.folder):
            why = f"folder {placement.folder} contradicts the group's folder {group.folder}, that of each vCenter"
            yield (*at, "vcenters", index, "folder"), f"{why}; declare one of the two"
