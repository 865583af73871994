"""What is foretold of an AKO, held against the lab's own AKO of that version: what fails, what it logs, writes, deletes."""

from __future__ import annotations

import pytest

from lab.tests.cloudsite import Client, ip, prefix
from tests.ako.lab_ako import PARTS, started, writes, written
from tests.ako.site import (
    BARE,
    BLUE,
    FRONT,
    GROUP,
    NAME,
    NODE,
    OVERLAY,
    T1,
    VIP,
    VLAN,
    VRF,
    live_of,
    routes,
    verdict,
)

CASES = {
    "right": ("conforming", {}),
    "failed start": ("conforming", {NAME: "a.b", GROUP: "Default-Group", VIP: [FRONT | {"cidr": "x"}]}),
    "drifted": ("drifted", {}),
    "fresh": ("fresh", {}),
    "VRF context": ("conforming", {VRF: "VRF_AZ2"}),
    "overlay": ("conforming+nsxt", OVERLAY | T1),
    "overlay without T1": ("conforming+nsxt", OVERLAY),
    "overlay with a VRF context": ("conforming+nsxt", OVERLAY | T1 | {VRF: "zz"}),
    "VLAN with T1": ("conforming+nsxt", VLAN | T1),
    "bare": ("conforming+bare", BARE),
    "tenant's group": ("conforming+tenants", BLUE),
    "tenant's VRF context": ("conforming+tenants", BLUE | {VRF: "VRF_AZ2"}),
}


@pytest.mark.parametrize("case", CASES)
def test_start(tmp_path, case):
    state, changes = CASES[case]
    version = "1.13.1" if "T1" in case else "2.2.1"
    client = Client(state)
    foretold = verdict(live_of(client), tmp_path, changes, version, nodes=(NODE,))
    real = started(client, changes, version)
    starts = foretold.word.startswith("starts")
    assert starts == (real["verdict"] == "starts")
    if real["verdict"] != "crashes":
        failed = [step.step for step in foretold.steps if step.outcome == "failed"]
        assert failed == [PARTS.get(each["step"], each["step"]) for each in real["failing"]]
    assert foretold.logged.partition(" returned err ")[0] == real["logged"].partition(" returned err ")[0]
    assert writes(foretold) == written(real)


def mark(key, value):
    return [{"key": key, "value": value}]


OTHERS = {
    "hand": None,
    "netops-1": mark("owner", "netops"),
    "old-s1az1-2": None,
    "xs1az1-1": mark("clustername", "xs1az1"),
    "s1az1-zz": None,
    "s1az1-9": mark("clustername", "s1az1"),
}


@pytest.mark.parametrize(
    ("version", "deleted"),
    [("1.13.1", {"old-s1az1-2", "xs1az1-1"}), ("1.13.4", {"netops-1"}), ("2.2.1", {"netops-1"})],
)
def test_routes_of_others(tmp_path, version, deleted):
    client = Client("conforming")
    listed = [
        {"route_id": name, "prefix": prefix(f"10.99.{number}.0/24"), "next_hop": ip("10.10.24.1")}
        | ({"labels": labels} if labels else {})
        for number, (name, labels) in enumerate(OTHERS.items())
    ]
    status, _ = client.put(client.one("vrfcontext", "VRF_AZ1"), static_routes=listed)
    assert status == 200
    foretold = verdict(live_of(client), tmp_path, {}, version, nodes=(NODE,))
    before = routes(client)
    started(client, {}, version)
    assert {text.partition(":")[0] for text in foretold.writes.deletes} == deleted
    assert before - routes(client) == deleted | {"s1az1-9"}
    assert {text.partition(":")[0] for text in foretold.writes.replaces} == {"s1az1-9"}
    hole = "H17b" if version == "1.13.1" else "H17"
    assert len([each for each in foretold.of(hole) if each.outcome == "warning"]) == len(deleted)
    added = routes(client) - before
    (route,) = foretold.writes.routes
    assert (route.prefix, route.next_hop) == ("10.244.0.0/24", "10.10.24.161")
    assert len(added) == 1
    if version == "1.13.1":
        assert added == {route.id}


@pytest.mark.parametrize(("version", "again"), [("1.13.1", False), ("1.13.4", True), ("2.2.1", True)])
def test_restart(tmp_path, version, again):
    """Up to 1.13.1 ids of routes are stable, so that a second start writes none, and deletes none either."""
    client = Client("conforming")
    started(client, {}, version)
    vrf = client.one("vrfcontext", "VRF_AZ1")
    other = {"route_id": "old-s1az1-2", "prefix": prefix("10.99.0.0/24"), "next_hop": ip("10.10.24.1")}
    client.put(vrf, static_routes=[*vrf["static_routes"], other])
    foretold = verdict(live_of(client), tmp_path, {}, version, nodes=(NODE,))
    before = routes(client)
    started(client, {}, version)
    assert (routes(client) != before) is again
    assert bool(foretold.writes.vrf) is again
    assert not foretold.writes.deletes
