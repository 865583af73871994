"""Routes and BGP of VRF contexts: whose a route is, and which network a peer is on."""

from __future__ import annotations

import copy

import pytest

from intent import Drift, Unknown, VrfContext, compare
from live.kinds import KINDS
from live.kinds.routes import get_routes
from remediate.plan.request import merged
from tests.live import world
from tests.live.settings_rows import address, prefix

VERSION = "30.2.1"
UUID4 = "5fce61e8-3425-400c-a987-96e79197aaa8"
MARK = [{"key": "clustername", "value": "s1az1"}]


def route(ident, net="10.244.0.0/24", hop="10.10.24.161", **more):
    return {"route_id": ident, "prefix": prefix(net), "next_hop": address(hop), **more}


@pytest.mark.parametrize(
    ("kept", "labels"),
    [
        ("1", None),
        ("default-1", None),
        ("s1az1-static", None),
        ("", MARK),
        (f"s1az1-{UUID4}-0", None),
        (f"other-{UUID4}-12", None),
        ("s1az1-3", None),
    ],
)
def test_a_route_of_a_cluster_is_nobody_elses(kept, labels):
    """By its label; by an id of AKO's newer form; by one of its older form where the cluster is known."""
    objects = world.objects(VERSION)
    (vrf,) = [row for row in objects["vrfcontext"] if row["name"] == "VRF_AZ1"]
    more = {"labels": labels} if labels else {}
    vrf["static_routes"] = [route(kept or "9", **more), route("s1az1-1", "10.244.9.0/24", labels=MARK)]
    ours = kept in ("1", "default-1", "s1az1-static")
    names = world.live(objects, VERSION).names
    assert bool(get_routes(vrf, names)) == ours


def test_a_route_that_may_be_akos_is_unknown_where_no_se_group_was_read():
    """As where checks of VRF contexts alone run: it was drift, and taken away."""
    objects = world.objects(VERSION)
    row, want = vrf_az1(objects)
    assert "serviceenginegroup" in KINDS[VrfContext].needed_by(want)
    row["static_routes"].append(route("blue-1"))
    del objects["serviceenginegroup"]
    live = world.live(objects, VERSION)
    routes = [{"prefix": "10.0.0.0/8", "next_hop": "10.10.25.1"}]
    data = {"name": "VRF_AZ1", "static_routes": routes, "exact": ["static_routes"]}
    want = VrfContext.model_validate(data)
    with pytest.raises(Unknown, match="static route blue-1 is AKO's"):
        compare(want, live[want])
    drift = Drift(want.key, "static_routes[10.244.0.0/24 via 10.10.24.161]", None, "it")
    with pytest.raises(Unknown, match="static route blue-1 is AKO's"):
        merged(KINDS[VrfContext], row, want, [drift], live.names)


def vrf_az1(objects):
    (row,) = [row for row in objects["vrfcontext"] if row["name"] == "VRF_AZ1"]
    (want,) = [each for each in world.declared() if each.name == "VRF_AZ1"]
    return row, want


def test_writing_routes_leaves_those_of_a_cluster_and_their_ids():
    objects = world.objects(VERSION)
    row, _ = vrf_az1(objects)
    live = world.live(objects, VERSION)
    want = VrfContext.model_validate(
        {
            "name": "VRF_AZ1",
            "static_routes": [{"prefix": "10.70.0.0/16", "next_hop": "10.10.25.7"}],
            "exact": ["static_routes"],
        }
    )
    drifts = compare(want, live[want])
    assert {drift.path: drift.removes for drift in drifts} == {
        "static_routes[10.70.0.0/16 via 10.10.25.7]": False,
        "static_routes[0.0.0.0/0 via 10.10.25.1]": True,
        "static_routes[10.60.0.0/16 via 10.10.25.2]": True,
        "static_routes[2001:db8:60::/48 via 2001:db8:26::1]": True,
    }
    before = copy.deepcopy(row)
    written = merged(KINDS[VrfContext], row, want, drifts, live.names)
    assert row == before
    assert [each["route_id"] for each in written["static_routes"]] == ["s1az1-1", "s1az1-2", "1"]
    assert [each for each in written["static_routes"] if "labels" in each] == [
        each for each in before["static_routes"] if "labels" in each
    ]


def test_the_default_gateway_is_one_of_exact_routes():
    objects = world.objects(VERSION)
    row, _ = vrf_az1(objects)
    row["static_routes"] = [route("1", "0.0.0.0/0", "10.10.25.1")]
    live = world.live(objects, VERSION)
    data = {
        "name": "VRF_AZ1",
        "default_gateway": "10.10.25.1",
        "static_routes": [],
        "exact": ["static_routes"],
    }
    want = VrfContext.model_validate(data)
    assert compare(want, live[want]) == ()
    other = VrfContext.model_validate({**data, "default_gateway": "10.10.25.9"})
    written = merged(KINDS[VrfContext], row, other, compare(other, live[other]), live.names)
    assert [each["next_hop"]["addr"] for each in written["static_routes"]] == ["10.10.25.9"]


def test_a_peer_is_on_the_very_network():
    """One of the same name in another cloud is another one, and is told so."""
    objects = world.objects(VERSION)
    row, want = vrf_az1(objects)
    (front,) = [each for each in objects["network"] if each["name"] == "AVI_FRONTEND_3025"]
    base = front["url"].partition("/api/")[0]
    objects["cloud"].append(
        {
            **objects["cloud"][0],
            "uuid": "cloud-other",
            "name": "other",
            "url": f"{base}/api/cloud/cloud-other",
        }
    )
    twin = {
        **front,
        "uuid": "twin",
        "url": f"{base}/api/network/twin",
        "cloud_ref": f"{base}/api/cloud/cloud-other",
    }
    objects["network"].append(twin)
    peers = row["bgp_profile"]["peers"]
    peers[0]["network_ref"] = f"{twin['url']}#AVI_FRONTEND_3025"
    live = world.live(objects, VERSION)
    (drift,) = compare(want, live[want], "bgp.peers.network")
    assert drift.have == {"name": "AVI_FRONTEND_3025", "cloud": "other"}
    written = merged(KINDS[VrfContext], row, want, [drift], live.names)
    assert written["bgp_profile"]["peers"][0]["network_ref"] == front["url"].partition("#")[0]
    assert written["bgp_profile"]["peers"][1:] == peers[1:], "the secret of another peer stays"
