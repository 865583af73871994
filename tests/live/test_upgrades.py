"""Upgrades before they happen: what newer versions delete, refuse and change here, and nothing that they do not."""

from __future__ import annotations

import pytest

from intent import Cluster, Unknown
from live.ako.upgrades import Target, findings
from live.avi.snapshot import Live, Snapshot
from tests.live.ako_site import environment, live, route, vrf

OLD = Cluster(name="az1", version="1.13.1")
ROUTES = [
    route("az1", "10.1.0.0/24", "az1-1"),
    route("other", "10.2.0.0/24", "other-1"),
    route("netops", "10.3.0.0/24", "by-hand", key="owner"),
    {key: value for key, value in route("az1", "10.4.0.0/24", "az1-2").items() if key != "labels"},
    {key: value for key, value in route("x", "10.5.0.0/24", "az1-old").items() if key != "labels"},
]


def certificate(name, common_name="", *names):
    inner = {"subject": {"common_name": common_name} if common_name else {}, "subject_alt_names": list(names)}
    return {"uuid": f"c-{name}", "name": name, "certificate": inner}


def site(**objects):
    rows = {"vrfcontext": [vrf("v", *ROUTES)], "sslkeyandcertificate": [], "useraccountprofile": []}
    return live(**{**rows, **objects})


def told(target, *clusters, there=None):
    every, unread = findings(there or site(), environment(*(clusters or (OLD,))), target)
    return (
        [each.text for each in every if each.stops],
        [each.text for each in every if not each.stops],
        unread,
    )


def test_the_route_rule():
    stops, changes, _ = told(Target(ako=(2, 2, 1)))
    assert [text for text in stops if "deletes route" in text] == [
        "AKO deletes route by-hand to 10.3.0.0/24 of VRF context v: its first label is owner=netops"
    ]
    assert [text for text in changes if "no label" in text] == [
        "route az1-2 to 10.4.0.0/24 of VRF context v has no label: AKO writes its own beside it"
    ]
    assert any("<cluster>-<uuid>-<n>" in text for text in changes)


@pytest.mark.parametrize(
    ("now", "then", "rules"),
    [
        ("1.13.1", (1, 13, 2), {"routes"}),
        ("1.13.2", (1, 13, 4), set()),
        ("1.13.4", (1, 14, 1), {"label", "roles"}),
        ("1.14.1", (2, 1, 1), {"timeout"}),
        ("1.11.1", (2, 2, 1), {"routes", "label", "roles", "timeout"}),
        ("2.2.1", (2, 2, 1), set()),
        ("2.2.1", (1, 13, 1), set()),
    ],
)
def test_a_rule_is_told_where_its_version_is_passed(now, then, rules):
    stops, changes, _ = told(Target(ako=then), Cluster(name="az1", version=now))
    words = {
        "routes": "the ids of its routes",
        "label": "do not match",
        "roles": "its roles",
        "timeout": "60 s into every pool",
    }
    texts = "; ".join([*stops, *changes])
    assert {rule for rule, word in words.items() if word in texts} == rules


def test_a_cluster_elsewhere_is_not_hit():
    for cluster in (
        Cluster(name="az1", version="1.13.1", vrf="w"),
        Cluster(name="az1", version="1.13.1", cloud="west"),
        Cluster(name="az2", version="1.13.1"),
    ):
        assert not any("deletes route" in text for text in told(Target(ako=(2, 2, 1)), cluster)[0])


def test_certificates_of_the_newer_controller():
    rows = [
        certificate("bare"),
        certificate("cn", "a"),
        certificate("san", "", "a"),
        {"uuid": "k", "name": "key only"},
    ]
    there = site(sslkeyandcertificate=rows)
    stops, _, _ = told(Target(controller=(31, 2, 1)), Cluster(name="az1"), there=there)
    assert [text.partition(":")[0] for text in stops] == [
        "it has neither a common name nor alternative names"
    ]
    assert told(Target(controller=(31, 1, 1)), Cluster(name="az1"), there=there)[0] == []


def test_pools_of_an_older_ako_under_a_newer_controller():
    newer, older = Cluster(name="a", version="2.1.1"), Cluster(name="b", version="1.13.4")
    stops, _, _ = told(Target(controller=(31, 2, 1)), newer, older)
    assert [text for text in stops if "graceful" in text] == [
        "its pools lose their graceful timeout of 1 minute: the Controller sets no default from 31.2.1 on"
    ]
    both = Target(ako=(2, 2, 1), controller=(31, 2, 1))
    assert not any("lose their graceful" in text for text in told(both, newer, older)[0])


def test_ranges_are_told_of_build_and_documentation():
    _, changes, _ = told(Target(ako=(2, 2, 1), controller=(31, 2, 1)))
    assert "its build claims Controllers 22.1.3 to 31.1.1, and this one is 31.2.1" in changes
    assert not any("documentation" in text for text in changes)
    _, changes, _ = told(Target(ako=(2, 2, 1), controller=(32, 1, 1)))
    assert "its documentation claims Controllers 30.1.1 to 31.2.1, and this one is 32.1.1" in changes
    assert any(
        "user account" in each.about
        for each in findings(site(), environment(OLD), Target(controller=(32, 1, 1)))[0]
    )


def test_what_was_not_read_is_unknown():
    there = site(vrfcontext=None, sslkeyandcertificate=None)
    stops, _, unread = told(Target(ako=(2, 2, 1), controller=(31, 2, 1)), there=there)
    assert len(unread) == 2
    assert not any("deletes" in text for text in stops)
    with pytest.raises(Unknown):
        findings(Live(Snapshot("c")), environment(OLD), Target(ako=(2, 2, 1)))


def test_without_its_version_nothing_of_an_ako_is_told():
    _, changes, _ = told(Target(ako=(2, 2, 1)), Cluster(name="az1"))
    assert changes[0] == "its AKO's version is not declared"


@pytest.mark.parametrize(
    ("target", "what"),
    [
        (Target(ako=(2, 2, 2)), "AKO newer than 2.2.1"),
        (Target(controller=(40, 1, 1)), "Controllers newer than 32.1.1"),
    ],
)
def test_of_a_release_that_no_source_knows_nothing_is_claimed(target, what):
    _, _, unread = told(target)
    assert [text.partition(" change")[0] for text in unread] == [f"what {what}"]


@pytest.mark.parametrize(
    ("target", "what"),
    [
        (Target(ako=(1, 12, 1)), "it is version 1.13.1"),
        (Target(controller=(22, 1, 3)), "it is version 30.2.1"),
    ],
)
def test_an_older_release_is_no_upgrade(target, what):
    stops, _, _ = told(target)
    assert [text for text in stops if "that is no upgrade" in text and text.startswith(what)], stops
