"""Each hole of AKO broken alone: all that is wrong then."""

from __future__ import annotations

from dataclasses import replace

from intent.ako.case import OtherCluster
from intent.ako.resources import ResourceReference, Resources
from intent.ako.settings import NetworkGiven
from tests.ako.breaking import (
    ANY,
    FOR_ENGINES,
    FRONTEND,
    GATEWAY,
    HERE,
    IN,
    INFRA,
    NEIGHBOUR,
    NSXT,
    OLD,
    OTHER_CA,
    PROFILE,
    SE_GROUP,
    SERVICE,
    SPEAKS,
    STATIC,
    UNROUTED,
    USELESS,
    UUID,
    WITH_GATEWAY,
    Right,
    denied,
    gone,
    infra,
    labelled,
    only_usable,
    portal,
    route,
    row,
    sets,
    twice,
    used_up,
)
from tests.ako.site import FRONT, GROUP, NAME, NODE, NODES, VIP, VRF


def rule(name, **named):
    """A custom resource that names the profile for SSL, and objects of other types."""
    named = {"applicationprofile": "System-SSL-Application"} | named
    return Resources((), tuple(ResourceReference(name, "x", api, target) for api, target in named.items()))


HOLE_ROWS = {
    "H1": row("H1 failed: SE group nosuch", word=USELESS, values={GROUP: "nosuch"}),
    "H1 twice": row(
        "H1 warning: SE group S1-AZ1-SE-Group", word="starts", edits=(twice("serviceenginegroup", SE_GROUP),)
    ),
    "H2": row(
        "H2 warning: SE group DNS-SE-Group",
        "V5c failed: SE group DNS-SE-Group",
        right=NEIGHBOUR,
        edits=(labelled("DNS-SE-Group", value="other"),),
        resources=Resources((INFRA,)),
    ),
    "H2 later": row(
        "H2 warning: SE group DNS-SE-Group",
        "V5c failed: SE group DNS-SE-Group",
        resources=Resources((INFRA,)),
        edits=(labelled("DNS-SE-Group", "owner", "netops"),),
    ),
    "H3": row("H3 warning: values.yaml", word="starts", values={NODES: []}),
    "H4": row(
        "H4 warning: network REGIONB_VMS_3023",
        word="starts",
        values={NODES: [{"networkName": "REGIONB_VMS_3023"}]},
    ),
    "H5": row(
        "H5 failed: network AVI_FRONTEND_3025",
        word=USELESS,
        edits=(sets("network", FRONTEND, configured_subnets=[]),),
        values={VIP: [ANY]},
    ),
    "H5 DHCP": row(
        "H5 failed: network AVI_FRONTEND_3025",
        word=USELESS,
        edits=(sets("network", FRONTEND, configured_subnets=[], dhcp_enabled=True),),
        values={VIP: [ANY]},
    ),
    "H5 usable": row(
        "H5 failed: network AVI_FRONTEND_3025", word=USELESS, edits=(only_usable("AVI_FRONTEND_3026"),)
    ),
    "H5 pool": row(
        "H5 failed: network AVI_FRONTEND_3025",
        word=USELESS,
        edits=(sets("network", FRONTEND, configured_subnets=[FOR_ENGINES]),),
    ),
    "H5 no pool at all": row(
        "H5 failed: network AVI_FRONTEND_3025",
        word=USELESS,
        values={VIP: [ANY]},
        edits=(sets("network", FRONTEND, configured_subnets=[FOR_ENGINES]),),
    ),
    "H5 VRF context": row("H5 failed: network AVI_FRONTEND_3025", word=USELESS, values={SERVICE: "NodePort"}),
    "H5 full": row("H5 failed: network AVI_FRONTEND_3025", word=USELESS, edits=(used_up(FRONTEND),)),
    "H6": row(
        "H6 failed: network AVI_FRONTEND_3025",
        word=USELESS,
        values={VIP: [FRONT | {"cidr": "10.10.26.0/24"}]},
    ),
    "H7": row(
        "H7 failed: network zz",
        word=USELESS,
        right=replace(NSXT, values=NSXT.values | {SERVICE: "NodePort"}),
        values={VIP: [{"networkName": "zz"}]},
    ),
    "H7 uuid": row("H7 failed: network zz", word=USELESS, values={VIP: [UUID], SERVICE: "NodePort", VRF: ""}),
    "H8": row("H8 warning: network zz", "V9b failed: network zz", values={VIP: [UUID]}),
    "H9": row(
        "H9 warning: domain nosuch.example",
        word="starts",
        values={"NetworkSettings.defaultDomain": "nosuch.example"},
    ),
    "H10": row(
        "H10 warning: cloud Default-Cloud", word="starts", edits=(sets("cloud", HERE, dns_provider_ref=None),)
    ),
    "H11": row(
        "H11 failed: cloud Default-Cloud",
        word=USELESS,
        edits=(sets("cloud-inventory", HERE, status__state="CLOUD_STATE_FAILED"),),
    ),
    "H11 no engine": row(
        "H11 failed: SE group S1-AZ1-SE-Group",
        word=USELESS,
        edits=(sets("serviceenginegroup", SE_GROUP, max_se=0),),
    ),
    "H11 full": row(
        "H11 failed: SE group DNS-SE-Group",
        word=USELESS,
        values={GROUP: "DNS-SE-Group"},
        edits=(sets("serviceenginegroup", "DNS-SE-Group", max_se=1, max_vs_per_se=1),),
    ),
    "H12": row(
        "H12 failed: T1 gateway /infra/tier-1s/T1-prod",
        "V9d passed: T1 gateway /infra/tier-1s/T1-prod",
        word=USELESS,
        right=NSXT,
        edits=(sets("vrfcontext", "T1-prod", attrs=[]),),
    ),
    "H13": denied("AUTOSCALE", "H13 warning: user admin", word="starts"),
    "H13 profiles": denied("IPAMDNSPROVIDERPROFILE", "H13 warning: user admin", word="starts"),
    "H13 may only read": denied("VRFCONTEXT", "H13 failed: user admin", word=USELESS, kind="READ_ACCESS"),
    "H14": row(
        "H14 warning: user admin",
        word="starts",
        edits=(sets("useraccountprofile", PROFILE, credentials_timeout_threshold=180),),
    ),
    "H14 gateway": row(
        "H14 warning: user admin",
        word="starts",
        right=WITH_GATEWAY,
        edits=(sets("useraccountprofile", PROFILE, max_concurrent_sessions=12),),
    ),
    "H15": row("H15 failed: cluster s1az1", word=USELESS, others=(OtherCluster("s1az1"),)),
    "H16": row("H16 warning: cluster s1az1", word="starts", others=(OtherCluster("S1AZ1"),)),
    "H16 prefix": row("H16 warning: cluster s1az1", word="starts", others=(OtherCluster("s1az1--b"),)),
    "H16 gateway": row("H16 warning: cluster s1az1", word="starts", others=(OtherCluster("gw-s1az1"),)),
    "H16 label": row(
        "H16 warning: cluster s1az1",
        "H25 warning: SE group S1-AZ1-SE-Group",
        word="starts",
        right=UNROUTED,
        edits=(labelled(SE_GROUP, value="S1AZ1"),),
    ),
    "H17": row("H17 warning: VRF context VRF_AZ1", word="starts", edits=(route("netops", owner="netops"),)),
    "H17b": row("H17b warning: VRF context VRF_AZ1", word="starts", right=OLD, edits=(route("old-s1az1-2"),)),
    "H17b names": row(
        "H17b warning: cluster az1",
        word="starts",
        right=OLD,
        others=(OtherCluster("az1", vrf=IN, version=(1, 13, 1)),),
    ),
    "H18": row(
        "H18 warning: certificate System-Default-Portal-Cert",
        word="starts",
        edits=(portal(certificate__days_until_expire=-1),),
    ),
    "H18 checked": row(
        "H18 failed: certificate System-Default-Portal-Cert",
        word=USELESS,
        right=Right(
            values={"avicredentials.certificateAuthorityData": OTHER_CA},
            edits=(
                portal(certificate__certificate=OTHER_CA, certificate__subject_alt_names=["10.10.20.10"]),
            ),
        ),
        edits=(portal(certificate__days_until_expire=-1),),
    ),
    "H18 another name": row(
        "H18 warning: certificate System-Default-Portal-Cert",
        word="starts",
        right=Right(
            values={"avicredentials.certificateAuthorityData": OTHER_CA},
            edits=(
                portal(
                    certificate__certificate=OTHER_CA,
                    certificate__subject_alt_names=["*.10.20.10", "10.10.20.10"],
                ),
            ),
        ),
        edits=(portal(certificate__subject_alt_names=["avi.example"]),),
    ),
    "H18 no name": row(
        "H18 warning: certificate System-Default-Portal-Cert",
        word="starts",
        edits=(portal(certificate__subject={}),),
    ),
    "H19": row("H19 failed: values.yaml", "B5 failed: Controller", values={SPEAKS: "31.1.1"}),
    "H20": row(
        "H20 warning: VRF context VRF_AZ1",
        word="starts",
        right=Right(more={"nodes": (NODE,)}),
        others=(OtherCluster("other", NODE.pods, IN),),
    ),
    "H20 route": row(
        "H20 warning: VRF context VRF_AZ1",
        word="starts",
        right=Right(more={"nodes": (NODE,)}),
        edits=(route("hand", "10.244.0.0/16"),),
    ),
    "H21": row(
        "H21 warning: IPAM profile IPAM_Default",
        word="starts",
        edits=(twice("ipamdnsproviderprofile", "IPAM_Default"),),
    ),
    "H22": row("H22 warning: values.yaml", word="starts", values={"L7Settings.shardVSSize": "HUGE"}),
    "H22 unknown key": row(
        "H22 warning: values.yaml", word="starts", values={"ControllerSettings.tenantsPerCluster": True}
    ),
    "H22 key of a later version": row(
        "H22 warning: values.yaml", word="starts", right=OLD, values={"AKOSettings.vpcMode": False}
    ),
    "H22 service type": row("H22 warning: values.yaml", word="starts", values={SERVICE: "nodeport"}),
    "H23": row("H23 warning: values.yaml", word="starts", right=WITH_GATEWAY, values={VRF: IN}),
    "H23 range": row(
        "H23 warning: network AVI_FRONTEND_3025",
        "H23 warning: values.yaml",
        "H7 failed: network AVI_FRONTEND_3025",
        "H6 failed: network AVI_FRONTEND_3025",
        word=USELESS,
        right=WITH_GATEWAY,
        values={VRF: IN, VIP: [FRONT | {"cidr": "10.10.25.0"}]},
    ),
    "H24": row(
        "H24 warning: SE group S1-AZ1-SE-Group",
        word="starts",
        right=replace(NEIGHBOUR, values={GATEWAY: True, STATIC: True}),
        edits=(labelled(SE_GROUP, value="other"),),
    ),
    "H25": row(
        "H25 warning: SE group S1-AZ1-SE-Group",
        word="starts",
        right=UNROUTED,
        edits=(labelled(SE_GROUP, value="a.b"),),
    ),
    "H25 own name": row(
        "H25 warning: SE group S1-AZ1-SE-Group",
        "V4 failed: values.yaml",
        values={NAME: "a.b"},
        edits=(labelled(SE_GROUP, value="a.b"),),
    ),
    "H25 routes": row(
        "H25 warning: SE group S1-AZ1-SE-Group",
        "V5c failed: SE group S1-AZ1-SE-Group",
        edits=(labelled(SE_GROUP, value="a.b"),),
    ),
    "H25 left now": row(
        "H25 warning: SE group Default-Group",
        "V4 failed: values.yaml",
        right=Right(values={GROUP: "Default-Group"}),
        values={NAME: "a.b"},
    ),
    "S1": row(
        "S1 failed: applicationprofile System-HTTP",
        word=USELESS,
        edits=(gone("applicationprofile", "System-HTTP"),),
    ),
    "S2": row("S2 warning: Controller", word="starts", controller="20.1.7"),
    "S2 newer": row(
        "S2 warning: Controller",
        "B4 passed: Controller",
        word="starts",
        right=Right(version="1.13.4"),
        controller="31.2.1",
    ),
    "S1 gateway": row(
        "S1 warning: networkprofile System-SCTP-Proxy",
        word="starts",
        right=WITH_GATEWAY,
        edits=(gone("networkprofile", "System-SCTP-Proxy"),),
    ),
    "D6": row(
        "D6 warning: HostRule a",
        word="starts",
        resources=Resources(
            (), (ResourceReference("HostRule a", "x", "applicationprofile", "System-L4-Application"),)
        ),
    ),
    "D6 beside SSL": row(
        "D6 warning: L4Rule a",
        word="starts",
        resources=rule("L4Rule a", networkprofile="System-UDP-Fast-Path"),
    ),
    "D6 licence": row(
        "D6 warning: L4Rule a",
        word="starts",
        right=Right(more={"resources": rule("L4Rule a", networkprofile="System-TCP-Proxy")}),
        edits=(sets("systemconfiguration", "", default_license_tier="BASIC"),),
    ),
    "D7": row(
        "D7 warning: HostRule a",
        word="starts",
        resources=Resources((), (ResourceReference("HostRule a", "x", "applicationprofile", "System-HTTP"),)),
        edits=(sets("applicationprofile", "System-HTTP", created_by="ako-s1az1"),),
    ),
    "D1": row("D1 warning: AviInfraSetting infra", word="starts", resources=infra(bgp_labels=("a",))),
    "D2": row(
        "D2 warning: AviInfraSetting infra",
        word="starts",
        resources=infra(vip_networks=(NetworkGiven(FRONTEND, cidr="10.10.25.0"),)),
    ),
    "D4": row("D4 warning: AviInfraSetting infra", word="starts", resources=infra(listeners=(False,))),
    "D5": row(
        "D5 warning: HostRule a",
        word="starts",
        resources=Resources((), (ResourceReference("HostRule a", "spec.x", "applicationprofile", "zz"),)),
    ),
    "D5 network": row(
        "D5 warning: AviInfraSetting infra",
        word="starts",
        resources=infra(vip_networks=(NetworkGiven(uuid="zz"),)),
    ),
}
