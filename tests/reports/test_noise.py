"""Few messages: drift that comes and goes, quiet hours, a digest, one line for many changes; and nothing lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from mini_suite import case

from intent.author import Author, Origin
from intent.messages import MessageSettings
from intent.notice import Notice, Sort
from intent.scrubber import Scrubber
from reports.history.record import Recorder
from reports.notify.receivers import receiver
from reports.notify.send import NotSent
from reports.notify.tell import tell
from reports.run import Run

HOOK = receiver("https://chat.example.org/T0KEN")
START = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
QUIET = MessageSettings.model_validate({"quiet_hours": "22:00-07:00", "zone": "UTC"})
DIGEST = MessageSettings.model_validate({"digest": "08:00", "zone": "UTC"})
CHANGED = Notice(Sort.CHANGED, "pool", "shop", "pool-1", "objects", "normal", path="port", was=80, now=81)


@pytest.fixture
def site(tmp_path, monkeypatch):
    return Played(tmp_path, monkeypatch)


class Played:
    """Runs of a site an hour apart, each told to one receiver, which takes what it is sent unless it is `down`."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.hour = 0
        self.down = False
        self.settings = MessageSettings()
        self.sent = []
        self.origins = ()
        monkeypatch.setattr("reports.notify.tell.send_all", self.take)

    def take(self, news):
        if self.down:
            return [NotSent("is down", again=True) for _ in news]
        self.sent += [message.lines for _, message in news]
        return [None for _ in news]

    def run(self, *notices, killed=False, **outcomes):
        """A run with these outcomes by the object's name; what the receiver is sent of it."""
        now = START + timedelta(hours=self.hour)
        self.hour += 1
        run = Run("demo", self.folder, Scrubber(), id=f"r{self.hour}", started=now, ended=now, exit_code=1)
        run.notices = list(notices)
        for name, how in outcomes.items():
            outcome, _, have = how.partition(" ")
            severity = "critical" if name.startswith("C") else "normal"
            more = {"have": have} if have else {}
            result = (
                case(outcome, name, severity=severity, **more)
                if outcome != "passed"
                else case(name=name, severity=severity)
            )
            result = replace(result, origins=self.origins if outcome != "passed" else ())
            run.results.add(
                SimpleNamespace(nodeid=f"t.py::test_vrf[{name}]", when="call", start=0, stop=0, sections=[]),
                result,
            )
        recorder = Recorder(run)
        recorder.begin()
        recorder.finish()
        before = len(self.sent)
        if not killed:
            tell(run, recorder.number, [HOOK], self.settings)
        self.last = run
        return [self.kind(line) for lines in self.sent[before:] for line in lines]

    @staticmethod
    def kind(line):
        kind, _, rest = line.partition(": ")  # the first letter is the object
        return f"{kind.partition(',')[0]} {rest.removeprefix('network ')[:1]}"

    def play(self, name, outcomes):
        return [
            kind
            for letter in outcomes
            for kind in self.run(**{name: {"P": "passed", "D": "drift"}.get(letter, "unknown")})
        ]


def test_what_comes_and_goes_is_told_once_whatever_the_runs_do(site):
    assert site.play("A", "PDPD") == ["new A", "fixed A", "flapping A"]
    assert site.play("A", "PDPDPDPPDDPPDDPDPPDDDDPPPPDD") == []


def test_what_can_be_read_by_turns_is_told_once_too(site):
    unread, again = "could not be read A", "everything can be read again "
    assert [line[:20] for line in site.play("A", "PUPU")] == [unread[:20], again[:20], "what can be read com"]
    assert site.play("A", "PUPUPPUUPPPUPU") == []
    assert site.play("A", "PPPPP") == [again]
    assert site.play("A", "UU") == [unread]


def test_drift_that_comes_and_goes_is_told_once_whatever_cannot_be_read_in_between(site):
    site.play("A", "PDPD")
    lines = site.play("A", "PDPDUPDUUUUPPDDDDUPPPPDUD")
    assert not [line for line in lines if not line.startswith(("could not", "everything", "what can"))]


def test_it_is_told_again_once_it_has_settled(site):
    site.play("A", "PDPD")
    assert site.play("A", "DDD") == []
    assert site.play("A", "D") == ["settled A"]
    assert site.sent[-1] == ["settled: network A: vrf: declared VRF_AZ1, found global"]
    assert site.play("A", "DDP") == ["fixed A"], "from then on it is told as any other"


def test_or_has_settled_as_declared(site):
    site.play("A", "PDPDP")
    assert site.play("A", "PPPP") == ["settled A"]
    assert "as declared" in site.sent[-1][0] or "is in its VRF context" in site.sent[-1][0]
    assert site.play("A", "PPPPPP") == []


def test_one_that_flaps_hides_no_other(site):
    site.play("A", "PDPD")
    assert site.run(A="passed", B="drift") == ["new B"]


def test_a_drift_that_takes_its_time_is_told_each_time(site):
    assert site.play("A", ("P" * 5 + "D" * 5) * 3) == ["new A", "fixed A", "new A", "fixed A", "new A"]


def test_in_quiet_hours_only_what_is_critical_is_told_and_the_rest_when_they_end(site):
    site.settings = QUIET
    assert site.run(A="passed", B="passed", C="passed") == []  # 20:00
    assert site.run(A="drift", B="passed", C="passed") == ["new A"]
    assert site.run(A="drift", B="drift", C="passed") == []  # 22:00
    assert site.last.deferred == ["quiet hours until 07:00 UTC"]
    assert site.run(A="passed", B="drift", C="drift") == ["new C"]
    for _ in range(7):  # 00:00 to 06:00
        assert site.run(A="passed", B="drift", C="drift") == []
    assert site.run(A="passed", B="drift", C="drift") == ["new B", "fixed A"]  # 07:00
    assert site.run(A="passed", B="drift", C="drift") == []


def test_what_came_and_went_meanwhile_is_told_too(site):
    site.settings = QUIET
    site.run(A="passed", C="passed")
    site.hour = 2
    assert site.run(A="drift", C="drift") == ["new C"]
    assert site.run(A="passed", C="passed") == []
    site.hour = 11
    assert site.run(A="passed", C="passed") == ["fixed C", "came and went A"]


def test_a_critical_drift_that_changes_is_told_again_at_night(site):
    site.settings = QUIET
    site.run(C="passed")
    site.hour = 2
    assert site.run(C="drift x") == ["new C"]
    assert site.run(C="drift x") == []
    assert site.run(C="drift y") == ["new C"]
    site.hour = 11
    assert site.run(C="drift y") == []


def test_notices_of_the_night_are_told_in_the_morning_and_critical_ones_at_once(site):
    site.settings = QUIET
    grave = replace(CHANGED, name="grave", severity="critical")
    site.run(A="passed")
    site.hour = 2
    assert site.run(CHANGED, grave, A="passed") == ["critical c"]
    assert site.run(A="passed") == []
    site.hour = 11
    assert site.run(A="passed") == ["normal c"]
    assert site.run(A="passed") == []


@pytest.mark.parametrize("how", ["killed", "down"])
def test_nothing_is_lost_where_a_run_dies_or_a_receiver_is_down(site, how):
    site.settings = QUIET
    site.run(A="passed", C="passed")
    site.hour = 2
    site.down = how == "down"
    assert site.run(CHANGED, A="drift", C="drift", killed=how == "killed") == []
    site.down = False
    assert site.run(A="drift", C="drift") == ["new C"]
    site.hour = 11
    site.down = how == "down"
    assert site.run(A="drift", C="drift", killed=how == "killed") == []
    site.down = False
    assert site.run(A="drift", C="drift") == ["new A", "normal c"]


def test_without_quiet_hours_a_receiver_that_was_down_hears_of_notices_too(site):
    site.run(A="passed")
    site.down = True
    site.run(CHANGED, A="passed")
    site.down = False
    assert site.run(A="passed") == ["normal c"]


def test_a_digest_is_one_message_a_day(site):
    site.settings = DIGEST
    assert site.run(A="drift", B="passed", D="passed") == ["new A"]  # who knows nothing is told at once
    for hour in range(11):
        how = "drift" if hour % 2 else "passed"
        assert site.run(A="drift", B="drift", D=how) == []
    assert site.last.deferred == ["the digest after 08:00 UTC"]
    assert site.run(A="passed", B="drift", D="passed") == ["new B", "flapping D", "fixed A"]
    assert len(site.sent) == 2


def test_a_receiver_that_knows_nothing_is_told_of_no_time_before_it(site):
    site.play("A", "PD")
    site.sent.clear()
    other = receiver("https://other.example.org/x")
    run = site.last
    tell(run, 2, [other], MessageSettings())
    assert site.sent == [["new, normal: network A: vrf: declared VRF_AZ1, found global"]]


def test_a_message_tells_how_grave_it_is_and_who_did_it_the_gravest_first(site):
    """What a person on call needs to know before he opens anything."""
    ann = Origin(Author("ann", "10.0.0.7", "", START))
    site.run(A="passed", C="passed")
    site.origins = (ann,)
    site.run(A="drift", C="drift")
    who = " (ann from 10.0.0.7, 2026-11-30 20:00 UTC)"
    assert site.sent[-1] == [
        f"new, critical: network C: vrf: declared VRF_AZ1, found global{who}",
        f"new, normal: network A: vrf: declared VRF_AZ1, found global{who}",
    ]


def test_a_critical_drift_stands_before_others_whatever_has_become_of_it(site):
    site.run(A="passed", C="drift x")
    assert site.run(A="drift", C="drift y") == ["changed C", "new A"]


def test_many_changes_of_one_check_are_one_line(site):
    many = {f"A{number}": "drift" for number in range(300)}
    site.run(**many)
    assert site.sent == [
        ["new, normal: test_vrf: 300 objects, such as network A0: vrf: declared VRF_AZ1, found global"]
    ]
