"""A site of the lab as AKO would meet it, read in this process; and values of an AKO on it."""

from __future__ import annotations

import copy
from ipaddress import ip_network
from typing import Any

import yaml

from avi_schema import parse_version
from intent.ako import values
from intent.ako.case import Node
from intent.ako.resources import Resources
from intent.ako.seen import Seen
from intent.ako.settings import Settings
from intent.ako.verdict import AkoVerdict, verdict_on
from lab.tests.cloudsite import Client
from live.ako.seen import COLLECTIONS, seen
from live.avi.shapes import checked
from live.avi.snapshot import Live, Snapshot

VIP, NODES = "NetworkSettings.vipNetworkList", "NetworkSettings.nodeNetworkList"
FRONT = {"networkName": "AVI_FRONTEND_3025", "cidr": "10.10.25.0/24"}
TENANT, CLOUD, VRF, GROUP = (
    f"ControllerSettings.{name}" for name in ("tenantName", "cloudName", "vrfName", "serviceEngineGroupName")
)
NAME = "AKOSettings.clusterName"
BASE = {
    "AKOSettings": {"clusterName": "s1az1"},
    "NetworkSettings": {
        "vipNetworkList": [FRONT],
        "nodeNetworkList": [{"networkName": "REGIONB_VMS_3024"}],
    },
    "ControllerSettings": {
        "controllerHost": "10.10.20.10",
        "serviceEngineGroupName": "S1-AZ1-SE-Group",
        "cloudName": "Default-Cloud",
        "tenantName": "admin",
    },
    "avicredentials": {"username": "admin", "password": "never-shown-ako"},
}
"""Values that are right for the lab's conforming site."""
OURS = [{"key": "clustername", "value": "s1az1"}]
NODE = Node("n1", "10.10.24.161", (ip_network("10.244.0.0/24"),))
T1 = {"NetworkSettings.nsxtT1LR": "/infra/tier-1s/T1-prod"}
OVERLAY = {
    CLOUD: "nsxt-overlay",
    GROUP: "seg-prod",
    VIP: [{"networkName": "vip-prod", "cidr": "10.45.10.0/24"}],
    NODES: [],
}
VLAN = {CLOUD: "nsxt-vlan", GROUP: "seg-prod", VIP: [{"networkName": "vlan-front"}], NODES: []}
BARE = {CLOUD: "bare-east", GROUP: "seg-prod", VIP: [{"networkName": "dup-net"}], NODES: None}
BLUE = {TENANT: "blue", GROUP: "seg-blue"}


def labelled(state: str) -> Client:
    """The lab in a state, with AKO's Service Engine group labelled as its own."""
    client = Client(state)
    client.put(client.one("serviceenginegroup", "S1-AZ1-SE-Group"), labels=OURS)
    return client


def given(changes: dict[str, Any]) -> dict[str, Any]:
    """The values with some of them changed, by their path."""
    data = copy.deepcopy(BASE)
    for path, value in changes.items():
        section, name = path.split(".")
        data.setdefault(section, {})[name] = value
    return data


def live_of(client: Client, more: tuple[str, ...] = ()) -> Live:
    """Every collection that a verdict stands on, as it is now; and more of them."""
    objects = {}
    client.headers = client.headers | {"x-avi-tenant": "*"}
    for api in sorted(COLLECTIONS.union(more)):
        status, body = client("GET", f"/api/{api}?include_name=true&page_size=200")
        if status == 200:
            objects[api] = checked(api, body.get("results", [body]), {})
    client.headers = client.headers | {"x-avi-tenant": "admin"}
    return Live(Snapshot("lab", client.version, client.version, objects=objects, every_tenant=True))


def verdict(
    live: Live, folder: Any, changes: dict[str, Any] | None = None, version: str = "2.2.1", **more: Any
) -> AkoVerdict:
    """The verdict on AKO of a version with these values."""
    return judged(seen(live), folder, changes, version, **more)


def judged(
    site: Seen, folder: Any, changes: dict[str, Any] | None = None, version: str = "2.2.1", **more: Any
) -> AkoVerdict:
    """The same on a site as AKO would meet it."""
    path = folder / "values.yaml"
    path.write_text(yaml.safe_dump(given(changes or {})))
    number = parse_version(version)
    settings = Settings(values.load(path, number), number, more.pop("kubernetes", (1, 31)))
    return verdict_on("s1az1", settings, more.pop("resources", Resources()), site, **more)


def routes(client):
    return {
        route["route_id"]
        for vrf in client.list("/api/vrfcontext?page_size=200")
        for route in vrf.get("static_routes", [])
    }


def declared(lab, folder, *akos):
    """An environment file with these AKOs: (changes of the values, version)."""
    there = {
        "address": "127.0.0.1",
        "port": lab.endpoints["controller"]["port"],
        "ca_file": lab.endpoints["ca_file"],
    }
    entries = []
    for number, (changes, version) in enumerate(akos):
        (folder / f"values-{number}.yaml").write_text(yaml.safe_dump(given(changes)))
        entries.append({"values": f"values-{number}.yaml", "version": version, "kubernetes": "1.31"})
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump({"name": "mine", "controller": there, "ako": entries}))
    return f"--environment={path}"
