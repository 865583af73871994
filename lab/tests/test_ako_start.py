"""Starts of AKO against the lab: what each broken site or input comes to, what it logs, and what it has written."""

import json
import re

import pytest

from lab import ako
from lab.objects import Refused
from lab.tests.ako_starts import CLUSTER, FRONT, GROUP, LABELS, NODES, ROWS, TENANT, VIPS, VRF
from lab.tests.cloudsite import Client


@pytest.fixture(scope="module")
def kept():
    """A conforming site whose group is labelled, and its snapshot."""
    client = Client("conforming")
    ako.take_steps(client.lab, steps=["label"])
    return client, client.lab.snapshot()


def group_labels(site, name=GROUP):
    return site.one("serviceenginegroup", name).get("labels", [])


def unlabelled(site):
    assert site.put(site.one("serviceenginegroup", GROUP), labels=[])[0] == 200


def written(answer):
    return [write["name"] for write in answer["wrote"]]


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize(("values", "group", "steps", "logged"), ROWS)
def test_a_start_comes_to_what_akos_own_came_to(site, values, group, steps, logged):
    answer = ako.take_steps(site.lab, set=values)
    assert [each["step"] for each in answer["failing"]] == steps
    assert answer["logged"] == logged
    assert (answer["verdict"], answer["exit_code"]) == (("does not start", 0) if steps else ("starts", None))
    groups = {each["group"] for each in answer["failing"]}
    assert ("R" if "R" in groups else "S" if groups else "") == group


@pytest.mark.evidence("CLIENT", "§4.9")
def test_a_tenant_that_is_missing_is_not_logged_as_such(site):
    answer = ako.take_steps(site.lab, set={TENANT: "nosuch"})
    assert [each["step"] for each in answer["failing"]] == ["V1", "V2a", "V4d", "V6e"]
    assert re.match(r"get uri /api/network/.* HTTP code: 403", answer["logged"])
    labels = ako.take_steps(site.lab, set={TENANT: "nosuch", "NetworkSettings.bgpPeerLabels": ["a"]})
    assert labels["logged"].startswith("BGPPeerLabels")


@pytest.mark.evidence("CLIENT", "§4.9")
def test_networks_by_uuid_are_held_to_the_vrf_context(site):
    (front,) = site.list("/api/network?name=AVI_FRONTEND_3025")
    answer = ako.take_steps(site.lab, set={VIPS: [{"networkUUID": front["uuid"]}], VRF: "VRF_AZ2", NODES: []})
    assert [each["step"] for each in answer["failing"]] == ["V2i", "V4c"]
    assert answer["logged"] == f"network {front['uuid']} does not have vrf VRF_AZ2"
    (other,) = site.list("/api/network?name=REGIONB_VMS_3023")
    false_alarm = ako.take_steps(site.lab, set={NODES: [{"networkUUID": other["uuid"]}], VRF: "VRF_AZ1"})
    assert false_alarm["verdict"] == "starts"
    assert [(each["step"], each["soft"]) for each in false_alarm["failing"]] == [("V6d", True)]
    assert f"network with UUID {other['uuid']} does not have correct vrf VRF_AZ1" in str(false_alarm["log"])


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize("name", ["", "a.b"])
def test_a_start_that_fails_leaves_its_label_behind(site, name):
    """The corrected name then fails: a person has to take the label away."""
    unlabelled(site)
    failed = ako.take_steps(site.lab, set={CLUSTER: name})
    assert (failed["verdict"], written(failed)) == ("does not start", [GROUP])
    assert [each["group"] for each in failed["failing"]] == ["S"]
    assert group_labels(site) == [{"key": "clustername", "value": name}]
    assert ako.take_steps(site.lab)["logged"] == LABELS + '[{"key":"clustername","value":"s1az1"}]'


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize("version", ["1.13.1", "1.13.4", "2.2.1"])
def test_a_start_writes_label_and_routes_and_makes_no_shared_service(version):
    for controller in ((30, 2, 1), (20, 1, 6)):
        client = Client("conforming", controller)
        first = ako.take_steps(client.lab, version=version)
        assert (first["verdict"], written(first)) == ("starts", [GROUP, "VRF_AZ1"])
        assert client.list("/api/virtualservice?created_by=ako-s1az1") == []
        ids = [r["route_id"] for r in client.one("vrfcontext", "VRF_AZ1")["static_routes"]]
        again = ako.take_steps(client.lab)
        after = [r["route_id"] for r in client.one("vrfcontext", "VRF_AZ1")["static_routes"]]
        if version == "1.13.1":
            assert (ids, after, again["wrote"]) == (["s1az1-1", "s1az1-2"], ids, [])
        else:
            assert written(again) == ["VRF_AZ1"]
            assert len({*ids, *after}) == 4
            assert all(re.fullmatch(r"s1az1-[0-9a-f-]{36}-0", each) for each in (*ids, *after))


def route(number, route_id, *labels):
    return {
        "route_id": route_id,
        "prefix": {"ip_addr": {"addr": f"10.{number}.0.0", "type": "V4"}, "mask": 24},
        "next_hop": {"addr": "10.10.25.1", "type": "V4"},
        "labels": [{"key": key, "value": value} for key, value in labels],
    }


OTHERS = [
    route(1, "1"),
    route(2, "old-s1az1-2"),
    route(3, "xs1az1-1", ("clustername", "xs1az1")),
    route(4, "of-netops", ("owner", "netops")),
    route(5, "az1-1", ("clustername", "az1")),
    route(6, "moved", ("clustername", "s1az1")),
    route(7, "s1az1-zz"),
]
KEEPS = {
    "1.13.1": ["1", "of-netops", "az1-1", "moved", "s1az1-zz"],
    "1.13.4": ["1", "old-s1az1-2", "xs1az1-1", "az1-1", "s1az1-zz"],
    "2.2.1": ["1", "old-s1az1-2", "xs1az1-1", "az1-1", "s1az1-zz"],
}


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize("version", KEEPS)
def test_each_version_deletes_others_routes_by_its_own_rule(site, version):
    assert site.put(site.one("vrfcontext", "VRF_AZ1"), static_routes=OTHERS)[0] == 200
    ako.take_steps(site.lab, version=version)
    ids = [r["route_id"] for r in site.one("vrfcontext", "VRF_AZ1")["static_routes"]]
    assert ids[: len(KEEPS[version])] == KEEPS[version]
    assert len(ids) == len(KEEPS[version]) + 2
    again = ako.take_steps(site.lab)
    assert written(again) == ["VRF_AZ1"]  # up to 1.13.1 for the id that begins with its name
    deleted = ako.take_steps(site.lab, set={"AKOSettings.deleteConfig": "true"})
    assert deleted["verdict"] == "starts with sync off"
    ids = [r["route_id"] for r in site.one("vrfcontext", "VRF_AZ1")["static_routes"]]
    assert ids == KEEPS[version]


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize(
    ("version", "starts", "text"),
    [
        ("2.2.1", False, "do not match with cluster name"),
        ("1.13.4", True, ""),
        ("1.13.1", False, "HTTP code: 412"),
    ],
)
def test_a_label_that_is_refused_as_stale(site, version, starts, text):
    unlabelled(site)
    site.lab.faults.replace(
        [{"method": "PUT", "path": "/api/serviceenginegroup", "status": 412, "body": {"error": "x"}}]
    )
    answer = ako.take_steps(site.lab, version=version)
    assert (answer["verdict"] == "starts") is starts
    assert group_labels(site) == []
    if not starts:
        assert answer["failing"][0]["step"] == "V5b"
        assert answer["logged"].startswith(
            f"Setting labels on Service Engine Group :{GROUP} failed with error :"
        )
        assert text in answer["logged"]


@pytest.mark.evidence("CLIENT", "§4.9")
def test_a_label_that_may_not_be_written_is_tried_for_ever(site):
    unlabelled(site)
    site.lab.faults.replace([{"method": "PUT", "path": "/api/serviceenginegroup", "status": 403, "body": {}}])
    assert ako.take_steps(site.lab)["verdict"] == "hangs"


@pytest.mark.evidence("CLIENT", "§4.9")
def test_the_text_about_labels_has_changed_with_the_version(site):
    for version, word in (("1.13.4", "does"), ("1.14.1", "do")):
        answer = ako.take_steps(site.lab, version=version, set={CLUSTER: "other"})
        assert answer["logged"].startswith(f"Labels {word} not match")


FATALS = [
    (
        {"ControllerSettings.controllerHost": ""},
        {},
        1,
        "Update the controller IP in ConfigMap : avi-k8s-config",
    ),
    ({"avicredentials.username": ""}, {}, 1, "Update them in avi-secret."),
    ({"avicredentials.password": "wrong"}, {}, 1, "Avi client not initialized"),
    ({"ControllerSettings.controllerVersion": "31.2.1"}, {}, 1, "Avi Controller Cluster state is not Active"),
    ({"ControllerSettings.controllerVersion": "21.1.4"}, {}, 2, ""),
    ({}, {"kubernetes": "1.28"}, 1, "Unsupported kubernetes apiserver version detected"),
    ({"AKOSettings.cniPlugin": "calico"}, {"cni_resources": False}, None, ""),
]


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize(("values", "more", "code", "says"), FATALS)
def test_what_ends_it_before_it_validates(site, values, more, code, says):
    answer = ako.take_steps(site.lab, set=values, **more)
    assert (answer["exit_code"], says in answer["logged"]) == (code, True)
    assert answer["verdict"] == {1: "does not start", 2: "crashes", None: "hangs"}[code]
    assert answer["wrote"] == []
    with pytest.raises(Refused, match="does nothing"):
        ako.take_steps(site.lab, steps=["ingress"])


@pytest.mark.evidence("CLIENT", "§4.9")
def test_what_is_broken_on_the_controller(site):
    site.site.memory["cluster_state"] = "CLUSTER_STARTING"
    assert ako.take_steps(site.lab)["logged"].startswith("Avi Controller Cluster state is not Active")
    del site.site.memory["cluster_state"]
    cloud = site.one("cloud", "Default-Cloud")
    assert site.put(cloud, dns_provider_ref=None)[0] == 200
    answer = ako.take_steps(site.lab)
    assert answer["verdict"] == "starts"
    assert "does not have a dns provider configured" in str(answer["log"])
    made = ako.take_steps(site.lab, steps=["service"])
    assert made["refused"] == []
    (vsvip,) = site.list("/api/vsvip?name=s1az1--default-web")
    assert not vsvip.get("dns_info")
    assert site.put(site.one("cloud", "Default-Cloud"), ipam_provider_ref=None)[0] == 200
    assert ako.take_steps(site.lab)["logged"] == "Cloud does not have a ipam_provider_ref configured"


def user(site, privileges, **more):
    role = site.post("role", name="short", privileges=privileges)
    access = [{"role_ref": role["url"], "tenant_ref": "/api/tenant/admin", "all_tenants": False}]
    secret = {"password": "AkoSecret-1"}
    site.post("user", name="ako", username="ako", access=access, **secret, **more)
    return {f"avicredentials.{key}": value for key, value in {"username": "ako", **secret}.items()}


@pytest.mark.evidence("CLIENT", "§4.9")
def test_a_user_that_may_not_read_what_it_made_starts_with_sync_off(site):
    readable = ("TENANT", "CLOUD", "NETWORK", "VRFCONTEXT", "SERVICEENGINEGROUP", "SYSTEMCONFIGURATION")
    given = user(site, [{"type": "READ_ACCESS", "resource": f"PERMISSION_{each}"} for each in readable])
    answer = ako.take_steps(site.lab, set=given)
    assert answer["verdict"] == "starts with sync off", answer
    assert answer["logged"].startswith("failed to populate cache, disabling sync")


def test_unknown_settings_are_refused(site):
    for given, says in (
        ({"version": "2"}, "no version of AKO"),
        ({"values": []}, "mapping"),
        ({"values": {"AkoSettings": {}}}, "no AkoSettings in values.yaml"),
        ({"set": {"AKOSettings": 1}}, "section"),
        ({"nodes": ["nowhere"]}, "nodes are addresses"),
        ({"pods": "10.0.0.0"}, "nodes are addresses"),
        ({"infra_settings": "x"}, "infra_settings"),
        ({"sharts": 1}, "sharts"),
        ({"steps": ["dance"]}, "dance"),
    ):
        with pytest.raises(Refused, match=says):
            ako.take_steps(site.lab, **given)


@pytest.mark.evidence("CLIENT", "§4.9")
def test_a_whole_values_file_lies_over_the_charts_defaults(site):
    values = {
        "AKOSettings": {"clusterName": "s1az1", "layer7Only": False},
        "NetworkSettings": {"vipNetworkList": [FRONT]},
        "ControllerSettings": {"serviceEngineGroupName": GROUP, "controllerHost": "10.10.20.43"},
    }
    answer = ako.take_steps(site.lab, values=json.loads(json.dumps(values)))
    assert answer["verdict"] == "starts"
    assert ako.take_steps(site.lab, values={})["cluster"] == "my-cluster"


@pytest.mark.evidence("CLIENT", "§4.9")
def test_infra_settings_have_their_groups_labelled(site):
    answer = ako.take_steps(site.lab, infra_settings=["S1-AZ2-SE-Group"])
    assert "S1-AZ2-SE-Group" in written(answer)
