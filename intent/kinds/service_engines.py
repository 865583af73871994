"""Service Engine groups (blog, steps 4 and 5)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, LivesIn, NotCompared, OnlyIn
from intent.values import Name


class RealTimeMetrics(Declared):
    """Real-time metrics of the group's Service Engines."""

    enabled: bool | None = None
    duration: Annotated[int | None, Field(ge=0, description="minutes; 0 means without end")] = None


class ServiceEngineGroup(Intent):
    """A Service Engine group."""

    kind: ClassVar[str] = "SE group"
    section: ClassVar[str] = "se_groups"
    step: ClassVar[int] = 4

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
    realtime_metrics: RealTimeMetrics | None = None
