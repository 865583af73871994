"""Planning for what no Controller holds: folders and machines of vCenter."""

from __future__ import annotations

import pytest

from intent import EXISTENCE, Drift, Key, Unknown
from remediate.plan.planner import build
from remediate.plan.view import View
from remediate.registry import Consent
from tests.remediate.inprocess import Bench

FOLDER = Drift(Key("VM folder", "AVI K8S/Site1 AZ2"), EXISTENCE, "exactly one", "absent")
ENGINE = Drift(Key("SE VM", "dns-se-abcde"), "folder", "AVI K8S/Site1 AZ1", "AVI K8S/Site1 AZ2")
ROW = {"uuid": "vm-7", "url": "/api/vcenter-vm/vm-7", "name": "dns-se-abcde", "folder": "AVI K8S/Site1 AZ2"}


@pytest.fixture(scope="module")
def bench():
    return Bench("conforming")


@pytest.fixture(scope="module")
def live(bench):
    return bench.live()


def planned(bench, live, *asked, machines=(ROW,), folders=("AVI K8S",), allow=False):
    def ask(path, params, **where):
        if path == "vcenter-folder":
            return {"count": len(folders), "results": [{"name": name} for name in folders]}
        assert (path, dict(params)["name"]) == ("vcenter-vm", "dns-se-abcde")
        if isinstance(machines, Exception):
            raise machines
        return {"count": len(machines), "results": list(machines)}

    return build(View(bench.environment, live, ask), asked, consent=Consent(disruptive=allow))


def test_the_words_of_the_kinds(bench):
    assert bench.environment.find(FOLDER.key) is not None


def test_a_folder_is_made(bench, live):
    plan = planned(bench, live, (FOLDER, "test_folder"), (FOLDER, "test_other"), (FOLDER, "test_folder"))
    (step,) = plan.steps
    assert (step.key, step.action, step.risk) == (FOLDER.key, "create", "safe")
    assert step.undo == "remove it, while nothing stands in it"
    (change,) = step.changes
    assert (change.path, change.have, change.want) == ("", None, "made")
    assert (change.checks, change.overrides) == (("test_folder", "test_other"), ())
    (request,) = step.requests
    assert (request.method, request.api, request.name) == ("POST", "vcenter-folder", FOLDER.key.name)
    assert request.body == {"name": FOLDER.key.name}
    assert list(plan.left) == []


def test_each_folder_that_is_missing_is_a_write_of_its_own(bench, live):
    """What becomes of the one, the journal says of it alone."""
    above = Drift(Key("VM folder", "AVI K8S"), EXISTENCE, "exactly one", "absent")
    plan = planned(bench, live, (FOLDER, "test_folder"), folders=[])
    (step,) = plan.steps
    assert [request.body for request in step.requests] == [{"name": "AVI K8S"}, {"name": FOLDER.key.name}]
    plan = planned(bench, live, (FOLDER, "test_folder"), (above, "test_folder"), folders=[])
    assert [[request.name for request in step.requests] for step in plan.steps] == [
        ["AVI K8S"],
        [FOLDER.key.name],
    ]


def test_several_folders_are_for_a_person(bench, live):
    several = Drift(FOLDER.key, EXISTENCE, "exactly one", "2 objects of this name")
    plan = planned(bench, live, (several, "test_folder"), folders=["AVI K8S"] + [FOLDER.key.name] * 2)
    assert plan.steps == ()
    (left,) = plan.unanswered
    assert (left.path, left.have, left.want) == ("", "2 objects of this name", "exactly one")
    assert "several folders at this path" in left.reason
    assert left.checks == ("test_folder",)


def test_a_machine_is_moved_only_when_told(bench, live):
    plan = planned(bench, live, (ENGINE, "test_engine"))
    assert plan.steps == ()
    (left,) = plan.refused
    assert (left.key, left.path, left.hit) == (ENGINE.key, "folder", ("VM dns-se-abcde",))
    assert (left.have, left.want, left.checks) == (ENGINE.have, ENGINE.want, ("test_engine",))
    plan = planned(bench, live, (ENGINE, "test_engine"), allow=True)
    (step,) = plan.steps
    assert (step.key, step.action, step.risk) == (ENGINE.key, "amend", "guarded")
    assert step.undo == "put it back where it was"
    (change,) = step.changes
    assert (change.path, change.have, change.want, change.checks) == (
        "folder",
        ENGINE.have,
        ENGINE.want,
        ("test_engine",),
    )
    assert change.overrides == ("VM dns-se-abcde",)
    (request,) = step.requests
    assert (request.method, request.path, request.changed) == ("PUT", "vcenter-vm/vm-7", ("folder",))
    assert request.body["folder"] == ENGINE.want
    assert request.read["folder"] == ENGINE.have


def test_folders_come_before_what_moves_into_them(bench, live):
    plan = planned(bench, live, (ENGINE, "a"), (FOLDER, "b"), allow=True)
    assert [step.key.kind for step in plan.steps] == ["VM folder", "SE VM"]


@pytest.mark.parametrize("machines", [(), (ROW | {"folder": "elsewhere"},)])
def test_a_machine_that_is_not_there_any_more(bench, live, machines):
    plan = planned(bench, live, (ENGINE, "test_engine"), machines=machines, allow=True)
    assert plan.steps == ()
    (left,) = plan.unanswered
    assert left.reason == "it is not as it was read any more; run the checks again"
    assert (left.path, left.checks) == ("folder", ("test_engine",))


def test_a_machine_that_cannot_be_looked_for(bench, live):
    plan = planned(bench, live, (ENGINE, "test_engine"), machines=Unknown("vCenter is away"), allow=True)
    assert plan.steps == ()
    assert [(one.reason, one.checks) for one in plan.unanswered] == [("vCenter is away", ("test_engine",))]


@pytest.mark.parametrize(
    ("key", "path", "says"),
    [
        (Key("port group", "AVI_FRONTEND_3025"), "vlan", "edit the port group in vCenter"),
        (Key("SE VM", "x"), EXISTENCE, "made and removed by the Controller alone"),
        (Key("VM folder", "not declared"), EXISTENCE, "it is not declared, so nothing is written"),
    ],
)
def test_what_is_for_a_person(bench, live, key, path, says):
    plan = planned(bench, live, (Drift(key, path, 1, 2), "test_x"))
    assert plan.steps == plan.refused == ()
    (left,) = plan.unanswered
    assert (left.key, left.path, left.checks) == (key, path, ("test_x",))
    assert says in left.reason
