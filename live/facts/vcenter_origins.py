"""Origins of drift in vCenter: who made a port group, folder or machine what it was found to be, by vCenter's events.

The newest event that concerns what was found is its origin where it explains it; otherwise nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from intent import ControllerVm, Drift, Environment, PortGroup, VmFolder
from intent.author import Account, Action, Author, Origin
from intent.drift import EXISTENCE
from live.facts.origins import ODD, ahead
from live.vcenter.inventory import Inventory, VcenterEvent
from live.vcenter.source import VcenterSource, VcenterSources

Declared = PortGroup | VmFolder | ControllerVm


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
        if not isinstance(want, Declared):
            return None
        try:
            source = self.vcenters.of(want.vcenter)
            if drift.path != EXISTENCE:
                return self._leaf(source, want, drift)
            if isinstance(want, VmFolder):
                return self._folder(source, want, put_right=put_right)
            return self._existence(source, want)
        except ODD:
            return None

    def _leaf(self, source: VcenterSource, want: Declared, drift: Drift) -> Origin | None:
        moid = source.vsphere.raw(want).moid
        for event in source.events:
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
        return (e for e in source.events if e.kind is type(want) and e.datacenter == datacenter)

    def _folder(self, source: VcenterSource, want: VmFolder, *, put_right: bool) -> Origin | None:
        """Who has renamed or deleted a folder that is absent. An event names it without what it stands in."""
        vsphere = source.vsphere
        if len(vsphere.found(want)) - put_right:
            return None
        above, _, name = want.called.rpartition("/")
        paths = {folder.moid: folder.path for folder in vsphere.folders}
        renamed: set[str] = set()
        for event in source.events:
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


def _origin(inventory: Inventory, event: VcenterEvent, was: Any = None, now: Any = None) -> Origin:
    account = Account.OWN if _account(event.user) == _account(inventory.user) else Account.OTHER
    author = Author(event.user, "", "", event.when - timedelta(seconds=ahead(inventory.skew)), account)
    return Origin(author, event.action, *((was, now) if was is not None else ()))


def _account(user: str) -> str:
    r"""A user however written: vCenter tells `VSPHERE.LOCAL\ann` of who logs in as `ann@vsphere.local`."""
    domain, backslash, name = user.partition("\\")
    return f"{name}@{domain}".casefold() if backslash else user.casefold()
