"""A site in inventories: one cloud, one network, one DNS virtual service on one Service Engine."""

from intent import Cloud, DnsService, Network, ServiceEngineGroup
from live.avi.snapshot import Live, Snapshot

HOST = "https://10.10.20.10/api"
CLOUD = Cloud(name="Default-Cloud")
NETWORK = Network(name="front")
SERVICE = DnsService(name="dns")
GROUP = ServiceEngineGroup(name="DNS-SE-Group")


def common(kind, uuid, name):
    return {
        "uuid": uuid,
        "name": name,
        "url": f"{HOST}/{kind}/{uuid}#{name}",
        "cloud_ref": f"{HOST}/cloud/c1#Default-Cloud",
        "tenant_ref": f"{HOST}/tenant/admin#admin",
    }


def site(**changes):
    """A Live of one cloud, one network, one DNS virtual service on one Service Engine; `changes` by collection."""
    cloud = common("cloud", "c1", "Default-Cloud") | {"vtype": "CLOUD_VCENTER"}
    del cloud["cloud_ref"]
    objects = {
        "cloud": [cloud],
        "tenant": [{"uuid": "admin", "name": "admin"}],
        "network": [common("network", "n1", "front")],
        "serviceenginegroup": [
            common("serviceenginegroup", "g1", "DNS-SE-Group") | {"se_name_prefix": "dns"}
        ],
        "virtualservice": [
            common("virtualservice", "v1", "dns")
            | {"se_group_ref": f"{HOST}/serviceenginegroup/g1", "vsvip_ref": f"{HOST}/vsvip/p1"}
        ],
        "vsvip": [common("vsvip", "p1", "dns") | {"vip": [{"vip_id": "0"}]}],
        "cloud-inventory": [{"uuid": "c1", "status": {"state": "CLOUD_STATE_PLACEMENT_READY"}}],
        "cluster/runtime": [
            {
                "cluster_state": {"state": "CLUSTER_UP_NO_HA"},
                "node_states": [{"name": "node1", "state": "CLUSTER_ACTIVE"}],
            }
        ],
        "network-inventory": [counted([])],
        "virtualservice-inventory": [placed([assigned()])],
        "serviceengine-inventory": [engine()],
    }
    for api in ("vrfcontext", "applicationprofile", "networkprofile", "ipamdnsproviderprofile"):
        objects[api] = []
    objects |= {name.replace("_", "-"): rows for name, rows in changes.items()}
    return Live(
        Snapshot("c", api_version="30.2.1", objects={k: v for k, v in objects.items() if v is not None})
    )


def counted(subnets, runtime=True):
    return {"uuid": "n1", "config": common("network", "n1", "front")} | (
        {"runtime": {"subnet_runtime": subnets}} if runtime else {}
    )


def subnet(**more):
    return {"prefix": {"ip_addr": {"addr": "10.10.25.0", "type": "V4"}, "mask": 24}, **more}


def assigned(uuid="se1", **more):
    return {"ref": f"{HOST}/serviceengine/{uuid}", **more}


def placed(engines, state="OPER_UP", summary=list, **status):
    vip = {"vip_id": "1", "service_engine": engines}
    return {
        "uuid": "v1",
        "runtime": {
            "oper_status": {"state": state, **status},
            "vip_summary": [vip] if summary is list else vip,
        },
    }


def engine(name="dns-se-abcde", state="OPER_UP", uuid="se1", group="g1", connected=True):
    status = {"state": state} if state else {}
    return {
        "uuid": uuid,
        "config": {
            "name": name,
            "uuid": uuid,
            "se_group_ref": f"{HOST}/serviceenginegroup/{group}#DNS-SE-Group",
        },
        "runtime": {"oper_status": status, "se_connected": connected},
    }
