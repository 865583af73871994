"""Undo of a run that was killed, or whose answers were lost: what nobody knows of is decided first."""

from dataclasses import replace

import pytest

from live.errors import FateUnknown, Unreachable
from remediate.plan.effect import as_left
from remediate.plan.model import Request
from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.uncertain import resolve_uncertain
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate import forged
from tests.remediate.breaking import picture
from tests.remediate.inprocess import Bench
from tests.remediate.undone import Run, outcomes

pytestmark = lengths.WHOLE_SITE


@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
def test_lost_answers_while_undoing(tmp_path, applied):
    run = Run(tmp_path, "fresh", skip=("DNS service", "system configuration"))
    lost = set()

    def lose(method, path, body):
        if (method, path) not in lost:
            lost.add((method, path))
            raise FateUnknown("the connection broke")

    if applied:
        run.gateway.after_write = lose
    else:
        run.gateway.before_write = lose
    assert outcomes(run.undo()) == {"undone"}
    run.gateway.before_write = run.gateway.after_write = lambda *_: None
    assert picture(run.gateway) == run.before


class Killed(BaseException):
    """The process ends here."""


@lengths.sampled(3)
@pytest.mark.parametrize("before", [True, False], ids=["before it was sent", "after it was applied"])
@pytest.mark.parametrize("at", [0, 3, 12, 13, 14])
def test_killed_at_a_write(tmp_path, at, before):
    """The journal ends with a write whose answer was never heard; the next run decides it, and an undo takes it back."""
    bench = Bench("fresh")
    start = picture(bench.gateway)
    site = bench.site()
    plan = build(site, bench.drifts(site.live))
    journal = Journal.begin(tmp_path, "iberia", "c", plan.digest, **bench.gateway.known_as)
    writes = iter(range(100))

    def die(method, path, body):
        if next(writes) == at:
            raise Killed

    setattr(bench.gateway, "before_write" if before else "after_write", die)
    with pytest.raises(Killed):
        Applier(Writer(bench.gateway, journal), site).apply(plan)
    journal.abandon()
    bench.gateway.before_write = bench.gateway.after_write = lambda *_: None

    record = load(journal.path)
    assert record.end is None
    assert [entry.number for entry in record.uncertain] == [at + 1]
    lines = resolve_uncertain(record, bench.gateway)
    assert f"certain of {at} of its {at + 1} write" in lines[0]
    assert record.entries[-1].fate == ("lost" if before else "done")
    assert ("it was not applied" if before else "it was applied") in lines[1]

    if at < 12:
        writer = Writer(
            bench.gateway, Journal.begin(tmp_path, "iberia", "c", "d"), sleep=lambda _seconds: None
        )
        undone = undo_run(load(journal.path), writer, bench.site())
        assert [one.text for one in undone if one.outcome == "kept"] == []
        assert picture(bench.gateway) == start


def test_what_cannot_be_read_back_stays_uncertain(tmp_path):
    run = Run(tmp_path, "drifted")
    record = load(run.journal)
    record.entries[2] = replace(record.entries[2], fate=None)

    def gone(path, params=None, **_):
        raise Unreachable("nothing answers")

    run.gateway.read = gone
    assert "could not be read back: nothing answers" in resolve_uncertain(record, run.gateway)[1]
    assert record.uncertain


def test_an_uncertain_write_somebody_wrote_over(tmp_path):
    run = Run(tmp_path, "drifted")
    record = load(run.journal)
    place = [one.key.name for one in record.entries].index("S1-AZ2-SE-Group")
    record.entries[place] = replace(record.entries[place], fate=None, after=None)
    run.hand.edit("serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(buffer_se=5))
    assert "somebody else has changed it since" in resolve_uncertain(record, run.gateway)[1]


@pytest.mark.parametrize("applied", [True, False])
def test_a_change_whose_fate_nobody_knows_is_undone_by_what_it_sent(tmp_path, applied):
    """Only the members that it sent are taken for its own; what somebody else wrote meanwhile stays."""
    run = Run(tmp_path, "drifted")
    entry = next(one for one in load(run.journal).entries if one.key.name == "S1-AZ2-SE-Group")
    if applied:
        run.hand.edit(
            "serviceenginegroup", entry.key.name, lambda body: body.update(description="somebody's")
        )
    else:
        was = {member: entry.before[member] for member in entry.request.changed}
        run.hand.edit("serviceenginegroup", entry.key.name, lambda body: body.update(was))
    forged.unheard(run.journal, entry.number)
    outcome, text = run.undo()[str(entry)]
    now = run.hand.named("serviceenginegroup", entry.key.name)
    assert (outcome, text) == (("undone", "") if applied else ("already", "it was never applied"))
    assert {member: now[member] for member in entry.request.changed} == {
        member: entry.before[member] for member in entry.request.changed
    }
    assert now.get("description") == ("somebody's" if applied else entry.before.get("description"))


def test_what_a_person_has_changed_before_it_was_decided_stays(tmp_path):
    """A run was killed at a write that was applied: read back, the object bears what others have done to it since."""
    run = Run(tmp_path, "drifted")
    name = "S1-AZ2-SE-Group"
    entry = next(each for each in load(run.journal).entries if each.key.name == name)
    forged.unheard(run.journal, entry.number)
    run.hand.edit("serviceenginegroup", name, lambda body: body.update(description="somebody's", max_se=3))
    record = load(run.journal)
    assert "it was applied" in resolve_uncertain(record, run.gateway)[1]
    writer = Writer(run.gateway, Journal.begin(tmp_path, "iberia", "c", "d"), sleep=lambda _seconds: None)
    undo_run(record, writer, run.bench.site())
    now = run.hand.named("serviceenginegroup", name)
    assert (now["description"], now["max_se"]) == ("somebody's", 3)
    assert {member: now[member] for member in entry.request.changed} == {
        member: entry.before[member] for member in entry.request.changed
    }


def test_what_a_person_has_written_over_an_unheard_write_stays(tmp_path):
    """Neither as before nor as sent: what others have made of it is theirs, and the rest of what was sent goes back."""
    run = Run(tmp_path, "drifted")
    name = "S1-AZ2-SE-Group"
    entry = next(each for each in load(run.journal).entries if each.key.name == name)
    forged.unheard(run.journal, entry.number)
    run.hand.edit("serviceenginegroup", name, lambda body: body.update(se_name_prefix="person"))
    outcome, text = run.undo()[str(entry)]
    assert (outcome, text) == ("kept", "written by somebody else since, and left: se_name_prefix")
    now = run.hand.named("serviceenginegroup", name)
    assert now["se_name_prefix"] == "person"
    assert now["buffer_se"] == entry.before["buffer_se"]


GROUP = {"uuid": "s1", "name": "g", "hm": [{"a": 1}], "extra": {"x": 1}, "key": "<sensitive>"}


@pytest.mark.parametrize(
    ("body", "changed", "now", "left"),
    [
        # Appended: what another run has appended at the same moment is not this one's.
        ({"add": {"hm": [{"a": 2}]}}, ("hm",), {"hm": [{"a": 1}, {"a": 9}, {"a": 2, "b": 0}]}, {"hm": [{"a": 1}, {"a": 2, "b": 0}]}),
        ({"add": {"extra": {"y": 2}}}, ("extra",), {"extra": {"x": 5, "y": 2, "z": 3}}, {"extra": {"x": 1, "y": 2}}),
        ({"replace": {"hm": []}}, ("hm",), {"hm": []}, {"hm": []}),
        ({"delete": {"extra": {"x": 1}}}, ("extra",), {"extra": {"d": 0}}, {"extra": {"d": 0}}),
        ({"replace": {"n": 7}}, ("n",), {"n": 8, "name": "other"}, {"n": 7}),
    ],
)  # fmt: skip
def test_what_a_patch_has_left(body, changed, now, left):
    request = Request("PATCH", "serviceenginegroup", "s1", "g", body, changed)
    assert as_left(request, GROUP, {**GROUP, **now}) == {**GROUP, **left}
