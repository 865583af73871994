"""Causes in the wiring of Service Engines in vCenter: port groups, VLANs, files, names; and what follows from them."""

import dns.message
import pytest

from lab.datacenter.inventory import inventory_of, vcenters
from lab.datacenter.model import PortGroup, Vm
from lab.dns import answer
from lab.seeds.datacenter import ACCOUNT
from lab.tests.cloudsite import Client, control, ip, prefix

MANAGEMENT, FRONT, BACK = "REGIONB_MGMT_3020", "AVI_FRONTEND_3025", "REGIONB_VMS_3024"
QUERY = dns.message.make_query("test.avi.iberia.local", "A").to_wire()
VRF = "/api/vrfcontext?name=VRF_AZ1"


def plant(site, *faults, status=200):
    for fault in faults:
        got, body = control(site.lab, "vcenter/faults", fault)
        assert got == status, body
    return body


def set_on(kind, name, member, value):
    return {"do": "set", "kind": kind, "name": name, "member": member, "value": value}


def engines(site):
    rows = site.list("/api/serviceengine-inventory?page_size=200")
    return {row["config"]["name"]: row["runtime"]["oper_status"] for row in rows}


def standing(site, name):
    rows = site.list("/api/virtualservice-inventory")
    status = next(r["runtime"]["oper_status"] for r in rows if r["config"]["name"] == name)
    return status["state"], " ".join(status.get("reason", []))


def web(site, name="web", *servers):
    """A virtual service that needs a Service Engine of its own."""
    vip = {"vip_id": "0", "auto_allocate_ip": True}
    vsvip = site.post("vsvip", name=name, vrf_context_ref=VRF, vip=[vip])
    placed = {"vsvip_ref": vsvip["url"], "vrf_context_ref": VRF}
    if servers:
        listed = [{"ip": ip(each)} for each in servers]
        placed["pool_ref"] = site.post("pool", name=name, vrf_ref=VRF, servers=listed)["url"]
    group = site.one("serviceenginegroup", "S1-AZ1-SE-Group")["url"]
    site.post("virtualservice", name=name, services=[{"port": 80}], se_group_ref=group, **placed)
    site.later(5)


CUT_OFF = {
    "management VLAN": (set_on("PortGroup", MANAGEMENT, "vlan", 999), "which has another VLAN"),
    "management trunk": (set_on("PortGroup", MANAGEMENT, "trunk", [[1, 9]]), "which has another VLAN"),
    "elsewhere": ({"do": "plug", "vm": "dns-se-*", "nic": 0, "portgroup": FRONT}, f"not on {MANAGEMENT}"),
    "no port group": ({"do": "remove", "kind": "PortGroup", "name": FRONT}, "its port group is gone"),
    "files": (set_on("Vm", "dns-se-*", "state", "inaccessible"), "Virtual machine is inaccessible"),
    "orphan": (set_on("Vm", "dns-se-*", "state", "orphaned"), "Virtual machine is orphaned"),
}


@pytest.mark.evidence("INF", "§3.7")
@pytest.mark.parametrize("cause", CUT_OFF)
def test_what_cuts_a_service_engine_off_takes_it_down_and_its_end_brings_it_back(site, cause):
    fault, says = CUT_OFF[cause]
    (name,) = engines(site)
    plant(site, fault)
    assert engines(site)[name]["state"] == "OPER_UP"  # no heartbeat is missed yet
    site.later(61)
    assert (engines(site)[name]["state"], says in engines(site)[name]["reason"][0]) == ("OPER_DOWN", True)
    backs = {
        "management VLAN": set_on("PortGroup", MANAGEMENT, "vlan", 3020),
        "management trunk": set_on("PortGroup", MANAGEMENT, "trunk", []),
        "elsewhere": {"do": "plug", "vm": name, "nic": 0, "portgroup": MANAGEMENT},
        "files": set_on("Vm", name, "state", "connected"),
    }
    if cause in backs:
        plant(site, backs[cause])
        assert engines(site)[name]["state"] == "OPER_UP"


@pytest.mark.evidence("INF", "§4.6")
def test_on_a_wrong_management_vlan_none_comes_up_and_no_more_are_made(site):
    plant(site, set_on("PortGroup", MANAGEMENT, "vlan", 999))
    web(site)
    assert standing(site, "web")[0] == "OPER_INITIALIZING"
    for _ in range(3):
        site.later(61)
    (made,) = (name for name in engines(site) if name.startswith("s1az1-se-"))
    assert engines(site)[made]["state"] == "OPER_DOWN"
    state, why = standing(site, "web")
    assert (state, "All Service Engines are down: Management vNIC" in why) == ("OPER_DOWN", True)
    plant(site, set_on("PortGroup", MANAGEMENT, "vlan", 3020))
    assert standing(site, "web")[0] == "OPER_UP"


@pytest.mark.evidence("INF", "§4.6")
@pytest.mark.parametrize("gone", [MANAGEMENT, FRONT, BACK])
def test_none_is_made_on_a_port_group_that_is_gone(site, gone):
    plant(site, {"do": "remove", "kind": "PortGroup", "name": gone})
    web(site, "web", "10.10.24.44")
    state, why = standing(site, "web")
    assert (state, f"{gone} not found in vCenter" in why) == ("OPER_RESOURCES", True)
    assert not [name for name in engines(site) if name.startswith("s1az1-se-")]
    assert not [vm for vm in inventory_of(site.site).of(Vm) if vm.name.startswith("s1az1-se-")]


def heard(site):
    return answer(site.site, QUERY, "udp") is not None


@pytest.mark.evidence("INF", "§4.5")
@pytest.mark.parametrize(
    ("fault", "back"),
    [
        (set_on("PortGroup", FRONT, "vlan", 999), set_on("PortGroup", FRONT, "vlan", 3025)),
        (
            {"do": "plug", "vm": "dns-se-*", "nic": 1, "portgroup": BACK},
            {"do": "plug", "vm": "dns-se-*", "nic": 1, "portgroup": FRONT},
        ),
    ],
)
def test_a_dns_service_whose_data_vnic_is_elsewhere_is_up_and_not_heard(site, fault, back):
    assert heard(site)
    plant(site, fault)
    site.later(120)
    assert (standing(site, "local-dns-site1")[0], heard(site)) == ("OPER_UP", False)
    plant(site, back)
    site.later(1)
    assert heard(site)


@pytest.mark.evidence("INF", "§4.6")
def test_servers_behind_a_data_vnic_that_is_elsewhere_are_down(site):
    web(site, "web", "10.10.24.44")
    assert standing(site, "web")[0] == "OPER_UP"
    plant(site, {"do": "plug", "vm": "s1az1-se-*", "nic": 2, "portgroup": MANAGEMENT})
    state, why = standing(site, "web")
    assert (state, f"is on port group {MANAGEMENT}, not on {BACK}" in why) == ("OPER_DOWN", True)


@pytest.mark.evidence("INF", "§3.7")
def test_a_machine_that_is_renamed_or_copied_is_still_its_service_engine(site):
    (name,) = engines(site)
    plant(site, {"do": "twin", "vm": name, "name": "replica"}, set_on("Vm", name, "name", "renamed"))
    site.later(61)
    assert engines(site)[name]["state"] == "OPER_UP"


@pytest.mark.evidence("DOC", "§4.6")
def test_a_folder_that_is_missing_takes_a_privilege_more(site):
    plant(site, {"do": "revoke", "account": ACCOUNT, "privilege": "Folder.Create"})
    web(site)
    assert standing(site, "web")[0] == "OPER_UP"
    group = site.one("serviceenginegroup", "S1-AZ1-SE-Group")
    assert site.put(group, vcenter_folder="AVI K8S/new", max_vs_per_se=1)[0] == 200
    web(site, "second")
    assert "lacks Folder.Create" in standing(site, "second")[1]


@pytest.mark.parametrize(
    "fault",
    [
        set_on("Datastore", "vsanDatastore", "free", 0),
        set_on("Vm", "dns-se-*", "powered", "no"),
        set_on("Vm", "dns-se-*", "moid", "vm-1"),
        set_on("PortGroup", FRONT, "vlan", "x"),
        set_on("PortGroup", FRONT, "vlan", True),
        set_on("PortGroup", FRONT, "trunk", [3]),
        set_on("PortGroup", FRONT, "trunk", [[1, 9, 9]]),
        set_on("PortGroup", FRONT, "wire", [3025, [9], 0]),
        set_on("Vm", "dns-se-*", "cpus", "two"),
    ],
)
def test_values_that_are_none_are_refused(site, fault):
    assert "error" in plant(site, fault, status=400)
    assert engines(site)


def test_a_route_leads_over_a_vnic_that_is_where_it_belongs(site):
    route = {"route_id": "1", "prefix": prefix("0.0.0.0/0"), "next_hop": ip("10.10.25.1")}
    assert site.put(site.one("vrfcontext", "VRF_AZ1"), static_routes=[route])[0] == 200
    web(site, "web", "172.16.9.9")
    plant(site, {"do": "plug", "vm": "s1az1-se-*", "nic": 1, "portgroup": MANAGEMENT})
    assert standing(site, "web")[0] == "OPER_DOWN"


@pytest.mark.evidence("INF", "§3.7")
def test_a_service_engine_that_registered_itself_goes_away():
    site = Client("fresh+bare")
    turn = {"name": "east-se-1", "up": False}
    assert control(site.lab, "engines", turn)[0] == 200
    assert engines(site)["east-se-1"]["state"] == "OPER_UP"
    site.later(61)
    assert engines(site)["east-se-1"]["reason"] == ["Service Engine does not answer"]
    (shop,) = site.list("/api/virtualservice-inventory?cloud_ref.name=bare-east")
    assert shop["runtime"]["oper_status"]["state"] == "OPER_DOWN"
    assert control(site.lab, "engines", turn | {"up": True})[0] == 200
    (shop,) = site.list("/api/virtualservice-inventory?cloud_ref.name=bare-east")
    assert (engines(site)["east-se-1"]["state"], shop["runtime"]["oper_status"]["state"]) == ("OPER_UP",) * 2
    for wrong in ({"name": "nobody", "up": True}, turn | {"up": 1}):
        assert control(site.lab, "engines", wrong)[0] == 400


@pytest.mark.evidence("INF", "§3.7")
def test_in_nsxt_a_management_vnic_elsewhere_cuts_off_too():
    site = Client("fresh+nsxt")
    west = {"vcenter": "vcenter-west.iberia.local"}
    (name,) = (each for each in engines(site) if each.startswith("nsxt-vlan"))
    vcenter = vcenters(site.site)[west["vcenter"]]
    machine = next(vm for vm in vcenter.of(Vm) if vm.name == name)
    groups = [group for group in vcenter.of(PortGroup) if group.segment]
    other = next(group.name for group in groups if group.moid != machine.nics[0].portgroup)
    plant(site, {"do": "plug", "vm": name, "nic": 0, "portgroup": other, **west})
    site.later(61)
    assert f"is on port group {other}" in engines(site)[name]["reason"][0]
