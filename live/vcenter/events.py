"""Decoding of vCenter's events into plain data: who made, edited, renamed or removed a port group, machine or folder.

The types and members are the API's. Folders have no events of their own but those of their tasks, which are logged
when a task begins: whether it came to anything is for the inventory to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

from pyVmomi import vim

from intent import ControllerVm, PortGroup, VmFolder
from intent.author import Action
from live.vcenter.decoding import unescaped, vlan_of
from live.vcenter.inventory import EditedValue, VcenterEvent

MOST = 1000
"""Events that are read in a run: the most that a collector's page may hold."""
ACTIONS = {
    vim.event.DVPortgroupCreatedEvent: Action.CREATED,
    vim.event.DVPortgroupReconfiguredEvent: Action.CHANGED,
    vim.event.DVPortgroupRenamedEvent: Action.RENAMED,
    vim.event.DVPortgroupDestroyedEvent: Action.DELETED,
    vim.event.VmCreatedEvent: Action.CREATED,
    vim.event.VmClonedEvent: Action.CREATED,
    vim.event.VmDeployedEvent: Action.CREATED,
    vim.event.VmRegisteredEvent: Action.CREATED,
    vim.event.VmReconfiguredEvent: Action.CHANGED,
    vim.event.VmRenamedEvent: Action.RENAMED,
    vim.event.VmRemovedEvent: Action.DELETED,
}
POWER = {
    vim.event.VmPoweredOffEvent: "poweredOff",
    vim.event.VmSuspendedEvent: "suspended",
    vim.event.VmPoweredOnEvent: "poweredOn",
    vim.event.DrsVmPoweredOnEvent: "poweredOn",
    vim.event.VmRestartedOnAlternateHostEvent: "poweredOn",
}
"""The state in which an event leaves a machine. They are asked for apart: a busy vCenter has very many of them."""
TASKS = {"ManagedEntity.rename": Action.RENAMED, "ManagedEntity.destroy": Action.DELETED}
_LEAVES = {
    "vlan": "config.defaultPortConfig.vlan",
    "cpus": "config.hardware.numCPU",
    "memory_gb": "config.hardware.memoryMB",
}
"""Where each field of ours stands in the changes that an event tells."""
_CHANGE = re.compile(r"^\s*([\w.]+): (.*?) -> (.*?);", re.MULTILINE)


def wanted(*, power: bool = False) -> Any:
    """The filter that lets through what is decoded here, of `power` or all else, without its words."""
    kinds = POWER if power else (*ACTIONS, vim.event.TaskEvent)
    types = [kind.__name__.rpartition(".")[2] for kind in kinds]
    return vim.event.EventFilterSpec(eventTypeId=types, disableFullMessage=True)


def decode_events(events: Iterable[Any]) -> tuple[VcenterEvent, ...]:
    """What the events tell, newest first."""
    latest = sorted(events, key=lambda event: event.key, reverse=True)  # not by time: clocks are set back
    return tuple(decoded for event in latest if (decoded := _decoded(event)) is not None)


def _decoded(event: Any) -> VcenterEvent | None:
    """What one event tells; None for one of something else."""
    when, place = event.createdTime.astimezone(UTC), event.datacenter
    datacenter = _id(place.datacenter) if place is not None else ""
    if isinstance(event, vim.event.TaskEvent):
        info, action = event.info, TASKS.get(event.info.descriptionId)
        if action is None or not isinstance(info.entity, vim.Folder) or info.state == "error":
            return None
        name = unescaped(info.entityName or "")
        user = event.userName or ""
        return VcenterEvent(action, VmFolder, _id(info.entity), "", name, datacenter, user, when)
    group = isinstance(event, vim.event.DVPortgroupEvent)
    action = Action.CHANGED if type(event) in POWER else ACTIONS.get(type(event))
    subject = None if action is None else event.net if group else event.vm
    if action is None or subject is None:
        return None
    name = unescaped(event.newName if action is Action.RENAMED else subject.name)
    before = unescaped(event.oldName) if action is Action.RENAMED else name
    return VcenterEvent(
        action,
        PortGroup if group else ControllerVm,
        _id(subject.network if group else subject.vm),
        "" if action is Action.DELETED else name,
        "" if action is Action.CREATED else before,
        datacenter,
        event.userName or "",
        when,
        _leaves(event) if action is Action.CHANGED else None,
    )


def _id(ref: Any) -> str:
    return str(ref._moId)  # noqa: SLF001 -- pyVmomi's only way to an id


def _leaves(event: Any) -> Mapping[str, EditedValue] | None:
    """What an event of a change has changed; None for an edit that does not tell that."""
    if state := POWER.get(type(event)):
        return {"power": EditedValue(None, state)}
    return None if event.configChanges is None else dict(_steps(event))


def _steps(event: Any) -> Iterator[tuple[str, EditedValue]]:
    """The fields of ours that an edit has changed. What it set alone says little: clients send back what they read."""
    spec, changes = event.configSpec, _CHANGE.findall(event.configChanges.modified or "")
    for field, value in _values(spec).items():
        texts = [old for path, old, _ in changes if path.startswith(_LEAVES[field])]
        if texts and value is not None:
            yield field, EditedValue(_number(texts[0], field) if len(texts) == 1 else None, value)


def _values(spec: Any) -> Mapping[str, Any]:
    if isinstance(spec, vim.vm.ConfigSpec):
        return {"cpus": spec.numCPUs, "memory_gb": spec.memoryMB / 1024 if spec.memoryMB else None}
    return {"vlan": vlan_of(spec.defaultPortConfig)}


def _number(text: str, field: str) -> Any:
    """A number of before; None for what is none."""
    if not text.isdecimal():
        return None
    return int(text) / 1024 if field == "memory_gb" else int(text)
