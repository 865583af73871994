"""vCenter: where it is, and what of the site must stand in it (blog, prerequisite and steps 3 to 5).

Only `Vcenter` is written in a file. The other kinds are derived from what is declared elsewhere, so that each fact of
vCenter has a key, a drift and a check of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declared, Intent, Key, NotCompared, Unordered
from intent.values import Host, Name

if TYPE_CHECKING:
    from intent.environment import Environment


class AviAccount(Declared):
    """The account with which the Controller works in vCenter."""

    name: Annotated[Name, Field(description="user@domain, as the cloud is configured with")]
    privileges: Annotated[
        tuple[Name, ...],
        Field(
            description="privilege ids it must have on the datacenter and on every folder, such as Folder.Create"
        ),
    ] = ()


class Vcenter(Intent):
    """A vCenter, and how to speak to it."""

    kind: ClassVar[str] = "vCenter"
    section: ClassVar[str] = "vcenter"

    name: Annotated[Name, NotCompared()] = "vcenter"
    address: Annotated[Host, NotCompared(), Field(description="host name or IP address")]
    port: Annotated[int, NotCompared(), Field(ge=1, le=65_535)] = 443
    ca_file: Annotated[
        str | None,
        NotCompared(),
        Field(
            description="PEM file of the CA that signed vCenter's certificate, relative to this file; left out, the "
            "system's CAs. Verification cannot be turned off"
        ),
    ] = None
    datacenter: Annotated[Name, NotCompared(), Field(description="the datacenter that holds the site")]
    folders: Annotated[
        tuple[Name, ...],
        NotCompared(),
        Field(description="VM folders that must exist besides those of the SE groups, such as AVI K8S"),
    ] = ()
    controllers: Annotated[
        tuple[Name, ...],
        NotCompared(),
        Field(description="VM names of the Controller's nodes; how large they must be is controller.size"),
    ] = ()
    account: Annotated[AviAccount | None, NotCompared()] = None
    max_skew: Annotated[
        float,
        NotCompared(),
        Field(
            gt=0,
            description="seconds by which the clocks of vCenter, Controller and this machine may differ",
        ),
    ] = 5.0


class PortGroup(Intent):
    """The port group behind a declared network. Derived from `networks[].port_group`, never written by itself."""

    kind: ClassVar[str] = "port group"
    section: ClassVar[str] = ""

    network: Annotated[Key | None, NotCompared()] = None
    vlan: Annotated[int | None, Field(ge=0, le=4094)] = None
    switch: Literal["distributed", "standard"] | None = None


class VmFolder(Intent):
    """A VM folder of the datacenter, by its path. Derived from `se_groups[].folder` and `vcenter.folders`."""

    kind: ClassVar[str] = "VM folder"
    section: ClassVar[str] = ""


class ControllerVm(Intent):
    """A virtual machine of the Controller and its least size. Derived from `vcenter.controllers`."""

    kind: ClassVar[str] = "Controller VM"
    section: ClassVar[str] = ""

    cpus: int | None = None
    memory_gb: int | None = None
    disk_gb: int | None = None


class VcenterAccount(Intent):
    """The Controller's account in vCenter. Derived from `vcenter.account`."""

    kind: ClassVar[str] = "vCenter account"
    section: ClassVar[str] = ""

    privileges: Annotated[tuple[Name, ...] | None, Unordered(exact=False)] = None


class ServiceEngineVm(Intent):
    """The virtual machine of a Service Engine: never declared, made by the Controller as its SE group says."""

    kind: ClassVar[str] = "SE VM"
    section: ClassVar[str] = ""

    folder: Name | None = None


DERIVED: tuple[type[Intent], ...] = (PortGroup, VmFolder, ControllerVm, VcenterAccount)


def derived(environment: Environment, kind: type[Intent]) -> Iterator[Intent]:
    """Every object of a derived kind that an environment's vCenter must have; none where no vCenter is declared."""
    vcenter = environment.vcenter
    if vcenter is None:
        return
    if kind is PortGroup:
        for network in environment.networks:
            if network.port_group is not None:
                declared = network.port_group
                yield PortGroup(
                    name=network.name, network=network.key, vlan=declared.vlan, switch=declared.switch
                )
    elif kind is VmFolder:
        paths = [group.folder for group in environment.se_groups if group.folder]
        for path in dict.fromkeys([*vcenter.folders, *paths]):
            yield VmFolder(name=path)
    elif kind is ControllerVm:
        size = environment.controller.size
        for name in vcenter.controllers:
            yield ControllerVm(name=name, **(size.model_dump() if size else {}))
    elif kind is VcenterAccount and vcenter.account is not None:
        account = vcenter.account
        yield VcenterAccount(name=account.name, privileges=account.privileges or None)
