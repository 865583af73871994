"""Authors of drift in vCenter, by its events: the person behind what is found, or nobody where that is not certain."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from pyVmomi import vim

from intent import ControllerVm, Drift, Environment, Network, PortGroup, ServiceEngineVm, VmFolder
from intent.author import AccountOwner, Action
from intent.notice import Notice, Sort
from lab.datacenter.model import Permission
from lab.tests.vcenter import peers, seeding
from live.avi.session import Credentials
from live.facts.vcenter_origins import VcenterOrigins
from live.site import Site
from live.vcenter.events import decode_events
from live.vcenter.source import VcenterSources
from tests import lengths

pytestmark = lengths.WHOLE_SITE

ANN, BOB = "VSPHERE.LOCAL\\ann", "VSPHERE.LOCAL\\bob"


class Bench:
    """A seeded vCenter with two people, and what is told of the drift of a declared site."""

    def __init__(self, peer, model):
        self.peer, self.model, self.people = peer, model, {}
        for name in ("ann", "bob"):
            user = f"{name}@vsphere.local"
            model.accounts[user] = "secret"
            model.permissions.append(Permission("group-d1", user, next(iter(model.permissions)).role))
            self.people[name] = seeding.connect(peer, user, "secret", version="vim.version.v8_0_3_0")
        self.ann, self.bob = (si.RetrieveContent() for si in self.people.values())
        self.environment = self.declared()
        self.user = peers.USER

    def declared(self, name="AVI_FRONTEND_3025", **network):
        group = {"vlan": 3025} | network
        return Environment.model_validate(
            {
                "name": "authors",
                "controller": {"address": "c1"},
                "clouds": [{"name": "Default-Cloud", "type": "vcenter"}],
                "vcenter": {
                    "address": self.peer.address,
                    "port": self.peer.port,
                    "ca_file": str(self.peer.ca_file),
                    "datacenter": "DC0",
                    "folders": ["AVI/first", "AVI"],
                    "controllers": ["avi-controller-9"],
                },
                "networks": [{"name": name, "port_group": group}],
            }
        )

    def site(self):
        login = self.user, SecretStr("secret")
        return Site(self.environment, lambda: Credentials("admin", None, None), lambda _vcenter: login)

    def of(self, kind, path="", have="absent", site=None, called=""):
        """The origin of a drift of the first, or the so called, object of a kind."""
        (want, *_) = [e for e in self.environment.each(kind) if called in ("", e.called)]
        (origin,) = (site or self.site()).origins([Drift(want.key, path, None, have)])
        return origin

    def edit(self, content, **members):
        seeding.edit(seeding.groups_by_name(content)["AVI_FRONTEND_3025"], **members)


@pytest.fixture
def bench(fresh, model):
    made = Bench(fresh, model)
    yield made
    for si in made.people.values():
        seeding.disconnect(si)


def test_a_vlan_has_the_author_of_the_edit_that_changed_it(bench):
    assert bench.of(PortGroup, "vlan", 3999) is None
    bench.edit(bench.ann, vlan=3999)
    bench.edit(bench.bob, vlan=3999, description="the VLAN sent back as it was read")
    bench.edit(bench.bob, description="another text")
    site = bench.site()
    origin = bench.of(PortGroup, "vlan", 3999, site)
    assert (origin.author.user, origin.action, origin.was, origin.now) == (ANN, Action.CHANGED, 3025, 3999)
    assert origin.author.address == ""
    assert abs((datetime.now(UTC) - origin.author.when).total_seconds()) < 600
    assert bench.of(PortGroup, "vlan", 17, site) is None, "the newest change left another value"
    asked = bench.peer.handle.endpoint.calls
    assert asked["CreateCollectorForEvents"] == 2, "once a site, however many drifts"
    assert asked["DestroyCollector"] == 2
    bench.model.clock = -3600
    bench.edit(bench.bob, vlan=4000)
    origin = bench.of(PortGroup, "vlan", 4000)
    assert (origin.author.user, origin.was) == (BOB, 3999)
    assert abs((datetime.now(UTC) - origin.author.when).total_seconds()) < 600


def test_who_renamed_or_removed_a_port_group(bench):
    bench.environment = bench.declared("untagged")
    group = seeding.groups_by_name(bench.ann)["untagged"]
    seeding.wait(group.Rename_Task("aside"))
    origin = bench.of(PortGroup)
    assert (origin.author.user, str(origin).partition(" by ")[0]) == (ANN, "renamed")
    assert (origin.was, origin.now) == ("untagged", "aside")
    seeding.wait(seeding.groups_by_name(bench.bob)["aside"].Rename_Task("untagged"))
    assert bench.of(PortGroup, have="twice") is None, "there is one, as declared"
    seeding.wait(seeding.groups_by_name(bench.bob)["untagged"].Destroy_Task())
    origin = bench.of(PortGroup)
    assert (origin.author.user, origin.action) == (BOB, Action.DELETED)
    bench.environment = bench.declared("untagged", switch="standard")
    assert bench.of(PortGroup) is None, "a standard port group has no events, whatever has borne its name"


def test_who_made_edited_and_removed_a_machine(bench):
    spec = seeding.vm_spec("avi-controller-9", [], disk=10)
    folder, pool = seeding.datacenter(bench.ann).vmFolder, seeding.pool(bench.ann)
    vm = seeding.wait(folder.CreateVM_Task(spec, pool))
    assert bench.of(ControllerVm, "cpus", vm.config.hardware.numCPU) is None
    seeding.wait(vm.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=3, memoryMB=6144)))
    for path, have in (("cpus", 3), ("memory_gb", 6)):
        origin = bench.of(ControllerVm, path, have)
        assert (origin.author.user, origin.now) == (ANN, have), path
    by_bob = vim.VirtualMachine(vm._moId, bench.people["bob"]._stub)
    seeding.wait(by_bob.Rename_Task("gone"))
    assert bench.of(ControllerVm).author.user == BOB
    seeding.wait(vm.Rename_Task("avi-controller-9"))
    seeding.wait(by_bob.Destroy_Task())
    assert (bench.of(ControllerVm).author.user, bench.of(ControllerVm).action) == (BOB, Action.DELETED)


def test_who_switched_a_machine_off(bench):
    bench.environment = bench.declared(switch=None)
    folder, pool = seeding.datacenter(bench.ann).vmFolder, seeding.pool(bench.ann)
    vm = seeding.wait(folder.CreateVM_Task(seeding.vm_spec("avi-controller-9", [], disk=10), pool))
    by_bob = vim.VirtualMachine(vm._moId, bench.people["bob"]._stub)

    def who(kind, name=""):
        if kind is ControllerVm:
            origin = bench.of(kind, "power", "poweredOff")
        else:
            (origin,) = bench.site().origins([Drift(kind(name=name).key, "power", "poweredOn", "poweredOff")])
        return origin and (origin.author.user, origin.action)

    assert who(ControllerVm) is None, "it has never been on"
    seeding.wait(vm.PowerOnVM_Task())
    assert who(ControllerVm) is None, "the newest event left another state"
    seeding.wait(by_bob.PowerOffVM_Task())
    seeding.wait(vm.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=3)))
    off_by_bob = (BOB, Action.CHANGED)
    assert who(ControllerVm) == off_by_bob
    assert who(ServiceEngineVm, "avi-controller-9") == off_by_bob, (
        "a Service Engine's machine is found by its name"
    )
    assert who(ServiceEngineVm, "another") is None
    seeding.wait(vm.PowerOnVM_Task())
    seeding.wait(vm.PowerOffVM_Task())
    assert who(ControllerVm) == (ANN, Action.CHANGED)
    events = bench.peer.handle.endpoint.world.events
    [*_, last] = [event for event in events if isinstance(event, vim.event.VmPoweredOffEvent)]
    last.userName = ""
    assert who(ControllerVm) is None, "it went off by itself: who did it the time before did not do this"


def test_a_folder_has_an_author_only_where_its_place_is_certain(bench):
    root = seeding.datacenter(bench.ann).vmFolder
    avi = root.CreateFolder("AVI")
    first, other = avi.CreateFolder("first"), root.CreateFolder("first")
    seeding.wait(vim.Folder(other._moId, bench.people["bob"]._stub).Rename_Task("elsewhere"))
    seeding.wait(first.Rename_Task("second"))
    origin = bench.of(VmFolder, called="AVI/first")
    assert (origin.author.user, origin.was, origin.now) == (ANN, "AVI/first", "AVI/second")
    seeding.wait(vim.Folder(first._moId, bench.people["bob"]._stub).Rename_Task("third"))
    origin = bench.of(VmFolder, called="AVI/first")
    assert (origin.author.user, origin.was, origin.now) == (ANN, None, None), (
        "who renamed it first, to what is no more"
    )
    seeding.wait(first.Rename_Task("first"))
    twin = root.CreateFolder("first")
    seeding.wait(first.Destroy_Task())
    assert bench.of(VmFolder, called="AVI/first") is None, "another of its name is there"
    seeding.wait(twin.Rename_Task("twin"))
    origin = bench.of(VmFolder, called="AVI/first")
    assert (origin.author.user, origin.action) == (ANN, Action.DELETED)


def test_a_network_that_was_followed_has_the_author_of_what_was_done_to_its_port_group(bench):
    bench.environment = bench.declared("untagged", switch=None)
    group = seeding.groups_by_name(bench.ann)["untagged"]
    uuid = f"{group._moId}-cloud-1"

    def author(sort, name, path="", uuid=uuid, **more):
        about = {"topic": "networks", "severity": "normal", "cloud": "Default-Cloud"} | more
        notice = Notice(sort, "network", name, uuid, path=path, bare=name, **about)
        who = VcenterOrigins(bench.environment, bench.site().vcenters).of_notice(notice)
        return who and who.user

    def absent():
        (network,) = bench.environment.each(Network)
        (origin,) = bench.site().origins([Drift(network.key, "", "exactly one", "absent")])
        return origin and (origin.author.user, origin.action, origin.was, origin.now)

    assert author(Sort.CHANGED, "aside", "name") is None
    seeding.wait(group.Rename_Task("aside"))
    bench.edit(bench.bob, vlan=3999)
    assert author(Sort.CHANGED, "aside", "name") == ANN
    assert absent() == (ANN, Action.RENAMED, "untagged", "aside")
    assert author(Sort.ADDED, "aside") == ANN, (
        "a port group that was renamed may be a network that is found anew"
    )
    assert author(Sort.CHANGED, "another", "name") is None, "somebody has renamed it on the Controller"
    assert author(Sort.CHANGED, "aside", "dhcp_enabled") is None
    assert author(Sort.CHANGED, "aside", "name", cloud="another") == ANN, (
        "the only vCenter of the file has all clouds"
    )
    assert author(Sort.CHANGED, "aside", "name", uuid="network-1") is None
    seeding.wait(seeding.groups_by_name(bench.bob)["aside"].Destroy_Task())
    assert author(Sort.CHANGED, "aside", "name") is None
    assert author(Sort.REMOVED, "aside") == BOB
    vcenters = VcenterSources(bench.environment.replaced(vcenter=None), ())
    notice = Notice(Sort.REMOVED, "network", "aside", uuid, "networks", "normal", bare="aside")
    assert VcenterOrigins(bench.environment.replaced(vcenter=None), vcenters).of_notice(notice) is None


def test_where_there_are_no_events_nothing_is_told(bench):
    bench.edit(bench.ann, vlan=3999)
    assert bench.of(PortGroup, "vlan", 3999).author.account is AccountOwner.OTHER
    bench.user = "ann@vsphere.local"
    assert bench.of(PortGroup, "vlan", 3999).author.account is AccountOwner.OWN
    (group,) = bench.environment.each(PortGroup)
    recorded = Site(bench.environment, lambda: None, recorded=True)
    assert recorded.origins([Drift(group.key, "vlan", 3025, 3999)]) == (None,)
    events = bench.peer.handle.endpoint.world.events
    kept = list(events)
    for event in kept:
        if isinstance(event, vim.event.DVPortgroupReconfiguredEvent):
            event.configChanges = None
    assert bench.of(PortGroup, "vlan", 3999) is None, "an old vCenter does not tell what an edit changed"
    events.clear()
    assert bench.of(PortGroup, "vlan", 3999) is None
    assert decode_events([each for each in kept if isinstance(each, vim.event.UserLoginSessionEvent)]) == ()


def test_faults_of_the_log_are_silent(bench, monkeypatch):
    from lab.vcenter.world import METHODS

    bench.edit(bench.ann, vlan=3999)
    denied = vim.fault.NoPermission(object=vim.Folder("group-d1"), privilegeId="System.View")

    def refuse(_world, _this, _arguments):
        raise denied

    monkeypatch.setitem(METHODS, "CreateCollectorForEvents", refuse)
    assert bench.of(PortGroup, "vlan", 3999) is None
    monkeypatch.setitem(METHODS, "CreateCollectorForEvents", lambda *_: 1 / 0)
    assert bench.of(PortGroup, "vlan", 3999) is None
