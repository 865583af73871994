"""NSX-T manager as plain data: transport zones, T1 gateways, VPCs and segments, and the port groups that segments are.

Ids are policy paths as clients write them (`/infra/tier-1s/T1`, `/infra/segments/web`); a segment is an NSX port
group in each vCenter that the manager knows. Nothing here knows of the Controller. `revision` rises with every change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from lab.datacenter.model import Datacenter, PortGroup, Switch

if TYPE_CHECKING:
    from lab.datacenter.inventory import Inventory
    from lab.site import Site

OVERLAY, VLAN = "OVERLAY", "VLAN"
ZONES = "/infra/sites/default/enforcement-points/default/transport-zones/"
TIER1S = "/infra/tier-1s/"
SEGMENTS = "/infra/segments/"


@dataclass(slots=True)
class Zone:
    """A transport zone: its path, its name, and whether it is OVERLAY or VLAN."""

    path: str
    name: str
    kind: str


@dataclass(slots=True)
class Tier1:
    """A T1 gateway: its path and its name."""

    path: str
    name: str


@dataclass(slots=True)
class Segment:
    """A segment of a transport zone: behind a T1 gateway (overlay) or with VLAN ids.

    `gateway` is the T1's address on it with the mask (`10.30.10.1/24`); "" where it has none. `dhcp` says whether NSX
    gives addresses.
    """

    path: str
    name: str
    zone: str
    tier1: str = ""
    gateway: str = ""
    vlans: tuple[int, ...] = ()
    dhcp: bool = True


@dataclass(slots=True)
class Vpc:
    """A VPC of a project: its path, and the block of public addresses (`10.48.0.0/24`) that VIPs are taken from."""

    path: str
    public: str

    @property
    def project(self) -> str:
        """The project's id."""
        return self.path.split("/")[4]

    @property
    def name(self) -> str:
        """The VPC's id."""
        return self.path.rpartition("/")[2]


Part = TypeVar("Part", Zone, Tier1, Segment, Vpc)


@dataclass
class NsxManager:
    """An NSX-T manager: where it is, who may log in, and what it has, by path."""

    address: str
    accounts: dict[str, str] = field(default_factory=dict)
    """Who may log in, and the password; none at all: whoever comes."""
    zones: dict[str, Zone] = field(default_factory=dict)
    tier1s: dict[str, Tier1] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    vpcs: dict[str, Vpc] = field(default_factory=dict)
    reachable: bool = True
    revision: int = 0

    def admits(self, username: str, password: str) -> bool:
        """Whether these credentials are good."""
        return not self.accounts or self.accounts.get(username) == password

    def zone(self, name: str, kind: str) -> Zone:
        """Add a transport zone."""
        return self.keep(self.zones, Zone(ZONES + name, name, kind))

    def tier1(self, name: str) -> Tier1:
        """Add a T1 gateway."""
        return self.keep(self.tier1s, Tier1(TIER1S + name, name))

    def vpc(self, project: str, name: str, *, public: str, private: str, zone: Zone) -> Vpc:
        """Add a VPC with a subnet of its own, whose gateway has the address `private` (`10.49.0.1/24`)."""
        vpc = self.keep(self.vpcs, Vpc(f"/orgs/default/projects/{project}/vpcs/{name}", public))
        path = f"{vpc.path}/subnets/avi"
        self.keep(self.segments, Segment(path, f"{project}-{name}-avi", zone.path, vpc.path, private))
        return vpc

    def segment(  # noqa: PLR0913 -- the facts of a segment
        self,
        name: str,
        zone: Zone,
        *,
        tier1: Tier1 | None = None,
        gateway: str = "",
        vlans: tuple[int, ...] = (),
        dhcp: bool = True,
    ) -> Segment:
        """Add a segment; `realize` makes it a port group."""
        behind = tier1.path if tier1 else ""
        return self.keep(
            self.segments, Segment(SEGMENTS + name, name, zone.path, behind, gateway, vlans, dhcp)
        )

    def keep(self, where: dict[str, Part], part: Part) -> Part:
        """Keep a part under its path."""
        where[part.path] = part
        self.revision += 1
        return part

    def realize(self, vcenter: Inventory, switch: Switch) -> None:
        """Make each segment an NSX port group of a vCenter's switch, where it is none yet."""
        datacenter = vcenter.datacenter_of(switch)
        known = {group.segment for group in vcenter.below(PortGroup, datacenter)}
        for segment in self.segments.values():
            if segment.path not in known:
                vcenter.add_portgroup(switch, segment.name).segment = segment.path


def managers(site: Site) -> dict[str, NsxManager]:
    """The site's NSX-T managers by address."""
    known: dict[str, NsxManager] = site.memory.setdefault("nsx", {})
    return known


def port_group(vcenter: Inventory, datacenter: Datacenter, segment: str) -> PortGroup | None:
    """The port group that a segment is in a datacenter; None where it is none."""
    return next((g for g in vcenter.below(PortGroup, datacenter) if g.segment == segment), None)
