"""Datacenters, folders, clusters, hosts and datastores: their properties, and what may be done to folders."""

from __future__ import annotations

from typing import Any

from pyVmomi import VmomiSupport, vim

from lab.cloud.vsphere import (
    Cluster,
    Datacenter,
    Datastore,
    Entity,
    Folder,
    Host,
    PortGroup,
    StandardNetwork,
    Vm,
)
from lab.vsphere.authority import demand, privileges
from lab.vsphere.soap import escaped, typed_name
from lab.vsphere.world import ResourcePool, World, method, prop

HOLDS = {
    "root": ["Folder", "Datacenter"],
    "vm": ["Folder", "VirtualMachine", "VirtualApp"],
    "host": ["Folder", "ComputeResource"],
    "datastore": ["Folder", "Datastore"],
    "network": ["Folder", "Network", "DistributedVirtualSwitch"],
}
"""What each kind of folder may hold."""
NEEDED: dict[str, dict[type[Entity], str]] = {
    "move": {
        Vm: "VirtualMachine.Inventory.Move",
        Folder: "Folder.Move",
        Datacenter: "Datacenter.Move",
        PortGroup: "Network.Move",
    },
    "rename": {
        Vm: "VirtualMachine.Config.Rename",
        Folder: "Folder.Rename",
        Datacenter: "Datacenter.Rename",
        PortGroup: "DVPortgroup.Modify",
        StandardNetwork: "Network.Config",
    },
    "destroy": {
        Vm: "VirtualMachine.Inventory.Delete",
        Folder: "Folder.Delete",
        Datacenter: "Datacenter.Delete",
        PortGroup: "DVPortgroup.Delete",
        StandardNetwork: "Network.Delete",
    },
}
"""The privilege that a change takes, by what is changed: no table of pyVmomi has these [DOC]."""
IS_A = {Vm: "VirtualMachine", Folder: "Folder", Cluster: "ComputeResource", Datacenter: "Datacenter"}


@prop(vim.ManagedEntity, "name")
def _name(_world: World, entity: Any) -> str:
    return "Resources" if isinstance(entity, ResourcePool) else escaped(entity.name)


@prop(vim.ManagedEntity, "parent")
def _parent(world: World, entity: Any) -> Any:
    return world.ref(entity.cluster) if isinstance(entity, ResourcePool) else world.at(entity.parent)


@prop(vim.ManagedEntity, "overallStatus", "configStatus")
def _green(_world: World, _entity: Any) -> str:
    return "green"


@prop(vim.ManagedEntity, "effectiveRole")
def _roles(world: World, entity: Any) -> list[int]:
    user = world.caller.user if world.caller else ""
    granted = privileges(world, entity if isinstance(entity, Entity) else entity.cluster, user)
    return [n for n, role in world.model.roles.items() if role.privileges == granted][:1]


@prop(vim.Folder, "childEntity")
def _children(world: World, folder: Folder) -> list[Any]:
    return [world.ref(child) for child in world.children(folder.moid)]


@prop(vim.Folder, "childType")
def _child_types(_world: World, folder: Folder) -> list[Any]:
    return [VmomiSupport.GetWsdlType("urn:vim25", name) for name in HOLDS[folder.kind]]


def _own_folder(kind: str) -> Any:
    def read(world: World, datacenter: Datacenter) -> Any:
        return world.at(getattr(datacenter, f"{kind}_folder"))

    return read


for _kind in ("vm", "host", "datastore", "network"):
    prop(vim.Datacenter, f"{_kind}Folder")(_own_folder(_kind))


@prop(vim.Datacenter, "network")
def _networks(world: World, datacenter: Datacenter) -> list[Any]:
    below = world.below(datacenter.moid)
    return [world.ref(e) for e in below if isinstance(e, PortGroup | StandardNetwork)]


@prop(vim.Datacenter, "datastore")
def _datastores(world: World, datacenter: Datacenter) -> list[Any]:
    return [world.ref(e) for e in world.below(datacenter.moid) if isinstance(e, Datastore)]


@prop(vim.ComputeResource, "host")
def _hosts(world: World, cluster: Cluster) -> list[Any]:
    return [world.ref(e) for e in world.children(cluster.moid)]


@prop(vim.ComputeResource, "resourcePool")
def _pool(_world: World, cluster: Cluster) -> Any:
    return vim.ResourcePool(cluster.moid.replace("domain-c", "resgroup-"))


@prop(vim.ResourcePool, "owner")
def _owner(world: World, pool: ResourcePool) -> Any:
    return world.ref(pool.cluster)


@prop(vim.Datastore, "summary")
def _datastore(world: World, store: Datastore) -> Any:
    return vim.Datastore.Summary(
        datastore=world.ref(store),
        name=escaped(store.name),
        url=f"ds:///vmfs/volumes/{store.moid}/",
        capacity=store.capacity << 30,
        freeSpace=store.capacity << 29,
        accessible=True,
        multipleHostAccess=True,
        type="VMFS",
    )


@prop(vim.HostSystem, "runtime")
def _runtime(_world: World, host: Host) -> Any:
    return vim.host.RuntimeInfo(
        connectionState="connected" if host.connected else "disconnected",
        powerState="poweredOn" if host.connected else "unknown",
        inMaintenanceMode=host.maintenance,
    )


@prop(vim.HostSystem, "summary")
def _summary(world: World, host: Host) -> Any:
    return vim.host.Summary(
        host=world.ref(host),
        overallStatus="green",
        rebootRequired=False,
        runtime=_runtime(world, host),
        hardware=vim.host.Summary.HardwareSummary(
            vendor="simulated",
            model="simulated",
            uuid=str(world.stable_uuid(host.moid)),
            memorySize=host.memory << 20,
            numCpuCores=host.cpus,
            numCpuPkgs=2,
            numCpuThreads=host.cpus * 2,
            cpuMhz=2400,
            cpuModel="simulated",
            numNics=2,
            numHBAs=1,
        ),
        config=vim.host.Summary.ConfigSummary(name=escaped(host.name), port=443),
        quickStats=vim.host.Summary.QuickStats(),
    )


@prop(vim.HostSystem, "vm")
def _vms(world: World, host: Host) -> list[Any]:
    return [world.ref(vm) for vm in world.model.of(Vm) if vm.host == host.moid]


@prop(vim.HostSystem, "configManager")
def _managers(_world: World, host: Host) -> Any:
    moid = host.moid.replace("host-", "networkSystem-")
    return vim.host.ConfigManager(networkSystem=vim.host.NetworkSystem(moid))


# -- changes -----------------------------------------------------------------------------------------------------------


def unique(world: World, parent: str, name: str) -> str:
    """A client's name as it is kept. Raises InvalidName for none, DuplicateName when the parent has one alike."""
    kept = typed_name(name or "")
    if not kept or len(kept) > 80:
        raise vim.fault.InvalidName(name=name, entity=world.at(parent), msg=f"The name '{name}' is invalid.")
    for child in world.children(parent):
        if child.name == kept:
            text = f"The name '{name}' already exists."
            raise vim.fault.DuplicateName(name=escaped(kept), object=world.ref(child), msg=text)
    return kept


def allow(world: World, ref: Any, what: str, entity: Entity) -> None:
    """Raises NoPermission unless the caller may do this to such an entity at a place."""
    if (needed := NEEDED[what].get(type(entity))) is not None:
        demand(world, ref, needed)


@method("CreateFolder")
def create_folder(world: World, folder: Any, arguments: Any) -> Any:
    """A folder in a folder."""
    return world.ref(world.model.add_folder(folder, unique(world, folder.moid, arguments.name)))


@method("MoveIntoFolder_Task")
def move(world: World, folder: Any, arguments: Any) -> None:
    """Put entities into a folder. Raises NotSupported for what it cannot hold, and for itself or what it stands in."""
    above, here = set(), folder
    while here is not None:
        above.add(here.moid)
        here = world.model.entities.get(here.parent)
    for ref in arguments.list:
        entity = world.behind(ref)
        for place in (ref, world.ref(folder)):
            allow(world, place, "move", entity)
        fits = IS_A.get(type(entity), "Network") in HOLDS[folder.kind]
        if not fits or entity.moid in above or (isinstance(entity, Folder) and entity.kind != folder.kind):
            raise vim.fault.InvalidFolder(target=world.ref(folder), msg=f"{entity.name} cannot stand there")
        if entity.parent != folder.moid:
            unique(world, folder.moid, entity.name)
    for ref in arguments.list:
        entity = world.behind(ref)
        entity.parent = folder.moid
        world.model.revision += 1


@method("Rename_Task")
def rename(world: World, entity: Any, arguments: Any) -> None:
    """Another name for an entity."""
    allow(world, world.ref(entity), "rename", entity)
    world.model.rename(entity, unique(world, entity.parent, arguments.newName))


@method("Destroy_Task")
def destroy(world: World, entity: Any, _arguments: Any) -> None:
    """Remove an entity and what stands in it. Raises InvalidPowerState, ResourceInUse."""
    allow(world, world.ref(entity), "destroy", entity)
    doomed = [entity, *world.below(entity.moid)]
    for found in doomed:
        if isinstance(found, Vm) and found.powered:
            text = "The operation is not allowed in the current state."
            raise vim.fault.InvalidPowerState(
                requestedState="poweredOff", existingState="poweredOn", msg=text
            )
        if isinstance(found, PortGroup | StandardNetwork) and (users := users_of(world, found.moid)):
            text = f"The resource '{found.name}' is in use by {', '.join(vm.name for vm in users)}."
            raise vim.fault.ResourceInUse(type=vim.Network, name=found.name, msg=text)
    for found in reversed(doomed):
        world.model.remove(found.moid)


def users_of(world: World, portgroup: str) -> list[Vm]:
    """The machines with a vNIC on a port group."""
    return [vm for vm in world.model.of(Vm) if any(nic.portgroup == portgroup for nic in vm.nics)]
