"""Clouds of other kinds than vCenter: NSX-T on overlay and VLAN, and clouds without orchestrator."""

import json

import pytest

from lab.datacenter.inventory import vcenters
from lab.datacenter.model import Vm
from lab.tests.cloudsite import Client, control, ip, pool, uuid


@pytest.fixture(scope="module")
def many():
    return Client("fresh+bare+nsxt")


def told(site, path, body, expect=200):
    status, answer = control(site.lab, path, body)
    assert status == expect, answer
    return answer


def status(site, cloud):
    return site.get(f"/api/cloud/{site.one('cloud', cloud)['uuid']}/status")


def state_of(site, cloud):
    rows = site.list(f"/api/virtualservice-inventory?cloud_ref.name={cloud}")
    return {row["config"]["name"]: row["runtime"]["oper_status"]["state"] for row in rows}


@pytest.mark.evidence("CLIENT", "§3.4")
def test_a_vrf_context_for_each_t1_gateway(many):
    contexts = many.list("/api/vrfcontext?cloud_ref.name=nsxt-overlay")
    assert {v["name"]: v.get("attrs") for v in contexts} == {
        "global": None,
        "management": None,
        "T1-prod": [{"key": "tier1path", "value": "/infra/tier-1s/T1-prod"}],
        "T1-dev": [{"key": "tier1path", "value": "/infra/tier-1s/T1-dev"}],
    }


@pytest.mark.evidence("INF", "§4.1")
@pytest.mark.parametrize(
    ("cloud", "networks"),
    [
        (
            "nsxt-overlay",
            {"avi-mgmt": "management", "avi-prod": "T1-prod", "web-prod": "T1-prod", "avi-dev": "T1-dev"}
            | {"web-dev": "T1-dev", "vip-prod": "T1-prod"},
        ),
        ("nsxt-vlan", {"vlan-mgmt": "management", "vlan-front": "global", "vlan-back": "global"}),
    ],
)
def test_a_network_for_each_segment(many, cloud, networks):
    discovered = many.list(f"/api/network?include_name&page_size=200&cloud_ref.name={cloud}")
    assert {n["name"]: n["vrf_context_ref"].rpartition("#")[2] for n in discovered} == networks
    assert {n["tenant_ref"].rpartition("#")[2] for n in discovered} == {"admin"}


@pytest.mark.evidence("INF", "§3.1")
def test_status_and_inventory_of_every_kind(many):
    rows = {r["config"]["name"]: r["status"]["state"] for r in many.list("/api/cloud-inventory")}
    assert set(rows) == {"Default-Cloud", "bare-east", "bare-west", "nsxt-overlay", "nsxt-vlan"}
    assert set(rows.values()) == {"CLOUD_STATE_PLACEMENT_READY"}


@pytest.mark.evidence("INF", "§4.6")
@pytest.mark.parametrize(
    ("cloud", "manage", "data"),
    [("nsxt-overlay", "avi-mgmt", ["avi-prod"]), ("nsxt-vlan", "vlan-mgmt", ["vlan-front", "vlan-back"])],
)
def test_service_engines_come_up_on_the_right_segments(many, cloud, manage, data):
    (engine,) = many.list(f"/api/serviceengine?include_name&cloud_ref.name={cloud}")
    assert engine["mgmt_vnic"]["network_ref"].endswith("#" + manage)
    assert [v["network_name"] for v in engine["data_vnics"]] == data
    assert state_of(many, cloud) == {"shop": "OPER_UP"}
    west = vcenters(many.site)["vcenter-west.iberia.local"]
    machine = west.named(Vm, engine["name"])
    groups = [west.entities[nic.portgroup] for nic in machine.nics]
    assert [g.segment for g in groups] == [f"/infra/segments/{name}" for name in (manage, *data)]
    assert west.path(machine) == "AVI-WEST"
    assert not [vm for vm in vcenters(many.site)["vcenter.iberia.local"].of(Vm) if vm.name == engine["name"]]


@pytest.mark.evidence("CLIENT", "§3.8")
def test_what_names_a_t1_gateway_stands_in_its_vrf_context(many):
    cloud = many.one("cloud", "nsxt-overlay")["url"]
    gateway = {"cloud_ref": cloud, "tier1_lr": "/infra/tier-1s/T1-dev"}
    vsvip = many.post("vsvip", name="by-gateway", vip=[{"ip_address": ip("10.45.99.1")}], **gateway)
    assert vsvip["vrf_context_ref"].endswith("#T1-dev")
    assert many.delete(vsvip)[0] == 204


@pytest.mark.evidence("PUBLIC", "§3.1")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"do": "reachable", "value": False}, "Unable to connect to NSX-T manager"),
        ({"do": "account", "name": "svc-avi-nsx", "password": "new"}, "NSX-T manager: invalid credentials"),
        (
            {
                "do": "remove",
                "zone": "/infra/sites/default/enforcement-points/default/transport-zones/tz-overlay",
            },
            (
                "No OVERLAY transport zone "
                "/infra/sites/default/enforcement-points/default/transport-zones/tz-overlay in NSX-T"
            ),
        ),
        ({"do": "remove", "tier1": "/infra/tier-1s/T1-dev"}, "No T1 gateway /infra/tier-1s/T1-dev in NSX-T"),
    ],
)
def test_what_is_wrong_in_nsxt_shows_in_the_cloud(change, says):
    site = Client("fresh+nsxt")
    told(site, "nsxt/faults", change)
    state = status(site, "nsxt-overlay")
    assert (state["state"], state["reason"]) == ("CLOUD_STATE_FAILED", says)


@pytest.mark.evidence("INF", "§4.1")
def test_segments_come_go_and_are_renamed():
    site = Client("empty+nsxt")
    zone = "/infra/sites/default/enforcement-points/default/transport-zones/tz-overlay"
    more = {
        "do": "add",
        "name": "late",
        "in_zone": zone,
        "behind": "/infra/tier-1s/T1-dev",
        "gateway": "10.47.0.1/24",
    }
    told(site, "nsxt/faults", more)
    late = site.one("network", "late", **{"cloud_ref.name": "nsxt-overlay"})
    told(site, "nsxt/faults", {"do": "rename", "segment": "/infra/segments/late", "name": "later"})
    assert site.get(f"/api/network/{late['uuid']}")["name"] == "later"
    told(site, "nsxt/faults", {"do": "remove", "segment": "/infra/segments/late"})
    assert site("GET", f"/api/nsxtsegmentruntime/{late['uuid']}")[0] == 404
    assert site.get(f"/api/network/{late['uuid']}")["name"] == "later"


@pytest.mark.evidence("CLIENT", "§3.1")
def test_a_cloud_as_the_terraform_provider_makes_it():
    """On a site without NSX-T one that fits is built: its VRF contexts and networks can be looked up by name."""
    site = Client("empty")
    nsx = site.post("cloudconnectoruser", name="n", nsxt_credentials={"username": "u", "password": "p"})
    vc = site.post("cloudconnectoruser", name="v", vcenter_credentials={"username": "u", "password": "p"})
    zone = {"tz_type": "OVERLAY", "transport_zone": "/infra/tz/1"}
    config = {
        "nsxt_url": "10.0.0.9",
        "nsxt_credentials_ref": nsx["url"],
        "management_network_config": zone
        | {"overlay_segment": {"tier1_lr_id": "/infra/tier-1s/m", "segment_id": "/infra/segments/mgmt"}},
        "data_network_config": zone
        | {
            "tier1_segment_config": {
                "segment_config_mode": "TIER1_SEGMENT_MANUAL",
                "manual": {
                    "tier1_lrs": [{"tier1_lr_id": "/infra/tier-1s/a", "segment_id": "/infra/segments/data"}]
                },
            }
        },
    }
    cloud = site.post("cloud", name="nsx", vtype="CLOUD_NSXT", dhcp_enabled=True, nsxt_configuration=config)
    waits = status(site, "nsx")
    assert (waits["state"], waits["reason"]) == ("CLOUD_STATE_IN_PROGRESS", "Waiting for a vCenter server")
    server = site.post(
        "vcenterserver",
        name="vc",
        cloud_ref=cloud["url"],
        vcenter_url="10.0.0.8",
        vcenter_credentials_ref=vc["url"],
        content_lib={"id": "1"},
    )
    assert status(site, "nsx")["state"] == "CLOUD_STATE_PLACEMENT_READY"
    where = {"cloud_ref.name": "nsx"}
    assert site.one("vrfcontext", "a", **where)["attrs"] == [
        {"key": "tier1path", "value": "/infra/tier-1s/a"}
    ]
    data = site.one("network", "data", include_name="true", **where)
    assert data["vrf_context_ref"].endswith("#a")
    for gone in (server, cloud, nsx, vc):
        assert site.delete(gone)[0] == 204
    assert site.get("/api/nsxtsegmentruntime")["count"] == 0


@pytest.mark.evidence("INF", "§4.1")
def test_without_orchestrator_networks_are_made_and_engines_register(many):
    assert {
        row["config"]["name"] for row in many.list("/api/network-inventory?cloud_ref.name=bare-east")
    } == {
        "dup-net",
        "bare-east-servers",
    }
    for cloud in ("bare-east", "bare-west"):
        (engine,) = many.list(f"/api/serviceengine?cloud_ref.name={cloud}")
        assert engine["controller_created"] is False
        assert state_of(many, cloud) == {"shop": "OPER_UP"}
    east, west = (many.one("network", "dup-net", **{"cloud_ref.name": c}) for c in ("bare-east", "bare-west"))
    assert east["uuid"] != west["uuid"]


@pytest.mark.evidence("INF", "§4.6")
def test_a_service_without_a_registered_engine_on_its_networks_waits():
    site = Client("empty+bare")
    cloud = site.one("cloud", "bare-east")["url"]
    vrf = site.one("vrfcontext", "vrf-dmz", **{"cloud_ref.name": "bare-east"})["url"]
    where = {"cloud_ref": cloud, "vrf_context_ref": vrf}
    site.post(
        "network", name="far", configured_subnets=[pool("10.9.9.0/24", "10.9.9.1", "10.9.9.9")], **where
    )
    vip = site.post("vsvip", name="far", vip=[{"ip_address": ip("10.9.9.50")}], **where)
    group = site.one("serviceenginegroup", "seg-prod", **{"cloud_ref.name": "bare-east"})["url"]
    site.post(
        "virtualservice",
        name="far",
        vsvip_ref=vip["url"],
        se_group_ref=group,
        services=[{"port": 80}],
        **where,
    )
    assert state_of(site, "bare-east") == {"shop": "OPER_UP", "far": "OPER_RESOURCES"}
    engine = {"name": "hand-2", "cloud": "bare-east", "group": "seg-prod", "management": "10.51.0.22/24"}
    told(site, "engines", engine | {"data": {"far": "10.9.9.20/24"}})
    site.later(5)
    assert state_of(site, "bare-east") == {"shop": "OPER_UP", "far": "OPER_UP"}
    site.later(7 * 86400)
    assert (
        len(site.list("/api/serviceengine?cloud_ref.name=bare-east")) == 2
    )  # nobody removes what a person made


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": "x", "cloud": "none", "management": "10.0.0.1/24"}, "no cloud 'none'"),
        (
            {"name": "x", "cloud": "Default-Cloud", "management": "10.0.0.1/24"},
            "makes its Service Engines itself",
        ),
        (
            {"name": "x", "cloud": "bare-east", "management": "10.0.0.1/24", "group": "g"},
            "no Service Engine group",
        ),
        ({"name": "x", "cloud": "bare-east", "management": "nowhere"}, "nowhere"),
        (
            {"name": "x", "cloud": "bare-east", "management": "10.0.0.1/24", "data": {"n": "1.2.3.4/8"}},
            "no network",
        ),
        ({"nam": "x"}, "unknown: nam"),
        ({"name": "x"}, "missing"),
    ],
)
def test_what_cannot_register_is_refused(many, body, says):
    assert says in told(many, "engines", body, 400)["error"]


def test_parts_are_added_once_and_only_where_they_can_stand():
    site = Client("empty")
    assert "stands on" in told(site, "extend", {"part": "tenants"}, 400)["error"]
    assert "unknown part" in told(site, "extend", {"part": "else"}, 400)["error"]
    assert told(site, "extend", {"part": "bare"})["state"] == "empty+bare"
    assert "once" in told(site, "extend", {"part": "bare"}, 400)["error"]
    assert len(site.list("/api/cloud")) == 3


def test_an_export_of_every_kind_comes_back(many):
    other = Client("empty")
    from lab.exchange import exported, imported

    imported(other.lab, json.loads(json.dumps(exported(many.lab))))
    other.login()
    assert state_of(other, "bare-east") == {"shop": "OPER_UP"}
    assert status(other, "nsxt-overlay")["state"] == "CLOUD_STATE_PLACEMENT_READY"
    assert {uuid(n["url"]) for n in other.list("/api/network?cloud_ref.name=nsxt-overlay")} == {
        uuid(n["url"]) for n in many.list("/api/network?cloud_ref.name=nsxt-overlay")
    }


@pytest.mark.evidence("SCHEMA", "§3.6")
@pytest.mark.parametrize(
    "scope",
    [
        {"nsxt_datastores": {"include": True}},
        {"nsxt_hosts": {"include": True}},
        {"nsxt_clusters": {"include": True}},
    ],
    ids=str,
)
def test_a_placement_scope_that_includes_nothing_leaves_nothing(scope):
    site = Client("fresh+nsxt")
    group = site.one("serviceenginegroup", "seg-prod", **{"cloud_ref.name": "nsxt-overlay"})
    (first, *rest) = group["vcenters"]
    assert site.put(group, vcenters=[first | scope, *rest])[0] == 200
    for engine in site.list("/api/serviceengine?cloud_ref.name=nsxt-overlay"):
        assert site.delete(engine)[0] == 204
    site.later(30)
    assert state_of(site, "nsxt-overlay") == {"shop": "OPER_RESOURCES"}
    assert site.put(group, vcenters=group["vcenters"])[0] == 200
    site.later(30)
    assert state_of(site, "nsxt-overlay") == {"shop": "OPER_UP"}
