"""Events of vCenter's inventory: what a call has changed of port groups and machines, as vCenter logs it.

The types and their members are those of the API [DOC]; which of them a call leaves behind is as vCenter's clients
show it, and that the changes stand in `configChanges` as `path: old -> new;` [INF].
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from pyVmomi import vim

from lab.datacenter.model import Entity, PortGroup, Vm
from lab.vcenter import history
from lab.vcenter.soap import Call, escaped
from lab.vcenter.world import World

WRITING = ("ShutdownGuest", "UnregisterVM")
"""Methods besides those of tasks after which there is something to log."""
LOGGED = (PortGroup, Vm)
SPECS = {PortGroup: vim.dvs.DistributedVirtualPortgroup.ConfigSpec, Vm: vim.vm.ConfigSpec}
LEAVES: tuple[tuple[str, Any], ...] = (
    ("config.defaultPortConfig.vlan.vlanId", lambda e: _vlan(e) if isinstance(e, PortGroup) else None),
    ("config.description", lambda e: e.note if isinstance(e, PortGroup) else None),
    ("config.hardware.numCPU", lambda e: e.size.cpus if isinstance(e, Vm) else None),
    ("config.hardware.memoryMB", lambda e: e.size.memory if isinstance(e, Vm) else None),
    ("config.annotation", lambda e: e.annotation if isinstance(e, Vm) else None),
)
"""What `configChanges` tells of, by its path in the API."""


def _vlan(group: PortGroup) -> str:
    ranges = ", ".join(f"{first}-{last}" for first, last in group.trunk)
    return ranges or str(group.pvlan or group.vlan)


class Before:
    """The inventory before a call, to tell afterwards what the call has changed of it."""

    def __init__(self, world: World, call: Call) -> None:
        self._call = call
        writes = call.info.isTask or call.name in WRITING
        self._entities: dict[str, Entity] = (
            {entity.moid: copy(entity) for kind in LOGGED for entity in world.model.of(kind)}
            if writes
            else {}
        )
        self._revision = world.model.revision if writes else -1

    def log(self, world: World, chain: int = 0) -> None:
        """Log what has changed since, all of it one chain of events."""
        if self._revision in (-1, world.model.revision):
            return
        there = {entity.moid: entity for kind in LOGGED for entity in world.model.of(kind)}
        for moid in dict.fromkeys((*self._entities, *there)):
            old, new = self._entities.get(moid), there.get(moid)
            for kind, members in self._events(world, old, new):
                history.log(world, kind, new or old, chain, **members)

    def _events(
        self, world: World, old: Entity | None, new: Entity | None
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        group = isinstance(new or old, PortGroup)
        if old is None:
            yield self._creation(world, group=group)
            return
        if new is None:
            yield (
                (vim.event.DVPortgroupDestroyedEvent if group else vim.event.VmRemovedEvent),
                ({} if group else {"template": getattr(old, "template", False)}),
            )
            return
        own = {} if group else {"template": getattr(new, "template", False)}
        if old.name != new.name:
            kind = vim.event.DVPortgroupRenamedEvent if group else vim.event.VmRenamedEvent
            yield kind, own | {"oldName": escaped(old.name), "newName": escaped(new.name)}
        if isinstance(old, Vm) and isinstance(new, Vm):
            if old.powered != new.powered:
                yield (vim.event.VmPoweredOnEvent if new.powered else vim.event.VmPoweredOffEvent), own
            if old.host != new.host:
                source = world.model.entities[old.host]
                argument = vim.event.HostEventArgument(name=escaped(source.name), host=world.ref(source))
                yield vim.event.VmMigratedEvent, own | {"sourceHost": argument}
        spec = getattr(self._call.arguments, "spec", None)
        if isinstance(spec, SPECS[type(new)]) and _edits(old) != _edits(new):
            changes = vim.event.ChangesInfoEventArgument(modified=_modified(old, new), added="", deleted="")
            edited = vim.event.DVPortgroupReconfiguredEvent if group else vim.event.VmReconfiguredEvent
            yield edited, own | {"configSpec": spec, "configChanges": changes}

    def _creation(self, world: World, *, group: bool) -> tuple[Any, dict[str, Any]]:
        if group:
            return vim.event.DVPortgroupCreatedEvent, {}
        source = world.behind(self._call.target)
        if isinstance(source, Vm):
            argument = vim.event.VmEventArgument(name=escaped(source.name), vm=world.ref(source))
            return vim.event.VmClonedEvent, {"template": False, "sourceVm": argument}
        return vim.event.VmCreatedEvent, {"template": False}


def _edits(entity: Any) -> int:
    return int(entity.edits)


def _modified(old: Entity, new: Entity) -> str:
    return "".join(f"{path}: {of(old)} -> {of(new)};\n\n" for path, of in LEAVES if of(old) != of(new))
