"""A site of which everything is declared, as its bootstrap writes it: what a check of it costs, beside the least.

`python -m benchmarks.objects large` of one size prints a line each for the bootstrap, the check, the same pages bare,
and as many empty tests; with `--naive`, also what one GET for every object would take. Behind the generated sites'
virtual services stand a pool, a certificate and an HTTP policy each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.command import add_size, command
from benchmarks.measure import Cost, Lab, lab, run
from benchmarks.scale import Bench
from benchmarks.sites import layout
from benchmarks.sites.layout import Site
from benchmarks.sites.sizes import SIZES


class ObjectsBench(Bench):
    """One size of site, declared as a whole."""

    applications = True

    def bootstrapped(self, site: Lab) -> tuple[Path, Cost]:
        """The environment file that declares all of it, and what it took to write it."""
        seed, path = self.folder / "seed.yaml", self.folder / "objects.yaml"
        seed.write_text(yaml.dump({"name": "objects", "controller": site.controller}), encoding="utf-8")
        asked = [f"--environment={seed}", f"--bootstrap={path}", "--objects"]
        log = self.folder / "bootstrap.log"
        cost = run("bootstrap", ["-m", "pytest", *asked], log, site, **site.credentials)
        if cost.exit_code:
            raise RuntimeError(f"the bootstrap ended with {cost.exit_code}: {log.read_text()[-2000:]}")
        head, section, rest = path.read_text(encoding="utf-8").partition("\ndns_services:\n")
        # Its DNS services answer here, not where the VIP is.
        for name in map(layout.dns, Site(self.size).dns_services()):
            rest = rest.replace(f"- name: {name}\n", f"- name: {name}\n  resolve_via: {site.dns}\n", 1)
        path.write_text(head + section + rest, encoding="utf-8")
        return path, cost


def main() -> None:
    """Measure one size, and print it."""
    parser = command("objects", __doc__, "large", "small --naive")
    add_size(parser, None)
    parser.add_argument(
        "--naive", action="store_true", help="also one GET for every object, reckoned from a sample"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="avi-bench-", ignore_cleanup_errors=True) as folder:
        bench = ObjectsBench(SIZES[given.size], Path(folder), print)
        with lab(bench.folder / "conforming.json", 0, bench.folder) as site:
            environment, bootstrap = bench.bootstrapped(site)
            check = bench.check(site, environment)
            floor = bench.floor(site, check)
            costs = [bootstrap, check, *floor]
            if given.naive:
                costs.append(bench.naive(site, check)[0])
    print("\n".join(_lines(costs, check, floor)))


def _lines(costs: list[Cost], check: Cost, floor: list[Cost]) -> Iterator[str]:
    for cost in costs:
        yield f"{cost.what}: {cost.times}, {cost.mib:.0f} MiB, {cost.requests} requests"
    facts = check.more["facts"]
    wall = check.wall / sum(cost.wall for cost in floor)
    cpu = check.cpu / sum(cost.cpu for cost in floor)
    memory = (check.mib - floor[1].mib) * 1024 / facts
    yield f"{facts} facts: {wall:.2f} times the floor, {cpu:.2f} of the processor, {memory:.1f} KiB a test above empty"
    beside = check.requests - check.more["pages"]
    yield f"{beside} requests besides {check.more['pages']} pages; exit code {check.exit_code}"
    for name, phase in check.more["phases"].items():
        yield f"  {name}: {phase}"


if __name__ == "__main__":
    main()
