"""Clusters and AKO's services as the lab's AKO makes them: what it writes is its cluster's, and tells why it waits."""

from __future__ import annotations

import pytest

from checks import test_clusters as checks
from intent import Cluster
from lab import ako
from lab.tests.cloudsite import Client
from live.avi.snapshot import Live, Snapshot
from live.illness.notices import notices
from tests.live.ako_site import AZ1, WORKLOADS, reason
from tests.live.ako_site import environment as site

READ = (
    *(
        "cloud",
        "cloud-inventory",
        "serviceenginegroup",
        "serviceengine-inventory",
        "vrfcontext",
        "vsvip",
        "tenant",
    ),
    *("virtualservice", "virtualservice-inventory", "pool", "pool-inventory"),
)


def read(client):
    objects = {api: client.list(f"/api/{api}?include_name&page_size=200") for api in READ}
    return Live(Snapshot("c", "30.2.1", "30.2.1", objects=objects))


@pytest.fixture(scope="module")
def client():
    client = Client("conforming")
    ako.take_steps(client.lab, steps=WORKLOADS)
    return client


@pytest.fixture(scope="module")
def waiting(client):
    return read(client)


def test_all_that_ako_writes_is_its_clusters(waiting):
    environment = site(AZ1)
    for check in (checks.test_name, checks.test_name_beginning, checks.test_pods):
        assert reason(check, AZ1, environment, waiting) == ""
    for check in (checks.test_vrf, checks.test_cloud, checks.test_object_names, checks.test_vips):
        assert reason(check, AZ1, waiting) == ""
    for check in (checks.test_labels, checks.test_routes, checks.test_objects):
        assert reason(check, environment.controller, environment, waiting) == ""


def test_of_a_cluster_that_is_gone_everything_is_told(waiting):
    environment = site(Cluster(name="s1az2"))
    for check in (checks.test_labels, checks.test_routes, checks.test_objects):
        assert "s1az1" in reason(check, environment.controller, environment, waiting)


def test_what_waits_is_told_by_namespace_with_its_cause(waiting):
    text = reason(checks.test_services_up, AZ1, waiting)
    assert "namespace web (1): virtualservice s1az1--web-lb waits: " in text
    assert "namespace shop (1): " in text
    assert "Service Engine" in text
    told = notices(waiting)
    assert {each.owner for each in told if each.type == "virtualservice"} == {"AKO"}
    (root,) = [each for each in told if not each.cause]
    assert "virtual services" in root.reason


def test_what_serves_is_told_by_nobody(client):
    client.later(120)
    live = read(client)
    assert reason(checks.test_services_up, AZ1, live) == ""
    assert reason(checks.test_pools_up, AZ1, live) == ""
    assert notices(live) == ()
