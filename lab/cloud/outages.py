"""Outages of Service Engines: what cuts one off in vCenter, when the Controller notices, and where its services go.

A machine that is powered off or gone, whose host or files are away, whose vNIC is disconnected or whose management vNIC
is on another port group or VLAN answers no heartbeat; after `Pace.heartbeat` seconds the Service Engine is OPER_DOWN
[DOC], and what it carried is placed on another one where there is room [DOC], else it is down with it. One that was
cut off from the start never comes up, and no other is made in its place. A data vNIC on another port group or VLAN has
its link up: the Controller says up, servers there are down, and a VIP there is not heard. Times and words are [INF].
vCenter is looked at only after it has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud import alarms, services
from lab.cloud.clouds import makes_engines
from lab.cloud.common import cloud_of, note_event, uuid_of
from lab.cloud.engines import (
    POWERED_OFF,
    Engine,
    Outage,
    engines,
    is_down,
    misplugged,
    never_up,
    outages,
    placements,
)
from lab.cloud.machines import machine_of, machines, port_group_of
from lab.datacenter.inventory import Inventory, vcenters
from lab.datacenter.model import Host, Nic, PortGroup, Vm
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


def settle(site: Site) -> None:
    """Let time have its effect: discovery, outages, removal of idle Service Engines. Cheap when nothing is due."""
    services.settle(site)
    watch(site)
    alarms.watch_clouds(site)
    for uuid, outage in list(outages(site).items()):
        engine = engines(site).get(uuid)
        if engine is not None and not outage.noticed and is_down(site, uuid):
            outage.noticed, carried = True, sorted(engine.carries)
            alarms.engine_down(site, uuid, outage.reason)
            if not never_up(site, engine):
                _move_off(site, engine)
            alarms.services_down(site, carried)
    alarms.watch_services(site)


def watch(site: Site) -> None:
    """Look at the machines of all Service Engines, if vCenter has changed since."""
    revision = [vcenter.revision for vcenter in vcenters(site).values()]
    if site.memory.get("watched") == revision:
        return
    site.memory["watched"] = revision
    known, healed = machines(site), set[str]()
    misplugged(site).clear()
    for record in engines(site).values():
        engine = site.store.get("serviceengine", record.uuid)
        cloud = cloud_of(site, engine) if engine is not None else None
        if engine is not None and cloud is not None and makes_engines(cloud):
            healed |= {cloud.uuid} if _look(site, record, engine, machine_of(known, engine)) else set()
    for uuid in set(outages(site)) - set(engines(site)):
        del outages(site)[uuid]
    waiting = {
        service.cloud for uuid in _waiting(site) if (service := site.store.get("virtualservice", uuid))
    }
    for uuid in sorted(healed | waiting):
        services.retry(site, uuid)


def _look(site: Site, record: Engine, engine: Object, running: tuple[Inventory, Vm] | None) -> bool:
    """Note how a Service Engine's machine is; whether it has come back from being down."""
    if running is not None and (networks := _misplugged(site, *running, engine)):
        misplugged(site)[engine.uuid] = networks
    reason = _trouble(site, *running, engine) if running is not None else GONE
    known = outages(site).get(engine.uuid)
    since = site.clock.now() if record.looked else record.born
    record.looked = True
    if known is None:
        if reason:
            outages(site)[engine.uuid] = Outage(since, reason)
        return False
    if reason:
        known.reason = reason
        return False
    del outages(site)[engine.uuid]
    if known.noticed:
        note_event(site, "SE_UP", "serviceengine", engine.uuid, f"no longer: {known.reason}")
    return known.noticed


def _waiting(site: Site) -> list[str]:
    """The services that run nowhere, or on fewer Service Engines than they should."""
    return [uuid for uuid, placed in placements(site).items() if placed.reason]


GONE = "Virtual machine not found in vCenter"
LOST = frozenset({"inaccessible", "orphaned", "invalid"})
"""What vCenter says of a machine whose files or host no longer have it."""


def _trouble(site: Site, vcenter: Inventory, vm: Vm, engine: Object) -> str:
    """What keeps a machine from answering; "" where nothing does."""
    host = vcenter.entities.get(vm.host)
    if not vm.powered:
        return POWERED_OFF
    if not isinstance(host, Host) or not host.connected:
        return "Host of the virtual machine is not connected"
    if vm.state in LOST:
        return f"Virtual machine is {vm.state}"
    troubles = (_vnic_trouble(site, vcenter, vm, number, engine) for number in range(len(vm.nics)))
    return next(filter(None, troubles), "")


def _vnic_trouble(site: Site, vcenter: Inventory, vm: Vm, number: int, engine: Object) -> str:
    """Why no heartbeat passes a vNIC; that a data vNIC is elsewhere, with its link up, none tells."""
    name, nic = f"Data vNIC {number}" if number else "Management vNIC", vm.nics[number]
    if not nic.connected:
        return f"{name} is disconnected"
    if nic.portgroup not in vcenter.entities:
        return f"{name} is disconnected: its port group is gone"
    elsewhere = "" if number else _elsewhere(site, vcenter, vm, nic, engine.body.get("mgmt_vnic", {}))
    return f"{name} {elsewhere}" if elsewhere else ""


def _elsewhere(site: Site, vcenter: Inventory, vm: Vm, nic: Nic, vnic: Json) -> str:
    """How a vNIC is not on the network that the Controller gave it; "" where it is, or where that cannot be told."""
    group = vcenter.entities.get(nic.portgroup)
    own = port_group_of(site, vcenter, vm, uuid_of(vnic.get("network_ref")))
    if group is None:
        return ""
    if own is not None and group.moid != own:
        return f"is on port group {group.name}, not on {vnic.get('network_name')}"
    tagged = isinstance(group, PortGroup) and group.wire not in (None, group.tag)
    return f"is on port group {group.name}, which has another VLAN than its network" if tagged else ""


def _misplugged(site: Site, vcenter: Inventory, vm: Vm, engine: Object) -> dict[str, str]:
    """The networks (uuids) that a Service Engine believes to be on, and how it is not."""
    vnics = {vnic.get("mac_address"): vnic for vnic in engine.body.get("data_vnics", [])}
    pairs = ((nic, vnics[nic.mac]) for nic in vm.nics if nic.mac in vnics)
    return {
        uuid_of(vnic.get("network_ref")): f"a vNIC of {engine.name} {why}"
        for nic, vnic in pairs
        if (why := _elsewhere(site, vcenter, vm, nic, vnic))
    }


def _move_off(site: Site, engine: Engine) -> None:
    """Place what a Service Engine carried anew; what finds no other stays on it, and is down with it."""
    for uuid in sorted(engine.carries):
        service, placed = site.store.get("virtualservice", uuid), placements(site).get(uuid)
        if service is None or placed is None:
            continue
        placed.engines = [each for each in placed.engines if each != engine.uuid]
        engine.carries.discard(uuid)
        services.settle_service(site, service)
        now = placements(site).get(uuid)
        if now is not None and not now.engines:
            now.engines, now.since = [engine.uuid], placed.since
            engine.carries.add(uuid)
    if not engine.carries:
        engine.idle_since = site.clock.now()
