"""Service Engines that somebody deploys by hand, in clouds where the Controller makes none.

In a cloud without orchestrator (and on Linux servers) networks are made through the API and nothing is discovered; a
Service Engine is deployed by hand and registers itself with the Controller, into a group of its cloud. It has the vNICs
it was given, and carries only services whose networks it has [INF]. Nothing of it was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import TYPE_CHECKING, Any

from lab.cloud.clouds import makes_engines, named_vrf
from lab.cloud.common import cloud_of, in_cloud, ip_json, note_event, store
from lab.cloud.engines import Engine, Outage, engines, outages
from lab.cloud.pools import hold_vnics
from lab.cloud.services import retry
from lab.datacenter.inventory import inventory_of
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site

AWAY = "Service Engine does not answer"


@dataclass(frozen=True)
class Deployed:
    """A Service Engine as its owner has set it up: name, group, addresses as `network name: address/mask`."""

    name: str
    cloud: str
    management: str
    group: str = "Default-Group"
    tenant: str = "admin"
    data: dict[str, str] = field(default_factory=dict)


def register(site: Site, **given: Any) -> Json:
    """A Service Engine registers itself. Members are those of Deployed; its reference and name are returned.

    Raises Refused 400 for a cloud, group or network that is not there, and for a cloud in which the Controller makes
    its Service Engines itself.
    """
    if unknown := {*given} - {*Deployed.__dataclass_fields__}:
        known = ", ".join(Deployed.__dataclass_fields__)
        raise Refused(400, f"unknown: {', '.join(sorted(unknown))}; known: {known}")
    try:
        deployed = Deployed(**given)
        cloud, group = _home(site, deployed)
        engine = _engine(site, cloud, group, deployed)
    except (TypeError, ValueError, AttributeError) as error:
        raise Refused(400, str(error)) from None
    now = site.clock.now()
    engines(site)[engine.uuid] = Engine(engine.uuid, group.uuid, now, None)
    hold_vnics(site, engine)
    retry(site, cloud.uuid)
    return {"ref": engine.ref, "name": engine.name}


def turn(site: Site, *, name: Any = "", up: Any = None) -> Json:
    """A Service Engine that was deployed by hand goes away, or comes back. Raises Refused (400) for any other."""
    every = site.store.all("serviceengine")
    known = {each.name: each for each in every if not makes_engines(cloud_of(site, each))}
    if name not in known:
        raise Refused(
            400, f"no Service Engine {name!r} deployed by hand; there are {', '.join(known) or 'none'}"
        )
    if not isinstance(up, bool):
        raise Refused(400, "up is true or false")
    engine, away = known[name], outages(site)
    if not up:
        away.setdefault(engine.uuid, Outage(site.clock.now(), AWAY))
    elif (outage := away.pop(engine.uuid, None)) is not None and outage.noticed:
        note_event(site, "SE_UP", "serviceengine", engine.uuid, f"no longer: {outage.reason}")
        retry(site, engine.cloud)
    return {"name": engine.name, "up": up}


def _home(site: Site, deployed: Deployed) -> tuple[Object, Object]:
    clouds = site.store.named("cloud", deployed.cloud)
    if not clouds:
        raise Refused(400, f"no cloud {deployed.cloud!r}")
    cloud = clouds[0]
    if cloud.body.get("vtype") not in ("CLOUD_NONE", "CLOUD_LINUXSERVER"):
        raise Refused(400, f"in cloud {cloud.name} the Controller makes its Service Engines itself")
    tenants = site.store.named("tenant", deployed.tenant)
    owner = tenants[0].uuid if tenants else deployed.tenant
    groups = site.store.named("serviceenginegroup", deployed.group, tenant=owner, cloud=cloud.uuid)
    if not groups:
        raise Refused(
            400, f"no Service Engine group {deployed.group!r} in {cloud.name}, tenant {deployed.tenant}"
        )
    return cloud, groups[0]


def _engine(site: Site, cloud: Object, group: Object, deployed: Deployed) -> Object:
    manage = _vnic(site, "eth0", deployed.management, None) | {"is_mgmt": True}
    manage["vrf_ref"] = named_vrf(site, cloud, "management")
    vnics: list[Json] = []
    for number, (name, address) in enumerate(deployed.data.items(), start=1):
        network = next((n for n in in_cloud(site, "network", cloud.uuid) if n.name == name), None)
        if network is None:
            raise Refused(400, f"no network {name!r} in {cloud.name}")
        vnics.append(_vnic(site, f"eth{number}", address, network))
    body: Json = {
        "name": deployed.name,
        "se_group_ref": group.ref,
        "controller_created": False,
        "enable_state": "SE_STATE_ENABLED",
        "hypervisor": "DEFAULT",
        "resources": {"num_vcpus": 2, "memory": 4096, "disk": 25},
        "mgmt_vnic": manage,
        "data_vnics": vnics,
    }
    uuid = f"se-{manage['mac_address'].replace(':', '')}"
    return store(site, "serviceengine", uuid, body, tenant=group.tenant, cloud=cloud.uuid)


def _vnic(site: Site, name: str, address: str, network: Object | None) -> Json:
    written = ip_interface(address)
    vnic: Json = {
        "mac_address": inventory_of(site).next_mac(),
        "if_name": name,
        "connected": True,
        "dhcp_enabled": False,
        "vnic_networks": [
            {
                "ip": {"ip_addr": ip_json(written.ip), "mask": written.network.prefixlen},
                "mode": "STATIC",
                "ctlr_alloc": False,
            }
        ],
    }
    if network is not None:
        where = {"network_name": network.name, "network_ref": network.ref}
        vnic |= where | {"vrf_ref": network.body.get("vrf_context_ref", "")}
    return vnic
