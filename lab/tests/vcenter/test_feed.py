"""The change feed: what WaitForUpdates and its like tell, as pyVmomi's users loop over it."""

from __future__ import annotations

import threading
import time

import pytest
from pyVmomi import vim, vmodl

from lab.datacenter.model import Vm
from lab.tests.vcenter import seeding
from lab.tests.vcenter.peers import moid

PC = vmodl.query.PropertyCollector


@pytest.fixture
def si(fresh):
    found = seeding.connect(fresh)
    yield found
    seeding.disconnect(found)


@pytest.fixture
def collector(si):
    made = si.RetrieveContent().propertyCollector.CreatePropertyCollector()
    yield made
    made.Destroy()


@pytest.fixture
def machine(si, model):
    return vim.VirtualMachine(moid(model, Vm, "dns-se-abcde"), si._stub)


def watch(collector, refs, *paths):
    kind = type(refs[0])
    return collector.CreateFilter(
        PC.FilterSpec(
            objectSet=[PC.ObjectSpec(obj=ref) for ref in refs],
            propSet=[PC.PropertySpec(type=kind, pathSet=list(paths))],
        ),
        False,
    )


def watch_all(si, collector, kind, *paths):
    """As monitors do: through a view, so that new objects are told of too."""
    content = si.RetrieveContent()
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
    through = PC.TraversalSpec(name="view", path="view", skip=False, type=vim.view.ContainerView)
    spec = PC.FilterSpec(
        objectSet=[PC.ObjectSpec(obj=view, skip=True, selectSet=[through])],
        propSet=[PC.PropertySpec(type=kind, pathSet=list(paths))],
    )
    return collector.CreateFilter(spec, False)


def told(update):
    """[(kind, object's id, {path: value})]"""
    return [
        (o.kind, o.obj._moId, {c.name: c.val for c in o.changeSet})
        for filtered in update.filterSet
        for o in filtered.objectSet
    ]


def test_first_everything_then_only_what_changed(collector, machine, model):
    watch(collector, [machine], "name", "runtime.powerState")
    first = collector.WaitForUpdatesEx("", PC.WaitOptions(maxWaitSeconds=10))
    assert told(first) == [
        ("enter", machine._moId, {"name": "dns-se-abcde", "runtime.powerState": "poweredOn"})
    ]
    assert collector.CheckForUpdates(first.version) is None
    model.rename(model.named(Vm, "dns-se-abcde"), "renamed")
    second = collector.CheckForUpdates(first.version)
    assert told(second) == [("modify", machine._moId, {"name": "renamed"})]
    assert second.version != first.version


def test_wait_ends_without_a_change(collector, machine):
    watch(collector, [machine], "name")
    version = collector.WaitForUpdatesEx("", PC.WaitOptions(maxWaitSeconds=10)).version
    began = time.monotonic()
    assert collector.WaitForUpdatesEx(version, PC.WaitOptions(maxWaitSeconds=1)) is None
    assert time.monotonic() - began >= 0.9


def test_wait_ends_with_a_change(fresh, collector, machine, model):
    """Made meanwhile by somebody else, in a session of his own."""
    watch(collector, [machine], "runtime.powerState")
    version = collector.WaitForUpdatesEx("").version
    other = seeding.connect(fresh)
    same = vim.VirtualMachine(machine._moId, other._stub)
    later = threading.Timer(0.3, lambda: seeding.wait(same.PowerOff()))
    later.start()
    found = collector.WaitForUpdatesEx(version, PC.WaitOptions(maxWaitSeconds=60))
    later.join()
    seeding.disconnect(other)
    assert told(found) == [("modify", machine._moId, {"runtime.powerState": "poweredOff"})]


def test_objects_that_come_and_go(si, collector, model):
    watch_all(si, collector, vim.Folder, "name")
    first = collector.WaitForUpdates("")
    assert "AVI K8S" in [values["name"] for _, _, values in told(first)]
    made = seeding.datacenter(si.RetrieveContent()).vmFolder.CreateFolder("for a moment")
    second = collector.WaitForUpdates(first.version)
    assert told(second) == [("enter", made._moId, {"name": "for a moment"})]
    seeding.wait(made.Destroy())
    third = collector.WaitForUpdates(second.version)
    assert told(third) == [("leave", made._moId, {})]


def test_property_that_becomes_unset(collector, machine, model):
    watch(collector, [machine], "config.hardware.numCPU")
    version = collector.WaitForUpdates("").version
    model.named(Vm, "dns-se-abcde").state = "inaccessible"
    model.revision += 1
    assert told(collector.CheckForUpdates(version)) == [
        ("modify", machine._moId, {"config.hardware.numCPU": None})
    ]


def test_an_answer_that_was_lost_is_told_again(collector, machine, model):
    watch(collector, [machine], "name")
    first = collector.WaitForUpdates("").version
    model.rename(model.named(Vm, "dns-se-abcde"), "renamed")
    lost = collector.CheckForUpdates(first)
    again = collector.CheckForUpdates(first)
    assert told(again) == told(lost)
    assert collector.CheckForUpdates(again.version) is None


def test_version_of_nobody(collector, machine):
    watch(collector, [machine], "name")
    with pytest.raises(vmodl.query.InvalidCollectorVersion):
        collector.CheckForUpdates("27")


def test_no_more_objects_than_asked_for(si, collector):
    watch_all(si, collector, vim.VirtualMachine, "name")
    names, version, more = [], "", True
    while more:
        found = collector.WaitForUpdatesEx(version, PC.WaitOptions(maxObjectUpdates=1, maxWaitSeconds=10))
        assert len(told(found)) == 1
        names += [values["name"] for _, _, values in told(found)]
        version, more = found.version, found.truncated
    assert sorted(names) == ["avi-controller-1", "dns-se-abcde", "on-standard"]


def test_waiting_is_cancelled(fresh, collector, machine):
    watch(collector, [machine], "name")
    version = collector.WaitForUpdates("").version
    same = type(collector)(collector._moId, seeding.same_session(collector._stub))
    later = threading.Timer(0.3, same.CancelWaitForUpdates)
    later.start()
    with pytest.raises(vmodl.fault.RequestCanceled):
        collector.WaitForUpdatesEx(version, PC.WaitOptions(maxWaitSeconds=60))
    later.join()
    same._stub.DropConnections()


def test_filters_are_of_their_collector_and_session(fresh, si, collector, machine):
    watch(collector, [machine], "name")
    mine = si.RetrieveContent().propertyCollector
    assert mine.CheckForUpdates("") is None
    other = seeding.connect(fresh)
    assert other.RetrieveContent().propertyCollector.CheckForUpdates("") is None
    seeding.disconnect(other)


def test_filter_on_what_is_not_there(collector, si):
    with pytest.raises(vmodl.query.InvalidProperty):
        watch(collector, [si.RetrieveContent().rootFolder], "nosuch")
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        watch(collector, [vim.VirtualMachine("vm-999999", si._stub)], "name")


def test_destroyed_filter_tells_nothing(collector, machine, model):
    found = watch(collector, [machine], "name")
    version = collector.WaitForUpdates("").version
    found.Destroy()
    model.rename(model.named(Vm, "dns-se-abcde"), "renamed")
    assert collector.CheckForUpdates(version) is None
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        found.Destroy()
