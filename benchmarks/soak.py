"""A soak: `python -m benchmarks.soak` reads and remediates a site again and again while every tenth request fails.

A hundred reads over real sockets, each fate_of field by field: whatever is not unknown must be what it is without any
fault. A hundred remediations in this process of sites broken at random: each converges, or says for every write what
became of it; the journals replay to the state that the site is left in.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from avi_schema.command_line import whole
from benchmarks.command import command
from intent import Blocked, Environment, Unknown, compare, load_environment
from live.avi.gateway import Gateway
from live.avi.reader import read_snapshot
from live.avi.session import Credentials
from live.avi.snapshot import Live
from live.deadlines import Timeouts
from live.errors import Conflict, FateUnknown, Refused, Unreachable
from live.kinds import KINDS
from remediate.plan.payload import content
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import JournalRecord, load
from remediate.write.writer import Writer
from tests.remediate.breaking import BREAKS, Hand
from tests.remediate.inprocess import APIS, Bench
from tests.runs.harness import Site


def faults(seed: int) -> list[dict[str, Any]]:
    """One request of ten fails, in one of many ways; the login stays whole, as one refusal ends a run."""
    where = {"path": "^/api/", "method": "GET", "probability": 0.1 / 8}
    ways: list[dict[str, Any]] = [
        {"close": True},
        {"status": 503},
        {"status": 500},
        {"status": 403, "body": {"error": "no permission"}},
        {"clip": 30},
        {"truncate": 30, "reset": True},
        {"html": True, "status": 200},
        {"status": 429, "headers": {"Retry-After": "0"}},
    ]
    return [{**where, **way, "seed": seed * 100 + number} for number, way in enumerate(ways)]


def fate_of(environment: Environment, live: Live) -> dict[tuple[Any, ...], str]:
    """passed, drift, blocked or unknown for every declared object and field."""
    found: dict[tuple[Any, ...], str] = {}
    for want in environment:
        if type(want) not in KINDS:
            continue
        for name in sorted(want.model_fields_set):
            try:
                word = "drift" if compare(want, live[want], name) else "passed"
            except Unknown:
                word = "unknown"
            except (Blocked, KeyError, LookupError):
                word = "blocked"
            except ValueError:
                continue
            found[want.key, name] = word
    return found


def soak_reads(count: int) -> dict[str, Any]:
    """Read a drifted site `count` times under faults."""
    site = Site("drifted")
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = site.declared(Path(folder)).partition("=")[2]
            environment = load_environment(Path(path))
            login = Credentials(site.endpoints["username"], SecretStr(site.endpoints["password"]))

            def read() -> dict[tuple[Any, ...], str]:
                gateway = Gateway(environment.controller, login, base=Path(folder), timeouts=Timeouts(5.0))
                try:
                    return fate_of(environment, Live(read_snapshot(gateway, APIS)))
                finally:
                    gateway.close()

            truth = read()
            words: Counter[str] = Counter()
            lies, met = [], 0
            memory = []
            for seed in range(count):
                site.faults(*faults(seed))
                try:
                    found = read()
                except Unknown:
                    found = dict.fromkeys(truth, "unknown")
                met += sum(one["met"] for one in site.ask("GET", "/lab/faults"))
                words.update(found.values())
                lies += [
                    (seed, *key, truth[key], word)
                    for key, word in found.items()
                    if word not in ("unknown", truth[key])
                ]
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
            return {
                "runs": count,
                "faults met": met,
                **words,
                "false": len(lies),
                "which": lies[:5],
                "MiB after 10 runs": memory[min(9, count - 1)] // 1024,
                "MiB at the end": memory[-1] // 1024,
            }
    finally:
        site.close()


class Flaky:
    """The in-process gateway under faults; a write meets one before or after the Controller has acted."""

    def __init__(self, bench: Bench, dice: random.Random) -> None:
        self.bench = bench
        self.dice = dice
        self.name, self.api_version, self.writable = bench.gateway.name, bench.gateway.api_version, True
        self.met = 0

    def connect(self) -> None:
        """Nothing to do."""

    def read(self, path: str, params: Any = None, *, tenant: str | None = None) -> Any:
        if self.dice.random() < 0.1:
            self.met += 1
            raise Unknown(f"{path} answered HTTP 503: soak")
        return self.bench.gateway.read(path, params, tenant=tenant)

    def write(self, method: str, path: str, body: Any = None, *, tenant: str | None = None) -> Any:
        if self.dice.random() >= 0.1:
            return self.bench.gateway.write(method, path, body, tenant=tenant)
        self.met += 1
        way = self.dice.choice(("before", "after", "conflict", "refused", "unsent"))
        if way == "after":
            self.bench.gateway.write(method, path, body, tenant=tenant)
        if way == "conflict":
            raise Conflict("soak")
        if way == "refused":
            raise Refused(403, "upgrade in progress: soak")
        if way == "unsent":
            raise Unreachable("nothing listens there: soak")
        raise FateUnknown("the answer was lost: soak")


def replayed(record: JournalRecord, bench: Bench) -> list[str]:
    """Where the last write that the journal calls applied is not what the site holds."""
    last: dict[tuple[str, str], Any] = {}
    for entry in record.entries:
        if entry.fate == "done" and entry.after:
            last[entry.request.api, entry.uuid] = entry.after
    wrong = []
    for (api, uuid), after in last.items():
        if not uuid:
            continue
        path = api if api == "systemconfiguration" else f"{api}/{uuid}"
        now = bench.gateway.read(path, {"include_name": "true"})
        if content(api, after) != content(api, now):
            wrong.append(f"{api} {after.get('name')}")
    return wrong


def soak_writes(count: int) -> dict[str, Any]:
    """Break a site at random and put it right under faults, `count` times."""
    bench = Bench("conforming")
    start = bench.lab.snapshot()
    ends: Counter[str] = Counter()
    faults_met, wrong, silent, unsaid = 0, [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            dice = random.Random(seed)
            bench.lab.restore(start)
            for _ in range(dice.randint(1, 6)):
                try:
                    dice.choice(BREAKS)(Hand(bench.gateway), dice.randint(0, 40))
                except (Refused, KeyError, IndexError):
                    continue
            site = bench.site()
            plan = build(site, bench.drifts(site.live), consent=Consent(disruptive=True))
            gateway = Flaky(bench, dice)
            before = bench.gateway.writes
            journal = Journal.begin(Path(folder), f"soak{seed}", gateway.name, plan.digest)
            writer = Writer(gateway, journal, sleep=lambda _seconds: None)
            results = Applier(writer, site, consent=Consent(disruptive=True)).apply(plan)
            journal.end("soak")
            record = load(journal.path)
            faults_met += gateway.met
            acted = bench.gateway.writes - before
            noted = sum(
                one.fate in ("done", "unknown", "refused", "conflict", "lost", None) for one in record.entries
            )
            unsaid += max(0, acted - noted)
            wrong += [f"{seed}: {one}" for one in replayed(record, bench)]
            bad = [result for result in results if result.status not in ("done", "already")]
            silent += sum(not result.text for result in bad)
            left = bench.drifts()
            explained = {result.step.key for result in bad} | {one.key for one in plan.left}
            silent += sum(drift.key not in explained for drift, _ in left)
            ends["explained" if left else "converged"] += 1
    return {
        "runs": count,
        "faults met": faults_met,
        **ends,
        "not explained": silent,
        "writes without a journal line": unsaid,
        "journals that do not replay": wrong[:5],
    }


def main(arguments: list[str] | None = None) -> int:
    """Soak both; 1 when anything was false, silent or not as the journal says."""
    parser = command(
        "soak", __doc__, "--runs 10", failed="something was false, silent or not as the journal says"
    )
    parser.add_argument("--runs", type=whole(1), default=100, help="how many of each (default: %(default)s)")
    runs = parser.parse_args(arguments).runs
    bad = False
    for name, work in (("checks", soak_reads), ("remediations", soak_writes)):
        begun = time.monotonic()
        found = work(runs)
        print(
            f"{name}: {time.monotonic() - begun:.0f} s: " + ", ".join(f"{k}: {v}" for k, v in found.items()),
            flush=True,
        )
        bad |= any(found.get(key) for key in ("false", "not explained", "writes without a journal line"))
        bad |= bool(found.get("journals that do not replay"))
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
