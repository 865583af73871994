"""Where an object is not as the plan saw it: it is read and planned anew, or left alone with a reason."""

from unittest.mock import Mock

import pytest

from intent import Blocked, Unknown
from live.avi.snapshot import Live
from live.errors import Conflict, NotFound
from tests import lengths
from tests.remediate.applied import Run, group, once
from tests.remediate.breaking import Hand

pytestmark = lengths.WHOLE_SITE


def vrf(drift):
    return drift.key.name == "VRF_AZ1"


def test_somebody_else_was_first_and_has_gone(tmp_path):
    """The Controller refused ours for an object that is not there any more: it is made all the same."""
    run = Run(tmp_path, "fresh", only=vrf)

    def conflict(*_request):
        raise Conflict("Concurrent Update Error")

    run.gateway.before_write = once(conflict)
    assert run.go() == [("VRF context VRF_AZ1", "done")]
    assert run.results[0].text == (
        "planned anew: somebody else wrote it at the same moment: Concurrent Update Error"
    )
    assert run.fates() == ["conflict", "done"]
    assert Hand(run.gateway).named("vrfcontext", "VRF_AZ1")


def test_somebody_else_deletes_what_was_to_be_changed(tmp_path):
    """Whoever has read the plan has seen a change: that it is made anew is for the next run to show."""
    run = Run(tmp_path, only=lambda drift: group(drift) and drift.path == "realtime_metrics.duration")
    gone = Hand(run.gateway).named("serviceenginegroup", "S1-AZ2-SE-Group")
    run.gateway.write("DELETE", f"serviceenginegroup/{gone['uuid']}")
    assert run.go() == [("SE group S1-AZ2-SE-Group", "moved")]
    assert run.results[0].text.startswith(
        "it is not there any more; what would be written now was not shown: name: (absent) -> S1-AZ2-SE-Group; "
    )
    assert run.record.entries == []


def test_somebody_else_makes_two_of_one_name(tmp_path):
    """Nobody knows which is meant: it is left alone, what does not stand on it goes on."""
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.kind == "VRF context")
    read = run.gateway.read

    def twice(path, params=None, **options):
        if params and params.get("name") == "VRF_AZ1":
            return {"results": [{"name": "VRF_AZ1", "uuid": f"vrfcontext-{number}"} for number in (1, 2)]}
        return read(path, params, **options)

    run.gateway.read = twice
    assert dict(run.go()) == {"VRF context VRF_AZ1": "moved", "VRF context VRF_AZ2": "done"}
    assert run.of("VRF context VRF_AZ1").text == "there are 2 objects of the name VRF_AZ1"


def test_somebody_else_takes_it_over(tmp_path):
    run = Run(tmp_path, only=lambda drift: drift.key.kind == "DNS service")
    Hand(run.gateway).edit(
        "virtualservice", "local-dns-site1", lambda body: body.update(created_by="ako-s1az2")
    )
    writes = run.gateway.writes
    assert run.go() == [("DNS service local-dns-site1", "refused")]
    assert run.results[0].text == (
        "it has changed, and now: ako-s1az2 made it and keeps it as it wants it; change it where AKO is configured"
    )
    assert run.gateway.writes == writes


def test_somebody_else_makes_it_otherwise(tmp_path):
    """It is theirs by now: that it is amended is for the next run to show."""
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.name == "DNS-SE-Group")
    body = {
        "name": "DNS-SE-Group",
        "cloud_ref": Hand(run.gateway).ref("cloud", "Default-Cloud"),
        "buffer_se": 7,
    }
    run.gateway.write("POST", "serviceenginegroup", body)
    assert run.go() == [("SE group DNS-SE-Group", "moved")]
    assert (
        "it is there already; what would be written now was not shown: buffer_se: 7 -> 0"
        in run.results[0].text
    )
    assert run.record.entries == []
    assert Hand(run.gateway).named("serviceenginegroup", "DNS-SE-Group")["buffer_se"] == 7


def test_somebody_else_makes_it_just_so(tmp_path):
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.name == "DNS-SE-Group")
    (request,) = run.plan.steps[0].requests
    run.gateway.write("POST", "serviceenginegroup", request.body)
    assert run.go() == [("SE group DNS-SE-Group", "already")]
    assert run.results[0].text == "somebody else has put it right meanwhile"
    assert run.record.entries == []


def test_somebody_else_deletes_what_nothing_here_makes(tmp_path):
    run = Run(tmp_path, only=lambda drift: drift.key.name == "REGIONB_VMS_3023" and drift.path == "vrf")
    gone = Hand(run.gateway).named("network", "REGIONB_VMS_3023")["uuid"]
    read = run.gateway.read

    def without(path, params=None, **options):
        if path == f"network/{gone}":
            raise NotFound("404")
        return read(path, params, **options)

    run.gateway.read = without
    assert run.go() == [("network REGIONB_VMS_3023", "refused")]
    assert run.results[0].text.startswith("it has changed, and now: ")
    assert len(run.results[0].text) > len("it has changed, and now: ")
    assert run.results[0].step is run.plan.steps[0]
    assert run.record.entries == []


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("moment", ["before the read", "before the write"])
def test_a_deleted_object_costs_its_own_step_and_what_needs_it(tmp_path, exact, moment):
    """A deleted network can only be discovered again: the steps of all other objects are carried out."""
    no_discovery = {"only": lambda drift: drift.key.kind != "cloud"}  # a write of the cloud discovers anew
    run = Run(tmp_path, exact=exact, **no_discovery)
    doomed = Hand(run.gateway).named("network", "REGIONB_VMS_3023")["uuid"]

    def delete(*_request):
        status, _, text = run.gateway.send("DELETE", f"network/{doomed}", {"force_delete": "true"})
        assert status < 300, text

    if moment == "before the read":
        delete()
    else:
        run.gateway.before_write = once(delete, path=f"network/{doomed}")
    results = dict(run.go())
    lost = run.of("network REGIONB_VMS_3023")
    assert lost.status == ("moved" if exact else "refused")
    assert lost.gone
    others = [result for result in run.results if result is not lost]
    independent = [result for result in others if lost.step.key not in result.step.needs]
    assert {result.status for result in independent} == {"done"}
    assert "refused" not in {result.status for result in others}, results


@pytest.mark.parametrize("kind", [Blocked, Unknown])
def test_what_it_has_become_cannot_be_told(tmp_path, monkeypatch, kind):
    run = Run(tmp_path, only=lambda drift: group(drift) and drift.path == "realtime_metrics.duration")

    def conflict(*_request):
        monkeypatch.setattr(Live, "found", Mock(side_effect=kind("nobody knows")))
        raise Conflict("Concurrent Update Error")

    run.gateway.before_write = conflict
    assert run.go() == [("SE group S1-AZ2-SE-Group", "refused")]
    assert run.results[0].text == "nobody knows"
    assert run.results[0].step is run.plan.steps[0]
