"""Service Engines: how many, their names, machines, addresses, states over time, and their end."""

import re

import pytest

from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import PortGroup, Vm
from lab.site import Pace
from lab.tests.cloudsite import Client, change_group, engines, service, state, uuid

SLOW = Pace(se_creating=60.0, se_initializing=60.0)


def vs_state(client, service):
    return client.get(f"/api/virtualservice/{service['uuid']}/runtime/summary")["oper_status"]["state"]


@pytest.fixture
def site():
    return Client("conforming")


def test_the_dns_service_engine_is_as_the_blog_shows_it(site):
    (engine,) = engines(site, "DNS-SE-Group")
    assert re.fullmatch(r"dns-se-[a-z]{5}", engine["name"])
    assert engine["uuid"] == "se-" + engine["mgmt_vnic"]["mac_address"].replace(":", "")
    assert engine["mgmt_vnic"]["vnic_networks"][0]["ip"]["ip_addr"]["addr"] == "10.10.20.40"
    (front,) = engine["data_vnics"]
    assert front["network_name"] == "AVI_FRONTEND_3025"
    assert front["vnic_networks"] == [
        {
            "ip": {"ip_addr": {"addr": "10.10.25.41", "type": "V4"}, "mask": 24},
            "mode": "STATIC",
            "ctlr_alloc": True,
        }
    ]
    assert (engine["controller_created"], engine["hypervisor"]) == (True, "VMWARE_ESX")
    assert engine["resources"] == {**engine["resources"], "num_vcpus": 1, "memory": 2048}


def test_its_machine_stands_in_the_folder_with_its_vnics(site):
    (engine,) = engines(site, "DNS-SE-Group")
    model = inventory_of(site.site)
    vm = model.named(Vm, engine["name"])
    assert model.path(vm) == "AVI K8S/Site1 AZ1"
    assert vm.powered
    assert vm.size.memory == 2048
    groups = {model.get(PortGroup, nic.portgroup).name: nic.mac for nic in vm.nics}
    assert groups == {
        "REGIONB_MGMT_3020": engine["mgmt_vnic"]["mac_address"],
        "AVI_FRONTEND_3025": engine["data_vnics"][0]["mac_address"],
    }


def test_states_over_time():
    client = Client("conforming", pace=SLOW)
    made = service(client, "web")
    (engine,) = engines(client)
    seen = []
    for _ in range(3):
        seen.append((state(client, engine), vs_state(client, made)))
        client.later(61)
    assert seen == [
        ("OPER_CREATING", "OPER_RESOURCES"),
        ("OPER_INITIALIZING", "OPER_INITIALIZING"),
        ("OPER_UP", "OPER_UP"),
    ]
    row = client.get(f"/api/serviceengine-inventory/{engine['uuid']}")
    assert row["runtime"]["oper_status"]["state"] == "OPER_UP"
    assert row["runtime"]["se_connected"] is True
    assert row["runtime"]["power_state"] == "SE_POWER_ON"
    assert row["config"]["mgmt_ip_address"]["addr"] == "10.10.20.41"
    assert [uuid(ref) for ref in row["config"]["vs_refs"]] == [made["uuid"]]


@pytest.mark.parametrize(
    ("members", "count"),
    [
        ({}, 1),
        ({"buffer_se": 1}, 2),
        ({"buffer_se": 2}, 3),
        ({"min_scaleout_per_vs": 2}, 2),
        ({"ha_mode": "HA_MODE_SHARED_PAIR"}, 2),
        ({"ha_mode": "HA_MODE_SHARED_PAIR", "buffer_se": 3}, 2),
        ({"min_scaleout_per_vs": 2, "buffer_se": 1, "max_se": 2}, 2),
    ],
)
def test_how_many(site, members, count):
    change_group(site, **members)
    service(site, "web")
    assert len(engines(site)) == count


def test_more_buffer_is_made_at_once(site):
    service(site, "web")
    change_group(site, buffer_se=1)
    assert len(engines(site)) == 2


def test_services_share_until_full(site):
    change_group(site, max_vs_per_se=2)
    made = [service(site, f"web{n}") for n in range(5)]
    assert len(engines(site)) == 3
    carried = [
        len(site.get(f"/api/serviceengine-inventory/{e['uuid']}")["config"]["vs_refs"]) for e in engines(site)
    ]
    assert carried == [2, 2, 1]
    assert len(made) == 5


@pytest.mark.parametrize(
    ("algo", "carried"), [("PLACEMENT_ALGO_PACKED", [0, 3]), ("PLACEMENT_ALGO_DISTRIBUTED", [1, 2])]
)
def test_packed_and_distributed(site, algo, carried):
    change_group(site, min_scaleout_per_vs=2)
    site.delete(service(site, "both"))
    change_group(site, min_scaleout_per_vs=1, algo=algo)
    for n in range(3):
        service(site, f"web{n}")
    rows = [
        site.get(f"/api/serviceengine-inventory/{e['uuid']}")["config"].get("vs_refs", [])
        for e in engines(site)
    ]
    assert sorted(map(len, rows)) == carried


@pytest.mark.evidence("PUBLIC", "§4.6")
def test_a_full_group_leaves_the_service_waiting_and_takes_it_when_there_is_room(site):
    change_group(site, max_se=1, max_vs_per_se=1)
    service(site, "first")
    second = service(site, "second")
    runtime = site.get(f"/api/virtualservice/{second['uuid']}/runtime")
    assert runtime["oper_status"]["state"] == "OPER_RESOURCES"
    assert "max Service Engines" in runtime["oper_status"]["reason"][0]
    change_group(site, max_se=2, max_vs_per_se=1)
    site.later(3)
    assert vs_state(site, second) == "OPER_UP"


def test_an_exhausted_management_pool_stops_new_engines(site):
    change_group(site, max_vs_per_se=1, max_se=20)
    made = [service(site, f"web{n}") for n in range(6)]  # one address is the DNS engine's
    site.later(3)
    assert [vs_state(site, s) for s in made] == ["OPER_UP"] * 5 + ["OPER_RESOURCES"]
    reason = site.get(f"/api/virtualservice/{made[-1]['uuid']}/runtime")["oper_status"]["reason"][0]
    assert "REGIONB_MGMT_3020" in reason


def test_dhcp_on_the_management_network(site):
    cloud = site.one("cloud", "Default-Cloud")
    assert site.put(cloud, dhcp_enabled=True)[0] == 200
    service(site, "web")
    (engine,) = engines(site)
    (where,) = engine["mgmt_vnic"]["vnic_networks"]
    assert where["mode"] == "DHCP"
    assert where["ip"]["ip_addr"]["addr"] not in {f"10.10.20.{n}" for n in range(40, 46)}


def test_a_back_end_gets_a_vnic_too(site):
    pool = site.post(
        "pool",
        name="p",
        vrf_ref="/api/vrfcontext?name=VRF_AZ1",
        servers=[{"ip": {"addr": "10.10.24.161", "type": "V4"}, "port": 80}],
    )
    service(site, "web", pool_ref=pool["url"], vrf_context_ref="/api/vrfcontext?name=VRF_AZ1")
    (engine,) = engines(site)
    assert [v["network_name"] for v in engine["data_vnics"]] == ["AVI_FRONTEND_3025", "REGIONB_VMS_3024"]
    assert engine["data_vnics"][1]["vnic_networks"][0]["ip"]["ip_addr"]["addr"] == "10.10.24.164"


def test_the_clouds_object_prefix(site):
    assert site.put(site.one("cloud", "Default-Cloud"), obj_name_prefix="AVICTRL")[0] == 200
    service(site, "web")
    assert re.fullmatch(r"AVICTRL_s1az1-se-[a-z]{5}", engines(site)[0]["name"])


def test_an_idle_engine_goes_after_the_delay_with_its_machine_and_addresses(site):
    made = service(site, "web")
    (engine,) = engines(site)
    assert site.delete(made)[0] == 204
    site.later(119 * 60)
    assert len(engines(site)) == 1
    site.later(2 * 60)
    assert engines(site) == []
    assert engine["name"] not in [vm.name for vm in inventory_of(site.site).of(Vm)]
    front = site.one("network", "AVI_FRONTEND_3025")
    assert engine["uuid"] not in site.get(f"/api/network/{front['uuid']}/runtime")["obj_uuids"]


def test_a_delay_of_zero_is_never(site):
    change_group(site, se_deprovision_delay=0)
    site.delete(service(site, "web"))
    site.later(10**6)
    assert len(engines(site)) == 1


def test_disabling_frees_the_engine_and_enabling_takes_it_again(site):
    made = service(site, "web")
    site.later(3)
    assert site.put(made, enabled=False)[0] == 200
    assert vs_state(site, made) == "OPER_DISABLED"
    (engine,) = engines(site)
    assert "vs_refs" not in site.get(f"/api/serviceengine-inventory/{engine['uuid']}")["config"]
    assert site.put(made, enabled=True)[0] == 200
    assert vs_state(site, made) == "OPER_UP"


def test_deleting_an_engine_moves_its_services(site):
    made = service(site, "web")
    (engine,) = engines(site)
    assert site.delete(engine)[0] == 204
    (other,) = engines(site)
    assert other["uuid"] != engine["uuid"]
    site.later(3)
    assert vs_state(site, made) == "OPER_UP"


def test_a_disabled_engine_serves_nothing(site):
    made = service(site, "web")
    site.later(3)
    (engine,) = engines(site)
    assert site.put(engine, enable_state="SE_STATE_DISABLED")[0] == 200
    assert state(site, engine) == "OPER_DISABLED"
    assert vs_state(site, made) != "OPER_UP"


def test_the_group_knows_its_engines(site):
    (engine,) = engines(site, "DNS-SE-Group")
    group = site.one("serviceenginegroup", "DNS-SE-Group")
    row = site.get(f"/api/serviceenginegroup-inventory/{group['uuid']}")
    assert [uuid(ref) for ref in row["serviceengins"]] == [engine["uuid"]]
    assert site.delete(group)[0] in (400, 403)


@pytest.mark.evidence("REC", "§4.6")
def test_the_vip_runtime_of_a_get(site):
    found = site.one("virtualservice", "local-dns-site1")
    (vip,) = site.get(f"/api/virtualservice/{found['uuid']}")["vip_runtime"]
    assert vip["requested_resource"] == {"num_se": 1, "num_standby_se": 0}
    assert isinstance(vip["first_se_assigned_time"]["secs"], str)
    (entry,) = vip["se_list"]
    assert entry["se_ref"] == engines(site, "DNS-SE-Group")[0]["url"]
    assert (entry["is_primary"], entry["vcpus"], entry["memory"], entry["vip_subnet_mask"]) == (
        True,
        1,
        2048,
        32,
    )
    assert entry["vip_intf_list"][0]["vip_intf_ip"]["addr"] == "10.10.25.41"
    assert [each["type"] for each in entry["vnic"]] == ["VNIC_TYPE_FE"]  # no servers behind it
    assert re.fullmatch(r"\d{4}-\d{4} \d\d:\d\d:\d\d\.\d{6}", entry["incarnation"])


@pytest.mark.evidence("SCHEMA", "§3.6", "§4.6")
def test_in_a_legacy_group_one_engine_stands_by(site):
    change_group(site, ha_mode="HA_MODE_LEGACY_ACTIVE_STANDBY")
    made = service(site, "web")
    site.later(5)
    (vip,) = site.get(f"/api/virtualservice/{made['uuid']}")["vip_runtime"]
    assert vip["requested_resource"] == {"num_se": 1, "num_standby_se": 1}
    assert [(entry["is_primary"], entry["is_standby"]) for entry in vip["se_list"]] == [
        (True, False),
        (False, True),
    ]
    (shown,) = site.get(f"/api/virtualservice/{made['uuid']}/runtime")["vip_summary"]
    assert [row["standby"] for row in shown["service_engine"]] == [False, True]
    assert [row["active_on_se"] for row in shown["service_engine"]] == [True, False]


@pytest.mark.evidence("REC", "§4.6")
def test_without_a_vcenter_a_service_waits():
    client = Client("empty")
    vsvip = client.post("vsvip", name="v", vip=[{"ip_address": {"addr": "10.90.64.123", "type": "V4"}}])
    made = client.post("virtualservice", name="basic", vsvip_ref=vsvip["url"], services=[{"port": 80}])
    assert client.get(f"/api/virtualservice/{made['uuid']}")["vip_runtime"] == [
        {"vip_id": "0", "num_additional_se": 0, "requested_resource": {"num_se": 1, "num_standby_se": 0}}
    ]
    assert vs_state(client, made) == "OPER_RESOURCES"


def test_scale_out_keeps_the_engines_there_are(site):
    made = service(site, "web")
    (first,) = engines(site)
    change_group(site, min_scaleout_per_vs=3)
    assert engines(site)[0]["uuid"] == first["uuid"]
    assert len(engines(site)) == 3
    (vip,) = site.get(f"/api/virtualservice/{made['uuid']}/runtime")["vip_summary"]
    assert (vip["num_se_assigned"], vip["num_se_requested"], vip["percent_ses_up"]) == (3, 3, 0)
    site.later(3)
    (vip,) = site.get(f"/api/virtualservice/{made['uuid']}/runtime")["vip_summary"]
    assert vip["percent_ses_up"] == 100
    assert [row["primary"] for row in vip["service_engine"]] == [True, False, False]


def test_a_service_on_fewer_engines_gets_the_rest_when_there_is_room(site):
    change_group(site, min_scaleout_per_vs=2, max_se=1)
    made = service(site, "web")
    site.later(3)
    assert len(engines(site)) == 1
    assert vs_state(site, made) == "OPER_UP"
    change_group(site, max_se=2)
    assert len(engines(site)) == 2
