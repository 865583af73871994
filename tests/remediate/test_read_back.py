"""Which object a request means, and what became of it as reads show it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intent import Unknown
from live.errors import NotFound
from remediate.plan.model import Request
from remediate.write.applier import changed_since_plan
from remediate.write.results import ObjectChanged
from remediate.write.writer import PAUSES, fate_of, read_back, read_object
from tests.remediate.scripted import CHANGED, MADE, Fake, row


class TestCurrent:
    def test_by_its_uuid(self):
        fake = Fake({"uuid": "s1", "password": "hush"})
        assert read_object(fake, CHANGED) == {"uuid": "s1", "password": "<sensitive>"}
        assert fake.asked == [("serviceenginegroup/s1", {"include_name": "true"}, "admin")]
        assert read_object(Fake(NotFound("404")), CHANGED) is None

    @pytest.mark.parametrize(("cloud", "there"), [("cloud-Default-Cloud", True), ("cloud-west", False)])
    def test_its_cloud_is_told_by_its_uuid_where_that_is_known(self, cloud, there):
        body = MADE.body | {"cloud_ref": f"https://c/api/cloud/{cloud}"}
        assert (read_object(Fake([row()]), replace(MADE, body=body)) is not None) == there

    def test_an_answer_with_another_object_is_unknown(self):
        with pytest.raises(Unknown, match="serviceenginegroup/s1 was answered with another object, s2"):
            read_object(Fake({"uuid": "s2", "name": "g"}), CHANGED)

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
