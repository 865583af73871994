"""Placement of the Controller's networks and Service Engines in vCenter: which port group, which machine each one is.

A network that a cloud has discovered holds its port group's id: its uuid is `<managed object id>-cloud-<cloud's uuid>`
[REC]. A Service Engine's machine is the one with its MAC addresses, else the one of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from intent import Blocked, Cloud, Network, PortGroup, ServiceEngineGroup, Unknown
from intent.cloud_types import CLOUD_TYPES
from live.avi.identity import Json, uuid_of
from live.avi.snapshot import Live
from live.facts.runtime import carrier_ref, vips
from live.kinds.codecs import dig
from live.vcenter.inventory import Machine, Vsphere


def moid_of(ref: Any) -> str:
    """The managed object id in a reference to a discovered object; "" where it holds none."""
    moid, cloud, _ = uuid_of(str(ref or "")).partition("-cloud-")
    return moid if cloud else ""


def discovered_from(live: Live, group: PortGroup) -> list[str]:
    """The port groups, by id, that the Controller's networks of a declared port group stand for; "" for a ghost's.

    Raises Blocked when there is no such network, Unknown.
    """
    for network in group.networks:
        if rows := [row for row in live.rows("network") if live.key(Network, row) == network]:
            return [moid_of(row.get("vimgrnw_ref")) for row in rows]
    raise Blocked(f"{group.networks[0]} is absent from the Controller", on=group.networks[0])


def told_apart(rows: Sequence[Json]) -> list[str]:
    """Networks of one name by the port group that each was discovered as; of a ghost it is gone [REC].

    A port group that is removed and made anew has another id. The Controller keeps the network of the old one, without
    its link to a port group, where it is in use.
    """
    discovered = any(moid_of(row.get("vimgrnw_ref")) for row in rows)
    texts = []
    for row in rows:
        moid, of_cloud, _ = str(row.get("uuid", "")).partition("-cloud-")
        linked = not of_cloud or moid_of(row.get("vimgrnw_ref"))
        alone = "is a ghost, whose port group is gone" if discovered else "has no link to a port group"
        texts.append(f"{moid} {'is there' if linked else alone}")
    return texts


def lost_connection(live: Live, cloud: Cloud) -> str:
    """What a cloud has lost its connection to, `vCenter` or `NSX manager`; "" for none.

    The Controller holds no settings of it at all, or none that say where it is: a write that left them out has wiped
    them.
    """
    raw = live.raw(cloud)
    for word, (member, address, called) in _CONNECTIONS.items():
        if raw.get("vtype") == CLOUD_TYPES[word].api and not dig(raw, member, address):
            return called
    return ""


_CONNECTIONS = {
    "vcenter": ("vcenter_configuration", "vcenter_url", "vCenter"),
    "nsx-t": ("nsxt_configuration", "nsxt_url", "NSX manager"),
}


def connected(live: Live, cloud: Cloud) -> None:
    """Raise Blocked where a cloud has lost its connection: what was set in it is gone with it."""
    if lost := lost_connection(live, cloud):
        raise Blocked(f"{cloud.key} has lost its {lost} connection", on=cloud.key)


def management_moid(live: Live, cloud: Cloud) -> str:
    """The id of the port group that is a cloud's management network. Raises Blocked when the cloud has none."""
    connected(live, cloud)
    moid = moid_of(dig(live.raw(cloud), "vcenter_configuration", "management_network"))
    if not moid:
        raise Blocked(f"{cloud.key} has no management network on the Controller", on=cloud.key)
    return moid


def datacenter_name(live: Live, cloud: Cloud) -> str:
    """The datacenter a cloud is bound to. Raises Blocked when it is bound to none."""
    connected(live, cloud)
    datacenter = dig(live.raw(cloud), "vcenter_configuration", "datacenter")
    if not datacenter:
        raise Blocked(f"{cloud.key} is bound to no datacenter on the Controller", on=cloud.key)
    return str(datacenter)


@dataclass(frozen=True)
class Vnic:
    """A vNIC as the Controller has it: its MAC in lower case, and the id and name of its port group."""

    mac: str
    moid: str
    network: str


@dataclass(frozen=True)
class Engine:
    """A Service Engine as the Controller lists it, and its machine in vCenter (None: there is none)."""

    name: str
    uuid: str
    management: Vnic | None
    data: tuple[Vnic, ...]
    machine: Machine | None

    def present(self) -> Machine:
        """Its machine. Raises Blocked when there is none."""
        if self.machine is None:
            raise Blocked(f"vCenter has no VM of Service Engine {self.name}")
        return self.machine


def engines(live: Live, vsphere: Vsphere, group: ServiceEngineGroup) -> tuple[Engine, ...]:
    """The Service Engines of an SE group, by name. Raises Blocked when the group is absent, Unknown."""
    uuid = live.raw(group)["uuid"]
    rows = [row for row in live.rows("serviceengine") if uuid_of(str(row.get("se_group_ref") or "")) == uuid]
    return tuple(sorted((_engine(row, vsphere) for row in rows), key=lambda engine: engine.name))


def _engine(row: Json, vsphere: Vsphere) -> Engine:
    name = str(row.get("name", ""))
    management = _adapter(row.get("mgmt_vnic") or {})
    data = tuple(filter(None, (_adapter(vnic) for vnic in row.get("data_vnics") or [])))
    macs = [adapter.mac for adapter in (management, *data) if adapter is not None]
    machines = [machine for mac in macs for machine in vsphere.machines_of(mac)]
    machines = machines or [machine for machine in vsphere.machines if machine.name == name]
    # Of several, a replica is the one with another name, or that is off.
    machine = max(
        machines, key=lambda m: (m.name == name, m.power == "poweredOn", not m.template), default=None
    )
    return Engine(name, str(row.get("uuid", "")), management, data, machine)


def _adapter(vnic: Json) -> Vnic | None:
    """A vNIC that stands on a network; None for one that is parked or unused."""
    moid = moid_of(vnic.get("network_ref"))
    if not moid or not vnic.get("mac_address") or vnic.get("is_avi_internal_network"):
        return None
    return Vnic(str(vnic["mac_address"]).lower(), moid, str(vnic.get("network_name") or moid))


def misplugged(engine: Engine, vsphere: Vsphere, adapters: tuple[Vnic, ...]) -> Iterator[str]:
    """Sentences on every adapter whose port group in vCenter is not the one the Controller has it on.

    Raises Blocked when the engine has no machine, Unknown when its hardware or a port group may not be seen.
    """
    machine = engine.present()
    plugged = {nic.mac: nic for nic in machine.known("nics")}
    for adapter in adapters:
        nic = plugged.get(adapter.mac)
        if nic is None:
            yield (
                f"VM {machine.name} has no network adapter {adapter.mac} in vCenter; the Controller has it on "
                f"{adapter.network}"
            )
        elif nic.group != adapter.moid:
            yield (
                f"adapter {adapter.mac} of VM {machine.name} is on {_named(vsphere, nic.group)} in vCenter; the "
                f"Controller has it on {adapter.network}"
            )
        elif not nic.connected:
            yield f"adapter {adapter.mac} of VM {machine.name} on {adapter.network} is disconnected in vCenter"


def _named(vsphere: Vsphere, moid: str) -> str:
    """A port group's name. Raises Unknown for an id vCenter gives but does not show: the account may not see it."""
    if not moid:
        return "no port group"
    group = vsphere.group(moid)
    if group is None:
        raise Unknown(
            f"vCenter does not show port group {moid} to {vsphere.inventory.user}; give this run's account "
            "System.View and System.Read on it"
        )
    return group.name


def needed_networks(live: Live) -> dict[str, dict[str, str]]:
    """The networks that the virtual services on each Service Engine need: engine's uuid -> port group id -> service.

    Those are the networks that a service's VIPs are allocated from or placed in. Raises Unknown.
    """
    needed: dict[str, dict[str, str]] = {}
    for row in live.rows("virtualservice-inventory"):
        config = row.get("config") or {}
        vsvip = live.names.resolve(config.get("vsvip_ref")) or {}
        summaries = {str(summary.get("vip_id")): summary for summary in vips(row)}
        for vip in vsvip.get("vip") or config.get("vip") or []:
            moids = set(filter(None, map(moid_of, _networks(vip))))
            for assigned in (summaries.get(str(vip.get("vip_id"))) or {}).get("service_engine") or []:
                uuid = uuid_of(carrier_ref(assigned)) or str(assigned.get("uuid"))
                for moid in moids:
                    needed.setdefault(uuid, {})[moid] = str(config.get("name", ""))
    return needed


def _networks(vip: Json) -> Iterator[Any]:
    yield dig(vip, "ipam_network_subnet", "network_ref")
    for place in vip.get("placement_networks") or []:
        yield place.get("network_ref")


def off_its_networks(engine: Engine, vsphere: Vsphere, needed: dict[str, str]) -> list[str]:
    """Sentences on data adapters on a wrong port group; else on networks that are needed and not plugged at all."""
    return list(misplugged(engine, vsphere, engine.data)) or list(_unplugged(engine, vsphere, needed))


def _unplugged(engine: Engine, vsphere: Vsphere, needed: dict[str, str]) -> Iterator[str]:
    """Sentences on every network that a virtual service on this engine needs and its machine is not on."""
    machine = engine.present()
    on = {nic.group for nic in machine.known("nics")}
    for moid, service in needed.items():
        if moid not in on:
            yield (
                f"VM {machine.name} is not on {_named(vsphere, moid)} in vCenter, which virtual service {service} needs"
            )


def orphans(live: Live, vsphere: Vsphere, group: ServiceEngineGroup) -> list[Machine]:
    """Machines in an SE group's folder that are named as its Service Engines and are none the Controller knows.

    A template is none: it holds no address. Raises Blocked, Unknown.
    """
    if not group.folder or not group.name_prefix:
        raise Blocked(
            f"{group.key} declares no folder and name prefix by which its machines could be told",
            on=group.key,
        )
    paired = (_engine(row, vsphere).machine for row in live.rows("serviceengine"))
    known = {machine.moid for machine in paired if machine is not None}
    pattern = re.compile(rf"(?:.+_)?{re.escape(group.name_prefix)}-se-[a-z0-9]+")
    unknown = (m for m in vsphere.machines if m.moid not in known and not m.template)
    return [m for m in unknown if pattern.fullmatch(m.name) and m.known("folder") == group.folder]
