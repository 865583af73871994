"""Tasks and events of vCenter, the latest few, with the collectors in which clients page through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim

from lab.datacenter.model import Cluster, Datacenter, Entity, Host, PortGroup, Vm
from lab.vcenter.soap import complete, escaped, spelled
from lab.vcenter.world import World, method, prop

PAGE = 10
"""How many items the latest page holds until a client says otherwise [DOC]."""


ARGUMENTS = (
    ("datacenter", Datacenter),
    ("computeResource", Cluster),
    ("host", Host),
    ("vm", Vm),
    ("net", PortGroup),
)
"""Members of an event that name an entity, and of which kind."""
WORDS = {
    vim.event.DVPortgroupCreatedEvent: "Port group {name} was created",
    vim.event.DVPortgroupDestroyedEvent: "Port group {name} was deleted",
    vim.event.DVPortgroupReconfiguredEvent: "Port group {name} was reconfigured",
    vim.event.DVPortgroupRenamedEvent: "Port group {oldName} was renamed to {newName}",
    vim.event.VmClonedEvent: "{name} was cloned",
    vim.event.VmCreatedEvent: "{name} was created",
    vim.event.VmMigratedEvent: "{name} was migrated",
    vim.event.VmPoweredOffEvent: "{name} was powered off",
    vim.event.VmPoweredOnEvent: "{name} was powered on",
    vim.event.VmReconfiguredEvent: "{name} was reconfigured",
    vim.event.VmRemovedEvent: "{name} was removed",
    vim.event.VmRenamedEvent: "{oldName} was renamed to {newName}",
}
"""What an event says in words; vCenter's own are in its catalogue."""
REFERENCES = {"net": "network"}
"""How an argument calls its reference, where not as the event calls the argument."""


def log_task(world: World, info: Any, entity: Entity | None) -> None:
    """The event that every task leaves behind."""
    log(world, vim.event.TaskEvent, entity, info.eventChainId, info=info)


def log(world: World, kind: Any, entity: Entity | None = None, chain: int = 0, **members: Any) -> None:
    """Something has happened, to an entity or to none; events of one `chain` have one cause."""
    number, user = world.next(), spelled(world.caller.user) if world.caller else ""
    made = kind(
        key=number,
        chainId=chain or number,
        createdTime=world.now(),
        userName=user,
        fullFormattedMessage=_told(kind, user, members, entity),
        **members,
    )
    arguments: list[Entity] = [entity] if entity else []
    if isinstance(entity, PortGroup | Vm):
        with suppress(LookupError):
            arguments.append(world.model.datacenter_of(entity))
    if isinstance(entity, Vm) and (host := world.model.entities.get(entity.host)) is not None:
        arguments.append(host)
    for each in arguments:
        for argument, of in ARGUMENTS:
            if isinstance(each, of):
                _argue(world, made, argument, each)
    world.events.append(complete(made))


def _told(kind: Any, user: str, members: dict[str, Any], entity: Entity | None) -> str:
    """What an event says in words."""
    if kind is vim.event.TaskEvent:
        verb = members["info"].descriptionId.rpartition(".")[2]
        return "Task: " + "".join(f" {c}" if c.isupper() else c for c in verb).capitalize()
    if kind in WORDS:
        return WORDS[kind].format_map({"name": escaped(entity.name) if entity else "", **members})
    return f"User {user}@{members['ipAddress']} logged in"


def _argue(world: World, event: Any, argument: str, entity: Entity) -> None:
    kind = event._GetPropertyInfo(argument).type  # noqa: SLF001 -- pyVmomi's reflection
    reference = {REFERENCES.get(argument, argument): world.ref(entity)}
    setattr(event, argument, kind(name=escaped(entity.name), **reference))


# -- collectors --------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Collector:
    """A client's place in a history: `at` is the index of the next item to be read forwards."""

    filter: Any
    items: Callable[[], list[Any]]
    page: int = PAGE
    at: int = 0

    def ahead(self, count: int) -> list[Any]:
        """The next items, oldest first."""
        found = self.items()[self.at : self.at + count]
        self.at += len(found)
        return found

    def back(self, count: int) -> list[Any]:
        """The items before, newest first."""
        first = max(0, self.at - count)
        found = self.items()[first : self.at]
        self.at = first
        return found[::-1]


def _wanted(world: World, spec: Any, kinds: Sequence[str]) -> Callable[[Any], bool]:
    """Whether a filter lets an item through, by entity and by kind (`eventTypeId`, `state`)."""
    below: set[str] | None = None
    if spec.entity is not None:
        top = spec.entity.entity._moId  # noqa: SLF001 -- pyVmomi's only way to an id
        below = {top} if spec.entity.recursion != "children" else set()
        if spec.entity.recursion != "self":
            below |= {e.moid for e in world.below(top)}

    def let_through(item: Any) -> bool:
        if below is not None and not below & set(_about(item)):
            return False
        whole = type(item).__name__ if isinstance(item, vim.event.Event) else item.state
        return not kinds or whole in kinds or whole.rpartition(".")[2] in kinds

    return let_through


def _about(item: Any) -> list[str]:
    """The ids of the entities that an item is about; what is about none is about the root."""
    if isinstance(item, vim.TaskInfo):
        refs = [item.entity]
    else:
        refs = [
            getattr(getattr(item, name), REFERENCES.get(name, name))
            for name, _ in ARGUMENTS
            if getattr(item, name) is not None
        ]
        if isinstance(item, vim.event.TaskEvent):
            refs.append(item.info.entity)
    return [ref._moId for ref in refs if ref is not None] or ["group-d1"]  # noqa: SLF001


def _events(world: World, spec: Any) -> list[Any]:
    let_through, within = _wanted(world, spec, list(spec.eventTypeId or ())), spec.time
    users = {name.casefold() for name in spec.userName.userList or ()} if spec.userName else set()
    return [
        event
        for event in world.events
        if let_through(event)
        and (not users or event.userName.casefold() in users)
        and not (within and within.beginTime and event.createdTime < within.beginTime)
        and not (within and within.endTime and event.createdTime > within.endTime)
    ]


def _tasks(world: World, spec: Any) -> list[Any]:
    let_through = _wanted(world, spec, list(spec.state or ()))
    return [info for info in world.tasks if let_through(info)]


@method("CreateCollectorForEvents")
def collect_events(world: World, _this: Any, arguments: Any) -> Any:
    """A collector of events."""
    spec = arguments.filter
    return world.keep(
        vim.event.EventHistoryCollector, world.own_id(), Collector(spec, lambda: _events(world, spec))
    )


@method("CreateCollectorForTasks")
def collect_tasks(world: World, _this: Any, arguments: Any) -> Any:
    """A collector of tasks."""
    spec = arguments.filter
    return world.keep(vim.TaskHistoryCollector, world.own_id(), Collector(spec, lambda: _tasks(world, spec)))


@method("QueryEvents")
def query_events(world: World, _this: Any, arguments: Any) -> list[Any]:
    """The events that a filter lets through, oldest first; of more than `maxCount` the newest [INF]."""
    events = _events(world, arguments.filter)
    return events[-most:] if (most := arguments.filter.maxCount) else events


@method("ReadNextEvents", "ReadNextTasks")
def read_next(_world: World, collector: Collector, arguments: Any) -> list[Any]:
    """The next page, oldest first; nothing at the end."""
    return collector.ahead(arguments.maxCount)


@method("ReadPreviousEvents", "ReadPreviousTasks")
def read_previous(_world: World, collector: Collector, arguments: Any) -> list[Any]:
    """The page before, newest first; nothing at the beginning."""
    return collector.back(arguments.maxCount)


@method("RewindCollector")
def rewind(_world: World, collector: Collector, _arguments: Any) -> None:
    """Back to the oldest item."""
    collector.at = 0


@method("ResetCollector")
def reset(_world: World, collector: Collector, _arguments: Any) -> None:
    """To the item after the newest page."""
    collector.at = max(0, len(collector.items()) - collector.page)


@method("SetCollectorPageSize")
def resize(_world: World, collector: Collector, arguments: Any) -> None:
    """How many items the latest page holds."""
    collector.page = arguments.maxCount


@prop(vim.HistoryCollector, "filter")
def _filter(_world: World, collector: Collector) -> Any:
    return collector.filter


@prop(vim.TaskHistoryCollector, "latestPage")
@prop(vim.event.EventHistoryCollector, "latestPage")
def _latest(_world: World, collector: Collector) -> list[Any]:
    return collector.items()[: -collector.page - 1 : -1]


@prop(vim.event.EventManager, "latestEvent")
def _latest_event(world: World, _subject: Any) -> Any:
    return world.events[-1] if world.events else None


@prop(vim.TaskManager, "recentTask")
def _recent(world: World, _subject: Any) -> list[Any]:
    return [info.task for info in list(world.tasks)[-PAGE:]]


@prop(vim.ManagedEntity, "recentTask")
def _recent_of(world: World, entity: Any) -> list[Any]:
    ref = world.ref(entity)
    return [info.task for info in world.tasks if info.entity == ref][-PAGE:]


@prop(vim.TaskManager, "maxCollector")
@prop(vim.event.EventManager, "maxCollector")
def _most(_world: World, _subject: Any) -> int:
    return 32
