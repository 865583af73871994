"""Distributed switches and port groups, standard port groups, and the networking of hosts."""

from __future__ import annotations

from typing import Any

from pyVmomi import vim, vmodl

from lab.cloud.vsphere import Host, PortGroup, StandardNetwork, Switch
from lab.vsphere.authority import demand
from lab.vsphere.entities import unique, users_of
from lab.vsphere.soap import escaped, typed_name
from lab.vsphere.world import NetworkSystem, World, method, prop

DistributedPortGroup = vim.dvs.DistributedVirtualPortgroup
VmwareSwitch = vim.dvs.VmwareDistributedVirtualSwitch

# -- distributed switches and port groups ------------------------------------------------------------------------------


@prop(vim.DistributedVirtualSwitch, "uuid")
def _uuid(world: World, switch: Switch) -> str:
    return str(world.stable_uuid(switch.moid))


@prop(vim.DistributedVirtualSwitch, "portgroup")
def _portgroups(world: World, switch: Switch) -> list[Any]:
    return [world.ref(g) for g in world.model.of(PortGroup) if g.switch == switch.moid]


@prop(VmwareSwitch, "config")
def _switch(world: World, switch: Switch) -> Any:
    return VmwareSwitch.ConfigInfo(
        uuid=_uuid(world, switch),
        name=escaped(switch.name),
        maxMtu=switch.mtu,
        configVersion="1",
        uplinkPortgroup=[
            world.ref(g) for g in world.model.of(PortGroup) if g.switch == switch.moid and g.uplink
        ],
        createTime=world.now(),
    )


def _vlan(group: PortGroup) -> Any:
    """The VLAN of a port group in the type that tells which kind it is; None for an NSX segment."""
    if group.segment:
        return None
    if group.pvlan:
        return VmwareSwitch.PvlanSpec(inherited=False, pvlanId=group.pvlan)
    if group.trunk:
        ranges = [vim.NumericRange(start=first, end=last) for first, last in group.trunk]
        return VmwareSwitch.TrunkVlanSpec(inherited=False, vlanId=ranges)
    return VmwareSwitch.VlanIdSpec(inherited=False, vlanId=group.vlan)


@prop(DistributedPortGroup, "key")
def _key(_world: World, group: PortGroup) -> str:
    return group.moid


@prop(DistributedPortGroup, "config")
def _config(world: World, group: PortGroup) -> Any:
    return DistributedPortGroup.ConfigInfo(
        key=group.moid,
        name=escaped(group.name),
        numPorts=group.ports,
        distributedVirtualSwitch=world.at(group.switch),
        defaultPortConfig=VmwareSwitch.VmwarePortConfigPolicy(vlan=_vlan(group)),
        type="earlyBinding",
        configVersion=str(group.edits),
        autoExpand=True,
        uplink=group.uplink,
        backingType="nsx" if group.segment else "standard",
        segmentId=group.segment or None,
        policy=DistributedPortGroup.PortgroupPolicy(),
    )


@prop(vim.Network, "summary")
def _summary(world: World, network: Any) -> Any:
    return vim.Network.Summary(network=world.ref(network), name=escaped(network.name), accessible=True)


@prop(vim.Network, "vm")
def _vms(world: World, network: Any) -> list[Any]:
    return [world.ref(vm) for vm in users_of(world, network.moid)]


@prop(vim.Network, "host")
def _hosts(world: World, network: Any) -> list[Any]:
    if isinstance(network, StandardNetwork):
        return [found for moid in network.vlans if (found := world.at(moid)) is not None]
    datacenter = world.model.datacenter_of(network)
    return [world.ref(host) for host in world.model.below(Host, datacenter)]


@method("AddDVPortgroup_Task", "CreateDVPortgroup_Task")
def add_portgroups(world: World, switch: Any, arguments: Any) -> Any:
    """New port groups on a switch; the single form returns the one it made. Raises DuplicateName."""
    specs = arguments.spec if isinstance(arguments.spec, list) else [arguments.spec]
    names = [unique(world, switch.parent, spec.name) for spec in specs]
    if len(set(names)) != len(names):
        raise vim.fault.DuplicateName(name=names[0], object=world.ref(switch), msg="named twice")
    made = []
    for name, spec in zip(names, specs, strict=True):
        group = world.model.add_portgroup(switch, name)
        _apply(group, spec)
        made.append(group)
    return world.ref(made[0]) if len(made) == 1 and arguments.spec is specs[0] else None


@method("ReconfigureDVPortgroup_Task")
def reconfigure(world: World, group: Any, arguments: Any) -> None:
    """Edit a port group. Raises ConcurrentAccess unless the edit names the version it read."""
    spec = arguments.spec
    demand(world, world.ref(group), "DVPortgroup.Modify")
    if spec.configVersion != str(group.edits):
        text = "The object was changed by another session."
        raise vim.fault.ConcurrentAccess(msg=text)
    if spec.name and typed_name(spec.name) != group.name:
        group.name = unique(world, group.parent, spec.name)
    _apply(group, spec)
    group.edits += 1
    world.model.revision += 1


def _apply(group: PortGroup, spec: Any) -> None:
    if spec.numPorts:
        group.ports = spec.numPorts
    vlan = getattr(spec.defaultPortConfig, "vlan", None)
    if isinstance(vlan, VmwareSwitch.TrunkVlanSpec):
        group.vlan, group.pvlan = 0, 0
        group.trunk = tuple((found.start, found.end) for found in vlan.vlanId)
    elif isinstance(vlan, VmwareSwitch.PvlanSpec):
        group.vlan, group.trunk, group.pvlan = 0, (), vlan.pvlanId
    elif isinstance(vlan, VmwareSwitch.VlanIdSpec):
        _valid(vlan.vlanId)
        group.vlan, group.trunk, group.pvlan = vlan.vlanId, (), 0


def _valid(vlan: int) -> None:
    if not 0 <= vlan <= 4094:
        raise vmodl.fault.InvalidArgument(invalidProperty="vlanId", msg=f"no VLAN id {vlan}")


# -- standard switches -------------------------------------------------------------------------------------------------


@prop(vim.host.NetworkSystem, "networkInfo")
def _network_info(world: World, system: NetworkSystem) -> Any:
    host = system.host
    groups = [n for n in world.model.of(StandardNetwork) if host.moid in n.vlans]
    return vim.host.NetworkInfo(
        portgroup=[
            vim.host.PortGroup(
                key=f"key-vim.host.PortGroup-{escaped(group.name)}",
                vswitch=f"key-vim.host.VirtualSwitch-{group.switch}",
                spec=vim.host.PortGroup.Specification(
                    name=escaped(group.name),
                    vlanId=group.vlans[host.moid],
                    vswitchName=group.switch,
                    policy=vim.host.NetworkPolicy(),
                ),
            )
            for group in groups
        ]
    )


def _on_host(world: World, host: Host, name: str) -> StandardNetwork | None:
    datacenter = world.model.datacenter_of(host)
    named = (n for n in world.model.below(StandardNetwork, datacenter) if n.name == name)
    return next(named, None)


@method("AddPortGroup")
def add_standard(world: World, system: Any, arguments: Any) -> None:
    """A port group on a host's standard switch. Raises AlreadyExists."""
    spec, host = arguments.portgrp, system.host
    _valid(spec.vlanId)
    name = typed_name(spec.name)
    group = _on_host(world, host, name)
    if group is not None and host.moid in group.vlans:
        raise vim.fault.AlreadyExists(name=spec.name, msg=f"{spec.name} already exists")
    if group is None:
        group = world.model.add_standard_network(world.model.datacenter_of(host), name, {})
        group.switch = spec.vswitchName
    group.vlans[host.moid] = spec.vlanId
    world.model.revision += 1


@method("UpdatePortGroup")
def update_standard(world: World, system: Any, arguments: Any) -> None:
    """Edit a port group of a host's standard switch. Raises NotFound."""
    group = _on_host(world, system.host, typed_name(arguments.pgName))
    if group is None or system.host.moid not in group.vlans:
        raise vim.fault.NotFound(msg=f"no port group {arguments.pgName}")
    _valid(arguments.portgrp.vlanId)
    group.vlans[system.host.moid] = arguments.portgrp.vlanId
    world.model.revision += 1


@method("RemovePortGroup")
def remove_standard(world: World, system: Any, arguments: Any) -> None:
    """Take a port group off a host's standard switch. Raises NotFound, ResourceInUse."""
    group = _on_host(world, system.host, typed_name(arguments.pgName))
    if group is None or system.host.moid not in group.vlans:
        raise vim.fault.NotFound(msg=f"no port group {arguments.pgName}")
    if any(vm.host == system.host.moid for vm in users_of(world, group.moid)):
        raise vim.fault.ResourceInUse(type=vim.Network, name=group.name, msg=f"{group.name} is in use")
    del group.vlans[system.host.moid]
    if not group.vlans:
        world.model.remove(group.moid)
    world.model.revision += 1
