"""What the product reads and writes, the same on our endpoint and on govmomi's vcsim."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from pyVmomi import vim

from intent import Blocked, ControllerVm, PortGroup, Vcenter, VcenterAccount, VmFolder
from lab.tests.vcenter import seeding
from live.errors import ReadOnly, Refused, Unreachable
from live.vcenter.gateway import VcenterGateway
from live.vcenter.inventory import Vsphere
from tests import lengths

pytestmark = lengths.WHOLE_SITE


def gateway(peer, **options):
    declared = Vcenter(address=peer.address, port=peer.port, ca_file=str(peer.ca_file), datacenter="DC0")
    options = {"password": SecretStr(peer.password), "username": peer.user, "base": Path("/"), **options}
    return VcenterGateway(declared, **options)


@pytest.fixture
def opened(peer):
    found = gateway(peer)
    yield found
    found.close()


@pytest.fixture(scope="module")
def inventory(peer):
    found = gateway(peer)
    yield found.read(("svc-test@vsphere.local",))
    found.close()


@pytest.fixture
def vsphere(inventory):
    return Vsphere(inventory, "DC0")


@pytest.fixture(scope="module")
def content(peer):
    si = seeding.connect(peer)
    yield si.RetrieveContent()
    seeding.disconnect(si)


class TestReading:
    def test_few_calls(self, inventory):
        assert inventory.calls <= 10

    def test_datacenter(self, inventory):
        assert set(inventory.datacenters) == {"DC0"}

    def test_another_datacenter_is_blocked(self, inventory):
        with pytest.raises(Blocked, match="no datacenter DC9"):
            Vsphere(inventory, "DC9")

    @pytest.mark.parametrize(("name", "vlan"), seeding.GROUPS.items())
    def test_vlan(self, vsphere, name, vlan):
        found = vsphere[PortGroup(name=name, vlan=1)]
        assert (found.vlan, found.switch) == (vlan, "distributed")

    def test_trunk_is_not_a_vlan(self, vsphere):
        assert vsphere[PortGroup(name="trunk", vlan=1)].vlan == "trunk 100-199, 3000"

    def test_standard_port_group(self, vsphere):
        found = vsphere[PortGroup(name="STANDARD_77", vlan=1)]
        assert (found.vlan, found.switch) == (77, "standard")

    def test_escaped_name(self, vsphere):
        names = {group.name for group in vsphere.groups}
        assert "odd/name" in names
        assert "odd%2fname" not in names

    def test_uplinks_are_told_apart(self, vsphere):
        uplinks = {
            group.name for group in vsphere.groups if str(group.vlan).startswith("uplinks, trunk 0-4094")
        }
        assert uplinks
        assert not uplinks & set(seeding.GROUPS)

    @pytest.mark.parametrize("path", ["AVI K8S", "AVI K8S/Site1 AZ1", "AVI K8S/Site1 AZ2"])
    def test_folder(self, vsphere, path):
        assert vsphere.raw(VmFolder(name=path)).path == path

    def test_missing_folder(self, vsphere):
        assert vsphere.found(VmFolder(name="AVI K8S/Site9")) == []

    def test_machine(self, vsphere):
        found = vsphere.raw(ControllerVm(name="avi-controller-1"))
        assert (found.cpus, found.memory, found.disk, found.folder) == (8, 24576, 128.0, "AVI K8S")
        assert not found.powered_on

    def test_network_adapters(self, vsphere):
        found = vsphere.raw(ControllerVm(name="dns-se-abcde"))
        assert found.powered_on
        assert [vsphere.group(nic.group).name for nic in found.nics] == [
            "REGIONB_MGMT_3020",
            "AVI_FRONTEND_3025",
        ]
        assert all(vsphere.machines_of(nic.mac.upper()) == [found] for nic in found.nics)

    def test_adapter_on_a_standard_switch(self, vsphere):
        (nic,) = vsphere.raw(ControllerVm(name="on-standard")).nics
        assert vsphere.group(nic.group).name == "STANDARD_77"

    def test_clock(self, inventory):
        assert abs(inventory.skew) < 5
        assert inventory.slack < 5

    def test_own_privileges(self, vsphere):
        want = VcenterAccount(name="SVC-TEST@vsphere.local", privileges=("Folder.Create",))
        assert all("Folder.Create" in granted for _, _, granted in vsphere.granted(want))


class TestSession:
    def test_wrong_password(self, peer):
        with pytest.raises(Unreachable, match=r"refuses the password of svc-test@vsphere\.local"):
            gateway(peer, password=SecretStr("wrong")).connect()

    def test_untrusted_certificate(self, peer):
        declared = Vcenter(address=peer.address, port=peer.port, datacenter="DC0")
        found = VcenterGateway(declared, peer.user, SecretStr(peer.password), base=Path("/"))
        with pytest.raises(Unreachable, match="certificate that is not trusted"):
            found.connect()

    def test_close_twice(self, peer):
        found = gateway(peer)
        found.connect()
        found.close()
        found.close()

    def test_password_is_never_shown(self, peer):
        assert "secret" not in repr(gateway(peer))


class TestWriting:
    def test_read_only(self, opened):
        before = opened.calls
        with pytest.raises(ReadOnly):
            opened.create_folder("group-v1", "never")
        assert opened.calls == before

    def test_create_folder_and_move(self, peer, vsphere):
        writing = gateway(peer, writable=True)
        parent = vsphere.raw(VmFolder(name="AVI K8S"))
        made = writing.create_folder(parent.moid, "Site2 AZ1")
        machine = vsphere.raw(ControllerVm(name="on-standard"))
        writing.move_machine(machine.moid, made)
        after = Vsphere(writing.read(), "DC0")
        writing.close()
        assert after.raw(VmFolder(name="AVI K8S/Site2 AZ1")).moid == made
        assert after.raw(ControllerVm(name="on-standard")).folder == "AVI K8S/Site2 AZ1"

    def test_duplicate_is_refused(self, peer, vsphere):
        writing = gateway(peer, writable=True)
        parent = vsphere.raw(VmFolder(name="AVI K8S"))
        with pytest.raises(Refused) as refused:
            writing.create_folder(parent.moid, "Site1 AZ1")
        assert refused.value.status == 409
        writing.close()


class TestApi:
    """Faults and answers that pyVmomi's users rely on."""

    def test_find_by_path(self, content):
        assert content.searchIndex.FindByInventoryPath("DC0/vm/AVI K8S/Site1 AZ1").name == "Site1 AZ1"
        assert content.searchIndex.FindByInventoryPath("DC0/vm/nowhere") is None

    def test_duplicate_folder(self, content):
        with pytest.raises(vim.fault.DuplicateName):
            content.searchIndex.FindByInventoryPath("DC0/vm").CreateFolder("AVI K8S")

    def test_power_state_fault(self, content):
        machine = content.searchIndex.FindByInventoryPath("DC0/vm/AVI K8S/Site1 AZ1/dns-se-abcde")
        with pytest.raises(vim.fault.InvalidPowerState):
            seeding.wait(machine.PowerOn())

    def test_rename_and_destroy(self, content):
        folder = content.searchIndex.FindByInventoryPath("DC0/vm").CreateFolder("for a moment")
        seeding.wait(folder.Rename_Task("renamed"))
        assert content.searchIndex.FindByInventoryPath("DC0/vm/renamed") is not None
        seeding.wait(folder.Destroy_Task())
        assert content.searchIndex.FindByInventoryPath("DC0/vm/renamed") is None

    def test_reconfigured_port_group(self, content):
        group = seeding.groups_by_name(content)["untagged"]
        seeding.edit(group, vlan=12)
        assert group.config.defaultPortConfig.vlan.vlanId == 12

    def test_roles(self, content):
        manager = content.authorizationManager
        number = manager.AddAuthorizationRole("AviRole", ["Folder.Create", "Network.Assign"])
        role = next(role for role in manager.roleList if role.roleId == number)
        assert {"Folder.Create", "Network.Assign"} <= set(role.privilege)

    def test_edited_adapter(self, content):
        machine = content.searchIndex.FindByInventoryPath("DC0/vm/AVI K8S/avi-controller-1")
        group = seeding.groups_by_name(content)["REGIONB_VMS_3024"]
        device = next(
            d for d in machine.config.hardware.device if isinstance(d, vim.vm.device.VirtualEthernetCard)
        )
        device.backing = seeding.card(group, seeding.switch(content).uuid).device.backing
        change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=device)
        seeding.wait(machine.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))
        (found,) = (
            d for d in machine.config.hardware.device if isinstance(d, vim.vm.device.VirtualEthernetCard)
        )
        assert found.backing.port.portgroupKey == group.key


def test_opaque_network_on_vcsim(vcsim):
    """An opaque network (NSX) is told as what it is. NSX-backed port groups came with 7.0, and vcsim speaks 6.5."""
    opened = gateway(vcsim)
    found = Vsphere(opened.read(), "DC0")
    opened.close()
    assert [(g.name, g.vlan) for g in found.groups if g.switch == "nsx"] == [("DC0_NSX0", "NSX segment")]
