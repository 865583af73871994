"""Inventory of a vCenter: all its managed objects, how they are found, added, moved and removed.

Plain data with managed object ids as vCenter gives them (`dvportgroup-32`, `vm-57`, `group-v22`); nothing
here knows of the Controller. `revision` rises with every change, so that a reader can tell whether to look
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from lab.datacenter.model import (
    Attribute,
    Cluster,
    Datacenter,
    Datastore,
    Entity,
    Folder,
    Host,
    Nic,
    Permission,
    Pool,
    PortGroup,
    Role,
    Snapshot,
    StandardNetwork,
    Switch,
    Vm,
    VmSize,
)

if TYPE_CHECKING:
    from lab.site import Site

__all__ = ["Inventory", "add_vcenter", "canonical", "inventory_of", "vcenter_at", "vcenters"]

E = TypeVar("E", bound=Entity)
FOLDER_KINDS = {
    "vm": "group-v",
    "host": "group-h",
    "datastore": "group-s",
    "network": "group-n",
    "root": "group-d",
}


ADMIN = -1
BUILT_IN_ROLES = (
    Role(ADMIN, "Admin", None),
    Role(-2, "ReadOnly", frozenset({"System.Anonymous", "System.Read", "System.View"})),
    Role(-3, "View", frozenset({"System.Anonymous", "System.View"})),
    Role(-4, "Anonymous", frozenset({"System.Anonymous"})),
    Role(-5, "NoAccess", frozenset()),
)
"""The roles that every vCenter has and nobody can change; their numbers are vCenter's own [DOC]."""


@dataclass
class Inventory:
    """A vCenter: its address and everything in it by managed object id. Raises LookupError for the rest."""

    address: str = "vcenter.iberia.local"
    entities: dict[str, Entity] = field(default_factory=dict)
    revision: int = 0
    accounts: dict[str, str] = field(default_factory=lambda: {"administrator@vsphere.local": "vcenter-lab"})
    """Who may log in, `user@domain`, and the password."""
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    """The groups an account is in."""
    roles: dict[int, Role] = field(default_factory=lambda: {role.number: role for role in BUILT_IN_ROLES})
    permissions: list[Permission] = field(
        default_factory=lambda: [Permission("group-d1", "administrator@vsphere.local", ADMIN)]
    )
    attributes: dict[int, Attribute] = field(default_factory=dict)
    """Custom attributes by number."""
    values: dict[str, dict[int, str]] = field(default_factory=dict)
    """What objects say in them: by id, then by the attribute's number."""
    libraries: dict[str, str] = field(default_factory=dict)
    """The names of content libraries by id."""
    clock: float = 0.0
    """Seconds by which vCenter's clock is ahead of the real time."""
    serial: int = 20
    macs: int = 0x10000
    vendor: int = 0xAA
    """The fourth byte of the MAC addresses it gives, another in each vCenter: vCenter's own are 80 to bf [DOC]."""

    def __post_init__(self) -> None:
        if not self.entities:
            self._keep(Folder("group-d1", "Datacenters", "", "root"))

    # -- reading ---------------------------------------------------------------------------------

    def admits(self, username: str, password: str) -> bool:
        r"""Whether these credentials are good; `VSPHERE.LOCAL\svc` and `svc@vsphere.local` are one user."""
        known = {canonical(user): secret for user, secret in self.accounts.items()}
        return known.get(canonical(username)) == password

    def of(self, kind: type[E]) -> Iterator[E]:
        """Every entity of a class, in order of creation."""
        return (entity for entity in list(self.entities.values()) if isinstance(entity, kind))

    def get(self, kind: type[E], moid: str) -> E:
        """The entity of that id. Raises LookupError when there is none of that class."""
        entity = self.entities.get(moid)
        if not isinstance(entity, kind):
            raise LookupError(f"no {kind.__name__} {moid}")  # noqa: TRY004 -- absent, whatever else is there
        return entity

    def named(self, kind: type[E], name: str) -> E:
        """The only entity of a class with a name. Raises LookupError otherwise."""
        matching = [entity for entity in self.of(kind) if entity.name == name]
        if len(matching) != 1:
            raise LookupError(f"{len(matching)} {kind.__name__} named {name!r}")
        return matching[0]

    def path(self, entity: Entity) -> str:
        """Where an entity stands below its datacenter's own folder: `AVI K8S/Site1 AZ1`."""
        names: list[str] = []
        above = self.entities.get(entity.parent)
        while isinstance(above, Folder) and isinstance(self.entities.get(above.parent), Folder):
            names.append(above.name)
            above = self.entities.get(above.parent)
        return "/".join(reversed(names))

    def datacenter_of(self, entity: Entity) -> Datacenter:
        """The datacenter an entity belongs to. Raises LookupError for what stands above every datacenter."""
        above: Entity | None = entity
        while above is not None and not isinstance(above, Datacenter):
            above = self.entities.get(above.parent)
        if above is None:
            raise LookupError(f"{entity.name!r} is in no datacenter")
        return above

    def below(self, kind: type[E], datacenter: Datacenter) -> Iterator[E]:
        """Every entity of a class in a datacenter."""
        return (entity for entity in self.of(kind) if self.datacenter_of(entity) is datacenter)

    # -- changing --------------------------------------------------------------------------------

    def add_datacenter(self, name: str) -> Datacenter:
        """A datacenter with its four own folders."""
        datacenter = self._keep(Datacenter(f"datacenter-{self._next()}", name, "group-d1"))
        for kind in ("vm", "host", "datastore", "network"):
            folder = self._folder(kind, datacenter.moid, kind)
            setattr(datacenter, f"{kind}_folder", folder.moid)
        return datacenter

    def add_folder(self, parent: Folder, name: str) -> Folder:
        """A folder inside a folder, of the same kind."""
        return self._folder(name, parent.moid, parent.kind)

    def has_folder(self, datacenter: Datacenter, path: str) -> bool:
        """Whether there is a VM folder at a path."""
        at = datacenter.vm_folder
        for name in filter(None, path.split("/")):
            inside = (f.moid for f in self.of(Folder) if f.parent == at and f.name == name)
            if not (at := next(inside, "")):
                return False
        return True

    def vm_folder(self, datacenter: Datacenter, path: str) -> Folder:
        """The VM folder at a path such as `AVI K8S/Site1 AZ1`, made where it is missing."""
        folder = self.get(Folder, datacenter.vm_folder)
        for name in filter(None, path.split("/")):
            inside = (f for f in self.of(Folder) if f.parent == folder.moid and f.name == name)
            folder = next(inside, None) or self.add_folder(folder, name)
        return folder

    def add_cluster(self, datacenter: Datacenter, name: str) -> Cluster:
        """A cluster of hosts, with the root resource pool that comes with each."""
        number = self._next()
        cluster = self._keep(Cluster(f"domain-c{number}", name, datacenter.host_folder))
        self._keep(Pool(f"resgroup-{number}", "Resources", cluster.moid))
        return cluster

    def add_pool(self, parent: Pool, name: str) -> Pool:
        """A resource pool inside another."""
        return self._keep(Pool(f"resgroup-{self._next()}", name, parent.moid))

    def add_host(self, cluster: Cluster, name: str) -> Host:
        """An ESXi host in a cluster."""
        return self._keep(Host(f"host-{self._next()}", name, cluster.moid))

    def add_datastore(self, datacenter: Datacenter, name: str, capacity: int) -> Datastore:
        """A datastore of `capacity` GiB."""
        return self._keep(Datastore(f"datastore-{self._next()}", name, datacenter.datastore_folder, capacity))

    def add_switch(self, datacenter: Datacenter, name: str, mtu: int = 9000) -> Switch:
        """A distributed switch, with the uplink port group that comes with each."""
        switch = self._keep(Switch(f"dvs-{self._next()}", name, datacenter.network_folder, mtu))
        self.add_portgroup(switch, f"{name}-DVUplinks-{switch.moid[4:]}", trunk=((0, 4094),), uplink=True)
        return switch

    def add_portgroup(
        self,
        switch: Switch,
        name: str,
        vlan: int = 0,
        *,
        trunk: tuple[tuple[int, int], ...] = (),
        uplink: bool = False,
    ) -> PortGroup:
        """A distributed port group with one VLAN id, or a trunk of ranges."""
        moid = f"dvportgroup-{self._next()}"
        group = PortGroup(moid, name, switch.parent, switch.moid, vlan, trunk, uplink)
        group.wire = group.tag
        return self._keep(group)

    def add_standard_network(
        self, datacenter: Datacenter, name: str, vlans: dict[str, int]
    ) -> StandardNetwork:
        """A port group of the standard switches of these hosts, with its VLAN id on each."""
        moid = f"network-{self._next()}"
        return self._keep(StandardNetwork(moid, name, datacenter.network_folder, vlans=dict(vlans)))

    def add_snapshot(self, vm: Vm, name: str, note: str, made: float, *, memory: bool) -> str:
        """A snapshot of a machine as it is, after the one it stands on; its id."""
        was = deepcopy(vm)
        taken = Snapshot(f"snapshot-{self._next()}", name, vm.moid, was, note, made, vm.snapshot, memory)
        vm.snapshot = self._keep(taken).moid
        return vm.snapshot

    def new_attribute(self, name: str, kind: str) -> int:
        """A custom attribute; its number."""
        number = max(100, *self.attributes) + 1 if self.attributes else 101
        self.attributes[number] = Attribute(name, kind)
        self.revision += 1
        return number

    def allow(
        self, principal: str, privileges: frozenset[str], entity: str = "group-d1", role: str = ""
    ) -> Role:
        """Give a principal a role of its own on an entity and below it, in place of the one it had there."""
        granted = privileges | {"System.Anonymous", "System.Read", "System.View"}
        granted_role = Role(max(100, *self.roles) + 1, role or f"{principal} on {entity}", granted)
        self.roles[granted_role.number] = granted_role
        kept = [p for p in self.permissions if (p.entity, p.principal) != (entity, principal)]
        self.permissions = [*kept, Permission(entity, principal, granted_role.number)]
        self.revision += 1
        return granted_role

    def add_vm(self, name: str, folder: Folder, host: Host, size: VmSize, *, powered: bool = True) -> Vm:
        """A virtual machine without vNICs."""
        moid = f"vm-{self._next()}"
        return self._keep(Vm(moid, name, folder.moid, host.moid, size, powered))

    def add_nic(self, vm: Vm, portgroup: str, *addresses: str, mac: str = "") -> Nic:
        """A vNIC on a port group (by managed object id), with what the guest says its addresses are."""
        if not isinstance(self.entities.get(portgroup), PortGroup | StandardNetwork):
            raise LookupError(f"no port group {portgroup}")  # noqa: TRY004 -- absent, whatever else is there
        nic = Nic(4000 + len(vm.nics), mac or self.next_mac(), portgroup, addresses=list(addresses))
        vm.nics.append(nic)
        self.revision += 1
        return nic

    def next_mac(self) -> str:
        """A MAC address of vCenter's own range, never twice."""
        self.macs += 1
        return "00:50:56:{:02x}:{:02x}:{:02x}".format(self.vendor, *divmod(self.macs & 0xFFFF, 256))

    def rename(self, entity: Entity, name: str) -> None:
        """Give an entity another name."""
        entity.name = name
        self.revision += 1

    def move(self, vm: Vm, folder: Folder) -> None:
        """Put a virtual machine into another folder."""
        vm.parent = folder.moid
        self.revision += 1

    def remove(self, moid: str) -> None:
        """Remove an entity. Raises LookupError when it is absent, ValueError while it is not empty."""
        self.get(Entity, moid)
        inside = [entity for entity in self.entities.values() if entity.parent == moid]
        if not all(isinstance(entity, Snapshot) for entity in inside):
            raise ValueError(f"{moid} is not empty")
        for gone in (moid, *(entity.moid for entity in inside)):
            del self.entities[gone]
            self.values.pop(gone, None)
        self.revision += 1

    def _folder(self, name: str, parent: str, kind: str) -> Folder:
        return self._keep(Folder(f"{FOLDER_KINDS[kind]}{self._next()}", name, parent, kind))

    def _keep(self, entity: E) -> E:
        self.entities[entity.moid] = entity
        self.revision += 1
        return entity

    def _next(self) -> int:
        self.serial += 1
        return self.serial


def canonical(principal: str) -> str:
    r"""`VSPHERE.LOCAL\svc` and `svc@vsphere.local` are one principal."""
    domain, backslash, user = principal.partition("\\")
    return (f"{user}@{domain}" if backslash else principal).lower()


def inventory_of(site: Site) -> Inventory:
    """The site's vCenter; an empty one where no seed has built any."""
    if "vcenter" not in site.memory:
        site.memory["vcenter"] = Inventory()
    inventory = site.memory["vcenter"]
    assert isinstance(inventory, Inventory)
    return inventory


def vcenters(site: Site) -> dict[str, Inventory]:
    """Every vCenter of the site by address, the first one first."""
    first = inventory_of(site)
    further: dict[str, Inventory] = site.memory.setdefault("vcenters", {})
    return {first.address: first, **further}


def vcenter_at(site: Site, address: object) -> Inventory | None:
    """The vCenter of an address; None where the site has none there."""
    return vcenters(site).get(str(address))


def add_vcenter(site: Site, vcenter: Inventory) -> Inventory:
    """One vCenter more, with MAC addresses of its own."""
    vcenter.vendor = inventory_of(site).vendor + len(vcenters(site))
    site.memory["vcenters"][vcenter.address] = vcenter
    return vcenter
