"""Killed by SIGKILL after every single request of a full run: the next run converges, and the journals tell the truth.

Each run is a process of its own, forked, that speaks to the lab over TLS through the real gateway.
"""

import os
import re
import signal
import sys
import traceback

import pytest
import requests

from intent import EXISTENCE, Drift, compare, load_environment
from live.kinds import KINDS
from live.site import Site
from remediate.run.options import Options
from remediate.run.site_run import SiteRun
from remediate.write.record import load
from tests import lengths
from tests.remediate.inprocess import APIS, credentials

BY_CHANCE = re.compile(r'"(?:at|run|mac|_last_modified)":"[^"]*"|"pid":\d+|-\d{8}T\d{6}')
"""Members of a journal, and the part of its name, that no two runs have in common."""


class OneRun:
    """What one run does, without the checks around it: read, compare, plan, write."""

    def __init__(self, environment, folder):
        self.environment = environment
        self.options = Options(True, folder / "journals", 60, 0.0)

    def run(self):
        """(what it said, drifts it found)."""
        said = []
        site = Site(self.environment, credentials)
        site.needs = set(APIS)
        site_run = SiteRun(site, self.options, said.append)
        try:
            site_run.close_open_journals()
            found = drifts(site.live, self.environment)
            if found:
                site_run.apply(site_run.plan([(drift, "check") for drift in found]))
        finally:
            site.close()
        return said, found


def drifts(live, environment):
    found = []
    for want in environment:
        if type(want) in KINDS:
            there = len(live.found(want))
            found += (
                compare(want, live[want])
                if there == 1
                else [Drift(want.key, EXISTENCE, "exactly one", "absent")]
            )
    return found


def in_a_process(action):
    """Run it in a forked process; its exit status, or minus the signal that ended it."""
    pid = os.fork()
    if pid == 0:
        try:
            action()
            os._exit(0)
        except BaseException:  # noqa: BLE001 -- a forked process ends here, whatever happened
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def killed(site, number, *, before=False, only=bool):
    """A run whose process kills itself the moment this request of those that count is answered, or is to be sent."""

    def act():
        real, count = requests.Session.send, iter(range(1, 10_000))

        def send(self, request, **options):
            mine = only(request) and next(count) == number
            if mine and before:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = real(self, request, **options)
            if mine:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        requests.Session.send = send
        site.run()

    return in_a_process(act)


def is_write(request):
    return request.method != "GET" and "/api/" in request.url


@lengths.sampled(2)
@pytest.mark.parametrize(
    ("at_least", "how"),
    [(55, {}), (15, {"before": True, "only": is_write})],
    ids=["after every request", "before every write"],
)
def test_killed_at(lab, tmp_path, at_least, how):
    environment = load_environment(lab.environment_file(tmp_path))
    died = 0
    seen = set()
    every = lengths.of(5 if how else 19, 1)
    passed_over = lengths.DAY % every
    for number in range(1 + passed_over, 200, every):
        lab.reset("fresh")
        folder = tmp_path / str(number)
        site = OneRun(environment, folder)
        code = killed(site, number, **how)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        died += 1
        tells_the_truth(lab, folder, site, seen)
    assert passed_over + died * every >= at_least
    assert len(seen) * every >= 15, "each of the writes leaves something else behind"


def left_behind(folder, applied):
    """What the next run can see of a killed one: its files, and what the Controller has carried out."""
    files = [
        (path.relative_to(folder), path.read_text(encoding="utf-8") if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
    ]
    return BY_CHANCE.sub("", repr((files, applied)))


def tells_the_truth(lab, folder, site, seen):
    """The killed run's journal against what the Controller has heard; then the next run, once for all that leave the same.

    Of the requests between two writes, it makes no difference to the next run which was the last.
    """
    applied = [
        (method, path.removeprefix("/api/")) for method, path, status in lab.writes() if status in (200, 201)
    ]
    opened = sorted((folder / "journals").glob("*.jsonl"))
    if opened:
        (path,) = opened
        record = load(path)
        ended = record.end is not None
        certain = [(e.request.method, e.request.path) for e in record.entries if e.fate == "done"]
        assert certain == applied[: len(certain)], "what it calls certain has happened, in this order"
        assert len(applied) - len(certain) <= len(record.uncertain) <= 1
        assert not ended or (len(record.uncertain), len(applied)) == (0, 15), "an end is only said at the end"
    else:
        assert applied == [], "nothing is written without a journal"
    left = left_behind(folder, applied)
    if left in seen:
        return
    seen.add(left)
    said, _ = site.run()
    if opened:
        record = load(opened[0])
        assert record.uncertain == [], "the next run has decided it"
        assert sum(entry.fate == "done" for entry in record.entries) == len(applied)
        if not ended:
            assert record.end == "killed; closed by a later run"
            assert f"certain of {len(certain)} of its {len(record.entries)} write" in said[0]
    lab.forget()
    _, found = site.run()
    assert (found, lab.writes()) == ([], []), "and the one after it has nothing to do"
