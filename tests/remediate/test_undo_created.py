"""Taking back what a run made, and the undo as a whole, while somebody else is there at the same moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intent import Key, Unknown
from live.errors import FateUnknown, NotFound, Refused
from remediate.write.record import load
from remediate.write.undo import ATTEMPTS
from tests.remediate.one_object import (
    BEFORE,
    KEY,
    MADE,
    PATH,
    POST,
    PUT,
    Controller,
    as_sent,
    conflict,
    entry,
    gone,
    only,
    raises,
    undone,
)


def made(folder, controller, after=MADE, fate="done"):
    it = entry(POST, None, after, fate=fate)
    return only(undone(folder, controller, it), it)


def test_it_is_deleted_where_it_stands(tmp_path):
    controller = Controller(MADE, gone)
    assert made(tmp_path, controller) == ("undone", "")
    assert controller.writes == [("DELETE", PATH, {}, "team")]
    (noted,) = load(controller.journal).entries
    assert (noted.key, noted.request.tenant, noted.request.cloud) == (KEY, "team", "Default-Cloud")
    assert (noted.request.name, noted.request.read, noted.request.makes) == ("g", None, "")
    assert noted.before == MADE, "what was deleted stands in the journal of the undo"
    assert (noted.sent, noted.fate) == ({}, "done")
    (written,) = controller.writer.sent
    assert written.request == replace(POST, uuid="s1", method="DELETE", body={}, changed=(), makes="")
    assert controller.reads[0] == (PATH, {"include_name": "true"}, "team"), "by its uuid, not by its name"


def test_one_that_bears_its_name_is_not_looked_at(tmp_path):
    """What the run made was deleted, and somebody else has made another of that name: it has another uuid."""
    controller = Controller(NotFound("404"), gone)
    assert made(tmp_path, controller) == ("already", "it is not there")
    assert [path for path, _, _ in controller.reads] == [PATH]
    assert controller.writes == []


@pytest.mark.parametrize(
    ("then", "said", "sent"),
    [
        (lambda now: now, ("undone", ""), 2),
        (gone, ("already", "somebody else has deleted it meanwhile"), 1),
        (
            lambda now: {**now, "a": 5, "b": 6},
            ("kept", "it was changed since: a: 1 -> 5; b: (absent) -> 6"),
            1,
        ),
    ],
    ids=["not seen in it", "deleted", "changed"],
)
def test_somebody_else_writes_at_that_moment(tmp_path, then, said, sent):
    controller = Controller(MADE, gone)
    controller.answers.insert(0, conflict(then)(controller))
    assert made(tmp_path, controller) == said
    assert [method for method, *_ in controller.writes] == ["DELETE"] * sent


def test_somebody_else_takes_it_into_use_at_that_moment(tmp_path):
    controller = Controller(MADE)

    def used(now):
        controller.users = {"virtualservice": {"count": 2, "results": [{"name": "v"}, {"uuid": "vs-2"}]}}
        return now

    controller.answers.append(conflict(used)(controller))
    assert made(tmp_path, controller) == ("kept", "it is used by virtual service v, virtual service vs-2")
    assert len(controller.writes) == 1
    asked = [params for path, params, _ in controller.reads if path == "virtualservice"]
    assert [params["refers_to"] for params in asked] == ["serviceenginegroup:s1"] * 2
    assert {tenant for path, _, tenant in controller.reads if path == "virtualservice"} == {"*"}
    own = [params for path, params, _ in controller.reads if path == "serviceenginegroup"]
    assert own == [], "nothing refers to its own kind"


def test_somebody_else_writes_every_time(tmp_path):
    controller = Controller(MADE)
    controller.answers.append(conflict()(controller))
    assert made(tmp_path, controller) == (
        "kept",
        "given up after 5 attempts: somebody else wrote it at the same moment: Concurrent Update Error",
    )
    assert len(controller.writes) == ATTEMPTS


def test_its_answer_is_lost_every_time(tmp_path):
    controller = Controller(MADE, raises(FateUnknown("the connection broke")))
    assert made(tmp_path, controller) == (
        "kept",
        "given up after 5 attempts: every answer was lost: the connection broke",
    )
    assert len(controller.writes) == ATTEMPTS
    assert {noted.fate for noted in load(controller.journal).entries} == {"lost"}


def test_its_answer_is_lost_and_it_is_gone(tmp_path):
    def applied(_now):
        controller.now = None
        raise FateUnknown("the connection broke")

    controller = Controller(MADE, applied)
    assert made(tmp_path, controller) == ("undone", "")
    assert len(controller.writes) == 1


def test_the_system_configuration_names_it(tmp_path):
    """It is no collection, so it is read as a whole, and searched for the reference in any spelling."""
    config = {"dns_virtualservice_refs": ["https://c/api/virtualservice/s1#g"]}
    controller = Controller(MADE, gone, config=config, path="virtualservice/s1")
    it = entry(replace(POST, api="virtualservice"), None, MADE)
    found = undone(tmp_path, controller, it)
    assert only(found, it) == ("kept", "it is used by the system configuration")
    assert controller.writes == []
    assert ("systemconfiguration", {}, None) in controller.reads


@pytest.mark.parametrize("fate", [None, "unknown"])
@pytest.mark.parametrize(
    ("now", "said"),
    [
        (MADE, ("undone", "")),
        ({**MADE, "a": 3}, ("kept", "what bears its name is not what this run was about to make")),
        (None, ("already", "it is not there")),
    ],
    ids=["it is", "it is not", "nothing"],
)
def test_one_that_nobody_is_certain_to_have_made(tmp_path, fate, now, said):
    """It is looked for by its name, and deleted only where it is what the run was about to make."""
    controller = Controller(now, gone)
    assert made(tmp_path, controller, after=None, fate=fate) == said
    assert [(m, p) for m, p, *_ in controller.writes] == [("DELETE", PATH)] * (said[0] == "undone")
    assert controller.reads[0][0] == "serviceenginegroup"


def test_one_that_somebody_else_has_made_by_the_log(tmp_path):
    controller = Controller(MADE, gone)
    controller.maker = "ann"
    outcome, text = made(tmp_path, controller, after=None, fate=None)
    assert (outcome, "by the Controller's log ann has made it so" in text) == ("kept", True)
    assert controller.writes == []


# The whole.


@pytest.mark.parametrize("fate", ["refused", "conflict", "lost", "unsent"])
def test_what_was_denied_is_not_undone(tmp_path, fate):
    """Something that may be it is there: it stays, and that is said; what was never sent is not even looked for."""
    controller = Controller(MADE)
    results = undone(tmp_path, controller, entry(POST, None, None, fate=fate))
    assert [(each.outcome, "nobody knows by whom" in each.text) for each in results] == (
        [] if fate == "unsent" else [("kept", True)]
    )
    assert controller.writes == []
    assert bool(controller.reads) is (fate != "unsent")


@pytest.mark.parametrize("fate", ["refused", "conflict", "lost"])
@pytest.mark.parametrize("now", [None, {**MADE, "a": 3}], ids=["nothing", "another"])
def test_what_was_denied_and_is_not_there_is_no_matter(tmp_path, fate, now):
    controller = Controller(now)
    assert undone(tmp_path, controller, entry(POST, None, None, fate=fate)) == []
    assert controller.writes == []


def test_what_stands_behind_one_that_was_never_applied(tmp_path):
    controller = Controller(MADE, gone)
    made_it, refused = entry(POST, None, MADE), entry(PUT, MADE, None, 2, fate="refused")
    assert [one.outcome for one in undone(tmp_path, controller, made_it, refused)] == ["undone"]


def test_who_uses_it_cannot_be_told(tmp_path):
    """An answer that is no list is not taken for a list of nobody."""
    controller = Controller(MADE, gone, users={"virtualservice": {"count": 0}})
    assert made(tmp_path, controller) == (
        "kept",
        "it could not be read: virtualservice answered with no list of objects",
    )
    assert controller.writes == []


def test_what_the_server_writes_by_itself_is_nobody_s_change(tmp_path):
    request = replace(POST, api="vsvip")
    it = entry(request, None, {"uuid": "v1", "name": "g", "vs_refs": ["/api/virtualservice/1"]})
    controller = Controller({"uuid": "v1", "name": "g"}, gone, path="vsvip/v1")
    assert only(undone(tmp_path, controller, it), it) == ("undone", "")


def test_an_interrupted_undo(tmp_path):
    """What it did not come to is told one by one, and nothing is sent."""
    older, newer = entry(PUT, BEFORE, MADE), entry(PUT, BEFORE, MADE, 2)
    controller = Controller(MADE)
    controller.answers.append(as_sent(controller))
    said = []
    found = undone(tmp_path, controller, older, newer, stop=lambda: bool(controller.writes), say=said.append)
    assert [(one.entry, one.outcome, one.text) for one in found] == [
        (newer, "undone", ""),
        (older, "kept", "the run was interrupted"),
    ]
    assert len(controller.writes) == 1
    assert said == [
        f"[2] PUT serviceenginegroup of {KEY}: undone",
        f"[1] PUT serviceenginegroup of {KEY}: kept: the run was interrupted",
    ]


SERVICE = Key("DNS service", "v", KEY.cloud, KEY.tenant)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unknown("nothing answers"), "it could not be read: nothing answers"),
        (Refused(403, "no"), "the Controller refused: "),
    ],
)
def test_what_was_made_and_stays_keeps_its_ground(tmp_path, error, said):
    """What existed before the run has its ground, whatever becomes of its undo."""
    ground = entry(PUT, BEFORE, MADE, 1)
    stays = entry(POST, None, MADE, 2, key=SERVICE)
    controller = Controller(MADE, raises(error))
    if isinstance(error, Unknown) and not isinstance(error, Refused):
        controller.now = error
    found = undone(tmp_path, controller, ground, stays)
    assert found[0].text.startswith(said)
    assert (found[1].outcome, found[1].text) == ("kept", f"{SERVICE} stays, and stands on it")
    changed_only = entry(PUT, BEFORE, MADE, 2, key=SERVICE)
    found = undone(tmp_path, controller, ground, changed_only)
    assert found[1].text.startswith(said), "nothing new stands on it, so its own undo is tried"
