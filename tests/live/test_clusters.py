"""Clusters that share a Controller: whose names, labels, routes and objects are whose; nothing is guessed."""

from __future__ import annotations

import itertools
import re
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import test_clusters as checks
from intent import Cluster, Unknown
from intent.kinds.clusters import overlapping, owner
from live.avi.identity import written_at
from tests.live.ako_site import CONTROLLER, group, live, made, mark, reason, route, service, vip, vrf
from tests.live.ako_site import environment as site

WEST = "/api/cloud/cloud-2#west"


class TestNames:
    @pytest.mark.parametrize(
        ("first", "second", "why"),
        [
            ({"name": "az1"}, {"name": "AZ1"}, "in case alone"),
            ({"name": "az1"}, {"name": "az1--b"}, "begin like az1's: az1--"),
            ({"name": "az1", "instances": True}, {"name": "az1-prod"}, "may write ako-az1-prod"),
            ({"name": "az1"}, {"name": "gw-az1"}, "the gateway container of az1 writes ako-gw-az1"),
            ({"name": "az1", "version": "1.13.1"}, {"name": "s1az1"}, "deletes routes of s1az1"),
            ({"name": "az1", "version": "1.10.1"}, {"name": "az1-2x"}, "deletes routes of az1-2x"),
            ({"name": "az1", "version": "1.13.2"}, {"name": "s1az1"}, ""),
            ({"name": "az1"}, {"name": "s1az1"}, ""),
            ({"name": "az1", "version": "1.13.1", "vrf": "a"}, {"name": "s1az1", "vrf": "b"}, ""),
            ({"name": "az1", "version": "1.13.1", "cloud": "a"}, {"name": "s1az1", "cloud": "b"}, ""),
            ({"name": "az1"}, {"name": "az2"}, ""),
            ({"name": "a-b", "version": "1.13.1"}, {"name": "axb"}, ""),
        ],
    )
    def test_of_two_declared_clusters(self, first, second, why):
        pair = Cluster(**first), Cluster(**second)
        for own, other in itertools.permutations(pair):
            text = reason(checks.test_name, own, site(*pair), live())
            assert (why in text) if why else text == "", (own.name, other.name)

    @given(st.text("ab1-", min_size=1, max_size=5), st.text("ab1-", min_size=1, max_size=5))
    @settings(max_examples=60, deadline=None)
    def test_the_older_rule_is_akos_own_pattern(self, one, other):
        own, theirs = Cluster(name=one, version="1.13.1"), Cluster(name=other, version="1.13.2")
        deletes = one != other and re.search(f"{one}-[1-9]+", f"{other}-1") is not None
        assert any("deletes routes" in text for text in own.collisions([theirs])) == deletes

    @pytest.mark.parametrize(
        "there",
        [
            {"serviceenginegroup": [group("seg", "AZ1")]},
            {"vrfcontext": [vrf("v", route("AZ1", "10.1.0.0/24"))]},
            {"virtualservice": [service("AZ1--x", "AZ1")]},
            {"pool": [made("pool", "AZ1--x", "AZ1")]},
            {"vsvip": [{**vip("AZ1--x"), "markers": mark("AZ1")}]},
        ],
    )
    def test_of_a_cluster_that_is_only_seen(self, there):
        own = Cluster(name="az1")
        assert "in case alone" in reason(checks.test_name, own, site(own), live(**there))

    def test_a_further_instance_is_no_other_cluster(self):
        own = Cluster(name="az1", instances=True)
        there = live(virtualservice=[service("az1--x", creator="ako-az1-prod")])
        assert reason(checks.test_name, own, site(own), there) == ""
        assert reason(checks.test_objects, CONTROLLER, site(own), there) == ""

    def test_a_beginning(self):
        own = Cluster(name="s1")
        there = live(vrfcontext=[vrf("v", route("s1az1", "10.1.0.0/24"))])
        assert reason(checks.test_name_beginning, own, site(own), there) == "s1az1 begins with s1"
        apart = Cluster(name="s1", vrf="w")
        assert reason(checks.test_name_beginning, apart, site(apart), there) == ""

    def test_what_was_not_read_is_unknown(self):
        own = Cluster(name="az1")
        for api in ("serviceenginegroup", "vrfcontext", "virtualservice", "pool", "vsvip"):
            with pytest.raises(Unknown):
                checks.test_name(own, site(own), live(**{api: None}))

    def test_declared_collisions_need_nothing_of_the_controller(self):
        own, other = Cluster(name="az1"), Cluster(name="AZ1")
        assert "in case alone" in reason(checks.test_name, own, site(own, other), live(pool=None))


class TestOwners:
    @pytest.mark.parametrize(
        ("creator", "name"),
        [
            ("ako-az1", "az1"),
            ("ako-gw-az1", "az1"),
            ("ako-az1-prod", "az1"),
            ("ako-az1-b", "az1-b"),
            ("ako-az1-b-prod", "az1"),
            ("ako-az12", None),
            ("az1", None),
            ("ako-", None),
        ],
    )
    def test_of_a_creator(self, creator, name):
        declared = [Cluster(name="az1", instances=True), Cluster(name="az1-b")]
        assert getattr(owner(creator, declared), "name", None) == name


class TestPods:
    def test_of_declared_clusters_in_one_vrf(self):
        own, other = Cluster(name="a", pods=["10.244.0.0/16"]), Cluster(name="b", pods=["10.244.7.0/24"])
        text = reason(checks.test_pods, own, site(own, other), live())
        assert text == "10.244.0.0/16 of a and 10.244.7.0/24 of b overlap"
        apart = own.model_copy(update={"vrf": "v"}), other.model_copy(update={"vrf": "w"})
        assert reason(checks.test_pods, apart[0], site(*apart), live()) == ""

    def test_of_routes_alone(self):
        own, pods = Cluster(name="a"), [route("a", "10.244.0.0/24"), route("b", "10.244.0.0/24")]
        assert "overlap" in reason(checks.test_pods, own, site(own), live(vrfcontext=[vrf("v", *pods)]))
        apart = [vrf("v", pods[0]), vrf("w", pods[1])]
        assert reason(checks.test_pods, own, site(own), live(vrfcontext=apart)) == ""
        clouds = [vrf("v", pods[0]), vrf("v", pods[1], cloud=WEST)]
        assert reason(checks.test_pods, own, site(own), live(vrfcontext=clouds)) == ""

    @given(*[st.lists(st.tuples(st.integers(0, 255), st.integers(0, 8)), max_size=6)] * 2)
    @settings(max_examples=60, deadline=None)
    def test_the_pairs_are_those_that_overlap(self, first, second):
        sides = [
            [ip_network(((10 << 24) + (number << 16), 16 - bits), strict=False) for number, bits in side]
            for side in (first, second)
        ]
        pairs = {(mine, theirs) for mine in sides[0] for theirs in sides[1] if mine.overlaps(theirs)}
        assert set(overlapping(*sides)) == pairs


class TestPlaces:
    def test_routes_elsewhere(self):
        own = Cluster(name="a", vrf="v")
        there = live(vrfcontext=[vrf("v", route("a", "10.1.0.0/24")), vrf("w", route("a", "10.1.0.0/24"))])
        assert "1 in VRF context w (cloud Default-Cloud)" in reason(checks.test_vrf, own, there)

    def test_objects_in_another_cloud(self):
        own = Cluster(name="a", cloud="Default-Cloud")
        there = live(
            virtualservice=[service("a--1", "a"), service("a--2", "a", cloud=WEST)],
            serviceenginegroup=[group("seg", "a", cloud=WEST)],
        )
        text = reason(checks.test_cloud, own, there)
        assert text == "1 objects in cloud west; the label of SE group seg in cloud west"

    def test_names(self):
        own = Cluster(name="a")
        rows = [service("a--x", "a"), service("ako-gw-a--x", "a"), service("b--x", "a"), service("a-x", "a")]
        text = reason(checks.test_object_names, own, live(virtualservice=rows))
        assert text == "2 objects are named otherwise: virtualservice b--x, virtualservice a-x"


class TestOrphans:
    SITE = site(Cluster(name="a"))

    def test_labels(self):
        there = live(serviceenginegroup=[group("x", "a"), group("y", "gone"), group("z", ""), group("w")])
        text = reason(checks.test_labels, CONTROLLER, self.SITE, there)
        assert text == (
            "of no declared cluster: SE group y (cloud Default-Cloud): gone, last written 2026-11-30; "
            "SE group z (cloud Default-Cloud): an empty name, as a failed start leaves it, last written 2026-11-30"
        )

    def test_routes(self):
        own, gone = route("a", "10.1.0.0/24"), route("gone", "10.2.0.0/24")
        foreign = route("netops", "10.3.0.0/24", key="owner")
        plain = {"route_id": "1", "prefix": own["prefix"]}
        there = live(vrfcontext=[vrf("v", own, gone, gone, foreign, plain)])
        text = reason(checks.test_routes, CONTROLLER, self.SITE, there)
        assert text == "of no declared cluster: VRF context v (cloud Default-Cloud): 2 of gone"

    def test_objects(self):
        rows = [service("a--x", "a"), service("gone--x", "gone"), service("by hand", "a", creator="admin")]
        there = live(virtualservice=rows, pool=[made("pool", "gone--p", "gone")])
        text = reason(checks.test_objects, CONTROLLER, self.SITE, there)
        assert text == (
            "of no declared cluster: ako-gone: 2 objects, such as virtualservice gone--x, last written 2026-11-30"
        )

    def test_nothing_there_is_no_orphan(self):
        for check in (checks.test_labels, checks.test_routes, checks.test_objects):
            assert reason(check, CONTROLLER, self.SITE, live()) == ""

    @pytest.mark.parametrize("stamp", [None, "", "x", "9" * 40, -1])
    def test_an_age_that_is_not_said(self, stamp):
        assert written_at({"_last_modified": stamp}) is None
