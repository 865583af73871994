"""Events that the Controller logs by itself: clouds that fail and recover, Service Engines and services that go down.

Names of the events are the schema's; when each is logged, and its text, are inferred [INF]. What `VIP_DOWN` and
`VIP_UP` tell is what the SDK's sample reads of them [CLIENT].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud.clouds import integration
from lab.cloud.common import note_event
from lab.cloud.engines import POWERED_OFF
from lab.cloud.integrations import BAD_CREDENTIALS, FAILED, NOT_CONNECTED, READY
from lab.cloud.services import standing, vips_of
from lab.datacenter.inventory import vcenters
from lab.datacenter.nsx import managers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.objects import Object
    from lab.site import Site

CLOUD_EVENTS = {
    BAD_CREDENTIALS.reason: "VCENTER_BAD_CREDENTIALS",
    NOT_CONNECTED.reason: "VCENTER_CONNECTIVITY_FAIL",
}
"""The event of a cloud that fails, by the reason; of any other `VINFRA_DISC_FAILURE`."""


def watch_clouds(site: Site) -> None:
    """Log each cloud that has failed or come back since, if anything may have changed."""
    revisions = [vcenter.revision for vcenter in vcenters(site).values()]
    revisions += [manager.revision for manager in managers(site).values()]
    now = revisions, site.store.changed(("cloud", "vcenterserver", "cloudconnectoruser"))
    if site.memory.get("clouds_watched") == now:
        return
    site.memory["clouds_watched"] = now
    before: dict[str, tuple[str, str]] = site.memory.setdefault("cloud_states", {})
    for cloud in site.store.all("cloud"):
        stands = integration(site, cloud)
        state, reason = before.get(cloud.uuid, ("", ""))
        before[cloud.uuid] = stands.state, stands.reason
        if stands.state == FAILED and state == READY:
            event = CLOUD_EVENTS.get(stands.reason, "VINFRA_DISC_FAILURE")
            note_event(site, event, "cloud", cloud.uuid, stands.reason)
        elif stands.state == READY and state == FAILED:
            note_event(site, "VCENTER_CONNECTIVITY_SUCCESS", "cloud", cloud.uuid, f"no longer: {reason}")


def engine_down(site: Site, uuid: str, reason: str) -> None:
    """Log a Service Engine that has not answered its heartbeats."""
    if reason == POWERED_OFF:
        note_event(site, "SE_POWERED_DOWN", "serviceengine", uuid, reason)
    note_event(site, "SE_DOWN", "serviceengine", uuid, reason)


def services_down(site: Site, services: Iterable[str]) -> None:
    """Log those of some services that are not up now; their return is watched for."""
    down: dict[str, float] = site.memory.setdefault("services_down", {})
    for uuid in services:
        service = site.store.get("virtualservice", uuid)
        if service is not None and uuid not in down and not (stands := standing(site, service)).up:
            down[uuid] = 0.0
            _service(site, service, "DOWN", stands.reason or "All Service Engines are down")


def watch_services(site: Site) -> None:
    """Log each service that has come back; looked at once in a second of the site's clock."""
    down: dict[str, float] = site.memory.get("services_down", {})
    for uuid, looked in list(down.items()):
        if site.clock.now() < looked + 1.0:
            continue
        service = site.store.get("virtualservice", uuid)
        if service is None:
            del down[uuid]
        elif standing(site, service).up:
            del down[uuid]
            _service(site, service, "UP", "up again")
        else:
            down[uuid] = site.clock.now()


def _service(site: Site, service: Object, way: str, why: str) -> None:
    note_event(site, f"VS_{way}", "virtualservice", service.uuid, why)
    for vip in vips_of(site, service):
        address = vip.get("ip_address") or vip.get("ip6_address") or {}
        details = {"se_hm_vs_details": {"virtual_service": service.uuid, "vip_address": dict(address)}}
        note_event(site, f"VIP_{way}", "virtualservice", service.uuid, why, details)
