"""vCenter's inventory as plain data at one moment: port groups, folders, machines, privileges and the clock.

`Vsphere` is one datacenter of it, asked by declared object. A lookup of what is not there raises Blocked; of what the
account may not see, Unknown with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeVar

from intent import Blocked, ControllerVm, Intent, PortGroup, Unknown, VcenterAccount, VmFolder
from intent.author import Action

Wanted = TypeVar("Wanted", bound=Intent)
Switch = Literal["distributed", "standard", "nsx"]


@dataclass(frozen=True, slots=True)
class LivePortGroup:
    """A port group.

    `vlan` is its VLAN id (0: none), or in words what it is instead: `trunk 0-4094`, `NSX segment`, `uplinks, ...`.
    """

    moid: str
    name: str
    datacenter: str
    switch: Switch
    vlan: int | str | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """A VM folder; `path` is from the datacenter's own VM folder, which itself is ""."""

    moid: str
    path: str
    datacenter: str


@dataclass(frozen=True, slots=True)
class Nic:
    """A vNIC: its MAC in lower case, and the id of its port group ("" where vCenter names none).

    `connected`: it is, or will be at power on when the machine is off.
    """

    mac: str
    group: str
    connected: bool = True


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual machine. Memory in MiB, disk in GiB (the sum of its disks); None is what could not be read.

    The power state counts as unread while vCenter is out of touch with the machine: it shows the last one it knew.
    """

    moid: str
    name: str
    datacenter: str
    folder: str | None
    power: str | None = None
    cpus: int | None = None
    memory: int | None = None
    disk: float | None = None
    nics: tuple[Nic, ...] | None = None
    template: bool = False
    unread: Mapping[str, str] = field(default_factory=dict)

    def known(self, member: str) -> Any:
        """A member that must have been read. Raises Unknown with vCenter's reason."""
        value = getattr(self, member)
        if value is None:
            why = self.unread.get(member, "vCenter leaves it unset")
            raise Unknown(f"the {MEMBER_NAMES[member]} of VM {self.name} could not be read: {why}")
        return value

    @property
    def powered_on(self) -> bool:
        """Whether it runs. Raises Unknown."""
        return bool(self.known("power") == "poweredOn")


@dataclass(frozen=True, slots=True)
class EditedValue:
    """What an edit made of a value; `was` is None where it is not told in a way that is understood."""

    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class VcenterEvent:
    """One event of a port group, machine or folder; `kind` is what it is declared as.

    `was`, `name`: its name before and after, "" where there is none, or for a folder that is not told. `datacenter` is
    an id, `user` "" where nobody is named, `when` by vCenter's clock. `leaves`: what was changed, by field; None where
    an edit does not tell that.
    """

    action: Action
    kind: type[Intent]
    moid: str
    name: str
    was: str
    datacenter: str
    user: str
    when: datetime
    leaves: Mapping[str, EditedValue] | None = None


MEMBER_NAMES = {
    "power": "power state",
    "cpus": "number of CPUs",
    "memory": "memory",
    "disk": "disk",
    "nics": "network adapters",
    "folder": "folder",
}


@dataclass(frozen=True)
class Inventory:
    """Everything that the account may see.

    `skew` is vCenter's clock minus this machine's, in seconds; `slack` by how much that may be wrong either way.
    """

    address: str
    version: str = ""
    user: str = ""
    datacenters: Mapping[str, str] = field(default_factory=dict)
    """Name to id."""
    groups: tuple[LivePortGroup, ...] = ()
    folders: tuple[Folder, ...] = ()
    machines: tuple[Machine, ...] = ()
    privileges: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """By account in lower case, then by place: what the account may do there.

    A place is a folder's path ("" is the datacenter itself), or an inventory path as it is declared, from `/` on.
    """
    skew: float = 0.0
    slack: float = 0.0
    calls: int = 0
    unread: Mapping[str, str] = field(default_factory=dict)
    """What could not be read, by topic: `standard switches`, `privileges`, `vlan <moid>`, `datacenter <name>`,
    `datacenters`, `VM folders`; the last two where any may be one that is looked for and not shown."""

    def shows(self, name: str) -> bool:
        """Whether there is a datacenter of that name. Raises Unknown where one that has no name to show may be it."""
        if name not in self.datacenters and "datacenters" in self.unread:
            raise Unknown(self.unread["datacenters"])
        return name in self.datacenters

    def datacenter(self, name: str) -> str:
        """The id of a datacenter. Raises Blocked when there is none that this account may see, Unknown for several."""
        if f"datacenter {name}" in self.unread:
            raise Unknown(self.unread[f"datacenter {name}"])
        if not self.shows(name):
            seen = ", ".join(sorted(self.datacenters)) or "none"
            raise Blocked(
                f"vCenter {self.address} shows {self.user} no datacenter {name} (it shows: {seen}); see the "
                "environment's vcenter.datacenter and the account's permissions"
            )
        return self.datacenters[name]


class Granted(NamedTuple):
    """What an account may do on one entity, by its inventory path, and what it is wanted to."""

    entity: str
    wanted: tuple[str, ...]
    granted: frozenset[str]


class Vsphere:
    """One datacenter of an inventory, asked by declared objects as `Live` is."""

    def __init__(self, inventory: Inventory, datacenter: str) -> None:
        self.inventory = inventory
        self.name = datacenter
        moid = inventory.datacenter(datacenter)
        self.groups = tuple(group for group in inventory.groups if group.datacenter == moid)
        self.folders = tuple(folder for folder in inventory.folders if folder.datacenter == moid)
        self.machines = tuple(machine for machine in inventory.machines if machine.datacenter == moid)
        self._by_mac: dict[str, list[Machine]] = {}
        for machine in self.machines:
            for nic in machine.nics or ():
                self._by_mac.setdefault(nic.mac, []).append(machine)
        self._by_id = {group.moid: group for group in inventory.groups}

    def found(self, want: Intent) -> list[Any]:
        """Every object of the datacenter with a declared object's name: one, none or more. Raises Unknown."""
        if isinstance(want, PortGroup):
            groups: list[Any] = [group for group in self.groups if group.name == want.called]
            if not groups and "standard switches" in self.inventory.unread:
                raise Unknown(self.inventory.unread["standard switches"])
            return groups or self._none(want.called, self.inventory.groups)
        if isinstance(want, VmFolder):
            folders = [folder for folder in self.folders if folder.path == want.called]
            return folders or [folder for folder in self.every_folder() if folder.path == want.called]
        if isinstance(want, ControllerVm):
            machines = [machine for machine in self.machines if machine.name == want.called]
            return machines or self._none(want.called, self.inventory.machines)
        raise TypeError(f"vCenter holds no {want.kind}")

    def every_folder(self) -> tuple[Folder, ...]:
        """The VM folders, of which none is missing. Raises Unknown where one may be that is not shown."""
        if why := self.inventory.unread.get("VM folders"):
            raise Unknown(f"which VM folders there are could not be read: {why}")
        return self.folders

    def _none(self, name: str, every: Iterable[LivePortGroup | Machine]) -> list[Any]:
        """None of these has that name here. Raises Unknown where one may, whose name or place is not shown."""
        moid = self.inventory.datacenters[self.name]
        for each in every:
            if (each.datacenter in ("", moid) and not each.name) or (
                not each.datacenter and each.name == name
            ):
                what = "the place" if each.name else "the name"
                raise Unknown(
                    f"vCenter does not show {what} of {each.name or each.moid}, which may be {name}"
                )
        return []

    def raw(self, want: Intent) -> Any:
        """The Group, Folder or Machine of a declared object. Raises Blocked unless there is exactly one, Unknown."""
        objects = self.found(want)
        if len(objects) != 1:
            how = "is absent from" if not objects else f"is there {len(objects)} times in"
            where = f"datacenter {self.name} of vCenter {self.inventory.address}"
            raise Blocked(f"{want.key} {how} {where}", on=want.key)
        return objects[0]

    def __getitem__(self, want: Wanted) -> Wanted:
        """The counterpart of a declared object, as the same model. Raises Blocked, Unknown."""
        counterpart: Any
        if isinstance(want, PortGroup):
            group = self.raw(want)
            if group.vlan is None and want.vlan is not None:
                why = self.inventory.unread.get(f"vlan {group.moid}", "vCenter leaves it unset")
                raise Unknown(f"the VLAN of port group {group.name} could not be read: {why}")
            counterpart = PortGroup.model_construct(name=group.name, vlan=group.vlan, switch=group.switch)
        else:
            self.raw(want)
            counterpart = want
        assert isinstance(counterpart, type(want))
        return counterpart

    def granted(self, account: VcenterAccount) -> Iterator[Granted]:
        """The privileges of an account, entity by entity.

        Raises Unknown when this run's own account may not ask, or is not shown an entity.
        """
        places = self.inventory.privileges.get(account.called.lower())
        if not places:
            why = self.inventory.unread.get("privileges", f"the privileges of {account.called} were not read")
            raise Unknown(why)
        for part in account.privileges or ():
            if part.on is None:
                own = (place for place in places if not place.startswith("/"))
                yield from (Granted(self._path(place), part.names, places[place]) for place in own)
            elif part.on in places:
                yield Granted(part.on, part.names, places[part.on])
            else:
                why = f"vCenter shows {self.inventory.user} no {part.on}"
                raise Unknown(f"{why}: correct vcenter.account.privileges, or give it System.View there")

    def _path(self, folder: str) -> str:
        """The inventory path of a VM folder of this datacenter; of the datacenter itself for ""."""
        return f"/{self.name}/vm/{folder}" if folder else f"/{self.name}"

    def machines_of(self, mac: str) -> list[Machine]:
        """The machines with a vNIC of that MAC: more than one where a replica or a restored copy kept it.

        Raises Unknown where the only one is somewhere that vCenter does not show.
        """
        there = self._by_mac.get(mac.lower(), [])
        for machine in () if there else self.inventory.machines:
            if not machine.datacenter and any(nic.mac == mac.lower() for nic in machine.nics or ()):
                raise Unknown(
                    f"vCenter does not show where VM {machine.name} stands, which has MAC address {mac}"
                )
        return there

    def group(self, moid: str) -> LivePortGroup | None:
        """The port group of an id; None when none is that the account may see. Raises Unknown without its name."""
        group = self._by_id.get(moid)
        if group is not None and not group.name:
            raise Unknown(f"vCenter does not show the name of port group {moid}")
        return group
