"""Virtual machines of vCenter as read: hardware, power, guest, and further properties."""

from __future__ import annotations

from ipaddress import ip_interface
from typing import Any

from pyVmomi import vim

from lab.datacenter.model import Datastore, Nic, PortGroup, StandardNetwork, Vm
from lab.vcenter.compute import pool_of, unlimited
from lab.vcenter.soap import complete, escaped
from lab.vcenter.world import World, method, prop

Device = vim.vm.device
Card = Device.VirtualEthernetCard
CONTROLLER, FIRST_DISK = 1000, 2000
"""Keys of the SCSI controller and of the first disk, as vSphere gives them [DOC]."""
GUESTS = {
    "other3xLinux64Guest": "Other 3.x or later Linux (64-bit)",
    "otherGuest64": "Other (64-bit)",
    "otherGuest": "Other (32-bit)",
    "ubuntu64Guest": "Ubuntu Linux (64-bit)",
    "vmwarePhoton64Guest": "VMware Photon OS (64-bit)",
}


def _words(label: str, summary: str) -> Any:
    return vim.Description(label=label, summary=summary)


def _hardware(world: World, vm: Vm) -> Any:
    cards = [_card(world, vm, number, nic) for number, nic in enumerate(vm.nics)]
    disks = [_disk(world, vm, number, size) for number, size in enumerate([vm.size.disk, *vm.disks]) if size]
    return vim.vm.VirtualHardware(
        numCPU=vm.size.cpus,
        numCoresPerSocket=1,
        memoryMB=vm.size.memory,
        virtualICH7MPresent=False,
        virtualSMCPresent=False,
        device=[
            Device.VirtualPCIController(
                key=100, busNumber=0, deviceInfo=_words("PCI controller 0", "PCI controller 0"),
                device=[CONTROLLER, *(card.key for card in cards)],
            ),
            Device.ParaVirtualSCSIController(
                key=CONTROLLER, busNumber=0, controllerKey=100, unitNumber=3, sharedBus="noSharing",
                scsiCtlrUnitNumber=7, deviceInfo=_words("SCSI controller 0", "VMware paravirtual SCSI"),
                device=[disk.key for disk in disks],
            ),
            *disks,
            *cards,
        ],
    )  # fmt: skip


def disk_key(number: int) -> int:
    """The key of a machine's nth disk, from 0."""
    return FIRST_DISK + number


def _disk(world: World, vm: Vm, number: int, gib: int) -> Any:
    suffix = f"_{number}" if number else ""
    return Device.VirtualDisk(
        key=disk_key(number),
        controllerKey=CONTROLLER,
        unitNumber=number + (number > 6),
        capacityInKB=gib << 20,
        capacityInBytes=gib << 30,
        deviceInfo=_words(f"Hard disk {number + 1}", f"{gib << 20:,} KB"),
        backing=Device.VirtualDisk.FlatVer2BackingInfo(
            fileName=path_of_file(world, vm, "vmdk", suffix), diskMode="persistent", thinProvisioned=True,
            datastore=_store_ref(world, vm), uuid=str(world.stable_uuid(f"{vm.moid}/{number}")),
        ),
        shares=vim.SharesInfo(shares=1000, level="normal"),
        storageIOAllocation=vim.StorageResourceManager.IOAllocationInfo(
            limit=-1, reservation=0, shares=vim.SharesInfo(shares=1000, level="normal")
        ),
    )  # fmt: skip


def _card(world: World, vm: Vm, number: int, nic: Nic) -> Any:
    group = world.model.entities.get(nic.portgroup)
    backing: Any
    if isinstance(group, StandardNetwork):
        backing = Card.NetworkBackingInfo(deviceName=escaped(group.name), network=world.ref(group))
        summary = escaped(group.name)
    else:
        switch = str(world.stable_uuid(group.switch)) if isinstance(group, PortGroup) else ""
        port = vim.dvs.PortConnection(portgroupKey=nic.portgroup, switchUuid=switch)
        backing = Card.DistributedVirtualPortBackingInfo(port=port)
        summary = f"DVSwitch: {switch}"
    return Device.VirtualVmxnet3(
        key=nic.key,
        controllerKey=100,
        unitNumber=7 + number,
        macAddress=nic.mac,
        addressType="assigned",
        wakeOnLanEnabled=True,
        deviceInfo=_words(f"Network adapter {number + 1}", summary),
        connectable=Device.VirtualDevice.ConnectInfo(
            startConnected=nic.connected, allowGuestControl=True, connected=nic.connected and vm.powered,
            status="ok" if vm.powered else "untried",
        ),
        backing=backing,
    )  # fmt: skip


def _store(world: World, vm: Vm) -> Datastore | None:
    return next(world.model.below(Datastore, world.model.datacenter_of(vm)), None)


def _store_ref(world: World, vm: Vm) -> Any:
    store = _store(world, vm)
    return world.ref(store) if store else None


def path_of_file(world: World, vm: Vm, suffix: str, middle: str = "") -> str:
    """Where one of a machine's files stands: `[datastore] name/name.vmx`."""
    store = _store(world, vm)
    return f"[{store.name if store else 'datastore'}] {vm.name}/{vm.name}{middle}.{suffix}"


@prop(vim.VirtualMachine, "config")
def _config(world: World, vm: Vm) -> Any:
    if not vm.accessible:
        return None
    uuid = str(world.stable_uuid(vm.moid))
    path = path_of_file(world, vm, "vmx")
    folder = path.rpartition("/")[0] + "/"
    return vim.vm.ConfigInfo(
        changeVersion=str(vm.edits),
        modified=world.began,
        name=escaped(vm.name),
        guestFullName=GUESTS.get(vm.guest, vm.guest),
        version="vmx-19",
        uuid=uuid,
        instanceUuid=uuid,
        template=vm.template,
        guestId=vm.guest,
        alternateGuestName="",
        annotation=vm.annotation,
        files=vim.vm.FileInfo(
            vmPathName=path, snapshotDirectory=folder, suspendDirectory=folder, logDirectory=folder
        ),
        tools=vim.vm.ToolsConfigInfo(toolsVersion=12_352, syncTimeWithHost=False, toolsUpgradePolicy="manual",
            lastInstallInfo=vim.vm.ToolsConfigInfo.ToolsLastInstallInfo(counter=0)),
        flags=vim.vm.FlagInfo(),
        defaultPowerOps=vim.vm.DefaultPowerOpInfo(powerOffType="soft", suspendType="hard", resetType="soft"),
        hardware=_hardware(world, vm),
        cpuAllocation=unlimited(1000, expandable=False),
        memoryAllocation=unlimited(1000, expandable=False),
        cpuHotAddEnabled=False,
        memoryHotAddEnabled=False,
        bootOptions=vim.vm.BootOptions(
            bootDelay=0, enterBIOSSetup=False, efiSecureBootEnabled=False, bootRetryEnabled=False,
            bootRetryDelay=10_000,
        ),
        firmware="bios",
        extraConfig=[vim.option.OptionValue(key="svga.present", value="TRUE")],
        datastoreUrl=[],
        changeTrackingEnabled=False,
    )  # fmt: skip


@prop(vim.VirtualMachine, "runtime")
def _runtime(world: World, vm: Vm) -> Any:
    return vim.vm.RuntimeInfo(
        host=world.at(vm.host),
        connectionState=vm.state,
        powerState="poweredOn" if vm.powered else "poweredOff",
        bootTime=world.began if vm.powered else None,
        toolsInstallerMounted=False,
        numMksConnections=0,
        recordReplayState="inactive",
        faultToleranceState="notConfigured",
        consolidationNeeded=False,
        onlineStandby=False,
    )


@prop(vim.VirtualMachine, "summary")
def _summary(world: World, vm: Vm) -> Any:
    uuid = str(world.stable_uuid(vm.moid))
    guest = _guest(world, vm)
    return vim.vm.Summary(
        vm=world.ref(vm),
        runtime=_runtime(world, vm),
        overallStatus="green",
        quickStats=vim.vm.Summary.QuickStats(guestHeartbeatStatus=_heartbeat(world, vm)),
        guest=vim.vm.Summary.GuestSummary(
            guestId=guest.guestId, guestFullName=guest.guestFullName, toolsStatus=guest.toolsStatus,
            toolsRunningStatus=guest.toolsRunningStatus, toolsVersionStatus2=guest.toolsVersionStatus2,
            hostName=guest.hostName, ipAddress=guest.ipAddress,
        ),
        storage=_usage(world, vm),
        config=vim.vm.Summary.ConfigSummary(
            name=escaped(vm.name), template=vm.template, vmPathName=path_of_file(world, vm, "vmx"),
            memorySizeMB=vm.size.memory, numCpu=vm.size.cpus, numEthernetCards=len(vm.nics),
            numVirtualDisks=sum(1 for size in (vm.size.disk, *vm.disks) if size), uuid=uuid, instanceUuid=uuid,
            guestId=vm.guest, guestFullName=GUESTS.get(vm.guest, vm.guest), annotation=vm.annotation,
            memoryReservation=0, cpuReservation=0,
        ),
    )  # fmt: skip


def _usage(world: World, vm: Vm) -> Any:
    size = sum((vm.size.disk, *vm.disks)) << 30
    return vim.vm.Summary.StorageSummary(
        committed=size // 4, uncommitted=size - size // 4, unshared=size // 4, timestamp=world.began
    )


@prop(vim.VirtualMachine, "storage")
def _storage(world: World, vm: Vm) -> Any:
    usage, store = _usage(world, vm), _store_ref(world, vm)
    found = vim.vm.StorageInfo.UsageOnDatastore(
        datastore=store, committed=usage.committed, uncommitted=usage.uncommitted, unshared=usage.unshared
    )
    return vim.vm.StorageInfo(perDatastoreUsage=[found] if store else [], timestamp=world.began)


@prop(vim.VirtualMachine, "layoutEx")
def _layout(world: World, vm: Vm) -> Any:
    names = ("vmx", "vmdk")
    files = [
        vim.vm.FileLayoutEx.FileInfo(
            key=key,
            name=path_of_file(world, vm, name),
            type="config" if name == "vmx" else "diskDescriptor",
            size=0,
        )
        for key, name in enumerate(names)
    ]
    return vim.vm.FileLayoutEx(file=files, timestamp=world.began)


@prop(vim.VirtualMachine, "datastore")
def _datastores(world: World, vm: Vm) -> list[Any]:
    store = _store_ref(world, vm)
    return [store] if store else []


@prop(vim.VirtualMachine, "guestHeartbeatStatus")
def _heartbeat(_world: World, vm: Vm) -> str:
    return "green" if vm.powered and vm.accessible else "gray"


@prop(vim.VirtualMachine, "guest")
def _guest(world: World, vm: Vm) -> Any:
    """What the guest reports: its name, and the addresses of its adapters."""
    if not vm.accessible or not vm.powered:
        return vim.vm.GuestInfo(
            toolsStatus="toolsNotRunning", toolsRunningStatus="guestToolsNotRunning", guestState="notRunning",
            toolsVersionStatus2="guestToolsUnmanaged",
        )  # fmt: skip
    nets = []
    for nic in vm.nics:
        group = world.model.entities.get(nic.portgroup)
        found = [ip_interface(text) for text in nic.addresses]
        nets.append(
            vim.vm.GuestInfo.NicInfo(
                network=escaped(group.name) if group else None,
                macAddress=nic.mac,
                connected=nic.connected,
                deviceConfigId=nic.key,
                ipAddress=[str(one.ip) for one in found],
                ipConfig=vim.net.IpConfigInfo(
                    ipAddress=[
                        vim.net.IpConfigInfo.IpAddress(
                            ipAddress=str(one.ip), prefixLength=one.network.prefixlen, state="preferred"
                        )
                        for one in found
                    ]
                ),
            )
        )
    addresses = [address for net in nets for address in net.ipAddress]
    return vim.vm.GuestInfo(
        toolsStatus="toolsOk", toolsRunningStatus="guestToolsRunning", toolsVersion="12352",
        toolsVersionStatus2="guestToolsUnmanaged", guestState="running", guestId=vm.guest,
        guestFamily="linuxGuest", guestFullName=GUESTS.get(vm.guest, vm.guest), hostName=vm.name,
        ipAddress=addresses[0] if addresses else None, net=nets, guestOperationsReady=False,
    )  # fmt: skip


@prop(vim.VirtualMachine, "network")
def _networks(world: World, vm: Vm) -> list[Any]:
    return [found for key in dict.fromkeys(nic.portgroup for nic in vm.nics) if (found := world.at(key))]


@prop(vim.VirtualMachine, "resourcePool")
def _pool(world: World, vm: Vm) -> Any:
    pool = pool_of(world, vm)
    return world.ref(pool) if pool else None


@prop(vim.VirtualMachine, "capability")
def _capability(_world: World, _vm: Vm) -> Any:
    return complete(
        vim.vm.Capability(
            poweredOffSnapshotsSupported=True,
            poweredOnMonitorTypeChangeSupported=True,
            diskSharesSupported=True,
        )
    )


@prop(vim.VirtualMachine, "environmentBrowser")
def _browser(world: World, vm: Vm) -> Any:
    return world.part("envbrowser", vm)


@prop(vim.VirtualMachine, "resourceConfig")
def _resources(world: World, vm: Vm) -> Any:
    each = unlimited(1000, expandable=False)
    return vim.ResourceConfigSpec(
        entity=world.ref(vm), changeVersion="1", cpuAllocation=each, memoryAllocation=each
    )


@method("QueryConfigTarget")
def config_target(_world: World, _browser: Any, _arguments: Any) -> Any:
    """What a machine can be given: here nothing beyond what its host's networks and datastores tell."""
    return complete(vim.vm.ConfigTarget(numCpus=32, numCpuCores=32, numNumaNodes=1))
