"""Adoption of imported objects: what follows from them is rebuilt, with a vCenter that fits where none is known.

Port groups keep the numbers their networks' uuids tell, Service Engines get the virtual machines their names
and vNICs tell; what an export does not say (hosts, where there are none) is filled in plainly [INF].
"""

from __future__ import annotations

import gc
import re
from typing import TYPE_CHECKING

from lab.cloud.clouds import vcenter_of
from lab.cloud.common import followed, uuid_of
from lab.cloud.discovery import sync
from lab.cloud.engines import adopt_engines
from lab.cloud.fitting import fit
from lab.cloud.nsxt import nsxt_of
from lab.cloud.pools import hold_vips, hold_vnics
from lab.cloud.services import settle_service
from lab.datacenter.inventory import Inventory, add_vcenter, vcenter_at
from lab.datacenter.model import Datacenter, Host, PortGroup, VmSize
from lab.objects import Object

if TYPE_CHECKING:
    from lab.site import Site

LARGE = 5000
"""Objects from which on a site is worth keeping out of the garbage collector's way."""
GROUP = re.compile(r"dvportgroup-(\d+)(?:-|$)")


def adopt(site: Site) -> None:
    """Rebuild what follows from configuration, after objects were stored past the hooks."""
    for index in ("leases", "subnets", "names", "registered", "dns_services"):
        site.memory.pop(index, None)
    if "vcenter" not in site.memory:
        _rebuild_vcenters(site)
    for cloud in site.store.all("cloud"):
        if config := nsxt_of(cloud):
            fit(site, cloud, config)
    adopt_engines(site)
    for cloud in site.store.all("cloud"):
        site.memory.setdefault("bound", {}).setdefault(cloud.uuid, site.clock.now() - 86400.0)
    sync(site, force=True)
    for vsvip in site.store.all("vsvip"):
        hold_vips(site, vsvip)
    for engine in site.store.all("serviceengine"):
        hold_vnics(site, engine)
    for service in site.store.all("virtualservice"):
        settle_service(site, service)
    if sum(site.store.count(kind) for kind in site.store.types()) > LARGE:
        # A large site stays: without this the collector walks all of it again and again while answering.
        gc.collect()
        gc.freeze()


def _rebuild_vcenters(site: Site) -> None:
    """The vCenters that the clouds name, as far as the store tells; an empty one if none does."""
    for cloud in site.store.all("cloud"):
        config = vcenter_of(cloud)
        if config is None:
            continue
        address = str(config.get("vcenter_url", ""))
        model = vcenter_at(site, address) if "vcenter" in site.memory else None
        if model is None:
            model = Inventory(address) if address else Inventory()
            if "vcenter" in site.memory:
                add_vcenter(site, model)
            else:
                site.memory["vcenter"] = model
        _rebuild(site, cloud, model, str(config.get("datacenter") or "Datacenter"))
        # Whoever the export's cloud logs in as may: its password is what the export says, or hides.
        model.accounts[str(config.get("username", ""))] = str(config.get("password", ""))
    site.memory.setdefault("vcenter", Inventory())


def _rebuild(site: Site, cloud: Object, model: Inventory, name: str) -> None:
    if any(datacenter.name == name for datacenter in model.of(Datacenter)):
        return
    datacenter = model.add_datacenter(name)
    hosts = _hosts(site, cloud, model, datacenter)
    own = (n for n in site.store.all("network") if n.cloud == cloud.uuid)
    numbers = [int(m[1]) for n in own if (m := GROUP.match(n.uuid))]
    model.serial = max([model.serial, *numbers])
    _port_groups(site, cloud, model, datacenter)
    _machines(site, cloud, model, datacenter, hosts)


def _hosts(site: Site, cloud: Object, model: Inventory, datacenter: Datacenter) -> list[Host]:
    known = [h for h in site.store.all("vimgrhostruntime") if h.cloud == cloud.uuid]
    cluster = model.add_cluster(datacenter, "cluster")
    return [model.add_host(cluster, h.name) for h in known] or [model.add_host(cluster, "esxi1")]


def _port_groups(site: Site, cloud: Object, model: Inventory, datacenter: Datacenter) -> None:
    switch = model.add_switch(datacenter, "dvs")
    for network in site.store.all("network"):
        match = GROUP.match(network.uuid)
        if match is None or network.cloud != cloud.uuid:
            continue
        runtime = site.store.get("vimgrnwruntime", network.uuid)
        vlan = int(runtime.body.get("vlan", 0)) if runtime else 0
        moid = f"dvportgroup-{match[1]}"
        model.entities[moid] = PortGroup(moid, network.name, switch.parent, switch.moid, vlan)
    model.revision += 1


def _machines(site: Site, cloud: Object, model: Inventory, datacenter: Datacenter, hosts: list[Host]) -> None:
    for place, engine in enumerate(e for e in site.store.all("serviceengine") if e.cloud == cloud.uuid):
        group = followed(site, engine.body, "se_group_ref")
        body = group.body if group else {}
        size = VmSize(*(int(body.get(f"{what}_per_se", 1)) for what in ("vcpus", "memory", "disk")))
        folder = model.vm_folder(datacenter, str(body.get("vcenter_folder", "AviSeFolder")))
        vm = model.add_vm(engine.name, folder, hosts[place % len(hosts)], size)
        for vnic in [engine.body.get("mgmt_vnic", {}), *engine.body.get("data_vnics", [])]:
            moid = uuid_of(vnic.get("network_ref")).partition("-cloud-")[0]
            if moid in model.entities:
                addresses = [
                    f"{item['ip']['ip_addr']['addr']}/{item['ip']['mask']}"
                    for item in vnic.get("vnic_networks", [])
                ]
                model.add_nic(vm, moid, *addresses, mac=str(vnic.get("mac_address", "")))
