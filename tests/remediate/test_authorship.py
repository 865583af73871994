"""Whose an object is that is as a run was to make it, where the run has heard no answer, or a refusal."""

import json

import pytest

from intent import Unknown
from live.errors import FateUnknown, Refused
from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.uncertain import resolve_uncertain
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.live.people import Person
from tests.remediate import forged
from tests.remediate.breaking import picture
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

VRF, GROUP = "VRF_AZ1", "S1-AZ2-SE-Group"
CREATED = ("fresh", "POST", lambda drift: drift.key.name == VRF)
CHANGED = ("drifted", "PUT", lambda drift: drift.key.name == GROUP and drift.path == "buffer")


class Race:
    """A run of one write, whose answer is `error`, and somebody who may have written the very same at that moment."""

    def __init__(self, folder, kind, error, *, by="us", log=True):
        state, self.method, only = kind
        self.folder = folder
        self.bench = Bench(state)
        self.gateway = self.bench.gateway
        self.ann = Person(self.bench.lab, "ann", "10.0.0.7")
        self.before = picture(self.gateway)
        write = self.gateway.write

        def lost(method, path, body=None, *, tenant=None):
            if by == "ann":
                self.ann(method, path, body)
            elif by == "another run":
                self.gateway.client, ours = "avi-compliance/2", self.gateway.client
                write(method, path, body, tenant=tenant)
                self.gateway.client = ours
            elif by == "us":
                write(method, path, body, tenant=tenant)
            raise error

        self.gateway.write = lost
        site = self.bench.site()
        plan = build(site, [one for one in self.bench.drifts(site.live) if only(one[0])])
        journal = self._journal()
        self.results = Applier(Writer(self.gateway, journal, lambda _s: None), site).apply(plan)
        journal.end("done")
        self.path = journal.path
        self.gateway.write = write
        if not log:
            self.bench.lab.site.events.clear()

    def _journal(self):
        return Journal.begin(self.folder, "iberia", "c", "d", **self.gateway.known_as)

    def undo(self):
        self.gateway.log.clear()
        writer = Writer(self.gateway, self._journal(), lambda _s: None)
        record = load(self.path)
        resolve_uncertain(record, self.gateway)
        (result,) = undo_run(record, writer, self.bench.site())
        return result.outcome, result.text


LOST = FateUnknown("its answer was lost")
DENIED = FateUnknown("it was answered with HTTP 401", denied=True)


@pytest.mark.parametrize("error", [LOST, DENIED], ids=["lost", "401"])
@pytest.mark.parametrize("kind", [CREATED, CHANGED], ids=["made", "changed"])
class TestNoAnswer:
    def test_the_log_says_that_it_is_ours(self, tmp_path, kind, error):
        race = Race(tmp_path, kind, error)
        assert [each.status for each in race.results] == ["done"]
        assert race.undo() == ("undone", "")
        assert picture(race.gateway) == race.before

    def test_the_log_says_that_it_is_anothers(self, tmp_path, kind, error):
        race = Race(tmp_path, kind, error, by="ann")
        there = picture(race.gateway)
        outcome, text = race.undo()
        assert (outcome, "by the Controller's log ann has made it so" in text) == ("kept", True), text
        assert (race.gateway.log, picture(race.gateway)) == ([], there)

    def test_the_log_does_not_tell(self, tmp_path, kind, error):
        race = Race(tmp_path, kind, error, log=False)
        outcome, text = race.undo()
        assert (outcome, "nobody knows" in text, "take it back by hand" in text) == ("kept", True, True), text
        assert race.gateway.log == []

    def test_the_log_cannot_be_read(self, tmp_path, kind, error):
        race = Race(tmp_path, kind, error)
        ask = race.gateway.read

        def read(path, *request, **options):
            if path == "analytics/logs":
                raise Unknown("analytics/logs may not be read")
            return ask(path, *request, **options)

        race.gateway.read = read
        outcome, text = race.undo()
        assert (outcome, "analytics/logs may not be read" in text) == ("kept", True), text

    def test_a_killed_run_is_asked_for_in_the_same_way(self, tmp_path, kind, error):
        for by, outcome in (("us", "undone"), ("ann", "kept")):
            race = Race(tmp_path, kind, error, by=by)
            forged.unheard(race.path, 1)
            assert race.undo()[0] == outcome


def test_another_run_of_the_same_account_is_another(tmp_path):
    race = Race(tmp_path, CREATED, LOST, by="another run")
    outcome, text = race.undo()
    assert (outcome, "in another run" in text) == ("kept", True), text


def events_of(race, name):
    return [each for each in race.bench.lab.site.events if each.get("obj_name") == name]


def test_who_made_it_is_unknown_where_the_log_names_no_client(tmp_path):
    race = Race(tmp_path, CREATED, LOST, by="another run")
    for event in events_of(race, VRF):
        event["event_details"]["config_create_details"].pop("user_agent", None)
    there = picture(race.gateway)
    outcome, text = race.undo()
    assert (outcome, "nobody knows" in text) == ("kept", True), text
    assert (race.gateway.log, picture(race.gateway)) == ([], there)


def test_an_earlier_change_that_somebody_has_taken_back_since_is_not_this_one(tmp_path):
    """Ours of before was reverted; now another has written it again, and that does not stand in the log (yet)."""
    race = Race(tmp_path, CHANGED, LOST)
    (row,) = race.ann.list("serviceenginegroup", name=GROUP)
    ours, (entry,) = row["buffer_se"], load(race.path).entries
    race.ann.set("serviceenginegroup", GROUP, buffer_se=entry.before["buffer_se"])
    race.ann.set("serviceenginegroup", GROUP, buffer_se=ours)
    race.bench.lab.site.events.remove(events_of(race, GROUP)[-1])
    there = picture(race.gateway)
    outcome, text = race.undo()
    assert (outcome, "does not tell" in text) == ("kept", True), text
    assert picture(race.gateway) == there


def test_what_somebody_has_changed_beside_it_since_does_not_make_it_his(tmp_path):
    race = Race(tmp_path, CHANGED, LOST)
    race.ann.set("serviceenginegroup", GROUP, description="ann's")
    assert race.undo() == ("undone", "")
    (row,) = race.ann.list("serviceenginegroup", name=GROUP)
    assert row["description"] == "ann's"


def test_one_that_was_accepted_and_answered_with_nothing_is_not_doubted(tmp_path):
    race = Race(tmp_path, CREATED, LOST, log=False)
    lines = [json.loads(line) for line in race.path.read_text().splitlines()]
    forged.write(race.path, [{k: v for k, v in line.items() if k != "heard"} for line in lines])
    assert race.undo()[0] == "undone"


@pytest.mark.parametrize("status", [400, 403, 404, 409])
@pytest.mark.parametrize("kind", [CREATED, CHANGED], ids=["made", "changed"])
@pytest.mark.parametrize("by", ["us", "ann"])
def test_a_write_that_was_refused_is_never_ours(tmp_path, kind, status, by):
    race = Race(tmp_path, kind, Refused(status, "no"), by=by)
    assert [each.status for each in race.results] == ["already"]
    assert "nobody knows by whom" in race.results[0].text
    there = picture(race.gateway)
    outcome, text = race.undo()
    assert (outcome, "nobody knows by whom" in text) == ("kept", True), text
    assert picture(race.gateway) == there
