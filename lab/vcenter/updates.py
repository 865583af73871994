"""Change feed of vCenter (`WaitForUpdatesEx`): filters of a property collector, and what has changed since.

A version names what a client was told last; only the present and the one before are known, as long as an answer may
have been lost. A call that waits ends in `NotYet`, and is asked again by the server when something has changed [DOC].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pyVmomi import vmodl

from lab.vcenter.collector import contents_of
from lab.vcenter.soap import on_the_wire
from lab.vcenter.world import NotYet, World, method, prop

Collector = vmodl.query.PropertyCollector
Told = dict[str, tuple[Any, dict[str, str]]]
"""Objects by id: the reference, and each path's value as it went over the wire."""
State = dict[str, Told]
"""By filter."""


@dataclass(eq=False)
class Filter:
    """A filter, and the id of the collector it is of."""

    of: str
    spec: Any
    partial: bool = False


@dataclass(eq=False)
class Feed:
    """What a collector's client knows, by version; and whether it has been told to stop waiting."""

    known: dict[str, State] = field(default_factory=dict)
    cancelled: bool = False

    def since(self, version: str) -> State:
        """What was told up to a version ("": nothing). Raises InvalidCollectorVersion."""
        if not version:
            return {}
        if version not in self.known:
            raise vmodl.query.InvalidCollectorVersion(msg="The version is not of this collector.")
        return self.known[version]

    def tell(self, version: str, state: State) -> None:
        """A new version; the one before it stays known, older ones do not."""
        self.known = dict([*list(self.known.items())[-1:], (version, state)])


def _feed(world: World, arguments: Any) -> tuple[str, Feed]:
    moid = arguments._this._moId  # noqa: SLF001 -- pyVmomi's only way to an id
    return moid, world.feeds.setdefault((world.caller.key if world.caller else "", moid), Feed())


def _filters(world: World, of: str) -> dict[str, tuple[Any, Filter]]:
    """A collector's filters of this session, oldest first."""
    mine = f"session[{world.caller.key if world.caller else ''}]"
    return {
        moid: (ref, subject)
        for moid, (ref, subject) in world.own.items()
        if isinstance(subject, Filter) and subject.of == of and moid.startswith(mine)
    }


@method("CreatePropertyCollector")
def another_collector(world: World, _this: Any, _arguments: Any) -> Any:
    """A collector with filters of its own."""
    return world.keep(Collector, world.own_id(), world)


@method("DestroyPropertyCollector")
def no_collector(world: World, _this: Any, arguments: Any) -> None:
    """Forget a collector and its filters; for whoever waits on it, it is gone."""
    moid, _ = _feed(world, arguments)
    for filtered in _filters(world, moid):
        world.forget(filtered)
    world.feeds.pop((world.caller.key if world.caller else "", moid), None)
    world.forget(moid)


@method("CreateFilter")
def create_filter(world: World, _this: Any, arguments: Any) -> Any:
    """A filter. Raises InvalidProperty, ManagedObjectNotFound for what it could never report on."""
    contents_of(world, [arguments.spec])
    subject = Filter(arguments._this._moId, arguments.spec, bool(arguments.partialUpdates))  # noqa: SLF001
    return world.keep(Collector.Filter, world.own_id(), subject)


@prop(Collector.Filter, "spec")
def _spec(_world: World, subject: Filter) -> Any:
    return subject.spec


@prop(Collector.Filter, "partialUpdates")
def _partial(_world: World, subject: Filter) -> bool:
    return subject.partial


@prop(Collector, "filter")
def _own_filters(world: World, _subject: Any) -> list[Any]:
    return [ref for ref, _ in _filters(world, "propertyCollector").values()]


@method("CancelWaitForUpdates")
def cancel(world: World, _this: Any, arguments: Any) -> None:
    """Whoever waits on this collector is sent away."""
    _feed(world, arguments)[1].cancelled = True
    world.changes += 1


@method("CheckForUpdates")
def check(world: World, _this: Any, arguments: Any) -> Any:
    """What has changed, at once; nothing when nothing has."""
    return _changes(world, arguments)


@method("WaitForUpdates")
def wait(world: World, _this: Any, arguments: Any) -> Any:
    """What has changed, as soon as something has. Raises NotYet, RequestCanceled."""
    found = _changes(world, arguments)
    if found is None:
        raise NotYet(None)
    return found


@method("WaitForUpdatesEx")
def wait_at_most(world: World, _this: Any, arguments: Any) -> Any:
    """The same for at most `maxWaitSeconds`, and no more than `maxObjectUpdates` objects. Raises as `wait` does."""
    options = arguments.options
    found = _changes(world, arguments, (options and options.maxObjectUpdates) or None)
    if found is None:
        raise NotYet(options.maxWaitSeconds if options is not None else None)
    return found


def _changes(world: World, arguments: Any, most: int | None = None) -> Any:
    moid, feed = _feed(world, arguments)
    if feed.cancelled:
        feed.cancelled = False
        raise vmodl.fault.RequestCanceled(msg="The wait was cancelled.")
    before = feed.since(arguments.version or "")
    state: State = {}
    sets, left, more = [], most, False
    for filtered, (ref, subject) in _filters(world, moid).items():
        told = state[filtered] = dict(before.get(filtered, {}))
        updates = list(islice(_updates(world, subject, told), left))
        if updates or filtered not in before:
            sets.append(Collector.FilterUpdate(filter=ref, objectSet=updates))
        if left is not None:
            left -= len(updates)
            more = more or (not left and any(_updates(world, subject, dict(told))))
    if not sets:
        return None
    version = str(world.next())
    feed.tell(version, state)
    return Collector.UpdateSet(version=version, filterSet=sets, truncated=more)


def _updates(world: World, subject: Filter, told: Told) -> Iterator[Any]:
    """Every object that entered, changed or left; `told` is brought up to date as far as it is asked for."""
    present = set()
    for content in contents_of(world, [subject.spec], gone=True):
        moid = content.obj._moId  # noqa: SLF001
        present.add(moid)
        values = {p.name: on_the_wire(p.val) for p in content.propSet}
        known = told[moid][1] if moid in told else None
        if known == values:
            continue
        told[moid] = content.obj, values
        changes = [
            Collector.Change(name=p.name, op="assign", val=p.val)
            for p in content.propSet
            if known is None or known.get(p.name) != values[p.name]
        ]
        if known is None:
            yield Collector.ObjectUpdate(
                kind="enter", obj=content.obj, changeSet=changes, missingSet=content.missingSet
            )
        else:
            changes += [Collector.Change(name=path, op="assign") for path in known if path not in values]
            yield Collector.ObjectUpdate(kind="modify", obj=content.obj, changeSet=changes)
    for moid in [moid for moid in told if moid not in present]:
        yield Collector.ObjectUpdate(kind="leave", obj=told.pop(moid)[0])
