"""Standard switches of hosts: their port groups, host by host, and the rest of a host's networking."""

from __future__ import annotations

from typing import Any

from pyVmomi import vim

from lab.datacenter.model import Host, PortGroup, StandardNetwork, Switch
from lab.vcenter.entities import users_of
from lab.vcenter.networks import valid_vlan
from lab.vcenter.soap import escaped, typed_name
from lab.vcenter.world import Part, World, method, prop

FIRST = "vSwitch0"
"""The standard switch that every host comes with [DOC]."""
KERNEL = "Management Network"
"""The port group of a host's own first adapter [DOC]."""


def _on(world: World, host: Host) -> dict[str, tuple[str, int]]:
    """A host's standard port groups: name to switch and VLAN id."""
    found = {KERNEL: (FIRST, 0)}
    for network in world.model.of(StandardNetwork):
        if host.moid in network.vlans:
            found[network.name] = (network.switch, network.vlans[host.moid])
    return found


@prop(vim.host.NetworkSystem, "networkInfo")
def _network_info(world: World, part: Part) -> Any:
    host, groups = part.owner, _on(world, part.owner)
    datacenter = world.model.datacenter_of(host)
    return vim.host.NetworkInfo(
        portgroup=[_group(name, *where) for name, where in groups.items()],
        vswitch=[_switch(name, groups) for name in dict.fromkeys([FIRST, *(s for s, _ in groups.values())])],
        proxySwitch=[_proxy(world, switch) for switch in world.model.below(Switch, datacenter)],
        pnic=[_nic(number) for number in range(2)],
        vnic=[_kernel_nic(host)],
        dnsConfig=vim.host.DnsConfig(
            dhcp=False, hostName=host.name.partition(".")[0], domainName=host.name.partition(".")[2],
            address=["10.10.20.2"], searchDomain=[],
        ),
        ipRouteConfig=vim.host.IpRouteConfig(defaultGateway="10.10.20.1"),
        atBootIpV6Enabled=False,
        ipV6Enabled=False,
    )  # fmt: skip


def _policy() -> Any:
    return vim.host.NetworkPolicy(
        security=vim.host.NetworkPolicy.SecurityPolicy(
            allowPromiscuous=False, macChanges=False, forgedTransmits=False
        ),
        nicTeaming=vim.host.NetworkPolicy.NicTeamingPolicy(
            policy="loadbalance_srcid", reversePolicy=True, notifySwitches=True, rollingOrder=False,
            failureCriteria=vim.host.NetworkPolicy.NicFailureCriteria(checkBeacon=False),
            nicOrder=vim.host.NetworkPolicy.NicOrderPolicy(activeNic=["vmnic0"], standbyNic=[]),
        ),
        shapingPolicy=vim.host.NetworkPolicy.TrafficShapingPolicy(enabled=False),
    )  # fmt: skip


def _group(name: str, switch: str, vlan: int) -> Any:
    return vim.host.PortGroup(
        key=f"key-vim.host.PortGroup-{escaped(name)}",
        vswitch=f"key-vim.host.VirtualSwitch-{switch}",
        spec=vim.host.PortGroup.Specification(
            name=escaped(name), vlanId=vlan, vswitchName=switch, policy=_policy()
        ),
        computedPolicy=_policy(),
    )


def _switch(name: str, groups: dict[str, tuple[str, int]]) -> Any:
    return vim.host.VirtualSwitch(
        name=name,
        key=f"key-vim.host.VirtualSwitch-{name}",
        numPorts=1536,
        numPortsAvailable=1530,
        mtu=1500,
        portgroup=[f"key-vim.host.PortGroup-{escaped(g)}" for g, (on, _) in groups.items() if on == name],
        pnic=["key-vim.host.PhysicalNic-vmnic0"],
        spec=vim.host.VirtualSwitch.Specification(
            numPorts=128,
            mtu=1500,
            policy=_policy(),
            bridge=vim.host.VirtualSwitch.BondBridge(nicDevice=["vmnic0"]),
        ),
    )


def _proxy(world: World, switch: Switch) -> Any:
    ports = sum(g.ports for g in world.model.of(PortGroup) if g.switch == switch.moid)
    return vim.host.HostProxySwitch(
        dvsUuid=str(world.stable_uuid(switch.moid)), dvsName=escaped(switch.name), numPorts=ports,
        numPortsAvailable=ports, mtu=switch.mtu, key=f"key-vim.host.HostProxySwitch-{switch.moid}",
        pnic=["key-vim.host.PhysicalNic-vmnic1"],
        spec=vim.host.HostProxySwitch.Specification(
            backing=vim.dvs.HostMember.PnicBacking(pnicSpec=[vim.dvs.HostMember.PnicSpec(pnicDevice="vmnic1")])
        ),
    )  # fmt: skip


def _nic(number: int) -> Any:
    speed = vim.host.PhysicalNic.LinkSpeedDuplex(speedMb=25_000, duplex=True)
    return vim.host.PhysicalNic(
        key=f"key-vim.host.PhysicalNic-vmnic{number}", device=f"vmnic{number}", driver="simulated",
        pci=f"0000:0b:00.{number}", mac=f"00:50:56:00:00:{number:02x}", linkSpeed=speed,
        spec=vim.host.PhysicalNic.Specification(linkSpeed=speed, ip=vim.host.IpConfig(dhcp=False)),
        wakeOnLanSupported=False,
    )  # fmt: skip


def _kernel_nic(host: Host) -> Any:
    mac = f"00:50:56:60:00:{int(host.moid.rpartition('-')[2]) % 256:02x}"
    address = f"10.10.20.{100 + int(host.moid.rpartition('-')[2]) % 100}"
    return vim.host.VirtualNic(
        device="vmk0", key="key-vim.host.VirtualNic-vmk0", portgroup=KERNEL, port="",
        spec=vim.host.VirtualNic.Specification(
            ip=vim.host.IpConfig(dhcp=False, ipAddress=address, subnetMask="255.255.255.0"), mac=mac, mtu=1500,
            netStackInstanceKey="defaultTcpipStack", portgroup=KERNEL, tsoEnabled=True,
        ),
    )  # fmt: skip


@prop(vim.host.NetworkSystem, "networkConfig")
def _network_config(world: World, part: Part) -> Any:
    """The same as a client would write it back: what there is, by name and specification."""
    info = _network_info(world, part)
    return vim.host.NetworkConfig(
        vswitch=[vim.host.VirtualSwitch.Config(name=found.name, spec=found.spec) for found in info.vswitch],
        portgroup=[vim.host.PortGroup.Config(spec=found.spec) for found in info.portgroup],
        pnic=[vim.host.PhysicalNic.Config(device=found.device, spec=found.spec) for found in info.pnic],
        vnic=[
            vim.host.VirtualNic.Config(device=found.device, portgroup=found.portgroup, spec=found.spec)
            for found in info.vnic
        ],
        proxySwitch=[
            vim.host.HostProxySwitch.Config(uuid=found.dvsUuid, spec=found.spec) for found in info.proxySwitch
        ],
        dnsConfig=info.dnsConfig,
        ipRouteConfig=info.ipRouteConfig,
    )


@prop(vim.host.NetworkSystem, "dnsConfig")
def _dns(world: World, part: Part) -> Any:
    return _network_info(world, part).dnsConfig


@method("QueryNetworkHint")
def hints(_world: World, _part: Part, arguments: Any) -> list[Any]:
    """What a host's adapters hear from the physical switches: nothing here."""
    devices = list(arguments.device or ()) or ["vmnic0", "vmnic1"]
    return [vim.host.PhysicalNic.NetworkHint(device=device) for device in devices]


@prop(vim.host.VirtualNicManager, "info")
def _uses(world: World, part: Part) -> Any:
    return vim.host.VirtualNicManagerInfo(netConfig=[query_kernel_nics(world, part, None)])


@method("QueryNetConfig")
def query_kernel_nics(_world: World, part: Part, arguments: Any) -> Any:
    """Which of a host's own adapters serve a purpose: here the first serves management, and none anything else."""
    purpose = arguments.nicType if arguments is not None else "management"
    nic = _kernel_nic(part.owner)
    return vim.host.VirtualNicManager.NetConfig(
        nicType=purpose, multiSelectAllowed=True, candidateVnic=[nic],
        selectedVnic=[nic.key] if purpose == "management" else [],
    )  # fmt: skip


def _on_host(world: World, host: Host, name: str) -> StandardNetwork | None:
    datacenter = world.model.datacenter_of(host)
    named = (n for n in world.model.below(StandardNetwork, datacenter) if n.name == name)
    return next(named, None)


@method("AddPortGroup")
def add_standard(world: World, system: Any, arguments: Any) -> None:
    """A port group on a host's standard switch. Raises AlreadyExists, NotFound for no such switch."""
    spec, host = arguments.portgrp, system.owner
    valid_vlan(spec.vlanId)
    if spec.vswitchName not in {FIRST, *(switch for switch, _ in _on(world, host).values())}:
        raise vim.fault.NotFound(msg=f"no switch {spec.vswitchName}")
    name = typed_name(spec.name)
    group = _on_host(world, host, name)
    if group is not None and host.moid in group.vlans:
        raise vim.fault.AlreadyExists(name=spec.name, msg=f"{spec.name} already exists")
    if group is None:
        group = world.model.add_standard_network(world.model.datacenter_of(host), name, {})
        group.switch = spec.vswitchName
    group.vlans[host.moid] = spec.vlanId
    world.model.revision += 1


def _there(world: World, host: Host, name: str) -> StandardNetwork:
    """A host's port group of a name. Raises NotFound."""
    group = _on_host(world, host, typed_name(name))
    if group is None or host.moid not in group.vlans:
        raise vim.fault.NotFound(msg=f"no port group {name}")
    return group


@method("UpdatePortGroup")
def update_standard(world: World, system: Any, arguments: Any) -> None:
    """Edit a port group of a host's standard switch. Raises NotFound."""
    group = _there(world, system.owner, arguments.pgName)
    valid_vlan(arguments.portgrp.vlanId)
    group.vlans[system.owner.moid] = arguments.portgrp.vlanId
    world.model.revision += 1


@method("RemovePortGroup")
def remove_standard(world: World, system: Any, arguments: Any) -> None:
    """Take a port group off a host's standard switch. Raises NotFound, ResourceInUse."""
    group = _there(world, system.owner, arguments.pgName)
    if any(vm.host == system.owner.moid for vm in users_of(world, group.moid)):
        raise vim.fault.ResourceInUse(type=vim.Network, name=group.name, msg=f"{group.name} is in use")
    del group.vlans[system.owner.moid]
    if not group.vlans:
        world.model.remove(group.moid)
    world.model.revision += 1
