"""The lab's own control plane: what names nothing is refused, and every request is listed."""

from __future__ import annotations

import json
import time

import pytest

from lab import hosts
from lab.control import handle
from lab.controller.messages import Request
from lab.tests.cloudsite import control
from lab.tests.controller_client import Client, make
from lab.vcenter.world import World


@pytest.fixture(scope="module")
def site():
    return Client(make("30.2.1", "conforming"))


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("vcenter/faults", {"do": "set", "kind": "Vm", "name": "nobody", "member": "powered"}, "value"),
        (
            "vcenter/faults",
            {"do": "set", "kind": "Vm", "name": "nobody", "member": "powered", "value": 1},
            "0 Vm",
        ),
        ("vcenter/faults", {"do": "revoke", "account": "nobody@x", "privilege": "Task.Create"}, "nobody@x"),
        (
            "vcenter/faults",
            {"do": "revoke", "account": "svc-avi@vsphere.local", "privilege": "Task.Crate"},
            "Crate",
        ),
        ("vcenter/faults", {"do": "unplug", "vm": "k8sopsbox", "nic": 9}, "no vNIC 9"),
        ("vcenter/faults", {"do": "move", "vm": "k8sopsbox", "folder": "Nowhere"}, "Nowhere"),
        ("vcenter/faults", {"do": "vanish"}, "do is one of"),
        ("vcenter/faults", {"do": "clock", "seconds": 1, "vcenter": "elsewhere"}, "elsewhere"),
        ("actors/ako", {"cluster": "c", "steps": ["dance"]}, "dance"),
        ("actors/ako", {"cluster": "c", "steps": ["label"], "se_group": "nobody"}, "nobody"),
        ("actors/ako", {"cluster": "d", "steps": ["service"], "tenant": "nobody"}, "Tenant"),
        ("hosts", {"name": "any", "cot": ["dns"]}, "cot"),
        ("hosts", {"cut": ["dns"]}, "no host is named"),
        ("upgrade", {"to": "31.2.1", "controller": "soon"}, "in progress"),
        ("actors/ako", {"steps": [{"gateway": {"name": "x"}}]}, "GatewayAPI"),
        ("clock", {"advance": 1, "back": 1}, "back"),
        ("reset", {"stat": "fresh"}, "stat"),
        ("reset", {"state": "nowhere"}, "nowhere"),
        ("extend", {"part": "cellar"}, "cellar"),
        ("restore", {"id": "snapshot-0"}, "snapshot-0"),
        ("bgp", {"peer": "10.1.1.1", "up": True}, "10.1.1.1"),
        ("upgrade", {"to": "31.2.1", "groups": ["nobody"]}, "nobody"),
        ("upgrade", {"too": "31.2.1"}, "too"),
        ("engines", {"name": "x", "cloud": "nobody"}, ""),
        ("nsxt/faults", {"do": "remove", "segment": "/nowhere"}, ""),
        (
            "vcenter/faults",
            {"do": "set", "kind": "Pool", "name": "nobody", "member": "limit", "value": 1},
            "0 Pool",
        ),
        ("actors/ako", {"steps": [{"scale": {"service": "nobody"}}]}, "nobody"),
    ],
)
def test_the_control_plane_refuses_what_names_nothing(site, path, body, says):
    status, answer = control(site.lab, path, body)
    assert status == 400, answer
    assert says in json.dumps(answer)


def test_who_is_made_after_a_restore_has_no_sessions_of_somebody_who_is_gone():
    """Users get the same uuids again; the sessions of those that are there stay."""
    client = Client(make("30.2.1", "empty"))
    _, kept = control(client.lab, "snapshot", {})
    for name in ("bob", "eve"):
        client.post("/api/useraccountprofile", {"name": "one", "max_concurrent_sessions": 1})
        profile = "/api/useraccountprofile?name=one"
        user = {"name": name, "username": name, "password": "Abc!23456789", "user_profile_ref": profile}
        client.post("/api/user", user)
        assert Client(client.lab, login=False).login(name, "Abc!23456789").status == 200
        assert control(client.lab, "restore", kept)[0] == 200
    assert client("GET", "/api/pool").status == 200


def test_every_request_is_listed_with_its_answer(site):
    listed = len(site.lab.site.requests)
    site("GET", "/api/pool?name=nobody")
    site("GET", "/api/nothing")
    site("POST", "/api/pool", {"name": "listed"})
    answer = handle(site.lab, Request("GET", "/lab/requests", (), {}, b"", ""))
    rows = json.loads(answer.body)["requests"][listed:]
    assert [(row["method"], row["path"], row["status"]) for row in rows] == [
        ("GET", "/api/pool?name=nobody", 200),
        ("GET", "/api/nothing", 404),
        ("POST", "/api/pool", 201),
    ]


def test_the_clock_ends_where_dates_end(site):
    for seconds in (1e17, 1e300):
        status, answer = control(site.lab, "clock", {"advance": seconds})
        assert (status, "ends with the year" in answer["error"]) == (400, True)
    assert control(site.lab, "clock", {"advance": 86400})[0] == 200


def test_the_dates_of_answers_follow_the_clock_only_where_that_is_asked_for(site):
    for given, ahead in (({}, 0.0), ({"date": True}, 60.0), ({"date": False}, 60.0)):
        assert control(site.lab, "clock", {"advance": 60, **given})[0] == 200
        assert site.lab.site.clock.dates_ahead == ahead
    assert control(site.lab, "clock", {"advance": 60, "date": 1})[0] == 400


def test_the_clocks_of_vcenter_and_hosts_follow_the_dates(site):
    """Else everything of the site agrees on the time but these."""
    vcenter, before = World(site.lab.site), site.lab.site.clock.dates_ahead
    control(site.lab, "hosts", {"name": "box", "skew": 5.0})
    for given, ahead in (({}, before), ({"date": True}, before + 600)):
        assert control(site.lab, "clock", {"advance": 600, **given})[0] == 200
        assert abs(vcenter.now().timestamp() - time.time() - ahead) < 5
        assert hosts.shown(site.lab.site, "box")["clock"] == 5.0 + ahead
