"""OVF deployment on vCenter: a descriptor becomes an import specification, that a lease, and that a machine.

The disks that a client uploads are taken and thrown away: nothing here ever boots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

from pyVmomi import vim, vmodl

from lab.datacenter.model import PortGroup
from lab.vcenter.machines import Device
from lab.vcenter.reconfiguring import create
from lab.vcenter.world import World, method, prop

OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
RASD = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData}"
CPU, MEMORY, NIC, DISK = "3", "4", "10", "17"
"""What a hardware item is, by its ResourceType [DOC]."""
KIBI = {"": 1 / 1024, "byte": 1 / 1024, "byte * 2^10": 1, "byte * 2^20": 1 << 10, "byte * 2^30": 1 << 20}
"""KiB in a disk's allocation unit; left out, it is the byte."""
TIMEOUT = 300
"""Seconds that a lease lives without a word of progress [DOC]."""


class NoOvf(ValueError):
    """A descriptor is none."""


@dataclass(frozen=True)
class Disk:
    """A disk of a descriptor: its id there, its size in KiB, and the file that holds it ("" for an empty one)."""

    key: str
    kib: int
    path: str
    size: int


@dataclass(frozen=True)
class Package:
    """What a descriptor says of its virtual system."""

    name: str
    annotation: str
    networks: tuple[str, ...]
    cpus: int
    memory: int
    disks: tuple[Disk, ...]
    nics: tuple[str, ...]


def read(descriptor: str) -> Package:
    """Read a descriptor. Raises NoOvf, and ValueError for a number that is none."""
    if "<!DOCTYPE" in descriptor:
        raise NoOvf("a descriptor has no document type declaration")
    try:
        root = ET.fromstring(descriptor)  # noqa: S314 -- no DTD in it
    except ET.ParseError as error:
        raise NoOvf(str(error)) from error
    system = root.find(f"{OVF}VirtualSystem")
    if system is None:
        raise NoOvf("there is no VirtualSystem in it")
    items = list(system.iter(f"{OVF}Item"))
    named = system.findtext(f"{OVF}Name") or system.get(f"{OVF}id") or "vm"
    return Package(
        name=named,
        annotation=system.findtext(f"{OVF}AnnotationSection/{OVF}Annotation") or "",
        networks=tuple(n.get(f"{OVF}name", "") for n in root.iter(f"{OVF}Network")),
        cpus=int(next(_of(items, CPU, "VirtualQuantity"), "1")),
        memory=int(next(_of(items, MEMORY, "VirtualQuantity"), "512")),
        disks=tuple(_disks(root)),
        nics=tuple(_of(items, NIC, "Connection")),
    )


def _of(items: list[ET.Element], kind: str, member: str) -> Iterator[str]:
    return (
        found
        for item in items
        if item.findtext(f"{RASD}ResourceType") == kind and (found := item.findtext(f"{RASD}{member}"))
    )


def _disks(root: ET.Element) -> Iterator[Disk]:
    files = {found.get(f"{OVF}id"): found for found in root.iter(f"{OVF}File")}
    for disk in root.iter(f"{OVF}Disk"):
        unit = KIBI.get(disk.get(f"{OVF}capacityAllocationUnits", ""), 1 / 1024)
        file = files.get(disk.get(f"{OVF}fileRef"))
        path = file.get(f"{OVF}href", "") if file is not None else ""
        size = int(file.get(f"{OVF}size", "0")) if file is not None else 0
        yield Disk(disk.get(f"{OVF}diskId", ""), int(int(disk.get(f"{OVF}capacity", "0")) * unit), path, size)


# -- from a descriptor to a specification ------------------------------------------------------------------------------


def _unreadable(why: ValueError) -> Any:
    return vim.fault.OvfInvalidPackage(lineNumber=0, msg=f"Invalid OVF package: {why}")


@method("ParseDescriptor")
def parse(_world: World, _this: Any, arguments: Any) -> Any:
    """What a descriptor holds; one that is none comes back with its error."""
    try:
        found = read(arguments.ovfDescriptor)
    except ValueError as why:
        return vim.OvfManager.ParseDescriptorResult(error=[_unreadable(why)])
    return vim.OvfManager.ParseDescriptorResult(
        network=[vim.OvfManager.NetworkInfo(name=name, description="") for name in found.networks],
        annotation=found.annotation,
        defaultEntityName=found.name,
        virtualApp=False,
        approximateDownloadSize=sum(disk.size for disk in found.disks),
        approximateFlatDeploymentSize=sum(disk.kib << 10 for disk in found.disks),
    )


@method("CreateImportSpec")
def import_spec(world: World, _this: Any, arguments: Any) -> Any:
    """The machine that a descriptor becomes, and the files to upload; or errors, such as a network mapped to none."""
    made = vim.OvfManager.CreateImportSpecResult()
    try:
        found = read(arguments.ovfDescriptor)
    except ValueError as why:
        made.error = [_unreadable(why)]
        return made
    chosen = {one.name: one.network for one in arguments.cisp.networkMapping or ()}
    store = world.behind(arguments.datastore)
    changes = [_new_disk(number, disk) for number, disk in enumerate(found.disks)]
    changes += [_new_card(world, chosen[name]) for name in found.nics if name in chosen]
    name = arguments.cisp.entityName or found.name
    made.importSpec = vim.vm.VmImportSpec(
        configSpec=vim.vm.ConfigSpec(
            name=name,
            numCPUs=found.cpus,
            memoryMB=found.memory,
            guestId="other3xLinux64Guest",
            annotation=found.annotation,
            files=vim.vm.FileInfo(vmPathName=f"[{store.name}]"),
            deviceChange=changes,
        )
    )
    made.fileItem = [
        vim.OvfManager.FileItem(
            deviceId=_device(name, number), path=disk.path, size=disk.size, cimType=17, create=False
        )
        for number, disk in enumerate(found.disks)
        if disk.path
    ]
    made.warning = [
        vim.fault.OvfNetworkMappingNotSupported(msg=f"network {name} is mapped to none; it is left out")
        for name in found.nics
        if name not in chosen
    ]
    return made


def _device(name: str, number: int) -> str:
    """What ties a file of the package to the place it is uploaded to."""
    return f"/{name}/ParaVirtualSCSIController0:{number}"


def _new_disk(number: int, disk: Disk) -> Any:
    return Device.VirtualDeviceSpec(
        operation="add",
        fileOperation="create",
        device=Device.VirtualDisk(
            key=-100 - number,
            capacityInKB=disk.kib,
            backing=Device.VirtualDisk.FlatVer2BackingInfo(
                diskMode="persistent", fileName="", thinProvisioned=True
            ),
        ),
    )


def _new_card(world: World, network: Any) -> Any:
    group = world.behind(network)
    card = Device.VirtualEthernetCard
    backing: Any = card.NetworkBackingInfo(deviceName=group.name)
    if isinstance(group, PortGroup):
        switch = str(world.stable_uuid(group.switch))
        port = vim.dvs.PortConnection(portgroupKey=group.moid, switchUuid=switch)
        backing = card.DistributedVirtualPortBackingInfo(port=port)
    return Device.VirtualDeviceSpec(operation="add", device=Device.VirtualVmxnet3(key=-1, backing=backing))


# -- from a specification to a machine ---------------------------------------------------------------------------------


@dataclass(eq=False)
class Lease:
    """An import under way: its machine, how many disks it takes, and how far it is."""

    ref: Any
    machine: Any
    name: str
    disks: int
    state: str = "ready"
    percent: int = 0


@method("ImportVApp")
def import_machine(world: World, pool: Any, arguments: Any) -> Any:
    """The machine of a specification, and a lease to upload its disks. Raises what making a machine raises."""
    if not isinstance(arguments.spec, vim.vm.VmImportSpec):
        raise vmodl.fault.InvalidArgument(
            invalidProperty="spec", msg="Only a virtual machine can be imported."
        )
    spec = arguments.spec.configSpec
    folder = arguments.folder or world.at(world.model.datacenter_of(pool).vm_folder)
    place = SimpleNamespace(config=spec, pool=world.ref(pool), host=arguments.host)
    machine = create(world, world.behind(folder), place)
    disks = sum(isinstance(change.device, Device.VirtualDisk) for change in spec.deviceChange)
    moid = world.own_id()
    ref = world.keep(vim.HttpNfcLease, moid, None)
    return world.keep(vim.HttpNfcLease, moid, Lease(ref, machine, str(spec.name), disks))


@prop(vim.HttpNfcLease, "info")
def _info(world: World, lease: Lease) -> Any:
    vm = world.behind(lease.machine)
    where = f"https://{world.here or '*'}/nfc/{_secret(lease)}"
    return vim.HttpNfcLease.Info(
        lease=lease.ref,
        entity=lease.machine,
        deviceUrl=[
            vim.HttpNfcLease.DeviceUrl(
                key=f"/{vm.moid}/disk-{number}", importKey=_device(lease.name, number),
                url=f"{where}/disk-{number}.vmdk", sslThumbprint="", disk=True, targetId=f"disk-{number}.vmdk",
            )
            for number in range(lease.disks)
        ],
        totalDiskCapacityInKB=sum((vm.size.disk, *vm.disks)) << 20,
        leaseTimeout=TIMEOUT,
    )  # fmt: skip


@prop(vim.HttpNfcLease, "state")
def _state(_world: World, lease: Lease) -> str:
    return lease.state


@prop(vim.HttpNfcLease, "mode")
def _mode(_world: World, _lease: Lease) -> str:
    return "pushOrGet"


@prop(vim.HttpNfcLease, "initializeProgress")
def _initialized(_world: World, _lease: Lease) -> int:
    return 100


@prop(vim.HttpNfcLease, "transferProgress")
def _transferred(_world: World, lease: Lease) -> int:
    return lease.percent


@prop(vim.HttpNfcLease, "capabilities")
def _capabilities(_world: World, _lease: Lease) -> Any:
    return vim.HttpNfcLease.Capabilities(pullModeSupported=False, corsSupported=False)


def _secret(lease: Lease) -> str:
    """The part of an upload's address that nobody else knows."""
    return str(lease.ref._moId.rpartition("]")[2])  # noqa: SLF001 -- pyVmomi's only way to an id


def _ongoing(lease: Lease) -> None:
    if lease.state != "ready":
        raise vim.fault.InvalidState(msg=f"The lease is {lease.state}.")


@method("HttpNfcLeaseProgress")
def progress(world: World, lease: Lease, arguments: Any) -> None:
    """How far the upload is, which keeps the lease alive. Raises InvalidState for one that has ended."""
    _ongoing(lease)
    lease.percent = arguments.percent
    world.changes += 1


@method("HttpNfcLeaseComplete")
def complete(world: World, lease: Lease, _arguments: Any) -> None:
    """All is uploaded. Raises InvalidState for a lease that has ended."""
    _ongoing(lease)
    lease.state, lease.percent = "done", 100
    world.changes += 1


@method("HttpNfcLeaseAbort")
def abort(world: World, lease: Lease, _arguments: Any) -> None:
    """Give it up: the machine goes. Raises InvalidState for a lease that has ended."""
    _ongoing(lease)
    lease.state = "error"
    world.model.remove(world.behind(lease.machine).moid)


@method("HttpNfcLeaseGetManifest")
def manifest(_world: World, _lease: Lease, _arguments: Any) -> list[Any]:
    """Nothing: what was uploaded is not kept."""
    return []


def takes_upload(world: World, path: str) -> bool:
    """Whether a path is one that a lease gave for an upload, and still takes it."""
    leases = (found for _, found in world.own.values() if isinstance(found, Lease) and found.state == "ready")
    return any(path.startswith(f"/nfc/{_secret(lease)}/") for lease in leases)
