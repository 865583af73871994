"""Managed objects behind the references that clients send: their properties and methods, and who may see them.

Inventory comes straight from the model the simulated Controller uses, so that both always say the same. Sessions,
views, filters and tasks are this endpoint's own. Properties and methods are registered by decorator, a topic a module.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from pyVmomi import VmomiSupport, vim, vmodl

from lab.datacenter.inventory import Inventory, inventory_of, vcenter_at
from lab.datacenter.model import (
    Cluster,
    Datacenter,
    Datastore,
    Entity,
    Folder,
    Host,
    Pool,
    PortGroup,
    Snapshot,
    StandardNetwork,
    Switch,
    Vm,
)
from lab.vcenter.soap import NEWEST, complete, no_longer, property_info, typed

if TYPE_CHECKING:
    from lab.site import Site

Property = Callable[["World", Any], Any]
"""(world, what stands behind the reference) -> the property's value; None leaves it unset."""
Method = Callable[["World", Any, Any], Any]
"""(world, what stands behind `_this`, the arguments) -> the result. Raises a vmodl.MethodFault."""

PROPERTIES: dict[Any, dict[str, Property]] = {}
METHODS: dict[str, Method] = {}

KINDS: dict[type[Entity], Any] = {
    Folder: vim.Folder,
    Datacenter: vim.Datacenter,
    Cluster: vim.ClusterComputeResource,
    Pool: vim.ResourcePool,
    Host: vim.HostSystem,
    Datastore: vim.Datastore,
    Switch: vim.dvs.VmwareDistributedVirtualSwitch,
    PortGroup: vim.dvs.DistributedVirtualPortgroup,
    StandardNetwork: vim.Network,
    Vm: vim.VirtualMachine,
    Snapshot: vim.vm.Snapshot,
}
MANAGERS: dict[str, Any] = {
    "ServiceInstance": vim.ServiceInstance,
    "SessionManager": vim.SessionManager,
    "AuthorizationManager": vim.AuthorizationManager,
    "propertyCollector": vmodl.query.PropertyCollector,
    "ViewManager": vim.view.ViewManager,
    "SearchIndex": vim.SearchIndex,
    "TaskManager": vim.TaskManager,
    "EventManager": vim.event.EventManager,
    "AlarmManager": vim.alarm.AlarmManager,
    "CustomFieldsManager": vim.CustomFieldsManager,
    "CustomizationSpecManager": vim.CustomizationSpecManager,
    "ScheduledTaskManager": vim.scheduler.ScheduledTaskManager,
    "LicenseManager": vim.LicenseManager,
    "ExtensionManager": vim.ExtensionManager,
    "UserDirectory": vim.UserDirectory,
    "PerfMgr": vim.PerformanceManager,
    "VpxSettings": vim.option.OptionManager,
    "OvfManager": vim.OvfManager,
    "DVSManager": vim.dvs.DistributedVirtualSwitchManager,
}
"""The managers by their ids, which are vCenter's own [DOC]."""
PARTS: dict[str, tuple[Any, str]] = {
    "networkSystem": (vim.host.NetworkSystem, "host"),
    "dateTimeSystem": (vim.host.DateTimeSystem, "host"),
    "serviceSystem": (vim.host.ServiceSystem, "host"),
    "storageSystem": (vim.host.StorageSystem, "host"),
    "virtualNicManager": (vim.host.VirtualNicManager, "host"),
    "EsxHostAdvSettings": (vim.option.OptionManager, "host"),
    "hostBrowser": (vim.host.DatastoreBrowser, "host"),
    "datastoreBrowser": (vim.host.DatastoreBrowser, "datastore"),
    "envbrowser": (vim.EnvironmentBrowser, "vm"),
    "clusterEnvbrowser": (vim.EnvironmentBrowser, "domain"),
}
"""Managed objects that are part of an entity: the type, and of what. `networkSystem-24` is of `host-24`."""
KEPT = 500
"""How many tasks and events are remembered."""
IDLE = 1800.0
"""Seconds after which an unused session lapses; vCenter's default is 30 minutes [DOC]."""


def prop(kind: Any, *names: str) -> Callable[[Property], Property]:
    """Register how properties of a managed object type, and of its subtypes, are read."""

    def register(function: Property) -> Property:
        PROPERTIES.setdefault(kind, {}).update(dict.fromkeys(names, function))
        return function

    return register


def method(*names: str) -> Callable[[Method], Method]:
    """Register what methods of these WSDL names do; the result of a task method becomes its task's result."""

    def register(function: Method) -> Method:
        METHODS.update(dict.fromkeys(names, function))
        return function

    return register


@dataclass
class Session:
    """A login: its key is the cookie's value. Times are the site's."""

    key: str
    user: str
    began: datetime
    used: float


@dataclass(frozen=True)
class Part:
    """A managed object that is part of an entity, such as a host's networking."""

    owner: Any


class NotYet(Exception):
    """There is nothing to answer yet: ask again when something has changed, for at most `seconds` (None: for ever)."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass
class World:
    """One vCenter as its clients see it. One call at a time: the caller of `Endpoint` holds its lock."""

    site: Site
    address: str = ""
    """The vCenter's address; the site's first, when empty."""
    page: int = 500
    """The most objects in one page of the property collector."""
    version: str = NEWEST
    """The newest API version it speaks, as pyVmomi names it."""
    identity: UUID = field(default_factory=uuid4)
    sessions: dict[str, Session] = field(default_factory=dict)
    own: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """Views, filters and tasks by id: the reference and what stands behind it."""
    pages: dict[str, tuple[list[Any], int]] = field(default_factory=dict)
    feeds: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What each property collector has told its client last, by session and collector."""
    tasks: deque[Any] = field(default_factory=lambda: deque(maxlen=KEPT))
    """The TaskInfo of the latest tasks, oldest first."""
    events: deque[Any] = field(default_factory=lambda: deque(maxlen=KEPT))
    """The latest events, oldest first."""
    tickets: dict[str, str] = field(default_factory=dict)
    """Clone tickets, and the user each is of."""
    caller: Session | None = None
    cookie: str = ""
    here: str = ""
    """Address and port by which the caller reached this endpoint."""
    began: datetime = field(default_factory=lambda: utc(time.time()))
    """When it was started: what of an object would be its creation."""
    changes: int = 0
    """Rises with every change of what is this endpoint's own."""
    _serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _children: tuple[Any, int, dict[str, list[Entity]]] = (None, -1, {})

    @property
    def model(self) -> Inventory:
        """The inventory, which the simulated Controller shares; one that is no longer on the site stays empty."""
        first = inventory_of(self.site)
        return (vcenter_at(self.site, self.address) or Inventory(self.address)) if self.address else first

    def now(self) -> datetime:
        """What vCenter's clock says: like the dates of the Controller's answers, it is moved where that is asked."""
        return utc(time.time() + self.site.clock.dates_ahead + self.model.clock)

    def next(self) -> int:
        """A number never used before, for tasks, tokens and filters."""
        return next(self._serial)

    @property
    def product(self) -> str:
        """The product's version, such as 8.0.3."""
        return ".".join(VmomiSupport.versionIdMap[self.version].split(".")[:3])

    @property
    def stands(self) -> tuple[int, int, int]:
        """Another value after every change of anything that a client can read."""
        return id(self.model), self.model.revision, self.changes

    # -- references ------------------------------------------------------------------------------------------------

    def ref(self, entity: Entity) -> Any:
        """The reference to an entity of the model."""
        return KINDS[type(entity)](entity.moid)

    def at(self, moid: str) -> Any:
        """The reference to the entity of an id, or None when there is none."""
        entity = self.model.entities.get(moid)
        return None if entity is None else self.ref(entity)

    def behind(self, ref: Any) -> Any:
        """What stands behind a reference. Raises ManagedObjectNotFound."""
        moid = ref._moId  # noqa: SLF001 -- pyVmomi's only way to an id that needs no server
        if (entity := self.model.entities.get(moid)) is not None:
            return entity
        if moid in self.own:
            return self.own[moid][1]
        if moid in MANAGERS:
            return self
        if (part := self._part(moid)) is not None:
            return part
        raise no_longer(ref)

    def kind_of(self, ref: Any) -> Any:
        """The managed object type behind a reference, which a client may have named by a base type."""
        moid = ref._moId  # noqa: SLF001
        entity = self.model.entities.get(moid)
        if entity is not None:
            return KINDS[type(entity)]
        if moid in self.own:
            return type(self.own[moid][0])
        prefix = moid.partition("-")[0]
        return PARTS[prefix][0] if prefix in PARTS else MANAGERS.get(moid, type(ref))

    def part(self, name: str, entity: Entity) -> Any:
        """The reference to a part of an entity, by the part's name in PARTS."""
        return PARTS[name][0](f"{name}-{entity.moid.partition('-')[2]}")

    def _part(self, moid: str) -> Part | None:
        prefix, _, number = moid.partition("-")
        owner = self.model.entities.get(f"{PARTS[prefix][1]}-{number}") if prefix in PARTS else None
        return Part(owner) if owner is not None else None

    def entity(self, ref: Any) -> Entity | None:
        """The entity a reference's permissions come from: itself, or what it belongs to; None for managers."""
        found = self.behind(ref)
        if isinstance(found, Part):
            found = found.owner
        return found if isinstance(found, Entity) else None

    def children(self, moid: str) -> list[Entity]:
        """What stands directly inside an entity; snapshots are no part of the inventory."""
        model, revision, inside = self._children
        if model is not self.model or revision != self.model.revision:
            inside = {}
            for entity in self.model.of(Entity):
                if not isinstance(entity, Snapshot):
                    inside.setdefault(entity.parent, []).append(entity)
            self._children = (self.model, self.model.revision, inside)
        return inside.get(moid, [])

    def below(self, moid: str) -> Iterator[Entity]:
        """Everything inside an entity, at any depth."""
        for child in self.children(moid):
            yield child
            yield from self.below(child.moid)

    def keep(self, kind: Any, moid: str, subject: Any) -> Any:
        """Remember a view, filter or task; its reference."""
        ref = kind(moid)
        self.own[moid] = ref, subject
        self.changes += 1
        return ref

    def finished(self, info: Any) -> Any:
        """Remember a task, and forget the oldest; its reference."""
        if len(self.tasks) == KEPT:
            self.own.pop(self.tasks[0].key, None)
        self.tasks.append(info)
        return self.keep(vim.Task, info.key, info)

    def forget(self, moid: str) -> Any:
        """Forget a view, filter or collector; what stood behind it, or None for one that is gone."""
        self.changes += 1
        return self.own.pop(moid, (None, None))[1]

    def stable_uuid(self, moid: str) -> UUID:
        """A UUID that an entity keeps for life."""
        return uuid5(NAMESPACE_URL, f"{self.model.address}/{moid}")

    # -- properties ------------------------------------------------------------------------------------------------

    def read(self, ref: Any, name: str) -> Any:
        """A property of a managed object; None when unset. Raises InvalidProperty, ManagedObjectNotFound."""
        kind = self.kind_of(ref)
        info = property_info(kind, name)
        subject = self.behind(ref)
        for base in kind.__mro__:
            if name in PROPERTIES.get(base, ()):
                value = PROPERTIES[base][name](self, subject)
                if isinstance(value, VmomiSupport.DataObject):
                    complete(value)
                elif isinstance(value, list):
                    for element in value:
                        if isinstance(element, VmomiSupport.DataObject):
                            complete(element)
                return typed(value, info)
        return typed(None, info)

    # -- sessions --------------------------------------------------------------------------------------------------

    def enter(self, cookie: str) -> None:
        """Find the caller behind a cookie; a session that has been idle too long is gone."""
        self.cookie = cookie
        session = self.sessions.get(cookie)
        if session is not None and self.site.clock.now() - session.used > IDLE:
            self.leave(cookie)
            session = None
        if session is not None:
            session.used = self.site.clock.now()
        self.caller = session

    def leave(self, key: str) -> None:
        """End a session, and forget its views and filters."""
        self.sessions.pop(key, None)
        mine = f"session[{key}]"
        self.own = {moid: found for moid, found in self.own.items() if not moid.startswith(mine)}
        self.feeds = {of: feed for of, feed in self.feeds.items() if of[0] != key}
        self.changes += 1

    def own_id(self) -> str:
        """An id for something that ends with the caller's session."""
        return f"session[{self.caller.key if self.caller else ''}]{uuid4()}"


def utc(seconds: float) -> datetime:
    """Seconds since the epoch as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC)
