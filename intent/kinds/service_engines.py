"""Service Engine groups (blog, steps 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Keyed, LivesIn, NotCompared, OnlyIn, Refers, Unordered
from intent.kinds.nsxt import VcenterServer
from intent.source import Place
from intent.values import AnyName, Name


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


class ServiceEngineGroup(Intent):
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


def folder_problems(group: ServiceEngineGroup, at: Place) -> Iterator[tuple[Place, str]]:
    """Folders of single vCenters that contradict the one of all: (place, what is wrong)."""
    for index, placement in enumerate(group.vcenters or ()):
        if group.folder and placement.folder not in (None, group.folder):
            why = f"folder {placement.folder} contradicts the group's folder {group.folder}, that of each vCenter"
            yield (*at, "vcenters", index, "folder"), f"{why}; declare one of the two"
