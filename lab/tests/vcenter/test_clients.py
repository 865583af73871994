"""Our endpoint under the hands of people who script vCenter: what the usual programs call, and expect to find."""

from __future__ import annotations

import pytest
from pyVim.task import WaitForTask
from pyVmomi import VmomiSupport, vim, vmodl

from lab.datacenter.model import Datacenter, Folder, Host, Vm
from lab.tests.vcenter import peers, seeding
from lab.tests.vcenter.peers import moid
from lab.vcenter.world import KINDS, MANAGERS

TOLD = "VSPHERE.LOCAL\\" + peers.USER.partition("@")[0]
"""How vCenter tells the user who logged in, however they wrote it."""


@pytest.fixture(scope="module")
def model(shared):
    from lab.datacenter.inventory import inventory_of

    return inventory_of(shared.site)


def objects(content, kind):
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
    try:
        return list(view.view)
    finally:
        view.Destroy()


def named(content, kind, name):
    return next(found for found in objects(content, kind) if found.name == name)


@pytest.fixture
def engine(content):
    return named(content, vim.VirtualMachine, "dns-se-abcde")


def required(kind):
    """The properties that an object of a type always has, by the API's own description, in the version spoken here."""
    spoken = {seeding.NEWEST, *VmomiSupport.GetVersionParents(seeding.NEWEST)}
    return [
        info.name
        for info in kind._GetPropertyList()
        if not info.flags & VmomiSupport.F_OPTIONAL and info.version in spoken
    ]


@pytest.mark.parametrize("kind", [vim.ResourcePool, *KINDS.values()], ids=lambda kind: kind.__name__)
def test_every_property_that_must_be_set_is(content, kind):
    """Lists may be empty; the rest of what the API does not call optional is there on every object."""
    for found in objects(content, kind):
        for name in required(kind):
            assert getattr(found, name) is not None, (found, name)


@pytest.mark.parametrize("moid", MANAGERS)
def test_every_manager_tells_what_it_must(si, moid):
    manager = MANAGERS[moid](moid, si._stub)
    for name in required(MANAGERS[moid]):
        assert getattr(manager, name) is not None, name


def test_everything_of_everything_in_one_read(content):
    """`all` on the base type: each property in its own serialization."""
    collector = vmodl.query.PropertyCollector
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.ManagedEntity], True)
    through = collector.TraversalSpec(name="view", path="view", skip=False, type=vim.view.ContainerView)
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=view, skip=True, selectSet=[through])],
        propSet=[collector.PropertySpec(type=vim.ManagedEntity, all=True)],
    )
    found = content.propertyCollector.RetrieveContents([spec])
    view.Destroy()
    assert len(found) > 20
    assert all(not row.missingSet for row in found)


class TestSummaries:
    def test_machine(self, engine):
        said = engine.summary
        assert (said.config.name, said.config.numCpu, said.config.numEthernetCards) == ("dns-se-abcde", 2, 2)
        assert said.config.instanceUuid == engine.config.instanceUuid
        assert said.guest.toolsStatus == "toolsOk"
        assert said.runtime.host.parent == engine.resourcePool.owner

    def test_devices_hang_together(self, engine):
        devices = {device.key: device for device in engine.config.hardware.device}
        for device in devices.values():
            assert device.controllerKey is None or device.controllerKey in devices
            if isinstance(device, vim.vm.device.VirtualController):
                assert all(devices[key].controllerKey == device.key for key in device.device)

    def test_cluster_and_host(self, content):
        (cluster,) = objects(content, vim.ClusterComputeResource)
        host = cluster.host[0]
        assert cluster.summary.numHosts == 3
        assert host.config.product.fullName.startswith("VMware ESXi 8.0.3")
        assert [nic.device for nic in host.config.network.pnic] == ["vmnic0", "vmnic1"]
        (disk,) = host.configManager.storageSystem.storageDeviceInfo.scsiLun
        assert host.config.storageDevice.scsiLun[0].canonicalName == disk.canonicalName
        assert host.config.network.proxySwitch[0].dvsName == "DVS0"

    def test_switch(self, content):
        (switch,) = objects(content, vim.DistributedVirtualSwitch)
        key = switch.portgroup[0].key
        assert switch.LookupDvPortGroup(key) == switch.portgroup[0]
        uplinks = [
            group for group in switch.portgroup if [tag.key for tag in group.tag] == ["SYSTEM/DVS.UPLINKPG"]
        ]
        assert uplinks == switch.config.uplinkPortgroup
        assert content.dvSwitchManager.QueryDvsByUuid(switch.uuid) == switch
        criteria = vim.dvs.PortCriteria(connected=True)
        ports = switch.FetchDVPorts(criteria)
        assert {port.connectee.connectedEntity.name for port in ports} >= {"dns-se-abcde"}
        assert not {port.portgroupKey for port in ports} - {group.key for group in switch.portgroup}


class TestSearch:
    def test_by_uuid(self, content, engine):
        search = content.searchIndex
        assert search.FindByUuid(None, engine.config.uuid, True, False) == engine
        assert search.FindByUuid(None, engine.config.instanceUuid, True, True) == engine
        assert search.FindAllByUuid(None, engine.config.uuid, True) == [engine]
        assert search.FindByUuid(None, "0" * 8 + "-0000-0000-0000-" + "0" * 12, True) is None

    def test_by_address_and_name(self, content, engine, model):
        model.named(Vm, "dns-se-abcde").nics[0].addresses = ["10.10.20.40/24"]
        model.revision += 1
        datacenter = seeding.datacenter(content)
        assert content.searchIndex.FindByIp(datacenter, "10.10.20.40", True) == engine
        assert content.searchIndex.FindByIp(None, "10.10.20.41", True) is None
        assert content.searchIndex.FindByDnsName(None, "DC0_C0_H0", False).name == "DC0_C0_H0"
        assert engine.guest.ipAddress == engine.summary.guest.ipAddress == "10.10.20.40"

    def test_by_file(self, content, engine):
        path = engine.config.files.vmPathName
        assert content.searchIndex.FindByDatastorePath(seeding.datacenter(content), path) == engine

    def test_what_may_not_be_viewed_is_not_found(self, shared, model, engine):
        """And finding is no offence: no NoPermission, nothing is there."""
        model.accounts["narrow@vsphere.local"] = "secret"
        model.allow("narrow@vsphere.local", frozenset(), entity=moid(model, Folder, "Site1 AZ2"))
        narrow = seeding.connect(shared, "narrow@vsphere.local", "secret")
        search = narrow.RetrieveContent().searchIndex
        assert search.FindByInventoryPath("DC0/vm/AVI K8S/Site1 AZ1/dns-se-abcde") is None
        assert search.FindByUuid(None, engine.config.uuid, True) is None
        assert search.FindByInventoryPath("DC0/vm/AVI K8S/Site1 AZ2").name == "Site1 AZ2"
        seeding.disconnect(narrow)


class TestTasksAndEvents:
    def test_task_names_what_it_does(self, content):
        folder = seeding.datacenter(content).vmFolder.CreateFolder("doomed")
        task = folder.Destroy_Task()
        WaitForTask(task)
        info = task.info
        assert (info.descriptionId, info.state) == ("ManagedEntity.destroy", "success")
        assert info.reason.userName == TOLD
        assert task in content.taskManager.recentTask

    def test_collectors_page_through_history(self, content, engine):
        with pytest.raises(vim.fault.InvalidPowerState):
            WaitForTask(engine.PowerOn())
        of_it = vim.TaskFilterSpec(entity=vim.TaskFilterSpec.ByEntity(entity=engine, recursion="self"))
        collector = content.taskManager.CreateCollectorForTasks(of_it)
        everything = []
        while page := collector.ReadNextTasks(1):
            everything += page
        assert everything[-1].state == "error"
        assert {info.entity for info in everything} == {engine}
        assert collector.ReadPreviousTasks(1)[0].key == everything[-1].key
        assert collector.latestPage[0].key == everything[-1].key
        collector.DestroyCollector()

    def test_events(self, content):
        manager = content.eventManager
        logins = manager.QueryEvents(vim.event.EventFilterSpec(eventTypeId=["UserLoginSessionEvent"]))
        assert logins[0].userName == TOLD
        assert logins[0].fullFormattedMessage.startswith(f"User {TOLD}@")
        assert all(isinstance(event, vim.event.UserLoginSessionEvent) for event in logins)
        assert manager.latestEvent is not None


class TestChanges:
    def test_machine_is_made_edited_and_removed(self, content):
        datacenter = seeding.datacenter(content)
        spec = seeding.vm_spec("made", [], disk=10)
        spec.annotation = "by a test"
        task = datacenter.vmFolder.CreateVM_Task(spec, seeding.pool(content))
        WaitForTask(task)
        machine = task.info.result
        assert (machine.config.annotation, machine.config.guestId) == ("by a test", "otherGuest64")
        device = vim.vm.device
        disk = device.VirtualDisk(
            key=-1, capacityInKB=5 << 20, backing=device.VirtualDisk.FlatVer2BackingInfo()
        )
        add = device.VirtualDeviceSpec(operation="add", fileOperation="create", device=disk)
        WaitForTask(machine.ReconfigVM_Task(vim.vm.ConfigSpec(name="edited", numCPUs=4, deviceChange=[add])))
        disks = [d for d in machine.config.hardware.device if isinstance(d, device.VirtualDisk)]
        assert (machine.name, machine.config.hardware.numCPU) == ("edited", 4)
        assert [d.capacityInKB >> 20 for d in disks] == [10, 5]
        disks[1].capacityInKB = 4 << 20
        shrink = device.VirtualDeviceSpec(operation="edit", device=disks[1])
        with pytest.raises(vmodl.fault.InvalidArgument):
            WaitForTask(machine.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=8, deviceChange=[shrink])))
        assert machine.config.hardware.numCPU == 4, "nothing is done where anything fails"
        WaitForTask(machine.Destroy_Task())
        with pytest.raises(vmodl.fault.ManagedObjectNotFound):
            _ = machine.name

    def test_edit_of_a_version_that_is_past(self, engine):
        with pytest.raises(vim.fault.ConcurrentAccess):
            WaitForTask(engine.ReconfigVM_Task(vim.vm.ConfigSpec(changeVersion="-1", annotation="late")))

    def test_copy_and_template(self, content, engine):
        folder = seeding.datacenter(content).vmFolder
        task = engine.CloneVM_Task(folder, "copy", vim.vm.CloneSpec(location=vim.vm.RelocateSpec()))
        WaitForTask(task)
        copy = task.info.result

        def macs(machine):
            return {d.macAddress for d in machine.config.hardware.device if hasattr(d, "macAddress")}

        assert len(macs(copy)) == 2
        assert not macs(copy) & macs(engine)
        copy.MarkAsTemplate()
        assert copy.config.template
        assert copy.resourcePool is None
        with pytest.raises(vmodl.fault.NotSupported):
            WaitForTask(copy.PowerOn())
        copy.MarkAsVirtualMachine(seeding.pool(content))
        copy.UnregisterVM()

    def test_vmotion(self, content, engine):
        here = engine.runtime.host
        there = next(host for host in objects(content, vim.HostSystem) if host != here)
        WaitForTask(engine.MigrateVM_Task(engine.resourcePool, there, "defaultPriority"))
        assert engine.runtime.host == there
        assert engine in there.vm

    def test_vmotion_to_a_host_that_is_away(self, content, engine, model):
        away = next(host for host in objects(content, vim.HostSystem) if host != engine.runtime.host)
        model.get(Host, away._moId).connected = False
        with pytest.raises(vim.fault.InvalidHostState):
            WaitForTask(engine.MigrateVM_Task(None, away, "defaultPriority"))
        model.get(Host, away._moId).connected = True

    def test_datacenter_cluster_and_switch(self, content, model):
        datacenter = content.rootFolder.CreateDatacenter("DC9")
        datacenter.hostFolder.CreateClusterEx("C9", vim.cluster.ConfigSpecEx())
        config = vim.dvs.VmwareDistributedVirtualSwitch.ConfigSpec(name="DVS9")
        spec = vim.DistributedVirtualSwitch.CreateSpec(configSpec=config)
        task = datacenter.networkFolder.CreateDVS_Task(spec)
        WaitForTask(task)
        WaitForTask(task.info.result.AddDVPortgroup_Task([seeding.group_spec("in DC9", seeding.vlan_id(9))]))
        assert "in DC9" in [group.name for group in datacenter.network]
        assert content.searchIndex.FindByInventoryPath("DC9/host/C9/Resources").owner.name == "C9"
        with pytest.raises(vmodl.fault.NotSupported):
            datacenter.vmFolder.CreateDatacenter("DC8")
        WaitForTask(datacenter.Destroy_Task())
        assert [d.name for d in model.of(Datacenter)] == ["DC0"]

    def test_what_a_folder_cannot_hold(self, content, engine):
        networks = seeding.datacenter(content).networkFolder
        with pytest.raises(vmodl.fault.NotSupported):
            WaitForTask(networks.MoveIntoFolder_Task([engine]))
        folder = content.searchIndex.FindByInventoryPath("DC0/vm/AVI K8S")
        with pytest.raises(vim.fault.InvalidFolder):
            WaitForTask(folder.childEntity[0].MoveIntoFolder_Task([folder]))

    def test_vlan_that_is_none(self, content):
        spec = seeding.group_spec("impossible", seeding.vlan_id(4095))
        with pytest.raises(vmodl.fault.InvalidArgument):
            WaitForTask(seeding.switch(content).AddDVPortgroup_Task([spec]))
        assert "impossible" not in seeding.groups_by_name(content)


class TestRoles:
    def test_life_of_a_role(self, content):
        manager = content.authorizationManager
        number = manager.AddAuthorizationRole("Life", ["Folder.Create"])
        with pytest.raises(vim.fault.AlreadyExists):
            manager.AddAuthorizationRole("Life", [])
        with pytest.raises(vmodl.fault.InvalidArgument):
            manager.UpdateAuthorizationRole(number, "Life", ["No.Such"])
        principal = "VSPHERE.LOCAL\\somebody"
        given = vim.AuthorizationManager.Permission(
            principal=principal, group=False, roleId=number, propagate=True
        )
        manager.SetEntityPermissions(content.rootFolder, [given])
        with pytest.raises(vim.fault.RemoveFailed):
            manager.RemoveAuthorizationRole(number, True)
        told = {found.principal for found in manager.RetrieveEntityPermissions(content.rootFolder, False)}
        assert told >= {principal, TOLD}
        manager.RemoveEntityPermission(content.rootFolder, principal, False)
        manager.RemoveAuthorizationRole(number, True)
        with pytest.raises(vim.fault.NotFound):
            manager.RemoveAuthorizationRole(number, True)

    def test_roles_of_vcenters_own_stay(self, content):
        with pytest.raises(vmodl.fault.InvalidArgument):
            content.authorizationManager.UpdateAuthorizationRole(-2, "ReadOnly", ["Folder.Create"])

    def test_what_a_session_may_do(self, content):
        key = content.sessionManager.currentSession.key
        manager = content.authorizationManager
        assert manager.HasPrivilegeOnEntity(content.rootFolder, key, ["Folder.Create"]) == [True]
        (found,) = manager.HasPrivilegeOnEntities([content.rootFolder], key, ["System.View"])
        assert found.privAvailability[0].isGranted

    def test_login_without_any_access(self, content, model):
        """The password is right, and there is nothing here for the account: NoPermission, as the reference says."""
        model.accounts["nobody@vsphere.local"] = "secret"
        stub = seeding.same_session(content.sessionManager._stub)
        stub.cookie = ""
        with pytest.raises(vim.fault.NoPermission):
            vim.SessionManager("SessionManager", stub).Login("nobody@vsphere.local", "secret")
        stub.DropConnections()


class TestOther:
    def test_domain_of_the_users(self, content):
        assert "VSPHERE.LOCAL" in content.userDirectory.domainList

    def test_settings(self, content):
        found = content.setting.QueryOptions("VirtualCenter.")
        assert {option.key for option in found} == {"VirtualCenter.InstanceName", "VirtualCenter.FQDN"}
        with pytest.raises(vim.fault.InvalidName):
            content.setting.QueryOptions("no.such.option")

    def test_list_view(self, content, engine):
        view = content.viewManager.CreateListView([engine])
        unknown = view.ModifyListView(add=[vim.VirtualMachine("vm-999999")], remove=[engine])
        assert [ref._moId for ref in unknown] == ["vm-999999"]
        assert list(view.view) == []
        view.Destroy()

    def test_view_of_what_holds_nothing(self, content, engine):
        with pytest.raises(vmodl.fault.InvalidArgument):
            content.viewManager.CreateContainerView(engine, [], True)

    def test_session_is_cloned(self, content):
        ticket = content.sessionManager.AcquireCloneTicket()
        stub = seeding.same_session(content.sessionManager._stub)
        stub.cookie = ""
        session = vim.SessionManager("SessionManager", stub).CloneSession(ticket)
        assert session.userName == TOLD
        assert session.key != content.sessionManager.currentSession.key
        stub.DropConnections()
        with pytest.raises(vim.fault.InvalidLogin):
            content.sessionManager.CloneSession(ticket)
