"""Several at once on one site: two remediations, a check beside a remediation, a person in between, an upgrade.

What shares a folder of journals is kept apart by the lock (`test_usage.py`); two people at two machines are not, and
nor is a check. Here every request of one may be followed by any of the other, in an order that a seed repeats.
"""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest

from intent import Unknown
from live.avi.snapshot import Live
from live.errors import FateUnknown, Refused
from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.uncertain import resolve_uncertain
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import APIS, Bench, InProcess, environment

pytestmark = lengths.WHOLE_SITE


class Turns:
    """Threads that run one at a time; who goes on at each step is drawn by lot."""

    def __init__(self, seed, names):
        self.lots = random.Random(seed)
        self.going = list(names)
        self.turn = names[0]
        self.changed = threading.Condition()

    def step(self, me):
        """Let the lot decide, and wait until it falls on me again."""
        with self.changed:
            self.turn = self.lots.choice(self.going)
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.turn == me, 60)

    def first(self, me):
        with self.changed:
            assert self.changed.wait_for(lambda: self.turn == me, 60)

    def leave(self, me):
        with self.changed:
            self.going.remove(me)
            if self.going:
                self.turn = self.lots.choice(self.going)
            self.changed.notify_all()


class Taking(InProcess):
    """A gateway that lets others have their turn before each of its requests."""

    def __init__(self, lab, turns, me):
        self.take = lambda: None
        super().__init__(lab)
        self.take = lambda: turns.step(me)

    def send(self, *given, **options):
        self.take()
        return super().send(*given, **options)


def together(seed, works):
    """Run these at once, by turns; what each came to, or raises what one of them raised."""
    turns, found = Turns(seed, list(works)), {}

    def run(name):
        turns.first(name)
        try:
            found[name] = works[name](turns, name)
        except BaseException as error:  # noqa: BLE001 -- told in the thread that waits
            found[name] = error
        finally:
            turns.leave(name)

    threads = [threading.Thread(target=run, args=(name,)) for name in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for one in found.values():
        if isinstance(one, BaseException):
            raise one
    return found


class Somebody:
    """One who remediates: a bench of their own over the common lab, and a journal."""

    def __init__(self, lab, folder, gateway):
        self.bench = Bench.__new__(Bench)
        self.bench.lab, self.bench.gateway = lab, gateway
        self.bench.environment = environment()
        self.gateway, self.folder = gateway, folder

    def remediate(self):
        site = self.bench.site()
        plan = build(site, self.bench.drifts(site.live))
        journal = Journal.begin(self.folder, "iberia", "c", "d")
        results = Applier(Writer(self.gateway, journal, sleep=lambda _s: None), site).apply(plan)
        journal.end("done")
        return results, load(journal.path)


@lengths.sampled(3)
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("state", ["fresh", "drifted"])
def test_two_remediations_at_once(tmp_path, state, seed):
    bench = Bench(state)

    def works(turns, name):
        return Somebody(bench.lab, tmp_path / name, Taking(bench.lab, turns, name)).remediate()

    found = together(seed, {"one": works, "other": works})
    names = Counter(
        (api, row["name"]) for api in ("serviceenginegroup", "vrfcontext", "ipamdnsproviderprofile", "virtualservice")
        for row in bench.gateway.read(api, {"page_size": "200"})["results"]
    )  # fmt: skip
    assert set(names.values()) == {1} or state == "drifted", "nothing is made twice"
    for results, record in found.values():
        assert record.uncertain == []
        assert {result.status for result in results} <= {"done", "already", "refused", "moved", "skipped"}
        for result in results:
            assert result.status in ("done", "already") or result.text
    # What both of them left is put right by whoever comes next, and then nothing is left.
    if bench.drifts():
        Somebody(bench.lab, tmp_path / "next", bench.gateway).remediate()
    assert bench.drifts() == []


@lengths.sampled(2)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_check_beside_a_remediation(tmp_path, seed):
    """Each fact is told as it was before or as it is behind; none that never was."""
    bench = Bench("drifted")
    before = {(drift.key, drift.path) for drift, _ in bench.drifts()}

    def looks(turns, name):
        gateway = Taking(bench.lab, turns, name)

        seen = []
        for _ in range(3):
            live = Live(gateway.snapshot(APIS))
            seen.append({(drift.key, drift.path) for drift, _ in bench.drifts(live)})
        return seen

    def works(turns, name):
        return Somebody(bench.lab, tmp_path / name, Taking(bench.lab, turns, name)).remediate()

    found = together(seed, {"check": looks, "remediation": works})
    assert bench.drifts() == []
    for seen in found["check"]:
        assert seen <= before, seen - before


class Person:
    """Edits the same field again and again, as one who does not know of us."""

    def __init__(self, lab):
        self.hand = Hand(InProcess(lab))
        self.edits = 0
        self.path = f"serviceenginegroup/{self.hand.named('serviceenginegroup', 'S1-AZ2-SE-Group')['uuid']}"

    def edit(self, *_request):
        self.edits += 1
        value = f"mine{self.edits}"
        self.hand.edit(
            "serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(se_name_prefix=value)
        )


@pytest.mark.parametrize("when", ["between read and write", "between write and second look"])
def test_a_person_in_between(tmp_path, when):
    bench = Bench("drifted")
    person = Person(bench.lab)
    hooks = {"between read and write": "before_write", "between write and second look": "after_write"}

    def once(method, path, body):
        if not person.edits and path == person.path:
            person.edit()

    setattr(bench.gateway, hooks[when], once)
    somebody = Somebody(bench.lab, tmp_path, bench.gateway)
    results, record = somebody.remediate()
    assert person.edits == 1
    assert record.uncertain == []
    left = {(drift.key.name, drift.path) for drift, _ in bench.drifts()}
    if when == "between read and write":
        assert [entry.fate for entry in record.entries].count("conflict") == 1
        (mine,) = (result for result in results if result.step.key.name == "S1-AZ2-SE-Group")
        assert mine.status == "moved", "nobody has seen that their value would go"
        assert "what would be written now was not shown: se_name_prefix: mine1 -> s1az2" in mine.text
        assert {name for name, _ in left} == {"S1-AZ2-SE-Group"}
    else:
        assert left <= {("S1-AZ2-SE-Group", "name_prefix")}, "the second look tells what the person did"
    results, record = somebody.remediate()
    assert {result.status for result in results} <= {"done"}
    assert bench.drifts() == []


def test_a_person_who_does_not_give_way(tmp_path):
    bench = Bench("drifted")
    person = Person(bench.lab)
    bench.gateway.before_write = lambda _method, path, _body: person.edit() if path == person.path else None
    results, record = Somebody(bench.lab, tmp_path, bench.gateway).remediate()
    mine = [result for result in results if result.step.key.name == "S1-AZ2-SE-Group"]
    assert [result.status for result in mine] == ["moved"]
    assert person.edits == 1
    assert record.uncertain == []


@lengths.sampled(3)
@pytest.mark.parametrize("begins_at", [0, 1, 4, 9])
@pytest.mark.parametrize("answers", [True, False])
def test_an_upgrade_begins_in_the_middle(tmp_path, begins_at, answers):
    """From one write on the Controller refuses all of them, or is away altogether, reads too; later it is back."""
    bench = Bench("fresh")
    gateway = bench.gateway
    up = {"": True}
    read = gateway.read

    def upgrade(method, path, _body):
        if gateway.writes >= begins_at:
            up[""] = False
            raise (
                Refused(403, "Upgrade is in progress")
                if answers
                else FateUnknown("the connection was closed")
            )

    def away(path, params=None, **options):
        if not (up[""] or answers):
            raise Unknown("no answer")
        return read(path, params, **options)

    gateway.before_write, gateway.read = upgrade, away
    results, record = Somebody(bench.lab, tmp_path / "first", gateway).remediate()
    stopped = results[[result.status == "done" for result in results].index(False)]
    assert stopped.status == ("refused" if answers else "uncertain")
    assert {result.status for result in results[results.index(stopped) + 1 :]} <= {"skipped"}
    assert [entry.fate for entry in record.entries][:begins_at] == ["done"] * begins_at
    assert [entry.fate for entry in record.entries][begins_at:] == ["refused" if answers else "unknown"]
    # It is back: what is certain is told, then the next run goes on, or this one is undone.
    gateway.before_write, gateway.read = lambda *_request: None, read
    said = resolve_uncertain(record, gateway)
    assert answers or any("it was not applied" in line for line in said)
    undoing = Journal.begin(tmp_path / "undo", "iberia", "c", "d", undoes=record.path.name)
    kept = [one for one in undo_run(record, Writer(gateway, undoing, sleep=lambda _s: None), bench.site())
            if one.outcome == "kept"]  # fmt: skip
    assert not kept or begins_at > 4, [one.text for one in kept]
    Somebody(bench.lab, tmp_path / "next", gateway).remediate()
    assert bench.drifts() == []
