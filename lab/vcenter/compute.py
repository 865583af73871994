"""Clusters and resource pools of vCenter, and what hosts share with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyVmomi import vim, vmodl

from lab.datacenter.model import (
    Cluster,
    Datastore,
    Entity,
    Folder,
    Host,
    Pool,
    PortGroup,
    StandardNetwork,
    Vm,
)
from lab.vcenter.entities import unique
from lab.vcenter.soap import escaped
from lab.vcenter.world import World, method, prop

MHZ = 2400
"""The clock of every core."""


def hosts_of(world: World, cluster: Cluster) -> list[Host]:
    """A cluster's hosts."""
    return [e for e in world.children(cluster.moid) if isinstance(e, Host)]


def root_pool(world: World, cluster: Entity) -> Pool:
    """A cluster's root resource pool."""
    return next(e for e in world.children(cluster.moid) if isinstance(e, Pool))


def pool_of(world: World, vm: Vm) -> Pool | None:
    """The resource pool a machine is in; None for a template, which is in none."""
    named, host = world.model.entities.get(vm.pool), world.model.entities.get(vm.host)
    if vm.template or not isinstance(host, Host):
        return None
    return named if isinstance(named, Pool) else root_pool(world, world.model.get(Cluster, host.parent))


def cluster_of(world: World, pool: Pool) -> Cluster:
    """The cluster a resource pool is part of."""
    here: Entity = pool
    while not isinstance(here, Cluster):
        here = world.model.entities[here.parent]
    return here


def in_datacenter(world: World, entity: Entity, *kinds: type[Entity]) -> Iterator[Any]:
    """What of some kinds stands in an entity's datacenter."""
    datacenter = world.model.datacenter_of(entity)
    return (world.ref(e) for e in world.below(datacenter.moid) if isinstance(e, kinds))


# -- clusters ----------------------------------------------------------------------------------------------------------


@prop(vim.ComputeResource, "host")
def _hosts(world: World, cluster: Cluster) -> list[Any]:
    return [world.ref(host) for host in hosts_of(world, cluster)]


@prop(vim.ComputeResource, "resourcePool")
def _root(world: World, cluster: Cluster) -> Any:
    return world.ref(root_pool(world, cluster))


@prop(vim.ComputeResource, "network")
@prop(vim.HostSystem, "network")
def _networks(world: World, entity: Entity) -> list[Any]:
    return list(in_datacenter(world, entity, PortGroup, StandardNetwork))


@prop(vim.ComputeResource, "datastore")
@prop(vim.HostSystem, "datastore")
def _datastores(world: World, entity: Entity) -> list[Any]:
    return list(in_datacenter(world, entity, Datastore))


@prop(vim.ComputeResource, "environmentBrowser")
def _browser(world: World, cluster: Cluster) -> Any:
    return world.part("clusterEnvbrowser", cluster)


@prop(vim.ComputeResource, "summary")
@prop(vim.ClusterComputeResource, "summaryEx")
def _cluster(world: World, cluster: Cluster) -> Any:
    hosts = hosts_of(world, cluster)
    well = [host for host in hosts if host.connected and not host.maintenance]
    return vim.ClusterComputeResource.Summary(
        totalCpu=sum(host.cpus * MHZ for host in hosts),
        totalMemory=sum(host.memory << 20 for host in hosts),
        numCpuCores=sum(host.cpus for host in hosts),
        numCpuThreads=sum(host.cpus * 2 for host in hosts),
        effectiveCpu=sum(host.cpus * MHZ for host in well),
        effectiveMemory=sum(host.memory for host in well),
        numHosts=len(hosts),
        numEffectiveHosts=len(well),
        overallStatus="green",
        currentFailoverLevel=0,
        numVmotions=0,
    )


@prop(vim.ComputeResource, "configurationEx")
def _configuration_ex(_world: World, _cluster: Cluster) -> Any:
    plain = _configuration(_world, _cluster)
    return vim.cluster.ConfigInfoEx(
        vmSwapPlacement="vmDirectory",
        spbmEnabled=False,
        dasConfig=plain.dasConfig,
        drsConfig=plain.drsConfig,
        dpmConfigInfo=vim.cluster.DpmConfigInfo(enabled=False),
        vsanConfigInfo=vim.vsan.cluster.ConfigInfo(
            enabled=False, defaultConfig=vim.vsan.cluster.ConfigInfo.HostDefaultInfo(autoClaimStorage=False)
        ),
    )


@prop(vim.ClusterComputeResource, "configuration")
def _configuration(_world: World, _cluster: Cluster) -> Any:
    return vim.cluster.ConfigInfo(
        dasConfig=vim.cluster.DasConfigInfo(
            enabled=True, hostMonitoring="enabled", vmMonitoring="vmMonitoringDisabled", failoverLevel=1,
            admissionControlEnabled=True, defaultVmSettings=vim.cluster.DasVmSettings(
                restartPriority="medium",
                isolationResponse="none",
                vmToolsMonitoringSettings=vim.cluster.VmToolsMonitoringSettings(
                    enabled=False, vmMonitoring="vmMonitoringDisabled", failureInterval=30, minUpTime=120,
                    maxFailures=3, maxFailureWindow=-1,
                ),
            ),
        ),
        drsConfig=vim.cluster.DrsConfigInfo(
            enabled=True, enableVmBehaviorOverrides=True, defaultVmBehavior="fullyAutomated", vmotionRate=3
        ),
    )  # fmt: skip


@method("GetResourceUsage")
def usage(world: World, cluster: Cluster, _arguments: Any) -> Any:
    """What of a cluster's resources is in use: here the memory of the machines that run."""
    hosts, room = hosts_of(world, cluster), 0
    for store in world.model.below(Datastore, world.model.datacenter_of(cluster)):
        room += store.capacity << 10
    running = [vm for vm in world.model.of(Vm) if vm.powered and vm.host in {host.moid for host in hosts}]
    return vim.cluster.ResourceUsageSummary(
        cpuUsedMHz=0,
        cpuCapacityMHz=sum(host.cpus * MHZ for host in hosts),
        memUsedMB=sum(vm.size.memory for vm in running),
        memCapacityMB=sum(host.memory for host in hosts),
        storageUsedMB=room // 2,
        storageCapacityMB=room,
    )


# -- resource pools ----------------------------------------------------------------------------------------------------


@prop(vim.ResourcePool, "owner")
def _owner(world: World, pool: Pool) -> Any:
    return world.ref(cluster_of(world, pool))


@prop(vim.ResourcePool, "resourcePool")
def _pools(world: World, pool: Pool) -> list[Any]:
    return [world.ref(e) for e in world.children(pool.moid)]


@prop(vim.ResourcePool, "vm")
def _members(world: World, pool: Pool) -> list[Any]:
    return [world.ref(vm) for vm in world.model.of(Vm) if pool_of(world, vm) is pool]


def unlimited(shares: int, *, expandable: bool) -> Any:
    """An allocation of CPU or memory that reserves nothing and is not limited."""
    return vim.ResourceAllocationInfo(
        reservation=0,
        limit=-1,
        expandableReservation=expandable,
        shares=vim.SharesInfo(shares=shares, level="normal"),
    )


@prop(vim.ResourcePool, "config")
def _pool_config(world: World, pool: Pool) -> Any:
    each = unlimited(4000, expandable=True)
    return vim.ResourceConfigSpec(
        entity=world.ref(pool), changeVersion="1", cpuAllocation=each, memoryAllocation=each
    )


@prop(vim.ResourcePool, "runtime")
def _pool_runtime(world: World, pool: Pool) -> Any:
    hosts = hosts_of(world, cluster_of(world, pool))

    def usage(most: int) -> Any:
        return vim.ResourcePool.ResourceUsage(
            reservationUsed=0, reservationUsedForVm=0, unreservedForPool=most, unreservedForVm=most,
            overallUsage=0, maxUsage=most,
        )  # fmt: skip

    return vim.ResourcePool.RuntimeInfo(
        cpu=usage(sum(host.cpus * MHZ for host in hosts)),
        memory=usage(sum(host.memory << 20 for host in hosts)),
        overallStatus="green",
    )


@prop(vim.ResourcePool, "summary")
def _pool_summary(world: World, pool: Pool) -> Any:
    return vim.ResourcePool.Summary(
        name=escaped(pool.name), config=_pool_config(world, pool), runtime=_pool_runtime(world, pool)
    )


@method("CreateResourcePool")
def create_pool(world: World, pool: Pool, arguments: Any) -> Any:
    """A resource pool in another. Raises DuplicateName."""
    return world.ref(world.model.add_pool(pool, unique(world, pool.moid, arguments.name)))


@method("CreateCluster", "CreateClusterEx")
def create_cluster(world: World, folder: Folder, arguments: Any) -> Any:
    """A cluster without hosts. Raises DuplicateName, NotSupported outside a host folder."""
    if folder.kind != "host":
        raise vmodl.fault.NotSupported(msg="Clusters stand in host folders.")
    name = unique(world, folder.moid, arguments.name)
    made = world.model.add_cluster(world.model.datacenter_of(folder), name)
    made.parent = folder.moid
    return world.ref(made)
