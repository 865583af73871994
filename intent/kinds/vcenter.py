"""vCenter: where it is, and what of the site must stand in it (blog, prerequisite and steps 3 to 5).

Only `Vcenter` is written in a file. The other kinds are derived from what is declared elsewhere, so that each fact of
vCenter has a key, a drift and a check of its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from intent.base import Declarations, Declared, Intent, Key, NotCompared, Unordered
from intent.cloud_types import CLOUD_TYPES, declared_types
from intent.kinds.cloud import Cloud
from intent.kinds.controller import Controller
from intent.kinds.routing import Network
from intent.kinds.service_engines import ServiceEngineGroup
from intent.source import Place
from intent.values import Host, Name
from intent.words import nearest


class PrivilegesOn(Declared):
    """Privileges that an account must have on one entity of vCenter, given there or inherited from above."""

    on: Annotated[str | None, Field(pattern=r"^/")] = None
    """the entity by its inventory path, such as /REGIONB/vm/AVI K8S (a VM folder), /REGIONB (a datacenter) or / (all of
    vCenter); left out, the datacenter and every declared folder"""
    names: Annotated[tuple[Name, ...], Field(min_length=1)]
    """privilege ids, such as Folder.Create"""


def _by_entity(value: Any) -> Any:
    """Privilege ids that stand in a list by themselves, as those of no certain entity."""
    if not isinstance(value, list | tuple):
        return value
    bare = [element for element in value if isinstance(element, str)]
    others = [element for element in value if not isinstance(element, str)]
    return [*([{"names": bare}] if bare else []), *others]


Privileges = Annotated[
    tuple[PrivilegesOn, ...],
    BeforeValidator(
        _by_entity, json_schema_input_type=list[Annotated[str, Field(min_length=1)] | PrivilegesOn]
    ),
]
"""Privileges by entity. A flat list of ids means the datacenter and every declared folder."""


class AviAccount(Declared):
    """The account with which the Controller works in vCenter."""

    name: Name
    """user@domain, as the cloud is configured with"""
    privileges: Privileges = ()
    """privilege ids it must have on the datacenter and on every folder, such as Folder.Create; or, by entity, [{on:
    /REGIONB/vm/AVI K8S, names: [...]}]"""


class Vcenter(Intent, kind="vCenter", section="vcenter", singleton=True):
    """A vCenter, and how to speak to it."""

    name: Annotated[Name, NotCompared()] = "vcenter"
    address: Annotated[Host, NotCompared()]
    """host name or IP address"""
    port: Annotated[int, NotCompared(), Field(ge=1, le=65_535)] = 443
    clouds: Annotated[tuple[Name, ...] | None, NotCompared()] = None
    """the clouds of this file that run in it; left out, where it is the only vCenter of the file, all that can"""
    ca_file: Annotated[str | None, NotCompared()] = None
    """PEM file of the CA that signed vCenter's certificate, relative to this file; left out, the system's CAs.
    Verification cannot be turned off"""
    datacenter: Annotated[Name, NotCompared()]
    """the datacenter that holds the site"""
    folders: Annotated[tuple[Name, ...], NotCompared()] = ()
    """VM folders that must exist besides those of the SE groups, such as AVI K8S"""
    controllers: Annotated[tuple[Name, ...], NotCompared()] = ()
    """VM names of the Controller's nodes; how large they must be is controller.size"""
    account: Annotated[AviAccount | None, NotCompared()] = None
    max_skew: Annotated[float, NotCompared(), Field(gt=0)] = 5.0
    """seconds by which the clocks of vCenter, Controller and this machine may differ"""

    @property
    def variables(self) -> str:
        """How the names of the variables with its credentials begin where a file declares several: `VCENTER_WEST`."""
        return f"VCENTER_{re.sub('[^A-Z0-9]', '_', self.name.upper())}"


class InVcenter(Declared):
    """What stands in a vCenter. Where a file declares several, its name says in which: `AVI K8S in west`.

    `vcenter`: which one; "" where it is the only one. `bare`: its name there, where `name` says more.
    """

    vcenter: Annotated[str, NotCompared()] = ""
    bare: Annotated[str, NotCompared()] = ""

    @property
    def called(self) -> str:
        """Its name in its vCenter."""
        return self.bare or str(getattr(self, "name", ""))

    @classmethod
    def placed(cls, called: str, vcenter: Vcenter, bindings: "Bindings", **values: Any) -> Self:
        """One of that name in a vCenter."""
        if not bindings.several:
            return cls.model_validate({"name": called, **values})
        name = f"{called} in {vcenter.name}"
        return cls.model_validate({"name": name, "bare": called, "vcenter": vcenter.name, **values})


class Bindings:
    """Which vCenter each cloud runs in: every one that names it, or the only one of the file that names none."""

    def __init__(self, site: Declarations) -> None:
        self.vcenters = site.each(Vcenter)
        self.several = len(self.vcenters) > 1
        self._types = declared_types(site.each(Cloud))

    def of(self, cloud: str) -> list[Vcenter]:
        """The vCenters of a cloud: one, of an NSX-T cloud maybe several; none where its type has none."""
        if (word := self._types.get(cloud, "")) and not CLOUD_TYPES[word].folder:
            return []
        return [each for each in self.vcenters if each.clouds is None or cloud in each.clouds]

    def alone(self, vcenter: Vcenter, cloud: str) -> bool:
        """Whether a cloud runs in this vCenter and in no other."""
        return self.of(cloud) == [vcenter]


class PortGroup(InVcenter, Intent, kind="port group"):
    """The port group behind a declared network. Derived from `networks[].port_group`, never written by itself."""

    networks: Annotated[tuple[Key, ...], NotCompared()] = ()
    """What may name the network on the Controller, in this order: its tenant may be the file's, or admin."""
    vlan: Annotated[int | None, Field(ge=0, le=4094)] = None
    switch: Literal["distributed", "standard"] | None = None

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[Self]:
        """The port groups of the networks that declare one; none where no vCenter is declared."""
        bindings = Bindings(site)
        for network in site.each(Network) if bindings.vcenters else ():
            if (declared := network.port_group) is not None:
                keys = tuple(network.key._replace(tenant=tenant) for tenant in network.tenants)
                facts = {"networks": keys, "vlan": declared.vlan, "switch": declared.switch}
                for vcenter in bindings.of(network.cloud):
                    yield cls.placed(network.name, vcenter, bindings, **facts)


class VmFolder(InVcenter, Intent, kind="VM folder"):
    """A VM folder of the datacenter, by its path. Derived from `se_groups[].folder` and `vcenter.folders`."""

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[Self]:
        """Every folder, once; none where no vCenter is declared."""
        bindings = Bindings(site)
        paths: dict[str, list[str]] = {vcenter.name: [*vcenter.folders] for vcenter in bindings.vcenters}
        for group in site.each(ServiceEngineGroup) if bindings.vcenters else ():
            for vcenter in bindings.of(group.cloud):
                paths[vcenter.name] += _folders(group, vcenter, alone=bindings.alone(vcenter, group.cloud))
        for vcenter in bindings.vcenters:
            for path in dict.fromkeys(paths[vcenter.name]):
                yield cls.placed(path, vcenter, bindings)


def _folders(group: ServiceEngineGroup, vcenter: Vcenter, *, alone: bool) -> Iterator[str]:
    """The folders of an SE group in a vCenter: of several of one NSX-T cloud each is named as its vCenter server."""
    if group.folder:
        yield group.folder
    for placement in group.vcenters or ():
        if placement.folder and (alone or placement.label == vcenter.name):
            yield placement.folder


class ControllerVm(InVcenter, Intent, kind="Controller VM"):
    """A virtual machine of the Controller and its least size. Derived from `vcenter.controllers`."""

    cpus: int | None = None
    memory_gb: int | None = None
    disk_gb: int | None = None
    power: str | None = None

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[Self]:
        """The Controller's nodes, each of the declared size."""
        sizes = [controller.size.model_dump() for controller in site.each(Controller) if controller.size]
        bindings = Bindings(site)
        for vcenter in bindings.vcenters:
            for name in vcenter.controllers:
                yield cls.placed(name, vcenter, bindings, **(sizes[0] if sizes else {}))


class VcenterAccount(InVcenter, Intent, kind="vCenter account"):
    """The Controller's account in vCenter. Derived from `vcenter.account`."""

    privileges: Annotated[Privileges | None, Unordered(exact=False)] = None

    @classmethod
    def derived(cls, site: Declarations) -> Iterator[Self]:
        """The account, where one is declared."""
        bindings = Bindings(site)
        for vcenter in bindings.vcenters:
            if (account := vcenter.account) is not None:
                yield cls.placed(account.name, vcenter, bindings, privileges=account.privileges or None)


class ServiceEngineVm(Intent, kind="SE VM"):
    """The virtual machine of a Service Engine: never declared, made by the Controller as its SE group says."""

    folder: Name | None = None
    power: str | None = None


def problems(
    vcenter: Vcenter | None, vcenters: Sequence[Vcenter], clouds: Sequence[Cloud]
) -> Iterator[tuple[Place, str]]:
    """What is wrong between vCenters and clouds: (place, what it is)."""
    placed: list[tuple[Place, Vcenter]] = [(("vcenters", at), each) for at, each in enumerate(vcenters)]
    if vcenter is not None:
        placed.insert(0, (("vcenter",), vcenter))
    types, taken, seen = declared_types(clouds), dict[str, str](), dict[str, Place]()
    for at, each in placed:
        if seen.setdefault(each.variables, at) != at:
            yield (
                (*at, "name"),
                f"vCenter {each.name} bears the name of another, or one that differs in signs alone; rename one",
            )
        if len(placed) > 1 and each.clouds is None:
            yield (
                at,
                f"vCenter {each.name} is one of several: say under clouds which clouds run in it ([] for none)",
            )
        for index, cloud in enumerate(each.clouds or ()):
            if why := _runs_elsewhere(cloud, each.name, types, taken):
                yield (*at, "clouds", index), why


def _runs_elsewhere(cloud: str, vcenter: str, types: Mapping[str, str], taken: dict[str, str]) -> str:
    """Why a cloud does not run in the vCenter that names it; "" where it may. `taken`: who has named each, added to."""
    word = types.get(cloud)
    if word is None:
        return f"no cloud {cloud!r} is declared{nearest(cloud, types)}" if types else ""
    if word and not CLOUD_TYPES[word].folder:
        return f"cloud {cloud} is of type {word} and runs in no vCenter"
    if word != "nsx-t" and taken.setdefault(cloud, vcenter) != vcenter:
        return f"cloud {cloud} runs in one vCenter, and vCenter {taken[cloud]} names it too"
    return ""
