"""Two runs over a site on which the lab's AKO is at work: nothing of it is a person's, and what a person does is told."""

from __future__ import annotations

import pytest

import avi_schema
from intent.notice import AKO, SYSTEM, sentence
from intent.site_changes import changes
from lab import ako
from lab.tests.cloudsite import Client
from live.avi.snapshot import Live, Snapshot
from live.coverage import observed
from tests import lengths
from tests.live.ako_site import AZ1, WORKLOADS
from tests.live.ako_site import environment as site
from tests.live.pair import taken

VERSION = "30.2.1"
INGRESS = {"namespace": "shop", "name": "second", "tls": True}


def seen(client):
    environment = site(AZ1)
    objects = {}
    for api in observed(environment, VERSION):
        one = avi_schema.load().types[api].singleton
        path = f"/api/{api}?include_name"
        objects[api] = [client.get(path)] if one else client.list(f"{path}&page_size=200")
    live = Live(Snapshot("c", VERSION, VERSION, objects=objects))
    return taken(live, objects, environment, objects)


@pytest.fixture(scope="module")
def client():
    client = Client("conforming")
    ako.take_steps(client.lab, steps=WORKLOADS)
    return client


BUSY = [
    ["start"],
    [{"ingress": INGRESS}],
    [{"scale": {"namespace": "web", "service": "lb", "replicas": 9}}],
    [{"delete": {"kind": "ingress", "namespace": "shop", "name": "second"}}],
    ["routes", "label", "sync"],
]


@lengths.sampled(2)
@pytest.mark.parametrize("version", ["2.2.1", "1.13.1"])
def test_whatever_ako_does_is_its_own(version):
    client = Client("conforming")
    ako.take_steps(client.lab, version=version, steps=WORKLOADS)
    first = last = seen(client)
    for steps in BUSY:
        ako.take_steps(client.lab, steps=steps)
        client.later(3600)
        now = seen(client)
        for before in (last, first):
            assert [sentence(each) for each in changes(before, now) if each.by_a_person] == [], steps
        assert {each.owner for each in changes(last, now)} <= {AKO, SYSTEM}
        last = now


def test_what_a_person_does_is_told_with_its_member(client):
    before = seen(client)
    group = client.one("serviceenginegroup", "S1-AZ1-SE-Group")
    client.put(group, labels=[])
    vrf = client.one("vrfcontext", "VRF_AZ1")
    gone, *routes = vrf["static_routes"]
    client.put(vrf, static_routes=routes)
    pool = next(each for each in client.list("/api/pool?page_size=200") if each.get("servers"))
    client.put(pool, servers=[{**pool["servers"][0], "enabled": False}, *pool["servers"][1:]])
    network = client.one("network", "REGIONB_VMS_3024")
    client.put(network, name="renamed")
    told = {(each.type, each.path) for each in changes(before, seen(client)) if each.by_a_person}
    (element,) = [path for api, path in told if api == "pool"]
    assert element.startswith("servers[")
    assert element.endswith("].enabled")
    prefix, hop = gone["prefix"], gone["next_hop"]["addr"]
    assert told - {("pool", element)} == {
        ("serviceenginegroup", "labels[clustername]"),
        ("vrfcontext", f"static_routes[{prefix['ip_addr']['addr']}/{prefix['mask']}+{hop}]"),
        ("network", "name"),
    }
