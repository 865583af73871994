"""What only our endpoint can be asked: evaluated permissions, paging, lapsed sessions, versions, odd clients."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr
from pyVmomi import VmomiSupport, vim, vmodl

from intent import Blocked, ControllerVm, PortGroup, Unknown, Vcenter, VcenterAccount, VmFolder
from lab.cloud.inventory import vsphere as model_of
from lab.cloud.vsphere import Folder, Host, Permission, Vm
from lab.cloud.vsphere import PortGroup as Group
from lab.vsphere.world import IDLE, METHODS
from live import vcenter as product
from live.inventory import Vsphere
from live.outcomes import Refused, Unreachable
from live.vcenter import VcenterGateway
from tests.vsphere import peers, seeding

LIMITED = "limited@vsphere.local"


@pytest.fixture
def peer(tmp_path):
    site = peers.empty_site()
    peers.furnish(site)
    found = peers.start_ours(tmp_path, site)
    si = seeding.connect(found)
    seeding.seed(si.RetrieveContent())
    seeding.disconnect(si)
    model_of(site).accounts[LIMITED] = "secret"
    yield found
    found.stop()


@pytest.fixture
def model(peer):
    return model_of(peer.site)


def gateway(peer, user=peers.USER, **options):
    declared = Vcenter(address=peer.address, port=peer.port, ca_file=str(peer.ca_file), datacenter="DC0")
    return VcenterGateway(declared, user, SecretStr("secret"), base=Path("/"), **options)


def read(peer, user=peers.USER, accounts=(), folders=()):
    opened = gateway(peer, user)
    try:
        return opened.read(accounts, folders)
    finally:
        opened.close()


def moid(model, kind, name):
    return model.named(kind, name).moid


READ = frozenset({"System.Read", "System.View"})


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
            found.one(ControllerVm(name="avi-controller-1")).known("cpus")
        assert found[PortGroup(name="AVI_FRONTEND_3025", vlan=1)].vlan == 3025

    def test_hidden_port_group_behind_an_adapter(self, peer, model):
        """The adapter's key is told, the port group is not shown: a permission is missing, no port group."""
        model.allow(LIMITED, READ)
        hidden = moid(model, Group, "AVI_FRONTEND_3025")
        model.permissions.append(Permission(hidden, LIMITED, -5))
        found = Vsphere(read(peer, LIMITED), "DC0")
        keys = {nic.group for nic in found.one(ControllerVm(name="dns-se-abcde")).nics}
        assert hidden in keys
        assert found.group(hidden) is None

    def test_account_privileges_by_name(self, peer, model):
        model.allow("svc-avi@vsphere.local", frozenset({"Folder.Create", "Network.Assign"}))
        found = Vsphere(read(peer, accounts=("VSPHERE.LOCAL\\svc-avi", "svc-avi@vsphere.local")), "DC0")
        want = VcenterAccount(name="svc-avi@vsphere.local", privileges=("Folder.Create", "Network.Delete"))
        assert found[want].privileges == ("Folder.Create",)

    def test_the_nearest_permission_counts(self, peer, model):
        """A role on the SE folder takes away what the datacenter gives, and the place is named."""
        model.allow("svc-avi@vsphere.local", frozenset({"Folder.Create"}))
        model.allow("svc-avi@vsphere.local", frozenset(), entity=moid(model, Folder, "Site1 AZ1"))
        path = "AVI K8S/Site1 AZ1"
        found = Vsphere(read(peer, accounts=("svc-avi@vsphere.local",), folders=(path,)), "DC0")
        assert "Folder.Create" not in found.privileges("svc-avi@vsphere.local")
        assert found.lacking("svc-avi@vsphere.local", ("Folder.Create",)) == {path: ["Folder.Create"]}

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
            Vsphere(found, "DC0").privileges("svc-avi@vsphere.local")


class TestPaging:
    @pytest.mark.parametrize("page", [1, 7, 10_000])
    def test_every_page_is_read(self, peer, page):
        peer.handle.endpoint.world.page = 10_000
        whole = read(peer)
        peer.handle.endpoint.world.page = page
        paged = read(peer)
        assert [paged.groups, paged.folders, paged.machines] == [whole.groups, whole.folders, whole.machines]

    def test_token_serves_once(self, peer):
        peer.handle.endpoint.world.page = 1
        si = seeding.connect(peer)
        collector = si.RetrieveContent().propertyCollector
        specs = [
            vmodl.query.PropertyCollector.FilterSpec(
                objectSet=[
                    vmodl.query.PropertyCollector.ObjectSpec(obj=e)
                    for e in si.RetrieveContent().rootFolder.childEntity[0].networkFolder.childEntity
                ],
                propSet=[
                    vmodl.query.PropertyCollector.PropertySpec(type=vim.ManagedEntity, pathSet=["name"])
                ],
            )
        ]
        token = collector.RetrievePropertiesEx(specs, vmodl.query.PropertyCollector.RetrieveOptions()).token
        collector.ContinueRetrievePropertiesEx(token)
        with pytest.raises(vmodl.fault.InvalidArgument):
            collector.ContinueRetrievePropertiesEx(token)
        seeding.disconnect(si)


class TestSessions:
    def test_relogin_after_the_session_was_ended(self, peer):
        opened = gateway(peer)
        opened.connect()
        world = peer.handle.endpoint.world
        world.leave(next(iter(world.sessions)))
        assert opened.read().machines
        opened.close()

    def test_relogin_after_idling(self, peer):
        opened = gateway(peer)
        opened.connect()
        peer.site.clock.advance(IDLE + 1)
        assert opened.read().machines
        opened.close()

    def test_write_after_the_session_lapsed_is_done_once(self, peer, model):
        opened = gateway(peer, writable=True)
        opened.connect()
        peer.site.clock.advance(IDLE + 1)
        opened.create_folder(moid(model, Folder, "AVI K8S"), "once")
        opened.close()
        assert [f.name for f in model.of(Folder)].count("once") == 1

    def test_no_session_is_left_behind(self, peer):
        read(peer)
        assert peer.handle.endpoint.world.sessions == {}
        assert not [moid for moid in peer.handle.endpoint.world.own if moid.startswith("session[")]


class TestUnset:
    def test_inaccessible_machine_is_unknown(self, peer, model):
        model.named(Vm, "avi-controller-1").accessible = False
        machine = Vsphere(read(peer), "DC0").one(ControllerVm(name="avi-controller-1"))
        for member in ("cpus", "memory", "disk", "nics"):
            with pytest.raises(Unknown, match="vCenter leaves it unset"):
                machine.known(member)

    def test_nsx_segment(self, peer, model):
        model.named(Group, "untagged").segment = "3f2c"
        found = Vsphere(read(peer), "DC0")[PortGroup(name="untagged", vlan=1)]
        assert (found.vlan, found.switch) == ("NSX segment", "nsx")

    def test_hosts_that_disagree(self, peer, model):
        standard = next(n for n in model.entities.values() if n.name == "STANDARD_77")
        other = next(h for h in model.of(Host) if h.moid not in standard.vlans)
        standard.vlans[other.moid] = 78
        vlan = Vsphere(read(peer), "DC0")[PortGroup(name="STANDARD_77", vlan=77)].vlan
        assert vlan == "77 on DC0_C0_H0, 78 on DC0_C0_H1"

    @pytest.mark.parametrize("name", ["a/b", "a%2fb", "50%", "back\\slash", "Ünïcode ☂"])
    def test_names_survive_the_wire(self, peer, model, name):
        opened = gateway(peer, writable=True)
        opened.create_folder(moid(model, Folder, "AVI K8S"), name)
        found = Vsphere(opened.read(), "DC0")
        opened.close()
        assert [f.name for f in model.of(Folder)].count(name) == 1
        assert found.found(VmFolder(name=f"AVI K8S/{name}"))


class TestProtocol:
    @pytest.fixture
    def post(self, peer):
        trust = ssl.create_default_context(cafile=str(peer.ca_file))

        def send(body, action="urn:vim25/6.5", **headers):
            connection = http.client.HTTPSConnection(peer.address, peer.port, context=trust, timeout=10)
            sent = {"SOAPAction": f'"{action}"', **headers}
            connection.request("POST", "/sdk", body, sent, encode_chunked="Transfer-Encoding" in sent)
            answer = connection.getresponse()
            found = answer.status, answer.read().decode(), answer.headers
            connection.close()
            return found

        return send

    def envelope(self, call):
        return (
            '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
            f"<soapenv:Body>{call}</soapenv:Body></soapenv:Envelope>"
        ).encode()

    CONTENT = (
        '<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this>'
        "</RetrieveServiceContent>"
    )

    def test_chunked_request(self, post):
        whole = self.envelope(self.CONTENT)
        status, body, _ = post(iter([whole[:40], whole[40:]]), **{"Transfer-Encoding": "chunked"})
        assert status == 200
        assert "VMware vCenter Server" in body

    @pytest.mark.parametrize(
        ("body", "fault"),
        [
            (b"", "InvalidRequest"),
            (b"<nonsense", "InvalidRequest"),
            (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "InvalidRequest"),
            (b"<x/>", "InvalidRequest"),
        ],
    )
    def test_what_is_no_soap(self, post, body, fault):
        status, answer, _ = post(body)
        assert status == 500
        assert fault in answer

    def test_unknown_method(self, post):
        call = '<NoSuch xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></NoSuch>'
        status, answer, _ = post(self.envelope(call))
        assert status == 500
        assert "MethodNotFound" in answer

    def test_not_authenticated(self, post):
        call = '<CreateFolder xmlns="urn:vim25"><_this type="Folder">group-d1</_this><name>x</name></CreateFolder>'
        status, answer, _ = post(self.envelope(call))
        assert status == 500
        assert "NotAuthenticated" in answer

    def test_cookie_is_for_tls_only_and_not_for_scripts(self, post):
        call = (
            '<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this>'
            f"<userName>{peers.USER}</userName><password>secret</password></Login>"
        )
        _, answer, headers = post(self.envelope(call))
        assert "vmware_soap_session=" in headers["Set-Cookie"]
        assert "Secure" in headers["Set-Cookie"]
        assert "HttpOnly" in headers["Set-Cookie"]
        assert "secret" not in answer

    def test_older_version_gets_no_newer_members(self, peer):
        """`config.backingType` is of 7.0: a 6.5 client is not to meet it."""
        si = seeding.connect(peer)
        group = seeding.groups_by_name(si.RetrieveContent())["untagged"]
        assert group.config.backingType is None
        seeding.disconnect(si)

    def test_unknown_property_fails_the_whole_call(self, peer):
        si = seeding.connect(peer)
        content = si.RetrieveContent()
        pc = vmodl.query.PropertyCollector
        spec = pc.FilterSpec(
            objectSet=[pc.ObjectSpec(obj=content.rootFolder)],
            propSet=[pc.PropertySpec(type=vim.Folder, pathSet=["nosuch"])],
        )
        with pytest.raises(vmodl.query.InvalidProperty):
            content.propertyCollector.RetrievePropertiesEx([spec], pc.RetrieveOptions())
        seeding.disconnect(si)


class TestUnreachable:
    def test_nothing_listens(self, peer):
        peer.stop()
        peer.stop = lambda: None
        with pytest.raises(Unreachable, match="refuses the connection"):
            gateway(peer).connect()

    def test_silence_ends_in_time(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            declared = Vcenter(address="127.0.0.1", port=silent.getsockname()[1], datacenter="DC0")
            opened = VcenterGateway(declared, "u", SecretStr("p"), base=Path("/"), timeout=0.5)
            with pytest.raises(Unreachable, match="gave no answer in time"):
                opened.connect()

    def test_a_web_server_that_is_no_vcenter(self, peer, monkeypatch):
        monkeypatch.setattr("lab.vsphere.server.versions", lambda: b"<html>hello</html>")
        with pytest.raises(Unreachable, match="not as a vCenter"):
            gateway(peer).connect()

    def test_missing_ca_file(self, peer):
        declared = Vcenter(address=peer.address, port=peer.port, ca_file="nowhere.pem", datacenter="DC0")
        with pytest.raises(Unreachable, match=r"CA file /tmp/nowhere\.pem"):
            VcenterGateway(declared, "u", SecretStr("p"), base=Path("/tmp")).connect()

    def test_name_in_the_certificate_is_checked(self, peer):
        """127.0.0.3 is this machine too, and not in the certificate; pyVmomi by itself would not look."""
        declared = Vcenter(address="localhost", port=peer.port, datacenter="DC0")
        with pytest.raises(Unreachable, match="not trusted"):
            VcenterGateway(declared, "u", SecretStr("p"), base=Path("/")).connect()


def test_calls_do_not_grow_with_the_inventory(peer, model):
    few = read(peer).calls
    dvs = next(e for e in model.entities.values() if e.name == "DVS0")
    for number in range(300):
        model.add_portgroup(dvs, f"more-{number}", number)
    assert read(peer).calls == few <= 12


def test_wanted_properties_exist_in_pyvmomi():
    for kind, paths in product.WANTED.items():
        for path in paths:
            at = kind
            for part in path.split("."):
                at = VmomiSupport.GetPropertyInfo(at, part).type
