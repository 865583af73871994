"""Managed objects of a vCenter, one dataclass a kind."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Entity:
    """A managed object: its id, its name as typed (never %-escaped), and the id of what it stands in."""

    moid: str
    name: str
    parent: str


@dataclass(slots=True)
class Folder(Entity):
    """A folder; `kind` is vm, host, datastore, network or root."""

    kind: str


@dataclass(slots=True)
class Datacenter(Entity):
    """A datacenter and the ids of its own four folders."""

    vm_folder: str = ""
    host_folder: str = ""
    datastore_folder: str = ""
    network_folder: str = ""


@dataclass(slots=True)
class Cluster(Entity):
    """A cluster of hosts."""


@dataclass(slots=True)
class Pool(Entity):
    """A resource pool; its parent is its cluster (the one named Resources, which every cluster has) or a pool."""

    limit: int = 0
    """How much memory its machines may have together, in MiB; 0 is without limit."""


@dataclass(slots=True)
class Host(Entity):
    """An ESXi host; its parent is a cluster. Memory in MiB."""

    cpus: int = 32
    memory: int = 262144
    maintenance: bool = False
    connected: bool = True


@dataclass(slots=True)
class Datastore(Entity):
    """A datastore; capacity in GiB, and how much of it others have taken."""

    capacity: int
    used: int = 0

    @property
    def free(self) -> int:
        """What is left, in GiB."""
        return self.capacity - self.used


@dataclass(slots=True)
class Switch(Entity):
    """A distributed virtual switch.

    `edits` counts its reconfigurations: vCenter's configVersion, which an edit must name.
    """

    mtu: int = 9000
    version: str = "8.0.0"
    edits: int = 1
    told: str = ""
    """What else clients have set, in the words of the endpoint."""


@dataclass(slots=True)
class PortGroup(Entity):
    """A distributed port group: a VLAN id (0: none), a trunk of ranges, a private VLAN, or an NSX segment.

    `edits` counts its reconfigurations: vCenter's configVersion, which an edit must name.
    """

    switch: str
    vlan: int = 0
    trunk: tuple[tuple[int, int], ...] = ()
    uplink: bool = False
    ports: int = 128
    pvlan: int = 0
    segment: str = ""
    edits: int = 0
    binding: str = "earlyBinding"
    note: str = ""
    told: str = ""
    """What else clients have set, in the words of the endpoint."""
    wire: tuple[int, tuple[tuple[int, int], ...], int] | None = None
    """The tag with which the physical network carries it; None where nobody knows."""

    @property
    def tag(self) -> tuple[int, tuple[tuple[int, int], ...], int]:
        """Its VLAN id, trunk and private VLAN."""
        return self.vlan, self.trunk, self.pvlan


@dataclass(slots=True)
class StandardNetwork(Entity):
    """A port group of standard switches: one network for all hosts that name it alike, VLAN by host id."""

    switch: str = "vSwitch0"
    vlans: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Nic:
    """A vNIC: device key, MAC, port group id, and the addresses the guest reports (`10.10.24.11/24`)."""

    key: int
    mac: str
    portgroup: str
    connected: bool = True
    addresses: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VmSize:
    """vCPUs, memory in MiB, disk in GiB."""

    cpus: int
    memory: int
    disk: int


@dataclass(slots=True)
class Vm(Entity):
    """A virtual machine; its parent is a VM folder. `guest` is the guest's operating system, as vSphere names it."""

    host: str
    size: VmSize
    powered: bool = True
    nics: list[Nic] = field(default_factory=list)
    state: str = "connected"
    """As vCenter's connectionState says: connected, disconnected, orphaned, inaccessible or invalid."""
    template: bool = False
    annotation: str = ""
    guest: str = "other3xLinux64Guest"
    pool: str = ""
    """The id of its resource pool; "" is the root pool of its host's cluster."""
    edits: int = 0
    """How often it was reconfigured: vCenter's changeVersion."""
    disks: list[int] = field(default_factory=list)
    """Further disks than the first, each in GiB."""
    snapshot: str = ""
    """The id of the snapshot it stands on, "" for none."""

    @property
    def accessible(self) -> bool:
        """Whether its files are in reach: else vCenter shows neither configuration nor guest."""
        return self.state not in ("inaccessible", "invalid")


@dataclass(slots=True)
class Snapshot(Entity):
    """What a machine (its parent) was like; `after` is the id of the one before. `made` in seconds since the epoch."""

    was: Vm
    note: str = ""
    made: float = 0.0
    after: str = ""
    memory: bool = False


@dataclass(slots=True)
class Attribute:
    """A custom attribute: its name, and the kind of objects that have it, as the API names it ("" for all)."""

    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of privilege ids; None is every privilege."""

    number: int
    name: str
    privileges: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Permission:
    """What a role gives a user or group (`name@domain`) on an entity, and below it when it propagates."""

    entity: str
    principal: str
    role: int
    propagate: bool = True
    group: bool = False
