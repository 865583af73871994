"""Origins of drift in vCenter: who made a port group, folder or machine what it was found to be, by vCenter's events.

The newest event that concerns what was found is its origin where it explains it; otherwise nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from intent import Blocked, ControllerVm, Drift, Environment, Network, PortGroup, ServiceEngineVm, VmFolder
from intent.author import AccountOwner, Action, Author, Origin
from intent.drift import EXISTENCE
from intent.kinds.vcenter import Bindings
from intent.notice import Notice, Sort
from live.facts.origins import ODD, ahead
from live.vcenter.inventory import Inventory, VcenterEvent
from live.vcenter.source import VcenterSource, VcenterSources

Declared = PortGroup | VmFolder | ControllerVm
POWER = "power"
"""The path of a drift that is a machine's power state."""
_BEHIND: Mapping[tuple[Sort, str], tuple[Action, ...]] = {
    (Sort.ADDED, ""): (Action.CREATED, Action.RENAMED),
    (Sort.REMOVED, ""): (Action.DELETED,),
    (Sort.NOT_SEEN, ""): (Action.DELETED,),
    (Sort.CHANGED, "name"): (Action.RENAMED,),
}
"""What was done to a port group where a network has changed so."""


class VcenterOrigins:
    """The origins of what has drifted in the declared vCenters."""

    def __init__(self, environment: Environment, vcenters: VcenterSources) -> None:
        self.environment = environment
        self.vcenters = vcenters

    def of(self, drift: Drift, *, put_right: bool = False) -> Origin | None:
        """The origin of a drift in vCenter; None of any other, and where it is not known. Never raises.

        `put_right`: this run has made it since, as it was absent.
        """
        want = self.environment.find(drift.key)
        try:
            if drift.key.kind == ServiceEngineVm.kind:
                return self._engine(drift)
            if isinstance(want, Network):
                return self._network(want) if drift.path == EXISTENCE else None
            return self._declared(want, drift, put_right=put_right) if isinstance(want, Declared) else None
        except ODD:
            return None

    def _declared(self, want: Declared, drift: Drift, *, put_right: bool) -> Origin | None:
        source = self.vcenters.of(want.vcenter)
        if drift.path != EXISTENCE:
            return self._leaf(source, source.vsphere.raw(want).moid, drift)
        if isinstance(want, VmFolder):
            return self._folder(source, want, put_right=put_right)
        return self._existence(source, want)

    def of_notice(self, notice: Notice) -> Author | None:
        """Who has made, renamed or removed the port group behind a network; None where it is not known. Never raises.

        A cloud connector follows vCenter, so the Controller's log tells nobody. The uuid of a network that it has found
        begins with the id of its port group.
        """
        actions = _BEHIND.get((notice.sort, notice.path), ())
        moid, infix, _ = notice.uuid.partition("-cloud-")
        if notice.type != "network" or not infix or not actions:
            return None
        try:
            source = self._source_of(notice.cloud)
            events = (event for event in source.events() if event.kind is PortGroup and event.moid == moid)
            event = next((event for event in events if event.action is not Action.CHANGED), None)
            left = (event.was if event.action is Action.DELETED else event.name) if event else ""
            is_its = event is not None and event.action in actions and left == notice.bare
            origin = _origin(source.inventory, event) if event and is_its else None
        except ODD:
            return None
        return origin.author if origin else None

    def _network(self, want: Network) -> Origin | None:
        """Who has renamed, removed or made the port group behind a network that is absent, or there several times."""
        source = self._source_of(want.cloud)
        group = PortGroup.placed(want.name, source.declared, Bindings(self.environment))
        return self._existence(source, group)

    def _source_of(self, cloud: str) -> VcenterSource:
        """The vCenter that a cloud runs in. Raises Blocked where the file does not name just one."""
        of_cloud = Bindings(self.environment).of(cloud)
        if len(of_cloud) != 1:
            raise Blocked(f"the environment does not say in which vCenter cloud {cloud} runs")
        return self.vcenters.of(of_cloud[0].name)

    def _engine(self, drift: Drift) -> Origin | None:
        """Of a Service Engine's machine, which no file declares; None where several vCenters have one of that name."""
        sources = [*self.vcenters.by_name.values()]
        machines = [(e, m) for e in sources for m in e.vsphere.machines if m.name == drift.key.name]
        return self._leaf(machines[0][0], machines[0][1].moid, drift) if len(machines) == 1 else None

    def _leaf(self, source: VcenterSource, moid: str, drift: Drift) -> Origin | None:
        for event in source.events(power=drift.path == POWER):
            if event.moid != moid or event.action is Action.RENAMED:
                continue
            if event.leaves is None:
                return None  # what this one has changed, it does not tell
            if (step := event.leaves.get(drift.path)) is not None:
                if step.now != drift.have:
                    return None
                return _origin(source.inventory, event, step.was, step.now)
        return None

    def _existence(self, source: VcenterSource, want: Declared) -> Origin | None:
        """Who has deleted or renamed a port group or machine that is absent, or has made one more of its name."""
        if isinstance(want, PortGroup) and want.switch == "standard":
            return None  # vCenter's events of port groups are those of distributed switches
        there, name = {row.moid for row in source.vsphere.found(want)}, want.called
        if len(there) == 1:
            return None
        for event in self._of_kind(source, want):
            if event.action is Action.CHANGED or name not in (event.name, event.was):
                continue
            if not there:
                return _origin(source.inventory, event, *_names(event)) if event.was == name else None
            if event.name == name and event.moid in there:
                return _origin(source.inventory, event, *_names(event))
        return None

    def _of_kind(self, source: VcenterSource, want: Declared) -> Iterator[VcenterEvent]:
        datacenter = source.inventory.datacenter(source.declared.datacenter)
        return (e for e in source.events() if e.kind is type(want) and e.datacenter == datacenter)

    def _folder(self, source: VcenterSource, want: VmFolder, *, put_right: bool) -> Origin | None:
        """Who has renamed or deleted a folder that is absent. An event names it without what it stands in."""
        vsphere = source.vsphere
        if len(vsphere.found(want)) - put_right:
            return None
        above, _, name = want.called.rpartition("/")
        paths = {folder.moid: folder.path for folder in vsphere.folders}
        renamed: set[str] = set()
        for event in source.events():
            if event.kind is not VmFolder:
                continue
            path = paths.get(event.moid)
            if event.action is Action.RENAMED and path is not None and path.rpartition("/")[0] == above:
                if event.was == name and path != want.called:
                    names: tuple[Any, ...] = () if event.moid in renamed else (want.called, path)
                    return _origin(source.inventory, event, *names)
                renamed.add(event.moid)
            elif event.action is Action.DELETED and path is None and event.was == name:
                return _origin(source.inventory, event) if self._is_only(source, want, name) else None
        return None

    def _is_only(self, source: VcenterSource, want: VmFolder, name: str) -> bool:
        """Whether no other folder bears this name, neither declared nor in the vCenter."""
        others = [each.called for each in self.environment.each(VmFolder) if each.key != want.key]
        others += [folder.path for folder in source.inventory.folders if folder.path != want.called]
        return all(path.rpartition("/")[2] != name for path in others)


def _names(event: VcenterEvent) -> tuple[str, ...]:
    return (event.was, event.name) if event.action is Action.RENAMED else ()


def _origin(inventory: Inventory, event: VcenterEvent, was: Any = None, now: Any = None) -> Origin | None:
    """None where the event names nobody."""
    if not event.user:
        return None
    account = AccountOwner.OWN if _account(event.user) == _account(inventory.user) else AccountOwner.OTHER
    author = Author(event.user, "", "", event.when - timedelta(seconds=ahead(inventory.skew)), account)
    return Origin(author, event.action, *((was, now) if was is not None else ()))


def _account(user: str) -> str:
    r"""A user however written: vCenter tells `VSPHERE.LOCAL\ann` of who logs in as `ann@vsphere.local`."""
    domain, backslash, name = user.partition("\\")
    return f"{name}@{domain}".casefold() if backslash else user.casefold()
