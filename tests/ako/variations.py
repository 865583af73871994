"""Variations of what an AKO starts with: its values, its site and its user, for both AKOs that are held together."""

from __future__ import annotations

from intent.ako.site_holes import READ, WRITE
from lab.tests.cloudsite import ip, prefix
from tests.ako.breaking import SERVICE, SPEAKS, STATIC
from tests.ako.site import BARE, BLUE, CLOUD, FRONT, GROUP, NAME, NODES, OVERLAY, T1, TENANT, VIP, VLAN, VRF

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
    "further instance, in Go's words": {"AKOSettings.primaryInstance": "F"},
    "further instance, in nobody's words": {"AKOSettings.primaryInstance": "no"},
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
    "v6cidr with a zero before its mask": {VIP: [FRONT | {"v6cidr": "2001:db8::/064"}]},
    "v6cidr with a mask that is too long": {VIP: [FRONT | {"v6cidr": "2001:db8::/129"}]},
    "v6cidr of colons": {VIP: [FRONT | {"v6cidr": ":::/64"}]},
    "no node list": {NODES: None},
    "node list that is none": {NODES: "{}"},
    "node range without a mask": {NODES: [{"networkName": SERVERS, "cidrs": ["10.0.0.0"]}]},
    "node ranges with host bits": {
        NODES: [{"networkName": SERVERS, "cidrs": ["10.0.0.1/24", "2001:db8::1/64"]}]
    },
    "node ranges with zeros before their masks": {
        NODES: [{"networkName": SERVERS, "cidrs": ["10.0.0.0/0024", "2001:db8::/064"]}]
    },
    "node range with a mask as address": {NODES: [{"networkName": SERVERS, "cidrs": ["10.0.0.0/255.0.0.0"]}]},
    "node range that is null": {NODES: [{"networkName": SERVERS, "cidrs": [None]}]},
    "node ranges that are a text": {NODES: [{"networkName": SERVERS, "cidrs": "10.0.0.0/24"}]},
    "node network that is null": {NODES: [None]},
    "node network before a bad range": {
        NODES: [{"networkName": "zz"}, {"networkName": SERVERS, "cidrs": ["x"]}]
    },
    "labels of BGP peers": {BGP: ["a", "b<c"]},
    "labels of BGP peers with RHI": {BGP: ["a"], RHI: True},
    "labels of BGP peers that are null": {BGP: [None]},
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
    "no network, a name with a blank": (
        {NODES: [{"networkName": "my net/1"}]},
        user("admin", without=["NETWORK"]),
    ),
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
