"""A reviewed plan: it is carried out as it was seen, or left alone where something has moved."""

import json
from pathlib import Path

import pytest

from live.errors import NotFound, Refused
from remediate.plan.model import Plan
from tests.remediate.applied import Run
from tests.remediate.breaking import Hand, labels


def test_a_reviewed_plan_leaves_alone_what_has_moved(tmp_path):
    run = Run(tmp_path)
    labels(Hand(run.gateway), 1)
    result = dict(run.go(exact=True))
    assert result.pop("SE group S1-AZ2-SE-Group") == "moved"
    assert set(result.values()) == {"done"}, "the others are carried out"
    text = run.of("SE group S1-AZ2-SE-Group").text
    assert "labels: (absent) -> [{key: clustername, value: cluster1}]" in text


def test_what_stands_on_something_that_moved_is_not_tried(tmp_path):
    run = Run(tmp_path, "fresh")
    body = {
        "name": "DNS-SE-Group",
        "cloud_ref": Hand(run.gateway).ref("cloud", "Default-Cloud"),
        "buffer_se": 7,
    }
    run.gateway.write("POST", "serviceenginegroup", body)
    result = dict(run.go(exact=True))
    assert result["SE group DNS-SE-Group"] == "moved"
    assert result["DNS service local-dns-site1"] == "skipped"
    assert result["network AVI_FRONTEND_3025"] == "done"
    assert "SE group DNS-SE-Group was not put right" in run.of("DNS service local-dns-site1").text


def test_a_cloud_that_moved_holds_back_who_needs_its_profiles_and_not_who_lives_in_it(tmp_path):
    run = Run(tmp_path, "fresh")
    cloud = Hand(run.gateway).named("cloud", "Default-Cloud")
    run.gateway.write("PATCH", f"cloud/{cloud['uuid']}", {"replace": {"mtu": 1400}})
    result = dict(run.go(exact=True))
    held = {key for key, status in result.items() if status == "skipped"}
    assert held == {"DNS service local-dns-site1", "system configuration system"}
    assert result.pop("cloud Default-Cloud") == "moved"
    assert {status for key, status in result.items() if key not in held} == {"done"}
    assert run.of("cloud Default-Cloud").text == "changed since the plan was made: mtu: 1500 -> 1400"


def test_a_record_waits_for_no_network_that_moved_but_for_one_that_is_gone(tmp_path):
    """Of the service the plan amends no more than a record; but nothing can stand on what is not there."""
    run = Run(tmp_path, only=lambda drift: drift.key.kind in ("network", "DNS service"))
    network, service = "network AVI_FRONTEND_3025", "DNS service local-dns-site1"
    real, path = run.gateway.read, f"network/{Hand(run.gateway).named(*network.split())['uuid']}"

    def without_it(asked, params=None, **where):
        if asked == path:
            raise NotFound("object not found!")
        return real(asked, params, **where)

    run.gateway.read = without_it
    result = dict(run.go(exact=True))
    assert (result[network], result[service]) == ("moved", "skipped")
    run.gateway.read = real
    Hand(run.gateway).edit(*network.split(), lambda body: body.update(exclude_discovered_subnets=True))
    result = dict(run.go(exact=True))
    assert (result[network], result[service]) == ("moved", "done")


@pytest.mark.parametrize("state", ["fresh", "drifted"])
def test_a_reviewed_plan_that_broke_off_is_gone_on_with(tmp_path, state):
    """What the first run of it has made and changed is as the plan makes it, and later steps find it."""
    run = Run(tmp_path, state)
    writes = iter(range(100))

    def refuse(method, path, body):
        if next(writes) == 6:
            raise Refused(403, "Configuration is disallowed during upgrade")

    run.gateway.before_write = refuse
    first = [status for _, status in run.go(exact=True)]
    assert first[:6] == ["done"] * 6
    run.gateway.before_write = lambda *_: None
    run.site = run.bench.site()
    second = [status for _, status in run.go(exact=True)]
    assert second == ["already"] * 6 + ["done"] * (len(second) - 6)
    assert run.bench.drifts() == []


EARLIER = Path(__file__).parent / "journals" / "earlier-plan.json"
"""As the version of 30 November 2026, 05:56 has saved it. Whoever changes the form of plans gives it another number."""


def test_a_plan_that_an_earlier_version_has_saved_is_read():
    plan = Plan.load(EARLIER)
    assert plan.to_json() == json.loads(EARLIER.read_text())
    (step,) = plan.steps
    assert (str(step.key), [change.path for change in step.changes]) == ("network REGIONB_VMS_3023", ["vrf"])
    assert [(each.method, each.api) for each in step.requests] == [("PUT", "network")]
