"""What a whole run saw is kept beside the history: for its own kind of run only, whole or not at all, and not for ever."""

import json
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from asked import AUTHOR, Asked

from intent.fingerprint import Fingerprint, FingerprintSource, SeenObject
from intent.notice import Sort, sentence
from intent.scrubber import Scrubber
from reports.formats import drift_json, markdown, page
from reports.history.fingerprints import FOLDER, KEPT, KEPT_IN_ALL, before, keep
from reports.notices import MAX_NOT_SEEN, gather
from reports.notices import keep as keep_of_run
from reports.run import Run
from reports.terminal import summary_lines

SOURCE = FingerprintSource(("cluster-1", "cloud-1"), "30.2.1", "30.2.1", "rights")


def seen(number, **more):
    about = {"cloud": "", "tenant": "admin", "label": f"p{number}", "owner": "", "body": "{}"} | more
    return SeenObject("pool", f"pool-{number}", f"p{number}", **about)


def fingerprint(*objects, source=SOURCE, types=("pool",)):
    return Fingerprint(source, frozenset(types), {each.key: each for each in objects})


def test_what_was_kept_is_what_is_read(tmp_path):
    odd = seen(1, label='\ud800 \x1b[31m\n\t"<b>', body='{"name":"\\ud800"}')
    kept = fingerprint(odd, seen(2), types=("pool", "user"))
    keep(tmp_path, "20261130T000000Z-1", kept)
    assert before(tmp_path, SOURCE) == (kept, "")
    (path,) = (tmp_path / FOLDER).iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"controller": ("cluster-2", "cloud-2")}, "another Controller"),
        ({"version": "30.2.2"}, "version 30.2.1"),
        ({"api_version": "22.1.1"}, "model 30.2.1"),
        ({"rights": "fewer"}, "other rights"),
    ],
)
def test_runs_of_another_kind_are_not_compared(tmp_path, other, why):
    keep(tmp_path, "20261130T000000Z-1", fingerprint(seen(1)))
    found, text = before(tmp_path, replace(SOURCE, **other))
    assert found is None
    assert why in text


def test_a_controller_is_the_same_whatever_clouds_come_and_go(tmp_path):
    keep(tmp_path, "20261130T000000Z-1", fingerprint(seen(1)))
    assert before(tmp_path, replace(SOURCE, controller=("cluster-1", "cloud-7")))[0] is not None


def test_two_users_in_turn_are_each_compared_with_their_own_last_run(tmp_path):
    other = replace(SOURCE, rights="fewer")
    for number in range(6):
        keep(tmp_path, f"2026113{number}T000000Z-a", fingerprint(seen(number)))
        keep(tmp_path, f"2026113{number}T000001Z-b", fingerprint(seen(100 + number), source=other))
    assert list(before(tmp_path, SOURCE)[0].objects) == [("pool", "pool-5")]
    assert list(before(tmp_path, other)[0].objects) == [("pool", "pool-105")]
    assert len(list((tmp_path / FOLDER).iterdir())) == 2 * KEPT


def test_a_version_that_keeps_other_members_of_an_object_calls_nothing_changed(tmp_path):
    """After an upgrade of this program the first run has nothing to compare with, and then two versions in turn do."""
    old, new = (replace(SOURCE, program=name) for name in ("0.1.0 (commit 1)", "0.1.0 (commit 2)"))
    more, fewer = seen(1, body='{"cores":400}'), seen(1)
    run_with(tmp_path, fingerprint(more, source=old))
    run = run_with(tmp_path, fingerprint(fewer, source=new), number=2)
    assert not run.notices
    assert "another version of this program, 0.1.0 (commit 1)" in run.not_compared
    run = run_with(tmp_path, fingerprint(more, seen(2), source=old), number=3)
    assert (run.not_compared, [each.name for each in run.notices]) == ("", ["p2"])
    run = run_with(tmp_path, fingerprint(fewer, source=new), number=4)
    assert (run.not_compared, list(run.notices)) == ("", [])


def test_only_so_many_are_kept_of_all_sources(tmp_path):
    for number in range(30):
        source = replace(SOURCE, rights=str(number))
        keep(tmp_path, f"2026113{number:02}T000000Z-a", fingerprint(seen(number), source=source))
    assert len(list((tmp_path / FOLDER).iterdir())) == KEPT_IN_ALL


def damaged(path, how):
    data = path.read_bytes()
    path.write_bytes(how(data))


DAMAGES = [
    lambda _: b"",
    lambda data: data[:-20],
    lambda data: data[: len(data) // 2],
    lambda data: b"\0" * len(data),
    lambda data: data.replace(b"pool", b"vsvip", 1),
    lambda data: data.partition(b"\n")[0] + b"\n" + os.urandom(100),
    lambda _: b"[" * 100_000 + b"\n",
    lambda _: b'{"version": "x"}\n',
    lambda _: b'{"version": true}\n',
    lambda _: b'{"version": 2}\n',
    lambda _: b"[2]\n",
]


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_one_tells_nothing_and_says_so_in_one_line(tmp_path, how):
    keep(tmp_path, "20261130T000000Z-1", fingerprint(seen(1), seen(2)))
    damaged(next((tmp_path / FOLDER).iterdir()), how)
    found, why = before(tmp_path, SOURCE)
    assert found is None
    assert "damaged" in why
    assert "\n" not in why


OTHER_FORMS = [
    (lambda data: data.replace(b'"version": 2', b'"version": 3', 1), 3),
    (lambda _: b'{"version": 4, "of": "members that are not known yet"}\nand what follows', 4),
    (lambda data: data.replace(b'"version": 2', b'"version": 1', 1), 1),
]


@pytest.mark.parametrize(("how", "form"), OTHER_FORMS)
def test_one_of_another_version_of_this_program_is_not_damaged_and_the_next_run_tells(tmp_path, how, form):
    run_with(tmp_path, fingerprint(seen(1)))
    damaged(next((tmp_path / FOLDER).iterdir()), how)
    run = run_with(tmp_path, fingerprint(seen(1), seen(2)), number=2)
    text = " ".join(line.text.strip() for line in summary_lines(run))
    assert "damaged" not in text
    assert "told from the next whole run on" in text
    assert f"another version of this program, in form {form};" in text
    assert [each.name for each in run_with(tmp_path, fingerprint(seen(2)), number=3).notices] == ["p1"]


def test_two_versions_of_this_program_in_turn_are_each_compared_with_their_own_last_run(tmp_path):
    run_with(tmp_path, fingerprint(seen(1)))
    run_with(tmp_path, fingerprint(seen(2)), number=2)
    damaged(max((tmp_path / FOLDER).iterdir()), OTHER_FORMS[0][0])
    run = run_with(tmp_path, fingerprint(seen(1), seen(3)), number=3)
    assert (run.not_compared, [each.name for each in run.notices]) == ("", ["p3"])


def run_with(folder, fingerprint, *, number=1, complete=True, **asked):
    at = datetime(2026, 11, 30, 0, 0, number, tzinfo=UTC)
    run = Run("demo", folder, Scrubber(), started=at, ended=at, complete=complete)
    keep_of_run(run, gather(Asked(fingerprint=fingerprint, **asked), run, ()))
    return run


def test_the_first_run_says_so_and_the_second_tells(tmp_path):
    first = run_with(tmp_path, fingerprint(seen(1)))
    assert first.notices == []
    for text in (
        "\n".join(line.text for line in summary_lines(first)),
        markdown.render(first),
        page.render(first),
    ):
        assert "(this is the first)" in text.replace("\\", "")
    assert drift_json.document(first)["run"]["not_compared"] == "this is the first"
    second = run_with(tmp_path, fingerprint(seen(1), seen(2)), number=2)
    assert [(notice.sort, notice.name) for notice in second.notices] == [(Sort.ADDED, "p2")]
    assert second.not_compared == ""
    assert run_with(tmp_path, fingerprint(seen(1), seen(2)), number=3).notices == []


def test_a_run_that_is_not_whole_neither_tells_nor_keeps(tmp_path):
    run_with(tmp_path, fingerprint(seen(1)))
    broken = run_with(tmp_path, fingerprint(seen(9)), number=2, complete=False)
    assert broken.notices == []
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    assert run_with(tmp_path, None, number=3).not_compared == ""


def test_a_folder_that_cannot_be_written_or_read_is_a_note(tmp_path):
    (tmp_path / FOLDER).write_text("in the way")
    run = run_with(tmp_path, fingerprint(seen(1)))
    assert run.notices == []
    assert any("is not kept" in note for note in run.notes)


def test_a_link_in_place_of_a_fingerprint_and_a_pipe_are_not_followed(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir()
    os.mkfifo(folder / "20261130T000000Z-1.fingerprint")
    run = run_with(tmp_path, fingerprint(seen(1)), number=2)
    assert run.notices == []
    assert "cannot be read" in run.not_compared


def test_an_upgrade_between_two_runs_makes_no_notices(tmp_path):
    run_with(tmp_path, fingerprint(seen(1), seen(2)))
    newer = replace(SOURCE, version="31.1.1")
    run = run_with(tmp_path, fingerprint(seen(9), source=newer), number=2)
    assert run.notices == []
    assert run.not_compared == "the last whole run found version 30.2.1"
    assert run_with(tmp_path, fingerprint(seen(9), seen(8), source=newer), number=3).notices[0].name == "p8"


def test_many_at_once_leave_whole_files(tmp_path):
    def work(number):
        for turn in range(5):
            keep(tmp_path, f"20261130T0000{turn}{number}Z-a", fingerprint(*map(seen, range(50))))
            found, why = before(tmp_path, SOURCE)
            assert found is not None, why

    problems = []

    def guarded(number):
        try:
            work(number)
        except BaseException as problem:  # noqa: BLE001 -- told below
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def user(role, **more):
    body = {"username": "me", "access": [{"role_ref": role}], **more}
    return SeenObject("user", "user-1", "me", "", "admin", "me", "", json.dumps(body))


def role(**more):
    body = {"name": "reader", **more}
    return SeenObject("role", "a", "reader", "", "admin", "reader", "", json.dumps(body))


KNOWN = (user("a"), role())
BY_LABEL = (user("a"), role(filters=[{"name": "f"}]))
SUPERUSER = (user("none", is_superuser=True),)
UNREAD = "whose roles could not be read"


def second_run(folder, first, now, unlisted=(), missing=1, **asked):
    """A second run that misses pools which the first has seen; `first`, `now`: the users and roles that each saw."""
    types = ("pool", "user", "role")
    pools = map(seen, range(1, missing + 1))
    run_with(folder, replace(fingerprint(*pools, *first, types=types), user="me"))
    there = replace(fingerprint(*now, types={*types} - {*unlisted}), user="me", unlisted=frozenset(unlisted))
    return run_with(folder, there, number=2, **{"author": None} | asked)


def of_pools(run):
    return [each for each in run.notices if each.type == "pool"]


@pytest.mark.parametrize(
    ("first", "now", "unlisted", "why"),
    [
        ((), (), (), UNREAD),
        (KNOWN, (), ("user", "role"), UNREAD),
        (KNOWN, KNOWN[:1], ("role",), UNREAD),
        (KNOWN[:1], KNOWN[:1], (), UNREAD),
        (BY_LABEL, BY_LABEL, (), "to whom a role shows objects by their labels"),
        (KNOWN, (user("b"), role()), (), "whose roles are not what they were"),
        (KNOWN, BY_LABEL, (), "whose roles are not what they were"),
        (SUPERUSER, (user("none"),), (), "whose roles are not what they were"),
    ],
)
def test_what_the_runs_user_may_see_no_more_is_never_called_removed(tmp_path, first, now, unlisted, why):
    run = second_run(tmp_path, first, now, unlisted)
    (notice,) = of_pools(run)
    assert sentence(notice) == f"not seen pool p1: gone, or hidden from me, {why}"
    less = f"the user of this run, me, sees less than before: 1 object of the last whole run not seen, {notice.reason}"
    assert less in run.notes
    assert "note: the user of this run, me, sees less" in " ".join(line.text for line in summary_lines(run))
    for render in (drift_json.render, markdown.render, page.render):
        assert "not seen pool p1" in render(run).replace("</b>", "").replace("<b>", "")


@pytest.mark.parametrize("now", [KNOWN, SUPERUSER])
def test_of_who_sees_all_what_is_gone_is_removed(tmp_path, now):
    run = second_run(tmp_path, now, now)
    assert [each.sort for each in of_pools(run)] == [Sort.REMOVED]
    assert run.notes == []


@pytest.mark.parametrize("now", [(), BY_LABEL])
def test_what_a_log_tells_the_removal_of_is_removed_whatever_the_run_may_see(tmp_path, now):
    run = second_run(tmp_path, now, now, author=AUTHOR)
    assert [(each.sort, each.author, each.reason) for each in of_pools(run)] == [(Sort.REMOVED, AUTHOR, "")]
    assert run.notes == []


def test_of_very_much_that_is_not_seen_any_more_it_is_told_how_much(tmp_path):
    run = second_run(tmp_path, KNOWN, BY_LABEL, missing=MAX_NOT_SEEN + 1)
    (notice,) = of_pools(run)
    assert (notice.name, notice.count, notice.sort) == ("", MAX_NOT_SEEN + 1, Sort.NOT_SEEN)
    text = " ".join(line.text.strip() for line in summary_lines(run))
    assert "more: 21 not seen" in text
    assert "sees less than before: 21 objects of the last whole run not seen" in text


def test_who_sees_less_may_not_pass_a_strict_run(tmp_path):
    """That nothing was removed is unknown, which never passes."""
    assert second_run(tmp_path, BY_LABEL, BY_LABEL, strict=True).strict_notices == 1


def test_types_that_one_of_two_runs_could_not_list_are_named(tmp_path):
    def run(number, *types):
        gone = frozenset({"pool", "vsvip"} - {*types})
        return run_with(tmp_path, replace(fingerprint(types=types), unlisted=gone), number=number)

    run(1, "pool", "vsvip")
    second = run(2, "vsvip")
    text = " ".join(line.text.strip() for line in summary_lines(second))
    assert "told from the next whole run on (this one could not list pool; of the others" in text
    assert run(3, "pool", "vsvip").not_compared == ""


def test_of_types_that_the_last_run_did_not_list_that_is_said_and_of_those_that_none_lists_nothing(tmp_path):
    run_with(tmp_path, replace(fingerprint(), unlisted=frozenset({"vsvip", "user"})))
    run = run_with(
        tmp_path, replace(fingerprint(types=("pool", "vsvip")), unlisted=frozenset({"user"})), number=2
    )
    assert run.not_compared == "the last one did not list vsvip; of the others they are told"


def test_of_very_many_types_some_are_named(tmp_path):
    types = tuple(f"type{number}" for number in range(9))
    run_with(tmp_path, fingerprint(types=types))
    run = run_with(tmp_path, replace(fingerprint(types=()), unlisted=frozenset(types)), number=2)
    assert "this one could not list type0, type1, type2, type3, type4, type5 and 3 more" in run.not_compared
