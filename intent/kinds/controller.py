"""The Controller itself: where it is, how to speak to it, and its system-wide settings."""

from typing import Annotated, Literal

from pydantic import Field

from intent.base import Declared, Intent, NotCompared, Ordered, Refers, Unordered
from intent.exact import Lists
from intent.kinds.labels import LicenseTier
from intent.values import AnyName, Domain, Host, Name, Server


class Size(Declared):
    """What a Controller VM must have at least (blog, prerequisite)."""

    cpus: Annotated[int | None, Field(ge=1)] = None
    """virtual CPUs, at least"""
    memory_gb: Annotated[int | None, Field(ge=1)] = None
    """memory in GiB, at least"""
    disk_gb: Annotated[int | None, Field(ge=1)] = None
    """disk in GiB, at least"""


class Controller(Intent, kind="Controller", section="controller", singleton=True):
    """The Controller's address and the session's terms."""

    name: Annotated[Name, NotCompared()] = "controller"
    address: Annotated[Host, NotCompared()]
    """host name or IP address of the Controller or its cluster VIP"""
    port: Annotated[int, NotCompared(), Field(ge=1, le=65_535)] = 443
    api_version: Annotated[str | None, NotCompared(), Field(pattern=r"^\d+\.\d+\.\d+$")] = None
    """pins X-Avi-Version for checks; left out, and in runs that plan or write, the newest version that both sides know
    is negotiated"""
    tenant: Annotated[Name, NotCompared()] = "admin"
    """the tenant of every object below that gives none; clouds, system settings and the networks that a cloud discovers
    stay admin's"""
    ca_file: Annotated[str | None, NotCompared()] = None
    """PEM file of the CA that signed the Controller's certificate, relative to this file"""
    verify_tls: Annotated[bool, NotCompared()] = True
    """false turns certificate verification off, and every report says so"""
    size: Annotated[Size | None, NotCompared()] = None

    @property
    def at(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"


class Snmp(Declared):
    """How the Controller answers and tells monitoring by SNMP. Its community and its passphrases are never read."""

    version: Literal["v2", "v3"] | None = None
    location: str | None = None
    contact: str | None = None


class Portal(Declared):
    """The Controller's web interface and API."""

    basic_authentication: bool | None = None
    """whether a password may come with each request"""
    http: bool | None = None
    """whether it listens without TLS"""
    redirect_to_https: bool | None = None
    session_hours: Annotated[int | None, Field(ge=1, le=24)] = None
    """hours until an API session has to log in again"""
    strong_passwords: bool | None = None
    """whether passwords have to be complex"""
    min_password_length: Annotated[int | None, Field(ge=6, le=32)] = None
    certificates: Annotated[
        tuple[AnyName, ...] | None, Unordered(), Refers("sslkeyandcertificate", optional=True)
    ] = None
    """the certificates that it shows: one RSA, one EC at most"""


class Tenancy(Declared):
    """What a new tenant shares with tenant admin."""

    engines_of_provider: bool | None = None
    """whether Service Engines are tenant admin's"""
    engines_readable: bool | None = None
    """whether a tenant may see tenant admin's Service Engines"""
    own_vrfs: bool | None = None
    """whether a tenant has VRF contexts of its own"""


class SystemSettings(
    Intent,
    Lists,
    kind="system configuration",
    api="systemconfiguration",
    section="system",
    singleton=True,
    step=5,
):
    """The Controller's system configuration."""

    name: Annotated[Literal["system"], NotCompared()] = "system"
    dns_services: Annotated[tuple[AnyName, ...] | None, Unordered(exact=False), Refers("DnsService")] = None
    """DNS virtual services that the Controller itself uses and registers names in"""
    dns_servers: Annotated[tuple[Server, ...] | None, Ordered()] = None
    """name servers of the Controller, the first first"""
    search_domain: Domain | None = None
    """domain of names without one"""
    ntp_servers: Annotated[tuple[Server, ...] | None, Unordered(exact=False)] = None
    snmp: Snmp | None = None
    banner: str | None = None
    """text before a login"""
    message_of_the_day: str | None = None
    """text after a login by SSH"""
    portal: Portal | None = None
    tenancy_mode: Tenancy | None = None
    license_tier: LicenseTier | None = None
    """of what is made without one of its own"""
