"""Decoding of what vCenter's property collector sends into the plain data of `inventory`: paths, VLANs, hardware.

What vCenter withheld is kept with its reason, so that it can be told from what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyVmomi import vim

from live.vcenter.inventory import Folder, Inventory, LivePortGroup, Machine, Nic

VmwareSwitch = vim.dvs.VmwareDistributedVirtualSwitch
Card = vim.vm.device.VirtualEthernetCard
ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What data of other types than the API's leads to."""
MEMBERS = {
    "power": "runtime.powerState",
    "cpus": "config.hardware.numCPU",
    "memory": "config.hardware.memoryMB",
    "nics": "config.hardware.device",
    "disk": "config.hardware.device",
}
"""Where each member of a Machine stands in the API."""


def unescaped(name: str) -> str:
    """A name as people type it: the API escapes `%`, `/` and the backslash."""
    for code, letter in (("%2f", "/"), ("%5c", "\\"), ("%25", "%")):
        name = name.replace(code, letter).replace(code.upper(), letter)
    return name


@dataclass
class Row:
    """One object: its type, the properties that came, and the reasons for those that did not."""

    kind: Any
    values: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name, unescaped; "" where it was withheld."""
        return unescaped(self.values.get("name", ""))

    @property
    def parent(self) -> str:
        """The id of what it stands in."""
        parent = self.values.get("parent")
        return str(parent._moId) if parent is not None else ""  # noqa: SLF001 -- pyVmomi's only way to an id

    def why_not(self, path: str) -> str:
        """The reason for a property that did not come."""
        return self.missing.get(path, "vCenter leaves it unset")


class Contents:
    """Everything that the property collector sent: rows by managed object id."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.root = ""
        """The id of the folder in which all else stands; "" where that is not known."""

    def add(self, item: Any) -> None:
        """Take one ObjectContent."""
        row = self.rows.setdefault(item.obj._moId, Row(type(item.obj)))  # noqa: SLF001
        row.values.update({prop.name: prop.val for prop in item.propSet or ()})
        row.missing.update({prop.path: _reason(prop.fault) for prop in item.missingSet or ()})

    def of(self, kind: Any) -> Iterator[tuple[str, Row]]:
        """Every row of a type and its subtypes."""
        return ((moid, row) for moid, row in self.rows.items() if issubclass(row.kind, kind))

    def values(self, path: str) -> list[Any]:
        """A property of every row that has it."""
        return [row.values[path] for row in self.rows.values() if path in row.values]


def _reason(fault: Any) -> str:
    fault = getattr(fault, "fault", fault)
    if isinstance(fault, vim.fault.NoPermission):
        return f"this run's account lacks {fault.privilegeId or 'a privilege'} there"
    return f"vCenter answered {type(fault).__name__.rpartition('.')[2]}"


def decode(contents: Contents, hosts: Contents) -> Inventory:
    """The inventory; `hosts` holds the port groups of each host's standard switches, by its network system."""
    tree = _Tree(contents)
    datacenters, unread = _datacenters(contents)
    groups = [*_distributed(contents, tree, unread), *_standard(contents, hosts, tree)]
    folders = [
        Folder(moid, path, tree.datacenter(moid))
        for moid, _ in contents.of(vim.Folder)
        if (path := tree.vm_path(moid)) is not None
    ]
    machines = [_machine_or_unread(moid, row, tree) for moid, row in contents.of(vim.VirtualMachine)]
    if why := next(_astray(contents, tree), ""):
        unread["VM folders"] = why
    return Inventory("", datacenters=datacenters, groups=tuple(groups), folders=tuple(folders),
                     machines=tuple(machines), unread=unread)  # fmt: skip


def _astray(contents: Contents, tree: _Tree) -> Iterator[str]:
    """Why a folder may be there that is not shown at its path, in sentences."""
    for moid, row in contents.of((vim.Folder, vim.VirtualMachine)):
        if (parent := row.parent) and parent not in contents.rows:
            yield f"{row.name or moid} stands in {parent}, which vCenter does not show"
        elif issubclass(row.kind, vim.Folder) and not parent and contents.root not in ("", moid):
            yield f"where folder {row.name or moid} stands could not be read: {row.why_not('parent')}"
        elif issubclass(row.kind, vim.Folder) and not row.name and tree.datacenter(moid):
            yield f"the name of folder {moid} could not be read: {row.why_not('name')}"


def _datacenters(contents: Contents) -> tuple[dict[str, str], dict[str, str]]:
    """(ids by name, why a datacenter counts as unread: there is another of its name, or its VM folder is not shown)."""
    ids: dict[str, str] = {}
    unread: dict[str, str] = {}
    for moid, row in contents.of(vim.Datacenter):
        if row.name in ids:
            unread[f"datacenter {row.name}"] = (
                f"there is more than one datacenter {row.name}, in different folders: which is meant cannot be told"
            )
        elif not row.name:
            unread["datacenters"] = f"the name of datacenter {moid} could not be read: {row.why_not('name')}"
        elif row.values.get("vmFolder") is None:
            why = row.why_not("vmFolder")
            unread[f"datacenter {row.name}"] = f"the folder of datacenter {row.name} could not be read: {why}"
        if row.name:
            ids[row.name] = moid
    return ids, unread


class _Tree:
    """The tree of managed objects: in which folder and datacenter each one stands."""

    def __init__(self, contents: Contents) -> None:
        self.rows = contents.rows
        self.vm_folders = {
            row.values["vmFolder"]._moId  # noqa: SLF001
            for _, row in contents.of(vim.Datacenter)
            if row.values.get("vmFolder") is not None
        }

    def above(self, moid: str) -> Iterator[str]:
        """An object and everything it stands in, upwards."""
        seen: set[str] = set()
        while moid in self.rows and moid not in seen:
            seen.add(moid)
            yield moid
            moid = self.rows[moid].parent

    def datacenter(self, moid: str) -> str:
        """The id of the datacenter an object stands in, "" for none."""
        return next((m for m in self.above(moid) if issubclass(self.rows[m].kind, vim.Datacenter)), "")

    def vm_path(self, moid: str) -> str | None:
        """The path of a VM folder below its datacenter's own; None for what is no VM folder."""
        names: list[str] = []
        for ancestor in self.above(moid):
            if ancestor in self.vm_folders:
                return "/".join(reversed(names))
            names.append(self.rows[ancestor].name)
        return None


def _distributed(contents: Contents, tree: _Tree, unread: dict[str, str]) -> Iterator[LivePortGroup]:
    for moid, row in contents.of(vim.dvs.DistributedVirtualPortgroup):
        config = row.values.get("config.defaultPortConfig")
        nsx = row.values.get("config.backingType") == "nsx"
        vlan = "NSX segment" if nsx else vlan_of(config)
        if vlan is None:
            unread[f"vlan {moid}"] = row.why_not("config.defaultPortConfig")
        # `config.uplink` marks a group of uplinks; where a server leaves it unset, the name does.
        uplink = row.values.get("config.uplink")
        if uplink or (uplink is None and "DVUplinks" in row.name):
            vlan = f"uplinks, {vlan}"
        yield LivePortGroup(moid, row.name, tree.datacenter(moid), "nsx" if nsx else "distributed", vlan)


def vlan_of(config: Any) -> int | str | None:
    """A port group's VLAN: its id, or in words what it is instead; None where vCenter does not say."""
    vlan = getattr(config, "vlan", None)
    if isinstance(vlan, VmwareSwitch.VlanIdSpec):
        return int(vlan.vlanId)
    if isinstance(vlan, VmwareSwitch.TrunkVlanSpec):
        ranges = [str(r.start) if r.start == r.end else f"{r.start}-{r.end}" for r in vlan.vlanId or ()]
        return f"trunk {', '.join(ranges)}".strip()
    if isinstance(vlan, VmwareSwitch.PvlanSpec):
        return f"private VLAN {vlan.pvlanId}"
    return None


def _standard(contents: Contents, hosts: Contents, tree: _Tree) -> Iterator[LivePortGroup]:
    """Standard port groups with the VLAN id that all hosts give them, and opaque networks (NSX)."""
    vlans: dict[tuple[str, str], dict[int, list[str]]] = {}
    for moid, row in contents.of(vim.HostSystem):
        system = row.values.get("configManager.networkSystem")
        switches = hosts.rows.get(system._moId) if system is not None else None  # noqa: SLF001
        for group in (switches.values.get("networkInfo.portgroup") or ()) if switches else ():
            key = (tree.datacenter(moid), unescaped(group.spec.name))
            vlans.setdefault(key, {}).setdefault(int(group.spec.vlanId), []).append(row.name)
    for moid, row in contents.of(vim.Network):
        if issubclass(row.kind, vim.dvs.DistributedVirtualPortgroup):
            continue
        datacenter = tree.datacenter(moid)
        if issubclass(row.kind, vim.OpaqueNetwork):
            yield LivePortGroup(moid, row.name, datacenter, "nsx", "NSX segment")
            continue
        yield LivePortGroup(
            moid, row.name, datacenter, "standard", _agreed(vlans.get((datacenter, row.name), {}))
        )


def _agreed(hosts: dict[int, list[str]]) -> int | str | None:
    """From hosts by VLAN id: the id that all have, else in words which host has which; None when no host tells."""
    if len(hosts) < 2:
        return next(iter(hosts), None)
    return ", ".join(f"{vlan} on {', '.join(sorted(names))}" for vlan, names in sorted(hosts.items()))


def _machine_or_unread(moid: str, row: Row, tree: _Tree) -> Machine:
    """A machine; where what is said of it is of other types than the API's, one of which only the name is known."""
    try:
        return _machine(moid, row, tree)
    except ODD as error:
        why = f"vCenter describes the machine in a way that is not understood ({type(error).__name__})"
        datacenter, unread = tree.datacenter(moid), dict.fromkeys([*MEMBERS, "folder"], why)
        return Machine(moid, row.name, datacenter, folder=None, unread=unread)


def _machine(moid: str, row: Row, tree: _Tree) -> Machine:
    devices = row.values.get("config.hardware.device")
    unread = {member: row.why_not(path) for member, path in MEMBERS.items() if row.values.get(path) is None}
    power = row.values.get("runtime.powerState")
    if (state := row.values.get("runtime.connectionState")) not in (None, "connected"):
        unread["power"] = f"vCenter shows the last one it knew; the machine is {state}"
    folder = tree.vm_path(row.parent)
    if folder is None:
        unread["folder"] = f"vCenter does not show {row.parent}" if row.parent else row.why_not("parent")
    memory = row.values.get("config.hardware.memoryMB")
    return Machine(
        moid=moid,
        name=row.name,
        datacenter=tree.datacenter(moid),
        folder=folder,
        power=None if power is None or "power" in unread else str(power),
        cpus=row.values.get("config.hardware.numCPU"),
        memory=None if memory is None else int(memory),
        disk=None if devices is None else _disk(devices),
        nics=None if devices is None else tuple(_nics(devices, running=power == "poweredOn")),
        template=bool(row.values.get("config.template")),
        unread=unread,
    )


def _disk(devices: Any) -> float:
    # capacityInBytes is left unset by some servers; capacityInKB never is.
    disks = (d.capacityInKB for d in devices if isinstance(d, vim.vm.device.VirtualDisk))
    return float(sum(disks)) / (1 << 20)


def _nics(devices: Any, *, running: bool) -> Iterator[Nic]:
    for device in devices:
        if not isinstance(device, Card):
            continue
        backing, group = device.backing, ""
        if isinstance(backing, Card.DistributedVirtualPortBackingInfo):
            group = backing.port.portgroupKey or ""
        elif isinstance(backing, Card.NetworkBackingInfo) and backing.network is not None:
            group = backing.network._moId  # noqa: SLF001
        elif isinstance(backing, Card.OpaqueNetworkBackingInfo):
            group = backing.opaqueNetworkId
        # No adapter of a machine that is off is connected; what counts then is whether it will be.
        plug = device.connectable
        connected = True if plug is None else plug.connected if running else plug.startConnected
        yield Nic((device.macAddress or "").lower(), group, bool(connected))
