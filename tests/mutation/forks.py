"""A pytest plugin that tries mutants: the tests are collected once, and each mutant is met by a fork of that session.

First a fork runs all tests and notes which mutated functions each of them calls, and how long it takes. Then each mutant
is met by the tests that call its function, until one fails: first those that have killed a mutant of that function
before, then the quickest.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutation",
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutation")
AT_ONCE = int(os.environ.get("JOBS", "1"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Try every mutant instead of running the tests."""
    called = _called(session)
    items = {item.nodeid: item for item in session.items}
    results, running, killers = {}, {}, {}
    mutants = json.loads(Path(os.environ["MUTANTS"]).read_text(encoding="utf-8"))
    for name in mutants:
        function = name.partition("__mutmut_")[0]
        tests = called["tests"].get(function, [])
        if not tests:
            results[name] = "untested"
            continue
        while len(running) >= AT_ONCE:
            _reap(running, results, killers)
        known = killers.setdefault(function, set())
        order = sorted(tests, key=lambda one, known=known: (one not in known, called["seconds"][one]))
        if results and len(results) % 20 == 0:
            _keep(results)
        seconds = sum(called["seconds"][one] for one in order)
        work = [items[one] for one in order]
        child = _fork(lambda work=work, name=name, seconds=seconds: _meets(work, name, seconds))
        running[child] = (name, order, time.monotonic() + 60 + 10 * seconds)
    while running:
        _reap(running, results, killers)
    _keep(results)
    return True


def _keep(results):
    """What is known so far: a run that is stopped has not been for nothing."""
    Path(os.environ["RESULTS"]).write_text(json.dumps(results), encoding="utf-8")
    live = sum(fate == "survived" for fate in results.values())
    print(f"{len(results)} tried, {live} live", file=sys.__stderr__, flush=True)


def _called(session):
    """Which tests call which mutated function; SystemExit where a test fails without any mutant."""
    note = Path(os.environ["RESULTS"] + ".called")

    def look():
        from mutmut.state import state

        os.environ["MUTANT_UNDER_TEST"] = "stats"
        tests, seconds, bad = {}, {}, []
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            begun = time.monotonic()
            reports = runtestprotocol(item, log=False, nextitem=following)
            seconds[item.nodeid] = time.monotonic() - begun
            if any(report.failed for report in reports):
                bad.append(f"{item.nodeid}: {[report.longreprtext[-500:] for report in reports]}")
            for function in state()._stats:
                tests.setdefault(function, []).append(item.nodeid)
            state()._stats.clear()
        note.write_text(json.dumps({"tests": tests, "seconds": seconds, "bad": bad}), encoding="utf-8")
        return 0

    os.waitpid(_fork(look), 0)
    found = json.loads(note.read_text(encoding="utf-8"))
    if found["bad"]:
        raise pytest.UsageError("without any mutant: " + "\n".join(found["bad"]))
    return found


def _meets(items, name, seconds):
    """The number of the first test that fails under this mutant, from 1, or 0; the system ends it if it never ends."""
    limit = int(10 + 3 * seconds)  # of processor, so that a busy machine condemns nobody
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    os.environ["MUTANT_UNDER_TEST"] = name
    for number, item in enumerate(items, 1):
        following = items[number] if number < len(items) else None
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return min(number, 255)  # all that an exit code can say
    return 0


def _fork(work):
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1  # a mutant that breaks more than a test is dead too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for file in (0, 1, 2):
            os.dup2(nothing, file)
        code = work()
    finally:
        os._exit(code)


def _reap(running, results, killers):
    """Take the word of those that have ended; end those that would not."""
    for child, (name, order, limit) in list(running.items()):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            results[name] = "survived" if status == 0 else "killed"
            if 0 < (number := os.waitstatus_to_exitcode(status)) <= len(order):
                killers[name.partition("__mutmut_")[0]].add(order[number - 1])
            del running[child]
        elif time.monotonic() > limit:
            os.kill(child, 9)
            os.waitpid(child, 0)
            results[name] = "endless"
            del running[child]
    time.sleep(0.01)
