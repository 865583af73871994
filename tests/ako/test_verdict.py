"""Verdicts on AKO against the lab's conforming site: each thing broken alone, and some together."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from intent.ako.seen import Account, ConfiguredSubnet, TenantView
from intent.ako.settings import NetworkGiven, Settings
from intent.ako.site_holes import READ, WRITE
from intent.ako.steps import chosen
from intent.ako.values import AkoValues
from lab.tests.cloudsite import Client
from live.ako.seen import seen
from tests.ako.site import (
    CLOUD,
    FRONT,
    GROUP,
    NAME,
    NODES,
    TENANT,
    VIP,
    VRF,
    judged,
    labelled,
    live_of,
    verdict,
)

LABELS = (
    "Labels do not match with cluster name for SE group :S1-AZ1-SE-Group. Expected Labels: "
    '[{{"key":"clustername","value":"{}"}}]'
)


@pytest.fixture(scope="module")
def client():
    return labelled("conforming")


@pytest.fixture(scope="module")
def live(client):
    return live_of(client)


def failing(verdict):
    return [step.step for step in verdict.steps if step.outcome == "failed"]


# Group, the steps that fail, and what AKO logs: the text of the last of them.
BROKEN = {
    "cloud": ({CLOUD: "nosuch"}, "R", "V2 V4d V6e", "no networks found for networkName: REGIONB_VMS_3024"),
    "tier1": (
        {"NetworkSettings.nsxtT1LR": "/infra/tier-1s/x"},
        "R",
        "V2f",
        "Cloud is not configured as NSX-T but the T1 LR mapping is provided",
    ),
    "vpc": (
        {"AKOSettings.vpcMode": True},
        "R",
        "V2g",
        "Cloud is not configured as NSX-T but VPC mode is enabled",
    ),
    "no list": (
        {VIP: None},
        "R",
        "V2h V4b",
        "error in getting VIP network vipNetworkList not set in values.yaml, shutting down AKO",
    ),
    "two VIP networks": (
        {VIP: [FRONT, FRONT]},
        "R",
        "V2h V4b",
        (
            "error in getting VIP network more than one network specified in VIP Network List and Cloud type is not AWS, "
            "shutting down AKO"
        ),
    ),
    "a number as name": (
        {VIP: [{"networkName": 3025}]},
        "R",
        "V2h V4b",
        "error in getting VIP network unable to unmarshall json for vipNetworkList, shutting down AKO",
    ),
    "empty list": ({VIP: []}, "R", "V2j", "No user input detected for vipNetworkList."),
    "VIP network": ({VIP: [{"networkName": "zz"}]}, "R", "V2i V4d", "network zz not found under vrf "),
    "VRF context": ({VRF: "zz"}, "R", "V2i V3", "vrf zz details not found"),
    "no cluster name": ({NAME: ""}, "R", "V4 V5c", LABELS.format("")),
    "malformed cluster name": ({NAME: "a.b"}, "R", "V4 V5c", LABELS.format("a.b")),
    "another cluster": ({NAME: "other"}, "R", "V5c", LABELS.format("other")),
    "no node list": (
        {NODES: None},
        "R",
        "V6",
        "fetching node network list failed with error: nodeNetworkList not set in values yaml, syncing will be disabled",
    ),
    "six node networks": (
        {NODES: [{"networkName": str(n)} for n in range(6)]},
        "R",
        "V6",
        (
            "fetching node network list failed with error: Maximum of 5 entries are allowed for nodeNetworkMap, syncing will be "
            "disabled"
        ),
    ),
    "node range": (
        {NODES: [{"networkName": "REGIONB_VMS_3024", "cidrs": ["10.0.0.1/33"]}]},
        "R",
        "V6b",
        "value of CIDR couldn't be parsed. Failed with error: invalid CIDR address: 10.0.0.1/33",
    ),
    "node network": ({NODES: [{"networkName": "zz"}]}, "R", "V6e", "no networks found for networkName: zz"),
    "node uuid": ({NODES: [{"networkUUID": "zz"}]}, "R", "V6c", "no networks with UUID zz found"),
    "BGP labels": (
        {"NetworkSettings.bgpPeerLabels": ["a"]},
        "R",
        "V7",
        'BGPPeerLabels ["a"] cannot be set if EnableRhi is set to false.',
    ),
    "VIP range": (
        {VIP: [FRONT | {"cidr": "10.10.25.0/33"}]},
        "S",
        "V9b",
        "failed to validate Network Names specified in VIP Network List",
    ),
    "VIP range without a mask": (
        {VIP: [FRONT | {"cidr": "10.10.25.0"}]},
        "S",
        "V9b",
        "failed to validate Network Names specified in VIP Network List",
    ),
    "VIP uuid": (
        {VIP: [{"networkUUID": "zz"}]},
        "S",
        "V9b",
        "failed to validate Network Names specified in VIP Network List",
    ),
    "CNI": (
        {"L7Settings.serviceType": "NodePortLocal"},
        "S",
        "V10",
        "ServiceType is set as a NodePortLocal, but the CNI is not set as antrea",
    ),
    "family": ({"AKOSettings.ipFamily": "IPv4"}, "S", "V11", "ipFamily is not one of (V4, V6)"),
    "cloud and BGP labels": (
        {CLOUD: "nosuch", "NetworkSettings.bgpPeerLabels": ["a"]},
        "R",
        "V2 V4d V6e V7",
        'BGPPeerLabels ["a"] cannot be set if EnableRhi is set to false.',
    ),
    "range and family": (
        {VIP: [FRONT | {"cidr": "10.10.25.0/33"}], "AKOSettings.ipFamily": "IPv4"},
        "S",
        "V9b V11",
        "ipFamily is not one of (V4, V6)",
    ),
}


def test_right_values(live, tmp_path):
    verdict_ = verdict(live, tmp_path)
    assert verdict_.word == "starts"
    assert not verdict_.logged
    assert not verdict_.wrong
    assert not [each for each in verdict_.results if each.outcome == "unknown"]
    assert verdict_.writes.labels == ()
    assert verdict_.writes.vrf == "VRF_AZ1"


@pytest.mark.parametrize("version", ["1.13.4", "2.2.1"])
@pytest.mark.parametrize("broken", BROKEN)
def test_broken(live, tmp_path, broken, version):
    changes, group, steps, text = BROKEN[broken]
    verdict_ = verdict(live, tmp_path, changes, version)
    assert (verdict_.word, verdict_.exit_code) == ("does not start", 0)
    assert failing(verdict_) == steps.split()
    if version == "1.13.4":
        text = text.replace("Labels do not match", "Labels does not match")
    assert verdict_.logged == text
    assert verdict_.lines[1] == f"Error while validating input: {text}"
    first = f"AKO will be rebooted to retry {text}" if group == "R" else "sync will be disabled."
    assert verdict_.lines[0] == f"Invalid input detected, {first}"


def test_missing_tenant(live, tmp_path):
    verdict_ = verdict(live, tmp_path, {TENANT: "nosuch"})
    assert failing(verdict_) == ["V1", "V2", "V4d", "V6e"]
    assert verdict_.logged.startswith(
        "get uri /api/network/?include_name&name=REGIONB_VMS_3024&cloud_ref.name=Default"
    )
    assert "HTTP code: 403" in verdict_.logged


@pytest.mark.parametrize(
    ("changes", "steps", "text"),
    [
        ({NODES: [{"networkUUID": "u"}]}, "V1 V2 V4d V6c", "no networks with UUID u found"),
        (
            {VIP: [{"networkUUID": "u"}], VRF: "VRF_AZ1", NODES: []},
            "V1 V2 V4c",
            "no network with UUID u found",
        ),
    ],
)
def test_networks_by_uuid_without_a_tenant(live, tmp_path, changes, steps, text):
    verdict_ = verdict(live, tmp_path, changes | {TENANT: "nosuch"})
    assert failing(verdict_) == steps.split()
    assert verdict_.logged == text


def without(site, right):
    """The site with a user who has every right but one."""
    rights = tuple(("*", f"PERMISSION_{name}", True) for name in (*WRITE, *READ) if name != right)
    return replace(site, accounts=(Account("admin", rights=rights),))


@pytest.mark.parametrize(
    ("right", "changes", "step", "text"),
    [
        ("VRFCONTEXT", {}, "C3", "failed to populate cache, disabling sync"),
        (
            "VRFCONTEXT",
            {VRF: "VRF_AZ1"},
            "V3",
            "get uri /api/vrfcontext/?include_name&name=VRF_AZ1&cloud_ref.name=Default-Cloud returned err ",
        ),
        (
            "SERVICEENGINEGROUP",
            {},
            "V5",
            (
                "Get uri /api/serviceenginegroup/?include_name&page_size=100&cloud_ref.name=Default-Cloud"
                "&name.in=S1-AZ1-SE-Group returned err "
            ),
        ),
    ],
)
def test_user_without_a_right(live, tmp_path, right, changes, step, text):  # noqa: PLR0917
    verdict_ = judged(without(seen(live), right), tmp_path, changes)
    assert failing(verdict_) == [step]
    assert verdict_.logged.startswith(text)


def test_user_without_a_right_to_vrf_contexts_behind_a_tier_1_gateway(tmp_path):
    site = without(seen(live_of(Client("conforming+nsxt"))), "VRFCONTEXT")
    overlay = {
        CLOUD: "nsxt-overlay",
        VIP: [{"networkName": "vip-prod"}],
        "NetworkSettings.nsxtT1LR": "/infra/tier-1s/T1-prod",
    }
    verdict_ = judged(site, tmp_path, overlay)
    assert failing(verdict_) == ["V9c"]
    assert verdict_.logged.startswith(
        "Encountered an error on GET request to URL /api/vrfcontext?&include_name=true&cloud_ref.name=nsxt-overlay"
    )


@pytest.mark.parametrize(("ipam", "word"), [("", "does not start"), ("ipam", "crashes")])
def test_transport_zone_is_read_after_the_ipam_profile(live, tmp_path, ipam, word):
    site = seen(live)
    clouds = tuple(replace(each, type="CLOUD_NSXT", breaks="no zone", ipam=ipam) for each in site.clouds)
    assert judged(replace(site, clouds=clouds), tmp_path).word == word


@pytest.mark.parametrize(
    "changes",
    [
        {VRF: "VRF_AZ1"},
        {NAME: "s1az1", "AKOSettings.logLevel": "DEBUG"},
        {"AKOSettings.disableStaticRouteSync": True, NAME: "other"},
        {"L7Settings.serviceType": "NodePortLocal", "AKOSettings.cniPlugin": "antrea", NAME: "other"},
    ],
)
def test_starts(live, tmp_path, changes):
    assert verdict(live, tmp_path, changes).word == "starts"


def test_false_alarm(live, client, tmp_path):
    elsewhere = client.one("network", "REGIONB_VMS_3023")["uuid"]
    verdict_ = verdict(live, tmp_path, {VRF: "VRF_AZ1", NODES: [{"networkUUID": elsewhere}]})
    assert verdict_.word == "starts"
    assert verdict_.logged == f"network with UUID {elsewhere} does not have correct vrf VRF_AZ1"
    assert [step.step for step in verdict_.steps if step.outcome == "false alarm"] == ["V6d"]


@pytest.mark.parametrize(
    ("hole", "changes"),
    [
        ("H1", {GROUP: "nosuch"}),
        ("H6", {VIP: [FRONT | {"cidr": "10.10.26.0/24"}]}),
        ("H6", {VIP: [FRONT | {"cidr": "10.10.25.0/"}]}),
        ("H7", {VRF: "VRF_AZ1", VIP: [FRONT | {"cidr": "10.10.25.0"}]}),
        ("H5", {"L7Settings.serviceType": "NodePort"}),
    ],
)
def test_starts_and_does_not_work(live, tmp_path, hole, changes):
    verdict_ = verdict(live, tmp_path, changes)
    assert verdict_.word == "starts but will not work"
    assert "failed" in {each.outcome for each in verdict_.of(hole)}


@pytest.mark.parametrize(
    ("hole", "changes"),
    [
        ("H3", {NODES: []}),
        ("H9", {"NetworkSettings.defaultDomain": "nosuch.example"}),
        ("H22", {"L7Settings.shardVSSize": "HUGE"}),
        ("H22", {"L4Settings.autoFQDN": "off"}),
        ("H23", {"featureGates.GatewayAPI": True, VRF: "VRF_AZ1"}),
    ],
)
def test_starts_with_a_warning(live, tmp_path, hole, changes):
    verdict_ = verdict(live, tmp_path, changes)
    assert verdict_.word == "starts"
    assert "warning" in {each.outcome for each in verdict_.of(hole)}


def test_a_key_in_the_wrong_section_is_told_with_the_right_one(live, tmp_path):
    whys = [each.why for each in verdict(live, tmp_path, {"NetworkSettings.vrfName": "VRF_AZ1"}).of("H22")]
    assert any(
        "NetworkSettings.vrfName: nobody reads it; the chart has ControllerSettings.vrfName" in why
        for why in whys
    )


@pytest.mark.parametrize(
    ("changes", "word", "exit_code", "logged"),
    [
        ({"ControllerSettings.controllerVersion": "20.1.6"}, "crashes", 2, ""),
        (
            {"ControllerSettings.controllerVersion": "31.1.1"},
            "does not start",
            1,
            "Avi Controller Cluster state is not Active",
        ),
        (
            {"ControllerSettings.controllerHost": ""},
            "does not start",
            1,
            "Avi Controller information missing",
        ),
        (
            {"AKOSettings.deleteConfig": "true"},
            "starts but will not work",
            None,
            "AKO is in disable sync state",
        ),
    ],
)
def test_before_and_after_the_validation(  # noqa: PLR0917
    live, tmp_path, changes, word, exit_code, logged
):
    verdict_ = verdict(live, tmp_path, changes)
    assert (verdict_.word, verdict_.exit_code) == (word, exit_code)
    assert verdict_.logged.startswith(logged)
    assert bool(verdict_.logged) == bool(logged)


def test_failed_start_labels_its_group(live, tmp_path):
    verdict_ = verdict(live, tmp_path, {NAME: "a.b", GROUP: "Default-Group"})
    assert failing(verdict_) == ["V4"]
    assert verdict_.writes.labels == (("Default-Group", "a.b"),)
    assert "warning" in {each.outcome for each in verdict_.of("H25")}


NETS = [ConfiguredSubnet(ip_network(text)) for text in ("10.1.0.0/24", "10.2.0.0/24", "2001:db8::/64")]


@pytest.mark.parametrize(
    ("cidr", "cidr6", "hosts", "subnets", "uuid"),
    [
        ("10.2.0.0/24", "", ("abc", ""), ((0,), (1,)), "second"),
        ("10.2.0.0/24", "2001:db8::/64", ("abc", "a"), ((0,), (1, 2)), "first"),
        ("10.9.0.0/24", "", ("a", "ab"), ((0,), ()), "second"),
        ("", "", ("ab", "ab"), ((), (1,)), "second"),
        ("", "", ("x", "y"), ((), ()), "first"),
        ("", "", ("", ""), ((), (1,)), "second"),
    ],
)
def test_which_of_two_networks_of_a_name(live, tmp_path, cidr, cidr6, hosts, subnets, uuid):  # noqa: PLR0917
    """By cidr, of one family alone; else by hosts in common with the management network, and by subnets; else the first."""
    site = seen(live)
    (cloud,) = site.clouds
    management = next(each for each in site.networks if each.uuid == cloud.management)
    twins = [
        replace(management, uuid=name, hosts=frozenset(own), subnets=tuple(NETS[n] for n in nets))
        for name, own, nets in zip(("first", "second"), hosts, subnets, strict=True)
    ]
    view = TenantView(replace(site, networks=(replace(management, hosts=frozenset("abc")), *twins)), "admin")
    values = Settings(AkoValues(tmp_path, {}), (2, 2, 1))
    asked = NetworkGiven(management.name, cidr=cidr, cidr6=cidr6)
    assert chosen(view, values, asked, twins, cloud).network.uuid == uuid
