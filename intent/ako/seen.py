"""What was read from a Controller for AKO, as plain data: the objects that its start and its work depend on.

What could not be read is an `Unread`; asking for it raises Unknown. Names are those of the Controller.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from avi_schema import Version
from intent.drift import Unknown, Unread
from intent.words import did_you_mean, first_of

Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network
Row = TypeVar("Row")
ADMIN = "admin"


@dataclass(frozen=True)
class Cloud:
    """A cloud. `type` is the Controller's word, such as CLOUD_VCENTER; `zone` OVERLAY or VLAN of an NSX-T cloud.

    `breaks`: why AKO's code panics over it, "" where it does not. `state` is "" where it was not read.
    """

    uuid: str
    name: str
    tenant: str
    type: str
    zone: str = ""
    ipam: str = ""
    """The uuid of its IPAM profile; "" for none."""
    ipam_name: str = ""
    dns: str = ""
    management: str = ""
    """The uuid of the management network of its Service Engines."""
    breaks: str = ""
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Pool:
    """A range of static addresses of a subnet; `for_vips`: whether VIPs are given addresses of it."""

    begin: int
    end: int
    for_vips: bool


@dataclass(frozen=True)
class ConfiguredSubnet:
    """A configured subnet with its pools."""

    prefix: Subnet
    pools: tuple[Pool, ...] = ()


@dataclass(frozen=True)
class Network:
    """A network. `vrf` and `vrf_uuid` are "" where it names none. `dhcp`: whether addresses come from a DHCP server.

    `free`: free addresses for VIPs as the Controller counts them; None where it does not say.
    """

    uuid: str
    name: str
    tenant: str
    cloud: str
    vrf: str = ""
    vrf_uuid: str = ""
    dhcp: bool = False
    subnets: tuple[ConfiguredSubnet, ...] = ()
    free: int | None = None
    hosts: frozenset[str] = frozenset()
    """The ESXi hosts that have it, as the cloud connector has discovered them."""


@dataclass(frozen=True)
class Route:
    """A static route. `labels` as (key, value), in their order."""

    id: str
    prefix: Subnet | None
    next_hop: str
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Vrf:
    """A VRF context; `tier1` is the path of its T1 gateway, "" without."""

    uuid: str
    name: str
    tenant: str
    cloud: str
    tier1: str = ""
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class SeGroup:
    """A Service Engine group."""

    uuid: str
    name: str
    tenant: str
    cloud: str
    labels: tuple[tuple[str, str], ...] = ()
    management: str = ""
    """The uuid of the management network of its own; "" where it has the cloud's."""
    max_engines: int = 10
    services_per_engine: int = 10
    engines: int | None = None
    """Service Engines that are in it; None where it was not read."""
    placed: int | None = None
    """Virtual services that are in it; None where it was not read."""


@dataclass(frozen=True)
class Profile:
    """An IPAM or DNS profile. `usable`: uuids of usable networks; `domains` sorted as AKO sorts them."""

    uuid: str
    name: str
    tenant: str
    type: str
    in_vrf: bool = False
    usable: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class AkoObject:
    """An object that some AKO has made: its type and name, and the `created_by` that it bears."""

    type: str
    name: str
    creator: str
    tenant: str = ADMIN


@dataclass(frozen=True)
class Account:
    """A user of the Controller, with what limits its logins and its rights.

    `rights`: what it may do, as (tenant or "*", permission, whether it may write); None where its roles were not read.
    `sessions`: at most so many at once, 0 for any. `password_days`: how long a password is good, 0 for ever; since when
    it is, no Controller tells. `locked`: whether it is suspended.
    """

    name: str
    superuser: bool = False
    rights: tuple[tuple[str, str, bool], ...] | None = None
    sessions: int | None = None
    password_days: int | None = None
    locked: bool = False
    profile: str = ""
    proved: bool = False
    """Whether it was logged in as, so that `refused` and `denied` are known."""
    refused: str = ""
    """Why it was not let in; "" where it was."""
    denied: frozenset[tuple[str, str]] = frozenset()
    """(tenant, permission) of what it was refused to read."""

    def may(self, permission: str, tenant: str, *, write: bool = False) -> bool:
        """Whether it has a right in a tenant. Raises Unknown where its roles were not read."""
        if (tenant, permission) in self.denied:
            return False
        if self.superuser or (self.proved and not write and self.rights is None):
            return True
        if self.rights is None:
            raise Unknown(f"the roles of user {self.name} were not read")
        return any(
            name == permission and where in ("*", tenant) and (writes or not write)
            for where, name, writes in self.rights
        )


@dataclass(frozen=True)
class Certificate:
    """The certificate of the Controller's portal. `days_left` is None where it was not read."""

    name: str
    common_name: str
    names: tuple[str, ...]
    days_left: int | None = None
    pem: str = ""
    self_signed: bool = False


@dataclass(frozen=True)
class Seen:
    """A site as AKO would meet it. A member that could not be read is an `Unread`, and `of` raises for it."""

    version: Version
    cluster_state: str | Unread
    tenants: tuple[str, ...] | Unread = ()
    clouds: tuple[Cloud, ...] | Unread = ()
    networks: tuple[Network, ...] | Unread = ()
    vrfs: tuple[Vrf, ...] | Unread = ()
    groups: tuple[SeGroup, ...] | Unread = ()
    profiles: tuple[Profile, ...] | Unread = ()
    of_ako: tuple[AkoObject, ...] | Unread = ()
    accounts: tuple[Account, ...] | Unread = ()
    certificates: tuple[Certificate, ...] | Unread = ()
    licence: str | None = None
    """The default licence tier: "" where the system configuration has none, None where that was not read."""
    names: frozenset[tuple[str, str]] = frozenset()
    """(type, name) of objects of other types that custom resources and AKO itself refer to."""
    kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The type that an application or network profile has of its own, by type and name."""
    creators: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The `created_by` of those that have one, by type and name."""
    unread_types: frozenset[str] = frozenset()
    """Those of them that could not be read."""
    unclear: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Why an object is there and cannot be told more of, by type and name."""

    def of(self, member: tuple[Row, ...] | Unread) -> tuple[Row, ...]:
        """A member's objects. Raises Unknown where they could not be read."""
        if isinstance(member, Unread):
            raise Unknown(member.why)
        return member

    def account(self, name: str | None) -> Account | None:
        """The local user of a name; None where there is none. Raises Unknown where users were not read."""
        return next((each for each in self.of(self.accounts) if each.name == name), None)


@dataclass(frozen=True)
class TenantView:
    """A site as a session in one tenant sees it: the tenant's own infrastructure and that of tenant admin.

    Each method raises Unknown where a list was not read.
    """

    seen: Seen
    tenant: str

    def clouds(self, name: str) -> list[Cloud]:
        """Clouds of a name."""
        self._clear("cloud", name)
        return [
            each for each in self.seen.of(self.seen.clouds) if each.name == name and self._sees(each.tenant)
        ]

    def networks(self, name: str, cloud: str, vrf: str = "") -> list[Network]:
        """Networks of a name in a cloud, and in a VRF context where one is given."""
        self._clear("network", name)
        return [
            each
            for each in self._of_cloud(self.seen.of(self.seen.networks), cloud)
            if each.name == name and vrf in ("", each.vrf)
        ]

    def network(self, uuid: str) -> Network | None:
        """The network of a uuid."""
        rows = self.seen.of(self.seen.networks)
        return next((each for each in rows if each.uuid == uuid and self._sees(each.tenant)), None)

    def vrfs(self, cloud: str, name: str | None = None) -> list[Vrf]:
        """VRF contexts of a cloud, of a name where one is given."""
        self._clear("vrfcontext", name)
        rows = self._of_cloud(self.seen.of(self.seen.vrfs), cloud)
        return [each for each in rows if name in (None, each.name)]

    def groups(self, cloud: str) -> list[SeGroup]:
        """Service Engine groups of a cloud."""
        self._clear("serviceenginegroup", None)
        return [*self._of_cloud(self.seen.of(self.seen.groups), cloud)]

    def profiles(self, name: str) -> list[Profile]:
        """IPAM and DNS profiles of a name."""
        self._clear("ipamdnsproviderprofile", name)
        rows = self.seen.of(self.seen.profiles)
        return [each for each in rows if each.name == name and self._sees(each.tenant)]

    def profile(self, uuid: str) -> Profile | None:
        """The profile of a uuid, in whatever tenant."""
        return next((each for each in self.seen.of(self.seen.profiles) if each.uuid == uuid), None)

    def where_network_is(self, name: str, cloud: str) -> str:
        """For a network that was not found: where others of its name are, else a name that may be meant, else ""."""
        rows = self.seen.of(self.seen.networks)
        there = {
            f"cloud {each.cloud}, VRF context {each.vrf or '(none)'}, tenant {each.tenant}"
            for each in rows
            if each.name == name
        }
        if there:
            return f"; one is in {first_of(sorted(there), 3)}"
        return did_you_mean(name, {each.name for each in rows if each.cloud == cloud})

    def _of_cloud(self, rows: tuple[Row, ...], cloud: str) -> Iterator[Row]:
        return (
            each
            for each in rows
            if each.cloud == cloud and self._sees(each.tenant)  # type: ignore[attr-defined]
        )

    def _clear(self, api: str, name: str | None) -> None:
        """Raise Unknown where an object of that name is there and was not understood."""
        for known, why in self.seen.unclear.items():
            if known[0] == api and name in (None, known[1]):
                raise Unknown(f"{api} {known[1]}: {why}")

    def _sees(self, tenant: str) -> bool:
        return tenant in (self.tenant, ADMIN)
