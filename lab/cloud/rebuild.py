"""A vCenter for a site whose objects came from an export: what the Controller knows of it, made into a model.

Port groups keep the numbers their networks' uuids tell, Service Engines get the virtual machines their names
and vNICs tell; what an export does not say (hosts, where there are none) is filled in plainly [INF].
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.cloud.clouds import vcenter_of
from lab.cloud.common import followed, uuid_of
from lab.datacenter.inventory import Vsphere
from lab.datacenter.model import Datacenter, Host, PortGroup, VmSize
from lab.objects import Object

if TYPE_CHECKING:
    from lab.site import Site

GROUP = re.compile(r"dvportgroup-(\d+)(?:-|$)")


def rebuild(site: Site) -> Vsphere:
    """The vCenter of the first cloud that has one, as far as the store tells; an empty one if none has."""
    model = Vsphere()
    clouds = [(cloud, config) for cloud in site.store.all("cloud") if (config := vcenter_of(cloud))]
    if not clouds:
        return model
    cloud, config = clouds[0]
    model.address = str(config.get("vcenter_url", model.address))
    datacenter = model.add_datacenter(str(config.get("datacenter") or "Datacenter"))
    hosts = _hosts(site, cloud, model, datacenter)
    numbers = [int(m[1]) for n in site.store.all("network") if (m := GROUP.match(n.uuid))]
    model.serial = max([model.serial, *numbers])
    _port_groups(site, cloud, model, datacenter)
    _machines(site, cloud, model, datacenter, hosts)
    return model


def _hosts(site: Site, cloud: Object, model: Vsphere, datacenter: Datacenter) -> list[Host]:
    known = [h for h in site.store.all("vimgrhostruntime") if h.cloud == cloud.uuid]
    cluster = model.add_cluster(datacenter, "cluster")
    return [model.add_host(cluster, h.name) for h in known] or [model.add_host(cluster, "esxi1")]


def _port_groups(site: Site, cloud: Object, model: Vsphere, datacenter: Datacenter) -> None:
    switch = model.add_switch(datacenter, "dvs")
    for network in site.store.all("network"):
        found = GROUP.match(network.uuid)
        if found is None or network.cloud != cloud.uuid:
            continue
        runtime = site.store.get("vimgrnwruntime", network.uuid)
        vlan = int(runtime.body.get("vlan", 0)) if runtime else 0
        moid = f"dvportgroup-{found[1]}"
        model.entities[moid] = PortGroup(moid, network.name, switch.parent, switch.moid, vlan)
    model.revision += 1


def _machines(site: Site, cloud: Object, model: Vsphere, datacenter: Datacenter, hosts: list[Host]) -> None:
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
