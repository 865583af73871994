"""Hosts of the site, and what each must be able to do: reach, resolve, keep the time.

Only `Host` is written in a file; paths and names are derived from it, so that each is a check of its own.
"""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import Field

from intent.base import Declarations, Intent, NotCompared, Refers, Unordered
from intent.kinds.dns import DnsService, Lookup
from intent.kinds.vcenter import Vcenter
from intent.source import Place
from intent.values import AnyName, Domain, Ip, Name, ScopedName

BY_NAME = ("controller", "vcenter")
"""What a host may have to reach besides DNS services and `address:port`."""


class Host(Intent, kind="host", section="hosts"):
    """A machine on which commands can be run: the ops box, a node of the Controller or of Kubernetes."""

    connection: Annotated[
        str, NotCompared(), Field(pattern=r"^(ssh|paramiko|docker|podman|kubectl|chroot)://\S+$|^local://$")
    ]
    """testinfra's connection string, such as ssh://10.10.24.9; user and key come from the SSH configuration
    (AVI_SSH_CONFIG)"""
    shell: Annotated[tuple[str, ...], NotCompared(), Field(min_length=1)] = ("sh",)
    """what runs a command there, where plain sh cannot: [sudo, -n, sh]"""
    reaches: Annotated[tuple[AnyName, ...], NotCompared()] = ()
    """controller, vcenter, a vCenter or DNS service of this file by name, or address:port over TCP"""
    resolves: Annotated[tuple[Domain, ...], NotCompared()] = ()
    """names of this file's DNS services, through the host's own resolver and through the service"""
    nameservers: Annotated[tuple[Ip, ...] | None, Unordered()] = None
    """whom its resolver asks"""
    ntp_servers: Annotated[tuple[Name, ...] | None, Unordered(exact=False)] = None
    """who tells it the time"""
    max_skew: Annotated[float | None, NotCompared(), Field(gt=0)] = None
    """seconds by which its clock may differ from this machine's"""


class HostPath(Intent, kind="path"):
    """Something that a host must reach. Derived from `hosts[].reaches`."""

    host: Annotated[Host, NotCompared()]
    target: Annotated[AnyName, NotCompared(), Refers(DnsService, builtin=BY_NAME)]

    @classmethod
    def derived(cls, site: Declarations) -> "Iterator[HostPath]":
        """Every path of every host."""
        for host in site.each(Host):
            for target in dict.fromkeys(host.reaches):
                yield cls(name=f"{host.name} to {target}", host=host, target=target)


class HostLookup(Intent, kind="name on a host"):
    """A name that must resolve on a host. Derived from `hosts[].resolves`."""

    host: Annotated[Host, NotCompared()]
    lookup: Annotated[Lookup, NotCompared(), Refers(Lookup)]

    @classmethod
    def derived(cls, site: Declarations) -> "Iterator[HostLookup]":
        """Every name that a host must resolve, once for each record of it."""
        lookups = site.each(Lookup)
        for host in site.each(Host):
            for lookup in lookups:
                if lookup.name in host.resolves:
                    yield cls(name=f"{lookup.name} on {host.name}", host=host, lookup=lookup)


class Dangling(NamedTuple):
    """A word of a host that names nothing: where it stands, what it should name, and the words that would do."""

    place: Place
    what: str
    word: str
    known: list[str]


def problems(site: Declarations) -> Iterator[Dangling]:
    """References of hosts to what is not declared."""
    services = [service.name for service in site.each(DnsService)]
    targets = [*BY_NAME, *services, *(vcenter.name for vcenter in site.each(Vcenter))]
    scoped = {
        ScopedName(name=s.name, cloud=cloud, tenant=tenant)
        for s in site.each(DnsService)
        for cloud in (s.cloud, None)
        for tenant in (s.tenant, None)
    }
    names = [lookup.name for lookup in site.each(Lookup)]
    for i, host in enumerate(site.each(Host)):
        for j, target in enumerate(host.reaches):
            place = ("hosts", i, "reaches", j)
            if isinstance(target, ScopedName):
                if target not in scoped:
                    yield Dangling(place, "DNS service", str(target), services)
            elif target not in targets and not _has_port(target):
                yield Dangling(place, "DNS service or address:port", target, targets)
        for j, name in enumerate(host.resolves):
            if name not in names:
                yield Dangling(("hosts", i, "resolves", j), "name of a DNS service", name, names)


def _has_port(target: str) -> bool:
    """Whether it reads `address:port`."""
    address, colon, port = target.rpartition(":")
    return bool(colon and address and port.isdecimal())
