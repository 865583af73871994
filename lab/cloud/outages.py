"""Outages of Service Engines: what cuts one off in vCenter, when the Controller notices, and where its services go.

A machine that is powered off or gone, whose host is away or whose vNIC is disconnected answers no heartbeat; after
`Pace.heartbeat` seconds the Service Engine is OPER_DOWN [DOC], and what it carried is placed on another one where there
is room [DOC], else it is down with it. Times and words are [INF]. vCenter is looked at only after it has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud import alarms, services
from lab.cloud.clouds import makes_engines
from lab.cloud.common import cloud_of, note_event
from lab.cloud.engines import POWERED_OFF, Engine, Outage, engines, is_down, outages, placements
from lab.datacenter.inventory import Inventory, vcenters
from lab.datacenter.model import Host, Vm

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
            _move_off(site, engine)
            alarms.services_down(site, carried)
    alarms.watch_services(site)


def watch(site: Site) -> None:
    """Look at the machines of all Service Engines, if vCenter has changed since."""
    revision = [vcenter.revision for vcenter in vcenters(site).values()]
    if site.memory.get("watched") == revision:
        return
    site.memory["watched"] = revision
    machines = {vm.name: (vcenter, vm) for vcenter in vcenters(site).values() for vm in vcenter.of(Vm)}
    healed: set[str] = set()
    for uuid in engines(site):
        engine = site.store.get("serviceengine", uuid)
        cloud = cloud_of(site, engine) if engine is not None else None
        if engine is None or cloud is None or not makes_engines(cloud):
            continue
        reason = _trouble(*machines[engine.name]) if engine.name in machines else GONE
        known = outages(site).get(uuid)
        if reason and known is None:
            outages(site)[uuid] = Outage(site.clock.now(), reason)
        elif reason and known is not None:
            known.reason = reason
        elif known is not None:
            del outages(site)[uuid]
            if known.noticed:
                healed.add(cloud.uuid)
                note_event(site, "SE_UP", "serviceengine", uuid, f"no longer: {known.reason}")
    for uuid in set(outages(site)) - set(engines(site)):
        del outages(site)[uuid]
    waiting = {
        service.cloud for uuid in _waiting(site) if (service := site.store.get("virtualservice", uuid))
    }
    for uuid in sorted(healed | waiting):
        services.retry(site, uuid)


def _waiting(site: Site) -> list[str]:
    """The services that run nowhere, or on fewer Service Engines than they should."""
    return [uuid for uuid, placed in placements(site).items() if placed.reason]


GONE = "Virtual machine not found in vCenter"


def _trouble(vcenter: Inventory, vm: Vm) -> str:
    """What keeps a machine from answering; "" where nothing does."""
    host = vcenter.entities.get(vm.host)
    if not vm.powered:
        return POWERED_OFF
    if not isinstance(host, Host) or not host.connected:
        return "Host of the virtual machine is not connected"
    cut = next((number for number, nic in enumerate(vm.nics) if not nic.connected), None)
    if cut is not None:
        return f"{'Management vNIC' if not cut else f'Data vNIC {cut}'} is disconnected"
    return ""


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
