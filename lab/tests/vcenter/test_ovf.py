"""A Controller's OVA deployed on our endpoint, as govc, ovftool and Ansible do: specification, lease, upload."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from pyVmomi import vim

from lab.tests.vcenter import seeding

DESCRIPTOR = Path(__file__).with_name("controller.ovf").read_text()


@pytest.fixture
def site(shared):
    si = seeding.connect(shared)
    content = si.RetrieveContent()
    datacenter = seeding.datacenter(content)
    yield SimpleNamespace(
        manager=content.ovfManager,
        pool=seeding.pool(content),
        store=datacenter.datastore[0],
        folder=datacenter.vmFolder,
        network=seeding.groups_by_name(content)["REGIONB_MGMT_3020"],
    )
    seeding.disconnect(si)


def specified(site, name, *, mapped=True, descriptor=DESCRIPTOR):
    mapping = vim.OvfManager.NetworkMapping(name="Management", network=site.network)
    wanted = vim.OvfManager.CreateImportSpecParams(
        entityName=name, networkMapping=[mapping] if mapped else []
    )
    return site.manager.CreateImportSpec(descriptor, site.pool, site.store, wanted)


def test_what_a_descriptor_holds(site):
    found = site.manager.ParseDescriptor(DESCRIPTOR, vim.OvfManager.ParseDescriptorParams())
    assert (found.defaultEntityName, [network.name for network in found.network]) == (
        "controller",
        ["Management"],
    )
    assert found.approximateFlatDeploymentSize == 128 << 30


def test_deployed(site, shared):
    spec = specified(site, "avi-controller-9")
    lease = site.pool.ImportVApp(spec.importSpec, site.folder)
    assert lease.state == "ready"
    (file,), (device,) = spec.fileItem, lease.info.deviceUrl
    assert (file.path, device.importKey) == ("controller-disk1.vmdk", file.deviceId)
    sent = requests.post(device.url, data=b"x" * (9 << 20), verify=str(shared.ca_file), timeout=30)
    assert sent.status_code == 200
    lease.HttpNfcLeaseProgress(100)
    lease.HttpNfcLeaseComplete()
    machine = lease.info.entity
    hardware = machine.config.hardware
    disks = [d.capacityInKB >> 20 for d in hardware.device if isinstance(d, vim.vm.device.VirtualDisk)]
    assert (machine.name, hardware.numCPU, hardware.memoryMB, disks) == ("avi-controller-9", 8, 24576, [128])
    assert machine.network == [site.network]
    again = requests.post(device.url, data=b"x", verify=str(shared.ca_file), timeout=30)
    assert again.status_code == 404, "the lease has ended"
    with pytest.raises(vim.fault.InvalidState):
        lease.HttpNfcLeaseProgress(100)
    seeding.wait(machine.Destroy())


def test_given_up(site):
    lease = site.pool.ImportVApp(specified(site, "given-up").importSpec, site.folder)
    lease.HttpNfcLeaseAbort()
    assert lease.state == "error"
    assert "given-up" not in [child.name for child in site.folder.childEntity]


def test_name_in_use(site):
    lease = site.pool.ImportVApp(specified(site, "twice").importSpec, site.folder)
    with pytest.raises(vim.fault.DuplicateName):
        site.pool.ImportVApp(specified(site, "twice").importSpec, site.folder)
    lease.HttpNfcLeaseAbort()


def test_network_that_is_mapped_to_none(site):
    found = specified(site, "unplugged", mapped=False)
    assert "network Management is mapped to none" in found.warning[0].msg
    assert found.importSpec is not None


@pytest.mark.parametrize(
    "descriptor",
    [
        "",
        "<Envelope/>",
        "<!DOCTYPE x><Envelope/>",
        DESCRIPTOR.replace("24576", "much"),
        DESCRIPTOR.replace('capacity="128"', 'capacity="large"'),
    ],
)
def test_what_is_no_descriptor(site, descriptor):
    found = specified(site, "nothing", descriptor=descriptor)
    assert found.importSpec is None
    assert "Invalid OVF package" in found.error[0].msg
