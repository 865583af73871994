"""What clients say of objects and vCenter only keeps: settings of switches, snapshots, custom attributes.

What Ansible's community.vmware makes twice has to be there, as it was said, the second time [CLIENT].
"""

from __future__ import annotations

import pytest
from pyVim.task import WaitForTask
from pyVmomi import vim, vmodl

from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import Snapshot
from lab.tests.vcenter import seeding

VmwareSwitch = vim.dvs.VmwareDistributedVirtualSwitch


@pytest.fixture
def pool(content):
    return content.searchIndex.FindByInventoryPath("DC0/host/DC0_C0/Resources")


class TestSwitches:
    def test_what_is_set_of_a_port_group_is_shown(self, content):
        teaming = VmwareSwitch.UplinkPortTeamingPolicy(policy=vim.StringPolicy(value="failover_explicit"))
        spec = seeding.group_spec("set", seeding.vlan_id(9))
        spec.defaultPortConfig.uplinkTeamingPolicy = teaming
        WaitForTask(seeding.switch(content).AddDVPortgroup_Task([spec]))
        group = seeding.groups_by_name(content)["set"]
        assert group.config.policy.macManagementOverrideAllowed is False
        policy = VmwareSwitch.VMwarePortgroupPolicy(vlanOverrideAllowed=True)
        edit = vim.dvs.DistributedVirtualPortgroup.ConfigSpec(
            configVersion=group.config.configVersion, policy=policy, autoExpand=False
        )
        WaitForTask(group.ReconfigureDVPortgroup_Task(edit))
        config = group.config
        setting = config.defaultPortConfig
        assert setting.vlan.vlanId == 9
        assert setting.uplinkTeamingPolicy.policy.value == "failover_explicit"
        assert setting.uplinkTeamingPolicy.notifySwitches.value is True
        assert config.policy.vlanOverrideAllowed is True
        assert config.autoExpand is False
        WaitForTask(group.Destroy_Task())

    def test_what_is_set_of_a_switch_is_shown(self, content):
        networks = seeding.datacenter(content).networkFolder
        config = VmwareSwitch.ConfigSpec(name="DVS8", maxMtu=9000)
        config.linkDiscoveryProtocolConfig = vim.host.LinkDiscoveryProtocolConfig(
            protocol="lldp", operation="both"
        )
        product = vim.dvs.ProductSpec(version="7.0.0")
        spec = vim.DistributedVirtualSwitch.CreateSpec(configSpec=config, productInfo=product)
        task = networks.CreateDVS_Task(spec)
        WaitForTask(task)
        switch = task.info.result
        edit = VmwareSwitch.ConfigSpec(maxMtu=1500, description="noted")
        with pytest.raises(vim.fault.ConcurrentAccess):
            WaitForTask(switch.ReconfigureDvs_Task(edit))
        edit.configVersion = switch.config.configVersion
        WaitForTask(switch.ReconfigureDvs_Task(edit))
        shown = switch.config
        assert (shown.maxMtu, shown.description, shown.productInfo.version) == (1500, "noted", "7.0.0")
        assert shown.linkDiscoveryProtocolConfig.protocol == "lldp"
        assert shown.multicastFilteringMode == "legacyFiltering"
        assert shown.configVersion != edit.configVersion
        WaitForTask(switch.Destroy_Task())
        assert not [name for name in seeding.groups_by_name(content) if name.startswith("DVS8")]


class TestSnapshots:
    @pytest.fixture
    def machine(self, content, pool):
        spec = vim.vm.ConfigSpec(name="snapped", guestId="otherGuest", numCPUs=1, memoryMB=512)
        task = seeding.datacenter(content).vmFolder.CreateVM_Task(spec, pool)
        WaitForTask(task)
        yield task.info.result
        WaitForTask(task.info.result.Destroy_Task())

    def taken(self, machine, name):
        task = machine.CreateSnapshot_Task(name, f"about {name}", False, False)
        WaitForTask(task)
        return task.info.result

    def test_tree(self, machine):
        assert machine.snapshot is None
        first, second = self.taken(machine, "one"), self.taken(machine, "two")
        (root,) = machine.snapshot.rootSnapshotList
        assert (root.name, root.description, root.state) == ("one", "about one", "poweredOff")
        assert [child.name for child in root.childSnapshotList] == ["two"]
        assert machine.snapshot.currentSnapshot == second
        assert first.childSnapshot == [second]
        WaitForTask(first.RemoveSnapshot_Task(removeChildren=False))
        (root,) = machine.snapshot.rootSnapshotList
        assert root.name == "two"
        WaitForTask(machine.RemoveAllSnapshots_Task())
        assert machine.snapshot is None

    def test_back(self, machine):
        first = self.taken(machine, "one")
        WaitForTask(machine.ReconfigVM_Task(vim.vm.ConfigSpec(memoryMB=1024, annotation="edited")))
        WaitForTask(machine.PowerOnVM_Task())
        WaitForTask(first.RevertToSnapshot_Task())
        assert machine.config.hardware.memoryMB == 512
        assert machine.config.annotation == ""
        assert machine.runtime.powerState == "poweredOff"
        WaitForTask(first.RemoveSnapshot_Task(removeChildren=True))
        with pytest.raises(vim.fault.NotFound):
            WaitForTask(machine.RevertToCurrentSnapshot_Task())

    def test_a_machine_goes_with_its_snapshots(self, shared, content, pool):
        folder = seeding.datacenter(content).vmFolder
        task = folder.CreateVM_Task(vim.vm.ConfigSpec(name="gone"), pool)
        WaitForTask(task)
        self.taken(task.info.result, "one")
        WaitForTask(task.info.result.Destroy_Task())
        assert not list(inventory_of(shared.site).of(Snapshot))


class TestAttributes:
    def test_life_of_an_attribute(self, content):
        view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
        engine = view.view[0]
        manager = content.customFieldsManager
        made = manager.AddFieldDefinition("owner", vim.VirtualMachine)
        with pytest.raises(vim.fault.DuplicateName):
            manager.AddFieldDefinition("owner", vim.VirtualMachine)
        assert [field.name for field in engine.availableField] == ["owner"]
        assert content.rootFolder.availableField == []
        manager.SetField(engine, made.key, "team one")
        assert [(value.key, value.value) for value in engine.customValue] == [(made.key, "team one")]
        engine.SetCustomValue("owner", "team two")
        assert [value.value for value in engine.value] == ["team two"]
        with pytest.raises(vmodl.fault.InvalidArgument):
            manager.SetField(content.rootFolder, made.key, "x")
        manager.RemoveCustomFieldDef(made.key)
        assert engine.customValue == []


class TestNonsense:
    """What a client may send and nothing can be made of is refused as vCenter refuses; it is no defect of ours."""

    def test_port_group_without_a_name(self, content):
        spec = vim.dvs.DistributedVirtualPortgroup.ConfigSpec(type="earlyBinding")
        with pytest.raises(vim.fault.InvalidName):
            WaitForTask(seeding.switch(content).AddDVPortgroup_Task([spec]))

    def test_no_privilege(self, content):
        with pytest.raises(vmodl.fault.InvalidArgument):
            content.authorizationManager.HasUserPrivilegeOnEntities([content.rootFolder], "x@y", [])

    def test_import_of_nothing(self, pool):
        with pytest.raises(vmodl.fault.InvalidArgument):
            pool.ImportVApp(vim.ImportSpec())
