"""vCenter: where it is, and what of the site must stand in it (blog, prerequisite and steps 3 to 5).

Only `Vcenter` is written in a file. The other kinds are derived from what is declared elsewhere, so that each fact of
vCenter has a key, a drift and a check of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from intent.base import Declarations, Declared, Intent, Key, NotCompared, Unordered
from intent.kinds.controller import Controller
from intent.kinds.routing import Network
from intent.kinds.service_engines import ServiceEngineGroup
from intent.values import Host, Name


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
    singleton: ClassVar[bool] = True

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

    network: Annotated[Key | None, NotCompared()] = None
    vlan: Annotated[int | None, Field(ge=0, le=4094)] = None
    switch: Literal["distributed", "standard"] | None = None

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[PortGroup]:
        """The port groups of the networks that declare one; none where no vCenter is declared."""
        for network in site.each(Network) if site.each(Vcenter) else ():
            if (declared := network.port_group) is not None:
                yield cls(name=network.name, network=network.key, vlan=declared.vlan, switch=declared.switch)


class VmFolder(Intent):
    """A VM folder of the datacenter, by its path. Derived from `se_groups[].folder` and `vcenter.folders`."""

    kind: ClassVar[str] = "VM folder"

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[VmFolder]:
        """Every folder, once; none where no vCenter is declared."""
        for vcenter in site.each(Vcenter):
            paths = [group.folder for group in site.each(ServiceEngineGroup) if group.folder]
            for path in dict.fromkeys([*vcenter.folders, *paths]):
                yield cls(name=path)


class ControllerVm(Intent):
    """A virtual machine of the Controller and its least size. Derived from `vcenter.controllers`."""

    kind: ClassVar[str] = "Controller VM"

    cpus: int | None = None
    memory_gb: int | None = None
    disk_gb: int | None = None

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[ControllerVm]:
        """The Controller's nodes, each of the declared size."""
        sizes = [controller.size.model_dump() for controller in site.each(Controller) if controller.size]
        for vcenter in site.each(Vcenter):
            for name in vcenter.controllers:
                yield cls(name=name, **(sizes[0] if sizes else {}))


class VcenterAccount(Intent):
    """The Controller's account in vCenter. Derived from `vcenter.account`."""

    kind: ClassVar[str] = "vCenter account"

    privileges: Annotated[tuple[Name, ...] | None, Unordered(exact=False)] = None

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[VcenterAccount]:
        """The account, where one is declared."""
        for vcenter in site.each(Vcenter):
            if (account := vcenter.account) is not None:
                yield cls(name=account.name, privileges=account.privileges or None)


class ServiceEngineVm(Intent):
    """The virtual machine of a Service Engine: never declared, made by the Controller as its SE group says."""

    kind: ClassVar[str] = "SE VM"

    folder: Name | None = None
