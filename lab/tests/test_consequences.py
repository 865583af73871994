"""Causes on vCenter's side and their consequences: Service Engines that are cut off, that cannot be made, and why."""

from datetime import timedelta

import pytest

from lab.cloud.licences import cores_left
from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import Host, PortGroup
from lab.seeds.datacenter import ACCOUNT
from lab.tests.cloudsite import Client, control

DNS = {"name": "local-dns-site1"}


@pytest.fixture
def site():
    return Client("conforming")


def plant(site, *faults):
    for fault in faults:
        status, answer = control(site.lab, "vcenter/faults", fault)
        assert status == 200, answer


def engine_rows(site):
    return {row["config"]["name"]: row["runtime"] for row in site.list("/api/serviceengine-inventory")}


def service(site, name="local-dns-site1"):
    rows = site.list("/api/virtualservice-inventory")
    return next(r["runtime"]["oper_status"] for r in rows if r["config"]["name"] == name)


OUTAGES = [
    ({"do": "set", "kind": "Vm", "name": "dns-se-*", "member": "powered", "value": False}, "powered off"),
    ({"do": "unplug", "vm": "dns-se-*", "nic": 0}, "Management vNIC is disconnected"),
    ({"do": "unplug", "vm": "dns-se-*", "nic": 1}, "Data vNIC 1 is disconnected"),
    ({"do": "remove", "kind": "Vm", "name": "dns-se-*"}, "not found in vCenter"),
]


@pytest.mark.evidence("DOC", "§3.7")
@pytest.mark.parametrize(("fault", "says"), OUTAGES)
def test_a_service_engine_that_is_cut_off_is_down_after_its_heartbeats(site, fault, says):
    (name,) = engine_rows(site)
    plant(site, fault)
    assert engine_rows(site)[name]["oper_status"]["state"] == "OPER_UP"
    site.later(61)
    status = engine_rows(site)[name]
    assert status["oper_status"]["state"] == "OPER_DOWN"
    assert says in status["oper_status"]["reason"][0]
    assert status["se_connected"] is False
    assert (status["power_state"] == "SE_POWER_OFF") is ("powered" in says)
    events = site.list("/api/analytics/logs?type=2&filter=eq(event_id,SE_DOWN)&page_size=100")
    assert [event["obj_name"] for event in events] == [name]


@pytest.mark.evidence("DOC", "§4.6")
def test_its_services_are_placed_on_another_one(site):
    (name,) = engine_rows(site)
    plant(site, OUTAGES[0][0])
    site.later(61)
    assert service(site)["state"] == "OPER_RESOURCES"  # another is being made
    site.later(5)
    assert service(site)["state"] == "OPER_UP"
    states = {engine: row["oper_status"]["state"] for engine, row in engine_rows(site).items()}
    assert states.pop(name) == "OPER_DOWN"
    assert list(states.values()) == ["OPER_UP"]
    (vs,) = [v for v in site.list("/api/virtualservice") if v["name"] == "local-dns-site1"]
    (row,) = vs["vip_runtime"][0]["se_list"]
    assert not row["se_ref"].endswith(name)


@pytest.mark.evidence("DOC", "§4.6")
def test_where_there_is_no_room_they_are_down_with_it_and_up_again_with_it(site):
    group = site.one("serviceenginegroup", "DNS-SE-Group")
    assert site.put(group, max_se=1)[0] == 200
    plant(site, OUTAGES[1][0])
    site.later(61)
    assert service(site)["state"] == "OPER_DOWN"
    plant(site, {"do": "replug", "vm": "dns-se-*", "nic": 0})
    assert service(site)["state"] == "OPER_UP"
    assert {row["oper_status"]["state"] for row in engine_rows(site).values()} == {"OPER_UP"}


@pytest.mark.evidence("DOC", "§3.7")
def test_a_host_that_is_away_takes_its_service_engines_along(site):
    for host in ("esxi1", "esxi2", "esxi3"):
        plant(site, {"do": "set", "kind": "Host", "name": f"{host}.*", "member": "connected", "value": False})
    site.later(61)
    (row,) = engine_rows(site).values()
    assert "Host" in row["oper_status"]["reason"][0]
    assert service(site)["state"] == "OPER_DOWN"


@pytest.mark.evidence("DOC", "§3.1")
def test_a_wrong_vcenter_password_takes_the_cloud_out_of_service(site):
    plant(site, {"do": "password", "account": ACCOUNT, "password": "rotated"})
    status = site.list("/api/cloud-inventory")[0]["status"]
    assert (status["state"], status["reason"]) == (
        "CLOUD_STATE_FAILED",
        "vCenter login failed: bad credentials",
    )
    before = site.get("/api/network")["count"]
    plant(site, {"do": "add_portgroup", "name": "NEW_PG", "vlan": 9})
    assert site.get("/api/network")["count"] == before  # discovery has stopped
    assert service(site)["state"] == "OPER_UP"  # what runs, runs on
    wait(site, "late")
    assert service(site, "late")["reason"] == [
        "Cloud Default-Cloud is not ready: vCenter login failed: bad credentials"
    ]
    plant(site, {"do": "password", "account": ACCOUNT, "password": "never-shown"})
    assert site.get("/api/network")["count"] == before + 1
    site.later(5)
    assert service(site, "late")["state"] == "OPER_UP"


def wait(site, name):
    """A virtual service that needs a Service Engine of its own."""
    group = site.one("serviceenginegroup", "S1-AZ1-SE-Group")
    vsvip = site.post(
        "vsvip",
        name=name,
        vrf_context_ref="/api/vrfcontext?name=VRF_AZ1",
        vip=[{"vip_id": "1", "ip_address": {"addr": "10.10.25.99", "type": "V4"}}],
    )
    where = {"vrf_context_ref": "/api/vrfcontext?name=VRF_AZ1", "se_group_ref": group["url"]}
    site.post("virtualservice", name=name, vsvip_ref=vsvip["url"], services=[{"port": 80}], **where)


def hosts(**values):
    return [{"do": "set", "kind": "Host", "name": f"esxi{n}.*"} | values for n in (1, 2, 3)]


@pytest.mark.evidence("DOC", "§4.6")
@pytest.mark.parametrize(
    ("faults", "group", "says"),
    [
        (hosts(member="maintenance", value=True), {}, "all hosts are in maintenance mode or not connected"),
        ([], {"vcenter_hosts": {"include": True}}, "none is in its hosts and clusters"),
        ([], {"vcenter_clusters": {"include": True}}, "none is in its hosts and clusters"),
        (
            [{"do": "set", "kind": "Datastore", "name": "vsanDatastore", "member": "used", "value": 11990}],
            {},
            "no datastore has 15 GB free",
        ),
        (
            [{"do": "set", "kind": "Pool", "name": "Resources", "member": "limit", "value": 4096}],
            {},
            "resource pools have no memory left",
        ),
        (
            [{"do": "revoke", "account": ACCOUNT, "privilege": "VApp.Import"}],
            {},
            "svc-avi@vsphere.local lacks VApp.Import",
        ),
        (
            [],
            {"vcenter_datastores": [{"datastore_name": "gone"}], "vcenter_datastores_include": True},
            "none of its datastores is there",
        ),
        ([], {"vcenter_datastores_include": True}, "none of its datastores is there"),
        (
            [
                {
                    "do": "set",
                    "kind": "PortGroup",
                    "name": "REGIONB_MGMT_3020",
                    "member": "name",
                    "value": "MGMT",
                }
            ],
            {},
            "Management network REGIONB_MGMT_3020 not found in vCenter",
        ),
    ],
)
def test_a_service_waits_with_the_reason_why_no_service_engine_is_made(site, faults, group, says):
    if group:
        assert site.put(site.one("serviceenginegroup", "S1-AZ1-SE-Group"), **group)[0] == 200
    plant(site, *faults)
    wait(site, "waits")
    status = service(site, "waits")
    assert status["state"] == "OPER_RESOURCES"
    assert says in status["reason"][0]


@pytest.mark.evidence("DOC", "§3.1")
def test_a_content_library_that_is_gone_takes_the_cloud_out_of_service(site):
    library = {"id": "8a1c", "name": "avi"}
    plant(site, {"do": "library", **library})
    cloud = site.one("cloud", "Default-Cloud")
    config = cloud["vcenter_configuration"] | {"use_content_lib": True, "content_lib": library}
    status, body = site.put(cloud, vcenter_configuration=config | {"password": "never-shown"})
    assert status == 200, body
    plant(site, {"do": "library", "id": "other", "name": "other"})
    assert site.list("/api/cloud-inventory")[0]["status"]["state"] == "CLOUD_STATE_PLACEMENT_READY"
    plant(site, {"do": "library", "id": "8a1c"})
    status = site.list("/api/cloud-inventory")[0]["status"]
    assert (status["state"], status["reason"]) == (
        "CLOUD_STATE_FAILED",
        "Content library avi not found in vCenter",
    )
    wait(site, "late")
    assert "Content library avi" in service(site, "late")["reason"][0]


@pytest.mark.evidence("DOC", "§3.14")
def test_where_the_licensed_cores_are_used_up_no_service_engine_is_made(site):
    licence = site.list("/api/license")[0]
    site.site.store.get("license", licence["uuid"]).body["cores"] = 1
    wait(site, "late")
    assert service(site, "late")["reason"] == [
        "No licence for a Service Engine of group S1-AZ1-SE-Group: 0 cores are left"
    ]


@pytest.mark.evidence("SCHEMA", "§3.14")
def test_a_lower_licence_tier_refuses_what_it_does_not_have(site):
    system = site.get("/api/systemconfiguration")
    assert site.put(system, default_license_tier="BASIC")[0] == 200
    status, refused = site.put(
        site.one("vrfcontext", "VRF_AZ1"), bgp_profile={"local_as": 65000, "ibgp": False}
    )
    assert (status, "not allowed in license tier BASIC" in str(refused)) == (400, True)
    service = site.one("virtualservice", "local-dns-site1")
    for member, value in (("enable_rhi", True), ("topology_policies", [{"index": 1}]), ("fqdn", "a.b")):
        assert site.put(service, **{member: value})[0] == 400, member
    assert site.put(service, description="as it was, with records", enable_session=False)[0] == 200
    profile = {"type": "APPLICATION_PROFILE_TYPE_DNS", "dns_service_profile": {"ttl": 5}}
    assert site("POST", "/api/applicationprofile", {"name": "dns", **profile})[0] == 400
    assert (
        site("POST", "/api/applicationprofile", {"name": "l4", "type": "APPLICATION_PROFILE_TYPE_L4"})[0]
        == 201
    )


@pytest.mark.evidence("DOC", "§3.14")
def test_an_upgrade_that_is_half_done_shows_in_its_status(site):
    assert {r["state"]["state"] for r in site.list("/api/upgradestatusinfo")} == {"UPGRADE_FSM_COMPLETED"}
    body = {"to": "30.2.2", "groups": ["DNS-SE-Group"], "paused": True}
    assert control(site.lab, "upgrade", body)[0] == 200
    rows = {row["name"]: row for row in site.list("/api/upgradestatusinfo")}
    assert (rows["DNS-SE-Group"]["version"], rows["S1-AZ1-SE-Group"]["version"]) == ("30.2.2", "30.2.1")
    assert rows["S1-AZ1-SE-Group"]["state"]["state"] == "UPGRADE_FSM_PAUSED"
    assert rows["cluster-0-1"]["node_type"] == "NODE_CONTROLLER_CLUSTER"
    assert site.get("/api/upgradestatussummary")["count"] == len(rows)
    assert control(site.lab, "upgrade", {"to": ""})[0] == 400
    runtimes = {name: (run["at_curr_ver"], run["version"]) for name, run in engine_rows(site).items()}
    assert set(runtimes.values()) == {(True, "30.2.2")}


@pytest.mark.evidence("CLIENT", "§2.8")
def test_while_the_controller_is_upgraded_nothing_is_configured(site):
    half = {"to": "30.2.2", "groups": [], "controller": "in progress"}
    assert control(site.lab, "upgrade", half)[0] == 200
    group = site.one("serviceenginegroup", "DNS-SE-Group")
    for refused in (
        site("POST", "/api/pool", {"name": "late"}),
        site.put(group, max_se=3),
        site("PATCH", f"/api/serviceenginegroup/{group['uuid']}", {"add": {"max_se": 3}}),
        site.delete(group),
        site("POST", "/api/macro", {"model_name": "Pool", "data": {"name": "late"}}),
    ):
        assert refused == (403, {"error": "Configuration is disallowed during upgrade"})
    states = {r["node_type"]: r["state"]["state"] for r in site.list("/api/upgradestatusinfo")}
    assert states["NODE_CONTROLLER_CLUSTER"] == "UPGRADE_FSM_IN_PROGRESS"
    done = {"to": "30.2.2", "groups": ["DNS-SE-Group"]}
    assert control(site.lab, "upgrade", done)[0] == 200
    assert site("POST", "/api/pool", {"name": "late"})[0] == 201


@pytest.mark.evidence("DOC", "§3.14")
def test_a_group_that_an_upgrade_left_behind_takes_nothing_that_is_newer(site):
    half = {"to": "30.2.1", "since": "22.1.7", "groups": ["DNS-SE-Group"], "paused": True}
    assert control(site.lab, "upgrade", half)[0] == 200
    behind, along = (site.one("serviceenginegroup", name) for name in ("S1-AZ1-SE-Group", "DNS-SE-Group"))
    status, refused = site.put(behind, path_mtu_discovery_v4=True)
    assert (status, "path_mtu_discovery_v4" in str(refused), "22.1.7" in str(refused)) == (400, True, True)
    assert site.put(along, path_mtu_discovery_v4=True)[0] == 200
    assert site.put(behind, max_se=9)[0] == 200
    assert control(site.lab, "upgrade", {"to": "30.2.1", "since": "x"})[0] == 400
    assert control(site.lab, "upgrade", {"to": "30.2.1", "nonsense": 1})[0] == 400


@pytest.mark.evidence("CLIENT", "§3.14")
def test_an_expired_licence_counts_for_its_time_of_grace_from_32_1_1_on():
    site = Client("fresh", (32, 1, 1))
    (licence,) = site.site.store.all("license")
    ended = site.site.clock.utc() - timedelta(days=10)
    licence.body.update(cores=2, valid_until=ended.isoformat(), licenses=[])
    (told,) = site.get("/api/licensing/status")["license_state_info"]
    assert told["state"] == "GRACE"
    assert cores_left(site.site) == 2
    site.later(81 * 86400)
    assert site.get("/api/licensing/status")["license_state_info"][0]["state"] == "EXPIRED"
    assert cores_left(site.site) == 0
    older = Client("fresh")
    assert "license_state_info" not in older.get("/api/licensing/status")


@pytest.mark.evidence("SCHEMA", "§2.7")
@pytest.mark.parametrize(
    ("operation", "values", "seen"),
    [
        ("ROLE_FILTER_EQUALS", ["red"], {"red"}),
        ("ROLE_FILTER_DOES_NOT_EQUAL", ["red"], {"blue"}),
        ("ROLE_FILTER_GLOB_MATCH", ["b*"], {"blue"}),
    ],
)
def test_a_role_with_a_label_filter_reaches_what_bears_the_label(operation, values, seen):
    site = Client("empty")
    for name in ("red", "blue", "plain"):
        more = {} if name == "plain" else {"markers": [{"key": "team", "values": [name]}]}
        site.post("pool", name=name, **more)
    matching = {
        "match_label": {"key": "team", "values": values},
        "match_operation": operation,
        "enabled": True,
    }
    role = site.post(
        "role",
        name="of-team",
        privileges=[{"resource": "PERMISSION_POOL", "type": "WRITE_ACCESS"}],
        filters=[matching],
        allow_unlabelled_access=False,
    )
    access = [{"role_ref": role["url"], "tenant_ref": "/api/tenant/admin"}]
    site.post("user", name="u", username="u", password="Secret-1", access=access)
    pools = {pool["name"]: pool for pool in site.list("/api/pool")}
    site.site.username, site.site.password = "u", "Secret-1"
    site.login()
    assert {pool["name"] for pool in site.list("/api/pool")} == seen
    for name, pool in pools.items():
        assert site("PATCH", f"/api/pool/{pool['uuid']}", {"replace": {"description": "x"}})[0] == (
            200 if name in seen else 404
        )
    site.site.store.get("role", role["uuid"]).body["allow_unlabelled_access"] = True
    assert {pool["name"] for pool in site.list("/api/pool")} == seen | {"plain"}


@pytest.mark.evidence("DOC", "§3.1")
def test_a_renamed_datacenter_is_followed(site):
    plant(site, {"do": "set", "kind": "Datacenter", "name": "REGIONB", "member": "name", "value": "REGION-B"})
    cloud = site.one("cloud", "Default-Cloud")
    assert cloud["vcenter_configuration"]["datacenter"] == "REGION-B"
    assert site.list("/api/cloud-inventory")[0]["status"]["state"] == "CLOUD_STATE_PLACEMENT_READY"
    groups = [g for g in inventory_of(site.site).of(PortGroup) if not g.uplink]
    assert site.get("/api/network")["count"] == len(groups)


def events(site):
    """What the Controller has logged of itself, oldest first: id, and what it is about."""
    rows = site.list("/api/analytics/logs?type=2&page_size=1000")
    told = [row for row in rows if not row["event_id"].startswith("CONFIG_")]
    return [
        (row["event_id"], row["obj_name"]) for row in sorted(told, key=lambda row: row["report_timestamp"])
    ]


@pytest.mark.evidence("SCHEMA", "§3.14")
def test_a_cloud_that_fails_and_comes_back_leaves_events(site):
    plant(site, {"do": "password", "account": ACCOUNT, "password": "rotated"})
    site.list("/api/cloud")
    assert events(site) == [("VCENTER_BAD_CREDENTIALS", "Default-Cloud")]
    cloud = site.one("cloud", "Default-Cloud")
    config = cloud["vcenter_configuration"] | {"password": "rotated"}
    assert site.put(cloud, vcenter_configuration=config)[0] == 200
    site.list("/api/cloud")
    assert events(site)[1:] == [("VCENTER_CONNECTIVITY_SUCCESS", "Default-Cloud")]


@pytest.mark.evidence("SCHEMA", "§3.10")
def test_engines_and_services_that_go_down_and_come_back_leave_events(site):
    (engine,) = engine_rows(site)
    for host in inventory_of(site.site).of(Host):
        plant(site, {"do": "set", "kind": "Host", "name": host.name, "member": "maintenance", "value": True})
    plant(site, {"do": "set", "kind": "Vm", "name": engine, "member": "powered", "value": False})
    site.later(61)
    site.later(1)
    reason = service(site)["reason"]
    assert [why.partition(":")[0] for why in reason] == ["All Service Engines are down"]
    assert "maintenance" in reason[0]
    names = [event for event, _ in events(site)]
    assert names[:2] == ["SE_POWERED_DOWN", "SE_DOWN"]
    assert {"CC_SE_CREATION_FAILURE", "VS_DOWN", "VIP_DOWN"} <= set(names[2:])
    (down,) = (
        r for r in site.list("/api/analytics/logs?type=2&page_size=1000") if r["event_id"] == "VIP_DOWN"
    )
    assert down["event_details"]["se_hm_vs_details"]["vip_address"]["addr"] == "10.10.25.40"
    plant(site, {"do": "set", "kind": "Vm", "name": engine, "member": "powered", "value": True})
    site.later(3)
    site.later(3)
    assert [event for event, _ in events(site)][-3:] == ["SE_UP", "VS_UP", "VIP_UP"]
