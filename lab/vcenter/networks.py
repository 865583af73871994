"""Port groups of distributed switches: their properties, and how they are made and edited."""

from __future__ import annotations

from functools import cache
from typing import Any

from pyVmomi import vim, vmodl

from lab.datacenter.model import Host, PortGroup, StandardNetwork
from lab.vcenter.authority import demand
from lab.vcenter.entities import unique, users_of
from lab.vcenter.settings import kept, laid_over, read
from lab.vcenter.soap import escaped, typed_name
from lab.vcenter.world import World, method, prop

DistributedPortGroup = vim.dvs.DistributedVirtualPortgroup
VmwareSwitch = vim.dvs.VmwareDistributedVirtualSwitch
BINDINGS = ("earlyBinding", "lateBinding", "ephemeral")


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


def port_setting(vlan: Any) -> Any:
    """How ports behave where nobody has said otherwise, on a VLAN: the defaults of the vSphere client [DOC]."""
    return VmwareSwitch.VmwarePortConfigPolicy(vlan=vlan, **_defaults())


@cache
def _defaults() -> dict[str, Any]:
    """Everything but the VLAN, made once: it is the same for every port group, and they may be a thousand."""

    def no() -> Any:
        return vim.BoolPolicy(inherited=False, value=False)

    return {
        "blocked": no(),
        "ipfixEnabled": no(),
        "txUplink": no(),
        "vmDirectPathGen2Allowed": no(),
        "qosTag": vim.IntPolicy(inherited=False, value=-1),
        "securityPolicy": VmwareSwitch.SecurityPolicy(
            inherited=False, allowPromiscuous=no(), macChanges=no(), forgedTransmits=no()
        ),
        "macManagementPolicy": VmwareSwitch.MacManagementPolicy(
            inherited=False,
            allowPromiscuous=False,
            macChanges=False,
            forgedTransmits=False,
            macLearningPolicy=VmwareSwitch.MacLearningPolicy(inherited=False, enabled=False),
        ),
        "uplinkTeamingPolicy": _teaming(),
        "inShapingPolicy": _shaping(),
        "outShapingPolicy": _shaping(),
        "lacpPolicy": VmwareSwitch.UplinkLacpPolicy(
            inherited=False, enable=no(), mode=vim.StringPolicy(inherited=False, value="passive")
        ),
    }


def _teaming() -> Any:
    def flag(*, value: bool) -> Any:
        return vim.BoolPolicy(inherited=False, value=value)

    return VmwareSwitch.UplinkPortTeamingPolicy(
        inherited=False,
        policy=vim.StringPolicy(inherited=False, value="loadbalance_srcid"),
        reversePolicy=flag(value=True),
        notifySwitches=flag(value=True),
        rollingOrder=flag(value=False),
        failureCriteria=VmwareSwitch.FailureCriteria(inherited=False, checkBeacon=flag(value=False)),
        uplinkPortOrder=VmwareSwitch.UplinkPortOrderPolicy(
            inherited=False, activeUplinkPort=["Uplink 1", "Uplink 2"], standbyUplinkPort=[]
        ),
    )


def _shaping() -> Any:
    def number(value: int) -> Any:
        return vim.LongPolicy(inherited=False, value=value)

    return vim.dvs.DistributedVirtualPort.TrafficShapingPolicy(
        inherited=False, enabled=vim.BoolPolicy(inherited=False, value=False),
        averageBandwidth=number(100_000_000), peakBandwidth=number(100_000_000), burstSize=number(104_857_600),
    )  # fmt: skip


@prop(DistributedPortGroup, "tag")
def _tag(_world: World, group: PortGroup) -> list[Any]:
    """The tag by which programs tell an uplink group [CLIENT]."""
    return [vim.Tag(key="SYSTEM/DVS.UPLINKPG")] if group.uplink else []


@prop(DistributedPortGroup, "key")
def _key(_world: World, group: PortGroup) -> str:
    return group.moid


@prop(DistributedPortGroup, "portKeys")
def _port_keys(_world: World, group: PortGroup) -> list[str]:
    return port_keys(group)


def port_keys(group: PortGroup) -> list[str]:
    """The keys of a port group's ports, which no other port group's are."""
    first = int(group.moid.rpartition("-")[2]) * 10_000
    return [str(first + number) for number in range(group.ports)]


@prop(DistributedPortGroup, "config")
def _config(world: World, group: PortGroup) -> Any:
    told = read(group.told) or DistributedPortGroup.ConfigSpec()
    return DistributedPortGroup.ConfigInfo(
        key=group.moid,
        name=escaped(group.name),
        numPorts=group.ports,
        distributedVirtualSwitch=world.at(group.switch),
        defaultPortConfig=laid_over(port_setting(_vlan(group)), told.defaultPortConfig),
        description=group.note,
        type=group.binding,
        configVersion=str(group.edits),
        autoExpand=told.autoExpand is not False,
        uplink=group.uplink,
        backingType="nsx" if group.segment else "standard",
        segmentId=group.segment or None,
        policy=laid_over(_overrides(), told.policy),
    )


def _overrides() -> Any:
    """What a single port may have otherwise where nobody has said so: the defaults of the vSphere client [DOC]."""
    return VmwareSwitch.VMwarePortgroupPolicy(
        livePortMovingAllowed=False, portConfigResetAtDisconnect=True, blockOverrideAllowed=True,
        shapingOverrideAllowed=False, vendorConfigOverrideAllowed=False, vlanOverrideAllowed=False,
        uplinkTeamingOverrideAllowed=False, securityPolicyOverrideAllowed=False, ipfixOverrideAllowed=False,
        macManagementOverrideAllowed=False, networkResourcePoolOverrideAllowed=False,
        trafficFilterOverrideAllowed=False,
    )  # fmt: skip


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
    """New port groups on a switch; the single form returns the one it made. Raises DuplicateName, InvalidArgument."""
    specs = arguments.spec if isinstance(arguments.spec, list) else [arguments.spec]
    names = [unique(world, switch.parent, spec.name) for spec in specs]
    if len(set(names)) != len(names):
        raise vim.fault.DuplicateName(name=names[0], object=world.ref(switch), msg="named twice")
    for spec in specs:
        _check(spec)
    made = []
    for name, spec in zip(names, specs, strict=True):
        group = world.model.add_portgroup(switch, name)
        _apply(group, spec)
        group.wire = group.tag
        made.append(group)
    return world.ref(made[0]) if len(made) == 1 and arguments.spec is specs[0] else None


@method("ReconfigureDVPortgroup_Task")
def reconfigure(world: World, group: Any, arguments: Any) -> None:
    """Edit a port group. Raises ConcurrentAccess unless the edit names the version it read, InvalidArgument."""
    spec = arguments.spec
    _check(spec)
    demand(world, world.ref(group), "DVPortgroup.Modify")
    if spec.configVersion != str(group.edits):
        text = "The object was changed by another session."
        raise vim.fault.ConcurrentAccess(msg=text)
    if spec.name and typed_name(spec.name) != group.name:
        group.name = unique(world, group.parent, spec.name)
    _apply(group, spec)
    group.edits += 1
    world.model.revision += 1


def _check(spec: Any) -> None:
    """Raises InvalidArgument for what no port group can be."""
    if spec.type and spec.type not in BINDINGS:
        raise vmodl.fault.InvalidArgument(invalidProperty="spec.type", msg=f"no binding {spec.type}")
    vlan = getattr(spec.defaultPortConfig, "vlan", None)
    if isinstance(vlan, VmwareSwitch.VlanIdSpec):
        numbers = [vlan.vlanId]
    elif isinstance(vlan, VmwareSwitch.TrunkVlanSpec):
        numbers = [number for found in vlan.vlanId for number in (found.start, found.end)]
    else:
        return
    for number in numbers:
        valid_vlan(number)


def _apply(group: PortGroup, spec: Any) -> None:
    group.ports = spec.numPorts or group.ports
    group.binding = spec.type or group.binding
    group.note = group.note if spec.description is None else spec.description
    vlan = getattr(spec.defaultPortConfig, "vlan", None)
    if isinstance(vlan, VmwareSwitch.TrunkVlanSpec):
        group.vlan, group.pvlan = 0, 0
        group.trunk = tuple((found.start, found.end) for found in vlan.vlanId)
    elif isinstance(vlan, VmwareSwitch.PvlanSpec):
        group.vlan, group.trunk, group.pvlan = 0, (), vlan.pvlanId
    elif isinstance(vlan, VmwareSwitch.VlanIdSpec):
        group.vlan, group.trunk, group.pvlan = vlan.vlanId, (), 0
    _keep(group, spec)


def _keep(group: PortGroup, spec: Any) -> None:
    """Remember what of an edit changes nothing here but what is shown; the VLAN is the inventory's own."""
    setting = spec.defaultPortConfig
    told = DistributedPortGroup.ConfigSpec(policy=spec.policy, autoExpand=spec.autoExpand)
    if isinstance(setting, VmwareSwitch.VmwarePortConfigPolicy):
        others = {p.name: getattr(setting, p.name) for p in setting._GetPropertyList() if p.name != "vlan"}  # noqa: SLF001
        if any(value not in (None, "") for value in others.values()):
            told.defaultPortConfig = VmwareSwitch.VmwarePortConfigPolicy(**others)
    if (told.policy, told.autoExpand, told.defaultPortConfig) != (None, None, None):
        group.told = kept(group.told, told)


def valid_vlan(vlan: int) -> None:
    """Raises InvalidArgument for what is no VLAN id."""
    if not 0 <= vlan <= 4094:
        raise vmodl.fault.InvalidArgument(invalidProperty="vlanId", msg=f"no VLAN id {vlan}")
