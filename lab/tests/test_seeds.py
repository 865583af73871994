"""The three sites to begin with, in every version that people run."""

import pytest

from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import Folder, PortGroup, Vm
from lab.seeds.conforming import GROUPS, NETWORKS
from lab.seeds.datacenter import BLOG
from lab.seeds.drifted import FAULTS
from lab.tests.cloudsite import Client, pool, uuid

VERSIONS = [(18, 2, 13), (20, 1, 6), (21, 1, 4), (22, 1, 7), (30, 2, 1)]
each_version = pytest.mark.parametrize("version", VERSIONS, ids=lambda v: ".".join(map(str, v)))


@each_version
def test_fresh(version):
    site = Client("fresh", version)
    cloud = site.one("cloud", "Default-Cloud")
    config = cloud["vcenter_configuration"]
    assert (cloud["vtype"], config["privilege"], config["datacenter"]) == (
        "CLOUD_VCENTER",
        "WRITE_ACCESS",
        "REGIONB",
    )
    assert config["vcenter_url"] == "vcenter.iberia.local"
    assert "ipam_provider_ref" not in cloud
    assert "dns_provider_ref" not in cloud
    management = site.one("network", "REGIONB_MGMT_3020")
    assert config["management_network"].endswith("/vimgrnwruntime/" + management["uuid"])
    ranges = management["configured_subnets"][0]
    begins = [r["begin"] for r in ranges.get("static_ranges", [])] or [
        ranges["static_ip_ranges"][0]["range"]["begin"]
    ]
    assert begins[0]["addr"] == "10.10.20.40"
    assert [g["name"] for g in site.list("/api/serviceenginegroup")] == ["Default-Group"]
    assert sorted(v["name"] for v in site.list("/api/vrfcontext")) == ["global", "management"]
    assert site.get("/api/ipamdnsproviderprofile")["count"] == 0
    assert site.get("/api/virtualservice")["count"] == 0
    assert site.list("/api/cloud-inventory")[0]["status"]["state"] == "CLOUD_STATE_PLACEMENT_READY"


@each_version
def test_conforming(version):
    site = Client("conforming", version)
    for name, vrf, where, first, last, kind in NETWORKS:
        network = site.one("network", name, include_name="true")
        assert network["vrf_context_ref"].endswith("#" + vrf)
        assert network["dhcp_enabled"] is False
        if version >= (22, 1):
            assert network["configured_subnets"] == [pool(where, first, last, kind)]
    for name, prefix, folder in GROUPS:
        group = site.one("serviceenginegroup", name)
        assert (group["ha_mode"], group["buffer_se"]) == ("HA_MODE_SHARED", 0)
        assert (group["se_name_prefix"], group["vcenter_folder"]) == (prefix, folder)
        assert group["realtime_se_metrics"] == {"enabled": True, "duration": 0}
    service = site.one("virtualservice", "local-dns-site1")
    assert [uuid(r) for r in site.get("/api/systemconfiguration")["dns_virtualservice_refs"]] == [
        service["uuid"]
    ]
    row = site.list("/api/virtualservice-inventory")[0]
    assert row["runtime"]["oper_status"]["state"] == "OPER_UP"


def test_the_vcenter_behind_it():
    model = inventory_of(Client("conforming").site)
    vlans = {g.name: g.vlan for g in model.of(PortGroup)}
    assert {name: vlans[name] for name in BLOG} == BLOG
    controller = model.named(Vm, "avi-controller-1")
    assert (controller.size.cpus, controller.size.memory, controller.size.disk) == (8, 24576, 128)
    folders = {"/".join(filter(None, (model.path(f), f.name))) for f in model.of(Folder)}
    assert {"AVI K8S/Site1 AZ1", "AVI K8S/Site1 AZ2"} <= folders


@each_version
def test_drifted_differs_from_conforming_in_the_planted_faults_only(version):
    good, bad = (Client(state, version).site for state in ("conforming", "drifted"))
    found = set()
    for kind in {fault.kind for fault in FAULTS}:
        theirs = {o.name: o for o in bad.store.all(kind)}
        for obj in good.store.all(kind):
            other = theirs[obj.name].body
            keys = {*obj.body, *other} - {"uuid", "_last_modified"}
            found |= {
                (kind, obj.name, key)
                for key in keys
                if named(good, obj.body.get(key)) != named(bad, other.get(key))
            }
    planted = {(f.kind, f.name or found_name(good, f.kind), f.field.partition(".")[0]) for f in FAULTS}
    assert found == planted


def named(site, value):
    """A value with references told by name: the uuids of two sites differ."""
    if isinstance(value, dict):
        return {key: named(site, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [named(site, inner) for inner in value]
    if isinstance(value, str) and value.startswith("/api/"):
        target = site.store.at(value)
        return (target.type, target.name) if target else value
    return value


def found_name(site, kind):
    return next(site.store.all(kind)).name


def test_the_faults_are_told_and_are_enough():
    site = Client("drifted")
    planted = site.lab.described()["planted"]
    assert len(planted) == len(FAULTS) >= 14
    assert {fault["step"] for fault in planted} == {0, 1, 2, 3, 4, 5}
    assert all(fault["declared"] != fault["found"] and fault["says"] for fault in planted)


def test_the_dns_service_stays_up_in_drifted():
    site = Client("drifted")
    states = {
        r["config"]["name"]: r["runtime"]["oper_status"]["state"]
        for r in site.list("/api/virtualservice-inventory")
    }
    assert states == {"local-dns-site1": "OPER_UP", "corp-dns": "OPER_UP"}


def test_seeds_are_the_same_every_time():
    first, second = (Client("drifted").site for _ in range(2))
    assert [o.name for o in first.store.objects()] == [o.name for o in second.store.objects()]
