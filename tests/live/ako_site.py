"""A Controller that serves clusters: what AKO makes, in the shapes that were seen of AKO 1.13.4 and 2.2.1."""

from __future__ import annotations

from intent import Cluster, Controller, Environment
from live.avi.snapshot import Live, Snapshot

CLOUD = "/api/cloud/cloud-1#Default-Cloud"
CONTROLLER = Controller(address="10.0.0.1")
MADE = "1796035440084569"
AZ1 = Cluster(name="s1az1", cloud="Default-Cloud", vrf="VRF_AZ1", version="2.2.1")
WORKLOADS = [
    "start",
    {"ingress": {"namespace": "shop", "name": "shop", "tls": True}},
    {"service": {"namespace": "web", "name": "lb", "ports": [{"port": 80, "protocol": "TCP"}]}},
]


def environment(*clusters):
    """An environment that declares these clusters and nothing else."""
    return Environment(name="s", controller=CONTROLLER, clusters=clusters)


def reason(check, *arguments):
    """What a check says; "" where it passes."""
    try:
        check(*arguments)
    except AssertionError as error:
        return str(error).partition("\nassert")[0]
    return ""


def mark(cluster, **more):
    return [{"key": key, "values": [value]} for key, value in {"clustername": cluster, **more}.items()]


def made(api, name, cluster, cloud=CLOUD, creator="", **members):
    uuid = f"{api}-{name}"
    row = {
        "uuid": uuid,
        "name": name,
        "url": f"/api/{api}/{uuid}",
        "cloud_ref": cloud,
        "_last_modified": MADE,
    }
    return {
        **row,
        "tenant_ref": "/api/tenant/admin#admin",
        "created_by": creator or f"ako-{cluster}",
        **members,
    }


def service(name, cluster="az1", namespace="", **members):
    more = {"Namespace": namespace} if namespace else {}
    vip = f"/api/vsvip/vsvip-{name}#{name}"
    group = "/api/serviceenginegroup/seg-1#seg"
    members = {"vsvip_ref": vip, "se_group_ref": group, "markers": mark(cluster, **more), **members}
    return made("virtualservice", name, cluster, **members)


def vip(name, address="10.0.0.1", network="/api/network/net-1#front"):
    element = {"vip_id": "0", "ipam_network_subnet": {"network_ref": network}}
    element |= {"ip_address": {"addr": address, "type": "V4"}} if address else {}
    return {
        "uuid": f"vsvip-{name}",
        "name": name,
        "url": f"/api/vsvip/vsvip-{name}",
        "cloud_ref": CLOUD,
        "vip": [element],
    }


def how(row, state="OPER_UP", *reasons, **runtime):
    runtime = {"oper_status": {"state": state, "reason": list(reasons)}, **runtime}
    return {"uuid": row["uuid"], "config": {"uuid": row["uuid"], "name": row["name"]}, "runtime": runtime}


def group(name, *labels, cloud=CLOUD):
    marks = [{"key": "clustername", "value": label} for label in labels]
    return {"uuid": f"seg-{name}", "name": name, "cloud_ref": cloud, "labels": marks, "_last_modified": MADE}


def route(cluster, prefix, identifier="", key="clustername"):
    address, mask = prefix.split("/")
    labels = [{"key": key, "value": cluster}]
    net = {"ip_addr": {"addr": address, "type": "V4"}, "mask": int(mask)}
    return {"route_id": identifier or f"{cluster}-1", "prefix": net, "labels": labels}


def vrf(name, *routes, cloud=CLOUD):
    return {"uuid": f"vrf-{name}", "name": name, "cloud_ref": cloud, "static_routes": list(routes)}


def engine(name, state="OPER_UP", **config):
    row = {"uuid": name, "name": name}
    entry = how(row, state)
    return {
        **entry,
        "config": {**entry["config"], "se_group_ref": "/api/serviceenginegroup/seg-1#seg", **config},
    }


def live(**objects):
    """A site of these objects; of the rest nothing is there. None: it was not read."""
    clouds = [{"uuid": f"cloud-{n}", "name": name} for n, name in ((1, "Default-Cloud"), (2, "west"))]
    known = {api: [] for api in ("serviceenginegroup", "vrfcontext", "virtualservice", "pool", "vsvip")}
    known |= {f"{api}-inventory": [] for api in ("virtualservice", "pool", "serviceengine", "cloud")}
    known |= {"cloud": clouds} | {name.replace("_", "-"): rows for name, rows in objects.items()}
    read = {name: rows for name, rows in known.items() if rows is not None}
    return Live(Snapshot("c", "30.2.1", "30.2.1", objects=read))
