"""Virtual machines of Service Engines: the VM in vCenter, its vNICs, and the `serviceengine` object that describes it.

Name `<prefix>-se-<5 letters>`, with `<cloud.obj_name_prefix>_` before it where set [PUBLIC]; uuid `se-<MAC of
the management vNIC>` [REC]; the VM bears the same name and stands in the group's `vcenter_folder` [DOC].
"""

from __future__ import annotations

from ipaddress import ip_interface
from string import ascii_lowercase
from typing import TYPE_CHECKING

from lab.cloud.clouds import datacenter_of, management_network, vcenter_of
from lab.cloud.common import (
    Address,
    Subnet,
    cloud_of,
    ip_json,
    parse_prefix,
    store,
    subnets_of,
    uuid_of,
)
from lab.cloud.discovery import discovered_uuid
from lab.cloud.pools import FOR_SE, free, hold_vnics, leases, pools
from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import Cluster, Host, PortGroup, Vm, VmSize
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


class NoAddress(Exception):
    """A network has no address left for a Service Engine vNIC."""


def build(site: Site, group: Object, networks: list[str]) -> str:
    """Make a Service Engine with vNICs on those networks; its uuid. Raises NoAddress, LookupError."""
    cloud = cloud_of(site, group)
    datacenter = datacenter_of(site, cloud) if cloud else None
    if cloud is None or datacenter is None:
        raise LookupError(f"group {group.name} is in no cloud with a vCenter")
    manage = _management_vnic(site, cloud)
    model = inventory_of(site)
    hosts = list(model.below(Host, datacenter))
    host = hosts[sum(1 for _ in site.store.all("serviceengine")) % len(hosts)]
    size = VmSize(*(int(group.body[f"{what}_per_se"]) for what in ("vcpus", "memory", "disk")))
    name = _name(site, cloud, group)
    folder = model.vm_folder(datacenter, group.body.get("vcenter_folder", "AviSeFolder"))
    vm = model.add_vm(name, folder, host, size)
    uuid = f"se-{manage['mac_address'].replace(':', '')}"
    body: Json = {
        "name": name,
        "se_group_ref": group.ref,
        "host_ref": f"/api/vimgrhostruntime/{discovered_uuid(host, cloud)}",
        "controller_created": True,
        "controller_ip": _controller_ip(site),
        "enable_state": "SE_STATE_ENABLED",
        "hypervisor": "VMWARE_ESX",
        "availability_zone": model.get(Cluster, host.parent).name,
        "resources": {"num_vcpus": size.cpus, "memory": size.memory, "disk": size.disk},
        "mgmt_vnic": manage,
        "data_vnics": [],
    }
    engine = store(site, "serviceengine", uuid, body, tenant=group.tenant, cloud=cloud.uuid)
    hold_vnics(site, engine)
    _plug(site, vm, manage)
    try:
        attach(site, uuid, networks)
    except NoAddress:
        demolish(site, uuid)
        raise
    return uuid


def attach(site: Site, uuid: str, networks: list[str]) -> None:
    """Give a Service Engine a vNIC on each of these networks that it has none on. Raises NoAddress."""
    engine = site.store.get("serviceengine", uuid)
    if engine is None:
        return
    present = {uuid_of(vnic.get("network_ref")) for vnic in engine.body.get("data_vnics", [])}
    for network in (site.store.get("network", n) for n in networks if n not in present):
        if network is None:
            continue
        vnics = engine.body.get("data_vnics", [])
        vrf = network.body.get("vrf_context_ref", "")
        vnic = _vnic(site, network, f"eth{len(vnics) + 1}", vrf, inventory_of(site).next_mac(), dhcp=False)
        body = {**engine.body, "data_vnics": [*vnics, vnic]}
        engine = store(site, "serviceengine", uuid, body, tenant=engine.tenant, cloud=engine.cloud)
        hold_vnics(site, engine)
        if (vm := machine(site, engine.name)) is not None:
            _plug(site, vm, vnic)


def demolish(site: Site, uuid: str) -> None:
    """Remove a Service Engine's object and its VM, and give its addresses back."""
    leases(site).release(uuid)
    engine = site.store.get("serviceengine", uuid)
    if engine is not None:
        site.store.remove(engine)
        raze(site, engine.name)


def raze(site: Site, name: str) -> None:
    """Remove a Service Engine's VM from vSphere."""
    if (vm := machine(site, name)) is not None:
        inventory_of(site).remove(vm.moid)


def machine(site: Site, name: str) -> Vm | None:
    """The VM of that name."""
    return next((vm for vm in inventory_of(site).of(Vm) if vm.name == name), None)


def _name(site: Site, cloud: Object, group: Object) -> str:
    owner = cloud.body.get("obj_name_prefix")
    stem = f"{owner}_" if owner else ""
    prefix = group.body.get("se_name_prefix", "Avi")
    while True:
        name = f"{stem}{prefix}-se-{''.join(site.random.choices(ascii_lowercase, k=5))}"
        if not site.store.named("serviceengine", name):
            return name


def _controller_ip(site: Site) -> str:
    cluster = next(site.store.all("cluster"), None)
    nodes = cluster.body.get("nodes", []) if cluster else []
    return str(nodes[0]["ip"]["addr"]) if nodes else "127.0.0.1"


def _management_vnic(site: Site, cloud: Object) -> Json:
    """The management vNIC: an address of the management network's SE ranges, or of DHCP."""
    network = management_network(site, cloud)
    if network is None:
        raise NoAddress("Management network is not set")
    vrfs = site.store.named("vrfcontext", "management", cloud=cloud.uuid)
    dhcp = bool(cloud.body.get("dhcp_enabled"))
    own = parse_prefix((vcenter_of(cloud) or {}).get("management_ip_subnet"))
    vnic = _vnic(
        site, network, "eth0", vrfs[0].ref if vrfs else "", inventory_of(site).next_mac(), dhcp=dhcp, own=own
    )
    return vnic | {"is_mgmt": True}


def _vnic(  # noqa: PLR0913 -- the facts of one vNIC
    site: Site, network: Object, name: str, vrf: str, mac: str, *, dhcp: bool, own: Subnet | None = None
) -> Json:
    subnet, address, leased = _address(site, network, dhcp=dhcp, own=own)
    vnic: Json = {
        "mac_address": mac,
        "if_name": name,
        "network_name": network.name,
        "network_ref": network.ref,
        "connected": True,
        "dhcp_enabled": leased,
        "vnic_networks": [
            {
                "ip": {"ip_addr": ip_json(address), "mask": subnet.prefixlen},
                "mode": "DHCP" if leased else "STATIC",
                "ctlr_alloc": not leased,
            }
        ],
    }
    return vnic | ({"vrf_ref": vrf} if vrf else {})


def _address(site: Site, network: Object, *, dhcp: bool, own: Subnet | None) -> tuple[Subnet, Address, bool]:
    """An address for a vNIC, its subnet, and whether DHCP gave it. Raises NoAddress."""
    if not dhcp and (lowest := free(site, network, FOR_SE)) is not None:
        return lowest[0].subnet, lowest[1], False
    if dhcp or (network.body.get("dhcp_enabled") and not any(pools(network.body, FOR_SE))):
        leased = leases(site).on(network.uuid)
        ranges = list(pools(network.body))
        subnets = [own] if own else [subnet for subnet, _ in subnets_of(network.body)]
        for subnet in subnets:
            # The site's DHCP server gives from the top of the subnet downwards, clear of every static range.
            for step in range(2, min(subnet.num_addresses - 1, 200)):
                address = subnet.broadcast_address - step
                if str(address) not in leased and all(address not in pool for pool in ranges):
                    return subnet, address, True
    raise NoAddress(f"No available free IPs for Service Engine on network {network.name}")


def _plug(site: Site, vm: Vm, vnic: Json) -> None:
    group = uuid_of(vnic["network_ref"]).partition("-cloud-")[0]
    if group in inventory_of(site).entities and isinstance(inventory_of(site).entities[group], PortGroup):
        ip = vnic["vnic_networks"][0]["ip"]
        address = ip_interface(f"{ip['ip_addr']['addr']}/{ip['mask']}")
        inventory_of(site).add_nic(vm, group, str(address), mac=vnic["mac_address"])
