"""What a write comes to, for the journal, the report and the run: one whose answer was lost, and one that was answered."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from intent import Unknown
from live.errors import Conflict, FateUnknown, NotFound, Refused
from remediate.plan.model import Request
from remediate.write.journal import Journal, NoJournal
from remediate.write.record import load
from remediate.write.results import NotApplied, ObjectChanged, RunStopped
from remediate.write.writer import PAUSES, Writer
from tests.remediate.scripted import CHANGED, KEY, MADE, Fake, row


class TestSend:
    def sent(self, folder, *found, before=None):
        journal = Journal.begin(folder, "iberia", "c", "d")
        naps = []
        writer = Writer(Fake(*found, write=FateUnknown("its answer lost")), journal, naps.append)
        try:
            return (
                writer.send(KEY, CHANGED, {"a": 1}, before or {"a": 0}),
                writer,
                load(journal.path).entries[0],
                naps,
            )
        except (RunStopped, NotApplied, ObjectChanged) as error:
            return error, writer, load(journal.path).entries[0], naps

    def test_lost_and_applied(self, tmp_path):
        after, writer, entry, naps = self.sent(
            tmp_path, {"a": 1, "uuid": "s1"}, before={"a": 0, "uuid": "s1"}
        )
        assert after == {"a": 1, "uuid": "s1"} == entry.after == writer.sent[0].after
        assert (entry.fate, entry.text) == ("done", "its answer lost; read back: done")
        assert not entry.heard, "only a look has told it"
        assert naps == [PAUSES[0]]

    def test_lost_and_not_applied(self, tmp_path):
        error, _, entry, _ = self.sent(tmp_path, {"a": 0})
        assert isinstance(error, NotApplied)
        assert str(error) == "its answer lost"
        assert (entry.fate, entry.text) == ("lost", "its answer lost; read back: lost")

    def test_lost_and_another_one_now(self, tmp_path):
        error, _, entry, _ = self.sent(tmp_path, {"a": 9})
        assert isinstance(error, ObjectChanged)
        assert str(error) == "its answer was lost, and the object is another one now: its answer lost"
        assert entry.fate == "unknown"

    def test_lost_for_good(self, tmp_path):
        error, _, entry, _ = self.sent(tmp_path, Unknown("away"))
        assert isinstance(error, RunStopped)
        assert error.certain is False
        assert str(error) == "its answer lost; and reading back does not tell"
        assert entry.fate == "unknown"

    def test_the_date_of_the_read_goes_with_it(self, tmp_path):
        _, writer, _, _ = self.sent(tmp_path, {"a": 1}, before={"a": 0, "_last_modified": "17"})
        assert writer.sent[0].sent == {"a": 1, "_last_modified": "17"}


BARE = [
    {},
    {"status": "ok"},
    {"uuid": "s2", "name": "g", "a": 1},
    {"uuid": "s1", "name": "g"},
    {"uuid": ["s1"], "name": "g", "a": 1},
    {"uuid": "s1", "url": "https://c/api/vrfcontext/s1", "name": "g", "a": 1},
    {"count": 1, "results": [{"uuid": "s1", "name": "g", "a": 1}]},
]
"""Answers to an accepted write that are not the object, or not all of it."""


class Answering(Fake):
    """A gateway whose one write meets this; what was sent is kept."""

    def __init__(self, answer):
        super().__init__({})
        self.answer = answer
        self.sent = []

    def write(self, method, path, body=None, *, tenant=None):
        self.sent.append((method, path, body, tenant))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class TestAnswers:
    """What an answer that was heard comes to: in the journal, in the report, and for the run."""

    def sent(self, folder, answer, request=CHANGED, body=None, before=None):
        gateway = Answering(answer)
        writer = Writer(gateway, Journal.begin(folder, "iberia", "c", "d"), lambda _seconds: None)
        try:
            came = writer.send(KEY, request, {"a": 1} if body is None else body, before)
        except (RunStopped, NotApplied, ObjectChanged) as error:
            came = error
        (entry,) = load(writer.journal.path).entries
        (written,) = writer.sent
        assert (entry.fate, entry.after, entry.text) == (written.fate, written.after, written.text)
        assert (entry.key, entry.before, entry.sent) == (written.key, written.before, written.sent)
        assert written.request is request
        return came, entry, gateway

    def test_it_was_applied(self, tmp_path):
        request = replace(CHANGED, tenant="team")
        before = {"a": 0, "password": "hush", "_last_modified": "5"}
        body = {"a": 1, "password": "mine"}
        came, entry, gateway = self.sent(
            tmp_path, {"uuid": "s1", "a": 1, "secret_key": "k"}, request, body, before
        )
        assert gateway.sent == [("PUT", "serviceenginegroup/s1", body | {"_last_modified": "5"}, "team")]
        assert came == entry.after == {"uuid": "s1", "a": 1, "secret_key": "<sensitive>"}
        assert (entry.key, entry.fate, entry.text) == (KEY, "done", "")
        assert entry.before == {"a": 0, "password": "<sensitive>", "_last_modified": "5"}
        assert entry.sent == {"a": 1, "password": "<sensitive>", "_last_modified": "5"}

    @pytest.mark.parametrize("answer", [None, {}])
    def test_an_answer_without_a_body(self, tmp_path, answer):
        came, entry, _ = self.sent(
            tmp_path, answer, Request("DELETE", "serviceenginegroup", "s1", "g", {}), {}
        )
        assert came == entry.after == {}
        assert entry.fate == "done"

    @pytest.mark.parametrize(
        ("answer", "kind", "fate", "said"),
        [
            (Conflict("412"), ObjectChanged, "conflict", "somebody else wrote it at the same moment: 412"),
            (Refused(403, "no"), RunStopped, "refused", "the Controller refused: "),
            (Unknown("refused"), RunStopped, "unsent", "it could not be sent: refused"),
        ],
    )
    def test_it_was_not(self, tmp_path, answer, kind, fate, said):
        came, entry, _ = self.sent(tmp_path, answer, before={"a": 0})
        assert type(came) is kind
        assert str(came).startswith(said)
        assert getattr(came, "certain", True) is True, "nothing was applied"
        assert (entry.fate, entry.after, entry.text) == (fate, None, str(answer))
        assert entry.before == {"a": 0}

    @pytest.mark.parametrize(
        "another",
        [
            {"name": "g", "a": 1},
            {"uuid": "s2", "name": "g", "a": 1},
            {"uuid": ["s1"], "name": "g", "a": 1},
            {"uuid": "s1", "name": "g", "a": 1, "url": "https://c/api/serviceenginegroup/s2#g"},
            {"uuid": "s1", "name": "g", "a": 1, "url": "https://c/api/network/s1#g"},
        ],
    )
    def test_an_answer_with_another_object_is_no_answer(self, tmp_path, another):
        """Though it shows what was asked for: the object that was written is read back, and is as it was."""
        gateway, now = Answering(another), {"uuid": "s1", "name": "g", "a": 0}
        gateway.found = [now]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        assert writer.send(KEY, CHANGED, {"a": 1}, now | {"_last_modified": "5"}) == now
        entry = load(writer.journal.path).entries[0]
        assert (entry.fate, entry.after) == ("unknown", now)

    @pytest.mark.parametrize("another", [row("west"), row(tenant="blue"), row(name="h")])
    def test_a_new_object_of_another_place_or_name_is_no_answer(self, tmp_path, another):
        gateway = Answering(another | {"a": 1})
        gateway.found = [[]]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        with suppress(NotApplied):
            writer.send(KEY, MADE, MADE.body, None)
        entry = load(writer.journal.path).entries[0]
        assert (entry.fate, entry.after) == ("lost", None)

    @pytest.mark.parametrize(
        ("now", "kind"),
        [(NotFound("404"), ObjectChanged), ({"a": 0}, RunStopped), (Unknown("away"), RunStopped)],
    )
    def test_404_is_of_the_object_only_where_it_is_not_there(self, tmp_path, now, kind):
        """A Controller also answers 404 for an object that the body refers to."""
        gateway = Answering(Refused(404, "object not found"))
        gateway.found = [now]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        with pytest.raises(kind) as raised:
            writer.send(KEY, CHANGED, {"a": 1}, {"a": 0})
        assert getattr(raised.value, "gone", False) is (kind is ObjectChanged)
        assert load(writer.journal.path).entries[0].fate == "refused"

    @pytest.mark.parametrize("status", [403, 404])
    def test_what_was_gone_before_it_was_deleted_is_not_ours(self, tmp_path, status):
        gateway = Answering(Refused(status, "no"))
        gateway.found = [NotFound("404")]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        with suppress(ObjectChanged):
            writer.send(KEY, replace(CHANGED, method="DELETE", body={}), {}, {"uuid": "s1", "name": "g"})
        assert load(writer.journal.path).entries[0].fate == "refused"

    @pytest.mark.parametrize(
        ("status", "now", "fate", "outcome"),
        [
            (401, {"uuid": "s1", "name": "g", "a": 1}, "refused", ObjectChanged),
            (403, {"uuid": "s1", "name": "g", "a": 1}, "refused", ObjectChanged),
            (403, {"uuid": "s1", "name": "g", "a": 0}, "refused", RunStopped),
            (403, {"uuid": "s1", "name": "g", "a": 2}, "refused", RunStopped),
            (403, Unknown("away"), "refused", RunStopped),
            (419, Unknown("away"), "unknown", RunStopped),
        ],
    )
    def test_one_that_was_refused_is_not_ours(self, tmp_path, status, now, fate, outcome):
        """A proxy may say so of what was applied, or another has written the same: where it shows, that is kept."""
        gateway = Answering(Refused(status, "no"))
        gateway.found = [now]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        with pytest.raises(outcome) as raised:
            writer.send(KEY, CHANGED, {"a": 1}, {"uuid": "s1", "name": "g", "a": 0})
        shown = outcome is ObjectChanged
        assert raised.value.as_asked if shown else raised.value.certain is (fate == "refused")
        entry = load(writer.journal.path).entries[0]
        assert (entry.fate, entry.after) == (fate, now if shown else None)
        assert ("nobody knows by whom" in entry.text) is shown

    @pytest.mark.parametrize("status", [400, 403, 409])
    def test_a_name_that_was_taken_at_the_same_moment_is_not_ours(self, tmp_path, status):
        """Nor is it known to be another's: something on the way may have sent it twice. What was seen is kept."""
        gateway = Answering(Refused(status, "exists"))
        gateway.found = [[row(a=1)]]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        with pytest.raises(ObjectChanged):
            writer.send(KEY, MADE, MADE.body, None)
        entry = load(writer.journal.path).entries[0]
        assert (entry.fate, entry.after) == ("refused", row(a=1))
        assert "nobody knows by whom" in entry.text

    @pytest.mark.parametrize(
        ("now", "fate", "outcome"),
        [
            ({"uuid": "s1", "name": "g", "a": 1}, "done", dict),
            ({"uuid": "s1", "name": "g", "a": 2}, "unknown", ObjectChanged),
            ({"uuid": "s1", "name": "g", "a": 0}, "unknown", dict),
            (Unknown("away"), "unknown", RunStopped),
        ],
    )
    def test_a_put_without_a_precondition_is_read_back(self, tmp_path, now, fate, outcome):
        """Where an object shows no `_last_modified`, nothing keeps a stale write out."""
        gateway = Answering({"uuid": "s1", "name": "g", "a": 1})
        gateway.found = [now]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        try:
            came = writer.send(KEY, CHANGED, {"a": 1}, {"uuid": "s1", "name": "g", "a": 0})
        except (RunStopped, ObjectChanged) as error:
            came = error
        assert isinstance(came, outcome)
        (written,) = writer.sent
        assert (written.fate, written.unconditional) == (fate, True)
        assert written.text.startswith(
            "it shows no _last_modified, so that it was put without a precondition"
        )
        assert f"read back: {'done' if fate == 'done' else ''}" in written.text

    @pytest.mark.parametrize(("now", "fate"), [(0, "unknown"), (7, "done")])
    def test_an_answer_with_the_object_as_it_was_does_not_prove_a_write(self, tmp_path, now, fate):
        """As from a cache on the way; one with what the Controller has made of it does, as where it bounds a number."""
        shown = {"uuid": "s1", "name": "g", "a": now, "_last_modified": "5"}
        gateway = Answering(shown)
        gateway.found = [shown]
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"), lambda _seconds: None)
        writer.send(KEY, CHANGED, {"a": 9}, {"uuid": "s1", "name": "g", "a": 0, "_last_modified": "5"})
        assert load(writer.journal.path).entries[0].fate == fate

    @pytest.mark.parametrize(
        ("method", "before", "dated"),
        [
            ("PUT", {"_last_modified": "17"}, {"_last_modified": "17"}),
            ("PUT", {"a": 0}, {}),
            ("PUT", None, {}),
            ("PATCH", {"_last_modified": "17"}, {}),
            ("POST", {"_last_modified": "17"}, {}),
        ],
    )
    def test_only_a_put_carries_the_date_of_what_it_replaces(self, tmp_path, method, before, dated):
        body = {"a": 1}
        _, _, gateway = self.sent(tmp_path, {}, replace(CHANGED, method=method), body, before)
        assert gateway.sent[0][2] == {"a": 1, **dated}
        assert body == {"a": 1}, "the plan's own body is not written on"

    def test_no_journal_no_write(self, tmp_path, monkeypatch):
        def full(*_line):
            raise NoJournal("cannot be written: No space left on device")

        gateway = Answering({})
        writer = Writer(gateway, Journal.begin(tmp_path, "iberia", "c", "d"))
        monkeypatch.setattr(writer.journal, "write", full)
        with pytest.raises(
            RunStopped, match=r"the journal cannot be written: .*; without it nothing is sent"
        ) as halt:
            writer.send(KEY, CHANGED, {}, None)
        assert halt.value.certain
        assert gateway.sent == writer.sent == []

    def test_a_write_without_its_second_line_is_not_certain(self, tmp_path, monkeypatch):
        def full(*_line, **_options):
            raise NoJournal("cannot be written: No space left on device")

        writer = Writer(Answering({}), Journal.begin(tmp_path, "iberia", "c", "d"))
        monkeypatch.setattr(writer.journal, "answer", full)
        with pytest.raises(
            RunStopped, match=r"it was sent \(done\), but the journal cannot be written"
        ) as halt:
            writer.send(KEY, CHANGED, {}, None)
        assert halt.value.certain is False
        assert [one.fate for one in writer.sent] == ["done"], "the report has it nonetheless"


def test_an_accepted_write_is_looked_for_as_long_as_a_lost_one(tmp_path):
    naps = []
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    writer = Writer(Fake({"a": 0}, {"a": 1}), journal, naps.append)
    assert writer.shows(CHANGED, {"a": 0})[0] == "done"
    assert naps == [*PAUSES[:2]]
    assert Writer(Fake({"a": 0}), journal, naps.append).shows(CHANGED, {"a": 0})[0] == "lost"
