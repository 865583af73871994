"""Which object a request means, and what became of a write whose answer was lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intent import Key, Unknown
from live.errors import Conflict, FateUnknown, NotFound, Refused
from remediate.plan.request import Request
from remediate.write.journal import Journal, NoJournal, load
from remediate.write.writer import (
    PAUSES,
    NotApplied,
    ObjectChanged,
    RunStopped,
    Writer,
    changed_since_plan,
    fate_of,
    read_back,
    read_object,
)

KEY = Key("SE group", "g", "Default-Cloud")
MADE = Request(
    "POST", "serviceenginegroup", "", "g", {"name": "g", "a": 1}, cloud="Default-Cloud", tenant="admin"
)
CHANGED = Request("PUT", "serviceenginegroup", "s1", "g", {"a": 1}, ("a",))


class Fake:
    """A gateway whose reads give these in turn, the last again and again; what is an exception is raised."""

    name = "c"

    def __init__(self, *found, write=None):
        self.found = list(found)
        self.lost = write
        self.asked = []

    def read(self, path, params=None, *, tenant=None):
        self.asked.append((path, params, tenant))
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, Exception):
            raise found
        return {"count": len(found), "results": found} if isinstance(found, list) else found

    def write(self, *_request, **_options):
        raise self.lost


def row(cloud="Default-Cloud", tenant="admin", name="g", **more):
    places = {
        "cloud_ref": f"https://c/api/cloud/cloud-{cloud}#{cloud}",
        "tenant_ref": f"https://c/api/tenant/admin#{tenant}",
    }
    return {"name": name, "uuid": f"u-{cloud}-{tenant}", **places, **more}


class TestCurrent:
    def test_by_its_uuid(self):
        fake = Fake({"uuid": "s1", "password": "hush"})
        assert read_object(fake, CHANGED) == {"uuid": "s1", "password": "<sensitive>"}
        assert fake.asked == [("serviceenginegroup/s1", {"include_name": "true"}, "admin")]
        assert read_object(Fake(NotFound("404")), CHANGED) is None

    def test_a_singleton(self):
        fake = Fake({"uuid": "default"})
        request = Request("PUT", "systemconfiguration", "", "system", {})
        assert read_object(fake, request) == {"uuid": "default"}
        assert fake.asked == [("systemconfiguration", {"include_name": "true"}, "admin")]

    def test_one_to_be_made_is_looked_for_by_its_name(self):
        fake = Fake([row(password="hush")])
        assert read_object(fake, MADE) == row(password="<sensitive>")
        named = {"name": "g", "include_name": "true", "page_size": "200"}
        assert fake.asked == [("serviceenginegroup", named, "admin")]
        read_object(fake, replace(MADE, tenant="team"))
        assert fake.asked[1] == ("serviceenginegroup", named, "team")
        assert read_object(Fake([]), MADE) is None
        assert read_object(Fake([row(name="g2")]), MADE) is None

    @pytest.mark.parametrize(
        "elsewhere",
        [
            row(cloud="Other"),
            row() | {"tenant_ref": "https://c/api/tenant/tenant-9#team"},
            row() | {"tenant_ref": "https://c/api/tenant/tenant-9"},
        ],
    )
    def test_in_its_own_cloud_and_tenant(self, elsewhere):
        assert read_object(Fake([elsewhere]), MADE) is None
        assert read_object(Fake([elsewhere, row()]), MADE) == row()

    @pytest.mark.parametrize(
        "here",
        [
            row(),
            row() | {"cloud_ref": "https://c/api/cloud/Default-Cloud"},
            {"name": "g", "uuid": "u"},
            {"name": "g", "uuid": "u", "cloud_ref": "", "tenant_ref": "https://c/api/tenant/admin"},
        ],
    )
    def test_however_it_says_where_it_is(self, here):
        assert read_object(Fake([here]), MADE) == here

    @pytest.mark.parametrize("answer", [{}, {"count": 0}, {"results": None}, {"results": ["g"]}])
    def test_what_is_no_list_does_not_mean_that_it_is_not_there(self, answer):
        with pytest.raises(Unknown, match="serviceenginegroup answered with no list of objects"):
            read_object(Fake(answer), MADE)

    def test_several(self):
        with pytest.raises(ObjectChanged, match="there are 2 objects of the name g"):
            read_object(Fake([row(), row()]), MADE)

    def test_one_that_is_in_no_cloud(self):
        profile = Request("POST", "ipamdnsproviderprofile", "", "g", {"name": "g"})
        assert read_object(Fake([row(cloud="any")]), profile) == row(cloud="any")


class TestJudged:
    @pytest.mark.parametrize(
        ("request_", "before", "now", "fate"),
        [
            (CHANGED, {"a": 0, "b": 1}, {"a": 1, "b": 1}, "done"),
            (CHANGED, {"a": 0, "b": 1}, {"a": 0, "b": 1, "_last_modified": "7"}, "lost"),
            (CHANGED, {"a": 0, "b": 1}, {"a": 2, "b": 1}, "conflict"),
            (CHANGED, {"a": 0}, None, "conflict"),
            (MADE, None, None, "lost"),
            (MADE, None, {"name": "g", "a": 1, "uuid": "x"}, "done"),
            (MADE, None, {"name": "g", "a": 2}, "conflict"),
            (Request("DELETE", "serviceenginegroup", "s1", "g", {}), {"a": 0}, None, "done"),
            (Request("DELETE", "serviceenginegroup", "s1", "g", {}), {"a": 0}, {"a": 5}, "lost"),
        ],
    )
    def test_from_before_and_now(self, request_, before, now, fate):
        assert fate_of(request_, request_.body, before, now) == fate

    def test_moved(self):
        seen = Request("PUT", "serviceenginegroup", "s1", "g", {}, read={"a": 0, "_last_modified": "1"})
        assert changed_since_plan(seen, {"a": 0, "_last_modified": "2"}) == ""
        assert changed_since_plan(seen, {"a": 5}) == "changed since the plan was made: a: 0 -> 5"
        assert changed_since_plan(seen, {"a": 5, "b": 1}).endswith(": a: 0 -> 5; b: (absent) -> 1")
        older = Request("PUT", "vsvip", "v", "v", {}, read={"a": 0, "vs_refs": ["/api/virtualservice/1"]})
        assert changed_since_plan(older, {"a": 0, "vs_refs": []}) == "", (
            "an older plan may have what is the server's"
        )
        assert changed_since_plan(seen, None) == "it is not there any more"
        assert changed_since_plan(MADE, None) == ""
        assert changed_since_plan(MADE, {"a": 0}) == "it is there already"


class TestReadBack:
    def back(self, *found):
        naps = []
        fake = Fake(*found)
        return (*read_back(fake, CHANGED, {"a": 1}, {"a": 0}, naps.append), naps, len(fake.asked))

    def test_it_shows_what_was_asked(self):
        assert self.back({"a": 1}) == ("done", {"a": 1}, [PAUSES[0]], 1)

    def test_it_is_as_it_was_twice(self):
        assert self.back({"a": 0}) == ("lost", {"a": 0}, [*PAUSES[:2]], 2)

    def test_a_stale_read_is_not_believed_at_once(self):
        assert self.back({"a": 0}, {"a": 1}) == ("done", {"a": 1}, [*PAUSES[:2]], 2)

    def test_it_is_neither(self):
        assert self.back({"a": 7}) == ("conflict", {"a": 7}, [PAUSES[0]], 1)

    def test_reads_that_fail_are_passed_over(self):
        assert self.back(Unknown("away"), Unknown("away"), {"a": 1}) == ("done", {"a": 1}, [*PAUSES[:3]], 3)
        assert self.back(Unknown("away"), {"a": 0}, Unknown("away"), {"a": 0}) == (
            "lost",
            {"a": 0},
            [*PAUSES[:4]],
            4,
        )

    def test_no_read_comes_through(self):
        assert self.back(Unknown("away")) == ("unknown", None, [*PAUSES], len(PAUSES))

    def test_a_patch_is_not_called_lost_while_there_is_patience(self):
        """It carries no date: sent again, it would be applied to whatever is there by then."""
        patch = Request("PATCH", "serviceenginegroup", "s1", "g", {"replace": {"a": 1}})
        fake = Fake(*[{"a": 0}] * (len(PAUSES) - 1), {"a": 1})
        assert read_back(fake, patch, patch.body, {"a": 0}, lambda _s: None)[0] == "done"
        assert len(fake.asked) == len(PAUSES)

    @pytest.mark.parametrize(("seen", "fate"), [(2, "lost"), (1, "unknown"), (0, "unknown")])
    def test_a_patch_that_is_seen_too_seldom(self, seen, fate):
        patch = Request("PATCH", "serviceenginegroup", "s1", "g", {"replace": {"a": 1}})
        fake = Fake(*[{"a": 0}] * seen, Unknown("away"))
        assert read_back(fake, patch, patch.body, {"a": 0}, lambda _s: None) == (fate, None)

    def test_there_are_several_now(self):
        fake = Fake([row(), row()])
        assert read_back(fake, MADE, MADE.body, None, lambda _s: None) == ("conflict", None)


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
        after, writer, entry, naps = self.sent(tmp_path, {"a": 1, "uuid": "s1"})
        assert after == {"a": 1, "uuid": "s1"} == entry.after == writer.sent[0].after
        assert (entry.fate, entry.text) == ("done", "its answer lost; read back: done")
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
        def full(*_line):
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
    assert writer.shows(CHANGED, {"a": 0}) == "done"
    assert naps == [*PAUSES[:2]]
    assert Writer(Fake({"a": 0}), journal, naps.append).shows(CHANGED, {"a": 0}) == "lost"
