"""Starts of AKO: what is set in its values, the group of steps that fails, the steps, and what AKO logs."""

GROUP = "S1-AZ1-SE-Group"
NODE = "REGIONB_VMS_3024"
LABELS = f"Labels do not match with cluster name for SE group :{GROUP}. Expected Labels: "
CLUSTER, TENANT = "AKOSettings.clusterName", "ControllerSettings.tenantName"
CLOUD, SEG, VRF = (f"ControllerSettings.{x}" for x in ("cloudName", "serviceEngineGroupName", "vrfName"))
VIPS, NODES = "NetworkSettings.vipNetworkList", "NetworkSettings.nodeNetworkList"
FRONT = {"networkName": "AVI_FRONTEND_3025", "cidr": "10.10.25.0/24"}
TEXT = "error in getting VIP network "
NODE_LIST = "fetching node network list failed with error: "
ROWS = [
    ({}, "", [], ""),
    ({CLOUD: "nosuch"}, "R", ["V2b", "V4d", "V6e"], f"no networks found for networkName: {NODE}"),
    (
        {"NetworkSettings.nsxtT1LR": "/infra/tier-1s/t1"},
        "R",
        ["V2f"],
        "Cloud is not configured as NSX-T but the T1 LR mapping is provided",
    ),
    (
        {"AKOSettings.vpcMode": True},
        "R",
        ["V2g"],
        "Cloud is not configured as NSX-T but VPC mode is enabled",
    ),
    (
        {VIPS: None},
        "R",
        ["V2h", "V4b"],
        TEXT + "vipNetworkList not set in values.yaml, shutting down AKO",
    ),
    (
        {VIPS: [FRONT, FRONT]},
        "R",
        ["V2h", "V4b"],
        TEXT
        + "more than one network specified in VIP Network List and Cloud type is not AWS, shutting down AKO",
    ),
    (
        {VIPS: "{"},
        "R",
        ["V2h", "V4b"],
        TEXT + "unable to unmarshall json for vipNetworkList, shutting down AKO",
    ),
    ({VIPS: []}, "R", ["V2j"], "No user input detected for vipNetworkList."),
    ({VIPS: [{"networkName": "zz"}]}, "R", ["V2i", "V4d"], "network zz not found under vrf "),
    ({VRF: "zz"}, "R", ["V2i", "V3"], "vrf zz details not found"),
    ({VRF: "VRF_AZ1"}, "", [], ""),
    ({CLUSTER: ""}, "R", ["V4", "V5c"], LABELS + '[{"key":"clustername","value":""}]'),
    ({CLUSTER: "a.b"}, "R", ["V4", "V5c"], LABELS + '[{"key":"clustername","value":"a.b"}]'),
    ({CLUSTER: "other"}, "R", ["V5c"], LABELS + '[{"key":"clustername","value":"other"}]'),
    ({SEG: "nosuch"}, "", [], ""),
    (
        {NODES: None},
        "R",
        ["V6"],
        NODE_LIST + "nodeNetworkList not set in values yaml, syncing will be disabled",
    ),
    (
        {NODES: [{"networkName": NODE}] * 6},
        "R",
        ["V6"],
        NODE_LIST + "Maximum of 5 entries are allowed for nodeNetworkMap, syncing will be disabled",
    ),
    (
        {NODES: [{"networkName": NODE, "cidrs": ["10.0.0.1/33"]}]},
        "R",
        ["V6b"],
        "value of CIDR couldn't be parsed. Failed with error: invalid CIDR address: 10.0.0.1/33",
    ),
    ({NODES: [{"networkName": "zz"}]}, "R", ["V6e"], "no networks found for networkName: zz"),
    ({NODES: []}, "", [], ""),
    (
        {"NetworkSettings.bgpPeerLabels": ["a"]},
        "R",
        ["V7"],
        'BGPPeerLabels ["a"] cannot be set if EnableRhi is set to false.',
    ),
    (
        {"NetworkSettings.bgpPeerLabels": ["a", "b"]},
        "R",
        ["V7"],
        'BGPPeerLabels ["a","b"] cannot be set if EnableRhi is set to false.',
    ),
    ({"NetworkSettings.bgpPeerLabels": [1]}, "", [], ""),
    (
        {VIPS: [{"networkName": 3025}]},
        "R",
        ["V2h", "V4b"],
        TEXT + "unable to unmarshall json for vipNetworkList, shutting down AKO",
    ),
    (
        {NODES: [{"networkName": 3024}]},
        "R",
        ["V6"],
        NODE_LIST + "Unable to unmarshall json for nodeNetworkMap, syncing will be disabled",
    ),
    (
        {VIPS: [{**FRONT, "cidr": "10.10.25.0/33"}]},
        "S",
        ["V9b"],
        "failed to validate Network Names specified in VIP Network List",
    ),
    ({VIPS: [{**FRONT, "cidr": "10.10.25.0/"}]}, "", [], ""),
    ({VIPS: [{**FRONT, "cidr": "any text"}], VRF: "VRF_AZ1"}, "", [], ""),
    (
        {"L7Settings.serviceType": "NodePortLocal"},
        "S",
        ["V10"],
        "ServiceType is set as a NodePortLocal, but the CNI is not set as antrea",
    ),
    ({"AKOSettings.ipFamily": "IPv4"}, "S", ["V11"], "ipFamily is not one of (V4, V6)"),
    ({CLOUD: "", SEG: ""}, "", [], ""),
]
