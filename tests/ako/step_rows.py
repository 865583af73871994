"""Each step of AKO's start broken alone: all that is wrong then, and the step's own text."""

from __future__ import annotations

from dataclasses import replace

from tests.ako.breaking import (
    ANY,
    AWS,
    ELSEWHERE,
    FRONTEND,
    HERE,
    IN,
    NEIGHBOUR,
    NSXT,
    ORDINARY,
    OTHER_CA,
    PROFILE,
    SE_GROUP,
    SERVICE,
    SPEAKS,
    STATIC,
    UNLABELLED,
    USELESS,
    UUID,
    VLAN_ZONE,
    Right,
    denied,
    labelled,
    row,
    sets,
    twice,
)
from tests.ako.site import CLOUD, FRONT, GROUP, NAME, NODES, T1, TENANT, VIP, VRF

STEP_ROWS = {
    "B0": row("B0 failed: Kubernetes", kubernetes=(1, 28)),
    "B1": row("B1 failed: values.yaml", values={"ControllerSettings.controllerHost": ""}),
    "B2": row("B2 failed: user admin", edits=(sets("user", "admin", is_active=False),)),
    "B2 sessions": row(
        "B2 failed: user admin",
        "H14 failed: user admin",
        edits=(sets("useraccountprofile", PROFILE, max_concurrent_sessions=5),),
    ),
    "B3": row(
        "B3 failed: certificate System-Default-Portal-Cert",
        values={"avicredentials.certificateAuthorityData": OTHER_CA},
    ),
    "B3 no certificate": row(
        "B3 failed: values.yaml", values={"avicredentials.certificateAuthorityData": "pem"}
    ),
    "B4": row("B4 failed: values.yaml", word="crashes", values={SPEAKS: "20.1.6"}),
    "B5": row(
        "B5 failed: Controller", edits=(sets("cluster/runtime", "", cluster_state__state="CLUSTER_DOWN"),)
    ),
    "B5 no version": row("B5 failed: Controller", "H19 warning: values.yaml", values={SPEAKS: "latest"}),
    "B6": row(
        "B6 failed: system configuration",
        word="crashes",
        edits=(sets("systemconfiguration", "", default_license_tier=None),),
    ),
    "V1": denied("TENANT", "V1 failed: tenant admin", "H13 warning: user admin"),
    "V1 tenant": row(
        "V1 failed: tenant nosuch",
        "V2 failed: cloud Default-Cloud",
        "V4d failed: network AVI_FRONTEND_3025",
        "V6e failed: network REGIONB_VMS_3024",
        values={TENANT: "nosuch"},
    ),
    "V2": row(
        "V2 failed: cloud nosuch",
        "V4d failed: network AVI_FRONTEND_3025",
        "V6e failed: network REGIONB_VMS_3024",
        values={CLOUD: "nosuch"},
    ),
    "V2 right": denied("CLOUD", "V2 failed: cloud Default-Cloud", "H13 failed: user admin"),
    "V2 panics": row(
        "V2 failed: cloud Default-Cloud",
        word="crashes",
        edits=(sets("cloud", HERE, vcenter_configuration__management_network=None),),
    ),
    "V4c panics": row(
        "V4c failed: network zz",
        word="crashes",
        values={VIP: [{"networkUUID": "zz"}], VRF: "VRF_AZ1"},
        edits=(sets("network", FRONTEND, uuid="zz", vrf_context_ref=None),),
    ),
    "V2c": row("V2c failed: cloud Default-Cloud", edits=(sets("cloud", HERE, ipam_provider_ref=None),)),
    "V2d": row("V2d failed: cloud nsxt-overlay", right=NSXT, values={"NetworkSettings.nsxtT1LR": ""}),
    "V2e": row(
        "V2e failed: cloud nsxt-vlan",
        "V9d passed: T1 gateway /infra/tier-1s/T1-prod",
        "H12 failed: T1 gateway /infra/tier-1s/T1-prod",
        right=VLAN_ZONE,
        values=T1,
    ),
    "V2f": row("V2f failed: cloud Default-Cloud", values=T1),
    "V2f and a list that is never taken": row(
        "V2f failed: cloud Default-Cloud",
        "V4 failed: values.yaml",
        "V8 failed: values.yaml",
        "H25 warning: SE group S1-AZ1-SE-Group",
        right=replace(AWS, values={STATIC: True}),
        values={**T1, NAME: "a.b", VIP: [FRONT | {"v6cidr": "2001:db8::/64"}]},
    ),
    "V2g": row("V2g failed: cloud Default-Cloud", values={"AKOSettings.vpcMode": True}),
    "V2h": row("V2h failed: values.yaml", "V4b failed: values.yaml", values={VIP: None}),
    "V2i": row("V2i failed: network zz", "V4d failed: network zz", values={VIP: [{"networkName": "zz"}]}),
    "V2j": row("V2j failed: values.yaml", values={VIP: []}),
    "V3": row("V3 failed: VRF context VRF_AZ1", values={VRF: IN}, edits=(twice("vrfcontext", IN),)),
    "V3 name": row(
        "V3 failed: VRF context zz",
        "V2i failed: network AVI_FRONTEND_3025",
        values={VRF: "zz"},
    ),
    "V4": row("V4 failed: values.yaml", right=UNLABELLED, values={NAME: "a.b"}),
    "V4 empty": row("V4 failed: values.yaml", right=UNLABELLED, values={NAME: ""}),
    "V4b": row("V4b failed: values.yaml", "V2h failed: values.yaml", values={VIP: [FRONT, FRONT]}),
    "V4c": row(
        "V4c failed: network zz",
        "V2i failed: network zz",
        right=Right(values={VRF: IN}),
        values={VIP: [UUID]},
    ),
    "V4d": row("V4d failed: network zz", "V2i failed: network zz", values={VIP: [{"networkName": "zz"}]}),
    "V4e": row(
        "V4e warning: network AVI_FRONTEND_3025",
        word="starts",
        edits=(twice("network", FRONTEND),),
        values={VIP: [ANY]},
    ),
    "V5": denied("SERVICEENGINEGROUP", "V5 failed: SE group S1-AZ1-SE-Group", "H13 warning: user admin"),
    "V5b": denied(
        "SERVICEENGINEGROUP",
        "V5b failed: SE group Default-Group",
        "H13 warning: user admin",
        word="loops",
        right=replace(ORDINARY, values={GROUP: "Default-Group"}),
        kind="READ_ACCESS",
    ),
    "V5c": row(
        "V5c failed: SE group S1-AZ1-SE-Group", right=NEIGHBOUR, edits=(labelled(SE_GROUP, value="other"),)
    ),
    "V6": row("V6 failed: values.yaml", "H3 warning: values.yaml", values={NODES: None}),
    "V6b": row(
        "V6b failed: network REGIONB_VMS_3024",
        values={NODES: [{"networkName": "REGIONB_VMS_3024", "cidrs": ["10.0.0.1/33"]}]},
    ),
    "V6c": row("V6c failed: network zz", values={NODES: [UUID]}),
    "V6d": row(
        "V6d false alarm: network dvportgroup-34",
        "H4 warning: network dvportgroup-34",
        word="starts",
        right=Right(values={VRF: IN}),
        values={NODES: [{"networkUUID": "dvportgroup-34"}]},
        edits=(sets("network", "REGIONB_VMS_3023", uuid="dvportgroup-34"),),
    ),
    "V6e": row("V6e failed: network zz", values={NODES: [{"networkName": "zz"}]}),
    "V7": row("V7 failed: values.yaml", values={"NetworkSettings.bgpPeerLabels": ["a"]}),
    "V8": row("V8 failed: values.yaml", "V2j failed: values.yaml", right=AWS, values={VIP: []}),
    "V9b": row(
        "V9b failed: network AVI_FRONTEND_3025",
        "H6 failed: network AVI_FRONTEND_3025",
        values={VIP: [FRONT | {"cidr": "10.10.25.0/33"}]},
    ),
    "V9c": denied(
        "VRFCONTEXT",
        "V9c failed: cloud nsxt-overlay",
        "H13 failed: user admin",
        right=replace(NSXT, edits=NSXT.edits + ORDINARY.edits),
    ),
    "V9d": row(
        "V9d passed: T1 gateway /infra/tier-1s/T1-none",
        "H12 failed: T1 gateway /infra/tier-1s/T1-none",
        word=USELESS,
        right=NSXT,
        values={"NetworkSettings.nsxtT1LR": "/infra/tier-1s/T1-none"},
    ),
    "V10": row("V10 failed: values.yaml", values={SERVICE: "NodePortLocal"}),
    "V11": row("V11 failed: values.yaml", values={"AKOSettings.ipFamily": "IPv4"}),
    "C1": row("C1 failed: values.yaml", word=USELESS, values={"AKOSettings.deleteConfig": "true"}),
    "C11": row("C11 warning: values.yaml", word="starts", values={"AKOSettings.fullSyncFrequency": "often"}),
    "C3": denied("VRFCONTEXT", "C3 failed: user admin", "H13 failed: user admin", word=USELESS),
    "C3 caches": denied("HTTPPOLICYSET", "C3 failed: user admin", "H13 warning: user admin", word=USELESS),
    "C3 certificates": denied(
        "SSLKEYANDCERTIFICATE", "C3 failed: user admin", "H13 warning: user admin", word=USELESS
    ),
    "C7": denied("CONTROLLER", "C7 warning: user admin", "H13 warning: user admin", word="starts"),
    "C3b": row(
        "C3b warning: VRF context VRF_AZ1",
        word="starts",
        edits=(sets("vrfcontext", IN, tenant_ref=ELSEWHERE),),
    ),
    "C5": row(
        "C5 failed: cloud Default-Cloud",
        word="crashes",
        edits=(sets("ipamdnsproviderprofile", "IPAM_Default", tenant_ref=ELSEWHERE),),
    ),
}

TEXTS = {
    "V1": ("S", "get uri /api/tenant/?include_name&name=admin returned err "),
    "V2": ("R", "Cloud details not found for cloud name: nosuch"),
    "V2 right": ("R", "Get uri /api/cloud/?include_name&name=Default-Cloud returned err "),
    "V2c": ("R", "Cloud does not have a ipam_provider_ref configured"),
    "V2d": (
        "R",
        "Cloud is configured as NSX-T with overlay transport zone but the T1 LR mapping is not provided",
    ),
    "V2e": ("R", "Cloud configured as NSX-T with VLAN transport zone but the T1 LR mapping is provided"),
    "V2f": ("R", "Cloud is not configured as NSX-T but the T1 LR mapping is provided"),
    "V2g": ("R", "Cloud is not configured as NSX-T but VPC mode is enabled"),
    "V2h": (
        "R",
        "error in getting VIP network vipNetworkList not set in values.yaml, shutting down AKO",
    ),
    "V2i": ("R", "network zz not found under vrf "),
    "V2j": ("R", "No user input detected for vipNetworkList."),
    "V3": ("R", "vrf VRF_AZ1 details not found"),
    "V4": (
        "S",
        "clusterName must consist of alphanumeric characters or '-'/'_' (max 32 chars), syncing will be disabled",
    ),
    "V4 empty": ("S", "Required param clusterName not specified, syncing will be disabled"),
    "V4b": (
        "S",
        "error in getting VIP network more than one network specified in VIP Network List and Cloud type is not AWS, shutting down AKO",
    ),
    "V4c": ("S", "no network with UUID zz found"),
    "V4d": ("S", "network zz not found under vrf "),
    "V5": (
        "R",
        "Get uri /api/serviceenginegroup/?include_name&page_size=100&cloud_ref.name=Default-Cloud&name.in=S1-AZ1-SE-Group returned err ",
    ),
    "V5c": (
        "R",
        'Labels do not match with cluster name for SE group :S1-AZ1-SE-Group. Expected Labels: [{"key":"clustername","value":"s1az1"}]',
    ),
    "V6": (
        "R",
        "fetching node network list failed with error: nodeNetworkList not set in values yaml, syncing will be disabled",
    ),
    "V6b": ("R", "value of CIDR couldn't be parsed. Failed with error: invalid CIDR address: 10.0.0.1/33"),
    "V6c": ("R", "no networks with UUID zz found"),
    "V6d": ("soft", "network with UUID dvportgroup-34 does not have correct vrf VRF_AZ1"),
    "V6e": ("R", "no networks found for networkName: zz"),
    "V7": ("R", 'BGPPeerLabels ["a"] cannot be set if EnableRhi is set to false.'),
    "V8": ("S", "vipNetworkList not specified, syncing will be disabled"),
    "V9b": ("S", "failed to validate Network Names specified in VIP Network List"),
    "V9c": (
        "S",
        (
            "Encountered an error on GET request to URL /api/vrfcontext?&include_name=true&cloud_ref.name=nsxt-overlay"
            "&page_size=100: HTTP code: 403"
        ),
    ),
    "V10": ("S", "ServiceType is set as a NodePortLocal, but the CNI is not set as antrea"),
    "V11": ("S", "ipFamily is not one of (V4, V6)"),
}
"""The group of each step of the validation, and its own text: all of it, or what comes before the Controller's error."""
WITHOUT_TEXT = {"V4e", "V4f", "V5b", "V9d"}
