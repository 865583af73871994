"""vCenter and Controller are one site: what changes in one is seen in the other, each over its own protocol."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from intent import Controller, Vcenter
from lab.tests.vcenter import seeding
from live.avi.gateway import Gateway
from live.vcenter.gateway import VcenterGateway
from live.vcenter.inventory import Vsphere
from tests.runs.harness import lab_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lab():
    with lab_of("--state", "conforming") as lab:
        yield lab


@pytest.fixture(scope="module")
def controller(lab):
    there = lab.endpoints["controller"]
    declared = Controller(address=there["address"], port=there["port"], ca_file=lab.endpoints["ca_file"])
    found = Gateway(declared, lab.credentials(), base=Path("/"), writable=True)
    yield found
    found.close()


@pytest.fixture(scope="module")
def admin(lab):
    """An administrator's own client, as people script vCenter with."""
    there = lab.endpoints["vcenter"]
    peer = SimpleNamespace(ca_file=lab.endpoints["ca_file"], **there)
    peer.user = there["username"]
    si = seeding.connect(peer)
    yield si.RetrieveContent()
    seeding.disconnect(si)


@pytest.fixture
def vsphere(lab):
    there = lab.endpoints["vcenter"]
    declared = Vcenter(
        address=there["address"], port=there["port"], ca_file=lab.endpoints["ca_file"], datacenter="REGIONB"
    )

    def read():
        gateway = VcenterGateway(declared, there["username"], SecretStr(there["password"]), base=Path("/"))
        try:
            return Vsphere(gateway.read(), "REGIONB")
        finally:
            gateway.close()

    return read


def networks(controller, name):
    return controller.read("network", {"name": name, "include_name": "true"})["results"]


def test_new_port_group_is_discovered_and_a_removed_one_becomes_a_ghost(admin, controller):
    datacenter = admin.searchIndex.FindByInventoryPath("REGIONB")
    switch = next(e for e in datacenter.networkFolder.childEntity if hasattr(e, "uuid"))
    seeding.wait(switch.AddDVPortgroup_Task([seeding.group_spec("AVI_FRONTEND_3027", seeding.vlan_id(3027))]))
    (found,) = networks(controller, "AVI_FRONTEND_3027")
    group = next(e for e in datacenter.networkFolder.childEntity if e.name == "AVI_FRONTEND_3027")
    assert found["uuid"].startswith(f"{group._moId}-cloud-")
    assert "vimgrnw_ref" in found
    seeding.wait(group.Destroy_Task())
    (ghost,) = networks(controller, "AVI_FRONTEND_3027")
    assert "vimgrnw_ref" not in ghost


def test_renamed_port_group_is_renamed_on_the_controller(admin, controller):
    group = admin.searchIndex.FindByInventoryPath("REGIONB/network/DEV_WEB_3101")
    before = networks(controller, "DEV_WEB_3101")[0]["uuid"]
    seeding.wait(group.Rename_Task("DEV_WEB_renamed"))
    assert [row["uuid"] for row in networks(controller, "DEV_WEB_renamed")] == [before]


def test_port_group_in_use_is_not_removed(admin):
    group = admin.searchIndex.FindByInventoryPath("REGIONB/network/REGIONB_VMS_3023")
    with pytest.raises(Exception, match="is in use"):
        seeding.wait(group.Destroy_Task())


def test_service_engine_that_spins_up_is_a_machine_in_its_folder(controller, vsphere):
    """A second DNS service in another group makes the Controller create an engine: VM, folder, vNICs."""
    before = {machine.name for machine in vsphere().machines}
    (service,) = controller.read("virtualservice", {"name": "local-dns-site1"})["results"]
    (group,) = controller.read("serviceenginegroup", {"name": "S1-AZ1-SE-Group"})["results"]
    vip = controller.read("vsvip/" + service["vsvip_ref"].rpartition("/")[2].partition("#")[0])
    address = {
        key: vip["vip"][0][key]
        for key in ("vip_id", "auto_allocate_ip", "auto_allocate_ip_type", "ipam_network_subnet")
    }
    shared = {key: service[key] for key in ("cloud_ref", "vrf_context_ref")}
    made = controller.write("POST", "vsvip", {"name": "second", "vip": [address], **shared})
    body = {
        "name": "second-dns",
        "vsvip_ref": made["url"],
        "se_group_ref": group["url"],
        **shared,
        **{key: service[key] for key in ("application_profile_ref", "network_profile_ref", "services")},
    }
    controller.write("POST", "virtualservice", body)
    now = vsphere()
    (machine,) = (machine for machine in now.machines if machine.name not in before)
    assert machine.name.startswith("s1az1-se-")
    assert machine.folder == "AVI K8S/Site1 AZ1"
    assert machine.powered_on
    assert [now.group(nic.group).name for nic in machine.nics] == ["REGIONB_MGMT_3020", "AVI_FRONTEND_3025"]
