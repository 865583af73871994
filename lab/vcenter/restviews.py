"""Single objects of vCenter's REST API: `/api/vcenter/<kind>/<id>` and the paths below a machine [DOC].

Everything of a machine is taken from what SOAP shows of it, so that both always say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyVmomi import vim

from lab.datacenter.model import Cluster, Datacenter, Datastore, Entity, Pool, PortGroup, Vm
from lab.vcenter.compute import root_pool
from lab.vcenter.world import World

View = Callable[[World, Any], Any]
"""(world, entity) -> JSON; None where there is nothing to tell."""
GUESTS = {"other3xLinux64Guest": "OTHER_3X_LINUX_64", "otherGuest64": "OTHER_64", "otherGuest": "OTHER"}
"""Guest systems by their names in SOAP, and what REST calls them."""


def _datacenter(_world: World, found: Datacenter) -> dict[str, Any]:
    kinds = ("datastore", "host", "network", "vm")
    return {"name": found.name} | {f"{kind}_folder": getattr(found, f"{kind}_folder") for kind in kinds}


def _cluster(world: World, found: Cluster) -> dict[str, Any]:
    return {"name": found.name, "resource_pool": root_pool(world, found).moid}


def _datastore(_world: World, found: Datastore) -> dict[str, Any]:
    kind = "VSAN" if found.name.startswith("vsan") else "VMFS"
    told = {"accessible": True, "multiple_host_access": True, "thin_provisioning_supported": True}
    return {"name": found.name, "type": kind, "free_space": found.capacity << 29, **told}


def _pool(world: World, found: Pool) -> dict[str, Any]:
    inside = [each.moid for each in world.children(found.moid) if isinstance(each, Pool)]
    share = {"reservation": 0, "expandable_reservation": True, "limit": -1, "shares": {"level": "NORMAL"}}
    return {"name": found.name, "resource_pools": inside, "cpu_allocation": share, "memory_allocation": share}


def _power(_world: World, vm: Vm) -> dict[str, Any]:
    return {"state": "POWERED_ON" if vm.powered else "POWERED_OFF"}


def _cpu(_world: World, vm: Vm) -> dict[str, Any]:
    plugs = {"hot_add_enabled": False, "hot_remove_enabled": False}
    return {"count": vm.size.cpus, "cores_per_socket": 1, **plugs}


def _memory(_world: World, vm: Vm) -> dict[str, Any]:
    return {"size_MiB": vm.size.memory, "hot_add_enabled": False}


def _devices(world: World, vm: Vm, kind: Any) -> list[Any]:
    config = world.read(world.ref(vm), "config")
    return [each for each in config.hardware.device if isinstance(each, kind)] if config else []


def _nics(world: World, vm: Vm) -> dict[str, Any]:
    return {
        str(card.key): {
            "label": card.deviceInfo.label,
            "type": "VMXNET3",
            "mac_type": "ASSIGNED",
            "mac_address": card.macAddress,
            "state": "CONNECTED" if card.connectable.connected else "NOT_CONNECTED",
            "start_connected": card.connectable.startConnected,
            "allow_guest_control": card.connectable.allowGuestControl,
            "wake_on_lan_enabled": card.wakeOnLanEnabled,
            "upt_compatibility_enabled": False,
            "pci_slot_number": 160 + 32 * number,
            "backing": _backing(world, nic.portgroup),
        }
        for number, (card, nic) in enumerate(
            zip(_devices(world, vm, vim.vm.device.VirtualEthernetCard), vm.nics, strict=True)
        )
    }


def _backing(world: World, network: str) -> dict[str, Any]:
    group = world.model.entities.get(network)
    if not isinstance(group, PortGroup):
        return {"type": "STANDARD_PORTGROUP", "network": network, "network_name": group.name if group else ""}
    switch = str(world.stable_uuid(group.switch))
    return {"type": "DISTRIBUTED_PORTGROUP", "network": network, "distributed_switch_uuid": switch}


def _disks(world: World, vm: Vm) -> dict[str, Any]:
    return {
        str(disk.key): {
            "label": disk.deviceInfo.label,
            "type": "SCSI",
            "scsi": {"bus": 0, "unit": disk.unitNumber},
            "backing": {"type": "VMDK_FILE", "vmdk_file": disk.backing.fileName},
            "capacity": disk.capacityInBytes,
        }
        for disk in _devices(world, vm, vim.vm.device.VirtualDisk)
    }


def _machine(world: World, vm: Vm) -> dict[str, Any]:
    uuid = str(world.stable_uuid(vm.moid))
    adapters = {
        str(each.key): {
            "label": each.deviceInfo.label, "type": "PVSCSI", "scsi": {"bus": 0, "unit": 7}, "sharing": "NONE",
        }
        for each in _devices(world, vm, vim.vm.device.VirtualSCSIController)
    }  # fmt: skip
    none = ("cdroms", "floppies", "nvme_adapters", "parallel_ports", "sata_adapters", "serial_ports")
    return {
        "name": vm.name,
        "identity": {"name": vm.name, "bios_uuid": uuid, "instance_uuid": uuid},
        "guest_OS": GUESTS.get(vm.guest, "OTHER"),
        "power_state": _power(world, vm)["state"],
        "hardware": {"version": "VMX_19", "upgrade_policy": "NEVER", "upgrade_status": "NONE"},
        "boot": {
            "type": "BIOS",
            "delay": 0,
            "retry": False,
            "retry_delay": 10_000,
            "enter_setup_mode": False,
        },
        "boot_devices": [],
        "cpu": _cpu(world, vm),
        "memory": _memory(world, vm),
        "disks": _disks(world, vm),
        "nics": _nics(world, vm),
        "scsi_adapters": adapters,
        "instant_clone_frozen": False,
        **{name: {} for name in none},
    }


def _identity(world: World, vm: Vm) -> dict[str, Any] | None:
    guest = world.read(world.ref(vm), "guest")
    if not guest.hostName:
        return None  # the guest's tools do not run
    full = {"args": [], "default_message": guest.guestFullName, "id": f"vmsg.guestos.{vm.guest}.label"}
    told = {"name": GUESTS.get(vm.guest, "OTHER"), "family": "LINUX", "full_name": full}
    return {**told, "host_name": guest.hostName, "ip_address": guest.ipAddress}


def _tools(_world: World, vm: Vm) -> dict[str, Any]:
    running = "RUNNING" if vm.powered and vm.accessible else "NOT_RUNNING"
    told = {"version_status": "UNMANAGED", "upgrade_policy": "MANUAL", "auto_update_supported": False}
    return {
        "run_state": running,
        "version_number": 12_352,
        "version": "12352",
        "install_attempt_count": 0,
        **told,
    }


ONE: dict[str, tuple[type[Entity], View]] = {
    "datacenter": (Datacenter, _datacenter),
    "cluster": (Cluster, _cluster),
    "datastore": (Datastore, _datastore),
    "resource-pool": (Pool, _pool),
    "vm": (Vm, _machine),
}
"""What can be read one by one; folders, hosts and networks are only listed."""
BELOW: dict[str, View] = {
    "power": _power,
    "hardware": lambda world, vm: _machine(world, vm)["hardware"],
    "hardware/cpu": _cpu,
    "hardware/memory": _memory,
    "hardware/boot": lambda world, vm: _machine(world, vm)["boot"],
    "hardware/ethernet": lambda world, vm: [{"nic": key} for key in _nics(world, vm)],
    "hardware/disk": lambda world, vm: [{"disk": key} for key in _disks(world, vm)],
    "guest/identity": _identity,
    "tools": _tools,
}
"""What is told below a machine."""
PARTS: dict[str, View] = {"hardware/ethernet": _nics, "hardware/disk": _disks}
"""Devices that are told one by one, by key."""


def told(world: World, kind: str, entity: Entity, path: str) -> Any:
    """What REST tells of an entity, or at a path below it. Raises KeyError for what there is not."""
    if not path:
        return ONE[kind][1](world, entity)
    if kind != "vm":
        raise KeyError(path)
    if path in BELOW:
        return BELOW[path](world, entity)
    part, _, key = path.rpartition("/")
    return PARTS[part](world, entity)[key]
