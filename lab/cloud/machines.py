"""Virtual machines of Service Engines: the VM in vCenter, its vNICs, and the `serviceengine` object that describes it.

Name `<prefix>-se-<5 letters>`, with `<cloud.obj_name_prefix>_` before it where set [PUBLIC]; uuid `se-<MAC of
the management vNIC>` [REC]; the VM bears the same name and stands in the group's `vcenter_folder` [DOC].
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_interface, ip_network
from string import ascii_lowercase
from typing import TYPE_CHECKING

from lab.cloud.clouds import (
    datacenter_of,
    makes_engines,
    management_network,
    named_vrf,
    vcenter_for,
    vcenter_of,
)
from lab.cloud.common import (
    Address,
    Subnet,
    cloud_of,
    followed,
    ip_json,
    parse_prefix,
    store,
    subnets_of,
    uuid_of,
)
from lab.cloud.discovery import discovered_uuid
from lab.cloud.hosting import NoHost, check_account, hosts_for
from lab.cloud.nsxt import management_segment, nsxt_of, vcenter_behind, vcenter_servers
from lab.cloud.pools import FOR_SE, free, hold_vnics, is_leased, leases, pools
from lab.datacenter.inventory import Inventory, inventory_of, vcenters
from lab.datacenter.model import (
    Cluster,
    Datacenter,
    Folder,
    Host,
    PortGroup,
    StandardNetwork,
    Vm,
    VmSize,
)
from lab.datacenter.nsx import port_group
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


SE_FOLDER = "AviSeFolder"


class NoAddress(Exception):
    """A Service Engine cannot be made: a network has no address left for a vNIC, or there is no place for it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a new Service Engine's machine goes: vCenter, folder and host."""

    vcenter: Inventory
    folder: Folder
    host: Host


def build(site: Site, group: Object, networks: list[str]) -> str:
    """Make a Service Engine with vNICs on those networks; its uuid. Raises NoAddress."""
    cloud = cloud_of(site, group)
    if cloud is None:
        raise NoAddress(f"Group {group.name} is in no cloud")
    spot = _spot(site, cloud, group)
    manage = _management_vnic(site, cloud, spot.vcenter)
    size = VmSize(*(int(group.body[f"{what}_per_se"]) for what in ("vcpus", "memory", "disk")))
    name = _name(site, cloud, group)
    vm = spot.vcenter.add_vm(name, spot.folder, spot.host, size)
    if port_group_of(site, spot.vcenter, vm, uuid_of(manage["network_ref"])) is None:
        spot.vcenter.remove(vm.moid)
        raise NoAddress(f"Management network {manage['network_name']} not found in vCenter")
    uuid = f"se-{manage['mac_address'].replace(':', '')}"
    body: Json = {
        "name": name,
        "se_group_ref": group.ref,
        "host_ref": f"/api/vimgrhostruntime/{discovered_uuid(spot.host, cloud)}",
        "controller_created": True,
        "controller_ip": _controller_ip(site),
        "enable_state": "SE_STATE_ENABLED",
        "hypervisor": "VMWARE_ESX",
        "availability_zone": spot.vcenter.get(Cluster, spot.host.parent).name,
        "resources": {"num_vcpus": size.cpus, "memory": size.memory, "disk": size.disk},
        "mgmt_vnic": manage,
        "data_vnics": [],
    }
    engine = store(site, "serviceengine", uuid, body, tenant=group.tenant, cloud=cloud.uuid)
    hold_vnics(site, engine)
    _plug(site, spot.vcenter, vm, manage)
    try:
        attach(site, uuid, networks)
    except NoAddress:
        demolish(site, uuid)
        raise
    return uuid


def _spot(site: Site, cloud: Object, group: Object) -> Spot:
    """Where a Service Engine of a group goes. Raises NoAddress where there is no place for it."""
    if not makes_engines(cloud):
        raise NoAddress(f"No Service Engine of group {group.name} is on the networks of the virtual service")
    config, scope = nsxt_of(cloud), (group.body.get("vcenters") or [{}])[0]
    if config is None:
        vcenter, datacenter = vcenter_for(site, cloud), datacenter_of(site, cloud)
        folder = str(group.body.get("vcenter_folder", SE_FOLDER))
    else:
        vcenter, folder = _placement(site, cloud, group)
        own, every = management_segment(config), vcenter.of(Datacenter) if vcenter else ()
        datacenter = next((dc for dc in every if vcenter and port_group(vcenter, dc, own)), None)
    if vcenter is None or datacenter is None:
        raise NoAddress(f"No vCenter for Service Engine group {group.name}")
    try:
        if config is None:
            account = str((vcenter_of(cloud) or {}).get("username", ""))
            check_account(vcenter, account, folder_there=vcenter.has_folder(datacenter, folder))
        hosts = hosts_for(vcenter, datacenter, group, scope if config is not None else {})
    except NoHost as none:
        raise NoAddress(str(none)) from None
    host = hosts[sum(1 for _ in site.store.all("serviceengine")) % len(hosts)]
    return Spot(vcenter, vcenter.vm_folder(datacenter, folder), host)


def _placement(site: Site, cloud: Object, group: Object) -> tuple[Inventory | None, str]:
    """The vCenter and folder of a group in an NSX-T cloud: of its first placement scope, else the first [INF]."""
    scopes = group.body.get("vcenters") or [{}]
    server = followed(site, scopes[0], "vcenter_ref") or next(iter(vcenter_servers(site, cloud)), None)
    folder = str(scopes[0].get("vcenter_folder") or SE_FOLDER)
    return (vcenter_behind(site, server) if server is not None else None), folder


def attach(site: Site, uuid: str, networks: list[str]) -> None:
    """Give a Service Engine a vNIC on each of these networks that it has none on. Raises NoAddress."""
    engine = site.store.get("serviceengine", uuid)
    if engine is None:
        return
    present = vnic_networks(engine)
    if not makes_engines(cloud_of(site, engine)) or present >= {*networks}:
        return
    running = machine(site, engine)
    for network in (site.store.get("network", n) for n in networks if n not in present):
        if network is None:
            continue
        if running is not None and port_group_of(site, *running, network.uuid) is None:
            raise NoAddress(f"Network {network.name} not found in vCenter")
        vnics = engine.body.get("data_vnics", [])
        vrf = network.body.get("vrf_context_ref", "")
        mac = (running[0] if running else inventory_of(site)).next_mac()
        vnic = _vnic(site, network, f"eth{len(vnics) + 1}", vrf, mac, dhcp=False)
        body = {**engine.body, "data_vnics": [*vnics, vnic]}
        engine = store(site, "serviceengine", uuid, body, tenant=engine.tenant, cloud=engine.cloud)
        hold_vnics(site, engine)
        if running is not None:
            _plug(site, *running, vnic)


def vnic_networks(engine: Object) -> set[str]:
    """The networks (uuids) on which a Service Engine has a data vNIC."""
    return {uuid_of(vnic.get("network_ref")) for vnic in engine.body.get("data_vnics", [])}


def demolish(site: Site, uuid: str) -> None:
    """Remove a Service Engine's object and its VM, and give its addresses back."""
    leases(site).release(uuid)
    engine = site.store.get("serviceengine", uuid)
    if engine is not None:
        site.store.remove(engine)
        raze(site, engine)


def raze(site: Site, engine: Object) -> None:
    """Remove a Service Engine's VM from vSphere."""
    if (running := machine(site, engine)) is not None:
        vcenter, vm = running
        vcenter.remove(vm.moid)


def machine(site: Site, engine: Object) -> tuple[Inventory, Vm] | None:
    """The VM of a Service Engine, and its vCenter; None where it is gone."""
    return machine_of(machines(site), engine)


def machines(site: Site) -> dict[str, tuple[Inventory, Vm]]:
    """Every VM and its vCenter, by name and by the MAC addresses of its vNICs, which only a replica shares with it."""
    known: dict[str, tuple[Inventory, Vm]] = {}
    for vcenter in vcenters(site).values():
        for vm in vcenter.of(Vm):
            for key in (vm.name, *(nic.mac for nic in vm.nics)):
                known.setdefault(key, (vcenter, vm))
    return known


def machine_of(known: dict[str, tuple[Inventory, Vm]], engine: Object) -> tuple[Inventory, Vm] | None:
    """The VM of a Service Engine among all: by its name, or, when somebody has renamed it, by its management vNIC."""
    return known.get(engine.name) or known.get(engine.body.get("mgmt_vnic", {}).get("mac_address", ""))


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


def _management_vnic(site: Site, cloud: Object, vcenter: Inventory) -> Json:
    """The management vNIC: an address of the management network's SE ranges, or of DHCP."""
    network = management_network(site, cloud)
    if network is None:
        raise NoAddress("Management network is not set")
    if (named := site.memory.get("management_names", {}).get(cloud.uuid)) not in (None, network.name):
        raise NoAddress(f"Management network {named} not found in vCenter")
    vrf = named_vrf(site, cloud, "management")
    dhcp = bool(cloud.body.get("dhcp_enabled"))
    own = parse_prefix((vcenter_of(cloud) or {}).get("management_ip_subnet"))
    vnic = _vnic(site, network, "eth0", vrf, vcenter.next_mac(), dhcp=dhcp, own=own)
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
        ranges = list(pools(network.body))
        subnets = (
            [own] if own else [subnet for subnet, _ in subnets_of(network.body)] or _of_nsx(site, network)
        )
        for subnet in subnets:
            # The site's DHCP server gives from the top of the subnet downwards, clear of every static range.
            for step in range(2, min(subnet.num_addresses - 1, 200)):
                address = subnet.broadcast_address - step
                if not is_leased(site, network, address) and all(address not in pool for pool in ranges):
                    return subnet, address, True
    raise NoAddress(f"No available free IPs for Service Engine on network {network.name}")


def _of_nsx(site: Site, network: Object) -> list[Subnet]:
    """The subnet of the segment that a network was discovered from, where NSX gives the addresses."""
    runtime = site.store.get("nsxtsegmentruntime", network.uuid)
    return [ip_network(runtime.body["subnet"])] if runtime and runtime.body.get("subnet") else []


def _plug(site: Site, vcenter: Inventory, vm: Vm, vnic: Json) -> None:
    if (group := port_group_of(site, vcenter, vm, uuid_of(vnic["network_ref"]))) is not None:
        ip = vnic["vnic_networks"][0]["ip"]
        address = ip_interface(f"{ip['ip_addr']['addr']}/{ip['mask']}")
        vcenter.add_nic(vm, group, str(address), mac=vnic["mac_address"])


def port_group_of(site: Site, vcenter: Inventory, vm: Vm, network: str) -> str | None:
    """The port group (its id) that a network (its uuid) is in a machine's datacenter."""
    if (runtime := site.store.get("nsxtsegmentruntime", network)) is not None:
        segment = str(runtime.body.get("segment_id"))
        group = port_group(vcenter, vcenter.datacenter_of(vm), segment)
        return group.moid if group else None
    moid = network.partition("-cloud-")[0]
    return moid if isinstance(vcenter.entities.get(moid), PortGroup | StandardNetwork) else None
