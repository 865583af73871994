"""Taking back what a run changed, and what is certain of a run that was killed, one object at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from intent import Key
from remediate.plan.model import Request
from remediate.write.record import JournalHead, JournalRecord, load
from remediate.write.uncertain import resolve_uncertain
from remediate.write.undo import ATTEMPTS, restored
from remediate.write.writer import PAUSES
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
    only,
    undone,
)


def changed(folder, controller, before=BEFORE, after=MADE, *, fate="done", request=PUT):
    it = entry(request, before, after, fate=fate)
    return only(undone(folder, controller, it), it)


def test_it_is_written_back_in_its_own_tenant(tmp_path):
    """The object does not say whose it is; the request of the run said where it is written."""
    before, after = ({k: v for k, v in one.items() if k != "tenant_ref"} for one in (BEFORE, MADE))
    controller = Controller(after)
    controller.answers.append(as_sent(controller))
    assert changed(tmp_path, controller, before, after) == ("undone", "")
    assert controller.writes == [("PUT", PATH, {**before, "_last_modified": "7"}, "team")]
    (noted,) = load(controller.journal).entries
    assert (noted.key, noted.before, noted.request.changed) == (KEY, after, ("a",))
    assert (noted.request.tenant, noted.request.cloud, noted.request.name) == ("team", "Default-Cloud", "g")
    assert {tenant for _, _, tenant in controller.reads} == {"team"}


def test_its_name_is_that_of_the_run_s_request(tmp_path):
    """The system configuration has no name; its journal has the declared one."""
    request = Request("PATCH", "systemconfiguration", "", "system", {"replace": {"a": 1}}, ("a",))
    controller = Controller(None, config={"a": 1})

    def write(method, path, body=None, *, tenant=None):
        controller.writes.append((method, path, body, tenant))
        controller.config = {"a": 0}
        return controller.config

    controller.write = write
    assert changed(tmp_path, controller, {"a": 0}, {"a": 1}, request=request) == ("undone", "")
    assert controller.writes == [("PATCH", "systemconfiguration", {"replace": {"a": 0}}, "admin")]
    (noted,) = load(controller.journal).entries
    assert noted.request.name == "system"


def test_what_the_server_writes_by_itself_is_not_written_back(tmp_path):
    """Nor is it taken for something that somebody else has written."""
    request = Request("PUT", "virtualservice", "v1", "v", {}, ("a",))
    before, after, now = ({"uuid": "v1", "version": at, "a": min(at, 1)} for at in range(3))
    controller = Controller(now, path="virtualservice/v1")
    controller.answers.append(as_sent(controller))
    assert changed(tmp_path, controller, before, after, request=request) == ("undone", "")
    assert controller.writes == [("PUT", "virtualservice/v1", {"uuid": "v1", "a": 0}, "admin")]


@pytest.mark.parametrize(("now", "before"), [(None, BEFORE), (MADE, None)], ids=["gone", "unread"])
def test_it_is_not_there_any_more(tmp_path, now, before):
    controller = Controller(now)
    assert changed(tmp_path, controller, before) == ("kept", "the object is not there any more")
    assert controller.writes == []


def test_somebody_else_has_written_it_and_nothing_is_left_to_undo(tmp_path):
    controller = Controller({**MADE, "a": 9})
    assert changed(tmp_path, controller) == ("kept", "written by somebody else since, and left: a")
    assert controller.writes == []


def test_somebody_else_has_written_some_of_it(tmp_path):
    controller = Controller({**MADE, "a": 9, "b": 1})
    controller.answers.append(as_sent(controller))
    said = changed(tmp_path, controller, {**BEFORE, "b": 0, "c": 0}, {**MADE, "b": 1, "c": 1})
    assert said == ("kept", "written by somebody else since, and left: a, c")
    assert {key: controller.now.get(key) for key in "abc"} == {"a": 9, "b": 0, "c": None}


def test_what_cannot_be_written_without_a_secret_stays(tmp_path):
    """A message whose secret the run changed with it: what it was is not known."""
    before = {**MADE, "a": {"password": "<sensitive>", "new": [1, 2]}}
    controller = Controller({**MADE, "a": {"password": "<sensitive>", "new": [3]}})
    assert changed(tmp_path, controller, before, controller.now) == (
        "kept",
        "a.new is a list beside a secret and cannot be replaced alone",
    )
    assert controller.writes == []


def test_what_the_run_put_beside_a_secret_is_taken_out_alone(tmp_path):
    before = {**MADE, "a": {"password": "<sensitive>"}}
    controller = Controller({**before, "a": {"password": "<sensitive>", "new": 1}})
    controller.answers.append(lambda _now: {**before, "_last_modified": "9"})
    assert changed(tmp_path, controller, before, controller.now) == ("undone", "")
    assert controller.writes == [
        ("PATCH", PATH, {"json_patch": [{"op": "remove", "path": "/a/new"}]}, "team")
    ]


@pytest.mark.parametrize("left", [{"mode": "off"}, {"mode": "off", "name": "x"}])
def test_what_the_controller_keeps_of_a_message_that_goes_is_said(tmp_path, left):
    """A Controller that fills a message again, or takes only a part of it out, has not undone it."""
    before = {"url": "https://c/api/systemconfiguration", "uuid": "default"}
    after = {**before, "message": {"mode": "off", "name": "x", "more": True}}
    request = Request(
        "PATCH", "systemconfiguration", "", "system", {"replace": {"message": after["message"]}}, ("message",)
    )
    controller = Controller(None, config=after)

    def write(method, path, body=None, *, tenant=None):
        controller.writes.append((method, path, body, tenant))
        controller.config = {**before, "message": left}
        return controller.config

    controller.write = write
    outcome, text = changed(tmp_path, controller, before, after, request=request)
    assert outcome == "kept"
    assert text.startswith(
        "it was sent and accepted, and the Controller keeps message: (absent) -> {mode: off"
    )


def test_somebody_else_writes_it_once(tmp_path):
    """It is read again: their member stays, ours is taken back."""
    controller = Controller(MADE)
    controller.answers += [
        conflict(lambda now: {**now, "theirs": 1, "_last_modified": "8"})(controller),
        as_sent(controller),
    ]
    assert changed(tmp_path, controller) == ("undone", "")
    assert controller.writes[1] == ("PUT", PATH, {**BEFORE, "theirs": 1, "_last_modified": "8"}, "team")


def test_somebody_else_writes_it_every_time(tmp_path):
    controller = Controller(MADE)
    controller.answers.append(conflict()(controller))
    assert changed(tmp_path, controller) == (
        "kept",
        "given up after 5 attempts: somebody else wrote it at the same moment: Concurrent Update Error",
    )
    assert len(controller.writes) == ATTEMPTS


def test_what_can_never_be_undone_keeps_its_ground(tmp_path):
    """The DNS services of the system cannot be emptied again: neither the service nor its group may go."""
    request = Request(
        "PATCH", "systemconfiguration", "", "system", {"add": {"dns_virtualservice_refs": ["/api/v/1"]}},
        ("dns_virtualservice_refs",),
    )  # fmt: skip
    system = entry(
        request, {}, {"dns_virtualservice_refs": ["/api/v/1"]}, 2, key=Key("system configuration", "system")
    )
    group = entry(POST, None, MADE)
    controller = Controller(MADE, config={"dns_virtualservice_refs": ["/api/v/1"]})
    first, second = undone(tmp_path, controller, group, system)
    assert (first.outcome, first.lasting) == ("kept", True)
    assert "dns_virtualservice_refs cannot be emptied again" in first.text
    assert (second.outcome, second.text) == (
        "kept",
        "system configuration system stays, and stands on it",
    )
    assert second.lasting is False
    assert controller.writes == []


def test_pauses_are_those_of_reading_back(tmp_path):
    """An undo that was accepted is looked for as long as a write whose answer was lost."""
    controller = Controller(MADE, lambda now: now)
    assert changed(tmp_path, controller) == (
        "kept",
        "it was sent and accepted, and read again nothing has changed",
    )
    assert controller.pauses == list(PAUSES[:2])


# What is certain of a run that was killed.


def settled(controller, *entries):
    record = JournalRecord(Path("j.jsonl"), JournalHead(who="ops@jump1", at="noon"), list(entries))
    return resolve_uncertain(record, controller), record.entries[-1]


@pytest.mark.parametrize(
    ("now", "fate", "after", "said"),
    [
        (MADE, "done", MADE, "it was applied"),
        (BEFORE, "lost", None, "it was not applied"),
        (
            {**MADE, "a": 9},
            "unknown",
            None,
            "the object is neither as before nor as written: somebody else has changed it since",
        ),
    ],
)
def test_an_uncertain_write_is_read_back(now, fate, after, said):
    it = entry(PUT, BEFORE, None, fate="unknown")
    lines, it = settled(Controller(now), entry(PUT, BEFORE, MADE, 7), it)
    assert lines == [
        "j.jsonl was left open (by ops@jump1, noon): certain of 1 of its 2 writes",
        f"  PUT serviceenginegroup of {KEY}: its answer was never heard; read back, {said}",
    ]
    assert (it.fate, it.after, it.text) == (fate, after, "decided by reading back")


def test_several_bear_the_name_of_what_was_to_be_made():
    """One that is to be made is looked for by its name: with two of them nobody knows which, or whether either."""
    controller = Controller(MADE)
    controller.read = lambda _path, _params=None, **_: {"results": [MADE, {**MADE, "uuid": "s2"}]}
    it = entry(POST, None, None, fate=None)
    lines, it = settled(controller, it)
    assert lines[1] == f"  {it}: there are 2 objects of the name g"
    assert "somebody else has changed it since" in lines[2]
    assert (it.fate, it.after) == ("unknown", None)


# Three ways.


def test_what_nobody_touched_keeps_its_spelling():
    """A reference is compared without host and name, and sent back as the Controller has it."""
    spelled = "https://c/api/vrfcontext/1#global"
    target, others = restored(
        "network", {"r": "/api/vrfcontext/1", "a": 0}, {"r": spelled, "a": 1}, {"r": spelled, "a": 1}
    )
    assert (target, others) == ({"r": spelled, "a": 0}, [])


@pytest.mark.parametrize(
    ("was", "left", "now", "target", "others"),
    [
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}, ["m.a"]),
        ({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, {"a": {"b": 3, "c": 2}}, {"a": {"b": 3, "c": 1}}, ["m.a.b"]),
        ({"a": 1, "b": 1}, {"b": 1}, {"b": 2}, {"a": 1, "b": 2}, []),
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"b": 2}, {"b": 2}, ["m.a"]),
        # A list: what the run added goes, what it took away comes back once, the rest is somebody's.
        ([1, 2], [2, 3], [2, 3, 4], [2, 4, 1], []),
        ([1, 2], [2, 3], [2, 3, 1], [2, 1], []),
        ([1, 1], [3], [3, 4], [4, 1, 1], []),
        ([1], [1, 3], [4], [4], ["m"]),
        ([1], [1, 3], {"x": 1}, {"x": 1}, ["m"]),
        ([1], {"x": 1}, [4], [4], ["m"]),
        ({"x": 1}, [1], [1, 4], [1, 4], ["m"]),
        ({"x": 1}, [1], [4], [4], ["m"]),
        (1, [1], [1, 4], [1, 4], ["m"]),
    ],
)  # fmt: skip
def test_three_ways_within_a_member(was, left, now, target, others):
    assert restored("network", {"m": was}, {"m": left}, {"m": now}) == ({"m": target}, others)


def test_three_ways_with_what_the_server_writes():
    """It stays as it is now, and is nobody's."""
    before, after = {"version": 1, "a": 0}, {"version": 2, "a": 1}
    assert restored("virtualservice", before, after, {**after, "version": 3}) == ({"version": 3, "a": 0}, [])
    assert restored("virtualservice", before, after, {"a": 1}) == ({"a": 0}, [])
    assert restored("virtualservice", before, {"a": 1}, {**after}) == ({"version": 2, "a": 0}, [])


def test_a_list_that_was_not_there():
    assert restored("network", {}, {"m": [1]}, {"m": [1, 2]}) == ({"m": [2]}, [])
    assert restored("network", {}, {"m": [1]}, {"m": [2]}) == ({"m": [2]}, ["m"])
