"""Upkeep of the Controller: its cluster, backups and their schedule, certificates, and where it sends its events."""

from typing import Annotated, Literal

from pydantic import Field

from intent.base import Declared, Intent, Keyed, NotCompared, Ordered, Unordered
from intent.exact import Lists
from intent.values import Ip, Name, Server


class ClusterNode(Declared):
    """A node of the Controller's cluster."""

    address: Ip
    name: Name | None = None


class ControllerCluster(
    Intent,
    Lists,
    kind="Controller cluster",
    api="cluster",
    section="controller_cluster",
    singleton=True,
    step=0,
):
    """The Controller's cluster: one node, or three with an address that moves between them."""

    name: Annotated[Literal["cluster"], NotCompared()] = "cluster"
    virtual_ip: Ip | None = None
    """address of the whole cluster"""
    nodes: Annotated[tuple[ClusterNode, ...] | None, Keyed("address", exact=True)] = None


class BackupSettings(Intent, kind="backup configuration", api="backupconfiguration", section="backups"):
    """Where backups of the Controller go. Its passphrase is never read."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    keep: Annotated[int | None, Field(ge=1, le=20)] = None
    """backups that are kept on the Controller"""
    local: bool | None = None
    """whether they are kept on the Controller"""
    remote: bool | None = None
    """whether they are sent to another host"""
    host: Server | None = None
    """the other host"""
    directory: Name | None = None
    """the directory there"""
    max_age_hours: Annotated[int | None, NotCompared(), Field(ge=1)] = None
    """how old the newest backup may be"""


class Schedule(Intent, kind="schedule", api="scheduler", section="schedules"):
    """A schedule, such as that of backups."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    enabled: bool | None = None
    every: Annotated[int | None, Field(ge=1, le=60)] = None
    """so many of its unit"""
    unit: Literal["minute", "hour", "day", "week", "month"] | None = None


class Certificate(Intent, Lists, kind="certificate", api="sslkeyandcertificate", section="certificates"):
    """A certificate on the Controller, such as that of its portal. Its key is never read."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    names: Annotated[tuple[Server, ...] | None, Unordered(exact=False)] = None
    """names and addresses that clients may use: subject alternative names"""
    issuer: Name | None = None
    """common name of who issued it"""
    chain: Annotated[tuple[Name, ...] | None, Ordered()] = None
    """the certificates above it, as the Controller names them, the next first"""
    min_days: Annotated[int | None, NotCompared(), Field(ge=0)] = None
    """days for which it must be good (default 0)"""


class SyslogServer(Declared):
    """A syslog server."""

    server: Annotated[Server, NotCompared()]
    port: Annotated[int, NotCompared(), Field(ge=1, le=65_535)] = 514
    udp: bool | None = None
    tls: bool | None = None
    format: Literal["legacy", "rfc5424", "json", "rfc5425-enhanced"] | None = None

    @property
    def label(self) -> str:
        """`log.example:514`."""
        return f"{self.server}:{self.port}"


class Syslog(Intent, Lists, kind="syslog configuration", api="alertsyslogconfig", section="syslog"):
    """A syslog configuration: where alerts send events."""

    tenant: Annotated[Name, NotCompared()] = "admin"
    servers: Annotated[tuple[SyslogServer, ...] | None, Keyed("label")] = None
