"""Distributed switches of vCenter: their properties and ports, and how they are made and edited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyVmomi import vim, vmodl

from lab.datacenter.model import Folder, Host, PortGroup, Switch, Vm
from lab.vcenter.authority import demand
from lab.vcenter.entities import unique
from lab.vcenter.networks import port_keys, port_setting
from lab.vcenter.settings import kept, laid_over, read
from lab.vcenter.soap import complete, escaped, typed_name
from lab.vcenter.world import World, method, prop

VmwareSwitch = vim.dvs.VmwareDistributedVirtualSwitch
UPLINKS = ("Uplink 1", "Uplink 2")
SETTABLE = (
    "description", "uplinkPortPolicy", "defaultPortConfig", "policy", "contact", "linkDiscoveryProtocolConfig",
    "ipfixConfig", "multicastFilteringMode", "switchIpAddress",
)  # fmt: skip
"""What of a switch is kept as clients set it, and only shown again."""
VERSIONS = ("6.6.0", "7.0.0", "7.0.2", "7.0.3", "8.0.0", "8.0.3")


def _groups(world: World, switch: Switch) -> list[PortGroup]:
    return [group for group in world.model.of(PortGroup) if group.switch == switch.moid]


def _hosts(world: World, switch: Switch) -> list[Host]:
    return list(world.model.below(Host, world.model.datacenter_of(switch)))


def _product(version: str = "8.0.0") -> Any:
    return vim.dvs.ProductSpec(
        name="DVS", vendor="VMware, Inc.", version=version, build="24022515", forwardingClass="etherswitch",
        bundleId="", bundleUrl="",
    )  # fmt: skip


@prop(vim.DistributedVirtualSwitch, "uuid")
def _uuid(world: World, switch: Switch) -> str:
    return str(world.stable_uuid(switch.moid))


@prop(vim.DistributedVirtualSwitch, "portgroup")
def _portgroups(world: World, switch: Switch) -> list[Any]:
    return [world.ref(group) for group in _groups(world, switch)]


@prop(VmwareSwitch, "config")
def _config(world: World, switch: Switch) -> Any:
    ports = sum(group.ports for group in _groups(world, switch))
    return laid_over(_by_default(), VmwareSwitch.ConfigInfo(
        uuid=_uuid(world, switch),
        name=escaped(switch.name),
        numPorts=ports,
        numStandalonePorts=0,
        maxPorts=2**31 - 1,
        maxMtu=switch.mtu,
        uplinkPortgroup=[world.ref(group) for group in _groups(world, switch) if group.uplink],
        host=[_member(world, host) for host in _hosts(world, switch)],
        productInfo=_product(switch.version),
        createTime=world.began,
        configVersion=str(switch.edits),
        networkResourceManagementEnabled=True,
        networkResourceControlVersion="version3",
        lacpApiVersion="multipleLag",
        healthCheckConfig=[
            VmwareSwitch.VlanMtuHealthCheckConfig(enable=False, interval=0),
            VmwareSwitch.TeamingHealthCheckConfig(enable=False, interval=0),
        ],
        **_told(switch),
    ))  # fmt: skip


def _by_default() -> Any:
    """What a switch is like where nobody has said otherwise: the defaults of the vSphere client [DOC]."""
    return VmwareSwitch.ConfigInfo(
        uplinkPortPolicy=vim.DistributedVirtualSwitch.NameArrayUplinkPortPolicy(uplinkPortName=list(UPLINKS)),
        defaultPortConfig=port_setting(VmwareSwitch.VlanIdSpec(inherited=False, vlanId=0)),
        policy=vim.DistributedVirtualSwitch.SwitchPolicy(),
        contact=vim.DistributedVirtualSwitch.ContactInfo(),
        linkDiscoveryProtocolConfig=vim.host.LinkDiscoveryProtocolConfig(protocol="cdp", operation="listen"),
        ipfixConfig=VmwareSwitch.IpfixConfig(
            activeFlowTimeout=60, idleFlowTimeout=15, samplingRate=0, internalFlowsOnly=False
        ),
        multicastFilteringMode="legacyFiltering",
    )


def _told(switch: Switch) -> dict[str, Any]:
    """What clients have set of a switch, by member."""
    told = read(switch.told)
    return {name: value for name in SETTABLE if (value := getattr(told, name, None)) is not None}


def _member(world: World, host: Host) -> Any:
    backing = vim.dvs.HostMember.PnicBacking(pnicSpec=[vim.dvs.HostMember.PnicSpec(pnicDevice="vmnic1")])
    return vim.dvs.HostMember(
        status="up",
        productInfo=_product(),
        config=vim.dvs.HostMember.ConfigInfo(host=world.ref(host), maxProxySwitchPorts=512, backing=backing),
    )


@prop(vim.DistributedVirtualSwitch, "summary")
def _summary(world: World, switch: Switch) -> Any:
    groups = _groups(world, switch)
    return vim.DistributedVirtualSwitch.Summary(
        name=escaped(switch.name),
        uuid=_uuid(world, switch),
        numPorts=sum(group.ports for group in groups),
        productInfo=_product(switch.version),
        hostMember=[world.ref(host) for host in _hosts(world, switch)],
        vm=[world.ref(vm) for vm in world.model.of(Vm) if {n.portgroup for n in vm.nics} & {g.moid for g in groups}],
        portgroupName=[escaped(group.name) for group in groups],
        numHosts=len(_hosts(world, switch)),
    )  # fmt: skip


@prop(vim.DistributedVirtualSwitch, "capability")
def _capability(_world: World, _switch: Switch) -> Any:
    return complete(vim.DistributedVirtualSwitch.Capability(dvsOperationSupported=True))


@prop(vim.DistributedVirtualSwitch, "runtime")
def _runtime(world: World, switch: Switch) -> Any:
    members = [
        vim.dvs.HostMember.RuntimeInfo(host=world.ref(host), status="up") for host in _hosts(world, switch)
    ]
    return vim.DistributedVirtualSwitch.RuntimeInfo(hostMemberRuntime=members)


# -- ports -------------------------------------------------------------------------------------------------------------


def _ports(world: World, switch: Switch, criteria: Any) -> Iterator[Any]:
    """The ports that some criteria select: those of adapters first, then free ones."""
    keys, inside = set(criteria.portgroupKey or ()), criteria.inside is not False
    for group in _groups(world, switch):
        if keys and (group.moid in keys) != inside:
            continue
        adapters = [(vm, nic) for vm in world.model.of(Vm) for nic in vm.nics if nic.portgroup == group.moid]
        for number, key in enumerate(port_keys(group)):
            used = number < len(adapters)
            if criteria.connected in (None, used) and (not criteria.portKey or key in criteria.portKey):
                yield _port(world, switch, group, key, adapters[number] if used else None)


def _port(world: World, switch: Switch, group: PortGroup, key: str, adapter: Any) -> Any:
    found = vim.dvs.DistributedVirtualPort(
        key=key,
        dvsUuid=_uuid(world, switch),
        portgroupKey=group.moid,
        config=vim.dvs.DistributedVirtualPort.ConfigInfo(configVersion="0"),
        conflict=False,
        connectionCookie=int(key) if adapter else None,
        lastStatusChange=world.began,
    )
    if adapter:
        vm, nic = adapter
        found.connectee = vim.dvs.PortConnectee(
            connectedEntity=world.ref(vm), nicKey=str(nic.key), type="vmVnic"
        )
    return complete(found)


@method("FetchDVPorts")
def fetch_ports(world: World, switch: Switch, arguments: Any) -> list[Any]:
    """The ports of a switch that some criteria select."""
    return list(_ports(world, switch, arguments.criteria or vim.dvs.PortCriteria()))


@method("FetchDVPortKeys")
def fetch_port_keys(world: World, switch: Switch, arguments: Any) -> list[str]:
    """Their keys."""
    return [port.key for port in fetch_ports(world, switch, arguments)]


@method("LookupDvPortGroup")
def lookup(world: World, switch: Switch, arguments: Any) -> Any:
    """The port group of a key on this switch. Raises NotFound."""
    for group in _groups(world, switch):
        if group.moid == arguments.portgroupKey:
            return world.ref(group)
    raise vim.fault.NotFound(msg=f"no port group {arguments.portgroupKey}")


@method("QueryUsedVlanIdInDvs")
def used_vlans(world: World, switch: Switch, _arguments: Any) -> list[int]:
    """The VLAN ids of the switch's port groups."""
    return sorted({group.vlan for group in _groups(world, switch) if group.vlan})


# -- the manager, and new switches -------------------------------------------------------------------------------------


@method("QueryDvsByUuid")
def by_uuid(world: World, _this: Any, arguments: Any) -> Any:
    """The switch of a uuid. Raises NotFound."""
    for switch in world.model.of(Switch):
        if _uuid(world, switch) == arguments.uuid:
            return world.ref(switch)
    raise vim.fault.NotFound(msg=f"no switch {arguments.uuid}")


@method("QueryAvailableDvsSpec")
def available(_world: World, _this: Any, _arguments: Any) -> list[Any]:
    """The versions a switch can be of, newest first."""
    return [_product(version) for version in reversed(VERSIONS)]


@method("CreateDVS_Task")
def create(world: World, folder: Folder, arguments: Any) -> Any:
    """A switch with its uplink port group. Raises DuplicateName, NotSupported outside a network folder."""
    if folder.kind != "network":
        raise vmodl.fault.NotSupported(msg="Switches stand in network folders.")
    spec = arguments.spec.configSpec
    name = unique(world, folder.moid, spec.name)
    made = world.model.add_switch(
        world.model.datacenter_of(folder), name, getattr(spec, "maxMtu", None) or 1500
    )
    for entity in (made, *_groups(world, made)):
        entity.parent = folder.moid
    made.version = getattr(arguments.spec.productInfo, "version", None) or made.version
    _keep(made, spec)
    world.model.revision += 1
    return world.ref(made)


@method("ReconfigureDvs_Task")
def reconfigure(world: World, switch: Switch, arguments: Any) -> None:
    """Edit a switch: name, MTU and what is only shown again.

    Raises ConcurrentAccess unless the edit names the version it read, DuplicateName, NoPermission.
    """
    spec = arguments.spec
    demand(world, world.ref(switch), "DVSwitch.Modify")
    if spec.configVersion != str(switch.edits):
        raise vim.fault.ConcurrentAccess(msg="The object was changed by another session.")
    if spec.name and typed_name(spec.name) != switch.name:
        switch.name = unique(world, switch.parent, spec.name)
    switch.mtu = getattr(spec, "maxMtu", None) or switch.mtu
    _keep(switch, spec)
    switch.edits += 1
    world.model.revision += 1


def _keep(switch: Switch, spec: Any) -> None:
    told = {name: value for name in SETTABLE if (value := getattr(spec, name, None)) not in (None, "")}
    if told:
        switch.told = kept(switch.told, VmwareSwitch.ConfigSpec(**told))
