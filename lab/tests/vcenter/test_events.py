"""Events of the lab's vCenter: each change of a port group, a folder or a machine leaves the one that vCenter logs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pyVmomi import vim

from lab.tests.vcenter import peers, seeding

TOLD = "VSPHERE.LOCAL\\" + peers.USER.partition("@")[0]
Filter = vim.event.EventFilterSpec


@pytest.fixture
def since(content):
    """The events since the test began, oldest first, without those that a filter of their types leaves out."""
    last = content.eventManager.latestEvent.key

    def events(*types, **members):
        wanted = Filter(eventTypeId=list(types), **members)
        return [each for each in content.eventManager.QueryEvents(wanted) if each.key > last]

    return events


def kinds(events):
    return [type(each).__name__.rpartition(".")[2] for each in events]


def machine(content, name):
    spec = seeding.vm_spec(name, [], disk=10)
    return seeding.wait(seeding.datacenter(content).vmFolder.CreateVM_Task(spec, seeding.pool(content)))


def test_a_port_group_from_its_beginning_to_its_end(content, since):
    switch = seeding.switch(content)
    seeding.wait(switch.AddDVPortgroup_Task([seeding.group_spec("first", seeding.vlan_id(7))]))
    group = seeding.groups_by_name(content)["first"]
    seeding.edit(group, vlan=9)
    seeding.wait(group.Rename_Task("of 50%25"))
    seeding.wait(group.Destroy_Task())
    created, changed, renamed, destroyed = events = [
        e for e in since() if not isinstance(e, vim.event.TaskEvent)
    ]
    assert kinds(events) == [
        f"DVPortgroup{what}Event" for what in ("Created", "Reconfigured", "Renamed", "Destroyed")
    ]
    assert {each.userName for each in events} == {TOLD}
    assert {each.net.network._moId for each in events} == {group._moId}
    assert {each.datacenter.name for each in events} == {"DC0"}
    assert (created.net.name, destroyed.net.name) == ("first", "of 50%25")
    assert changed.configSpec.defaultPortConfig.vlan.vlanId == 9
    assert changed.configChanges.modified == "config.defaultPortConfig.vlan.vlanId: 7 -> 9;\n\n"
    assert (renamed.oldName, renamed.newName) == ("first", "of 50%25")
    assert created.createdTime <= destroyed.createdTime
    tasks = {each.chainId: each.info.descriptionId.rpartition(".")[2] for each in since("TaskEvent")}
    assert [tasks[each.chainId] for each in events[1:]] == ["reconfigure", "rename", "destroy"]
    assert created.chainId in tasks


def test_a_machine_from_its_beginning_to_its_end(content, since):
    vm = machine(content, "alpha")
    seeding.wait(vm.PowerOn())
    seeding.wait(vm.PowerOff())
    seeding.wait(vm.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=4, name="beta")))
    seeding.wait(vm.Destroy_Task())
    events = [each for each in since() if not isinstance(each, vim.event.TaskEvent)]
    assert kinds(events) == [
        f"Vm{what}Event"
        for what in ("Created", "PoweredOn", "PoweredOff", "Renamed", "Reconfigured", "Removed")
    ]
    assert {each.vm.vm for each in events} == {vm}
    assert all(each.host.name and not each.template for each in events)
    assert events[4].configSpec.numCPUs == 4
    assert "config.hardware.numCPU: 2 -> 4;" in events[4].configChanges.modified


def test_what_is_refused_leaves_its_task_alone(content, since):
    vm = machine(content, "busy")
    seeding.wait(vm.PowerOn())
    before = len(since())
    with pytest.raises(vim.fault.InvalidPowerState):
        seeding.wait(vm.Destroy_Task())
    assert kinds(since()[before:]) == ["TaskEvent"]
    vm.ShutdownGuest()
    assert kinds(since()[before + 1 :]) == ["VmPoweredOffEvent"]


def test_a_folder_has_its_tasks_with_the_name_that_it_bore(content, since):
    """vCenter has no events of folders but their tasks."""
    folder = seeding.datacenter(content).vmFolder.CreateFolder("old")
    seeding.wait(folder.Rename_Task("new"))
    seeding.wait(folder.Destroy_Task())
    events = since("TaskEvent")
    assert [(each.info.descriptionId, each.info.entityName) for each in events] == [
        ("ManagedEntity.rename", "old"),
        ("ManagedEntity.destroy", "new"),
    ]
    assert {each.info.entity for each in events} == {folder}


def test_a_filter_bounds_what_is_answered(content, since):
    vm, other = machine(content, "filtered"), machine(content, "aside")
    seeding.wait(vm.PowerOn())
    first = since()[-1]
    seeding.wait(vm.PowerOff())
    seeding.wait(other.PowerOn())
    of_it = Filter.ByEntity(entity=vm, recursion="self")
    assert kinds(since("VmPoweredOffEvent", "vim.event.VmPoweredOnEvent", entity=of_it)) == [
        "VmPoweredOnEvent",
        "VmPoweredOffEvent",
    ]
    assert kinds(since("VmPoweredOffEvent", "VmPoweredOnEvent", maxCount=1)) == ["VmPoweredOnEvent"]
    until = Filter.ByTime(endTime=first.createdTime)
    assert [each.key for each in since("VmPoweredOnEvent", "VmPoweredOffEvent", time=until)][-1] == first.key
    later = Filter.ByTime(beginTime=first.createdTime + timedelta(days=1))
    assert since(time=later) == []
    assert since(userName=Filter.ByUsername(systemUser=False, userList=["VSPHERE.LOCAL\\nobody"])) == []
    seeding.wait(other.PowerOff())


def test_a_machine_that_goes_back_to_a_snapshot_was_not_edited(content, since):
    vm = machine(content, "kept")
    taken = seeding.wait(vm.CreateSnapshot_Task(name="first", description="", memory=False, quiesce=False))
    seeding.wait(vm.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=4)))
    before = len(since())
    seeding.wait(taken.RevertToSnapshot_Task())
    assert kinds(since()[before:]) == ["TaskEvent"]
