"""A model on paper of many Controllers a night, from measured inputs: `python -m benchmarks.fleet [RESULTS.json]`.

Every Controller is one run: a pod of an Indexed Job, a job of a CI matrix. A run's time on the clock is its processor's
time plus what it waits for the Controller; runs wait side by side, so machines are reckoned from the processor's alone.
History is measured here, in a file of many nights; the reports of a night are those that the benchmark left.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.command import command
from benchmarks.measure import run
from reports.history.store import CheckEntry, History

MIX = {"small": 350, "medium": 120, "large": 30}
"""Controllers of each class: most are small."""
LATENCY = 20
"""Milliseconds a request: the fleet is read from one place."""
HOURS = 1.0
"""How long the night's checks may take."""
CORES = 2
USED = 0.5
"""How much of its cores a machine is planned to give: pods start, images are pulled, Controllers are slow."""
NIGHTS = 14
"""How many nights' reports are kept; history is kept for a year."""
MOVING = 0.01
"""The share of checks that change sides from one night to the next."""
CHECKS, RUNS = 2_000, 60


@dataclass(frozen=True)
class Class:
    """One class of Controller, as measured: seconds and bytes of one run."""

    name: str
    count: int
    facts: int
    wall: float
    cpu: float
    mib: float
    requests: int
    report: int


def bytes_a_fact_and_night() -> tuple[float, float]:
    """What history takes: for each fact once, and for each fact in each night."""
    random, state, sizes = Random(1), ["passed"] * CHECKS, []
    start = datetime(2026, 1, 1, 2, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite"
        for day in range(RUNS):
            for n in range(CHECKS):
                if random.random() < MOVING:
                    state[n] = "passed" if state[n] == "drift" else "drift"
            with History(path) as history:
                number = history.begin(f"run-{day}", start + timedelta(days=day))
                history.finish(number, start + timedelta(days=day, minutes=1), 1, {}, _entries(state))
            sizes.append(path.stat().st_size)
    night = (sizes[-1] - sizes[0]) / (RUNS - 1)
    return (sizes[0] - night) / CHECKS, night / CHECKS


def _entries(state: list[str]) -> Iterator[CheckEntry]:
    for n, outcome in enumerate(state):
        node = f"checks/test_networks.py::test_vrf[NET_{n:04}]"
        said = '[{"have": "global", "path": "vrf", "want": "VRF_AZ1"}]' if outcome == "drift" else ""
        title = f"NET_{n:04} is in its VRF context."
        yield CheckEntry(node, title, f"network NET_{n:04}", "Step 3", "networks", "critical", outcome, said)


def classes(found: dict[str, Any]) -> list[Class]:
    """The classes of the mix that were measured, at the latency nearest to the model's."""
    made = []
    for name, count in MIX.items():
        rows = [row for row in found["rows"] if row["size"] == name and row["what"] == "check"]
        if rows:
            row = min(rows, key=lambda one: abs(one["latency"] - LATENCY))
            figures = (row["wall"], row["cpu"], row["mib"], row["requests"], row["more"]["report"])
            made.append(Class(name, count, row["more"]["facts"], *figures))
    return made


def document(found: dict[str, Any]) -> str:
    """The model as text."""
    once, nightly = bytes_a_fact_and_night()
    mix = classes(found)
    if not mix:
        raise SystemExit("the results hold no check of a site of the mix")
    lines = [
        "| site | Controllers | facts | wall s | CPU s | MiB | requests | reports, MB | history, MB a year |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in mix:
        year = one.facts * (once + 365 * nightly) / 1e6
        lines.append(
            f"| {one.name} | {one.count} | {one.facts:,} | {one.wall:.1f} | {one.cpu:.1f} | {one.mib:.0f} "
            f"| {one.requests} | {one.report / 1e6:.1f} | {year:.0f} |"
        )
    return "\n".join([*lines, "", _machines(mix), "", _storage(mix, once, nightly), "", _merging(mix)]) + "\n"


def _machines(mix: list[Class]) -> str:
    count, cpu = sum(one.count for one in mix), sum(one.count * one.cpu for one in mix)
    machines = cpu / (HOURS * 3600 * CORES * USED)
    return (
        f"{count} Controllers: {cpu / 60:.0f} minutes of one core a night. Within {HOURS:g} h, on machines of {CORES} "
        f"cores of which {USED:.0%} are planned for: {machines:.2f} machines, that is **{math.ceil(machines)}**. "
        f"The longest single run takes {max(one.wall for one in mix):.0f} s, the largest "
        f"{max(one.mib for one in mix):.0f} MiB."
    )


def _storage(mix: list[Class], once: float, nightly: float) -> str:
    history = sum(one.count * one.facts * (once + 365 * nightly) for one in mix)
    report = sum(one.count * one.report for one in mix)
    return (
        f"History takes {once:.0f} bytes once for each fact and {nightly:.1f} for each of its nights: "
        f"{history / 1e9:.1f} GB for a year of all. Reports take {report / 1e6:.0f} MB a night, "
        f"{NIGHTS * report / 1e9:.1f} GB for {NIGHTS} nights."
    )


def _merging(mix: list[Class]) -> str:
    """Results of so many environments put together, as the last pod of an Indexed Job does it."""
    with tempfile.TemporaryDirectory() as folder:
        for one in mix:
            for n in range(one.count):
                place = Path(folder) / f"{one.name}-{n:03}"
                place.mkdir()
                code = int(n % 10 == 0)
                counts = {"facts": one.facts, "passed": one.facts - code, "drift": code}
                verdict = (
                    f"{'DRIFT' if code else 'CONFORMS'}: {one.facts - code} of {one.facts} facts as declared"
                )
                told = {
                    "name": place.name,
                    "file": "",
                    "exit_code": code,
                    "verdict": verdict,
                    "counts": counts,
                }
                (place / "outcome.json").write_text(json.dumps(told), encoding="utf-8")
                samples = "".join(
                    f'avi_facts{{environment="{place.name}",outcome="{name}"}} {number}\n'
                    for name, number in counts.items()
                )
                (place / "avi_compliance.prom").write_text(
                    "# TYPE avi_facts gauge\n" + samples, encoding="utf-8"
                )
        log = Path(folder) / "merge.log"
        cost = run("merge", ["-m", "fleet", "--merge", "--out", folder], log)
        said = log.read_text(encoding="utf-8").splitlines()
        found = json.loads((Path(folder) / "environments.json").read_text(encoding="utf-8"))
    assert len(found["environments"]) == sum(one.count for one in mix)
    assert cost.exit_code == found["exit_code"] == 1
    return (
        f"Merging the results of {len(found['environments'])} environments takes {cost.wall:.1f} s, {cost.cpu:.1f} s "
        f"of them of the processor, and {cost.mib:.0f} MiB; what it says is {len(said)} lines long."
    )


if __name__ == "__main__":
    parser = command("fleet", __doc__, "", "benchmarks/out/results.json")
    parser.add_argument(
        "results",
        nargs="?",
        type=Path,
        default=Path(__file__).parent / "out" / "results.json",
        help="what `python -m benchmarks` wrote (default: benchmarks/out/results.json)",
    )
    given = parser.parse_args().results
    try:
        measured = json.loads(given.read_text(encoding="utf-8"))
    except (OSError, ValueError) as why:
        parser.error(f"{given}: {why}; make it with `python -m benchmarks`")
    print(document(measured))
