"""Something on the way sends each write twice, or lets it come into force late: nobody knows then who has written."""

import pytest

from live.errors import Conflict, FateUnknown, Refused
from remediate.write.journal import Journal
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests.remediate.applied import Run
from tests.remediate.breaking import picture


def undone(run, folder):
    """(the results, what was written) of an undo over a way that sends nothing twice."""
    vars(run.gateway).pop("write", None)
    run.gateway.log.clear()
    journal = Journal.begin(folder, "iberia", "c", "d")
    writer = Writer(run.gateway, journal, sleep=lambda _seconds: None)
    return undo_run(run.record, writer, run.bench.site()), run.gateway.log


def twice(run):
    """A gateway that sends each write twice, and has the second answer."""
    write = run.gateway.write

    def again(*request, **options):
        write(*request, **options)
        return write(*request, **options)

    run.gateway.write = again


@pytest.mark.parametrize("exact", [False, True], ids=["planned now", "reviewed"])
def test_what_was_sent_twice_is_there_and_nobody_knows_by_whom(tmp_path, exact):
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.kind in ("VRF context", "SE group", "network"))
    twice(run)
    result = dict(run.go(exact=exact))
    assert set(result.values()) == {"already"}, run.said
    assert all("nobody knows by whom" in each.text for each in run.results)
    assert {entry.fate for entry in run.record.entries} == {"refused", "conflict"}
    assert all(entry.after for entry in run.record.entries), "as it was seen"
    assert run.record.end is not None

    there = picture(run.gateway)
    results, sent = undone(run, tmp_path)
    assert sent == [], "nothing of it can be proved to be this run's"
    assert picture(run.gateway) == there
    assert len(results) == len(run.record.entries)
    for each in results:
        assert (each.outcome, "nobody knows by whom" in each.text) == ("kept", True)


def test_what_somebody_has_removed_since_is_no_matter(tmp_path):
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.kind == "VRF context")
    twice(run)
    run.go()
    for entry in run.record.entries:
        run.gateway.send("DELETE", f"vrfcontext/{entry.uuid}")
    assert undone(run, tmp_path) == ([], [])


@pytest.mark.parametrize(
    ("fate", "error"), [("refused", Refused(409, "exists")), ("conflict", Conflict("late"))]
)
def test_another_object_of_the_name_is_not_taken_for_it(tmp_path, fate, error):
    """What was there before, or was made by somebody otherwise, is not as this run was to make it."""
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.name == "DNS-SE-Group")
    write = run.gateway.write

    def taken(method, path, body, **options):
        write(method, path, {**body, "buffer_se": 7}, **options)
        raise error

    run.gateway.write = taken
    run.go()
    assert [(entry.fate, entry.after) for entry in run.record.entries[:1]] == [(fate, None)]
    assert undone(run, tmp_path) == ([], [])


@pytest.mark.parametrize("late", [True, False], ids=["later in force", "never"])
def test_a_write_that_comes_into_force_after_its_run(tmp_path, late):
    """Its answer was lost, and nothing was to be seen of it as long as the run has looked."""
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.kind == "VRF context")
    write, held = run.gateway.write, []

    def hold(*request, **options):
        held.append((request, options))
        raise FateUnknown("its answer was lost")

    run.gateway.write = hold
    assert dict(run.go())["VRF context VRF_AZ1"] == "refused"
    assert {entry.fate for entry in run.record.entries} == {"lost"}
    for request, options in held[:1] if late else ():
        write(*request, **options)
    results, sent = undone(run, tmp_path)
    assert sent == []
    assert [(each.entry.key.name, each.outcome) for each in results] == (
        [("VRF_AZ1", "kept")] if late else []
    )
    assert all("its answer was lost" in each.text and "nobody knows by whom" in each.text for each in results)


def test_one_that_was_sent_anew_and_done_is_undone_as_ever(tmp_path):
    """The first one was lost; the second tells of the same object, and is this run's."""
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.kind == "VRF context")
    before, lost = picture(run.gateway), []

    def lose(method, path, body):
        if not lost:
            lost.append(path)
            raise FateUnknown("its answer was lost")

    run.gateway.before_write = lose
    run.go()
    assert [entry.fate for entry in run.record.entries] == ["lost", "done", "done"]
    results, _ = undone(run, tmp_path)
    assert [each.outcome for each in results] == ["undone", "undone"]
    assert picture(run.gateway) == before


def test_a_second_one_refused_after_a_first_one_lost_is_told_once(tmp_path):
    run = Run(tmp_path, "fresh", only=lambda drift: drift.key.name == "VRF_AZ1")
    write, held = run.gateway.write, []

    def late(*request, **options):
        if not held:
            held.append((request, options))
            raise FateUnknown("its answer was lost")
        write(*held[0][0], **held[0][1])
        return write(*request, **options)

    run.gateway.write = late
    run.go()
    assert [entry.fate for entry in run.record.entries] == ["lost", "refused"]
    results, sent = undone(run, tmp_path)
    assert ([(each.entry.number, each.outcome) for each in results], sent) == ([(2, "kept")], [])


def test_what_another_run_appends_at_the_same_moment_is_looked_at_again(tmp_path):
    """A PATCH has no precondition, so that a Controller that appends both lists it twice."""
    run = Run(tmp_path, "fresh")
    write, member = run.gateway.write, "dns_virtualservice_refs"

    def doubled(method, path, body=None, **options):
        answer = write(method, path, body, **options)
        return answer | {member: answer[member] * 2} if path == "systemconfiguration" else answer

    run.gateway.write = doubled
    run.go()
    assert run.of("system configuration system").text == "somebody else has put it right meanwhile"
