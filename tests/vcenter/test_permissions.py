"""What a run's account may see and what declared accounts may do in vCenter, as the product reads it from our endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import test_vcenter as checks
from intent import Blocked, ControllerVm, Drifted, PortGroup, Unknown, VcenterAccount
from lab.datacenter.model import Datacenter, Folder, Permission, Vm
from lab.datacenter.model import PortGroup as Group
from lab.tests.vcenter.peers import moid
from lab.vcenter.world import METHODS
from live.errors import Refused
from live.vcenter.inventory import Vsphere
from tests import lengths
from tests.vcenter.reading import gateway, read

pytestmark = lengths.WHOLE_SITE

LIMITED = "limited@vsphere.local"
READ = frozenset({"System.Read", "System.View"})
ACCOUNT = "svc-avi@vsphere.local"
GLOBAL = frozenset({"Network.Assign", "Datastore.AllocateSpace", "Task.Create"})
FOLDER = frozenset({"Folder.Create", "VApp.Create", "VirtualMachine.Inventory.Create"})
"""Of the vendor's two roles, what tells them apart."""


def lacking(vsphere, *privileges):
    """What an account lacks of these privileges, by entity."""
    parts = vsphere.granted(VcenterAccount(name=ACCOUNT, privileges=privileges))
    return {entity: lost for entity, wanted, granted in parts if (lost := set(wanted) - granted)}


@pytest.fixture
def peer(fresh, model):
    model.accounts[LIMITED] = "secret"
    return fresh


class TestPermissions:
    def test_without_any_nothing_is_known(self, peer):
        with pytest.raises(Unknown, match=r"lacks a permission for System\.View; give this run's account"):
            read(peer, LIMITED)

    def test_view_without_read_is_unknown(self, peer, model):
        model.allow(LIMITED, READ)
        number = max(model.roles) + 1
        model.roles[number] = type(model.roles[-1])(number, "view only", frozenset({"System.View"}))
        for kind, name in ((Group, "REGIONB_VMS_3024"), (Vm, "avi-controller-1")):
            model.permissions.append(Permission(moid(model, kind, name), LIMITED, number))
        found = Vsphere(read(peer, LIMITED), "DC0")
        with pytest.raises(Unknown, match=r"lacks System\.Read"):
            _ = found[PortGroup(name="REGIONB_VMS_3024", vlan=3024)]
        with pytest.raises(Unknown, match="number of CPUs of VM avi-controller-1 could not be read"):
            found.raw(ControllerVm(name="avi-controller-1")).known("cpus")
        assert found[PortGroup(name="AVI_FRONTEND_3025", vlan=1)].vlan == 3025

    def test_hidden_port_group_behind_an_adapter(self, peer, model):
        """The adapter's key is told, the port group is not shown: a permission is missing, no port group."""
        model.allow(LIMITED, READ)
        hidden = moid(model, Group, "AVI_FRONTEND_3025")
        model.permissions.append(Permission(hidden, LIMITED, -5))
        found = Vsphere(read(peer, LIMITED), "DC0")
        keys = {nic.group for nic in found.raw(ControllerVm(name="dns-se-abcde")).nics}
        assert hidden in keys
        assert found.group(hidden) is None

    def test_account_privileges_by_name(self, peer, model):
        model.allow("svc-avi@vsphere.local", frozenset({"Folder.Create", "Network.Assign"}))
        found = Vsphere(read(peer, accounts=("VSPHERE.LOCAL\\svc-avi", "svc-avi@vsphere.local")), "DC0")
        want = VcenterAccount(name="svc-avi@vsphere.local", privileges=("Folder.Create", "Network.Delete"))
        ((entity, wanted, granted),) = found.granted(want)
        assert (entity, wanted) == ("/DC0", ("Folder.Create", "Network.Delete"))
        assert set(wanted) & granted == {"Folder.Create"}

    def test_the_nearest_permission_counts(self, peer, model):
        """A role on the SE folder takes away what the datacenter gives, and the place is named."""
        model.allow("svc-avi@vsphere.local", frozenset({"Folder.Create"}))
        model.allow("svc-avi@vsphere.local", frozenset(), entity=moid(model, Folder, "Site1 AZ1"))
        path = "AVI K8S/Site1 AZ1"
        found = Vsphere(read(peer, accounts=("svc-avi@vsphere.local",), folders=(path,)), "DC0")
        assert lacking(found, "Folder.Create") == {f"/DC0/vm/{path}": {"Folder.Create"}}

    def test_privileges_by_entity(self, peer, model):
        """The vendor's two roles: one on all of vCenter, one on the folder of the Service Engines."""
        model.allow(ACCOUNT, frozenset({"Network.Assign"}), entity="group-d1")
        model.allow(
            ACCOUNT, frozenset({"Network.Assign", "Folder.Create"}), entity=moid(model, Folder, "AVI K8S")
        )
        paths = ("/", "/DC0", "/DC0/vm/AVI K8S", "/DC0/vm/AVI K8S/Site1 AZ1", "/DC0/vm/NOT THERE")
        vsphere = Vsphere(read(peer, accounts=(ACCOUNT,), paths=paths), "DC0")
        everywhere = [{"on": path, "names": ["Network.Assign", "Folder.Create"]} for path in paths[:4]]
        assert lacking(vsphere, *everywhere) == {"/": {"Folder.Create"}, "/DC0": {"Folder.Create"}}
        with pytest.raises(
            Unknown, match=r"shows .* no /DC0/vm/NOT THERE: correct vcenter\.account\.privileges"
        ):
            lacking(vsphere, {"on": paths[4], "names": ["Folder.Create"]})

    @pytest.mark.parametrize(
        ("given", "drifts"),
        [
            ({"/": GLOBAL, "AVI K8S": GLOBAL | FOLDER}, {}),
            ({"/": GLOBAL | FOLDER}, {}),
            ({"DC0": GLOBAL, "AVI K8S": GLOBAL | FOLDER}, {"/": GLOBAL}),
            ({"/": GLOBAL, "AVI K8S": GLOBAL | FOLDER - {"VApp.Create"}}, {"/DC0/vm/AVI K8S": {"VApp.Create"}}),
            ({"/": GLOBAL - {"Network.Assign"}, "AVI K8S": GLOBAL | FOLDER}, {"/": {"Network.Assign"}}),
            ({"/": GLOBAL, "Site1 AZ1": GLOBAL | FOLDER}, {"/DC0/vm/AVI K8S": FOLDER}),
            ({"/": GLOBAL, "AVI K8S": GLOBAL}, {"/DC0/vm/AVI K8S": FOLDER}),
            ({"AVI K8S": FOLDER}, {"/": GLOBAL}),
        ],
        ids=[
            "as the vendor says", "all above", "the global one on the datacenter", "one missing in the folder",
            "one missing above", "on a folder beneath", "the folder's role hides nothing but gives nothing",
            "on the folder alone",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("group", [False, True], ids=["to the account", "to a group of it"])
    def test_the_vendors_two_roles_are_checked_where_they_are_wanted(self, peer, model, given, drifts, group):
        """What is missing is told on its entity, and what is given elsewhere is no drift."""
        places = {"/": "group-d1", "DC0": moid(model, Datacenter, "DC0")}
        principal = "VSPHERE.LOCAL\\avi" if group else ACCOUNT
        model.permissions[:] = [p for p in model.permissions if p.principal != ACCOUNT]
        for place, names in given.items():
            model.allow(principal, names, entity=places.get(place) or moid(model, Folder, place))
        if group:
            model.groups[ACCOUNT] = frozenset({principal})
            model.permissions[:] = [
                replace(p, group=True) if p.principal == principal else p for p in model.permissions
            ]
        wanted = ({"on": "/", "names": sorted(GLOBAL)}, {"on": "/DC0/vm/AVI K8S", "names": sorted(FOLDER)})
        vsphere = Vsphere(read(peer, accounts=(ACCOUNT,), paths=[part["on"] for part in wanted]), "DC0")
        found = {}
        try:
            checks.test_privileges(VcenterAccount(name=ACCOUNT, privileges=wanted), vsphere)
        except Drifted as why:
            found = {drift.path: set(drift.want) - set(drift.have) for drift in why.drifts}
        assert found == {f"privileges[{entity}]": lost for entity, lost in drifts.items()}

    def test_a_permission_that_does_not_propagate_ends_where_it_is_given(self, peer, model):
        model.allow(ACCOUNT, frozenset({"Folder.Create"}), entity=moid(model, Folder, "AVI K8S"))
        model.permissions[:] = [
            replace(p, propagate=False) if p.principal == ACCOUNT else p for p in model.permissions
        ]
        paths = ("/DC0/vm/AVI K8S", "/DC0/vm/AVI K8S/Site1 AZ1")
        vsphere = Vsphere(read(peer, accounts=(ACCOUNT,), paths=paths), "DC0")
        wanted = [{"on": path, "names": ["Folder.Create"]} for path in paths]
        assert lacking(vsphere, *wanted) == {paths[1]: {"Folder.Create"}}

    def test_read_only_on_the_root_is_enough_to_read(self, peer, model):
        model.permissions.append(Permission("group-d1", LIMITED, -2))
        found = read(peer, LIMITED, accounts=("svc-avi@vsphere.local",))
        assert found.unread == {}
        whole = read(peer)
        assert (found.groups, found.folders, found.machines) == (whole.groups, whole.folders, whole.machines)

    def test_what_remedies_need_is_enough_for_them(self, peer, model):
        granted = {"Folder.Create", "Folder.Delete", "VirtualMachine.Inventory.Move"}
        model.allow(LIMITED, READ | granted)
        writing = gateway(peer, LIMITED, writable=True)
        made = writing.create_folder(moid(model, Folder, "AVI K8S"), "Site3")
        machine = model.named(Vm, "dns-se-abcde")
        writing.move_machine(machine.moid, made)
        assert machine.parent == made
        with pytest.raises(Refused, match="not empty"):
            writing.remove_folder(made)
        writing.move_machine(machine.moid, moid(model, Folder, "AVI K8S"))
        writing.remove_folder(made)
        writing.close()
        assert made not in model.entities

    def test_group_yields_to_user(self, peer, model):
        model.groups[LIMITED] = frozenset({"VSPHERE.LOCAL\\admins"})
        model.permissions.append(Permission("group-d1", "admins@vsphere.local", -1, group=True))
        assert "DC0" in read(peer, LIMITED).datacenters
        model.permissions.append(Permission("group-d1", LIMITED, -5))
        with pytest.raises(Unknown):
            read(peer, LIMITED)

    def test_permission_on_the_datacenter_alone(self, peer, model):
        """What stands above may be viewed, and no more: least privilege needs nothing on the root."""
        model.allow(LIMITED, READ, entity=moid(model, Datacenter, "DC0"))
        whole = read(peer)
        model.add_datacenter("DC1")
        found = read(peer, LIMITED)
        assert set(found.datacenters) == {"DC0"}
        assert (found.groups, found.folders, found.machines) == (whole.groups, whole.folders, whole.machines)

    def test_not_propagated(self, peer, model):
        model.permissions.append(Permission("group-d1", LIMITED, -2, propagate=False))
        with pytest.raises(Blocked, match=f"shows {LIMITED} no datacenter DC0"):
            Vsphere(read(peer, LIMITED), "DC0")

    def test_refused_write_changes_nothing(self, peer, model):
        model.allow(LIMITED, READ)
        writing = gateway(peer, LIMITED, writable=True)
        before = model.revision
        with pytest.raises(Refused, match=r"lacks a permission for Folder\.Create"):
            writing.create_folder(moid(model, Folder, "AVI K8S"), "Site3")
        machine = moid(model, Vm, "on-standard")
        with pytest.raises(Refused):
            writing.move_machine(machine, moid(model, Folder, "AVI K8S"))
        writing.close()
        assert model.revision == before

    def test_unreadable_privileges_are_unknown(self, peer, monkeypatch):
        """Before 6.5 a vCenter has no such method."""
        monkeypatch.delitem(METHODS, "FetchUserPrivilegeOnEntities")
        found = read(peer, accounts=("svc-avi@vsphere.local",))
        with pytest.raises(Unknown, match=r"privileges of svc-avi@vsphere\.local could not be read"):
            lacking(Vsphere(found, "DC0"), "Folder.Create")
