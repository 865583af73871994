"""The Controller itself: where it is, how to speak to it, and its system-wide settings."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Key, NotCompared, Refers, Unordered
from intent.values import AnyName, Host, Name


class Size(Declared):
    """What a Controller VM must have at least (blog, prerequisite)."""

    cpus: Annotated[int | None, Field(ge=1, description="virtual CPUs, at least")] = None
    memory_gb: Annotated[int | None, Field(ge=1, description="memory in GiB, at least")] = None
    disk_gb: Annotated[int | None, Field(ge=1, description="disk in GiB, at least")] = None


class Controller(Intent):
    """The Controller's address and the session's terms."""

    kind: ClassVar[str] = "Controller"
    section: ClassVar[str] = "controller"
    singleton: ClassVar[bool] = True

    name: Annotated[Name, NotCompared()] = "controller"
    address: Annotated[
        Host, NotCompared(), Field(description="host name or IP address of the Controller or its cluster VIP")
    ]
    port: Annotated[int, NotCompared(), Field(ge=1, le=65_535)] = 443
    api_version: Annotated[
        str | None,
        NotCompared(),
        Field(
            pattern=r"^\d+\.\d+\.\d+$",
            description="pins X-Avi-Version for checks; left out, and in runs that plan or write, the newest version "
            "that both sides know is negotiated",
        ),
    ] = None
    tenant: Annotated[
        Name,
        NotCompared(),
        Field(
            description="the tenant of every object below that gives none; clouds, system settings and the networks "
            "that a cloud discovers stay admin's"
        ),
    ] = "admin"
    ca_file: Annotated[
        str | None,
        NotCompared(),
        Field(
            description="PEM file of the CA that signed the Controller's certificate, relative to this file"
        ),
    ] = None
    verify_tls: Annotated[
        bool,
        NotCompared(),
        Field(description="false turns certificate verification off, and every report says so"),
    ] = True
    size: Annotated[Size | None, NotCompared()] = None

    @property
    def at(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"

    @property
    def key(self) -> Key:
        """What names the Controller."""
        return Key(self.kind, self.name)


class SystemSettings(Intent):
    """The Controller's system configuration."""

    kind: ClassVar[str] = "system configuration"
    api: ClassVar[str] = "systemconfiguration"
    section: ClassVar[str] = "system"
    singleton: ClassVar[bool] = True
    step: ClassVar[int] = 5

    name: Annotated[Literal["system"], NotCompared()] = "system"
    dns_services: Annotated[
        tuple[AnyName, ...] | None,
        Unordered(exact=False),
        Refers("DnsService"),
        Field(description="DNS virtual services that the Controller itself uses and registers names in"),
    ] = None
