"""What the product makes of our endpoint: unset properties, odd inventories, no vCenter at all."""

from __future__ import annotations

import itertools
import re
import socket
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from pyVmomi import VmomiSupport, vim

from intent import ControllerVm, PortGroup, Unknown, Vcenter, VmFolder
from lab.datacenter.model import Folder, Host, Vm, VmSize
from lab.datacenter.model import PortGroup as Group
from lab.tests.vcenter.peers import moid
from lab.vcenter.endpoint import Endpoint, Reply
from live.deadlines import Timeouts
from live.errors import Unreachable
from live.vcenter import gateway as product
from live.vcenter.decoding import Contents, Row, decode
from live.vcenter.gateway import VcenterGateway
from live.vcenter.inventory import Vsphere
from tests import lengths
from tests.vcenter.reading import gateway, read

pytestmark = lengths.WHOLE_SITE


@pytest.fixture
def peer(fresh):
    """Our endpoint alone, whose world a test may change."""
    return fresh


class TestUnset:
    def test_inaccessible_machine_is_unknown(self, peer, model):
        model.named(Vm, "avi-controller-1").state = "inaccessible"
        machine = Vsphere(read(peer), "DC0").raw(ControllerVm(name="avi-controller-1"))
        with pytest.raises(Unknown, match=r"power state .* the machine is inaccessible"):
            machine.known("power")
        for member in ("cpus", "memory", "disk", "nics"):
            with pytest.raises(Unknown, match="vCenter leaves it unset"):
                machine.known(member)

    @pytest.mark.parametrize("state", ["disconnected", "orphaned", "invalid"])
    def test_power_state_of_what_vcenter_is_out_of_touch_with(self, peer, model, state):
        """It shows the last one it knew, which is no fact of now."""
        model.named(Vm, "dns-se-abcde").state = state
        machine = Vsphere(read(peer), "DC0").raw(ControllerVm(name="dns-se-abcde"))
        with pytest.raises(Unknown, match=f"shows the last one it knew; the machine is {state}"):
            _ = machine.powered_on

    def test_template(self, peer, model):
        model.named(Vm, "on-standard").template = True
        found = Vsphere(read(peer), "DC0")
        assert found.raw(ControllerVm(name="on-standard")).template
        assert not found.raw(ControllerVm(name="dns-se-abcde")).template

    def test_machine_in_no_folder_that_is_shown(self):
        """In a vApp a machine has no parent at all; a folder may be hidden. Neither is a wrong folder."""
        contents = Contents()
        vapp, hidden = (vim.VirtualMachine(f"vm-{n}") for n in (1, 2))
        contents.rows = {
            "datacenter-1": Row(vim.Datacenter, {"name": "DC0", "vmFolder": vim.Folder("group-v1")}),
            "group-v1": Row(vim.Folder, {"name": "vm", "parent": vim.Datacenter("datacenter-1")}),
            vapp._moId: Row(vim.VirtualMachine, {"name": "vapp"}),
            hidden._moId: Row(vim.VirtualMachine, {"name": "hidden", "parent": vim.Folder("group-v9")}),
        }
        vapp, hidden = decode(contents, Contents()).machines
        with pytest.raises(Unknown, match="the folder of VM vapp could not be read: vCenter leaves it unset"):
            vapp.known("folder")
        with pytest.raises(Unknown, match="vCenter does not show group-v9"):
            hidden.known("folder")

    def test_port_group_on_a_switch_that_tells_no_vlan(self, peer, model):
        """Before 7.0 nothing says that a segment is NSX's: no VLAN is then no VLAN, and not a wrong one."""
        model.named(Group, "untagged").segment = "3f2c"
        peer.handle.endpoint.world.version = "vim.version.version12"
        found = Vsphere(read(peer), "DC0")
        with pytest.raises(Unknown, match="VLAN of port group untagged could not be read"):
            _ = found[PortGroup(name="untagged", vlan=1)]

    def test_same_name_in_another_datacenter(self, peer, model):
        """Port groups, folders and machines are those of the declared datacenter."""
        other = model.add_datacenter("DC1")
        model.add_portgroup(model.add_switch(other, "DVS1"), "REGIONB_VMS_3024", 24)
        model.add_vm("dns-se-abcde", model.vm_folder(other, "AVI K8S"), next(model.of(Host)), VmSize(1, 1, 1))
        found = Vsphere(read(peer), "DC0")
        assert found[PortGroup(name="REGIONB_VMS_3024", vlan=1)].vlan == 3024
        assert found.raw(ControllerVm(name="dns-se-abcde")).folder == "AVI K8S/Site1 AZ1"

    def test_two_datacenters_of_one_name(self, peer, model):
        folder = model.add_folder(model.entities["group-d1"], "others")
        model.add_datacenter("DC0").parent = folder.moid
        with pytest.raises(Unknown, match="more than one datacenter DC0"):
            Vsphere(read(peer), "DC0")

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


SPOILED = {
    "half of it": lambda body: body[: len(body) // 2],
    "nothing": lambda _body: b"",
    "a page of a proxy": lambda _body: b"<html>log in first</html>",
    "an envelope without an answer": lambda body: re.sub(
        rb"<returnval.*</returnval>", b"", body, flags=re.DOTALL
    ),
    "a value of no enumeration": lambda body: body.replace(b"poweredOn", b"poweredSideways"),
    "a type of a later version": lambda body: body.replace(b"VirtualVmxnet3", b"VirtualVmxnet9"),
    "a member of nothing": lambda body: body.replace(b"objects>", b"objektz>"),
}


@pytest.mark.parametrize(
    ("method", "spoil"),
    [
        *(pytest.param("RetrievePropertiesEx", spoil, id=name) for name, spoil in SPOILED.items()),
        pytest.param("CurrentTime", SPOILED["a page of a proxy"], id="a page instead of the time"),
    ],
)
def test_answer_that_cannot_be_read(peer, monkeypatch, method, spoil):
    """Unknown with a sentence: no crash, and above all no empty inventory in which everything is absent."""
    handle = Endpoint.handle

    def spoiled(self, body, action, cookie):
        found = handle(self, body, action, cookie)
        return Reply(found.status, spoil(found.body)) if method.encode() in body else found

    opened = gateway(peer)
    opened.connect()
    monkeypatch.setattr(Endpoint, "handle", spoiled)
    with pytest.raises(Unreachable, match="sends an answer that cannot be read"):
        opened.read()
    opened.close()


JUNK = [None, "", "x", -1, 1 << 70, 1.5, True, [], [None], vim.Folder("group-x"), vim.HostSystem("host-x")]


def test_values_of_any_type_end_in_unknown_or_cost_one_machine(peer, monkeypatch):
    """pyVmomi takes whatever type an answer names; nothing of it may raise, and no machine may vanish."""
    opened = gateway(peer)
    opened.connect()
    sound = opened.read()
    rows = opened._session.read(opened._contents).rows
    spots = sorted(
        {(row.kind.__name__, path): (moid, path) for moid, row in rows.items() for path in row.values}.items()
    )
    tried = 0
    for (_, spot), junk in itertools.product(spots, JUNK):
        spoiled = Contents()
        spoiled.rows = {moid: Row(row.kind, dict(row.values), row.missing) for moid, row in rows.items()}
        spoiled.rows[spot[0]].values[spot[1]] = junk
        monkeypatch.setattr(opened, "_contents", lambda spoiled=spoiled: spoiled)
        monkeypatch.setattr(opened, "_now", lambda: (0.0, 0.0, 0.0))
        monkeypatch.setattr(opened, "_standard", lambda *_: Contents())
        try:
            read = opened.read()
        except Unknown:
            continue
        tried += 1
        assert {m.moid for m in read.machines} == {m.moid for m in sound.machines}
        others = [
            m for m in read.machines if m.moid != spot[0] and spot[1] not in ("parent", "name", "vmFolder")
        ]
        assert all(m in sound.machines for m in others), spot
    assert tried > len(spots), "most of it costs no more than itself"
    opened.close()


def test_an_odd_device_makes_one_machine_unknown(peer, monkeypatch):
    opened = gateway(peer)
    opened.connect()
    contents = opened._session.read(opened._contents)
    moid, row = next((m, r) for m, r in contents.of(vim.VirtualMachine) if r.name == "avi-controller-1")
    row.values["config.hardware.device"] = 7
    monkeypatch.setattr(opened, "_contents", lambda: contents)
    machine = next(m for m in opened.read().machines if m.moid == moid)
    opened.close()
    with pytest.raises(Unknown, match="in a way that is not understood"):
        machine.known("disk")


class TestUnreachable:
    def test_nothing_listens(self, peer):
        peer.stop()
        peer.stop = lambda: None
        with pytest.raises(Unreachable, match="refuses the connection"):
            gateway(peer).connect()

    def test_silence_ends_in_time(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            declared = Vcenter(address="127.0.0.1", port=silent.getsockname()[1], datacenter="DC0")
            opened = VcenterGateway(declared, "u", SecretStr("p"), base=Path("/"), timeouts=Timeouts(0.5))
            with pytest.raises(Unreachable, match="gave no answer in time"):
                opened.connect()

    def test_a_web_server_that_is_no_vcenter(self, peer, monkeypatch):
        monkeypatch.setattr("lab.vcenter.server.versions", lambda: b"<html>hello</html>")
        with pytest.raises(Unreachable, match="not as a vCenter"):
            gateway(peer).connect()

    def test_missing_ca_file(self, peer):
        declared = Vcenter(address=peer.address, port=peer.port, ca_file="nowhere.pem", datacenter="DC0")
        with pytest.raises(
            Unreachable, match=r"vcenter\.ca_file /tmp/nowhere\.pem cannot be used: .*; put the CA"
        ):
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


@pytest.mark.parametrize("lacking", ["name", "parent", "vmFolder", "row"])
def test_what_is_there_is_never_absent_for_want_of_a_property(peer, monkeypatch, lacking):
    """Whatever comes without its name or place, or without what it stands in: nothing else counts as absent for it."""
    with closing(gateway(peer)) as opened:
        opened.connect()
        sound, contents = Vsphere(opened.read(), "DC0"), opened._session.read(opened._contents)
        above = {row.parent for row in contents.rows.values()} - {
            contents.root,
            *sound.inventory.datacenters.values(),
        }
        rows = contents.rows.items()
        spots = above if lacking == "row" else {moid for moid, row in rows if lacking in row.values}
        unknown = 0
        for moid in spots:
            monkeypatch.setattr(opened, "_contents", lambda moid=moid: without(contents, moid, lacking))
            for want, now in seen_of(sound, opened):
                unknown += now is None
                itself = lacking == "row" and want.name in paths_of(sound, moid)
                assert now in (None, len(sound.found(want))) or itself, (moid, want)
    assert unknown


def without(contents, moid, lacking):
    spoiled = Contents()
    spoiled.root = contents.root
    for each, row in contents.rows.items():
        values = {name: value for name, value in row.values.items() if (each, name) != (moid, lacking)}
        if (each, lacking) != (moid, "row"):
            spoiled.rows[each] = Row(row.kind, values, row.missing)
    return spoiled


def seen_of(sound, opened):
    """How often each object that is really there is seen; None where that is unknown."""
    wants = [PortGroup(name=group.name) for group in sound.groups]
    wants += [VmFolder(name=folder.path) for folder in sound.folders if folder.path]
    wants += [ControllerVm(name=machine.name) for machine in sound.machines]
    try:
        now = Vsphere(opened.read(), "DC0")
    except Unknown:
        now = None
    for want in wants:
        try:
            yield want, None if now is None else len(now.found(want))
        except Unknown:
            yield want, None


def paths_of(vsphere, moid):
    return [folder.path for folder in vsphere.folders if folder.moid == moid]
