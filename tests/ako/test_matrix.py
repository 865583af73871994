"""Variations of values, sites and users: what is foretold of an AKO, held against the lab's own AKO, all of it."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from ipaddress import ip_network

import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from intent.ako.resources import InfraSetting, Resources
from intent.ako.seen import ConfiguredSubnet, TenantView
from intent.ako.settings import OWN_TYPES, NetworkGiven, Settings
from intent.ako.site_holes import READ, WRITE
from intent.ako.steps import chosen
from intent.ako.values import Values
from lab.ako import take_steps
from lab.tests.cloudsite import Client, ip, pool, prefix
from live.ako.seen import COLLECTIONS, seen
from tests.ako.breaking import GATEWAY, SERVICE, SPEAKS, STATIC
from tests.ako.site import (
    BARE,
    BLUE,
    CLOUD,
    FRONT,
    GROUP,
    NAME,
    NODE,
    NODES,
    OURS,
    OVERLAY,
    T1,
    TENANT,
    VIP,
    VLAN,
    VRF,
    given,
    judged,
    live_of,
    routes,
    verdict,
)

FEW = 12
EXAMPLES = max(FEW, int(os.environ.get("HYPOTHESIS_EXAMPLES", "0")))
NEWEST, OLDER = "2.2.1", ("1.13.1", "1.13.4")
BGP, RHI = "NetworkSettings.bgpPeerLabels", "NetworkSettings.enableRHI"
CNI, VPC, DELETE = "AKOSettings.cniPlugin", "AKOSettings.vpcMode", "AKOSettings.deleteConfig"
TIER1 = "NetworkSettings.nsxtT1LR"
NET, SERVERS = "AVI_FRONTEND_3025", "REGIONB_VMS_3024"
VALUES = {
    "other case of the cloud": {CLOUD: "default-cloud"},
    "other case of the tenant": {TENANT: "Admin"},
    "other case of the group": {GROUP: "s1-az1-se-group"},
    "other case of the VIP network": {VIP: [{"networkName": NET.lower()}]},
    "other case of the node network": {NODES: [{"networkName": SERVERS.lower()}]},
    "other case of the VRF context": {VRF: "vrf_az1"},
    "other case of the cluster": {NAME: "S1AZ1"},
    "nothing named": {CLOUD: "", GROUP: "", TENANT: ""},
    "long name": {NAME: "a" * 45, GROUP: "Default-Group"},
    "name with a new line": {NAME: "s1az1\n"},
    "name with an umlaut": {NAME: "s1äz1", GROUP: "Default-Group"},
    "name that HTML knows": {NAME: 'a<b>&"c'},
    "empty name, no label": {NAME: "", GROUP: "Default-Group"},
    "node port": {SERVICE: "NodePort"},
    "node port in a VRF context": {SERVICE: "NodePort", VRF: "VRF_AZ1"},
    "node port in small letters": {SERVICE: "nodeport"},
    "node port local": {SERVICE: "NodePortLocal", CNI: "antrea"},
    "node port local on calico": {SERVICE: "NodePortLocal", CNI: "calico"},
    "no static routes": {STATIC: "true", NAME: "other"},
    "no static routes, in Go's words": {STATIC: "T", NAME: "other"},
    "no static routes, in nobody's words": {STATIC: "yes", NAME: "other"},
    "further instance": {"AKOSettings.primaryInstance": False},
    "deleteConfig": {DELETE: "true"},
    "deleteConfig as a switch": {DELETE: True},
    "deleteConfig in Go's words": {DELETE: "T"},
    "deleteConfig of an unlabelled group": {DELETE: "true", GROUP: "Default-Group"},
    "deleteConfig without routes": {DELETE: "true", STATIC: "true"},
    "no VIP list": {VIP: None},
    "VIP list that is empty text": {VIP: ""},
    "VIP list in a text": {VIP: '[{"networkName": "AVI_FRONTEND_3025"}]'},
    "two VIP networks": {VIP: [FRONT, {"networkName": "x"}]},
    "two VIP networks, no cloud": {VIP: [FRONT, {"networkName": "x"}], CLOUD: "nosuch"},
    "VIP network of nothing": {VIP: [{}]},
    "VIP network that is null": {VIP: [None]},
    "VIP network that is a number": {VIP: [3]},
    "VIP uuid": {VIP: [{"networkUUID": "zz"}]},
    "VIP uuid beside a name": {VIP: [{"networkName": NET, "networkUUID": "zz"}]},
    "VIP uuid in a VRF context": {VIP: [{"networkUUID": "zz"}], VRF: "VRF_AZ1"},
    "VIP uuid on node ports": {VIP: [{"networkUUID": "zz"}], SERVICE: "NodePort"},
    "VIP network in another VRF context": {VRF: "VRF_AZ2"},
    "cidr without a mask": {VIP: [FRONT | {"cidr": "10.10.25.0"}]},
    "cidr without a mask, not tested": {VIP: [FRONT | {"cidr": "10.10.25.0"}], VRF: "VRF_AZ1"},
    "cidr with an empty mask": {VIP: [FRONT | {"cidr": "10.10.25.0/"}]},
    "cidr with host bits": {VIP: [FRONT | {"cidr": "10.10.25.7/24"}]},
    "cidr with a zero before": {VIP: [FRONT | {"cidr": "10.10.025.0/24"}]},
    "cidr of two families": {VIP: [FRONT | {"v6cidr": "2001:db8::/64"}]},
    "v6cidr without a mask": {VIP: [FRONT | {"v6cidr": "2001:db8::"}]},
    "v6cidr of the other family": {VIP: [FRONT | {"v6cidr": "10.0.0.0/24"}]},
    "v6cidr with an IPv4 address": {VIP: [FRONT | {"v6cidr": "::ffff:1.2.3.4/100"}]},
    "v6cidr of colons": {VIP: [FRONT | {"v6cidr": ":::/64"}]},
    "no node list": {NODES: None},
    "node list that is none": {NODES: "{}"},
    "node range without a mask": {NODES: [{"networkName": SERVERS, "cidrs": ["10.0.0.0"]}]},
    "node ranges with host bits": {
        NODES: [{"networkName": SERVERS, "cidrs": ["10.0.0.1/24", "2001:db8::1/64"]}]
    },
    "node network before a bad range": {
        NODES: [{"networkName": "zz"}, {"networkName": SERVERS, "cidrs": ["x"]}]
    },
    "labels of BGP peers": {BGP: ["a", "b<c"]},
    "labels of BGP peers with RHI": {BGP: ["a"], RHI: True},
    "labels of BGP peers that are none": {BGP: [1]},
    "family in small letters": {"AKOSettings.ipFamily": "v4"},
    "VPC mode and a T1 gateway": T1 | {VPC: "true"},
    "version below the range": {SPEAKS: "22.1.2"},
    "version that is none": {SPEAKS: "latest"},
    "version of two numbers": {SPEAKS: "30.2"},
    "version that is newer": {SPEAKS: "30.2.2"},
    "tenant that is not there, unlabelled group": {TENANT: "nosuch", GROUP: "Default-Group"},
}
STATES = {
    "overlay": ("conforming+nsxt", OVERLAY | T1),
    "overlay without T1": ("conforming+nsxt", OVERLAY),
    "overlay without T1 and network": ("conforming+nsxt", OVERLAY | {VIP: [{"networkName": "zz"}]}),
    "overlay, T1 with a slash": ("conforming+nsxt", OVERLAY | {TIER1: "/infra/tier-1s/T1-prod/"}),
    "overlay with ncp": ("conforming+nsxt", OVERLAY | T1 | {CNI: "ncp"}),
    "overlay on node ports": ("conforming+nsxt", OVERLAY | T1 | {SERVICE: "NodePort"}),
    "overlay, no network, on node ports": (
        "conforming+nsxt",
        OVERLAY | T1 | {SERVICE: "NodePort", VIP: [{"networkName": "zz"}]},
    ),
    "overlay in VPC mode": ("conforming+nsxt", OVERLAY | T1 | {VPC: "true", VIP: []}),
    "overlay, no node list": ("conforming+nsxt", OVERLAY | T1 | {NODES: None}),
    "VLAN": ("conforming+nsxt", VLAN),
    "VLAN with T1": ("conforming+nsxt", VLAN | T1),
    "no orchestrator": ("conforming+bare", BARE),
    "no orchestrator, VRF context": ("conforming+bare", BARE | {VRF: "global"}),
    "no orchestrator, another cloud's network": (
        "conforming+bare",
        BARE | {VIP: [{"networkName": "bare-west-servers"}]},
    ),
    "tenant": ("conforming+tenants", BLUE),
    "tenant with admin's group": ("conforming+tenants", {TENANT: "blue"}),
    "admin with a tenant's group": ("conforming+tenants", {GROUP: "seg-blue"}),
    "tenant's VRF context": ("conforming+tenants", BLUE | {VRF: "vrf-blue"}),
}


def label(key, value, group="S1-AZ1-SE-Group"):
    def prepare(client):
        client.put(client.one("serviceenginegroup", group), labels=[{"key": key, "value": value}])

    return prepare


def put(kind, name, **members):
    def prepare(client):
        status, body = client.put(client.one(kind, name), **members)
        assert status == 200, body

    return prepare


def route(identifier, label=None):
    rows = [{"route_id": identifier, "prefix": prefix("10.99.0.0/24"), "next_hop": ip("10.10.24.1")}]
    rows[0] |= {"labels": [{"key": label[0], "value": label[1]}]} if label else {}
    return put("vrfcontext", "VRF_AZ1", static_routes=rows)


SITES = {
    "label of another": ({}, label("clustername", "other")),
    "label of another key": ({}, label("owner", "s1az1")),
    "empty label": ({}, label("clustername", "")),
    "empty label, empty name": ({NAME: ""}, label("clustername", "")),
    "label in another case": ({}, label("clustername", "S1AZ1")),
    "no label": ({}, put("serviceenginegroup", "S1-AZ1-SE-Group", labels=[])),
    "no IPAM profile": ({}, put("cloud", "Default-Cloud", ipam_provider_ref=None)),
    "no DNS profile": ({}, put("cloud", "Default-Cloud", dns_provider_ref=None)),
    "route of its own, deleteConfig": ({DELETE: "true"}, route("s1az1-1", ("clustername", "s1az1"))),
    "route of nobody, deleteConfig": ({DELETE: "true"}, route("netops", ("owner", "netops"))),
    "route of a like name, deleteConfig": ({DELETE: "true"}, route("old-s1az1-2")),
    "route that begins with the name": ({}, route("s1az1-zz")),
}
PASSWORD = "Sunny-Day-4711!"
IN_ADMIN = (("SERVICEENGINEGROUP", "STRINGGROUP", "VRFCONTEXT"), ("CLOUD", "NETWORK", "TENANT"))
NOT_IN_TENANTS = ("TENANT", "CONTROLLER")
"""Rights that the Controller lets no role have in another tenant than admin."""


def user(tenant, *, without=(), read_only=(), admin=False):
    """AKO's user with all rights but some, in a tenant; with `admin` AKO's own role in tenant admin as well."""

    def prepare(client):
        leaves_out = {*without, *(NOT_IN_TENANTS if tenant != "admin" else ())}
        writes = [each for each in WRITE if each not in leaves_out | {*read_only}]
        reads = [each for each in (*READ, *read_only) if each not in leaves_out]
        access = [(tenant, writes, reads)] + ([("admin", *IN_ADMIN)] if admin else [])
        rows = [
            {"role_ref": role(client, f"role-{number}", *rights), "tenant_ref": f"/api/tenant?name={where}"}
            for number, (where, *rights) in enumerate(access)
        ]
        client.post("user", name="ako", username="ako", password=PASSWORD, access=rows)

    return prepare


def role(client, name, writes, reads):
    privileges = [{"resource": f"PERMISSION_{each}", "type": "WRITE_ACCESS"} for each in writes]
    privileges += [{"resource": f"PERMISSION_{each}", "type": "READ_ACCESS"} for each in reads]
    return client.post("role", name=name, privileges=privileges)["url"]


UNLABELLED = {GROUP: "Default-Group"}
USERS = {
    "all rights": ({}, user("admin")),
    "no cluster": ({}, user("admin", without=["CONTROLLER"])),
    "no group": ({}, user("admin", without=["SERVICEENGINEGROUP"])),
    "group to read": (UNLABELLED, user("admin", read_only=["SERVICEENGINEGROUP"])),
    "no tenant": ({}, user("admin", without=["TENANT"])),
    "no cloud": ({}, user("admin", without=["CLOUD"])),
    "no network": ({}, user("admin", without=["NETWORK"])),
    "no VRF context": ({}, user("admin", without=["VRFCONTEXT"])),
    "VRF context to read": ({}, user("admin", read_only=["VRFCONTEXT"])),
    "no VRF context, by name": ({VRF: "VRF_AZ1"}, user("admin", without=["VRFCONTEXT"])),
    "no IPAM profile": ({}, user("admin", without=["IPAMDNSPROVIDERPROFILE"])),
    "no PKI profile": ({}, user("admin", without=["PKIPROFILE"])),
    "no certificates": ({}, user("admin", without=["SSLKEYANDCERTIFICATE"])),
    "no system configuration": ({}, user("admin", without=["SYSTEMCONFIGURATION"])),
    "of another tenant": ({}, user("blue")),
    "of the tenant": (BLUE, user("blue", admin=True)),
    "of the tenant alone": (BLUE, user("blue")),
    "of the tenant, admin's group": ({TENANT: "blue", **UNLABELLED}, user("blue", admin=True)),
    "of the tenant alone, admin's group": ({TENANT: "blue", **UNLABELLED}, user("blue")),
    "of the tenant, group to read": (BLUE, user("blue", read_only=["SERVICEENGINEGROUP"], admin=True)),
}
CASES = (
    {f"values: {name}": ("conforming", values, None) for name, values in VALUES.items()}
    | {f"state: {name}": (*state, None) for name, state in STATES.items()}
    | {f"site: {name}": ("conforming", *site) for name, site in SITES.items()}
    | {f"user: {name}": ("conforming+tenants", *who) for name, who in USERS.items()}
)
WORDS = {
    "starts": ("starts", "starts but will not work"),
    "starts with sync off": ("starts but will not work",),
    "does not start": ("does not start",),
    "crashes": ("crashes",),
    "hangs": ("loops",),
}
PARTS = {"V2a": "V2", "V2b": "V2"}
PAIRS = [
    (case, version) for number, case in enumerate(CASES) for version in (NEWEST, OLDER[number % len(OLDER)])
]
"""Each case with the newest version, and with one of the older ones."""


@cache
def kept(state):
    client = Client(state)
    client.put(client.one("serviceenginegroup", "S1-AZ1-SE-Group"), labels=OURS)
    return client, client.lab.snapshot()


@pytest.mark.parametrize(("case", "version"), PAIRS)
def test_all_that_is_foretold(tmp_path, case, version):
    state, changes, prepare = CASES[case]
    if case.startswith("user"):
        changes = changes | {"avicredentials.username": "ako", "avicredentials.password": PASSWORD}
    require_foretold(tmp_path, state, changes, [prepare] if prepare else [], version)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= FEW)
@given_(
    st.lists(st.sampled_from(sorted(VALUES)), max_size=3),
    st.sampled_from([None, *sorted(SITES)]),
    st.sampled_from([None, *sorted(USERS)]),
    st.sampled_from([*OLDER, NEWEST]),
)
def test_several_at_once(tmp_path_factory, values, site, who, version):
    """Variations laid over each other: whatever fails together, the last of it is logged, and the writes are foretold."""
    changes = {path: value for name in values for path, value in VALUES[name].items()}
    prepares = []
    for rows, name in ((SITES, site), (USERS, who)):
        if name is not None:
            changes |= rows[name][0]
            prepares.append(rows[name][1])
    if who is not None:
        changes |= {"avicredentials.username": "ako", "avicredentials.password": PASSWORD}
    require_foretold(tmp_path_factory.mktemp("several"), "conforming+tenants", changes, prepares, version)


def require_foretold(folder, state, changes, prepares, version):
    """Hold the verdict on AKO against what the lab's comes to, writes and deletes."""
    client, snapshot = kept(state)
    client.lab.restore(snapshot)
    client.login()
    for prepare in prepares:
        prepare(client)
    foretold = verdict(live_of(client), folder, changes, version, nodes=(NODE,))
    before = routes(client)
    real = started(client, changes, version)
    client.login()
    assert foretold.word in WORDS[real["verdict"]]
    assert foretold.exit_code == real["exit_code"]
    assert not [each.step for each in foretold.results if each.outcome == "unknown"]
    if real["verdict"] == "does not start" and real["exit_code"] == 0:
        failed = [step.step for step in foretold.steps if step.outcome == "failed"]
        assert failed == [PARTS.get(each["step"], each["step"]) for each in real["failing"]]
        assert foretold.logged.partition(": HTTP")[0] == real["logged"].partition(": HTTP")[0]
    if real["exit_code"] == 1:
        assert foretold.logged == real["logged"]
    assert writes(foretold) == written(real)
    gone = {text.removeprefix("route ").partition(":")[0] for text in lost_routes(foretold)}
    assert gone == before - routes(client)


def started(client, changes, version, loads=(), **more):
    """What the lab's AKO does when it starts with these values; left out of them, the credentials are the lab's."""
    values = given(changes)
    if "avicredentials.username" not in changes:
        values["avicredentials"] = {}
    nodes = [{"name": NODE.name, "ip": NODE.address, "pods": [str(each) for each in NODE.pods]}]
    return take_steps(
        client.lab, steps=["start", *loads], version=version, values=values, nodes=nodes, **more
    )


def lost_routes(foretold):
    removes = [each for each in foretold.writes.removes if each.startswith("route ")]
    return (*foretold.writes.deletes, *foretold.writes.replaces, *removes)


def writes(foretold):
    labels = [group for group, _ in foretold.writes.labels]
    labels += [
        text.removeprefix("the label of SE group ") for text in foretold.writes.removes if "label" in text
    ]
    return labels, [foretold.writes.vrf] if foretold.writes.vrf else []


def written(real):
    return tuple(
        [write["name"] for write in real["wrote"] if f"/{api}/" in write["ref"]]
        for api in ("serviceenginegroup", "vrfcontext")
    )


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
def test_which_of_two_networks_of_a_name(tmp_path, cidr, cidr6, hosts, subnets, uuid):  # noqa: PLR0917
    """By cidr, of one family alone; else by hosts in common with the management network, and by subnets; else the first."""
    client, snapshot = kept("conforming")
    client.lab.restore(snapshot)
    site = seen(live_of(client.login()))
    (cloud,) = site.clouds
    management = next(each for each in site.networks if each.uuid == cloud.management)
    twins = [
        replace(management, uuid=name, hosts=frozenset(own), subnets=tuple(NETS[n] for n in nets))
        for name, own, nets in zip(("first", "second"), hosts, subnets, strict=True)
    ]
    view = TenantView(replace(site, networks=(replace(management, hosts=frozenset("abc")), *twins)), "admin")
    values = Settings(Values(tmp_path, {}), (2, 2, 1))
    asked = NetworkGiven(management.name, cidr=cidr, cidr6=cidr6)
    assert chosen(view, values, asked, twins, cloud).network.uuid == uuid


PROFILE = "IPAM_Default"
RANGE = ("10.10.25.0/24", "10.10.25.40", "10.10.25.59")
AT_WORK = {
    "right": ({}, None),
    "VIP network without subnets": ({}, put("network", NET, configured_subnets=[])),
    "pool for Service Engines": (
        {},
        put("network", NET, configured_subnets=[pool(*RANGE, "STATIC_IPS_FOR_SE")]),
    ),
    "pool for VIPs": ({}, put("network", NET, configured_subnets=[pool(*RANGE, "STATIC_IPS_FOR_VIP")])),
    "no pool": ({}, put("network", NET, configured_subnets=[{"prefix": prefix(RANGE[0])}])),
    "any network usable": (
        {},
        put("ipamdnsproviderprofile", PROFILE, internal_profile={"usable_networks": []}),
    ),
    "another network usable": (
        {},
        put(
            "ipamdnsproviderprofile",
            PROFILE,
            internal_profile={"usable_networks": [{"nw_ref": "/api/network?name=AVI_FRONTEND_3026"}]},
        ),
    ),
    "another range": ({VIP: [FRONT | {"cidr": "10.10.26.0/24"}]}, None),
    "half a range": ({VIP: [FRONT | {"cidr": "10.10.25.0/25"}]}, None),
    "range with host bits": ({VIP: [FRONT | {"cidr": "10.10.25.7/24"}]}, None),
    "range with an empty mask": ({VIP: [FRONT | {"cidr": "10.10.25.0/"}]}, None),
    "range without a mask": ({VIP: [FRONT | {"cidr": "10.10.25.0"}], VRF: "VRF_AZ1"}, None),
    "no range": ({VIP: [{"networkName": NET}]}, None),
    "no such group": ({GROUP: "nosuch"}, None),
    "node port in VRF context global": ({SERVICE: "NodePort"}, None),
    "node port": ({SERVICE: "NodePort", VRF: "VRF_AZ1"}, None),
    "dedicated services": ({"L7Settings.shardVSSize": "DEDICATED"}, None),
}


@pytest.mark.parametrize("case", AT_WORK)
def test_what_works_when_a_service_comes(tmp_path, case):
    """What starts and is said not to work makes no VIP, or crashes over it; what is said to start makes it."""
    changes, prepare = AT_WORK[case]
    client, snapshot = kept("conforming")
    client.lab.restore(snapshot)
    client.login()
    if prepare:
        prepare(client)
    foretold = verdict(live_of(client), tmp_path, changes, nodes=(NODE,))
    real = started(client, changes, NEWEST, loads=[{"service": {"name": "web", "ports": [80]}}])
    works = real["verdict"] == "starts" and not real["refused"]
    assert foretold.word == ("starts" if works else "starts but will not work"), real["refused"]


def test_groups_of_infra_settings(tmp_path):
    """The groups of AviInfraSettings are labelled with the others; of one that is another's AKO fails, and has labelled."""
    client, snapshot = kept("conforming")
    client.lab.restore(snapshot)
    label("clustername", "other", "DNS-SE-Group")(client.login())
    names = ("Default-Group", "DNS-SE-Group", "nosuch")
    infra = Resources(tuple(InfraSetting(name, name) for name in names))
    foretold = verdict(live_of(client), tmp_path, {}, nodes=(NODE,), resources=infra)
    real = started(client, {}, "2.2.1", infra_settings=list(names))
    assert (foretold.word, foretold.logged) == (real["verdict"], real["logged"])
    assert writes(foretold) == written(real)


@pytest.mark.parametrize("version", [*OLDER, NEWEST])
def test_what_delete_config_removes(tmp_path, version):
    """Objects of its own, in its order, its routes and its label; those of another cluster stay."""
    client, snapshot = kept("conforming")
    client.lab.restore(snapshot)
    client.login()
    loads = [{"ingress": {"name": "web", "tls": True}}, {"service": {"name": "db", "ports": [5432]}}]
    nodes = [{"name": NODE.name, "ip": NODE.address, "pods": ["10.244.0.0/24"]}]
    values = given({}) | {"avicredentials": {}}
    take_steps(client.lab, steps=["start", *loads], version=version, values=values, nodes=nodes)
    client.login().post("pool", name="s1az1-b--web", created_by="ako-s1az1-b")
    live = live_of(client, OWN_TYPES)
    changes = {DELETE: "true", GATEWAY: False}
    site = seen(live, COLLECTIONS.union(OWN_TYPES))
    foretold = judged(site, tmp_path, changes, version, nodes=(NODE,))
    before = routes(client)
    real = started(client, changes, version)
    client.login()
    objects = [text for text in foretold.writes.removes if not text.startswith(("route ", "the label "))]
    assert len(objects) > 5
    deleted = [f"{write['ref'].split('/')[2]} {write['name']}" for write in real["deleted"]]
    assert sorted(objects) == sorted(deleted)
    assert writes(foretold) == written(real)
    assert {text.removeprefix("route ").partition(":")[0] for text in lost_routes(foretold)} == (
        before - routes(client)
    )
    assert client.one("pool", "s1az1-b--web")
