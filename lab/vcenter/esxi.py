"""ESXi hosts of vCenter and their datastores."""

from __future__ import annotations

from typing import Any

from pyVmomi import vim, vmodl

from lab.datacenter.model import Datastore, Host, Vm
from lab.vcenter.compute import MHZ, in_datacenter
from lab.vcenter.soap import complete, escaped
from lab.vcenter.world import World, prop

DISK = 64 << 20
"""The size of a host's own disk, in KiB."""


@prop(vim.HostSystem, "runtime")
def _runtime(world: World, host: Host) -> Any:
    return vim.host.RuntimeInfo(
        connectionState="connected" if host.connected else "notResponding",
        powerState="poweredOn" if host.connected else "unknown",
        inMaintenanceMode=host.maintenance,
        bootTime=world.began if host.connected else None,
    )


@prop(vim.HostSystem, "hardware")
def _hardware(world: World, host: Host) -> Any:
    return vim.host.HardwareInfo(
        systemInfo=vim.host.SystemInfo(
            vendor="simulated",
            model="simulated",
            uuid=str(world.stable_uuid(host.moid)),
            serialNumber=host.moid,
        ),
        cpuInfo=vim.host.CpuInfo(
            numCpuPackages=2, numCpuCores=host.cpus, numCpuThreads=host.cpus * 2, hz=MHZ * 1_000_000
        ),
        memorySize=host.memory << 20,
        biosInfo=vim.host.BIOSInfo(biosVersion="1.0", releaseDate=world.began),
    )


def _product(world: World) -> Any:
    number = world.product
    return vim.AboutInfo(
        name="VMware ESXi", fullName=f"VMware ESXi {number} build-24022510", vendor="VMware, Inc.", version=number,
        build="24022510", osType="vmnix-x86", productLineId="embeddedEsx", apiType="HostAgent",
        apiVersion=f"{number}.0", licenseProductName="VMware ESX Server", licenseProductVersion=number[:3],
    )  # fmt: skip


@prop(vim.HostSystem, "summary")
def _summary(world: World, host: Host) -> Any:
    return vim.host.Summary(
        host=world.ref(host),
        overallStatus="green",
        rebootRequired=False,
        runtime=_runtime(world, host),
        hardware=vim.host.Summary.HardwareSummary(
            vendor="simulated", model="simulated", uuid=str(world.stable_uuid(host.moid)),
            memorySize=host.memory << 20, numCpuCores=host.cpus, numCpuPkgs=2, numCpuThreads=host.cpus * 2,
            cpuMhz=MHZ, cpuModel="simulated", numNics=2, numHBAs=1,
        ),
        config=vim.host.Summary.ConfigSummary(
            name=escaped(host.name), port=443, product=_product(world), vmotionEnabled=True
        ),
        quickStats=vim.host.Summary.QuickStats(overallCpuUsage=0, overallMemoryUsage=0, uptime=86_400),
    )  # fmt: skip


@prop(vim.HostSystem, "config")
def _host_config(world: World, host: Host) -> Any:
    """What of a host's configuration is told of it in its summary, and its networking."""
    return vim.host.ConfigInfo(
        host=world.ref(host),
        product=_product(world),
        network=world.read(world.part("networkSystem", host), "networkInfo"),
        dateTimeInfo=world.read(world.part("dateTimeSystem", host), "dateTimeInfo"),
        service=world.read(world.part("serviceSystem", host), "serviceInfo"),
        storageDevice=world.read(world.part("storageSystem", host), "storageDeviceInfo"),
        virtualNicManagerInfo=world.read(world.part("virtualNicManager", host), "info"),
        option=[],
    )


@prop(vim.HostSystem, "capability")
def _host_capability(_world: World, _host: Host) -> Any:
    return complete(vim.host.Capability(vmotionSupported=True, maxSupportedVMs=1024))


@prop(vim.HostSystem, "vm")
def _vms(world: World, host: Host) -> list[Any]:
    return [world.ref(vm) for vm in world.model.of(Vm) if vm.host == host.moid]


@prop(vim.HostSystem, "configManager")
def _managers(world: World, host: Host) -> Any:
    names = ("networkSystem", "dateTimeSystem", "serviceSystem", "storageSystem", "virtualNicManager")
    parts = {name: world.part(name, host) for name in names}
    return vim.host.ConfigManager(advancedOption=world.part("EsxHostAdvSettings", host), **parts)


@prop(vim.HostSystem, "datastoreBrowser")
def _host_browser(world: World, host: Host) -> Any:
    return world.part("hostBrowser", host)


@prop(vim.HostSystem, "licensableResource")
def _licensable(_world: World, host: Host) -> Any:
    found = vmodl.KeyAnyValue(key="numCpuCores", value=host.cpus)
    return vim.LicenseManager.LicensableResourceInfo(resource=[found])


@prop(vim.host.DateTimeSystem, "dateTimeInfo")
def _date_time(_world: World, _part: Any) -> Any:
    zone = vim.host.DateTimeSystem.TimeZone(key="UTC", name="UTC", description="UTC", gmtOffset=0)
    return vim.host.DateTimeInfo(timeZone=zone, ntpConfig=vim.host.NtpConfig(server=["10.10.20.2"]))


@prop(vim.host.ServiceSystem, "serviceInfo")
def _services(_world: World, _part: Any) -> Any:
    def service(key: str, label: str, *, running: bool) -> Any:
        policy = "on" if running else "off"
        return vim.host.Service(
            key=key,
            label=label,
            required=False,
            uninstallable=False,
            running=running,
            ruleset=[],
            policy=policy,
        )

    found = [service("ntpd", "NTP Daemon", running=True), service("TSM-SSH", "SSH", running=False)]
    return vim.host.ServiceInfo(service=found)


@prop(vim.host.StorageSystem, "storageDeviceInfo")
def _storage(_world: World, part: Any) -> Any:
    """One disk of the host's own behind one adapter: what is stored, datastores tell."""
    number = part.owner.moid.rpartition("-")[2]
    name = f"mpx.vmhba0:C0:T0:L{number}"
    adapter = vim.host.ParallelScsiHba(
        key="key-vim.host.ParallelScsiHba-vmhba0", device="vmhba0", bus=0, status="unknown", model="simulated"
    )
    disk = vim.host.ScsiDisk(
        key=f"key-vim.host.ScsiDisk-{name}", uuid=f"02{int(number):030x}", canonicalName=name, displayName=name,
        deviceName=f"/vmfs/devices/disks/{name}", devicePath=f"/vmfs/devices/disks/{name}", deviceType="disk",
        lunType="disk", vendor="simulated", model="simulated", operationalState=["ok"], localDisk=True, ssd=True,
        capacity=vim.host.DiskDimensions.Lba(blockSize=512, block=DISK * 2),
    )  # fmt: skip
    path = vim.host.MultipathInfo.Path(
        key=f"key-path-{name}", name="vmhba0:C0:T0:L0", pathState="active", state="active", isWorkingPath=True,
        adapter=adapter.key, lun=f"key-unit-{name}",
    )  # fmt: skip
    policy = vim.host.MultipathInfo.LogicalUnitPolicy(policy="VMW_PSP_FIXED")
    unit = vim.host.MultipathInfo.LogicalUnit(
        key=path.lun, id=disk.uuid, lun=disk.key, path=[path], policy=policy
    )
    return vim.host.StorageDeviceInfo(
        hostBusAdapter=[adapter],
        scsiLun=[disk],
        multipathInfo=vim.host.MultipathInfo(lun=[unit]),
        softwareInternetScsiEnabled=False,
    )


# -- datastores --------------------------------------------------------------------------------------------------------


def _url(store: Datastore) -> str:
    return f"ds:///vmfs/volumes/{store.moid}/"


@prop(vim.Datastore, "summary")
def _datastore(world: World, store: Datastore) -> Any:
    return vim.Datastore.Summary(
        datastore=world.ref(store),
        name=escaped(store.name),
        url=_url(store),
        capacity=store.capacity << 30,
        freeSpace=store.capacity << 29,
        uncommitted=0,
        accessible=True,
        multipleHostAccess=True,
        type="vsan" if store.name.startswith("vsan") else "VMFS",
        maintenanceMode="normal",
    )


@prop(vim.Datastore, "info")
def _store_info(_world: World, store: Datastore) -> Any:
    return vim.Datastore.Info(
        name=escaped(store.name), url=_url(store), freeSpace=store.capacity << 29, maxFileSize=62 << 40
    )


@prop(vim.Datastore, "capability")
def _store_capability(_world: World, _store: Datastore) -> Any:
    return complete(
        vim.Datastore.Capability(directoryHierarchySupported=True, perFileThinProvisioningSupported=True)
    )


@prop(vim.Datastore, "browser")
def _store_browser(world: World, store: Datastore) -> Any:
    return world.part("datastoreBrowser", store)


@prop(vim.Datastore, "vm")
def _store_vms(world: World, store: Datastore) -> list[Any]:
    return list(in_datacenter(world, store, Vm))


@prop(vim.Datastore, "host")
def _store_hosts(world: World, store: Datastore) -> list[Any]:
    access = vim.host.MountInfo(accessMode="readWrite", mounted=True, accessible=True, path=_url(store))
    return [vim.Datastore.HostMount(key=host, mountInfo=access) for host in in_datacenter(world, store, Host)]
